// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "collection.h"
#include "folder.h"
#include "input_checks.h"
#include "noise.h"
#include "simulated_clock.h"

#include <math.h>
#include <sched.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
uri_of(const char *name_and_options)
{
    static char uri[256];
    snprintf(uri, sizeof uri, "file:%s/%s", folder, name_and_options);
    return uri;
}

static void
write_sound(const char *name, int format, int sample_rate, int channels,
            int sample_frames)
{
    write_noise(in_folder(name), format, sample_rate, channels, sample_frames);
}

// What libsndfile itself reads from the file at once.
static float *
read_sound(const char *name, size_t *sample_frames)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(in_folder(name), SFM_READ, &info);
    assert_non_null(file);
    const size_t count = (size_t)info.frames * (size_t)info.channels;
    float *samples = calloc(count, sizeof *samples);
    assert_non_null(samples);
    *sample_frames = (size_t)sf_readf_float(file, samples, info.frames);
    sf_close(file);
    return samples;
}

static void
assert_at_its_end(const audyn_input_t *input)
{
    audyn_input_report_t report;
    audyn_input_get_report(input, &report);
    assert_true(report.finished);
    assert_int_equal(report.status, AUDYN_OK);
}

static void
play_all(struct collection *collection, const char *uri)
{
    const audyn_input_config_t config = {.buffer_ms = 200, .free_running = true};
    audyn_input_t *input = open_input(uri, &config);
    assert_int_equal(audyn_input_start(input, NULL), AUDYN_OK);
    collection->keep = true;
    collect_all(collection, input);
    assert_int_equal(collection->counts[AUDYN_SAMPLE_RECEIVED],
                     collection->sample_frames);
    audyn_input_stop(input);
    assert_at_its_end(input);
    audyn_input_close(input);
}

static void
integers_keep_every_bit(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int format;
        uint32_t bits;
        unsigned shift; // from 32 bits to those of the file
    } kinds[] = {
        {"a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16, 16},
        {"b.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 24, 8},
        {"c.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 16, 24},
        {"d.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_24, 24, 8},
        {"e.au", SF_FORMAT_AU | SF_FORMAT_PCM_S8, 16, 24},
        {"f.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16, 16},
        {"g.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 24, 8},
        {"h.rf64", SF_FORMAT_RF64 | SF_FORMAT_PCM_24, 24, 8},
    };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; ++k) {
        const char *name = kinds[k].name;
        write_sound(name, kinds[k].format, 48000, 2, 30000);
        const audyn_input_config_t config = {.buffer_ms = 200};
        audyn_input_t *input = open_input(uri_of(name), &config);
        assert_int_equal(audyn_input_format(input)->bits, kinds[k].bits);
        assert_int_equal(audyn_input_format(input)->sample_rate, 48000);
        assert_int_equal(audyn_input_format(input)->channels, 2);
        audyn_input_close(input);

        struct collection all = {0};
        play_all(&all, uri_of(name));
        unlink(in_folder(name));
        assert_int_equal(all.sample_frames, 30000);
        const double scale = ldexp(1, 31 - (int)kinds[k].shift);
        for (size_t i = 0; i < 60000; ++i) {
            const int32_t expected = noise(i) >> kinds[k].shift;
            if ((double)all.samples[i] * scale != (double)expected) {
                fail_msg("%s: sample %zu is %.9g, not %d", name, i,
                         (double)all.samples[i] * scale, expected);
            }
        }
        free(all.samples);
    }
}

static void
every_other_kind_is_what_libsndfile_reads(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int format, sample_rate, channels;
    } kinds[] = {
        {"a.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 44100, 1},
        {"b.wav", SF_FORMAT_WAVEX | SF_FORMAT_PCM_32, 192000, 64},
        {"c.w64", SF_FORMAT_W64 | SF_FORMAT_DOUBLE, 8000, 3},
        {"d.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 48000, 2},
        {"e.au", SF_FORMAT_AU | SF_FORMAT_ULAW, 8000, 1},
        {"f.caf", SF_FORMAT_CAF | SF_FORMAT_FLOAT, 96000, 6},
    };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; ++k) {
        const char *name = kinds[k].name;
        write_sound(name, kinds[k].format, kinds[k].sample_rate, kinds[k].channels,
                    12345);
        const audyn_input_config_t config = {.buffer_ms = 200};
        audyn_input_t *input = open_input(uri_of(name), &config);
        assert_int_equal(audyn_input_format(input)->bits, 32);
        assert_int_equal(audyn_input_format(input)->sample_rate, kinds[k].sample_rate);
        assert_int_equal(audyn_input_format(input)->channels, kinds[k].channels);
        audyn_input_close(input);

        struct collection all = {0};
        play_all(&all, uri_of(name));
        size_t sample_frames;
        float *expected = read_sound(name, &sample_frames);
        unlink(in_folder(name));
        assert_int_equal(all.sample_frames, sample_frames);
        assert_memory_equal(all.samples, expected,
                            sample_frames * (size_t)kinds[k].channels * sizeof(float));
        free(expected);
        free(all.samples);
    }
}

static void
a_loop_joins_end_and_beginning_without_a_seam(void **state)
{
    (void)state;
    // Longer and shorter than the ten milliseconds that are read at once.
    static const int lengths[] = {1, 100, 480, 777};
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; ++k) {
        const int length = lengths[k];
        write_sound("loop.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 48000, 1, length);
        size_t sample_frames;
        float *expected = read_sound("loop.wav", &sample_frames);
        const audyn_input_config_t config = {
            .buffer_ms = 200, .free_running = true, .loop = k % 2};
        const char *options = k % 2 ? "loop.wav" : "loop.wav?loop=1";
        audyn_input_t *input = open_input(uri_of(options), &config);
        assert_int_equal(audyn_input_start(input, NULL), AUDYN_OK);
        struct collection all = {.keep = true};
        while (all.sample_frames < 20000) {
            collect(&all, input);
            sched_yield();
        }
        audyn_input_stop(input);
        unlink(in_folder("loop.wav"));
        for (size_t i = 0; i < all.sample_frames; ++i) {
            assert_true(all.samples[i] == expected[i % (size_t)length]);
        }
        free(expected);
        free(all.samples);
        audyn_input_close(input);
    }
}

static void
in_real_time_a_file_takes_as_long_as_it_is(void **state)
{
    (void)state;
    write_sound("paced.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 2, 44100 + 441 + 1);
    struct simulated_clock simulated;
    simulated_clock_init(&simulated, INT64_C(1767225600) * AUDYN_NS_PER_SECOND);
    const audyn_input_config_t config = {.clock = &simulated.clock};
    audyn_input_t *input = open_input(uri_of("paced.wav"), &config);
    unlink(in_folder("paced.wav"));
    assert_int_equal(audyn_input_start(input, NULL), AUDYN_OK);
    simulated_clock_wait_for_sleeper(&simulated);
    simulated_clock_advance(&simulated, AUDYN_NS_PER_SECOND);
    simulated_clock_wait_for_sleeper(&simulated);
    audyn_input_report_t report;
    audyn_input_get_report(input, &report);
    assert_false(report.finished);
    simulated_clock_advance(&simulated, 10 * AUDYN_NS_PER_MS);
    simulated_clock_wait_for_sleeper(&simulated);
    struct collection all = {0};
    collect(&all, input);
    assert_in_range(all.sample_frames, 44100 + 441 - 1024, 44100 + 441);
    simulated_clock_advance(&simulated, 10 * AUDYN_NS_PER_MS);
    collect_all(&all, input);
    assert_int_equal(all.sample_frames, 44100 + 441 + 1);
    audyn_input_stop(input);
    assert_at_its_end(input);
    audyn_input_close(input);
}

static void
a_relative_path_and_an_escaped_one_are_found(void **state)
{
    (void)state;
    write_sound("a ?%.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 1, 10);
    char before[256];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    const audyn_input_config_t config = {.buffer_ms = 200};
    audyn_input_t *input = open_input("file:a %3F%25.wav", &config);
    audyn_input_close(input);
    assert_int_equal(chdir(before), 0);
    input = open_input(uri_of("a%20%3F%25.wav"), &config);
    audyn_input_close(input);
    unlink(in_folder("a ?%.wav"));
}

static void
a_file_that_is_cut_off_ends_as_failed(void **state)
{
    (void)state;
    write_sound("cut.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 48000, 2, 100000);
    assert_int_equal(truncate(in_folder("cut.flac"), 200000), 0);
    const char *const uris[] = {"cut.flac", "cut.flac?loop=1"};
    for (size_t i = 0; i < 2; ++i) {
        const audyn_input_config_t config = {.buffer_ms = 200, .free_running = true};
        audyn_input_t *input = open_input(uri_of(uris[i]), &config);
        assert_int_equal(audyn_input_start(input, NULL), AUDYN_OK);
        struct collection all = {0};
        collect_all(&all, input);
        assert_in_range(all.sample_frames, 1, 99999);
        audyn_input_stop(input);
        audyn_input_report_t report;
        audyn_input_get_report(input, &report);
        assert_true(report.finished);
        assert_int_equal(report.status, AUDYN_BAD_DATA);
        audyn_error_t explanation;
        audyn_input_explain(input, &explanation);
        assert_string_equal(explanation.text,
                            "'file:' could not be read on: malformed data");
        audyn_input_close(input);
    }
    unlink(in_folder("cut.flac"));
}

static void
a_file_that_shrinks_while_it_loops_ends_as_failed(void **state)
{
    (void)state;
    write_sound("loop.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 2, 10000);
    const audyn_input_config_t config = {
        .buffer_ms = 200, .free_running = true, .loop = true};
    audyn_input_t *input = open_input(uri_of("loop.wav"), &config);
    assert_int_equal(audyn_input_start(input, NULL), AUDYN_OK);
    struct collection all = {0};
    while (all.sample_frames < 50000) {
        collect(&all, input);
        sched_yield();
    }
    assert_int_equal(truncate(in_folder("loop.wav"), 1000), 0);
    collect_all(&all, input);
    audyn_input_stop(input);
    audyn_input_report_t report;
    audyn_input_get_report(input, &report);
    assert_true(report.finished);
    assert_int_equal(report.status, AUDYN_BAD_DATA);
    audyn_input_close(input);
    unlink(in_folder("loop.wav"));
}

static void
what_cannot_be_played_is_refused_with_the_reason(void **state)
{
    (void)state;
    assert_input_refused("file:", AUDYN_INVALID, "file:ref.wav");
    assert_input_refused(uri_of("none.wav"), AUDYN_NOT_FOUND, "none.wav");
    assert_input_refused(uri_of(""), AUDYN_NOT_SUPPORTED, "is a directory");
    assert_input_refused("file:/dev/null", AUDYN_NOT_SUPPORTED, "a device or a pipe");
    assert_input_refused(uri_of("x.wav?loop=2"), AUDYN_INVALID, "from 0 to 1");
    assert_input_refused(uri_of("x.wav?level=2"), AUDYN_INVALID, "it has: loop, pace");

    assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
    assert_input_refused(uri_of("fifo"), AUDYN_NOT_SUPPORTED, "a device or a pipe");
    unlink(in_folder("fifo"));

    FILE *text = fopen(in_folder("text.wav"), "we");
    assert_non_null(text);
    fputs("This is no audio.\n", text);
    fclose(text);
    assert_input_refused(uri_of("text.wav"), AUDYN_BAD_DATA, "is not audio");
    unlink(in_folder("text.wav"));

    write_sound("empty.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 2, 0);
    assert_input_refused(uri_of("empty.wav"), AUDYN_BAD_DATA, "holds no samples");
    unlink(in_folder("empty.wav"));

    write_sound("many.wav", SF_FORMAT_WAVEX | SF_FORMAT_PCM_16, 48000, 65, 10);
    assert_input_refused(uri_of("many.wav"), AUDYN_NOT_SUPPORTED, "65 channels; 64");
    unlink(in_folder("many.wav"));

    write_sound("slow.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 7999, 1, 10);
    assert_input_refused(uri_of("slow.wav"), AUDYN_NOT_SUPPORTED, "8000 to 192000");
    unlink(in_folder("slow.wav"));
    write_sound("fast.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 192001, 1, 10);
    assert_input_refused(uri_of("fast.wav"), AUDYN_NOT_SUPPORTED, "8000 to 192000");
    unlink(in_folder("fast.wav"));
}

static void
each_allocation_may_fail(void **state)
{
    (void)state;
    write_sound("ok.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 1, 10);
    assert_each_allocation_may_fail(uri_of("ok.wav"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_keep_every_bit),
        cmocka_unit_test(every_other_kind_is_what_libsndfile_reads),
        cmocka_unit_test(a_loop_joins_end_and_beginning_without_a_seam),
        cmocka_unit_test(in_real_time_a_file_takes_as_long_as_it_is),
        cmocka_unit_test(a_relative_path_and_an_escaped_one_are_found),
        cmocka_unit_test(a_file_that_is_cut_off_ends_as_failed),
        cmocka_unit_test(a_file_that_shrinks_while_it_loops_ends_as_failed),
        cmocka_unit_test(what_cannot_be_played_is_refused_with_the_reason),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
