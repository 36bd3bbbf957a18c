// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Who appends to the chains of an archive's streams: entries numbered in order, each
/// with the hash of the one before, signed where there is a key, and on disk before the
/// catalog says so.  One for a process and archive; any thread.  Processes take turns.

#ifndef AUDYN_ARCHIVE_CHAIN_H
#define AUDYN_ARCHIVE_CHAIN_H

#include "archive/catalog/catalog.h"
#include "archive/entry.h"

typedef struct audyn_chain audyn_chain_t;

/// `archive` is the archive's directory.  Creates the catalog, or rebuilds it from the
/// entries where it is missing or no database.  `key_path` names a private key, or is
/// NULL: entries are not signed; its public half becomes `.audyn/archive.pub`.  On
/// failure
/// `*out` is NULL.
audyn_status_t audyn_chain_open(audyn_chain_t **out, const char *archive,
                                const char *key_path, audyn_error_t *error);

/// The archive's directory, without a slash at its end.
const char *audyn_chain_path(const audyn_chain_t *chain);

/// An entry of which the catalog did not know was taken up, or `path`, below the
/// archive's directory, is left as it is: `text` is a sentence that names it.
typedef void audyn_chain_tell_t(void *context, const char *path, bool taken_up,
                                const char *text);

/// Where the catalog is older than the archive, having come from a backup or lost its
/// log, or a writer was killed: takes up the entries that continue the chain of the
/// stream, NULL: of any.  Others are left; of each stream one is told for all.  Once is
/// enough; who appends does it by itself, untold.  `tell` may be NULL.
audyn_status_t audyn_chain_catch_up(audyn_chain_t *chain, const char *stream,
                                    audyn_chain_tell_t *tell, void *context,
                                    audyn_error_t *error);

/// Sets `sequence` and `previous` of the entry, writes its file, signature first, puts
/// both on disk, and then into the catalog.  `path` is where, below the archive's
/// directory; NULL: `.audyn/chain/STREAM/`, for what is no segment.  Waits for other
/// processes, at most 30 s: AUDYN_BUSY.  After a failure the file may be there: appending
/// the same once more, with the same path, is right.  Nothing is overwritten:
/// AUDYN_EXISTS.
audyn_status_t audyn_chain_append(audyn_chain_t *chain, audyn_entry_t *entry,
                                  const char *path, audyn_error_t *error);

/// The same, but fails with AUDYN_BUSY where it would have to wait for another thread or
/// process: for who has other things to do meanwhile.
audyn_status_t audyn_chain_try_append(audyn_chain_t *chain, audyn_entry_t *entry,
                                      const char *path, audyn_error_t *error);

/// The entry at `path`, below the archive's directory, was written by somebody who may
/// not have come to tell the catalog, which knows it then.  Fails where it is no entry,
/// and with AUDYN_EXISTS where it does not continue the chain, or the catalog knows
/// another one of this path.
audyn_status_t audyn_chain_adopt(audyn_chain_t *chain, const char *path,
                                 audyn_error_t *error);

/// Whether the catalog has an entry of this path, whose file may have gone.  False where
/// another thread appends just now: nobody waits for it.
bool audyn_chain_knows(audyn_chain_t *chain, const char *path);

/// As audyn_catalog_end_before(), on any thread.
audyn_status_t audyn_chain_end_before(audyn_chain_t *chain, const char *stream,
                                      const audyn_input_format_t *format,
                                      uint64_t position, uint64_t *end);

/// The same, but fails with AUDYN_BUSY where another thread appends just now.
audyn_status_t audyn_chain_try_end_before(audyn_chain_t *chain, const char *stream,
                                          const audyn_input_format_t *format,
                                          uint64_t position, uint64_t *end);

/// A catalog that turns out to be damaged, or is removed or exchanged, is made anew from
/// the entries: by who waits for it, else on a thread of its own.  True, once: what was
/// wrong, for people.  False also where another thread appends just now.
bool audyn_chain_take_trouble(audyn_chain_t *chain, audyn_error_t *trouble);

/// Accepts NULL.
void audyn_chain_close(audyn_chain_t *chain);

#endif
