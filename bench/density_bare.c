// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The least that a receiver of many streams can do: one socket for all groups, read every
// 4 ms, samples converted to float, nothing kept.
//   bench_density_bare COUNT GROUP:PORT INTERFACE
// Runs until SIGTERM; then prints how many packets it got.

#include "core/clock.h"
#include "net/rtp.h"
#include "net/socket.h"
#include "pcm/convert.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 64
#define PACKET_BYTES 2048
#define TICK_NS (4 * AUDYN_NS_PER_MS)
#define PRIORITY 70 // a recorder's, where permitted

static volatile sig_atomic_t stopped;

static void
stop(int number)
{
    (void)number;
    stopped = 1;
}

static audyn_status_t
join_groups(int fd, uint32_t count, struct in_addr first, int interface_index,
            audyn_error_t *error)
{
    const struct in_addr any = {htonl(INADDR_ANY)};
    audyn_status_t status = AUDYN_OK;
    for (uint32_t i = 0; i < count && !status; ++i) {
        const struct in_addr group = {htonl(ntohl(first.s_addr) + i)};
        status = audyn_socket_join(fd, group, any, interface_index, error);
    }
    return status;
}

static void
convert(const uint8_t *bytes, size_t size)
{
    static float samples[PACKET_BYTES];
    audyn_rtp_packet_t packet;
    if (audyn_rtp_parse(&packet, bytes, size) == AUDYN_RTP_OK) {
        audyn_pcm_best()->decode_l24(samples, packet.payload, packet.payload_bytes / 3);
    }
}

static uint64_t
receive(int fd)
{
    static uint8_t packets[BATCH][PACKET_BYTES];
    static struct iovec vectors[BATCH];
    static struct mmsghdr messages[BATCH];
    for (int i = 0; i < BATCH; ++i) {
        vectors[i] = (struct iovec){packets[i], PACKET_BYTES};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    const audyn_clock_t *clock = audyn_clock_system();
    uint64_t received = 0;
    int64_t wake_ns = clock->monotonic_ns(clock);
    for (bool last = false; !last; wake_ns += TICK_NS) {
        clock->sleep_until(clock, wake_ns);
        last = stopped;
        int count;
        do {
            count = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
            for (int i = 0; i < count; ++i) {
                convert(packets[i], messages[i].msg_len);
            }
            received += count > 0 ? (uint64_t)count : 0;
        } while (count == BATCH);
    }
    return received;
}

int
main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bench_density_bare COUNT GROUP:PORT INTERFACE\n");
        return 2;
    }
    const uint32_t count = (uint32_t)strtoul(argv[1], NULL, 10);
    audyn_endpoint_t first;
    audyn_error_t error;
    int index = 0;
    int fd = -1;
    if (audyn_endpoint_parse(&first, argv[2], &error) ||
        audyn_interface_find(argv[3], &index, &error)) {
        fprintf(stderr, "bench_density_bare: %s\n", error.text);
        return 2;
    }
    const audyn_endpoint_t all = {.address = {htonl(INADDR_ANY)}, .port = first.port};
    if (audyn_socket_open_receiver(&fd, &all, true, &error) ||
        join_groups(fd, count, first.address, index, &error)) {
        fprintf(stderr, "bench_density_bare: %s\n", error.text);
        return 1;
    }
    const struct sched_param priority = {.sched_priority = PRIORITY};
    sched_setscheduler(0, SCHED_FIFO, &priority);
    signal(SIGTERM, stop);
    fprintf(stderr, "waiting for %u streams\n", count);
    printf("{\"packets\": %" PRIu64 "}\n", receive(fd));
    close(fd);
    return 0;
}
