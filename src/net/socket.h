// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// UDP sockets for multicast and unicast audio, IPv4.

#ifndef AUDYN_NET_SOCKET_H
#define AUDYN_NET_SOCKET_H

#include "core/error.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define AUDYN_SOCKET_DSCP 34 ///< of a sender: AF41 (AES67, section 6.2)
#define AUDYN_SOCKET_TTL 32  ///< of a sender's multicast packets

/// "ADDRESS:PORT", as in `rtp://239.69.1.1:5004`.
typedef struct {
    struct in_addr address;
    uint16_t port; ///< host byte order, 1 to 65535
} audyn_endpoint_t;

audyn_status_t audyn_endpoint_parse(audyn_endpoint_t *endpoint, const char *text,
                                    audyn_error_t *error);

/// "239.69.1.1:5004" with its NUL.
#define AUDYN_ENDPOINT_TEXT 22
void audyn_endpoint_format(char text[AUDYN_ENDPOINT_TEXT],
                           const audyn_endpoint_t *endpoint);

static inline bool
audyn_address_is_multicast(struct in_addr address)
{
    return IN_MULTICAST(ntohl(address.s_addr));
}

/// Finds an interface by its name or by one of its IPv4 addresses.  `name` NULL: the
/// kernel's choice, index 0.  On failure `error` lists the interfaces that there are.
audyn_status_t audyn_interface_find(const char *name, int *index, audyn_error_t *error);

typedef struct {
    int index;
    char name[IF_NAMESIZE];
} audyn_interface_t;

/// The interfaces that multicast may come in on: they are up and have an IPv4 address;
/// lo is one of them.  Returns how many, `most` at most; 0 where the system does not say.
unsigned audyn_interface_list(audyn_interface_t *list, unsigned most);

/// A socket that receives what is sent to `endpoint`, a group or an address of this host
/// (INADDR_ANY: to any), with kernel receive timestamps, destination addresses and the
/// count of overflows as control messages, and without the groups that other sockets of
/// this host have joined.  Non-blocking.  `shared`: other processes may listen to the
/// same (right for multicast, wrong for unicast, where the last one to come would take
/// all).  The caller closes `*fd`.
audyn_status_t audyn_socket_open_receiver(int *fd, const audyn_endpoint_t *endpoint,
                                          bool shared, audyn_error_t *error);

/// Joins `group` on an interface, from any source (INADDR_ANY) or from `source` alone
/// (RFC 4607).  Left when the socket is closed, or by audyn_socket_leave().  A socket
/// joins once: the same again fails.
audyn_status_t audyn_socket_join(int fd, struct in_addr group, struct in_addr source,
                                 int interface_index, audyn_error_t *error);
void audyn_socket_leave(int fd, struct in_addr group, struct in_addr source,
                        int interface_index);

/// A connected socket that sends to `endpoint`, through an interface (0: the kernel's
/// choice), marked with AUDYN_SOCKET_DSCP and AUDYN_SOCKET_TTL and, if multicast, looped
/// back to this host.  Sending waits for room a tenth of a second at most.  The caller
/// closes `*fd`.
audyn_status_t audyn_socket_open_sender(int *fd, const audyn_endpoint_t *endpoint,
                                        int interface_index, audyn_error_t *error);

/// Another DSCP (0 to 63) and TTL (1 to 255) for what a sender sends from here on.
bool audyn_socket_mark(int fd, uint32_t dscp, uint32_t ttl);

/// A connected socket's own address, and the hardware address of the interface that has
/// it; all zero where there is none, as for lo.
void audyn_socket_local(int fd, struct in_addr *address, uint8_t mac[6]);

#endif
