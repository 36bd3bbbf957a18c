# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Streams of other people's senders are recorded bit for bit, none of them lost."""

import functools
import os
import tempfile
import threading

import audio
import program
import tap

SECONDS = 20
AFTERWARDS = 0.5  # seconds that go on being sent while the recorder ends
one_at_a_time = threading.Lock()
directory = tempfile.TemporaryDirectory(prefix="audyn-test-")


@functools.lru_cache(maxsize=None)
def material(bits):
    source = audio.noise(SECONDS + AFTERWARDS, bits=bits, seed=bits)
    return source, source.write_wav(os.path.join(directory.name, f"source{bits}.wav"))


def ffmpeg(bits, payload_bytes, filters, real_time=True):
    """FFmpeg.  With -re it sends what it reads at once, in bursts of about 20 ms."""
    def command(path, address):
        return ["ffmpeg", "-nostdin", "-v", "error", *(["-re"] if real_time else []),
                "-i", path, *(["-af", filters] if filters else []),
                "-c:a", f"pcm_s{bits}be", "-payload_type", "98", "-f", "rtp",
                f"rtp://{address.host}:{address.port}?pkt_size={payload_bytes + 12}"
                "&localaddr=127.0.0.1&ttl=1"]
    return bits, command


def gstreamer(bits, packet_time_ns):
    """GStreamer, which sends each packet at its time."""
    def command(path, address):
        packet_time = f"output-buffer-duration={packet_time_ns}/1000000000"
        return ["gst-launch-1.0", "-q", "filesrc", f"location={path}", "!", "wavparse", "!",
                "audiobuffersplit", packet_time, "!",
                "audioconvert", "dithering=none", "!", f"audio/x-raw,format=S{bits}BE", "!",
                f"rtpL{bits}pay", "pt=98", f"min-ptime={packet_time_ns}",
                f"max-ptime={packet_time_ns}", "!",
                "udpsink", f"host={address.host}", f"port={address.port}",
                "multicast-iface=lo", "qos-dscp=34"]
    return bits, command


SENDERS = {
    "FFmpeg, L24 in bursts of ragged packets": ffmpeg(24, 288, None),
    "FFmpeg, L24 in bursts of 1 ms packets": ffmpeg(24, 288, "asetnsamples=n=48:p=0"),
    "FFmpeg, L24 each 1 ms": ffmpeg(24, 288, "asetnsamples=n=48:p=0,arealtime", False),
    "FFmpeg, L16 in bursts of 1 ms packets": ffmpeg(16, 192, "asetnsamples=n=48:p=0"),
    "FFmpeg, L24 in bursts of 125 µs packets": ffmpeg(24, 36, "asetnsamples=n=6:p=0"),
    "GStreamer, L24 each 1 ms": gstreamer(24, 1_000_000),
    "GStreamer, L16 each 1 ms": gstreamer(16, 1_000_000),
    "GStreamer, L24 each 125 µs": gstreamer(24, 125_000),
}


class Senders(program.TestCase):
    def record_exactly(self, sender, address):
        bits, command = sender
        with one_at_a_time:
            source, path = material(bits)
        recording = self.record(address.uri(source.format), "-d", f"{SECONDS}s",
                                "--timeout", "30")
        sending = self.start(*command(path, address))
        recorded = recording.finish(SECONDS + 40)
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err + sending.err)
        frames = SECONDS * source.rate
        self.assert_counts(recorded.report, sample_frames=frames, received=frames, lost=0,
                           late=0, no_frame=0, no_signal=0, duplicates=0)
        self.assert_wav(recorded.path, source, source.cut(0, frames))


def add_tests():
    """A case for each sender to each kind of address."""
    for name, sender in SENDERS.items():
        for kind, make_address in (("multicast", program.group), ("unicast", program.unicast)):
            def test(self, sender=sender, make_address=make_address):
                self.record_exactly(sender, make_address())
            test.__doc__ = f"{name}, {kind}, is recorded bit for bit"
            setattr(Senders, f"test_{name}_{kind}", test)


add_tests()

if __name__ == "__main__":
    tap.main(jobs=8)
