// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/retention/holds.h"

#include <stdlib.h>
#include <string.h>

struct audyn_held {
    char stream[AUDYN_ENTRY_NAME];
    uint64_t from, to;
    int64_t from_ns, to_ns;
};

static bool
add_hold(void *context, const audyn_catalog_hold_t *hold)
{
    audyn_holds_t *holds = (audyn_holds_t *)context;
    if (hold->released) {
        return true;
    }
    struct audyn_held *items =
        reallocarray(holds->items, holds->count + 1, sizeof *holds->items);
    if (!items) {
        holds->status = AUDYN_NO_MEMORY;
        return false;
    }
    holds->items = items;
    struct audyn_held *held = &items[holds->count++];
    *held = (struct audyn_held){.from = hold->from,
                                .to = hold->to,
                                .from_ns = hold->from_ns,
                                .to_ns = hold->to_ns};
    strncat(held->stream, hold->stream, sizeof held->stream - 1);
    return true;
}

audyn_status_t
audyn_holds_load(audyn_holds_t *holds, audyn_catalog_t *catalog)
{
    audyn_holds_finish(holds);
    const audyn_status_t status = audyn_catalog_holds(catalog, NULL, add_hold, holds);
    return status ? status : holds->status;
}

bool
audyn_holds_cover(const audyn_holds_t *holds, const audyn_catalog_file_t *file)
{
    for (size_t i = 0; i < holds->count; ++i) {
        const struct audyn_held *held = &holds->items[i];
        const bool in_samples = file->position < held->to &&
                                held->from < file->position + file->sample_frames;
        const bool in_time = file->first_ns < held->to_ns && held->from_ns < file->end_ns;
        if ((in_samples || in_time) && !strcmp(file->stream, held->stream)) {
            return true;
        }
    }
    return false;
}

void
audyn_holds_finish(audyn_holds_t *holds)
{
    free(holds->items);
    *holds = (audyn_holds_t){0};
}
