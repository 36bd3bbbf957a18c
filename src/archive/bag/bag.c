// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/bag/bag.h"

#include "archive/bag/bag_package.h"
#include "archive/bag/excerpt.h"
#include "archive/outside.h"
#include "core/json_text.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PUBLIC_KEY_FILE ".audyn/archive.pub"

struct work {
    const audyn_bag_t *bag;
    audyn_bag_result_t *result;
    audyn_catalog_t *catalog;
    audyn_bag_package_t *package;
    uint64_t *segments; // their sequences
    size_t count;
    uint64_t first, last; // of those
    uint64_t *tombstones; // of files that are not there any more
    size_t tombstone_count;
    uint32_t sample_rate;
    audyn_media_rate_t rate;
    int64_t first_ns, end_ns;
    uint64_t done, total; // bytes of audio files
    json_t *entries;      // the sequences of those that are packed
    audyn_status_t status;
    audyn_error_t *error;
};

static void
fail(struct work *work, audyn_status_t status)
{
    if (!work->status) {
        work->status = audyn_error_set(work->error, status, "%s cannot be packed: %s",
                                       work->bag->stream, audyn_strerror(status));
    }
}

static bool
append(struct work *work, uint64_t **numbers, size_t *count, uint64_t number)
{
    uint64_t *more = reallocarray(*numbers, *count + 1, sizeof *more);
    if (!more) {
        fail(work, AUDYN_NO_MEMORY);
        return false;
    }
    *numbers = more;
    more[(*count)++] = number;
    return true;
}

// What lies between the segments so far and this one is missing; what both have counts
// once.
static void
count_samples(struct work *work, const audyn_catalog_segment_t *segment)
{
    const uint64_t end = segment->position + segment->sample_frames;
    const uint64_t end_before =
        work->count ? audyn_media_first_position(work->end_ns, &work->rate)
                    : segment->position;
    uint64_t missing = segment->unclassified;
    for (unsigned i = 0; i < AUDYN_SAMPLE_RECEIVED; ++i) {
        missing += segment->missing[i];
    }
    uint64_t added = segment->sample_frames;
    if (end_before > segment->position) {
        added = end > end_before ? end - end_before : 0;
    } else {
        work->result->missing += segment->position - end_before;
    }
    work->result->sample_frames += added;
    work->result->missing += missing < added ? missing : added;
}

static bool
note_segment(void *context, const audyn_catalog_segment_t *segment)
{
    struct work *work = (struct work *)context;
    if (!work->count || segment->sequence < work->first) {
        work->first = segment->sequence;
    }
    if (segment->sequence > work->last) {
        work->last = segment->sequence;
    }
    if (!work->count) {
        work->first_ns = segment->first_ns;
    }
    work->rate = audyn_input_media_rate(&segment->format);
    count_samples(work, segment);
    if (segment->end_ns > work->end_ns) {
        work->end_ns = segment->end_ns;
    }
    work->sample_rate = segment->format.sample_rate;
    ++work->result->segments;
    return append(work, &work->segments, &work->count, segment->sequence);
}

static bool
measure_file(void *context, const audyn_catalog_file_t *file)
{
    struct work *work = (struct work *)context;
    if (!file->deleted) {
        work->total += file->bytes;
        return true;
    }
    ++work->result->deleted;
    return append(work, &work->tombstones, &work->tombstone_count, file->deleted_by);
}

static void
on_bytes(void *context, uint64_t bytes)
{
    struct work *work = (struct work *)context;
    work->done += bytes;
    if (work->bag->progress) {
        work->bag->progress(work->bag->context, work->done, work->total);
    }
}

// A file of the archive, by its path below that.
static void
pack(struct work *work, const char *below, const char *sha256, bool is_audio)
{
    const audyn_bag_t *bag = work->bag;
    if (bag->is_interrupted && bag->is_interrupted(bag->context)) {
        work->status = audyn_error_set(work->error, AUDYN_BUSY,
                                       "interrupted; what was packed is removed");
        return;
    }
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", bag->archive, below) >= (int)sizeof path) {
        fail(work, AUDYN_TOO_LARGE);
        return;
    }
    const audyn_status_t status =
        audyn_bag_package_add(work->package, path, below, sha256,
                              is_audio ? on_bytes : NULL, work, work->error);
    work->status = work->status ? work->status : status;
}

static void
pack_if_there(struct work *work, const char *below)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", work->bag->archive, below) <
            (int)sizeof path &&
        !access(path, F_OK)) {
        pack(work, below, NULL, false);
    }
}

static bool
pack_audio(void *context, const audyn_catalog_file_t *file)
{
    struct work *work = (struct work *)context;
    if (!file->deleted) {
        pack(work, file->path, file->sha256, true);
    }
    return !work->status;
}

static bool
is_among(const uint64_t *numbers, size_t count, uint64_t number)
{
    bool found = false;
    for (size_t i = 0; i < count && !found; ++i) {
        found = numbers[i] == number;
    }
    return found;
}

// Between the first of the segments and the last, all that is no other segment, so that
// each says what the one before it was; behind that, what deleted a file of theirs.
static bool
belongs(const struct work *work, const audyn_catalog_entry_t *entry)
{
    if (entry->kind == AUDYN_ENTRY_SEGMENT) {
        return is_among(work->segments, work->count, entry->sequence);
    }
    return entry->sequence < work->last ||
           is_among(work->tombstones, work->tombstone_count, entry->sequence);
}

static bool
pack_entry(void *context, const audyn_catalog_entry_t *entry)
{
    struct work *work = (struct work *)context;
    if (!belongs(work, entry)) {
        return true;
    }
    json_array_append_new(work->entries, json_integer((json_int_t)entry->sequence));
    char signature[PATH_MAX];
    snprintf(signature, sizeof signature, "%s.sig", entry->path);
    pack(work, entry->path, entry->sha256, false);
    if (!work->status) {
        pack_if_there(work, signature);
    }
    return !work->status;
}

// Whatever the catalog's visitors have met comes first.
static audyn_status_t
outcome(struct work *work, audyn_status_t status)
{
    if (status) {
        fail(work, status);
    }
    return work->status;
}

static audyn_status_t
for_each_segment(struct work *work, audyn_catalog_visit_file_t *visit)
{
    audyn_status_t status = AUDYN_OK;
    for (size_t i = 0; i < work->count && !status; ++i) {
        status = outcome(work, audyn_catalog_files(work->catalog, work->bag->stream,
                                                   work->segments[i], visit, work));
    }
    return status;
}

// Of the stretch, what lies before the first segment and behind the last one.
static void
count_around(struct work *work)
{
    const audyn_catalog_range_t *range = &work->bag->range;
    const int64_t times[2][2] = {{range->from, work->first_ns},
                                 {work->end_ns, range->to}};
    for (int side = 0; side < 2; ++side) {
        if (times[side][0] < times[side][1]) {
            work->result->missing +=
                audyn_media_first_position(times[side][1], &work->rate) -
                audyn_media_first_position(times[side][0], &work->rate);
        }
    }
}

static audyn_status_t
choose(struct work *work)
{
    const audyn_bag_t *bag = work->bag;
    const audyn_status_t status =
        outcome(work, audyn_catalog_segments(work->catalog, bag->stream, &bag->range,
                                             note_segment, work));
    if (!status && !work->count) {
        work->status = audyn_error_set(work->error, AUDYN_NOT_FOUND,
                                       "%s has nothing of %s at that time; see audyn ls",
                                       bag->archive, bag->stream);
    }
    if (!work->status) {
        count_around(work);
    }
    return work->status ? work->status : for_each_segment(work, measure_file);
}

static audyn_status_t
pack_all(struct work *work)
{
    audyn_status_t status = for_each_segment(work, pack_audio);
    if (!status) {
        status = outcome(work, audyn_catalog_entries(work->catalog, work->bag->stream,
                                                     work->first, pack_entry, work));
    }
    if (!status) {
        pack_if_there(work, PUBLIC_KEY_FILE);
    }
    return work->status;
}

// Which entries there are to be, for who checks them.
static audyn_status_t
pack_excerpt(struct work *work)
{
    json_t *excerpt =
        json_pack("{s:i, s:o, s:O}", "audyn_excerpt", AUDYN_EXCERPT_VERSION, "stream",
                  audyn_json_text(work->bag->stream), "entries", work->entries);
    char *text = audyn_json_lines(excerpt);
    json_decref(excerpt);
    const audyn_status_t status =
        text ? audyn_bag_package_put(work->package, AUDYN_EXCERPT_FILE, text, work->error)
             : AUDYN_NO_MEMORY;
    free(text);
    return outcome(work, status);
}

static audyn_status_t
complete(struct work *work)
{
    char first[48];
    char end[48];
    audyn_leap_seconds_t leap_seconds;
    audyn_leap_seconds_init(&leap_seconds);
    audyn_entry_tai_text(first, &leap_seconds, work->first_ns);
    audyn_entry_tai_text(end, &leap_seconds, work->end_ns);
    const audyn_bag_result_t *result = work->result;
    char description[1024];
    snprintf(description, sizeof description,
             "The stream %s from %s to %s: %" PRIu64 " segments, %" PRIu64
             " sample frames at %u Hz, %" PRIu64
             " missing in, between or around them; %" PRIu64
             " audio files deleted before",
             work->bag->stream, first, end, result->segments, result->sample_frames,
             work->sample_rate, result->missing, result->deleted);
    const audyn_bag_info_t info = {
        .source_organization = work->bag->organization,
        .external_description = description,
        .utc_ns = work->bag->utc_ns,
    };
    return audyn_bag_package_finish(work->package, &info, work->error);
}

audyn_status_t
audyn_bag_write(const audyn_bag_t *bag, audyn_bag_result_t *result, audyn_error_t *error)
{
    *result = (audyn_bag_result_t){0};
    struct work work = {
        .bag = bag, .result = result, .entries = json_array(), .error = error};
    audyn_status_t status = audyn_catalog_open(&work.catalog, bag->archive, error);
    if (!status) {
        status = audyn_archive_check_outside(bag->archive, bag->path, error);
    }
    if (!status) {
        status = choose(&work);
    }
    if (!status) {
        status = audyn_bag_package_create(&work.package, bag->path, error);
    }
    if (!status) {
        status = pack_all(&work);
    }
    if (!status) {
        status = pack_excerpt(&work);
    }
    if (!status) {
        status = complete(&work);
        result->files = audyn_bag_package_files(work.package);
        result->bytes = audyn_bag_package_bytes(work.package);
    }
    audyn_bag_package_destroy(work.package);
    audyn_catalog_close(work.catalog);
    json_decref(work.entries);
    free(work.segments);
    free(work.tombstones);
    return status;
}
