// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The bytes are what a crash has left of an audio file; the first one says of which
// format.  What was made whole is whole.

#include "fuzz_target.h"

#include "archive/recover/recover_file.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/dev/shm/audyn-fuzz-XXXXXX";

static void
remove_folder(void)
{
    rmdir(folder);
}

static const char *
write_file(uint8_t format, const uint8_t *bytes, size_t size)
{
    static const char *const endings[] = {"wav", "flac", "opus"};
    static char path[PATH_MAX];
    if (!*path) {
        EXPECT(mkdtemp(folder));
        atexit(remove_folder);
    }
    snprintf(path, sizeof path, "%s/x.%s", folder, endings[format % 3]);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    EXPECT(fd >= 0);
    EXPECT(write(fd, bytes, size) == (ssize_t)size);
    close(fd);
    return path;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!size) {
        return 0;
    }
    const char *path = write_file(*bytes, bytes + 1, size - 1);
    const audyn_recover_limits_t limits = {.most_cut = UINT64_MAX,
                                           .is_all_there = *bytes >= 128};
    audyn_recovered_file_t found;
    audyn_error_t error = {.text = ""};
    const audyn_status_t status = audyn_recover_file(path, &limits, &found, &error);
    EXPECT(!status || *error.text);
    EXPECT(!status || !found.changed || found.sample_frames);
    if (!status) {
        audyn_recovered_file_t again;
        EXPECT(!audyn_recover_file(path, &limits, &again, &error));
        EXPECT(!again.changed && again.bytes == found.bytes);
        EXPECT(again.sample_frames == found.sample_frames);
    }
    unlink(path);
    return 0;
}
