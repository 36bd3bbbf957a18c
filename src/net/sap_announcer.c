// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "net/sap_announcer.h"

#include "core/clock.h"
#include "net/sap.h"
#include "net/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define INTERVAL_NS (30 * AUDYN_NS_PER_SECOND)

// RFC 2974, section 6: an announcement should fit into one packet.
#define PACKET_BYTES 2048

struct audyn_sap_announcer {
    int fd;
    bool announced; // at least once
    int send_errno;
    int64_t due_ns;
    uint8_t bytes[PACKET_BYTES], deletion[PACKET_BYTES];
    size_t size, deletion_size;
};

struct in_addr
audyn_sap_group(struct in_addr destination)
{
    const uint32_t address = ntohl(destination.s_addr);
    const bool global = audyn_address_is_multicast(destination) && address >> 24 != 239;
    return (struct in_addr){inet_addr(global ? AUDYN_SAP_GLOBAL : AUDYN_SAP_LOCAL)};
}

static bool
format_packets(audyn_sap_announcer_t *announcer, const char *description)
{
    const size_t length = strlen(description);
    audyn_sap_packet_t packet = {
        .hash = audyn_sap_hash(description, length),
        .source_bytes = 4,
        .payload = description,
        .payload_bytes = length,
    };
    struct in_addr local;
    uint8_t mac[6];
    audyn_socket_local(announcer->fd, &local, mac);
    memcpy(packet.source, &local, packet.source_bytes);
    announcer->size = audyn_sap_format(announcer->bytes, PACKET_BYTES, &packet);
    packet.deletion = true;
    announcer->deletion_size =
        audyn_sap_format(announcer->deletion, PACKET_BYTES, &packet);
    return announcer->size;
}

static audyn_status_t
open_socket(audyn_sap_announcer_t *announcer, const audyn_sap_announcer_config_t *config,
            audyn_error_t *error)
{
    const audyn_endpoint_t group = {audyn_sap_group(config->destination), AUDYN_SAP_PORT};
    const audyn_status_t status =
        audyn_socket_open_sender(&announcer->fd, &group, config->interface_index, error);
    if (status) {
        return status;
    }
    if (!audyn_socket_mark(announcer->fd, 0, config->ttl)) {
        const int cause = errno;
        return audyn_error_set(error, audyn_status_from_errno(cause),
                               "ttl=%u cannot be set for announcements: %s", config->ttl,
                               strerror(cause));
    }
    return AUDYN_OK;
}

audyn_status_t
audyn_sap_announcer_open(audyn_sap_announcer_t **out,
                         const audyn_sap_announcer_config_t *config, audyn_error_t *error)
{
    *out = NULL;
    audyn_sap_announcer_t *announcer = calloc(1, sizeof *announcer);
    if (!announcer) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for announcements");
    }
    announcer->fd = -1;
    audyn_status_t status = open_socket(announcer, config, error);
    if (!status && !format_packets(announcer, config->description)) {
        status = audyn_error_set(error, AUDYN_TOO_LARGE,
                                 "the description is too long to be announced: %zu bytes",
                                 strlen(config->description));
    }
    if (status) {
        audyn_sap_announcer_close(announcer);
        return status;
    }
    announcer->due_ns = INT64_MIN;
    *out = announcer;
    return AUDYN_OK;
}

// RFC 2974, section 3.1: so that announcers do not fall into step.
static int64_t
interval_ns(void)
{
    uint64_t chance = 0;
    getrandom(&chance, sizeof chance, GRND_NONBLOCK);
    const int64_t third_ns = INTERVAL_NS / 3;
    return INTERVAL_NS - third_ns + (int64_t)(chance % (uint64_t)(2 * third_ns));
}

int64_t
audyn_sap_announcer_run(audyn_sap_announcer_t *announcer, int64_t now_ns)
{
    if (now_ns >= announcer->due_ns) {
        const ssize_t sent = send(announcer->fd, announcer->bytes, announcer->size, 0);
        announcer->send_errno = sent < 0 ? errno : 0;
        announcer->announced = announcer->announced || sent >= 0;
        announcer->due_ns = now_ns + interval_ns();
    }
    return announcer->due_ns;
}

int
audyn_sap_announcer_errno(const audyn_sap_announcer_t *announcer)
{
    return announcer->send_errno;
}

void
audyn_sap_announcer_close(audyn_sap_announcer_t *announcer)
{
    if (!announcer) {
        return;
    }
    if (announcer->announced) {
        // Nobody could do anything about a failure: the session then ends by its age.
        send(announcer->fd, announcer->deletion, announcer->deletion_size, 0);
    }
    if (announcer->fd >= 0) {
        close(announcer->fd);
    }
    free(announcer);
}
