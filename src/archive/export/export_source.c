// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/export/export_source.h"

#include "archive/export/export_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What is damaged in all files is left out in steps of so many.
#define LEAST_FRAMES 4096U

struct audyn_export_source {
    audyn_export_source_config_t config;
    size_t segment; // AUDYN_EXPORT_NO_SEGMENT: none yet
    bool any_deleted;
    audyn_entry_t sidecar;                  // all zero where it cannot be read
    export_file_t files[AUDYN_ENTRY_FILES]; // the best first
    unsigned count;
    float samples[AUDYN_EXPORT_SAMPLES];
};

audyn_status_t
audyn_export_source_create(audyn_export_source_t **out,
                           const audyn_export_source_config_t *config)
{
    *out = NULL;
    audyn_export_source_t *source = calloc(1, sizeof *source);
    if (!source) {
        return AUDYN_NO_MEMORY;
    }
    source->config = *config;
    source->segment = AUDYN_EXPORT_NO_SEGMENT;
    *out = source;
    return AUDYN_OK;
}

static void
leave_segment(audyn_export_source_t *source)
{
    for (unsigned i = 0; i < source->count; ++i) {
        export_file_close(&source->files[i]);
    }
    source->count = 0;
    source->any_deleted = false;
    audyn_entry_finish(&source->sidecar);
    source->segment = AUDYN_EXPORT_NO_SEGMENT;
}

void
audyn_export_source_destroy(audyn_export_source_t *source)
{
    if (source) {
        leave_segment(source);
        free(source);
    }
}

// Of what two formats tell of the same samples, the one that is read with less work.
static int
rank_of(const char *format)
{
    static const char *const formats[] = {"wav", "flac"};
    int rank = 0;
    while (rank < 2 && strcmp(format, formats[rank]) != 0) {
        ++rank;
    }
    return rank;
}

static bool
visit_file(void *context, const audyn_catalog_file_t *row)
{
    audyn_export_source_t *source = context;
    if (row->deleted || source->count == AUDYN_ENTRY_FILES) {
        source->any_deleted |= row->deleted;
        return true;
    }
    unsigned at = source->count++;
    for (; at && rank_of(row->format) < rank_of(source->files[at - 1].format); --at) {
        source->files[at] = source->files[at - 1];
    }
    export_file_init(&source->files[at], source->config.archive, row);
    return true;
}

// Of its files' blocks; without it none are checked.  AUDYN_NO_MEMORY is all that is told
// as a failure.
static audyn_status_t
read_sidecar(audyn_export_source_t *source, const char *name)
{
    char path[PATH_MAX];
    char sha256[AUDYN_SHA256_TEXT];
    audyn_error_t error;
    snprintf(path, sizeof path, "%s/%s", source->config.archive, name);
    const audyn_status_t status =
        audyn_entry_read(&source->sidecar, path, sha256, &error);
    if (status == AUDYN_NO_MEMORY) {
        return status;
    }
    if (status) {
        source->config.tell(source->config.context, error.text);
        return AUDYN_OK;
    }
    const audyn_entry_segment_t *segment = &source->sidecar.segment;
    for (unsigned i = 0; source->sidecar.kind == AUDYN_ENTRY_SEGMENT && i < source->count;
         ++i) {
        for (unsigned k = 0; k < segment->file_count; ++k) {
            export_file_set_sums(&source->files[i], &segment->files[k]);
        }
    }
    return AUDYN_OK;
}

static audyn_status_t
enter_segment(audyn_export_source_t *source, size_t index)
{
    const audyn_export_plan_t *plan = source->config.plan;
    leave_segment(source);
    audyn_status_t status =
        audyn_catalog_files(source->config.catalog, plan->stream,
                            plan->segments[index].sequence, visit_file, source);
    if (!status) {
        status = read_sidecar(source, plan->segments[index].sidecar);
        source->segment = status ? AUDYN_EXPORT_NO_SEGMENT : index;
    }
    return status;
}

static void
tell(audyn_export_source_t *source, export_file_t *file, const audyn_error_t *error)
{
    if (!file->told) {
        file->told = true;
        source->config.tell(source->config.context, error->text);
    }
}

// From the best file that has them.  Fails with AUDYN_NOT_FOUND where none has.
static audyn_status_t
get(audyn_export_source_t *source, uint64_t first, uint64_t sample_frames,
    const audyn_encoding_t *stored, bool doubtful, audyn_export_stretch_t *stretch)
{
    for (unsigned i = 0; i < source->count; ++i) {
        export_file_t *file = &source->files[i];
        audyn_error_t error = {""};
        audyn_status_t status =
            export_file_open(file, &source->config.plan->format, &error);
        if (!status && first < file->sample_frames) {
            const uint64_t left = file->sample_frames - first;
            *stretch = (audyn_export_stretch_t){
                .sample_frames = sample_frames < left ? sample_frames : left, .fd = -1};
            status = export_file_get(file, first, stored, doubtful, source->samples,
                                     stretch, &error);
            if (!status) {
                stretch->name = file->name;
                return AUDYN_OK;
            }
        }
        if (status == AUDYN_NO_MEMORY) {
            return status;
        }
        if (status) {
            tell(source, file, &error);
        }
    }
    return AUDYN_NOT_FOUND;
}

// Why no file has samples.
static const char *
class_of(const audyn_export_source_t *source)
{
    bool other_rate = source->count;
    for (unsigned i = 0; i < source->count; ++i) {
        other_rate = other_rate && source->files[i].unusable == AUDYN_NOT_SUPPORTED;
    }
    return other_rate                              ? "other_rate"
           : source->any_deleted && !source->count ? "deleted"
                                                   : "damaged";
}

audyn_status_t
audyn_export_source_get(audyn_export_source_t *source, size_t segment, uint64_t position,
                        uint64_t sample_frames, const audyn_encoding_t *stored,
                        audyn_export_stretch_t *stretch)
{
    if (source->segment != segment) {
        const audyn_status_t status = enter_segment(source, segment);
        if (status) {
            return status;
        }
    }
    const uint64_t first = position - source->config.plan->segments[segment].position;
    const uint64_t few = sample_frames < LEAST_FRAMES ? sample_frames : LEAST_FRAMES;
    audyn_status_t status = get(source, first, sample_frames, stored, false, stretch);
    if (status == AUDYN_NOT_FOUND) {
        status = get(source, first, few, stored, false, stretch);
    }
    if (status != AUDYN_NOT_FOUND) {
        return status;
    }
    // Samples that may be wrong, and are told to be, are better than none.
    status = get(source, first, few, stored, true, stretch);
    if (status != AUDYN_NOT_FOUND) {
        stretch->class = "damaged";
        return status;
    }
    *stretch = (audyn_export_stretch_t){
        .sample_frames = source->count ? few : sample_frames,
        .fd = -1,
        .class = class_of(source),
    };
    return AUDYN_OK;
}

const char *
audyn_export_source_flac(audyn_export_source_t *source, size_t segment, const char **name)
{
    if (source->segment != segment && enter_segment(source, segment)) {
        return NULL;
    }
    const audyn_export_plan_t *plan = source->config.plan;
    for (unsigned i = 0; i < source->count; ++i) {
        export_file_t *file = &source->files[i];
        if (!strcmp(file->format, "flac") &&
            file->sample_frames >= plan->segments[segment].sample_frames &&
            !export_file_open(file, &plan->format, NULL)) {
            *name = file->name;
            return file->path;
        }
    }
    return NULL;
}
