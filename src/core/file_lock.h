// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Tells other recorders and readers that a file is being written.

#ifndef AUDYN_CORE_FILE_LOCK_H
#define AUDYN_CORE_FILE_LOCK_H

#include <stdbool.h>

/// `fd` is open for writing; the lock goes with it.  Not every file system knows locks:
/// there, none is taken.  Returns 0 or an errno value: ENOTSUP where it is no ordinary
/// file, EAGAIN where somebody else has locked it.
int audyn_file_lock(int fd);

/// The same, but waits for who has locked it.
int audyn_file_lock_wait(int fd);

/// The same of one that is open for reading too, beside others who share it: waits for
/// who has it alone, and lets nobody have it alone.  Takes the place of a lock of `fd`.
int audyn_file_lock_shared(int fd);

/// Whether somebody, this process included, has locked the file alone.  `fd` may be open
/// for reading.
bool audyn_file_is_locked(int fd);

#endif
