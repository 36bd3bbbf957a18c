# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Many streams at once, sent by the program send-many, and what their files must hold."""

import contextlib
import json
import os

import audio

SEND_MANY = os.path.join(os.environ.get("BUILD", "build"), "tests", "send-many")
PERIOD = 65521  # sample frames until the pattern repeats itself
STRIDE = 7919   # by which each stream is ahead of the one before


class Pattern:
    """The audio of all streams, as little-endian samples."""

    rate = 48000

    def __init__(self, channels=2, bits=24):
        self.channels, self.bits = channels, bits
        self.frame_bytes = channels * bits // 8
        width, random, wire = bits // 8, 1, bytearray()
        for _ in range(PERIOD * channels):
            random = (random * 1664525 + 1013904223) & 0xFFFFFFFF
            wire += random.to_bytes(4, "big")[:width]
        self.data = audio.byte_swapped(wire, width) * 2

    def cut(self, stream, position, frames):
        """`frames` sample frames, at most PERIOD, of a stream (the first is 0)."""
        first = (position + stream * STRIDE) % PERIOD
        return self.data[first * self.frame_bytes:(first + frames) * self.frame_bytes]

    def expected(self, stream, position, frames, spans):
        """The samples of a stream from a position on, silence in the spans."""
        parts = [self.cut(stream, at, min(PERIOD, position + frames - at))
                 for at in range(position, position + frames, PERIOD)]
        data = bytearray().join(parts)
        for span in spans:
            first = max(span["position"], position) - position
            end = min(span["position"] + span["sample_frames"], position + frames) - position
            if first < end:
                size = self.frame_bytes
                data[first * size:end * size] = bytes((end - first) * size)
        return bytes(data)


def command(count, address, *options):
    """`address` is the first group and the port of all, as GROUP:PORT."""
    return [SEND_MANY, str(count), address, *map(str, options)]


def read_plan(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def memory(pid):
    """What the kernel says about the memory of a process, in bytes; nothing once it has
    ended."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status", encoding="ascii") as file:
        pairs = (line.split(":") for line in file if line.startswith("Vm"))
        return {name: int(value.split()[0]) << 10 for name, value in pairs}
    return {}
