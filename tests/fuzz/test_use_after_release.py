# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""AddressSanitizer reports samples that are used while nobody has the frame, at the line
that does it."""

import os
import pathlib
import re
import subprocess
import unittest

import tap

SOURCE = pathlib.Path(__file__).with_name("use_after_release.c")
PROGRAM = os.environ["USE_AFTER_RELEASE"]


def break_rule(rule):
    # For clang, which does not look line numbers up by itself.
    options = os.environ | {"ASAN_OPTIONS": "allow_addr2line=1"}
    return subprocess.run([PROGRAM, rule], capture_output=True, text=True, check=False,
                          env=options)


class UseAfterRelease(unittest.TestCase):
    def check_report(self, rule, access):
        lines = SOURCE.read_text(encoding="utf-8").splitlines()
        at = [i for i, line in enumerate(lines, 1) if line.endswith("// " + rule)]
        self.assertEqual(len(at), 1)
        broken = break_rule(rule)
        self.assertNotEqual(broken.returncode, 0)
        self.assertNotIn("nothing seen", broken.stdout)
        self.assertIn("AddressSanitizer: use-after-poison", broken.stderr)
        self.assertRegex(broken.stderr, rf"{access} of size 4")
        place = re.search(r"#0 .*use_after_release\.c:(\d+)", broken.stderr)
        self.assertIsNotNone(place, broken.stderr)
        self.assertEqual(int(place[1]), at[0])

    def test_a_read_after_release(self):
        self.check_report("read after release", "READ")

    def test_a_write_after_release(self):
        self.check_report("write after release", "WRITE")

    def test_a_read_after_unacquire(self):
        self.check_report("read after unacquire", "READ")

    def test_a_read_behind_the_samples_end(self):
        self.check_report("read behind the end", "READ")

    def test_a_read_of_a_frame_that_was_never_acquired(self):
        self.check_report("read of a frame that was never acquired", "READ")

    def test_right_use_is_not_reported(self):
        right = break_rule("")
        self.assertEqual((right.returncode, right.stderr), (0, ""))


if __name__ == "__main__":
    tap.main()
