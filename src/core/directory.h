// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Directories, and names in them that survive a power cut.

#ifndef AUDYN_CORE_DIRECTORY_H
#define AUDYN_CORE_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Creates the directory that the file `path` lies in, and those above it, where they are
/// missing.  Nothing is synced.  Returns 0 or an errno value.
int audyn_directory_make_for(const char *path);

/// Puts the name of the file `path` on disk.  Returns 0 or an errno value.
int audyn_directory_sync_for(const char *path);

/// The same for the names of the directories above it, below the first `root_length`
/// bytes of `path`, which name a directory without a slash at its end.
int audyn_directory_sync_below(const char *path, size_t root_length);

/// Removes the directory `path` with all that is in it, as far as that is permitted.
void audyn_directory_remove(const char *path);

/// Bytes that may still be written to the file system on which `path` lies; UINT64_MAX:
/// nobody knows.
uint64_t audyn_directory_room(const char *path);

/// Whether a relative path leads to something below where it begins, by the only way
/// there is: no name in it is empty, "." or "..".
bool audyn_directory_is_below(const char *path);

#endif
