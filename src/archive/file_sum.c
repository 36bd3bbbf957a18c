// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/file_sum.h"

#include <errno.h>
#include <sys/stat.h>

static audyn_status_t
start(audyn_file_sum_t *sum)
{
    const audyn_status_t status = audyn_checksum_create(&sum->checksum);
    if (!status) {
        audyn_checksum_want_blocks(sum->checksum);
    }
    return status;
}

static void
on_content(void *context, uint64_t offset, const void *bytes, uint64_t size)
{
    audyn_file_sum_t *sum = context;
    if (!sum->must_read && !sum->checksum && start(sum)) {
        sum->must_read = true;
    }
    if (!sum->must_read && offset != audyn_checksum_bytes(sum->checksum)) {
        sum->must_read = true;
    }
    if (!sum->must_read) {
        audyn_checksum_add(sum->checksum, bytes, size);
    }
}

void
audyn_file_sum_observe(audyn_file_sum_t *sum, audyn_sink_t *sink)
{
    const audyn_sink_observer_t observer = {on_content, sum};
    audyn_sink_observe(sink, &observer);
}

// All of the file was told, as far as its length tells.
static audyn_status_t
is_whole(const audyn_file_sum_t *sum, const char *path, bool *whole)
{
    struct stat about;
    *whole = false;
    if (stat(path, &about)) {
        return audyn_status_from_errno(errno);
    }
    *whole =
        sum->checksum && (uint64_t)about.st_size == audyn_checksum_bytes(sum->checksum);
    return AUDYN_OK;
}

static audyn_status_t
start_reading(audyn_file_sum_t *sum)
{
    audyn_file_sum_finish(sum);
    sum->reads = true;
    return start(sum);
}

audyn_status_t
audyn_file_sum_complete(audyn_file_sum_t *sum, const char *path, bool trusted,
                        uint64_t most_bytes, bool *done)
{
    audyn_status_t status = AUDYN_OK;
    *done = false;
    if (!sum->reads && trusted && !sum->must_read) {
        status = is_whole(sum, path, done);
    }
    if (!status && !*done && !sum->reads) {
        status = start_reading(sum);
    }
    if (!status && !*done) {
        status = audyn_checksum_read_file(sum->checksum, path, most_bytes, done);
    }
    return status;
}

void
audyn_file_sum_finish(audyn_file_sum_t *sum)
{
    audyn_checksum_destroy(sum->checksum);
    *sum = (audyn_file_sum_t){0};
}
