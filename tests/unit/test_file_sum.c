// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/file_sum.h"
#include "counted_reads.h"
#include "random.h"
#include "wav_files.h"

#define AT_ONCE 1000000
#define CHANNELS 1 // of three bytes: most lengths are odd
#define FRAMES 150001

static audyn_sink_t *
open_new(const char *path, audyn_encoding_t encoding)
{
    audyn_sink_config_t config = a_config(encoding, CHANNELS);
    config.codec = AUDYN_CODEC_DEFAULT;
    audyn_sink_t *sink;
    unlink(path);
    assert_int_equal(audyn_sink_open(&sink, path, &config, NULL), AUDYN_OK);
    return sink;
}

static void
begin(audyn_sink_t *sink, uint64_t expected)
{
    audyn_sink_start_t start = start_of_file;
    start.sample_frames = expected;
    assert_int_equal(audyn_sink_begin(sink, &start), AUDYN_OK);
}

// Pieces of any size, some of them silent, with syncs in between; one of the silences is
// longer than any buffer.
static void
write_noise(audyn_sink_t *sink, uint64_t seed, uint64_t frames)
{
    float samples[4000 * CHANNELS];
    audyn_sink_write_silence(sink, frames / 2);
    for (uint64_t left = frames - frames / 2; left;) {
        const uint32_t most = left < 4000 ? (uint32_t)left : 4000;
        const uint32_t count = 1 + random_below(&seed, most);
        for (uint32_t i = 0; i < count * CHANNELS; ++i) {
            samples[i] = (float)random_below(&seed, 1 << 23) / (1 << 23);
        }
        const uint32_t what = random_below(&seed, 8);
        assert_int_equal(what ? audyn_sink_write(sink, samples, count)
                              : audyn_sink_write_silence(sink, count),
                         AUDYN_OK);
        if (what == 1) {
            assert_int_equal(flush_and_sync(sink), AUDYN_OK);
        }
        left -= count;
    }
}

static void
assert_sum_of_file(audyn_file_sum_t *sum, const char *path)
{
    audyn_checksum_t *read;
    bool done = false;
    char expected[AUDYN_SHA256_TEXT];
    char sha256[AUDYN_SHA256_TEXT];
    assert_int_equal(audyn_checksum_create(&read), AUDYN_OK);
    while (!done) {
        assert_int_equal(audyn_checksum_read_file(read, path, AT_ONCE, &done), AUDYN_OK);
    }
    assert_true(audyn_checksum_end(read, expected));
    assert_true(audyn_checksum_bytes(sum->checksum) == audyn_checksum_bytes(read));
    assert_true(audyn_checksum_end(sum->checksum, sha256));
    assert_string_equal(sha256, expected);
    audyn_checksum_destroy(read);
}

// Returns how much of it was read again.
static uint64_t
sum_up(audyn_file_sum_t *sum, const char *path, bool trusted)
{
    bytes_read = 0;
    for (bool done = false; !done;) {
        assert_int_equal(audyn_file_sum_complete(sum, path, trusted, AT_ONCE, &done),
                         AUDYN_OK);
    }
    const uint64_t result = bytes_read;
    assert_sum_of_file(sum, path);
    audyn_file_sum_finish(sum);
    return result;
}

static void
write_file(const char *path, audyn_encoding_t encoding, uint64_t expected,
           audyn_file_sum_t *sum)
{
    audyn_sink_t *sink = open_new(path, encoding);
    audyn_file_sum_observe(sum, sink);
    begin(sink, expected);
    write_noise(sink, expected + 1, FRAMES);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
}

// Returns how much of it was read again.
static uint64_t
write_and_sum_up(const char *name, audyn_encoding_t encoding, uint64_t expected)
{
    audyn_file_sum_t sum = {0};
    write_file(in_folder(name), encoding, expected, &sum);
    return sum_up(&sum, in_folder(name), true);
}

static void
a_wav_file_as_long_as_was_expected_is_not_read_again(void **state)
{
    (void)state;
    static const audyn_encoding_t encodings[] = {AUDYN_PCM16, AUDYN_PCM24, AUDYN_FLOAT32};
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; ++i) {
        assert_int_equal(write_and_sum_up("whole.wav", encodings[i], FRAMES), 0);
    }
}

static void
a_wav_file_that_became_another_length_is_read_again(void **state)
{
    (void)state;
    static const uint64_t expected[] = {0, FRAMES - 1, FRAMES + 1, 2 * FRAMES};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; ++i) {
        const uint64_t read = write_and_sum_up("other.wav", AUDYN_PCM24, expected[i]);
        assert_true(read == size_of_file(in_folder("other.wav")));
    }
}

static void
an_opus_file_is_not_read_again(void **state)
{
    (void)state;
    assert_int_equal(write_and_sum_up("whole.opus", AUDYN_FLOAT32, FRAMES), 0);
    assert_int_equal(write_and_sum_up("other.opus", AUDYN_FLOAT32, 2 * FRAMES), 0);
}

static void
a_flac_file_is_read_again_once(void **state)
{
    (void)state;
    const uint64_t read = write_and_sum_up("whole.flac", AUDYN_PCM24, FRAMES);
    assert_true(read == size_of_file(in_folder("whole.flac")));
}

static void
a_file_that_failed_is_read_again(void **state)
{
    (void)state;
    audyn_file_sum_t sum = {0};
    write_file(in_folder("failed.opus"), AUDYN_FLOAT32, 0, &sum);
    const uint64_t size = size_of_file(in_folder("failed.opus"));
    assert_true(sum_up(&sum, in_folder("failed.opus"), false) == size);
}

// Something else has cut it meanwhile.
static void
a_file_of_another_length_than_was_told_is_read_again(void **state)
{
    (void)state;
    audyn_file_sum_t sum = {0};
    write_file(in_folder("cut.opus"), AUDYN_FLOAT32, 0, &sum);
    assert_int_equal(truncate(in_folder("cut.opus"), 1000), 0);
    assert_int_equal(sum_up(&sum, in_folder("cut.opus"), true), 1000);
}

static struct {
    uint8_t header[4096];
    uint64_t bytes;
    bool taken_back;
} told;

static void
note(void *context, uint64_t offset, const void *bytes, uint64_t size)
{
    (void)context;
    if (!offset && !told.bytes) {
        assert_int_equal(size, sizeof told.header);
        memcpy(told.header, bytes, sizeof told.header);
    }
    told.taken_back |= offset != told.bytes;
    told.bytes += size;
}

static void
the_header_of_more_than_4_gib_is_known_before_the_first_sample(void **state)
{
    (void)state;
    const char *path = in_folder("large.wav");
    const uint64_t frames = (UINT64_C(5) << 30) / (CHANNELS * sizeof(float));
    audyn_sink_t *sink = open_new(path, AUDYN_FLOAT32);
    audyn_sink_observe(sink, &(audyn_sink_observer_t){note, NULL});
    begin(sink, frames);
    assert_int_equal(audyn_sink_write_silence(sink, frames), AUDYN_OK);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    assert_false(told.taken_back);
    assert_true(told.bytes == size_of_file(path));
    uint8_t *header = read_bytes(path, 0, sizeof told.header);
    assert_memory_equal(header, "RF64", 4);
    assert_memory_equal(header, told.header, sizeof told.header);
    free(header);
    unlink(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wav_file_as_long_as_was_expected_is_not_read_again),
        cmocka_unit_test(a_wav_file_that_became_another_length_is_read_again),
        cmocka_unit_test(an_opus_file_is_not_read_again),
        cmocka_unit_test(a_flac_file_is_read_again_once),
        cmocka_unit_test(a_file_that_failed_is_read_again),
        cmocka_unit_test(a_file_of_another_length_than_was_told_is_read_again),
        cmocka_unit_test(the_header_of_more_than_4_gib_is_known_before_the_first_sample),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
