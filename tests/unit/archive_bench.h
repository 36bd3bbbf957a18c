// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A stream of samples that tell their position, written to an archive as a worker does,
/// in a folder of the test's.  The program is linked with --wrap=fsync and
/// --wrap=fdatasync, which do nothing: a year of hours is not put on disk 30,000 times.

#ifndef AUDYN_TESTS_ARCHIVE_BENCH_H
#define AUDYN_TESTS_ARCHIVE_BENCH_H

#include "unit_test.h"

#include "archive/archive.h"

struct archive_bench {
    audyn_archive_t *archive;
    audyn_output_t *output;
    audyn_archive_stream_t stream;
    uint64_t start, position;
    unsigned told;              ///< failures, with words
    unsigned events[8];         ///< how many of each kind
    audyn_archive_event_t last; ///< whose texts are gone
};

/// As a sidecar tells it.
struct told_segment {
    uint64_t position, sample_frames;
    int64_t first_ns, last_ns;
};

/// In memory where there is such a place.
extern char archive_folder[64];

/// For cmocka: the first and the last one of the group, clear after each test.
int archive_bench_make_folder(void **state);
int archive_bench_clear_folder(void **state);
int archive_bench_remove_folder(void **state);

/// Of WAV files.
audyn_archive_settings_t archive_bench_settings(const char *layout, uint32_t period_s,
                                                audyn_archive_clock_t clock);

void archive_bench_begin(struct archive_bench *bench,
                         const audyn_archive_settings_t *settings,
                         const audyn_input_format_t *format, uint64_t start);

/// Samples of 16 bits, at most 65,536, of which neighbours differ.
void archive_bench_write(struct archive_bench *bench, uint32_t count);

/// As received.
void archive_bench_classify(struct archive_bench *bench, uint64_t from, uint64_t until);

void archive_bench_sync(struct archive_bench *bench, bool ended);

/// Returns the first failure of all.
audyn_status_t archive_bench_end(struct archive_bench *bench);

/// The whole life of an archive, with one sample a second, in stretches that no period is
/// a multiple of.  `start` is a TAI second.
void archive_bench_record(struct archive_bench *bench,
                          const audyn_archive_settings_t *settings, uint64_t start,
                          uint32_t seconds);

/// Asserts that each sample has its one place, in files and sidecars; returns what these
/// tell, in order of positions, valid until the next call.
const struct told_segment *
archive_bench_assert_unbroken(const struct archive_bench *bench, size_t *segments);

/// Asserts that the WAV file beside that sidecar has these samples.
void archive_bench_assert_ramp(const char *sidecar, uint64_t position, uint64_t count);

/// Whether the stream has a file of this name.
bool archive_bench_exists(const char *name);

#endif
