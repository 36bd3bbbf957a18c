// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/loss_map.h"

#include <stdlib.h>

// 96 MiB: over a quarter of an hour in which every other packet of 125 µs is missing.
#define MOST_SPANS (UINT32_C(4) << 20)

struct audyn_loss_map {
    uint64_t counts[AUDYN_SAMPLE_CLASSES];
    audyn_span_t *spans;
    size_t count, room;
    bool inexact;
};

audyn_status_t
audyn_loss_map_create(audyn_loss_map_t **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? AUDYN_OK : AUDYN_NO_MEMORY;
}

void
audyn_loss_map_destroy(audyn_loss_map_t *map)
{
    if (map) {
        free(map->spans);
        free(map);
    }
}

static bool
make_room(audyn_loss_map_t *map)
{
    if (map->count < map->room) {
        return true;
    }
    const size_t room = map->room ? 2 * map->room : 64;
    audyn_span_t *spans =
        room <= MOST_SPANS ? realloc(map->spans, room * sizeof *spans) : NULL;
    if (!spans) {
        return false;
    }
    map->spans = spans;
    map->room = room;
    return true;
}

void
audyn_loss_map_add(audyn_loss_map_t *map, const audyn_span_t *span)
{
    map->counts[span->class] += span->sample_frames;
    if (span->class == AUDYN_SAMPLE_RECEIVED) {
        return;
    }
    audyn_span_t *last = map->count ? &map->spans[map->count - 1] : NULL;
    if (last && last->class == span->class &&
        last->position + last->sample_frames == span->position) {
        last->sample_frames += span->sample_frames;
    } else if (make_room(map)) {
        map->spans[map->count++] = *span;
    } else {
        map->inexact = true;
    }
}

void
audyn_loss_map_take_back(audyn_loss_map_t *map, uint64_t position, uint64_t count)
{
    while (map->count) {
        audyn_span_t *last = &map->spans[map->count - 1];
        const uint64_t kept = last->position < position ? position - last->position : 0;
        if (last->sample_frames <= kept) {
            break;
        }
        const uint64_t taken = last->sample_frames - kept;
        map->counts[last->class] -= taken;
        count -= taken;
        last->sample_frames = kept;
        map->count -= kept == 0;
    }
    // Those without a span were received on the first leg; where the map is not exact, as
    // far as that goes.
    for (int class = AUDYN_SAMPLE_RECEIVED; count && class >= 0; --class) {
        const uint64_t taken = count < map->counts[class] ? count : map->counts[class];
        map->counts[class] -= taken;
        count -= taken;
    }
}

void
audyn_loss_map_counts(const audyn_loss_map_t *map, uint64_t counts[AUDYN_SAMPLE_CLASSES])
{
    for (int i = 0; i < AUDYN_SAMPLE_CLASSES; ++i) {
        counts[i] = map->counts[i];
    }
}

bool
audyn_loss_map_is_exact(const audyn_loss_map_t *map)
{
    return !map->inexact;
}

const audyn_span_t *
audyn_loss_map_spans(const audyn_loss_map_t *map, size_t *count)
{
    *count = map->count;
    return map->spans;
}

json_t *
audyn_loss_map_json(const audyn_loss_map_t *map)
{
    json_t *array = json_array();
    for (size_t i = 0; i < map->count; ++i) {
        const audyn_span_t *span = &map->spans[i];
        json_t *object =
            json_pack("{s:I, s:I, s:s}", "position", (json_int_t)span->position,
                      "sample_frames", (json_int_t)span->sample_frames, "class",
                      audyn_sample_class_name(span->class));
        if (!object || json_array_append_new(array, object)) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

const char *
audyn_sample_class_name(audyn_sample_class_t class)
{
    static const char *const names[AUDYN_SAMPLE_CLASSES] = {
        [AUDYN_SAMPLE_LOST] = "lost",
        [AUDYN_SAMPLE_LATE] = "late",
        [AUDYN_SAMPLE_NO_FRAME] = "no_frame",
        [AUDYN_SAMPLE_NO_SIGNAL] = "no_signal",
        [AUDYN_SAMPLE_RECEIVED] = "received",
        [AUDYN_SAMPLE_RECEIVED + 1] = "received_b",
        [AUDYN_SAMPLE_RECEIVED + 2] = "received_c",
        [AUDYN_SAMPLE_RECEIVED + 3] = "received_d",
    };
    return names[class];
}
