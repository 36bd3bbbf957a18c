// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "loopback.h"

#include "unit_test.h"

#include "net/rtp.h"
#include "net/socket.h"

#include <arpa/inet.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PACKET_SAMPLES 48
#define PAYLOAD_BYTES (PACKET_SAMPLES * 6)

uint16_t
loopback_free_port(void)
{
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

audyn_input_t *
loopback_open_l24(audyn_rtp_receivers_t *receivers, int *fd)
{
    const audyn_endpoint_t endpoint = {{htonl(INADDR_LOOPBACK)}, loopback_free_port()};
    char uri[64];
    snprintf(uri, sizeof uri, "rtp://127.0.0.1:%u?format=L24/48000/2", endpoint.port);
    const audyn_input_config_t config = {.receivers = receivers, .buffer_ms = 500};
    audyn_input_t *input;
    audyn_error_t error = {""};
    if (audyn_input_open(&input, uri, &config, &error) ||
        audyn_socket_open_sender(fd, &endpoint, 0, &error)) {
        fail_msg("%s: %s", uri, error.text);
    }
    return input;
}

void
loopback_send_l24(int fd, uint16_t sequence)
{
    uint8_t bytes[AUDYN_RTP_HEADER_BYTES + PAYLOAD_BYTES];
    memset(bytes, 0x21, sizeof bytes);
    const audyn_rtp_packet_t packet = {
        .payload_type = 98,
        .sequence = sequence,
        .timestamp = (uint32_t)sequence * PACKET_SAMPLES,
        .ssrc = 0x1234,
    };
    audyn_rtp_write_header(&packet, bytes);
    assert_int_equal(send(fd, bytes, sizeof bytes, 0), sizeof bytes);
}

void
loopback_wait_for_packets(const audyn_input_t *input, uint64_t packets)
{
    audyn_input_report_t report;
    do {
        sched_yield();
        audyn_input_get_report(input, &report);
    } while (report.packets < packets);
}
