// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "sink/stream_file.h"

#include "sink/sink_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES (64U * 1024)

void
stream_file_finish(stream_file_t *file)
{
    free(file->buffer);
    file->buffer = NULL;
}

bool
stream_file_fail(stream_file_t *file, audyn_status_t status)
{
    if (!file->status) {
        file->status = status;
    }
    return false;
}

static bool
set_file_bytes(stream_file_t *file, uint64_t bytes)
{
    file->file_bytes = bytes;
    return TEMP_FAILURE_RETRY(ftruncate(file->fd, (off_t)bytes)) == 0 ||
           stream_file_fail(file, audyn_status_from_errno(errno));
}

static bool
write_correction(stream_file_t *file)
{
    size_t done;
    const audyn_status_t status = audyn_sink_write_at(
        file->fd, file->buffer, file->buffered, file->corrects_at, &done);
    file->corrects = false;
    file->buffered = 0;
    return !status || stream_file_fail(file, status);
}

bool
stream_file_flush(stream_file_t *file)
{
    if (file->status || !file->buffered) {
        return !file->status;
    }
    if (file->corrects) {
        return write_correction(file);
    }
    size_t done;
    const audyn_status_t status = audyn_sink_write_at(
        file->fd, file->buffer, file->buffered, file->file_bytes, &done);
    if (status) {
        stream_file_fail(file, status);
        set_file_bytes(file, file->file_bytes); // no part of a piece stays
        return false;
    }
    if (file->told) {
        audyn_sink_tell(file->told, file->file_bytes, file->buffer, file->buffered);
    }
    file->file_bytes += file->buffered;
    file->file_samples += file->buffered_samples;
    file->buffered = 0;
    file->buffered_samples = 0;
    return true;
}

static bool
make_room(stream_file_t *file, size_t size)
{
    if (file->buffered + size <= file->room) {
        return true;
    }
    if (!stream_file_flush(file)) {
        return false;
    }
    if (size > file->room) {
        const size_t room = size > BUFFER_BYTES ? size : BUFFER_BYTES;
        free(file->buffer);
        file->buffer = malloc(room);
        file->room = file->buffer ? room : 0;
    }
    return file->buffer || stream_file_fail(file, AUDYN_NO_MEMORY);
}

static bool
append(stream_file_t *file, const void *bytes, size_t size)
{
    if (!make_room(file, size)) {
        return false;
    }
    memcpy(file->buffer + file->buffered, bytes, size);
    file->buffered += size;
    file->at += size;
    return true;
}

// Corrections come by the thousand, a few bytes each, one behind the other.
static bool
correct(stream_file_t *file, const void *bytes, size_t size)
{
    const bool goes_on = file->corrects && file->buffered + size <= file->room &&
                         file->at == file->corrects_at + file->buffered;
    if (!goes_on && !stream_file_flush(file)) {
        return false;
    }
    if (size > file->file_bytes - file->at) {
        return stream_file_fail(file, AUDYN_INVALID);
    }
    if (!goes_on) {
        file->corrects = true;
        file->corrects_at = file->at;
    }
    return append(file, bytes, size);
}

static uint64_t
end_of(const stream_file_t *file)
{
    return file->file_bytes + (file->corrects ? 0 : file->buffered);
}

bool
stream_file_write(stream_file_t *file, const void *bytes, size_t size,
                  uint64_t sample_frames)
{
    if (file->status) {
        return false;
    }
    if (file->at != end_of(file)) {
        return correct(file, bytes, size);
    }
    if ((file->corrects && !stream_file_flush(file)) || !append(file, bytes, size)) {
        return false;
    }
    file->buffered_samples += sample_frames;
    return true;
}

bool
stream_file_seek(stream_file_t *file, uint64_t offset)
{
    if (offset > end_of(file)) {
        return false;
    }
    file->at = offset;
    return !file->status;
}

bool
stream_file_clear(stream_file_t *file)
{
    file->buffered = 0;
    file->buffered_samples = 0;
    file->corrects = false;
    file->file_samples = 0;
    file->at = 0;
    return !file->status && set_file_bytes(file, 0);
}
