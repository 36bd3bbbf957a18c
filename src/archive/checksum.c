// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/checksum.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CHUNK_SAMPLES 4096U
#define CHUNK_BYTES (64U * 1024)

struct audyn_checksum {
    EVP_MD_CTX *context;
    int fd; // -1: not open
    uint64_t bytes;
    bool failed;
};

audyn_status_t
audyn_checksum_create(audyn_checksum_t **out)
{
    *out = NULL;
    audyn_checksum_t *checksum = calloc(1, sizeof *checksum);
    if (!checksum) {
        return AUDYN_NO_MEMORY;
    }
    checksum->fd = -1;
    checksum->context = EVP_MD_CTX_new();
    if (!checksum->context || !EVP_DigestInit_ex(checksum->context, EVP_sha256(), NULL)) {
        audyn_checksum_destroy(checksum);
        return AUDYN_NO_MEMORY;
    }
    *out = checksum;
    return AUDYN_OK;
}

static void
add(audyn_checksum_t *checksum, const void *bytes, size_t size)
{
    checksum->failed |= !EVP_DigestUpdate(checksum->context, bytes, size);
}

void
audyn_checksum_add_samples(audyn_checksum_t *checksum, audyn_encoding_t encoding,
                           const float *samples, uint64_t count)
{
    const audyn_pcm_t *pcm = audyn_pcm_best();
    uint8_t bytes[CHUNK_SAMPLES * sizeof(float)] = {0};
    while (count) {
        const size_t some = count < CHUNK_SAMPLES ? (size_t)count : CHUNK_SAMPLES;
        const void *encoded = bytes;
        if (samples && encoding == AUDYN_FLOAT32) {
            encoded = samples;
        } else if (samples) {
            (encoding == AUDYN_PCM16 ? pcm->encode_s16le
                                     : pcm->encode_s24le)(bytes, samples, some);
        }
        add(checksum, encoded, some * audyn_encoding_bytes(encoding));
        samples += samples ? some : 0;
        count -= some;
    }
}

audyn_status_t
audyn_checksum_read_file(audyn_checksum_t *checksum, const char *path,
                         uint64_t most_bytes, bool *done)
{
    if (checksum->fd < 0) {
        checksum->fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    uint8_t bytes[CHUNK_BYTES];
    const uint64_t until = checksum->bytes + most_bytes;
    ssize_t got = checksum->fd < 0 ? -1 : 1;
    while (got > 0 && checksum->bytes < until) {
        got = TEMP_FAILURE_RETRY(read(checksum->fd, bytes, sizeof bytes));
        if (got > 0) {
            add(checksum, bytes, (size_t)got);
            checksum->bytes += (uint64_t)got;
        }
    }
    const audyn_status_t status = got < 0 ? audyn_status_from_errno(errno) : AUDYN_OK;
    *done = got <= 0;
    checksum->failed |= got < 0;
    return status;
}

uint64_t
audyn_checksum_bytes(const audyn_checksum_t *checksum)
{
    return checksum->bytes;
}

bool
audyn_checksum_end(audyn_checksum_t *checksum, char text[AUDYN_SHA256_TEXT])
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    *text = '\0';
    if (checksum->failed || !EVP_DigestFinal_ex(checksum->context, sum, &size)) {
        return false;
    }
    for (unsigned i = 0; i < size && 2 * i + 2 < AUDYN_SHA256_TEXT; ++i) {
        sprintf(text + 2 * (size_t)i, "%02x", sum[i]);
    }
    return true;
}

void
audyn_checksum_destroy(audyn_checksum_t *checksum)
{
    if (!checksum) {
        return;
    }
    if (checksum->fd >= 0) {
        close(checksum->fd);
    }
    EVP_MD_CTX_free(checksum->context);
    free(checksum);
}
