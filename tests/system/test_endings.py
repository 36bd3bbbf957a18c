# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""A recording that is ended by a signal is complete."""

import json
import os
import pty
import signal

import audio
import program
import rtp
import tap


class Interrupted(program.TestCase):
    def start_stream(self, source, *options, **keywords):
        """A recorder and a sender at work."""
        address = program.group()
        recording = self.record(address.uri(source.format), *options, **keywords)
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
        heeding = ("env", f"--default-signal={number}")  # also where the tests do not
        recording, sending = self.start_stream(source, wrapper=heeding)
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

    def test_sighup(self):
        """SIGHUP ends the recording with a complete file"""
        self.check_signal(signal.SIGHUP)

    def test_sighup_under_nohup(self):
        """SIGHUP does not end a recording under nohup"""
        source = audio.noise(4)
        recording, sending = self.start_stream(source, "-d", "2s", wrapper=("nohup",))
        self.wait_for_frames(sending, 24000)
        recording.signal(signal.SIGHUP)
        recorded = recording.finish()
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        self.assert_counts(recorded.report, sample_frames=96000, received=96000)

    def test_sigint_before_the_first_sample(self):
        """SIGINT while nothing has arrived leaves no file and is a failure"""
        address = program.group()
        recording = self.record(address.uri("L24/48000/2"))
        recorded = self.stop(recording)
        self.assertEqual(recorded.status, program.FAILED, recorded.err)
        self.assertFalse(os.path.exists(recording.path))

    def check_closed_pipe(self, stream, status):
        """Nobody reads what a recording of two seconds prints there."""
        path = self.path("out.wav")
        reading, writing = os.pipe()
        process = self.start(program.AUDYN, "record", "tone:", "-o", path, "-d", "2s",
                             "--live", "--json", **{stream: writing})
        os.close(writing)
        os.close(reading)
        self.assertEqual(process.finish().status, status)
        self.assertEqual(len(audio.read_wav(path).data), 2 * 48000 * 2 * 4)
        self.assert_whole_wave(path)
        with open(self.path("out.json"), encoding="utf-8") as report:
            self.assertEqual(json.load(report)["sample_frames"], 2 * 48000)

    def test_messages_that_nobody_reads(self):
        """a reader of the messages that goes away does not end the recording"""
        self.check_closed_pipe("stderr", program.COMPLETE)

    def test_report_that_nobody_reads(self):
        """a reader of the report that goes away costs neither the file nor its report"""
        self.check_closed_pipe("stdout", program.FAILED)

    def test_live_line(self):
        """a terminal shows time, levels, what is missing and how full the buffer is"""
        shown = b""
        terminal, theirs = pty.openpty()
        self.addCleanup(os.close, terminal)
        process = self.start(program.AUDYN, "record", "tone:?level=-6", "-o",
                             self.path("out.wav"), "-d", "1s", stderr=theirs)
        os.close(theirs)
        try:
            while piece := os.read(terminal, 4096):
                shown += piece
        except OSError:
            pass  # how a terminal says that its other side is closed
        self.assertEqual(process.finish().status, program.COMPLETE, shown)
        line = (rb"\r00:00:00\.\d  \[#{9}-   -6\.0 dBFS  #{9}-   -6\.0 dBFS\]"
                rb"  missing 0  buffer \d+ %\x1b\[K")
        self.assertRegex(shown, line)


if __name__ == "__main__":
    tap.main(jobs=3)
