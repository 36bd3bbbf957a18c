// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A disk that fails, and a WAV file on it that must be right at every single moment.  A
/// test that includes this is linked with `--wrap` for pwrite64, ftruncate64, fdatasync
/// and fsync.

#ifndef AUDYN_TESTS_FAILING_DISK_H
#define AUDYN_TESTS_FAILING_DISK_H

#include "wav_files.h"

#include "sink/little_endian.h"
#include "sink/wav_reader.h"

#include <errno.h>
#include <sndfile.h>

#define DATA_OFFSET 4096
#define NEVER (-1)

/// What the disk does.  Calls are counted from 0; NEVER and 0 bytes mean a healthy disk.
static struct {
    int failing_write, failing_sync, failing_resize;
    int directory_errno;   // of a sync of the directory; 0: it succeeds
    uint64_t capacity;     // bytes of the file that fit; 0: all
    size_t most_per_write; // bytes; 0: all
    size_t most_of_header; // bytes a write, of a header that replaces one; 0: all
    bool interrupts;       // each other call is interrupted first
    void (*watch)(void);   // called after each call that changed the file
    int writes, syncs, resizes, calls, directory_syncs;
    uint64_t length, synced_length; // of the file, now and at the last sync
} disk;

// Meson builds with 64-bit file offsets, so that the library calls these.
ssize_t __real_pwrite64(int fd, const void *bytes, size_t size, off_t offset);
int __real_ftruncate64(int fd, off_t length);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t size, off_t offset);
int __wrap_ftruncate64(int fd, off_t length);
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);

static inline void
make_disk_healthy(void)
{
    memset(&disk, 0, sizeof disk);
    disk.failing_write = disk.failing_sync = disk.failing_resize = NEVER;
}

static inline bool
is_interrupted(void)
{
    errno = EINTR;
    return disk.interrupts && disk.calls++ % 2 == 0;
}

static inline void
changed(int fd)
{
    struct stat status;
    assert_int_equal(fstat(fd, &status), 0);
    disk.length = (uint64_t)status.st_size;
    if (disk.watch) {
        disk.watch();
    }
}

// A header must not count what a power cut could still take.
static inline void
check_header_write(const uint8_t *bytes, size_t size, off_t offset)
{
    if (offset == 0 && size == DATA_OFFSET) {
        const uint32_t data_bytes = get_u32(bytes + DATA_OFFSET - 4);
        assert_true(data_bytes == 0 || DATA_OFFSET + data_bytes <= disk.synced_length);
    }
}

ssize_t
__wrap_pwrite64(int fd, const void *bytes, size_t size, off_t offset)
{
    check_header_write(bytes, size, offset);
    if (is_interrupted()) {
        return -1;
    }
    if (disk.writes++ == disk.failing_write) {
        errno = EIO;
        return -1;
    }
    const bool rewrites_header = offset < DATA_OFFSET && disk.length >= DATA_OFFSET;
    const size_t most = rewrites_header ? disk.most_of_header : disk.most_per_write;
    size = most && size > most ? most : size;
    if (disk.capacity && (uint64_t)offset + size > disk.capacity) {
        if ((uint64_t)offset >= disk.capacity) {
            errno = ENOSPC;
            return -1;
        }
        size = disk.capacity - (uint64_t)offset;
    }
    const ssize_t written = __real_pwrite64(fd, bytes, size, offset);
    changed(fd);
    return written;
}

int
__wrap_ftruncate64(int fd, off_t length)
{
    if (is_interrupted()) {
        return -1;
    }
    if (disk.resizes++ == disk.failing_resize) {
        errno = EFBIG;
        return -1;
    }
    const int result = __real_ftruncate64(fd, length);
    changed(fd);
    return result;
}

// Takes no time: what a power cut would leave is known here.
int
__wrap_fdatasync(int fd)
{
    (void)fd;
    if (is_interrupted()) {
        return -1;
    }
    if (disk.syncs++ == disk.failing_sync) {
        errno = EIO;
        return -1;
    }
    disk.synced_length = disk.length;
    return 0;
}

int
__wrap_fsync(int fd)
{
    struct stat status;
    assert_int_equal(fstat(fd, &status), 0);
    assert_true(S_ISDIR(status.st_mode));
    assert_true(disk.synced_length >= DATA_OFFSET);
    ++disk.directory_syncs;
    errno = disk.directory_errno;
    return disk.directory_errno ? -1 : 0;
}

/// A recording is mono and of odd blocks, so that 24 bits give odd sizes.
enum { BLOCK = 29999, SILENCE_AFTER = 7, LONG_SILENCE = 100000 };

static const char file_name[] = "faults.wav";

/// Its samples: a long silence comes after some blocks.  No byte of a 24-bit sample is
/// always zero.
static inline float
expected_at(uint64_t frame)
{
    const uint64_t silence = (uint64_t)SILENCE_AFTER * BLOCK;
    const bool silent = frame >= silence && frame < silence + LONG_SILENCE;
    return silent ? 0.0F : signal_at(frame) + 0x1p-23F;
}

/// The samples that the header counts, by libsndfile, are those that were recorded.
static inline audyn_wav_info_t
check_file(const char *path)
{
    audyn_wav_info_t info;
    audyn_error_t error;
    if (audyn_wav_read_info(path, &info, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_not_equal(info.completeness, AUDYN_WAV_TRUNCATED);
    assert_true(info.sample_frames <= info.present_frames);
    assert_true(size_of_file(path) >=
                DATA_OFFSET + info.sample_frames * info.frame_bytes);
    SF_INFO sf = {.format = 0};
    SNDFILE *file = sf_open(path, SFM_READ, &sf);
    assert_non_null(file);
    assert_int_equal(sf.frames, info.sample_frames);
    static float samples[BLOCK];
    for (uint64_t frame = 0; frame < info.sample_frames;) {
        const sf_count_t count = sf_readf_float(file, samples, BLOCK);
        assert_true(count > 0);
        for (sf_count_t n = 0; n < count; ++n, ++frame) {
            if (samples[n] != expected_at(frame)) {
                fail_msg("sample %u is wrong", (unsigned)frame);
            }
        }
    }
    sf_close(file);
    return info;
}

static inline int
start_with_a_healthy_disk(void **state)
{
    (void)state;
    make_disk_healthy();
    unlink(in_folder(file_name));
    return 0;
}

static inline void
copy_file(const char *from, const char *to)
{
    const size_t size = size_of_file(from);
    uint8_t *bytes = read_bytes(from, 0, size);
    write_bytes(to, bytes, size);
    free(bytes);
}

/// Of a file as a crash right now would leave it.
static inline void
check_snapshot(void)
{
    char live[PATH_MAX];
    strcpy(live, in_folder(file_name));
    const char *copy = in_folder("snapshot.wav");
    copy_file(live, copy);
    const audyn_wav_info_t info = check_file(copy);
    if (info.has_recording && info.recording.state == AUDYN_WAV_FINISHED) {
        assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
    } else if (info.has_recording) {
        assert_int_equal(info.completeness, AUDYN_WAV_INTERRUPTED);
    }
}

#define ON_A_HEALTHY_DISK(test) cmocka_unit_test_setup(test, start_with_a_healthy_disk)

#endif
