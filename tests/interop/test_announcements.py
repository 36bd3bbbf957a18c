# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Announcements of others are understood, and ours by others: FFmpeg's and PipeWire's."""

import json
import shutil
import signal
import unittest

import audio
import lonely
import pipewire
import program
import sap
import tap

SECONDS = 3


class Listening:
    """For cases that look at the list of `audyn discover`."""

    def wait_for_session(self, name):
        def look():
            found = self.audyn("discover", "--json", "-t", "2s")
            return [session for session in json.loads(found.out)["sessions"]
                    if session["name"] == name]
        return program.wait_until(look, f"announcement of {name}", 60)[0]


class FFmpeg(program.TestCase, Listening):
    def send(self, path, name, address):
        return self.start(
            "ffmpeg", "-nostdin", "-v", "error", "-re", "-stream_loop", "-1", "-i", path,
            "-metadata", f"title={name}", "-af", "asetnsamples=n=48:p=0",
            "-c:a", "pcm_s24be", "-f", "sap",
            f"sap://{address.host}:{address.port}?announce_addr={sap.LOCAL}"
            f"&announce_port={sap.PORT}&same_port=1&ttl=4")

    def test_recording(self):
        """what FFmpeg announces is found, and recorded by its name bit for bit"""
        source = audio.noise(30)
        path = source.write_wav(self.path("source.wav"))
        address = program.group()
        self.send(path, "From FFmpeg", address)
        session = self.wait_for_session("From FFmpeg")
        stream = session["streams"][0]
        self.assertEqual((stream["address"], stream["bits"], stream["channels"]),
                         (f"{address.host}:{address.port}", 24, 2))
        recorded = self.record(stream["record"], "-d", f"{SECONDS}s").finish()
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        data = audio.read_wav(recorded.path).data
        self.assertEqual(len(data), SECONDS * source.rate * source.frame_bytes)
        self.assertIn(data, source.data * 2, "no unbroken part of what was sent")

    def test_deletion(self):
        """a session that FFmpeg withdraws at its end is gone from the list"""
        path = audio.noise(1).write_wav(self.path("source.wav"))
        sending = self.send(path, "Short", program.group())
        self.wait_for_session("Short")
        listening = self.start(program.AUDYN, "discover", "--json", "-t", "1h")
        program.wait_until(sap.is_heard, "a listener")
        ear = sap.Ear()
        self.addCleanup(ear.close)
        while "s=Short" not in ear.next().payload:
            pass
        sending.signal(signal.SIGINT)
        while ear.next().flags != sap.DELETE:
            pass
        interrupted = self.stop(listening)
        self.assertEqual(json.loads(interrupted.out)["sessions"], [], interrupted.err)

    def test_ffmpeg_hears_us(self):
        """FFmpeg receives what `audyn send --sap` announces bit for bit"""
        source = audio.noise(30)
        path = source.write_wav(self.path("source.wav"))
        address = program.group()
        output = self.path("out.wav")
        receiving = self.start(
            "ffmpeg", "-nostdin", "-v", "error", "-i",
            f"sap://{sap.LOCAL}:{sap.PORT}", "-t", str(SECONDS), "-c:a", "pcm_s24le", output)
        program.wait_until(lambda: is_bound(sap.PORT) or not receiving.running,
                           f"listener: {receiving}")
        self.start(program.AUDYN, "send", f"file:{path}",
                   address.uri(source.format, ttl=1), "--ptime", "4ms", "--sap", "--loop")
        received = receiving.finish(60)
        self.assertEqual(received.status, 0, received.err)
        wav = audio.read_wav(output)
        self.assertGreaterEqual(len(wav.data), (SECONDS - 0.5) * source.rate * source.frame_bytes)
        self.assertIn(wav.data, source.data * 2, "no unbroken part of what was sent")


def is_bound(port):
    with open("/proc/net/udp", encoding="ascii") as table:
        return any(line.split()[1].endswith(f":{port:04X}") for line in list(table)[1:])


RTP_SINK = """
context.spa-libs = {{
    audio.convert.* = audioconvert/libspa-audioconvert
    support.* = support/libspa-support
}}
context.modules = [
    {{ name = libpipewire-module-protocol-native }}
    {{ name = libpipewire-module-client-node }}
    {{ name = libpipewire-module-adapter }}
    {{ name = libpipewire-module-rtp-sink args = {{
        local.ifname = lo
        destination.ip = {address.host}
        destination.port = {address.port}
        net.loop = true
        sess.name = "PipeWire session"
        sess.min-ptime = 1
        sess.max-ptime = 1
        audio.format = S24BE
        audio.rate = 48000
        audio.channels = 2
        stream.props = {{ node.name = rtp-sink }}
    }} }}
]
"""


@unittest.skipUnless(shutil.which("pipewire"), "there is no PipeWire")
class PipeWire(pipewire.TestCase, Listening):
    def test_pipewire(self):
        """what PipeWire announces on its own group is found and can be recorded"""
        address = program.group()
        config = self.path("rtp-sink.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(RTP_SINK.format(address=address))
        sending = self.start("pipewire", "-c", config)
        session = self.wait_for_session("PipeWire session")
        self.assertTrue(sending.running, str(sending))
        stream = session["streams"][0]
        self.assertEqual((stream["address"], stream["bits"], stream["sample_rate"]),
                         (f"{address.host}:{address.port}", 24, 48000))
        # Without a desktop nothing can be linked to it, so that no packet comes.
        refused = self.audyn("record", stream["record"], "-o", self.path("x.wav"),
                             "--timeout", "100ms")
        self.assert_fails(refused, program.FAILED, "no packet", stream["address"])


if __name__ == "__main__":
    lonely.enter()
    tap.main()
