// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/holding.h"

#include "archive/retention/retention.h"
#include "cli/cli.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct option audyn_holding_words[] = {AUDYN_ARCHIVE_RANGE_WORDS,
                                             {"why", required_argument, NULL, 'w'},
                                             {"key", required_argument, NULL, 'k'},
                                             {"help", no_argument, NULL, 'h'},
                                             {0}};

audyn_status_t
audyn_holding_read_option(void *context, int option, audyn_error_t *error)
{
    audyn_holding_t *holding = (audyn_holding_t *)context;
    const audyn_entry_hold_t *limits = NULL;
    if (option == 'k') {
        holding->key = optarg;
    } else if (option == 'w') {
        holding->why = optarg;
        return strlen(optarg) < sizeof limits->why
                   ? AUDYN_OK
                   : audyn_error_set(error, AUDYN_INVALID,
                                     "--why: that is longer than %zu bytes",
                                     sizeof limits->why - 1);
    } else {
        audyn_archive_range_read(&holding->range, option);
    }
    return AUDYN_OK;
}

audyn_status_t
audyn_holding_open(audyn_holding_t *holding, const char *archive, audyn_error_t *error)
{
    holding->archive = archive;
    // What is no archive is not made one.
    audyn_catalog_t *catalog;
    audyn_status_t status = audyn_catalog_open(&catalog, archive, error);
    audyn_catalog_close(catalog);
    if (!status) {
        status = audyn_chain_open(&holding->chain, archive, holding->key, error);
    }
    if (!status) { // there may be segments and holds of which the catalog does not know
        status = audyn_chain_catch_up(holding->chain, holding->range.stream, NULL, NULL,
                                      error);
    }
    if (!status) {
        status = audyn_catalog_open(&holding->catalog, archive, error);
    }
    return status ? status
                  : audyn_archive_range_find(&holding->stretch, holding->catalog,
                                             &holding->range, error);
}

audyn_status_t
audyn_holding_append(audyn_holding_t *holding, audyn_entry_t *entry, audyn_error_t *error)
{
    const int fd = audyn_retention_lock(holding->archive);
    if (fd < 0) {
        return audyn_error_set(error, audyn_status_from_errno(errno),
                               "%s/.audyn/retention.lock cannot be had: %s",
                               holding->archive, strerror(errno));
    }
    const audyn_status_t status = audyn_chain_append(holding->chain, entry, NULL, error);
    close(fd);
    return status;
}

void
audyn_holding_name_author(char *text, size_t size)
{
    const struct passwd *user = getpwuid(geteuid());
    char host[128] = "";
    gethostname(host, sizeof host - 1);
    snprintf(text, size, "%s@%s", user ? user->pw_name : "?", host);
}

void
audyn_holding_close(audyn_holding_t *holding)
{
    audyn_cli_close_chain(holding->chain);
    audyn_catalog_close(holding->catalog);
}
