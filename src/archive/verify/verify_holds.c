// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Whether nothing was deleted that was held.  Who deletes reads the holds and appends the
// tombstone under one lock, which a hold takes too: so the order in the chain is the
// order in which it happened.

#include "archive/verify/verify_private.h"

#include <inttypes.h>
#include <stdlib.h>

static void
check_tombstone(verify_t *verify, const verify_entry_t *tombstone,
                const verify_entry_t *hold)
{
    const verify_entry_t *segment =
        verify_entry_of(verify, tombstone->stream, tombstone->about);
    audyn_verify_finding_t finding = {
        .damage = true,
        .kind = "held",
        .path = tombstone->path,
        .stream = verify_stream_at(verify, tombstone->stream)->name,
    };
    if (segment && segment->first_ns < hold->last_ns &&
        hold->first_ns <= segment->last_ns) {
        verify_tell(verify, &finding,
                    "files of %s were deleted though %s held them and was not released",
                    segment->path, hold->path);
    }
}

static void
release(verify_list_t *holds, uint64_t sequence)
{
    const verify_entry_t **items = holds->items;
    for (size_t i = 0; i < holds->count; ++i) {
        if (items[i]->sequence == sequence) {
            items[i] = items[--holds->count];
            return;
        }
    }
}

// `holds`: those in force.
static audyn_status_t
follow(verify_t *verify, const verify_stream_t *stream, verify_list_t *holds)
{
    for (size_t i = stream->first; i < stream->first + stream->count; ++i) {
        const verify_entry_t *entry = verify_entry_at(verify, i);
        if (entry->damaged) {
            continue;
        }
        if (entry->kind == AUDYN_ENTRY_HOLD) {
            const verify_entry_t **hold = verify_list_add(holds, sizeof *hold);
            if (!hold) {
                return AUDYN_NO_MEMORY;
            }
            *hold = entry;
        } else if (entry->kind == AUDYN_ENTRY_RELEASE) {
            release(holds, entry->about);
        }
        for (size_t k = 0; entry->kind == AUDYN_ENTRY_TOMBSTONE && k < holds->count;
             ++k) {
            check_tombstone(verify, entry, ((const verify_entry_t **)holds->items)[k]);
        }
    }
    return AUDYN_OK;
}

// A part of a chain may lack a release.
audyn_status_t
verify_holds(verify_t *verify)
{
    audyn_status_t status = AUDYN_OK;
    const size_t count = verify->excerpt.count ? 0 : verify->streams.count;
    for (size_t i = 0; !status && i < count; ++i) {
        verify_list_t holds = {.items = NULL};
        status = follow(verify, verify_stream_at(verify, i), &holds);
        free(holds.items);
    }
    return status;
}
