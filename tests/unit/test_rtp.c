// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "net/rtp.h"

#include <stdlib.h>
#include <string.h>

// Two CSRCs, an extension of one word, six bytes of payload, padding of three.
static const uint8_t full_packet[] = {
    0xB2, 0xE2, 0xFF, 0xFE, 0x80, 0x00, 0x00, 0x01, 0xDE, 0xAD, 0xBE, 0xEF, // header
    1,    2,    3,    4,    5,    6,    7,    8,                            // CSRC
    0xBE, 0xDE, 0,    1,    9,    9,    9,    9,                            // extension
    'a',  'b',  'c',  'd',  'e',  'f',  0,    0,    3,
};
#define FULL_PAYLOAD 28

// On the heap in exactly its size, so that AddressSanitizer sees a byte read beyond.
static audyn_rtp_kind_t
parse_copy(const uint8_t *bytes, size_t size, audyn_rtp_packet_t *packet)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    const audyn_rtp_kind_t kind = audyn_rtp_parse(packet, copy, size);
    if (kind == AUDYN_RTP_OK) {
        assert_true(packet->payload >= copy);
        const size_t start = (size_t)(packet->payload - copy);
        assert_true(start >= AUDYN_RTP_HEADER_BYTES && start <= size);
        assert_true(packet->payload_bytes <= size - start);
        packet->payload = bytes + start;
    }
    free(copy);
    return kind;
}

static void
a_header_that_was_written_is_read_again(void **state)
{
    (void)state;
    const audyn_rtp_packet_t written = {.payload_type = 98,
                                        .sequence = 0xFFFE,
                                        .timestamp = 0x80000001,
                                        .ssrc = 0xDEADBEEF};
    uint8_t bytes[AUDYN_RTP_HEADER_BYTES + 2] = {0};
    audyn_rtp_write_header(&written, bytes);
    const uint8_t expected[] = {0x80, 98,   0xFF, 0xFE, 0x80, 0x00,
                                0x00, 0x01, 0xDE, 0xAD, 0xBE, 0xEF};
    assert_memory_equal(bytes, expected, sizeof expected);

    audyn_rtp_packet_t read;
    assert_int_equal(audyn_rtp_parse(&read, bytes, sizeof bytes), AUDYN_RTP_OK);
    assert_int_equal(read.payload_type, written.payload_type);
    assert_int_equal(read.sequence, written.sequence);
    assert_int_equal(read.timestamp, written.timestamp);
    assert_int_equal(read.ssrc, written.ssrc);
    assert_ptr_equal(read.payload, bytes + AUDYN_RTP_HEADER_BYTES);
    assert_int_equal(read.payload_bytes, 2);
}

static void
csrc_extension_and_padding_are_left_out_of_the_payload(void **state)
{
    (void)state;
    audyn_rtp_packet_t packet;
    assert_int_equal(parse_copy(full_packet, sizeof full_packet, &packet), AUDYN_RTP_OK);
    assert_int_equal(packet.payload_type, 98);
    assert_int_equal(packet.sequence, 0xFFFE);
    assert_int_equal(packet.timestamp, 0x80000001);
    assert_int_equal(packet.ssrc, 0xDEADBEEF);
    assert_ptr_equal(packet.payload, full_packet + FULL_PAYLOAD);
    assert_int_equal(packet.payload_bytes, 6);
}

static void
a_packet_that_ends_within_its_header_fields_is_malformed(void **state)
{
    (void)state;
    uint8_t bytes[sizeof full_packet];
    memcpy(bytes, full_packet, sizeof bytes);
    bytes[0] &= (uint8_t)~0x20; // without padding any payload length will do
    audyn_rtp_packet_t packet;
    for (size_t size = 0; size <= sizeof bytes; ++size) {
        const audyn_rtp_kind_t kind = parse_copy(bytes, size, &packet);
        assert_int_equal(kind, size < FULL_PAYLOAD ? AUDYN_RTP_MALFORMED : AUDYN_RTP_OK);
        if (kind == AUDYN_RTP_OK) {
            assert_int_equal(packet.payload_bytes, size - FULL_PAYLOAD);
        }
    }
}

static void
padding_must_lie_within_the_payload_and_count_itself(void **state)
{
    (void)state;
    uint8_t bytes[sizeof full_packet];
    memcpy(bytes, full_packet, sizeof bytes);
    const size_t most = sizeof bytes - FULL_PAYLOAD;
    audyn_rtp_packet_t packet;
    for (unsigned padding = 0; padding < 256; ++padding) {
        bytes[sizeof bytes - 1] = (uint8_t)padding;
        const bool fits = padding >= 1 && padding <= most;
        assert_int_equal(parse_copy(bytes, sizeof bytes, &packet),
                         fits ? AUDYN_RTP_OK : AUDYN_RTP_MALFORMED);
        if (fits) {
            assert_int_equal(packet.payload_bytes, most - padding);
        }
    }
    // No payload at all: the last byte belongs to the extension.
    assert_int_equal(parse_copy(bytes, FULL_PAYLOAD, &packet), AUDYN_RTP_MALFORMED);
}

static void
an_extension_may_claim_more_than_there_is(void **state)
{
    (void)state;
    uint8_t bytes[sizeof full_packet];
    memcpy(bytes, full_packet, sizeof bytes);
    bytes[22] = 0xFF;
    bytes[23] = 0xFF;
    audyn_rtp_packet_t packet;
    assert_int_equal(parse_copy(bytes, sizeof bytes, &packet), AUDYN_RTP_MALFORMED);
}

static void
only_version_two_is_rtp(void **state)
{
    (void)state;
    uint8_t bytes[16] = {0};
    audyn_rtp_packet_t packet;
    for (unsigned version = 0; version < 4; ++version) {
        bytes[0] = (uint8_t)(version << 6);
        assert_int_equal(parse_copy(bytes, sizeof bytes, &packet),
                         version == 2 ? AUDYN_RTP_OK : AUDYN_RTP_MALFORMED);
    }
}

static void
rtcp_is_told_by_its_packet_type_even_when_shorter_than_rtp(void **state)
{
    (void)state;
    audyn_rtp_packet_t packet;
    for (unsigned type = 0; type < 256; ++type) {
        const uint8_t bytes[16] = {0x80, (uint8_t)type};
        const bool rtcp = type >= 192 && type <= 223;
        assert_int_equal(parse_copy(bytes, sizeof bytes, &packet),
                         rtcp ? AUDYN_RTP_RTCP : AUDYN_RTP_OK);
        assert_int_equal(parse_copy(bytes, 8, &packet),
                         rtcp ? AUDYN_RTP_RTCP : AUDYN_RTP_MALFORMED);
    }
}

static void
no_bytes_whatever_lead_outside_of_the_packet(void **state)
{
    (void)state;
    uint32_t random = 20260101;
    audyn_rtp_packet_t packet;
    unsigned accepted = 0;
    for (int round = 0; round < 200000; ++round) {
        uint8_t bytes[80];
        for (size_t i = 0; i < sizeof bytes; ++i) {
            random = random * 1664525 + 1013904223;
            bytes[i] = (uint8_t)(random >> 24);
        }
        if (round % 4) {
            bytes[0] = (uint8_t)(0x80 | (bytes[0] & 0x3F));
        }
        if (round % 2) {
            bytes[14] = bytes[18] = bytes[22] = 0; // extensions of a believable length
        }
        accepted +=
            parse_copy(bytes, random % (sizeof bytes + 1), &packet) == AUDYN_RTP_OK;
    }
    assert_in_range(accepted, 10000, 150000); // both ways were taken
}

static void
formats_are_read_as_in_rtpmap(void **state)
{
    (void)state;
    audyn_rtp_format_t format;
    assert_true(audyn_rtp_parse_format(&format, "L24/48000/2"));
    assert_int_equal(format.bits, 24);
    assert_int_equal(format.sample_rate, 48000);
    assert_int_equal(format.channels, 2);
    assert_int_equal(audyn_rtp_frame_bytes(&format), 6);
    assert_true(audyn_rtp_parse_format(&format, "L16/44100"));
    assert_int_equal(format.bits, 16);
    assert_int_equal(format.sample_rate, 44100);
    assert_int_equal(format.channels, 1);
    assert_true(audyn_rtp_parse_format(&format, "l24/96000/64"));
    assert_int_equal(format.channels, 64);
}

static void
anything_else_is_no_format_and_changes_nothing(void **state)
{
    (void)state;
    const char *const wrong[] = {
        "",
        "L24",
        "L24/",
        "L24/48000/",
        "L24/48000/0",
        "L24/48000/65",
        "L24/048000/2",
        "L24/48000/02",
        "L24/48000/2 ",
        " L24/48000/2",
        "L24/48000/2/1",
        "L20/48000/2",
        "L16/32000/2",
        "L24/-48000/2",
        "L24/+48000",
        "L24/48000/4294967298",
        "L24/4295015296/2",
        "L24 48000 2",
        "L24/48k/2",
        "PCMU/8000",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        audyn_rtp_format_t format = {1, 2, 3};
        if (audyn_rtp_parse_format(&format, wrong[i])) {
            fail_msg("'%s' was taken for a format", wrong[i]);
        }
        assert_int_equal(format.bits, 1);
        assert_int_equal(format.sample_rate, 2);
        assert_int_equal(format.channels, 3);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_that_was_written_is_read_again),
        cmocka_unit_test(csrc_extension_and_padding_are_left_out_of_the_payload),
        cmocka_unit_test(a_packet_that_ends_within_its_header_fields_is_malformed),
        cmocka_unit_test(padding_must_lie_within_the_payload_and_count_itself),
        cmocka_unit_test(an_extension_may_claim_more_than_there_is),
        cmocka_unit_test(only_version_two_is_rtp),
        cmocka_unit_test(rtcp_is_told_by_its_packet_type_even_when_shorter_than_rtp),
        cmocka_unit_test(no_bytes_whatever_lead_outside_of_the_packet),
        cmocka_unit_test(formats_are_read_as_in_rtpmap),
        cmocka_unit_test(anything_else_is_no_format_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
