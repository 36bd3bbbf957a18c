// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_retention.h"

#include "core/log.h"

// On the keeper's thread.
static void
tell(void *context, bool is_problem, const char *what)
{
    const audyn_record_options_t *options = (const audyn_record_options_t *)context;
    if (is_problem) {
        audyn_log_warning("retention: %s", what);
    } else if (!options->quiet) {
        audyn_log_info("%s", what);
    }
}

audyn_status_t
audyn_record_retention_start(audyn_retention_keeper_t **out,
                             const audyn_record_options_t *options,
                             const audyn_archive_t *archive, audyn_error_t *error)
{
    *out = NULL;
    const audyn_retention_policy_t *policy = &options->archive.retention;
    if (!archive || !policy->count) {
        return AUDYN_OK;
    }
    const audyn_retention_keeper_config_t config = {
        .archive = audyn_archive_path(archive),
        .clock = audyn_clock_system(),
        .chain = audyn_archive_chain(archive),
        .policy = *policy,
        .tell = tell,
        .context = (void *)options,
    };
    const audyn_status_t status = audyn_retention_keeper_start(out, &config);
    return status ? audyn_error_set(error, status, "nobody can look after retention: %s",
                                    audyn_strerror(status))
                  : AUDYN_OK;
}
