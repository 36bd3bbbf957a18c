# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""What an input thread asks of the kernel while sound flows."""

import collections
import os
import re

import audio
import program
import rtp
import tap

CALL = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)")


def thread_named(name):
    """The ids of all threads of that name on this machine."""
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            for thread in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{thread}/comm", encoding="utf-8") as comm:
                    if comm.read().strip() == name:
                        yield process, thread
        except FileNotFoundError:
            pass  # ended meanwhile


class RealTime(program.TestCase):
    def setUp(self):
        super().setUp()
        self.trace = self.path("trace")
        if self.run_program("strace", "-o", "/dev/null", "true").status != 0:
            self.skipTest("strace is not permitted here")

    def record_traced(self, uri, thread_name):
        """The recording, and the id of its input thread."""
        recording = self.record(uri, "-d", "2s", wrapper=("strace", "-f", "-o", self.trace))
        thread = program.wait_until(
            lambda: self.input_thread(recording.popen.pid, thread_name), thread_name)
        return recording, thread

    def input_thread(self, tracer, name):
        """The recorder is the tracer's child."""
        with open(f"/proc/{tracer}/task/{tracer}/children", encoding="ascii") as children:
            recorders = children.read().split()
        threads = [thread for process, thread in thread_named(name)
                   if process in recorders]
        return threads[0] if threads else None

    def test_the_input_thread_only_receives_and_sleeps(self):
        """between its first and last packet the input thread only receives and sleeps"""
        source = audio.noise(2.5)
        address = program.group()
        recording, thread = self.record_traced(address.uri(source.format), "audyn-rtp")
        sending = rtp.Stream(source, 48).start(address)
        recorded = recording.finish()
        sending.stop()
        self.assert_counts(recorded.report, sample_frames=96000, received=96000)
        # It sleeps for 16 ms at most, two seconds long.
        self.assert_only_calls(thread, {"recvmmsg": 80, "clock_nanosleep": 80})

    def test_the_thread_of_a_tone_only_sleeps(self):
        recording, thread = self.record_traced("tone:997", "audyn-source")
        recorded = recording.finish()
        self.assert_counts(recorded.report, sample_frames=96000, received=96000)
        self.assert_only_calls(thread, {"clock_nanosleep": 100})

    def assert_only_calls(self, thread, least):
        """From the first to the last of the call that is named first, the thread made no
        calls but these, each more often than that."""
        with open(self.trace, encoding="utf-8", errors="replace") as lines:
            found = (CALL.match(line) for line in lines)
            calls = [match[2] for match in found if match and match[1] == thread]
        frame = next(iter(least))
        first = calls.index(frame)
        last = len(calls) - calls[::-1].index(frame)
        counts = collections.Counter(calls[first:last])
        self.assertEqual(set(counts), set(least), counts)
        for name, number in least.items():
            self.assertGreater(counts[name], number, counts)


if __name__ == "__main__":
    tap.main()
