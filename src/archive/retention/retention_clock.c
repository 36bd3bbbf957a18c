// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/retention/retention_clock.h"

#include "archive/catalog/catalog_totals.h"

#include "core/clock.h"

// A segment ends a day after the one before at the latest, where recording goes on.
#define PAUSE_NS (2 * 86400 * AUDYN_NS_PER_SECOND)

static void
format_day(char text[48], int64_t tai_ns)
{
    audyn_entry_utc_text(text, tai_ns);
    text[sizeof "2026-11-22" - 1] = '\0';
}

static audyn_status_t
refuse(int64_t now_ns, int64_t end_ns, audyn_error_t *error)
{
    char now[48];
    char end[48];
    format_day(now, now_ns);
    format_day(end, end_ns);
    return audyn_error_set(error, AUDYN_DENIED,
                           "nothing is deleted: this machine's clock says %s, and the "
                           "segment next to that ended on %s; where the clock is right, "
                           "say so with --trust-clock",
                           now, end);
}

audyn_status_t
audyn_retention_check_clock(audyn_catalog_t *catalog, int64_t now_ns,
                            audyn_error_t *error)
{
    int64_t end_ns = 0;
    audyn_status_t status = audyn_catalog_last_end(catalog, now_ns, &end_ns);
    if (!status && !end_ns) {
        status = audyn_catalog_first_end(catalog, now_ns, &end_ns);
    }
    if (status) {
        return audyn_error_set(error, status, "the catalog cannot be read: %s",
                               audyn_strerror(status));
    }
    const bool near = now_ns - end_ns < PAUSE_NS && end_ns <= now_ns;
    return near || !end_ns ? AUDYN_OK : refuse(now_ns, end_ns, error);
}

audyn_status_t
audyn_retention_cutoff(audyn_catalog_t *catalog, int64_t now_ns, int64_t keep_ns,
                       int64_t *cutoff_ns)
{
    *cutoff_ns = now_ns - keep_ns;
    audyn_status_t status = AUDYN_OK;
    // Back from end to end, each the first of all within a pause's length.
    for (int64_t at_ns = now_ns; !status && at_ns > *cutoff_ns;) {
        int64_t end_ns = 0;
        status = audyn_catalog_first_end(catalog, at_ns - PAUSE_NS, &end_ns);
        if (!status && (!end_ns || end_ns >= at_ns)) {
            status = audyn_catalog_last_end(catalog, at_ns - 1, &end_ns);
            if (status || !end_ns) {
                break;
            }
            *cutoff_ns -= at_ns - end_ns;
        }
        at_ns = end_ns;
    }
    return status;
}
