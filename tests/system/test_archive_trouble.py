# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""An archive on a disk that is full, fails or is slow: all that can be kept is kept, and
what is missing is told.  DISK_TROUBLES=all fails each single write and sync."""

import hashlib
import json
import os
import random
import signal

import archive
import audio
import disk_faults
import program
import tap

ALL = os.environ.get("DISK_TROUBLES") == "all"
SOME = 10  # runs, each with another call failing, where it is not all
FORMATS = ("wav", "flac", "opus")
FLAC_MD5 = slice(26, 42)  # in a file (RFC 9639, sections 6 and 8.2)


class Trouble(archive.TestCase):
    def record(self, uri, *options, directory=None, patience=60, **faults):
        """The finished recorder, and the calls that it has made."""
        log = self.path("log")
        directory = directory or self.archive
        finished = self.run_program(
            program.AUDYN, "record", uri, "--archive", directory, "--name", "st", "--period",
            "1s", "--layout", "accurate", "--json", "--json-events", *options,
            env=disk_faults.environment(directory, log=log, **faults), patience=patience)
        calls = disk_faults.log_of(log)
        if os.path.exists(log):
            os.unlink(log)
        return finished, calls

    def empty_archive(self):
        self.run_tool("rm", "-rf", self.archive)
        os.mkdir(self.archive)

    def events(self, finished):
        return [json.loads(line) for line in finished.out.splitlines()]

    def check_file(self, path, entry, expected, frame_bytes):
        """It is whole, and has what its sidecar says, from the segment's first sample on."""
        data = archive.content(path)
        self.assertEqual(hashlib.sha256(data).hexdigest(), entry["sha256"], path)
        expected = expected[:entry["sample_frames"] * frame_bytes]
        if entry["format"] == "wav":
            self.assertEqual(audio.read_wav(path).data, expected, path)
        elif entry["format"] == "flac":
            self.assertEqual(data[FLAC_MD5], hashlib.md5(expected).digest(), path)

    def check_segments(self, source, start):
        """Returns which formats lack something, the sample frames in holes, where the last
        segment ends, and the files that no sidecar knows."""
        lacking, holes, end, paths = set(), 0, start, []
        known = {os.path.join(os.path.dirname(path), entry["path"])
                 for path, sidecar in self.sidecars() for entry in sidecar["files"]}
        found = {os.path.join(folder, name) for folder, _, names in os.walk(self.archive)
                 for name in names if name.rsplit(".", 1)[-1] in FORMATS}
        for path, sidecar in self.sidecars():
            hole = sidecar.get("hole", {"position": end, "sample_frames": 0})
            if found == known:
                self.assertEqual((hole["position"], hole["position"] + hole["sample_frames"]),
                                 (end, sidecar["position"]), path)
            holes += hole["sample_frames"]
            end = sidecar["position"] + sidecar["sample_frames"]
            expected = source.cut(sidecar["position"] - start, sidecar["sample_frames"])
            lacking |= set(FORMATS) - {entry["format"] for entry in sidecar["files"]}
            for entry in sidecar["files"]:
                if "error" in entry:
                    lacking.add(entry["format"])
                file = os.path.join(os.path.dirname(path), entry["path"])
                paths.append(file)
                self.check_file(file, {"sample_frames": sidecar["sample_frames"], **entry},
                                expected, source.frame_bytes)
        flacs = [path for path in paths if path.endswith(".flac")]
        if flacs:
            self.run_tool("flac", "--test", "--silent", *flacs)
        return lacking, holes, end, found - known

    def check(self, source, finished, call):
        """All is whole that one failing call leaves alone, and what is missing is told."""
        report = self.events(finished)[-1]["streams"][0] if finished.out else {}
        if not report.get("start"):
            self.assert_fails(finished, program.FAILED, self.archive)
            self.assertEqual(self.sidecars(), [])
            return
        start = report["start"]["position"]
        lacking, holes, end, strangers = self.check_segments(source, start)
        said = f"{call}\n{finished.err}"
        if strangers:  # their sidecar could not be written
            self.assertEqual(finished.status, program.FAILED, said)
        else:
            self.assertEqual(report["sample_frames"], source.frames)
            holes += source.frames - (end - start)  # what nothing came behind
            unwritten = report["unwritten"]
            self.assertEqual(unwritten["disk_full"] + unwritten["io_error"], holes, said)
            self.verify()
            whole = not lacking and not holes
            expected = program.COMPLETE if whole else program.MISSING
            self.assertIn(finished.status, (expected, program.FAILED), said)
        if finished.status != program.COMPLETE:
            self.assertIn("audyn: error: ", finished.err)
        ending = call.path.rsplit(".", 1)[-1]
        if ending in FORMATS and call.name != "fsync":
            self.assertLessEqual(lacking, {ending}, said)
            self.assertEqual(holes, 0, said)

    def verify(self):
        """Nothing is damaged, whatever is missing."""
        verified = self.audyn("verify", self.archive)
        self.assertEqual(verified.status, program.COMPLETE, verified.out + verified.err)

    def trouble(self, action, tolerant=True):
        """One call after the other fails, or some of them, in turn."""
        source = audio.noise(2.2, rate=8000, channels=1, bits=16)
        wav = source.write_wav(self.path("source.wav"))
        uri = f"file:{wav}?pace=free"
        options = ("--format", ",".join(FORMATS))
        finished, calls = self.record(uri, *options)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        share = 1 if ALL else max(1, len(calls) // SOME)
        for at in range(random.randrange(share) + 1, len(calls) + 1, share):
            self.empty_archive()
            finished, calls = self.record(uri, *options, action=action, at=at)
            if len(calls) < at:
                continue
            if not tolerant:
                self.assertEqual(finished.status, program.COMPLETE, finished.err)
            self.check(source, finished, calls[at - 1])

    def test_io_error(self):
        """an I/O error of any write or sync costs its file alone, and that is told"""
        self.trouble("EIO")

    def test_no_space(self):
        """a full disk at any write or sync costs its file alone, and that is told"""
        self.trouble("ENOSPC")

    def test_short(self):
        """a short write anywhere costs nothing"""
        self.trouble("short", tolerant=False)

    def test_delay(self):
        """a delay anywhere costs nothing"""
        self.trouble("delay=150", tolerant=False)

    def test_neighbours(self):
        """the disk's trouble with one stream leaves the others alone"""
        uris = [f"tone:{hertz}?pace=free&channels=1" for hertz in (440, 880, 997)]
        finished = self.run_program(
            program.AUDYN, "record", *uris, "-d", "4s", "--archive", self.archive, "--period",
            "1s", "--layout", "accurate", "--format", "wav,flac", "--json", "--json-events",
            env=disk_faults.environment(self.archive, action="EIO", files="*/tone-880/*"))
        self.assertEqual(finished.status, program.FAILED, finished.err)
        events = self.events(finished)
        troubled = {event.get("stream") for event in events if event["event"] in
                    ("file_failed", "no_file", "failed")}
        self.assertEqual(troubled, {"tone-880"})
        for report in events[-1]["streams"]:
            healthy = report["name"] != "tone-880"
            self.assertEqual("error" in report, not healthy)
            sidecars = self.sidecars(os.path.join(self.archive, report["name"]))
            self.assertEqual(sum(sidecar["sample_frames"] for _, sidecar in sidecars),
                             4 * 48000 if healthy else 0)
            for path, sidecar in sidecars:
                self.assert_sums(path, sidecar)
                self.assertTrue(all("error" not in entry for entry in sidecar["files"]))

    def start_on_tmpfs(self, disk):
        """A recorder in a mount namespace, whose archive is here once it has ended."""
        small = program.namespace("--mount", f"mount -t tmpfs -o size=8m none '{disk}' && "
                                  f"head -c 7000000 /dev/zero >'{disk}/ballast'")
        if not small:
            self.skipTest("this machine permits no mount namespace")
        script = ('"$@" & pid=$!; trap "kill -TERM $pid" TERM; wait $pid; status=$?; '
                  '[ $status -lt 128 ] || { wait $pid; status=$?; }; '
                  f"cp -r '{disk}/.' '{self.archive}'; exit $status")
        return self.start(*small, "sh", "-c", script, "sh", program.AUDYN, "record",
                          "tone:997?channels=1", "--archive", disk, "--name", "st", "--period",
                          "1s", "--layout", "accurate", "--format", "wav,flac", "--json",
                          "--json-events")

    def wait_for_event(self, recorder, name):
        return program.wait_until(
            lambda: [line for line in recorder.text(recorder.out_file).splitlines()
                     if f'"event":"{name}"' in line], f"event {name}: {recorder.err}")

    def test_tmpfs(self):
        """on a full tmpfs recording goes on once there is room, and the hole is told"""
        disk = self.path("disk")
        os.mkdir(disk)
        recorder = self.start_on_tmpfs(disk)
        self.wait_for_event(recorder, "file_failed")
        program.wait_until(lambda: "recorded for the time being" in recorder.err, "a full disk")
        os.unlink(f"/proc/{recorder.popen.pid}/root{disk}/ballast")
        resumed = self.wait_for_event(recorder, "resumed")
        recorder.signal(signal.SIGTERM)
        finished = recorder.finish()
        self.assertEqual(finished.status, program.MISSING, finished.err)
        report = self.events(finished)[-1]["streams"][0]
        holes, end = 0, report["start"]["position"]
        for path, sidecar in self.sidecars():
            self.assert_sums(path, sidecar)
            hole = sidecar.get("hole", {"sample_frames": 0})
            self.assertEqual(end + hole["sample_frames"], sidecar["position"], path)
            if hole["sample_frames"]:
                self.assertEqual((hole["position"], hole["class"]), (end, "disk_full"))
            holes += hole["sample_frames"]
            end = sidecar["position"] + sidecar["sample_frames"]
            for entry in sidecar["files"]:
                data = self.samples(os.path.join(os.path.dirname(path), entry["path"]))
                self.assertGreater(len(data), 0)
        self.assertEqual(end, report["start"]["position"] + report["sample_frames"])
        self.assertGreater(holes, 0)
        self.assertEqual(report["unwritten"]["disk_full"], holes)
        self.assertEqual(json.loads(resumed[0])["missing"], holes)
        self.verify()
        self.assertLessEqual(finished.err.count("audyn: error: "), 3, finished.err)
        self.assertEqual(finished.err.count("recorded again"), 1, finished.err)


if __name__ == "__main__":
    tap.main(jobs=4)
