// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "input/pipewire_options.h"

#include <string.h>

static audyn_status_t
read(const char *text, pipewire_options_t *options, audyn_error_t *error)
{
    audyn_uri_t uri;
    error->text[0] = '\0';
    const audyn_status_t status = audyn_uri_parse(&uri, text, error);
    return status ? status : pipewire_options_read(options, &uri, error);
}

static void
what_is_not_said_is_left_to_the_graph(void **state)
{
    (void)state;
    pipewire_options_t options;
    audyn_error_t error;
    assert_int_equal(read("pipewire:", &options, &error), AUDYN_OK);
    assert_string_equal(options.node, "");
    assert_false(options.monitor || options.reconnect);
    assert_true(options.channels == 0 && options.rate == 0);
    assert_true(options.latency[0] == 4096 && options.latency[1] == 48000);
}

static void
all_can_be_said(void **state)
{
    (void)state;
    pipewire_options_t options;
    audyn_error_t error;
    assert_int_equal(read("pipewire:a%20node?monitor=1&channels=64&rate=192000&"
                          "latency=256/96000&reconnect=1",
                          &options, &error),
                     AUDYN_OK);
    assert_string_equal(options.node, "a node");
    assert_true(options.monitor && options.reconnect);
    assert_true(options.channels == 64 && options.rate == 192000);
    assert_true(options.latency[0] == 256 && options.latency[1] == 96000);
}

static void
what_cannot_be_is_refused_with_what_would_be_right(void **state)
{
    (void)state;
    static const struct {
        const char *uri, *because;
    } wrong[] = {
        {"pipewire:?monitor=2", "monitor=2"},
        {"pipewire:?monitor", "monitor"},
        {"pipewire:?reconnect=yes", "reconnect=yes"},
        {"pipewire:?channels=0", "channels=0"},
        {"pipewire:?channels=65", "channels=65"},
        {"pipewire:?rate=1", "rate=1"},
        {"pipewire:?latency=20ms", "1024/48000"},
        {"pipewire:?latency=256", "1024/48000"},
        {"pipewire:?latency=15/48000", "1024/48000"},
        {"pipewire:?latency=65537/48000", "1024/48000"},
        {"pipewire:?latency=256/7999", "1024/48000"},
        {"pipewire:?latency=256/48000x", "1024/48000"},
        {"pipewire:?volume=1", "monitor, channels, rate, latency, reconnect"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        pipewire_options_t options;
        audyn_error_t error;
        assert_int_equal(read(wrong[i].uri, &options, &error), AUDYN_INVALID);
        if (!strstr(error.text, wrong[i].because)) {
            fail_msg("%s: '%s' lacks '%s'", wrong[i].uri, error.text, wrong[i].because);
        }
    }
}

static void
a_name_is_at_most_as_long_as_there_is_room(void **state)
{
    (void)state;
    char uri[512] = "pipewire:";
    pipewire_options_t options;
    audyn_error_t error;
    memset(uri + 9, 'n', 255);
    assert_int_equal(read(uri, &options, &error), AUDYN_OK);
    assert_int_equal(strlen(options.node), 255);
    uri[9 + 255] = 'n';
    assert_int_equal(read(uri, &options, &error), AUDYN_INVALID);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_said_is_left_to_the_graph),
        cmocka_unit_test(all_can_be_said),
        cmocka_unit_test(what_cannot_be_is_refused_with_what_would_be_right),
        cmocka_unit_test(a_name_is_at_most_as_long_as_there_is_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
