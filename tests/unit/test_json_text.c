// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "core/json_text.h"

#include <stdlib.h>

#define BAD "\xEF\xBF\xBD"

static void
expect(const char *text, const char *expected)
{
    json_t *string = audyn_json_text(text);
    assert_non_null(string);
    assert_string_equal(json_string_value(string), expected);
    json_decref(string);
}

static void
utf_8_stays_as_it_is(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "plain \x01 \x7F",
        "caf\xC3\xA9",
        "\xC2\x80 \xDF\xBF",
        "\xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBF",
        "\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
        expect(texts[i], texts[i]);
    }
}

static void
what_is_not_utf_8_is_replaced_byte_by_byte(void **state)
{
    (void)state;
    expect("caf\xE9.wav", "caf" BAD ".wav");
    expect("\x80\xFF", BAD BAD);
    expect("cut \xE2\x82", "cut " BAD BAD);
    expect("\xC0\x80 overlong \xE0\x9F\xBF", BAD BAD " overlong " BAD BAD BAD);
    expect("surrogate \xED\xA0\x80", "surrogate " BAD BAD BAD);
    expect("beyond \xF4\x90\x80\x80", "beyond " BAD BAD BAD BAD);
    expect("\xE9\xC3\xA9", BAD "\xC3\xA9");
}

// Against jansson's own check, which refuses what is not UTF-8.
static void
every_pair_of_bytes_is_judged_as_jansson_does(void **state)
{
    (void)state;
    for (int pair = 0x0101; pair <= 0xFFFF; ++pair) {
        const char text[] = {(char)(pair >> 8), (char)(pair & 0xFF), '\0'};
        json_t *mine = audyn_json_text(text);
        json_t *theirs = json_string(text);
        assert_non_null(mine);
        if (pair & 0xFF) {
            assert_int_equal(theirs != NULL, json_equal(mine, theirs));
        }
        json_decref(mine);
        json_decref(theirs);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf_8_stays_as_it_is),
        cmocka_unit_test(what_is_not_utf_8_is_replaced_byte_by_byte),
        cmocka_unit_test(every_pair_of_bytes_is_judged_as_jansson_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
