// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The stream by which PipeWire hands over samples: what others see of it (pw-top, wpctl,
/// patchbays), its format, and its callbacks.  All under the loop's lock or on its
/// thread.

#ifndef AUDYN_INPUT_PIPEWIRE_STREAM_H
#define AUDYN_INPUT_PIPEWIRE_STREAM_H

#include "input/pipewire_client.h"
#include "input/pipewire_flow.h"
#include "input/pipewire_options.h"

/// Borrowed while the stream is open.
typedef struct {
    const pipewire_options_t *options;
    audyn_input_format_t format;
    const pipewire_ports_t *ports; ///< of the target
    const char *target_name;       ///< "": whatever it is linked to
    const char *target_serial;     ///< the very node; NULL: any that is called so
    bool autoconnect;              ///< a session manager is to link it
    pipewire_flow_t *flow;
} pipewire_stream_config_t;

typedef struct {
    struct pw_stream *stream; ///< NULL: none
    struct spa_hook listener;
    struct pw_data_loop *data_loop;
    pipewire_flow_t *flow;
    bool failed;       ///< it will not come to life again: to be closed
    char problem[128]; ///< what PipeWire said about that
    uint64_t scaled;   ///< how often somebody set a volume, which was undone
} pipewire_stream_t;

audyn_status_t pipewire_stream_open(pipewire_stream_t *stream, pipewire_client_t *client,
                                    const pipewire_stream_config_t *config,
                                    audyn_error_t *error);

/// When it returns the callbacks have ended.  Accepts one that is not open.
void pipewire_stream_close(pipewire_stream_t *stream);

#endif
