// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "net/sdp_parse.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 1024
#define GROUPS 8
#define FILTERS 16

// Of packets to one destination, or to any, those of this source are wanted.
struct filter {
    struct in_addr destination; // INADDR_ANY: any
    struct in_addr source;
};

// One line at a time, copied and cut in place; what a section does not say, the session
// may have said before its first `m=`.
struct parser {
    audyn_sdp_session_t *session;
    audyn_sdp_media_t defaults; // of the session
    audyn_sdp_media_t media;    // the section being read
    bool in_media;              // `media` is one that is wanted
    bool in_section;            // behind the first `m=`
    bool has_format;
    char groups[GROUPS][LINE_BYTES]; // `a=group:DUP`
    unsigned group_count;
    struct filter filters[FILTERS]; // the session's first, then those of the section
    unsigned filter_count, session_filters;
    bool has_ptp; // this part, session or section, has named a PTP clock
    unsigned line;
    const char *problem; // a sentence's end, or NULL
};

static void
copy_text(char out[AUDYN_SDP_TEXT], const char *text)
{
    const size_t length = strnlen(text, AUDYN_SDP_TEXT - 1);
    memcpy(out, text, length);
    out[length] = '\0';
}

// The text behind a prefix; NULL where it does not begin so.
static const char *
after(const char *text, const char *prefix)
{
    const size_t length = strlen(prefix);
    return strncmp(text, prefix, length) ? NULL : text + length;
}

static bool
parse_unsigned(const char *text, uint64_t most, uint64_t *value, const char **end)
{
    if (!isdigit((unsigned char)*text)) {
        return false;
    }
    char *stop;
    const unsigned long long number = strtoull(text, &stop, 10);
    *end = stop;
    *value = number;
    return number <= most && number != ULLONG_MAX;
}

// "o=<username> <sess-id> <sess-version> <nettype> <addrtype> <address>"
static void
parse_origin(struct parser *parser, char *value)
{
    char *save;
    const char *fields[6];
    for (unsigned i = 0; i < 6; ++i) {
        fields[i] = strtok_r(i ? NULL : value, " ", &save);
        if (!fields[i]) {
            parser->problem = "o= needs six fields";
            return;
        }
    }
    const char *end;
    if (!parse_unsigned(fields[2], UINT64_MAX - 1, &parser->session->version, &end)) {
        parser->problem = "the version in o= is not a number";
        return;
    }
    snprintf(parser->session->origin, AUDYN_SDP_TEXT, "%.30s %.24s %.38s", fields[0],
             fields[1], fields[5]);
}

// "c=IN IP4 239.69.1.1/32", the TTL and a count of addresses left out
static void
parse_connection(struct parser *parser, char *value)
{
    const char *address = after(value, "IN IP4 ");
    if (!address) {
        return; // IPv6: a section without an IPv4 address is left out
    }
    char *slash = strchr(value, '/');
    if (slash) {
        *slash = '\0';
    }
    audyn_sdp_media_t *media = parser->in_section ? &parser->media : &parser->defaults;
    if (inet_pton(AF_INET, address, &media->destination.address) != 1) {
        parser->problem = "c= has no IPv4 address";
    }
}

// "m=audio 5004 RTP/AVP 98 …": the first payload type counts
static void
parse_media(struct parser *parser, const char *value)
{
    if (!parser->in_section) {
        parser->session_filters = parser->filter_count;
    }
    parser->in_section = true;
    parser->filter_count = parser->session_filters;
    parser->has_ptp = false;
    parser->has_format = false;
    parser->media = parser->defaults;
    const char *rest = after(value, "audio ");
    parser->in_media = rest != NULL;
    if (!rest) {
        return;
    }
    uint64_t port;
    uint64_t payload_type;
    if (!parse_unsigned(rest, UINT16_MAX, &port, &rest)) {
        parser->problem = "m= has no port";
        return;
    }
    rest += *rest == '/' ? strcspn(rest, " ") : 0;
    rest = after(rest, " RTP/AVP ");
    if (!rest || !port || !parse_unsigned(rest, 127, &payload_type, &rest)) {
        parser->in_media = false; // another transport, or a stream that is switched off
        return;
    }
    parser->media.destination.port = (uint16_t)port;
    parser->media.payload_type = (uint8_t)payload_type;
    // RFC 3551, table 4: the static ones need no rtpmap.
    if (payload_type == 10 || payload_type == 11) {
        parser->media.format =
            (audyn_rtp_format_t){16, 44100, payload_type == 10 ? 2 : 1};
        parser->has_format = true;
    }
}

static void
parse_rtpmap(struct parser *parser, const char *value)
{
    uint64_t payload_type;
    if (!parse_unsigned(value, 127, &payload_type, &value) || *value++ != ' ') {
        parser->problem = "rtpmap has no payload type";
    } else if (payload_type == parser->media.payload_type) {
        parser->has_format = audyn_rtp_parse_format(&parser->media.format, value);
    }
}

// "fmtp:98 channel-order=SMPTE2110.(ST); …"
static void
parse_fmtp(audyn_sdp_media_t *media, const char *value)
{
    const char *order = strstr(value, "channel-order=");
    if (order) {
        order += strlen("channel-order=");
        snprintf(media->channel_order, AUDYN_SDP_TEXT, "%.*s", (int)strcspn(order, "; "),
                 order);
    }
}

// "source-filter: incl IN IP4 <destination> <source> …" (RFC 4570).  Names and IPv6
// filter nothing.
static void
parse_source_filter(struct parser *parser, char *value)
{
    char *save;
    const char *fields[5];
    for (unsigned i = 0; i < 5; ++i) {
        fields[i] = strtok_r(i ? NULL : value, " ", &save);
        if (!fields[i]) {
            parser->problem = "source-filter names no source";
            return;
        }
    }
    struct filter filter = {.destination.s_addr = INADDR_ANY};
    const bool any = !strcmp(fields[3], "*");
    if (!strcmp(fields[0], "incl") && parser->filter_count < FILTERS &&
        (any || inet_pton(AF_INET, fields[3], &filter.destination) == 1) &&
        inet_pton(AF_INET, fields[4], &filter.source) == 1) {
        parser->filters[parser->filter_count++] = filter;
    }
}

// The last one counts, so that a section's own go before the session's.
static void
apply_filters(const struct parser *parser, audyn_sdp_media_t *media)
{
    for (unsigned i = 0; i < parser->filter_count; ++i) {
        const in_addr_t destination = parser->filters[i].destination.s_addr;
        if (destination == INADDR_ANY ||
            destination == media->destination.address.s_addr) {
            media->source = parser->filters[i].source;
        }
    }
}

// Of several clocks that are the same (RFC 7273, section 4.8) the one with a known epoch.
static void
parse_reference_clock(struct parser *parser, audyn_sdp_media_t *media, const char *value)
{
    const bool is_ptp = after(value, "ptp=") != NULL;
    if (is_ptp || !parser->has_ptp) {
        copy_text(media->ts_refclk, value);
    }
    parser->has_ptp |= is_ptp;
}

// "direct[=<offset>][ rate=<n>/<d>]", "sender" (RFC 7273, section 5), perhaps behind
// "id=<tag> "
static void
parse_mediaclk(struct parser *parser, audyn_mediaclk_t *clock, const char *value)
{
    if (after(value, "id=")) {
        value += strcspn(value, " ");
        value += strspn(value, " ");
    }
    *clock = (audyn_mediaclk_t){AUDYN_MEDIACLK_OTHER, 0, 1, 1};
    const char *rest = after(value, "direct");
    if (!rest) {
        clock->kind = after(value, "sender") ? AUDYN_MEDIACLK_SENDER : clock->kind;
        return;
    }
    uint64_t number = 0;
    uint64_t denominator = 1;
    if (*rest == '=' && !parse_unsigned(rest + 1, UINT32_MAX, &number, &rest)) {
        parser->problem = "mediaclk:direct= has no 32-bit offset";
        return;
    }
    clock->kind = AUDYN_MEDIACLK_DIRECT;
    clock->offset = (uint32_t)number;
    rest = after(rest, " rate=");
    if (!rest) {
        return;
    }
    if (!parse_unsigned(rest, UINT32_MAX, &number, &rest) || !number || *rest != '/' ||
        !parse_unsigned(rest + 1, UINT32_MAX, &denominator, &rest) || !denominator) {
        parser->problem = "the rate of mediaclk is no fraction";
        return;
    }
    clock->rate_numerator = (uint32_t)number;
    clock->rate_denominator = (uint32_t)denominator;
}

static void
parse_group(struct parser *parser, const char *value)
{
    const char *tags = after(value, "DUP ");
    if (tags && parser->group_count < GROUPS) {
        snprintf(parser->groups[parser->group_count++], LINE_BYTES, "%s", tags);
    }
}

// Milliseconds (RFC 8866, section 6.4); what cannot be one is as good as not said.
static void
parse_packet_time(audyn_sdp_media_t *media, const char *value)
{
    const double time_ms = strtod(value, NULL);
    media->packet_time_ms = time_ms > 0.0 && time_ms <= 10000.0 ? time_ms : 0.0;
}

static void
parse_framecount(struct parser *parser, audyn_sdp_media_t *media, const char *value)
{
    uint64_t number;
    if (!parse_unsigned(value, UINT16_MAX, &number, &value)) {
        parser->problem = "framecount is not a number";
        return;
    }
    media->packet_frames = (uint32_t)number;
}

static void
parse_attribute(struct parser *parser, char *value)
{
    audyn_sdp_media_t *media = parser->in_section ? &parser->media : &parser->defaults;
    const char *rest;
    if (parser->in_section && (rest = after(value, "rtpmap:"))) {
        parse_rtpmap(parser, rest);
    } else if (parser->in_section && (rest = after(value, "fmtp:"))) {
        parse_fmtp(media, rest);
    } else if ((rest = after(value, "source-filter:"))) {
        parse_source_filter(parser, value + (rest - value));
    } else if ((rest = after(value, "ptime:"))) {
        parse_packet_time(media, rest);
    } else if ((rest = after(value, "framecount:"))) {
        parse_framecount(parser, media, rest);
    } else if ((rest = after(value, "ts-refclk:"))) {
        parse_reference_clock(parser, media, rest);
    } else if ((rest = after(value, "mediaclk:"))) {
        parse_mediaclk(parser, &media->mediaclk, rest);
    } else if ((rest = after(value, "mid:"))) {
        copy_text(media->mid, rest);
    } else if ((rest = after(value, "group:"))) {
        parse_group(parser, rest);
    }
}

// Keeps the section that ends here, if it can be recorded.
static void
end_section(struct parser *parser)
{
    audyn_sdp_session_t *session = parser->session;
    if (parser->in_media && parser->has_format &&
        parser->media.destination.address.s_addr != INADDR_ANY &&
        session->media_count < AUDYN_SDP_MEDIA) {
        apply_filters(parser, &parser->media);
        parser->media.duplicate_of = session->media_count;
        session->media[session->media_count++] = parser->media;
    }
    parser->in_media = false;
}

// What a stranger wrote will be seen on somebody's terminal: no control character, among
// them those of UTF-8 from U+0080 to U+009F.
static void
replace_controls(char *line)
{
    for (unsigned char *c = (unsigned char *)line; *c; ++c) {
        if (c[0] == 0xC2 && c[1] >= 0x80 && c[1] <= 0x9F) {
            *c++ = '?';
            *c = '?';
        } else if (iscntrl(*c)) {
            *c = '?';
        }
    }
}

static void
parse_line(struct parser *parser, char *line)
{
    if (!*line) {
        return;
    }
    replace_controls(line);
    if (!islower((unsigned char)line[0]) || line[1] != '=') {
        parser->problem = "a line is not of the form x=…";
        return;
    }
    char *value = line + 2;
    switch (line[0]) {
    case 'o':
        parse_origin(parser, value);
        return;
    case 's':
        copy_text(parser->session->name, value);
        return;
    case 'c':
        parse_connection(parser, value);
        return;
    case 'm':
        end_section(parser);
        parse_media(parser, value);
        return;
    case 'a':
        parse_attribute(parser, value);
        return;
    default:
        return;
    }
}

static bool
has_tag(const char *tags, const char *tag)
{
    const size_t length = strlen(tag);
    for (const char *at = tags; length && (at = strstr(at, tag)); at += length) {
        const bool begins = at == tags || at[-1] == ' ';
        if (begins && (at[length] == '\0' || at[length] == ' ')) {
            return true;
        }
    }
    return false;
}

// RFC 7104: sections of one group carry the same packets.
static void
join_groups(struct parser *parser)
{
    audyn_sdp_session_t *session = parser->session;
    for (unsigned g = 0; g < parser->group_count; ++g) {
        unsigned first = AUDYN_SDP_MEDIA;
        for (unsigned i = 0; i < session->media_count; ++i) {
            if (has_tag(parser->groups[g], session->media[i].mid)) {
                first = first < i ? first : i;
                session->media[i].duplicate_of = first;
            }
        }
    }
}

static audyn_status_t
parse_lines(struct parser *parser, const char *text, size_t size, audyn_error_t *error)
{
    char line[LINE_BYTES];
    for (size_t at = 0; at < size;) {
        const char *newline = memchr(text + at, '\n', size - at);
        size_t length = newline ? (size_t)(newline - text) - at : size - at;
        const size_t next = at + length + 1;
        ++parser->line;
        length -= length && text[at + length - 1] == '\r';
        if (length < sizeof line && !memchr(text + at, '\0', length)) {
            memcpy(line, text + at, length);
            line[length] = '\0';
            parse_line(parser, line);
        } else {
            parser->problem = "a line is too long, or no text";
        }
        if (parser->problem) {
            return audyn_error_set(error, AUDYN_BAD_DATA, "line %u of the SDP: %s",
                                   parser->line, parser->problem);
        }
        at = next;
    }
    end_section(parser);
    return AUDYN_OK;
}

audyn_status_t
audyn_sdp_parse(audyn_sdp_session_t *session, const char *text, size_t size,
                audyn_error_t *error)
{
    memset(session, 0, sizeof *session);
    if (size < 4 || !after(text, "v=0")) {
        return audyn_error_set(error, AUDYN_BAD_DATA,
                               "this is no SDP: it does not begin with v=0");
    }
    struct parser parser = {.session = session};
    const audyn_status_t status = parse_lines(&parser, text, size, error);
    if (status) {
        return status;
    }
    join_groups(&parser);
    if (!session->media_count) {
        return audyn_error_set(
            error, AUDYN_NOT_SUPPORTED,
            "the SDP describes no audio in L16 or L24 with 44100, 48000 "
            "or 96000 Hz and 1 to 64 channels over IPv4");
    }
    return AUDYN_OK;
}
