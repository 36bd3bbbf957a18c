# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Reference material, and WAV files byte by byte."""

import math
import random
import struct
from collections import namedtuple

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE


def byte_swapped(data, width):
    out = bytearray(len(data))
    for i in range(width):
        out[i::width] = data[width - 1 - i::width]
    return bytes(out)


class Audio:
    """Integer samples, interleaved and little-endian in `data`, as in a WAV file."""

    def __init__(self, rate, channels, bits, data):
        self.rate, self.channels, self.bits, self.data = rate, channels, bits, data
        self.frame_bytes = channels * bits // 8

    @property
    def frames(self):
        return len(self.data) // self.frame_bytes

    @property
    def seconds(self):
        return self.frames / self.rate

    @property
    def format(self):
        return f"L{self.bits}/{self.rate}/{self.channels}"

    def cut(self, first, count):
        return self.data[first * self.frame_bytes:(first + count) * self.frame_bytes]

    def floats(self):
        """The samples as numbers from -1 to 1."""
        width, scale = self.bits // 8, 1 << (self.bits - 1)
        return [int.from_bytes(self.data[i:i + width], "little", signed=True) / scale
                for i in range(0, len(self.data), width)]

    def wire(self):
        """As RTP carries it: big-endian (RFC 3551, RFC 3190)."""
        return byte_swapped(self.data, self.bits // 8)

    def write_wav(self, path):
        fmt = struct.pack("<HHIIHH", PCM, self.channels, self.rate,
                          self.rate * self.frame_bytes, self.frame_bytes, self.bits)
        with open(path, "wb") as file:
            file.write(struct.pack("<4sI4s4sI", b"RIFF", 36 + len(self.data), b"WAVE",
                                   b"fmt ", len(fmt)) + fmt)
            file.write(struct.pack("<4sI", b"data", len(self.data)) + self.data)
        return path


def sine(seconds, rate, channels, hertz=440):
    """A quiet sine wave of 24 bits, in every channel."""
    data = bytearray()
    for i in range(round(seconds * rate)):
        value = round(0.1 * (1 << 23) * math.sin(2 * math.pi * hertz * i / rate))
        data += value.to_bytes(3, "little", signed=True) * channels
    return Audio(rate, channels, 24, bytes(data))


def extremes(bits):
    """Each end of the range, and the steps around zero."""
    top = 1 << (bits - 1)
    return [value.to_bytes(bits // 8, "little", signed=True)
            for value in (-top, top - 1, -top + 1, -1, 1, 0)]


def noise(seconds, rate=48000, channels=2, bits=24, seed=1):
    """Samples of every value, so that no two stretches are alike: a sample frame that
    is missing, doubled or misplaced cannot hide.  The extremes come every 1000 frames."""
    width = bits // 8
    frames = round(seconds * rate)
    data = bytearray(random.Random(seed).randbytes(frames * channels * width))
    edges = b"".join(edge * channels for edge in extremes(bits))
    for first in range(100, frames - len(extremes(bits)), 1000):
        at = first * channels * width
        data[at:at + len(edges)] = edges
    return Audio(rate, channels, bits, bytes(data))


Wav = namedtuple("Wav", "form rate channels bits tag data chunks")


def read_chunks(content):
    """The chunks within what the RIFF header promises; sizes of 64 bits are in ds64."""
    form, riff_bytes, wave = struct.unpack_from("<4sI4s", content)
    if form not in (b"RIFF", b"RF64") or wave != b"WAVE":
        raise ValueError("this is not a WAV file")
    chunks, at, data_bytes = {}, 12, None
    while at + 8 <= 8 + riff_bytes:
        name, size = struct.unpack_from("<4sI", content, at)
        if name == b"data" and size == 0xFFFFFFFF:
            size = data_bytes
        body = content[at + 8:at + 8 + size]
        if len(body) < size:
            raise ValueError(f"{name} promises {size} bytes, {len(body)} are there")
        chunks[name] = body
        if name == b"ds64":
            riff_bytes, data_bytes = struct.unpack_from("<QQ", body)
        at += 8 + size + size % 2
    return form, chunks


def read_wav(path):
    """The file as its headers describe it; no more data than they promise."""
    with open(path, "rb") as file:
        form, chunks = read_chunks(file.read())
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunks[b"fmt "])
    if tag == EXTENSIBLE:
        tag = struct.unpack_from("<H", chunks[b"fmt "], 24)[0]
    return Wav(form, rate, channels, bits, tag, chunks[b"data"], chunks)


def first_difference(got, expected, frame_bytes):
    """The first sample frame that differs, or None.  A length that differs counts."""
    if got == expected:
        return None
    least, most = 0, min(len(got), len(expected))
    while least < most:
        middle = (least + most) // 2
        if got[:middle + 1] == expected[:middle + 1]:
            least = middle + 1
        else:
            most = middle
    return least // frame_bytes
