// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "wav_files.h"

#include "failing_allocations.h"

#define NOBODY 65534

static audyn_sink_config_t
config_without_overwriting(void)
{
    audyn_sink_config_t config = a_config(AUDYN_PCM16, 2);
    config.overwrite = false;
    return config;
}

// Also that the message names the file and says `advice`.
static void
expect_failure(const char *path, const audyn_sink_config_t *config, audyn_status_t status,
               const char *advice)
{
    audyn_sink_t *sink = (audyn_sink_t *)folder;
    audyn_error_t error = {.text = ""};
    assert_int_equal(audyn_sink_open(&sink, path, config, &error), status);
    assert_null(sink);
    if (!strstr(error.text, path) || !strstr(error.text, advice)) {
        fail_msg("“%s” does not name %s, or say “%s”", error.text, path, advice);
    }
}

static bool
exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static void
an_existing_file_is_kept_and_the_message_names_force(void **state)
{
    (void)state;
    const audyn_sink_config_t config = config_without_overwriting();
    const char *path = in_folder("kept.wav");
    write_bytes(path, "precious", 8);
    expect_failure(path, &config, AUDYN_EXISTS, "--force");
    assert_int_equal(size_of_file(path), 8);
    uint8_t *bytes = read_bytes(path, 0, 8);
    assert_memory_equal(bytes, "precious", 8);
    free(bytes);
}

static void
a_link_to_nowhere_is_not_followed(void **state)
{
    (void)state;
    const audyn_sink_config_t config = config_without_overwriting();
    const char *path = in_folder("link.wav");
    assert_int_equal(symlink("target.wav", path), 0);
    expect_failure(path, &config, AUDYN_EXISTS, "--force");
    assert_false(exists(in_folder("target.wav")));
}

static void
a_file_to_be_overwritten_stays_until_the_first_sample(void **state)
{
    (void)state;
    const audyn_sink_config_t config = a_config(AUDYN_PCM16, 2);
    const char *path = in_folder("overwritten.wav");
    const float samples[2] = {0.5F, -0.5F};
    char before[9000];
    memset(before, 'x', sizeof before);
    write_bytes(path, before, sizeof before);
    audyn_sink_t *sink;
    assert_int_equal(audyn_sink_open(&sink, path, &config, NULL), AUDYN_OK);
    assert_int_equal(flush_and_sync(sink), AUDYN_OK);
    audyn_sink_discard(sink);
    assert_int_equal(size_of_file(path), sizeof before);
    assert_int_equal(audyn_sink_open(&sink, path, &config, NULL), AUDYN_OK);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    assert_int_equal(size_of_file(path), sizeof before);

    sink = begin_file(path, &config);
    assert_int_equal(audyn_sink_write(sink, samples, 1), AUDYN_OK);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    assert_int_equal(size_of_file(path), 4096 + 4);
    uint8_t *bytes = read_bytes(path, 4096, 4);
    assert_memory_equal(bytes, "\x00\x40\x00\xC0", 4);
    free(bytes);
}

static void
what_tells_of_an_overwritten_file_goes_with_its_samples(void **state)
{
    (void)state;
    char sidecar[PATH_MAX];
    snprintf(sidecar, sizeof sidecar, "%s", in_folder("told.json"));
    const char *path = in_folder("told.wav");
    audyn_sink_config_t config = a_config(AUDYN_PCM16, 2);
    config.sidecar = sidecar;
    write_bytes(path, "before", 6);
    write_bytes(sidecar, "{}", 2);
    audyn_sink_t *sink;
    assert_int_equal(audyn_sink_open(&sink, path, &config, NULL), AUDYN_OK);
    assert_int_equal(size_of_file(sidecar), 2);
    assert_int_equal(audyn_sink_begin(sink, &start_of_file), AUDYN_OK);
    assert_int_equal(size_of_file(sidecar), 0);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);

    assert_int_equal(unlink(sidecar), 0);
    assert_int_equal(audyn_sink_close(begin_file(path, &config)), AUDYN_OK);
    assert_false(exists(sidecar));
}

static void
discarding_removes_only_a_file_of_its_own(void **state)
{
    (void)state;
    const audyn_sink_config_t config = a_config(AUDYN_PCM16, 2);
    const char *path = in_folder("discarded.wav");
    audyn_sink_t *sink;
    assert_int_equal(audyn_sink_open(&sink, path, &config, NULL), AUDYN_OK);
    assert_true(exists(path));
    audyn_sink_discard(sink);
    assert_false(exists(path));
    write_bytes(path, "x", 1);
    audyn_sink_discard(begin_file(path, &config));
    assert_true(exists(path));
    audyn_sink_discard(NULL);
    assert_int_equal(audyn_sink_close(NULL), AUDYN_OK);
}

static void
a_place_where_no_file_can_be_is_told(void **state)
{
    (void)state;
    const audyn_sink_config_t config = a_config(AUDYN_PCM16, 2);
    write_bytes(in_folder("file"), "", 0);
    expect_failure(in_folder("absent/a.wav"), &config, AUDYN_NOT_FOUND,
                   "create it first");
    expect_failure(in_folder("file/a.wav"), &config, AUDYN_NOT_FOUND,
                   "no such directory");
    assert_int_equal(mkdir(in_folder("directory.wav"), 0700), 0);
    expect_failure(in_folder("directory.wav"), &config, AUDYN_INVALID, "is a directory");
    assert_int_equal(rmdir(in_folder("directory.wav")), 0);
    assert_int_equal(mkfifo(in_folder("fifo.wav"), 0600), 0);
    expect_failure(in_folder("fifo.wav"), &config, AUDYN_NOT_SUPPORTED,
                   "not an ordinary");
    assert_int_equal(symlink("/dev/full", in_folder("full.wav")), 0);
    expect_failure(in_folder("full.wav"), &config, AUDYN_NOT_SUPPORTED,
                   "not an ordinary");
}

static void
a_directory_without_permission_is_told(void **state)
{
    (void)state;
    const audyn_sink_config_t config = a_config(AUDYN_PCM16, 2);
    write_bytes(in_folder("readonly.wav"), "", 0);
    assert_int_equal(chmod(in_folder("readonly.wav"), 0444), 0);
    assert_int_equal(chmod(folder, 0555), 0);
    const bool root = geteuid() == 0;
    assert_int_equal(root ? seteuid(NOBODY) : 0, 0);
    expect_failure(in_folder("denied.wav"), &config, AUDYN_DENIED, "no permission");
    expect_failure(in_folder("readonly.wav"), &config, AUDYN_DENIED, "no permission");
    assert_int_equal(root ? seteuid(0) : 0, 0);
    assert_int_equal(chmod(folder, 0700), 0);
}

static void
the_ending_chooses_the_format(void **state)
{
    (void)state;
    const audyn_sink_config_t config = a_config(AUDYN_PCM16, 2);
    static const char *const names[] = {"a.mp3", "a", "wav", "a.wav.x", "a.wav "};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        expect_failure(in_folder(names[i]), &config, AUDYN_NOT_SUPPORTED, ".wav");
        assert_false(exists(in_folder(names[i])));
    }
    assert_int_equal(audyn_sink_close(begin_file(in_folder("A.WAV"), &config)), AUDYN_OK);
}

static void
a_format_that_the_file_cannot_hold_is_refused(void **state)
{
    (void)state;
    const struct {
        uint32_t sample_rate, channels;
    } cases[] = {
        {0, 2}, {48000, 0}, {48000, 16384}, {UINT32_MAX, 1}, {48000, UINT32_MAX}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        audyn_sink_config_t config = a_config(AUDYN_FLOAT32, cases[i].channels);
        config.sample_rate = cases[i].sample_rate;
        audyn_error_t error;
        audyn_sink_t *sink;
        assert_int_equal(audyn_sink_open(&sink, in_folder("no.wav"), &config, &error),
                         AUDYN_INVALID);
        assert_non_null(strstr(error.text, "cannot hold"));
        assert_false(exists(in_folder("no.wav")));
    }
}

static void
a_file_that_is_being_recorded_is_not_overwritten(void **state)
{
    (void)state;
    const audyn_sink_config_t config = a_config(AUDYN_PCM16, 2);
    const char *path = in_folder("busy.wav");
    audyn_sink_t *sink = begin_file(path, &config);
    expect_failure(path, &config, AUDYN_BUSY, "another program");
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    assert_int_equal(audyn_sink_close(begin_file(path, &config)), AUDYN_OK);
}

static void
a_file_is_created_in_the_working_directory_too(void **state)
{
    (void)state;
    const audyn_sink_config_t config = config_without_overwriting();
    char before[PATH_MAX];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    audyn_sink_t *sink = begin_file("here.wav", &config);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    assert_int_equal(chdir(before), 0);
    assert_true(exists(in_folder("here.wav")));
}

// How many allocations it takes to open a sink; each is made to fail in its turn.
static int
allocations_of(const char *path)
{
    const audyn_sink_config_t config = config_without_overwriting();
    for (int allowed = 0;; ++allowed) {
        audyn_sink_t *sink;
        audyn_error_t error = {.text = ""};
        failing_allocations_after(allowed);
        const audyn_status_t status = audyn_sink_open(&sink, path, &config, &error);
        failing_allocations_after(-1);
        if (status == AUDYN_OK) {
            audyn_sink_discard(sink);
            return allowed;
        }
        assert_int_equal(status, AUDYN_NO_MEMORY);
        assert_non_null(strstr(error.text, "memory"));
        assert_null(sink);
        assert_false(exists(path));
    }
}

static void
each_allocation_that_fails_leaves_nothing_behind(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int allocations;
    } formats[] = {{"memory.wav", 3}, {"memory.flac", 3}, {"memory.opus", 3}};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; ++i) {
        assert_int_equal(allocations_of(in_folder(formats[i].name)),
                         formats[i].allocations);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_existing_file_is_kept_and_the_message_names_force),
        cmocka_unit_test(a_link_to_nowhere_is_not_followed),
        cmocka_unit_test(a_file_to_be_overwritten_stays_until_the_first_sample),
        cmocka_unit_test(what_tells_of_an_overwritten_file_goes_with_its_samples),
        cmocka_unit_test(discarding_removes_only_a_file_of_its_own),
        cmocka_unit_test(a_place_where_no_file_can_be_is_told),
        cmocka_unit_test(a_directory_without_permission_is_told),
        cmocka_unit_test(the_ending_chooses_the_format),
        cmocka_unit_test(a_format_that_the_file_cannot_hold_is_refused),
        cmocka_unit_test(a_file_that_is_being_recorded_is_not_overwritten),
        cmocka_unit_test(a_file_is_created_in_the_working_directory_too),
        cmocka_unit_test(each_allocation_that_fails_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
