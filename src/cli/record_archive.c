// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_archive.h"

#include "cli/record_events.h"
#include "core/clock.h"
#include "core/duration.h"
#include "core/log.h"

#include <string.h>
#include <time.h>

#define DEFAULT_PERIOD_S 3600

static const char *const formats[] = {"wav", "flac", "opus"};

// `choices`: three names, in the order of their values.
static audyn_status_t
read_choice(const char *option, const char *text, const char *const choices[3],
            unsigned *value, audyn_error_t *error)
{
    for (*value = 0; *value < 3; ++*value) {
        if (!strcmp(text, choices[*value])) {
            return AUDYN_OK;
        }
    }
    return audyn_error_set(error, AUDYN_INVALID, "%s %s is not one of %s, %s and %s",
                           option, text, choices[0], choices[1], choices[2]);
}

audyn_status_t
audyn_record_archive_read_clock(audyn_record_archive_t *archive, const char *text,
                                audyn_error_t *error)
{
    static const char *const clocks[] = {
        [AUDYN_ARCHIVE_UTC] = "utc",
        [AUDYN_ARCHIVE_LOCAL] = "local",
        [AUDYN_ARCHIVE_TAI] = "tai",
    };
    unsigned clock;
    archive->has_clock = true;
    const audyn_status_t status = read_choice("--clock", text, clocks, &clock, error);
    archive->clock = (audyn_archive_clock_t)clock;
    return status;
}

audyn_status_t
audyn_record_archive_read_levels(audyn_record_archive_t *archive, const char *text,
                                 audyn_error_t *error)
{
    static const char *const modes[] = {
        [AUDYN_LEVELS_FULL] = "full",
        [AUDYN_LEVELS_PEAK] = "peak",
        [AUDYN_LEVELS_NONE] = "none",
    };
    unsigned mode;
    archive->has_levels = true;
    const audyn_status_t status = read_choice("--levels", text, modes, &mode, error);
    archive->levels = (audyn_levels_mode_t)mode;
    return status;
}

audyn_status_t
audyn_record_archive_read_period(audyn_record_archive_t *archive, const char *text,
                                 audyn_error_t *error)
{
    int64_t ns = 0;
    if (!audyn_duration_parse(text, &ns) || ns < AUDYN_NS_PER_SECOND ||
        ns > 86400 * AUDYN_NS_PER_SECOND || ns % AUDYN_NS_PER_SECOND) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "--period %s is not a number of whole seconds from 1s to "
                               "24h, such as 15m or 1h",
                               text);
    }
    archive->period_s = (uint32_t)(ns / AUDYN_NS_PER_SECOND);
    return AUDYN_OK;
}

static bool
is_among(const audyn_archive_settings_t *settings, const char *format)
{
    bool found = false;
    for (unsigned i = 0; i < settings->format_count; ++i) {
        found |= settings->formats[i] == format;
    }
    return found;
}

// "wav", "flac,opus": each once.
static audyn_status_t
read_formats(audyn_archive_settings_t *settings, const char *text, audyn_error_t *error)
{
    for (const char *word = text; word;) {
        const size_t length = strcspn(word, ",");
        const char *format = NULL;
        for (size_t i = 0; i < sizeof formats / sizeof *formats; ++i) {
            const bool same = strlen(formats[i]) == length;
            format = same && !strncmp(word, formats[i], length) ? formats[i] : format;
        }
        if (!format || is_among(settings, format)) {
            return audyn_error_set(error, AUDYN_INVALID,
                                   "--format %s is not one or several of wav, flac and "
                                   "opus, such as flac,opus",
                                   text);
        }
        settings->formats[settings->format_count++] = format;
        word = word[length] ? word + length + 1 : NULL;
    }
    return AUDYN_OK;
}

static audyn_status_t
make_settings(audyn_archive_settings_t *settings, const audyn_record_options_t *options,
              audyn_error_t *error)
{
    const audyn_record_archive_t *archive = &options->archive;
    *settings = (audyn_archive_settings_t){
        .has_encoding = options->coding.has_encoding,
        .encoding = options->coding.encoding,
        .dither = options->coding.dither,
        .codec = options->coding.codec,
        .levels = archive->levels,
        .key = archive->key,
        .station = options->station,
    };
    tzset();
    const audyn_status_t status = audyn_layout_init(
        &settings->layout, archive->layout ? archive->layout : "flat",
        archive->period_s ? archive->period_s : DEFAULT_PERIOD_S, archive->clock, error);
    return status ? status : read_formats(settings, options->format, error);
}

static bool
has_retention(const audyn_retention_policy_t *policy)
{
    return policy->count || policy->least_free || policy->trust_clock;
}

static audyn_status_t
check_absent(const audyn_record_options_t *options, audyn_error_t *error)
{
    const audyn_record_archive_t *archive = &options->archive;
    if (archive->name || archive->layout || archive->period_s || archive->has_clock ||
        archive->has_levels || archive->key) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "--name, --layout, --period, --clock, --levels and "
                               "--key are for --archive DIR");
    }
    if (has_retention(&archive->retention)) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "--retain, --least-free and --trust-clock are for "
                               "--archive DIR");
    }
    return strchr(options->format, ',')
               ? audyn_error_set(error, AUDYN_INVALID,
                                 "--format %s: several formats at once need --archive",
                                 options->format)
               : AUDYN_OK;
}

static audyn_status_t
check_retention(const audyn_retention_policy_t *policy, audyn_error_t *error)
{
    return has_retention(policy) ? audyn_retention_check(policy, error) : AUDYN_OK;
}

audyn_status_t
audyn_record_archive_check(const audyn_record_options_t *options, audyn_error_t *error)
{
    if (!options->archive.path) {
        return check_absent(options, error);
    }
    if (options->path || options->out_dir) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "-o, --out-dir and --archive each say where to record to; "
                               "give one of them");
    }
    if (options->force) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "--force has no use: an archive overwrites nothing");
    }
    if (options->archive.name && (options->list_path || options->inputs.count > 1)) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "--name is for a single input; a list (--inputs) has "
                               "names behind its inputs");
    }
    const audyn_status_t status = check_retention(&options->archive.retention, error);
    audyn_archive_settings_t settings;
    return status ? status : make_settings(&settings, options, error);
}

// On the thread that recovers.
static void
tell_recovered(void *context, const audyn_recovered_t *what)
{
    const audyn_record_teller_t *teller = context;
    const audyn_record_options_t *options = teller->options;
    if (what->kind == AUDYN_NOT_RECOVERED) {
        audyn_log_error("%s", what->text);
    } else if (!options->quiet) {
        audyn_log_info("%s", what->text);
    }
    if (teller->notes) {
        audyn_record_notes_put(
            teller->notes, audyn_record_events_recovered(options->archive.path, what));
    }
}

// What was left never keeps anybody from recording.
static void
recover(audyn_archive_t *archive, audyn_record_teller_t *teller)
{
    audyn_error_t error;
    if (audyn_archive_recover(archive, tell_recovered, teller, &error)) {
        audyn_log_warning("what a recorder has left is not recovered: %s", error.text);
    }
}

audyn_status_t
audyn_record_archive_open(audyn_archive_t **out, audyn_record_teller_t *teller,
                          audyn_error_t *error)
{
    *out = NULL;
    const audyn_record_options_t *options = teller->options;
    audyn_archive_settings_t settings;
    audyn_status_t status = make_settings(&settings, options, error);
    if (!status) {
        status = audyn_archive_open(out, options->archive.path, &settings, error);
    }
    if (!status) {
        recover(*out, teller);
    }
    return status;
}
