// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "input/uri.h"

#include <stdio.h>
#include <string.h>

static void
assert_refused(const char *text, const char *because)
{
    audyn_uri_t uri;
    audyn_error_t error = {""};
    assert_int_equal(audyn_uri_parse(&uri, text, &error), AUDYN_INVALID);
    if (!strstr(error.text, because)) {
        fail_msg("'%s' gives '%s', which lacks '%s'", text, error.text, because);
    }
}

static void
a_uri_is_cut_into_scheme_body_and_options(void **state)
{
    (void)state;
    audyn_uri_t uri;
    assert_int_equal(
        audyn_uri_parse(&uri, "rtp://239.69.1.1:5004?format=L24/48000/2&pt=98&x", NULL),
        AUDYN_OK);
    assert_string_equal(uri.scheme, "rtp");
    assert_string_equal(uri.body, "239.69.1.1:5004");
    assert_int_equal(uri.option_count, 3);
    assert_string_equal(audyn_uri_option(&uri, "format"), "L24/48000/2");
    assert_string_equal(audyn_uri_option(&uri, "pt"), "98");
    assert_string_equal(audyn_uri_option(&uri, "x"), "");
    assert_null(audyn_uri_option(&uri, "iface"));
}

static void
a_file_may_be_relative_or_absolute_and_a_body_may_be_empty(void **state)
{
    (void)state;
    audyn_uri_t uri;
    assert_int_equal(audyn_uri_parse(&uri, "file:a/b.wav", NULL), AUDYN_OK);
    assert_string_equal(uri.body, "a/b.wav");
    assert_int_equal(audyn_uri_parse(&uri, "file:/a/b.wav", NULL), AUDYN_OK);
    assert_string_equal(uri.body, "/a/b.wav");
    assert_int_equal(audyn_uri_parse(&uri, "FILE:///a/b.wav", NULL), AUDYN_OK);
    assert_string_equal(uri.scheme, "file");
    assert_string_equal(uri.body, "/a/b.wav");
    assert_int_equal(audyn_uri_parse(&uri, "tone:?level=-6", NULL), AUDYN_OK);
    assert_string_equal(uri.body, "");
}

static void
escapes_are_decoded_after_cutting(void **state)
{
    (void)state;
    audyn_uri_t uri;
    assert_int_equal(
        audyn_uri_parse(&uri, "file:50%25%3Fa%20b.wav?t=1%263%3d4&u=%C3%a4", NULL),
        AUDYN_OK);
    assert_string_equal(uri.body, "50%?a b.wav");
    assert_string_equal(audyn_uri_option(&uri, "t"), "1&3=4");
    assert_string_equal(audyn_uri_option(&uri, "u"), "\xC3\xA4");
}

static void
what_is_no_uri_is_refused_with_the_reason(void **state)
{
    (void)state;
    assert_refused("", "scheme");
    assert_refused("ref.wav", "file:PATH");
    assert_refused(":5004", "scheme");
    assert_refused("/tmp/a:b.wav", "scheme");
    assert_refused("9p:x", "scheme");
    assert_refused("file:a%", "%25");
    assert_refused("file:a%4", "%25");
    assert_refused("file:a%zz", "%25");
    assert_refused("file:a%00b", "%25");
    assert_refused("file:a?b=%", "option 'b'");
    assert_refused("tone:997?level=1&rate=2&level=3", "option 'level' is given twice");
    assert_refused("tone:997?", "without a name");
    assert_refused("tone:997?=3", "without a name");
    assert_refused("tone:997?a=1&", "without a name");
}

static void
the_limits_of_length_and_options_hold(void **state)
{
    (void)state;
    audyn_uri_t uri;
    char text[sizeof uri.text + 1];
    memset(text, 'a', sizeof text);
    memcpy(text, "file:", 5);
    text[sizeof uri.text] = '\0';
    assert_refused(text, "characters long");
    text[sizeof uri.text - 1] = '\0';
    assert_int_equal(audyn_uri_parse(&uri, text, NULL), AUDYN_OK);
    assert_int_equal(strlen(uri.body), sizeof uri.text - 6);

    int length = snprintf(text, sizeof text, "tone:?o0");
    for (int i = 1; i < AUDYN_URI_OPTIONS; ++i) {
        length += snprintf(text + length, sizeof text - (size_t)length, "&o%d", i);
    }
    assert_int_equal(audyn_uri_parse(&uri, text, NULL), AUDYN_OK);
    assert_int_equal(uri.option_count, AUDYN_URI_OPTIONS);
    snprintf(text + length, sizeof text - (size_t)length, "&last");
    assert_refused(text, "too many options");
}

static void
numbers_are_read_only_within_their_range(void **state)
{
    (void)state;
    audyn_uri_t uri;
    audyn_error_t error;
    double value = 7;
    assert_int_equal(audyn_uri_parse(&uri, "tone:?level=-20.5", NULL), AUDYN_OK);
    assert_int_equal(audyn_uri_number(&uri, "gain", 0, 1, &value, &error), AUDYN_OK);
    assert_true(value == 7);
    assert_int_equal(audyn_uri_number(&uri, "level", -120, 0, &value, &error), AUDYN_OK);
    assert_true(value == -20.5);

    const char *const wrong[] = {"1",   "-121", "",     "abc", "-5dB", "nan",
                                 "inf", "0x0",  "-0x5", " -5", "1e-3", "-"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        char text[64];
        snprintf(text, sizeof text, "tone:?level=%s", wrong[i]);
        assert_int_equal(audyn_uri_parse(&uri, text, NULL), AUDYN_OK);
        value = 7;
        assert_int_equal(audyn_uri_number(&uri, "level", -120, 0, &value, &error),
                         AUDYN_INVALID);
        assert_non_null(strstr(error.text, "from -120 to 0"));
        assert_true(value == 7);
    }
}

static void
whole_numbers_are_read_only_within_their_range(void **state)
{
    (void)state;
    audyn_uri_t uri;
    audyn_error_t error;
    uint32_t value = 7;
    assert_int_equal(audyn_uri_parse(&uri, "rtp:?ssrc=4294967295", NULL), AUDYN_OK);
    assert_int_equal(audyn_uri_integer(&uri, "pt", 0, 127, &value, &error), AUDYN_OK);
    assert_int_equal(value, 7);
    assert_int_equal(audyn_uri_integer(&uri, "ssrc", 0, UINT32_MAX, &value, &error),
                     AUDYN_OK);
    assert_int_equal(value, UINT32_MAX);
    assert_int_equal(audyn_uri_parse(&uri, "rtp:?pt=0x62", NULL), AUDYN_OK);
    assert_int_equal(audyn_uri_integer(&uri, "pt", 96, 127, &value, &error), AUDYN_OK);
    assert_int_equal(value, 0x62);

    const char *const wrong[] = {"95",
                                 "128",
                                 "",
                                 "-1",
                                 "+98",
                                 "98.0",
                                 "0x5F",
                                 "0x",
                                 "0X62",
                                 "0x6G",
                                 "0x-1",
                                 " 98",
                                 "99999999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        char text[64];
        snprintf(text, sizeof text, "rtp:?pt=%s", wrong[i]);
        assert_int_equal(audyn_uri_parse(&uri, text, NULL), AUDYN_OK);
        value = 7;
        assert_int_equal(audyn_uri_integer(&uri, "pt", 96, 127, &value, &error),
                         AUDYN_INVALID);
        assert_non_null(strstr(error.text, "from 96 to 127"));
        assert_int_equal(value, 7);
    }
}

static void
a_list_is_cut_at_its_commas(void **state)
{
    (void)state;
    audyn_uri_list_t list;
    audyn_uri_cut(&list, NULL);
    assert_int_equal(list.count, 0);
    audyn_uri_cut(&list, "");
    assert_int_equal(list.count, 1);
    assert_string_equal(list.items[0], "");
    audyn_uri_cut(&list, "eth0,,10.0.0.1,");
    assert_int_equal(list.count, 4);
    assert_string_equal(list.items[0], "eth0");
    assert_string_equal(list.items[1], "");
    assert_string_equal(list.items[2], "10.0.0.1");
    assert_string_equal(list.items[3], "");
    audyn_uri_cut(&list, "1,2,3,4,5,6,7,8,9,10");
    assert_int_equal(list.count, 10);
    assert_string_equal(list.items[AUDYN_URI_ITEMS - 1], "8");
    char text[200];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    audyn_uri_cut(&list, text);
    assert_int_equal(list.count, 1);
    assert_int_equal(strlen(list.items[0]), sizeof list.items[0] - 1);
}

static void
a_list_of_numbers_is_read_as_often_as_wanted(void **state)
{
    (void)state;
    audyn_uri_t uri;
    assert_int_equal(audyn_uri_parse(&uri, "sdp:x?media=1,16&more=1,2,3&bad=1,", NULL),
                     AUDYN_OK);
    uint32_t values[2] = {0};
    unsigned count = 7;
    assert_int_equal(audyn_uri_integers(&uri, "none", 1, 16, values, 2, &count, NULL),
                     AUDYN_OK);
    assert_int_equal(count, 0);
    for (int i = 0; i < 2; ++i) {
        assert_int_equal(
            audyn_uri_integers(&uri, "media", 1, 16, values, 2, &count, NULL), AUDYN_OK);
        assert_int_equal(count, 2);
        assert_int_equal(values[0], 1);
        assert_int_equal(values[1], 16);
    }
    audyn_error_t error = {""};
    assert_int_equal(audyn_uri_integers(&uri, "more", 1, 16, values, 2, &count, &error),
                     AUDYN_INVALID);
    assert_non_null(strstr(error.text, "at most 2 values"));
    assert_int_equal(audyn_uri_integers(&uri, "bad", 1, 16, values, 2, &count, &error),
                     AUDYN_INVALID);
    assert_non_null(strstr(error.text, "from 1 to 16"));
    assert_int_equal(audyn_uri_integers(&uri, "media", 2, 16, values, 2, &count, &error),
                     AUDYN_INVALID);
}

static void
an_option_that_nobody_asked_for_is_named_with_those_there_are(void **state)
{
    (void)state;
    audyn_uri_t uri;
    audyn_error_t error;
    assert_int_equal(audyn_uri_parse(&uri, "tone:997?level=-6&volume=11", NULL),
                     AUDYN_OK);
    audyn_uri_option(&uri, "level");
    assert_int_equal(audyn_uri_reject_unknown(&uri, "level, rate", &error),
                     AUDYN_INVALID);
    assert_string_equal(error.text,
                        "'tone:' has no option 'volume'; it has: level, rate");
    audyn_uri_option(&uri, "volume");
    assert_int_equal(audyn_uri_reject_unknown(&uri, "level, rate", &error), AUDYN_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_uri_is_cut_into_scheme_body_and_options),
        cmocka_unit_test(a_file_may_be_relative_or_absolute_and_a_body_may_be_empty),
        cmocka_unit_test(escapes_are_decoded_after_cutting),
        cmocka_unit_test(what_is_no_uri_is_refused_with_the_reason),
        cmocka_unit_test(the_limits_of_length_and_options_hold),
        cmocka_unit_test(numbers_are_read_only_within_their_range),
        cmocka_unit_test(whole_numbers_are_read_only_within_their_range),
        cmocka_unit_test(a_list_is_cut_at_its_commas),
        cmocka_unit_test(a_list_of_numbers_is_read_as_often_as_wanted),
        cmocka_unit_test(an_option_that_nobody_asked_for_is_named_with_those_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
