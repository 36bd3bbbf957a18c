# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Streams recorded as their sender describes them: the media clock gives each sample the
same position for everybody."""

import datetime
import json
import time

import audio
import program
import rtp
import tap

SECONDS = 6
SLOW_CLOCK = (rtp.MEDIA_CLOCK[0], "a=mediaclk:direct=0 rate=1000/1001")


class Descriptions(program.TestCase):
    def send(self, source, address):
        """A stream that goes on until the test ends; returns its description's path."""
        source.write_wav(self.path("source.wav"))
        sdp = self.path("stream.sdp")
        sending = self.start(program.AUDYN, "send", "file:" + self.path("source.wav"),
                             address.uri(source.format), "--sdp", sdp, "--loop")
        program.wait_until(lambda: "sending" in sending.err, "word from the sender")
        return sdp

    def test_two_recorders_agree_on_every_position(self):
        """two recorders that start at different times give equal samples equal positions"""
        source = audio.noise(SECONDS)
        sdp = self.send(source, program.group())
        uri = f"sdp:{sdp}?iface=lo"
        early = self.record(uri, "-d", "3s", name="early.wav")
        program.wait_until(lambda: early.out_file and "waiting" in early.err, "the first one")
        late = self.record(uri, "-d", "3s", name="late.wav")
        recordings = [early.finish(), late.finish()]
        for recorded in recordings:
            self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
            self.assertEqual(recorded.report["clock"], "media")
        begins = [recorded.report["start"]["position"] for recorded in recordings]
        common = max(begins)
        frames = 3 * source.rate - abs(begins[0] - begins[1])
        self.assertGreater(frames, source.rate // 2, "the recordings hardly overlap")
        size = source.frame_bytes
        parts = []
        for begin, recorded in zip(begins, recordings):
            data = audio.read_wav(recorded.path).data
            parts.append(data[(common - begin) * size:(common - begin + frames) * size])
        self.assertIsNone(audio.first_difference(parts[0], parts[1], size))

    def test_a_media_clock_at_a_fraction_of_its_rate(self):
        """rate= of a description decides where samples lie and when that is"""
        source, address = audio.noise(1.5), program.group()
        path = rtp.write_description(self.path("slow.sdp"), address, lines=SLOW_CLOCK)
        begin = time.time() + 37
        position = int(begin * 48000 * 1000 / 1001)
        recording = self.record(f"sdp:{path}?iface=lo", "-d", "1s", name="slow.wav")
        sending = rtp.Stream(source, timestamp=position).start(address)
        self.addCleanup(sending.stop)
        recorded = recording.finish()
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        self.assert_counts(recorded.report, sample_frames=47952, received=47952, clock="media")
        start = recorded.report["start"]
        self.assertEqual(start["position"], position)
        self.assertAlmostEqual(start["tai_ns"] / 1e9, begin, places=3)
        info = json.loads(self.audyn("info", recorded.path, "--json").out)
        self.assertEqual((info["position"], info["media_rate"]), (position, "1000/1001"))
        said = datetime.datetime.fromisoformat(info["start"].replace("Z", "+00:00"))
        self.assertAlmostEqual(said.timestamp(), begin - 37, places=3)
        bext = info["bext"]
        self.assertEqual(bext["origination_date"] + "T" + bext["origination_time"],
                         info["start"][:19])
        self.assertAlmostEqual(bext["time_reference"] / 48000,
                               (begin - 37) % 86400, places=3)

    def test_the_report_lies_beside_the_audio(self):
        """what --json prints lies beside the audio as well, and is not overwritten"""
        source = audio.noise(2)
        sdp = self.send(source, program.group())
        recorded = self.record(f"sdp:{sdp}?iface=lo", "-d", "1s", name="take.wav").finish()
        with open(self.path("take.json"), encoding="utf-8") as sidecar:
            self.assertEqual(json.load(sidecar), recorded.report)
        again = self.audyn("record", "tone:", "-d", "1s", "-o", self.path("take.json.wav"))
        self.assertEqual(again.status, program.COMPLETE, again.err)
        with open(self.path("other.json"), "w", encoding="utf-8") as other:
            other.write("mine")
        refused = self.audyn("record", "tone:", "-d", "1s", "-o", self.path("other.wav"))
        self.assert_fails(refused, program.FAILED, "other.json", "--force")

    def test_bad_descriptions(self):
        """a description that is none, or describes nothing of ours, is refused in words"""
        cases = {
            "hello": (program.FAILED, "v=0"),
            "v=0\no=- 1 1 IN IP4 127.0.0.1\nnonsense\n": (program.FAILED, "line 3"),
            "v=0\ns=x\nm=video 5004 RTP/AVP 96\n": (program.USAGE, "no audio"),
        }
        for text, (status, word) in cases.items():
            path = self.path("bad.sdp")
            with open(path, "w", encoding="utf-8") as sdp:
                sdp.write(text)
            refused = self.audyn("record", "sdp:" + path, "-o", self.path("x.wav"))
            self.assert_fails(refused, status, word, path)
        missing = self.audyn("record", "sdp:" + self.path("none.sdp"), "-o", self.path("x.wav"))
        self.assert_fails(missing, program.FAILED, "none.sdp")
        sdp = self.send(audio.noise(1), program.group())
        second = self.audyn("record", f"sdp:{sdp}?media=2", "-o", self.path("x.wav"))
        self.assert_fails(second, program.USAGE, "media=2")


if __name__ == "__main__":
    tap.main()
