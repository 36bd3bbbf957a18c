// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// WAV files about and beyond 4 GiB.  Silence is a hole, so that they take no room.

#include "wav_files.h"

#include "sink/wav_reader.h"

#include <sndfile.h>

#define GIB (UINT64_C(1) << 30)

// The most bytes of samples that a RIFF file holds behind our header: its own size, which
// leaves out 8 bytes, may not be 0xFFFFFFFF and is even.
#define MOST_RIFF_DATA_BYTES (UINT64_C(0xFFFFFFFE) + 8 - 4096)

static void
write_signal(audyn_sink_t *sink, uint32_t channels, uint64_t first,
             uint32_t sample_frames)
{
    float *samples = malloc(sample_frames * channels * sizeof *samples);
    assert_non_null(samples);
    for (uint64_t i = 0; i < sample_frames * channels; ++i) {
        samples[i] = signal_at(first * channels + i);
    }
    assert_int_equal(audyn_sink_write(sink, samples, sample_frames), AUDYN_OK);
    free(samples);
}

// libsndfile counts `sample_frames`, and from `first` on it reads the signal.
static void
check_with_libsndfile(const char *path, uint64_t sample_frames, uint64_t first,
                      uint32_t count)
{
    SF_INFO info = {.format = 0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    if (!file) {
        fail_msg("libsndfile: %s", sf_strerror(NULL));
    }
    assert_int_equal(info.frames, sample_frames);
    const size_t values = count * (size_t)info.channels;
    float *samples = malloc(values * sizeof *samples);
    assert_non_null(samples);
    assert_int_equal(sf_seek(file, (sf_count_t)first, SEEK_SET), first);
    assert_int_equal(sf_readf_float(file, samples, count), count);
    for (size_t i = 0; i < values; ++i) {
        assert_true(samples[i] == signal_at(first * (uint64_t)info.channels + i));
    }
    free(samples);
    sf_close(file);
}

static void
check_info(const char *path, const char *container, uint64_t sample_frames)
{
    audyn_wav_info_t info;
    assert_int_equal(audyn_wav_read_info(path, &info, NULL), AUDYN_OK);
    assert_string_equal(info.container, container);
    assert_int_equal(info.sample_frames, sample_frames);
    assert_int_equal(info.present_frames, sample_frames);
    assert_int_equal(info.position, START_POSITION);
    assert_true(info.has_recording);
}

static void
samples_beyond_4_gib_are_found_in_every_format(void **state)
{
    (void)state;
    const struct {
        audyn_encoding_t encoding;
        uint32_t channels;
    } cases[] = {
        {AUDYN_PCM16, 1}, {AUDYN_PCM24, 2}, {AUDYN_PCM24, 64}, {AUDYN_FLOAT32, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        const char *path = in_folder("large.wav");
        const audyn_sink_config_t config = a_config(cases[i].encoding, cases[i].channels);
        const uint32_t frame_bytes =
            cases[i].channels * audyn_encoding_bytes(cases[i].encoding);
        const uint64_t first = 5 * GIB / frame_bytes;
        audyn_sink_t *sink = begin_file(path, &config);
        write_signal(sink, cases[i].channels, 0, 1000);
        assert_int_equal(flush_and_sync(sink), AUDYN_OK);
        assert_int_equal(audyn_sink_write_silence(sink, first - 1000), AUDYN_OK);
        write_signal(sink, cases[i].channels, first, 5001);
        assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
        check_info(path, "RF64", first + 5001);
        check_with_libsndfile(path, first + 5001, 0, 1000);
        check_with_libsndfile(path, first + 5001, first, 5001);
    }
}

static void
a_file_becomes_rf64_with_the_first_byte_that_riff_cannot_count(void **state)
{
    (void)state;
    const char *path = in_folder("boundary.wav");
    const audyn_sink_config_t config = a_config(AUDYN_PCM16, 1);
    const uint64_t most = MOST_RIFF_DATA_BYTES / 2;
    audyn_sink_t *sink = begin_file(path, &config);
    assert_int_equal(audyn_sink_write_silence(sink, most - 100), AUDYN_OK);
    write_signal(sink, 1, most - 100, 99);
    assert_int_equal(flush_and_sync(sink), AUDYN_OK);
    check_info(path, "RIFF", most - 1);
    write_signal(sink, 1, most - 1, 1);
    assert_int_equal(flush_and_sync(sink), AUDYN_OK);
    check_info(path, "RIFF", most);
    check_with_libsndfile(path, most, most - 100, 100);
    uint8_t *header = read_bytes(path, 0, 4096);
    assert_memory_equal(header, "RIFF\xFE\xFF\xFF\xFFWAVEJUNK\x1C\0\0\0", 20);
    free(header);

    write_signal(sink, 1, most, 1);
    assert_int_equal(flush_and_sync(sink), AUDYN_OK);
    check_info(path, "RF64", most + 1);
    check_with_libsndfile(path, most + 1, most - 100, 101);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    check_info(path, "RF64", most + 1);
    check_with_libsndfile(path, most + 1, most - 100, 101);
}

static void
the_header_of_rf64_has_all_its_sizes_in_ds64(void **state)
{
    (void)state;
    const char *path = in_folder("sizes.wav");
    const audyn_sink_config_t config = a_config(AUDYN_FLOAT32, 2);
    // 5 GiB and one sample frame.
    const uint64_t frames = 5 * GIB / 8 + 1;
    audyn_sink_t *sink = begin_file(path, &config);
    assert_int_equal(audyn_sink_write_silence(sink, frames), AUDYN_OK);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    assert_int_equal(size_of_file(path), 4096 + frames * 8);
    uint8_t *header = read_bytes(path, 0, 4096);
    static const char start[] = "RF64\xFF\xFF\xFF\xFFWAVE"
                                "ds64\x1C\0\0\0"
                                "\x00\x10\0\x40\x01\0\0\0" // 5 GiB + 8 + 4088
                                "\x08\x00\0\x40\x01\0\0\0" // 5 GiB + 8
                                "\x01\x00\0\x28\0\0\0\0"   // 5 GiB / 8 + 1
                                "\0\0\0\0"
                                "bext";
    assert_memory_equal(header, start, sizeof start - 1);
    const uint8_t *fact = memmem(header, 4096, "fact", 4);
    assert_non_null(fact);
    assert_memory_equal(fact,
                        "fact\x04\0\0\0\xFF\xFF\xFF\xFF"
                        "audn",
                        16);
    assert_memory_equal(header + 4088, "data\xFF\xFF\xFF\xFF", 8);
    free(header);
}

static void
an_odd_size_about_the_limit_counts_its_pad_byte(void **state)
{
    (void)state;
    const char *path = in_folder("odd.wav");
    const audyn_sink_config_t config = a_config(AUDYN_PCM24, 1);
    // That many fit to the byte; one less leaves an odd size and its pad byte.
    const uint64_t most = MOST_RIFF_DATA_BYTES / 3;
    assert_int_equal(MOST_RIFF_DATA_BYTES % 6, 0);
    for (uint64_t frames = most - 1; frames <= most + 1; ++frames) {
        audyn_sink_t *sink = begin_file(path, &config);
        assert_int_equal(audyn_sink_write_silence(sink, frames - 10), AUDYN_OK);
        write_signal(sink, 1, frames - 10, 10);
        assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
        assert_int_equal(size_of_file(path), 4096 + frames * 3 + frames % 2);
        check_info(path, frames <= most ? "RIFF" : "RF64", frames);
        check_with_libsndfile(path, frames, frames - 10, 10);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_beyond_4_gib_are_found_in_every_format),
        cmocka_unit_test(a_file_becomes_rf64_with_the_first_byte_that_riff_cannot_count),
        cmocka_unit_test(the_header_of_rf64_has_all_its_sizes_in_ds64),
        cmocka_unit_test(an_odd_size_about_the_limit_counts_its_pad_byte),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
