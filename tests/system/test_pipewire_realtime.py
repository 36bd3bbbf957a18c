# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""What the callback on PipeWire's data thread asks of the system while sound flows."""

import collections
import json
import os
import re

import pipewire
import tap

WATCH = os.environ.get("PIPEWIRE_WATCH", "pipewire-watch")
CALLBACKS = 200
CALL = re.compile(r"^(\d+) +(\w+)\(")  # not where an unfinished one is resumed
MARK = "getppid"


class Callback(pipewire.TestCase):
    def setUp(self):
        super().setUp()
        self.add_sink()

    def watch(self, *options, wrapper=()):
        """What was seen of the callbacks, of different quanta."""
        watching = self.start(*wrapper, WATCH, "pipewire:sink?monitor=1", CALLBACKS, *options)
        self.force_quantum(256)
        self.link_recording()
        self.play()
        self.force_quantum(1024)
        self.force_quantum(512)
        finished = watching.finish()
        self.assertEqual(finished.status, 0, finished.err)
        seen = json.loads(finished.out)
        self.assertGreater(seen.pop("sample_frames"), CALLBACKS * 256)
        return seen

    def test_memory_and_locks(self):
        """the callback neither allocates nor locks nor faults a page"""
        self.assertEqual(self.watch(), {"allocations": 0, "locks": 0, "page_faults": 0})

    def calls_inside(self, *options):
        """The system calls between the marks, all callbacks together."""
        trace = self.path("trace")
        self.watch(*options, wrapper=("strace", "-f", "-o", trace))
        calls = collections.defaultdict(list)
        with open(trace, encoding="utf-8", errors="replace") as lines:
            for found in filter(None, map(CALL.match, lines)):
                calls[found[1]].append(found[2])
        marked = [each for each in calls.values() if MARK in each]
        self.assertEqual(len(marked), 1, "one thread has the callbacks")
        inside, counts, marks = False, collections.Counter(), 0
        for call in marked[0]:
            if call == MARK:
                inside, marks = not inside, marks + 1
            elif inside:
                counts[call] += 1
        self.assertEqual(marks, 2 * CALLBACKS)
        return counts

    def test_system_calls(self):
        """the callback makes no system call"""
        self.skip_without_strace()
        self.assertEqual(self.calls_inside(), {})

    def test_the_watch_sees(self):
        """the watch sees a callback that does what it must not"""
        self.assertEqual({what: count >= CALLBACKS
                          for what, count in self.watch("misbehave").items()},
                         {"allocations": True, "locks": True, "page_faults": False})

    def test_the_trace_sees(self):
        """the trace sees a callback that calls the system"""
        self.skip_without_strace()
        self.assertGreaterEqual(self.calls_inside("misbehave")["getuid"], CALLBACKS)

    def skip_without_strace(self):
        if self.run_program("strace", "-o", "/dev/null", "true").status != 0:
            self.skipTest("strace is not permitted here")


if __name__ == "__main__":
    tap.main()
