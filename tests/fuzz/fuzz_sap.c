// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The bytes are an announcement from a stranger, which then goes into a directory.

#include "fuzz_target.h"

#include "net/sap_directory.h"

#include <string.h>

// Bytes in front of the payload and its type (RFC 2974, section 6), read once more in
// the plainest way.
static size_t
header_bytes(const uint8_t *bytes)
{
    const size_t source_bytes = bytes[0] & 0x10 ? 16 : 4;
    return 4 + source_bytes + 4 * (size_t)bytes[1];
}

static void
check_packet(const audyn_sap_packet_t *packet, const uint8_t *bytes, size_t size)
{
    const uint8_t *payload = (const uint8_t *)packet->payload;
    EXPECT(bytes[0] >> 5 == 1 && !(bytes[0] & 3));
    EXPECT(packet->deletion == ((bytes[0] & 4) != 0));
    EXPECT(packet->hash == bytes[2] * 256 + bytes[3]);
    EXPECT(packet->source_bytes == ((bytes[0] & 0x10) ? 16 : 4));
    EXPECT(!memcmp(packet->source, bytes + 4, packet->source_bytes));
    EXPECT(packet->payload_bytes > 0);
    EXPECT(payload >= bytes + header_bytes(bytes));
    EXPECT(payload + packet->payload_bytes <= bytes + size);
}

// What is written is read again.
static void
check_format(const audyn_sap_packet_t *packet)
{
    static uint8_t bytes[70000];
    const size_t size = audyn_sap_format(bytes, sizeof bytes, packet);
    EXPECT(size > packet->payload_bytes);
    EXPECT(!audyn_sap_format(bytes, size - 1, packet));
    audyn_sap_packet_t again;
    EXPECT(audyn_sap_parse(&again, bytes, size) == AUDYN_SAP_OK);
    check_packet(&again, bytes, size);
    EXPECT(again.payload_bytes == packet->payload_bytes);
    EXPECT(!memcmp(again.payload, packet->payload, packet->payload_bytes));
    EXPECT(audyn_sap_hash(packet->payload, packet->payload_bytes));
}

static void
check_directory(audyn_sap_packet_t *packet)
{
    static audyn_sap_directory_t *directory;
    EXPECT(directory || !audyn_sap_directory_create(&directory));
    const audyn_sap_arrival_t arrival = {.interface_index = 1};
    const bool deletion = packet->deletion;
    packet->deletion = true;
    const audyn_sap_event_t unknown =
        audyn_sap_directory_take(directory, packet, &arrival);
    EXPECT(unknown == AUDYN_SAP_IGNORED || unknown == AUDYN_SAP_NO_DESCRIPTION);
    packet->deletion = false;
    if (audyn_sap_directory_take(directory, packet, &arrival) == AUDYN_SAP_ADDED) {
        EXPECT(audyn_sap_directory_count(directory) == 1);
        const audyn_sap_entry_t *entry = audyn_sap_directory_at(directory, 0);
        EXPECT(!entry->problem.text[0] == (entry->session.media_count > 0));
        EXPECT(audyn_sap_directory_take(directory, packet, &arrival) ==
               AUDYN_SAP_REPEATED);
        packet->deletion = true;
        EXPECT(audyn_sap_directory_take(directory, packet, &arrival) ==
               AUDYN_SAP_DELETED);
    }
    EXPECT(!audyn_sap_directory_count(directory));
    packet->deletion = deletion;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    audyn_sap_packet_t packet;
    const audyn_sap_kind_t kind = audyn_sap_parse(&packet, bytes, size);
    if (size < 4 || bytes[0] >> 5 != 1) {
        EXPECT(kind == AUDYN_SAP_MALFORMED);
    } else if (bytes[0] & 3) {
        EXPECT(kind == AUDYN_SAP_UNREADABLE);
    } else if (size <= header_bytes(bytes)) {
        EXPECT(kind == AUDYN_SAP_MALFORMED);
    }
    if (kind == AUDYN_SAP_OK) {
        check_packet(&packet, bytes, size);
        check_format(&packet);
        check_directory(&packet);
    }
    return 0;
}
