# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""`audyn info`: what FLAC and Opus files and sidecars say, and whether they are whole."""

import json
import os
import signal

import archive
import audio
import program
import tap

RATE = 48000


class Info(archive.TestCase):
    def recorded(self, name):
        source = audio.noise(1.5, RATE, 2, 24)
        wav = source.write_wav(self.path("source.wav"))
        path = self.path(name)
        finished = self.audyn("record", f"file:{wav}?pace=free", "-o", path, "--station",
                              "Radio Test", "--force")
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        return path

    def info(self, path, status=program.COMPLETE):
        finished = self.audyn("info", path, "--json")
        self.assertEqual(finished.status, status, finished.err)
        said = self.audyn("info", path)
        self.assertEqual(said.status, status)
        return json.loads(finished.out), said.out

    def test_codecs(self):
        """format, length, comments and position of FLAC and Opus files are told"""
        for name, container, bits in (("a.flac", "FLAC", 24), ("a.opus", "Ogg Opus", None)):
            with self.subTest(name=name):
                path = self.recorded(name)
                told, said = self.info(path)
                report = json.loads(archive.content(os.path.splitext(path)[0] + ".json"))
                self.assertEqual(told["container"], container)
                self.assertEqual(told["bits"], bits)
                self.assertEqual((told["sample_rate"], told["channels"]), (RATE, 2))
                self.assertEqual(told["sample_frames"], RATE * 3 // 2)
                self.assertEqual(told["position"], report["start"]["position"])
                self.assertEqual(told["comments"]["STATION"], "Radio Test")
                self.assertEqual((told["state"], told["complete"]), ("complete", True))
                for text in (container, "00:00:01.500", "Radio Test", "complete",
                             str(report["start"]["position"])):
                    self.assertIn(text, said)

    def test_cut_off(self):
        """a file whose end is gone is told, by the exit status too"""
        for name, state in (("a.flac", "truncated"), ("a.opus", "interrupted")):
            with self.subTest(name=name):
                path = self.recorded(name)
                os.truncate(path, os.path.getsize(path) * 2 // 3)
                told, said = self.info(path, program.MISSING)
                self.assertEqual((told["state"], told["complete"]), (state, False))
                self.assertIn(state, said)

    def test_growing(self):
        """a file that is being recorded is in progress, and interrupted after a kill"""
        path = self.path("live.flac")
        recorder = program.Recorder("tone:997", "-o", path, directory=self.directory)
        self.addCleanup(recorder.close)
        program.wait_until(lambda: os.path.getsize(path) > 50000, "audio in the file")
        self.assertEqual(self.info(path)[0]["state"], "in progress")
        recorder.signal(signal.SIGKILL)
        recorder.finish()
        self.assertEqual(self.info(path, program.MISSING)[0]["state"], "interrupted")

    def test_sidecar(self):
        """of a segment's sidecar: stream, position, files and what was received"""
        self.record_free(audio.noise(1, RATE, 2, 16), "--format", "wav,flac", "--name", "s")
        path, sidecar = self.sidecars()[0]
        told, said = self.info(path)
        self.assertEqual(told, sidecar)
        for text in ("segment", str(sidecar["position"]), sidecar["first"]["utc"],
                     sidecar["files"][1]["path"]):
            self.assertIn(text, said)

    def test_other_files(self):
        """what is no such file is refused by name"""
        for name in ("a.flac", "a.opus", "a.json"):
            path = self.path(name)
            with open(path, "w", encoding="utf-8") as file:
                file.write("{}")
            for file in (path, self.path("missing-" + name)):
                finished = self.audyn("info", file)
                self.assertEqual(finished.status, program.FAILED)
                self.assertIn(os.path.basename(file), finished.err)

    def test_unknown_files(self):
        """what Audyn does not know is refused with a word on what it does know"""
        for content, words in ((b"", ["is empty", "WAV"]), (b"hello, reader\n", ["WAV"]),
                               (b"RIFF\x20\0\0\0AVI LIST", ["WAV"]), (b"fLaC", ["FLAC"]),
                               (b"OggS" + bytes(60), ["Ogg Opus"]), (b"R", ["sidecar"])):
            for name in ("x", "x.wav", "x.flac", "x.opus"):
                path = self.path(name)
                with open(path, "wb") as file:
                    file.write(content)
                self.assert_fails(self.audyn("info", path), program.FAILED, path + " is",
                                  "no audio file that Audyn knows", *words)
        self.assert_fails(self.audyn("info", self.directory), program.FAILED, self.directory,
                          "is a directory", "name a file of audio")
        os.symlink(self.path("nowhere"), self.path("link.wav"))
        self.assert_fails(self.audyn("info", self.path("link.wav")), program.FAILED,
                          "link.wav", "No such file")

    def test_any_name(self):
        """a file is told for what it is, whatever its name"""
        for name, container in (("a.wav", "RIFF"), ("a.flac", "FLAC"), ("a.opus", "Ogg Opus")):
            path = self.recorded(name)
            for other in ("b", "b.wav", "b.opus"):
                os.rename(path, self.path(other))
                path = self.path(other)
                self.assertEqual(self.info(path)[0]["container"], container)


if __name__ == "__main__":
    tap.main()
