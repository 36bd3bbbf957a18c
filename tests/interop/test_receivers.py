# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""What `audyn send` sends is received bit for bit, by others and by ourselves."""

import audio
import program
import tap

SECONDS = 4


def bound(port):
    """Whether some UDP socket of this machine listens on the port."""
    with open("/proc/net/udp", encoding="ascii") as table:
        return any(line.split()[1].endswith(f":{port:04X}") for line in list(table)[1:])


class Receivers(program.TestCase):
    def send_to(self, receive, bits, address, *options):
        """Sends to what `receive(sdp, output)` starts; returns the two files."""
        source = audio.noise(SECONDS, bits=bits)
        wav = source.write_wav(self.path("source.wav"))
        sdp = self.path("stream.sdp")
        uri = address.uri(source.format)
        # The description does not depend on when the stream starts, so that a receiver
        # can have it before.
        described = self.audyn("send", f"file:{wav}", uri, "--sdp", sdp, "-d", "10ms",
                               *options)
        self.assertEqual(described.status, program.COMPLETE, described.err)
        receiver = self.start(*receive(sdp, self.path("out.wav")))
        program.wait_until(lambda: bound(address.port) or not receiver.running,
                           f"receiver on port {address.port}: {receiver}")
        sent = self.audyn("send", f"file:{wav}", uri, *options)
        self.assertEqual(sent.status, program.COMPLETE, sent.err)
        received = receiver.finish()
        self.assertEqual(received.status, 0, received.err)
        return source, audio.read_wav(self.path("out.wav"))

    def assert_part(self, source, wav, least_seconds):
        """The file is an unbroken part of the source, from the start on."""
        self.assertEqual((wav.rate, wav.channels, wav.bits),
                         (source.rate, source.channels, source.bits))
        frames = len(wav.data) // source.frame_bytes
        self.assertGreaterEqual(frames, least_seconds * source.rate)
        self.assertIsNone(audio.first_difference(wav.data, source.cut(0, frames),
                                                 source.frame_bytes))

    def check_ffmpeg(self, bits, address):
        seconds = SECONDS - 1

        def receive(sdp, output):
            return ["ffmpeg", "-nostdin", "-v", "error", "-protocol_whitelist",
                    "file,udp,rtp", "-buffer_size", "4194304", "-localaddr", "127.0.0.1",
                    "-i", sdp, "-t", str(seconds), "-c:a", f"pcm_s{bits}le", output]
        self.assert_part(*self.send_to(receive, bits, address), seconds)

    def check_gstreamer(self, bits, address):
        packets = (SECONDS - 1) * 1000

        def receive(_, output):
            caps = (f"application/x-rtp,media=audio,clock-rate=48000,encoding-name=L{bits},"
                    "channels=2,payload=98")
            return ["gst-launch-1.0", "-q", "udpsrc", f"address={address.host}",
                    f"port={address.port}", "multicast-iface=lo", "buffer-size=4194304",
                    f"num-buffers={packets}", f"caps={caps}", "!",
                    f"rtpL{bits}depay", "!", "audioconvert", "dithering=none", "!",
                    f"audio/x-raw,format=S{bits}LE", "!", "wavenc", "!",
                    "filesink", f"location={output}"]
        self.assert_part(*self.send_to(receive, bits, address), SECONDS - 1)

    def test_ffmpeg_l24(self):
        """FFmpeg receives L24 by our SDP, multicast, bit for bit"""
        self.check_ffmpeg(24, program.group())

    def test_ffmpeg_l16(self):
        """FFmpeg receives L16 by our SDP, unicast, bit for bit"""
        self.check_ffmpeg(16, program.unicast())

    def test_gstreamer_l24(self):
        """GStreamer receives L24, multicast, bit for bit"""
        self.check_gstreamer(24, program.group())

    def test_gstreamer_l16(self):
        """GStreamer receives L16, unicast, bit for bit"""
        self.check_gstreamer(16, program.unicast())

    def test_gstreamer_by_our_sdp(self):
        """GStreamer understands our SDP and receives what it describes bit for bit"""
        # Its socket's buffer cannot be set here: with few packets it holds some tenths of a
        # second, which a machine may be too busy for, but not time and again.
        packets = (SECONDS - 1) * 250

        def receive(sdp, output):
            return ["gst-launch-1.0", "-q", "filesrc", f"location={sdp}", "!",
                    "sdpdemux", "latency=1000", "!", "rtpL24depay", "!",
                    "identity", f"eos-after={packets}", "!",
                    "audioconvert", "dithering=none", "!", "audio/x-raw,format=S24LE", "!",
                    "wavenc", "!", "filesink", f"location={output}"]
        for _ in range(3):
            source, wav = self.send_to(receive, 24, program.unicast(), "--ptime", "4ms")
            if source.data.startswith(wav.data):
                break
        self.assert_part(source, wav, SECONDS - 1.1)

    def check_ourselves(self, stream_format, packet_time):
        bits, rate, channels = (int(word) for word in stream_format[1:].split("/"))
        source = audio.noise(2, rate, channels, bits)
        wav = source.write_wav(self.path("source.wav"))
        address = program.group()
        recording = self.record(address.uri(stream_format), "-d", "2s")
        sent = self.audyn("send", f"file:{wav}", address.uri(stream_format),
                          "--ptime", packet_time)
        self.assertEqual(sent.status, program.COMPLETE, sent.err)
        recorded = recording.finish()
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        self.assert_counts(recorded.report, sample_frames=source.frames,
                           received=source.frames, duplicates=0, reordered=0)
        self.assert_wav(recorded.path, source, source.data)


def add_tests():
    """A case for each format and packet time between ourselves."""
    for stream_format, packet_time in (
            ("L24/48000/2", "1ms"), ("L24/48000/2", "125us"), ("L16/48000/8", "250us"),
            ("L24/48000/4", "333us"), ("L24/48000/2", "4ms"), ("L16/44100/2", "1ms"),
            ("L24/96000/4", "1ms"), ("L24/48000/64", "125us")):
        def test(self, stream_format=stream_format, packet_time=packet_time):
            self.check_ourselves(stream_format, packet_time)
        test.__doc__ = f"{stream_format} at {packet_time} goes from send to record bit for bit"
        setattr(Receivers, f"test_{stream_format}_{packet_time}", test)


add_tests()

if __name__ == "__main__":
    tap.main(jobs=4)
