// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/bag/bag_package.h"

#include "archive/checksum.h"
#include "core/clock.h"
#include "core/directory.h"
#include "core/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define COPY_BYTES 262144
#define MANIFEST "manifest-sha256.txt"

struct audyn_bag_package {
    char path[PATH_MAX]; // that it gets
    char part[PATH_MAX]; // that it has meanwhile
    FILE *manifest;
    uint64_t bytes, files;
    bool finished;
    uint8_t buffer[COPY_BYTES];
};

static audyn_status_t
cannot(const char *path, const char *what, int cause, audyn_error_t *error)
{
    return audyn_error_set(error, audyn_status_from_errno(cause), "%s cannot be %s: %s",
                           path, what, strerror(cause));
}

static audyn_status_t
join(char path[PATH_MAX], const char *directory, const char *name, audyn_error_t *error)
{
    return snprintf(path, PATH_MAX, "%s/%s", directory, name) < PATH_MAX
               ? AUDYN_OK
               : cannot(name, "packed", ENAMETOOLONG, error);
}

static audyn_status_t
name_package(audyn_bag_package_t *package, const char *path, audyn_error_t *error)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') {
        --length;
    }
    struct stat about;
    if (snprintf(package->path, PATH_MAX, "%.*s", (int)length, path) >= PATH_MAX ||
        snprintf(package->part, PATH_MAX, "%s.audyn-%d.part", package->path,
                 (int)getpid()) >= PATH_MAX) {
        return cannot(path, "written", ENAMETOOLONG, error);
    }
    if (!lstat(package->path, &about)) {
        return audyn_error_set(error, AUDYN_EXISTS,
                               "%s exists already and is kept; choose another name",
                               package->path);
    }
    return AUDYN_OK;
}

audyn_status_t
audyn_bag_package_create(audyn_bag_package_t **out, const char *path,
                         audyn_error_t *error)
{
    *out = NULL;
    audyn_bag_package_t *package = calloc(1, sizeof *package);
    if (!package) {
        return cannot(path, "written", ENOMEM, error);
    }
    char manifest[PATH_MAX];
    audyn_status_t status = name_package(package, path, error);
    package->finished = true; // until there is something to remove
    if (!status && mkdir(package->part, 0777)) {
        status = cannot(path, "created", errno, error);
    } else if (!status) {
        package->finished = false;
        status = join(manifest, package->part, MANIFEST, error);
    }
    if (!status) {
        package->manifest = fopen(manifest, "wxe");
        status = package->manifest ? AUDYN_OK : cannot(manifest, "created", errno, error);
    }
    if (status) {
        audyn_bag_package_destroy(package);
        return status;
    }
    *out = package;
    return AUDYN_OK;
}

struct copy {
    int from, to;
    audyn_checksum_t *checksum;
    void (*added)(void *context, uint64_t bytes);
    void *context;
};

// Returns 0 or an errno value.
static int
write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size) {
        const ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno != EINTR) {
            return errno;
        }
        bytes += written > 0 ? written : 0;
        size -= written > 0 ? (size_t)written : 0;
    }
    return 0;
}

// What is summed is what was written.  Returns 0 or an errno value.
static int
copy_bytes(audyn_bag_package_t *package, const struct copy *copy)
{
    for (;;) {
        const ssize_t got = read(copy->from, package->buffer, sizeof package->buffer);
        if (!got) {
            return 0;
        }
        const int cause = got > 0 ? write_all(copy->to, package->buffer, (size_t)got)
                                  : (errno == EINTR ? 0 : errno);
        if (cause) {
            return cause;
        }
        if (got > 0) {
            audyn_checksum_add(copy->checksum, package->buffer, (uint64_t)got);
            package->bytes += (uint64_t)got;
        }
        if (got > 0 && copy->added) {
            copy->added(copy->context, (uint64_t)got);
        }
    }
}

static audyn_status_t
copy_file(audyn_bag_package_t *package, struct copy *copy, const char *from,
          const char *to, audyn_error_t *error)
{
    copy->from = open(from, O_RDONLY | O_CLOEXEC);
    if (copy->from < 0) {
        return cannot(from, "read", errno, error);
    }
    int cause = audyn_directory_make_for(to);
    copy->to = cause ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (copy->to < 0) {
        cause = cause ? cause : errno;
    } else {
        cause = copy_bytes(package, copy);
        if (close(copy->to) && !cause) {
            cause = errno;
        }
    }
    close(copy->from);
    return cause ? audyn_error_set(error, audyn_status_from_errno(cause),
                                   "%s cannot be copied to %s: %s", from, to,
                                   strerror(cause))
                 : AUDYN_OK;
}

// Section 2.1.3: what would end the line is written as %XX, and hence "%", too.  One
// space: sha256sum -c understands it, as does whoever splits lines at it.
static void
list(audyn_bag_package_t *package, const char *sha256, const char *name)
{
    fprintf(package->manifest, "%s data/", sha256);
    for (const char *c = name; *c; ++c) {
        if (strchr("%\r\n", *c)) {
            fprintf(package->manifest, "%%%02X", (unsigned char)*c);
        } else {
            putc(*c, package->manifest);
        }
    }
    putc('\n', package->manifest);
    ++package->files;
}

audyn_status_t
audyn_bag_package_add(audyn_bag_package_t *package, const char *from, const char *name,
                      const char *sha256, void (*added)(void *context, uint64_t bytes),
                      void *context, audyn_error_t *error)
{
    char data[PATH_MAX];
    char to[PATH_MAX];
    audyn_status_t status = join(data, package->part, "data", error);
    if (!status) {
        status = join(to, data, name, error);
    }
    struct copy copy = {.added = added, .context = context};
    if (!status) {
        status = audyn_checksum_create(&copy.checksum);
    }
    if (status) {
        return status;
    }
    status = copy_file(package, &copy, from, to, error);
    char sum[AUDYN_SHA256_TEXT] = "";
    if (!status && !audyn_checksum_end(copy.checksum, sum)) {
        status = cannot(from, "summed", ENOMEM, error);
    }
    audyn_checksum_destroy(copy.checksum);
    if (!status && sha256 && *sha256 && strcmp(sum, sha256) != 0) {
        status = audyn_error_set(error, AUDYN_BAD_DATA,
                                 "%s is not what was recorded: its SHA-256 is %s and "
                                 "not %s; see audyn verify",
                                 from, sum, sha256);
    }
    if (!status) {
        list(package, sum, name);
    }
    return status;
}

audyn_status_t
audyn_bag_package_put(audyn_bag_package_t *package, const char *name, const char *text,
                      audyn_error_t *error)
{
    char below[PATH_MAX];
    char path[PATH_MAX];
    audyn_status_t status = join(below, "data", name, error);
    if (!status) {
        status = join(path, package->part, below, error);
    }
    const int cause = status ? 0 : audyn_directory_make_for(path);
    if (cause) {
        status = cannot(path, "created", cause, error);
    }
    if (!status) {
        status = audyn_small_file_write(path, text, error);
    }
    if (!status) {
        char sum[AUDYN_SHA256_TEXT];
        audyn_checksum_of(text, strlen(text), sum);
        list(package, sum, name);
        package->bytes += strlen(text);
    }
    return status;
}

uint64_t
audyn_bag_package_bytes(const audyn_bag_package_t *package)
{
    return package->bytes;
}

uint64_t
audyn_bag_package_files(const audyn_bag_package_t *package)
{
    return package->files;
}

// Of one line.
static void
write_element(FILE *file, const char *label, const char *value)
{
    fprintf(file, "%s: ", label);
    for (const char *c = value; *c; ++c) {
        putc((unsigned char)*c < ' ' ? ' ' : *c, file);
    }
    putc('\n', file);
}

static audyn_status_t
write_declaration(FILE *file, const audyn_bag_package_t *package,
                  const audyn_bag_info_t *info)
{
    (void)package;
    (void)info;
    fputs("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", file);
    return AUDYN_OK;
}

static audyn_status_t
write_info(FILE *file, const audyn_bag_package_t *package, const audyn_bag_info_t *info)
{
    const time_t seconds = info->utc_ns / AUDYN_NS_PER_SECOND;
    struct tm utc;
    gmtime_r(&seconds, &utc);
    char date[32];
    strftime(date, sizeof date, "%Y-%m-%d", &utc);
    if (info->source_organization) {
        write_element(file, "Source-Organization", info->source_organization);
    }
    write_element(file, "External-Description", info->external_description);
    write_element(file, "Bagging-Date", date);
    write_element(file, "Bag-Software-Agent", "audyn " AUDYN_VERSION);
    fprintf(file, "Payload-Oxum: %" PRIu64 ".%" PRIu64 "\n", package->bytes,
            package->files);
    return AUDYN_OK;
}

static audyn_status_t
sum_file(const char *path, char sum[AUDYN_SHA256_TEXT])
{
    audyn_checksum_t *checksum;
    audyn_status_t status = audyn_checksum_create(&checksum);
    if (status) {
        return status;
    }
    bool done = false;
    status = audyn_checksum_read_file(checksum, path, UINT64_MAX, &done);
    if (!audyn_checksum_end(checksum, sum) && !status) {
        status = AUDYN_IO;
    }
    audyn_checksum_destroy(checksum);
    return status;
}

// Sums of the files that do not belong to the payload.
static audyn_status_t
write_tag_manifest(FILE *file, const audyn_bag_package_t *package,
                   const audyn_bag_info_t *info)
{
    (void)info;
    static const char *const names[] = {"bagit.txt", "bag-info.txt", MANIFEST};
    audyn_status_t status = AUDYN_OK;
    for (size_t i = 0; i < sizeof names / sizeof *names && !status; ++i) {
        char path[PATH_MAX];
        char sum[AUDYN_SHA256_TEXT];
        status = join(path, package->part, names[i], NULL);
        if (!status) {
            status = sum_file(path, sum);
        }
        if (!status) {
            fprintf(file, "%s %s\n", sum, names[i]);
        }
    }
    return status;
}

static const struct tag_file {
    const char *name;
    audyn_status_t (*write)(FILE *file, const audyn_bag_package_t *package,
                            const audyn_bag_info_t *info);
} tag_files[] = {
    {"bagit.txt", write_declaration},
    {"bag-info.txt", write_info},
    {"tagmanifest-sha256.txt", write_tag_manifest},
};

// Returns 0 or an errno value.
static int
close_file(FILE *file)
{
    const bool failed = ferror(file);
    return fclose(file) ? errno : failed ? EIO : 0;
}

static audyn_status_t
write_tag_file(const struct tag_file *tag_file, audyn_bag_package_t *package,
               const audyn_bag_info_t *info, audyn_error_t *error)
{
    char path[PATH_MAX];
    audyn_status_t status = join(path, package->part, tag_file->name, error);
    if (status) {
        return status;
    }
    FILE *file = fopen(path, "wxe");
    if (!file) {
        return cannot(path, "created", errno, error);
    }
    status = tag_file->write(file, package, info);
    const int cause = close_file(file);
    if (!status && cause) {
        return cannot(path, "written", cause, error);
    }
    return status ? audyn_error_set(error, status, "%s cannot be written: %s", path,
                                    audyn_strerror(status))
                  : AUDYN_OK;
}

// All of it is on disk before it has its name, and then the name.
static audyn_status_t
place(audyn_bag_package_t *package, audyn_error_t *error)
{
    const int fd = open(package->part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int cause = fd < 0 || syncfs(fd) ? errno : 0;
    if (fd >= 0) {
        close(fd);
    }
    if (!cause && rename(package->part, package->path)) {
        cause = errno;
    }
    package->finished = !cause;
    if (!cause) {
        cause = audyn_directory_sync_for(package->path);
    }
    return cause ? cannot(package->path, "written", cause, error) : AUDYN_OK;
}

audyn_status_t
audyn_bag_package_finish(audyn_bag_package_t *package, const audyn_bag_info_t *info,
                         audyn_error_t *error)
{
    const int cause = close_file(package->manifest);
    package->manifest = NULL;
    if (cause) {
        return cannot(MANIFEST, "written", cause, error);
    }
    for (size_t i = 0; i < sizeof tag_files / sizeof *tag_files; ++i) {
        const audyn_status_t status = write_tag_file(&tag_files[i], package, info, error);
        if (status) {
            return status;
        }
    }
    return place(package, error);
}

void
audyn_bag_package_destroy(audyn_bag_package_t *package)
{
    if (!package) {
        return;
    }
    if (package->manifest) {
        fclose(package->manifest);
    }
    if (!package->finished) {
        audyn_directory_remove(package->part);
    }
    free(package);
}
