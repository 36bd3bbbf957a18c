// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/signing.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct audyn_key {
    EVP_PKEY *pair;
};

static audyn_status_t
cannot(const char *what, const char *path, int cause, audyn_error_t *error)
{
    const audyn_status_t status = audyn_status_from_errno(cause);
    return cause == EEXIST
               ? audyn_error_set(error, status,
                                 "%s exists already and is kept; choose another name",
                                 path)
               : audyn_error_set(error, status, "the key %s cannot be %s: %s", path, what,
                                 strerror(cause));
}

// Takes over `fd`.  Returns an errno value.
static int
write_pem(int fd, EVP_PKEY *pair, bool is_private)
{
    FILE *file = fdopen(fd, "w");
    if (!file) {
        close(fd);
        return ENOMEM;
    }
    const int written =
        is_private ? PEM_write_PKCS8PrivateKey(file, pair, NULL, NULL, 0, NULL, NULL)
                   : PEM_write_PUBKEY(file, pair);
    const bool synced = written && !fflush(file) && !fsync(fileno(file));
    const int cause = synced ? 0 : errno ? errno : EIO;
    return fclose(file) && !cause ? EIO : cause;
}

static audyn_status_t
create_file(const char *path, EVP_PKEY *pair, bool is_private, audyn_error_t *error)
{
    const int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, is_private ? 0600 : 0666);
    if (fd < 0) {
        return cannot("written", path, errno, error);
    }
    const int cause = write_pem(fd, pair, is_private);
    if (cause) {
        unlink(path);
        return cannot("written", path, cause, error);
    }
    return AUDYN_OK;
}

audyn_status_t
audyn_key_create_file(const char *path, audyn_error_t *error)
{
    char public_path[PATH_MAX];
    if (snprintf(public_path, sizeof public_path, "%s.pub", path) >= PATH_MAX) {
        return cannot("written", path, ENAMETOOLONG, error);
    }
    if (!access(public_path, F_OK)) {
        return cannot("written", public_path, EEXIST, error);
    }
    EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (!pair) {
        return cannot("made", path, ENOMEM, error);
    }
    audyn_status_t status = create_file(path, pair, true, error);
    if (!status) {
        status = create_file(public_path, pair, false, error);
        if (status) {
            unlink(path);
        }
    }
    EVP_PKEY_free(pair);
    return status;
}

// OpenSSL would ask for it on the terminal.
static int
have_no_passphrase(char *text, int room, int writing, void *context)
{
    (void)text;
    (void)room;
    (void)writing;
    (void)context;
    return -1;
}

static audyn_status_t
read_key(audyn_key_t **out, const char *path, bool is_private, audyn_error_t *error)
{
    *out = NULL;
    FILE *file = fopen(path, "re");
    if (!file) {
        return cannot("read", path, errno, error);
    }
    EVP_PKEY *pair = is_private
                         ? PEM_read_PrivateKey(file, NULL, have_no_passphrase, NULL)
                         : PEM_read_PUBKEY(file, NULL, have_no_passphrase, NULL);
    fclose(file);
    if (!pair || !EVP_PKEY_is_a(pair, "ED25519")) {
        EVP_PKEY_free(pair);
        return audyn_error_set(error, AUDYN_BAD_DATA,
                               is_private
                                   ? "%s is no private Ed25519 key in PEM without a "
                                     "passphrase; audyn keygen -o FILE makes one"
                                   : "%s is no public Ed25519 key in PEM",
                               path);
    }
    *out = calloc(1, sizeof **out);
    if (!*out) {
        EVP_PKEY_free(pair);
        return cannot("read", path, ENOMEM, error);
    }
    (*out)->pair = pair;
    return AUDYN_OK;
}

audyn_status_t
audyn_key_read_private(audyn_key_t **out, const char *path, audyn_error_t *error)
{
    return read_key(out, path, true, error);
}

audyn_status_t
audyn_key_read_public(audyn_key_t **out, const char *path, audyn_error_t *error)
{
    return read_key(out, path, false, error);
}

char *
audyn_key_public_text(const audyn_key_t *key)
{
    BIO *memory = BIO_new(BIO_s_mem());
    char *text = NULL;
    char *bytes = NULL;
    if (memory && PEM_write_bio_PUBKEY(memory, key->pair)) {
        const long size = BIO_get_mem_data(memory, &bytes);
        text = size > 0 ? strndup(bytes, (size_t)size) : NULL;
    }
    BIO_free(memory);
    return text;
}

audyn_status_t
audyn_key_sign(const audyn_key_t *key, const void *bytes, size_t size,
               uint8_t signature[AUDYN_SIGNATURE_BYTES])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t signature_size = AUDYN_SIGNATURE_BYTES;
    const bool done =
        context && EVP_DigestSignInit(context, NULL, NULL, NULL, key->pair) == 1 &&
        EVP_DigestSign(context, signature, &signature_size, bytes, size) == 1;
    EVP_MD_CTX_free(context);
    return done ? AUDYN_OK : AUDYN_NO_MEMORY;
}

bool
audyn_key_verify(const audyn_key_t *key, const void *bytes, size_t size,
                 const uint8_t signature[AUDYN_SIGNATURE_BYTES])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const bool is_right =
        context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pair) == 1 &&
        EVP_DigestVerify(context, signature, AUDYN_SIGNATURE_BYTES, bytes, size) == 1;
    EVP_MD_CTX_free(context);
    return is_right;
}

void
audyn_key_destroy(audyn_key_t *key)
{
    if (key) {
        EVP_PKEY_free(key->pair);
        free(key);
    }
}
