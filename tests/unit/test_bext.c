// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "sink/bext.h"

#include <string.h>

#define SECOND(utc) ((UINT64_C(utc) + 37) * 48000)

static audyn_bext_t
bext_of(const char *description, const char *source)
{
    const audyn_sink_config_t config = {
        .sample_rate = 48000,
        .channels = 2,
        .encoding = AUDYN_PCM24,
        .description = description,
        .source = source,
    };
    audyn_bext_t bext;
    audyn_bext_init(&bext, &config);
    return bext;
}

static void
each_field_lies_where_tech_3285_puts_it(void **state)
{
    (void)state;
    audyn_bext_t bext = bext_of("what was said", "L24 rtp://239.69.1.1:5004");
    // 2026-03-01 23:59:59 UTC: the time reference needs its high word at 96 kHz.
    audyn_bext_set_start(&bext, 96000, (UINT64_C(1772409599) + 37) * 96000 + 95999, 37);
    uint8_t bytes[AUDYN_BEXT_FIXED_BYTES + AUDYN_BEXT_HISTORY_BYTES];
    memset(bytes, 0xAA, sizeof bytes);
    const uint8_t *end = audyn_bext_encode(bytes, &bext);
    assert_int_equal(end - bytes, audyn_bext_bytes(&bext));

    assert_string_equal((char *)bytes, "what was said");
    assert_string_equal((char *)bytes + 256, "Audyn");
    assert_memory_equal(bytes + 288, "ZZAUDAUDYN0000000235959", 23);
    for (int i = 311; i < 320; ++i) {
        assert_in_range(bytes[i], '0', '9');
    }
    assert_memory_equal(bytes + 320, "2026-03-01", 10);
    assert_memory_equal(bytes + 330, "23:59:59", 8);
    const uint64_t reference = UINT64_C(86399) * 96000 + 95999;
    for (int i = 0; i < 8; ++i) {
        assert_int_equal(bytes[338 + i], reference >> (8 * i) & 0xFF);
    }
    assert_memory_equal(bytes + 346, "\x02\x00", 2);
    for (int i = 348; i < 412; ++i) {
        assert_int_equal(bytes[i], 0);
    }
    for (int i = 412; i < 422; i += 2) {
        assert_memory_equal(bytes + i, "\xFF\x7F", 2);
    }
    for (int i = 422; i < 602; ++i) {
        assert_int_equal(bytes[i], 0);
    }
    const char history[] =
        "A=PCM,F=48000,W=24,M=stereo,T=Audyn; L24 rtp://239.69.1.1:5004\r\n";
    assert_int_equal(end - bytes, 602 + sizeof history - 1);
    assert_memory_equal(bytes + 602, history, sizeof history - 1);
}

static void
the_chunk_has_an_even_size(void **state)
{
    (void)state;
    const char *const sources[] = {"ab", "abc"};
    for (size_t i = 0; i < 2; ++i) {
        const audyn_bext_t bext = bext_of("", sources[i]);
        uint8_t bytes[AUDYN_BEXT_FIXED_BYTES + AUDYN_BEXT_HISTORY_BYTES];
        const uint8_t *end = audyn_bext_encode(bytes, &bext);
        assert_int_equal((end - bytes) % 2, 0);
        assert_int_equal(end - bytes, audyn_bext_bytes(&bext));
        const size_t length = strlen(bext.coding_history);
        assert_in_range(end - bytes, 602 + length, 602 + length + 1);
        assert_memory_equal(bytes + 602, bext.coding_history,
                            (size_t)(end - bytes) - 602);
    }
}

static void
the_coding_history_names_word_length_and_mode(void **state)
{
    (void)state;
    const struct {
        audyn_encoding_t encoding;
        uint32_t channels;
        const char *history;
    } cases[] = {
        {AUDYN_PCM16, 1, "A=PCM,F=44100,W=16,M=mono,T=Audyn\r\n"},
        {AUDYN_PCM24, 2, "A=PCM,F=44100,W=24,M=stereo,T=Audyn\r\n"},
        {AUDYN_FLOAT32, 8, "A=PCM,F=44100,W=32,M=multichannel,T=Audyn; float\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        const audyn_sink_config_t config = {
            .sample_rate = 44100,
            .channels = cases[i].channels,
            .encoding = cases[i].encoding,
        };
        audyn_bext_t bext;
        audyn_bext_init(&bext, &config);
        assert_string_equal(bext.coding_history, cases[i].history);
    }
}

static void
free_text_is_ascii_without_commas_in_the_history(void **state)
{
    (void)state;
    const audyn_bext_t bext =
        bext_of("N\xC3\xBCrnberg,\n\xE2\x82\xAC", "a,b\r\n\xC3\xBC,");
    assert_string_equal(bext.description, "N?rnberg, ?");
    assert_string_equal(bext.coding_history,
                        "A=PCM,F=48000,W=24,M=stereo,T=Audyn; a;b  ?;\r\n");
}

static void
text_that_does_not_fit_is_cut(void **state)
{
    (void)state;
    char text[5000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    const audyn_bext_t bext = bext_of(text, text);
    assert_int_equal(strlen(bext.description), 256);
    const size_t length = strlen(bext.coding_history);
    assert_in_range(length, 512, AUDYN_BEXT_HISTORY_BYTES);
    assert_string_equal(bext.coding_history + length - 3, "x\r\n");
}

static void
the_first_sample_has_its_utc_date_and_time(void **state)
{
    (void)state;
    const struct {
        uint64_t position;
        int64_t offset;
        const char *date, *time;
        uint64_t reference;
    } cases[] = {
        {SECOND(1772323200), 37, "2026-03-01", "00:00:00", 0},
        {SECOND(1772323200) - 1, 37, "2026-02-28", "23:59:59",
         UINT64_C(86400) * 48000 - 1},
        {SECOND(1772323200), 36, "2026-03-01", "00:00:01", 48000},
        {SECOND(1709164800), 37, "2024-02-29", "00:00:00", 0},
        {SECOND(1798761599) + 5, 37, "2026-12-31", "23:59:59",
         UINT64_C(86399) * 48000 + 5},
        {SECOND(1798761600), 37, "2027-01-01", "00:00:00", 0},
        {0, 37, "1969-12-31", "23:59:23", UINT64_C(86363) * 48000},
        {7, 0, "1970-01-01", "00:00:00", 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        audyn_bext_t bext = bext_of("", "");
        audyn_bext_set_start(&bext, 48000, cases[i].position, cases[i].offset);
        assert_string_equal(bext.origination_date, cases[i].date);
        assert_string_equal(bext.origination_time, cases[i].time);
        assert_int_equal(bext.time_reference, cases[i].reference);
    }
}

static void
a_date_beyond_four_digits_stays_empty(void **state)
{
    (void)state;
    const struct {
        uint64_t position;
        int64_t offset;
    } cases[] = {{UINT64_MAX, 37}, {0, INT64_MAX}, {0, INT64_MIN}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        audyn_bext_t bext = bext_of("", "");
        audyn_bext_set_start(&bext, 48000, cases[i].position, cases[i].offset);
        assert_string_equal(bext.origination_date, "");
        assert_string_equal(bext.originator_reference, "");
        assert_int_equal(bext.time_reference, 0);
    }
}

static void
the_station_is_the_originator(void **state)
{
    (void)state;
    const audyn_sink_config_t config = {.sample_rate = 48000, .station = "Radio Ærø"};
    audyn_bext_t bext;
    audyn_bext_init(&bext, &config);
    assert_string_equal(bext.originator, "Radio ?r?");
}

static void
the_reference_tells_recordings_apart_and_recorders_of_one_stream_not(void **state)
{
    (void)state;
    const uint64_t position = SECOND(1772323200);
    audyn_bext_t first = bext_of("", "stream 1");
    audyn_bext_t same = bext_of("", "stream 1");
    audyn_bext_t other = bext_of("", "stream 2");
    audyn_bext_t later = bext_of("", "stream 1");
    audyn_bext_set_start(&first, 48000, position, 37);
    audyn_bext_set_start(&same, 48000, position, 37);
    audyn_bext_set_start(&other, 48000, position, 37);
    audyn_bext_set_start(&later, 48000, position + 1, 37);
    assert_int_equal(strlen(first.originator_reference), 32);
    assert_string_equal(first.originator_reference, same.originator_reference);
    assert_string_not_equal(first.originator_reference, other.originator_reference);
    assert_string_not_equal(first.originator_reference, later.originator_reference);
}

static void
what_was_encoded_is_decoded_and_gives_the_position_back(void **state)
{
    (void)state;
    const uint64_t position = SECOND(1772368496) + 12345;
    audyn_bext_t bext = bext_of("d", "s");
    memset(bext.originator, 'o', 32); // a full field has no NUL
    audyn_bext_set_start(&bext, 48000, position, 37);
    uint8_t bytes[AUDYN_BEXT_FIXED_BYTES + AUDYN_BEXT_HISTORY_BYTES];
    audyn_bext_encode(bytes, &bext);
    audyn_bext_t decoded;
    assert_true(audyn_bext_decode(&decoded, bytes, audyn_bext_bytes(&bext)));
    assert_memory_equal(&decoded, &bext, sizeof bext);
    uint64_t decoded_position = 0;
    assert_true(audyn_bext_position(&decoded, 48000, &decoded_position));
    assert_int_equal(decoded_position, position);
    assert_false(audyn_bext_decode(&decoded, bytes, AUDYN_BEXT_FIXED_BYTES - 1));
}

static void
only_a_plausible_date_gives_a_position(void **state)
{
    (void)state;
    audyn_bext_t bext = {.origination_date = "2017-01-01", .time_reference = 5};
    uint64_t position = 0;
    assert_true(audyn_bext_position(&bext, 48000, &position));
    assert_int_equal(position, SECOND(1483228800) + 5);
    strcpy(bext.origination_date, "2017:01:01");
    assert_true(audyn_bext_position(&bext, 48000, &position));
    bext.time_reference = UINT64_C(86400) * 48000;
    assert_false(audyn_bext_position(&bext, 48000, &position));
    bext.time_reference = 0;
    const char *const dates[] = {"",           "2016-12-31", "2026-13-01", "2026-00-01",
                                 "2026-01-00", "2026-01-32", "yyyy-mm-dd", "20260101"};
    for (size_t i = 0; i < sizeof dates / sizeof *dates; ++i) {
        strcpy(bext.origination_date, dates[i]);
        assert_false(audyn_bext_position(&bext, 48000, &position));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field_lies_where_tech_3285_puts_it),
        cmocka_unit_test(the_chunk_has_an_even_size),
        cmocka_unit_test(the_coding_history_names_word_length_and_mode),
        cmocka_unit_test(free_text_is_ascii_without_commas_in_the_history),
        cmocka_unit_test(text_that_does_not_fit_is_cut),
        cmocka_unit_test(the_first_sample_has_its_utc_date_and_time),
        cmocka_unit_test(a_date_beyond_four_digits_stays_empty),
        cmocka_unit_test(the_station_is_the_originator),
        cmocka_unit_test(
            the_reference_tells_recordings_apart_and_recorders_of_one_stream_not),
        cmocka_unit_test(what_was_encoded_is_decoded_and_gives_the_position_back),
        cmocka_unit_test(only_a_plausible_date_gives_a_position),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
