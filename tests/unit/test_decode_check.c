// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "wav_files.h"

#include "archive/verify/decode_check.h"
#include "failing_allocations.h"
#include "random.h"

#define FRAMES 48000U
#define CHANNELS 2U
#define SAMPLES (FRAMES * CHANNELS)

static const char *const formats[] = {"wav", "flac", "opus"};
#define FORMATS (sizeof formats / sizeof *formats)

static uint64_t seed = 815;

// A tone with a little noise, of exact 16-bit values.
static float *
make_samples(uint32_t count)
{
    float *samples = malloc(count * sizeof *samples);
    assert_non_null(samples);
    for (uint32_t i = 0; i < count; ++i) {
        const int value = (int)(i * 131 % 8191) + (int)random_below(&seed, 256) - 4096;
        samples[i] = (float)value / 32768.0F;
    }
    return samples;
}

static const char *
path_of(const char *format)
{
    char name[32];
    snprintf(name, sizeof name, "file.%s", format);
    return in_folder(name);
}

// Returns the sum of the samples as the file should have them.
static const char *
write_file(const char *format, audyn_encoding_t encoding, uint32_t channels)
{
    static char sha256[AUDYN_SHA256_TEXT];
    const char *path = path_of(format);
    audyn_sink_config_t config = a_config(encoding, channels);
    config.codec = AUDYN_CODEC_DEFAULT;
    float *samples = make_samples(FRAMES * channels);
    audyn_sink_t *sink = begin_file(path, &config);
    assert_int_equal(audyn_sink_write(sink, samples, FRAMES), AUDYN_OK);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    audyn_checksum_t *checksum;
    assert_int_equal(audyn_checksum_create(&checksum), AUDYN_OK);
    audyn_checksum_add_samples(checksum, encoding, samples, (uint64_t)FRAMES * channels);
    assert_true(audyn_checksum_end(checksum, sha256));
    audyn_checksum_destroy(checksum);
    free(samples);
    return sha256;
}

static audyn_status_t
check(const char *format, audyn_decoded_t *decoded, audyn_file_sums_t *sums)
{
    const audyn_file_pass_config_t config = {.path = path_of(format),
                                             .wants_blocks = true};
    audyn_file_pass_t *pass;
    audyn_status_t status = audyn_file_pass_open(&pass, &config);
    if (status) {
        return status;
    }
    status = audyn_decode_check(pass, format, decoded);
    const audyn_status_t ended = audyn_file_pass_end(pass, sums);
    audyn_file_pass_close(pass);
    return status ? status : ended;
}

static audyn_decoded_t
decoded_of(const char *format)
{
    audyn_decoded_t decoded;
    audyn_file_sums_t sums;
    assert_int_equal(check(format, &decoded, &sums), AUDYN_OK);
    free(sums.crc32);
    return decoded;
}

static void
a_whole_file_of_each_format_decodes_to_its_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMATS; ++i) {
        for (uint32_t channels = 1; channels <= 6; channels += channels > 1 ? 2 : 1) {
            const bool wav = !strcmp(formats[i], "wav");
            const bool opus = !strcmp(formats[i], "opus");
            for (int encoding = AUDYN_PCM16;
                 encoding <= (int)(wav ? AUDYN_FLOAT32 : AUDYN_PCM24); ++encoding) {
                const char *sha256 =
                    write_file(formats[i], (audyn_encoding_t)encoding, channels);
                const audyn_decoded_t decoded = decoded_of(formats[i]);
                assert_string_equal(decoded.fault, "");
                assert_false(decoded.unfinished);
                assert_int_equal(decoded.sample_rate, 48000);
                assert_int_equal(decoded.channels, channels);
                assert_int_equal(decoded.sample_frames, FRAMES);
                assert_string_equal(decoded.samples_sha256, opus ? "" : sha256);
            }
        }
    }
}

static void
the_sums_of_one_pass_are_those_of_the_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMATS; ++i) {
        write_file(formats[i], AUDYN_PCM24, CHANNELS);
        audyn_decoded_t decoded;
        audyn_file_sums_t sums;
        assert_int_equal(check(formats[i], &decoded, &sums), AUDYN_OK);
        const char *path = path_of(formats[i]);
        assert_int_equal(sums.bytes, size_of_file(path));
        audyn_checksum_t *checksum;
        char sha256[AUDYN_SHA256_TEXT];
        bool done;
        assert_int_equal(audyn_checksum_create(&checksum), AUDYN_OK);
        audyn_checksum_want_blocks(checksum);
        assert_int_equal(audyn_checksum_read_file(checksum, path, UINT64_MAX, &done),
                         AUDYN_OK);
        assert_true(audyn_checksum_end(checksum, sha256));
        size_t count;
        uint32_t *blocks = audyn_checksum_take_blocks(checksum, &count);
        assert_string_equal(sums.sha256, sha256);
        assert_int_equal(sums.block_count, count);
        assert_memory_equal(sums.crc32, blocks, count * sizeof *blocks);
        free(blocks);
        free(sums.crc32);
        audyn_checksum_destroy(checksum);
    }
}

static void
flip(const char *path, uint64_t byte, unsigned bit)
{
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    uint8_t value;
    assert_int_equal(pread(fd, &value, 1, (off_t)byte), 1);
    value ^= (uint8_t)(1U << bit);
    assert_int_equal(pwrite(fd, &value, 1, (off_t)byte), 1);
    close(fd);
}

// Of FLAC and WAV files the description comes first, of which decoders do not care.
static void
a_flipped_bit_among_the_samples_is_a_fault_or_another_sum(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMATS; ++i) {
        char sha256[AUDYN_SHA256_TEXT];
        strcpy(sha256, write_file(formats[i], AUDYN_PCM16, CHANNELS));
        const char *path = path_of(formats[i]);
        const uint64_t size = (uint64_t)size_of_file(path);
        const uint32_t from = !strcmp(formats[i], "opus") ? 0 : (uint32_t)size / 2;
        for (int n = 0; n < 200; ++n) {
            const uint64_t byte = from + random_below(&seed, (uint32_t)size - from);
            const unsigned bit = random_below(&seed, 8);
            flip(path_of(formats[i]), byte, bit);
            const audyn_decoded_t decoded = decoded_of(formats[i]);
            const bool other = decoded.lossless && strcmp(decoded.samples_sha256, sha256);
            if (!*decoded.fault && !other) {
                fail_msg("%s: bit %u of byte %llu", formats[i], bit,
                         (unsigned long long)byte);
            }
            flip(path_of(formats[i]), byte, bit);
        }
        assert_string_equal(decoded_of(formats[i]).fault, "");
    }
}

static void
a_file_cut_off_anywhere_is_not_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMATS; ++i) {
        write_file(formats[i], AUDYN_PCM16, CHANNELS);
        const uint64_t size = (uint64_t)size_of_file(path_of(formats[i]));
        uint64_t left = size;
        while (left > 1) {
            left -=
                1 + random_below(&seed, (uint32_t)(left < 5000 ? left / 4 + 1 : 5000));
            assert_int_equal(truncate(path_of(formats[i]), (off_t)left), 0);
            const audyn_decoded_t decoded = decoded_of(formats[i]);
            if (!*decoded.fault && !decoded.unfinished) {
                fail_msg("%s of %llu of %llu bytes", formats[i], (unsigned long long)left,
                         (unsigned long long)size);
            }
            assert_true(decoded.sample_frames < FRAMES);
        }
    }
}

static void
bytes_behind_the_end_are_a_fault_but_in_a_wav_file(void **state)
{
    (void)state;
    for (size_t i = 1; i < FORMATS; ++i) {
        write_file(formats[i], AUDYN_PCM16, CHANNELS);
        FILE *file = fopen(path_of(formats[i]), "ae");
        assert_non_null(file);
        for (int n = 0; n < 5000; ++n) {
            fputc((int)random_below(&seed, 256), file);
        }
        fclose(file);
        assert_string_not_equal(decoded_of(formats[i]).fault, "");
    }
}

static void
noise_is_a_file_of_no_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMATS; ++i) {
        for (size_t size = 0; size < 300000; size = size * 3 + 1) {
            uint8_t *bytes = random_bytes(&seed, size);
            write_bytes(path_of(formats[i]), bytes, size);
            free(bytes);
            assert_string_not_equal(decoded_of(formats[i]).fault, "");
        }
    }
    assert_false(audyn_decode_check_knows("mp3"));
}

static void
what_is_no_ordinary_file_is_refused(void **state)
{
    (void)state;
    audyn_file_pass_t *pass;
    const char *const paths[] = {"/", "/dev/null", "/nonexistent/file"};
    const audyn_status_t statuses[] = {AUDYN_NOT_SUPPORTED, AUDYN_NOT_SUPPORTED,
                                       AUDYN_NOT_FOUND};
    for (size_t i = 0; i < 3; ++i) {
        const audyn_file_pass_config_t config = {.path = paths[i]};
        assert_int_equal(audyn_file_pass_open(&pass, &config), statuses[i]);
        assert_null(pass);
    }
}

static void
each_allocation_that_fails_is_told_and_nothing_leaks(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMATS; ++i) {
        write_file(formats[i], AUDYN_PCM16, CHANNELS);
        bool happened = true;
        for (int allowed = 0; happened; ++allowed) {
            audyn_decoded_t decoded;
            audyn_file_sums_t sums = {.crc32 = NULL};
            failing_allocations_after(allowed);
            const audyn_status_t status = check(formats[i], &decoded, &sums);
            happened = failing_allocations_happened();
            failing_allocations_after(-1);
            free(sums.crc32);
            assert_int_equal(status, happened ? AUDYN_NO_MEMORY : AUDYN_OK);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_file_of_each_format_decodes_to_its_samples),
        cmocka_unit_test(the_sums_of_one_pass_are_those_of_the_bytes),
        cmocka_unit_test(a_flipped_bit_among_the_samples_is_a_fault_or_another_sum),
        cmocka_unit_test(a_file_cut_off_anywhere_is_not_whole),
        cmocka_unit_test(bytes_behind_the_end_are_a_fault_but_in_a_wav_file),
        cmocka_unit_test(noise_is_a_file_of_no_format),
        cmocka_unit_test(what_is_no_ordinary_file_is_refused),
        cmocka_unit_test(each_allocation_that_fails_is_told_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
