// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// `pipewire:NODE?monitor=1&channels=N&rate=R&latency=FRAMES/RATE&reconnect=1`

#ifndef AUDYN_INPUT_PIPEWIRE_OPTIONS_H
#define AUDYN_INPUT_PIPEWIRE_OPTIONS_H

#include "input/uri.h"

typedef struct {
    char node[256];      ///< name, serial number or object path; empty: the default
    bool monitor;        ///< what a sink plays
    bool reconnect;      ///< goes along where the session manager moves the stream
    uint32_t channels;   ///< 0: as many as the node has
    uint32_t rate;       ///< Hz; 0: the graph's
    uint32_t latency[2]; ///< sample frames, and the Hz that they are counted at
} pipewire_options_t;

/// Fails with AUDYN_INVALID.
audyn_status_t pipewire_options_read(pipewire_options_t *options, audyn_uri_t *uri,
                                     audyn_error_t *error);

#endif
