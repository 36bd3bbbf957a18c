// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Whether entries are signed by the key that is trusted.  An entry without a signature is
// proven by a signed one behind it, whose `previous` leads to it; and yet one that is not
// from before the first signature may have lost its own.

#include "archive/verify/verify_private.h"
#include "core/small_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARCHIVE_KEY ".audyn/archive.pub"
#define FEW_ENTRIES 16
#define MOST_BYTES (UINT64_C(1) << 30)

static audyn_status_t
read_key(verify_t *verify, const char *path)
{
    audyn_key_t *key;
    if (verify->key_count == VERIFY_KEYS) {
        return audyn_error_set(verify->error, AUDYN_INVALID, "at most %d keys at a time",
                               VERIFY_KEYS);
    }
    const audyn_status_t status = audyn_key_read_public(&key, path, verify->error);
    if (!status) {
        verify->keys[verify->key_count++] = key;
    }
    return status;
}

static void
tell_key(verify_t *verify, const char *kind, const char *text)
{
    audyn_verify_finding_t finding = {.damage = true, .kind = kind, .path = ARCHIVE_KEY};
    verify_tell(verify, &finding, "%s", text);
}

// The last one, and as ".1" and so on those before it, for what they have signed.  One
// that cannot be read is damage, and no reason to leave the rest unchecked.
static void
read_archive_keys(verify_t *verify)
{
    char name[sizeof ARCHIVE_KEY + 16] = ARCHIVE_KEY;
    char path[PATH_MAX];
    for (unsigned n = 1;
         verify_path(verify, name, path, sizeof path) && !access(path, F_OK); ++n) {
        if (read_key(verify, path)) {
            tell_key(verify, "key", verify->error->text);
        }
        snprintf(name, sizeof name, ARCHIVE_KEY ".%u", n);
    }
}

audyn_status_t
verify_read_keys(verify_t *verify)
{
    const audyn_verify_config_t *config = verify->config;
    audyn_status_t status = AUDYN_OK;
    for (unsigned i = 0; !status && i < config->key_count; ++i) {
        status = read_key(verify, config->keys[i]);
    }
    if (!status && !config->key_count) {
        read_archive_keys(verify);
    }
    return status;
}

// The number of the key that it is of; `key_count`: of none.
static unsigned
key_of(const verify_t *verify, const void *bytes, size_t size, const uint8_t *signature)
{
    unsigned i = 0;
    while (i < verify->key_count &&
           !audyn_key_verify(verify->keys[i], bytes, size, signature)) {
        ++i;
    }
    return i;
}

static bool
fits(const verify_t *verify, const void *bytes, size_t size, const uint8_t *signature)
{
    return key_of(verify, bytes, size, signature) < verify->key_count;
}

// Of the file beside `path`.  False where it has not the size of one.
static bool
read_signature(const char *path, uint8_t signature[AUDYN_SIGNATURE_BYTES])
{
    char name[PATH_MAX];
    char bytes[AUDYN_SIGNATURE_BYTES + 2];
    size_t got;
    snprintf(name, sizeof name, "%s.sig", path);
    if (audyn_small_file_read(name, bytes, sizeof bytes, &got, NULL) ||
        got != AUDYN_SIGNATURE_BYTES) {
        return false;
    }
    memcpy(signature, bytes, AUDYN_SIGNATURE_BYTES);
    return true;
}

verify_signature_t
verify_signature(verify_t *verify, const char *path, const void *bytes, size_t size)
{
    char name[PATH_MAX];
    uint8_t signature[AUDYN_SIGNATURE_BYTES];
    snprintf(name, sizeof name, "%s.sig", path);
    if (access(name, F_OK)) {
        return VERIFY_UNSIGNED;
    }
    if (!verify->key_count) {
        return VERIFY_UNCHECKED;
    }
    const unsigned key = read_signature(path, signature)
                             ? key_of(verify, bytes, size, signature)
                             : verify->key_count;
    if (key == verify->key_count) {
        return VERIFY_BADLY_SIGNED;
    }
    verify->key_fits[key] = true;
    return VERIFY_SIGNED;
}

// Whether the signature would fit with one bit of it flipped: then that one is damaged,
// not what is signed.
static bool
find_flipped_bit(const verify_t *verify, const char *path,
                 audyn_verify_finding_t *finding)
{
    char full[PATH_MAX];
    char *text;
    size_t size;
    uint8_t signature[AUDYN_SIGNATURE_BYTES];
    if (!verify_path(verify, path, full, sizeof full) ||
        !read_signature(full, signature) ||
        audyn_small_file_load(full, &text, &size, MOST_BYTES, NULL)) {
        return false;
    }
    bool found = false;
    for (unsigned bit = 0; !found && bit < 8 * AUDYN_SIGNATURE_BYTES; ++bit) {
        const uint8_t flipped = (uint8_t)(1U << bit % 8);
        signature[bit / 8] ^= flipped;
        found = fits(verify, text, size, signature);
        signature[bit / 8] ^= flipped;
        if (found) {
            finding->has_bytes = true;
            finding->byte = bit / 8;
            finding->end_byte = finding->byte + 1;
            finding->flipped = flipped;
        }
    }
    free(text);
    return found;
}

static void
tell_bad(verify_t *verify, const verify_entry_t *entry, bool search)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s.sig", entry->path);
    audyn_verify_finding_t finding = {.damage = true,
                                      .kind = "signature",
                                      .path = path,
                                      .stream =
                                          verify_stream_at(verify, entry->stream)->name};
    if (search && find_flipped_bit(verify, entry->path, &finding)) {
        verify_tell(verify, &finding,
                    "byte %llu of the signature is damaged (flipped bits: 0x%02x); what "
                    "it signs is as it was",
                    (unsigned long long)finding.byte, finding.flipped);
    } else {
        verify_tell(verify, &finding,
                    "this is not the key's signature of entry %llu: the entry is forged "
                    "or damaged, or this file is",
                    (unsigned long long)entry->sequence);
    }
}

// From `first` until before `end`; what is behind them is signed, or there is nothing.
static void
tell_unsigned(verify_t *verify, const verify_stream_t *stream, size_t first, size_t end)
{
    const bool begins = first == stream->first;
    const bool proven = end < stream->first + stream->count;
    const verify_entry_t *entry = verify_entry_at(verify, first);
    audyn_verify_finding_t finding = {.damage = !proven || !begins,
                                      .kind = "unsigned",
                                      .path = entry->path,
                                      .stream = stream->name};
    verify_tell(verify, &finding, "%zu entr%s from here on %s", end - first,
                end - first == 1 ? "y" : "ies",
                !proven  ? "without a signature, and none behind: anybody can have made "
                           "them, or taken signatures away; who has the key can sign "
                           "them (openssl pkeyutl -sign)"
                : begins ? "without a signature of their own, from before there was a "
                           "key; the signed one behind proves them"
                         : "without a signature between signed ones: it was taken away, "
                           "or they were written without --key; who has the key can "
                           "sign them (openssl pkeyutl -sign)");
}

static void
check_stream(verify_t *verify, const verify_stream_t *stream, bool search)
{
    const size_t end = stream->first + stream->count;
    size_t begin_unsigned = end;
    for (size_t i = stream->first; i < end; ++i) {
        const verify_entry_t *entry = verify_entry_at(verify, i);
        if (entry->signature == VERIFY_UNSIGNED) {
            begin_unsigned = begin_unsigned == end ? i : begin_unsigned;
            continue;
        }
        if (begin_unsigned != end) {
            tell_unsigned(verify, stream, begin_unsigned, i);
            begin_unsigned = end;
        }
        if (entry->signature == VERIFY_BADLY_SIGNED && !entry->damaged) {
            tell_bad(verify, entry, search);
        }
    }
    if (begin_unsigned != end) {
        tell_unsigned(verify, stream, begin_unsigned, end);
    }
}

static size_t
count_entries(const verify_t *verify, verify_signature_t signature)
{
    size_t count = 0;
    for (size_t i = 0; i < verify->entries.count; ++i) {
        count += verify_entry_at(verify, i)->signature == signature;
    }
    return count;
}

void
verify_signatures(verify_t *verify)
{
    if (!verify->key_count) {
        if (count_entries(verify, VERIFY_UNCHECKED)) {
            tell_key(verify, "key",
                     "entries are signed, but the public key is not here; give it with "
                     "--key");
        }
        return;
    }
    const size_t good = count_entries(verify, VERIFY_SIGNED);
    const size_t bad = count_entries(verify, VERIFY_BADLY_SIGNED);
    if (!good && bad > 1) {
        tell_key(verify, "key",
                 "no entry has a signature of this key: it is not the one that the "
                 "archive was signed with");
        return;
    }
    for (size_t i = 0; i < verify->streams.count; ++i) {
        check_stream(verify, verify_stream_at(verify, i), good || bad < FEW_ENTRIES);
    }
}
