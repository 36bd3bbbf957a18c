# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Streams that share a port or an address never mix."""

import audio
import program
import rtp
import tap

SECONDS = 1
FRAMES = SECONDS * 48000


class Streams(program.TestCase):
    def setUp(self):
        super().setUp()
        self.one = audio.noise(SECONDS + 0.5, seed=1)
        self.two = audio.noise(SECONDS + 0.5, seed=2)

    def record_one(self, address, name="out.wav", **options):
        return self.record(address.uri(self.one.format, **options), "-d", f"{SECONDS}s",
                           name=name)

    def send(self, source, address, ssrc=0x41554459, **keywords):
        sending = rtp.Stream(source, ssrc=ssrc).start(address, **keywords)
        self.addCleanup(sending.stop)
        return sending

    def assert_recorded(self, recording, source):
        recorded = recording.finish()
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        self.assert_counts(recorded.report, sample_frames=FRAMES, received=FRAMES, lost=0,
                           duplicates=0)
        self.assert_wav(recorded.path, source, source.cut(0, FRAMES))
        return recorded.report

    def test_two_groups_on_one_port(self):
        """two recorders of one port each get their own group's stream"""
        port = program.ports.free()
        groups = program.group(port, net=69), program.group(port, net=70)
        recordings = [self.record_one(address, f"{address.host}.wav") for address in groups]
        self.send(self.one, groups[0])
        self.send(self.two, groups[1])
        self.assert_recorded(recordings[0], self.one)
        self.assert_recorded(recordings[1], self.two)

    def test_a_stream_in_its_first_window_is_not_timed_out(self):
        """a stream that has begun is not given up while its first window is still open"""
        address = program.group()
        recording = self.record(address.uri(self.one.format), "-d", "1s", "--window", "2s",
                                "--timeout", "700ms")
        source = audio.noise(4, seed=3)
        self.send(source, address)
        recorded = recording.finish()
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        self.assert_wav(recorded.path, source, source.cut(0, FRAMES))

    def test_two_recorders_of_one_group(self):
        """two recorders of one group each get the whole of it"""
        address = program.group()
        recordings = [self.record_one(address, name) for name in ("a.wav", "b.wav")]
        self.send(self.one, address)
        for recording in recordings:
            self.assert_recorded(recording, self.one)

    def test_another_group_on_the_port(self):
        """a group that somebody else has joined on the same port is not heard"""
        port = program.ports.free()
        ours, theirs = program.group(port, net=69), program.group(port, net=70)
        neighbour = self.record_one(theirs, "theirs.wav")
        recording = self.record_one(ours)
        self.send(self.two, theirs)
        self.assert_recorded(neighbour, self.two)
        self.send(self.one, ours)
        report = self.assert_recorded(recording, self.one)
        self.assertEqual(set(report["rejected"].values()), {0})

    def test_unicast_to_the_port(self):
        """packets to this host's own address do not enter a group's recording"""
        port = program.ports.free()
        recording = self.record_one(program.group(port))
        self.send(self.two, program.unicast(port))
        self.send(self.one, program.group(port))
        self.assert_recorded(recording, self.one)

    def test_the_first_ssrc_wins(self):
        """of two sources on one address the first is recorded, the other rejected"""
        address = program.group()
        recording = self.record_one(address)
        first = self.send(self.one, address, ssrc=1)
        program.wait_until(lambda: first.stream.sent_frames > 4800, "first stream")
        self.send(self.two, address, ssrc=2)
        report = self.assert_recorded(recording, self.one)
        self.assertGreater(report["rejected"]["ssrc"], 100)

    def test_an_ssrc_can_be_chosen(self):
        """the source that the URI names is recorded, though another came first"""
        address = program.group()
        recording = self.record_one(address, ssrc="0x2")
        first = self.send(self.two, address, ssrc=1)
        program.wait_until(lambda: first.stream.sent_frames > 4800, "first stream")
        self.send(self.one, address, ssrc=2)
        report = self.assert_recorded(recording, self.one)
        self.assertGreater(report["rejected"]["ssrc"], 100)

    def check_source(self, address):
        recording = self.record_one(address, f"{address.host}.wav", source="127.0.0.2")
        self.send(self.two, address, source_address="127.0.0.1")
        self.send(self.one, address, source_address="127.0.0.2")
        self.assert_recorded(recording, self.one)

    def test_a_source_address_can_be_chosen(self):
        """of two senders to one group only the one that the URI names is recorded"""
        self.check_source(program.group())

    def test_a_unicast_source_address_can_be_chosen(self):
        """of two senders to this host only the one that the URI names is recorded"""
        self.check_source(program.unicast())

    def test_unicast(self):
        """a stream to this host's own address is recorded"""
        address = program.unicast()
        recording = self.record_one(address)
        self.send(self.one, address)
        self.assert_recorded(recording, self.one)


if __name__ == "__main__":
    tap.main(jobs=4)
