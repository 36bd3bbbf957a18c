// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `send-many` was asked for.

#ifndef AUDYN_TESTS_SEND_MANY_OPTIONS_H
#define AUDYN_TESTS_SEND_MANY_OPTIONS_H

#include "net/rtp.h"
#include "net/socket.h"
#include "send_many_faults.h"

#define SEND_MANY_PAYLOAD_TYPE 98
#define SEND_MANY_SSRC 0x41000000U ///< of the first stream; the others count up
#define SEND_MANY_STREAMS 4096     ///< at most
#define SEND_MANY_TOGETHER 8       ///< at most
#define SEND_MANY_THREADS 8        ///< at most

typedef struct {
    uint32_t count;         ///< streams
    audyn_endpoint_t first; ///< group and port of the first; groups count up
    const char *interface;
    audyn_rtp_format_t format;
    uint32_t packet_frames;
    uint32_t together;   ///< packets of a stream that leave at once
    uint32_t threads;    ///< that share the streams
    int64_t duration_ns; ///< 0: nothing is sent, only described
    fault_options_t faults;
    const char *sdp_folder; ///< a description for each stream goes there; NULL: none
    const char *inputs;     ///< a URI and a name for each, one a line; NULL: none
    const char *plan;       ///< what is sent and what is not, as JSON; NULL: none
} send_many_options_t;

/// False, with a message on standard error, where they are wrong.
bool send_many_options_parse(send_many_options_t *options, int argc, char **argv);

/// Packets that each stream consists of.
uint64_t send_many_packets(const send_many_options_t *options);

/// The group of a stream, 0 the first.
struct in_addr send_many_group(const send_many_options_t *options, uint32_t stream);

#endif
