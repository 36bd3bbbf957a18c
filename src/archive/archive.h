// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// An archive: a directory in which each stream has a folder, whose files are cut by the
/// archive's clock.  doc/archive-format.md shows what lies where.

#ifndef AUDYN_ARCHIVE_ARCHIVE_H
#define AUDYN_ARCHIVE_ARCHIVE_H

#include "archive/chain.h"
#include "archive/entry.h"
#include "archive/event_log.h"
#include "archive/layout.h"
#include "archive/levels.h"
#include "archive/output.h"
#include "archive/recover/recover.h"
#include "input/input.h"

#define AUDYN_ARCHIVE_FORMATS 3

/// For all streams of an archive.
typedef struct {
    audyn_layout_t layout;
    const char *formats[AUDYN_ARCHIVE_FORMATS]; ///< endings without a dot; borrowed
    unsigned format_count;                      ///< at least 1
    bool has_encoding;                          ///< else that of the stream
    audyn_encoding_t encoding;
    bool dither; ///< when reducing to 16 or 24 bits
    audyn_codec_t codec;
    audyn_levels_mode_t levels; ///< for the sidecars
    const char *key;            ///< a file, borrowed; NULL: sidecars are not signed
    const char *station;        ///< whose programme it is; borrowed; NULL: not told
} audyn_archive_settings_t;

/// Used by many threads, once it is open.
typedef struct audyn_archive audyn_archive_t;

/// `path` names a directory that exists.  One recorder at a time has an archive open:
/// fails with AUDYN_BUSY where another has.  Copies the settings.  Where the catalog is
/// missing it is made from the sidecars, which takes time.
audyn_status_t audyn_archive_open(audyn_archive_t **out, const char *path,
                                  const audyn_archive_settings_t *settings,
                                  audyn_error_t *error);

const audyn_archive_settings_t *audyn_archive_settings(const audyn_archive_t *archive);

/// Without a slash at its end.
const char *audyn_archive_path(const audyn_archive_t *archive);

/// Its chains and catalog.  Owned by the archive.
audyn_chain_t *audyn_archive_chain(const audyn_archive_t *archive);

/// Before its first output: recovers what a recorder has left, on a thread of its own,
/// which tells.  Sidecars are written once that is done, so that the order of the chains
/// is that of time.
audyn_status_t audyn_archive_recover(audyn_archive_t *archive,
                                     void (*tell)(void *context,
                                                  const audyn_recovered_t *what),
                                     void *context, audyn_error_t *error);

/// Whether sidecars may be written.
bool audyn_archive_is_recovered(const audyn_archive_t *archive);

/// Any thread.  Ends that recovery as soon as may be; the next one goes on.  No sidecars
/// are written then: it makes those too, from the journals that stay.
void audyn_archive_stop_recovery(const audyn_archive_t *archive);

/// Whether it came to that.
bool audyn_archive_is_recovery_stopped(const audyn_archive_t *archive);

/// Returns once sidecars may be written, or will not be.
void audyn_archive_wait_recovered(const audyn_archive_t *archive);

/// After all its outputs.  Accepts NULL.
void audyn_archive_close(audyn_archive_t *archive);

/// What happens to the files of a stream.
typedef struct {
    enum {
        AUDYN_ARCHIVE_FILE_FAILED, ///< `path` has nothing from `position` on
        AUDYN_ARCHIVE_NO_FILE,     ///< not one file can be begun at `position`
        AUDYN_ARCHIVE_RESUMED,     ///< from `position` on all formats are recorded again;
                                   ///< `sample_frames` are in no file
        AUDYN_ARCHIVE_SEGMENT,     ///< one is complete: `path` is its sidecar
        AUDYN_ARCHIVE_SIDECAR_FAILED,
        AUDYN_ARCHIVE_JOURNAL_FAILED, ///< a crash would leave a segment without a sidecar
        AUDYN_ARCHIVE_CATALOG_DAMAGED, ///< it is made anew; one of the streams tells
    } kind;
    const char *text; ///< for people; NULL: they know it already, or need not
    const char *path; ///< or NULL
    audyn_status_t status;
    const char *class; ///< of the trouble: "disk_full" or "io_error"; else NULL
    uint64_t position, sample_frames;
    bool recording; ///< of a failure: other files take samples
} audyn_archive_event_t;

/// For who does not record, but lays anew what was recorded: where files are cut, and
/// what they are called.  Any thread of the output's.
typedef struct {
    void *context;
    /// A segment begins at `position`: it goes on up to `*end`, and is called `name`,
    /// below the stream's folder and without an ending, or that with "-2" and so on.
    void (*place)(void *context, uint64_t position, uint64_t *end,
                  char name[AUDYN_LAYOUT_PATH]);
    /// Adds to what its sidecar is to say.
    audyn_status_t (*describe)(void *context, audyn_entry_t *entry);
} audyn_archive_plan_t;

/// Borrowed for the life of the output, but for `format`.
typedef struct {
    const char *name; ///< of the stream, and its folder
    audyn_input_format_t format;
    const audyn_input_t *input; ///< which sidecars tell of; NULL: nothing is told
    audyn_event_log_t *events;  ///< of it; NULL: none are told
    /// On the thread that writes; NULL: nobody is told.
    void (*tell)(void *context, const audyn_archive_event_t *event);
    void *context;
    const audyn_archive_plan_t *plan; ///< NULL: the archive's layout has it all
} audyn_archive_stream_t;

/// The output of one stream into its folder, which is created.  A file that fails costs
/// nothing but itself: other formats go on, and new files of all formats are begun as
/// soon as may be (archive/trouble.h).  audyn_output_close() fails where the trouble
/// lasts to the end, or a sidecar could not be written.  Fails where the stream does not
/// fit a format, or the folder cannot be had; `*out` is NULL then.
audyn_status_t audyn_archive_output_create(audyn_output_t **out,
                                           const audyn_archive_t *archive,
                                           const audyn_archive_stream_t *stream,
                                           audyn_error_t *error);

#endif
