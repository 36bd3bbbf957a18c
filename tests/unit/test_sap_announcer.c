// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// On the real port, which others may use at the same time, by the loopback interface.

#include "unit_test.h"

#include "core/clock.h"
#include "net/sap.h"
#include "net/sap_announcer.h"
#include "net/socket.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECOND AUDYN_NS_PER_SECOND
#define PATIENCE_MS 30000

static const struct in_addr any_source = {0};

static int
loopback_index(void)
{
    int index;
    assert_int_equal(audyn_interface_find("lo", &index, NULL), AUDYN_OK);
    return index;
}

static int
listen_to(const char *group)
{
    const audyn_endpoint_t anywhere = {.port = AUDYN_SAP_PORT};
    int fd;
    assert_int_equal(audyn_socket_open_receiver(&fd, &anywhere, true, NULL), AUDYN_OK);
    assert_int_equal(audyn_socket_join(fd, (struct in_addr){inet_addr(group)}, any_source,
                                       loopback_index(), NULL),
                     AUDYN_OK);
    return fd;
}

// A description that is this process's own.
static const char *
description(void)
{
    static char text[128];
    snprintf(text, sizeof text, "v=0\r\no=- %d 1 IN IP4 127.0.0.1\r\ns=x\r\n", getpid());
    return text;
}

static audyn_sap_announcer_t *
open_announcer(const char *destination)
{
    const audyn_sap_announcer_config_t config = {
        .description = description(),
        .destination = {inet_addr(destination)},
        .interface_index = loopback_index(),
        .ttl = 7,
    };
    audyn_error_t error = {""};
    audyn_sap_announcer_t *announcer;
    if (audyn_sap_announcer_open(&announcer, &config, &error)) {
        fail_msg("%s", error.text);
    }
    return announcer;
}

// The next announcement of this process's; false where none has come.
static bool
receive(int fd, audyn_sap_packet_t *packet, int wait_ms)
{
    static uint8_t bytes[4096];
    struct pollfd event = {.fd = fd, .events = POLLIN};
    while (poll(&event, 1, wait_ms) > 0) {
        const ssize_t size = recv(fd, bytes, sizeof bytes, 0);
        if (size > 0 && !audyn_sap_parse(packet, bytes, (size_t)size) &&
            packet->payload_bytes == strlen(description()) &&
            !memcmp(packet->payload, description(), packet->payload_bytes)) {
            return true;
        }
    }
    return false;
}

static void
a_session_is_announced_at_once_and_withdrawn_at_the_end(void **state)
{
    (void)state;
    const int fd = listen_to(AUDYN_SAP_LOCAL);
    audyn_sap_announcer_t *announcer = open_announcer("239.69.1.1");
    audyn_sap_packet_t packet;
    audyn_sap_announcer_run(announcer, 0);
    assert_true(receive(fd, &packet, PATIENCE_MS));
    assert_false(packet.deletion);
    const uint16_t hash = packet.hash;
    assert_int_not_equal(hash, 0);
    assert_int_equal(packet.source_bytes, 4);
    assert_memory_equal(packet.source, "\x7F\0\0\1", 4);
    assert_int_equal(audyn_sap_announcer_errno(announcer), 0);
    audyn_sap_announcer_close(announcer);
    assert_true(receive(fd, &packet, PATIENCE_MS));
    assert_true(packet.deletion);
    assert_int_equal(packet.hash, hash);
    close(fd);
}

static void
what_was_never_announced_is_not_withdrawn(void **state)
{
    (void)state;
    const int fd = listen_to(AUDYN_SAP_LOCAL);
    audyn_sap_announcer_close(open_announcer("239.69.1.1"));
    audyn_sap_announcer_close(NULL);
    // What comes next is another one's.
    audyn_sap_announcer_t *announcer = open_announcer("239.69.1.1");
    audyn_sap_announcer_run(announcer, 0);
    audyn_sap_packet_t packet;
    assert_true(receive(fd, &packet, PATIENCE_MS));
    assert_false(packet.deletion);
    audyn_sap_announcer_close(announcer);
    close(fd);
}

static void
it_is_repeated_every_30_s_give_or_take_a_third(void **state)
{
    (void)state;
    const int fd = listen_to(AUDYN_SAP_LOCAL);
    audyn_sap_announcer_t *announcer = open_announcer("239.69.1.1");
    audyn_sap_packet_t packet;
    int64_t now_ns = 5 * SECOND;
    int64_t shortest_ns = INT64_MAX;
    int64_t longest_ns = 0;
    for (unsigned i = 0; i < 200; ++i) {
        const int64_t due_ns = audyn_sap_announcer_run(announcer, now_ns);
        assert_true(receive(fd, &packet, PATIENCE_MS));
        assert_int_equal(audyn_sap_announcer_run(announcer, due_ns - 1), due_ns);
        const int64_t interval_ns = due_ns - now_ns;
        shortest_ns = shortest_ns < interval_ns ? shortest_ns : interval_ns;
        longest_ns = longest_ns > interval_ns ? longest_ns : interval_ns;
        now_ns = due_ns;
    }
    assert_in_range(shortest_ns, 20 * SECOND, 24 * SECOND);
    assert_in_range(longest_ns, 36 * SECOND, 40 * SECOND);
    assert_false(receive(fd, &packet, 0));
    audyn_sap_announcer_close(announcer);
    close(fd);
}

static void
the_group_is_that_of_the_destinations_scope(void **state)
{
    (void)state;
    static const struct {
        const char *destination, *group;
    } cases[] = {
        {"239.69.1.1", AUDYN_SAP_LOCAL}, {"239.255.1.1", AUDYN_SAP_LOCAL},
        {"239.0.0.1", AUDYN_SAP_LOCAL},  {"192.168.1.9", AUDYN_SAP_LOCAL},
        {"224.2.1.1", AUDYN_SAP_GLOBAL}, {"232.1.1.1", AUDYN_SAP_GLOBAL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        const struct in_addr destination = {inet_addr(cases[i].destination)};
        assert_int_equal(audyn_sap_group(destination).s_addr, inet_addr(cases[i].group));
    }
    const int fd = listen_to(AUDYN_SAP_GLOBAL);
    audyn_sap_announcer_t *announcer = open_announcer("224.2.1.1");
    audyn_sap_packet_t packet;
    audyn_sap_announcer_run(announcer, 0);
    assert_true(receive(fd, &packet, PATIENCE_MS));
    audyn_sap_announcer_close(announcer);
    close(fd);
}

static void
a_description_too_long_for_a_packet_is_refused(void **state)
{
    (void)state;
    char text[2049];
    memset(text, 'v', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    const audyn_sap_announcer_config_t config = {.description = text,
                                                 .destination = {inet_addr("239.69.1.1")},
                                                 .ttl = 1,
                                                 .interface_index = loopback_index()};
    audyn_sap_announcer_t *announcer;
    audyn_error_t error = {""};
    assert_int_equal(audyn_sap_announcer_open(&announcer, &config, &error),
                     AUDYN_TOO_LARGE);
    assert_null(announcer);
    assert_non_null(strstr(error.text, "2048"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_announced_at_once_and_withdrawn_at_the_end),
        cmocka_unit_test(what_was_never_announced_is_not_withdrawn),
        cmocka_unit_test(it_is_repeated_every_30_s_give_or_take_a_third),
        cmocka_unit_test(the_group_is_that_of_the_destinations_scope),
        cmocka_unit_test(a_description_too_long_for_a_packet_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
