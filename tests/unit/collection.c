// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "collection.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

static void
keep(struct collection *collection, const audyn_stretch_t *stretch, size_t channels)
{
    const size_t before = collection->sample_frames * channels;
    const size_t added = stretch->sample_frames * channels;
    float *samples = realloc(collection->samples, (before + added) * sizeof *samples);
    assert_non_null(samples);
    collection->samples = samples;
    if (stretch->samples) {
        memcpy(samples + before, stretch->samples, added * sizeof *samples);
    } else {
        memset(samples + before, 0, added * sizeof *samples);
    }
}

void
collect(struct collection *collection, audyn_input_t *input)
{
    audyn_timeline_t *timeline = audyn_input_timeline(input);
    audyn_stretch_t stretch;
    while (audyn_timeline_next(timeline, &stretch)) {
        if (!collection->sample_frames) {
            collection->start = stretch.position;
        }
        assert_int_equal(stretch.position, collection->start + collection->sample_frames);
        if (collection->keep) {
            keep(collection, &stretch, audyn_input_format(input)->channels);
        }
        collection->sample_frames += stretch.sample_frames;
        audyn_timeline_release(timeline, &stretch);
    }
    audyn_timeline_count(timeline, UINT64_MAX, collection->counts);
}

void
collect_all(struct collection *collection, audyn_input_t *input)
{
    while (!audyn_timeline_ended(audyn_input_timeline(input))) {
        collect(collection, input);
        sched_yield();
    }
    collect(collection, input);
}
