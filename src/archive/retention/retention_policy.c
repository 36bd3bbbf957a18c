// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/retention/retention.h"

#include "core/byte_size.h"
#include "core/duration.h"

#include <stdio.h>
#include <string.h>

// In the order in which formats are told.
static const char *const formats[AUDYN_ARCHIVE_FORMATS] = {"wav", "flac", "opus"};

static const audyn_retention_rule_t *
rule_for(const audyn_retention_policy_t *policy, const char *format)
{
    const audyn_retention_rule_t *found = NULL;
    for (unsigned i = 0; i < policy->count; ++i) {
        found = policy->rules[i].format == format ? &policy->rules[i] : found;
    }
    return found;
}

// The format at `*text`, "=" behind it, which moves past both; NULL where there is none.
static const char *
read_format(const char **text)
{
    const char *found = NULL;
    for (unsigned i = 0; i < AUDYN_ARCHIVE_FORMATS && !found; ++i) {
        const size_t length = strlen(formats[i]);
        if (!strncmp(*text, formats[i], length) && (*text)[length] == '=') {
            found = formats[i];
            *text += length + 1;
        }
    }
    return found;
}

static audyn_status_t
refuse(const char *text, const char *why, audyn_error_t *error)
{
    return audyn_error_set(error, AUDYN_INVALID,
                           "--retain %s: %s, such as 42d or "
                           "wav=7d,flac=90d",
                           text, why);
}

// "42d" as a length of time; `text` is all that was given.
static audyn_status_t
read_time(int64_t *keep_ns, const char *word, const char *text, audyn_error_t *error)
{
    // Six months, or six minutes?
    if (strchr(word, 'm')) {
        return refuse(text, "m may be months or minutes; say days or hours", error);
    }
    if (!strpbrk(word, "dhs") || !audyn_duration_parse(word, keep_ns) || !*keep_ns) {
        return refuse(text, "that is no time, with its unit, for which files are kept",
                      error);
    }
    return AUDYN_OK;
}

// Of `format`, or NULL: of all.
static audyn_status_t
add_rules(audyn_retention_policy_t *policy, const char *format, const char *word,
          const char *text, audyn_error_t *error)
{
    int64_t keep_ns = 0;
    const audyn_status_t status = read_time(&keep_ns, word, text, error);
    for (unsigned i = 0; i < AUDYN_ARCHIVE_FORMATS && !status; ++i) {
        if (format && format != formats[i]) {
            continue;
        }
        if (rule_for(policy, formats[i])) {
            return refuse(text, "each format is named once", error);
        }
        audyn_retention_rule_t *rule = &policy->rules[policy->count++];
        *rule = (audyn_retention_rule_t){.format = formats[i], .keep_ns = keep_ns};
        snprintf(rule->why, sizeof rule->why, "retention %s", word);
    }
    return status;
}

audyn_status_t
audyn_retention_parse(audyn_retention_policy_t *policy, const char *text,
                      audyn_error_t *error)
{
    audyn_retention_policy_t next = *policy;
    next.count = 0;
    char words[AUDYN_RETENTION_TEXT];
    if (snprintf(words, sizeof words, "%s", text) >= (int)sizeof words) {
        return refuse(text, "that is too long", error);
    }
    const bool of_all = !strchr(words, '=');
    for (char *rest = words; rest;) {
        const char *word = strsep(&rest, ",");
        const char *format = of_all ? NULL : read_format(&word);
        if (!of_all && !format) {
            return refuse(text, "wav, flac and opus are the formats", error);
        }
        const audyn_status_t status = add_rules(&next, format, word, text, error);
        if (status) {
            return status;
        }
    }
    *policy = next;
    return AUDYN_OK;
}

audyn_status_t
audyn_retention_parse_free(audyn_retention_policy_t *policy, const char *text,
                           audyn_error_t *error)
{
    uint64_t bytes;
    if (!audyn_byte_size_parse(text, &bytes) || !bytes) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "--least-free %s is not a size such as 20G or 500M", text);
    }
    policy->least_free = bytes;
    return AUDYN_OK;
}

audyn_status_t
audyn_retention_check(const audyn_retention_policy_t *policy, audyn_error_t *error)
{
    return policy->count
               ? AUDYN_OK
               : audyn_error_set(error, AUDYN_INVALID,
                                 "say what may be deleted, such as --retain 42d or "
                                 "--retain wav=7d,flac=90d");
}
