# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""The levels that sidecars tell are those that ffmpeg measures."""

import math
import os
import shutil
import unittest

import archive
import program
import tap

SECONDS = 30
TOLERANCE = 0.1
# Of the left and the right channel.  Soft, and then loud for as long: the range does not
# depend on how often it is looked at, which is another thing in ffmpeg.
GAIN = rf"(0.2+0.5*gt(t\,{SECONDS // 2}))"
SIGNALS = (f"{GAIN}*sin(2*PI*(200+20*t)*t)*(0.7+0.3*sin(2*PI*3*t))",
           f"{GAIN}*(0.5*sin(2*PI*997*t)+0.2*sin(2*PI*7013*t))")


@unittest.skipUnless(shutil.which("ffmpeg"), "ffmpeg is not installed")
class Levels(archive.TestCase):
    def make_programme(self, rate, channels):
        path = self.path(f"{rate}-{channels}.wav")
        self.run_tool("ffmpeg", "-v", "error", "-f", "lavfi", "-i",
                      f"aevalsrc={'|'.join(SIGNALS[:channels])}:s={rate}:d={SECONDS}",
                      "-c:a", "pcm_s24le", path)
        return path

    def measured(self, path):
        """The last that ffmpeg says of it, by its keys."""
        out = self.run_tool("ffmpeg", "-v", "error", "-i", path, "-af",
                            "ebur128=metadata=1:peak=true+sample,"
                            "ametadata=mode=print:file=-", "-f", "null", "-")
        return dict(line.split("=") for line in out.splitlines() if "=" in line)

    def assert_levels(self, path, levels):
        measured = self.measured(path)
        for key, name in (("integrated_lufs", "I"), ("range_lu", "LRA")):
            self.assertAlmostEqual(levels[key], float(measured[f"lavfi.r128.{name}"]),
                                   delta=TOLERANCE)
        for key, name in (("peak_dbfs", "sample"), ("true_peak_dbtp", "true")):
            for channel, level in enumerate(levels[key]):
                peak = float(measured[f"lavfi.r128.{name}_peaks_ch{channel}"])
                self.assertAlmostEqual(level, 20 * math.log10(peak), delta=TOLERANCE)

    def record(self, path, *options):
        """Into an archive of its own; returns its sidecars."""
        folder = self.path(f"archive{len(os.listdir(self.directory))}")
        os.mkdir(folder)
        finished = self.audyn("record", f"file:{path}?pace=free", "--archive", folder,
                              "--period", "24h", *options)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        return self.sidecars(folder)

    def test_as_ffmpeg(self):
        """loudness, its range and peaks are ffmpeg's within a tenth"""
        for rate, channels in ((48000, 2), (44100, 1)):
            path = self.make_programme(rate, channels)
            for sidecar, said in self.record(path):
                with self.subTest(rate=rate, channels=channels):
                    self.assertEqual(len(said["levels"]["peak_dbfs"]), channels)
                    self.assert_levels(sidecar[:-len("json")] + "wav", said["levels"])

    def test_fewer(self):
        """peaks alone are measured where that is asked for, or nothing"""
        path = self.make_programme(48000, 2)
        for _, said in self.record(path, "--levels", "peak"):
            self.assertLess(said["levels"]["peak_dbfs"][0], -3)
            self.assertIsNone(said["levels"]["true_peak_dbtp"])
            self.assertIsNone(said["levels"]["integrated_lufs"])
        for _, said in self.record(path, "--levels", "none"):
            self.assertNotIn("levels", said)

    def test_wrong(self):
        """other levels, or any without an archive, are refused"""
        for options in (("--levels", "loud", "--archive", self.archive),
                        ("--levels", "peak", "-o", self.path("x.wav"))):
            finished = self.audyn("record", "tone:997", *options)
            self.assertEqual(finished.status, program.USAGE)
            self.assertIn("--levels", finished.err)


if __name__ == "__main__":
    tap.main()
