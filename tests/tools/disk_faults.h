// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What the two halves of disk_faults.c share.  Nothing in here calls a function that
/// they stand in for: all goes straight to the kernel.

#ifndef AUDYN_TESTS_DISK_FAULTS_H
#define AUDYN_TESTS_DISK_FAULTS_H

#include <stdbool.h>
#include <sys/types.h>

/// The directory below which calls count, without a slash at its end; NULL: none do.
const char *disk_directory(void);

/// Copies all that lies below disk_directory() to the directory `image`, as what is on
/// disk.
void disk_image_start(const char *image);

/// Puts into the image what the file or directory behind `fd` holds now, as its sync
/// does. Nothing where there is no image.
void disk_image_sync(int fd);

/// The same for all files and directories.
void disk_image_sync_all(void);

/// What has that name is about to lose it: it keeps its number, which the image knows it
/// by, for as long as this process lives.
void disk_image_keep(int directory_fd, const char *path);

/// Around each call that changes a file, so that a sync sees it done or not begun.
void disk_image_lock(void);
void disk_image_unlock(void);

#endif
