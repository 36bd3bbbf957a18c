# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""One stream by several legs (SMPTE ST 2022-7): as long as each packet comes by one of
them, the file is the same as without any loss."""

import json
import random
import subprocess
import time

import audio
import lonely
import program
import rtp
import tap

SECONDS = 2
AFTERWARDS = 2.6  # seconds of stream beyond what is recorded: longest window, largest skew

# Seconds.  Two threads of one test drift apart where the machine has much to do.
WINDOW = "1s"
WIDE_WINDOW = "2s"

# Two ends of a cable each, in one network, so that packets really pass it.
CABLE = ("ip link add {name}0 type veth peer name {name}1 && "
         "ip addr add 10.77.{net}.1/24 dev {name}0 && ip addr add 10.77.{net}.2/24 dev {name}1 && "
         "for end in {name}0 {name}1; do "
         "echo 1 > /proc/sys/net/ipv4/conf/$end/accept_local && "
         "echo 0 > /proc/sys/net/ipv4/conf/$end/rp_filter && ip link set $end up || exit; done")
SETUP = " && ".join(["echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter",
                     CABLE.format(name="left", net=1), CABLE.format(name="right", net=2)])


def shell(command):
    subprocess.run(command, shell=True, check=True)


class Leg:
    """Where one leg goes, and through which interfaces."""

    def __init__(self, address, interface="lo", source_address="127.0.0.1"):
        self.address, self.interface = address, interface
        self.source_address = source_address

    def start(self, stream, **keywords):
        return stream.start(self.address, source_address=self.source_address, **keywords)

    @property
    def is_joined(self):
        """The kernel lets the group in by the interface that has this name now."""
        octets = self.address.host.split(".")
        group = "".join(f"{int(octet):02X}" for octet in reversed(octets))
        with open("/proc/net/igmp", encoding="ascii") as table:
            within = False
            for line in table:
                if line[0].isdigit():
                    within = line.split()[1] == self.interface
                elif within and line.split()[0] == group:
                    return True
        return False


def uri(legs, stream_format, **options):
    options = {"format": stream_format, "pt": 98,
               "iface": ",".join(leg.interface for leg in legs), **options}
    places = ",".join(f"{leg.address.host}:{leg.address.port}" for leg in legs)
    return f"rtp://{places}?" + "&".join(f"{key}={value}" for key, value in options.items())


class TestCase(program.TestCase):
    def setUp(self):
        super().setUp()
        self.source = audio.noise(SECONDS + AFTERWARDS)
        self.frames = SECONDS * self.source.rate

    def plan(self, seed):
        """A stream for each leg; every packet comes by one of them at least."""
        streams = rtp.Stream(self.source), rtp.Stream(self.source)
        chance = random.Random(seed)
        only = [chance.choice("AB ") for _ in streams[0].packets]
        streams[0].lose(*(i for i, leg in enumerate(only) if leg == "B"))
        streams[1].lose(*(i for i, leg in enumerate(only) if leg == "A"))
        return streams

    def redundant_frames(self, report):
        """Those that only the second leg has brought, counted from the start."""
        start = report["start"]["position"]
        return {frame - start for span in report["spans"] if span["class"] == "received_b"
                for frame in range(span["position"], span["position"] + span["sample_frames"])}

    def assert_whole(self, recorded):
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        self.assert_counts(recorded.report, sample_frames=self.frames, received=self.frames,
                           lost=0, late=0, no_frame=0, no_signal=0)
        self.assert_wav(recorded.path, self.source, self.source.cut(0, self.frames))

    def assert_split(self, recorded, lost_by_first):
        planned = {frame for packet in lost_by_first
                   for frame in range(packet.first, packet.first + packet.count)
                   if frame < self.frames}
        self.assertEqual(self.redundant_frames(recorded.report), planned)


class Redundancy(TestCase):
    def check(self, legs, skews, seed, window=WINDOW):
        streams = self.plan(seed)
        recording = self.record(uri(legs, self.source.format), "-d", f"{SECONDS}s",
                                "--window", window)
        for stream, skew in zip(streams, skews):
            stream.delay(skew, *range(len(stream.packets)))
        origin = time.monotonic()
        sendings = [leg.start(stream, origin=origin) for leg, stream in zip(legs, streams)]
        recorded = recording.finish()
        for sending in sendings:
            sending.stop()
        self.assert_whole(recorded)
        self.assert_split(recorded, streams[0].zeroed)
        for name, leg, stream in zip("ab", recorded.report["legs"], streams):
            self.assertEqual((leg["leg"], leg["differs"]), (name, False))
            self.assertGreater(leg["lost"], self.frames // 48 // 5)
            self.assertLessEqual(leg["lost"], len(stream.zeroed))
            self.assertIn(f"leg {name.upper()} from {leg['sender']}: {leg['packets']} packets, "
                          f"{leg['lost']} lost", recorded.err)

    def test_groups(self):
        """two groups on one port, half of the packets on either, are one whole stream"""
        port = program.ports.free()
        legs = [Leg(program.group(port)), Leg(program.group(port, net=70))]
        self.check(legs, (0, 0), 1)

    def test_ports(self):
        """two ports, the second leg 10 ms behind"""
        self.check([Leg(program.group()), Leg(program.group())], (0, 0.01), 2)

    def test_interfaces(self):
        """one group by two interfaces, the first leg 50 ms behind"""
        address = program.group()
        legs = [Leg(address, "left0", "10.77.1.2"), Leg(address, "right0", "10.77.2.2")]
        self.check(legs, (0.05, 0), 3)

    def test_skew(self):
        """two networks of which either is 450 ms behind"""
        for skews in ((0, 0.45), (0.45, 0)):
            with self.subTest(skews=skews):
                legs = [Leg(program.group(), "left0", "10.77.1.2"),
                        Leg(program.group(), "right0", "10.77.2.2")]
                self.check(legs, skews, 4, WIDE_WINDOW)

    def test_unicast(self):
        """a unicast leg beside a multicast one"""
        self.check([Leg(program.group()), Leg(program.unicast())], (0, 0.01), 5)

    def test_gstreamer(self):
        """what GStreamer sends to two groups, a third of it dropped on one, is whole"""
        legs = [Leg(program.group()), Leg(program.group())]
        self.source.write_wav(self.path("source.wav"))
        packet_time = 1_000_000
        sinks = [f"udpsink host={leg.address.host} port={leg.address.port} multicast-iface=lo"
                 for leg in legs]
        recording = self.record(uri(legs, self.source.format), "-d", f"{SECONDS}s")
        sending = self.start(
            "gst-launch-1.0", "-q", "filesrc", f"location={self.path('source.wav')}", "!",
            "wavparse", "!", "audiobuffersplit", f"output-buffer-duration={packet_time}/1000000000",
            "!", "audioconvert", "dithering=none", "!", "audio/x-raw,format=S24BE", "!",
            "rtpL24pay", "pt=98", f"min-ptime={packet_time}", f"max-ptime={packet_time}",
            "!", "tee", "name=t",
            "t.", "!", "queue", "!", "identity", "drop-probability=0.3", "!", *sinks[0].split(),
            "t.", "!", "queue", "!", *sinks[1].split())
        recorded = recording.finish()
        self.assert_whole(recorded)
        self.assertGreater(len(self.redundant_frames(recorded.report)), self.frames // 10,
                           sending.err)


class Descriptions(TestCase):
    def describe(self, legs, group="a=group:DUP 1 2", formats=("L24/48000/2",) * 2):
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=twice", "t=0 0", group]
        for number, (leg, name) in enumerate(zip(legs, formats), 1):
            lines += [f"m=audio {leg.address.port} RTP/AVP 98",
                      f"c=IN IP4 {leg.address.host}/32", f"a=rtpmap:98 {name}",
                      f"a=mid:{number}"]
        path = self.path("stream.sdp")
        with open(path, "w", encoding="utf-8") as sdp:
            sdp.write("".join(line + "\r\n" for line in lines if line))
        return path

    def check(self, group, options, take_all=True):
        legs = [Leg(program.group()), Leg(program.group())]
        streams = self.plan(6)
        recording = self.record(f"sdp:{self.describe(legs, group)}?{options}",
                                "-d", f"{SECONDS}s", "--window", WINDOW)
        origin = time.monotonic()
        sendings = [leg.start(stream, origin=origin) for leg, stream in zip(legs, streams)]
        recorded = recording.finish()
        for sending in sendings:
            sending.stop()
        if take_all:
            self.assert_whole(recorded)
            self.assert_split(recorded, streams[0].zeroed)
        else:
            self.assertEqual(recorded.status, program.MISSING, recorded.err)
            self.assertGreater(recorded.report["lost"], self.frames // 5)

    def test_group(self):
        """sections that are grouped as duplicates are the legs of one stream"""
        self.check("a=group:DUP 1 2", "iface=lo")

    def test_numbers(self):
        """sections that media= names are the legs of one stream without a group"""
        self.check("", "media=1,2&iface=lo,lo")

    def test_one(self):
        """leg= records one leg of a group, on purpose"""
        self.check("a=group:DUP 1 2", "leg=b&iface=lo", take_all=False)

    def test_disagreement(self):
        """sections of a group that disagree in their format are refused in words"""
        legs = [Leg(program.group()), Leg(program.group())]
        sdp = self.describe(legs, formats=("L24/48000/2", "L16/48000/2"))
        refused = self.audyn("record", f"sdp:{sdp}?iface=lo", "-o", self.path("x.wav"))
        self.assert_fails(refused, program.FAILED, "format", "leg=a")

    def test_wrong_numbers(self):
        """numbers of legs that do not fit each other are wrong usage"""
        legs = [Leg(program.group()), Leg(program.group())]
        sdp = self.describe(legs)
        cases = {f"sdp:{sdp}?leg=c": "leg=c", f"sdp:{sdp}?leg=e": "leg=e",
                 f"sdp:{sdp}?media=1,3": "media=3", f"sdp:{sdp}?iface=lo,lo,lo": "iface=",
                 uri(legs, "L24/48000/2", iface="lo,lo,lo"): "iface=",
                 uri(legs, "L24/48000/2", source="10.1.1.1,10.1.1.2,10.1.1.3"): "source=",
                 uri([legs[0], legs[0]], "L24/48000/2"): "legs A and B"}
        for wrong, word in cases.items():
            with self.subTest(uri=wrong):
                refused = self.audyn("record", wrong, "-o", self.path("x.wav"))
                self.assert_fails(refused, program.USAGE, word)


class Events(TestCase):
    """What is told while two streams go out by two legs of the loopback interface."""

    def record_both(self, streams):
        legs = [Leg(program.group()), Leg(program.group())]
        path = self.path(f"{legs[0].address.port}.wav")
        recorder = program.Recorder(uri(legs, self.source.format), "-o", path, "-d",
                                    f"{SECONDS}s", "--window", WINDOW, "--stall", "400ms",
                                    "--json", "--json-events",
                                    directory=self.directory)
        self.addCleanup(recorder.close)
        origin = time.monotonic()
        sendings = [leg.start(stream, origin=origin) for leg, stream in zip(legs, streams)]
        finished = program.Process.finish(recorder)
        for sending in sendings:
            sending.stop()
        events = [json.loads(line) for line in finished.out.splitlines()]
        report = events.pop()
        self.assertEqual(report["event"], "report")
        told = [(event["event"], event["leg"]) for event in events if "leg" in event]
        return program.Recorded(finished.status, report, finished.err, path), told

    def test_other_audio(self):
        """a leg with other audio is told, and fills no gap of the first one"""
        right = rtp.Stream(self.source)
        right.lose(*range(1000, 1100))
        wrong = rtp.Stream(audio.noise(SECONDS + AFTERWARDS, seed=2))
        recorded, told = self.record_both([right, wrong])
        self.assertEqual(recorded.status, program.MISSING, recorded.err)
        self.assert_wav(recorded.path, self.source, right.expected(self.frames))
        self.assert_counts(recorded.report, lost=100 * 48, received=self.frames - 100 * 48)
        self.assertEqual(told, [("leg_differs", "b")])

    def test_death_and_return(self):
        """a leg that goes and comes back is told, and costs nothing"""
        for number, leg in enumerate("ab"):
            with self.subTest(leg=leg):
                streams = [rtp.Stream(self.source), rtp.Stream(self.source)]
                streams[number].lose(*range(500, 1200))
                recorded, told = self.record_both(streams)
                self.assert_whole(recorded)
                self.assertEqual(told, [("leg_lost", leg), ("leg_back", leg)])


class Interfaces(TestCase):
    def test_down(self):
        """an interface that goes down and up again goes on bringing its leg"""
        self.check("away", 3, "ip link set away0 down && ip link set away0 up")

    def test_removed(self):
        """an interface that is removed and comes back brings its leg again"""
        self.check("gone", 4, "ip link del gone0 && " + CABLE.format(name="gone", net=4))

    def check(self, name, net, fate):
        """The first leg begins, its interface suffers its fate; later the second leg ends
        and the first one alone brings the rest."""
        shell(CABLE.format(name=name, net=net))
        first = Leg(program.group(), f"{name}0", f"10.77.{net}.2")
        second = Leg(program.group())
        begin, whole, end = (rtp.Stream(self.source) for _ in range(3))
        begin.lose(*range(300, len(begin.packets)))
        recording = self.record(uri([first, second], self.source.format),
                                "-d", f"{SECONDS}s", "--window", WINDOW)
        origin = time.monotonic()
        going = second.start(whole, origin=origin)
        first.start(begin, origin=origin).join()
        shell(fate)
        program.wait_until(lambda: first.is_joined, "membership on the new interface")
        going.stop()
        sent = whole.sent_frames // 48
        self.assertLess(sent, self.frames // 48 - 100, "it took too long to be of use")
        end.lose(*range(sent))
        last = first.start(end, origin=origin)
        recorded = recording.finish()
        last.stop()
        self.assert_whole(recorded)
        saved = {frame for frame in range(300 * 48, sent * 48)}
        self.assertEqual(self.redundant_frames(recorded.report), saved)

    def test_absent(self):
        """a leg whose interface is not there is an error that names it"""
        legs = [Leg(program.group()), Leg(program.group(), "nowhere0")]
        refused = self.audyn("record", uri(legs, "L24/48000/2"), "-o", self.path("x.wav"))
        self.assert_fails(refused, program.FAILED, "nowhere0", "left0")


if __name__ == "__main__":
    lonely.enter(SETUP)
    tap.main(jobs=4)
