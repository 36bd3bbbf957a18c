# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Announcements of sessions (RFC 2974), made by hand and understood by hand."""

import socket
import struct
import threading
from collections import namedtuple

import rtp

PORT = 9875
GLOBAL, LOCAL, PIPEWIRE = "224.2.127.254", "239.255.255.255", "224.0.0.56"
ANNOUNCE, DELETE = 0x20, 0x24
IP_RECVTTL = 12  # linux/in.h
TYPE = b"application/sdp\0"

Packet = namedtuple("Packet", "flags hash source payload ttl")


def pack(description, flags=ANNOUNCE, message_hash=1, source="127.0.0.1", kind=TYPE):
    return (struct.pack(">BBH", flags, 0, message_hash) + socket.inet_aton(source) + kind
            + description.encode())


def unpack(datagram, ttl=None):
    flags, words, message_hash = struct.unpack_from(">BBH", datagram)
    payload = datagram[8 + 4 * words:].removeprefix(TYPE).decode()
    return Packet(flags, message_hash, socket.inet_ntoa(datagram[4:8]), payload, ttl)


class Announcer(threading.Thread):
    """Sends datagrams to a group, again and again until close()."""

    def __init__(self, *datagrams, group=LOCAL, interval=0.05):
        super().__init__(daemon=True)
        self.datagrams, self.group, self.interval = datagrams, group, interval
        self.stopped = threading.Event()
        self.rounds = 0
        self.start()

    def run(self):
        while True:
            rtp.send_datagrams((self.group, PORT), self.datagrams)
            self.rounds += 1
            if self.stopped.wait(self.interval):
                return

    def close(self):
        self.stopped.set()
        self.join()


class Ear:
    """Hears what is announced on a group."""

    def __init__(self, group=LOCAL):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
        self.socket.bind((group, PORT))
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                               socket.inet_aton(group) + socket.inet_aton("127.0.0.1"))

    def next(self, patience=60):
        self.socket.settimeout(patience)
        datagram, control, _, _ = self.socket.recvmsg(65536, 64)
        return unpack(datagram, struct.unpack("i", control[0][2])[0])

    def close(self):
        self.socket.close()


def is_heard():
    """Whether somebody in this network listens to all groups."""
    with open("/proc/net/igmp", encoding="ascii") as table:
        joined = table.read()
    return all(f"{int.from_bytes(socket.inet_aton(group), 'little'):08X}" in joined
               for group in (GLOBAL, LOCAL, PIPEWIRE))
