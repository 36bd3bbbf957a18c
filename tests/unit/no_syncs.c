// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// For tests that put nothing on disk, though they sync thousands of times: linked with
// `--wrap` for fsync and fdatasync.

int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);

int
__wrap_fsync(int fd)
{
    (void)fd;
    return 0;
}

int
__wrap_fdatasync(int fd)
{
    (void)fd;
    return 0;
}
