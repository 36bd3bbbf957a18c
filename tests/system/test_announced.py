# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Streams are recorded by the name under which they are announced."""

import json
import os
import signal

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
        self.announce(sap.pack(rtp.describe(name, session, address=address.host,
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
        self.announce(sap.pack(rtp.describe("twin", 1)), sap.pack(rtp.describe("twin", 2)))
        self.refuse("sap:twin", program.USAGE, "'twin'", "'- 1 127.0.0.1' on lo",
                    "'- 2 127.0.0.1' on lo")

    def test_absent(self):
        """where the name is not announced in time, those that were heard are told"""
        self.announce(sap.pack(rtp.describe("other", 1)), sap.pack(rtp.describe("more", 2)))
        self.refuse("sap:mine?wait=300ms", program.FAILED, "'mine'", "0.3 s", "'other'",
                    "'more'", "lo")

    def test_nothing(self):
        """where nothing at all is announced the message says where to look"""
        self.refuse("sap:mine?wait=100ms&iface=lo", program.FAILED, "'mine'", "iface=",
                    "firewall", "9875")

    def test_long_lists(self):
        """very many names are cut in the message"""
        self.announce(*(sap.pack(rtp.describe(f"session number {n}", n)) for n in range(40)))
        self.refuse("sap:mine?wait=300ms", program.FAILED, "session number", ", …")

    def test_without_audio(self):
        """a session that cannot be recorded says why"""
        self.announce(sap.pack(rtp.describe("film", media="video", rtpmap="98 raw/90000")))
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


class Sending(program.TestCase):
    def listen(self, group=sap.LOCAL):
        ear = sap.Ear(group)
        self.addCleanup(ear.close)
        return ear

    def send(self, address, *options):
        return self.start(program.AUDYN, "send", "tone:", address.uri("L24/48000/2", ttl=3),
                          "--sap", *options)

    @staticmethod
    def origin(packet):
        """Session and version."""
        return [int(word) for word in packet.payload.splitlines()[1].split()[1:3]]

    def check_ending(self, end, *options):
        ear = self.listen()
        sending = self.send(program.group(), "--name", "Line-up", *options)
        announced = ear.next()
        self.assertEqual((announced.flags, announced.source, announced.ttl),
                         (sap.ANNOUNCE, "127.0.0.1", 3))
        self.assertNotEqual(announced.hash, 0)
        self.assertIn("s=Line-up\r\n", announced.payload)
        end(sending)
        withdrawn = ear.next()
        self.assertEqual(withdrawn, announced._replace(flags=sap.DELETE))
        self.assertEqual(sending.finish().status, program.COMPLETE)

    def test_endings(self):
        """a stream is announced at once, and withdrawn however it ends"""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self.check_ending(lambda sending, number=number: sending.signal(number))
        self.check_ending(lambda sending: None, "-d", "100ms")

    def test_versions(self):
        """a sender that starts anew describes the same session in a higher version"""
        ear, address = self.listen(), program.group()
        session, version = self.origin_of_run(ear, address)
        again, higher = self.origin_of_run(ear, address)
        other, _ = self.origin_of_run(ear, program.group())
        self.assertEqual(again, session)
        self.assertGreater(higher, version)
        self.assertNotEqual(other, session)

    def origin_of_run(self, ear, address):
        self.send(address, "-d", "10ms")
        announced, withdrawn = ear.next(), ear.next()
        self.assertEqual(withdrawn.flags, sap.DELETE)
        self.assertEqual(self.origin(announced), self.origin(withdrawn))
        return self.origin(announced)

    def test_scopes(self):
        """streams of global scope are announced on the group of that scope"""
        ear = self.listen(sap.GLOBAL)
        address = program.Address("224.2.200.1", program.ports.free())
        self.send(address, "-d", "10ms")
        self.assertIn("c=IN IP4 224.2.200.1/3", ear.next().payload)

    def test_the_same_description(self):
        """what is announced is what --sdp writes"""
        ear, path = self.listen(), self.path("stream.sdp")
        self.send(program.group(), "-d", "10ms", "--sdp", path)
        announced = ear.next()
        with open(path, encoding="utf-8", newline="") as sdp:
            self.assertEqual(sdp.read(), announced.payload)

    def test_recording(self):
        """what `audyn send --sap` sends is recorded by its name"""
        source = audio.noise(10)
        path = source.write_wav(self.path("source.wav"))
        sending = self.start(program.AUDYN, "send", f"file:{path}", "--sap", "--name", "Ours",
                             program.group().uri(source.format), "--loop", "--ts-refclk",
                             "ptp=traceable")
        program.wait_until(lambda: "sending" in sending.err, "word from the sender")
        waiting = self.start(program.AUDYN, "record", "sap:Ours", "-d", f"{SECONDS}s",
                             "-o", self.path("ours.wav"), "--json")
        program.wait_until(sap.is_heard, "a listener")
        self.stop(sending)
        self.start(*sending.argv)
        recorded = waiting.finish()
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        self.assertEqual(json.loads(recorded.out)["clock"], "media")
        wav = audio.read_wav(self.path("ours.wav"))
        self.assertIn(wav.data, source.data * 2, "no unbroken part of what was sent")


if __name__ == "__main__":
    lonely.enter()
    tap.main()
