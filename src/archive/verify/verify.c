// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/verify/verify_private.h"
#include "core/clock.h"
#include "core/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST_THREADS 64
#define PROGRESS_NS (100 * AUDYN_NS_PER_MS)

static bool
is_in_range(const audyn_verify_config_t *config, const verify_entry_t *entry)
{
    const audyn_moment_text_t *from = &config->from;
    const audyn_moment_text_t *to = &config->to;
    const uint64_t last = entry->position + entry->sample_frames - 1;
    const bool ends_before =
        config->has_from &&
        (from->is_position ? last < from->position : entry->last_ns < from->tai_ns);
    const bool begins_after =
        config->has_to && (to->is_position ? entry->position >= to->position
                                           : entry->first_ns >= to->tai_ns);
    return !ends_before && !begins_after;
}

bool
verify_wants(const verify_t *verify, const verify_entry_t *entry)
{
    const char *wanted = verify->config->stream;
    return entry->kind == AUDYN_ENTRY_SEGMENT &&
           (!wanted || !strcmp(wanted, verify_stream_at(verify, entry->stream)->name)) &&
           is_in_range(verify->config, entry);
}

static void
count_work(verify_t *verify)
{
    for (size_t i = 0; i < verify->entries.count; ++i) {
        verify->report->segments += verify_wants(verify, verify_entry_at(verify, i));
    }
    for (size_t i = 0; i < verify->files.count; ++i) {
        const verify_file_t *file = verify_file_at(verify, i);
        const verify_found_t *found =
            file->deleted || !verify_wants(verify, verify_entry_at(verify, file->entry))
                ? NULL
                : verify_find(verify, file->path);
        verify->total_bytes += found ? found->bytes : 0;
        verify->report->files += found != NULL;
    }
}

// False: there is none left, or there is no reason to go on.
static bool
take_segment(verify_t *verify, size_t *number)
{
    pthread_mutex_lock(&verify->mutex);
    while (verify->next_entry < verify->entries.count &&
           !verify_wants(verify, verify_entry_at(verify, verify->next_entry))) {
        ++verify->next_entry;
    }
    const bool taken = !verify->status && verify->next_entry < verify->entries.count;
    *number = verify->next_entry;
    verify->next_entry += taken;
    pthread_mutex_unlock(&verify->mutex);
    return taken;
}

static void *
check_segments(void *context)
{
    verify_t *verify = context;
    size_t number;
    while (take_segment(verify, &number)) {
        const audyn_status_t status = verify_segment(verify, number);
        pthread_mutex_lock(&verify->mutex);
        verify->status = verify->status ? verify->status : status;
        pthread_mutex_unlock(&verify->mutex);
    }
    pthread_mutex_lock(&verify->mutex);
    --verify->running;
    pthread_cond_signal(&verify->ended);
    pthread_mutex_unlock(&verify->mutex);
    return NULL;
}

// Beside the threads that read.
static void
wait_for_all(verify_t *verify)
{
    const audyn_verify_config_t *config = verify->config;
    pthread_mutex_lock(&verify->mutex);
    while (verify->running) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        const int64_t ns = until.tv_nsec + PROGRESS_NS;
        until.tv_sec += ns / AUDYN_NS_PER_SECOND;
        until.tv_nsec = ns % AUDYN_NS_PER_SECOND;
        pthread_cond_timedwait(&verify->ended, &verify->mutex, &until);
        config->progress(config->context, atomic_load(&verify->done_bytes),
                         verify->total_bytes);
    }
    pthread_mutex_unlock(&verify->mutex);
}

static audyn_status_t
check_files(verify_t *verify)
{
    pthread_t threads[MOST_THREADS];
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = verify->config->threads ? verify->config->threads
                    : cores > 0             ? (size_t)cores
                                            : 1;
    wanted = wanted < MOST_THREADS ? wanted : MOST_THREADS;
    verify->running = wanted;
    size_t started = 0;
    while (started < wanted &&
           !audyn_thread_create(&threads[started], NULL, check_segments, verify)) {
        ++started;
    }
    pthread_mutex_lock(&verify->mutex);
    verify->running -= wanted - started;
    pthread_mutex_unlock(&verify->mutex);
    wait_for_all(verify);
    for (size_t i = 0; i < started; ++i) {
        pthread_join(threads[i], NULL);
    }
    return started ? verify->status : AUDYN_NO_RESOURCES;
}

static void
summarise(verify_t *verify, const verify_stream_t *stream)
{
    audyn_verify_stream_t summary = {.name = stream->name, .entries = stream->count};
    for (size_t i = stream->first; i < stream->first + stream->count; ++i) {
        const verify_entry_t *entry = verify_entry_at(verify, i);
        summary.segments += entry->kind == AUDYN_ENTRY_SEGMENT;
        summary.signed_entries += entry->signature == VERIFY_SIGNED;
        summary.missing_frames += entry->missing_frames;
        summary.end_sequence = entry->sequence;
        memcpy(summary.end_sha256, entry->sha256, sizeof summary.end_sha256);
        for (size_t k = 0; k < entry->file_count; ++k) {
            const bool deleted = verify_file_at(verify, entry->first_file + k)->deleted;
            summary.files += !deleted;
            summary.deleted_files += deleted;
        }
    }
    if (stream->count) {
        verify->config->summary(verify->config->context, &summary);
    }
}

// The order matters: a recorder may write meanwhile, and what comes later may know more,
// never less.
static audyn_status_t
read_archive(verify_t *verify)
{
    const char *archive = verify->config->archive;
    if (access(archive, R_OK | X_OK)) {
        return audyn_error_set(verify->error, audyn_status_from_errno(errno),
                               "%s cannot be read: %s", archive, strerror(errno));
    }
    audyn_status_t status = verify_read_keys(verify);
    if (!status) {
        status = audyn_excerpt_read(&verify->excerpt, archive, verify->error);
    }
    status = status ? status : verify_journals(verify);
    status = status ? status : verify_read_catalog(verify);
    status = status ? status : verify_scan(verify);
    status = status ? status : verify_journals(verify);
    const char *wanted = verify->config->stream;
    const size_t streams = verify->streams.count;
    if (!status && !streams && !verify->open_bases.count) {
        return audyn_error_set(verify->error, AUDYN_NOT_FOUND,
                               "%s is no archive: there is no sidecar in it", archive);
    }
    size_t i = 0;
    while (!status && wanted && i < streams &&
           strcmp(verify_stream_at(verify, i)->name, wanted) != 0) {
        ++i;
    }
    return !status && wanted && i == streams
               ? audyn_error_set(verify->error, AUDYN_INVALID,
                                 "%s has no stream %s; audyn ls shows which there are",
                                 verify->config->archive, wanted)
               : status;
}

static audyn_status_t
check_all(verify_t *verify)
{
    verify_deletions(verify);
    verify_chains(verify);
    verify_signatures(verify);
    verify_compare_catalog(verify);
    verify_strays(verify);
    count_work(verify);
    audyn_status_t status = verify_holds(verify);
    status = status ? status : verify_times(verify);
    status = status ? status : check_files(verify);
    verify->report->bytes = verify->done_bytes;
    for (size_t i = 0; !status && i < verify->streams.count; ++i) {
        summarise(verify, verify_stream_at(verify, i));
    }
    return status;
}

static void
finish(verify_t *verify)
{
    for (size_t i = 0; i < verify->found.count; ++i) {
        free(verify_found_at(verify, i)->path);
    }
    for (size_t i = 0; i < verify->files.count; ++i) {
        free(verify_file_at(verify, i)->path);
    }
    for (size_t i = 0; i < verify->deletions.count; ++i) {
        free(verify_deletion_at(verify, i)->path);
    }
    for (size_t i = 0; i < verify->known.count; ++i) {
        free(((verify_known_t *)verify->known.items)[i].path);
    }
    for (size_t i = 0; i < verify->streams.count; ++i) {
        free(verify_stream_at(verify, i)->name);
    }
    for (size_t i = 0; i < verify->open_bases.count; ++i) {
        free(((char **)verify->open_bases.items)[i]);
    }
    const verify_list_t *lists[] = {
        &verify->found, &verify->entries, &verify->broken,    &verify->files,
        &verify->known, &verify->streams, &verify->deletions, &verify->open_bases};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; ++i) {
        free(lists[i]->items);
    }
    for (unsigned i = 0; i < verify->key_count; ++i) {
        audyn_key_destroy(verify->keys[i]);
    }
    audyn_excerpt_finish(&verify->excerpt);
    audyn_catalog_close(verify->catalog);
    audyn_catalog_close(verify->mirror);
    pthread_cond_destroy(&verify->ended);
    pthread_mutex_destroy(&verify->mutex);
}

audyn_status_t
audyn_verify(const audyn_verify_config_t *config, audyn_verify_report_t *report,
             audyn_error_t *error)
{
    *report = (audyn_verify_report_t){0};
    *error = (audyn_error_t){""};
    verify_t verify = {.config = config, .report = report, .error = error};
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&verify.ended, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&verify.mutex, NULL);
    audyn_leap_seconds_init(&verify.leap_seconds);
    audyn_status_t status = read_archive(&verify);
    status = status ? status : check_all(&verify);
    report->has_key = verify.key_count > 0;
    for (unsigned i = 0; i < verify.key_count; ++i) {
        report->keys += verify.key_fits[i];
    }
    finish(&verify);
    if (status == AUDYN_NO_MEMORY) {
        audyn_error_set(error, status, "out of memory for verifying %s", config->archive);
    } else if (status && !*error->text) {
        audyn_error_set(error, status, "%s cannot be verified: %s", config->archive,
                        audyn_strerror(status));
    }
    return status;
}
