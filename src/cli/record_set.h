// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// All that lives while recordings run: a single one is a set of one.

#ifndef AUDYN_CLI_RECORD_SET_H
#define AUDYN_CLI_RECORD_SET_H

#include "cli/record_inputs.h"
#include "cli/record_live.h"
#include "cli/record_stream.h"
#include "cli/record_totals.h"

#include <poll.h>

struct audyn_record_set {
    const audyn_record_options_t *options;
    const audyn_archive_t *archive; ///< or NULL
    audyn_input_config_t shared;    ///< what the inputs of all streams share
    audyn_record_events_t *events;  ///< NULL: nobody is told
    audyn_record_notes_t *notes;    ///< of the whole archive; borrowed; or NULL
    audyn_worker_t **workers;
    size_t worker_count;
    int signal_fd;
    struct pollfd *polled; ///< signals, and behind them each worker's
    audyn_record_stream_t *streams;
    size_t count;
    size_t most; ///< streams that there are file descriptors for
    void **some; ///< room for as many: streams that something is done with
    bool announced;
    int64_t started_ns;
    audyn_record_live_t live;
};

/// Borrows options, the archive, which may be NULL, and inputs, of which there are some,
/// with their names.  Nothing is opened.
audyn_status_t audyn_record_set_create(audyn_record_set_t **out,
                                       const audyn_record_options_t *options,
                                       const audyn_archive_t *archive,
                                       const audyn_record_inputs_t *inputs,
                                       audyn_error_t *error);

/// Accepts NULL.
void audyn_record_set_destroy(audyn_record_set_t *set);

void audyn_record_set_totals(const audyn_record_set_t *set,
                             audyn_record_totals_t *totals);

#endif
