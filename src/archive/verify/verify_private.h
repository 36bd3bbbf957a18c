// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What the parts of audyn_verify() share.

#ifndef AUDYN_ARCHIVE_VERIFY_PRIVATE_H
#define AUDYN_ARCHIVE_VERIFY_PRIVATE_H

#include "archive/bag/excerpt.h"
#include "archive/catalog/catalog.h"
#include "archive/entry.h"
#include "archive/signing.h"
#include "archive/verify/file_pass.h"
#include "archive/verify/verify.h"

#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>

#define VERIFY_KEYS 64

/// An ordinary file in the archive's directory.
typedef struct {
    char *path; ///< below it
    uint64_t bytes;
    bool claimed; ///< something tells of it
} verify_found_t;

typedef enum {
    VERIFY_UNSIGNED,
    VERIFY_UNCHECKED, ///< signed, but there is no key
    VERIFY_SIGNED,
    VERIFY_BADLY_SIGNED,
} verify_signature_t;

/// What the catalog says of an entry.
typedef struct {
    size_t stream;
    uint64_t sequence;
    char *path;
    char sha256[AUDYN_SHA256_TEXT];
} verify_known_t;

typedef struct {
    const char *path;            ///< of a `verify_found_t`
    const verify_known_t *known; ///< NULL: the catalog does not know it
    size_t stream;
    audyn_entry_kind_t kind;
    uint64_t sequence;
    char sha256[AUDYN_SHA256_TEXT], previous[AUDYN_SHA256_TEXT];
    verify_signature_t signature;
    bool damaged;                     ///< found so by its chain
    uint64_t position, sample_frames; ///< of a segment
    audyn_media_rate_t rate;          ///< of its positions
    int64_t first_ns, last_ns;        ///< of a hold from when until before when
    uint64_t about;                   ///< a release its hold, a tombstone its segment
    audyn_entry_span_t hole;
    uint64_t missing_frames; ///< lost, late and so on
    size_t number;           ///< in the order in which they were read
    size_t first_file, file_count;
} verify_entry_t;

/// What is no entry though its name says so.
typedef struct {
    const char *path;
    size_t stream;
    char sha256[AUDYN_SHA256_TEXT];
    char why[256];
    bool told;
} verify_broken_t;

/// An audio file, as a segment's sidecar has it.
typedef struct {
    char *path;
    size_t entry; ///< of the segment
    uint64_t bytes;
    char sha256[AUDYN_SHA256_TEXT];
    bool deleted;        ///< a tombstone says so,
    uint64_t deleted_by; ///< of this sequence
} verify_file_t;

/// What a tombstone says of a file.
typedef struct {
    size_t entry;
    uint64_t segment;
    char *path; ///< its name alone
    char sha256[AUDYN_SHA256_TEXT];
} verify_deletion_t;

typedef struct {
    char *name;
    size_t first, count; ///< of its entries, once they are in order
    size_t known_first;  ///< of what the catalog knows
    size_t known_entries;
    uint64_t known_count; ///< one more than the sequence of the last of them
} verify_stream_t;

typedef struct {
    void *items;
    size_t count, room;
} verify_list_t;

typedef struct {
    const audyn_verify_config_t *config;
    audyn_verify_report_t *report;
    audyn_error_t *error;
    audyn_leap_seconds_t leap_seconds;
    audyn_catalog_t *catalog; ///< NULL: there is none that can be read
    audyn_catalog_t *mirror;  ///< what it should say of the entries that it knows
    audyn_excerpt_t excerpt;  ///< which entries there are to be; all zero: all
    audyn_key_t *keys[VERIFY_KEYS];
    bool key_fits[VERIFY_KEYS]; ///< an entry
    unsigned key_count;
    verify_list_t found, entries, broken, files, deletions, streams, known;
    verify_list_t
        open_bases;        ///< `char *`: files of these belong to segments in the making
    pthread_mutex_t mutex; ///< of what follows
    size_t next_entry;     ///< to be taken by a thread
    size_t running;
    pthread_cond_t ended; ///< one of them
    audyn_status_t status;
    _Atomic uint64_t done_bytes; ///< grown by all threads, read by the one that waits
    uint64_t total_bytes;
} verify_t;

static inline verify_found_t *
verify_found_at(const verify_t *verify, size_t i)
{
    return (verify_found_t *)verify->found.items + i;
}

static inline verify_entry_t *
verify_entry_at(const verify_t *verify, size_t i)
{
    return (verify_entry_t *)verify->entries.items + i;
}

static inline verify_broken_t *
verify_broken_at(const verify_t *verify, size_t i)
{
    return (verify_broken_t *)verify->broken.items + i;
}

static inline verify_file_t *
verify_file_at(const verify_t *verify, size_t i)
{
    return (verify_file_t *)verify->files.items + i;
}

static inline verify_deletion_t *
verify_deletion_at(const verify_t *verify, size_t i)
{
    return (verify_deletion_t *)verify->deletions.items + i;
}

static inline verify_stream_t *
verify_stream_at(const verify_t *verify, size_t i)
{
    return (verify_stream_t *)verify->streams.items + i;
}

/// One more item of so many bytes, all zero.  NULL: out of memory.
void *verify_list_add(verify_list_t *list, size_t item_bytes);

/// Tells it.  `finding->text` is made of `format`; any thread.
void verify_tell(verify_t *verify, audyn_verify_finding_t *finding, const char *format,
                 ...) __attribute__((format(printf, 3, 4)));

/// The path in the archive's directory.  False where it is too long.
bool verify_path(const verify_t *verify, const char *path, char *text, size_t room);

/// The path ends in this, and has something before it.
bool verify_ends_in(const char *path, const char *ending);

/// Whether its files are to be read: stream and range are those asked for.
bool verify_wants(const verify_t *verify, const verify_entry_t *entry);

/// What the directory holds, and what the entries in it say.  Lists are in order after
/// it: files by path, entries by stream and sequence.
audyn_status_t verify_scan(verify_t *verify);

/// NULL where no such file was found.
verify_found_t *verify_find(const verify_t *verify, const char *path);

/// Whether the entry is to be there: false only in the excerpt of an archive.
bool verify_expects(const verify_t *verify, size_t stream, uint64_t sequence);

/// NULL: the stream has none of this sequence.
verify_entry_t *verify_entry_of(const verify_t *verify, size_t stream, uint64_t sequence);

/// A stream's number, which is new where need be.  False: out of memory.
bool verify_stream_of(verify_t *verify, const char *name, size_t *number);

/// Reads the journals that are there.
audyn_status_t verify_journals(verify_t *verify);

/// The keys given, or the archive's: the last one and those kept of before.
audyn_status_t verify_read_keys(verify_t *verify);
verify_signature_t verify_signature(verify_t *verify, const char *path, const void *bytes,
                                    size_t size);

/// Each tells what it finds.
void verify_chains(verify_t *verify);
void verify_signatures(verify_t *verify);
audyn_status_t verify_times(verify_t *verify);
void verify_deletions(verify_t *verify);
audyn_status_t verify_holds(verify_t *verify);
void verify_strays(verify_t *verify);
void verify_compare_catalog(verify_t *verify);

/// What the catalog knows, before anything else is read, as a recorder may append
/// meanwhile.
audyn_status_t verify_read_catalog(verify_t *verify);

/// What the catalog should say of it, where it knows it.
audyn_status_t verify_mirror_entry(verify_t *verify, const audyn_entry_t *entry,
                                   size_t stream, const char *sha256);

/// NULL: the catalog does not know it.
const verify_known_t *verify_known_of(const verify_t *verify, size_t stream,
                                      uint64_t sequence);

/// Whether the catalog has come to know the entry since it was read: a recorder appended
/// it meanwhile.
bool verify_is_new(const verify_t *verify, size_t stream, uint64_t sequence);

/// The same of the file's tombstone.  Any thread.
bool verify_is_newly_deleted(verify_t *verify, const verify_file_t *file);

/// All files of the segment `entry`.  Any thread.
audyn_status_t verify_segment(verify_t *verify, size_t entry);

/// A file that is not as its sidecar has it.
typedef struct {
    const char *path; ///< below the archive's directory
    const char *full_path;
    const char *stream;
    const audyn_entry_t *entry;
    const audyn_entry_file_t *file;
    const audyn_file_sums_t *sums;
    const char *fault; ///< what a decoder said, or empty
    const char *other; ///< an intact file of the same samples: its full path; NULL: none
} verify_damaged_t;

/// Finds out where, and tells.
void verify_locate(verify_t *verify, const verify_damaged_t *damaged);

/// Which single bit of the bytes of a file must be flipped to give this SHA-256.
bool verify_find_bit(const char *path, const char *sha256, audyn_verify_finding_t *found);

#endif
