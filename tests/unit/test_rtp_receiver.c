// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Streams that share a receiver, over the loopback interface.

#include "failing_allocations.h"
#include "loopback.h"
#include "unit_test.h"

#include "input/rtp_receiver.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROUP_A "239.255.77.1"
#define GROUP_B "239.255.77.2"
#define PAYLOAD_BYTES (48 * 2)

/// A mono L16 sender whose every sample says whose it is.
struct sender {
    int fd;
    uint32_t ssrc;
    uint16_t sequence;
    uint8_t mark; // both bytes of each sample
};

static struct sender
open_sender(const char *address, uint16_t port, uint8_t mark)
{
    audyn_endpoint_t endpoint = {.port = port};
    assert_int_equal(inet_pton(AF_INET, address, &endpoint.address), 1);
    int loopback;
    assert_int_equal(audyn_interface_find("lo", &loopback, NULL), AUDYN_OK);
    struct sender sender = {.ssrc = mark, .mark = mark};
    assert_int_equal(audyn_socket_open_sender(&sender.fd, &endpoint, loopback, NULL),
                     AUDYN_OK);
    return sender;
}

static void
send_packets(struct sender *sender, unsigned count)
{
    uint8_t bytes[AUDYN_RTP_HEADER_BYTES + PAYLOAD_BYTES];
    for (unsigned i = 0; i < count; ++i) {
        const audyn_rtp_packet_t packet = {
            .payload_type = 96,
            .sequence = sender->sequence,
            .timestamp = sender->sequence * 48U,
            .ssrc = sender->ssrc,
        };
        ++sender->sequence;
        memset(bytes, sender->mark, sizeof bytes);
        audyn_rtp_write_header(&packet, bytes);
        assert_int_equal(send(sender->fd, bytes, sizeof bytes, 0), sizeof bytes);
    }
}

static audyn_input_t *
open_input(audyn_rtp_receivers_t *receivers, const char *address, uint16_t port,
           const char *options)
{
    const audyn_input_config_t config = {.receivers = receivers, .buffer_ms = 500};
    char uri[160];
    snprintf(uri, sizeof uri, "rtp://%s:%u?format=L16/48000/1&iface=lo%s", address, port,
             options);
    audyn_input_t *input;
    audyn_error_t error = {""};
    if (audyn_input_open(&input, uri, &config, &error) ||
        audyn_input_start(input, &error)) {
        fail_msg("%s: %s", uri, error.text);
    }
    return input;
}

// Everything in the timeline carries one mark; returns how many sample frames.
static uint64_t
take_all(audyn_input_t *input, uint8_t mark)
{
    const float expected = (float)(mark * 257) / 32768.0f;
    audyn_timeline_t *timeline = audyn_input_timeline(input);
    uint64_t taken = 0;
    audyn_stretch_t stretch;
    while (audyn_timeline_next(timeline, &stretch)) {
        assert_non_null(stretch.samples);
        for (uint64_t i = 0; i < stretch.sample_frames; ++i) {
            assert_true(stretch.samples[i] == expected);
        }
        taken += stretch.sample_frames;
        audyn_timeline_release(timeline, &stretch);
    }
    return taken;
}

static unsigned
open_descriptors(void)
{
    unsigned count = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (readdir(directory)) {
        ++count;
    }
    closedir(directory);
    return count;
}

static audyn_rtp_receivers_t *
create_receivers(void)
{
    audyn_rtp_receivers_t *receivers;
    assert_int_equal(audyn_rtp_receivers_create(&receivers), AUDYN_OK);
    return receivers;
}

static void
two_groups_on_one_port_never_mix(void **state)
{
    (void)state;
    const unsigned descriptors = open_descriptors();
    audyn_rtp_receivers_t *receivers = create_receivers();
    const uint16_t port = loopback_free_port();
    struct sender a = open_sender(GROUP_A, port, 0x11);
    struct sender b = open_sender(GROUP_B, port, 0x22);
    audyn_input_t *input_a = open_input(receivers, GROUP_A, port, "");
    audyn_input_t *input_b = open_input(receivers, GROUP_B, port, "");
    for (unsigned i = 0; i < 20; ++i) {
        send_packets(&a, 5);
        send_packets(&b, 7);
    }
    loopback_wait_for_packets(input_a, 100);
    loopback_wait_for_packets(input_b, 140);
    audyn_input_stop(input_a);
    audyn_input_stop(input_b);
    assert_int_equal(take_all(input_a, 0x11), 100 * 48);
    assert_int_equal(take_all(input_b, 0x22), 140 * 48);
    audyn_input_close(input_a);
    audyn_input_close(input_b);
    audyn_rtp_receivers_destroy(receivers);
    close(a.fd);
    close(b.fd);
    assert_int_equal(open_descriptors(), descriptors);
}

static void
two_sources_on_one_address_never_mix(void **state)
{
    (void)state;
    audyn_rtp_receivers_t *receivers = create_receivers();
    const uint16_t port = loopback_free_port();
    struct sender a = open_sender(GROUP_A, port, 0x11);
    struct sender b = open_sender(GROUP_A, port, 0x22);
    audyn_input_t *input_a = open_input(receivers, GROUP_A, port, "&ssrc=0x11");
    audyn_input_t *input_b = open_input(receivers, GROUP_A, port, "&ssrc=0x22");
    for (unsigned i = 0; i < 20; ++i) {
        send_packets(&a, 5);
        send_packets(&b, 5);
    }
    loopback_wait_for_packets(input_a, 100);
    loopback_wait_for_packets(input_b, 100);
    // The group stays joined for the one when the other leaves.
    audyn_input_stop(input_a);
    assert_int_equal(take_all(input_a, 0x11), 100 * 48);
    audyn_input_close(input_a);
    send_packets(&b, 50);
    loopback_wait_for_packets(input_b, 150);
    audyn_input_stop(input_b);
    assert_int_equal(take_all(input_b, 0x22), 150 * 48);
    audyn_input_report_t report;
    audyn_input_get_report(input_b, &report);
    assert_int_equal(report.rejected.ssrc, 100);
    audyn_input_close(input_b);
    audyn_rtp_receivers_destroy(receivers);
    close(a.fd);
    close(b.fd);
}

static void
streams_come_and_go_while_another_runs(void **state)
{
    (void)state;
    audyn_rtp_receivers_t *receivers = create_receivers();
    const uint16_t port = loopback_free_port();
    struct sender steady = open_sender(GROUP_A, port, 0x11);
    audyn_input_t *input = open_input(receivers, GROUP_A, port, "");
    for (unsigned round = 1; round <= 20; ++round) {
        struct sender brief = open_sender(GROUP_B, port, 0x22);
        audyn_input_t *guest = open_input(receivers, GROUP_B, port, "");
        send_packets(&brief, 3);
        send_packets(&steady, 3);
        loopback_wait_for_packets(guest, 3);
        audyn_input_stop(guest);
        assert_int_equal(take_all(guest, 0x22), 3 * 48);
        audyn_input_close(guest);
        close(brief.fd);
    }
    loopback_wait_for_packets(input, 60);
    audyn_input_stop(input);
    assert_int_equal(take_all(input, 0x11), 60 * 48);
    audyn_input_close(input);
    audyn_rtp_receivers_destroy(receivers);
    close(steady.fd);
}

static void
unicast_and_one_source_only(void **state)
{
    (void)state;
    audyn_rtp_receivers_t *receivers = create_receivers();
    const uint16_t port = loopback_free_port();
    audyn_input_t *input = open_input(receivers, "127.0.0.1", port, "&source=127.0.0.1");
    audyn_input_t *deaf = open_input(receivers, "127.0.0.1", port, "&source=127.0.0.9");
    struct sender sender = open_sender("127.0.0.1", port, 0x33);
    send_packets(&sender, 10);
    loopback_wait_for_packets(input, 10);
    audyn_input_stop(input);
    audyn_input_stop(deaf);
    assert_int_equal(take_all(input, 0x33), 480);
    assert_int_equal(take_all(deaf, 0x33), 0);
    audyn_input_close(deaf);
    audyn_input_close(input);
    audyn_rtp_receivers_destroy(receivers);
    close(sender.fd);
}

static void
a_port_in_use_is_said_and_leaves_nothing_behind(void **state)
{
    (void)state;
    audyn_rtp_receivers_t *receivers = create_receivers();
    audyn_rtp_receivers_t *others = create_receivers();
    const uint16_t port = loopback_free_port();
    audyn_input_t *first = open_input(others, "127.0.0.1", port, "");
    const unsigned descriptors = open_descriptors();
    const audyn_input_config_t config = {.receivers = receivers};
    char uri[96];
    snprintf(uri, sizeof uri, "rtp://127.0.0.1:%u?format=L16/48000/1", port);
    audyn_input_t *input;
    audyn_error_t error = {""};
    assert_int_equal(audyn_input_open(&input, uri, &config, &error), AUDYN_BUSY);
    assert_null(input);
    assert_true(strlen(error.text) > 20);
    assert_int_equal(open_descriptors(), descriptors);
    audyn_input_close(first);
    audyn_rtp_receivers_destroy(others);
    audyn_rtp_receivers_destroy(receivers);
}

static void
any_allocation_may_fail(void **state)
{
    (void)state;
    const uint16_t port = loopback_free_port();
    char uri[96];
    snprintf(uri, sizeof uri, "rtp://" GROUP_A ":%u?format=L16/48000/1&iface=lo", port);
    const unsigned descriptors = open_descriptors();
    audyn_status_t status = AUDYN_NO_MEMORY;
    for (int allowed = 0; status; ++allowed) {
        assert_in_range(allowed, 0, 30);
        failing_allocations_after(allowed);
        audyn_rtp_receivers_t *receivers;
        audyn_input_t *input = NULL;
        audyn_error_t error = {""};
        status = audyn_rtp_receivers_create(&receivers);
        if (!status) {
            const audyn_input_config_t config = {.receivers = receivers};
            status = audyn_input_open(&input, uri, &config, &error);
        }
        if (!status) {
            status = audyn_input_start(input, &error);
        }
        const bool failed = failing_allocations_happened();
        failing_allocations_after(-1);
        assert_int_equal(status, failed ? AUDYN_NO_MEMORY : AUDYN_OK);
        audyn_input_close(input);
        audyn_rtp_receivers_destroy(receivers);
        assert_int_equal(open_descriptors(), descriptors);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_groups_on_one_port_never_mix),
        cmocka_unit_test(two_sources_on_one_address_never_mix),
        cmocka_unit_test(streams_come_and_go_while_another_runs),
        cmocka_unit_test(unicast_and_one_source_only),
        cmocka_unit_test(a_port_in_use_is_said_and_leaves_nothing_behind),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
