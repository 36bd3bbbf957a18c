// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/merge/merge_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What a source has around a position.
struct around {
    bool before, after; ///< a sample right before it, and at it
    bool across;        ///< both, in one segment
};

static struct around
look(const merge_source_t *source, uint64_t position)
{
    uint64_t until;
    const size_t after = merge_source_find(source, position, &until);
    const size_t before =
        position ? merge_source_find(source, position - 1, &until) : MERGE_NO_SEGMENT;
    return (struct around){
        .before = before != MERGE_NO_SEGMENT,
        .after = after != MERGE_NO_SEGMENT,
        .across = merge_source_has_across(source, position),
    };
}

static bool
is_cut(const merge_source_t sources[2], uint64_t position)
{
    const struct around a = look(&sources[0], position);
    const struct around b = look(&sources[1], position);
    const bool cut_by_a = a.before && a.after && !a.across;
    return cut_by_a || (!a.across && !b.across);
}

static int
by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// Where anything begins or ends, in order; the caller frees them.
static uint64_t *
list_edges(const merge_source_t sources[2], size_t *count)
{
    uint64_t *edges =
        reallocarray(NULL, 2 * (sources[0].count + sources[1].count) + 1, sizeof *edges);
    *count = 0;
    for (int side = 0; edges && side < 2; ++side) {
        for (size_t i = 0; i < sources[side].count; ++i) {
            edges[(*count)++] = merge_source_position(&sources[side], i);
            edges[(*count)++] = merge_source_end(&sources[side], i);
        }
    }
    if (edges) {
        qsort(edges, *count, sizeof *edges, by_value);
    }
    return edges;
}

// Of the segment that begins there, of the first source if it has one.
static char *
name_at(const merge_source_t sources[2], uint64_t position)
{
    for (int side = 0; side < 2; ++side) {
        uint64_t until;
        const size_t segment = merge_source_find(&sources[side], position, &until);
        if (segment != MERGE_NO_SEGMENT &&
            merge_source_position(&sources[side], segment) == position) {
            const merge_segment_t *known = &sources[side].segments[segment];
            const char *slash = strchr(known->path, '/');
            const char *name = slash ? slash + 1 : known->path;
            return strndup(name, strlen(name) - strlen(".json"));
        }
    }
    return NULL;
}

static bool
is_covered(const merge_source_t sources[2], uint64_t position)
{
    return look(&sources[0], position).after || look(&sources[1], position).after;
}

static audyn_status_t
add_part(merge_plan_t *plan, const merge_source_t sources[2], uint64_t position)
{
    merge_part_t *part = &plan->parts[plan->count++];
    *part = (merge_part_t){.position = position, .name = name_at(sources, position)};
    return part->name ? AUDYN_OK : AUDYN_NO_MEMORY;
}

static audyn_status_t
add_parts(merge_plan_t *plan, const merge_source_t sources[2], const uint64_t *edges,
          size_t count)
{
    bool open = false;
    audyn_status_t status = AUDYN_OK;
    for (size_t i = 0; !status && i < count; ++i) {
        if ((i && edges[i] == edges[i - 1]) || !is_cut(sources, edges[i])) {
            continue;
        }
        if (open) {
            plan->parts[plan->count - 1].end = edges[i];
        }
        open = is_covered(sources, edges[i]);
        status = open ? add_part(plan, sources, edges[i]) : AUDYN_OK;
    }
    return status;
}

audyn_status_t
merge_plan_make(merge_plan_t *plan, const merge_source_t sources[2])
{
    *plan = (merge_plan_t){.count = 0};
    size_t count;
    uint64_t *edges = list_edges(sources, &count);
    plan->parts = edges ? calloc(count + 1, sizeof *plan->parts) : NULL;
    const audyn_status_t status =
        plan->parts ? add_parts(plan, sources, edges, count) : AUDYN_NO_MEMORY;
    free(edges);
    return status;
}

void
merge_plan_finish(merge_plan_t *plan)
{
    for (size_t i = 0; i < plan->count; ++i) {
        free(plan->parts[i].name);
    }
    free(plan->parts);
    *plan = (merge_plan_t){.count = 0};
}
