// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "failing_allocations.h"
#include "input_checks.h"

#include <string.h>

audyn_input_t *
open_input(const char *uri, const audyn_input_config_t *config)
{
    audyn_error_t error = {""};
    audyn_input_t *input;
    if (audyn_input_open(&input, uri, config, &error)) {
        fail_msg("%s: %s", uri, error.text);
    }
    return input;
}

void
assert_input_refused(const char *uri, audyn_status_t status, const char *because)
{
    const audyn_input_config_t config = {0};
    audyn_error_t error = {""};
    audyn_input_t *input = NULL;
    assert_int_equal(audyn_input_open(&input, uri, &config, &error), status);
    assert_null(input);
    if (!strstr(error.text, because)) {
        fail_msg("'%s' gives '%s', which lacks '%s'", uri, error.text, because);
    }
}

void
assert_each_allocation_may_fail(const char *uri)
{
    const audyn_input_config_t config = {.buffer_ms = 100};
    const size_t mapped = failing_allocations_mapped();
    int allowed = 0;
    for (audyn_status_t status = AUDYN_NO_MEMORY; status; ++allowed) {
        audyn_input_t *input;
        audyn_error_t error = {""};
        failing_allocations_after(allowed);
        status = audyn_input_open(&input, uri, &config, &error);
        if (!status) {
            status = audyn_input_start(input, &error);
        }
        const bool failed = failing_allocations_happened();
        failing_allocations_after(-1);
        audyn_input_close(input);
        assert_int_equal(failing_allocations_mapped(), mapped);
        assert_int_equal(status, failed ? AUDYN_NO_MEMORY : AUDYN_OK);
        assert_true(!failed || error.text[0]);
    }
    assert_in_range(allowed, 6, 30); // input, block, timeline, pool, queue, thread
}
