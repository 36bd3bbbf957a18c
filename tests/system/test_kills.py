# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""A recorder that is killed leaves a valid file, and at most the last second is gone."""

import random
import signal

import audio
import tap
import test_endings

KILLS = 6
MOST_LOST_SECONDS = 1


class Kills(test_endings.Interrupted):
    def check_kill(self, moment):
        source = audio.noise(5, channels=8)
        recording, sending = self.start_stream(source)
        self.wait_for_frames(sending, round(moment * source.rate))
        sent = sending.stream.sent_frames
        recording.signal(signal.SIGKILL)
        self.assertEqual(recording.popen.wait(), -signal.SIGKILL)
        self.assert_whole_wave(recording.path)
        self.assert_prefix(recording.path, source, sent - MOST_LOST_SECONDS * source.rate)


def add_tests():
    """Each at a moment of its own, which its name tells."""
    moments = random.Random()
    for _ in range(KILLS):
        moment = round(moments.uniform(0.2, 4.0), 3)

        def test(self, moment=moment):
            self.check_kill(moment)
        test.__doc__ = f"SIGKILL after {moment} s leaves a valid file without the last second"
        setattr(Kills, f"test_sigkill_{moment}", test)


add_tests()

if __name__ == "__main__":
    tap.main(jobs=3)
