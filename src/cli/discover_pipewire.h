// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// `audyn discover pipewire`: what can be recorded from PipeWire, on standard output,
/// with the URI that `audyn record` takes.

#ifndef AUDYN_CLI_DISCOVER_PIPEWIRE_H
#define AUDYN_CLI_DISCOVER_PIPEWIRE_H

#include "cli/discover_options.h"

/// Returns the exit status.
int audyn_discover_pipewire(const audyn_discover_options_t *options);

#endif
