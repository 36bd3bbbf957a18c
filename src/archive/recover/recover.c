// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/recover/recover.h"

#include "archive/journal.h"
#include "archive/recover/recover_scan.h"
#include "archive/recover/recover_segment.h"
#include "archive/recover/recover_stray.h"
#include "core/thread.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define BACKGROUND_NICE 10

typedef struct {
    char path[PATH_MAX]; // below the archive's directory
    audyn_journal_content_t content;
} journal_t;

typedef struct {
    journal_t **items;
    size_t count, room;
} journals_t;

static void
finish_journals(journals_t *journals)
{
    for (size_t i = 0; i < journals->count; ++i) {
        audyn_entry_finish(&journals->items[i]->content.outline);
        free(journals->items[i]);
    }
    free(journals->items);
}

static bool
add_journal(journals_t *journals, journal_t *journal)
{
    if (journals->count == journals->room) {
        const size_t room = journals->room ? 2 * journals->room : 16;
        journal_t **items = realloc(journals->items, room * sizeof(journal_t *));
        if (!items) {
            return false;
        }
        journals->items = items;
        journals->room = room;
    }
    journals->items[journals->count++] = journal;
    return true;
}

// A first line that is not whole was not on disk when its segment's first sample came.
static bool
is_begun(const char *full)
{
    FILE *file = fopen(full, "re");
    char *line = NULL;
    size_t room = 0;
    const ssize_t length = file ? getline(&line, &room, file) : -1;
    // One that could not be read may be whole.
    const bool begun = length > 0 ? line[length - 1] == '\n' : !file || !feof(file);
    free(line);
    if (file) {
        fclose(file);
    }
    return begun;
}

static void
pass_over(const audyn_recovery_t *recovery, const char *path, const char *full,
          const audyn_error_t *error)
{
    if (is_begun(full) || unlink(full)) {
        recover_tell(recovery,
                     (audyn_recovered_t){.kind = AUDYN_NOT_RECOVERED, .path = path}, "%s",
                     error->text);
    } else {
        recover_tell(recovery,
                     (audyn_recovered_t){.kind = AUDYN_RECOVERED_NOTHING, .path = path},
                     "%s: removed; nothing was recorded yet", path);
    }
}

static audyn_status_t
read_journal(const audyn_recovery_t *recovery, journals_t *journals, const char *name,
             audyn_error_t *error)
{
    journal_t *journal = calloc(1, sizeof *journal);
    if (!journal) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for the journals");
    }
    char full[PATH_MAX];
    snprintf(journal->path, sizeof journal->path, AUDYN_JOURNAL_FOLDER "/%s", name);
    recover_path(recovery, journal->path, full);
    audyn_error_t cause = {""};
    if (audyn_journal_read(full, &journal->content, &cause)) {
        pass_over(recovery, journal->path, full, &cause);
        free(journal);
    } else if (!add_journal(journals, journal)) {
        audyn_entry_finish(&journal->content.outline);
        free(journal);
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for the journals");
    } else {
        recover_begun(recovery, journal->content.base);
    }
    return AUDYN_OK;
}

static audyn_status_t
read_journals(const audyn_recovery_t *recovery, journals_t *journals,
              audyn_error_t *error)
{
    char folder[PATH_MAX];
    recover_path(recovery, AUDYN_JOURNAL_FOLDER, folder);
    DIR *directory = opendir(folder);
    if (!directory) {
        return errno == ENOENT
                   ? AUDYN_OK
                   : audyn_error_set(error, audyn_status_from_errno(errno),
                                     "%s cannot be read: %s", folder, strerror(errno));
    }
    audyn_status_t status = AUDYN_OK;
    for (const struct dirent *file; !status && (file = readdir(directory));) {
        const char *ending = strrchr(file->d_name, '.');
        if (ending && !strcmp(ending, AUDYN_JOURNAL_ENDING)) {
            status = read_journal(recovery, journals, file->d_name, error);
        }
    }
    closedir(directory);
    return status;
}

// As the chains have them.
static int
by_position(const void *a, const void *b)
{
    const audyn_entry_t *x = &(*(journal_t *const *)a)->content.outline;
    const audyn_entry_t *y = &(*(journal_t *const *)b)->content.outline;
    const int order = strcmp(x->stream, y->stream);
    const uint64_t p = x->segment.first.position;
    const uint64_t q = y->segment.first.position;
    return order ? order : (p > q) - (p < q);
}

// False where it was stopped.
static bool
recover_journal(const audyn_recovery_t *recovery, journal_t *journal,
                const atomic_bool *stop)
{
    audyn_error_t error = {""};
    recover_segment_t segment = {
        .recovery = recovery,
        .base = journal->content.base,
        .entry = &journal->content.outline,
        .classified = journal->content.classified,
        .limits = {.most_cut = UINT64_MAX,
                   .is_all_there = journal->content.is_of_this_boot,
                   .stop = stop},
    };
    const audyn_status_t status = recover_segment(&segment, &error);
    if (status == AUDYN_BUSY && audyn_recover_go_on(stop, NULL)) {
        return false;
    }
    if (status) {
        recover_tell(recovery,
                     (audyn_recovered_t){.kind = AUDYN_NOT_RECOVERED,
                                         .path = journal->content.base},
                     "%s: %s; it is tried again at the next start, or by audyn recover",
                     journal->content.base, error.text);
        return true;
    }
    char full[PATH_MAX];
    recover_path(recovery, journal->path, full);
    unlink(full);
    return true;
}

static void
tell_entry(void *context, const char *path, bool taken_up, const char *text)
{
    recover_tell(context,
                 (audyn_recovered_t){.kind = taken_up ? AUDYN_RECOVERED_ENTRY
                                                      : AUDYN_NOT_RECOVERED,
                                     .path = path},
                 "%s", text);
}

// False where it was stopped before all was done.
static bool
recover_all(const audyn_recovery_t *recovery, journals_t *journals,
            const atomic_bool *stop)
{
    audyn_error_t error = {""};
    if (audyn_chain_catch_up(recovery->chain, NULL, tell_entry, (void *)recovery,
                             &error)) {
        recover_tell(
            recovery,
            (audyn_recovered_t){.kind = AUDYN_NOT_RECOVERED, .path = AUDYN_CATALOG_FILE},
            "%s", error.text);
    }
    if (journals->count) {
        qsort(journals->items, journals->count, sizeof(journal_t *), by_position);
    }
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < journals->count; ++i) {
        goes_on = !audyn_recover_go_on(stop, NULL) &&
                  recover_journal(recovery, journals->items[i], stop);
    }
    if (!goes_on) {
        recover_tell(recovery,
                     (audyn_recovered_t){.kind = AUDYN_NOT_RECOVERED,
                                         .path = AUDYN_JOURNAL_FOLDER},
                     AUDYN_JOURNAL_FOLDER ": what was left there is not all recovered "
                                          "yet, and nothing that follows has a sidecar: "
                                          "the next start goes on, or audyn recover");
    }
    return goes_on;
}

audyn_status_t
audyn_recover_journals(const audyn_recovery_t *recovery, audyn_error_t *error)
{
    journals_t journals = {NULL, 0, 0};
    const audyn_status_t status = read_journals(recovery, &journals, error);
    if (!status) {
        recover_all(recovery, &journals, NULL);
    }
    finish_journals(&journals);
    return status;
}

struct audyn_background_recovery {
    audyn_recovery_t recovery;
    journals_t journals;
    pthread_t thread;
    atomic_bool stop;      // written by whoever stops it
    pthread_mutex_t mutex; // guards `state`
    pthread_cond_t told;
    enum { RUNNING, DONE, STOPPED } state;
};

static void *
run(void *context)
{
    audyn_background_recovery_t *background = context;
    // What is recorded now comes first.
    setpriority(PRIO_PROCESS, (id_t)gettid(), BACKGROUND_NICE);
    const bool done =
        recover_all(&background->recovery, &background->journals, &background->stop);
    pthread_mutex_lock(&background->mutex);
    background->state = done ? DONE : STOPPED;
    pthread_cond_broadcast(&background->told);
    pthread_mutex_unlock(&background->mutex);
    return NULL;
}

static void
free_background(audyn_background_recovery_t *background)
{
    pthread_cond_destroy(&background->told);
    pthread_mutex_destroy(&background->mutex);
    finish_journals(&background->journals);
    free(background);
}

audyn_status_t
audyn_recover_in_background(audyn_background_recovery_t **out,
                            const audyn_recovery_t *recovery, audyn_error_t *error)
{
    *out = NULL;
    audyn_background_recovery_t *background = calloc(1, sizeof *background);
    if (!background) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory to recover");
    }
    background->recovery = *recovery;
    pthread_mutex_init(&background->mutex, NULL);
    pthread_cond_init(&background->told, NULL);
    audyn_status_t status = read_journals(recovery, &background->journals, error);
    if (!status && audyn_thread_create(&background->thread, NULL, run, background)) {
        status = audyn_error_set(error, AUDYN_NO_RESOURCES, "no thread to recover");
    }
    if (status) {
        free_background(background);
        return status;
    }
    *out = background;
    return AUDYN_OK;
}

static bool
is_in_state(audyn_background_recovery_t *background, int state)
{
    pthread_mutex_lock(&background->mutex);
    const bool is = (int)background->state == state;
    pthread_mutex_unlock(&background->mutex);
    return is;
}

bool
audyn_background_recovery_is_done(audyn_background_recovery_t *background)
{
    return !background || is_in_state(background, DONE);
}

bool
audyn_background_recovery_is_stopped(audyn_background_recovery_t *background)
{
    return background && is_in_state(background, STOPPED);
}

void
audyn_background_recovery_stop(audyn_background_recovery_t *background)
{
    if (background) {
        atomic_store(&background->stop, true);
    }
}

void
audyn_background_recovery_wait(audyn_background_recovery_t *background)
{
    if (background) {
        pthread_mutex_lock(&background->mutex);
        while (background->state == RUNNING) {
            pthread_cond_wait(&background->told, &background->mutex);
        }
        pthread_mutex_unlock(&background->mutex);
    }
}

void
audyn_background_recovery_end(audyn_background_recovery_t *background)
{
    if (background) {
        pthread_join(background->thread, NULL);
        free_background(background);
    }
}

audyn_status_t
audyn_recover_archive(const audyn_recovery_t *recovery, audyn_error_t *error)
{
    const audyn_status_t status = audyn_recover_journals(recovery, error);
    return status ? status : recover_scan(recovery, error);
}
