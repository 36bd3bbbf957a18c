// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The chain of each stream: numbers without a gap, and in each entry the hash of the one
// before.  Where two entries disagree, what else is known of them tells which is wrong.

#include "archive/verify/verify_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static audyn_verify_finding_t
finding_of(const verify_t *verify, const char *kind, const verify_entry_t *entry)
{
    return (audyn_verify_finding_t){
        .damage = true,
        .kind = kind,
        .path = entry->path,
        .stream = verify_stream_at(verify, entry->stream)->name,
    };
}

static bool
is_denied_by_next(const verify_t *verify, const verify_entry_t *entry)
{
    const verify_entry_t *next =
        verify_entry_of(verify, entry->stream, entry->sequence + 1);
    return next && strcmp(next->previous, entry->sha256) != 0;
}

static bool
is_denied_by_catalog(const verify_entry_t *entry)
{
    return entry->known && strcmp(entry->known->sha256, entry->sha256) != 0;
}

// What else is known of it says that it is not what was written once.
static bool
is_doubtful(const verify_t *verify, const verify_entry_t *entry)
{
    return entry->signature != VERIFY_SIGNED &&
           (entry->signature == VERIFY_BADLY_SIGNED || is_denied_by_catalog(entry) ||
            is_denied_by_next(verify, entry));
}

static bool
is_confirmed(const verify_entry_t *entry)
{
    return entry->signature == VERIFY_SIGNED ||
           (entry->known && !strcmp(entry->known->sha256, entry->sha256));
}

static void
tell_damaged(verify_t *verify, verify_entry_t *entry, const char *expected,
             const char *witness)
{
    char path[PATH_MAX];
    audyn_verify_finding_t finding = finding_of(verify, "entry", entry);
    entry->damaged = true;
    if (verify_path(verify, entry->path, path, sizeof path) &&
        verify_find_bit(path, expected, &finding)) {
        verify_tell(verify, &finding,
                    "byte %" PRIu64 " is damaged (flipped bit: 0x%02x); without that its "
                    "SHA-256 is what %s says",
                    finding.byte, finding.flipped, witness);
    } else {
        verify_tell(verify, &finding,
                    "entry %" PRIu64 " was changed or forged: its SHA-256 is not what %s "
                    "says (%.16s…)",
                    entry->sequence, witness, expected);
    }
}

static void
check_hash(verify_t *verify, verify_entry_t *entry)
{
    verify_entry_t *next = verify_entry_of(verify, entry->stream, entry->sequence + 1);
    const bool denied = is_denied_by_next(verify, entry);
    if (is_denied_by_catalog(entry) && entry->signature != VERIFY_SIGNED) {
        tell_damaged(verify, entry, entry->known->sha256, "the catalog");
    } else if (denied && !is_doubtful(verify, next)) {
        if (!is_confirmed(entry)) {
            tell_damaged(verify, entry, next->previous, "the next entry");
            return;
        }
        audyn_verify_finding_t finding = finding_of(verify, "chain", next);
        verify_tell(verify, &finding,
                    "entry %" PRIu64 " does not continue the chain: its \"previous\" is "
                    "not the SHA-256 of %s",
                    next->sequence, entry->path);
    }
    if (!entry->sequence != !*entry->previous) {
        audyn_verify_finding_t finding = finding_of(verify, "chain", entry);
        verify_tell(verify, &finding,
                    entry->sequence ? "entry %" PRIu64 " tells of no previous one"
                                    : "entry %" PRIu64 " tells of a previous one",
                    entry->sequence);
    }
}

// "2026-11-22-14" of "voice/2026-11-22-14.wav".
static size_t
base_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    return dot ? (size_t)(dot - path) : strlen(path);
}

// Its name is not signed, and yet it is part of what leads to the files.
static void
check_name(verify_t *verify, verify_entry_t *entry)
{
    const char *stream = verify_stream_at(verify, entry->stream)->name;
    audyn_verify_finding_t finding = finding_of(verify, "renamed", entry);
    char name[PATH_MAX];
    if (entry->kind != AUDYN_ENTRY_SEGMENT) {
        snprintf(name, sizeof name, ".audyn/chain/%s/%08" PRIu64 ".json", stream,
                 entry->sequence);
    } else if (entry->file_count) {
        const char *file = verify_file_at(verify, entry->first_file)->path;
        snprintf(name, sizeof name, "%.*s.json", (int)base_length(file), file);
    } else {
        snprintf(name, sizeof name, "%s", entry->path);
    }
    if (entry->known && strcmp(entry->known->path, entry->path) != 0) {
        snprintf(name, sizeof name, "%s", entry->known->path);
    }
    const size_t length = strlen(stream);
    const bool in_folder =
        entry->kind != AUDYN_ENTRY_SEGMENT ||
        (!strncmp(entry->path, stream, length) && entry->path[length] == '/');
    if (strcmp(name, entry->path) != 0 || !in_folder) {
        verify_tell(
            verify, &finding,
            "entry %" PRIu64 " of %s has another name than when it was written%s%s",
            entry->sequence, stream, in_folder ? ": " : "", in_folder ? name : "");
    }
}

// What is no entry any more may be the one that is missing.
static bool
tell_broken(verify_t *verify, size_t stream, uint64_t sequence,
            const verify_known_t *known)
{
    const verify_entry_t *next = verify_entry_of(verify, stream, sequence + 1);
    const char *expected = next ? next->previous : known ? known->sha256 : "";
    for (size_t i = 0; i < verify->broken.count; ++i) {
        verify_broken_t *broken = verify_broken_at(verify, i);
        char path[PATH_MAX];
        audyn_verify_finding_t finding = {.damage = true,
                                          .kind = "entry",
                                          .path = broken->path,
                                          .stream =
                                              verify_stream_at(verify, stream)->name};
        if (broken->told || broken->stream != stream ||
            !verify_path(verify, broken->path, path, sizeof path)) {
            continue;
        }
        if (verify_find_bit(path, expected, &finding)) {
            verify_tell(verify, &finding,
                        "byte %" PRIu64 " is damaged (flipped bit: 0x%02x); without that "
                        "it is entry %" PRIu64,
                        finding.byte, finding.flipped, sequence);
        } else if (known && !strcmp(known->path, broken->path)) {
            verify_tell(verify, &finding, "entry %" PRIu64 " cannot be read: %s",
                        sequence, broken->why);
        } else {
            continue;
        }
        return broken->told = true;
    }
    return false;
}

// An entry where this one was, which says that it is another one.
static bool
tell_changed(verify_t *verify, size_t stream, const verify_known_t *known)
{
    char path[PATH_MAX];
    audyn_verify_finding_t finding = {.damage = true,
                                      .kind = "entry",
                                      .path = known ? known->path : NULL,
                                      .stream = verify_stream_at(verify, stream)->name};
    if (!known || !verify_find(verify, known->path) ||
        !verify_path(verify, known->path, path, sizeof path) ||
        !verify_find_bit(path, known->sha256, &finding)) {
        return false;
    }
    verify_tell(verify, &finding,
                "byte %" PRIu64 " is damaged (flipped bit: 0x%02x); without that it is "
                "entry %" PRIu64,
                finding.byte, finding.flipped, known->sequence);
    return true;
}

bool
verify_expects(const verify_t *verify, size_t stream, uint64_t sequence)
{
    const audyn_excerpt_t *excerpt = &verify->excerpt;
    return !excerpt->count ||
           (!strcmp(excerpt->stream, verify_stream_at(verify, stream)->name) &&
            audyn_excerpt_has(excerpt, sequence));
}

// Whose entries are to be there, though neither an entry nor the catalog tells of them.
static uint64_t
expected_end(const verify_t *verify, size_t stream)
{
    const audyn_excerpt_t *excerpt = &verify->excerpt;
    return excerpt->count ? excerpt->entries[excerpt->count - 1] + 1
                          : verify_stream_at(verify, stream)->known_count;
}

static void
tell_excerpt(verify_t *verify, size_t stream)
{
    audyn_verify_finding_t finding = {.kind = "excerpt",
                                      .path = AUDYN_EXCERPT_FILE,
                                      .stream = verify_stream_at(verify, stream)->name};
    verify_tell(verify, &finding, "this is a part of a chain: %zu entries, from %" PRIu64,
                verify->excerpt.count, verify->excerpt.entries[0]);
}

static void
tell_missing(verify_t *verify, size_t stream, uint64_t first, uint64_t end)
{
    for (uint64_t sequence = first; sequence < end; ++sequence) {
        if (!verify_expects(verify, stream, sequence) ||
            verify_is_new(verify, stream, sequence)) {
            continue;
        }
        const verify_known_t *known = verify_known_of(verify, stream, sequence);
        const bool told = tell_broken(verify, stream, sequence, known) ||
                          tell_changed(verify, stream, known);
        audyn_verify_finding_t finding = {.damage = true,
                                          .kind = "missing",
                                          .path = known ? known->path : NULL,
                                          .stream =
                                              verify_stream_at(verify, stream)->name};
        if (told) {
            continue;
        }
        if (!known && end - sequence > 1 && !verify->excerpt.count) {
            verify_tell(verify, &finding,
                        "entries %" PRIu64 " to %" PRIu64 " are missing", sequence,
                        end - 1);
            return;
        }
        verify_tell(verify, &finding, "entry %" PRIu64 " is missing", sequence);
    }
}

static void
check_stream(verify_t *verify, size_t number)
{
    const verify_stream_t *stream = verify_stream_at(verify, number);
    uint64_t expected = 0;
    for (size_t i = stream->first; i < stream->first + stream->count; ++i) {
        verify_entry_t *entry = verify_entry_at(verify, i);
        if (entry->sequence < expected) {
            audyn_verify_finding_t finding = finding_of(verify, "chain", entry);
            verify_tell(verify, &finding, "this and %s are both entry %" PRIu64,
                        verify_entry_at(verify, i - 1)->path, entry->sequence);
            continue;
        }
        tell_missing(verify, number, expected, entry->sequence);
        expected = entry->sequence + 1;
        check_hash(verify, entry);
        check_name(verify, entry);
    }
    tell_missing(verify, number, expected, expected_end(verify, number));
    if (verify->excerpt.count) {
        tell_excerpt(verify, number);
    }
}

void
verify_chains(verify_t *verify)
{
    for (size_t i = 0; i < verify->streams.count; ++i) {
        check_stream(verify, i);
    }
    for (size_t i = 0; i < verify->broken.count; ++i) {
        const verify_broken_t *broken = verify_broken_at(verify, i);
        audyn_verify_finding_t finding = {
            .damage = true, .kind = "entry", .path = broken->path};
        if (!broken->told) {
            verify_tell(verify, &finding, "%s", broken->why);
        }
    }
}
