// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What happens to a stream while it is recorded: from the input thread, which may not
/// wait, to whoever tells people.

#ifndef AUDYN_INPUT_EVENT_H
#define AUDYN_INPUT_EVENT_H

#include <audyn/attributes.h>

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
    AUDYN_EVENT_STARTED,   ///< the stream is believed: `ssrc`, `source`
    AUDYN_EVENT_RESTARTED, ///< the sender began anew: `ssrc`, `source`
    AUDYN_EVENT_NO_SIGNAL, ///< from `position` on
    AUDYN_EVENT_SIGNAL,    ///< back, from `position` on
    /// Another source than the stream, told once: `ssrc`, `source`; of all such sources
    /// `count` packets were refused since the last such event.
    AUDYN_EVENT_FOREIGN_SSRC,
    AUDYN_EVENT_CLOCK_LOST, ///< the media clock was set: positions rest on arrival now
    AUDYN_EVENT_LEG_LOST,   ///< no packet on `leg`, while others bring some
    AUDYN_EVENT_LEG_BACK,
    AUDYN_EVENT_LEG_DIFFERS, ///< `leg` carries other audio, and is not recorded
    AUDYN_EVENT_LEG_AGREES,  ///< again, and is recorded
    AUDYN_EVENT_DROPPED,     ///< `count` events found no room here
} audyn_event_kind_t;

typedef struct {
    audyn_event_kind_t kind;
    unsigned leg;
    uint64_t position; ///< on the stream's timeline
    int64_t tai_ns;    ///< when
    uint32_t ssrc;
    struct in_addr source;
    uint64_t count;
} audyn_event_t;

#define AUDYN_EVENT_ROOM 64

/// Start with all zero.
typedef struct {
    audyn_event_t events[AUDYN_EVENT_ROOM];
    _Atomic uint64_t written; // by the input thread: publishes the events before it
    _Atomic uint64_t read;    // by the reader: the room before it is free again
    _Atomic uint64_t dropped; // by the input thread
    uint64_t reported;        // of those dropped; the reader's own
} audyn_event_ring_t;

/// Input thread.
void audyn_event_push(audyn_event_ring_t *ring,
                      const audyn_event_t *event) AUDYN_REALTIME;

/// One reader at a time.
bool audyn_event_pop(audyn_event_ring_t *ring, audyn_event_t *event);

#endif
