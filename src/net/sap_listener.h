// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Hears announcements on all groups that are in use, on one interface or on all.  Used
/// by one thread.

#ifndef AUDYN_NET_SAP_LISTENER_H
#define AUDYN_NET_SAP_LISTENER_H

#include "net/sap_directory.h"

typedef struct audyn_sap_listener audyn_sap_listener_t;

/// What arrived and was of no use, among the rest.
typedef struct {
    uint64_t packets;    ///< all
    uint64_t malformed;  ///< no announcements, or of no session description
    uint64_t unreadable; ///< encrypted, compressed, or not SDP
    uint64_t refused;    ///< the directory had no room
} audyn_sap_counts_t;

/// `interface`: by name or address; NULL: all that are usable.  An interface that cannot
/// be listened to is left out as long as another can.  On failure `*out` is NULL.
audyn_status_t audyn_sap_listener_open(audyn_sap_listener_t **out, const char *interface,
                                       audyn_error_t *error);

/// Waits until something arrives and takes it into the directory.  False once
/// `deadline_ns` of the monotonic clock has come, or as soon as `interrupt_fd` can be
/// read (-1: none); what is there already is taken all the same.  A flood does not keep
/// it from either.
bool audyn_sap_listener_next(audyn_sap_listener_t *listener,
                             audyn_sap_directory_t *directory, int64_t deadline_ns,
                             int interrupt_fd);

const audyn_sap_counts_t *audyn_sap_listener_counts(const audyn_sap_listener_t *listener);

/// "eth0, lo": where it listens.
const char *audyn_sap_listener_interfaces(const audyn_sap_listener_t *listener);

/// Accepts NULL.
void audyn_sap_listener_close(audyn_sap_listener_t *listener);

#endif
