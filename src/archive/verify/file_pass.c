// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/verify/file_pass.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES (256U * 1024) // stays in the processor's cache

struct audyn_file_pass {
    audyn_file_pass_config_t config;
    int fd;
    uint8_t *buffer;
    size_t filled, taken;
    audyn_checksum_t *checksum;
    uint64_t bytes;
    audyn_status_t status; // the first failure
};

static audyn_status_t
open_ordinary(const char *path, int *fd)
{
    struct stat stat;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0 || fstat(*fd, &stat)) {
        return audyn_status_from_errno(errno);
    }
    posix_fadvise(*fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return S_ISREG(stat.st_mode) ? AUDYN_OK : AUDYN_NOT_SUPPORTED;
}

audyn_status_t
audyn_file_pass_open(audyn_file_pass_t **out, const audyn_file_pass_config_t *config)
{
    *out = NULL;
    audyn_file_pass_t *pass = calloc(1, sizeof *pass);
    if (!pass) {
        return AUDYN_NO_MEMORY;
    }
    pass->config = *config;
    pass->buffer = malloc(BUFFER_BYTES);
    audyn_status_t status = open_ordinary(config->path, &pass->fd);
    if (!status) {
        status = pass->buffer ? audyn_checksum_create(&pass->checksum) : AUDYN_NO_MEMORY;
    }
    if (status) {
        audyn_file_pass_close(pass);
        return status;
    }
    if (config->wants_blocks) {
        audyn_checksum_want_blocks(pass->checksum);
    }
    *out = pass;
    return AUDYN_OK;
}

const char *
audyn_file_pass_path(const audyn_file_pass_t *pass)
{
    return pass->config.path;
}

static audyn_status_t
fill(audyn_file_pass_t *pass)
{
    pass->taken = pass->filled = 0;
    if (pass->status) {
        return pass->status;
    }
    const ssize_t got = TEMP_FAILURE_RETRY(read(pass->fd, pass->buffer, BUFFER_BYTES));
    if (got < 0) {
        return pass->status = audyn_status_from_errno(errno);
    }
    pass->filled = (size_t)got;
    pass->bytes += (uint64_t)got;
    audyn_checksum_add(pass->checksum, pass->buffer, pass->filled);
    if (pass->config.done) {
        atomic_fetch_add_explicit(pass->config.done, (uint64_t)got, memory_order_relaxed);
    }
    return AUDYN_OK;
}

audyn_status_t
audyn_file_pass_next(audyn_file_pass_t *pass, const uint8_t **bytes, size_t *size)
{
    const audyn_status_t status = pass->taken < pass->filled ? AUDYN_OK : fill(pass);
    *bytes = pass->buffer + pass->taken;
    *size = status ? 0 : pass->filled - pass->taken;
    pass->taken = pass->filled;
    return status;
}

audyn_status_t
audyn_file_pass_read(audyn_file_pass_t *pass, void *bytes, size_t size, size_t *got)
{
    uint8_t *out = bytes;
    *got = 0;
    while (*got < size) {
        if (pass->taken == pass->filled && (fill(pass) || !pass->filled)) {
            break;
        }
        const size_t left = pass->filled - pass->taken;
        const size_t some = size - *got < left ? size - *got : left;
        memcpy(out + *got, pass->buffer + pass->taken, some);
        pass->taken += some;
        *got += some;
    }
    return pass->status;
}

audyn_status_t
audyn_file_pass_end(audyn_file_pass_t *pass, audyn_file_sums_t *sums)
{
    do {
        fill(pass);
    } while (pass->filled);
    *sums = (audyn_file_sums_t){.bytes = pass->bytes};
    if (!pass->status && !audyn_checksum_end(pass->checksum, sums->sha256)) {
        pass->status = AUDYN_NO_MEMORY;
    }
    if (!pass->status) {
        sums->crc32 = audyn_checksum_take_blocks(pass->checksum, &sums->block_count);
    }
    return pass->status;
}

void
audyn_file_pass_close(audyn_file_pass_t *pass)
{
    if (!pass) {
        return;
    }
    if (pass->fd >= 0) {
        close(pass->fd);
    }
    audyn_checksum_destroy(pass->checksum);
    free(pass->buffer);
    free(pass);
}
