// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Writes a WAV file through the sink, for tests of what other programs make of it:
//   write-wav PATH pcm16|pcm24|float32 CHANNELS SAMPLE_FRAMES [SILENCE]
// SAMPLE_FRAMES of noise, SILENCE sample frames, and SAMPLE_FRAMES of noise again.  It
// begins on 2026-03-01 at 10:20:30 UTC and 17 samples, at 48 kHz.

#include "sink/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAI_OFFSET_S 37
#define POSITION ((UINT64_C(1772360430) + TAI_OFFSET_S) * 48000 + 17)

static bool
parse_encoding(const char *name, audyn_encoding_t *encoding)
{
    for (*encoding = AUDYN_PCM16; *encoding <= AUDYN_FLOAT32; ++*encoding) {
        if (strcmp(name, audyn_encoding_name(*encoding)) == 0) {
            return true;
        }
    }
    return false;
}

// Not dithered: each sample is an integer of 16 bits.
static audyn_status_t
write_noise(audyn_sink_t *sink, uint32_t channels, uint64_t sample_frames)
{
    float *frame = malloc(channels * sizeof *frame);
    audyn_status_t status = frame ? AUDYN_OK : AUDYN_NO_MEMORY;
    uint32_t random = 1;
    for (uint64_t i = 0; i < sample_frames && !status; ++i) {
        for (uint32_t channel = 0; channel < channels; ++channel) {
            random = random * 1664525U + 1013904223U;
            frame[channel] = (float)((int32_t)random >> 16) / 32768.0F;
        }
        status = audyn_sink_write(sink, frame, 1);
    }
    free(frame);
    return status;
}

int
main(int argc, char **argv)
{
    audyn_sink_config_t config = {
        .sample_rate = 48000,
        .description = "noise for validators",
        .source = "write-wav",
    };
    if (argc < 5 || argc > 6 || !parse_encoding(argv[2], &config.encoding)) {
        fprintf(stderr,
                "usage: write-wav PATH ENCODING CHANNELS SAMPLE_FRAMES [SILENCE]\n");
        return 2;
    }
    config.channels = (uint32_t)strtoul(argv[3], NULL, 10);
    const uint64_t sample_frames = strtoull(argv[4], NULL, 10);
    const uint64_t silence = argc > 5 ? strtoull(argv[5], NULL, 10) : 0;
    audyn_sink_t *sink;
    audyn_error_t error;
    audyn_status_t status = audyn_sink_open(&sink, argv[1], &config, &error);
    if (status) {
        fprintf(stderr, "write-wav: %s\n", error.text);
        return 1;
    }
    const audyn_sink_start_t start = {.position = POSITION, .tai_offset_s = TAI_OFFSET_S};
    if (!(status = audyn_sink_begin(sink, &start)) &&
        !(status = write_noise(sink, config.channels, sample_frames)) && silence &&
        !(status = audyn_sink_write_silence(sink, silence))) {
        status = write_noise(sink, config.channels, sample_frames);
    }
    const audyn_status_t closed = audyn_sink_close(sink);
    status = status ? status : closed;
    if (status) {
        fprintf(stderr, "write-wav: %s: %s\n", argv[1], audyn_strerror(status));
    }
    return status ? 1 : 0;
}
