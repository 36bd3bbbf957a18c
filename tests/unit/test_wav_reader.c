// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "wav_files.h"

#include "core/clock.h"
#include "sink/little_endian.h"
#include "sink/wav_header.h"
#include "sink/wav_reader.h"

#define MOST_BYTES 8192

// A file put together chunk by chunk.
struct file {
    uint8_t bytes[MOST_BYTES];
    size_t size;
};

static void
add_chunk(struct file *file, const char *id, uint32_t size, const void *body,
          size_t body_bytes)
{
    uint8_t *at = put_u32(put_bytes(file->bytes + file->size, id, 4), size);
    if (body_bytes) {
        memcpy(at, body, body_bytes);
    }
    file->size += 8 + body_bytes + (body_bytes & 1);
}

static struct file
start_file(const char *container, uint32_t riff_size)
{
    struct file file = {.size = 12};
    put_bytes(put_u32(put_bytes(file.bytes, container, 4), riff_size), "WAVE", 4);
    return file;
}

// Integer samples: 48 kHz, `channels`, `bits` in as few bytes as they need.
static void
add_format(struct file *file, uint16_t tag, uint16_t channels, uint16_t bits)
{
    const uint16_t frame_bytes = (uint16_t)(channels * ((bits + 7) / 8));
    uint8_t body[16];
    uint8_t *at = put_u16(put_u16(body, tag), channels);
    at = put_u32(put_u32(at, 48000), 48000U * frame_bytes);
    put_u16(put_u16(at, frame_bytes), bits);
    add_chunk(file, "fmt ", sizeof body, body, sizeof body);
}

static audyn_wav_info_t
read_info(const char *path)
{
    audyn_wav_info_t info;
    audyn_error_t error = {.text = ""};
    if (audyn_wav_read_info(path, &info, &error)) {
        fail_msg("%s", error.text);
    }
    return info;
}

static audyn_wav_info_t
info_of(const struct file *file)
{
    const char *path = in_folder("made.wav");
    write_bytes(path, file->bytes, file->size);
    return read_info(path);
}

// Also that the message names the file and says `why`.
static void
expect_failure(const struct file *file, audyn_status_t status, const char *why)
{
    const char *path = in_folder("made.wav");
    audyn_wav_info_t info;
    audyn_error_t error = {.text = ""};
    write_bytes(path, file->bytes, file->size);
    assert_int_equal(audyn_wav_read_info(path, &info, &error), status);
    assert_non_null(strstr(error.text, path));
    assert_non_null(strstr(error.text, why));
}

static void
a_finished_file_tells_all_that_was_put_into_it(void **state)
{
    (void)state;
    const struct {
        audyn_encoding_t encoding;
        uint32_t channels, bits;
    } cases[] = {{AUDYN_PCM16, 1, 16}, {AUDYN_PCM24, 2, 24},   {AUDYN_PCM24, 64, 24},
                 {AUDYN_PCM16, 8, 16}, {AUDYN_FLOAT32, 2, 32}, {AUDYN_FLOAT32, 5, 32}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        const char *path = in_folder("finished.wav");
        const audyn_sink_config_t config = a_config(cases[i].encoding, cases[i].channels);
        audyn_sink_t *sink = begin_file(path, &config);
        assert_int_equal(audyn_sink_write_silence(sink, 1001), AUDYN_OK);
        assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
        const audyn_wav_info_t info = read_info(path);
        assert_string_equal(info.container, "RIFF");
        assert_int_equal(info.sample_rate, 48000);
        assert_int_equal(info.channels, cases[i].channels);
        assert_int_equal(info.bits, cases[i].bits);
        assert_int_equal(info.is_float, cases[i].encoding == AUDYN_FLOAT32);
        assert_int_equal(info.data_offset, 4096);
        assert_int_equal(info.sample_frames, 1001);
        assert_int_equal(info.present_frames, 1001);
        assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
        assert_true(info.has_bext);
        assert_string_equal(info.bext.description, "a test");
        assert_string_equal(info.bext.origination_date, "2026-03-01");
        assert_true(info.has_recording);
        assert_int_equal(info.recording.tai_offset_s, TAI_OFFSET_S);
        assert_int_equal(info.recording.rate_numerator, 1);
        assert_int_equal(info.recording.rate_denominator, 1);
        assert_int_equal(info.position_source, AUDYN_WAV_POSITION_RECORDED);
        assert_int_equal(info.position, START_POSITION);
    }
}

static void
an_interrupted_recording_tells_what_lies_behind_its_header(void **state)
{
    (void)state;
    const char *path = in_folder("interrupted.wav");
    const audyn_sink_config_t config = a_config(AUDYN_PCM24, 2);
    audyn_sink_t *sink = begin_file(path, &config);
    assert_int_equal(audyn_sink_write_silence(sink, 100), AUDYN_OK);
    assert_int_equal(flush_and_sync(sink), AUDYN_OK);
    assert_int_equal(read_info(path).completeness, AUDYN_WAV_IN_PROGRESS);
    uint8_t *bytes = read_bytes(path, 0, 4096 + 600);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);

    // As a crash leaves it: samples, the last one in part, that the header does not
    // count.
    struct file file = {.size = 4096 + 600 + 60 + 5};
    memcpy(file.bytes, bytes, 4096 + 600);
    memcpy(file.bytes + 4096 + 600, "fmt \x10\0\0\0", 8); // or so it seems
    free(bytes);
    const audyn_wav_info_t info = info_of(&file);
    assert_int_equal(info.completeness, AUDYN_WAV_INTERRUPTED);
    assert_int_equal(info.sample_frames, 100);
    assert_int_equal(info.present_frames, 110);
    assert_int_equal(info.position, START_POSITION);
    assert_string_equal(info.bext.description, "a test");
}

static void
a_file_that_lost_its_end_is_truncated(void **state)
{
    (void)state;
    const char *path = in_folder("truncated.wav");
    const audyn_sink_config_t config = a_config(AUDYN_PCM16, 2);
    audyn_sink_t *sink = begin_file(path, &config);
    assert_int_equal(audyn_sink_write_silence(sink, 100), AUDYN_OK);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    assert_int_equal(truncate(path, 4096 + 399), 0);
    const audyn_wav_info_t info = read_info(path);
    assert_int_equal(info.completeness, AUDYN_WAV_TRUNCATED);
    assert_int_equal(info.sample_frames, 100);
    assert_int_equal(info.present_frames, 99);
    assert_true(info.has_recording);
}

static void
a_file_in_which_nothing_was_begun_has_no_position(void **state)
{
    (void)state;
    const char *path = in_folder("empty.wav");
    const audyn_sink_config_t config = a_config(AUDYN_PCM16, 2);
    audyn_sink_t *sink;
    assert_int_equal(audyn_sink_open(&sink, path, &config, NULL), AUDYN_OK);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    const audyn_wav_info_t info = read_info(path);
    assert_int_equal(info.completeness, AUDYN_WAV_INTERRUPTED);
    assert_int_equal(info.sample_frames, 0);
    assert_int_equal(info.position_source, AUDYN_WAV_NO_POSITION);
}

static void
a_plain_file_of_another_program_is_read(void **state)
{
    (void)state;
    struct file file = start_file("RIFF", 0);
    add_chunk(&file, "LIST", 7, "INFOabc", 7); // an odd chunk is padded
    add_format(&file, 1, 2, 20);
    add_chunk(&file, "data", 600, file.bytes + 4096, 600);
    add_chunk(&file, "id3 ", 4, "abcd", 4);
    const audyn_wav_info_t info = info_of(&file);
    assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
    assert_int_equal(info.bits, 20);
    assert_int_equal(info.frame_bytes, 6);
    assert_int_equal(info.sample_frames, 100);
    assert_int_equal(info.present_frames, 100);
    assert_false(info.has_bext);
    assert_false(info.has_recording);
    assert_int_equal(info.position_source, AUDYN_WAV_NO_POSITION);
}

static void
date_and_time_reference_of_another_program_give_a_position(void **state)
{
    (void)state;
    audyn_bext_t bext = {.origination_date = "2026-03-01",
                         .time_reference = UINT64_C(37230) * 48000 + 17};
    uint8_t body[AUDYN_BEXT_FIXED_BYTES + AUDYN_BEXT_HISTORY_BYTES];
    audyn_bext_encode(body, &bext);
    struct file file = start_file("RIFF", 0);
    add_format(&file, 1, 1, 16);
    add_chunk(&file, "data", 2, "\0\0", 2);
    add_chunk(&file, "bext", AUDYN_BEXT_FIXED_BYTES, body, AUDYN_BEXT_FIXED_BYTES);
    const audyn_wav_info_t info = info_of(&file);
    assert_int_equal(info.position_source, AUDYN_WAV_POSITION_FROM_BEXT);
    assert_int_equal(info.position, START_POSITION);
}

static void
a_media_clock_at_a_fraction_of_the_sample_rate_keeps_its_time(void **state)
{
    (void)state;
    const char *path = in_folder("slow.wav");
    const audyn_sink_config_t config = a_config(AUDYN_PCM24, 1);
    // 2026-03-01 00:00:01.5 UTC on a clock that counts 48,000,000 in 1,001 seconds.
    const int64_t tai_ms = INT64_C(1772323201500) + 37000;
    const audyn_media_rate_t rate = {48000, 1000, 1001};
    const audyn_sink_start_t start = {
        .position = audyn_media_position(tai_ms * AUDYN_NS_PER_MS, &rate),
        .tai_offset_s = TAI_OFFSET_S,
        .rate_numerator = rate.numerator,
        .rate_denominator = rate.denominator};
    audyn_sink_t *sink;
    assert_int_equal(audyn_sink_open(&sink, path, &config, NULL), AUDYN_OK);
    assert_int_equal(audyn_sink_begin(sink, &start), AUDYN_OK);
    assert_int_equal(audyn_sink_write(sink, &(float){1}, 1), AUDYN_OK);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    const audyn_wav_info_t info = read_info(path);
    assert_int_equal(info.position, start.position);
    assert_int_equal(info.recording.rate_numerator, 1000);
    assert_int_equal(info.recording.rate_denominator, 1001);
    assert_string_equal(info.bext.origination_date, "2026-03-01");
    assert_string_equal(info.bext.origination_time, "00:00:01");
    assert_in_range(info.bext.time_reference, 71998, 72000);
}

static void
a_recording_without_a_rate_has_the_nominal_one_and_0_is_none(void **state)
{
    (void)state;
    uint8_t body[AUDYN_WAV_RECORDING_BYTES] = {1, 0, 0, 0, 2};
    audyn_wav_recording_t recording;
    assert_true(audyn_wav_recording_decode(&recording, body, 32));
    assert_int_equal(recording.rate_numerator, 1);
    assert_int_equal(recording.rate_denominator, 1);
    body[0] = 2;
    assert_false(audyn_wav_recording_decode(&recording, body, 32));
    assert_false(audyn_wav_recording_decode(&recording, body, sizeof body));
    body[28] = 5;
    assert_false(audyn_wav_recording_decode(&recording, body, sizeof body));
    body[32] = 4;
    assert_true(audyn_wav_recording_decode(&recording, body, sizeof body));
    assert_int_equal(recording.rate_numerator, 5);
    assert_int_equal(recording.rate_denominator, 4);
    body[0] = 3;
    assert_false(audyn_wav_recording_decode(&recording, body, sizeof body));
}

static void
a_chunk_of_ours_that_tells_of_another_length_is_not_believed(void **state)
{
    (void)state;
    uint8_t body[AUDYN_WAV_RECORDING_BYTES] = {1, 0, 0, 0, 2};
    put_u64(put_u64(body + 8, 4711), 2);
    struct file file = start_file("RIFF", 0);
    add_format(&file, 1, 1, 16);
    add_chunk(&file, "audn", sizeof body, body, sizeof body);
    const struct file without_data = file;
    add_chunk(&file, "data", 4, "\0\0\0\0", 4);
    assert_int_equal(info_of(&file).position, 4711);
    file = without_data;
    add_chunk(&file, "data", 2, "\0\0", 2);
    assert_false(info_of(&file).has_recording);
    assert_int_equal(info_of(&file).position_source, AUDYN_WAV_NO_POSITION);
}

static void
files_with_64_bit_sizes_are_read(void **state)
{
    (void)state;
    const char *const containers[] = {"RF64", "BW64"};
    for (size_t i = 0; i < 2; ++i) {
        uint8_t body[28] = {0};
        put_u64(body + 8, 400);
        struct file file = start_file(containers[i], UINT32_MAX);
        add_chunk(&file, "ds64", sizeof body, body, sizeof body);
        add_format(&file, 3, 1, 32);
        add_chunk(&file, "data", UINT32_MAX, file.bytes + 4096, 400);
        add_chunk(&file, "axml", 2, "<>", 2);
        const audyn_wav_info_t info = info_of(&file);
        assert_string_equal(info.container, containers[i]);
        assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
        assert_int_equal(info.sample_frames, 100);
        assert_true(info.is_float);

        put_u64(file.bytes + 28, UINT64_MAX);
        const audyn_wav_info_t cut = info_of(&file);
        assert_int_equal(cut.completeness, AUDYN_WAV_TRUNCATED);
        assert_int_equal(cut.present_frames, 102);
    }
}

static void
a_stream_without_a_length_is_as_long_as_its_file(void **state)
{
    (void)state;
    struct file file = start_file("RIFF", UINT32_MAX);
    add_format(&file, 1, 2, 16);
    add_chunk(&file, "data", UINT32_MAX, file.bytes + 4096, 402);
    const audyn_wav_info_t info = info_of(&file);
    assert_int_equal(info.completeness, AUDYN_WAV_UNKNOWN_LENGTH);
    assert_int_equal(info.sample_frames, 100);
}

static void
zero_in_the_header_of_another_recorder_means_that_it_was_interrupted(void **state)
{
    (void)state;
    struct file file = start_file("RIFF", 0);
    add_format(&file, 1, 2, 16);
    const struct file without_data = file;
    add_chunk(&file, "data", 0, file.bytes + 4096, 400);
    const audyn_wav_info_t info = info_of(&file);
    assert_int_equal(info.completeness, AUDYN_WAV_INTERRUPTED);
    assert_int_equal(info.sample_frames, 0);
    assert_int_equal(info.present_frames, 100);

    file = without_data;
    add_chunk(&file, "data", 0, NULL, 0);
    assert_int_equal(info_of(&file).completeness, AUDYN_WAV_COMPLETE);
    add_chunk(&file, "LIST", 4, "INFO", 4);
    assert_int_equal(info_of(&file).completeness, AUDYN_WAV_COMPLETE);
}

static void
what_is_no_wav_file_is_refused_with_a_reason(void **state)
{
    (void)state;
    struct file file = {.size = 0};
    expect_failure(&file, AUDYN_BAD_DATA, "no WAV file");
    file.size = 4000;
    expect_failure(&file, AUDYN_BAD_DATA, "no WAV file");
    file = start_file("RIFX", 0);
    expect_failure(&file, AUDYN_BAD_DATA, "no WAV file");
    file = start_file("RIFF", 0);
    expect_failure(&file, AUDYN_BAD_DATA, "no format");
    add_format(&file, 1, 2, 16);
    expect_failure(&file, AUDYN_BAD_DATA, "no samples");

    audyn_wav_info_t info;
    audyn_error_t error;
    assert_int_equal(audyn_wav_read_info(in_folder("absent.wav"), &info, &error),
                     AUDYN_NOT_FOUND);
    assert_non_null(strstr(error.text, "absent.wav"));
    assert_int_equal(audyn_wav_read_info(folder, &info, &error), AUDYN_BAD_DATA);
    assert_int_equal(mkfifo(in_folder("fifo.wav"), 0600), 0);
    assert_int_equal(audyn_wav_read_info(in_folder("fifo.wav"), &info, &error),
                     AUDYN_BAD_DATA);
}

static void
a_format_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    const struct {
        size_t offset; // in the format chunk's body
        uint16_t value;
        audyn_status_t status;
    } cases[] = {
        {0, 2, AUDYN_NOT_SUPPORTED},  // ADPCM
        {2, 0, AUDYN_BAD_DATA},       // no channels
        {2, 5, AUDYN_BAD_DATA},       // which do not divide a frame
        {4, 0, AUDYN_BAD_DATA},       // 0 Hz, with the high half zero already
        {12, 0, AUDYN_BAD_DATA},      // no bytes in a frame
        {12, 2, AUDYN_BAD_DATA},      // too few
        {12, 5, AUDYN_BAD_DATA},      // not the same for each channel
        {12, 0x8000, AUDYN_BAD_DATA}, // too many
        {14, 0, AUDYN_BAD_DATA},      // no bits
        {14, 17, AUDYN_BAD_DATA},     // too many
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        struct file file = start_file("RIFF", 0);
        add_format(&file, 1, 2, 16);
        put_u16(file.bytes + 20 + cases[i].offset, cases[i].value);
        add_chunk(&file, "data", 4, "\0\0\0\0", 4);
        expect_failure(&file, cases[i].status, "");
    }
    struct file file = start_file("RIFF", 0);
    add_chunk(&file, "fmt ", 14, file.bytes + 4096, 14);
    expect_failure(&file, AUDYN_BAD_DATA, "too short");
}

static void
a_file_of_chunks_without_end_is_left_soon(void **state)
{
    (void)state;
    struct file start = start_file("RIFF", 0);
    uint8_t *bytes = malloc(1000000);
    assert_non_null(bytes);
    memcpy(bytes, start.bytes, 12);
    for (size_t at = 12; at + 8 <= 1000000; at += 8) {
        put_u32(put_bytes(bytes + at, "JUNK", 4), 0);
    }
    struct file end = {.size = 0};
    add_format(&end, 1, 2, 16);
    add_chunk(&end, "data", 0, NULL, 0);
    memcpy(bytes + 900004, end.bytes, end.size);
    write_bytes(in_folder("made.wav"), bytes, 1000000);
    free(bytes);
    audyn_wav_info_t info;
    assert_int_equal(audyn_wav_read_info(in_folder("made.wav"), &info, NULL),
                     AUDYN_BAD_DATA);
}

// What must hold for whatever bytes a file has.
static void
check_sanity(const char *path, uint64_t file_bytes)
{
    audyn_wav_info_t info;
    if (audyn_wav_read_info(path, &info, NULL)) {
        return;
    }
    assert_in_range(info.frame_bytes, 1, UINT16_MAX);
    assert_true(info.sample_rate > 0 && info.channels > 0);
    assert_true(info.data_offset <= file_bytes);
    assert_true(info.present_frames <=
                (file_bytes - info.data_offset) / info.frame_bytes);
    if (info.completeness != AUDYN_WAV_TRUNCATED) {
        assert_true(info.sample_frames <= info.present_frames);
    }
}

static void
no_number_anywhere_in_a_header_leads_astray(void **state)
{
    (void)state;
    static const uint32_t values[] = {0,          1,          0x7FFFFFFF,
                                      0x80000000, 0xFFFFFFF0, UINT32_MAX};
    const audyn_sink_config_t config = a_config(AUDYN_FLOAT32, 3);
    audyn_sink_t *sink = begin_file(in_folder("whole.wav"), &config);
    assert_int_equal(audyn_sink_write_silence(sink, 10), AUDYN_OK);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    struct file file = {.size = 4096 + 120};
    uint8_t *bytes = read_bytes(in_folder("whole.wav"), 0, file.size);
    memcpy(file.bytes, bytes, file.size);
    free(bytes);

    const char *path = in_folder("changed.wav");
    write_bytes(path, file.bytes, file.size);
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t at = 0; at + 4 <= 4096; at = at == 880 ? 4000 : at + 1) {
        for (size_t i = 0; i < sizeof values / sizeof *values; ++i) {
            uint8_t number[4];
            put_u32(number, values[i]);
            assert_int_equal(pwrite(fd, number, 4, (off_t)at), 4);
            check_sanity(path, file.size);
        }
        assert_int_equal(pwrite(fd, file.bytes + at, 4, (off_t)at), 4);
    }
    assert_int_equal(read_info(path).completeness, AUDYN_WAV_COMPLETE);
    for (size_t size = file.size; size--;) {
        assert_int_equal(ftruncate(fd, (off_t)size), 0);
        check_sanity(path, size);
    }
    close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finished_file_tells_all_that_was_put_into_it),
        cmocka_unit_test(an_interrupted_recording_tells_what_lies_behind_its_header),
        cmocka_unit_test(a_file_that_lost_its_end_is_truncated),
        cmocka_unit_test(a_file_in_which_nothing_was_begun_has_no_position),
        cmocka_unit_test(a_plain_file_of_another_program_is_read),
        cmocka_unit_test(date_and_time_reference_of_another_program_give_a_position),
        cmocka_unit_test(a_media_clock_at_a_fraction_of_the_sample_rate_keeps_its_time),
        cmocka_unit_test(a_recording_without_a_rate_has_the_nominal_one_and_0_is_none),
        cmocka_unit_test(a_chunk_of_ours_that_tells_of_another_length_is_not_believed),
        cmocka_unit_test(files_with_64_bit_sizes_are_read),
        cmocka_unit_test(a_stream_without_a_length_is_as_long_as_its_file),
        cmocka_unit_test(
            zero_in_the_header_of_another_recorder_means_that_it_was_interrupted),
        cmocka_unit_test(what_is_no_wav_file_is_refused_with_a_reason),
        cmocka_unit_test(a_format_that_makes_no_sense_is_refused),
        cmocka_unit_test(a_file_of_chunks_without_end_is_left_soon),
        cmocka_unit_test(no_number_anywhere_in_a_header_leads_astray),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
