# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""What `audyn record` makes of tones and files, and what `audyn info` says of it."""

import json
import os

import audio
import program
import tap

ENCODINGS = {"pcm16": (16, audio.PCM), "pcm24": (24, audio.PCM), "float32": (32, audio.FLOAT)}


class Files(program.TestCase):
    def record_source(self, uri, *options, name="out.wav"):
        path = self.path(name)
        finished = self.audyn("record", uri, "-o", path, "--json", *options)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        return path, json.loads(finished.out)

    def info(self, *arguments):
        finished = self.audyn("info", *arguments)
        self.assertEqual((finished.status, finished.err), (program.COMPLETE, ""))
        return finished.out

    def test_encodings(self):
        """each encoding that is asked for is what the header says"""
        for encoding, (bits, tag) in ENCODINGS.items():
            with self.subTest(encoding=encoding):
                path, _ = self.record_source("tone:997?level=-20&pace=free&channels=2",
                                             "-d", "1s", "--encoding", encoding,
                                             name=f"{encoding}.wav")
                wav = audio.read_wav(path)
                self.assertEqual((wav.bits, wav.tag, wav.rate, wav.channels),
                                 (bits, tag, 48000, 2))
                self.assertEqual(len(wav.data), 48000 * 2 * bits // 8)

    def test_file_input(self):
        """a recorded 16 or 24-bit file is the same file again, bit for bit"""
        for bits in (16, 24):
            for channels in (1, 2, 6):
                with self.subTest(bits=bits, channels=channels):
                    source = audio.noise(1, channels=channels, bits=bits)
                    wav = source.write_wav(self.path("source.wav"))
                    path, report = self.record_source(
                        f"file:{wav}?pace=free", name=f"{bits}-{channels}.wav")
                    self.assert_wav(path, source, source.data)
                    self.assert_counts(report, sample_frames=48000, received=48000,
                                       encoding=f"pcm{bits}")

    def test_dither(self):
        """24 bits become 16 with dither, or by --dither none with rounding alone"""
        short = audio.noise(1, bits=16)
        samples = b"".join(b"\0" + short.data[i:i + 2] for i in range(0, len(short.data), 2))
        wav = audio.Audio(48000, 2, 24, samples).write_wav(self.path("source.wav"))
        uri = f"file:{wav}?pace=free"
        options = ("--encoding", "pcm16")
        plain, _ = self.record_source(uri, *options, "--dither", "none", name="plain.wav")
        self.assert_wav(plain, short, short.data)
        dithered, _ = self.record_source(uri, *options, name="dithered.wav")
        self.assertNotEqual(audio.read_wav(dithered).data, short.data)

    def test_duration(self):
        """-d gives exactly as many sample frames as it says"""
        for duration, frames in (("1s", 48000), ("250ms", 12000), ("1.5s", 72000)):
            with self.subTest(duration=duration):
                path, report = self.record_source("tone:440?pace=free", "-d", duration,
                                                  name=f"{duration}.wav")
                self.assertEqual(report["sample_frames"], frames)
                self.assertEqual(len(audio.read_wav(path).data) //
                                 (report["channels"] * ENCODINGS[report["encoding"]][0] // 8),
                                 frames)

    def test_report(self):
        """the report has all that it promises"""
        path, report = self.record_source("tone:440?pace=free", "-d", "1s")
        self.assertEqual(report["input"], "tone:440?pace=free")
        self.assertEqual(set(report["start"]), {"tai_ns", "position"})
        self.assertEqual(set(report["pool"]), {"capacity", "high_water", "exhausted"})
        self.assertEqual(report["pool"]["exhausted"], 0)
        self.assertEqual(report["files"], [{"path": path, "sample_frames": 48000,
                                            "position": report["start"]["position"]}])
        for key in ("packets", "duplicates", "reordered", "rejected"):
            self.assertIn(key, report)

    def test_info(self):
        """audyn info tells format, length, position and that the file is complete"""
        path, report = self.record_source("tone:440?pace=free", "-d", "1s")
        said = json.loads(self.info(path, "--json"))
        self.assertEqual(said["sample_frames"], 48000)
        self.assertEqual(said["sample_rate"], 48000)
        self.assertEqual(said["channels"], report["channels"])
        self.assertTrue(said["complete"])
        for_people = self.info(path)
        self.assertRegex(for_people, r"length .* 48000 sample frames")
        self.assertRegex(for_people, r"state +complete")

    def test_names_that_are_not_utf_8(self):
        """names that are not UTF-8 stand in JSON with U+FFFD for each wrong byte"""
        wrong, shown = self.path("caf").encode() + b"\xe9.wav", self.path("caf\ufffd.wav")
        recorded = self.audyn("record", "tone:?pace=free", "-o", wrong, "-d", "1s", "--json")
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        self.assertEqual(json.loads(recorded.out)["files"][0]["path"], shown)
        with open(wrong[:-4] + b".json", encoding="utf-8") as beside:
            self.assertEqual(beside.read(), recorded.out)
        self.assertEqual(json.loads(self.info(wrong, "--json"))["path"], shown)
        uri = b"file:" + wrong
        again = self.audyn("record", uri + b"?pace=free", "-o", self.path("again.wav"), "--json")
        self.assertEqual(again.status, program.COMPLETE, again.err)
        self.assertEqual(json.loads(again.out)["input"], f"file:{shown}?pace=free")
        sent = self.audyn("send", uri, program.unicast().uri("L16/48000/2"), "--json")
        self.assertEqual(json.loads(sent.out)["source"], f"file:{shown}")

    def test_bext_that_is_not_utf_8(self):
        """a foreign description that is not UTF-8 is shown all the same"""
        path, _ = self.record_source("tone:440?pace=free", "-d", "1s")
        with open(path, "r+b") as file:
            head = file.read(4096)
            file.seek(head.index(b"bext") + 8)
            file.write(b"\xe9t\xe9\0")
        self.assertEqual(json.loads(self.info(path, "--json"))["bext"]["description"],
                         "\ufffdt\ufffd")

    def test_info_of_a_truncated_file(self):
        """audyn info says of a truncated file that it is not complete"""
        path, _ = self.record_source("tone:440?pace=free", "-d", "1s")
        os.truncate(path, os.path.getsize(path) - 10000)
        finished = self.audyn("info", path, "--json")
        self.assertEqual(finished.status, program.MISSING, finished.err)
        self.assertFalse(json.loads(finished.out)["complete"])


class Help(program.TestCase):
    def test_help(self):
        """--help of each subcommand goes to standard output"""
        for words in ([], ["record"], ["send"], ["info"]):
            with self.subTest(words=words):
                finished = self.audyn(*words, "--help")
                self.assertEqual((finished.status, finished.err), (0, ""))
                self.assertIn(" ".join(["audyn", *words]), finished.out)
        self.assertIn("audyn record", self.audyn("--help").out)


if __name__ == "__main__":
    tap.main(jobs=2)
