// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A disk that fails, for any program: a library to be named in LD_PRELOAD.  It counts,
// from 1, the calls that write to the files below a directory or sync them, those of
// libraries too (but for the C library's own streams), and acts on some:
//
//   DISK_FAULTS_BELOW=DIR     the directory, an absolute path without links
//   DISK_FAULTS_FILES=*.flac  only files whose paths are so count (fnmatch)
//   DISK_FAULTS_CALLS=KIND    only those count: write or sync
//   DISK_FAULTS_WHILE=FILE    only while this file exists calls count
//   DISK_FAULTS_AT=N[-[M]]    the calls to act on: one, from N to M, from N on
//   DISK_FAULTS_ACTION=...    kill: SIGKILL instead of the call.  EIO, ENOSPC: it fails
//                             so, and statvfs() says that a disk without room has none.
//                             short: a write takes half of its bytes.  delay=MS: it takes
//                             so much longer.
//   DISK_FAULTS_LOG=FILE      gets a line for each call: number, name, path
//   DISK_FAULTS_IMAGE=DIR     gets what is on disk if the power fails: see
//                             tests/system/disk_faults.py
//
// tests/system/disk_faults.py has words for all of that.

// Both names of a function that knows offsets of 32 or 64 bits are defined here.
#undef _FILE_OFFSET_BITS

#include "disk_faults.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

typedef enum { WRITE, SYNC } kind_t;
typedef enum { PASS, FAIL, SHORT } verdict_t;

// Set before the program's main(), but for the count.
static struct {
    const char *below, *files, *exists;
    bool counts[2]; // by kind
    unsigned long first, last;
    enum { NOTHING, KILL, ERROR, CUT_SHORT, DELAY } action;
    int error;
    long delay_ms;
    int log_fd;                  // -1: none
    _Atomic unsigned long calls; // so far; written by all threads
} disk = {.log_fd = -1};

const char *
disk_directory(void)
{
    return disk.below;
}

static void
read_action(const char *text)
{
    if (!strcmp(text, "kill")) {
        disk.action = KILL;
    } else if (!strcmp(text, "short")) {
        disk.action = CUT_SHORT;
    } else if (!strncmp(text, "delay=", 6)) {
        disk.action = DELAY;
        disk.delay_ms = atol(text + 6);
    } else {
        disk.action = ERROR;
        disk.error = !strcmp(text, "ENOSPC") ? ENOSPC : EIO;
    }
}

static void
read_selection(const char *text)
{
    char *end;
    disk.first = strtoul(text, &end, 10);
    disk.last = *end != '-' ? disk.first
                : end[1]    ? strtoul(end + 1, NULL, 10)
                            : ULONG_MAX;
}

__attribute__((constructor)) static void
start(void)
{
    const char *calls = getenv("DISK_FAULTS_CALLS");
    const char *at = getenv("DISK_FAULTS_AT");
    const char *action = getenv("DISK_FAULTS_ACTION");
    const char *log = getenv("DISK_FAULTS_LOG");
    const char *image = getenv("DISK_FAULTS_IMAGE");
    disk.below = getenv("DISK_FAULTS_BELOW");
    disk.files = getenv("DISK_FAULTS_FILES");
    disk.exists = getenv("DISK_FAULTS_WHILE");
    disk.counts[WRITE] = !calls || !strcmp(calls, "write");
    disk.counts[SYNC] = !calls || !strcmp(calls, "sync");
    if (at && action) {
        read_selection(at);
        read_action(action);
    }
    if (log) {
        disk.log_fd = (int)syscall(SYS_openat, AT_FDCWD, log,
                                   O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    }
    if (disk.below && image) {
        disk_image_start(image);
    }
}

static void
note(unsigned long call, const char *name, const char *path)
{
    char line[PATH_MAX + 64];
    const int length = snprintf(line, sizeof line, "%lu %s %s\n", call, name, path);
    if (disk.log_fd >= 0) {
        syscall(SYS_write, disk.log_fd, line, (size_t)length);
    }
}

static void
sleep_ms(long ms)
{
    const struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static bool
is_on(void)
{
    return !disk.exists || !syscall(SYS_faccessat, AT_FDCWD, disk.exists, F_OK);
}

static bool
is_ours(const char *path)
{
    const size_t length = disk.below ? strlen(disk.below) : 0;
    if (!length || strncmp(path, disk.below, length) != 0 ||
        (path[length] && path[length] != '/')) {
        return false;
    }
    return !disk.files || !fnmatch(disk.files, path, 0);
}

static verdict_t
act(void)
{
    switch (disk.action) {
    case KILL:
        kill(getpid(), SIGKILL);
        for (;;) {
            pause();
        }
    case ERROR:
        errno = disk.error;
        return FAIL;
    case CUT_SHORT:
        return SHORT;
    case DELAY:
        sleep_ms(disk.delay_ms);
        return PASS;
    default:
        return PASS;
    }
}

// What is to become of a call on this file.
static verdict_t
judge(kind_t kind, const char *name, const char *path)
{
    const int error = errno;
    if (!is_ours(path) || !disk.counts[kind] || !is_on()) {
        errno = error;
        return PASS;
    }
    const unsigned long call = ++disk.calls;
    note(call, name, path);
    errno = error;
    return call >= disk.first && call <= disk.last ? act() : PASS;
}

static verdict_t
judge_fd(kind_t kind, const char *name, int fd)
{
    if (!disk.below) {
        return PASS;
    }
    const int error = errno;
    char link[64];
    char path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    errno = error;
    return judge(kind, name, path);
}

static void
complete(char whole[2 * PATH_MAX], int directory_fd, const char *path)
{
    *whole = '\0';
    if (*path != '/') {
        char link[64] = "/proc/self/cwd";
        if (directory_fd != AT_FDCWD) {
            snprintf(link, sizeof link, "/proc/self/fd/%d", directory_fd);
        }
        const ssize_t length = readlink(link, whole, PATH_MAX);
        strcpy(whole + (length > 0 ? length : 0), "/");
    }
    strncat(whole, path, PATH_MAX - 1);
}

static verdict_t
judge_path(const char *name, int directory_fd, const char *path)
{
    char whole[2 * PATH_MAX];
    if (!disk.below) {
        return PASS;
    }
    complete(whole, directory_fd, path);
    return judge(WRITE, name, whole);
}

static size_t
part_of(size_t size, verdict_t verdict)
{
    return verdict == SHORT && size > 1 ? size / 2 : size;
}

static long
changed(long result)
{
    disk_image_unlock();
    return result;
}

// The call, with nothing but itself under way where the image is concerned.
#define CHANGE(verdict, ...)                                                             \
    ((verdict) == FAIL ? -1 : (disk_image_lock(), changed(syscall(__VA_ARGS__))))

ssize_t
write(int fd, const void *bytes, size_t size)
{
    const verdict_t verdict = judge_fd(WRITE, "write", fd);
    return CHANGE(verdict, SYS_write, fd, bytes, part_of(size, verdict));
}

ssize_t
pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    const verdict_t verdict = judge_fd(WRITE, "pwrite", fd);
    return CHANGE(verdict, SYS_pwrite64, fd, bytes, part_of(size, verdict), offset);
}

ssize_t
pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    return pwrite64(fd, bytes, size, offset);
}

// Short ones leave the last of several pieces out.
static int
pieces_of(int count, verdict_t verdict)
{
    return verdict == SHORT && count > 1 ? count - 1 : count;
}

ssize_t
writev(int fd, const struct iovec *pieces, int count)
{
    const verdict_t verdict = judge_fd(WRITE, "writev", fd);
    return CHANGE(verdict, SYS_writev, fd, pieces, pieces_of(count, verdict));
}

ssize_t
pwritev64(int fd, const struct iovec *pieces, int count, off64_t offset)
{
    const verdict_t verdict = judge_fd(WRITE, "pwritev", fd);
    return CHANGE(verdict, SYS_pwritev, fd, pieces, pieces_of(count, verdict), offset, 0);
}

ssize_t
pwritev(int fd, const struct iovec *pieces, int count, off_t offset)
{
    return pwritev64(fd, pieces, count, offset);
}

ssize_t
copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t size,
                unsigned flags)
{
    const verdict_t verdict = judge_fd(WRITE, "copy_file_range", to);
    return CHANGE(verdict, SYS_copy_file_range, from, from_offset, to, to_offset,
                  part_of(size, verdict), flags);
}

int
ftruncate64(int fd, off64_t length)
{
    return (int)CHANGE(judge_fd(WRITE, "ftruncate", fd), SYS_ftruncate, fd, length);
}

int
ftruncate(int fd, off_t length)
{
    return ftruncate64(fd, length);
}

int
truncate64(const char *path, off64_t length)
{
    return (int)CHANGE(judge_path("truncate", AT_FDCWD, path), SYS_truncate, path,
                       length);
}

int
truncate(const char *path, off_t length)
{
    return truncate64(path, length);
}

// Unlike all others, returns its error.
int
posix_fallocate64(int fd, off64_t offset, off64_t length)
{
    return CHANGE(judge_fd(WRITE, "fallocate", fd), SYS_fallocate, fd, 0, offset, length)
               ? errno
               : 0;
}

int
posix_fallocate(int fd, off_t offset, off_t length)
{
    return posix_fallocate64(fd, offset, length);
}

static int
open_at(int directory_fd, const char *path, int flags, va_list more)
{
    const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    const verdict_t verdict =
        flags & O_CREAT ? judge_path("create", directory_fd, path) : PASS;
    return (int)CHANGE(verdict, SYS_openat, directory_fd, path, flags, mode);
}

#define OPEN(directory_fd)                                                               \
    va_list more;                                                                        \
    va_start(more, flags);                                                               \
    const int fd = open_at(directory_fd, path, flags, more);                             \
    va_end(more);                                                                        \
    return fd

int
open(const char *path, int flags, ...)
{
    OPEN(AT_FDCWD);
}

int
open64(const char *path, int flags, ...)
{
    OPEN(AT_FDCWD);
}

int
openat(int directory_fd, const char *path, int flags, ...)
{
    OPEN(directory_fd);
}

int
openat64(int directory_fd, const char *path, int flags, ...)
{
    OPEN(directory_fd);
}

int
renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    const verdict_t verdict = judge_path("rename", to_fd, to);
    if (verdict != FAIL) {
        disk_image_keep(to_fd, to);
    }
    return (int)CHANGE(verdict, SYS_renameat2, from_fd, from, to_fd, to, flags);
}

int
renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return renameat2(from_fd, from, to_fd, to, 0);
}

int
rename(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    return (int)CHANGE(judge_path("link", to_fd, to), SYS_linkat, from_fd, from, to_fd,
                       to, flags);
}

int
link(const char *from, const char *to)
{
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
unlinkat(int directory_fd, const char *path, int flags)
{
    const verdict_t verdict = judge_path("unlink", directory_fd, path);
    if (verdict != FAIL) {
        disk_image_keep(directory_fd, path);
    }
    return (int)CHANGE(verdict, SYS_unlinkat, directory_fd, path, flags);
}

int
unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

int
rmdir(const char *path)
{
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int
mkdirat(int directory_fd, const char *path, mode_t mode)
{
    return (int)CHANGE(judge_path("mkdir", directory_fd, path), SYS_mkdirat, directory_fd,
                       path, mode);
}

int
mkdir(const char *path, mode_t mode)
{
    return mkdirat(AT_FDCWD, path, mode);
}

static int
sync_fd(const char *name, int fd)
{
    if (judge_fd(SYNC, name, fd) == FAIL) {
        return -1;
    }
    disk_image_sync(fd);
    return 0;
}

// What is on disk is the image's to say: the real one is not waited for.
int
fsync(int fd)
{
    return sync_fd("fsync", fd);
}

int
fdatasync(int fd)
{
    return sync_fd("fdatasync", fd);
}

int
syncfs(int fd)
{
    if (judge_fd(SYNC, "syncfs", fd) == FAIL) {
        return -1;
    }
    disk_image_sync_all();
    return 0;
}

static bool
is_full(const char *path)
{
    const unsigned long next = disk.calls + 1;
    char whole[2 * PATH_MAX];
    complete(whole, AT_FDCWD, path);
    return disk.action == ERROR && disk.error == ENOSPC && next >= disk.first &&
           next <= disk.last && is_ours(whole) && is_on();
}

int
statvfs64(const char *path, struct statvfs64 *about)
{
    const int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_PATH | O_CLOEXEC);
    const int result = fd < 0 ? -1 : fstatvfs64(fd, about);
    if (fd >= 0) {
        close(fd);
    }
    if (!result && is_full(path)) {
        about->f_bavail = 0;
        about->f_bfree = 0;
    }
    return result;
}

// The two structures are the same where a long has 64 bits.
int
statvfs(const char *path, struct statvfs *about)
{
    return statvfs64(path, (struct statvfs64 *)(void *)about);
}
