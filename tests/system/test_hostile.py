# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Somebody floods the group and port of a good stream, from before its first packet on:
its file is complete and right, and the recorder needs no more memory."""

import json
import os
import random
import threading

import farm
import program
import rtp
import tap

SECONDS = 1.5
AFTERWARDS = 0.5  # seconds of stream beyond what is recorded
BURST, INTERVAL = 40, 0.004  # packets at once, and seconds between: ten for each good one
BEFORE = 2000     # packets that come before the good stream
ROOM = 128 << 10  # bytes that the highest use of memory may vary by
CONTENT = bytes(range(1, 145)) * 2  # 48 sample frames


class Flood(threading.Thread):
    """Sends datagrams from an endless source until it is stopped."""

    def __init__(self, address, datagrams):
        super().__init__(daemon=True)
        self.address, self.datagrams = address, datagrams
        self.sent = 0
        self.stopped = threading.Event()

    def run(self):
        with rtp.open_socket(self.address) as sock:
            while not self.stopped.is_set():
                for _ in range(BURST):
                    sock.sendto(next(self.datagrams), self.address)
                self.sent += BURST
                self.stopped.wait(INTERVAL)

    def stop(self):
        self.stopped.set()
        self.join()


def packet(number, payload_type=98, ssrc=0xBAD, size=len(CONTENT), version=2):
    return rtp.header(payload_type, number, number * 48, ssrc, version) + CONTENT[:size]


def endless(make):
    """make(0, chance), make(1, chance) and so on."""
    chance, number = random.Random(1), 0
    while True:
        yield make(number, chance)
        number += 1


def malformed(number, _):
    whole = packet(number)
    return (whole[:number % 12], packet(number, version=number % 2),
            b"\xbf" + whole[1:], b"\x9f" + whole[1:60])[number % 4]


def reports(number, _):
    return bytes([0x80, 200 + number % 5]) + packet(number)[2:]


def other_payloads(number, _):
    return packet(number, payload_type=number % 98)


def wrong_sizes(number, chance):
    return packet(number, size=number % 6 and chance.randrange(48) * 6 + number % 6)


def noise(_, chance):
    return chance.randbytes(chance.randrange(1, 1400))


def new_sources(number, chance):
    return packet(number, ssrc=chance.getrandbits(32))


def pairs_of_new_sources(number, _):
    return packet(number, ssrc=0xBAD00000 + number // 2)


class Hostile(program.TestCase):
    def start_recording(self, name):
        """Of a stream that is still to come; returns what sends it, too."""
        address = program.group()
        command = farm.command(1, f"{address.host}:{address.port}", "--sdp", self.directory)
        self.assertEqual(self.run_program(*command).status, program.COMPLETE)
        path = self.path(f"{name}.sdp")
        os.rename(self.path("0001.sdp"), path)
        recording = self.record(f"sdp:{path}?iface=lo", "-d", f"{SECONDS}s",
                                name=f"{name}.wav")
        duration = f"{round((SECONDS + AFTERWARDS) * 1000)}ms"
        return recording, address, [*command, "--duration", duration,
                                    "--plan", self.path(f"{name}.plan")]

    def start_flood(self, address, flood):
        thread = Flood(address, endless(flood))
        self.addCleanup(thread.stop)
        thread.start()
        program.wait_until(lambda: thread.sent >= BEFORE, "flood")

    @staticmethod
    def most_memory(*recordings):
        """The highest use of memory of each, in bytes, once all have ended."""
        peaks = [0 for _ in recordings]

        def have_ended():
            for i, recording in enumerate(recordings):
                used = farm.memory(recording.popen.pid).get("VmHWM", 0)
                peaks[i] = max(peaks[i], used)
            return not any(recording.running for recording in recordings)
        program.wait_until(have_ended, "end of the recordings")
        return peaks

    def check(self, flood, *refused):
        """`refused` is what the report counts the flood's packets as."""
        quiet, _, quiet_sender = self.start_recording("quiet")
        recording, address, sender = self.start_recording("flooded")
        self.start_flood(address, flood)
        senders = [self.start(*quiet_sender), self.start(*sender)]
        usual, peak = self.most_memory(quiet, recording)
        for sending in senders:
            self.assertEqual(sending.finish().status, program.COMPLETE)
        recorded = recording.finish()
        self.assert_complete(recorded, farm.read_plan(self.path("flooded.plan")))
        for kind in refused:
            self.assertGreater(recorded.report["rejected"][kind], BEFORE / 5,
                               recorded.report["rejected"])
        self.assertGreater(usual, 0)
        self.assertLess(peak, usual + ROOM, "bytes of memory, with the flood and without")

    def assert_complete(self, recorded, plan):
        """From the first packet on."""
        self.assertEqual(recorded.status, program.COMPLETE,
                         recorded.err + json.dumps(recorded.report, indent=1))
        frames = round(SECONDS * 48000)
        self.assert_counts(recorded.report, sample_frames=frames, received=frames, lost=0,
                           late=0, no_frame=0, no_signal=0, socket_overflow=0)
        self.assertEqual(recorded.report["start"]["position"], plan["position"])
        source = farm.Pattern()
        self.assert_wav(recorded.path, source,
                        source.expected(0, plan["position"], frames, []))

    def test_malformed_packets(self):
        """a flood of packets that are cut short or of another version changes nothing"""
        self.check(malformed, "malformed")

    def test_rtcp(self):
        """a flood of RTCP packets changes nothing"""
        self.check(reports, "rtcp")

    def test_other_payload_types(self):
        """a flood of other payload types changes nothing"""
        self.check(other_payloads, "payload_type")

    def test_wrong_sizes(self):
        """a flood of packets that are empty or no whole sample frames changes nothing"""
        self.check(wrong_sizes, "size")

    def test_random_bytes(self):
        """a flood of random bytes changes nothing"""
        self.check(noise, "malformed", "payload_type")

    def test_new_sources(self):
        """a flood of new sources, each with one packet, takes no sample of the stream"""
        self.check(new_sources, "ssrc")

    def test_pairs_of_new_sources(self):
        """a flood of new sources, each with two in order, takes no sample of the stream"""
        self.check(pairs_of_new_sources, "ssrc")


if __name__ == "__main__":
    tap.main(jobs=4)
