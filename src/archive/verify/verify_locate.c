// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Where a file is damaged.  The CRCs of its blocks tell which ones are not as they were;
// the difference of a block's two CRCs tells the byte, where it is a single one, which is
// certain once the file with all such bytes put right has the SHA-256 of the sidecar.

#include "archive/audio_reader.h"
#include "archive/verify/byte_error.h"
#include "archive/verify/verify_private.h"
#include "sink/wav_reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_REPAIRS 64
#define COMPARED_SAMPLES 4096

typedef struct {
    const verify_damaged_t *damaged;
    uint64_t blocks;                          // that can be compared
    uint64_t wrong;                           // of those
    uint64_t first, last;                     // the wrong ones
    audyn_byte_error_t repairs[MOST_REPAIRS]; // counted from the file's first byte
    unsigned repair_count; // all wrong blocks are explained where as many as `wrong`
    bool repaired;         // and they make it what it was
    bool prefix_is_right;  // of a file that has grown: what was there once
} place_t;

static uint64_t
block_bytes(const audyn_entry_file_t *file, uint64_t block)
{
    const uint64_t begin = block * file->block_bytes;
    return file->bytes - begin < file->block_bytes ? file->bytes - begin
                                                   : file->block_bytes;
}

static void
note_block(place_t *place, uint64_t block, uint32_t is)
{
    const audyn_entry_file_t *file = place->damaged->file;
    audyn_byte_error_t error;
    place->first = place->wrong ? place->first : block;
    place->last = block;
    ++place->wrong;
    if (place->repair_count < MOST_REPAIRS &&
        audyn_byte_error_find(file->block_crc32[block], is, block_bytes(file, block),
                              &error)) {
        error.byte += block * file->block_bytes;
        place->repairs[place->repair_count++] = error;
    }
}

// Of blocks that are whole in the sidecar's file and in this one.
static void
compare_blocks(place_t *place)
{
    const audyn_entry_file_t *file = place->damaged->file;
    const audyn_file_sums_t *sums = place->damaged->sums;
    if (file->block_bytes != AUDYN_BLOCK_BYTES || !sums->crc32) {
        return;
    }
    for (uint64_t i = 0; i < file->block_count && i < sums->block_count; ++i) {
        const uint64_t end = i * file->block_bytes + block_bytes(file, i);
        const bool whole =
            sums->bytes >= end &&
            (sums->bytes == file->bytes || block_bytes(file, i) == file->block_bytes);
        place->blocks += whole;
        if (whole && sums->crc32[i] != file->block_crc32[i]) {
            note_block(place, i, sums->crc32[i]);
        }
    }
}

static void
put_right(const place_t *place, uint8_t *bytes, uint64_t begin, size_t size)
{
    for (unsigned i = 0; i < place->repair_count; ++i) {
        const audyn_byte_error_t *repair = &place->repairs[i];
        if (repair->byte >= begin && repair->byte < begin + size) {
            bytes[repair->byte - begin] ^= repair->flipped;
        }
    }
}

// Whether the first `file->bytes` bytes, put right, have the SHA-256 of the sidecar.
static bool
has_sum_put_right(const place_t *place)
{
    const verify_damaged_t *damaged = place->damaged;
    const audyn_file_pass_config_t config = {.path = damaged->full_path};
    audyn_file_pass_t *pass;
    audyn_checksum_t *checksum;
    if (audyn_file_pass_open(&pass, &config)) {
        return false;
    }
    if (audyn_checksum_create(&checksum)) {
        audyn_file_pass_close(pass);
        return false;
    }
    uint8_t bytes[65536];
    char sha256[AUDYN_SHA256_TEXT];
    uint64_t at = 0;
    size_t got = 1;
    while (at < damaged->file->bytes && got) {
        const uint64_t left = damaged->file->bytes - at;
        const size_t wanted = left < sizeof bytes ? (size_t)left : sizeof bytes;
        audyn_file_pass_read(pass, bytes, wanted, &got);
        put_right(place, bytes, at, got);
        audyn_checksum_add(checksum, bytes, got);
        at += got;
    }
    const bool same =
        audyn_checksum_end(checksum, sha256) && !strcmp(sha256, damaged->file->sha256);
    audyn_checksum_destroy(checksum);
    audyn_file_pass_close(pass);
    return same;
}

// The first sample frame that is not that of the other file.  False: all are, as far as
// both can be read.
static bool
find_frame(const verify_damaged_t *damaged, uint64_t *frame)
{
    audyn_audio_reader_t *a = NULL;
    audyn_audio_reader_t *b = NULL;
    bool found = false;
    bool going = damaged->other &&
                 !audyn_audio_reader_open(&a, damaged->full_path, NULL) &&
                 !audyn_audio_reader_open(&b, damaged->other, NULL);
    const uint32_t channels = damaged->entry->format.channels;
    const size_t some = COMPARED_SAMPLES / channels;
    going = going && some && audyn_audio_reader_format(a)->channels == channels &&
            audyn_audio_reader_format(b)->channels == channels;
    *frame = 0;
    while (going && !found) {
        float left[COMPARED_SAMPLES];
        float right[COMPARED_SAMPLES];
        size_t got_left = 0;
        size_t got_right = 0;
        const bool bad = audyn_audio_reader_read(a, left, some, &got_left, NULL);
        going = !audyn_audio_reader_read(b, right, some, &got_right, NULL) && got_right;
        const size_t both = got_left < got_right ? got_left : got_right;
        size_t i = 0;
        while (i < both * channels && left[i] == right[i]) {
            ++i;
        }
        *frame += i / channels;
        found = going && (bad || i < got_right * channels);
    }
    audyn_audio_reader_close(a);
    audyn_audio_reader_close(b);
    return found;
}

// In a WAV file a byte is a sample's; else another format of the segment tells.
static void
find_sample(const place_t *place, audyn_verify_finding_t *finding)
{
    const verify_damaged_t *damaged = place->damaged;
    audyn_wav_info_t info;
    uint64_t frame = 0;
    bool found = false;
    if (!strcmp(damaged->file->format, "wav") && place->repaired &&
        !audyn_wav_read_info(damaged->full_path, &info, NULL) &&
        finding->byte >= info.data_offset) {
        frame = (finding->byte - info.data_offset) / info.frame_bytes;
        found = frame < damaged->entry->segment.sample_frames;
    }
    if (found || find_frame(damaged, &frame)) {
        finding->has_position = true;
        finding->position = damaged->entry->segment.first.position + frame;
        finding->sample_frames = 1;
    }
}

static const char *
owner_of(const verify_t *verify, const char *sha256, const char *path)
{
    for (size_t i = 0; i < verify->files.count; ++i) {
        const verify_file_t *file = verify_file_at(verify, i);
        if (!strcmp(file->sha256, sha256) && strcmp(file->path, path) != 0) {
            return file->path;
        }
    }
    return NULL;
}

static void
describe_blocks(const place_t *place, audyn_verify_finding_t *finding, char *text,
                size_t room)
{
    const audyn_entry_file_t *file = place->damaged->file;
    finding->has_bytes = true;
    if (place->repaired) {
        finding->byte = place->repairs[0].byte;
        finding->flipped = place->repairs[0].flipped;
        finding->end_byte = place->repairs[place->repair_count - 1].byte + 1;
        snprintf(text, room,
                 place->repair_count == 1
                     ? "byte %" PRIu64 " is damaged (flipped bits: 0x%02x), and no other"
                     : "byte %" PRIu64 " is damaged (flipped bits: 0x%02x), and %u more",
                 finding->byte, finding->flipped, place->repair_count - 1);
        return;
    }
    finding->byte = place->first * file->block_bytes;
    finding->end_byte = place->last * file->block_bytes + block_bytes(file, place->last);
    snprintf(text, room,
             "%" PRIu64 " of %zu blocks are damaged, the first one from byte %" PRIu64
             " to %" PRIu64,
             place->wrong, file->block_count, finding->byte,
             finding->byte + block_bytes(file, place->first) - 1);
}

static void
describe_length(const place_t *place, audyn_verify_finding_t *finding, char *text,
                size_t room)
{
    const verify_damaged_t *damaged = place->damaged;
    const uint64_t is = damaged->sums->bytes;
    const uint64_t was = damaged->file->bytes;
    finding->has_bytes = true;
    finding->byte = is < was ? is : was;
    finding->end_byte = is < was ? was : is;
    if (is < was) {
        finding->kind = "truncated";
        snprintf(text, room,
                 "it ends with %" PRIu64 " of %" PRIu64
                 " bytes: the first that is missing "
                 "is byte %" PRIu64,
                 is, was, is);
    } else {
        finding->kind = "grown";
        snprintf(text, room,
                 "%" PRIu64 " bytes were added at its end, from byte %" PRIu64 " on%s",
                 is - was, was,
                 place->prefix_is_right ? "; those before are as they were" : "");
    }
}

static void
describe(const verify_t *verify, const place_t *place, audyn_verify_finding_t *finding,
         char *text, size_t room)
{
    const verify_damaged_t *damaged = place->damaged;
    const char *owner = owner_of(verify, damaged->sums->sha256, damaged->path);
    char blocks[256] = "";
    if (owner) {
        finding->kind = "swapped";
        snprintf(text, room, "it holds what belongs into %s", owner);
    } else if (damaged->sums->bytes != damaged->file->bytes) {
        if (place->wrong) {
            describe_blocks(place, finding, blocks, sizeof blocks);
        }
        const audyn_verify_finding_t first = *finding;
        describe_length(place, finding, text, room);
        if (place->wrong) {
            finding->byte = first.byte;
            const size_t used = strlen(text);
            snprintf(text + used, room - used, "; before that %s", blocks);
        }
    } else if (place->wrong) {
        describe_blocks(place, finding, text, room);
    } else {
        finding->has_bytes = true;
        finding->end_byte = damaged->file->bytes;
        snprintf(text, room, "its SHA-256 is another one, and no block tells where");
    }
}

void
verify_locate(verify_t *verify, const verify_damaged_t *damaged)
{
    place_t place = {.damaged = damaged};
    audyn_verify_finding_t finding = {.damage = true,
                                      .kind = "damaged",
                                      .path = damaged->path,
                                      .stream = damaged->stream};
    compare_blocks(&place);
    const bool explained = place.repair_count == place.wrong;
    if (damaged->sums->bytes >= damaged->file->bytes && explained) {
        const bool right = has_sum_put_right(&place);
        place.repaired = right && place.wrong;
        place.prefix_is_right = right && !place.wrong;
    }
    char text[512];
    describe(verify, &place, &finding, text, sizeof text);
    if (strcmp(finding.kind, "swapped") != 0) {
        find_sample(&place, &finding);
    }
    char sample[128] = "";
    if (finding.has_position) {
        const audyn_moment_t moment = audyn_entry_moment(
            &verify->leap_seconds, &damaged->entry->format, finding.position);
        snprintf(sample, sizeof sample, "; the first wrong sample is %" PRIu64 " (%s)",
                 finding.position, moment.utc);
    }
    verify_tell(verify, &finding, "%s%s%s%s", text, sample,
                *damaged->fault ? "; decoding stops: " : "", damaged->fault);
}
