// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// From PipeWire's buffers and its graph clock to the timeline: the real-time half of
/// `pipewire:`.  It needs PipeWire's headers alone, no daemon and no library.
///
/// The first sample lies where its cycle's time does on the TAI clock; from there on the
/// graph clock counts.  Cycles that are missing by that clock are lost samples.  Where
/// the clock itself is another (a new driver, one that began anew), the machine's clock
/// says how long nothing came.

#ifndef AUDYN_INPUT_PIPEWIRE_FLOW_H
#define AUDYN_INPUT_PIPEWIRE_FLOW_H

#include "core/counter.h"
#include "input/input.h"

#include <spa/buffer/buffer.h>
#include <spa/node/io.h>

typedef struct pipewire_flow pipewire_flow_t;

/// Copied, but for the timeline, which is borrowed.
typedef struct {
    audyn_timeline_t *timeline;
    audyn_input_format_t format;
    int64_t tai_offset_ns; ///< TAI minus the monotonic clock
} pipewire_flow_config_t;

/// Not real-time.  Fails with AUDYN_NO_MEMORY; `*out` is then NULL.
audyn_status_t pipewire_flow_create(pipewire_flow_t **out,
                                    const pipewire_flow_config_t *config);

/// After both threads have left it.  Accepts NULL.
void pipewire_flow_destroy(pipewire_flow_t *flow);

/// Data thread.  The clock of the graph's driver, valid until the next call; NULL: none.
void pipewire_flow_set_clock(pipewire_flow_t *flow,
                             const struct spa_io_clock *clock) AUDYN_REALTIME;

/// Data thread.  What one cycle brought: 32-bit floats, planar or interleaved, with any
/// offset, size and stride.
void pipewire_flow_take(pipewire_flow_t *flow,
                        const struct spa_buffer *spa) AUDYN_REALTIME;

/// Data thread, a few times a second: where nothing comes, the timeline goes on in
/// silence, a second behind the machine's monotonic clock.
void pipewire_flow_idle(pipewire_flow_t *flow, int64_t monotonic_ns) AUDYN_REALTIME;

/// Any thread: nothing came for so long that the timeline has to go on without.
bool pipewire_flow_has_dried_up(const pipewire_flow_t *flow,
                                int64_t monotonic_ns) AUDYN_REALTIME;

/// Control thread: the stream has stopped, so that what is missing until it goes on is no
/// signal, not a loss.
void pipewire_flow_note_pause(pipewire_flow_t *flow);

/// Any thread.
void pipewire_flow_get_report(const pipewire_flow_t *flow, audyn_graph_report_t *report);

/// One reader at a time: see audyn_input_next_event().
bool pipewire_flow_next_event(pipewire_flow_t *flow, audyn_event_t *event);

#endif
