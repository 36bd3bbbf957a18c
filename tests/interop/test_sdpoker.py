# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Our descriptions conform to RFC 4566, SMPTE ST 2110-30 and NMOS as sdpoker reads them."""

import os
import pathlib
import unittest

import program
import tap

DEPENDENCIES = pathlib.Path(__file__).resolve().parents[2] / ".deps"
SDPOKER = DEPENDENCIES / "sdpoker/node_modules/.bin/sdpoker"
UNREACHABLE = DEPENDENCIES / "sdpoker-unreachable"
STRICT = ("--nmos", "--should", "--checkEndings", "--whitespace", "--noCopy", "--audioOnly",
          "--channelOrder", "--useIP4")
PTP = "ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:127"


@unittest.skipIf(UNREACHABLE.exists(), "npm's registry could not be reached to install it")
class Sdpoker(program.TestCase):
    def check(self, path, *options):
        self.assertTrue(os.access(SDPOKER, os.X_OK), "run scripts/install-deps test")
        return self.run_program(SDPOKER, *STRICT, *options, path)

    def describe(self, stream_format, packet_time, address, *options):
        path = self.path("stream.sdp")
        rate, channels = stream_format.split("/")[1:]
        sent = self.audyn("send", f"tone:997?rate={rate}&channels={channels}",
                          address.uri(stream_format), "--ptime", packet_time, "-d", "10ms",
                          "--sdp", path, *options)
        self.assertEqual(sent.status, program.COMPLETE, sent.err)
        return path

    def accept(self, path, *options):
        checked = self.check(path, *options)
        self.assertEqual((checked.status, checked.err), (0, ""), checked.out)

    def test_formats(self):
        """descriptions of every format and packet time are accepted"""
        for stream_format, packet_time in (
                ("L24/48000/2", "1ms"), ("L24/48000/8", "125us"), ("L16/48000/1", "4ms"),
                ("L24/96000/4", "1ms"), ("L24/48000/6", "333us"), ("L24/48000/64", "125us"),
                ("L16/44100/2", "1ms")):
            with self.subTest(f"{stream_format} {packet_time}"):
                self.accept(self.describe(stream_format, packet_time, program.group()),
                            "--multicast")

    def test_clocks(self):
        """descriptions that name a PTP clock are accepted"""
        for clock in (PTP, "ptp=IEEE1588-2008:traceable"):
            self.accept(self.describe("L24/48000/2", "1ms", program.group(), "--ts-refclk",
                                      clock, "--name", "Stage left"), "--multicast")

    def test_unicast(self):
        """descriptions of unicast streams are accepted"""
        self.accept(self.describe("L24/48000/2", "1ms", program.unicast()), "--unicast")

    def test_the_check_finds_faults(self):
        """a description without its clock is refused"""
        path = self.describe("L24/48000/2", "1ms", program.group())
        with open(path, encoding="utf-8", newline="") as whole:
            lines = whole.read().splitlines(keepends=True)
        with open(path, "w", encoding="utf-8", newline="") as broken:
            broken.writelines(line for line in lines if "ts-refclk" not in line)
        self.assertNotEqual(self.check(path).status, 0)


if __name__ == "__main__":
    tap.main(jobs=2)
