// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Exports that are too large for RIFF, that are given up, and that find no memory.

#include "export_bench.h"

#include "failing_allocations.h"
#include "sink/wav_reader.h"

static unsigned
files_in_folder(void)
{
    unsigned count = 0;
    DIR *files = opendir(folder);
    assert_non_null(files);
    for (const struct dirent *file; (file = readdir(files));) {
        count += strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0;
    }
    closedir(files);
    return count;
}

static void
what_is_not_finished_is_removed(void **state)
{
    (void)state;
    add_three(wav);
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", in_folder("kept.wav"));
    write_bytes(path, "precious", 8);
    const audyn_export_config_t config = config_of(BEGIN, BEGIN + THREE, path);
    audyn_export_t *export;
    bool more;
    assert_int_equal(audyn_export_open(&export, &config, NULL), AUDYN_OK);
    assert_int_equal(audyn_export_step(export, &more, NULL), AUDYN_OK);
    audyn_export_destroy(export);
    assert_int_equal(size_of_file(path), 8);
    assert_int_equal(files_in_folder(), 1);
    audyn_export_destroy(NULL);
    assert_int_equal(unlink(path), 0);
}

static void
assert_frame(audyn_audio_reader_t *reader, uint64_t from, uint64_t at, bool zero)
{
    float frame[CHANNELS];
    size_t done;
    assert_int_equal(audyn_audio_reader_seek(reader, at - from, NULL), AUDYN_OK);
    assert_int_equal(audyn_audio_reader_read(reader, frame, 1, &done, NULL), AUDYN_OK);
    assert_int_equal(done, 1);
    for (unsigned c = 0; c < CHANNELS; ++c) {
        assert_true(frame[c] == (zero ? 0 : sample_of(at, c, 0)));
    }
}

// The silence between the two is a hole in the file, which takes no room.
static void
an_export_beyond_4_gib_is_rf64(void **state)
{
    (void)state;
    const uint64_t later = BEGIN + (UINT64_C(5) << 30) / (CHANNELS * 2);
    add_segment("a", BEGIN, SECOND, wav, 0);
    add_segment("b", later, SECOND, wav, 0);
    const char *path = in_folder("x.wav");
    audyn_export_t *export = export_to(path, BEGIN, later + SECOND);
    assert_int_equal(audyn_export_plan(export)->missing_count, 1);
    assert_missing(export, BEGIN + SECOND, later - BEGIN - SECOND, "not_recorded");
    audyn_export_destroy(export);
    audyn_wav_info_t info;
    assert_int_equal(audyn_wav_read_info(path, &info, NULL), AUDYN_OK);
    assert_string_equal(info.container, "RF64");
    assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
    audyn_audio_reader_t *reader;
    assert_int_equal(audyn_audio_reader_open(&reader, path, NULL), AUDYN_OK);
    assert_true(audyn_audio_reader_format(reader)->sample_frames ==
                later + SECOND - BEGIN);
    assert_frame(reader, BEGIN, BEGIN + SECOND - 1, false);
    assert_frame(reader, BEGIN, BEGIN + SECOND, true);
    assert_frame(reader, BEGIN, later - 1, true);
    assert_frame(reader, BEGIN, later, false);
    assert_frame(reader, BEGIN, later + SECOND - 1, false);
    audyn_audio_reader_close(reader);
}

// Returns whether an allocation has failed.  That is said, and nothing is left, or
// nothing is amiss.
static bool
export_with_allocations(int allowed, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", in_folder(name));
    const audyn_export_config_t config =
        config_of(BEGIN + 100, BEGIN + SECOND + 20000, path);
    audyn_export_t *export;
    audyn_error_t error = {""};
    failing_allocations_after(allowed);
    audyn_status_t status = audyn_export_open(&export, &config, &error);
    for (bool more = true; more && !status;) {
        status = audyn_export_step(export, &more, &error);
    }
    status = status ? status : audyn_export_finish(export, &error);
    const bool failed = failing_allocations_happened();
    failing_allocations_after(-1);
    if (status) {
        audyn_export_destroy(export);
        assert_true(failed);
        assert_int_equal(status, AUDYN_NO_MEMORY);
        assert_non_null(strstr(error.text, "memory"));
        assert_int_equal(files_in_folder(), 0);
        return true;
    }
    assert_int_equal(audyn_export_plan(export)->missing_count, 0);
    if (!strstr(name, ".opus")) {
        assert_samples(path, BEGIN + 100, BEGIN + SECOND + 20000, 0, NULL);
    }
    audyn_export_destroy(export);
    assert_int_equal(unlink(path), 0);
    return failed;
}

static void
fail_each_allocation(const char *name)
{
    for (int allowed = 0; export_with_allocations(allowed, name);) {
        ++allowed;
    }
}

static void
memory_that_runs_out_costs_no_sample_of_wav(void **state)
{
    (void)state;
    add_three(wav);
    fail_each_allocation("x.wav");
    fail_each_allocation("x.opus");
}

static void
memory_that_runs_out_costs_no_sample_of_flac(void **state)
{
    (void)state;
    static const char *const flac[] = {"flac", NULL};
    add_three(flac);
    fail_each_allocation("x.flac");
    fail_each_allocation("x.wav");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_not_finished_is_removed),
        CASE(an_export_beyond_4_gib_is_rf64),
        CASE(memory_that_runs_out_costs_no_sample_of_wav),
        CASE(memory_that_runs_out_costs_no_sample_of_flac),
    };
    return cmocka_run_group_tests(tests, make_folders, remove_folders);
}
