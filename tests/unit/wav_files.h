// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A folder for the WAV files of a test, and what such tests do with them.

#ifndef AUDYN_TESTS_WAV_FILES_H
#define AUDYN_TESTS_WAV_FILES_H

#include "unit_test.h"

#include "folder.h"
#include "sink/sink.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// 2026-03-01 10:20:30 UTC and 17 samples, at 48 kHz.
#define TAI_OFFSET_S 37
#define START_POSITION ((UINT64_C(1772360430) + TAI_OFFSET_S) * 48000 + 17)

static inline audyn_sink_config_t
a_config(audyn_encoding_t encoding, uint32_t channels)
{
    return (audyn_sink_config_t){
        .sample_rate = 48000,
        .channels = channels,
        .encoding = encoding,
        .overwrite = true,
        .description = "a test",
        .source = "L24 rtp://239.69.1.1:5004",
    };
}

static const audyn_sink_start_t start_of_file = {.position = START_POSITION,
                                                 .tai_offset_s = TAI_OFFSET_S};

/// Opens the file anew and begins at START_POSITION.
static inline audyn_sink_t *
begin_file(const char *path, const audyn_sink_config_t *config)
{
    audyn_sink_t *sink;
    audyn_error_t error = {.text = ""};
    if (audyn_sink_open(&sink, path, config, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(audyn_sink_begin(sink, &start_of_file), AUDYN_OK);
    return sink;
}

/// As the worker has it done: from now on the header counts what was written before.
static inline audyn_status_t
flush_and_sync(audyn_sink_t *sink)
{
    audyn_sink_flush(sink);
    return audyn_sink_commit(sink, audyn_sink_sync(sink), false);
}

static inline uint64_t
size_of_file(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return (uint64_t)status.st_size;
}

/// The caller frees them.
static inline uint8_t *
read_bytes(const char *path, uint64_t offset, size_t size)
{
    uint8_t *bytes = malloc(size + 1);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_non_null(bytes);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, bytes, size, (off_t)offset), (ssize_t)size);
    close(fd);
    return bytes;
}

/// A file with these bytes and nothing else.
static inline void
write_bytes(const char *path, const void *bytes, size_t size)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), (ssize_t)size);
    close(fd);
}

/// Sample `i` of a signal in which no two neighbouring stretches are alike; every one is
/// a whole 16-bit integer.
static inline float
signal_at(uint64_t i)
{
    const uint32_t mixed = (uint32_t)((i + 1) * UINT64_C(0x9E3779B97F4A7C15) >> 32);
    return (float)((int32_t)mixed >> 16) / 32768.0F;
}

#endif
