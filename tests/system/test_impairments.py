# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""A network that drops, swaps, repeats, delays and splits as the test plans it: the
file has its exact length, what came is right, what did not is zero, and the counts say so."""

import audio
import program
import rtp
import tap

SECONDS = 2
AFTERWARDS = 0.5  # seconds of stream beyond what is recorded


class Impairments(program.TestCase):
    def make_stream(self, sizes=48, source=None, **keywords):
        self.source = source or audio.noise(SECONDS + AFTERWARDS)
        self.frames = SECONDS * self.source.rate
        return rtp.Stream(self.source, sizes, **keywords)

    def check(self, stream, status=program.COMPLETE, **counts):
        """Records the stream and compares with its plan; `counts` not named are 0."""
        address = program.group()
        recording = self.record(address.uri(self.source.format), "-d", f"{SECONDS}s")
        sending = stream.start(address)
        recorded = recording.finish()
        sending.stop()
        self.assertEqual(recorded.status, status, recorded.err)
        counts = {"lost": 0, "late": 0, "no_frame": 0, "no_signal": 0, "duplicates": 0,
                  "reordered": 0, **counts}
        missing = sum(counts[key] for key in ("lost", "late", "no_signal"))
        self.assert_counts(recorded.report, sample_frames=self.frames,
                           received=self.frames - missing, **counts)
        self.assertEqual(set(recorded.report["rejected"].values()), {0})
        self.assert_wav(recorded.path, self.source, stream.expected(self.frames))
        self.assertEqual(self.missing_frames(recorded.report),
                         self.planned_frames(stream), "the loss map")
        return recorded.report

    def missing_frames(self, report):
        """Sample frames that the loss map names, counted from the start."""
        start = report["start"]["position"]
        return {frame - start for span in report["spans"]
                for frame in range(span["position"], span["position"] + span["sample_frames"])}

    def planned_frames(self, stream):
        return {frame for packet in stream.zeroed
                for frame in range(packet.first, min(packet.first + packet.count, self.frames))}

    def test_a_stream_without_faults_is_complete(self):
        report = self.check(self.make_stream())
        self.assertGreaterEqual(report["packets"], SECONDS * 1000)

    def test_a_lost_packet_is_as_much_silence(self):
        stream = self.make_stream()
        stream.lose(500)
        self.check(stream, program.MISSING, lost=48)

    def test_many_lost_packets_in_all_patterns(self):
        """single, neighbouring, alternate and 80 lost packets in a row are silence"""
        stream = self.make_stream()
        lost = [100, 200, 201, *range(300, 400, 2), *range(1000, 1080), 1500]
        stream.lose(*lost)
        self.check(stream, program.MISSING, lost=48 * len(lost))

    def test_swapped_packets_are_put_in_order(self):
        stream = self.make_stream()
        stream.swap(100, 200, 205, 700)
        self.check(stream, reordered=4)

    def test_repeated_packets_count_once(self):
        stream = self.make_stream()
        stream.repeat(10, 11, 12, 800)
        self.check(stream, duplicates=4)

    def test_a_packet_delayed_within_the_window_finds_its_place(self):
        stream = self.make_stream()
        stream.delay(0.1, 400, 900)
        self.check(stream, reordered=2)

    def test_a_packet_delayed_beyond_the_window_is_late(self):
        stream = self.make_stream()
        stream.delay(0.5, 300, 700, too_late=True)
        self.check(stream, program.MISSING, late=96, reordered=2)

    def test_everything_at_once(self):
        """lost, swapped, repeated, delayed and late packets of one stream are told apart"""
        stream = self.make_stream()
        stream.lose(150, 151, 600)
        stream.swap(250)
        stream.repeat(350, 450)
        stream.delay(0.1, 550)
        stream.delay(0.6, 650, too_late=True)
        self.check(stream, program.MISSING, lost=144, late=48, duplicates=2, reordered=3)

    def test_packets_that_straddle(self):
        """packets whose size divides nothing are put together, and lost ones cut out"""
        stream = self.make_stream(sizes=37)
        stream.lose(100, 1001)
        stream.swap(200)
        self.check(stream, program.MISSING, lost=74, reordered=1)

    def test_ragged_sizes(self):
        """packets of changing size are put together, and lost ones cut out"""
        stream = self.make_stream(sizes=[48, 1, 240, 12, 7, 33])
        stream.lose(60, 61, 62, 63)
        self.check(stream, program.MISSING, lost=stream.frames_of(60, 61, 62, 63))

    def test_timestamp_and_sequence_wrap(self):
        """a stream that begins just below 2³² and 2¹⁶ goes on without a seam"""
        stream = self.make_stream(timestamp=2 ** 32 - 4800, sequence=2 ** 16 - 50)
        stream.lose(99, 100, 101)
        stream.swap(49)
        self.check(stream, program.MISSING, lost=144, reordered=1)

    def test_an_end_that_comes_early_is_no_signal(self):
        """a stream that ends early leaves the rest of the recording without signal"""
        stream = self.make_stream(source=audio.noise(1.2))
        self.frames = SECONDS * 48000
        address = program.group()
        recording = self.record(address.uri(self.source.format), "-d", f"{SECONDS}s")
        stream.start(address)
        recorded = recording.finish()
        self.assertEqual(recorded.status, program.MISSING, recorded.err)
        kept = self.source.frames
        self.assert_counts(recorded.report, sample_frames=self.frames, received=kept,
                           late=0, no_frame=0, lost=0, no_signal=self.frames - kept)
        silence = bytes((self.frames - kept) * self.source.frame_bytes)
        self.assert_wav(recorded.path, self.source, self.source.data + silence)


class Formats(program.TestCase):
    def check(self, bits, rate, channels, sizes):
        source = audio.noise(1.3, rate, channels, bits)
        address = program.group()
        stream = rtp.Stream(source, sizes)
        stream.lose(200)
        recording = self.record(address.uri(source.format), "-d", "1s")
        sending = stream.start(address)
        recorded = recording.finish()
        sending.stop()
        lost = stream.frames_of(200)
        self.assertEqual(recorded.status, program.MISSING, recorded.err)
        self.assert_counts(recorded.report, sample_frames=rate, received=rate - lost,
                           lost=lost, sample_rate=rate, channels=channels,
                           encoding=f"pcm{bits}")
        self.assert_wav(recorded.path, source, stream.expected(rate))

    def test_l16_and_l24(self):
        """L16 becomes 16 bits and L24 24 bits, unchanged over their whole range"""
        for bits in (16, 24):
            with self.subTest(bits=bits):
                self.check(bits, 48000, 2, 48)

    def test_sample_rates(self):
        """44.1, 48 and 96 kHz are recorded"""
        for rate in (44100, 48000, 96000):
            with self.subTest(rate=rate):
                self.check(24, rate, 2, 48)

    def test_channels(self):
        """1 to 64 channels are recorded"""
        for channels, sizes in ((1, 48), (5, 48), (8, 48), (64, 6)):
            with self.subTest(channels=channels):
                self.check(24, 48000, channels, sizes)

    def test_packet_times(self):
        """packet times from 125 µs to 4 ms need no setting"""
        for sizes in (6, 12, 16, 48, 192):
            with self.subTest(sample_frames=sizes):
                self.check(24, 48000, 2, sizes)

    def test_huge_packets(self):
        """64 channels in packets of 60 kB, as the loopback interface carries, are recorded"""
        self.check(24, 48000, 64, [300, 11])


if __name__ == "__main__":
    tap.main(jobs=6)
