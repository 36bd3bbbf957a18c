// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/progress.h"

#include "cli/terminal.h"
#include "core/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define BAR_CELLS 20
#define REDRAW_NS (100 * AUDYN_NS_PER_MS)
#define SPEED_AFTER_NS (500 * AUDYN_NS_PER_MS)

static const struct {
    double bytes;
    const char *name;
} units[] = {{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1.0, "B"}};

// The unit in which that many bytes have one to three digits before the point.
static unsigned
unit_for(double bytes)
{
    unsigned i = 0;
    while (units[i].bytes > 1.0 && bytes < units[i].bytes) {
        ++i;
    }
    return i;
}

static void
format_left(char *text, size_t size, double seconds)
{
    const uint64_t s = seconds < 1e7 ? (uint64_t)(seconds + 0.5) : (uint64_t)1e7;
    if (s < 3600) {
        snprintf(text, size, "%" PRIu64 ":%02" PRIu64 " left", s / 60, s % 60);
    } else {
        snprintf(text, size, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64 " left", s / 3600,
                 s / 60 % 60, s % 60);
    }
}

// Nothing at first, when what little was done tells nothing yet.
static void
format_speed(char *text, size_t size, uint64_t done, uint64_t total, int64_t elapsed_ns)
{
    const double rate = (double)done / ((double)elapsed_ns / (double)AUDYN_NS_PER_SECOND);
    const unsigned unit = unit_for(rate);
    char left[32] = "";
    *text = '\0';
    if (elapsed_ns >= AUDYN_NS_PER_SECOND && done && done < total) {
        format_left(left, sizeof left, (double)(total - done) / rate);
    }
    if (elapsed_ns >= SPEED_AFTER_NS) {
        snprintf(text, size, "  %.1f %s/s  %s", rate / units[unit].bytes,
                 units[unit].name, left);
    }
}

void
audyn_progress_format(char *line, size_t size, unsigned width, uint64_t done,
                      uint64_t total, int64_t elapsed_ns)
{
    const double part =
        !total ? 1.0 : (double)(done < total ? done : total) / (double)total;
    const unsigned unit = unit_for((double)total);
    char bar[BAR_CELLS + 1];
    char speed[64];
    for (int i = 0; i < BAR_CELLS; ++i) {
        bar[i] = i < (int)(part * BAR_CELLS) ? '#' : '-';
    }
    bar[BAR_CELLS] = '\0';
    format_speed(speed, sizeof speed, done, total, elapsed_ns);
    snprintf(line, width + 1 < size ? width + 1 : size, "[%s] %3d %%  %.1f of %.1f %s%s",
             bar, (int)(part * 100.0), (double)done / units[unit].bytes,
             (double)total / units[unit].bytes, units[unit].name, speed);
}

static int64_t
now_ns(void)
{
    const audyn_clock_t *clock = audyn_clock_system();
    return clock->monotonic_ns(clock);
}

void
audyn_progress_begin(audyn_progress_t *progress, uint64_t total, bool quiet)
{
    const int64_t now = now_ns();
    *progress = (audyn_progress_t){.visible = !quiet && isatty(STDERR_FILENO),
                                   .total = total,
                                   .started_ns = now,
                                   .drawn_ns = now - REDRAW_NS};
}

void
audyn_progress_draw(audyn_progress_t *progress, uint64_t done)
{
    const int64_t now = progress->visible ? now_ns() : 0;
    if (!progress->visible || now - progress->drawn_ns < REDRAW_NS) {
        return;
    }
    char line[256];
    audyn_progress_format(line, sizeof line, audyn_terminal_width() - 1, done,
                          progress->total, now - progress->started_ns);
    fprintf(stderr, "\r%s\033[K", line);
    progress->drawn_ns = now;
    progress->pending = true;
}

void
audyn_progress_clear(audyn_progress_t *progress)
{
    if (progress->pending) {
        fputs("\r\033[K", stderr);
        progress->pending = false;
        progress->drawn_ns -= REDRAW_NS;
    }
}
