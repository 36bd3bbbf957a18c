# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""The WAV sink's files of every kind, judged by other people's programs."""

import json
import os
import re

import program
import tap

WRITE_WAV = os.path.join(os.environ["BUILD"], "tests", "write-wav")

RATE = 48000
# Of the first sample, as write-wav sets it.
DATE, TIME, TIME_REFERENCE = "2026-03-01", "10:20:30", (10 * 3600 + 20 * 60 + 30) * RATE + 17

BITS = {"pcm16": 16, "pcm24": 24, "float32": 32}
CODECS = {"pcm16": "pcm_s16le", "pcm24": "pcm_s24le", "float32": "pcm_f32le"}
SOX_ENCODINGS = {"pcm16": "16-bit Signed Integer PCM", "pcm24": "24-bit Signed Integer PCM",
                 "float32": "32-bit Floating Point PCM"}
# SoX expects an extension behind the extension; it says the same of ffmpeg's files.
SOX_QUIRK = "soxi WARN wav: wave header missing extended part of fmt chunk\n"

FRAMES = 4801  # odd, so that 24-bit mono needs a pad byte
TAIL = 1001  # sample frames behind the silence of a large file


class Case(program.TestCase):
    """Validators that look at one file of `self.encoding`, `self.channels` and
    `self.frames`."""

    def write(self, encoding, channels, *lengths):
        self.encoding, self.channels = encoding, channels
        self.wav = self.path(f"{encoding}-{channels}.wav")
        finished = self.run_program(WRITE_WAV, self.wav, encoding, channels, *lengths)
        self.assertEqual((finished.status, finished.err), (0, ""))

    def said(self, *command, but=""):
        """What a validator says of the file, which it must accept without complaint."""
        # MediaConch keeps a data base in the home directory, which it locks.
        finished = self.run_program(*command, self.wav,
                                    env={**os.environ, "HOME": self.directory})
        self.assertEqual(finished.status, 0, finished.err)
        self.assertIn(finished.err, ("", but))
        return finished.out

    def check_ffprobe(self):
        said = json.loads(self.said("ffprobe", "-v", "error", "-of", "json",
                                    "-show_streams", "-show_format"))
        stream, tags = said["streams"][0], said["format"]["tags"]
        self.assertEqual(
            (stream["codec_name"], stream["channels"], stream["sample_rate"],
             stream["duration_ts"]),
            (CODECS[self.encoding], self.channels, str(RATE), self.frames))
        self.assertEqual(
            (tags["encoded_by"], tags["date"], tags["creation_time"],
             tags["time_reference"]),
            ("Audyn", DATE, TIME, str(TIME_REFERENCE)))

    def check_mediainfo(self, profile=None):
        said = json.loads(self.said("mediainfo", "-f", "--Output=JSON"))
        general, sound = said["media"]["track"]
        self.assertEqual((general["Format"], general.get("Format_Profile")),
                         ("Wave", profile))
        self.assertEqual(
            (sound["Format"], sound["Channels"], sound["SamplingRate"],
             sound["SamplingCount"], sound["BitDepth"]),
            ("PCM", str(self.channels), str(RATE), str(self.frames),
             str(BITS[self.encoding])))
        self.assertEqual((general["Producer"], general["Encoded_Date"], sound["Delay"]),
                         ("Audyn", f"{DATE} {TIME}", f"{TIME_REFERENCE / RATE:.3f}"))
        self.assertEqual((general["extra"]["bext_Present"], general["extra"]["bext_Version"]),
                         ("Yes", "2"))
        self.assertRegex(general["extra"]["Producer_Reference"],
                         r"^ZZAUDAUDYN0000000102030\d{9}$")
        self.assertNotIn("IsTruncated", general["extra"])
        for unset in ("LoudnessValue", "LoudnessRange", "MaxTruePeakLevel"):
            self.assertNotIn(unset, json.dumps(said))

    def check_mediainfo_trace(self):
        trace = self.said("mediainfo", "--Details=1")
        for field, value in (("OriginationDate", DATE), ("OriginationTime", TIME),
                             ("TimeReference", TIME_REFERENCE), ("Version", 2)):
            self.assertRegex(trace, rf"(?m) {field}: +{re.escape(str(value))}( |$)")

    def check_mediaconch(self):
        self.assert_whole_wave(self.wav)

    def check_sndfile_info(self):
        said = self.said("sndfile-info")
        self.assertRegex(said, rf"(?m)^Frames *: {self.frames}$")
        self.assertRegex(said, rf"(?m)^Channels *: {self.channels}$")
        self.assertRegex(said, rf"(?m)^Sample Rate *: {RATE}$")
        self.assertNotIn("truncated", said.lower())
        self.assertNotIn("should be 0x", said)

    def check_soxi(self):
        quirk = SOX_QUIRK if self.encoding == "float32" and self.channels > 2 else ""
        said = self.said("soxi", but=quirk)
        for field, value in (("Channels", self.channels), ("Sample Rate", RATE),
                             ("Sample Encoding", SOX_ENCODINGS[self.encoding])):
            self.assertRegex(said, rf"(?m)^{field} *: {value}$")
        self.assertRegex(said, rf"(?m)^Duration .* = {self.frames} samples")


class Formats(Case):
    def each(self, check):
        for encoding in BITS:
            for channels in (1, 2, 8, 64):
                with self.subTest(encoding=encoding, channels=channels):
                    self.frames = FRAMES
                    self.write(encoding, channels, FRAMES)
                    check()

    def test_ffprobe(self):
        """ffprobe accepts each encoding with 1 to 64 channels, and finds its bext fields"""
        self.each(self.check_ffprobe)

    def test_mediainfo(self):
        """mediainfo accepts each encoding with 1 to 64 channels, and finds its bext fields"""
        self.each(self.check_mediainfo)

    def test_mediainfo_trace(self):
        """mediainfo decodes date, time and time reference to the sample"""
        self.each(self.check_mediainfo_trace)

    def test_mediaconch(self):
        """mediaconch accepts each encoding with 1 to 64 channels as whole"""
        self.each(self.check_mediaconch)

    def test_sndfile_info(self):
        """sndfile-info accepts each encoding with 1 to 64 channels"""
        self.each(self.check_sndfile_info)

    def test_soxi(self):
        """soxi accepts each encoding with 1 to 64 channels"""
        self.each(self.check_soxi)


class Large(Case):
    """5 GiB, of which all but the ends is a hole.  SoX is left out: it takes the low 32
    bits of the length for the end of the samples and looks for more chunks there, 8 bytes
    of silence at a time, for a minute."""

    def setUp(self):
        super().setUp()
        silence = (5 << 30) // 6
        self.frames = silence + 2 * TAIL
        self.write("pcm24", 2, TAIL, silence)

    def test_ffprobe(self):
        """ffprobe accepts RF64, with its whole length"""
        self.check_ffprobe()

    def test_ffmpeg(self):
        """ffmpeg reads the last samples of RF64"""
        last = 500
        raw = self.path("tail.raw")
        start = f"{(self.frames - last) / RATE:.9f}"
        finished = self.run_program("ffmpeg", "-v", "error", "-ss", start, "-i", self.wav,
                                    "-f", "s24le", "-c:a", "pcm_s24le", raw)
        self.assertEqual((finished.status, finished.err), (0, ""))
        with open(self.wav, "rb") as file:
            file.seek(4096 + (self.frames - last) * 6)
            expected = file.read()
        with open(raw, "rb") as file:
            got = file.read()
        self.assertEqual(len(expected), last * 6)
        self.assertNotEqual(expected.count(0), len(expected))
        self.assertTrue(got == expected, f"{len(got)} bytes that differ")

    def test_mediainfo(self):
        """mediainfo accepts RF64, with its whole length"""
        self.check_mediainfo("RF64")

    def test_mediaconch(self):
        """mediaconch accepts RF64 as whole"""
        self.check_mediaconch()

    def test_sndfile_info(self):
        """sndfile-info accepts RF64, with its whole length"""
        self.check_sndfile_info()


class Truncated(Case):
    def test_mediaconch(self):
        """mediaconch does not accept a file that lost its end: it can tell"""
        self.write("pcm24", 2, FRAMES)
        os.truncate(self.wav, os.path.getsize(self.wav) - 1000)
        self.assertTrue(self.mediaconch(self.wav).out.startswith("fail!"))


if __name__ == "__main__":
    tap.main(jobs=2)
