// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/announcements.h"

#include <stdlib.h>

audyn_status_t
audyn_announcements_create(audyn_announcements_t **out)
{
    *out = calloc(1, sizeof **out);
    if (!*out) {
        return AUDYN_NO_MEMORY;
    }
    pthread_mutex_init(&(*out)->mutex, NULL);
    return AUDYN_OK;
}

static audyn_status_t
listen_if_first(audyn_announcements_t *announcements, audyn_error_t *error)
{
    if (announcements->listener) {
        return AUDYN_OK;
    }
    if (!announcements->directory &&
        audyn_sap_directory_create(&announcements->directory)) {
        return audyn_error_set(error, AUDYN_NO_MEMORY,
                               "no memory for a list of sessions");
    }
    const audyn_clock_t *clock = audyn_clock_system();
    announcements->since_ns = clock->monotonic_ns(clock);
    return audyn_sap_listener_open(&announcements->listener, NULL, error);
}

audyn_status_t
announcements_hear(audyn_announcements_t *announcements, audyn_error_t *error)
{
    const audyn_status_t status = listen_if_first(announcements, error);
    if (!status) {
        audyn_sap_listener_next(announcements->listener, announcements->directory, 0, -1);
    }
    return status;
}

void
audyn_announcements_destroy(audyn_announcements_t *announcements)
{
    if (announcements) {
        audyn_sap_listener_close(announcements->listener);
        audyn_sap_directory_destroy(announcements->directory);
        pthread_mutex_destroy(&announcements->mutex);
        free(announcements);
    }
}
