// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What FLAC and Opus files say of themselves (Vorbis comments): the same as `bext` does.

#ifndef AUDYN_SINK_COMMENTS_H
#define AUDYN_SINK_COMMENTS_H

#include "sink/sink.h"

/// Texts of a recording, kept until it begins.
typedef struct {
    char description[1024], source[1024], station[256];
    uint32_t sample_rate;
} sink_texts_t;

/// Copies what the comments will need.
void sink_texts_init(sink_texts_t *texts, const audyn_sink_config_t *config);

/// Calls `add` for each comment, until it returns false, which is returned then.
/// ORIGINATOR, STATION, DESCRIPTION, SOURCE; DATE, of the first sample, in UTC (ISO
/// 8601); POSITION, its index on the media clock; TIME_REFERENCE, in samples since
/// midnight UTC (as EBU Tech 3285).
bool sink_comments(const sink_texts_t *texts, const audyn_sink_start_t *start,
                   bool (*add)(void *context, const char *key, const char *value),
                   void *context);

#endif
