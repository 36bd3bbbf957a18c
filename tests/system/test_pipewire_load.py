# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""A recording from PipeWire while the machine has more to do than it can.  PIPEWIRE_SECONDS
says how long; by default a few seconds."""

import os
import signal

import pipewire
import program
import tap

SECONDS = float(os.environ.get("PIPEWIRE_SECONDS", "5"))
BUSY = 2 * os.cpu_count()


class Load(pipewire.TestCase):
    def test_load(self):
        """under load nothing is lost, or each loss is silence of its length on the map"""
        self.add_sink()
        self.force_quantum(1024)
        recording = self.record("pipewire:sink?monitor=1")
        self.link_recording()
        playing = self.play()
        busy = [self.start("sh", "-c", "while :; do :; done") for _ in range(BUSY)]
        self.let_sound(recording, SECONDS)
        for process in busy:
            process.close()
        recording.signal(signal.SIGINT)
        recorded = recording.finish()
        missed = self.missed_by(playing)
        self.assertIn(recorded.status, (program.COMPLETE, program.MISSING), recorded.err)
        self.assertGreater(recorded.report["sample_frames"], SECONDS * pipewire.RATE)
        self.assertEqual(recorded.report["no_frame"], 0)
        pieces = self.assert_pieces(recorded)
        start = recorded.report["start"]["position"]
        losses = {span["position"] - start: span["sample_frames"]
                  for span in recorded.report["spans"]}
        print(f"# {len(losses)} losses, {sum(losses.values())} sample frames; the sound "
              f"itself was missed {missed} times")
        self.assert_gaps_are_losses(pieces, losses, missed)

    def assert_gaps_are_losses(self, pieces, losses, missed):
        """Between pieces of sound lies what was lost.  What the source was late with is
        silence too, and not ours."""
        heard = {at: length for at, length in losses.items() if at > pieces[0].at}
        gaps = {first.at + first.length: second.at - first.at - first.length
                for first, second in zip(pieces, pieces[1:])}
        if missed:
            self.assertLessEqual(sum(heard.values()), sum(gaps.values()))
        else:
            self.assertEqual(gaps, heard)
            self.assertEqual(len({piece.at - piece.sound for piece in pieces}), 1)


if __name__ == "__main__":
    tap.main()
