# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""What a report says of the sender's clock and of the time that its packets take."""

import time

import audio
import program
import rtp
import tap

TAI_MINUS_UTC = 37
SSRC = 0x41554459
LINES = (*rtp.MEDIA_CLOCK, "a=ptime:1", "a=framecount:48",
         "a=fmtp:98 channel-order=SMPTE2110.(ST)")


class SendersClocks(program.TestCase):
    def record_sender(self, seconds, late_ms=0.0, faster_ppm=0.0):
        source, address = audio.noise(seconds), program.group()
        sdp = rtp.write_description(self.path("stream.sdp"), address, lines=LINES)
        recording = self.record(f"sdp:{sdp}?iface=lo", "-d", f"{seconds * 0.9:.1f}s")
        now = time.time() + TAI_MINUS_UTC - late_ms / 1000
        stream = rtp.Stream(source, timestamp=int(now * source.rate), ssrc=SSRC)
        for packet in stream.packets:
            packet.due = [due / (1 + faster_ppm / 1e6) for due in packet.due]
        sending = stream.start(address)
        self.addCleanup(sending.stop)
        recorded = recording.finish()
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        self.assertEqual(recorded.report["ssrc"], f"0x{SSRC:08x}")
        return recorded

    def delay(self, recorded):
        (leg,) = recorded.report["legs"]
        self.assertEqual((leg["leg"], leg["sender"], leg["lost"]), ("a", "127.0.0.1", 0))
        self.assertEqual(leg["received"], recorded.report["received"])
        delay = leg["delay_ns"]
        self.assertLessEqual(delay["least"], delay["typical"])
        self.assertLessEqual(delay["typical"], delay["worst"])
        return delay

    def test_late_sender(self):
        """a sender whose packets leave after their time is named, with how late it is"""
        recorded = self.record_sender(1, late_ms=80)
        self.assertTrue(recorded.report["leaves_late"])
        least_ms = self.delay(recorded)["least"] / 1e6
        self.assertGreater(least_ms, 79)
        for words in ("127.0.0.1", f"0x{SSRC:08x}", f"{least_ms:.1f} ms", "late"):
            self.assertIn(words, recorded.err)

    def test_punctual_sender(self):
        """one that is in time is not"""
        recorded = self.record_sender(1)
        if self.delay(recorded)["least"] < 20e6:
            self.assertFalse(recorded.report["leaves_late"])
            self.assertNotIn("late:", recorded.err)
        self.assertIn("rest on the sender's media clock", recorded.err)
        self.assertEqual(recorded.report["description"], {
            "ptime_ms": 1, "packet_frames": 48, "mediaclk": "direct=0",
            "ts_refclk": "ptp=IEEE1588-2008:traceable", "channel_order": "SMPTE2110.(ST)"})

    def test_sender_ahead(self):
        """packets that come before their time tell that one of the clocks is wrong"""
        recorded = self.record_sender(1, late_ms=-500)
        self.assertLess(self.delay(recorded)["least"], -100e6)
        self.assertIn("ahead of this host's", recorded.err)

    def check_drift(self, ppm):
        drift = self.record_sender(6, faster_ppm=ppm).report["drift_ppm"]
        self.assertAlmostEqual(drift / ppm, 1, delta=0.5)

    def test_faster_sender(self):
        """how much faster than this host a sender runs is in the report"""
        self.check_drift(2000)

    def test_slower_sender(self):
        """and how much slower"""
        self.check_drift(-2000)


if __name__ == "__main__":
    tap.main(jobs=5)
