// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// What is on disk if the power fails now: nothing but what was synced.  The image is a
// directory.  In it the file NUMBER has the content of the file or the list of names of
// the directory with this inode number at its last sync: "TYPE NUMBER NAME" each, ended
// by a zero byte, TYPE being d or f.  What was never synced is not in it.

#undef _FILE_OFFSET_BITS

#include "disk_faults.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *folder; // NULL: no image
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

void
disk_image_lock(void)
{
    if (folder) {
        pthread_mutex_lock(&mutex);
    }
}

void
disk_image_unlock(void)
{
    if (folder) {
        pthread_mutex_unlock(&mutex);
    }
}

// A piece of the image appears as a whole, since the process may be killed at any moment.
static int
open_piece(void)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/new", folder);
    return (int)syscall(SYS_openat, AT_FDCWD, path,
                        O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

static void
close_piece(int fd, ino_t number)
{
    char from[PATH_MAX];
    char to[PATH_MAX];
    snprintf(from, sizeof from, "%s/new", folder);
    snprintf(to, sizeof to, "%s/%ju", folder, (uintmax_t)number);
    close(fd);
    syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static void
put(int fd, const void *bytes, size_t size)
{
    if (syscall(SYS_write, fd, bytes, size) != (ssize_t)size) {
        abort(); // of what use is a test whose own disk is full
    }
}

static void
save_file(int fd, ino_t number)
{
    static char bytes[1 << 16];
    const int piece = open_piece();
    off64_t offset = 0;
    for (ssize_t n; (n = pread64(fd, bytes, sizeof bytes, offset)) > 0; offset += n) {
        put(piece, bytes, (size_t)n);
    }
    close_piece(piece, number);
}

static void
save_directory(int fd, ino_t number)
{
    const int piece = open_piece();
    DIR *names =
        fdopendir((int)syscall(SYS_openat, fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (struct dirent *entry; names && (entry = readdir(names));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            char line[512];
            const int length = snprintf(line, sizeof line, "%c %ju %s",
                                        entry->d_type == DT_DIR ? 'd' : 'f',
                                        (uintmax_t)entry->d_ino, entry->d_name);
            put(piece, line, (size_t)length + 1);
        }
    }
    closedir(names);
    close_piece(piece, number);
}

// Of one that may be open for writing only.  A second descriptor is opened only then, as
// closing it gives up the locks that SQLite holds through its own.
static void
save(int fd, const struct stat *about)
{
    if (S_ISDIR(about->st_mode)) {
        save_directory(fd, about->st_ino);
        return;
    }
    if ((fcntl(fd, F_GETFL) & O_ACCMODE) != O_WRONLY) {
        save_file(fd, about->st_ino);
        return;
    }
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const int readable = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDONLY | O_CLOEXEC);
    save_file(readable, about->st_ino);
    close(readable);
}

static bool
is_below(int fd)
{
    char link[64];
    char path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path);
    const size_t least = strlen(disk_directory());
    return length >= (ssize_t)least && !memcmp(path, disk_directory(), least);
}

void
disk_image_sync(int fd)
{
    struct stat about;
    if (folder && is_below(fd) && !fstat(fd, &about) &&
        (S_ISREG(about.st_mode) || S_ISDIR(about.st_mode))) {
        disk_image_lock();
        save(fd, &about);
        disk_image_unlock();
    }
}

// Holding the mutex.
static void
save_tree(int directory_fd, const char *name)
{
    const int fd =
        (int)syscall(SYS_openat, directory_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat about;
    if (fd < 0 || fstat(fd, &about)) {
        return;
    }
    save(fd, &about);
    DIR *names = S_ISDIR(about.st_mode) ? fdopendir(fd) : NULL;
    for (struct dirent *entry; names && (entry = readdir(names));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            save_tree(fd, entry->d_name);
        }
    }
    if (names) {
        closedir(names);
    } else {
        close(fd);
    }
}

void
disk_image_sync_all(void)
{
    if (folder) {
        disk_image_lock();
        save_tree(AT_FDCWD, disk_directory());
        disk_image_unlock();
    }
}

void
disk_image_start(const char *image)
{
    folder = image;
    disk_image_sync_all();
}

// Never closed: a new file could be given its number.
void
disk_image_keep(int directory_fd, const char *path)
{
    if (folder) {
        syscall(SYS_openat, directory_fd, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    }
}
