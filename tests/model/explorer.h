// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Visits every state that the code under test can reach, nearest first.

#ifndef AUDYN_TESTS_MODEL_EXPLORER_H
#define AUDYN_TESTS_MODEL_EXPLORER_H

#include "execution.h"

enum verdict { SOUND, VIOLATED, UNFINISHED, NOT_MODELLED };

/// Prints how far it went and, where a demand was violated, a shortest way there.
/// UNFINISHED: there are more than `most_states`.
enum verdict explore(const struct world *world, size_t most_states, FILE *out);

#endif
