// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// On real sockets of the loopback interface.

#include "unit_test.h"

#include "net/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const struct in_addr any_source = {0};

static struct in_addr
address(const char *text)
{
    struct in_addr result;
    assert_int_equal(inet_pton(AF_INET, text, &result), 1);
    return result;
}

static int
loopback_index(void)
{
    int index;
    assert_int_equal(audyn_interface_find("lo", &index, NULL), AUDYN_OK);
    return index;
}

// A port that was free a moment ago.
static uint16_t
free_port(void)
{
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in local = {.sin_family = AF_INET};
    socklen_t size = sizeof local;
    assert_int_equal(bind(fd, (const struct sockaddr *)&local, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&local, &size), 0);
    close(fd);
    return ntohs(local.sin_port);
}

static int
open_receiver(uint16_t port, bool shared)
{
    audyn_error_t error = {""};
    const audyn_endpoint_t everywhere = {.port = port};
    int fd;
    if (audyn_socket_open_receiver(&fd, &everywhere, shared, &error)) {
        fail_msg("%s", error.text);
    }
    return fd;
}

static int
open_sender(const char *to, uint16_t port)
{
    const audyn_endpoint_t endpoint = {address(to), port};
    audyn_error_t error = {""};
    int fd;
    if (audyn_socket_open_sender(&fd, &endpoint, loopback_index(), &error)) {
        fail_msg("%s", error.text);
    }
    return fd;
}

struct received {
    char text[32];
    struct in_addr destination;
    int interface_index;
    struct timespec time;
    bool overflow_is_told;
};

static void
read_control(struct received *received, struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            received->destination = info.ipi_addr;
            received->interface_index = info.ipi_ifindex;
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            memcpy(&received->time, CMSG_DATA(c), sizeof received->time);
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
            received->overflow_is_told = true;
        }
    }
}

// False when nothing is there.  Loopback delivers within the send call, so that what was
// sent before is there, and what is not there will not come.
static bool
receive(int fd, struct received *received)
{
    *received = (struct received){.text = ""};
    union {
        struct cmsghdr align;
        char bytes[256];
    } control;
    struct iovec data = {received->text, sizeof received->text - 1};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    if (recvmsg(fd, &message, 0) < 0) {
        assert_int_equal(errno, EAGAIN);
        return false;
    }
    read_control(received, &message);
    return true;
}

static void
send_text(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), 0), strlen(text));
}

static void
assert_receives_only(int fd, const char *text)
{
    struct received received;
    assert_true(receive(fd, &received));
    assert_string_equal(received.text, text);
    assert_false(receive(fd, &received));
}

static void
endpoints_are_numeric_addresses_with_a_port(void **state)
{
    (void)state;
    audyn_endpoint_t endpoint;
    assert_int_equal(audyn_endpoint_parse(&endpoint, "239.69.1.1:5004", NULL), AUDYN_OK);
    assert_int_equal(endpoint.address.s_addr, address("239.69.1.1").s_addr);
    assert_int_equal(endpoint.port, 5004);
    assert_int_equal(audyn_endpoint_parse(&endpoint, "127.0.0.1:65535", NULL), AUDYN_OK);
    assert_int_equal(endpoint.port, 65535);

    const char *const wrong[] = {"",
                                 "239.69.1.1",
                                 "239.69.1.1:",
                                 "239.69.1.1:0",
                                 "localhost:5004",
                                 ":5004",
                                 "239.69.1.1:65536",
                                 "239.69.1.1:5004/",
                                 "239.69.1:5004",
                                 "[::1]:5004",
                                 "1.2.3.4:x",
                                 "1.2.3.4:-1",
                                 "1.2.3.4: 5",
                                 "256.1.1.1:5004",
                                 "0.0.0.0:5004",
                                 "239.69.1.1:99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        audyn_error_t error = {""};
        assert_int_equal(audyn_endpoint_parse(&endpoint, wrong[i], &error),
                         AUDYN_INVALID);
        assert_non_null(strstr(error.text, ":5004"));
        assert_int_equal(endpoint.port, 0);
    }
}

static void
only_224_to_239_is_multicast(void **state)
{
    (void)state;
    assert_false(audyn_address_is_multicast(address("223.255.255.255")));
    assert_true(audyn_address_is_multicast(address("224.0.0.0")));
    assert_true(audyn_address_is_multicast(address("239.255.255.255")));
    assert_false(audyn_address_is_multicast(address("240.0.0.0")));
}

static void
an_interface_is_found_by_name_and_by_address(void **state)
{
    (void)state;
    const int lo = (int)if_nametoindex("lo");
    int index = -1;
    assert_int_equal(audyn_interface_find("lo", &index, NULL), AUDYN_OK);
    assert_int_equal(index, lo);
    index = -1;
    assert_int_equal(audyn_interface_find("127.0.0.1", &index, NULL), AUDYN_OK);
    assert_int_equal(index, lo);
    assert_int_equal(audyn_interface_find(NULL, &index, NULL), AUDYN_OK);
    assert_int_equal(index, 0);
}

static void
an_unknown_interface_is_answered_with_those_there_are(void **state)
{
    (void)state;
    const char *const wrong[] = {"nosuch0", "192.0.2.77", "",
                                 "a-name-that-is-far-too-long"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        audyn_error_t error = {""};
        int index = -1;
        assert_int_equal(audyn_interface_find(wrong[i], &index, &error), AUDYN_NOT_FOUND);
        assert_int_equal(index, 0);
        assert_non_null(strstr(error.text, wrong[i]));
        assert_non_null(strstr(error.text, "lo (127.0.0.1)"));
    }
}

static void
a_multicast_packet_comes_with_destination_interface_and_time(void **state)
{
    (void)state;
    const uint16_t port = free_port();
    const int receiver = open_receiver(port, true);
    const int lo = loopback_index();
    assert_int_equal(
        audyn_socket_join(receiver, address("239.69.250.1"), any_source, lo, NULL),
        AUDYN_OK);
    const int sender = open_sender("239.69.250.1", port);
    struct timespec before, after;
    clock_gettime(CLOCK_REALTIME, &before);
    send_text(sender, "one");
    clock_gettime(CLOCK_REALTIME, &after);
    struct received received;
    assert_true(receive(receiver, &received));
    assert_string_equal(received.text, "one");
    assert_int_equal(received.destination.s_addr, address("239.69.250.1").s_addr);
    assert_int_equal(received.interface_index, lo);
    assert_in_range(received.time.tv_sec, before.tv_sec, after.tv_sec);

    audyn_socket_leave(receiver, address("239.69.250.1"), any_source, lo);
    send_text(sender, "two");
    assert_false(receive(receiver, &received));
    close(sender);
    close(receiver);
}

static void
a_unicast_packet_arrives_too(void **state)
{
    (void)state;
    const uint16_t port = free_port();
    const int receiver = open_receiver(port, false);
    const int sender = open_sender("127.0.0.1", port);
    send_text(sender, "one");
    struct received received;
    assert_true(receive(receiver, &received));
    assert_string_equal(received.text, "one");
    assert_int_equal(received.destination.s_addr, address("127.0.0.1").s_addr);
    close(sender);
    close(receiver);
}

static void
two_sockets_of_one_port_see_only_the_groups_they_joined(void **state)
{
    (void)state;
    const uint16_t port = free_port();
    const int first = open_receiver(port, true);
    const int second = open_receiver(port, true);
    const int lo = loopback_index();
    assert_int_equal(
        audyn_socket_join(first, address("239.69.250.1"), any_source, lo, NULL),
        AUDYN_OK);
    assert_int_equal(
        audyn_socket_join(second, address("239.69.250.2"), any_source, lo, NULL),
        AUDYN_OK);
    const int to_first = open_sender("239.69.250.1", port);
    const int to_second = open_sender("239.69.250.2", port);
    send_text(to_first, "first");
    send_text(to_second, "second");
    assert_receives_only(first, "first");
    assert_receives_only(second, "second");
    close(to_first);
    close(to_second);
    close(first);
    close(second);
}

static void
a_source_specific_join_lets_only_that_source_in(void **state)
{
    (void)state;
    const uint16_t port = free_port();
    const int wanted = open_receiver(port, true);
    const int other = open_receiver(port, true);
    const int lo = loopback_index();
    const struct in_addr group = address("232.69.250.1");
    assert_int_equal(audyn_socket_join(wanted, group, address("127.0.0.1"), lo, NULL),
                     AUDYN_OK);
    assert_int_equal(audyn_socket_join(other, group, address("127.0.0.9"), lo, NULL),
                     AUDYN_OK);
    const int sender = open_sender("232.69.250.1", port);
    send_text(sender, "one");
    struct received received;
    assert_receives_only(wanted, "one");
    assert_false(receive(other, &received));
    audyn_socket_leave(wanted, group, address("127.0.0.1"), lo);
    send_text(sender, "two");
    assert_false(receive(wanted, &received));
    close(sender);
    close(wanted);
    close(other);
}

static void
the_kernel_tells_how_many_packets_it_dropped(void **state)
{
    (void)state;
    const uint16_t port = free_port();
    const int receiver = open_receiver(port, false);
    const int smallest = 1;
    setsockopt(receiver, SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest);
    const int sender = open_sender("127.0.0.1", port);
    for (int i = 0; i < 100; ++i) {
        send_text(sender, "x");
    }
    struct received received;
    while (receive(receiver, &received)) {
    }
    send_text(sender, "x");
    assert_true(receive(receiver, &received));
    assert_true(received.overflow_is_told);
    close(sender);
    close(receiver);
}

static void
a_port_in_use_is_an_error_that_says_who_could_have_it(void **state)
{
    (void)state;
    const uint16_t port = free_port();
    const int first = open_receiver(port, false);
    audyn_error_t error = {""};
    int second = 0;
    const audyn_endpoint_t endpoint = {address("127.0.0.1"), port};
    assert_int_equal(audyn_socket_open_receiver(&second, &endpoint, false, &error),
                     AUDYN_BUSY);
    assert_int_equal(second, -1);
    assert_non_null(strstr(error.text, "ss -ulnp"));
    // One that would share cannot take it from one that would not.
    assert_int_equal(audyn_socket_open_receiver(&second, &endpoint, true, &error),
                     AUDYN_BUSY);
    close(first);
}

static void
a_group_that_cannot_be_joined_is_an_error_that_says_what_to_do(void **state)
{
    (void)state;
    const int fd = open_receiver(free_port(), true);
    audyn_error_t error = {""};
    const struct in_addr group = address("239.69.250.1");
    assert_int_equal(audyn_socket_join(fd, group, any_source, 1 << 30, &error),
                     AUDYN_NOT_FOUND);
    assert_non_null(strstr(error.text, "239.69.250.1"));
    assert_non_null(strstr(error.text, "iface="));
    assert_int_equal(
        audyn_socket_join(fd, address("10.1.2.3"), any_source, loopback_index(), &error),
        AUDYN_INVALID);
    assert_non_null(strstr(error.text, "not a multicast address"));
    assert_int_equal(audyn_socket_join(fd, group, any_source, loopback_index(), &error),
                     AUDYN_OK);
    assert_int_equal(audyn_socket_join(fd, group, any_source, loopback_index(), &error),
                     AUDYN_BUSY);
    close(fd);
}

static void
too_many_groups_are_an_error_that_names_the_setting(void **state)
{
    (void)state;
    const int fd = open_receiver(free_port(), true);
    const int lo = loopback_index();
    audyn_error_t error = {""};
    audyn_status_t status = AUDYN_OK;
    struct in_addr group = address("239.70.0.0");
    for (int i = 0; i < 1000 && !status; ++i) {
        group.s_addr = htonl(ntohl(group.s_addr) + 1);
        status = audyn_socket_join(fd, group, any_source, lo, &error);
    }
    close(fd);
    if (!status) {
        skip(); // this machine allows a great many
    }
    assert_int_equal(status, AUDYN_NO_MEMORY);
    assert_non_null(strstr(error.text, "net.ipv4.igmp_max_memberships"));
}

static int
option_of(int fd, int option)
{
    int value = -1;
    socklen_t size = sizeof value;
    assert_int_equal(getsockopt(fd, IPPROTO_IP, option, &value, &size), 0);
    return value;
}

static void
a_sender_is_marked_as_aes67_says_or_as_it_is_told(void **state)
{
    (void)state;
    const int fd = open_sender("239.69.250.1", free_port());
    assert_int_equal(option_of(fd, IP_TOS), 34 << 2);
    assert_int_equal(option_of(fd, IP_MULTICAST_TTL), 32);
    assert_int_equal(option_of(fd, IP_MULTICAST_LOOP), 1);
    assert_true(audyn_socket_mark(fd, 46, 1));
    assert_int_equal(option_of(fd, IP_TOS), 46 << 2);
    assert_int_equal(option_of(fd, IP_MULTICAST_TTL), 1);
    assert_int_equal(option_of(fd, IP_TTL), 1);
    close(fd);
}

static void
a_sender_knows_its_own_address(void **state)
{
    (void)state;
    const int fd = open_sender("239.69.250.1", free_port());
    struct in_addr own;
    uint8_t mac[6] = {1, 2, 3, 4, 5, 6};
    audyn_socket_local(fd, &own, mac);
    assert_int_equal(own.s_addr, address("127.0.0.1").s_addr);
    assert_memory_equal(mac, "\0\0\0\0\0\0", 6);
    close(fd);
}

static void
a_destination_without_an_interface_is_an_error_that_names_it(void **state)
{
    (void)state;
    const audyn_endpoint_t endpoint = {address("239.69.250.1"), 5004};
    audyn_error_t error = {""};
    int fd = 0;
    assert_int_not_equal(audyn_socket_open_sender(&fd, &endpoint, 1 << 30, &error),
                         AUDYN_OK);
    assert_int_equal(fd, -1);
    assert_non_null(strstr(error.text, "239.69.250.1"));
    assert_non_null(strstr(error.text, "iface="));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoints_are_numeric_addresses_with_a_port),
        cmocka_unit_test(only_224_to_239_is_multicast),
        cmocka_unit_test(an_interface_is_found_by_name_and_by_address),
        cmocka_unit_test(an_unknown_interface_is_answered_with_those_there_are),
        cmocka_unit_test(a_multicast_packet_comes_with_destination_interface_and_time),
        cmocka_unit_test(a_unicast_packet_arrives_too),
        cmocka_unit_test(two_sockets_of_one_port_see_only_the_groups_they_joined),
        cmocka_unit_test(a_source_specific_join_lets_only_that_source_in),
        cmocka_unit_test(the_kernel_tells_how_many_packets_it_dropped),
        cmocka_unit_test(a_port_in_use_is_an_error_that_says_who_could_have_it),
        cmocka_unit_test(a_group_that_cannot_be_joined_is_an_error_that_says_what_to_do),
        cmocka_unit_test(too_many_groups_are_an_error_that_names_the_setting),
        cmocka_unit_test(a_sender_is_marked_as_aes67_says_or_as_it_is_told),
        cmocka_unit_test(a_sender_knows_its_own_address),
        cmocka_unit_test(a_destination_without_an_interface_is_an_error_that_names_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
