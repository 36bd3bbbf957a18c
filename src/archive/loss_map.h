// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What became of each sample of a recording: one class each, kept as spans.

#ifndef AUDYN_ARCHIVE_LOSS_MAP_H
#define AUDYN_ARCHIVE_LOSS_MAP_H

#include "input/timeline.h"

#include <jansson.h>

/// Used by one thread at a time.
typedef struct audyn_loss_map audyn_loss_map_t;

/// On failure `*out` is NULL.
audyn_status_t audyn_loss_map_create(audyn_loss_map_t **out);

/// Accepts NULL.
void audyn_loss_map_destroy(audyn_loss_map_t *map);

/// The next samples of the recording, where the last ones ended.  What was received on
/// the first leg is counted, the rest, what only a further leg brought included, is kept
/// as spans, neighbours of one class joined.  When memory runs
/// out, what follows is counted without spans, and the map is not exact.
void audyn_loss_map_add(audyn_loss_map_t *map, const audyn_span_t *span);

/// Takes back the last `count` sample frames of all that were added; they begin at
/// `position`.
void audyn_loss_map_take_back(audyn_loss_map_t *map, uint64_t position, uint64_t count);

/// Sample frames of each class.
void audyn_loss_map_counts(const audyn_loss_map_t *map,
                           uint64_t counts[AUDYN_SAMPLE_CLASSES]);

/// Every span is there.
bool audyn_loss_map_is_exact(const audyn_loss_map_t *map);

/// In order; borrowed until the next change.
const audyn_span_t *audyn_loss_map_spans(const audyn_loss_map_t *map, size_t *count);

/// `[{"position": …, "sample_frames": …, "class": "lost"}, …]`, in order; what was
/// received on the first leg is left out.  NULL: out of memory.
json_t *audyn_loss_map_json(const audyn_loss_map_t *map);

/// "lost", "late", "no_frame", "no_signal", "received", or "received_b" to
/// "received_d" for the legs after the first.
const char *audyn_sample_class_name(audyn_sample_class_t class);

#endif
