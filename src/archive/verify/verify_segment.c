// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The files of one segment: sums and samples, in one pass over each.

#include "archive/verify/decode_check.h"
#include "archive/verify/verify_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPUS_RATE 48000U

typedef struct {
    char full_path[PATH_MAX];
    const verify_file_t *file;
    const audyn_entry_file_t *said;
    audyn_status_t status; // of reading it
    audyn_file_sums_t sums;
    audyn_decoded_t decoded;
    bool read, is_decoded, intact;
} checked_t;

static bool
is_same_encoding(const audyn_entry_t *entry, const audyn_decoded_t *decoded)
{
    static const char *const names[] = {
        [AUDYN_PCM16] = "s16le", [AUDYN_PCM24] = "s24le", [AUDYN_FLOAT32] = "f32le"};
    return decoded->lossless &&
           !strcmp(entry->segment.audio_encoding, names[decoded->encoding]);
}

// Of Opus the length is told at 48 kHz, to the nearest sample.
static bool
is_as_long(const audyn_entry_t *entry, const checked_t *checked)
{
    const uint64_t wanted = checked->said->partial ? checked->said->sample_frames
                                                   : entry->segment.sample_frames;
    const audyn_decoded_t *decoded = &checked->decoded;
    if (decoded->lossless) {
        return decoded->sample_frames == wanted;
    }
    const double at_48k = (double)wanted * OPUS_RATE / entry->format.sample_rate;
    const double off = (double)decoded->sample_frames - at_48k;
    return checked->said->partial || (off < 2.0 && off > -2.0);
}

// What is wrong with the samples of a file whose bytes are right; empty: nothing.
static void
judge_samples(const audyn_entry_t *entry, const checked_t *checked, char *text,
              size_t room)
{
    const audyn_decoded_t *decoded = &checked->decoded;
    const bool partial = checked->said->partial;
    *text = '\0';
    if (*decoded->fault && !partial) {
        snprintf(text, room, "%s", decoded->fault);
    } else if (decoded->unfinished && !partial) {
        snprintf(text, room, "its header does not tell its length");
    } else if (decoded->channels != entry->format.channels ||
               (decoded->lossless && decoded->sample_rate != entry->format.sample_rate)) {
        snprintf(text, room, "it has %u channels at %u Hz, not %u at %u",
                 decoded->channels, decoded->sample_rate, entry->format.channels,
                 entry->format.sample_rate);
    } else if (!is_as_long(entry, checked)) {
        snprintf(text, room, "it has %" PRIu64 " sample frames, not %" PRIu64,
                 decoded->sample_frames,
                 partial ? checked->said->sample_frames : entry->segment.sample_frames);
    } else if (!partial && is_same_encoding(entry, decoded) &&
               *entry->segment.audio_sha256 &&
               strcmp(decoded->samples_sha256, entry->segment.audio_sha256) != 0) {
        snprintf(text, room, "its samples are not those of the sidecar's \"audio\"");
    }
}

static void
read_file(verify_t *verify, checked_t *checked)
{
    const audyn_file_pass_config_t config = {.path = checked->full_path,
                                             .wants_blocks = checked->said->block_count,
                                             .done = &verify->done_bytes};
    audyn_file_pass_t *pass;
    checked->status = audyn_file_pass_open(&pass, &config);
    if (checked->status) {
        return;
    }
    checked->read = true;
    checked->is_decoded =
        verify->config->decode && audyn_decode_check_knows(checked->said->format);
    if (checked->is_decoded) {
        checked->status =
            audyn_decode_check(pass, checked->said->format, &checked->decoded);
    }
    const audyn_status_t ended = audyn_file_pass_end(pass, &checked->sums);
    checked->status = checked->status ? checked->status : ended;
    audyn_file_pass_close(pass);
}

static audyn_verify_finding_t
finding_of(const verify_t *verify, const checked_t *checked, const char *kind)
{
    return (audyn_verify_finding_t){
        .damage = true,
        .kind = kind,
        .path = checked->file->path,
        .stream = verify_stream_at(verify,
                                   verify_entry_at(verify, checked->file->entry)->stream)
                      ->name,
    };
}

static bool
has_right_bytes(const checked_t *checked)
{
    const audyn_entry_file_t *said = checked->said;
    return checked->sums.bytes == said->bytes &&
           (!*said->sha256 || !strcmp(checked->sums.sha256, said->sha256));
}

static void
check_file(verify_t *verify, const audyn_entry_t *entry, checked_t *checked)
{
    read_file(verify, checked);
    if (checked->status == AUDYN_NO_MEMORY ||
        (checked->status == AUDYN_NOT_FOUND &&
         verify_is_newly_deleted(verify, checked->file))) {
        return;
    }
    if (checked->status) {
        audyn_verify_finding_t finding = finding_of(verify, checked, "unreadable");
        finding.has_bytes = checked->read;
        finding.byte = checked->sums.bytes;
        finding.end_byte = checked->said->bytes;
        verify_tell(verify, &finding, "it cannot be read from byte %" PRIu64 " on: %s",
                    finding.byte, audyn_strerror(checked->status));
        return;
    }
    char wrong[256] = "";
    checked->intact = has_right_bytes(checked);
    if (checked->intact && checked->is_decoded) {
        judge_samples(entry, checked, wrong, sizeof wrong);
    }
    if (*wrong) {
        checked->intact = false;
        audyn_verify_finding_t finding = finding_of(verify, checked, "samples");
        verify_tell(verify, &finding,
                    "it is the file of the sidecar, but not the samples: %s", wrong);
    }
    if (checked->said->partial) {
        audyn_verify_finding_t finding = finding_of(verify, checked, "partial");
        finding.damage = false;
        verify_tell(verify, &finding,
                    "it has only %" PRIu64 " of %" PRIu64 " sample frames: %s",
                    checked->said->sample_frames, entry->segment.sample_frames,
                    checked->said->error);
    }
}

static bool
is_lossless(const checked_t *checked)
{
    return strcmp(checked->said->format, "opus") != 0;
}

// A file whose samples are the same, and that is intact.
static const char *
find_other(const checked_t *files, unsigned count, const checked_t *damaged)
{
    for (unsigned i = 0; i < count && is_lossless(damaged); ++i) {
        if (files[i].intact && is_lossless(&files[i]) && !files[i].said->partial &&
            !strcmp(files[i].said->encoding, damaged->said->encoding)) {
            return files[i].full_path;
        }
    }
    return NULL;
}

static void
locate_all(verify_t *verify, const audyn_entry_t *entry, const checked_t *files,
           unsigned count)
{
    for (unsigned i = 0; i < count; ++i) {
        const checked_t *checked = &files[i];
        if (checked->read && !checked->status && !has_right_bytes(checked)) {
            const verify_damaged_t damaged = {
                .path = checked->file->path,
                .full_path = checked->full_path,
                .stream = finding_of(verify, checked, "").stream,
                .entry = entry,
                .file = checked->said,
                .sums = &checked->sums,
                .fault = checked->decoded.fault,
                .other = find_other(files, count, checked),
            };
            verify_locate(verify, &damaged);
        }
    }
}

// The sidecar may have changed since it was taken up: then it is not the one that its
// chain has proven.
static audyn_status_t
read_entry(verify_t *verify, const verify_entry_t *known, audyn_entry_t *entry)
{
    char path[PATH_MAX];
    char sha256[AUDYN_SHA256_TEXT];
    audyn_error_t error = {""};
    if (!verify_path(verify, known->path, path, sizeof path)) {
        return AUDYN_TOO_LARGE;
    }
    const audyn_status_t status = audyn_entry_read(entry, path, sha256, &error);
    const bool same = !status && !strcmp(sha256, known->sha256);
    if (!same && status != AUDYN_NO_MEMORY) {
        audyn_verify_finding_t finding = {
            .damage = true, .kind = "entry", .path = known->path};
        verify_tell(verify, &finding, "it has changed while it was verified");
        return AUDYN_BAD_DATA;
    }
    return status;
}

audyn_status_t
verify_segment(verify_t *verify, size_t number)
{
    const verify_entry_t *known = verify_entry_at(verify, number);
    audyn_entry_t entry;
    const audyn_status_t status = read_entry(verify, known, &entry);
    checked_t *files = calloc(AUDYN_ENTRY_FILES, sizeof *files);
    if (status || !files) {
        free(files);
        audyn_entry_finish(&entry);
        return status == AUDYN_BAD_DATA ? AUDYN_OK : AUDYN_NO_MEMORY;
    }
    unsigned count = 0;
    audyn_status_t result = AUDYN_OK;
    for (unsigned i = 0; i < entry.segment.file_count; ++i) {
        checked_t *checked = &files[count];
        const verify_file_t *file = verify_file_at(verify, known->first_file + i);
        if (file->deleted || !verify_find(verify, file->path)) {
            continue;
        }
        checked->file = file;
        checked->said = &entry.segment.files[i];
        if (verify_path(verify, file->path, checked->full_path,
                        sizeof checked->full_path)) {
            check_file(verify, &entry, checked);
            result = checked->status == AUDYN_NO_MEMORY ? AUDYN_NO_MEMORY : result;
            ++count;
        }
    }
    locate_all(verify, &entry, files, count);
    for (unsigned i = 0; i < count; ++i) {
        free(files[i].sums.crc32);
    }
    free(files);
    audyn_entry_finish(&entry);
    return result;
}
