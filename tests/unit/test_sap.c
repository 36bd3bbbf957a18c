// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "net/sap.h"

#include <stdlib.h>
#include <string.h>

#define PAYLOAD "v=0\r\no=- 1 2 IN IP4 192.0.2.7\r\n"

// On the heap in exactly its size, so that AddressSanitizer sees a byte read beyond.
static audyn_sap_kind_t
parse_copy(audyn_sap_packet_t *packet, const char *bytes, size_t size)
{
    static char *copy; // what the packet points into
    free(copy);
    copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    return audyn_sap_parse(packet, (const uint8_t *)copy, size);
}

// With the text of an array, which may contain NULs.
#define PARSE(packet, text) parse_copy(packet, text, sizeof(text) - 1)

static void
assert_payload(const audyn_sap_packet_t *packet, const char *expected)
{
    assert_int_equal(packet->payload_bytes, strlen(expected));
    assert_memory_equal(packet->payload, expected, packet->payload_bytes);
}

static void
an_announcement_that_was_formatted_is_parsed_again(void **state)
{
    (void)state;
    const audyn_sap_packet_t written = {
        .hash = 0xABCD,
        .source = {192, 0, 2, 7},
        .source_bytes = 4,
        .payload = PAYLOAD,
        .payload_bytes = strlen(PAYLOAD),
    };
    static const char expected[] = "\x20\0\xAB\xCD\xC0\0\x02\x07"
                                   "application/sdp\0" PAYLOAD;
    uint8_t bytes[128];
    const size_t size = audyn_sap_format(bytes, sizeof bytes, &written);
    assert_int_equal(size, sizeof expected - 1);
    assert_memory_equal(bytes, expected, size);
    audyn_sap_packet_t read;
    assert_int_equal(parse_copy(&read, (const char *)bytes, size), AUDYN_SAP_OK);
    assert_false(read.deletion);
    assert_int_equal(read.hash, written.hash);
    assert_int_equal(read.source_bytes, 4);
    assert_memory_equal(read.source, written.source, 4);
    assert_payload(&read, PAYLOAD);
    for (size_t room = 0; room < size; ++room) {
        assert_int_equal(audyn_sap_format(bytes, room, &written), 0);
    }
}

static void
a_deletion_from_an_ipv6_source_is_marked_as_both(void **state)
{
    (void)state;
    audyn_sap_packet_t packet = {
        .deletion = true,
        .source = {0x20, 0x01, 0x0D, 0xB8, [15] = 1},
        .source_bytes = 16,
        .payload = "o=- 1 2 IN IP6 ::1\r\n",
        .payload_bytes = 20,
    };
    uint8_t bytes[128];
    const size_t size = audyn_sap_format(bytes, sizeof bytes, &packet);
    assert_int_equal(bytes[0], 0x34);
    audyn_sap_packet_t read;
    assert_int_equal(parse_copy(&read, (const char *)bytes, size), AUDYN_SAP_OK);
    assert_true(read.deletion);
    assert_int_equal(read.source_bytes, 16);
    assert_memory_equal(read.source, packet.source, 16);
    assert_payload(&read, "o=- 1 2 IN IP6 ::1\r\n");
}

static void
the_payload_type_may_be_absent(void **state)
{
    (void)state;
    audyn_sap_packet_t packet;
    assert_int_equal(PARSE(&packet, "\x20\0\0\x01\x7F\0\0\x01" PAYLOAD), AUDYN_SAP_OK);
    assert_payload(&packet, PAYLOAD);
    assert_int_equal(PARSE(&packet, "\x24\0\0\x01\x7F\0\0\x01o=x"), AUDYN_SAP_OK);
    assert_true(packet.deletion);
    assert_payload(&packet, "o=x");
}

static void
the_payload_type_is_compared_without_case(void **state)
{
    (void)state;
    audyn_sap_packet_t packet;
    assert_int_equal(PARSE(&packet, "\x20\0\0\x01\x7F\0\0\x01"
                                    "Application/SDP\0" PAYLOAD),
                     AUDYN_SAP_OK);
    assert_payload(&packet, PAYLOAD);
    assert_int_equal(PARSE(&packet, "\x20\0\0\x01\x7F\0\0\x01text/plain\0" PAYLOAD),
                     AUDYN_SAP_UNREADABLE);
}

static void
authentication_is_skipped(void **state)
{
    (void)state;
    audyn_sap_packet_t packet;
    assert_int_equal(PARSE(&packet, "\x20\x02\0\x01\x7F\0\0\x01"
                                    "12345678" PAYLOAD),
                     AUDYN_SAP_OK);
    assert_payload(&packet, PAYLOAD);
    assert_int_equal(PARSE(&packet, "\x20\x02\0\x01\x7F\0\0\x01"
                                    "12345678"),
                     AUDYN_SAP_MALFORMED);
    assert_int_equal(PARSE(&packet, "\x20\xFF\0\x01\x7F\0\0\x01" PAYLOAD),
                     AUDYN_SAP_MALFORMED);
}

static void
nuls_behind_the_description_are_left_out(void **state)
{
    (void)state;
    audyn_sap_packet_t packet;
    assert_int_equal(PARSE(&packet, "\x20\0\0\x01\x7F\0\0\x01" PAYLOAD "\0\0"),
                     AUDYN_SAP_OK);
    assert_payload(&packet, PAYLOAD);
    assert_int_equal(PARSE(&packet, "\x20\0\0\x01\x7F\0\0\x01"
                                    "application/sdp\0\0\0"),
                     AUDYN_SAP_MALFORMED);
}

static void
what_is_encrypted_or_compressed_is_refused(void **state)
{
    (void)state;
    audyn_sap_packet_t packet;
    assert_int_equal(PARSE(&packet, "\x22\0\0\x01\x7F\0\0\x01" PAYLOAD),
                     AUDYN_SAP_UNREADABLE);
    assert_int_equal(PARSE(&packet, "\x21\0\0\x01\x7F\0\0\x01" PAYLOAD),
                     AUDYN_SAP_UNREADABLE);
}

static void
what_is_cut_off_or_of_another_version_is_malformed(void **state)
{
    (void)state;
    static const char whole[] = "\x20\x01\0\x01\x7F\0\0\x01"
                                "autha";
    audyn_sap_packet_t packet;
    for (size_t size = 0; size < sizeof whole; ++size) {
        assert_int_equal(parse_copy(&packet, whole, size), AUDYN_SAP_MALFORMED);
    }
    assert_int_equal(PARSE(&packet, "\x30\0\0\x01\x20\x01\x0D\xB8v=0"),
                     AUDYN_SAP_MALFORMED);
    assert_int_equal(PARSE(&packet, "\x40\0\0\x01\x7F\0\0\x01" PAYLOAD),
                     AUDYN_SAP_MALFORMED);
    assert_int_equal(PARSE(&packet, "\0\0\0\x01\x7F\0\0\x01" PAYLOAD),
                     AUDYN_SAP_MALFORMED);
}

static void
a_hash_is_stable_and_never_zero(void **state)
{
    (void)state;
    assert_int_equal(audyn_sap_hash(PAYLOAD, strlen(PAYLOAD)),
                     audyn_sap_hash(PAYLOAD, strlen(PAYLOAD)));
    assert_int_not_equal(audyn_sap_hash("a", 1), audyn_sap_hash("b", 1));
    // Some number of three letters hashes to 0 before that is avoided.
    for (uint32_t i = 0; i < 1U << 20; ++i) {
        const char text[] = {(char)i, (char)(i >> 8), (char)(i >> 16)};
        assert_int_not_equal(audyn_sap_hash(text, sizeof text), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_announcement_that_was_formatted_is_parsed_again),
        cmocka_unit_test(a_deletion_from_an_ipv6_source_is_marked_as_both),
        cmocka_unit_test(the_payload_type_may_be_absent),
        cmocka_unit_test(the_payload_type_is_compared_without_case),
        cmocka_unit_test(authentication_is_skipped),
        cmocka_unit_test(nuls_behind_the_description_are_left_out),
        cmocka_unit_test(what_is_encrypted_or_compressed_is_refused),
        cmocka_unit_test(what_is_cut_off_or_of_another_version_is_malformed),
        cmocka_unit_test(a_hash_is_stable_and_never_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
