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


if __name__ == "__main__":
    tap.main()
