// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Many recordings in a few figures.

#ifndef AUDYN_CLI_RECORD_TOTALS_H
#define AUDYN_CLI_RECORD_TOTALS_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    size_t streams;
    size_t waiting, running, finished, failed; ///< of the streams
    size_t lossy;                              ///< streams that miss samples
    uint64_t missing;                          ///< sample frames, of all streams
    size_t least_bytes, most_bytes;            ///< of memory, for one stream
    size_t bytes;                              ///< for all
    unsigned buffer_percent;                   ///< in use of the fullest stream's buffer
} audyn_record_totals_t;

#endif
