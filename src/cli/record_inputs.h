// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What is to be recorded: inputs, from the command line and from a list, and the names
/// of their files.

#ifndef AUDYN_CLI_RECORD_INPUTS_H
#define AUDYN_CLI_RECORD_INPUTS_H

#include "core/error.h"

#include <stddef.h>
#include <stdio.h>

#define AUDYN_RECORD_INPUTS_MOST 10000

typedef struct {
    char *uri;
    char *name;    ///< the file's, without ending; NULL where none was given or made yet
    unsigned line; ///< of the list; 0: from the command line
    audyn_error_t fault; ///< what is wrong with it; empty: nothing that is known
} audyn_record_input_t;

/// Start with all zero.
typedef struct {
    audyn_record_input_t *items;
    size_t count, room;
} audyn_record_inputs_t;

/// Copies `uri`, and `name` where it is not NULL.  Fails with AUDYN_NO_MEMORY, and with
/// AUDYN_TOO_LARGE where there are too many.
audyn_status_t audyn_record_inputs_add(audyn_record_inputs_t *inputs, const char *uri,
                                       const char *name, unsigned line);

/// Adds those of a list: a URI a line, behind it white space and a name if wanted.  What
/// begins with "#", at the start of a line or after white space, is a remark.  A line
/// that is wrong is added with its fault.  Fails as audyn_record_inputs_add(), and where
/// the list cannot be read.
audyn_status_t audyn_record_inputs_read(audyn_record_inputs_t *inputs, FILE *list,
                                        audyn_error_t *error);

/// Notes what is wrong with each URI that has no fault yet.  Returns how many have one.
size_t audyn_record_inputs_check(audyn_record_inputs_t *inputs);

void audyn_record_inputs_finish(audyn_record_inputs_t *inputs);

#endif
