// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/ls.h"

#include "core/byte_size.h"
#include "core/clock.h"
#include "core/plural.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HOUR_NS (3600 * AUDYN_NS_PER_SECOND)
#define EIGHTHS 8
#define DURATION 32

// "1234:05:06", with milliseconds where they say something.
static void
format_duration(char text[DURATION], int64_t ns)
{
    const int64_t s = ns / AUDYN_NS_PER_SECOND;
    const int used = snprintf(text, DURATION, "%02" PRId64 ":%02" PRId64 ":%02" PRId64,
                              s / 3600, s / 60 % 60, s % 60);
    const int64_t ms = ns % AUDYN_NS_PER_SECOND / AUDYN_NS_PER_MS;
    if (ms) {
        snprintf(text + used, (size_t)(DURATION - used), ".%03" PRId64, ms);
    }
}

// The date of a day, without the time.
static void
format_date(char text[32], const audyn_ls_stream_t *stream,
            const audyn_overview_day_t *day)
{
    audyn_ls_time(text, stream->days, day->midnight_ns);
    text[strcspn(text, " ")] = '\0';
}

// A cell for each hour, as full as that was recorded.
static void
print_bar(const audyn_overview_day_t *day)
{
    static const char *const cells[EIGHTHS + 1] = {" ", "▁", "▂", "▃", "▄",
                                                   "▅", "▆", "▇", "█"};
    const int64_t last_ns = day->to_ns - day->midnight_ns;
    const int hours = last_ns > 24 * HOUR_NS ? AUDYN_OVERVIEW_HOURS : 24;
    fputs("  ▏", stdout);
    for (int i = 0; i < hours; ++i) {
        // Anything is more than nothing, and only all of it is full.
        const int64_t recorded_ns = day->hours_ns[i];
        const int64_t some = recorded_ns > 0;
        int64_t eighths = recorded_ns * EIGHTHS / HOUR_NS;
        eighths = eighths < some ? some : eighths;
        fputs(cells[eighths < EIGHTHS ? eighths : EIGHTHS], stdout);
    }
    fputs("▕", stdout);
}

static void
print_missing(const audyn_ls_stream_t *stream, const audyn_overview_day_t *day)
{
    char duration[DURATION];
    if (day->holes) {
        char from[32];
        audyn_ls_time(from, stream->days, day->longest_hole_from_ns);
        format_duration(duration, day->longest_hole_ns);
        printf("  nothing for %s from %s", duration, strchr(from, ' ') + 1);
        if (day->holes > 1) {
            format_duration(duration, day->hole_ns);
            printf(" and %" PRIu64 " more hole%s, %s in all", day->holes - 1,
                   audyn_plural(day->holes - 1), duration);
        }
    }
    if (day->losses) {
        format_duration(duration, day->lost_ns);
        printf("%s %s missing in %" PRIu64 " place%s", day->holes ? "," : " ", duration,
               day->losses, audyn_plural(day->losses));
    }
}

static void
print_day(const audyn_ls_stream_t *stream, const audyn_overview_day_t *day, bool bars)
{
    char date[32];
    char duration[DURATION];
    format_date(date, stream, day);
    format_duration(duration, day->recorded_ns);
    printf("  %s  %12s", date, duration);
    if (bars) {
        print_bar(day);
    }
    print_missing(stream, day);
    putchar('\n');
}

// How many days from here on are whole from midnight to midnight, and equally long.
static size_t
count_alike(const audyn_overview_t *overview, size_t first)
{
    const int64_t length_ns = overview->days[first].recorded_ns;
    size_t i = first;
    while (i < overview->count && audyn_overview_day_is_whole(&overview->days[i]) &&
           overview->days[i].from_ns == overview->days[i].midnight_ns &&
           overview->days[i].recorded_ns == length_ns) {
        ++i;
    }
    return i - first;
}

static void
print_days(const audyn_ls_stream_t *stream, bool bars)
{
    const audyn_overview_t *overview = &stream->overview;
    for (size_t i = 0; i < overview->count;) {
        const size_t alike = count_alike(overview, i);
        if (alike < 3) {
            print_day(stream, &overview->days[i++], bars);
            continue;
        }
        char first[32];
        char last[32];
        char duration[DURATION];
        format_date(first, stream, &overview->days[i]);
        format_date(last, stream, &overview->days[i + alike - 1]);
        format_duration(duration, overview->days[i].recorded_ns);
        printf("  %s to %s  %zu days, %s each, nothing missing\n", first, last, alike,
               duration);
        i += alike;
    }
}

static void
print_sizes(const audyn_ls_stream_t *stream)
{
    fputs("  ", stdout);
    for (unsigned i = 0; i < stream->size_count; ++i) {
        char size[AUDYN_BYTE_SIZE_TEXT];
        audyn_byte_size_text(size, stream->sizes[i].bytes);
        printf("%s%s %s in %" PRIu64 " file%s", i ? ", " : "", stream->sizes[i].format,
               size, stream->sizes[i].files, audyn_plural(stream->sizes[i].files));
    }
    puts(stream->size_count ? "" : "no audio is kept any more");
}

static void
print_totals(const audyn_ls_stream_t *stream)
{
    const audyn_catalog_totals_t *totals = &stream->totals;
    char duration[DURATION];
    bool any = false;
    for (int i = 0; i <= AUDYN_SAMPLE_RECEIVED; ++i) {
        const bool is_class = i < AUDYN_SAMPLE_RECEIVED;
        const uint64_t frames = is_class ? totals->missing[i] : totals->unclassified;
        const char *name =
            is_class ? audyn_sample_class_name((audyn_sample_class_t)i) : "unclassified";
        format_duration(duration, audyn_ls_duration_ns(stream, frames));
        if (frames) {
            printf("%s%s %s", any ? ", " : "  missing: ", name, duration);
            any = true;
        }
    }
    if (totals->holes) {
        format_duration(duration, totals->hole_ns);
        printf("%s%" PRIu64 " hole%s, %s in all",
               any ? ", " : "  missing: ", totals->holes, audyn_plural(totals->holes),
               duration);
        any = true;
    }
    puts(any ? "" : "  nothing is missing");
}

static void
print_head(const audyn_ls_stream_t *stream)
{
    const audyn_catalog_stream_t *about = stream->stream;
    char first[32];
    char end[32];
    char duration[DURATION];
    audyn_ls_time(first, stream->days, about->first_ns);
    audyn_ls_time(end, stream->days, about->end_ns);
    format_duration(duration, audyn_ls_duration_ns(stream, stream->totals.sample_frames));
    printf("%s: %u-bit%s, %u Hz, %u channel%s\n", about->name, about->format.bits,
           about->format.bits == 32 ? " float" : "", about->format.sample_rate,
           about->format.channels, audyn_plural(about->format.channels));
    printf("  %s to %s: %s in %" PRIu64 " segment%s\n", first, end, duration,
           about->segments, audyn_plural(about->segments));
}

static bool
print_hold(void *context, const audyn_catalog_hold_t *hold)
{
    const audyn_ls_stream_t *stream = (const audyn_ls_stream_t *)context;
    if (!hold->released) {
        char from[32];
        char to[32];
        audyn_ls_time(from, stream->days, hold->from_ns);
        audyn_ls_time(to, stream->days, hold->to_ns);
        printf("  hold %" PRIu64 ": %s to %s, by %s: %s\n", hold->sequence, from, to,
               hold->by, hold->why);
    }
    return true;
}

audyn_status_t
audyn_ls_print(const audyn_ls_stream_t *stream, bool bars)
{
    print_head(stream);
    if (stream->stream->segments) {
        print_sizes(stream);
        print_totals(stream);
    }
    const audyn_status_t status = audyn_catalog_holds(
        stream->catalog, stream->stream->name, print_hold, (void *)stream);
    print_days(stream, bars);
    return status;
}
