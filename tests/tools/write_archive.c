// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Writes a WAV file of 64 channels into an archive, as a recorder does, for validators to
// look at; silence is a hole in it, so that it takes no room:
//   write-archive DIR SECONDS TAIL
// The segment lasts SECONDS, of which all but the last TAIL sample frames are zeros.  The
// checksums in its sidecar are of nothing: gigabytes are not summed up.

#include "archive/archive.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#define CHANNELS 64
#define RATE 48000
#define START ((UINT64_C(86400) * 20718 + 37) * RATE) // midnight
#define MOST_AT_ONCE (1 << 20)                        // sample frames

int __wrap_EVP_DigestUpdate(EVP_MD_CTX *context, const void *bytes, size_t size);
unsigned long __wrap_crc32(unsigned long crc, const unsigned char *bytes, unsigned size);

int
__wrap_EVP_DigestUpdate(EVP_MD_CTX *context, const void *bytes, size_t size)
{
    (void)context;
    (void)bytes;
    (void)size;
    return 1;
}

unsigned long
__wrap_crc32(unsigned long crc, const unsigned char *bytes, unsigned size)
{
    (void)bytes;
    (void)size;
    return crc;
}

static void
write_samples(audyn_output_t *output, const float *samples, uint64_t sample_frames)
{
    static uint64_t position = START;
    audyn_output_write(output, samples, sample_frames);
    const audyn_span_t span = {position, sample_frames, AUDYN_SAMPLE_RECEIVED};
    audyn_output_classify(output, &span);
    position += sample_frames;
    if (audyn_output_flush(output, false)) {
        audyn_output_sync(output);
        audyn_output_commit(output);
    }
}

static void
write_all(audyn_output_t *output, uint64_t silence, uint64_t tail)
{
    for (uint64_t left = silence; left;) {
        const uint64_t count = left < MOST_AT_ONCE ? left : MOST_AT_ONCE;
        write_samples(output, NULL, count);
        left -= count;
    }
    float *ramp = calloc(tail * CHANNELS, sizeof *ramp);
    for (uint64_t i = 0; ramp && i < tail * CHANNELS; ++i) {
        ramp[i] = (float)(i % 8388608) / 8388608;
    }
    write_samples(output, ramp, tail);
    free(ramp);
}

int
main(int argc, char **argv)
{
    audyn_error_t error = {"write-archive DIR SECONDS TAIL"};
    audyn_archive_t *archive = NULL;
    audyn_output_t *output = NULL;
    audyn_archive_settings_t settings = {
        .formats = {"wav"}, .format_count = 1, .levels = AUDYN_LEVELS_PEAK};
    const audyn_archive_stream_t stream = {
        .name = "wide",
        .format = {.sample_rate = RATE, .channels = CHANNELS, .bits = 24}};
    const audyn_sink_start_t start = {.position = START};
    if (argc != 4 ||
        audyn_layout_init(&settings.layout, "flat", (uint32_t)strtoul(argv[2], NULL, 10),
                          AUDYN_ARCHIVE_UTC, &error) ||
        audyn_archive_open(&archive, argv[1], &settings, &error) ||
        audyn_archive_output_create(&output, archive, &stream, &error) ||
        audyn_output_begin(output, &start)) {
        fprintf(stderr, "%s\n", error.text);
        return EXIT_FAILURE;
    }
    const uint64_t tail = strtoull(argv[3], NULL, 10);
    write_all(output, strtoull(argv[2], NULL, 10) * RATE - tail, tail);
    const audyn_status_t status = audyn_output_close(output);
    audyn_archive_close(archive);
    return status ? EXIT_FAILURE : EXIT_SUCCESS;
}
