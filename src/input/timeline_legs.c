// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The input thread's work where samples come on more than one leg.

#include "input/timeline_private.h"

/// Samples that are compared in one go; at least a sample frame of all channels.
#define SCRATCH_SAMPLES 1024

static uint32_t
count_differing(const float *a, const float *b, size_t sample_frames, uint32_t channels)
{
    uint32_t differing = 0;
    for (size_t i = 0; i < sample_frames; ++i) {
        differing +=
            memcmp(a + i * channels, b + i * channels, channels * sizeof(float)) != 0;
    }
    return differing;
}

bool
timeline_compare_run(const audyn_timeline_t *timeline, const audyn_samples_t *samples,
                     uint64_t position, uint32_t run,
                     audyn_placement_t *placement) AUDYN_REALTIME
{
    const uint32_t channels = timeline->channels;
    const audyn_audio_frame_t *frame = timeline_open_frame_at(timeline, position)->frame;
    const uint64_t end = position + run;
    uint32_t differing = 0;
    for (uint64_t at = position; at < end;) {
        float scratch[SCRATCH_SAMPLES];
        const size_t count = timeline_least(end - at, SCRATCH_SAMPLES / channels);
        const float *there = timeline_place_of(timeline, frame, at);
        timeline_decode(timeline, samples, at, count, scratch);
        if (memcmp(scratch, there, count * channels * sizeof(float)) != 0) {
            differing += count_differing(scratch, there, count, channels);
        }
        at += count;
    }
    placement->duplicate += run;
    if (differing) {
        const unsigned leg =
            *timeline_classes_at(timeline, position) - AUDYN_SAMPLE_RECEIVED;
        placement->differing += differing;
        placement->differs_from |= 1U << leg;
    }
    return differing > 0;
}

void
audyn_timeline_compare(const audyn_timeline_t *timeline, const audyn_samples_t *samples,
                       audyn_placement_t *placement) AUDYN_REALTIME
{
    *placement = (audyn_placement_t){0};
    const uint64_t end =
        timeline_least(samples->position + samples->sample_frames, timeline->end);
    uint64_t position = samples->position;
    if (position < timeline->decided) {
        position = timeline->decided;
    }
    while (position < end) {
        const uint64_t frame_end = timeline_frame_end(timeline, position);
        const uint8_t *classes = timeline_classes_at(timeline, position);
        const uint32_t run = (uint32_t)timeline_class_run(
            classes, timeline_least(end, frame_end) - position);
        if (audyn_sample_is_received(*classes) &&
            *classes != AUDYN_SAMPLE_RECEIVED + samples->leg) {
            timeline_compare_run(timeline, samples, position, run, placement);
        }
        position += run;
    }
}

static uint32_t
turn_into_lost(uint8_t *classes, uint64_t count, uint8_t class)
{
    uint32_t lost = 0;
    for (uint64_t i = 0; i < count; ++i) {
        if (classes[i] == class) {
            classes[i] = AUDYN_SAMPLE_LOST;
            ++lost;
        }
    }
    return lost;
}

void
audyn_timeline_take_back(audyn_timeline_t *timeline, unsigned leg) AUDYN_REALTIME
{
    const uint8_t class = (uint8_t)(AUDYN_SAMPLE_RECEIVED + leg);
    for (uint64_t position = timeline->decided; position < timeline->end;) {
        const uint64_t end =
            timeline_least(timeline_frame_end(timeline, position), timeline->end);
        struct open_frame *open = timeline_open_frame_at(timeline, position);
        open->received -= turn_into_lost(timeline_classes_at(timeline, position),
                                         end - position, class);
        position = end;
    }
}
