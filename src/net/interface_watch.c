// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "net/interface_watch.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

audyn_status_t
audyn_interface_watch_open(audyn_interface_watch_t *watch)
{
    const struct sockaddr_nl links = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
    watch->stop = -1;
    watch->events =
        socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (watch->events < 0 ||
        bind(watch->events, (const struct sockaddr *)&links, sizeof links) ||
        (watch->stop = eventfd(0, EFD_CLOEXEC)) < 0) {
        const audyn_status_t status = audyn_status_from_errno(errno);
        audyn_interface_watch_close(watch);
        return status;
    }
    return AUDYN_OK;
}

void
audyn_interface_watch_close(audyn_interface_watch_t *watch)
{
    if (watch->events >= 0) {
        close(watch->events);
    }
    if (watch->stop >= 0) {
        close(watch->stop);
    }
    *watch = (audyn_interface_watch_t){.events = -1, .stop = -1};
}

// What they say does not matter: whoever waits looks for himself.
static void
drop_messages(int events)
{
    char bytes[8192];
    while (recv(events, bytes, sizeof bytes, 0) >= 0 || errno == ENOBUFS) {
    }
}

bool
audyn_interface_watch_wait(const audyn_interface_watch_t *watch)
{
    struct pollfd polls[] = {{.fd = watch->stop, .events = POLLIN},
                             {.fd = watch->events, .events = POLLIN}};
    while (poll(polls, 2, -1) < 0 && errno == EINTR) {
    }
    if (polls[0].revents) {
        return false;
    }
    drop_messages(watch->events);
    return true;
}

void
audyn_interface_watch_stop(const audyn_interface_watch_t *watch)
{
    const uint64_t once = 1;
    while (write(watch->stop, &once, sizeof once) < 0 && errno == EINTR) {
    }
}
