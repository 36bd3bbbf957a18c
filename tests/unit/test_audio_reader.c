// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "wav_files.h"

#include "archive/audio_reader.h"
#include "failing_allocations.h"
#include "noise.h"
#include "random.h"

#include <math.h>
#include <sndfile.h>

#define RATE 48000
#define CHANNELS 2
#define FRAMES 100000

static audyn_audio_reader_t *
open_reader(const char *name)
{
    audyn_audio_reader_t *reader;
    audyn_error_t error = {.text = ""};
    if (audyn_audio_reader_open(&reader, in_folder(name), &error)) {
        fail_msg("%s", error.text);
    }
    return reader;
}

static void
read_at(audyn_audio_reader_t *reader, uint64_t at, float *samples, size_t count)
{
    size_t done;
    assert_int_equal(audyn_audio_reader_seek(reader, at, NULL), AUDYN_OK);
    assert_int_equal(audyn_audio_reader_read(reader, samples, count, &done, NULL),
                     AUDYN_OK);
    assert_int_equal(done, count);
}

// What `noise()` becomes in a file of so many bits.
static float
noise_of(uint64_t index, unsigned bits)
{
    const int32_t whole = noise(index) >> (32 - bits);
    return (float)whole / (float)(1U << (bits - 1));
}

static void
each_sample_of_every_exact_format_is_read_wherever_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int format;
        audyn_encoding_t encoding;
        unsigned bits;
    } kinds[] = {
        {"a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, AUDYN_PCM16, 16},
        {"b.wav", SF_FORMAT_RF64 | SF_FORMAT_PCM_24, AUDYN_PCM24, 24},
        {"c.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, AUDYN_PCM16, 16},
        {"d.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, AUDYN_PCM24, 24},
    };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; ++k) {
        write_noise(in_folder(kinds[k].name), kinds[k].format, RATE, CHANNELS, FRAMES);
        audyn_audio_reader_t *reader = open_reader(kinds[k].name);
        const audyn_audio_format_t *format = audyn_audio_reader_format(reader);
        assert_int_equal(format->sample_rate, RATE);
        assert_int_equal(format->channels, CHANNELS);
        assert_int_equal(format->encoding, kinds[k].encoding);
        assert_int_equal(format->sample_frames, FRAMES);
        assert_false(format->lossy);
        uint64_t random = 3;
        for (int i = 0; i < 200; ++i) {
            float samples[1000 * CHANNELS];
            const uint64_t at = random_below(&random, FRAMES - 1000);
            read_at(reader, at, samples, 1000);
            for (size_t s = 0; s < 1000 * CHANNELS; ++s) {
                assert_true(samples[s] == noise_of(at * CHANNELS + s, kinds[k].bits));
            }
        }
        audyn_audio_reader_close(reader);
    }
}

static void
a_float_is_read_as_it_is(void **state)
{
    (void)state;
    const audyn_sink_config_t config = a_config(AUDYN_FLOAT32, 1);
    const float written[] = {1.5F, -3.25F, 0x1p-140F, 0.1F};
    audyn_sink_t *sink = begin_file(in_folder("float.wav"), &config);
    assert_int_equal(audyn_sink_write(sink, written, 4), AUDYN_OK);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    audyn_audio_reader_t *reader = open_reader("float.wav");
    assert_int_equal(audyn_audio_reader_format(reader)->encoding, AUDYN_FLOAT32);
    float samples[4];
    read_at(reader, 0, samples, 4);
    assert_memory_equal(samples, written, sizeof written);
    audyn_audio_reader_close(reader);
}

static void
the_last_read_gives_what_is_left_and_then_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"end.wav", "end.flac"};
    for (size_t i = 0; i < 2; ++i) {
        write_noise(in_folder(names[i]),
                    (i ? SF_FORMAT_FLAC : SF_FORMAT_WAV) | SF_FORMAT_PCM_16, RATE, 1,
                    FRAMES);
        audyn_audio_reader_t *reader = open_reader(names[i]);
        float samples[100];
        size_t done = 7;
        assert_int_equal(audyn_audio_reader_seek(reader, FRAMES - 10, NULL), AUDYN_OK);
        assert_int_equal(audyn_audio_reader_read(reader, samples, 100, &done, NULL),
                         AUDYN_OK);
        assert_int_equal(done, 10);
        assert_int_equal(audyn_audio_reader_read(reader, samples, 100, &done, NULL),
                         AUDYN_OK);
        assert_int_equal(done, 0);
        assert_int_equal(audyn_audio_reader_seek(reader, FRAMES, NULL), AUDYN_OK);
        assert_int_equal(audyn_audio_reader_seek(reader, FRAMES + 1, NULL),
                         AUDYN_INVALID);
        read_at(reader, 5, samples, 1);
        assert_true(samples[0] == noise_of(5, 16));
        audyn_audio_reader_close(reader);
    }
}

// A tone, of which 100,000 frames begin at 0; amplitude 0.5.
static float
tone_at(uint64_t i)
{
    return 0.5F * sinf((float)(i % 480) * (float)(2.0 * M_PI / 48.0));
}

static void
opus_is_lossy_and_sought_to_the_sample(void **state)
{
    (void)state;
    static float tone[FRAMES];
    for (uint64_t i = 0; i < FRAMES; ++i) {
        tone[i] = tone_at(i);
    }
    audyn_sink_config_t config = a_config(AUDYN_FLOAT32, 1);
    config.codec = AUDYN_CODEC_DEFAULT;
    audyn_sink_t *sink = begin_file(in_folder("tone.opus"), &config);
    assert_int_equal(audyn_sink_write(sink, tone, FRAMES), AUDYN_OK);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    audyn_audio_reader_t *reader = open_reader("tone.opus");
    assert_true(audyn_audio_reader_format(reader)->lossy);
    assert_int_equal(audyn_audio_reader_format(reader)->encoding, AUDYN_FLOAT32);
    assert_int_equal(audyn_audio_reader_format(reader)->sample_frames, FRAMES);
    static const uint64_t places[] = {0, 50001, 20003, 99000};
    for (size_t p = 0; p < sizeof places / sizeof *places; ++p) {
        float samples[960];
        read_at(reader, places[p], samples, 960);
        for (uint64_t i = 100; i < 860; ++i) {
            assert_true(fabsf(samples[i] - tone_at(places[p] + i)) < 0.05F);
        }
    }
    audyn_audio_reader_close(reader);
}

// Reads all of it; the first failure.
static audyn_status_t
read_through(const char *name, audyn_error_t *error)
{
    audyn_audio_reader_t *reader;
    audyn_status_t status = audyn_audio_reader_open(&reader, in_folder(name), error);
    size_t done = 1;
    while (!status && done) {
        float samples[512 * CHANNELS];
        status = audyn_audio_reader_read(reader, samples, 512, &done, error);
    }
    audyn_audio_reader_close(reader);
    return status;
}

static void
one_flipped_bit_of_flac_is_found_wherever_it_is(void **state)
{
    (void)state;
    write_noise(in_folder("whole.flac"), SF_FORMAT_FLAC | SF_FORMAT_PCM_16, RATE,
                CHANNELS, FRAMES);
    const uint64_t size = size_of_file(in_folder("whole.flac"));
    uint8_t *bytes = read_bytes(in_folder("whole.flac"), 0, size);
    assert_int_equal(read_through("whole.flac", NULL), AUDYN_OK);
    uint64_t random = 5;
    for (int i = 0; i < 60; ++i) {
        // Behind what comes before the frames.
        const uint64_t at =
            size / 10 + random_below(&random, (uint32_t)(size - size / 10));
        const uint8_t bit = (uint8_t)(1U << random_below(&random, 8));
        bytes[at] ^= bit;
        write_bytes(in_folder("flipped.flac"), bytes, size);
        audyn_error_t error = {.text = ""};
        assert_int_equal(read_through("flipped.flac", &error), AUDYN_BAD_DATA);
        assert_non_null(strstr(error.text, "flipped.flac"));
        assert_non_null(strstr(error.text, "sample frame"));
        bytes[at] ^= bit;
    }
    free(bytes);
}

static void
a_file_that_is_cut_off_is_found(void **state)
{
    (void)state;
    write_noise(in_folder("whole.flac"), SF_FORMAT_FLAC | SF_FORMAT_PCM_16, RATE,
                CHANNELS, FRAMES);
    const uint64_t size = size_of_file(in_folder("whole.flac"));
    assert_int_equal(truncate(in_folder("whole.flac"), (off_t)size / 2), 0);
    assert_int_equal(read_through("whole.flac", NULL), AUDYN_BAD_DATA);
}

static void
what_is_no_audio_is_refused_by_name(void **state)
{
    (void)state;
    write_bytes(in_folder("text.wav"), "not audio at all", 16);
    write_bytes(in_folder("empty.flac"), "", 0);
    assert_int_equal(mkfifo(in_folder("pipe.wav"), 0600), 0);
    static const struct {
        const char *name;
        audyn_status_t status;
    } files[] = {
        {"text.wav", AUDYN_BAD_DATA},      {"empty.flac", AUDYN_BAD_DATA},
        {"pipe.wav", AUDYN_NOT_SUPPORTED}, {"", AUDYN_NOT_SUPPORTED},
        {"missing.wav", AUDYN_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; ++i) {
        audyn_audio_reader_t *reader = (audyn_audio_reader_t *)folder;
        audyn_error_t error = {.text = ""};
        assert_int_equal(
            audyn_audio_reader_open(&reader, in_folder(files[i].name), &error),
            files[i].status);
        assert_null(reader);
        assert_non_null(strstr(error.text, files[i].name));
    }
    audyn_audio_reader_close(NULL);
}

static void
a_failing_allocation_is_told(void **state)
{
    (void)state;
    write_noise(in_folder("a.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_16, RATE, 1, 10);
    audyn_audio_reader_t *reader = (audyn_audio_reader_t *)folder;
    failing_allocations_after(0);
    assert_int_equal(audyn_audio_reader_open(&reader, in_folder("a.wav"), NULL),
                     AUDYN_NO_MEMORY);
    assert_true(failing_allocations_happened());
    assert_null(reader);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sample_of_every_exact_format_is_read_wherever_it_is),
        cmocka_unit_test(a_float_is_read_as_it_is),
        cmocka_unit_test(the_last_read_gives_what_is_left_and_then_nothing),
        cmocka_unit_test(opus_is_lossy_and_sought_to_the_sample),
        cmocka_unit_test(one_flipped_bit_of_flac_is_found_wherever_it_is),
        cmocka_unit_test(a_file_that_is_cut_off_is_found),
        cmocka_unit_test(what_is_no_audio_is_refused_by_name),
        cmocka_unit_test(a_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
