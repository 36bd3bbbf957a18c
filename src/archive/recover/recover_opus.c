// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// An Ogg Opus file (RFC 3533, RFC 7845) ends with its last whole page, which says so.

#include "archive/recover/recover_file_private.h"

#include "sink/little_endian.h"

#include <ogg/ogg.h>
#include <opusfile.h>

#define CHUNK_BYTES 65536
// RFC 3533, section 6: a header, its lacing values, and as much as those can count.
#define FLAGS_AT 5
#define SUM_AT 22
#define SEGMENTS_AT 26
#define HEADER_BYTES 27
#define MOST_PAGE_BYTES (HEADER_BYTES + 255 + 255 * 255)
#define END_OF_STREAM 4
#define GRANULE_RATE 48000
#define HEADER_PACKETS 2

typedef struct {
    recover_file_t *file;
    ogg_sync_state pages;
    ogg_stream_state headers;
    int header_packets; // seen so far
    uint32_t pre_skip;  // at 48 kHz
    uint64_t read_bytes;
    uint64_t at; // of the next page
    int serial;
    long next_page;         // its number
    uint64_t last, end;     // the last whole page that ends with a packet
    uint64_t sample_frames; // up to there
    audyn_status_t status;
} opus_t;

static void
take_tags(recover_file_t *file, const ogg_packet *packet)
{
    OpusTags tags;
    if (opus_tags_parse(&tags, packet->packet, (size_t)packet->bytes)) {
        return;
    }
    static const char *const keys[] = {"DATE", "POSITION"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; ++i) {
        const char *value = opus_tags_query(&tags, keys[i], 0);
        if (value) {
            recover_comment(file, keys[i], value);
        }
    }
    opus_tags_clear(&tags);
}

static void
take_head(opus_t *opus, const ogg_packet *packet)
{
    OpusHead head;
    if (!opus_head_parse(&head, packet->packet, (size_t)packet->bytes)) {
        audyn_recovered_file_t *out = opus->file->out;
        out->sample_rate = head.input_sample_rate;
        out->channels = (uint32_t)head.channel_count;
        opus->pre_skip = head.pre_skip;
    }
}

static void
take_headers(opus_t *opus, ogg_page *page)
{
    ogg_packet packet;
    ogg_stream_pagein(&opus->headers, page);
    while (opus->header_packets < HEADER_PACKETS &&
           ogg_stream_packetout(&opus->headers, &packet) > 0) {
        if (opus->header_packets++) {
            take_tags(opus->file, &packet);
        } else {
            take_head(opus, &packet);
        }
    }
}

static uint64_t
samples_until(const opus_t *opus, uint64_t granule)
{
    const uint32_t rate = opus->file->out->sample_rate;
    return granule > opus->pre_skip ? (granule - opus->pre_skip) * rate / GRANULE_RATE
                                    : 0;
}

// False where it is none of this stream, or not the next one.
static bool
take_page(opus_t *opus, ogg_page *page)
{
    if (ogg_page_bos(page) && !opus->at) {
        opus->serial = ogg_page_serialno(page);
        ogg_stream_init(&opus->headers, opus->serial);
    }
    if (ogg_page_serialno(page) != opus->serial ||
        ogg_page_pageno(page) != opus->next_page) {
        return false;
    }
    const uint64_t here = opus->at;
    const unsigned char segments = page->header[SEGMENTS_AT];
    opus->at += (uint64_t)(page->header_len + page->body_len);
    ++opus->next_page;
    if (opus->header_packets < HEADER_PACKETS) {
        take_headers(opus, page);
    } else if (segments && page->header[HEADER_BYTES + segments - 1] < 255) {
        opus->last = here;
        opus->end = opus->at;
        opus->sample_frames = samples_until(opus, (uint64_t)ogg_page_granulepos(page));
    }
    return true;
}

// False at the end of the file.
static bool
read_more(opus_t *opus)
{
    char *buffer = ogg_sync_buffer(&opus->pages, CHUNK_BYTES);
    size_t got = 0;
    if (!buffer) {
        opus->status = audyn_error_set(opus->file->error, AUDYN_NO_MEMORY,
                                       "%s: no memory to repair it", opus->file->path);
        return false;
    }
    opus->status = recover_read(opus->file, buffer, CHUNK_BYTES, opus->read_bytes, &got);
    opus->read_bytes += got;
    ogg_sync_wrote(&opus->pages, (long)got);
    return got > 0;
}

static void
read_pages(opus_t *opus)
{
    ogg_page page;
    bool whole = true;
    while (whole) {
        const long bytes = ogg_sync_pageseek(&opus->pages, &page);
        whole = bytes > 0 ? take_page(opus, &page) : bytes == 0 && read_more(opus);
    }
}

static uint32_t
sum_with(ogg_page *page, bool ends)
{
    unsigned char *flags = &page->header[FLAGS_AT];
    *flags = (unsigned char)(ends ? *flags | END_OF_STREAM : *flags & ~END_OF_STREAM);
    ogg_page_checksum_set(page);
    return get_u32(page->header + SUM_AT);
}

// The page at an offset; false where the file has not all of it.
static bool
read_page(opus_t *opus, uint64_t offset, uint8_t bytes[MOST_PAGE_BYTES], ogg_page *page)
{
    size_t got;
    opus->status = recover_read(opus->file, bytes, MOST_PAGE_BYTES, offset, &got);
    if (opus->status || got < HEADER_BYTES || memcmp(bytes, "OggS", 4) != 0) {
        return false;
    }
    const size_t header_bytes = HEADER_BYTES + (size_t)bytes[SEGMENTS_AT];
    size_t body_bytes = 0;
    for (size_t i = HEADER_BYTES; i < header_bytes && i < got; ++i) {
        body_bytes += bytes[i];
    }
    *page = (ogg_page){.header = bytes,
                       .header_len = (long)header_bytes,
                       .body = bytes + header_bytes,
                       .body_len = (long)body_bytes};
    return header_bytes + body_bytes <= got;
}

// A repair that was killed may have left a page whose flag says that the stream ends, and
// whose sum does not know of it, or not all of its bytes, or the other way round.
static void
take_half_ended_page(opus_t *opus)
{
    uint8_t bytes[MOST_PAGE_BYTES];
    ogg_page page;
    if (opus->status || opus->header_packets < HEADER_PACKETS ||
        !read_page(opus, opus->at, bytes, &page)) {
        return;
    }
    const uint32_t sum = get_u32(bytes + SUM_AT);
    const uint32_t open = sum_with(&page, false);
    const uint32_t ended = sum_with(&page, true);
    bool whole = true;
    for (int shift = 0; shift < 32; shift += 8) {
        const uint8_t byte = (uint8_t)(sum >> shift);
        whole = whole &&
                (byte == (uint8_t)(open >> shift) || byte == (uint8_t)(ended >> shift));
    }
    if (whole) {
        take_page(opus, &page);
    }
}

static audyn_status_t
end_stream(opus_t *opus)
{
    uint8_t bytes[MOST_PAGE_BYTES];
    ogg_page page;
    recover_file_t *file = opus->file;
    if (!read_page(opus, opus->last, bytes, &page)) {
        return opus->status ? opus->status : recover_refuse(file, "it has changed");
    }
    const uint32_t sum = get_u32(bytes + SUM_AT);
    const bool ends = bytes[FLAGS_AT] & END_OF_STREAM;
    if (sum_with(&page, true) == sum && ends) {
        return AUDYN_OK;
    }
    return recover_write(file, bytes + FLAGS_AT, SEGMENTS_AT - FLAGS_AT,
                         opus->last + FLAGS_AT);
}

static audyn_status_t
repair(opus_t *opus)
{
    recover_file_t *file = opus->file;
    read_pages(opus);
    take_half_ended_page(opus);
    if (opus->status) {
        return opus->status;
    }
    if (opus->header_packets < HEADER_PACKETS || !file->out->sample_rate) {
        return recover_refuse(file, "this Opus file ends before its first sample");
    }
    const audyn_status_t ours = recover_check_origin(file);
    if (ours) {
        return ours;
    }
    file->out->sample_frames = opus->sample_frames;
    if (!opus->sample_frames) {
        return AUDYN_OK;
    }
    const audyn_status_t status = recover_end_at(file, opus->end);
    return status ? status : end_stream(opus);
}

audyn_status_t
recover_opus(recover_file_t *file)
{
    opus_t opus = {.file = file};
    ogg_sync_init(&opus.pages);
    const audyn_status_t status = repair(&opus);
    ogg_stream_clear(&opus.headers);
    ogg_sync_clear(&opus.pages);
    return status;
}
