// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "net/sdp_parse.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char plain[] = "v=0\r\n"
                            "o=- 1311738121 7 IN IP4 192.168.1.1\r\n"
                            "s=Stage left\r\n"
                            "c=IN IP4 239.0.0.1/32\r\n"
                            "t=0 0\r\n"
                            "m=audio 5004 RTP/AVP 96\r\n"
                            "i=Channels 1-8\r\n"
                            "a=rtpmap:96 L24/48000/8\r\n"
                            "a=recvonly\r\n"
                            "a=ptime:1\r\n"
                            "a=ts-refclk:ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:0\r\n"
                            "a=mediaclk:direct=963214424\r\n";

static audyn_status_t
parse(audyn_sdp_session_t *session, const char *text)
{
    audyn_error_t error = {""};
    const audyn_status_t status = audyn_sdp_parse(session, text, strlen(text), &error);
    assert_int_equal(status != AUDYN_OK, error.text[0] != '\0');
    return status;
}

static const char *
address_of(struct in_addr address)
{
    static char text[INET_ADDRSTRLEN];
    return inet_ntop(AF_INET, &address, text, sizeof text);
}

static void
an_aes67_description_is_read_whole(void **state)
{
    (void)state;
    audyn_sdp_session_t session;
    assert_int_equal(parse(&session, plain), AUDYN_OK);
    assert_string_equal(session.name, "Stage left");
    assert_string_equal(session.origin, "- 1311738121 192.168.1.1");
    assert_int_equal(session.version, 7);
    assert_int_equal(session.media_count, 1);
    const audyn_sdp_media_t *media = &session.media[0];
    assert_string_equal(address_of(media->destination.address), "239.0.0.1");
    assert_int_equal(media->destination.port, 5004);
    assert_int_equal(media->payload_type, 96);
    assert_int_equal(media->format.bits, 24);
    assert_int_equal(media->format.sample_rate, 48000);
    assert_int_equal(media->format.channels, 8);
    assert_true(media->packet_time_ms == 1.0);
    assert_int_equal(media->mediaclk.kind, AUDYN_MEDIACLK_DIRECT);
    assert_int_equal(media->mediaclk.offset, 963214424);
    assert_string_equal(media->ts_refclk, "ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:0");
}

static void
lines_may_end_in_a_bare_newline_or_not_at_all(void **state)
{
    (void)state;
    audyn_sdp_session_t session;
    assert_int_equal(parse(&session, "v=0\no=- 1 1 IN IP4 10.0.0.1\ns=x\n"
                                     "c=IN IP4 239.0.0.1\nm=audio 5004 RTP/AVP 97\n"
                                     "a=rtpmap:97 L16/44100/2"),
                     AUDYN_OK);
    assert_int_equal(session.media[0].format.bits, 16);
    assert_int_equal(session.media[0].mediaclk.kind, AUDYN_MEDIACLK_NONE);
}

static void
a_source_filter_holds_for_its_own_destination(void **state)
{
    (void)state;
    static const char text[] = "v=0\n"
                               "o=- 1 1 IN IP4 192.168.1.1\n"
                               "s=filters of the session\n"
                               "a=source-filter: incl IN IP4 239.1.1.1 192.168.1.1\n"
                               "a=source-filter: incl IN IP4 239.2.1.1 192.168.2.1\n"
                               "m=audio 5004 RTP/AVP 98\n"
                               "c=IN IP4 239.1.1.1/64\n"
                               "a=rtpmap:98 L24/48000/2\n"
                               "m=audio 5004 RTP/AVP 98\n"
                               "c=IN IP4 239.2.1.1/64\n"
                               "a=rtpmap:98 L24/48000/2\n"
                               "m=audio 5004 RTP/AVP 98\n"
                               "c=IN IP4 239.2.1.1/64\n"
                               "a=source-filter: incl IN IP4 * 192.168.3.1\n"
                               "a=rtpmap:98 L24/48000/2\n"
                               "m=audio 5004 RTP/AVP 98\n"
                               "c=IN IP4 239.3.1.1/64\n"
                               "a=rtpmap:98 L24/48000/2\n";
    audyn_sdp_session_t session;
    assert_int_equal(parse(&session, text), AUDYN_OK);
    assert_int_equal(session.media_count, 4);
    static const char *const sources[] = {"192.168.1.1", "192.168.2.1", "192.168.3.1",
                                          "0.0.0.0"};
    for (unsigned i = 0; i < 4; ++i) {
        assert_int_equal(session.media[i].source.s_addr, inet_addr(sources[i]));
    }
}

static void
of_several_reference_clocks_the_one_with_a_known_epoch_counts(void **state)
{
    (void)state;
    static const char text[] = "v=0\n"
                               "o=- 1 1 IN IP4 192.168.1.1\n"
                               "s=clocks\n"
                               "c=IN IP4 239.1.1.1/64\n"
                               "a=ts-refclk:ptp=IEEE1588-2008:traceable\n"
                               "a=ts-refclk:ntp=/traceable/\n"
                               "m=audio 5004 RTP/AVP 98\n"
                               "a=rtpmap:98 L24/48000/2\n"
                               "m=audio 5006 RTP/AVP 98\n"
                               "a=ts-refclk:localmac=00-11-22-33-44-55\n"
                               "a=rtpmap:98 L24/48000/2\n";
    audyn_sdp_session_t session;
    assert_int_equal(parse(&session, text), AUDYN_OK);
    assert_string_equal(session.media[0].ts_refclk, "ptp=IEEE1588-2008:traceable");
    assert_string_equal(session.media[1].ts_refclk, "localmac=00-11-22-33-44-55");
}

static void
two_legs_of_one_group_belong_together(void **state)
{
    (void)state;
    static const char text[] = "v=0\r\n"
                               "o=- 1 1 IN IP4 192.168.1.1\r\n"
                               "s=2110-30 with 2022-7\r\n"
                               "t=0 0\r\n"
                               "a=group:DUP primary secondary\r\n"
                               "a=ts-refclk:ptp=IEEE1588-2008:traceable\r\n"
                               "a=mediaclk:direct=0\r\n"
                               "m=audio 5004 RTP/AVP 98\r\n"
                               "c=IN IP4 239.1.1.1/64\r\n"
                               "a=source-filter: incl IN IP4 239.1.1.1 192.168.1.1\r\n"
                               "a=rtpmap:98 L24/48000/2\r\n"
                               "a=fmtp:98 channel-order=SMPTE2110.(ST)\r\n"
                               "a=ptime:0.125\r\n"
                               "a=framecount:6\r\n"
                               "a=mid:primary\r\n"
                               "m=video 5008 RTP/AVP 99\r\n"
                               "c=IN IP4 239.1.1.9/64\r\n"
                               "a=rtpmap:99 raw/90000\r\n"
                               "m=audio 5006 RTP/AVP 98\r\n"
                               "c=IN IP4 239.2.1.1/64\r\n"
                               "a=rtpmap:98 L24/48000/2\r\n"
                               "a=mid:secondary\r\n";
    audyn_sdp_session_t session;
    assert_int_equal(parse(&session, text), AUDYN_OK);
    assert_int_equal(session.media_count, 2);
    assert_int_equal(session.media[0].duplicate_of, 0);
    assert_int_equal(session.media[1].duplicate_of, 0);
    assert_string_equal(address_of(session.media[0].source), "192.168.1.1");
    assert_int_equal(session.media[1].source.s_addr, INADDR_ANY);
    assert_string_equal(session.media[0].channel_order, "SMPTE2110.(ST)");
    assert_int_equal(session.media[0].packet_frames, 6);
    assert_true(session.media[0].packet_time_ms == 0.125);
    // Said once for the session, it holds for every section.
    assert_string_equal(session.media[1].ts_refclk, "ptp=IEEE1588-2008:traceable");
    assert_int_equal(session.media[1].mediaclk.kind, AUDYN_MEDIACLK_DIRECT);
    assert_int_equal(session.media[1].destination.port, 5006);
}

static audyn_mediaclk_t
mediaclk_of(const char *value)
{
    char text[512];
    snprintf(text, sizeof text,
             "v=0\no=- 1 1 IN IP4 10.0.0.1\ns=x\nc=IN IP4 239.0.0.1\n"
             "m=audio 5004 RTP/AVP 97\na=rtpmap:97 L16/44100/2\na=mediaclk:%s\n",
             value);
    audyn_sdp_session_t session;
    assert_int_equal(parse(&session, text), AUDYN_OK);
    return session.media[0].mediaclk;
}

static void
every_form_of_mediaclk_is_told_apart(void **state)
{
    (void)state;
    assert_int_equal(mediaclk_of("sender").kind, AUDYN_MEDIACLK_SENDER);
    assert_int_equal(mediaclk_of("direct").kind, AUDYN_MEDIACLK_DIRECT);
    assert_int_equal(mediaclk_of("direct").rate_denominator, 1);
    assert_int_equal(mediaclk_of("direct=7").offset, 7);
    assert_int_equal(mediaclk_of("id=src:x direct=4294967295").offset, UINT32_MAX);
    assert_int_equal(mediaclk_of("direct=5 rate=1000/1001").rate_denominator, 1001);
    assert_int_equal(mediaclk_of("IEEE1722=38-D6-6D-8E-D2-78-13-2F").kind,
                     AUDYN_MEDIACLK_OTHER);
}

static void
what_is_wrong_is_said_with_its_line(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "v=1\n",
        "hello world\n",
        "v=0\nnonsense\n",
        "v=0\no=too few\n",
        "v=0\no=- 1 x IN IP4 10.0.0.1\n",
        "v=0\nc=IN IP4 nowhere\n",
        "v=0\nm=audio x RTP/AVP 96\n",
        "v=0\nm=audio 5 RTP/AVP 96\na=rtpmap:x L16/48000\n",
        "v=0\na=mediaclk:direct=4294967296\n",
        "v=0\na=mediaclk:direct=1 rate=1/0\n",
        "v=0\na=framecount:many\n",
        "v=0\na=source-filter: incl IN IP4\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
        audyn_sdp_session_t session;
        assert_int_equal(parse(&session, bad[i]), AUDYN_BAD_DATA);
    }
    audyn_sdp_session_t session;
    audyn_error_t error;
    audyn_sdp_parse(&session, bad[3], strlen(bad[3]), &error);
    assert_non_null(strstr(error.text, "line 2"));
}

static void
a_description_without_our_audio_is_not_supported(void **state)
{
    (void)state;
    static const char *const none[] = {
        "v=0\n",
        "v=0\nm=video 5 RTP/AVP 96\n",
        "v=0\nc=IN IP6 ff0e::1\nm=audio 5 RTP/AVP 96\na=rtpmap:96 L24/48000/2\n",
        "v=0\nc=IN IP4 239.0.0.1\nm=audio 5 RTP/AVP 96\na=rtpmap:96 opus/48000/2\n",
        "v=0\nc=IN IP4 239.0.0.1\nm=audio 0 RTP/AVP 96\na=rtpmap:96 L24/48000/2\n",
        "v=0\nc=IN IP4 239.0.0.1\nm=audio 5 RTP/SAVP 96\na=rtpmap:96 L24/48000/2\n",
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; ++i) {
        audyn_sdp_session_t session;
        assert_int_equal(parse(&session, none[i]), AUDYN_NOT_SUPPORTED);
    }
}

static void
cut_off_or_garbled_text_is_survived(void **state)
{
    (void)state;
    audyn_sdp_session_t session;
    for (size_t size = 0; size < sizeof plain; ++size) {
        char *exact = malloc(size + 1);
        memcpy(exact, plain, size);
        audyn_sdp_parse(&session, exact, size, NULL);
        free(exact);
    }
    uint32_t seed = 1;
    for (unsigned i = 0; i < 20000; ++i) {
        char text[sizeof plain];
        memcpy(text, plain, sizeof plain);
        for (unsigned k = 0; k < 4; ++k) {
            seed = seed * 1664525 + 1013904223;
            text[4 + (seed >> 8) % (sizeof plain - 5)] = (char)(seed >> 24);
        }
        audyn_sdp_parse(&session, text, sizeof plain - 1, NULL);
        assert_in_range(session.media_count, 0, AUDYN_SDP_MEDIA);
    }
}

static void
no_text_moves_a_terminals_cursor(void **state)
{
    (void)state;
    audyn_sdp_session_t session;
    assert_int_equal(parse(&session, "v=0\no=- 1 1 IN IP4 10.0.0.1\n"
                                     "s=a\x1b[2Jb\x7f\xC2\x9B M\xC3\xBCller\n"
                                     "c=IN IP4 239.0.0.1\nm=audio 5004 RTP/AVP 10\n"),
                     AUDYN_OK);
    assert_string_equal(session.name, "a?[2Jb??? M\xC3\xBCller");
}

static void
a_packet_time_that_cannot_be_is_as_good_as_not_said(void **state)
{
    (void)state;
    static const char *const times[] = {"-1", "0", "nan", "inf", "1e9", "soon"};
    for (size_t i = 0; i < sizeof times / sizeof *times; ++i) {
        char text[256];
        snprintf(text, sizeof text,
                 "v=0\nc=IN IP4 239.0.0.1\nm=audio 5004 RTP/AVP 10\na=ptime:%s\n",
                 times[i]);
        audyn_sdp_session_t session;
        assert_int_equal(parse(&session, text), AUDYN_OK);
        assert_true(session.media[0].packet_time_ms == 0.0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_aes67_description_is_read_whole),
        cmocka_unit_test(lines_may_end_in_a_bare_newline_or_not_at_all),
        cmocka_unit_test(a_source_filter_holds_for_its_own_destination),
        cmocka_unit_test(of_several_reference_clocks_the_one_with_a_known_epoch_counts),
        cmocka_unit_test(two_legs_of_one_group_belong_together),
        cmocka_unit_test(every_form_of_mediaclk_is_told_apart),
        cmocka_unit_test(what_is_wrong_is_said_with_its_line),
        cmocka_unit_test(a_description_without_our_audio_is_not_supported),
        cmocka_unit_test(cut_off_or_garbled_text_is_survived),
        cmocka_unit_test(no_text_moves_a_terminals_cursor),
        cmocka_unit_test(a_packet_time_that_cannot_be_is_as_good_as_not_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
