// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `audyn info` says of one file on standard output.

#ifndef AUDYN_CLI_INFO_H
#define AUDYN_CLI_INFO_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/// Of a FLAC or Opus file.  Returns the exit status.
int audyn_info_codec(const char *path, bool json);

/// Of an entry of an archive's chain, such as a segment's sidecar.
int audyn_info_entry(const char *path, bool json);

/// Says that it is none of these files; returns the exit status.
int audyn_info_refuse(const char *path, const char *is);

/// "  position     17", where there is something to say.
void audyn_info_print_text(const char *name, const char *text);

void audyn_info_print_length(uint64_t sample_frames, uint32_t sample_rate);

/// Takes the reference.  False, having told so, where it cannot be written.
bool audyn_info_print_json(json_t *object);

#endif
