// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Reads JSON that may be anybody's, and says which key of which file is wrong.

#ifndef AUDYN_CORE_JSON_READER_H
#define AUDYN_CORE_JSON_READER_H

#include "core/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/// What was wrong first stays.
typedef struct {
    const char *path; ///< of the file, borrowed
    char where[48];   ///< the object that is read, with a dot behind it; or empty
    audyn_status_t status;
    audyn_error_t *error;
} audyn_json_reader_t;

/// "PATH: "WHERE.KEY" WHAT": AUDYN_BAD_DATA.
void audyn_json_refuse(audyn_json_reader_t *reader, const char *key, const char *what);

/// AUDYN_NO_MEMORY.
void audyn_json_lack_memory(audyn_json_reader_t *reader);

/// Borrowed; NULL: it is absent, or null, which is refused where it is required.
const json_t *audyn_json_find(audyn_json_reader_t *reader, const json_t *object,
                              const char *key, bool required);
const json_t *audyn_json_find_object(audyn_json_reader_t *reader, const json_t *object,
                                     const char *key, bool required);
const json_t *audyn_json_find_array(audyn_json_reader_t *reader, const json_t *object,
                                    const char *key, bool required);

/// Leaves `text`, which has `room` bytes, as it was where there is none.
void audyn_json_read_text(audyn_json_reader_t *reader, const json_t *object,
                          const char *key, char *text, size_t room, bool required);

/// 0 where there is none.
uint64_t audyn_json_read_integer(audyn_json_reader_t *reader, const json_t *object,
                                 const char *key, int64_t least, int64_t most,
                                 bool required);

#endif
