// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// What is known to be missing, and where segments of a stream do not touch.

#include "archive/verify/verify_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

// Not by position: the sample rate may have changed in between.
static int
by_time(const void *a, const void *b)
{
    const verify_entry_t *left = *(const verify_entry_t *const *)a;
    const verify_entry_t *right = *(const verify_entry_t *const *)b;
    return left->first_ns != right->first_ns
               ? (left->first_ns < right->first_ns ? -1 : 1)
               : (left->sequence > right->sequence) - (left->sequence < right->sequence);
}

static void
tell(verify_t *verify, const verify_entry_t *entry, const char *kind, uint64_t position,
     uint64_t sample_frames, const char *what)
{
    audyn_verify_finding_t finding = {
        .kind = kind,
        .path = entry->path,
        .stream = verify_stream_at(verify, entry->stream)->name,
        .has_position = true,
        .position = position,
        .sample_frames = sample_frames,
    };
    verify_tell(verify, &finding,
                "%" PRIu64 " sample frames from position %" PRIu64 " on %s",
                sample_frames, position, what);
}

static void
compare(verify_t *verify, const verify_entry_t *entry, uint64_t end)
{
    if (entry->position > end) {
        const bool told =
            entry->hole.sample_frames &&
            entry->hole.position + entry->hole.sample_frames == entry->position;
        char what[64];
        snprintf(what, sizeof what, "before it are in no segment%s%s", told ? ": " : "",
                 told ? entry->hole.class : "");
        tell(verify, entry, "gap", end, entry->position - end, what);
    } else if (entry->position < end) {
        const uint64_t own_end = entry->position + entry->sample_frames;
        tell(verify, entry, "overlap", entry->position,
             (own_end < end ? own_end : end) - entry->position,
             "are in an earlier segment too");
    }
    if (entry->missing_frames) {
        tell(verify, entry, "loss", entry->position, entry->missing_frames,
             "or later in it were not received, or nobody knows");
    }
}

static void
check_stream(verify_t *verify, const verify_stream_t *stream,
             const verify_entry_t **segments)
{
    size_t count = 0;
    for (size_t i = 0; i < stream->count; ++i) {
        const verify_entry_t *entry = verify_entry_at(verify, stream->first + i);
        if (entry->kind == AUDYN_ENTRY_SEGMENT && !entry->damaged) {
            segments[count++] = entry;
        }
    }
    qsort(segments, count, sizeof *segments, by_time);
    uint64_t end = count ? segments[0]->position : 0;
    for (size_t i = 0; i < count; ++i) {
        const verify_entry_t *entry = segments[i];
        const uint64_t own_end = entry->position + entry->sample_frames;
        if (i) {
            const int64_t end_ns = audyn_media_tai_ns(end, &segments[i - 1]->rate);
            end = audyn_media_position(end_ns, &entry->rate);
        }
        if (verify_wants(verify, entry)) {
            compare(verify, entry, end);
        }
        end = own_end > end ? own_end : end;
    }
}

audyn_status_t
verify_times(verify_t *verify)
{
    const verify_entry_t **segments = calloc(verify->entries.count + 1, sizeof *segments);
    if (!segments) {
        return AUDYN_NO_MEMORY;
    }
    for (size_t i = 0; i < verify->streams.count; ++i) {
        check_stream(verify, verify_stream_at(verify, i), segments);
    }
    free(segments);
    return AUDYN_OK;
}
