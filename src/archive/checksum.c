// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/checksum.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK_SAMPLES 4096U
#define CHUNK_BYTES (64U * 1024)

struct audyn_checksum {
    EVP_MD_CTX *context;
    int fd; // -1: not open
    uint64_t bytes;
    bool failed;
    bool wants_blocks;
    uint32_t *blocks; // of all that are whole, and at the end the last one
    size_t block_count, block_room;
    uint32_t crc32; // of the block that is not whole yet
};

static void
write_hex(char text[AUDYN_SHA256_TEXT], const unsigned char *sum, unsigned size)
{
    for (unsigned i = 0; i < size && 2 * i + 2 < AUDYN_SHA256_TEXT; ++i) {
        sprintf(text + 2 * (size_t)i, "%02x", sum[i]);
    }
}

bool
audyn_checksum_of(const void *bytes, size_t size, char text[AUDYN_SHA256_TEXT])
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned sum_size = 0;
    *text = '\0';
    if (!EVP_Digest(bytes, size, sum, &sum_size, EVP_sha256(), NULL)) {
        return false;
    }
    write_hex(text, sum, sum_size);
    return true;
}

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

void
audyn_checksum_want_blocks(audyn_checksum_t *checksum)
{
    checksum->wants_blocks = true;
}

static void
end_block(audyn_checksum_t *checksum)
{
    if (checksum->block_count == checksum->block_room) {
        const size_t room = checksum->block_room ? 2 * checksum->block_room : 64;
        uint32_t *blocks = realloc(checksum->blocks, room * sizeof *blocks);
        if (!blocks) {
            checksum->failed = true;
            return;
        }
        checksum->blocks = blocks;
        checksum->block_room = room;
    }
    checksum->blocks[checksum->block_count++] = checksum->crc32;
    checksum->crc32 = 0;
}

static void
add_to_blocks(audyn_checksum_t *checksum, const uint8_t *bytes, size_t size)
{
    uint64_t filled = checksum->bytes % AUDYN_BLOCK_BYTES;
    while (size && !checksum->failed) {
        const uint64_t room = AUDYN_BLOCK_BYTES - filled;
        const size_t some = size < room ? size : (size_t)room;
        checksum->crc32 = (uint32_t)crc32(checksum->crc32, bytes, (uInt)some);
        bytes += some;
        size -= some;
        filled = (filled + some) % AUDYN_BLOCK_BYTES;
        if (!filled) {
            end_block(checksum);
        }
    }
}

static void
add(audyn_checksum_t *checksum, const void *bytes, size_t size)
{
    checksum->failed |= !EVP_DigestUpdate(checksum->context, bytes, size);
    if (checksum->wants_blocks) {
        add_to_blocks(checksum, bytes, size);
    }
    checksum->bytes += size;
}

void
audyn_checksum_add(audyn_checksum_t *checksum, const void *bytes, uint64_t size)
{
    static const uint8_t zeros[CHUNK_BYTES];
    const uint8_t *at = bytes;
    while (size) {
        const size_t some = size < CHUNK_BYTES ? (size_t)size : CHUNK_BYTES;
        add(checksum, at ? at : zeros, some);
        at += at ? some : 0;
        size -= some;
    }
}

void
audyn_checksum_add_samples(audyn_checksum_t *checksum, audyn_encoding_t encoding,
                           const float *samples, uint64_t count)
{
    const unsigned size = audyn_encoding_bytes(encoding);
    if (!samples || encoding == AUDYN_FLOAT32) {
        audyn_checksum_add(checksum, samples, count * size);
        return;
    }
    const audyn_pcm_t *pcm = audyn_pcm_best();
    uint8_t bytes[CHUNK_SAMPLES * sizeof(float)];
    while (count) {
        const size_t some = count < CHUNK_SAMPLES ? (size_t)count : CHUNK_SAMPLES;
        (encoding == AUDYN_PCM16 ? pcm->encode_s16le : pcm->encode_s24le)(bytes, samples,
                                                                          some);
        add(checksum, bytes, some * size);
        samples += some;
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
    if (checksum->wants_blocks && checksum->bytes % AUDYN_BLOCK_BYTES) {
        end_block(checksum);
    }
    if (checksum->failed || !EVP_DigestFinal_ex(checksum->context, sum, &size)) {
        return false;
    }
    write_hex(text, sum, size);
    return true;
}

uint32_t *
audyn_checksum_take_blocks(audyn_checksum_t *checksum, size_t *count)
{
    uint32_t *blocks = checksum->blocks;
    *count = checksum->block_count;
    checksum->blocks = NULL;
    checksum->block_count = 0;
    checksum->block_room = 0;
    return blocks;
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
    free(checksum->blocks);
    free(checksum);
}
