// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#ifndef AUDYN_STATUS_H
#define AUDYN_STATUS_H

#include <audyn/attributes.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a function that can fail returns.
typedef enum {
    AUDYN_OK = 0,
    AUDYN_INVALID,       ///< an argument or setting is outside its range
    AUDYN_TOO_LARGE,     ///< a size cannot be represented or exceeds a limit
    AUDYN_NO_MEMORY,     ///< memory could not be had
    AUDYN_NO_RESOURCES,  ///< no thread or file descriptor could be had: see ulimit
    AUDYN_NOT_LOCKED,    ///< memory could not be locked though that was required
    AUDYN_EXISTS,        ///< the file is there already and is not overwritten
    AUDYN_NOT_FOUND,     ///< no such file, interface or address
    AUDYN_NOT_SUPPORTED, ///< valid, but not something this build can do
    AUDYN_BAD_DATA,      ///< input that does not follow its format
    AUDYN_NO_SPACE,      ///< the disk is full
    AUDYN_BUSY,          ///< somebody else has it: a port, a file
    AUDYN_DENIED,        ///< not permitted
    AUDYN_IO,            ///< the system refused in another way
    AUDYN_NO_SIGNAL,     ///< nothing arrived in time
} audyn_status_t;

/// A short lower-case English phrase, static.  Never NULL.
AUDYN_API const char *audyn_strerror(audyn_status_t status);

/// The status that says the same as an `errno` value.
AUDYN_API audyn_status_t audyn_status_from_errno(int error_number);

#ifdef __cplusplus
}
#endif

#endif
