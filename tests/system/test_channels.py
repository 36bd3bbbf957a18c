# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Some of a stream's channels, recorded without the others."""

import audio
import program
import rtp
import tap

CHANNELS = 8
FRAMES = 48000


def of_channels(source, *channels):
    """What is left of the audio with these channels, from 1, in this order."""
    width = source.bits // 8
    data = bytearray(source.frames * width * len(channels))
    for place, channel in enumerate(channels):
        for byte in range(width):
            data[place * width + byte::width * len(channels)] = \
                source.data[(channel - 1) * width + byte::source.frame_bytes]
    return audio.Audio(source.rate, len(channels), source.bits, bytes(data))


class Channels(program.TestCase):
    def describe(self, address):
        return rtp.write_description(self.path("eight.sdp"), address,
                                     f"98 L24/48000/{CHANNELS}", ())

    def test_selected_channels(self):
        """the channels asked for are recorded bit for bit, in the order given"""
        source = audio.noise(1.5, channels=CHANNELS)
        address = program.group()
        uri = address.uri(source.format)
        sdp = f"sdp:{self.describe(address)}?iface=lo"
        cases = {"5-6": (uri, (5, 6)), "1,3": (uri, (1, 3)), "8": (sdp, (8,)),
                 "5-6,1": (sdp, (5, 6, 1)), "1-8": (uri, tuple(range(1, 9)))}
        recordings = {channels: self.record(f"{given}&channels={channels}", "-d", "1s",
                                            name=f"{channels}.wav")
                      for channels, (given, _) in cases.items()}
        sending = rtp.Stream(source).start(address)
        self.addCleanup(sending.stop)
        for channels, recording in recordings.items():
            recorded = recording.finish()
            with self.subTest(channels):
                self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
                self.assert_counts(recorded.report, sample_frames=FRAMES, received=FRAMES,
                                   lost=0, channels=len(cases[channels][1]))
                selected = of_channels(source, *cases[channels][1])
                self.assert_wav(recorded.path, selected, selected.cut(0, FRAMES))

    def test_bad_selections(self):
        """channels that are not there, or no channels, are refused in words"""
        address = program.group()
        uris = [address.uri(f"L24/48000/{CHANNELS}"),
                f"sdp:{self.describe(address)}?iface=lo"]
        for uri in uris:
            for channels, word in {"9": "the stream has 8", "8-9": "no channel 9",
                                   "0": "counted from 1", "5,5": "only once",
                                   "6-5": "upwards", "left": "such as 5-6"}.items():
                with self.subTest(uri=uri, channels=channels):
                    refused = self.audyn("record", f"{uri}&channels={channels}", "-o",
                                         self.path("x.wav"))
                    self.assert_fails(refused, program.USAGE, word)


if __name__ == "__main__":
    tap.main()
