// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// What remains of a segment whose files have failed.

#include "archive/recover/recover_file.h"
#include "archive/segment.h"
#include "archive/segment_place.h"

#include <unistd.h>

static unsigned
format_count(const audyn_segment_t *segment)
{
    return audyn_archive_settings(segment->archive)->format_count;
}

bool
audyn_segment_has_failed(const audyn_segment_t *segment)
{
    bool failed = true;
    for (unsigned i = 0; i < format_count(segment); ++i) {
        failed = failed && segment->files[i].growing.status;
    }
    return failed;
}

void
audyn_segment_discard(audyn_segment_t *segment)
{
    for (unsigned i = 0; i < format_count(segment); ++i) {
        audyn_sink_discard(segment->files[i].growing.sink);
        segment->files[i].growing.sink = NULL;
    }
    if (segment->journal) {
        audyn_journal_remove(segment->journal);
        segment->journal = NULL;
    }
    audyn_segment_destroy(segment);
}

// As long as there is a sink the status is the worker's, also during a sync.
static bool
is_to_repair(const audyn_segment_file_t *file)
{
    return file->created && !file->growing.sink && file->growing.status &&
           !file->repaired;
}

bool
audyn_segment_is_to_repair(const audyn_segment_t *segment)
{
    bool any = false;
    for (unsigned i = 0; i < format_count(segment); ++i) {
        any |= is_to_repair(&segment->files[i]);
    }
    return any;
}

static void
path_of(const audyn_segment_t *segment, unsigned i, char path[PATH_MAX])
{
    audyn_segment_path(segment->base,
                       audyn_archive_settings(segment->archive)->formats[i], path);
}

// Where the disk does not permit that either, the file stays as it is.  One without a
// sample goes.
void
audyn_segment_repair(audyn_segment_t *segment)
{
    for (unsigned i = 0; i < format_count(segment); ++i) {
        audyn_segment_file_t *file = &segment->files[i];
        if (!is_to_repair(file)) {
            continue;
        }
        char path[PATH_MAX];
        path_of(segment, i, path);
        audyn_recovered_file_t recovered = {0};
        const audyn_recover_limits_t limits = {.most_cut = UINT64_MAX};
        const audyn_status_t status = audyn_recover_file(path, &limits, &recovered, NULL);
        if (!status || recovered.sample_frames) {
            file->sample_frames = recovered.sample_frames;
        }
        file->repaired = true;
        if (!file->sample_frames) {
            unlink(path);
            file->created = false;
        }
    }
}

void
audyn_segment_cut_short(audyn_segment_t *segment)
{
    uint64_t most = 0;
    for (unsigned i = 0; i < format_count(segment); ++i) {
        const audyn_segment_file_t *file = &segment->files[i];
        most = file->sample_frames > most ? file->sample_frames : most;
    }
    if (segment->classified > most) {
        audyn_loss_map_take_back(segment->losses, segment->position + most,
                                 segment->classified - most);
        segment->classified = most;
    }
    segment->cut_short = most < segment->sample_frames;
    segment->sample_frames = most;
}
