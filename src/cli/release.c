// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn release`: ends a hold.

#include "cli/holding.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "usage: audyn release DIR HOLD --stream S [options]\n"
    "\n"
    "Ends the hold of this number on a stream of the archive DIR: see audyn ls.\n"
    "\n"
    "options:\n"
    "      --why TEXT       the reason, which stays in the archive\n"
    "      --key FILE       the private key to sign with: see audyn keygen\n"
    "  -h, --help           this text\n"
    "\n"
    "exit status: 0 released, 1 failed, 2 wrong usage\n";

struct search {
    uint64_t sequence;
    bool found, released;
};

static bool
look_at(void *context, const audyn_catalog_hold_t *hold)
{
    struct search *search = (struct search *)context;
    search->found = hold->sequence == search->sequence;
    search->released = hold->released;
    return !search->found;
}

static audyn_status_t
find_hold(const audyn_holding_t *holding, uint64_t sequence, audyn_error_t *error)
{
    const char *stream = holding->stretch.name;
    struct search search = {.sequence = sequence};
    const audyn_status_t status =
        audyn_catalog_holds(holding->catalog, stream, look_at, &search);
    if (status || !search.found) {
        return audyn_error_set(error, status ? status : AUDYN_NOT_FOUND,
                               "there is no hold %" PRIu64 " on %s; see audyn ls %s",
                               sequence, stream, holding->archive);
    }
    return search.released ? audyn_error_set(error, AUDYN_EXISTS,
                                             "hold %" PRIu64 " on %s is released already",
                                             sequence, stream)
                           : AUDYN_OK;
}

static audyn_status_t
release(audyn_holding_t *holding, uint64_t sequence, audyn_error_t *error)
{
    const audyn_archive_stretch_t *stretch = &holding->stretch;
    audyn_status_t status = find_hold(holding, sequence, error);
    if (status) {
        return status;
    }
    audyn_entry_t entry;
    audyn_entry_init(&entry, AUDYN_ENTRY_RELEASE, stretch->name, &stretch->format);
    entry.release.hold = sequence;
    snprintf(entry.release.why, sizeof entry.release.why, "%s",
             holding->why ? holding->why : "");
    audyn_holding_name_author(entry.release.by, sizeof entry.release.by);
    status = audyn_holding_append(holding, &entry, error);
    audyn_entry_finish(&entry);
    if (!status) {
        printf("hold %" PRIu64 " on %s is released\n", sequence, stretch->name);
    }
    return status;
}

static audyn_status_t
read_number(const char *word, uint64_t *sequence, audyn_error_t *error)
{
    char *end;
    *sequence = strtoull(word, &end, 10);
    return isdigit((unsigned char)*word) && !*end
               ? AUDYN_OK
               : audyn_error_set(error, AUDYN_INVALID,
                                 "%s is not the number of a hold, as audyn ls tells it",
                                 word);
}

int
audyn_cli_release(int argc, char **argv)
{
    static const audyn_cli_command_t command = {
        {":h", audyn_holding_words, audyn_holding_read_option},
        help,
        2,
        "an archive and the number of a hold: audyn release DIR HOLD"};
    audyn_holding_t holding = {0};
    int exit_status = AUDYN_EXIT_COMPLETE;
    char **operands = audyn_cli_start(&command, argc, argv, &holding, &exit_status);
    if (!operands) {
        return exit_status;
    }
    audyn_error_t error = {""};
    uint64_t sequence;
    audyn_status_t status = read_number(operands[1], &sequence, &error);
    if (!status && (!holding.range.stream || holding.range.from || holding.range.to)) {
        status = audyn_error_set(&error, AUDYN_INVALID,
                                 "say of which stream, with --stream S, and no time");
    }
    if (!status) {
        status = audyn_holding_open(&holding, operands[0], &error);
    }
    if (!status) {
        status = release(&holding, sequence, &error);
    }
    audyn_holding_close(&holding);
    return status ? audyn_cli_refuse(status, &error) : AUDYN_EXIT_COMPLETE;
}
