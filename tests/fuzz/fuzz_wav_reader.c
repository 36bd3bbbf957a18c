// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The bytes are a file that claims to be WAV.

#include "fuzz_target.h"

#include "sink/wav_reader.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void
check_texts(const audyn_bext_t *bext)
{
    EXPECT(memchr(bext->description, 0, sizeof bext->description));
    EXPECT(memchr(bext->originator, 0, sizeof bext->originator));
    EXPECT(memchr(bext->originator_reference, 0, sizeof bext->originator_reference));
    EXPECT(memchr(bext->origination_date, 0, sizeof bext->origination_date));
    EXPECT(memchr(bext->origination_time, 0, sizeof bext->origination_time));
    EXPECT(memchr(bext->coding_history, 0, sizeof bext->coding_history));
}

static void
check_info(const audyn_wav_info_t *info, size_t size)
{
    EXPECT(!strcmp(info->container, "RIFF") || !strcmp(info->container, "RF64") ||
           !strcmp(info->container, "BW64"));
    EXPECT(info->sample_rate && info->channels && info->frame_bytes);
    EXPECT(info->frame_bytes % info->channels == 0);
    EXPECT(info->bits && info->bits <= 8 * info->frame_bytes / info->channels);
    EXPECT(info->data_offset >= 12 && info->data_offset <= size);
    EXPECT(info->present_frames <= (size - info->data_offset) / info->frame_bytes);
    EXPECT(info->completeness != AUDYN_WAV_IN_PROGRESS);
    EXPECT(info->completeness != AUDYN_WAV_COMPLETE ||
           info->sample_frames == info->present_frames);
    EXPECT(info->completeness != AUDYN_WAV_TRUNCATED ||
           info->sample_frames >= info->present_frames);
    EXPECT(info->position_source != AUDYN_WAV_POSITION_RECORDED || info->has_recording);
    EXPECT(info->position_source != AUDYN_WAV_POSITION_FROM_BEXT || info->has_bext);
    if (info->has_bext) {
        check_texts(&info->bext);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static int fd = -1;
    static char path[64];
    if (fd < 0) {
        fd = memfd_create("fuzz.wav", MFD_CLOEXEC);
        EXPECT(fd >= 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    EXPECT(!ftruncate(fd, 0));
    EXPECT(pwrite(fd, bytes, size, 0) == (ssize_t)size);
    audyn_wav_info_t info;
    audyn_error_t error = {.text = ""};
    const audyn_status_t status = audyn_wav_read_info(path, &info, &error);
    if (status) {
        EXPECT(status == AUDYN_BAD_DATA || status == AUDYN_NOT_SUPPORTED);
        EXPECT(strlen(error.text) > strlen(path));
    } else {
        check_info(&info, size);
    }
    return 0;
}
