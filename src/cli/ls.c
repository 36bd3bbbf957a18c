// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn ls`: what is in an archive, at a glance.

#include "cli/ls.h"

#include "cli/archive_range.h"
#include "core/clock.h"
#include "core/json_text.h"
#include "core/log.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DAY_S 86400
#define DAYS_AT_A_GLANCE 7

static const char help[] =
    "usage: audyn ls DIR [options]\n"
    "\n"
    "Lists the streams of the archive DIR: since when they were recorded, how much there "
    "is\n"
    "of each format, what is missing, what is held, and the last seven days.\n"
    "\n"
    "options:\n"
    "      --stream S       this stream only\n"
    "      --from TIME      days from then on: 2026-11-22, '2026-11-22 14:00 "
    "Europe/Dublin'\n"
    "      --to TIME        until then\n"
    "      --tz ZONE        whose days: UTC (default), local, or one such as "
    "Europe/Dublin\n"
    "      --json           in JSON\n"
    "  -h, --help           this text\n"
    "\n"
    "exit status: 0 listed, 1 failed, 2 wrong usage\n";

struct options {
    audyn_archive_range_t range;
    bool json;
};

struct listing {
    const struct options *options;
    audyn_catalog_t *catalog;
    audyn_layout_t days;
    audyn_moment_text_t from, to;
    size_t streams;
    bool bars;
    json_t *array; // NULL: text
    audyn_status_t status;
};

static audyn_status_t
read_option(void *context, int option, audyn_error_t *error)
{
    (void)error;
    struct options *options = (struct options *)context;
    options->json |= option == 'j';
    audyn_archive_range_read(&options->range, option);
    return AUDYN_OK;
}

void
audyn_ls_time(char text[32], const audyn_layout_t *days, int64_t tai_ns)
{
    if (audyn_layout_path(days, tai_ns, text, 32)) {
        *text = '\0';
    }
}

int64_t
audyn_ls_duration_ns(const audyn_ls_stream_t *stream, uint64_t sample_frames)
{
    const audyn_media_rate_t rate = audyn_input_media_rate(&stream->stream->format);
    return audyn_media_tai_ns(sample_frames, &rate);
}

static bool
add_size(void *context, const char *format, uint64_t files, uint64_t bytes)
{
    audyn_ls_stream_t *stream = (audyn_ls_stream_t *)context;
    if (stream->size_count < AUDYN_LS_FORMATS) {
        snprintf(stream->sizes[stream->size_count].format, sizeof stream->sizes->format,
                 "%s", format);
        stream->sizes[stream->size_count].files = files;
        stream->sizes[stream->size_count++].bytes = bytes;
    }
    return true;
}

// Which days: those that were asked for, or the last ones.
static audyn_status_t
look_at_days(struct listing *listing, audyn_ls_stream_t *stream)
{
    const audyn_catalog_stream_t *about = stream->stream;
    const audyn_archive_range_t *range = &listing->options->range;
    int64_t from_ns = about->first_ns;
    int64_t to_ns = about->end_ns;
    if (range->to && listing->to.tai_ns < to_ns) {
        to_ns = listing->to.tai_ns;
    }
    if (!range->from && !range->to) {
        const int64_t last_ns = audyn_overview_midnight(&listing->days, to_ns - 1);
        const int64_t glance_ns = audyn_overview_midnight(
            &listing->days,
            last_ns - (DAYS_AT_A_GLANCE - 1) * DAY_S * AUDYN_NS_PER_SECOND);
        from_ns = glance_ns > from_ns ? glance_ns : from_ns;
    } else if (range->from && listing->from.tai_ns > from_ns) {
        from_ns = listing->from.tai_ns;
    }
    return from_ns < to_ns ? audyn_overview_make(&stream->overview, listing->catalog,
                                                 about, &listing->days, from_ns, to_ns)
                           : AUDYN_OK;
}

static audyn_status_t
tell_stream(struct listing *listing, const audyn_ls_stream_t *stream)
{
    if (!listing->array) {
        if (listing->streams) {
            putchar('\n');
        }
        return audyn_ls_print(stream, listing->bars);
    }
    return json_array_append_new(listing->array, audyn_ls_json(stream)) ? AUDYN_NO_MEMORY
                                                                        : AUDYN_OK;
}

static bool
list_stream(void *context, const audyn_catalog_stream_t *about)
{
    struct listing *listing = (struct listing *)context;
    const char *wanted = listing->options->range.stream;
    if (wanted && strcmp(wanted, about->name) != 0) {
        return true;
    }
    audyn_ls_stream_t stream = {
        .stream = about, .days = &listing->days, .catalog = listing->catalog};
    audyn_status_t status =
        audyn_catalog_totals(listing->catalog, about->name, &stream.totals);
    if (!status) {
        status = audyn_catalog_sizes(listing->catalog, about->name, add_size, &stream);
    }
    if (!status && about->segments) {
        status = look_at_days(listing, &stream);
    }
    if (!status) {
        status = tell_stream(listing, &stream);
    }
    free(stream.overview.days);
    ++listing->streams;
    listing->status = status;
    return !status;
}

// A position is one of a single stream.
static audyn_status_t
read_moments(struct listing *listing, audyn_error_t *error)
{
    const audyn_archive_range_t *range = &listing->options->range;
    const audyn_status_t status =
        audyn_archive_range_moments(range, &listing->from, &listing->to, error);
    if (!status && (listing->from.is_position || listing->to.is_position)) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "days are counted in time; --from and --to want one, "
                               "such as 2026-11-22, and no position");
    }
    return status;
}

// From here on, local time is that of the zone that was asked for.
static audyn_status_t
set_zone(struct listing *listing, audyn_error_t *error)
{
    const char *zone = listing->options->range.zone;
    const bool local = zone && !strcmp(zone, "local");
    if (!local) {
        setenv("TZ", zone ? zone : "UTC", 1);
        tzset();
    }
    return audyn_layout_init(&listing->days, "custom=%Y-%m-%d %H:%M:%S", DAY_S,
                             AUDYN_ARCHIVE_LOCAL, error);
}

static bool
can_show_bars(void)
{
    setlocale(LC_CTYPE, "");
    return isatty(STDOUT_FILENO) && !strcmp(nl_langinfo(CODESET), "UTF-8");
}

static int
conclude(const struct listing *listing, const char *path)
{
    const char *wanted = listing->options->range.stream;
    if (wanted && !listing->streams) {
        audyn_log_error("%s has no stream %s; audyn ls %s lists those that there are",
                        path, wanted, path);
        return AUDYN_EXIT_FAILED;
    }
    if (listing->array) {
        char *text = audyn_json_lines(listing->array);
        if (text) {
            fputs(text, stdout);
        }
        free(text);
    } else if (!listing->streams) {
        puts("nothing was recorded yet");
    }
    if (fflush(stdout) || ferror(stdout)) {
        audyn_log_error("the list cannot be written to standard output");
        return AUDYN_EXIT_FAILED;
    }
    return AUDYN_EXIT_COMPLETE;
}

static audyn_status_t
list(struct listing *listing, const char *path, audyn_error_t *error)
{
    audyn_status_t status = read_moments(listing, error);
    if (!status) {
        status = set_zone(listing, error);
    }
    if (!status) {
        status = audyn_catalog_open(&listing->catalog, path, error);
    }
    if (!status) {
        status = audyn_catalog_streams(listing->catalog, list_stream, listing);
        status = status ? status : listing->status;
        if (status) {
            audyn_error_set(error, status, "the catalog of %s cannot be read: %s", path,
                            audyn_strerror(status));
        }
    }
    audyn_catalog_close(listing->catalog);
    return status;
}

int
audyn_cli_ls(int argc, char **argv)
{
    static const struct option words[] = {AUDYN_ARCHIVE_RANGE_WORDS,
                                          {"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    static const audyn_cli_command_t command = {
        {":h", words, read_option}, help, 1, "one archive at a time: audyn ls DIR"};
    struct options options = {0};
    int exit_status = AUDYN_EXIT_COMPLETE;
    char **operands = audyn_cli_start(&command, argc, argv, &options, &exit_status);
    if (!operands) {
        return exit_status;
    }
    struct listing listing = {.options = &options, .bars = can_show_bars()};
    listing.array = options.json ? json_array() : NULL;
    audyn_error_t error = {""};
    const audyn_status_t status = list(&listing, operands[0], &error);
    exit_status =
        status ? audyn_cli_refuse(status, &error) : conclude(&listing, operands[0]);
    json_decref(listing.array);
    return exit_status;
}
