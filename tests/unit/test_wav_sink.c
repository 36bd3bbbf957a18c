// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "wav_files.h"

#include "sink/little_endian.h"

#include <math.h>
#include <sndfile.h>

#define DATA_OFFSET 4096

static SNDFILE *
open_with_libsndfile(const char *path, SF_INFO *info)
{
    *info = (SF_INFO){.format = 0};
    SNDFILE *file = sf_open(path, SFM_READ, info);
    if (!file) {
        fail_msg("libsndfile: %s", sf_strerror(NULL));
    }
    return file;
}

// Each integer of `bits` in turn, mono, goes into the file and comes back the same.
static void
check_every_integer(audyn_encoding_t encoding, unsigned bits)
{
    enum { BLOCK = 4096 };
    const int32_t least = -(1 << (bits - 1));
    const char *path = in_folder("every.wav");
    const audyn_sink_config_t config = a_config(encoding, 1);
    audyn_sink_t *sink = begin_file(path, &config);
    float samples[BLOCK];
    for (int32_t first = least; first < -least; first += BLOCK) {
        for (int i = 0; i < BLOCK; ++i) {
            samples[i] = (float)(first + i) / (float)-least;
        }
        assert_int_equal(audyn_sink_write(sink, samples, BLOCK), AUDYN_OK);
    }
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);

    SF_INFO info;
    SNDFILE *file = open_with_libsndfile(path, &info);
    assert_int_equal(info.frames, -2 * (int64_t)least);
    int read[BLOCK];
    for (int32_t first = least; first < -least; first += BLOCK) {
        assert_int_equal(sf_readf_int(file, read, BLOCK), BLOCK);
        for (int i = 0; i < BLOCK; ++i) {
            assert_int_equal(read[i] >> (32 - bits), first + i);
        }
    }
    sf_close(file);
}

static void
every_16_bit_sample_comes_back_from_the_file(void **state)
{
    (void)state;
    check_every_integer(AUDYN_PCM16, 16);
}

static void
every_24_bit_sample_comes_back_from_the_file(void **state)
{
    (void)state;
    check_every_integer(AUDYN_PCM24, 24);
}

static void
float_samples_keep_every_bit(void **state)
{
    (void)state;
    const float samples[] = {0.0F,   -0.0F,    1.5F, -300.0F,
                             1e-42F, INFINITY, NAN,  0x1.fffffep-1F};
    const char *path = in_folder("float.wav");
    const audyn_sink_config_t config = a_config(AUDYN_FLOAT32, 2);
    audyn_sink_t *sink = begin_file(path, &config);
    assert_int_equal(audyn_sink_write(sink, samples, 4), AUDYN_OK);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    uint8_t *bytes = read_bytes(path, DATA_OFFSET, sizeof samples);
    assert_memory_equal(bytes, samples, sizeof samples);
    free(bytes);
    SF_INFO info;
    sf_close(open_with_libsndfile(path, &info));
    assert_int_equal(info.format, SF_FORMAT_WAV | SF_FORMAT_FLOAT);
    assert_int_equal(info.frames, 4);
}

// A mixture has 40 stretches, every fourth of which is silence.
static uint32_t
length_of_stretch(unsigned i)
{
    static const uint32_t lengths[] = {1, 48, 1000, 7, 90000, 3, 300000, 2, 65536, 11};
    return lengths[(i * 7) % 10];
}

// With a sync now and then.
static uint64_t
write_mixture(audyn_sink_t *sink, uint32_t channels)
{
    float *samples = malloc(300000 * channels * sizeof *samples);
    assert_non_null(samples);
    uint64_t frame = 0;
    for (unsigned i = 0; i < 40; ++i) {
        const uint32_t length = length_of_stretch(i);
        for (uint64_t s = 0; s < length * channels; ++s) {
            samples[s] = signal_at(frame * channels + s);
        }
        assert_int_equal(i % 4 == 3 ? audyn_sink_write_silence(sink, length)
                                    : audyn_sink_write(sink, samples, length),
                         AUDYN_OK);
        frame += length;
        assert_int_equal(audyn_sink_sample_frames(sink), frame);
        if (i % 5 == 0) {
            assert_int_equal(flush_and_sync(sink), AUDYN_OK);
        }
    }
    free(samples);
    return frame;
}

static void
check_mixture(const char *path, uint32_t channels)
{
    SF_INFO info;
    SNDFILE *file = open_with_libsndfile(path, &info);
    assert_int_equal(info.channels, channels);
    float *samples = malloc(300000 * channels * sizeof *samples);
    assert_non_null(samples);
    uint64_t frame = 0;
    for (unsigned i = 0; i < 40; ++i) {
        const uint32_t length = length_of_stretch(i);
        assert_int_equal(sf_readf_float(file, samples, length), length);
        for (uint64_t s = 0; s < length * channels; ++s) {
            const float expected = i % 4 == 3 ? 0.0F : signal_at(frame * channels + s);
            if (samples[s] != expected) {
                fail_msg("stretch %u, sample %u is wrong", i, (unsigned)s);
            }
        }
        frame += length;
    }
    assert_int_equal(info.frames, frame);
    free(samples);
    sf_close(file);
}

static void
samples_and_silence_of_any_length_come_back_in_every_format(void **state)
{
    (void)state;
    static const uint32_t channel_counts[] = {1, 2, 3, 8};
    for (int encoding = AUDYN_PCM16; encoding <= AUDYN_FLOAT32; ++encoding) {
        for (size_t i = 0; i < sizeof channel_counts / sizeof *channel_counts; ++i) {
            const char *path = in_folder("mixture.wav");
            const audyn_sink_config_t config =
                a_config((audyn_encoding_t)encoding, channel_counts[i]);
            audyn_sink_t *sink = begin_file(path, &config);
            const uint64_t frames = write_mixture(sink, channel_counts[i]);
            assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
            check_mixture(path, channel_counts[i]);
            const uint64_t data_bytes =
                frames * channel_counts[i] * audyn_encoding_bytes(config.encoding);
            assert_int_equal(size_of_file(path),
                             DATA_OFFSET + data_bytes + data_bytes % 2);
        }
    }
}

// Stretches of a mixture, copied from its file instead of written.
static void
copy_mixture(audyn_sink_t *sink, const char *path, uint32_t frame_bytes)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    uint64_t frame = 0;
    for (unsigned i = 0; i < 40; ++i) {
        const uint32_t length = length_of_stretch(i);
        const uint64_t at = DATA_OFFSET + frame * frame_bytes;
        assert_int_equal(i % 4 == 3 ? audyn_sink_write_silence(sink, length)
                                    : audyn_sink_copy(sink, fd, at, length),
                         AUDYN_OK);
        frame += length;
        assert_int_equal(audyn_sink_sample_frames(sink), frame);
        if (i % 5 == 0) {
            assert_int_equal(flush_and_sync(sink), AUDYN_OK);
        }
    }
    assert_int_equal(audyn_sink_copy(sink, fd, size_of_file(path) - 1, 1),
                     AUDYN_BAD_DATA);
    close(fd);
}

static void
samples_that_are_copied_come_out_as_if_they_were_written(void **state)
{
    (void)state;
    char from[PATH_MAX];
    snprintf(from, sizeof from, "%s", in_folder("from.wav"));
    for (uint32_t channels = 1; channels <= 3; channels += 2) {
        const audyn_sink_config_t config = a_config(AUDYN_PCM24, channels);
        audyn_sink_t *sink = begin_file(from, &config);
        write_mixture(sink, channels);
        assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
        const char *path = in_folder("copy.wav");
        sink = begin_file(path, &config);
        assert_true(audyn_sink_can_copy(sink));
        copy_mixture(sink, from, channels * 3);
        assert_int_equal(audyn_sink_close(sink), AUDYN_BAD_DATA); // the last one
        const uint64_t size = size_of_file(from);
        assert_int_equal(size_of_file(path), size);
        uint8_t *expected = read_bytes(from, DATA_OFFSET, size - DATA_OFFSET);
        uint8_t *copied = read_bytes(path, DATA_OFFSET, size - DATA_OFFSET);
        assert_memory_equal(copied, expected, size - DATA_OFFSET);
        free(expected);
        free(copied);
        check_mixture(path, channels);
    }
}

static void
hours_of_silence_take_no_room_on_the_disk(void **state)
{
    (void)state;
    const char *path = in_folder("silence.wav");
    const audyn_sink_config_t config = a_config(AUDYN_PCM24, 2);
    audyn_sink_t *sink = begin_file(path, &config);
    assert_int_equal(audyn_sink_write_silence(sink, UINT64_C(3600) * 48000), AUDYN_OK);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, DATA_OFFSET + INT64_C(3600) * 48000 * 6);
    assert_true(status.st_blocks * 512 < 1024 * 1024);
}

static void
an_odd_number_of_bytes_is_padded_at_every_sync(void **state)
{
    (void)state;
    const char *path = in_folder("odd.wav");
    const audyn_sink_config_t config = a_config(AUDYN_PCM24, 1);
    audyn_sink_t *sink = begin_file(path, &config);
    const float sample = -1.0F;
    for (uint64_t frames = 1; frames <= 4; ++frames) {
        assert_int_equal(audyn_sink_write(sink, &sample, 1), AUDYN_OK);
        assert_int_equal(flush_and_sync(sink), AUDYN_OK);
        const uint64_t size = DATA_OFFSET + 3 * frames + frames % 2;
        assert_int_equal(size_of_file(path), size);
        uint8_t *riff_size = read_bytes(path, 4, 4);
        assert_int_equal(get_u32(riff_size), size - 8);
        free(riff_size);
    }
    assert_int_equal(audyn_sink_write_silence(sink, 1), AUDYN_OK);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    uint8_t *bytes = read_bytes(path, DATA_OFFSET, 16);
    assert_memory_equal(bytes, "\0\0\x80\0\0\x80\0\0\x80\0\0\x80\0\0\0\0", 16);
    free(bytes);
}

// "name:size " of each chunk behind RIFF and WAVE.
static void
list_chunks(const char *path, char *list, size_t capacity)
{
    uint8_t *bytes = read_bytes(path, 0, DATA_OFFSET);
    *list = '\0';
    for (size_t at = 12; at < DATA_OFFSET;) {
        uint32_t size;
        memcpy(&size, bytes + at + 4, 4);
        const size_t length = strlen(list);
        snprintf(list + length, capacity - length, "%.4s:%u ", (char *)bytes + at, size);
        at += 8 + size + (size & 1);
    }
    free(bytes);
}

static void
the_chunks_are_those_of_the_format(void **state)
{
    (void)state;
    // The coding history is as long as the source's name makes it.
    const struct {
        audyn_encoding_t encoding;
        uint32_t channels;
        const char *chunks;
    } cases[] = {
        {AUDYN_PCM16, 1, "JUNK:28 bext:664 fmt :16 audn:36 JUNK:3292 data:4 "},
        {AUDYN_PCM24, 2, "JUNK:28 bext:666 fmt :16 audn:36 JUNK:3290 data:12 "},
        {AUDYN_PCM24, 3, "JUNK:28 bext:672 fmt :40 audn:36 JUNK:3260 data:18 "},
        {AUDYN_FLOAT32, 2, "JUNK:28 bext:674 fmt :18 fact:4 audn:36 JUNK:3268 data:16 "},
        {AUDYN_FLOAT32, 64,
         "JUNK:28 bext:680 fmt :40 fact:4 audn:36 JUNK:3240 data:512 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        const char *path = in_folder("chunks.wav");
        const audyn_sink_config_t config = a_config(cases[i].encoding, cases[i].channels);
        audyn_sink_t *sink = begin_file(path, &config);
        assert_int_equal(audyn_sink_write_silence(sink, 2), AUDYN_OK);
        assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
        char chunks[200];
        list_chunks(path, chunks, sizeof chunks);
        assert_string_equal(chunks, cases[i].chunks);
    }
}

static void
dither_depends_on_the_position_alone(void **state)
{
    (void)state;
    enum { FRAMES = 5000, CHANNELS = 2, LATER = 1234 };
    float *samples = malloc(FRAMES * CHANNELS * sizeof *samples);
    assert_non_null(samples);
    for (int i = 0; i < FRAMES * CHANNELS; ++i) {
        samples[i] = signal_at((uint64_t)i) * 0.3F;
    }
    audyn_sink_config_t config = a_config(AUDYN_PCM16, CHANNELS);
    config.dither = true;
    audyn_sink_t *whole = begin_file(in_folder("whole.wav"), &config);
    audyn_sink_t *part;
    assert_int_equal(audyn_sink_open(&part, in_folder("part.wav"), &config, NULL),
                     AUDYN_OK);
    const audyn_sink_start_t later = {.position = START_POSITION + LATER,
                                      .tai_offset_s = TAI_OFFSET_S};
    assert_int_equal(audyn_sink_begin(part, &later), AUDYN_OK);
    assert_int_equal(audyn_sink_write(whole, samples, FRAMES), AUDYN_OK);
    for (int frame = LATER; frame < FRAMES; ++frame) {
        assert_int_equal(audyn_sink_write(part, samples + frame * CHANNELS, 1), AUDYN_OK);
        if (frame % 1000 == 0) {
            assert_int_equal(flush_and_sync(part), AUDYN_OK);
        }
    }
    assert_int_equal(audyn_sink_close(whole), AUDYN_OK);
    assert_int_equal(audyn_sink_close(part), AUDYN_OK);

    const size_t size = (size_t)(FRAMES - LATER) * CHANNELS * 2;
    uint8_t expected[FRAMES * CHANNELS * 2];
    audyn_pcm_encode_dithered(expected, samples, (size_t)FRAMES * CHANNELS, 16,
                              START_POSITION * CHANNELS);
    uint8_t *of_whole = read_bytes(in_folder("whole.wav"), DATA_OFFSET, sizeof expected);
    uint8_t *of_part = read_bytes(in_folder("part.wav"), DATA_OFFSET, size);
    assert_memory_equal(of_whole, expected, sizeof expected);
    assert_memory_equal(of_part, expected + LATER * CHANNELS * 2, size);
    free(of_whole);
    free(of_part);
    free(samples);
}

static void
two_recorders_of_one_stream_write_the_same_file(void **state)
{
    (void)state;
    const audyn_sink_config_t config = a_config(AUDYN_PCM24, 2);
    const float samples[4] = {0.1F, 0.2F, 0.3F, 0.4F};
    audyn_sink_t *one = begin_file(in_folder("one.wav"), &config);
    audyn_sink_t *two = begin_file(in_folder("two.wav"), &config);
    assert_int_equal(audyn_sink_write(one, samples, 2), AUDYN_OK);
    assert_int_equal(audyn_sink_write(two, samples, 1), AUDYN_OK);
    assert_int_equal(flush_and_sync(two), AUDYN_OK);
    assert_int_equal(audyn_sink_write(two, samples + 2, 1), AUDYN_OK);
    assert_int_equal(audyn_sink_close(one), AUDYN_OK);
    assert_int_equal(audyn_sink_close(two), AUDYN_OK);
    const size_t size = DATA_OFFSET + 12;
    assert_int_equal(size_of_file(in_folder("one.wav")), size);
    uint8_t *of_one = read_bytes(in_folder("one.wav"), 0, size);
    uint8_t *of_two = read_bytes(in_folder("two.wav"), 0, size);
    assert_memory_equal(of_one, of_two, size);
    free(of_one);
    free(of_two);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_16_bit_sample_comes_back_from_the_file),
        cmocka_unit_test(every_24_bit_sample_comes_back_from_the_file),
        cmocka_unit_test(float_samples_keep_every_bit),
        cmocka_unit_test(samples_and_silence_of_any_length_come_back_in_every_format),
        cmocka_unit_test(samples_that_are_copied_come_out_as_if_they_were_written),
        cmocka_unit_test(hours_of_silence_take_no_room_on_the_disk),
        cmocka_unit_test(an_odd_number_of_bytes_is_padded_at_every_sync),
        cmocka_unit_test(the_chunks_are_those_of_the_format),
        cmocka_unit_test(dither_depends_on_the_position_alone),
        cmocka_unit_test(two_recorders_of_one_stream_write_the_same_file),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
