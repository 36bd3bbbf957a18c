// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The sessions that are being announced.  Its memory is fixed, whatever arrives.  Used
/// by one thread.
///
/// Who may stay when it is full: a session that has been announced again is not pushed
/// out.  Any other takes the place of one that was heard once only, from the sender that
/// had brought the most by then.  One sender fills half of the directory at most.  Of the
/// sessions that found no place, or lost it, a hash is remembered for a while, so that
/// those which are announced again are known from a flood of others.

#ifndef AUDYN_NET_SAP_DIRECTORY_H
#define AUDYN_NET_SAP_DIRECTORY_H

#include "net/sap.h"
#include "net/sdp_parse.h"

#define AUDYN_SAP_SESSIONS 1024
#define AUDYN_SAP_SESSIONS_OF_ONE (AUDYN_SAP_SESSIONS / 2)

typedef struct audyn_sap_directory audyn_sap_directory_t;

/// How a packet came.
typedef struct {
    int interface_index;   ///< the one it came in on
    struct in_addr sender; ///< the datagram's source address
    int64_t now_ns;        ///< monotonic
} audyn_sap_arrival_t;

/// Whether two descriptions are of one session: its origin (`o=` without the version)
/// names it.  FFmpeg gives all of its sessions one origin and version; then the stream's
/// destination tells them apart.
bool audyn_sap_is_same_session(const audyn_sdp_session_t *one,
                               const audyn_sdp_session_t *other);

/// A session, on the interface on which it is announced.
typedef struct {
    audyn_sdp_session_t session;
    audyn_error_t problem; ///< why it cannot be recorded; empty: it can
    int interface_index;
    struct in_addr sender;
    int64_t heard_ns;    ///< when it was last announced
    int64_t interval_ns; ///< between the last two announcements; 0: heard once only
    unsigned rank;       ///< how many sessions of its sender were there when it came
} audyn_sap_entry_t;

typedef enum {
    AUDYN_SAP_ADDED,
    AUDYN_SAP_CHANGED, ///< a higher version
    AUDYN_SAP_REPEATED,
    AUDYN_SAP_DELETED,
    AUDYN_SAP_IGNORED,        ///< a lower version, not its owner's, or unknown
    AUDYN_SAP_REFUSED,        ///< there is no room
    AUDYN_SAP_NO_DESCRIPTION, ///< the payload is none
} audyn_sap_event_t;

audyn_status_t audyn_sap_directory_create(audyn_sap_directory_t **out);

/// Time passes for all sessions: those that have not been announced for an hour, or for
/// ten of their intervals if that is longer, are gone (RFC 2974, section 4).
void audyn_sap_directory_expire(audyn_sap_directory_t *directory, int64_t now_ns);

/// Only the sender that announced a session may change or delete it (RFC 2974, section 5:
/// that of an announcement without authentication).
audyn_sap_event_t audyn_sap_directory_take(audyn_sap_directory_t *directory,
                                           const audyn_sap_packet_t *packet,
                                           const audyn_sap_arrival_t *arrival);

unsigned audyn_sap_directory_count(const audyn_sap_directory_t *directory);

/// In no particular order; valid until the directory is changed.
const audyn_sap_entry_t *audyn_sap_directory_at(const audyn_sap_directory_t *directory,
                                                unsigned index);

/// Accepts NULL.
void audyn_sap_directory_destroy(audyn_sap_directory_t *directory);

#endif
