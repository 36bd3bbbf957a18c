// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "cli/send_options.h"

#include <string.h>

#define MOST_WORDS 12

static audyn_status_t
parse(audyn_send_options_t *options, char *const words[], audyn_error_t *error)
{
    char *argv[MOST_WORDS + 2] = {"send"};
    int argc = 1;
    while (words[argc - 1]) {
        argv[argc] = words[argc - 1];
        ++argc;
    }
    return audyn_send_options_parse(options, argc, argv, error);
}

static void
source_and_destination_are_enough(void **state)
{
    (void)state;
    audyn_send_options_t options;
    assert_int_equal(parse(&options, (char *[]){"tone:", "rtp://1.2.3.4:5", NULL}, NULL),
                     AUDYN_OK);
    assert_string_equal(options.source, "tone:");
    assert_string_equal(options.destination, "rtp://1.2.3.4:5");
    assert_string_equal(options.packet_time, "1ms");
    assert_int_equal(options.duration_ns, 0);
    assert_null(options.sdp_path);
    assert_null(options.ts_refclk);
    assert_false(options.loop || options.json || options.quiet || options.help);
}

static void
options_may_stand_anywhere(void **state)
{
    (void)state;
    audyn_send_options_t options;
    char *words[] = {"--ptime", "125us", "tone:", "-d",     "1m30s",
                     "--sdp",   "a.sdp", "rtp:x", "--loop", "--ts-refclk=ptp=traceable",
                     "--json",  NULL};
    assert_int_equal(parse(&options, words, NULL), AUDYN_OK);
    assert_string_equal(options.source, "tone:");
    assert_string_equal(options.destination, "rtp:x");
    assert_string_equal(options.packet_time, "125us");
    assert_true(options.duration_ns == INT64_C(90000000000));
    assert_string_equal(options.sdp_path, "a.sdp");
    assert_string_equal(options.ts_refclk, "ptp=traceable");
    assert_true(options.loop && options.json);
    assert_int_equal(parse(&options, (char *[]){"--quiet", "-h", NULL}, NULL), AUDYN_OK);
    assert_true(options.quiet && options.help);
}

static void
wrong_usage_is_told_what_would_be_right(void **state)
{
    (void)state;
    static const struct {
        char *words[6];
        const char *because;
    } wrong[] = {
        {{NULL}, "name a source"},
        {{"tone:", NULL}, "name a destination"},
        {{"tone:", "rtp:x", "rtp:y", NULL}, "rtp:y is one too many"},
        {{"tone:", "rtp:x", "--pitch", NULL}, "--pitch is not an option"},
        {{"tone:", "rtp:x", "-x", NULL}, "-x is not an option"},
        {{"tone:", "rtp:x", "-xq", NULL}, "-x is not an option of audyn send"},
        {{"tone:", "rtp:x", "-hx", NULL}, "-x is not an option"},
        {{"tone:", "rtp:x", "--help=1", NULL}, "--help=1: this takes no value"},
        {{"tone:", "rtp:x", "--sdp", NULL}, "--sdp needs a value"},
        {{"tone:", "rtp:x", "-d", NULL}, "-d needs a value"},
        {{"tone:", "rtp:x", "-d", "0", NULL}, "-d 0 is not a length of time"},
        {{"tone:", "rtp:x", "-d", "soon", NULL}, "such as 10s"},
        {{"tone:", "rtp:x", "--ts-refclk", "", NULL}, "is not a clock"},
        {{"tone:", "rtp:x", "--ts-refclk", "ptp\r\na=x", NULL}, "is not a clock"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        audyn_send_options_t options;
        audyn_error_t error = {""};
        assert_int_equal(parse(&options, wrong[i].words, &error), AUDYN_INVALID);
        if (!strstr(error.text, wrong[i].because)) {
            fail_msg("'%s' lacks '%s'", error.text, wrong[i].because);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(source_and_destination_are_enough),
        cmocka_unit_test(options_may_stand_anywhere),
        cmocka_unit_test(wrong_usage_is_told_what_would_be_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
