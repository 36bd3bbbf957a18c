// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Announces one session for as long as it is open (RFC 2974).  Used by one thread, which
/// calls it when it is due.

#ifndef AUDYN_NET_SAP_ANNOUNCER_H
#define AUDYN_NET_SAP_ANNOUNCER_H

#include "core/error.h"

#include <netinet/in.h>
#include <stdint.h>

typedef struct audyn_sap_announcer audyn_sap_announcer_t;

/// Copied by audyn_sap_announcer_open().
typedef struct {
    const char *description;    ///< SDP
    struct in_addr destination; ///< the stream's: its scope is that of the announcement
    int interface_index;        ///< the stream's; 0: the kernel's choice
    uint32_t ttl;               ///< the stream's
} audyn_sap_announcer_config_t;

/// Where sessions of this destination are announced.
struct in_addr audyn_sap_group(struct in_addr destination);

/// Sends nothing yet.  On failure `*out` is NULL.
audyn_status_t audyn_sap_announcer_open(audyn_sap_announcer_t **out,
                                        const audyn_sap_announcer_config_t *config,
                                        audyn_error_t *error);

/// Announces if it is time to, the first time at once and then every 30 s, give or take a
/// third.  Returns when it will be time again, on the clock of `now_ns`.
int64_t audyn_sap_announcer_run(audyn_sap_announcer_t *announcer, int64_t now_ns);

/// The `errno` of the last announcement; 0: it went out.
int audyn_sap_announcer_errno(const audyn_sap_announcer_t *announcer);

/// Withdraws the session, if it was announced.  Accepts NULL.
void audyn_sap_announcer_close(audyn_sap_announcer_t *announcer);

#endif
