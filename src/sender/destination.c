// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "sender/destination.h"

#include "input/rtp_uri.h"

#include <string.h>
#include <sys/random.h>

static const char known_options[] = "format, pt, iface, ssrc, ttl, dscp";

// AES67, section 7.2: sample frames in a packet at 48 and 44.1 kHz; twice that at 96 kHz.
static const struct packet_time {
    const char *name;
    uint32_t sample_frames;
} packet_times[] = {
    {"125us", 6}, {"250us", 12}, {"333us", 16}, {"1ms", 48}, {"4ms", 192},
};
#define PACKET_TIMES (sizeof packet_times / sizeof *packet_times)

static uint32_t
packet_frames(const struct packet_time *time, const audyn_rtp_format_t *format)
{
    return format->sample_rate == 96000 ? 2 * time->sample_frames : time->sample_frames;
}

static audyn_status_t
too_large(const audyn_rtp_format_t *format, const char *packet_time, audyn_error_t *error)
{
    const uint32_t frame_bytes = audyn_rtp_frame_bytes(format);
    for (size_t i = PACKET_TIMES; i-- > 0;) {
        if (packet_frames(&packet_times[i], format) * frame_bytes <=
            AUDYN_MAX_PAYLOAD_BYTES) {
            return audyn_error_set(error, AUDYN_INVALID,
                                   "%s of L%u/%u/%u is more than the %d bytes that a "
                                   "packet carries; use --ptime %s",
                                   packet_time, format->bits, format->sample_rate,
                                   format->channels, AUDYN_MAX_PAYLOAD_BYTES,
                                   packet_times[i].name);
        }
    }
    const uint32_t shortest = packet_frames(&packet_times[0], format);
    return audyn_error_set(
        error, AUDYN_INVALID,
        "L%u/%u/%u is more than the %d bytes that a packet carries "
        "with any packet time; at most %u channels fit, with --ptime %s",
        format->bits, format->sample_rate, format->channels, AUDYN_MAX_PAYLOAD_BYTES,
        AUDYN_MAX_PAYLOAD_BYTES / (shortest * format->bits / 8), packet_times[0].name);
}

static audyn_status_t
set_packet_time(audyn_destination_t *destination, const char *name, audyn_error_t *error)
{
    for (size_t i = 0; i < PACKET_TIMES; ++i) {
        if (!strcmp(packet_times[i].name, name)) {
            destination->packet_frames =
                packet_frames(&packet_times[i], &destination->format);
            const uint32_t bytes =
                destination->packet_frames * audyn_rtp_frame_bytes(&destination->format);
            return bytes <= AUDYN_MAX_PAYLOAD_BYTES
                       ? AUDYN_OK
                       : too_large(&destination->format, name, error);
        }
    }
    return audyn_error_set(error, AUDYN_INVALID,
                           "--ptime %s is not one of 125us, 250us, 333us, 1ms and 4ms",
                           name);
}

// RFC 3550, section 8.1: by chance, so that no two senders have the same.
static uint32_t
random_ssrc(void)
{
    uint32_t ssrc = 0;
    getrandom(&ssrc, sizeof ssrc, GRND_NONBLOCK);
    return ssrc;
}

static audyn_status_t
read_options(audyn_destination_t *destination, audyn_uri_t *uri, audyn_error_t *error)
{
    uint32_t payload_type = 98;
    audyn_status_t status = audyn_rtp_uri_format(uri, &destination->format, error);
    if (!status) {
        status = audyn_uri_integer(uri, "pt", 96, 127, &payload_type, error);
    }
    if (!status) {
        status = audyn_uri_integer(uri, "ssrc", 0, UINT32_MAX, &destination->ssrc, error);
    }
    if (!status) {
        status = audyn_uri_integer(uri, "ttl", 1, 255, &destination->ttl, error);
    }
    if (!status) {
        status = audyn_uri_integer(uri, "dscp", 0, 63, &destination->dscp, error);
    }
    destination->payload_type = (uint8_t)payload_type;
    return status;
}

audyn_status_t
audyn_destination_parse(audyn_destination_t *destination, const char *uri,
                        const char *packet_time, audyn_error_t *error)
{
    *destination = (audyn_destination_t){
        .ssrc = random_ssrc(),
        .ttl = AUDYN_SOCKET_TTL,
        .dscp = AUDYN_SOCKET_DSCP,
    };
    audyn_uri_t parsed;
    audyn_status_t status = audyn_uri_parse(&parsed, uri, error);
    if (status) {
        return status;
    }
    if (strcmp(parsed.scheme, "rtp") != 0) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "'%s:' is not a destination; write "
                               "rtp://ADDRESS:PORT?format=L24/48000/2",
                               parsed.scheme);
    }
    const char *interface = audyn_uri_option(&parsed, "iface");
    status = audyn_endpoint_parse(&destination->endpoint, parsed.body, error);
    if (!status) {
        status = read_options(destination, &parsed, error);
    }
    if (!status) {
        status = audyn_uri_reject_unknown(&parsed, known_options, error);
    }
    if (!status) {
        status = set_packet_time(destination, packet_time, error);
    }
    if (!status) {
        status = audyn_interface_find(interface, &destination->interface_index, error);
    }
    return status;
}
