// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "sink/flac_points.h"

#define SECONDS_PER_POINT 10U
#define POINTS (6 * 3600 / SECONDS_PER_POINT)

bool
flac_points_plan(FLAC__StreamMetadata *table, uint32_t sample_rate)
{
    const uint32_t present = table->data.seek_table.num_points;
    const uint32_t spacing = SECONDS_PER_POINT * sample_rate;
    if (present && present != POINTS) {
        return true;
    }
    return FLAC__metadata_object_seektable_resize_points(table, 0) &&
           FLAC__metadata_object_seektable_template_append_spaced_points_by_samples(
               table, spacing, (uint64_t)POINTS * spacing) &&
           FLAC__metadata_object_seektable_template_sort(table, false);
}

uint32_t
flac_points_set(FLAC__StreamMetadata *table, uint32_t next,
                const FLAC__StreamMetadata_SeekPoint *frame)
{
    const FLAC__StreamMetadata_SeekTable *points = &table->data.seek_table;
    const uint64_t end = frame->sample_number + frame->frame_samples;
    while (next < points->num_points && points->points[next].sample_number < end) {
        points->points[next++] = *frame;
    }
    return next;
}

void
flac_points_end(FLAC__StreamMetadata *table, uint64_t sample_frames)
{
    const FLAC__StreamMetadata_SeekTable *points = &table->data.seek_table;
    for (uint32_t i = 0; i < points->num_points; ++i) {
        if (points->points[i].sample_number >= sample_frames) {
            points->points[i].sample_number = FLAC__STREAM_METADATA_SEEKPOINT_PLACEHOLDER;
        }
    }
}
