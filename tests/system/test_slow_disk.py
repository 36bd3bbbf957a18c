# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""An archive on a slow disk: --buffer absorbs what it can; what exceeds that is missing, on
the map, and the recorder catches up."""

import json
import os
import signal
import subprocess
import sys

import archive
import disk_faults
import program
import tap

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/slow_disk.py")


def python_with_fuse():
    """Debian's own has the module."""
    for python in (sys.executable, "/usr/bin/python3"):
        if not subprocess.run([python, "-c", "try: import fusepy\nexcept ImportError: import fuse"],
                              stderr=subprocess.DEVNULL, check=False).returncode:
            return python
    raise AssertionError("no Python has python3-fusepy: see scripts/install-deps")


class SlowDisk(archive.TestCase):
    def start_recorder(self, directory, buffer, **popen):
        recorder = program.Recorder(
            "tone:997?channels=1", "--archive", directory, "--name", "st", "--period", "1s",
            "--layout", "accurate", "--format", "wav,flac", "--json", "--json-events",
            "--buffer", buffer, directory=self.directory, **popen)
        self.addCleanup(recorder.close)
        return recorder

    def wait_for_segments(self, directory, count):
        program.wait_until(lambda: len(self.sidecars(directory)) >= count,
                           f"{count} segments")

    def finish(self, recorder):
        """What it has said, and the report."""
        recorder.signal(signal.SIGINT)
        finished = program.Process.finish(recorder)
        return finished, json.loads(finished.out.splitlines()[-1])["streams"][0]

    def check(self, directory, report, missing):
        """Segments lie end to end, with all that was recorded, and the last is whole."""
        sidecars = [sidecar for _, sidecar in self.sidecars(directory)]
        position = report["start"]["position"]
        for sidecar in sidecars:
            self.assertEqual(sidecar["position"], position)
            self.assertNotIn("hole", sidecar)
            position += sidecar["sample_frames"]
        self.assertEqual(position, report["start"]["position"] + report["sample_frames"])
        no_frame = sum(sidecar["no_frame"] for sidecar in sidecars)
        spans = sum(span["sample_frames"] for sidecar in sidecars
                    for span in sidecar["spans"] if span["class"] == "no_frame")
        self.assertEqual((no_frame, spans), (report["no_frame"], report["no_frame"]))
        self.assertEqual(no_frame > 0, missing, report)
        self.assertEqual(sidecars[-1]["no_frame"], 0)

    def stall(self, buffer, missing):
        """A write takes two seconds."""
        switch, log = self.path("switch"), self.path("log")
        recorder = self.start_recorder(
            self.archive, buffer,
            env=disk_faults.environment(self.archive, action="delay=2000", calls="write",
                                        files="*.wav", only_while=switch, log=log))
        self.wait_for_segments(self.archive, 1)
        with open(switch, "wb"):
            pass
        program.wait_until(lambda: disk_faults.log_of(log), "a stall")
        os.unlink(switch)
        before = len(self.sidecars())
        self.wait_for_segments(self.archive, before + 4)
        finished, report = self.finish(recorder)
        self.assertEqual(finished.status, program.MISSING if missing else program.COMPLETE,
                         finished.err)
        self.check(self.archive, report, missing)

    def test_absorbed(self):
        """a write that takes two seconds costs nothing with a buffer of four"""
        self.stall("4s", False)

    def test_exceeded(self):
        """what exceeds the buffer is missing, on the map, and then all is whole again"""
        self.stall("500ms", True)

    def test_fuse(self):
        """on a FUSE file system whose writes and syncs stand still, nothing is missing"""
        if not os.path.exists("/dev/fuse"):
            self.skipTest("there is no /dev/fuse here")
        disk, mounted = self.path("disk"), self.path("mounted")
        delays = {kind: self.path(kind) for kind in ("write", "sync")}
        os.mkdir(disk)
        os.mkdir(mounted)
        self.start(python_with_fuse(), TOOL, disk, mounted,
                   *(f"{kind}={path}" for kind, path in delays.items()))
        program.wait_until(lambda: os.path.ismount(mounted), "a FUSE file system")
        self.addCleanup(subprocess.run, ["fusermount", "-u", "-z", mounted], check=False)
        self.delay(delays["sync"], "0.03")
        recorder = self.start_recorder(mounted, "6s")
        self.wait_for_segments(disk, 1)
        self.assertTrue(os.path.exists(delays["sync"] + ".seen"))
        self.delay(delays["write"], "2")
        program.wait_until(lambda: os.path.exists(delays["write"] + ".seen"), "a stall")
        os.unlink(delays["write"])
        self.wait_for_segments(disk, len(self.sidecars(disk)) + 4)
        finished, report = self.finish(recorder)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        self.check(disk, report, False)

    @staticmethod
    def delay(path, seconds):
        with open(path, "w", encoding="ascii") as file:
            file.write(seconds)


if __name__ == "__main__":
    tap.main(jobs=4)
