# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Many streams with planned losses, reordering, repetitions and outages, recorded by one
program: each loss map equals the plan, each sample that was sent is in its file, memory
is flat and no descriptor is left over.

SOAK_SECONDS (10) and SOAK_STREAMS (8) make it longer; then SOAK_FOLDER is where the audio
goes, which is checked while it is recorded and taken from the disk behind the check."""

import bisect
import ctypes
import itertools
import json
import os
import shutil
import struct
import subprocess
import tempfile

import farm
import program
import tap

SECONDS = int(os.environ.get("SOAK_SECONDS", 10))
STREAMS = int(os.environ.get("SOAK_STREAMS", 8))
FOLDER = os.environ.get("SOAK_FOLDER")
SEED = 20261
LONG = SECONDS >= 60
SLOT_MS, OUTAGE_MS = (4000, 1500) if LONG else (800, 300)
WARM_UP = max(3, SECONDS / 20)  # seconds until the use of memory is compared
ROOM = 2 << 20                  # bytes that it may then grow by,
SPAN_BYTES = 64                 # and for each span of the loss maps
LOOK = 1                        # seconds between looks
HEADER = 65536                  # bytes in which the audio begins
PUNCH_HOLE_KEEP_SIZE = 3        # fallocate(2)
libc = ctypes.CDLL(None, use_errno=True)
libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]


def find_data(file):
    """Where the samples begin, and how many bytes of them the header promises."""
    head = os.pread(file.fileno(), HEADER, 0)
    at, long_size = 12, None
    while at + 8 <= len(head):
        name, size = struct.unpack_from("<4sI", head, at)
        if name == b"ds64":
            long_size = struct.unpack_from("<Q", head, at + 16)[0]
        if name == b"data":
            return at + 8, long_size if size == 0xFFFFFFFF else size
        at += 8 + size + size % 2
    return 0, 0


class Check:
    """Of one file, as it grows."""

    def __init__(self, path, index, plan, pattern):
        self.path, self.index, self.pattern = path, index, pattern
        self.position = plan["position"]
        self.spans = plan["streams"][index]["spans"]
        self.ends = [span["position"] + span["sample_frames"] for span in self.spans]
        self.checked = 0  # sample frames

    def look(self):
        """Returns what is wrong with what has been added, or None."""
        with open(self.path, "r+b") as file:
            start, size = find_data(file)
            frames = size // self.pattern.frame_bytes
            while self.checked < frames:
                count = min(farm.PERIOD, frames - self.checked)
                if not self.is_right(file, start, count):
                    return (f"{self.path}: other samples than were sent in the {count} "
                            f"sample frames from {self.checked} on")
                self.checked += count
            self.give_back(file, start)
        return None

    def is_right(self, file, start, count):
        size, first = self.pattern.frame_bytes, self.position + self.checked
        got = os.pread(file.fileno(), count * size, start + self.checked * size)
        begin = bisect.bisect_right(self.ends, first)
        end = begin
        while end < len(self.spans) and self.spans[end]["position"] < first + count:
            end += 1
        return got == self.pattern.expected(self.index, first, count,
                                            self.spans[begin:end])

    def give_back(self, file, start):
        """Takes what has been checked from the disk, where the file system can."""
        end = (start + self.checked * self.pattern.frame_bytes) // HEADER * HEADER
        if end > HEADER:
            libc.fallocate(file.fileno(), PUNCH_HOLE_KEEP_SIZE, HEADER, end - HEADER)


class Samples:
    """Of the recorder's use of memory and descriptors, after it has warmed up."""

    def __init__(self):
        self.memory, self.descriptors = [], []

    def take(self, pid):
        memory = farm.memory(pid).get("VmRSS")
        if memory:
            self.memory.append(memory)
            self.descriptors.append(len(os.listdir(f"/proc/{pid}/fd")))


class Soak(program.TestCase):
    def setUp(self):
        super().setUp()
        if FOLDER:
            self.directory = tempfile.mkdtemp(prefix="soak-", dir=FOLDER)
            self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.out = self.path("out")
        os.mkdir(self.out)

    def start_streams(self):
        """The recorder, and then the sender, whose plan is there when this returns."""
        address = program.group()
        command = farm.command(STREAMS, f"{address.host}:{address.port}", "--sdp",
                               self.directory, "--inputs", self.path("inputs"))
        self.assertEqual(self.run_program(*command).status, program.COMPLETE)
        recorder = program.Recorder("--inputs", self.path("inputs"), "--out-dir", self.out,
                                    "--json", "-d", f"{SECONDS}s", directory=self.directory)
        self.addCleanup(recorder.close)
        # The last slot is without faults; most of it is not recorded.
        duration = f"{SECONDS * 1000 + SLOT_MS * 9 // 10}ms"
        sender = self.start(*command, "--duration", duration, "--plan", self.path("plan"),
                            "--faults", SEED, "--slot", f"{SLOT_MS}ms", "--outage",
                            f"{OUTAGE_MS}ms")
        program.wait_until(lambda: os.path.exists(self.path("plan")), f"plan from {sender}")
        return recorder, sender, farm.read_plan(self.path("plan"))

    def watch(self, recorder, checks):
        """Until the recorder ends."""
        samples, looks = Samples(), 0
        while True:
            try:
                recorder.popen.wait(LOOK)
                return samples
            except subprocess.TimeoutExpired:
                looks += 1
            for check in checks:
                self.assertIsNone(check.look() if os.path.exists(check.path) else None)
            if looks * LOOK > WARM_UP:
                samples.take(recorder.popen.pid)

    def assert_as_planned(self, stream, planned):
        differing = [(got, span) for got, span
                     in itertools.zip_longest(stream["spans"], planned["spans"])
                     if got != span]
        self.assertEqual(differing[:3], [], "spans of the loss map and of the plan")
        missing = sum(span["sample_frames"] for span in planned["spans"])
        frames = SECONDS * 48000
        self.assert_counts({**stream, "spans": []}, sample_frames=frames,
                           received=frames - missing, late=0, no_frame=0,
                           reordered=planned["reordered"],
                           duplicates=planned["duplicates"])

    def assert_level(self, samples, span_count):
        self.assertGreater(len(samples.memory), 2)
        quarter = max(1, len(samples.memory) // 4)
        early, late = max(samples.memory[:quarter]), max(samples.memory[-quarter:])
        self.assertLess(late, early + ROOM + SPAN_BYTES * span_count, "bytes of memory")
        # Streams that have ended give theirs back while others still run.
        self.assertEqual(max(samples.descriptors), samples.descriptors[0], "descriptors")
        print(f"# memory {early >> 10} KiB, at the end {late >> 10} KiB; "
              f"{samples.descriptors[0]} descriptors")

    def assert_reports(self, recorded, plan, kept_up):
        streams = {stream["name"]: stream for stream in recorded.report["streams"]}
        self.assertEqual(len(streams), STREAMS)
        for i, planned in enumerate(plan["streams"], 1):
            with open(os.path.join(self.out, f"{i:04}.json"), encoding="utf-8") as file:
                stream = json.load(file)
            self.assertEqual(stream, streams[f"{i:04}"])
            self.assertEqual(stream["start"]["position"], plan["position"])
            self.assert_as_planned(stream, planned)
            # Packets more than a second late are taken for a new start of their sender.
            if kept_up:
                self.assertEqual(stream["restarts"], 0)

    def test_loss_maps_equal_the_plan(self):
        """what is missing from many streams is what was planned, for memory that is flat"""
        recorder, sender, plan = self.start_streams()
        pattern = farm.Pattern()
        checks = [Check(os.path.join(self.out, f"{i + 1:04}.wav"), i, plan, pattern)
                  for i in range(STREAMS)]
        samples = self.watch(recorder, checks)
        recorded = recorder.finish()
        self.assertEqual(recorded.status, program.MISSING, recorded.err)
        for check in checks:
            self.assertIsNone(check.look())
            self.assertEqual(check.checked, SECONDS * 48000, check.path)
        sent = sender.finish()
        self.assertEqual(json.loads(sent.out)["unsent"], 0)
        self.assert_reports(recorded, plan, sent.status == program.COMPLETE)
        self.assert_level(samples, sum(len(stream["spans"]) for stream in plan["streams"]))


if __name__ == "__main__":
    tap.main()
