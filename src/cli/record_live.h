// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// When and where the live line is drawn.

#ifndef AUDYN_CLI_RECORD_LIVE_H
#define AUDYN_CLI_RECORD_LIVE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct audyn_record_set audyn_record_set_t;

/// Start with all zero.
typedef struct {
    int64_t drawn_ns; ///< when it was last drawn
    bool pending;     ///< it stands on the terminal, without a newline
} audyn_record_live_t;

/// Draws it where it is wanted and due.
void audyn_record_live_draw(audyn_record_set_t *set, int64_t now_ns);

/// What is printed from now on comes below it.
void audyn_record_live_end(audyn_record_set_t *set);

#endif
