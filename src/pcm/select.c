// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "pcm/select.h"

#include <string.h>

// Samples are gathered in pieces of so many bytes, which hold a sample frame of all
// channels, and then decoded as if they had come so.
#define PIECE_BYTES 2048

// A constant, which the compiler copies without a call.
#define STEP ((size_t)16)

_Static_assert(PIECE_BYTES >= 4 * AUDYN_SELECT_CHANNELS, "a sample frame fits");

bool
audyn_selection_add(audyn_selection_t *selection, uint32_t channel)
{
    for (uint32_t i = 0; i < selection->run_count; ++i) {
        const uint32_t first = selection->runs[i].first;
        if (channel >= first && channel < first + selection->runs[i].count) {
            return false;
        }
    }
    const uint32_t last = selection->run_count - 1;
    if (selection->run_count &&
        channel == (uint32_t)selection->runs[last].first + selection->runs[last].count) {
        ++selection->runs[last].count;
    } else {
        selection->runs[selection->run_count].first = (uint8_t)channel;
        selection->runs[selection->run_count++].count = 1;
    }
    ++selection->channels;
    return true;
}

uint32_t
audyn_selection_end(const audyn_selection_t *selection)
{
    uint32_t end = 0;
    for (uint32_t i = 0; i < selection->run_count; ++i) {
        const uint32_t run_end =
            (uint32_t)selection->runs[i].first + selection->runs[i].count;
        end = run_end > end ? run_end : end;
    }
    return end;
}

bool
audyn_selection_is_whole(const audyn_selection_t *selection)
{
    return selection->run_count == 1 && selection->channels == selection->stride;
}

// Copies in steps of STEP bytes, beyond `size` too, as long as that is before `end`; what
// follows overwrites the rest.
static inline void
copy_run(uint8_t *out, const uint8_t *in, size_t size, const uint8_t *end)
{
    if ((size_t)(end - in) < size + STEP) {
        memcpy(out, in, size);
        return;
    }
    for (size_t at = 0; at < size; at += STEP) {
        memcpy(out + at, in + at, STEP);
    }
}

static void
gather(const audyn_selection_t *selection, uint8_t *out, const uint8_t *in,
       size_t sample_frames, uint32_t bytes)
{
    const size_t frame_bytes = (size_t)selection->stride * bytes;
    const uint8_t *end = in + sample_frames * frame_bytes;
    for (; in < end; in += frame_bytes) {
        for (uint32_t i = 0; i < selection->run_count; ++i) {
            const size_t size = (size_t)selection->runs[i].count * bytes;
            copy_run(out, in + (size_t)selection->runs[i].first * bytes, size, end);
            out += size;
        }
    }
}

void
audyn_selection_decode(const audyn_selection_t *selection, float *restrict out,
                       const void *restrict in, size_t sample_frames, uint32_t bytes,
                       audyn_pcm_decode_t *decode) AUDYN_REALTIME
{
    const size_t most = PIECE_BYTES / (selection->channels * (size_t)bytes);
    const uint8_t *from = in;
    while (sample_frames) {
        uint8_t piece[PIECE_BYTES + STEP];
        const size_t count = sample_frames < most ? sample_frames : most;
        const size_t samples = count * selection->channels;
        gather(selection, piece, from, count, bytes);
        decode(out, piece, samples);
        out += samples;
        from += count * selection->stride * bytes;
        sample_frames -= count;
    }
}
