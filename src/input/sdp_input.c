// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `sdp:FILE?media=1&iface=eth0`: an RTP stream as its sender describes it.  Sections of
// one `a=group:DUP` (RFC 7104) are its legs, and so are several that `media=` names.

#include "input/sdp_input.h"

#include "core/small_file.h"
#include "input/rtp_input.h"
#include "input/rtp_uri.h"

#include <ctype.h>
#include <string.h>

#define SDP_BYTES (64 * 1024)

/// What the URI chooses of the description.
typedef struct {
    uint32_t media[AUDYN_LEGS]; ///< sections, from 1
    unsigned media_count;       ///< 0: the first one, with its group
    int leg;                    ///< the only one to take, from 0; −1: all
    audyn_selection_t channels;
} choice_t;

static const char known_options[] = "media, leg, iface, channels";

// Clocks whose epoch is known: for the others, `direct` says only that the timestamps
// follow some clock.
static bool
has_known_epoch(const char *ts_refclk)
{
    return !strncmp(ts_refclk, "ptp=", 4);
}

// No device plays that much faster or slower than it says: the description is wrong.
static bool
has_possible_rate(const audyn_mediaclk_t *clock)
{
    return clock->rate_numerator / 2 <= clock->rate_denominator &&
           clock->rate_denominator / 2 <= clock->rate_numerator;
}

static audyn_anchor_t
anchor_of(const audyn_sdp_media_t *media)
{
    const audyn_mediaclk_t *clock = &media->mediaclk;
    if (clock->kind != AUDYN_MEDIACLK_DIRECT || !has_possible_rate(clock)) {
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
check_numbers(const audyn_sdp_session_t *session, const choice_t *choice,
              audyn_error_t *error)
{
    for (unsigned i = 0; i < choice->media_count; ++i) {
        if (choice->media[i] > session->media_count) {
            return audyn_error_set(error, AUDYN_INVALID,
                                   "media=%u: the SDP has %u section%s that can be "
                                   "recorded",
                                   choice->media[i], session->media_count,
                                   session->media_count == 1 ? "" : "s");
        }
    }
    return AUDYN_OK;
}

// Sections that are named one by one need no group.  Returns how many there are; those
// beyond AUDYN_LEGS are counted only.
static unsigned
find_legs(const audyn_sdp_session_t *session, const choice_t *choice,
          const audyn_sdp_media_t *legs[AUDYN_LEGS])
{
    if (choice->media_count > 1) {
        for (unsigned i = 0; i < choice->media_count; ++i) {
            legs[i] = &session->media[choice->media[i] - 1];
        }
        return choice->media_count;
    }
    const unsigned chosen = choice->media_count ? choice->media[0] - 1 : 0;
    unsigned count = 0;
    for (unsigned i = 0; i < session->media_count; ++i) {
        const audyn_sdp_media_t *media = &session->media[i];
        if (media->duplicate_of != session->media[chosen].duplicate_of) {
            continue;
        }
        if (count < AUDYN_LEGS) {
            legs[count] = media;
        }
        ++count;
    }
    return count;
}

// SMPTE ST 2022-7, section 6: header and payload are the same on every leg.
static const char *
disagreement(const audyn_sdp_media_t *a, const audyn_sdp_media_t *b)
{
    if (a->format.bits != b->format.bits ||
        a->format.sample_rate != b->format.sample_rate ||
        a->format.channels != b->format.channels) {
        return "format";
    }
    if (a->payload_type != b->payload_type) {
        return "payload type";
    }
    return a->mediaclk.offset != b->mediaclk.offset ||
                   a->mediaclk.rate_numerator != b->mediaclk.rate_numerator ||
                   a->mediaclk.rate_denominator != b->mediaclk.rate_denominator
               ? "media clock"
               : NULL;
}

static audyn_status_t
choose_legs(const audyn_sdp_session_t *session, const choice_t *choice,
            const audyn_sdp_media_t *legs[AUDYN_LEGS], unsigned *leg_count,
            audyn_error_t *error)
{
    const audyn_status_t status = check_numbers(session, choice, error);
    if (status) {
        return status;
    }
    *leg_count = find_legs(session, choice, legs);
    if (choice->leg >= (int)*leg_count) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "leg=%c: the stream has %u leg%s; leg=a is the first",
                               'a' + choice->leg, *leg_count, *leg_count == 1 ? "" : "s");
    }
    if (choice->leg >= 0 && choice->leg < AUDYN_LEGS) {
        legs[0] = legs[choice->leg];
        *leg_count = 1;
    }
    if (*leg_count > AUDYN_LEGS) {
        return audyn_error_set(error, AUDYN_NOT_SUPPORTED,
                               "the SDP groups %u sections; a stream has at most %d "
                               "legs: choose some, such as media=1,2",
                               *leg_count, AUDYN_LEGS);
    }
    for (unsigned i = 1; i < *leg_count; ++i) {
        const char *what = disagreement(legs[0], legs[i]);
        if (what) {
            return audyn_error_set(error, AUDYN_BAD_DATA,
                                   "the sections of legs A and %c disagree in their %s, "
                                   "so that they are no copies of one stream; record "
                                   "one, with leg=a or leg=%c",
                                   'A' + (int)i, what, 'a' + (int)i);
        }
    }
    return AUDYN_OK;
}

static audyn_status_t
read_leg(audyn_uri_t *uri, int *leg, audyn_error_t *error)
{
    const char *text = audyn_uri_option(uri, "leg");
    *leg = -1;
    if (!text) {
        return AUDYN_OK;
    }
    const int letter = tolower((unsigned char)text[0]);
    if (letter < 'a' || letter >= 'a' + AUDYN_LEGS || text[1]) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "leg=%s: this must be a letter from a to %c", text,
                               'a' + AUDYN_LEGS - 1);
    }
    *leg = letter - 'a';
    return AUDYN_OK;
}

static audyn_status_t
read_choice(audyn_uri_t *uri, choice_t *choice, audyn_error_t *error)
{
    audyn_status_t status =
        audyn_uri_integers(uri, "media", 1, AUDYN_SDP_MEDIA, choice->media, AUDYN_LEGS,
                           &choice->media_count, error);
    if (!status) {
        status = read_leg(uri, &choice->leg, error);
    }
    if (!status) {
        status = audyn_rtp_uri_channels(uri, &choice->channels, error);
    }
    return status;
}

audyn_status_t
sdp_input_check(audyn_uri_t *uri, const char *known, audyn_error_t *error)
{
    choice_t choice;
    const audyn_status_t status = read_choice(uri, &choice, error);
    audyn_uri_option(uri, "iface"); // how many it may name is not known yet
    return status ? status : audyn_uri_reject_unknown(uri, known, error);
}

static audyn_status_t
check_sdp(audyn_uri_t *uri, audyn_error_t *error)
{
    return sdp_input_check(uri, known_options, error);
}

static audyn_status_t
open_legs(audyn_input_t **out, audyn_uri_t *uri, const choice_t *choice,
          const audyn_sdp_media_t *const *legs, unsigned leg_count,
          const audyn_input_config_t *config, audyn_error_t *error)
{
    rtp_input_config_t rtp = {
        .stream = {.format = legs[0]->format,
                   .payload_type = legs[0]->payload_type,
                   .described = true,
                   .anchor = anchor_of(legs[0]),
                   .clock_offset = legs[0]->mediaclk.offset,
                   .leg_count = leg_count,
                   .selection = choice->channels},
        .description = legs[0],
    };
    if (has_possible_rate(&legs[0]->mediaclk)) {
        rtp.stream.rate_numerator = legs[0]->mediaclk.rate_numerator;
        rtp.stream.rate_denominator = legs[0]->mediaclk.rate_denominator;
    }
    for (unsigned i = 0; i < leg_count; ++i) {
        rtp.legs[i].destination = legs[i]->destination;
        rtp.legs[i].source = legs[i]->source;
    }
    const audyn_status_t status =
        rtp_input_read_list(&rtp.interfaces, uri, "iface", leg_count, error);
    return status ? status : rtp_input_open(out, &rtp, config, error);
}

audyn_status_t
sdp_input_open(audyn_input_t **out, audyn_uri_t *uri, const audyn_sdp_session_t *session,
               const audyn_input_config_t *config, audyn_error_t *error)
{
    choice_t choice;
    const audyn_sdp_media_t *legs[AUDYN_LEGS] = {NULL};
    unsigned leg_count = 0;
    audyn_status_t status = read_choice(uri, &choice, error);
    if (!status) {
        status = choose_legs(session, &choice, legs, &leg_count, error);
    }
    return status ? status : open_legs(out, uri, &choice, legs, leg_count, config, error);
}

static audyn_status_t
open_sdp(audyn_input_t **out, audyn_uri_t *uri, const audyn_input_config_t *config,
         audyn_error_t *error)
{
    audyn_status_t status = check_sdp(uri, error);
    audyn_sdp_session_t session;
    if (!status) {
        status = read_session(&session, uri->body, error);
    }
    return status ? status : sdp_input_open(out, uri, &session, config, error);
}

const audyn_input_type_t audyn_sdp_input = {
    .scheme = "sdp",
    .check = check_sdp,
    .open = open_sdp,
};
