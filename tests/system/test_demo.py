# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""What a newcomer sees first."""

import os

import audio
import program
import tap

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts")


class Demo(program.TestCase):
    def test_demo(self):
        """make demo records what it sends, bit for bit, and shows how"""
        shown = self.run_program(os.path.join(SCRIPTS, "demo"), patience=60)
        self.assertEqual(shown.status, 0, shown.out + shown.err)
        for words in ("480000 sample frames of 2 channels compared: all equal",
                      "bit for bit", "complete", "demo/recorded.wav"):
            self.assertIn(words, shown.out)
        self.assertIn("dBFS", shown.err)
        directory = os.path.join(os.environ["BUILD"], "demo")
        sent, recorded = (audio.read_wav(os.path.join(directory, name))
                          for name in ("sent.wav", "recorded.wav"))
        self.assertEqual(sent.data, recorded.data)

    def test_lost_samples(self):
        """a recording with samples missing is compared, not taken for missing multicast"""
        for name in ("src", "tests"):
            os.mkdir(self.path(name))
        with open(self.path("src/audyn"), "w", encoding="ascii") as stand_in:
            stand_in.write("#!/bin/sh\n"
                           f"'{os.path.abspath(program.AUDYN)}' \"$@\" || exit\n"
                           f"[ \"$1\" != record ] || exit {program.MISSING}\n")
        os.chmod(stand_in.name, 0o755)
        compare = os.path.join(os.environ["BUILD"], "tests", "pcm-compare")
        os.symlink(os.path.abspath(compare), self.path("tests/pcm-compare"))
        shown = self.run_program(os.path.join(SCRIPTS, "demo"), patience=60,
                                 env={**os.environ, "BUILD": self.directory})
        self.assertEqual(shown.status, 0, shown.out + shown.err)
        self.assertIn("all equal", shown.out)
        self.assertNotIn("did not work", shown.out)


if __name__ == "__main__":
    tap.main()
