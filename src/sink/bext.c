// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "sink/bext.h"

#include "sink/little_endian.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECONDS_PER_DAY 86400
#define TAI_MINUS_UTC_SINCE_2017 37
#define LOUDNESS_UNSET 0x7FFF

// Country (unspecified), organisation and serial number of an EBU R 99 reference.
#define R99_PREFIX                                                                       \
    "ZZ"                                                                                 \
    "AUD"                                                                                \
    "AUDYN0000000"

static void
copy_ascii(char *out, size_t capacity, const char *in)
{
    size_t length = 0;
    for (; *in && length + 1 < capacity; ++in) {
        const unsigned char c = (unsigned char)*in;
        if ((c & 0xC0) == 0x80) {
            continue; // the rest of a UTF-8 character that has become one "?"
        }
        out[length++] = c >= 0x80 ? '?' : c < ' ' || c == 0x7F ? ' ' : (char)c;
    }
    out[length] = '\0';
}

static const char *
mode_name(uint32_t channels)
{
    return channels == 1 ? "mono" : channels == 2 ? "stereo" : "multichannel";
}

// EBU R 98: the comma separates parameters, so that the free text must not have one.
static void
write_coding_history(audyn_bext_t *bext, const audyn_sink_config_t *config)
{
    char source[AUDYN_BEXT_HISTORY_BYTES - 128];
    copy_ascii(source, sizeof source, config->source ? config->source : "");
    for (char *comma = source; (comma = strchr(comma, ','));) {
        *comma = ';';
    }
    snprintf(bext->coding_history, sizeof bext->coding_history,
             "A=PCM,F=%u,W=%u,M=%s,T=Audyn%s%s%s\r\n", config->sample_rate,
             8 * audyn_encoding_bytes(config->encoding), mode_name(config->channels),
             config->encoding == AUDYN_FLOAT32 ? "; float" : "", *source ? "; " : "",
             source);
}

void
audyn_bext_init(audyn_bext_t *bext, const audyn_sink_config_t *config)
{
    *bext = (audyn_bext_t){.version = 2};
    copy_ascii(bext->originator, sizeof bext->originator,
               config->station ? config->station : "Audyn");
    copy_ascii(bext->description, sizeof bext->description,
               config->description ? config->description : "");
    write_coding_history(bext, config);
}

// FNV-1a: nine digits in the place of R 99's random number.
static unsigned
reference_number(const audyn_bext_t *bext, uint64_t position)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (const char *c = bext->coding_history; *c; ++c) {
        hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001B3);
    }
    for (int shift = 0; shift < 64; shift += 8) {
        hash = (hash ^ (position >> shift & 0xFF)) * UINT64_C(0x100000001B3);
    }
    return (unsigned)(hash % 1000000000);
}

void
audyn_bext_set_start(audyn_bext_t *bext, uint32_t sample_rate, uint64_t position,
                     int64_t tai_offset_s)
{
    // utc = tai − offset in whole seconds leaves the sample within its second alone.
    time_t utc_s;
    struct tm utc;
    if (__builtin_sub_overflow(position / sample_rate, tai_offset_s, &utc_s) ||
        !gmtime_r(&utc_s, &utc) || utc.tm_year < -1900 || utc.tm_year > 9999 - 1900) {
        return;
    }
    const unsigned hour = (unsigned)utc.tm_hour % 24;
    const unsigned minute = (unsigned)utc.tm_min % 60;
    const unsigned second = (unsigned)utc.tm_sec % 60;
    snprintf(bext->origination_date, sizeof bext->origination_date, "%04u-%02u-%02u",
             (unsigned)(utc.tm_year + 1900) % 10000, (unsigned)(utc.tm_mon + 1) % 100,
             (unsigned)utc.tm_mday % 100);
    snprintf(bext->origination_time, sizeof bext->origination_time, "%02u:%02u:%02u",
             hour, minute, second);
    snprintf(bext->originator_reference, sizeof bext->originator_reference,
             R99_PREFIX "%02u%02u%02u%09u", hour, minute, second,
             reference_number(bext, position) % 1000000000);
    bext->time_reference = (uint64_t)(hour * 3600 + minute * 60 + second) * sample_rate +
                           position % sample_rate;
}

// Padded within the chunk: libsndfile loses its way behind an odd one in RF64 files.
static size_t
history_bytes(const audyn_bext_t *bext)
{
    const size_t length = strlen(bext->coding_history);
    return length + (length & 1);
}

uint32_t
audyn_bext_bytes(const audyn_bext_t *bext)
{
    return (uint32_t)(AUDYN_BEXT_FIXED_BYTES + history_bytes(bext));
}

// Fields are filled up with zeros; a full one has no NUL at its end.
static uint8_t *
put_text(uint8_t *at, size_t size, const char *text)
{
    const size_t length = strlen(text);
    memset(at, 0, size);
    memcpy(at, text, length < size ? length : size);
    return at + size;
}

static const uint8_t *
get_text(char *text, const uint8_t *at, size_t size)
{
    memcpy(text, at, size);
    text[size] = '\0';
    return at + size;
}

uint8_t *
audyn_bext_encode(uint8_t *at, const audyn_bext_t *bext)
{
    at = put_text(at, 256, bext->description);
    at = put_text(at, 32, bext->originator);
    at = put_text(at, 32, bext->originator_reference);
    at = put_text(at, 10, bext->origination_date);
    at = put_text(at, 8, bext->origination_time);
    at = put_u64(at, bext->time_reference);
    at = put_u16(at, bext->version);
    at = put_text(at, 64, ""); // UMID: none
    for (int i = 0; i < 5; ++i) {
        at = put_u16(at, LOUDNESS_UNSET);
    }
    at = put_text(at, 180, ""); // reserved
    return put_text(at, history_bytes(bext), bext->coding_history);
}

bool
audyn_bext_decode(audyn_bext_t *bext, const uint8_t *bytes, size_t size)
{
    *bext = (audyn_bext_t){.version = 0};
    if (size < AUDYN_BEXT_FIXED_BYTES) {
        return false;
    }
    const size_t history = size - AUDYN_BEXT_FIXED_BYTES;
    const uint8_t *at = bytes;
    at = get_text(bext->description, at, 256);
    at = get_text(bext->originator, at, 32);
    at = get_text(bext->originator_reference, at, 32);
    at = get_text(bext->origination_date, at, 10);
    at = get_text(bext->origination_time, at, 8);
    bext->time_reference = get_u64(at);
    bext->version = get_u16(at + 8);
    get_text(bext->coding_history, bytes + AUDYN_BEXT_FIXED_BYTES,
             history < AUDYN_BEXT_HISTORY_BYTES ? history : AUDYN_BEXT_HISTORY_BYTES);
    return true;
}

// EBU Tech 3285 allows several separators between the numbers.
static bool
parse_date(const char *text, struct tm *date)
{
    unsigned year, month, day;
    if (sscanf(text, "%4u%*1[-_:. ]%2u%*1[-_:. ]%2u", &year, &month, &day) != 3 ||
        month < 1 || month > 12 || day < 1 || day > 31) {
        return false;
    }
    *date = (struct tm){
        .tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day};
    return true;
}

bool
audyn_bext_position(const audyn_bext_t *bext, uint32_t sample_rate, uint64_t *position)
{
    struct tm date;
    if (!parse_date(bext->origination_date, &date) || date.tm_year < 2017 - 1900 ||
        bext->time_reference >= (uint64_t)SECONDS_PER_DAY * sample_rate) {
        return false;
    }
    const uint64_t midnight_s = (uint64_t)timegm(&date) + TAI_MINUS_UTC_SINCE_2017;
    *position = midnight_s * sample_rate + bext->time_reference;
    return true;
}
