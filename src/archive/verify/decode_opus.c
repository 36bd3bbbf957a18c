// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Ogg Opus (RFC 3533, RFC 7845), by libogg and libopus: each page's CRC and place in the
// order, and each packet.  libopusfile refuses the discrete channels of mapping family
// 255.

#include "archive/verify/decode_private.h"
#include "sink/little_endian.h"

#include <inttypes.h>
#include <ogg/ogg.h>
#include <opus_multistream.h>
#include <stdlib.h>
#include <string.h>

#define DECODED_RATE 48000
#define MOST_CHANNELS 8  // that libopusenc writes
#define MOST_FRAMES 5760 // 120 ms: RFC 6716, section 2.1.4
#define READ_BYTES 65536

// RFC 7845, section 5.1.
enum {
    CHANNELS_AT = 9,
    PRE_SKIP_AT = 10,
    FAMILY_AT = 18,
    STREAMS_AT = 19,
    COUPLED_AT = 20,
    MAPPING_AT = 21,
    HEAD_BYTES = 19,
};

typedef struct {
    audyn_decoded_t *decoded;
    ogg_sync_state sync;
    ogg_stream_state stream;
    bool begun, ended;
    uint64_t packets, pages;
    uint64_t offset; // in the file, of what follows the last page
    uint32_t pre_skip;
    int64_t granule;
    uint64_t frames; // decoded, those of the pre-skip included
    OpusMSDecoder *decoder;
    opus_int16 samples[MOST_FRAMES * MOST_CHANNELS];
    audyn_status_t status;
} opus_check_t;

static bool
fault(opus_check_t *check, const char *what)
{
    audyn_decoded_fault(check->decoded,
                        "%s, in its page %" PRIu64 ", which begins at byte %" PRIu64,
                        what, check->pages, check->offset);
    return false;
}

static bool
begin_decoder(opus_check_t *check, const ogg_packet *packet)
{
    static const unsigned char plain[] = {0, 1};
    const unsigned char *head = packet->packet;
    if (packet->bytes < HEAD_BYTES || memcmp(head, "OpusHead", 8) != 0 || head[8] >> 4) {
        return fault(check, "it does not begin as an Opus file does");
    }
    const int channels = head[CHANNELS_AT];
    const bool has_table = head[FAMILY_AT] != 0;
    if (!channels || channels > MOST_CHANNELS ||
        (has_table ? packet->bytes < MAPPING_AT + channels : channels > 2)) {
        return fault(check, "its header makes no sense");
    }
    check->pre_skip = get_u16(head + PRE_SKIP_AT);
    check->decoded->sample_rate = DECODED_RATE;
    check->decoded->channels = (uint32_t)channels;
    int error = OPUS_OK;
    check->decoder = opus_multistream_decoder_create(
        DECODED_RATE, channels, has_table ? head[STREAMS_AT] : 1,
        has_table ? head[COUPLED_AT] : channels - 1,
        has_table ? head + MAPPING_AT : plain, &error);
    if (error == OPUS_ALLOC_FAIL) {
        check->status = AUDYN_NO_MEMORY;
        return false;
    }
    return check->decoder ? true : fault(check, "its header makes no sense");
}

static bool
take_packet(opus_check_t *check, const ogg_packet *packet)
{
    ++check->packets;
    if (check->packets == 1) {
        return begin_decoder(check, packet);
    }
    if (check->packets == 2) {
        return packet->bytes >= 8 && !memcmp(packet->packet, "OpusTags", 8)
                   ? true
                   : fault(check, "its comments are not where they should be");
    }
    const int frames =
        opus_multistream_decode(check->decoder, packet->packet, (opus_int32)packet->bytes,
                                check->samples, MOST_FRAMES, 0);
    check->frames += frames > 0 ? (uint64_t)frames : 0;
    return frames > 0 ? true : fault(check, "a packet cannot be decoded");
}

static bool
take_page(opus_check_t *check, ogg_page *page)
{
    const int serial = ogg_page_serialno(page);
    if (!check->begun) {
        ogg_stream_init(&check->stream, serial);
        check->begun = true;
    }
    if (check->ended || serial != check->stream.serialno ||
        ogg_page_pageno(page) != (long)check->pages ||
        ogg_stream_pagein(&check->stream, page)) {
        return fault(check, "a page is not the one that should follow");
    }
    ogg_packet packet;
    int got;
    while ((got = ogg_stream_packetout(&check->stream, &packet)) != 0) {
        if (got < 0 || !take_packet(check, &packet)) {
            return got < 0 ? fault(check, "a packet is incomplete") : false;
        }
    }
    check->granule =
        ogg_page_granulepos(page) >= 0 ? ogg_page_granulepos(page) : check->granule;
    check->ended = ogg_page_eos(page);
    check->offset += (uint64_t)(page->header_len + page->body_len);
    ++check->pages;
    return true;
}

// All whole pages that are there so far.
static bool
take_pages(opus_check_t *check)
{
    ogg_page page;
    long got;
    while ((got = ogg_sync_pageseek(&check->sync, &page)) > 0) {
        if (!take_page(check, &page)) {
            return false;
        }
    }
    return got == 0
               ? true
               : fault(check, "what is there is no whole page, or not as its CRC says");
}

// What a player plays: RFC 7845, section 4.
static void
count_frames(opus_check_t *check)
{
    const uint64_t until = check->granule > 0 ? (uint64_t)check->granule : 0;
    const uint64_t whole = until < check->frames ? until : check->frames;
    check->decoded->sample_frames = whole > check->pre_skip ? whole - check->pre_skip : 0;
    check->decoded->unfinished = !check->ended;
    if (!*check->decoded->fault && until > check->frames) {
        fault(check, "fewer samples came out than it says");
    }
    if (!*check->decoded->fault && check->sync.fill != check->sync.returned) {
        fault(check, "it ends within a page");
    }
}

static audyn_status_t
decode(opus_check_t *check, audyn_file_pass_t *pass)
{
    size_t got = 1;
    bool going = true;
    while (going && got) {
        char *buffer = ogg_sync_buffer(&check->sync, READ_BYTES);
        if (!buffer) {
            return AUDYN_NO_MEMORY;
        }
        const audyn_status_t status =
            audyn_file_pass_read(pass, buffer, READ_BYTES, &got);
        if (status) {
            return status;
        }
        ogg_sync_wrote(&check->sync, (long)got);
        going = take_pages(check);
    }
    if (check->packets < 2) {
        fault(check, "it is no Opus file");
    }
    count_frames(check);
    return check->status;
}

audyn_status_t
audyn_decode_opus(audyn_file_pass_t *pass, audyn_decoded_t *decoded,
                  audyn_checksum_t *samples)
{
    (void)samples;
    opus_check_t *check = calloc(1, sizeof *check);
    if (!check) {
        return AUDYN_NO_MEMORY;
    }
    check->decoded = decoded;
    ogg_sync_init(&check->sync);
    const audyn_status_t status = decode(check, pass);
    ogg_sync_clear(&check->sync);
    if (check->begun) {
        ogg_stream_clear(&check->stream);
    }
    if (check->decoder) {
        opus_multistream_decoder_destroy(check->decoder);
    }
    free(check);
    return status;
}
