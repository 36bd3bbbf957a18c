# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""FLAC and Opus files, judged by the tools that people open them with."""

import hashlib
import json
import math
import os
import signal
import struct

import audio
import program
import tap


def root_mean_square(values):
    return math.sqrt(sum(value * value for value in values) / len(values))


class Codecs(program.TestCase):
    def record_source(self, source, name, *options):
        wav = source.write_wav(self.path("source.wav"))
        path = self.path(name)
        finished = self.audyn("record", f"file:{wav}?pace=free", "-o", path, *options)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        os.unlink(wav)
        return path

    def run_tool(self, *argv):
        finished = self.run_program(*argv)
        self.assertEqual(finished.status, 0, finished.err)
        return finished.out

    def assert_flac(self, path, source):
        self.run_tool("flac", "--test", "--silent", "--warnings-as-errors", path)
        md5 = self.run_tool("metaflac", "--show-md5sum", path).strip()
        self.assertEqual(md5, hashlib.md5(source.data).hexdigest())
        self.run_tool("flac", "--decode", "--silent", "--force", "-o", path + ".wav", path)
        self.assert_wav(path + ".wav", source, source.data)

    def test_flac_is_bit_for_bit(self):
        """a FLAC file holds each sample of 16 and 24 bits, and the MD5 of them all"""
        for bits, rate, channels in ((16, 44100, 1), (16, 48000, 2), (24, 48000, 2),
                                     (24, 96000, 8)):
            with self.subTest(bits=bits, rate=rate, channels=channels):
                source = audio.noise(0.7, rate, channels, bits)
                name = f"{bits}-{rate}-{channels}.flac"
                self.assert_flac(self.record_source(source, name), source)

    def test_flac_levels(self):
        """a higher level makes a smaller file of the same samples"""
        source = audio.sine(2, 48000, 2)
        sizes = []
        for level in (0, 8):
            path = self.record_source(source, f"{level}.flac", "--flac-level", str(level))
            self.assert_flac(path, source)
            sizes.append(os.path.getsize(path))
        self.assertLess(sizes[1], sizes[0])

    def test_flac_of_floats(self):
        """of an input of floats, a FLAC file holds 24 bits"""
        path = self.path("tone.flac")
        finished = self.audyn("record", "tone:997?pace=free", "-d", "1s", "-o", path)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        self.assertEqual(self.run_tool("metaflac", "--show-bps", path).strip(), "24")
        self.assertEqual(self.run_tool("metaflac", "--show-total-samples", path).strip(),
                         "48000")

    def test_flac_says_when_it_was(self):
        """comments tell position, date and time reference, as bext does"""
        path = self.record_source(audio.noise(0.5), "when.flac")
        comments = dict(line.split("=", 1) for line in self.run_tool(
            "metaflac", "--export-tags-to=-", path).splitlines())
        position = int(comments["POSITION"])
        seconds = int(comments["TIME_REFERENCE"]) // 48000
        self.assertEqual((position // 48000 - 37) % 86400, seconds)
        self.assertEqual(comments["DATE"][11:], f"{seconds // 3600:02}:"
                         f"{seconds // 60 % 60:02}:{seconds % 60:02}Z")
        self.assertEqual(comments["ORIGINATOR"], "Audyn")

    def test_flac_seek_points(self):
        """seek points lead to their samples, and none beyond the end"""
        path = self.record_source(audio.noise(21, channels=1, bits=16), "long.flac")
        listed = self.run_tool("metaflac", "--list", "--block-type=SEEKTABLE", path)
        points = [line for line in listed.splitlines() if "sample_number=" in line]
        self.assertEqual(len(points), 3, listed)
        tail = self.run_tool("flac", "--decode", "--silent", "--skip=0:20.5", "-c", path)
        self.assertTrue(tail)

    def test_opus_has_every_sample(self):
        """an Opus file lasts as long as its source to the sample, and sounds like it"""
        for rate, channels in ((48000, 1), (48000, 2), (44100, 2), (96000, 2), (48000, 6)):
            with self.subTest(rate=rate, channels=channels):
                source = audio.sine(1.3, rate, channels)
                path = self.record_source(source, f"{rate}-{channels}.opus")
                said = self.run_program("opusinfo", path)
                self.assertEqual(said.status, 0, said.out)
                self.assertNotIn("WARNING", said.out + said.err)
                wav = path + ".wav"
                if channels <= 2:
                    self.run_tool("opusdec", "--quiet", "--float", "--rate", str(rate),
                                  path, wav)
                else:
                    self.run_tool("ffmpeg", "-v", "error", "-i", path, "-c:a", "pcm_f32le",
                                  "-bitexact", wav)
                self.assert_sounds_like(audio.read_wav(wav), source)

    def assert_sounds_like(self, wav, source):
        got = struct.unpack(f"<{len(wav.data) // 4}f", wav.data)
        self.assertEqual(len(got), source.frames * source.channels)
        expected = source.floats()
        settled = 4800 * source.channels
        error = [a - b for a, b in zip(got[settled:], expected[settled:])]
        self.assertLess(root_mean_square(error), 0.05 * root_mean_square(expected))

    def test_opus_bit_rate(self):
        """the bit rate is the one that was asked for"""
        source = audio.noise(4, channels=1)
        sizes = [os.path.getsize(self.record_source(source, f"{rate}.opus",
                                                    "--opus-bitrate", rate))
                 for rate in ("32k", "128k")]
        self.assertAlmostEqual(sizes[0] / (32000 * 4 / 8), 1, delta=0.3)
        self.assertAlmostEqual(sizes[1] / (128000 * 4 / 8), 1, delta=0.3)

    def test_killed(self):
        """a recorder that is killed leaves FLAC and Opus files without the last second"""
        for ending, count in (("flac", ("flac", "--decode", "--silent", "-c",
                                        "--force-raw-format", "--endian=little",
                                        "--sign=signed")),
                              ("opus", ("opusdec", "--quiet", "--force-stereo"))):
            with self.subTest(ending=ending):
                path = self.path(f"{ending}.{ending}")
                recording = program.Recorder("tone:440?channels=2", "-o", path, "-d", "1m",
                                             "--live", directory=self.directory)
                self.addCleanup(recording.close)
                program.wait_until(lambda: "00:00:03" in recording.err, "three seconds")
                recording.signal(signal.SIGKILL)
                recording.popen.wait()
                raw = self.path("raw")
                finished = self.run_program(*count, path, *(["-o"] if ending == "flac"
                                                            else []), raw)
                self.assertEqual(finished.status, 0, finished.err)
                frame_bytes = 6 if ending == "flac" else 4
                self.assertGreater(os.path.getsize(raw) / frame_bytes, 2 * 48000)
                os.unlink(raw)

    def fill_disk(self, name, *options):
        """Records noise until a small disk is full; what is on it then, and the report."""
        disk = self.path("disk")
        os.makedirs(disk, exist_ok=True)
        small = program.namespace("--mount", f"mount -t tmpfs -o size=1m none '{disk}'")
        if not small:
            self.skipTest("this machine permits no mount namespace")
        keep = self.path(name)
        source = audio.noise(20).write_wav(self.path("source.wav"))
        finished = self.run_program(
            *small, "sh", "-c", f"'{program.AUDYN}' record 'file:{source}?pace=free' -o "
            f"'{disk}/{name}' --json {' '.join(options)}; status=$?; "
            f"cp '{disk}/{name}' '{keep}'; exit $status")
        self.assert_fails(finished, program.FAILED, name, "no space left")
        return keep, source, json.loads(finished.out)

    def test_full_disk(self):
        """where the disk is full, a FLAC file ends with a whole frame"""
        keep, source, report = self.fill_disk("a.flac")
        decoded = self.run_program("flac", "--decode", "--silent", "-o",
                                   self.path("kept.wav"), keep)
        self.assertEqual(decoded.status, 0, decoded.err)
        wav = audio.read_wav(self.path("kept.wav"))
        with open(source, "rb") as file:
            self.assertIn(wav.data, file.read())
        self.assertGreater(len(wav.data), 500000)
        self.assertEqual(report["sample_frames"], len(wav.data) * 8 // (wav.channels * wav.bits))

    def test_opus_on_a_full_disk(self):
        """where the disk is full, the report says how much the Opus file holds"""
        keep, _, report = self.fill_disk("a.opus", "--opus-bitrate", "1000k")
        self.run_tool("opusdec", "--quiet", keep, self.path("kept.wav"))
        wav = audio.read_wav(self.path("kept.wav"))
        self.assertGreater(len(wav.data), 48000)
        self.assertEqual(report["sample_frames"], len(wav.data) * 8 // (wav.channels * wav.bits))

    def test_refusals(self):
        """what a format cannot hold is refused with a word on what can be done"""
        for name, source, options, words in (
                ("a.flac", "tone:440", ["--encoding", "float32"], ["integers", "pcm24"]),
                ("b.flac", "tone:440?channels=9", [], ["9 channels", "1 to 8"]),
                ("c.opus", "tone:440?channels=9", [], ["9 channels", "1 to 8"]),
                ("d.flac", "tone:440", ["--flac-level", "9"], ["--flac-level"]),
                ("e.opus", "tone:440", ["--opus-bitrate", "1"], ["--opus-bitrate"]),
                ("f.opus", "tone:440", ["--opus-complexity", "11"], ["complexity"]),
                ("g.mp3", "tone:440", [], [".wav .flac .opus"])):
            with self.subTest(name=name):
                finished = self.audyn("record", source, "-o", self.path(name), *options)
                self.assertIn(finished.status, (program.FAILED, program.USAGE))
                self.assert_fails(finished, finished.status, *words)
                self.assertFalse(os.path.exists(self.path(name)))


if __name__ == "__main__":
    tap.main(jobs=2)
