# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Retention and holds: what is deleted when, what is not, and what stays of it."""

import hashlib
import json
import os
import shutil
import signal

import archive
import audio
import program
import tap


class Retention(archive.TestCase):
    def record_old(self, seconds=3.0, *options):
        """Into the stream st; by the time it returns, its end has passed."""
        self.record_free(audio.noise(seconds), "--name", "st", *options)
        self.wait_for_end()

    def audio_files(self, ending=""):
        return sorted(os.path.join(folder, name)
                      for folder, _, names in os.walk(self.archive)
                      for name in names if name.endswith((".wav", ".flac", ".opus"))
                      and name.endswith(ending))

    def chain(self, name="st"):
        """All entries in order, after checking that each names the one before it."""
        entries = {}
        for folder, _, names in os.walk(self.archive):
            for path in (os.path.join(folder, file) for file in names
                         if file.endswith(".json")):
                entry = json.loads(archive.content(path))
                if entry["stream"]["name"] == name:
                    entries[entry["sequence"]] = (path, entry)
        self.assertEqual(sorted(entries), list(range(len(entries))))
        previous = None
        for _, (path, entry) in sorted(entries.items()):
            self.assertEqual(entry["previous"], previous, path)
            previous = hashlib.sha256(archive.content(path)).hexdigest()
        return [entry for _, (_, entry) in sorted(entries.items())]

    def retain(self, *options, status=program.COMPLETE):
        finished = self.audyn("retain", self.archive, *options)
        self.assertEqual(finished.status, status, finished.err)
        return finished.out

    def test_formats(self):
        """each format goes in its time; sidecars stay, and tombstones say what went"""
        self.record_old(3.0, "--format", "wav,flac")
        before = {path: archive.content(path) for path in self.audio_files()}
        self.assertEqual(self.retain("--retain", "flac=1h"), "0 files, 0 B, deleted\n")
        wavs = self.audio_files(".wav")
        self.assertIn(f"{len(wavs)} files", self.retain("--retain", "wav=0.001s,flac=1h"))
        self.assertEqual(self.audio_files(), self.audio_files(".flac"))
        tombs = [entry for entry in self.chain() if entry["kind"] == "tombstone"]
        named = [(file["bytes"], file["sha256"]) for tomb in tombs for file in tomb["files"]]
        self.assertEqual(sorted(named), sorted(
            (len(data), hashlib.sha256(data).hexdigest())
            for path, data in before.items() if path.endswith(".wav")))
        self.assertEqual({tomb["why"] for tomb in tombs}, {"retention 0.001s"})
        self.assertEqual(len(self.sidecars()), len(wavs))
        stream = json.loads(self.audyn("ls", self.archive, "--json").out)[0]
        self.assertEqual(list(stream["files"]), ["flac"])

    def test_dry_run(self):
        """a dry run lists what would go, and changes nothing"""
        self.record_old()
        before = self.audio_files()
        said = self.retain("--retain", "0.001s", "--dry-run")
        for path in before:
            self.assertIn(os.path.relpath(path, self.archive), said)
        self.assertEqual(self.audio_files(), before)
        self.assertTrue(all(entry["kind"] == "segment" for entry in self.chain()))

    def test_hold(self):
        """what a hold touches stays until it is released"""
        self.record_old()
        middle = self.sidecars()[1][1]
        position = middle["position"] + 100
        held = self.audyn("hold", self.archive, "--stream", "st", "--from", f"@{position}",
                          "--to", f"@{position + 1}", "--why", "a complaint")
        self.assertEqual(held.status, program.COMPLETE, held.err)
        number = held.out.split()[1]
        self.assertIn("1 segment", held.out)
        self.assertIn("a complaint", self.audyn("ls", self.archive).out)
        self.retain("--retain", "0.001s")
        self.assertEqual([os.path.basename(path) for path in self.audio_files()],
                         [middle["files"][0]["path"]])
        released = self.audyn("release", self.archive, number, "--stream", "st")
        self.assertEqual(released.status, program.COMPLETE, released.err)
        self.assertNotIn("a complaint", self.audyn("ls", self.archive).out)
        self.retain("--retain", "0.001s")
        self.assertEqual(self.audio_files(), [])
        kinds = [entry["kind"] for entry in self.chain()]
        self.assertEqual(kinds.count("hold"), 1)
        self.assertEqual(kinds.count("release"), 1)

    def test_signed(self):
        """tombstones, holds and releases are signed, for openssl to check"""
        key = self.path("key.pem")
        self.assertEqual(self.audyn("keygen", "-o", key).status, program.COMPLETE)
        self.record_old(1.5, "--key", key)
        for command in (["hold", self.archive, "--stream", "st", "--from", "2020-01-01",
                         "--to", "2020-01-02", "--why", "x"],
                        ["retain", self.archive, "--retain", "0.001s"]):
            finished = self.audyn(*command, "--key", key)
            self.assertEqual(finished.status, program.COMPLETE, finished.err)
        folder = os.path.join(self.archive, ".audyn/chain/st")
        entries = [name for name in os.listdir(folder) if name.endswith(".json")]
        self.assertGreaterEqual(len(entries), 2)
        for path in (os.path.join(folder, name) for name in entries):
            self.run_tool("openssl", "pkeyutl", "-verify", "-pubin", "-inkey",
                          os.path.join(self.archive, ".audyn/archive.pub"), "-rawin", "-in",
                          path, "-sigfile", path + ".sig")

    def test_space(self):
        """where less is free than should be, the oldest go, and formats not named stay"""
        self.record_old(3.0, "--format", "wav,flac")
        files = self.audio_files(".wav")
        free = shutil.disk_usage(self.archive).free
        # More than can be had: all that is named.
        said = self.retain("--retain", "wav=90d", "--least-free", f"{2 * free}", "--dry-run")
        self.assertIn(f"{len(files)} files", said)
        self.assertIn("least free space", said)
        self.assertNotIn(".flac", said)
        self.assertIn("0 files", self.retain("--retain", "wav=90d", "--least-free", "1"))

    def test_killed(self):
        """a deletion that was killed behind its tombstone is finished by the next run"""
        self.record_old(1.5)
        path = self.audio_files()[0]
        killed = self.run_program(
            "strace", "-f", "-o", "/dev/null", "-P", path, "-e", "trace=unlink,unlinkat",
            "-e", "inject=unlink,unlinkat:signal=KILL:error=EINTR", program.AUDYN, "retain",
            self.archive, "--retain", "0.001s")
        if "ptrace" in killed.err:
            self.skipTest("this machine permits no strace")
        self.assertEqual(killed.status, -9, killed.err)
        self.assertIn(path, self.audio_files())
        self.assertEqual(self.chain()[-1]["kind"], "tombstone")
        # Even though nothing else is to go.
        self.retain("--retain", "1h")
        self.assertNotIn(path, self.audio_files())
        self.retain("--retain", "0.001s")
        self.assertEqual(self.audio_files(), [])

    def test_recorder(self):
        """a recorder deletes while it records, and loses nothing of what it records"""
        self.record_old(2.0)
        old = self.audio_files()
        recorder = program.Recorder("tone:997", "--archive", self.archive, "--name", "live",
                                    "--period", "1s", "--layout", "accurate", "--retain",
                                    "2s", "--json-events", directory=self.directory)
        self.addCleanup(recorder.close)
        program.wait_until(lambda: not set(old) & set(self.audio_files()),
                           "the end of what was recorded before")
        tombs = os.path.join(self.archive, ".audyn/chain/live")
        program.wait_until(lambda: os.path.isdir(tombs) and os.listdir(tombs),
                           "the end of what it recorded itself")
        self.assertTrue(recorder.running)
        recorder.signal(signal.SIGINT)
        finished = program.Process.finish(recorder)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        self.assertIn("retention: ", finished.err)
        events = [json.loads(line) for line in finished.out.splitlines()]
        gone = {event["path"]: event for event in events if event["event"] == "deleted"}
        self.assertLessEqual(set(old), set(gone))
        self.assertEqual(gone[old[0]]["why"], "retention 2s")
        position = None
        for _, sidecar in self.sidecars(os.path.join(self.archive, "live")):
            self.assertIn(position, (None, sidecar["position"]))
            position = sidecar["position"] + sidecar["sample_frames"]
            self.assertEqual(sidecar["received"], sidecar["sample_frames"])
        self.chain("live")

    def test_refusals(self):
        """what could delete too much, or makes no sense, is refused"""
        self.record_old(0.2)
        whole = ["--stream", "st", "--from", "2020-01-01", "--to", "2199-01-01"]
        for command, options, status, words in (
                ("retain", [], program.USAGE, ["--retain"]),
                ("retain", ["--least-free", "20G"], program.USAGE, ["--retain"]),
                ("retain", ["--retain", "42"], program.USAGE, ["42", "unit"]),
                ("retain", ["--retain", "6m"], program.USAGE, ["months"]),
                ("retain", ["--retain", "mp3=7d"], program.USAGE, ["mp3", "opus"]),
                ("retain", ["--retain", "7d", "--least-free", "x"], program.USAGE, ["20G"]),
                ("hold", whole, program.USAGE, ["--why"]),
                ("hold", [*whole, "--why", ""], program.USAGE, ["--why"]),
                ("hold", ["--stream", "st", "--why", "x"], program.USAGE, ["--from"]),
                ("hold", [*whole, "--stream", "no", "--why", "x"], program.FAILED, ["st"]),
                ("hold", [*whole, "--why", "x" * 2000], program.USAGE, ["--why"]),
                ("hold", [*whole, "--why", "x", "--key", "/nonexistent"], program.FAILED,
                 ["/nonexistent"]),
                ("release", ["7"], program.USAGE, ["--stream"]),
                ("release", ["x", "--stream", "st"], program.USAGE, ["x"]),
                ("release", ["7", "--stream", "st"], program.FAILED, ["7", "audyn ls"])):
            with self.subTest(command=command, options=options):
                self.assert_fails(self.audyn(command, self.archive, *options), status, *words)
        self.assert_fails(self.audyn("retain", self.directory, "--retain", "1s"),
                          program.FAILED, "no archive")
        self.assertFalse(os.path.exists(os.path.join(self.directory, ".audyn")))
        for options, words in (
                (["-o", "x.wav", "--retain", "7d"], ["--archive"]),
                (["--archive", self.archive, "--least-free", "20G"], ["--retain"]),
                (["--archive", self.archive, "--retain", "7x"], ["7x"])):
            with self.subTest(options=options):
                self.assert_fails(self.audyn("record", "tone:997", *options), program.USAGE,
                                  *words)


if __name__ == "__main__":
    tap.main(jobs=4)
