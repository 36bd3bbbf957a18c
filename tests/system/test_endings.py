# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""A recording that is ended by a signal is complete."""

import os
import signal

import audio
import program
import rtp
import tap


class Interrupted(program.TestCase):
    def start_stream(self, source, *options):
        """A recorder and a sender at work."""
        address = program.group()
        recording = self.record(address.uri(source.format), *options)
        sending = rtp.Stream(source, 48).start(address)
        self.addCleanup(sending.stop)
        return recording, sending

    def wait_for_frames(self, sending, frames):
        program.wait_until(lambda: sending.stream.sent_frames >= frames, f"{frames} sent")

    def assert_prefix(self, path, source, least):
        """The file holds the source's start, at least so many sample frames of it."""
        frames = len(audio.read_wav(path).data) // source.frame_bytes
        self.assertGreaterEqual(frames, least)
        self.assert_wav(path, source, source.cut(0, frames))
        return frames


class Endings(Interrupted):
    def check_signal(self, number):
        source = audio.noise(4)
        recording, sending = self.start_stream(source)
        self.wait_for_frames(sending, 48000)
        sent = sending.stream.sent_frames
        recording.signal(number)
        recorded = recording.finish()
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        # All that had arrived is written, the open window included; the recorder reads
        # its socket every few milliseconds.
        frames = self.assert_prefix(recorded.path, source, sent - 4800)
        self.assert_counts(recorded.report, sample_frames=frames, received=frames)
        self.assert_whole_wave(recorded.path)

    def test_sigint(self):
        """SIGINT ends the recording with a complete file"""
        self.check_signal(signal.SIGINT)

    def test_sigterm(self):
        """SIGTERM ends the recording with a complete file"""
        self.check_signal(signal.SIGTERM)

    def test_sigint_before_the_first_sample(self):
        """SIGINT while nothing has arrived leaves no file and is a failure"""
        address = program.group()
        recording = self.record(address.uri("L24/48000/2"))
        recorded = self.stop(recording)
        self.assertEqual(recorded.status, program.FAILED, recorded.err)
        self.assertFalse(os.path.exists(recording.path))


if __name__ == "__main__":
    tap.main(jobs=3)
