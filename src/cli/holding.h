// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `audyn hold` and `audyn release` share.

#ifndef AUDYN_CLI_HOLDING_H
#define AUDYN_CLI_HOLDING_H

#include "archive/chain.h"
#include "cli/archive_range.h"

typedef struct {
    audyn_archive_range_t range;
    const char *why, *key; ///< NULL: not given
    const char *archive;
    audyn_chain_t *chain;
    audyn_catalog_t *catalog;
    audyn_archive_stretch_t stretch;
} audyn_holding_t;

extern const struct option audyn_holding_words[];

/// For audyn_cli_options_t, with an audyn_holding_t as its context.
audyn_status_t audyn_holding_read_option(void *context, int option, audyn_error_t *error);

/// Opens the archive and finds the stretch.  Close it, also after a failure.
audyn_status_t audyn_holding_open(audyn_holding_t *holding, const char *archive,
                                  audyn_error_t *error);

/// Appends the entry to the chain, while nothing is being deleted.
audyn_status_t audyn_holding_append(audyn_holding_t *holding, audyn_entry_t *entry,
                                    audyn_error_t *error);

/// Who is at it: "user@host".
void audyn_holding_name_author(char *text, size_t size);

/// Harmless where all is zero.
void audyn_holding_close(audyn_holding_t *holding);

#endif
