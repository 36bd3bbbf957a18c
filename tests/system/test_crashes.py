# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""A recorder of an archive is killed, or the power goes, at each write and sync: the next
recorder makes whole what was left, and nothing is lost that was on disk.  CRASHES=all
tries each single call."""

import json
import os
import random
import shutil
import signal
import sqlite3

import archive
import audio
import disk_faults
import program
import tap

SHARE = 1 if os.environ.get("CRASHES") == "all" else 24  # of the calls one in so many
FORMATS = ("wav", "flac", "opus")
WAV_HEADER = 4096
BLOCK = 4096  # sample frames of a FLAC frame


class Crashes(archive.TestCase):
    def setUp(self):
        super().setUp()
        self.image = self.path("image")
        os.mkdir(self.image)
        self.blank = self.path("blank")  # an archive with an empty catalog
        os.makedirs(os.path.join(self.blank, ".audyn"))
        self.assertEqual(self.audyn("recover", self.blank).status, program.COMPLETE)
        self.source = audio.noise(2.2, rate=8000, channels=1, bits=16)
        self.uri = f"file:{self.source.write_wav(self.path('source.wav'))}?pace=free"

    def record(self, uri, *options, **faults):
        env = disk_faults.environment(self.archive, **faults) if faults else os.environ
        return self.run_program(
            program.AUDYN, "record", uri, "--archive", self.archive, "--period", "1s",
            "--layout", "accurate", "--format", ",".join(FORMATS), *options, env=env)

    def files(self, *endings):
        return [os.path.join(folder, name) for folder, _, names in os.walk(self.archive)
                for name in names if name.endswith(endings)]

    def renew(self, archive_or_blank):
        shutil.rmtree(self.archive)
        shutil.copytree(archive_or_blank, self.archive)

    def whole_frames(self, path, power):
        """How many sample frames of the file can be had by somebody who knows nothing."""
        if path.endswith(".wav"):
            header = archive.content(path)[:WAV_HEADER]
            counted = int.from_bytes(header[WAV_HEADER - 4:], "little")
            present = os.path.getsize(path) - len(header)
            return (min(counted, present) if power else present) // 2
        if path.endswith(".opus"):
            return 0
        raw = self.path("raw")
        self.run_program("flac", "--decode", "--silent", "--force", "--force-raw-format",
                         "--endian=little", "--sign=signed", "-F", "-o", raw, path)
        frames = os.path.getsize(raw) // 2 if os.path.exists(raw) else 0
        data = self.source.data
        while frames and not archive.content(raw)[:2 * frames] in data:
            frames = (frames - 1) // BLOCK * BLOCK
        return frames

    def check_before(self, power=False):
        """What lies there without any repair.  Returns what can be had of it, and where the
        recording began."""
        described, starts = set(), []
        for path, sidecar in self.sidecars():
            self.assert_sums(path, sidecar)
            starts.append(sidecar["position"])
            described |= {os.path.join(os.path.dirname(path), entry["path"])
                          for entry in sidecar["files"]}
        for journal in self.files(".jsonl"):
            head = archive.content(journal).split(b"\n")[0]
            if head.endswith(b"}"):
                head = json.loads(head)
                starts.append(head["entry"]["position"])
                base = os.path.join(self.archive, head["base"])
                described |= {f"{base}.{ending}" for ending in FORMATS}
        kept = {path: self.whole_frames(path, power) for path in self.files(*FORMATS)}
        for path, frames in kept.items():
            self.assertTrue(path in described or not frames, f"{path}: {frames} frames")
        return kept, min(starts, default=0)

    def check_after(self, kept, start):
        """Nothing of that is lost, and all is whole."""
        self.assertEqual(self.files(".jsonl", ".part"), [])
        sidecars = [(path, sidecar) for path, sidecar in self.sidecars()
                    if sidecar["stream"]["name"] == "st"]
        end = sidecars[0][1]["position"] if sidecars else 0
        found = {}
        for path, sidecar in sidecars:
            hole = sidecar.get("hole", {"position": end, "sample_frames": 0})
            self.assertEqual((hole["position"], hole["position"] + hole["sample_frames"]),
                             (end, sidecar["position"]))
            end = sidecar["position"] + sidecar["sample_frames"]
            self.assert_sums(path, sidecar)
            for entry in sidecar["files"]:
                file = os.path.join(os.path.dirname(path), entry["path"])
                found[file] = entry.get("sample_frames", sidecar["sample_frames"])
                if entry["format"] != "opus":
                    self.assertEqual(self.samples(file), self.source.cut(
                        sidecar["position"] - start, found[file]), file)
            spans = sum(span["sample_frames"] for span in sidecar["spans"])
            self.assertEqual(spans, sidecar.get("unclassified", 0))
            self.assertEqual(sidecar["received"] + spans, sidecar["sample_frames"])
        for path, frames in kept.items():
            self.assertGreaterEqual(found.get(path, 0), frames, path)
        self.assert_chains()
        flacs = self.files(".flac")
        self.run_tool("flac", "--test", "--silent", *flacs)

    def crash_everywhere(self, power):
        log = self.path("log")
        self.renew(self.blank)
        finished = self.record(self.uri, "--name", "st", log=log)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        calls = len(disk_faults.log_of(log))
        faults = {"image": self.image} if power else {}
        for at in range(random.randrange(SHARE) + 1, calls + 1, SHARE):
            self.renew(self.blank)
            finished = self.record(self.uri, "--name", "st", action="kill", at=at, **faults)
            with self.subTest(at=at):
                self.assertIn(finished.status, (program.COMPLETE, -signal.SIGKILL))
                if power:
                    disk_faults.cut_power(self.archive, self.image)
                before = self.check_before(power)
                finished = self.record("tone:997?pace=free", "-d", "1s", "--name", "next")
                self.assertEqual(finished.status, program.COMPLETE, finished.err)
                if power:  # empty files of segments that were just begun may be left
                    finished = self.audyn("recover", self.archive)
                    self.assertEqual(finished.status, program.COMPLETE, finished.err)
                    self.assertIn("0 segments recovered, 0 files made whole", finished.out)
                self.check_after(*before)

    def leave_journals(self):
        """A recorder that is killed before its files are whole.  As check_before()."""
        finished = self.record(self.uri, "--name", "st", action="kill", at=1, calls="sync",
                               files="*.opus")
        self.assertEqual(finished.status, -signal.SIGKILL, finished.err)
        self.assertGreaterEqual(len(self.files(".jsonl")), 2)
        return self.check_before()

    def test_kill(self):
        """killed at any write or sync, all is whole and there after the next start"""
        self.crash_everywhere(power=False)

    def test_power(self):
        """without power at any write or sync, all that was on disk is whole and there"""
        self.crash_everywhere(power=True)

    def test_recovery_killed(self):
        """a recovery that is killed at any call, and done again, comes to the same"""
        before = self.leave_journals()
        left = self.path("left")
        shutil.copytree(self.archive, left)
        log = self.path("log")
        finished = self.audyn("recover", self.archive,
                              env=disk_faults.environment(self.archive, log=log))
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        whole = {path: archive.content(path) for path in self.files(*FORMATS)}
        calls = len(disk_faults.log_of(log))
        share = max(SHARE // 3, 1)
        for at in range(random.randrange(share) + 1, calls + 1, share):
            self.renew(left)
            self.audyn("recover", self.archive,
                       env=disk_faults.environment(self.archive, action="kill", at=at))
            with self.subTest(at=at):
                finished = self.audyn("recover", self.archive)
                self.assertEqual(finished.status, program.COMPLETE, finished.err)
                self.assertEqual({path: archive.content(path)
                                  for path in self.files(*FORMATS)}, whole)
                self.check_after(*before)

    def test_recovery_stopped(self):
        """a recorder that is stopped while it recovers ends, and the next one goes on"""
        before = self.leave_journals()
        left = self.files(".jsonl")
        slow = disk_faults.environment(self.archive, action="delay=100", files="*/st/*")
        recorder = program.Recorder("tone:997", "--archive", self.archive, "--name", "next",
                                    "--json-events", directory=self.directory, env=slow)
        self.addCleanup(recorder.close)
        program.wait_until(lambda: '"started"' in recorder.text(recorder.out_file), "a start")
        recorder.signal(signal.SIGINT)
        finished = program.Process.finish(recorder)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        self.assertIn("the next start goes on", finished.err)
        self.assertTrue(set(left) & set(self.files(".jsonl")))
        finished = self.record("tone:997?pace=free", "-d", "1s", "--name", "next",
                               "--json-events")
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        events = [json.loads(line) for line in finished.out.splitlines()]
        told = {event["path"] for event in events if event["event"] == "segment_recovered"}
        self.assertTrue(told and told <= {path for path, _ in self.sidecars()}, told)
        self.check_after(*before)
        starts = [sidecar["position"] for _, sidecar in self.sidecars()
                  if sidecar["stream"]["name"] == "next"]
        self.assertGreaterEqual(len(starts), 2)

    def leave_log(self):
        """An archive whose recorder was killed while all was in the catalog's log: before
        the first write to what it is the log of."""
        self.renew(self.blank)
        finished = self.record(self.uri, "--name", "st", action="kill", at=1,
                               files="*/catalog.sqlite")
        self.assertEqual(finished.status, -signal.SIGKILL)
        self.assertGreater(os.path.getsize(self.catalog + "-wal"), 0)

    def known(self):
        """How many entries the catalog knows, asked of a copy, which that may change."""
        copy = self.path("copy")
        shutil.copytree(os.path.dirname(self.catalog), copy)
        database = sqlite3.connect(os.path.join(copy, "catalog.sqlite"))
        count, = database.execute("select count(*) from entries").fetchone()
        database.close()
        shutil.rmtree(copy)
        return count

    def test_rebuild_killed(self):
        """killed, or without power, while the catalog is made anew, it is whole afterwards"""
        self.catalog = os.path.join(self.archive, ".audyn", "catalog.sqlite")
        self.leave_log()
        left, log = self.path("left"), self.path("log")
        shutil.copytree(self.archive, left)
        entries = len(self.sidecars())
        self.assertEqual(self.known(), entries)
        rebuild = ("catalog", "rebuild", self.archive)
        finished = self.audyn(*rebuild, env=disk_faults.environment(self.archive, log=log))
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        calls = len(disk_faults.log_of(log))
        exchange = range(calls - 4, calls + 1)  # of one catalog for the other
        for image in ({}, {"image": self.image}):
            for at in (*range(random.randrange(SHARE) + 1, calls, SHARE), *exchange):
                self.renew(left)
                self.audyn(*rebuild, env=disk_faults.environment(
                    self.archive, action="kill", at=at, **image))
                if image:
                    disk_faults.cut_power(self.archive, self.image)
                with self.subTest(at=at, **image):
                    self.assertEqual(self.known(), entries)
                    for command in (("record", "tone:997?pace=free", "-d", "1s", "--name",
                                     "next", "--archive", self.archive, "--quiet"),
                                    ("verify", self.archive, "--quiet", "--no-decode")):
                        finished = self.audyn(*command)
                        self.assertEqual((finished.status, finished.err),
                                         (program.COMPLETE, ""))

    def test_begun(self):
        """empty files of a segment that was just begun go at the next start"""
        self.leave_journals()
        wavs = self.files(".wav")
        begun = [max(wavs)[:-4] + "-2." + ending for ending in FORMATS]
        older = os.path.join(os.path.dirname(wavs[0]), "1999-12-31.wav")
        for path in (*begun, older):
            with open(path, "wb"):
                pass
        finished = self.record("tone:997?pace=free", "-d", "1s", "--name", "next")
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        self.assertEqual([path for path in begun if os.path.exists(path)], [])
        self.assertTrue(os.path.exists(older))

    def test_live(self):
        """a live recorder that is killed again and again loses the last second each time"""
        source = audio.noise(30, seed=3)
        wav = source.write_wav(self.path("live.wav"))
        arguments = ("--archive", self.archive, "--period", "2s", "--layout", "accurate",
                     "--format", ",".join(FORMATS), "--name", "st", "--live")
        for _ in range(3):
            recorder = program.Recorder(f"file:{wav}", *arguments, directory=self.directory)
            self.addCleanup(recorder.close)
            program.wait_until(lambda: "00:00:03" in recorder.err, "three seconds")
            recorder.signal(signal.SIGKILL)
            recorder.popen.wait()
        finished = self.audyn("record", "tone:997?pace=free", "-d", "1s", "--name", "next",
                              *arguments[:2])
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        sidecars = [(path, sidecar) for path, sidecar in self.sidecars()
                    if sidecar["stream"]["name"] == "st"]
        starts = [sidecar["position"] for _, sidecar in sidecars
                  if sidecar.get("hole", {}).get("class") == "not_recorded"]
        self.assertEqual(len(starts), 2)
        starts.insert(0, sidecars[0][1]["position"])
        frames = {}
        for path, sidecar in sidecars:
            start = max(start for start in starts if start <= sidecar["position"])
            frames[start] = sidecar["position"] + sidecar["sample_frames"] - start
            self.assert_sums(path, sidecar)
            for entry in sidecar["files"]:
                file = os.path.join(os.path.dirname(path), entry["path"])
                if entry["format"] != "opus":
                    self.assertEqual(self.samples(file), source.cut(
                        sidecar["position"] - start,
                        entry.get("sample_frames", sidecar["sample_frames"])), file)
        for kept in frames.values():
            self.assertGreaterEqual(kept, 2 * source.rate)
        self.assert_chains()


if __name__ == "__main__":
    tap.main(jobs=4)
