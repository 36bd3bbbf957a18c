// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include <audyn/status.h>

#include <errno.h>
#include <string.h>

static void
every_status_has_words_of_its_own(void **state)
{
    (void)state;
    for (int a = AUDYN_OK; a <= AUDYN_NO_SIGNAL; ++a) {
        assert_string_not_equal(audyn_strerror((audyn_status_t)a), "unknown status");
        for (int b = AUDYN_OK; b < a; ++b) {
            assert_string_not_equal(audyn_strerror((audyn_status_t)a),
                                    audyn_strerror((audyn_status_t)b));
        }
    }
    assert_string_equal(audyn_strerror((audyn_status_t)(AUDYN_NO_SIGNAL + 1)),
                        "unknown status");
}

static void
an_errno_becomes_the_status_that_says_the_same(void **state)
{
    (void)state;
    assert_int_equal(audyn_status_from_errno(0), AUDYN_OK);
    assert_int_equal(audyn_status_from_errno(ENOSPC), AUDYN_NO_SPACE);
    assert_int_equal(audyn_status_from_errno(EADDRINUSE), AUDYN_BUSY);
    assert_int_equal(audyn_status_from_errno(EACCES), AUDYN_DENIED);
    assert_int_equal(audyn_status_from_errno(ENOENT), AUDYN_NOT_FOUND);
    assert_int_equal(audyn_status_from_errno(EMFILE), AUDYN_NO_RESOURCES);
    assert_int_equal(audyn_status_from_errno(EAGAIN), AUDYN_NO_RESOURCES);
    assert_int_equal(audyn_status_from_errno(EIO), AUDYN_IO);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_words_of_its_own),
        cmocka_unit_test(an_errno_becomes_the_status_that_says_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
