// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// No size in the file is believed: each is compared with the file's length first.

#include "sink/wav_reader.h"

#include "core/file_lock.h"
#include "sink/little_endian.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_HEADER_BYTES 8
#define RIFF_HEADER_BYTES 12
#define DS64_OFFSET (RIFF_HEADER_BYTES + CHUNK_HEADER_BYTES)
#define MOST_CHUNKS 1000 // so that a file made of nothing else is left soon
#define MOST_CHUNK_BYTES (AUDYN_BEXT_FIXED_BYTES + AUDYN_BEXT_HISTORY_BYTES)

struct reader {
    int fd;
    uint64_t file_bytes;
    audyn_wav_info_t *info;
    bool has_format, has_data;
    bool in_progress;
    uint64_t ds64_data_bytes; // AUDYN_WAV_SIZE_ELSEWHERE without a `ds64`
    uint64_t data_bytes;      // as the header says
    bool length_unknown;
};

struct chunk {
    uint8_t id[4];
    uint64_t size;   // of the body, as the file says
    uint64_t offset; // of the body
};

// False also where the file ends before.
static bool
read_at(const struct reader *reader, void *bytes, size_t size, uint64_t offset)
{
    for (size_t done = 0; done < size;) {
        const ssize_t n =
            pread(reader->fd, (char *)bytes + done, size - done, (off_t)(offset + done));
        if (n > 0) {
            done += (size_t)n;
        } else if (n == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

static bool
has_id(const struct chunk *chunk, const char *id)
{
    return memcmp(chunk->id, id, sizeof chunk->id) == 0;
}

// False at the end of the file, or where there is something else than a chunk.
static bool
read_chunk_header(const struct reader *reader, struct chunk *chunk, uint64_t offset)
{
    uint8_t bytes[CHUNK_HEADER_BYTES];
    // The file may have grown since its length was taken.
    if (offset > reader->file_bytes || reader->file_bytes - offset < sizeof bytes ||
        !read_at(reader, bytes, sizeof bytes, offset)) {
        return false;
    }
    memcpy(chunk->id, bytes, sizeof chunk->id);
    chunk->size = get_u32(bytes + 4);
    chunk->offset = offset + sizeof bytes;
    return isprint(bytes[0]) && isprint(bytes[1]) && isprint(bytes[2]) &&
           isprint(bytes[3]);
}

static audyn_status_t
parse_format(struct reader *reader, const uint8_t *bytes, size_t size,
             audyn_error_t *error)
{
    audyn_wav_info_t *info = reader->info;
    if (size < 16) {
        return audyn_error_set(error, AUDYN_BAD_DATA, "its format chunk is too short");
    }
    uint16_t tag = get_u16(bytes);
    info->channels = get_u16(bytes + 2);
    info->sample_rate = get_u32(bytes + 4);
    info->frame_bytes = get_u16(bytes + 12);
    info->bits = get_u16(bytes + 14);
    if (tag == AUDYN_WAV_TAG_EXTENSIBLE && size >= 40) {
        const uint16_t valid_bits = get_u16(bytes + 18);
        info->bits = valid_bits && valid_bits < info->bits ? valid_bits : info->bits;
        tag = get_u16(bytes + 24);
    }
    if (tag != AUDYN_WAV_TAG_PCM && tag != AUDYN_WAV_TAG_FLOAT) {
        return audyn_error_set(error, AUDYN_NOT_SUPPORTED,
                               "its samples are compressed (format tag 0x%04X)", tag);
    }
    info->is_float = tag == AUDYN_WAV_TAG_FLOAT;
    const uint32_t sample_bytes = info->channels ? info->frame_bytes / info->channels : 0;
    if (!info->sample_rate || !info->bits || info->bits > 8 * sample_bytes ||
        sample_bytes > 8 || info->frame_bytes % info->channels) {
        return audyn_error_set(
            error, AUDYN_BAD_DATA,
            "its format makes no sense: %u channels, %u Hz, %u bits, %u bytes a frame",
            info->channels, info->sample_rate, info->bits, info->frame_bytes);
    }
    reader->has_format = true;
    return AUDYN_OK;
}

// A chunk that was cut off within is passed over, and so is a second one of its kind:
// behind an interrupted recording's `data` samples may look like one.
static audyn_status_t
read_chunk(struct reader *reader, const struct chunk *chunk, audyn_error_t *error)
{
    audyn_wav_info_t *info = reader->info;
    const bool format = has_id(chunk, "fmt ") && !reader->has_format;
    const bool ds64 = has_id(chunk, "ds64") && chunk->offset == DS64_OFFSET;
    const bool bext = has_id(chunk, "bext") && !info->has_bext;
    const bool recording = has_id(chunk, "audn") && !info->has_recording;
    uint8_t bytes[MOST_CHUNK_BYTES];
    const size_t size = chunk->size < sizeof bytes ? (size_t)chunk->size : sizeof bytes;
    if (!(format || ds64 || bext || recording) ||
        !read_at(reader, bytes, size, chunk->offset)) {
        return AUDYN_OK;
    }
    if (format) {
        return parse_format(reader, bytes, size, error);
    }
    if (ds64 && size >= AUDYN_WAV_DS64_BYTES) {
        reader->ds64_data_bytes = get_u64(bytes + 8);
    } else if (bext) {
        info->has_bext = audyn_bext_decode(&info->bext, bytes, size);
    } else if (recording) {
        info->has_recording = audyn_wav_recording_decode(&info->recording, bytes, size);
    }
    return AUDYN_OK;
}

static void
note_data(struct reader *reader, struct chunk *chunk)
{
    if (chunk->size == AUDYN_WAV_SIZE_ELSEWHERE) {
        chunk->size = reader->ds64_data_bytes;
        reader->length_unknown = chunk->size == AUDYN_WAV_SIZE_ELSEWHERE;
    }
    reader->info->data_offset = chunk->offset;
    reader->data_bytes = chunk->size;
    reader->has_data = true;
}

static audyn_status_t
read_chunks(struct reader *reader, audyn_error_t *error)
{
    struct chunk chunk;
    uint64_t at = RIFF_HEADER_BYTES;
    for (int n = 0; n < MOST_CHUNKS && read_chunk_header(reader, &chunk, at); ++n) {
        if (has_id(&chunk, "data") && !reader->has_data) {
            note_data(reader, &chunk);
        } else {
            const audyn_status_t status = read_chunk(reader, &chunk, error);
            if (status) {
                return status;
            }
        }
        if (chunk.size > reader->file_bytes - chunk.offset) {
            break;
        }
        at = chunk.offset + chunk.size + (chunk.size & 1);
    }
    if (!reader->has_format || !reader->has_data) {
        return audyn_error_set(error, AUDYN_BAD_DATA, "it has no %s",
                               reader->has_format ? "samples" : "format");
    }
    return AUDYN_OK;
}

// Other recorders leave zero in the header until they finish.
static bool
is_left_behind(const struct reader *reader)
{
    struct chunk next;
    return !reader->data_bytes && reader->info->data_offset < reader->file_bytes &&
           !read_chunk_header(reader, &next, reader->info->data_offset);
}

static audyn_wav_completeness_t
judge(const struct reader *reader)
{
    const audyn_wav_info_t *info = reader->info;
    if (reader->in_progress) {
        return AUDYN_WAV_IN_PROGRESS;
    }
    if (reader->length_unknown) {
        return AUDYN_WAV_UNKNOWN_LENGTH;
    }
    if (reader->data_bytes > reader->file_bytes - info->data_offset) {
        return AUDYN_WAV_TRUNCATED;
    }
    const bool finished = info->has_recording
                              ? info->recording.state == AUDYN_WAV_FINISHED
                              : !is_left_behind(reader);
    return finished ? AUDYN_WAV_COMPLETE : AUDYN_WAV_INTERRUPTED;
}

static void
conclude(const struct reader *reader)
{
    audyn_wav_info_t *info = reader->info;
    info->present_frames = (reader->file_bytes - info->data_offset) / info->frame_bytes;
    info->sample_frames = reader->length_unknown ? info->present_frames
                                                 : reader->data_bytes / info->frame_bytes;
    // A program that cut the file may have kept our chunk, which then tells of another.
    info->has_recording &= info->recording.sample_frames == info->sample_frames;
    info->completeness = judge(reader);
    if (info->completeness == AUDYN_WAV_COMPLETE) {
        info->present_frames = info->sample_frames;
    }
    if (info->has_recording && info->recording.state != AUDYN_WAV_NOTHING_YET) {
        info->position_source = AUDYN_WAV_POSITION_RECORDED;
        info->position = info->recording.position;
    } else if (info->has_bext &&
               audyn_bext_position(&info->bext, info->sample_rate, &info->position)) {
        info->position_source = AUDYN_WAV_POSITION_FROM_BEXT;
    }
}

static audyn_status_t
read_open_file(struct reader *reader, audyn_error_t *error)
{
    struct stat status;
    if (fstat(reader->fd, &status)) {
        return audyn_error_set(error, audyn_status_from_errno(errno), "%s",
                               strerror(errno));
    }
    uint8_t riff[RIFF_HEADER_BYTES];
    reader->file_bytes = (uint64_t)status.st_size;
    if (!S_ISREG(status.st_mode) || !read_at(reader, riff, sizeof riff, 0) ||
        memcmp(riff + 8, "WAVE", 4) != 0 ||
        (memcmp(riff, "RIFF", 4) != 0 && memcmp(riff, "RF64", 4) != 0 &&
         memcmp(riff, "BW64", 4) != 0)) {
        return audyn_error_set(error, AUDYN_BAD_DATA, "this is no WAV file");
    }
    memcpy(reader->info->container, riff, 4);
    // Our recorder holds a lock for as long as it has the file open.
    reader->in_progress = audyn_file_is_locked(reader->fd);
    const audyn_status_t result = read_chunks(reader, error);
    if (!result) {
        conclude(reader);
    }
    return result;
}

audyn_status_t
audyn_wav_read_info(const char *path, audyn_wav_info_t *info, audyn_error_t *error)
{
    *info = (audyn_wav_info_t){.sample_rate = 0};
    struct reader reader = {
        .info = info,
        .ds64_data_bytes = AUDYN_WAV_SIZE_ELSEWHERE,
        // Not to wait for the writer of a FIFO.
        .fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC),
    };
    if (reader.fd < 0) {
        return audyn_error_set(error, audyn_status_from_errno(errno),
                               "%s cannot be read: %s", path, strerror(errno));
    }
    audyn_error_t reason = {.text = ""};
    const audyn_status_t status = read_open_file(&reader, &reason);
    close(reader.fd);
    return status ? audyn_error_set(error, status, "%s cannot be read: %.400s", path,
                                    reason.text)
                  : AUDYN_OK;
}
