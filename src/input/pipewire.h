// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What PipeWire offers to record.  In a build without PipeWire these functions say so.

#ifndef AUDYN_INPUT_PIPEWIRE_H
#define AUDYN_INPUT_PIPEWIRE_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Empty texts: the daemon does not say.
typedef struct {
    char uri[800]; ///< what `audyn record` takes
    char name[256];
    char description[256];
    char media_class[64]; ///< "Audio/Source", "Audio/Sink", "Stream/Output/Audio" …
    char object_path[256];
    char serial[32];
    char positions[256]; ///< of the channels: "FL,FR"
    uint32_t channels;
    bool monitor;    ///< what the sink plays
    bool is_default; ///< what `pipewire:`, or `pipewire:?monitor=1`, stands for
} audyn_pipewire_source_t;

typedef struct {
    uint32_t sample_rate; ///< Hz, of the graph
    size_t count;
    audyn_pipewire_source_t *sources;
} audyn_pipewire_sources_t;

/// Asks the daemon, waits for its answer, and fills `*sources`, which is to be freed with
/// audyn_pipewire_sources_free() also after a failure.  Fails with AUDYN_NOT_FOUND (no
/// daemon), AUDYN_NO_SIGNAL (no answer), AUDYN_NO_MEMORY or AUDYN_NOT_SUPPORTED.
audyn_status_t audyn_pipewire_sources_find(audyn_pipewire_sources_t *sources,
                                           audyn_error_t *error);

void audyn_pipewire_sources_free(audyn_pipewire_sources_t *sources);

#endif
