// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The WAV sink on a disk that fails, and its file at every single moment.

#include "failing_disk.h"

// A sync follows each third block.

enum { BLOCKS = 11 };

#define ALL_FRAMES (UINT64_C(11) * BLOCK + LONG_SILENCE)

struct outcome {
    audyn_status_t open, write, close; // `write`: the first failure before close
    uint64_t frames;                   // as the sink counted before it was closed
    int writes_before_close;
};

static void
note(audyn_status_t *first, audyn_status_t status)
{
    *first = *first ? *first : status;
}

static audyn_status_t
write_block(audyn_sink_t *sink, uint64_t first)
{
    static float samples[BLOCK];
    for (uint64_t i = 0; i < BLOCK; ++i) {
        samples[i] = expected_at(first + i);
    }
    return audyn_sink_write(sink, samples, BLOCK);
}

// Goes on after a failure, as long as the sink lets it.
static struct outcome
record(audyn_encoding_t encoding)
{
    const audyn_sink_config_t config = a_config(encoding, 1);
    struct outcome outcome = {.open = AUDYN_OK};
    audyn_sink_t *sink;
    outcome.open = audyn_sink_open(&sink, in_folder(file_name), &config, NULL);
    if (outcome.open) {
        return outcome;
    }
    note(&outcome.write, audyn_sink_begin(sink, &start_of_file));
    for (uint64_t block = 0, frame = 0; block < BLOCKS; ++block, frame += BLOCK) {
        if (block == SILENCE_AFTER) {
            note(&outcome.write, audyn_sink_write_silence(sink, LONG_SILENCE));
            note(&outcome.write, flush_and_sync(sink));
            frame += LONG_SILENCE;
        }
        note(&outcome.write, write_block(sink, frame));
        if (block % 3 == 1) {
            note(&outcome.write, flush_and_sync(sink));
        }
    }
    outcome.frames = audyn_sink_sample_frames(sink);
    outcome.writes_before_close = disk.writes;
    outcome.close = audyn_sink_close(sink);
    return outcome;
}

static void
the_file_is_valid_after_every_single_change(void **state)
{
    (void)state;
    for (int encoding = AUDYN_PCM24; encoding <= AUDYN_FLOAT32; ++encoding) {
        start_with_a_healthy_disk(NULL);
        disk.watch = check_snapshot;
        const struct outcome outcome = record((audyn_encoding_t)encoding);
        assert_int_equal(outcome.write, AUDYN_OK);
        assert_int_equal(outcome.close, AUDYN_OK);
        assert_int_equal(outcome.frames, ALL_FRAMES);
        assert_in_range(disk.writes, 19, 36);
        assert_int_equal(disk.syncs, 7);
        const audyn_wav_info_t info = check_file(in_folder(file_name));
        assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
        assert_int_equal(info.sample_frames, ALL_FRAMES);
    }
}

static void
the_file_is_valid_while_a_header_is_written_in_pieces(void **state)
{
    (void)state;
    disk.most_of_header = 100;
    disk.watch = check_snapshot;
    assert_int_equal(record(AUDYN_FLOAT32).close, AUDYN_OK);
    assert_in_range(disk.writes, 7 * 41, 9 * 41);
    assert_int_equal(check_file(in_folder(file_name)).sample_frames, ALL_FRAMES);
}

static void
writes_that_are_short_or_interrupted_change_nothing(void **state)
{
    (void)state;
    assert_int_equal(record(AUDYN_PCM24).close, AUDYN_OK);
    const uint64_t size = size_of_file(in_folder(file_name));
    uint8_t *expected = read_bytes(in_folder(file_name), 0, size);
    start_with_a_healthy_disk(NULL);
    disk.most_per_write = disk.most_of_header = 997;
    disk.interrupts = true;
    const struct outcome outcome = record(AUDYN_PCM24);
    assert_int_equal(outcome.write, AUDYN_OK);
    assert_int_equal(outcome.close, AUDYN_OK);
    assert_int_equal(size_of_file(in_folder(file_name)), size);
    uint8_t *bytes = read_bytes(in_folder(file_name), 0, size);
    assert_memory_equal(bytes, expected, size);
    free(bytes);
    free(expected);
}

static void
a_full_disk_keeps_every_whole_sample_frame(void **state)
{
    (void)state;
    // Full at once, within the first buffer, about its end, and behind the silence.
    static const uint64_t rooms[] = {0, 100000, 262130, 950000};
    for (uint64_t i = 0; i < 4 * 20; ++i) {
        const uint64_t room = rooms[i / 20] + i % 20;
        start_with_a_healthy_disk(NULL);
        disk.capacity = DATA_OFFSET + room;
        disk.watch = i % 7 ? NULL : check_snapshot;
        const struct outcome outcome = record(AUDYN_PCM24);
        assert_int_equal(outcome.open, AUDYN_OK);
        assert_int_equal(outcome.write, AUDYN_NO_SPACE);
        assert_int_equal(outcome.close, AUDYN_NO_SPACE);
        assert_int_equal(outcome.frames, room / 3);
        const audyn_wav_info_t info = check_file(in_folder(file_name));
        assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
        assert_int_equal(info.sample_frames, room / 3);
        const uint64_t data_bytes = room / 3 * 3;
        assert_int_equal(size_of_file(in_folder(file_name)),
                         DATA_OFFSET + data_bytes + data_bytes % 2);
        uint8_t *pad =
            read_bytes(in_folder(file_name), DATA_OFFSET + data_bytes, data_bytes % 2);
        assert_true(data_bytes % 2 == 0 || *pad == 0);
        free(pad);
    }
}

static void
a_disk_too_full_for_a_header_is_told_and_left_as_it_was(void **state)
{
    (void)state;
    const audyn_sink_config_t config = a_config(AUDYN_PCM24, 1);
    disk.capacity = DATA_OFFSET - 1;
    audyn_sink_t *sink;
    audyn_error_t error;
    assert_int_equal(audyn_sink_open(&sink, in_folder(file_name), &config, &error),
                     AUDYN_NO_SPACE);
    assert_non_null(strstr(error.text, "no space left"));
    assert_int_not_equal(access(in_folder(file_name), F_OK), 0);
}

static void
a_write_that_fails_costs_nothing_that_came_before(void **state)
{
    (void)state;
    const struct outcome healthy = record(AUDYN_PCM24);
    const int writes = disk.writes;
    uint64_t before = 0;
    for (int i = 1; i < writes; ++i) {
        start_with_a_healthy_disk(NULL);
        disk.failing_write = i;
        const struct outcome outcome = record(AUDYN_PCM24);
        assert_int_equal(outcome.close, AUDYN_IO);
        const audyn_wav_info_t info = check_file(in_folder(file_name));
        if (i < healthy.writes_before_close) {
            assert_int_equal(outcome.write, AUDYN_IO);
            assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
            assert_int_equal(info.sample_frames, outcome.frames);
        } else {
            assert_int_equal(outcome.frames, ALL_FRAMES);
        }
        assert_true(info.present_frames >= before);
        before = info.present_frames;
    }
    // The last write was the header that says "finished": all samples are there.
    assert_int_equal(before, ALL_FRAMES);
}

static void
a_first_header_that_cannot_be_written_leaves_no_file(void **state)
{
    (void)state;
    disk.failing_write = 0;
    assert_int_equal(record(AUDYN_PCM24).open, AUDYN_IO);
    assert_int_not_equal(access(in_folder(file_name), F_OK), 0);
}

static void
a_first_sync_that_fails_is_told_before_anything_is_recorded(void **state)
{
    (void)state;
    const audyn_sink_config_t config = a_config(AUDYN_PCM24, 1);
    disk.failing_sync = 0;
    audyn_sink_t *sink;
    assert_int_equal(audyn_sink_open(&sink, in_folder(file_name), &config, NULL),
                     AUDYN_OK);
    assert_int_equal(flush_and_sync(sink), AUDYN_IO);
    audyn_sink_discard(sink);
    assert_int_not_equal(access(in_folder(file_name), F_OK), 0);
}

static void
a_new_file_is_on_disk_before_its_name(void **state)
{
    (void)state;
    assert_int_equal(record(AUDYN_PCM24).close, AUDYN_OK);
    assert_int_equal(disk.directory_syncs, 1);
    start_with_a_healthy_disk(NULL);
    disk.directory_errno = EIO;
    assert_int_equal(record(AUDYN_PCM24).write, AUDYN_IO);
    // There are file systems whose directories need no sync.
    start_with_a_healthy_disk(NULL);
    disk.directory_errno = EINVAL;
    assert_int_equal(record(AUDYN_PCM24).close, AUDYN_OK);
}

static void
after_a_sync_that_fails_the_header_counts_only_what_was_synced(void **state)
{
    (void)state;
    // Blocks; the long silence too from the fourth sync on.  The last one is of the
    // header that says "finished".
    static const uint64_t synced_blocks[] = {0, 2, 5, 7, 8, 11, 11};
    for (int i = 0; i < 7; ++i) {
        start_with_a_healthy_disk(NULL);
        disk.failing_sync = i;
        disk.watch = check_snapshot;
        const struct outcome outcome = record(AUDYN_PCM24);
        assert_int_equal(outcome.write, i < 5 ? AUDYN_IO : AUDYN_OK);
        assert_int_equal(outcome.close, AUDYN_IO);
        const audyn_wav_info_t info = check_file(in_folder(file_name));
        assert_int_equal(info.sample_frames,
                         synced_blocks[i] * BLOCK + (i < 3 ? 0 : LONG_SILENCE));
        assert_int_equal(info.completeness,
                         i < 6 ? AUDYN_WAV_INTERRUPTED : AUDYN_WAV_COMPLETE);
    }
}

static void
silence_that_the_disk_refuses_is_not_counted(void **state)
{
    (void)state;
    disk.failing_resize = 0;
    disk.watch = check_snapshot;
    const struct outcome outcome = record(AUDYN_FLOAT32);
    assert_int_equal(outcome.write, AUDYN_TOO_LARGE);
    assert_int_equal(outcome.close, AUDYN_TOO_LARGE);
    assert_int_equal(outcome.frames, SILENCE_AFTER * BLOCK);
    const audyn_wav_info_t info = check_file(in_folder(file_name));
    assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
    assert_int_equal(info.sample_frames, SILENCE_AFTER * BLOCK);
}

static void
silence_longer_than_any_file_is_refused(void **state)
{
    (void)state;
    static const uint64_t lengths[] = {UINT64_MAX, INT64_MAX, INT64_MAX / 3,
                                       UINT64_C(1) << 60};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; ++i) {
        start_with_a_healthy_disk(NULL);
        const audyn_sink_config_t config = a_config(AUDYN_PCM24, 1);
        audyn_sink_t *sink = begin_file(in_folder(file_name), &config);
        assert_int_equal(write_block(sink, 0), AUDYN_OK);
        audyn_sink_write_silence(sink, lengths[i]);
        assert_int_equal(flush_and_sync(sink), AUDYN_TOO_LARGE);
        assert_int_equal(write_block(sink, BLOCK), AUDYN_TOO_LARGE);
        assert_int_equal(audyn_sink_write_silence(sink, 1), AUDYN_TOO_LARGE);
        assert_int_equal(audyn_sink_sample_frames(sink), BLOCK);
        assert_int_equal(audyn_sink_close(sink), AUDYN_TOO_LARGE);
        const audyn_wav_info_t info = check_file(in_folder(file_name));
        assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
        assert_int_equal(info.sample_frames, BLOCK);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_HEALTHY_DISK(the_file_is_valid_after_every_single_change),
        ON_A_HEALTHY_DISK(the_file_is_valid_while_a_header_is_written_in_pieces),
        ON_A_HEALTHY_DISK(writes_that_are_short_or_interrupted_change_nothing),
        ON_A_HEALTHY_DISK(a_full_disk_keeps_every_whole_sample_frame),
        ON_A_HEALTHY_DISK(a_disk_too_full_for_a_header_is_told_and_left_as_it_was),
        ON_A_HEALTHY_DISK(a_write_that_fails_costs_nothing_that_came_before),
        ON_A_HEALTHY_DISK(a_first_header_that_cannot_be_written_leaves_no_file),
        ON_A_HEALTHY_DISK(a_first_sync_that_fails_is_told_before_anything_is_recorded),
        ON_A_HEALTHY_DISK(a_new_file_is_on_disk_before_its_name),
        ON_A_HEALTHY_DISK(after_a_sync_that_fails_the_header_counts_only_what_was_synced),
        ON_A_HEALTHY_DISK(silence_that_the_disk_refuses_is_not_counted),
        ON_A_HEALTHY_DISK(silence_longer_than_any_file_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
