# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""`audyn ls`: what is in an archive, and what is missing, by its catalog alone."""

import json
import os
import pty

import archive
import audio
import program
import tap


class Ls(archive.TestCase):
    def list(self, *options):
        finished = self.audyn("ls", self.archive, *options)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        return finished.out

    def on_terminal(self, *argv, **environment):
        """What the program writes to a terminal."""
        ours, theirs = pty.openpty()
        process = self.start(program.AUDYN, *argv, stdout=theirs,
                             env={**os.environ, **environment})
        os.close(theirs)
        said = b""
        try:
            while block := os.read(ours, 65536):
                said += block
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        self.assertEqual(process.finish().status, program.COMPLETE)
        return said.decode()

    def test_streams(self):
        """streams, sizes, holes and days are those of the files"""
        for name, seconds in (("a", 4.5), ("b", 2)):
            self.record_free(audio.noise(seconds), "--format", "wav,flac", "--name", name)
        a, b = json.loads(self.list("--json"))
        self.assertEqual((a["name"], b["name"]), ("a", "b"))
        self.assertEqual((a["sample_rate"], a["channels"], a["bits"]), (48000, 2, 24))
        self.assertEqual(a["sample_frames"], int(4.5 * 48000))
        folder = os.path.join(self.archive, "a")
        sidecars = self.sidecars(folder)
        self.assertEqual(a["segments"], len(sidecars))
        self.assertEqual(a["first_tai_ns"], sidecars[0][1]["first"]["tai_ns"])
        for ending in ("wav", "flac"):
            sizes = [entry["bytes"] for _, sidecar in sidecars for entry in sidecar["files"]
                     if entry["format"] == ending]
            self.assertEqual(a["files"][ending], {"files": len(sizes), "bytes": sum(sizes)})
        self.assertEqual(sum(a["missing"].values()), 0)
        recorded = sum(day["recorded_s"] for day in a["days"])
        self.assertAlmostEqual(recorded, 4.5, 3)
        text = self.list()
        self.assertIn("a: 24-bit, 48000 Hz, 2 channels\n", text)
        self.assertIn("00:00:04.500 in", text)
        self.assertIn("\nb: ", text)
        self.assertNotIn("▏", text)
        self.assertNotIn("\na: ", self.list("--stream", "b"))

    def test_missing(self):
        """what lies between two recordings is a hole, of the stream and of its day"""
        self.record_free(audio.noise(0.5), "--name", "a")
        self.wait_for_end()
        self.record_free(audio.noise(0.5), "--name", "a")
        stream = json.loads(self.list("--json"))[0]
        self.assertEqual(stream["holes"], 1)
        self.assertGreater(stream["holes_s"], 0)
        self.assertIn("hole", self.list())
        self.assertIn("nothing for ", self.list())

    def test_zone(self):
        """days and times are those of the zone"""
        self.record_free(audio.noise(1), "--name", "a")
        here = json.loads(self.list("--json"))[0]
        for zone, offset in (("Asia/Kathmandu", 5.75), ("Pacific/Kiritimati", 14)):
            there = json.loads(self.list("--json", "--tz", zone))[0]
            utc, local = (time["first"].split(" ")[1].split(":") for time in (here, there))
            minutes = [int(time[0]) * 60 + int(time[1]) for time in (utc, local)]
            self.assertEqual((minutes[1] - minutes[0]) % 1440, offset * 60)
            self.assertEqual(there["first_tai_ns"], here["first_tai_ns"])

    def test_range(self):
        """days that were asked for are told, and no others"""
        self.record_free(audio.noise(1), "--name", "a")
        self.assertEqual(json.loads(self.list("--json", "--to", "2020-01-01"))[0]["days"], [])
        days = json.loads(self.list("--json", "--from", "2020-01-01"))[0]["days"]
        self.assertAlmostEqual(sum(day["recorded_s"] for day in days), 1, 3)

    def test_bars(self):
        """a terminal that knows UTF-8 shows the hours of a day as a bar, others do not"""
        self.record_free(audio.noise(1), "--name", "a")
        shown = self.on_terminal("ls", self.archive, LC_ALL="C.UTF-8")
        line = next(line for line in shown.splitlines() if "▏" in line)
        self.assertEqual(len(line.split("▏")[1].split("▕")[0]), 24)
        self.assertIn("▁", line)
        self.assertNotIn("▏", self.on_terminal("ls", self.archive, LC_ALL="C"))

    def test_recording(self):
        """an archive can be listed while it is recorded to"""
        recorder = program.Recorder("tone:997", "--archive", self.archive, "--period", "1s",
                                    directory=self.directory)
        self.addCleanup(recorder.close)
        program.wait_until(lambda: "tone-997" in self.list(), "the first segment")
        self.assertTrue(recorder.running)
        self.stop(recorder)

    def test_refusals(self):
        """what is no archive, stream or time is refused with a word on what to do"""
        self.assert_fails(self.audyn("ls", self.archive), program.FAILED, "catalog rebuild")
        self.assert_fails(self.audyn("ls", self.path("none")), program.FAILED, "none")
        self.record_free(audio.noise(0.1), "--name", "a")
        for options, status, words in (
                (["--stream", "b"], program.FAILED, ["b", "audyn ls"]),
                (["--tz", "Mars"], program.USAGE, ["Mars", "Europe/Dublin"]),
                (["--from", "yesterday"], program.USAGE, ["yesterday", "2026-11-22"]),
                (["--from", "2026-11-22", "--to", "2026-11-22"], program.USAGE, ["--to"]),
                (["--from", "@1234"], program.USAGE, ["position"]),
                (["extra"], program.USAGE, ["audyn ls DIR"])):
            with self.subTest(options=options):
                self.assert_fails(self.audyn("ls", self.archive, *options), status, *words)


if __name__ == "__main__":
    tap.main(jobs=4)
