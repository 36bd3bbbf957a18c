// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/retention/retention_keeper.h"

#include "core/byte_size.h"
#include "core/thread.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LONGEST_NS (60 * AUDYN_NS_PER_SECOND)
#define SHORTEST_NS AUDYN_NS_PER_SECOND

struct audyn_retention_keeper {
    audyn_retention_keeper_config_t config;
    int64_t interval_ns;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t stopping;
    atomic_bool stop; // written by who stops it, with the mutex held
    // Of the thread:
    uint64_t files, bytes; // deleted in this pass
    char problem[1024];    // told last
    bool troubled;         // there was one in this pass
};

static void
note_problem(audyn_retention_keeper_t *keeper, const char *what)
{
    keeper->troubled = true;
    if (strncmp(keeper->problem, what, sizeof keeper->problem - 1) != 0) {
        snprintf(keeper->problem, sizeof keeper->problem, "%s", what);
        keeper->config.tell(keeper->config.context, true, what);
    }
}

static void
on_left(void *context, const char *what)
{
    audyn_retention_keeper_t *keeper = (audyn_retention_keeper_t *)context;
    // The first one stands for all.
    if (!keeper->troubled) {
        note_problem(keeper, what);
    }
}

static void
on_deleted(void *context, const audyn_retention_deletion_t *deletion)
{
    audyn_retention_keeper_t *keeper = (audyn_retention_keeper_t *)context;
    ++keeper->files;
    keeper->bytes += deletion->bytes;
    keeper->config.deleted(keeper->config.context, deletion);
}

static void
look(audyn_retention_keeper_t *keeper)
{
    const audyn_retention_keeper_config_t *config = &keeper->config;
    const audyn_retention_t retention = {
        .archive = config->archive,
        .chain = config->chain,
        .policy = &config->policy,
        .clock = config->clock,
        .stop = &keeper->stop,
        .deleted = on_deleted,
        .left = on_left,
        .context = keeper,
    };
    keeper->files = 0;
    keeper->bytes = 0;
    keeper->troubled = false;
    audyn_error_t error = {""};
    if (audyn_retention_apply(&retention, &error)) {
        note_problem(keeper, error.text);
    }
    if (!keeper->troubled) {
        keeper->problem[0] = '\0';
    }
    if (keeper->files) {
        char size[AUDYN_BYTE_SIZE_TEXT];
        char what[128];
        audyn_byte_size_text(size, keeper->bytes);
        snprintf(what, sizeof what, "retention: %" PRIu64 " file%s deleted, %s",
                 keeper->files, keeper->files == 1 ? "" : "s", size);
        config->tell(config->context, false, what);
    }
}

// Until the next look is due, or the end.
static void
wait_a_while(audyn_retention_keeper_t *keeper)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += keeper->interval_ns / AUDYN_NS_PER_SECOND;
    pthread_mutex_lock(&keeper->mutex);
    int outcome = 0;
    while (!atomic_load(&keeper->stop) && !outcome) {
        outcome = pthread_cond_timedwait(&keeper->stopping, &keeper->mutex, &until);
    }
    pthread_mutex_unlock(&keeper->mutex);
}

static void *
run(void *context)
{
    audyn_retention_keeper_t *keeper = (audyn_retention_keeper_t *)context;
    while (!atomic_load(&keeper->stop)) {
        look(keeper);
        wait_a_while(keeper);
    }
    return NULL;
}

static int64_t
interval_of(const audyn_retention_policy_t *policy)
{
    int64_t interval_ns = LONGEST_NS;
    for (unsigned i = 0; i < policy->count; ++i) {
        const int64_t tenth_ns = policy->rules[i].keep_ns / 10;
        interval_ns = tenth_ns < interval_ns ? tenth_ns : interval_ns;
    }
    return interval_ns > SHORTEST_NS ? interval_ns : SHORTEST_NS;
}

static void
make_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void
destroy(audyn_retention_keeper_t *keeper)
{
    pthread_cond_destroy(&keeper->stopping);
    pthread_mutex_destroy(&keeper->mutex);
    free(keeper);
}

audyn_status_t
audyn_retention_keeper_start(audyn_retention_keeper_t **out,
                             const audyn_retention_keeper_config_t *config)
{
    *out = NULL;
    audyn_retention_keeper_t *keeper = calloc(1, sizeof *keeper);
    if (!keeper) {
        return AUDYN_NO_MEMORY;
    }
    keeper->config = *config;
    keeper->interval_ns = interval_of(&config->policy);
    pthread_mutex_init(&keeper->mutex, NULL);
    make_condition(&keeper->stopping);
    const int cause = audyn_thread_create(&keeper->thread, NULL, run, keeper);
    if (cause) {
        destroy(keeper);
        return audyn_status_from_errno(cause);
    }
    *out = keeper;
    return AUDYN_OK;
}

void
audyn_retention_keeper_stop(audyn_retention_keeper_t *keeper)
{
    if (!keeper) {
        return;
    }
    pthread_mutex_lock(&keeper->mutex);
    atomic_store(&keeper->stop, true);
    pthread_cond_signal(&keeper->stopping);
    pthread_mutex_unlock(&keeper->mutex);
    pthread_join(keeper->thread, NULL);
    destroy(keeper);
}
