// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_live.h"

#include "cli/live_line.h"
#include "cli/record_set.h"
#include "cli/terminal.h"

#include <stdio.h>
#include <unistd.h>

#define FORCED_NS AUDYN_NS_PER_SECOND

// False while there is nothing to show.
static bool
format_line(char *line, size_t size, const audyn_record_set_t *set, int64_t now_ns)
{
    const unsigned width = audyn_terminal_width() - 1;
    if (audyn_record_options_are_for_many(set->options)) {
        audyn_record_totals_t totals;
        audyn_record_set_totals(set, &totals);
        audyn_live_line_format_many(line, size, width, now_ns - set->started_ns, &totals);
        return true;
    }
    const audyn_record_report_t *report = &set->streams[0].report;
    if (report->progress.started) {
        audyn_live_line_format(line, size, width, &report->format, &report->progress,
                               &report->pool);
    }
    return report->progress.started;
}

void
audyn_record_live_draw(audyn_record_set_t *set, int64_t now_ns)
{
    const bool terminal = isatty(STDERR_FILENO);
    const bool due = terminal || now_ns - set->live.drawn_ns >= FORCED_NS;
    char line[512];
    if (set->options->quiet || !(terminal || set->options->live) || !due ||
        !format_line(line, sizeof line, set, now_ns)) {
        return;
    }
    set->live.drawn_ns = now_ns;
    set->live.pending = terminal;
    fprintf(stderr, terminal ? "\r%s\033[K" : "%s\n", line);
}

void
audyn_record_live_end(audyn_record_set_t *set)
{
    if (set->live.pending) {
        set->live.pending = false;
        fputc('\n', stderr);
    }
}
