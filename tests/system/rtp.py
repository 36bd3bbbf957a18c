# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""A sender that does to each packet exactly what it is told."""

import itertools
import socket
import struct
import threading
import time

BURST = 0.005  # seconds: packets that fall due within it leave together
MEDIA_CLOCK = ("a=ts-refclk:ptp=IEEE1588-2008:traceable", "a=mediaclk:direct=0")


def describe(name, session=1, version=1, address="239.1.1.1", port=5004, lines=(),
             media="audio", rtpmap="98 L24/48000/2"):
    """A description of one stream."""
    return "\r\n".join(["v=0", f"o=- {session} {version} IN IP4 127.0.0.1", f"s={name}",
                        f"c=IN IP4 {address}/32", "t=0 0",
                        f"m={media} {port} RTP/AVP 98", f"a=rtpmap:{rtpmap}", *lines, ""])


def write_description(path, address, rtpmap="98 L24/48000/2", lines=MEDIA_CLOCK):
    """Into an SDP file of one stream; returns its path."""
    text = describe("x", address=address.host, port=address.port, rtpmap=rtpmap, lines=lines)
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    return path


def header(payload_type, sequence, timestamp, ssrc, version=2):
    return struct.pack(">BBHII", version << 6, payload_type, sequence & 0xFFFF,
                       timestamp & 0xFFFFFFFF, ssrc)


class Packet:
    def __init__(self, first, count, content, due):
        self.first, self.count, self.content = first, count, content
        self.due = [due]  # seconds after the start; as often as it is sent


class Stream:
    """Audio cut into packets of `sizes` sample frames (one size or several in turn)."""

    def __init__(self, source, sizes=48, payload_type=98, ssrc=0x41554459,
                 sequence=1000, timestamp=123456789):
        self.source = source
        self.packets = []
        self.zeroed = []  # packets that cannot be in the recording
        self.sent_frames = 0
        wire, size, first = source.wire(), source.frame_bytes, 0
        for count in itertools.cycle([sizes] if isinstance(sizes, int) else sizes):
            count = min(count, source.frames - first)
            if count == 0:
                break
            head = header(payload_type, sequence + len(self.packets), timestamp + first, ssrc)
            content = head + wire[first * size:(first + count) * size]
            self.packets.append(Packet(first, count, content, first / source.rate))
            first += count

    def lose(self, *indexes):
        for packet in self.pick(indexes):
            packet.due = []
            self.zeroed.append(packet)

    def repeat(self, *indexes):
        for packet in self.pick(indexes):
            packet.due *= 2

    def swap(self, *indexes):
        """Each packet changes its time with the one after it."""
        for index in indexes:
            one, two = self.packets[index:index + 2]
            one.due, two.due = two.due, one.due

    def delay(self, seconds, *indexes, too_late=False):
        for packet in self.pick(indexes):
            packet.due = [due + seconds for due in packet.due]
            if too_late:
                self.zeroed.append(packet)

    def pick(self, indexes):
        return [self.packets[index] for index in indexes]

    def frames_of(self, *indexes):
        return sum(packet.count for packet in self.pick(indexes))

    def expected(self, frames):
        """What a recorder must have written of the first `frames` sample frames."""
        size = self.source.frame_bytes
        data = bytearray(self.source.cut(0, frames))
        for packet in self.zeroed:
            end = min(packet.first + packet.count, frames)
            data[packet.first * size:end * size] = bytes((end - packet.first) * size)
        return bytes(data)

    def send(self, address, source_address="127.0.0.1", stop=None, origin=None):
        """Sends all of it in real time, or until the event `stop` is set.  Its first
        sample is of the moment `origin` of the monotonic clock, else of now."""
        schedule = sorted(((due, packet) for packet in self.packets for due in packet.due),
                          key=lambda entry: entry[0])
        with open_socket(address, source_address) as sock:
            start = origin or time.monotonic()
            for due, packet in schedule:
                now = time.monotonic() - start
                while due > now:
                    if stop and stop.is_set():
                        return
                    time.sleep(max(due - now, BURST))
                    now = time.monotonic() - start
                sock.sendto(packet.content, address)
                self.sent_frames = packet.first + packet.count

    def start(self, address, **keywords):
        """Sends on a thread; call the result's join() or stop()."""
        return Sending(self, address, keywords)


class Sending(threading.Thread):
    def __init__(self, stream, address, keywords):
        super().__init__(daemon=True)
        self.stream, self.address, self.keywords = stream, address, keywords
        self.stopped = threading.Event()
        self.start()

    def run(self):
        self.stream.send(self.address, stop=self.stopped, **self.keywords)

    def stop(self):
        self.stopped.set()
        self.join()


def open_socket(address, source_address="127.0.0.1"):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
    sock.bind((source_address, 0))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                    socket.inet_aton(source_address))
    return sock


def send_datagrams(address, datagrams):
    with open_socket(address) as sock:
        for datagram in datagrams:
            sock.sendto(datagram, address)
