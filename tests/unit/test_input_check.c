// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// What is said about an input's URI before anything is opened.

#include "unit_test.h"

#include "input/input.h"

#include <string.h>

static void
what_may_work_is_accepted_whether_it_is_there_or_not(void **state)
{
    (void)state;
    static const char *const uris[] = {
        "rtp://239.69.1.1:5004?format=L24/48000/2&pt=98&iface=eth77&source=10.0.0.1",
        "sdp:/nonexistent/a.sdp?media=3&iface=eth77",
        "rtp://239.69.1.1:5004?format=L24/48000/8&channels=5-6",
        "rtp://239.69.1.1:5004?format=L24/48000/8&channels=8,1,3-5",
        "sdp:a.sdp?channels=64",
        "tone:",
        "tone:440?level=-6&rate=96000&channels=64&pace=free",
        "file:/nonexistent/a.wav?loop=1&pace=clock",
    };
    for (size_t i = 0; i < sizeof uris / sizeof *uris; ++i) {
        audyn_error_t error = {""};
        if (audyn_input_check(uris[i], &error)) {
            fail_msg("%s: %s", uris[i], error.text);
        }
    }
}

static void
what_can_never_work_is_refused_with_what_would_be_right(void **state)
{
    (void)state;
    static const struct {
        const char *uri, *because;
    } wrong[] = {
        {"a.wav", "file:PATH"},
        {"gopher://example.org", "'gopher:' is not an input"},
        {"rtp://239.69.1.1:5004", "format"},
        {"rtp://239.69.1.1?format=L24/48000/2", "port"},
        {"rtp://239.69.1.1:5004?format=L24/48000/2&x=1", "no option 'x'"},
        {"sdp:a.sdp?media=0", "media=0"},
        {"sdp:a.sdp?x=1", "no option 'x'"},
        {"rtp://239.69.1.1:5004?format=L24/48000/8&channels=8-9", "no channel 9"},
        {"rtp://239.69.1.1:5004?format=L24/48000/8&channels=9", "the stream has 8"},
        {"sdp:a.sdp?channels=", "counted from 1 to 64"},
        {"sdp:a.sdp?channels=0", "counted from 1 to 64"},
        {"sdp:a.sdp?channels=65", "counted from 1 to 64"},
        {"sdp:a.sdp?channels=99999999999999999999", "counted from 1 to 64"},
        {"sdp:a.sdp?channels=1-65", "counted from 1 to 64"},
        {"sdp:a.sdp?channels=1,", "counted from 1 to 64"},
        {"sdp:a.sdp?channels=,1", "counted from 1 to 64"},
        {"sdp:a.sdp?channels=1-", "counted from 1 to 64"},
        {"sdp:a.sdp?channels=-1", "counted from 1 to 64"},
        {"sdp:a.sdp?channels=1-2-3", "counted from 1 to 64"},
        {"sdp:a.sdp?channels=one", "counted from 1 to 64"},
        {"sdp:a.sdp?channels=6-5", "goes upwards"},
        {"sdp:a.sdp?channels=1,1", "only once"},
        {"sdp:a.sdp?channels=1-4,3", "only once"},
        {"tone:loud", "frequency"},
        {"tone:997?x=1", "no option 'x'"},
        {"file:", "needs a path"},
        {"file:a.wav?loop=2", "loop=2"},
        {"file:a.wav?x=1", "no option 'x'"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        audyn_error_t error = {""};
        assert_int_equal(audyn_input_check(wrong[i].uri, &error), AUDYN_INVALID);
        if (!strstr(error.text, wrong[i].because)) {
            fail_msg("%s: '%s' lacks '%s'", wrong[i].uri, error.text, wrong[i].because);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_work_is_accepted_whether_it_is_there_or_not),
        cmocka_unit_test(what_can_never_work_is_refused_with_what_would_be_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
