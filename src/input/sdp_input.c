// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `sdp:FILE?media=1&iface=eth0`: an RTP stream as its sender describes it.

#include "core/small_file.h"
#include "input/rtp_input.h"
#include "net/sdp_parse.h"

#include <string.h>

#define SDP_BYTES (64 * 1024)

static const char known_options[] = "media, iface";

// Clocks whose epoch is known: for the others, `direct` says only that the timestamps
// follow some clock.
static bool
has_known_epoch(const char *ts_refclk)
{
    return !strncmp(ts_refclk, "ptp=", 4);
}

static audyn_anchor_t
anchor_of(const audyn_sdp_media_t *media)
{
    const audyn_mediaclk_t *clock = &media->mediaclk;
    if (clock->kind != AUDYN_MEDIACLK_DIRECT ||
        clock->rate_numerator != clock->rate_denominator) {
        return AUDYN_ANCHOR_ARRIVAL;
    }
    return has_known_epoch(media->ts_refclk) ? AUDYN_ANCHOR_MEDIA_CLOCK
                                             : AUDYN_ANCHOR_PLAUSIBLE;
}

static audyn_status_t
read_session(audyn_sdp_session_t *session, const char *path, audyn_error_t *error)
{
    char text[SDP_BYTES];
    size_t size;
    audyn_status_t status = audyn_small_file_read(path, text, sizeof text, &size, error);
    if (status) {
        return status;
    }
    audyn_error_t problem;
    status = audyn_sdp_parse(session, text, size, &problem);
    return status ? audyn_error_set(error, status, "%s: %s", path, problem.text) : status;
}

static audyn_status_t
choose_media(const audyn_sdp_session_t *session, uint32_t number,
             const audyn_sdp_media_t **media, audyn_error_t *error)
{
    if (number > session->media_count) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "media=%u: the SDP has %u section%s that can be recorded",
                               number, session->media_count,
                               session->media_count == 1 ? "" : "s");
    }
    *media = &session->media[number - 1];
    return AUDYN_OK;
}

static audyn_status_t
read_uri(audyn_uri_t *uri, uint32_t *number, const char **interface, audyn_error_t *error)
{
    *number = 1;
    *interface = audyn_uri_option(uri, "iface");
    const audyn_status_t status =
        audyn_uri_integer(uri, "media", 1, AUDYN_SDP_MEDIA, number, error);
    return status ? status : audyn_uri_reject_unknown(uri, known_options, error);
}

static audyn_status_t
check_sdp(audyn_uri_t *uri, audyn_error_t *error)
{
    uint32_t number;
    const char *interface;
    return read_uri(uri, &number, &interface, error);
}

static audyn_status_t
open_sdp(audyn_input_t **out, audyn_uri_t *uri, const audyn_input_config_t *config,
         audyn_error_t *error)
{
    uint32_t number;
    const char *interface;
    audyn_status_t status = read_uri(uri, &number, &interface, error);
    audyn_sdp_session_t session;
    if (!status) {
        status = read_session(&session, uri->body, error);
    }
    const audyn_sdp_media_t *media = NULL;
    if (!status) {
        status = choose_media(&session, number, &media, error);
    }
    if (status) {
        return status;
    }
    const rtp_input_config_t rtp = {
        .route = {.destination = media->destination, .source = media->source},
        .stream = {.format = media->format,
                   .payload_type = media->payload_type,
                   .anchor = anchor_of(media),
                   .clock_offset = media->mediaclk.offset},
        .interface = interface,
    };
    return rtp_input_open(out, &rtp, config, error);
}

const audyn_input_type_t audyn_sdp_input = {
    .scheme = "sdp",
    .check = check_sdp,
    .open = open_sdp,
};
