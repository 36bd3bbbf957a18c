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
open_uri(audyn_rtp_receivers_t *receivers, const char *uri)
{
    // However slow the machine is, a sender that has finished does not turn silent.
    const audyn_input_config_t config = {
        .receivers = receivers, .buffer_ms = 500, .stall_ms = 60000};
    audyn_input_t *input;
    audyn_error_t error = {""};
    if (audyn_input_open(&input, uri, &config, &error) ||
        audyn_input_start(input, &error)) {
        fail_msg("%s: %s", uri, error.text);
    }
    return input;
}

static audyn_input_t *
open_input(audyn_rtp_receivers_t *receivers, const char *address, uint16_t port,
           const char *options)
{
    char uri[160];
    snprintf(uri, sizeof uri, "rtp://%s:%u?format=L16/48000/1&iface=lo%s", address, port,
             options);
    return open_uri(receivers, uri);
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
        send_packets(&brief, 8);
        send_packets(&steady, 3);
        loopback_wait_for_packets(guest, 8);
        audyn_input_stop(guest);
        assert_int_equal(take_all(guest, 0x22), 8 * 48);
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

// More than one socket may join (net.ipv4.igmp_max_memberships).
static void
any_number_of_groups_on_one_port(void **state)
{
    (void)state;
    enum { GROUPS = 50 };
    audyn_rtp_receivers_t *receivers = create_receivers();
    const uint16_t port = loopback_free_port();
    audyn_input_t *inputs[GROUPS];
    struct sender senders[GROUPS];
    for (unsigned i = 0; i < GROUPS; ++i) {
        char group[INET_ADDRSTRLEN];
        snprintf(group, sizeof group, "239.255.78.%u", i);
        inputs[i] = open_input(receivers, group, port, "");
        senders[i] = open_sender(group, port, (uint8_t)i);
    }
    for (unsigned i = 0; i < GROUPS; ++i) {
        send_packets(&senders[i], 8);
        close(senders[i].fd);
    }
    for (unsigned i = 0; i < GROUPS; ++i) {
        loopback_wait_for_packets(inputs[i], 8);
        audyn_input_ask_to_stop(inputs[i]);
    }
    for (unsigned i = 0; i < GROUPS; ++i) {
        audyn_input_stop(inputs[i]);
        assert_int_equal(take_all(inputs[i], (uint8_t)i), 8 * 48);
        audyn_input_close(inputs[i]);
    }
    audyn_rtp_receivers_destroy(receivers);
}

static void
a_group_is_recorded_from_all_sources_and_from_one_at_once(void **state)
{
    (void)state;
    audyn_rtp_receivers_t *receivers = create_receivers();
    const uint16_t port = loopback_free_port();
    audyn_input_t *all = open_input(receivers, GROUP_A, port, "");
    audyn_input_t *one = open_input(receivers, GROUP_A, port, "&source=127.0.0.1");
    audyn_input_t *other = open_input(receivers, GROUP_A, port, "&source=127.0.0.9");
    struct sender sender = open_sender(GROUP_A, port, 0x33);
    send_packets(&sender, 10);
    loopback_wait_for_packets(all, 10);
    loopback_wait_for_packets(one, 10);
    audyn_input_close(other);
    send_packets(&sender, 10);
    loopback_wait_for_packets(all, 20);
    loopback_wait_for_packets(one, 20);
    audyn_input_close(all);
    audyn_input_close(one);
    audyn_rtp_receivers_destroy(receivers);
    close(sender.fd);
}

static void
a_unicast_address_is_shared_whatever_interface_is_named(void **state)
{
    (void)state;
    audyn_rtp_receivers_t *receivers = create_receivers();
    const uint16_t port = loopback_free_port();
    char uri[96];
    snprintf(uri, sizeof uri, "rtp://127.0.0.1:%u?format=L16/48000/1", port);
    audyn_input_t *unnamed = open_uri(receivers, uri);
    audyn_input_t *named = open_input(receivers, "127.0.0.1", port, "");
    audyn_input_t *group = open_input(receivers, GROUP_A, port, "");
    audyn_input_t *neighbour = open_input(receivers, "127.0.0.2", port, "");
    struct sender sender = open_sender("127.0.0.1", port, 0x33);
    send_packets(&sender, 10);
    loopback_wait_for_packets(unnamed, 10);
    loopback_wait_for_packets(named, 10);
    audyn_input_stop(group);
    audyn_input_stop(neighbour);
    assert_int_equal(take_all(group, 0x33), 0);
    assert_int_equal(take_all(neighbour, 0x33), 0);
    audyn_input_close(unnamed);
    audyn_input_close(named);
    audyn_input_close(group);
    audyn_input_close(neighbour);
    audyn_rtp_receivers_destroy(receivers);
    close(sender.fd);
}

static audyn_input_t *
open_two_legs(audyn_rtp_receivers_t *receivers, uint16_t port_a, uint16_t port_b)
{
    char uri[160];
    snprintf(uri, sizeof uri,
             "rtp://" GROUP_A ":%u," GROUP_B ":%u?format=L16/48000/1&iface=lo,lo", port_a,
             port_b);
    return open_uri(receivers, uri);
}

// Packets that came once only, half of them on either leg.
static void
assert_complete_from_both(audyn_input_t *input, unsigned packets)
{
    uint64_t counts[AUDYN_SAMPLE_CLASSES] = {0};
    audyn_timeline_count(audyn_input_timeline(input), UINT64_MAX, counts);
    assert_int_equal(counts[AUDYN_SAMPLE_RECEIVED], packets / 2 * 48);
    assert_int_equal(counts[AUDYN_SAMPLE_RECEIVED + 1], packets / 2 * 48);
}

static void
two_legs_fill_one_timeline(void **state)
{
    (void)state;
    const unsigned descriptors = open_descriptors();
    audyn_rtp_receivers_t *receivers = create_receivers();
    const uint16_t port = loopback_free_port();
    const uint16_t ports[] = {port, loopback_free_port()};
    for (unsigned i = 0; i < 2; ++i) {
        struct sender a = open_sender(GROUP_A, port, 0x11);
        struct sender b = open_sender(GROUP_B, ports[i], 0x11);
        audyn_input_t *input = open_two_legs(receivers, port, ports[i]);
        for (unsigned k = 0; k < 20; ++k) {
            send_packets(&a, 4);
            b.sequence = a.sequence;
            send_packets(&b, 4);
            a.sequence = b.sequence;
        }
        loopback_wait_for_packets(input, 160);
        audyn_input_stop(input);
        assert_int_equal(take_all(input, 0x11), 160 * 48);
        assert_complete_from_both(input, 160);
        audyn_input_close(input);
        close(a.fd);
        close(b.fd);
    }
    audyn_rtp_receivers_destroy(receivers);
    assert_int_equal(open_descriptors(), descriptors);
}

static void
a_stream_and_its_second_leg_alone_share_a_socket(void **state)
{
    (void)state;
    audyn_rtp_receivers_t *receivers = create_receivers();
    const uint16_t port = loopback_free_port();
    struct sender b = open_sender(GROUP_B, port, 0x11);
    audyn_input_t *whole = open_two_legs(receivers, port, port);
    audyn_input_t *part = open_input(receivers, GROUP_B, port, "");
    send_packets(&b, 10);
    loopback_wait_for_packets(whole, 10);
    loopback_wait_for_packets(part, 10);
    audyn_input_close(whole);
    send_packets(&b, 10);
    loopback_wait_for_packets(part, 20);
    audyn_input_stop(part);
    assert_int_equal(take_all(part, 0x11), 20 * 48);
    audyn_input_close(part);
    audyn_rtp_receivers_destroy(receivers);
    close(b.fd);
}

static void
assert_refused(const char *uri, audyn_status_t status, const char *word)
{
    audyn_rtp_receivers_t *receivers = create_receivers();
    const unsigned descriptors = open_descriptors();
    const audyn_input_config_t config = {.receivers = receivers};
    audyn_input_t *input;
    audyn_error_t error = {""};
    assert_int_equal(audyn_input_open(&input, uri, &config, &error), status);
    assert_null(input);
    if (!strstr(error.text, word)) {
        fail_msg("%s: no “%s” in: %s", uri, word, error.text);
    }
    assert_int_equal(open_descriptors(), descriptors);
    audyn_rtp_receivers_destroy(receivers);
}

static void
legs_that_cannot_be_are_refused_in_words(void **state)
{
    (void)state;
    const struct {
        const char *uri, *word;
    } wrong[] = {
        {"rtp://" GROUP_A ":5004," GROUP_A ":5004?format=L16/48000/1", "legs A and B"},
        {"rtp://" GROUP_A ":5004,?format=L16/48000/1", "port"},
        {"rtp://" GROUP_A ":5004," GROUP_B ":5004?format=L16/48000/1&iface=lo,lo,lo",
         "iface= has 3 values"},
        {"rtp://" GROUP_A ":5004?format=L16/48000/1&source=1.2.3.4,1.2.3.5",
         "source= has 2 values"},
        {"rtp://" GROUP_A ":5004," GROUP_B ":5004?format=L16/48000/1&source=1.2.3.4,x",
         "source=x"},
        {"rtp://1.1.1.1:1,1.1.1.1:2,1.1.1.1:3,1.1.1.1:4,1.1.1.1:5?format=L16/48000/1",
         "5 addresses"},
        {"rtp://0.0.0.0:5004?format=L16/48000/1", "group"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        assert_refused(wrong[i].uri, AUDYN_INVALID, wrong[i].word);
    }
    assert_refused("rtp://" GROUP_A ":5004," GROUP_B
                   ":5004?format=L16/48000/1&iface=lo,nosuch0",
                   AUDYN_NOT_FOUND, "nosuch0");
}

static void
a_leg_that_cannot_be_joined_is_named(void **state)
{
    (void)state;
    char uri[128];
    snprintf(uri, sizeof uri, "rtp://" GROUP_A ":%u,192.0.2.1:5004?format=L16/48000/1",
             loopback_free_port());
    assert_refused(uri, AUDYN_NOT_FOUND, "leg B: UDP 192.0.2.1:5004");
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
        cmocka_unit_test(any_number_of_groups_on_one_port),
        cmocka_unit_test(a_group_is_recorded_from_all_sources_and_from_one_at_once),
        cmocka_unit_test(a_unicast_address_is_shared_whatever_interface_is_named),
        cmocka_unit_test(two_legs_fill_one_timeline),
        cmocka_unit_test(a_stream_and_its_second_leg_alone_share_a_socket),
        cmocka_unit_test(legs_that_cannot_be_are_refused_in_words),
        cmocka_unit_test(a_leg_that_cannot_be_joined_is_named),
        cmocka_unit_test(a_port_in_use_is_said_and_leaves_nothing_behind),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
