// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Broadcast Wave files.  The header never counts a sample that is not on disk: samples
// are flushed and synced first, then the header is written in one piece.

#include "core/clock.h"
#include "sink/sink_private.h"
#include "sink/wav_header.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES (128U * 1024)
// As many zeros behind the samples that the header counts keep readers that look for
// another chunk there from taking samples for one.
#define HELD_BYTES AUDYN_WAV_HELD_BYTES
#define COPY_BYTES (64U * 1024 * 1024)
#define MOST_DATA_BYTES ((uint64_t)INT64_MAX - AUDYN_WAV_DATA_OFFSET - 1)

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "float samples go to the file as they are");

typedef struct {
    audyn_sink_t sink;
    audyn_wav_header_t header;
    audyn_pcm_encode_t *encode; // NULL: float or dithered
    bool dither;
    uint32_t frame_bytes;
    uint8_t *buffer;          // encoded sample frames that are not in the file yet
    uint32_t buffer_frames;   // that fit
    uint32_t buffered_frames; // that are there
    uint64_t data_bytes;      // in the file before those, holes included; whole frames
    audyn_wav_end_t counted;  // of these, by the header
    audyn_wav_end_t flushed;  // at the last flush, to be counted once they are on disk
    uint64_t file_bytes;      // the file's length
    uint64_t promised_frames; // that the header told to the observer counts
    audyn_status_t status;    // the first failure; nothing is added after it
    bool doubtful;            // a sync failed: what the header does not count may be lost
} wav_sink_t;

static wav_sink_t *
wav_of(audyn_sink_t *sink)
{
    return (wav_sink_t *)(void *)sink;
}

static void
note_failure(wav_sink_t *wav, audyn_status_t status)
{
    if (!wav->status) {
        wav->status = status;
    }
}

static void
wav_destroy(audyn_sink_t *sink)
{
    free(wav_of(sink)->buffer);
    free(sink);
}

static audyn_pcm_encode_t *
choose_encode(const audyn_sink_config_t *config)
{
    const audyn_pcm_t *pcm = audyn_pcm_best();
    if (config->dither || config->encoding == AUDYN_FLOAT32) {
        return NULL;
    }
    return config->encoding == AUDYN_PCM16 ? pcm->encode_s16le : pcm->encode_s24le;
}

static audyn_status_t
wav_create(audyn_sink_t **out, const audyn_sink_config_t *config, audyn_error_t *error)
{
    *out = NULL;
    const audyn_wav_header_t header = {
        .sample_rate = config->sample_rate,
        .channels = config->channels,
        .encoding = config->encoding,
    };
    if (!audyn_wav_header_is_valid(&header)) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "a WAV file cannot hold %u channels at %u Hz",
                               config->channels, config->sample_rate);
    }
    wav_sink_t *wav = calloc(1, sizeof *wav);
    uint8_t *buffer = malloc(BUFFER_BYTES);
    if (!wav || !buffer) {
        free(wav);
        free(buffer);
        return audyn_error_set(error, AUDYN_NO_MEMORY, "out of memory for a WAV file");
    }
    wav->header = header;
    audyn_bext_init(&wav->header.bext, config);
    wav->encode = choose_encode(config);
    wav->dither = config->dither && config->encoding != AUDYN_FLOAT32;
    wav->frame_bytes = audyn_wav_frame_bytes(&header);
    wav->buffer = buffer;
    wav->buffer_frames = BUFFER_BYTES / wav->frame_bytes;
    *out = &wav->sink;
    return AUDYN_OK;
}

// Returns how many bytes were written.
static size_t
write_at(wav_sink_t *wav, const void *bytes, size_t size, uint64_t offset)
{
    size_t done;
    note_failure(wav, audyn_sink_write_at(wav->sink.fd, bytes, size, offset, &done));
    if (done && offset + done > wav->file_bytes) {
        wav->file_bytes = offset + done;
    }
    return done;
}

static bool
set_file_bytes(wav_sink_t *wav, uint64_t bytes)
{
    if (TEMP_FAILURE_RETRY(ftruncate(wav->sink.fd, (off_t)bytes))) {
        note_failure(wav, audyn_status_from_errno(errno));
        return false;
    }
    wav->file_bytes = bytes;
    return true;
}

static void
write_header(wav_sink_t *wav)
{
    uint8_t bytes[AUDYN_WAV_DATA_OFFSET];
    wav->header.recording.sample_frames = wav->counted.data_bytes / wav->frame_bytes;
    wav->header.ends[0] = wav->counted;
    wav->header.ends[1] = wav->flushed;
    audyn_wav_header_encode(bytes, &wav->header);
    write_at(wav, bytes, sizeof bytes, 0);
}

// Of the complete file, once so many sample frames are in it.
static void
tell_header(wav_sink_t *wav, uint64_t sample_frames)
{
    uint8_t bytes[AUDYN_WAV_DATA_OFFSET];
    audyn_wav_header_t header = wav->header;
    header.recording.state = AUDYN_WAV_FINISHED;
    header.recording.sample_frames = sample_frames;
    audyn_wav_header_encode(bytes, &header);
    audyn_sink_tell(&wav->sink, 0, bytes, sizeof bytes);
    wav->promised_frames = sample_frames;
}

static void
tell_samples(const wav_sink_t *wav, const void *bytes, uint64_t size)
{
    audyn_sink_tell(&wav->sink, AUDYN_WAV_DATA_OFFSET + wav->data_bytes, bytes, size);
}

// The header came first, of as many samples as were expected.
static void
tell_end(wav_sink_t *wav)
{
    const uint64_t sample_frames = wav->data_bytes / wav->frame_bytes;
    tell_samples(wav, NULL, wav->data_bytes & 1);
    if (sample_frames != wav->promised_frames) {
        tell_header(wav, sample_frames);
    }
}

static audyn_status_t
wav_start(audyn_sink_t *sink)
{
    wav_sink_t *wav = wav_of(sink);
    write_header(wav);
    return wav->status;
}

// Makes a file that is replaced like a new one: its samples must never look like those of
// this recording.  Where not even the header of an empty file can be written, they stay.
static bool
clear(wav_sink_t *wav)
{
    write_header(wav);
    return !wav->status && set_file_bytes(wav, AUDYN_WAV_DATA_OFFSET);
}

static audyn_status_t
wav_begin(audyn_sink_t *sink, const audyn_sink_start_t *start)
{
    wav_sink_t *wav = wav_of(sink);
    if (!sink->created && !clear(wav)) {
        return wav->status;
    }
    wav->header.recording = (audyn_wav_recording_t){
        .state = AUDYN_WAV_RECORDING,
        .position = start->position,
        .tai_offset_s = (int32_t)start->tai_offset_s,
        .rate_numerator = start->rate_numerator ? start->rate_numerator : 1,
        .rate_denominator = start->rate_denominator ? start->rate_denominator : 1,
    };
    const audyn_media_rate_t rate = {wav->header.sample_rate, start->rate_numerator,
                                     start->rate_denominator};
    audyn_bext_set_start(&wav->header.bext, wav->header.sample_rate,
                         audyn_media_nominal(start->position, &rate),
                         start->tai_offset_s);
    if (start->sample_frames) {
        tell_header(wav, start->sample_frames);
    }
    write_header(wav);
    return wav->status;
}

// How many bytes of those in the buffer belong right behind an end.
static size_t
bytes_behind(const wav_sink_t *wav, const audyn_wav_end_t *end)
{
    const uint64_t behind = wav->data_bytes - end->data_bytes;
    const uint64_t room = behind < HELD_BYTES ? HELD_BYTES - behind : 0;
    const uint64_t size = (uint64_t)wav->buffered_frames * wav->frame_bytes;
    return (size_t)(size < room ? size : room);
}

// For who comes after a crash; before the zeros are.
static bool
write_ends(wav_sink_t *wav)
{
    uint8_t bytes[AUDYN_WAV_ENDS_BYTES];
    audyn_wav_ends_encode(bytes, (audyn_wav_end_t[]){wav->counted, wav->flushed});
    return write_at(wav, bytes, sizeof bytes, AUDYN_WAV_ENDS_OFFSET) == sizeof bytes;
}

// Keeps back what is to be written right behind samples that a header counts.  False
// where nothing may be written then.
static bool
hold_back(wav_sink_t *wav)
{
    audyn_wav_end_t *ends[] = {&wav->counted, &wav->flushed};
    size_t most = 0;
    for (int i = 0; i < 2; ++i) {
        const size_t count = bytes_behind(wav, ends[i]);
        if (count) {
            memcpy(ends[i]->held + (wav->data_bytes - ends[i]->data_bytes), wav->buffer,
                   count);
        }
        most = count > most ? count : most;
    }
    memset(wav->buffer, 0, most);
    return !most || write_ends(wav);
}

// Puts what was held back in its place, as far as `until`: the header may count it only
// then.
static bool
write_held(wav_sink_t *wav, const audyn_wav_end_t *end, uint64_t until)
{
    const uint64_t behind = until - end->data_bytes;
    const size_t size = behind < HELD_BYTES ? (size_t)behind : HELD_BYTES;
    return write_at(wav, end->held, size, AUDYN_WAV_DATA_OFFSET + end->data_bytes) ==
           size;
}

static void
empty_buffer(wav_sink_t *wav)
{
    if (wav->buffered_frames) {
        const size_t size = wav->buffered_frames * wav->frame_bytes;
        tell_samples(wav, wav->buffer, size);
        const size_t done = hold_back(wav)
                                ? write_at(wav, wav->buffer, size,
                                           AUDYN_WAV_DATA_OFFSET + wav->data_bytes)
                                : 0;
        wav->data_bytes += done - done % wav->frame_bytes;
        wav->buffered_frames = 0;
    }
}

static void
encode(wav_sink_t *wav, const float *samples, size_t sample_frames)
{
    const uint32_t channels = wav->header.channels;
    const size_t count = sample_frames * channels;
    uint8_t *out = wav->buffer + wav->buffered_frames * wav->frame_bytes;
    if (wav->encode) {
        wav->encode(out, samples, count);
    } else if (wav->dither) {
        const uint64_t frame = wav->header.recording.position +
                               wav->data_bytes / wav->frame_bytes + wav->buffered_frames;
        audyn_pcm_encode_dithered(out, samples, count,
                                  8 * audyn_encoding_bytes(wav->header.encoding),
                                  frame * channels);
    } else {
        memcpy(out, samples, count * sizeof *samples);
    }
    wav->buffered_frames += (uint32_t)sample_frames;
}

static audyn_status_t
wav_write(audyn_sink_t *sink, const float *samples, size_t sample_frames)
{
    wav_sink_t *wav = wav_of(sink);
    while (sample_frames && !wav->status) {
        const size_t room = wav->buffer_frames - wav->buffered_frames;
        const size_t count = sample_frames < room ? sample_frames : room;
        encode(wav, samples, count);
        samples += count * wav->header.channels;
        sample_frames -= count;
        if (wav->buffered_frames == wav->buffer_frames) {
            empty_buffer(wav);
        }
    }
    return wav->status;
}

static audyn_status_t
wav_write_silence(audyn_sink_t *sink, uint64_t sample_frames)
{
    wav_sink_t *wav = wav_of(sink);
    if (wav->status) {
        return wav->status;
    }
    if (sample_frames < wav->buffer_frames - wav->buffered_frames) {
        const size_t at = wav->buffered_frames * wav->frame_bytes;
        memset(wav->buffer + at, 0, sample_frames * wav->frame_bytes);
        wav->buffered_frames += (uint32_t)sample_frames;
        return AUDYN_OK;
    }
    empty_buffer(wav);
    if (sample_frames > (MOST_DATA_BYTES - wav->data_bytes) / wav->frame_bytes) {
        note_failure(wav, AUDYN_TOO_LARGE);
    }
    if (!wav->status) {
        tell_samples(wav, NULL, sample_frames * wav->frame_bytes);
        // A hole reads as zeros; the next write or fit_file() goes beyond it.
        wav->data_bytes += sample_frames * wav->frame_bytes;
    }
    return wav->status;
}

// Through the buffer, as much as it takes.  Returns how many sample frames.
static uint64_t
copy_buffered(wav_sink_t *wav, int fd, uint64_t offset, uint64_t sample_frames)
{
    const uint32_t room = wav->buffer_frames - wav->buffered_frames;
    const uint32_t count = sample_frames < room ? (uint32_t)sample_frames : room;
    const size_t size = (size_t)count * wav->frame_bytes;
    uint8_t *at = wav->buffer + (size_t)wav->buffered_frames * wav->frame_bytes;
    for (size_t done = 0; done < size;) {
        const ssize_t n = pread(fd, at + done, size - done, (off_t)(offset + done));
        if (n > 0) {
            done += (size_t)n;
        } else if (n == 0 || errno != EINTR) {
            note_failure(wav, n ? audyn_status_from_errno(errno) : AUDYN_BAD_DATA);
            return 0;
        }
    }
    wav->buffered_frames += count;
    if (wav->buffered_frames == wav->buffer_frames) {
        empty_buffer(wav);
    }
    return count;
}

// Whether what comes next is far enough behind each end to go straight into the file.
static bool
is_behind_ends(const wav_sink_t *wav)
{
    return !wav->buffered_frames &&
           wav->data_bytes - wav->counted.data_bytes > HELD_BYTES &&
           wav->data_bytes - wav->flushed.data_bytes > HELD_BYTES;
}

// Within the kernel, as many whole sample frames as it takes at once; 0: it cannot, or
// there are none.
static uint64_t
copy_directly(wav_sink_t *wav, int fd, uint64_t offset, uint64_t sample_frames)
{
    off_t from = (off_t)offset;
    off_t to = (off_t)(AUDYN_WAV_DATA_OFFSET + wav->data_bytes);
    const uint64_t bytes = sample_frames * wav->frame_bytes;
    const size_t most = bytes < COPY_BYTES ? (size_t)bytes : COPY_BYTES;
    const ssize_t n = copy_file_range(fd, &from, wav->sink.fd, &to, most, 0);
    if (n < (ssize_t)wav->frame_bytes) {
        return 0;
    }
    const uint64_t count = (uint64_t)n / wav->frame_bytes;
    wav->data_bytes += count * wav->frame_bytes;
    if ((uint64_t)to > wav->file_bytes) {
        wav->file_bytes = (uint64_t)to;
    }
    return count;
}

static audyn_status_t
wav_copy(audyn_sink_t *sink, int fd, uint64_t offset, uint64_t sample_frames)
{
    wav_sink_t *wav = wav_of(sink);
    if (sample_frames > (MOST_DATA_BYTES - wav->data_bytes) / wav->frame_bytes) {
        note_failure(wav, AUDYN_TOO_LARGE);
    }
    while (sample_frames && !wav->status) {
        uint64_t count = 0;
        if (is_behind_ends(wav)) {
            count = copy_directly(wav, fd, offset, sample_frames);
        }
        if (!count) {
            count = copy_buffered(wav, fd, offset, sample_frames);
        }
        offset += count * wav->frame_bytes;
        sample_frames -= count;
    }
    return wav->status;
}

// Makes the file end with its last whole sample frame, and the pad byte behind an odd
// number of bytes: it is too short where a hole ends it, too long where a write failed
// within a frame.
static void
fit_file(wav_sink_t *wav)
{
    const uint64_t pad = wav->data_bytes & 1;
    const uint64_t end = AUDYN_WAV_DATA_OFFSET + wav->data_bytes;
    write_at(wav, "", pad, end);
    if (wav->file_bytes != end + pad && !set_file_bytes(wav, end + pad) &&
        wav->file_bytes < end) {
        const uint64_t there = wav->file_bytes < AUDYN_WAV_DATA_OFFSET
                                   ? 0
                                   : wav->file_bytes - AUDYN_WAV_DATA_OFFSET;
        wav->data_bytes = there - there % wav->frame_bytes;
    }
}

static audyn_status_t
wav_flush(audyn_sink_t *sink)
{
    wav_sink_t *wav = wav_of(sink);
    empty_buffer(wav);
    if (wav->flushed.data_bytes != wav->counted.data_bytes) {
        write_held(wav, &wav->flushed, wav->data_bytes); // its commit has failed
    }
    fit_file(wav);
    wav->flushed = (audyn_wav_end_t){.data_bytes = wav->data_bytes};
    return wav->status;
}

// After a failed sync nobody knows which samples are on disk, and asking again does not
// tell: the header stays with those of the last one that succeeded.
static audyn_status_t
wav_commit(audyn_sink_t *sink, audyn_status_t synced, bool finished)
{
    wav_sink_t *wav = wav_of(sink);
    note_failure(wav, synced);
    wav->doubtful |= synced != AUDYN_OK;
    if (!wav->doubtful && write_held(wav, &wav->counted, wav->flushed.data_bytes)) {
        wav->counted = wav->flushed;
        if (finished) {
            wav->header.recording.state = AUDYN_WAV_FINISHED;
            tell_end(wav);
        }
        write_header(wav);
    } else if (finished) {
        write_held(wav, &wav->counted, wav->data_bytes);
    }
    return wav->status;
}

static uint64_t
wav_sample_frames(const audyn_sink_t *sink)
{
    const wav_sink_t *wav = (const wav_sink_t *)(const void *)sink;
    return wav->data_bytes / wav->frame_bytes + wav->buffered_frames;
}

const audyn_sink_type_t audyn_wav_sink = {
    .ending = ".wav",
    .encoding = AUDYN_FLOAT32,
    .create = wav_create,
    .start = wav_start,
    .begin = wav_begin,
    .write = wav_write,
    .write_silence = wav_write_silence,
    .copy = wav_copy,
    .flush = wav_flush,
    .commit = wav_commit,
    .sample_frames = wav_sample_frames,
    .destroy = wav_destroy,
};
