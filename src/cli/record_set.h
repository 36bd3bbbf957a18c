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
    audyn_rtp_receivers_t *receivers;     ///< for all streams
    audyn_announcements_t *announcements; ///< likewise
    audyn_record_events_t *events;        ///< NULL: nobody is told
    audyn_worker_t **workers;
    size_t worker_count;
    int signal_fd;
    struct pollfd *polled; ///< signals, and behind them each worker's
    audyn_record_stream_t *streams;
    size_t count;
    int64_t started_ns;
    audyn_record_live_t live;
};

/// Borrows options and inputs, which have their names.  Nothing is opened.
audyn_status_t audyn_record_set_create(audyn_record_set_t **out,
                                       const audyn_record_options_t *options,
                                       const audyn_record_inputs_t *inputs,
                                       audyn_error_t *error);

/// Records until each stream has come to its end, or until a signal.
void audyn_record_set_run(audyn_record_set_t *set);

/// Accepts NULL.
void audyn_record_set_destroy(audyn_record_set_t *set);

void audyn_record_set_totals(const audyn_record_set_t *set,
                             audyn_record_totals_t *totals);

#endif
