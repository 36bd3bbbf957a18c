# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Recordings from a real PipeWire daemon, without a session manager."""

import pipewire
import program
import tap

RATE = pipewire.RATE
MONITOR = "pipewire:sink?monitor=1"


class Samples(pipewire.TestCase):
    def check_channels(self, channels):
        self.add_sink(channels=channels)
        frames = RATE
        recording = self.record(MONITOR, "-d", "2s")
        self.link_recording(channels)
        self.play(channels, frames)
        recorded = recording.finish()
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        self.assert_counts(recorded.report, sample_frames=2 * RATE, received=2 * RATE)
        self.assertEqual(recorded.report["channels"], channels)
        self.assert_material_once(pipewire.samples_of(recorded), channels, frames)

    def assert_material_once(self, data, channels, frames):
        """All of the material, bit for bit, with nothing but silence around it."""
        expected = pipewire.material(channels, frames)
        at = data.find(expected[:64 * channels])
        self.assertGreaterEqual(at, 0, "the material does not begin")
        self.assertEqual(at % (4 * channels), 0)
        self.assertEqual(data[at:at + len(expected)], expected)
        self.assertFalse(any(data[:at]), "silence before")
        self.assertFalse(any(data[at + len(expected):]), "silence after")

    def test_mono(self):
        """mono through a sink's monitor is recorded bit for bit, no more and no less"""
        self.check_channels(1)

    def test_stereo(self):
        """stereo through a sink's monitor is recorded bit for bit, no more and no less"""
        self.check_channels(2)

    def test_eight_channels(self):
        """8 channels through a sink's monitor are recorded bit for bit, in their order"""
        self.check_channels(8)


if __name__ == "__main__":
    tap.main()
