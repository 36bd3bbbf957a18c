// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// On the real port, which others may use at the same time, by the loopback interface.

#include "unit_test.h"

#include "core/clock.h"
#include "net/sap_listener.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct bench {
    audyn_sap_listener_t *listener;
    audyn_sap_directory_t *directory;
};

static int64_t
seconds_from_now(int64_t seconds)
{
    const audyn_clock_t *clock = audyn_clock_system();
    return clock->monotonic_ns(clock) + seconds * AUDYN_NS_PER_SECOND;
}

static void
set_up(struct bench *bench, const char *interface)
{
    audyn_error_t error = {""};
    if (audyn_sap_listener_open(&bench->listener, interface, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(audyn_sap_directory_create(&bench->directory), AUDYN_OK);
}

static void
tear_down(struct bench *bench)
{
    audyn_sap_listener_close(bench->listener);
    audyn_sap_directory_destroy(bench->directory);
}

// Sends to a group by lo; the session's number is this process's own.
static void
announce(const char *group, unsigned stream)
{
    char text[256];
    snprintf(text, sizeof text, "v=0\no=- %d %u IN IP4 127.0.0.1\ns=stream %u\n",
             getpid() * 16 + (int)stream, stream, stream);
    const audyn_sap_packet_t packet = {
        .source_bytes = 4, .payload = text, .payload_bytes = strlen(text)};
    uint8_t bytes[512];
    const size_t size = audyn_sap_format(bytes, sizeof bytes, &packet);
    const audyn_endpoint_t endpoint = {{inet_addr(group)}, AUDYN_SAP_PORT};
    int index;
    int fd;
    assert_int_equal(audyn_interface_find("lo", &index, NULL), AUDYN_OK);
    assert_int_equal(audyn_socket_open_sender(&fd, &endpoint, index, NULL), AUDYN_OK);
    assert_int_equal(send(fd, bytes, size, 0), size);
    assert_int_equal(send(fd, "", 0, 0), 0);
    assert_int_equal(send(fd, "noise", 5, 0), 5);
    close(fd);
}

static const audyn_sap_entry_t *
find(const struct bench *bench, unsigned stream)
{
    char origin[64];
    snprintf(origin, sizeof origin, "- %d 127.0.0.1", getpid() * 16 + (int)stream);
    for (unsigned i = 0; i < audyn_sap_directory_count(bench->directory); ++i) {
        const audyn_sap_entry_t *entry = audyn_sap_directory_at(bench->directory, i);
        if (!strcmp(entry->session.origin, origin)) {
            return entry;
        }
    }
    return NULL;
}

static void
hear_each_group(const char *interface)
{
    static const char *const groups[] = {AUDYN_SAP_GLOBAL, AUDYN_SAP_LOCAL,
                                         AUDYN_SAP_PIPEWIRE};
    struct bench bench;
    set_up(&bench, interface);
    assert_non_null(strstr(audyn_sap_listener_interfaces(bench.listener), "lo"));
    const int64_t deadline_ns = seconds_from_now(30);
    for (unsigned i = 0; i < 3; ++i) {
        announce(groups[i], i);
        while (!find(&bench, i)) {
            assert_true(audyn_sap_listener_next(bench.listener, bench.directory,
                                                deadline_ns, -1));
        }
        int index;
        assert_int_equal(audyn_interface_find("lo", &index, NULL), AUDYN_OK);
        assert_int_equal(find(&bench, i)->interface_index, index);
    }
    const audyn_sap_counts_t *counts = audyn_sap_listener_counts(bench.listener);
    while (counts->malformed < 6) {
        assert_true(
            audyn_sap_listener_next(bench.listener, bench.directory, deadline_ns, -1));
    }
    assert_true(counts->packets >= 9);
    tear_down(&bench);
}

static void
all_groups_are_heard_on_one_interface(void **state)
{
    (void)state;
    hear_each_group("lo");
}

static void
all_groups_are_heard_on_all_interfaces(void **state)
{
    (void)state;
    hear_each_group(NULL);
}

static void
listening_ends_at_its_deadline_or_when_interrupted(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, "127.0.0.1");
    while (audyn_sap_listener_next(bench.listener, bench.directory, seconds_from_now(0),
                                   -1)) {
        fail_msg("the deadline has come");
    }
    const int64_t deadline_ns = seconds_from_now(3600);
    const int interrupt_fd = eventfd(1, EFD_CLOEXEC);
    assert_false(audyn_sap_listener_next(bench.listener, bench.directory, deadline_ns,
                                         interrupt_fd));
    close(interrupt_fd);
    tear_down(&bench);
}

static void
an_interface_that_is_not_there_is_refused_in_words(void **state)
{
    (void)state;
    audyn_sap_listener_t *listener;
    audyn_error_t error = {""};
    assert_int_equal(audyn_sap_listener_open(&listener, "nosuch0", &error),
                     AUDYN_NOT_FOUND);
    assert_null(listener);
    assert_non_null(strstr(error.text, "nosuch0"));
    audyn_sap_listener_close(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_groups_are_heard_on_one_interface),
        cmocka_unit_test(all_groups_are_heard_on_all_interfaces),
        cmocka_unit_test(listening_ends_at_its_deadline_or_when_interrupted),
        cmocka_unit_test(an_interface_that_is_not_there_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
