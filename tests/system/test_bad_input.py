# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""What cannot work says why, on standard error and by the exit status, and costs nothing
that was recorded."""

import os
import socket
import subprocess

import audio
import program
import rtp
import tap

FORMAT = "L24/48000/2"
TONE = "tone:997?pace=free"


class Usage(program.TestCase):
    def refuse(self, *arguments, words=(), status=program.USAGE):
        """A command that fails at once, with the words in its message."""
        self.assert_fails(self.audyn(*arguments), status, *words)

    def refuse_input(self, uri, *words, status=program.USAGE):
        self.refuse("record", uri, "-o", self.path("out.wav"), words=words, status=status)
        self.assertEqual([name for name in os.listdir(self.directory)
                          if name.endswith(".wav")], [])

    def test_places(self):
        """a directory that is missing, none, or not to be read is told for what it is"""
        file, link, sealed = (self.path(name) for name in ("file", "link", "sealed"))
        with open(file, "w", encoding="utf-8") as text:
            text.write("x")
        os.symlink("nowhere", link)
        os.makedirs(os.path.join(sealed, ".audyn"))
        os.chmod(sealed, 0)
        self.addCleanup(os.chmod, sealed, 0o755)
        os.chmod(self.directory, 0o755)
        user = [] if os.geteuid() else ["setpriv", "--reuid=65534", "--regid=65534",
                                        "--clear-groups"]
        if self.run_program(*user, program.AUDYN, "--version").status:
            self.skipTest("an ordinary user cannot run the program here")
        time = ["--stream", "s", "--from", "2026-11-22", "--to", "2026-11-23"]
        for place, word in ((self.path("missing"), "No such file or directory"),
                            (link, "No such file or directory"), (file, "Not a directory"),
                            (sealed, "Permission denied")):
            for command, *options in (["ls"], ["export", *time, "-o", self.path("x.wav")],
                                      ["bag", *time, "-o", self.path("bag")],
                                      ["hold", *time, "--why", "x"],
                                      ["release", "1", "--stream", "s"],
                                      ["retain", "--retain", "wav=1h"]):
                with self.subTest(place=place, command=command):
                    finished = self.run_program(*user, program.AUDYN, command, place, *options)
                    self.assert_fails(finished, program.FAILED,
                                      f"the archive {place} cannot be read: {word}")
                    self.assertNotIn("catalog rebuild", finished.err)

    def test_no_subcommand(self):
        """no and unknown subcommands are wrong usage"""
        finished = self.audyn()
        self.assertEqual((finished.status, finished.out), (program.USAGE, ""))
        self.assertIn("usage: audyn", finished.err)
        self.refuse("rekord", words=["rekord"])

    def test_wrong_options(self):
        """unknown options, missing arguments and bad values are wrong usage"""
        self.refuse("record", words=["audyn record --help"])
        self.refuse("record", TONE, words=["-o"])
        self.refuse("record", TONE, "-o", self.path("a.mp3"), words=["a.mp3", ".wav"])
        self.refuse("record", TONE, "-o", self.path("a.wav"), "--frobnicate",
                    words=["frobnicate"])
        self.refuse("record", TONE, "-o", self.path("a.wav"), "-d", "soon", words=["soon"])
        self.refuse("record", TONE, "-o", self.path("a.wav"), "-d", "-1s", words=["-1s"])
        self.refuse("record", TONE, "-o", self.path("a.wav"), "--encoding", "mp3",
                    words=["mp3", "pcm24"])
        self.refuse("record", TONE, "-o", self.path("a.wav"), "-d", "0", words=["-d 0"])
        self.refuse("record", TONE, "-o", self.path("a.wav"), "-d", "0x10ms", words=["0x10ms"])
        self.refuse("record", TONE, "-o", self.path("a.wav"), "-d", "1e2", words=["1e2"])
        self.refuse("record", "-xq", TONE, words=["-x is not an option of audyn record"])
        self.refuse("info", "-xq", words=["-x is not an option of audyn info"])
        self.refuse("send", "tone:997", words=["audyn send --help"])
        self.refuse("info", words=["audyn info --help"])

    def test_unknown_scheme(self):
        """an unknown kind of input is named, and those that there are"""
        self.refuse_input("gopher://example.org/audio", "gopher", "rtp", "tone", "file")
        self.refuse_input("no-scheme-at-all", "no-scheme-at-all")

    def test_unknown_uri_option(self):
        """an unknown option of an input is named, and those that there are"""
        self.refuse_input(f"rtp://239.69.0.1:5004?format={FORMAT}&ptime=1", "ptime", "format")
        self.refuse_input("tone:997?loudness=11", "loudness", "level")

    def test_bad_uri_values(self):
        """values that an input cannot have are named"""
        for uri, word in (("rtp://239.69.0.1:5004", "format"),
                          ("rtp://239.69.0.1:5004?format=L20/48000/2", "L20/48000/2"),
                          ("rtp://239.69.0.1:5004?format=L24/48000/65", "L24/48000/65"),
                          ("rtp://239.69.0.1:5004?format=L24/8000/2", "L24/8000/2"),
                          (f"rtp://239.69.0.1:0?format={FORMAT}", "port"),
                          (f"rtp://239.69.0.1:70000?format={FORMAT}", "70000"),
                          (f"rtp://239.69.0.1?format={FORMAT}", "port"),
                          (f"rtp://studio.example:5004?format={FORMAT}", "studio.example"),
                          (f"rtp://239.69.0.1:5004?format={FORMAT}&pt=128", "128"),
                          (f"rtp://239.69.0.1:5004?format={FORMAT}&source=me", "me"),
                          ("tone:loud", "loud"), ("tone:997?level=200", "200")):
            with self.subTest(uri=uri):
                self.refuse_input(uri, word)

    def test_missing_interface(self):
        """an interface that is not there is named, and those that are"""
        self.refuse_input(f"rtp://239.69.0.1:5004?format={FORMAT}&iface=eth77", "eth77", "lo",
                          status=program.FAILED)

    def test_no_such_file(self):
        """a file that is not there, or is no audio, is named"""
        self.refuse_input("file:/nonexistent/a.wav", "/nonexistent/a.wav",
                          status=program.FAILED)
        text = self.path("text.txt")
        with open(text, "w", encoding="ascii") as file:
            file.write("This is no sound.\n" * 100)
        self.refuse_input(f"file:{text}", "text.txt", status=program.FAILED)
        self.refuse("info", text, words=["text.txt"], status=program.FAILED)
        self.refuse("info", "/nonexistent/a.wav", words=["/nonexistent/a.wav"],
                    status=program.FAILED)

    def test_no_ordinary_file(self):
        """a pipe or a directory in the place of an input is named, not waited for"""
        os.mkfifo(self.path("pipe"))
        for scheme in ("file", "sdp"):
            self.refuse_input(f"{scheme}:{self.path('pipe')}", self.path("pipe"), "a pipe")
            self.refuse_input(f"{scheme}:{self.directory}", self.directory, "a directory")

    def test_directory_that_cannot_be_written(self):
        """a file that cannot be created is named"""
        plain = self.path("plain")
        open(plain, "w", encoding="ascii").close()
        directory = self.path("directory.wav")
        os.mkdir(directory)
        for path in ("/nonexistent/out.wav", f"{plain}/out.wav", "/proc/out.wav", directory):
            with self.subTest(path=path):
                self.refuse("record", TONE, "-o", path, "-d", "1s", words=[path],
                            status=program.FAILED)

    def test_sdp_that_cannot_be_written(self):
        """a description that cannot be written stops the sender before it sends"""
        address = program.group()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
            listener.bind(("", address.port))
            listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                                socket.inet_aton(address.host) + socket.inet_aton("127.0.0.1"))
            self.refuse("send", "tone:997", address.uri(FORMAT), "-d", "1s", "--sdp",
                        "/nonexistent/a.sdp", words=["/nonexistent/a.sdp"],
                        status=program.FAILED)
            listener.setblocking(False)
            with self.assertRaises(BlockingIOError):
                listener.recv(2048)

    def test_existing_file(self):
        """an existing file is never overwritten without --force"""
        path = self.path("precious.wav")
        with open(path, "w", encoding="ascii") as file:
            file.write("precious")
        self.refuse("record", TONE, "-o", path, "-d", "1s", words=[path, "--force"],
                    status=program.FAILED)
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")
        forced = self.audyn("record", TONE, "-o", path, "-d", "1s", "--force")
        self.assertEqual(forced.status, program.COMPLETE, forced.err)
        self.assertEqual(len(audio.read_wav(path).data) % 48000, 0)


class Network(program.TestCase):
    def fail_to_record(self, uri, *words, options=(), status=program.FAILED):
        path = self.path("out.wav")
        self.assert_fails(self.audyn("record", uri, "-o", path, *options), status, *words)
        self.assertFalse(os.path.exists(path))

    def test_port_in_use(self):
        """a port that somebody else has is named"""
        address = program.unicast()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("", address.port))
            self.fail_to_record(address.uri(FORMAT), address.port)

    def test_group_that_cannot_be_joined(self):
        """a group that cannot be joined is named"""
        lonely = program.namespace("--net", "ip link set lo up && "
                                   "echo 0 >/proc/sys/net/ipv4/igmp_max_memberships")
        if lonely is None:
            self.skipTest("a network of its own is not permitted here")
        path = self.path("out.wav")
        address = program.group()
        failed = self.run_program(*lonely, program.AUDYN, "record", address.uri(FORMAT),
                                  "-o", path)
        self.assert_fails(failed, program.FAILED, address.host)
        self.assertFalse(os.path.exists(path))

    def test_nothing_received(self):
        """nothing received within the timeout is a failure that says what to look at"""
        address = program.group()
        self.fail_to_record(address.uri(FORMAT), address.host, address.port, "lo",
                            options=("--timeout", "1"))

    def record_while_sending(self, address, send, *options, uri_format=FORMAT):
        recording = self.record(address.uri(uri_format), "--timeout", "1", *options)
        send()
        return recording.finish()

    def test_wrong_payload_type(self):
        """a payload type that does not match is named, as is the one that arrives"""
        address = program.group()
        stream = rtp.Stream(audio.noise(0.5), payload_type=97)
        recorded = self.record_while_sending(address, lambda: stream.send(address))
        self.assert_fails(recorded, program.FAILED, "payload type 97", "98")
        self.assertEqual(recorded.report["rejected"]["payload_type"], len(stream.packets))

    def check_channels(self, channels, word):
        address = program.group()
        stream = rtp.Stream(audio.noise(0.5, channels=channels))
        recorded = self.record_while_sending(address, lambda: stream.send(address))
        self.assert_fails(recorded, program.FAILED, word)

    def test_wrong_channel_count(self):
        """a channel count that does not match is named, as is the one that arrives"""
        self.check_channels(1, "L24 with 1 channel")
        self.check_channels(3, "L24 with 3 channels")
        self.check_channels(8, "L24 with 8")

    def test_packet_size_that_fits_no_format(self):
        """packets whose size fits no whole number of sample frames are named"""
        address = program.group()
        packets = [rtp.header(98, i, 48 * i, 1) + bytes(100) for i in range(20)]
        recorded = self.record_while_sending(
            address, lambda: rtp.send_datagrams(address, packets))
        self.assert_fails(recorded, program.FAILED, "100 bytes")
        self.assertEqual(recorded.report["rejected"]["size"], len(packets))

    def test_rubbish_among_the_packets(self):
        """truncated packets, other versions and RTCP are counted and harm nothing"""
        address = program.group()
        source = audio.noise(1.5)
        rubbish = [b"", b"\x80", rtp.header(98, 1, 1, 1)[:11],           # truncated
                   rtp.header(98, 1, 1, 1, version=1) + bytes(288),      # other versions
                   rtp.header(98, 1, 1, 1, version=3) + bytes(288),
                   b"\x8f" + rtp.header(98, 1, 1, 1)[1:] + bytes(20),    # 15 CSRCs missing
                   b"\xa0" + rtp.header(98, 1, 1, 1)[1:] + b"\xff" * 6,  # 255 of padding
                   b"\x90" + rtp.header(98, 1, 1, 1)[1:] + b"\xbe\xde\xff\xff"]
        rtcp = [b"\x80" + bytes([kind]) + bytes(26) for kind in (200, 201, 203)]
        recording = self.record(address.uri(FORMAT), "-d", "1s")
        rtp.send_datagrams(address, rubbish + rtcp)
        sending = rtp.Stream(source).start(address)
        program.wait_until(lambda: sending.stream.sent_frames > 9600, "some packets")
        rtp.send_datagrams(address, rubbish + rtcp)
        recorded = recording.finish()
        sending.stop()
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        self.assert_counts(recorded.report, sample_frames=48000, received=48000)
        self.assertEqual(recorded.report["rejected"],
                         {"malformed": 2 * len(rubbish), "rtcp": 2 * len(rtcp),
                          "payload_type": 0, "size": 0, "ssrc": 0, "timestamp": 0})
        self.assert_wav(recorded.path, source, source.cut(0, 48000))


class Disk(program.TestCase):
    def test_disk_full(self):
        """a disk that fills up ends the recording with a valid file of what fitted"""
        disk = self.path("disk")
        os.mkdir(disk)
        small = program.namespace("--mount", f"mount -t tmpfs -o size=3m none '{disk}'")
        if small is None:
            self.skipTest("mounting a small file system is not permitted here")
        source = audio.noise(4, channels=8)
        address = program.group()
        inside, outside = self.path("disk/out.wav"), self.path("saved.wav")
        recording = self.record(address.uri(source.format), name="disk/out.wav", wrapper=(
            *small, "sh", "-c", f"\"$@\"; status=$?; cp '{inside}' '{outside}'; exit $status",
            "sh"))
        sending = rtp.Stream(source).start(address)
        recorded = recording.finish()
        sending.stop()
        self.assert_fails(recorded, program.FAILED, inside, "no space left")
        frames = len(audio.read_wav(outside).data) // source.frame_bytes
        # What the file system holds, less what it needs for itself.
        self.assertGreater(frames * source.frame_bytes, 2 << 20)
        self.assertEqual(recorded.report["sample_frames"], frames)
        self.assert_wav(outside, source, source.cut(0, frames))

    def test_output_that_cannot_be_written(self):
        """a report that cannot be written is a failure, and the file is complete"""
        path = self.path("out.wav")
        with open("/dev/full", "w", encoding="ascii") as full:
            process = subprocess.run(
                [program.AUDYN, "record", TONE, "-o", path, "-d", "1s", "--json"],
                stdout=full, stderr=subprocess.PIPE, text=True, check=False,
                timeout=program.PATIENCE)
        self.assertEqual(process.returncode, program.FAILED, process.stderr)
        self.assertEqual(len(audio.read_wav(path).data) % 48000, 0)


if __name__ == "__main__":
    tap.main(jobs=4)
