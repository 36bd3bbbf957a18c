// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/retention/retention.h"

#include "archive/retention/holds.h"
#include "archive/retention/retention_clock.h"
#include "archive/retention/retention_delete.h"
#include "core/byte_size.h"
#include "core/directory.h"

#include <stdlib.h>
#include <string.h>

struct stream {
    char name[AUDYN_ENTRY_NAME];
    audyn_input_format_t format;
};

// A file that is to go.
struct candidate {
    int64_t end_ns;
    const struct stream *stream;
    uint64_t sequence;
    uint64_t bytes;
    const audyn_retention_rule_t *rule;
};

struct pass {
    const audyn_retention_t *retention;
    audyn_catalog_t *catalog;
    audyn_holds_t holds;
    struct stream *streams; // by name
    size_t stream_count;
    struct candidate *candidates;
    size_t count, room;
    int64_t cutoffs_ns[AUDYN_ARCHIVE_FORMATS]; // by rule: what ended before is too old
    const audyn_retention_rule_t *rule;        // that is being looked at
    int64_t from_ns;                           // what ended before was looked at already
    uint64_t wanted, found;                    // bytes; wanted 0: all there are
    uint64_t deleted;
    audyn_status_t status; // of what is visited
};

static bool
add_stream(void *context, const audyn_catalog_stream_t *stream)
{
    struct pass *pass = (struct pass *)context;
    struct stream *streams =
        reallocarray(pass->streams, pass->stream_count + 1, sizeof *streams);
    if (!streams) {
        pass->status = AUDYN_NO_MEMORY;
        return false;
    }
    pass->streams = streams;
    struct stream *added = &streams[pass->stream_count++];
    *added = (struct stream){.format = stream->format};
    strncat(added->name, stream->name, sizeof added->name - 1);
    return true;
}

static int
compare_name(const void *name, const void *stream)
{
    return strcmp((const char *)name, ((const struct stream *)stream)->name);
}

static bool
make_room(struct pass *pass)
{
    if (pass->count < pass->room) {
        return true;
    }
    const size_t room = pass->room ? 2 * pass->room : 64;
    struct candidate *candidates =
        reallocarray(pass->candidates, room, sizeof *candidates);
    if (!candidates) {
        pass->status = AUDYN_NO_MEMORY;
        return false;
    }
    pass->candidates = candidates;
    pass->room = room;
    return true;
}

static bool
add_candidate(void *context, const audyn_catalog_file_t *file)
{
    struct pass *pass = (struct pass *)context;
    const struct stream *stream = bsearch(file->stream, pass->streams, pass->stream_count,
                                          sizeof *stream, compare_name);
    // A stream that has come meanwhile has its turn the next time.
    if (!stream || file->end_ns < pass->from_ns ||
        audyn_holds_cover(&pass->holds, file) ||
        !audyn_retention_is_known(pass->retention, file)) {
        return true;
    }
    if (!make_room(pass)) {
        return false;
    }
    pass->candidates[pass->count++] = (struct candidate){
        .end_ns = file->end_ns,
        .stream = stream,
        .sequence = file->sequence,
        .bytes = file->bytes,
        .rule = pass->rule,
    };
    pass->found += file->bytes;
    return !pass->wanted || pass->found < pass->wanted;
}

static int
compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

// The oldest first, the files of a segment together.
static int
compare_candidates(const void *first, const void *second)
{
    const struct candidate *a = (const struct candidate *)first;
    const struct candidate *b = (const struct candidate *)second;
    const int by_time = compare((uint64_t)a->end_ns, (uint64_t)b->end_ns);
    const int by_stream = strcmp(a->stream->name, b->stream->name);
    return by_time ? by_time : by_stream ? by_stream : compare(a->sequence, b->sequence);
}

static audyn_status_t
explain(audyn_status_t status, audyn_error_t *error)
{
    return status ? audyn_error_set(error, status, "the catalog cannot be read: %s",
                                    audyn_strerror(status))
                  : AUDYN_OK;
}

// Adds the files of one rule that ended in between.
static audyn_status_t
collect(struct pass *pass, const audyn_retention_rule_t *rule, int64_t from_ns,
        int64_t before_ns, audyn_error_t *error)
{
    pass->rule = rule;
    pass->from_ns = from_ns;
    pass->found = 0;
    const audyn_status_t status = audyn_catalog_oldest_files(
        pass->catalog, rule->format, before_ns, add_candidate, pass);
    return explain(status ? status : pass->status, error);
}

static bool
is_stopped(const struct pass *pass)
{
    const atomic_bool *stop = pass->retention->stop;
    return stop && atomic_load_explicit(stop, memory_order_relaxed);
}

// The files of one segment, of which `why` is said; NULL: what its rule says.  Returns
// how many candidates that were.
static size_t
make_target(audyn_retention_target_t *target, const struct candidate *first, size_t left,
            const char *why)
{
    *target = (audyn_retention_target_t){
        .stream = first->stream->name,
        .format = &first->stream->format,
        .sequence = first->sequence,
        .why = why ? why : first->rule->why,
    };
    size_t i = 0;
    while (i < left && target->format_count < AUDYN_ARCHIVE_FORMATS &&
           first[i].stream == first->stream && first[i].sequence == first->sequence &&
           (why || !strcmp(first[i].rule->why, first->rule->why))) {
        target->formats[target->format_count++] = first[i++].rule->format;
    }
    return i;
}

static audyn_status_t
delete_candidates(struct pass *pass, const char *why, audyn_error_t *error)
{
    if (pass->count) {
        qsort(pass->candidates, pass->count, sizeof *pass->candidates,
              compare_candidates);
    }
    audyn_status_t status = AUDYN_OK;
    const uint64_t before = pass->deleted;
    for (size_t i = 0; i < pass->count && !status && !is_stopped(pass) &&
                       (!pass->wanted || pass->deleted - before < pass->wanted);) {
        audyn_retention_target_t target;
        i += make_target(&target, &pass->candidates[i], pass->count - i, why);
        uint64_t bytes;
        status = audyn_retention_delete(pass->retention, pass->catalog, &target, &bytes,
                                        error);
        pass->deleted += bytes;
    }
    pass->count = 0;
    return status;
}

static audyn_status_t
delete_aged(struct pass *pass, int64_t now_ns, audyn_error_t *error)
{
    const audyn_retention_policy_t *policy = pass->retention->policy;
    audyn_status_t status = AUDYN_OK;
    for (unsigned i = 0; i < policy->count && !status; ++i) {
        const audyn_retention_rule_t *rule = &policy->rules[i];
        int64_t *cutoff_ns = &pass->cutoffs_ns[i];
        *cutoff_ns = now_ns - rule->keep_ns;
        if (!policy->trust_clock) {
            status = explain(
                audyn_retention_cutoff(pass->catalog, now_ns, rule->keep_ns, cutoff_ns),
                error);
        }
        if (!status) {
            status = collect(pass, rule, INT64_MIN, *cutoff_ns, error);
        }
    }
    return status ? status : delete_candidates(pass, NULL, error);
}

// How many bytes fewer are free than should be.
static uint64_t
measure_lack(const audyn_retention_t *retention)
{
    const uint64_t least = retention->policy->least_free;
    const uint64_t available = audyn_directory_room(retention->archive);
    return available < least ? least - available : 0;
}

static audyn_status_t
delete_for_space(struct pass *pass, int64_t now_ns, audyn_error_t *error)
{
    const audyn_retention_policy_t *policy = pass->retention->policy;
    pass->wanted = measure_lack(pass->retention);
    // Which are still there, where deletions are only told.
    const uint64_t told = pass->retention->chain ? 0 : pass->deleted;
    pass->wanted -= told < pass->wanted ? told : pass->wanted;
    if (!pass->wanted) {
        return AUDYN_OK;
    }
    audyn_status_t status = AUDYN_OK;
    for (unsigned i = 0; i < policy->count && !status; ++i) {
        status = collect(pass, &policy->rules[i], pass->cutoffs_ns[i], now_ns, error);
    }
    char size[AUDYN_BYTE_SIZE_TEXT];
    char why[AUDYN_RETENTION_TEXT];
    audyn_byte_size_text(size, policy->least_free);
    snprintf(why, sizeof why, "least free space %s", size);
    return status ? status : delete_candidates(pass, why, error);
}

static audyn_status_t
apply(struct pass *pass, audyn_error_t *error)
{
    const audyn_retention_t *retention = pass->retention;
    audyn_status_t status = audyn_catalog_streams(pass->catalog, add_stream, pass);
    status = explain(status ? status : pass->status, error);
    for (size_t i = 0; i < pass->stream_count && !status && retention->chain; ++i) {
        status = audyn_retention_finish(retention, pass->catalog, pass->streams[i].name,
                                        error);
    }
    const int64_t now_ns = audyn_clock_tai_now_ns(retention->clock);
    if (!status && !retention->policy->trust_clock) {
        status = audyn_retention_check_clock(pass->catalog, now_ns, error);
    }
    if (!status) {
        status = explain(audyn_holds_load(&pass->holds, pass->catalog), error);
    }
    if (!status) {
        status = delete_aged(pass, now_ns, error);
    }
    return status ? status : delete_for_space(pass, now_ns, error);
}

audyn_status_t
audyn_retention_apply(const audyn_retention_t *retention, audyn_error_t *error)
{
    struct pass pass = {.retention = retention};
    audyn_status_t status = AUDYN_OK;
    if (retention->chain) { // there may be holds of which the catalog does not know
        status = audyn_chain_catch_up(retention->chain, NULL, NULL, NULL, error);
    }
    if (!status) {
        status = audyn_catalog_open(&pass.catalog, retention->archive, error);
    }
    if (!status) {
        status = apply(&pass, error);
    }
    audyn_holds_finish(&pass.holds);
    free(pass.candidates);
    free(pass.streams);
    audyn_catalog_close(pass.catalog);
    return status;
}
