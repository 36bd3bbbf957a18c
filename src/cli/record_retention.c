// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_retention.h"

#include "cli/record_events.h"
#include "core/log.h"

// On the keeper's thread.
static void
tell(void *context, bool is_problem, const char *what)
{
    const audyn_record_teller_t *teller = context;
    if (is_problem) {
        audyn_log_warning("retention: %s", what);
    } else if (!teller->options->quiet) {
        audyn_log_info("%s", what);
    }
}

static void
tell_deleted(void *context, const audyn_retention_deletion_t *deletion)
{
    const audyn_record_teller_t *teller = context;
    if (teller->notes) {
        audyn_record_notes_put(
            teller->notes,
            audyn_record_events_deleted(teller->options->archive.path, deletion));
    }
}

audyn_status_t
audyn_record_retention_start(audyn_retention_keeper_t **out,
                             audyn_record_teller_t *teller,
                             const audyn_archive_t *archive, audyn_error_t *error)
{
    *out = NULL;
    const audyn_retention_policy_t *policy = &teller->options->archive.retention;
    if (!archive || !policy->count) {
        return AUDYN_OK;
    }
    const audyn_retention_keeper_config_t config = {
        .archive = audyn_archive_path(archive),
        .clock = audyn_clock_system(),
        .chain = audyn_archive_chain(archive),
        .policy = *policy,
        .deleted = tell_deleted,
        .tell = tell,
        .context = teller,
    };
    const audyn_status_t status = audyn_retention_keeper_start(out, &config);
    return status ? audyn_error_set(error, status, "nobody can look after retention: %s",
                                    audyn_strerror(status))
                  : AUDYN_OK;
}
