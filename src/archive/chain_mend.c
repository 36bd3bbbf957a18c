// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/chain_private.h"

#include "archive/catalog/catalog_rebuild.h"
#include "core/clock.h"
#include "core/file_lock.h"
#include "core/thread.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

// Between two attempts, each of which may read all sidecars.
#define PAUSE_NS (10 * AUDYN_NS_PER_SECOND)

#define BACKGROUND_NICE 10

static int64_t
now_ns(void)
{
    const audyn_clock_t *clock = audyn_clock_system();
    return clock->monotonic_ns(clock);
}

audyn_status_t
chain_open_catalog(audyn_chain_t *chain, audyn_error_t *error)
{
    const bool alone = !audyn_file_lock(chain->lock_fd);
    if (!alone) {
        audyn_file_lock_shared(chain->lock_fd);
    }
    audyn_status_t status =
        chain->is_damaged
            ? audyn_error_set(error, AUDYN_BAD_DATA,
                              "the catalog of %s is damaged, and cannot be made anew "
                              "while another process has it open",
                              chain->path)
            : catalog_open_to_write(&chain->catalog, chain->path, error);
    if (alone && (status == AUDYN_NOT_FOUND || status == AUDYN_BAD_DATA)) {
        status = catalog_rebuild_alone(chain->path, NULL, NULL, error);
        status =
            status ? status : catalog_open_to_write(&chain->catalog, chain->path, error);
    }
    if (alone) {
        audyn_file_lock_shared(chain->lock_fd);
    }
    return status;
}

static void
note_damage(audyn_chain_t *chain, const char *what)
{
    if (!chain->is_damaged) {
        audyn_error_set(&chain->trouble, AUDYN_BAD_DATA,
                        "the catalog %s/" AUDYN_CATALOG_FILE " %s: it is made anew from "
                        "the sidecars, and nothing is lost; look after the disk (dmesg, "
                        "smartctl), or what else may have changed it",
                        chain->path, what);
    }
    chain->is_damaged = true;
}

audyn_status_t
chain_check_catalog(audyn_chain_t *chain, audyn_error_t *error)
{
    if (!chain->is_damaged && catalog_has_moved(chain->catalog)) {
        note_damage(chain, "was removed or exchanged while it was in use");
    }
    return chain->is_damaged
               ? audyn_error_set(error, AUDYN_BAD_DATA,
                                 "the catalog of %s has to be made anew; audyn "
                                 "catalog rebuild says why it cannot be",
                                 chain->path)
               : AUDYN_OK;
}

audyn_status_t
chain_explain(audyn_chain_t *chain, audyn_status_t status, audyn_error_t *error)
{
    if (status == AUDYN_BAD_DATA) {
        note_damage(chain, "is damaged");
    }
    return catalog_explain(chain->catalog, status, error);
}

// Those who have it open for reading go on with the old one.
static audyn_status_t
mend(audyn_chain_t *chain, audyn_error_t *error)
{
    audyn_catalog_close(chain->catalog);
    chain->catalog = NULL;
    const audyn_status_t status = chain_open_catalog(chain, error);
    chain->mend_ns = now_ns() + PAUSE_NS;
    if (!status) {
        chain->is_damaged = false;
        chain->is_caught_up = true;
        *chain->caught_up = '\0';
    }
    return status;
}

static void *
run(void *context)
{
    audyn_chain_t *chain = context;
    setpriority(PRIO_PROCESS, (id_t)gettid(), BACKGROUND_NICE);
    pthread_mutex_lock(&chain->mutex);
    if (chain->is_damaged) {
        mend(chain, NULL);
    }
    chain->is_mending = false;
    pthread_mutex_unlock(&chain->mutex);
    return NULL;
}

static void
mend_in_background(audyn_chain_t *chain)
{
    if (chain->is_mending) {
        return;
    }
    chain_end_mending(chain);
    chain->is_mending = !audyn_thread_create(&chain->mender, NULL, run, chain);
    chain->has_mender = chain->is_mending;
}

bool
chain_mends(audyn_chain_t *chain, bool waits, audyn_error_t *error)
{
    if (!chain->is_damaged || now_ns() < chain->mend_ns) {
        return false;
    }
    if (!waits) {
        mend_in_background(chain);
        return false;
    }
    return !mend(chain, error);
}

void
chain_end_mending(audyn_chain_t *chain)
{
    if (chain->has_mender) {
        pthread_join(chain->mender, NULL);
        chain->has_mender = false;
    }
}

bool
audyn_chain_take_trouble(audyn_chain_t *chain, audyn_error_t *trouble)
{
    if (pthread_mutex_trylock(&chain->mutex)) {
        return false;
    }
    *trouble = chain->trouble;
    chain->trouble = (audyn_error_t){""};
    pthread_mutex_unlock(&chain->mutex);
    return *trouble->text;
}
