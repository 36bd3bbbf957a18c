# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""What the input thread asks of the kernel while it receives."""

import collections
import os
import re

import audio
import program
import rtp
import tap

CALL = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)")
ALLOWED = {"recvmmsg", "clock_nanosleep"}


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
    def input_thread(self, tracer):
        """The recorder is the tracer's child."""
        with open(f"/proc/{tracer}/task/{tracer}/children", encoding="ascii") as children:
            recorders = children.read().split()
        threads = [thread for process, thread in thread_named("audyn-rtp")
                   if process in recorders]
        return threads[0] if threads else None

    def test_the_input_thread_only_receives_and_sleeps(self):
        """between its first and last packet the input thread only receives and sleeps"""
        trace = self.path("trace")
        if self.run_program("strace", "-o", "/dev/null", "true").status != 0:
            self.skipTest("strace is not permitted here")
        source = audio.noise(2.5)
        address = program.group()
        recording = self.record(address.uri(source.format), "-d", "2s",
                                wrapper=("strace", "-f", "-o", trace))
        thread = program.wait_until(lambda: self.input_thread(recording.popen.pid),
                                    "thread audyn-rtp")
        sending = rtp.Stream(source, 48).start(address)
        recorded = recording.finish()
        sending.stop()
        self.assert_counts(recorded.report, sample_frames=96000, received=96000)
        self.assert_only_allowed(trace, thread)

    def assert_only_allowed(self, trace, thread):
        with open(trace, encoding="utf-8", errors="replace") as lines:
            found = (CALL.match(line) for line in lines)
            calls = [match[2] for match in found if match and match[1] == thread]
        first = calls.index("recvmmsg")
        last = len(calls) - calls[::-1].index("recvmmsg")
        counts = collections.Counter(calls[first:last])
        self.assertEqual(set(counts), ALLOWED, counts)
        # A tick is 4 ms, so that it slept and received hundreds of times.
        self.assertGreater(counts["recvmmsg"], 200, counts)


if __name__ == "__main__":
    tap.main()
