// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A build without PipeWire, whatever this one has: it says how to get it.

#include "unit_test.h"

#include "input/input.h"
#include "input/pipewire.h"

#include <string.h>

static void
assert_says_how_to_get_it(audyn_status_t status, const audyn_error_t *error)
{
    assert_int_equal(status, AUDYN_NOT_SUPPORTED);
    assert_non_null(strstr(error->text, "without PipeWire"));
    assert_non_null(strstr(error->text, "libpipewire-0.3-dev"));
}

static void
an_input_of_pipewire_says_how_to_get_it(void **state)
{
    (void)state;
    const audyn_input_config_t config = {0};
    audyn_error_t error = {""};
    audyn_input_t *input = NULL;
    assert_says_how_to_get_it(audyn_input_check("pipewire:card", &error), &error);
    error.text[0] = '\0';
    assert_says_how_to_get_it(audyn_input_open(&input, "pipewire:", &config, &error),
                              &error);
    assert_null(input);
}

static void
a_list_of_sources_says_how_to_get_it(void **state)
{
    (void)state;
    audyn_error_t error = {""};
    audyn_pipewire_sources_t sources;
    assert_says_how_to_get_it(audyn_pipewire_sources_find(&sources, &error), &error);
    assert_int_equal(sources.count, 0);
    audyn_pipewire_sources_free(&sources);
}

static void
other_inputs_are_there(void **state)
{
    (void)state;
    audyn_error_t error = {""};
    assert_int_equal(audyn_input_check("tone:", &error), AUDYN_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_input_of_pipewire_says_how_to_get_it),
        cmocka_unit_test(a_list_of_sources_says_how_to_get_it),
        cmocka_unit_test(other_inputs_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
