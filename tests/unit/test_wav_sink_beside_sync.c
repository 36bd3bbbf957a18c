// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A WAV file whose samples are written while it is being synced.

#include "failing_disk.h"

static void
write_frames(audyn_sink_t *sink, uint64_t *frame, unsigned count)
{
    for (; count; --count, ++*frame) {
        const float sample = expected_at(*frame);
        audyn_sink_write(sink, &sample, 1);
    }
}

// As far as the file goes: a reader that looks for a chunk there must not find samples.
static void
check_zeros_behind_count(void)
{
    char path[PATH_MAX];
    strcpy(path, in_folder(file_name));
    audyn_wav_info_t info;
    assert_int_equal(audyn_wav_read_info(path, &info, NULL), AUDYN_OK);
    const uint64_t end = DATA_OFFSET + info.sample_frames * info.frame_bytes;
    const uint64_t behind = size_of_file(path) - end;
    const size_t size = behind < 16 ? (size_t)behind : 16;
    uint8_t *bytes = read_bytes(path, end, size);
    static const uint8_t zeros[16];
    assert_memory_equal(bytes, zeros, size);
    free(bytes);
}

// Flushes, syncs, and commits only after `meanwhile` more.
static audyn_status_t
sync_late(audyn_sink_t *sink, uint64_t *frame, unsigned meanwhile)
{
    audyn_sink_flush(sink);
    const audyn_status_t synced = audyn_sink_sync(sink);
    write_frames(sink, frame, meanwhile);
    return audyn_sink_commit(sink, synced, false);
}

// A few sample frames at a time, and more than any buffer holds.
static const unsigned pieces[] = {1, 0, 3, LONG_SILENCE, 2, 5, 4};

static int writes_before_close;

static audyn_status_t
record_with_late_commits(uint64_t *frames)
{
    const audyn_sink_config_t config = a_config(AUDYN_PCM24, 1);
    audyn_sink_t *sink = begin_file(in_folder(file_name), &config);
    *frames = 0;
    for (unsigned i = 0; i < 7 * 7; ++i) {
        write_frames(sink, frames, pieces[i % 7]);
        sync_late(sink, frames, pieces[(i + i / 7) % 7]);
        if (disk.watch) {
            check_zeros_behind_count();
        }
    }
    *frames = audyn_sink_sample_frames(sink);
    writes_before_close = disk.writes;
    return audyn_sink_close(sink);
}

static void
the_file_is_valid_while_samples_are_written_beside_a_sync(void **state)
{
    (void)state;
    disk.watch = check_snapshot;
    uint64_t frames;
    assert_int_equal(record_with_late_commits(&frames), AUDYN_OK);
    const audyn_wav_info_t info = check_file(in_folder(file_name));
    assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
    assert_int_equal(info.sample_frames, frames);
}

static void
a_failure_beside_a_sync_costs_nothing_that_came_before(void **state)
{
    (void)state;
    uint64_t frames;
    assert_int_equal(record_with_late_commits(&frames), AUDYN_OK);
    const int writes = writes_before_close;
    for (int i = 2; i < writes; ++i) {
        start_with_a_healthy_disk(NULL);
        disk.failing_write = i;
        assert_int_equal(record_with_late_commits(&frames), AUDYN_IO);
        const audyn_wav_info_t info = check_file(in_folder(file_name));
        assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
        assert_int_equal(info.sample_frames, frames);
    }
}

// What the header does not count is there all the same, for who wants to look for it.
static void
check_all_there(uint64_t frames)
{
    uint8_t *bytes = read_bytes(in_folder(file_name), DATA_OFFSET, frames * 3);
    for (uint64_t frame = 0; frame < frames; ++frame) {
        const uint8_t *at = bytes + 3 * frame;
        const int32_t value = (int32_t)((uint32_t)at[0] << 8 | (uint32_t)at[1] << 16 |
                                        (uint32_t)at[2] << 24);
        if ((float)value * 0x1p-31F != expected_at(frame)) {
            fail_msg("sample %u is gone", (unsigned)frame);
        }
    }
    free(bytes);
}

static void
a_sync_that_fails_beside_writes_leaves_the_header_and_all_samples(void **state)
{
    (void)state;
    for (int i = 1; i < 50; ++i) {
        start_with_a_healthy_disk(NULL);
        disk.failing_sync = i;
        uint64_t frames;
        assert_int_equal(record_with_late_commits(&frames), AUDYN_IO);
        const audyn_wav_info_t info = check_file(in_folder(file_name));
        assert_int_equal(info.completeness, AUDYN_WAV_INTERRUPTED);
        assert_true(info.sample_frames <= frames);
        check_all_there(frames);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_HEALTHY_DISK(the_file_is_valid_while_samples_are_written_beside_a_sync),
        ON_A_HEALTHY_DISK(a_failure_beside_a_sync_costs_nothing_that_came_before),
        ON_A_HEALTHY_DISK(
            a_sync_that_fails_beside_writes_leaves_the_header_and_all_samples),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
