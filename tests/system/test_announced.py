# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Streams are recorded by the name under which they are announced."""

import os

import audio
import lonely
import program
import rtp
import sap
import tap

SECONDS = 1


class Announced(program.TestCase):
    def announce(self, *datagrams, **keywords):
        announcer = sap.Announcer(*datagrams, **keywords)
        self.addCleanup(announcer.close)
        return announcer

    def stream(self, name, session=1, seed=1):
        """What is announced and sent under a name: its source, packets and address."""
        source = audio.noise(SECONDS, seed=seed)
        address = program.group()
        self.announce(sap.pack(sap.describe(name, session, address=address.host,
                                            port=address.port)))
        return source, rtp.Stream(source), address

    def refuse(self, uri, status, *words):
        refused = self.audyn("record", uri, "-o", self.path("x.wav"))
        self.assert_fails(refused, status, *words)

    def check_by(self, uri, name):
        source, stream, address = self.stream(name)
        recording = self.record(uri, "-d", f"{SECONDS}s")
        stream.start(address)
        recorded = recording.finish()
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        self.assert_wav(recorded.path, source, source.data)

    def test_by_name(self):
        """a stream is recorded bit for bit by its name, and on the interface it was heard on"""
        self.check_by("sap:Stage%20left%20%26%20M%C3%BCller%3F", "Stage left & Müller?")

    def test_by_origin(self):
        """a stream is recorded by the origin of its session"""
        self.check_by("sap:-%201%20127.0.0.1?iface=127.0.0.1&media=1", "whatever")

    def test_many(self):
        """several streams wait for their announcements together"""
        streams = {f"stream {n}": self.stream(f"stream {n}", n, seed=n) for n in range(3)}
        directory = self.path("take")
        os.mkdir(directory)
        recording = self.start(program.AUDYN, "record", "--out-dir", directory, "-d",
                               f"{SECONDS}s", *(f"sap:{name.replace(' ', '%20')}"
                                                for name in streams))
        program.wait_until(lambda: "waiting for 3 " in recording.err or not recording.running,
                           f"word from {recording}")
        for _, stream, address in streams.values():
            stream.start(address)
        finished = recording.finish()
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        for name, (source, _, _) in streams.items():
            path = f"{directory}/{name.replace(' ', '-')}.wav"
            self.assert_wav(path, source, source.data)

    def test_ambiguous(self):
        """a name that two sessions have is refused, and their origins are listed"""
        self.announce(sap.pack(sap.describe("twin", 1)), sap.pack(sap.describe("twin", 2)))
        self.refuse("sap:twin", program.USAGE, "'twin'", "'- 1 127.0.0.1' on lo",
                    "'- 2 127.0.0.1' on lo")

    def test_absent(self):
        """where the name is not announced in time, those that were heard are told"""
        self.announce(sap.pack(sap.describe("other", 1)), sap.pack(sap.describe("more", 2)))
        self.refuse("sap:mine?wait=300ms", program.FAILED, "'mine'", "0.3 s", "'other'",
                    "'more'", "lo")

    def test_nothing(self):
        """where nothing at all is announced the message says where to look"""
        self.refuse("sap:mine?wait=100ms&iface=lo", program.FAILED, "'mine'", "iface=",
                    "firewall", "9875")

    def test_long_lists(self):
        """very many names are cut in the message"""
        self.announce(*(sap.pack(sap.describe(f"session number {n}", n)) for n in range(40)))
        self.refuse("sap:mine?wait=300ms", program.FAILED, "session number", ", …")

    def test_without_audio(self):
        """a session that cannot be recorded says why"""
        self.announce(sap.pack(sap.describe("film", media="video", rtpmap="98 raw/90000")))
        self.refuse("sap:film", program.USAGE, "film", "no audio")

    def test_interrupted(self):
        """Ctrl-C ends the waiting for an announcement"""
        waiting = self.start(program.AUDYN, "record", "sap:mine", "-o", self.path("x.wav"))
        program.wait_until(lambda: "announcement of sap:mine" in waiting.err, "word of it")
        self.assert_fails(self.stop(waiting), program.FAILED, "stopped before", "mine")

    def test_usage(self):
        """wrong usage is explained before anything is waited for"""
        for uri, *words in (("sap:", "name of a session"), ("sap:x?wait=never", "wait=never"),
                            ("sap:x?wait=0", "wait=0"), ("sap:x?media=0", "media=0"),
                            ("sap:x?pt=98", "pt", "wait")):
            self.refuse(uri, program.USAGE, *words)
        self.refuse("sap:x?iface=nosuch0", program.FAILED, "nosuch0")


if __name__ == "__main__":
    lonely.enter()
    tap.main()
