# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""`audyn discover` lists what is announced, whoever else shouts."""

import json
import random
import re
import time

import lonely
import program
import rtp
import sap
import tap

PTP = "ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:0"


class Discovery(program.TestCase):
    def announce(self, *datagrams, **keywords):
        announcer = sap.Announcer(*datagrams, **keywords)
        self.addCleanup(announcer.close)
        return announcer

    def discover(self, *options, names):
        """The sessions, once it is these that are found."""
        def look():
            found = self.audyn("discover", "--json", "-t", "200ms", *options)
            sessions = json.loads(found.out)["sessions"]
            self.assertEqual(found.status, 0 if sessions else program.FAILED, found.err)
            return sorted(session["name"] for session in sessions) == sorted(names) and sessions
        return program.wait_until(look, f"list of {names}")

    def table(self, names):
        self.discover(names=names)
        return program.wait_until(
            lambda: [found.out for found in [self.audyn("discover", "-t", "200ms")]
                     if all(name in found.out for name in names)], f"table of {names}")[0]

    def test_all_that_is_said(self):
        """a session is listed with all that its description says"""
        lines = ["a=ptime:0.125", "a=framecount:6", f"a=ts-refclk:{PTP}",
                 "a=mediaclk:direct=77", "a=fmtp:98 channel-order=SMPTE2110.(ST)",
                 "a=source-filter: incl IN IP4 239.1.1.1 127.0.0.1"]
        self.announce(sap.pack(rtp.describe("Stage left & right", 7, 3, lines=lines)))
        session = self.discover(names=["Stage left & right"])[0]
        stream = session["streams"][0]
        self.assertEqual(stream, {
            "address": "239.1.1.1:5004", "source": "127.0.0.1", "bits": 24,
            "sample_rate": 48000, "channels": 2, "payload_type": 98, "ptime_ms": 0.125,
            "packet_frames": 6, "ts_refclk": PTP, "mediaclk": "direct=77",
            "channel_order": "SMPTE2110.(ST)", "same_as_section": 1,
            "record": "sap:Stage%20left%20%26%20right?iface=lo"})
        del session["streams"]
        self.assertEqual(session, {
            "name": "Stage left & right", "origin": "- 7 127.0.0.1", "version": 3,
            "sender": "127.0.0.1", "interface": "lo", "problem": None})

    def test_the_table(self):
        """the table for people has a line for each stream and says how to record it"""
        self.announce(sap.pack(rtp.describe("Müller", 1, lines=["a=ptime:1"])),
                      sap.pack(rtp.describe("B", 2, address="239.1.1.2",
                                            lines=[f"a=ts-refclk:{PTP}",
                                                   "a=mediaclk:direct=0"])))
        lines = self.table(["B", "Müller"]).splitlines()
        self.assertEqual(lines[0].split(),
                         ["NAME", "ADDRESS", "FORMAT", "PTIME", "INTERFACE", "ORIGIN"])
        self.assertRegex(lines[1], r"^B +239\.1\.1\.2:5004 +L24/48000/2 +- +lo +- 2 127")
        self.assertIn(f"clock {PTP}, media clock direct=0", lines[2])
        self.assertRegex(lines[4], r"^Müller +239\.1\.1\.1:5004 +L24/48000/2 +1 ms +lo")
        self.assertEqual(lines[6].strip(),
                         "audyn record 'sap:M%C3%BCller?iface=lo' -o FILE.wav")
        self.assertEqual(lines[1].index("239."), lines[4].index("239."))

    def test_groups(self):
        """all three groups are listened to"""
        for session, group in enumerate((sap.GLOBAL, sap.LOCAL, sap.PIPEWIRE)):
            self.announce(sap.pack(rtp.describe(group, session)), group=group)
        names = [sap.GLOBAL, sap.LOCAL, sap.PIPEWIRE]
        self.discover(names=names)
        self.discover("--iface", "127.0.0.1", names=names)

    def test_versions_and_deletions(self):
        """a higher version replaces, a lower one does not, and a deletion removes"""
        self.announce(sap.pack(rtp.describe("new", 1, 2)), sap.pack(rtp.describe("old", 1, 1)),
                      sap.pack(rtp.describe("gone", 2, 1)),
                      sap.pack("o=- 2 1 IN IP4 127.0.0.1\r\n", sap.DELETE))
        self.discover(names=["new"])

    def test_legs(self):
        """the legs of a redundant stream are one recording"""
        self.announce(sap.pack(rtp.describe("two legs", lines=[
            "a=mid:1", "m=audio 5006 RTP/AVP 98", "c=IN IP4 239.2.1.1/32",
            "a=rtpmap:98 L24/48000/2", "a=mid:2"]).replace("t=0 0", "t=0 0\r\na=group:DUP 1 2")))
        streams = self.discover(names=["two legs"])[0]["streams"]
        self.assertEqual([stream["same_as_section"] for stream in streams], [1, 1])
        self.assertEqual({stream["record"] for stream in streams},
                         {"sap:two%20legs?iface=lo&media=1"})
        self.assertIn("carries the same as section 1", self.table(["two legs"]))

    def test_ambiguous_names(self):
        """what a name does not tell apart is recorded by its origin, or by its address"""
        self.announce(sap.pack(rtp.describe("twin", 1)), sap.pack(rtp.describe("twin", 2)),
                      sap.pack(rtp.describe("No Name", 0, 0)),
                      sap.pack(rtp.describe("No Name", 0, 0, address="239.1.1.2")))
        found = self.discover(names=["No Name", "No Name", "twin", "twin"])
        self.assertEqual([session["streams"][0]["record"] for session in found], [
            "rtp://239.1.1.1:5004?format=L24/48000/2&pt=98&iface=lo",
            "rtp://239.1.1.2:5004?format=L24/48000/2&pt=98&iface=lo",
            "sap:-%201%20127.0.0.1?iface=lo", "sap:-%202%20127.0.0.1?iface=lo"])

    def test_what_cannot_be_recorded(self):
        """a session without audio of ours is listed with the reason"""
        self.announce(sap.pack(rtp.describe("film", media="video", rtpmap="98 raw/90000")))
        session = self.discover(names=["film"])[0]
        self.assertEqual(session["streams"], [])
        self.assertIn("no audio", session["problem"])
        self.assertRegex(self.table(["film"]),
                         r"film +- .*\n +cannot be recorded: .*no audio")

    def test_names_that_would_move_the_cursor(self):
        """control characters in a name do not reach the terminal"""
        self.announce(sap.pack(rtp.describe("a\x1b[2J\x9b1m\x07b")))
        table = self.table(["a?[2J??1m?b"])
        self.assertIsNone(re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", table))

    def test_nothing(self):
        """where nothing is announced the status is 1 and a sentence says where to look"""
        quiet = self.audyn("discover", "-t", "100ms")
        self.assert_fails(quiet, program.FAILED, "no session", "lo", "9875", "firewall")
        self.assertEqual(quiet.out, "")
        in_json = self.audyn("discover", "-t", "100ms", "--json")
        self.assertEqual((in_json.status, json.loads(in_json.out)),
                         (program.FAILED, {"sessions": []}))
        self.announce(b"\x22\0\0\1\1\1\1\1secret", b"noise")
        useless = program.wait_until(
            lambda: [found for found in [self.audyn("discover", "-t", "200ms")]
                     if "encrypted" in found.err], "word of useless packets")[0]
        self.assert_fails(useless, program.FAILED, "no session")

    def test_nothing_any_more(self):
        """where all that was announced is withdrawn, that is what is said"""
        self.announce(sap.pack(rtp.describe("gone", 2, 1), sap.DELETE))
        gone = program.wait_until(
            lambda: [found for found in [self.audyn("discover", "-t", "200ms")]
                     if "withdrawn" in found.err], "word of a withdrawal")[0]
        self.assert_fails(gone, program.FAILED, "no session is announced", "lo")

    def test_usage(self):
        """wrong usage is explained"""
        for words, *explanation in ((["-t", "never"], "-t never"), (["-t"], "-t"),
                                    (["bonjour"], "bonjour", "sap"),
                                    (["sap", "sap"], "one too many"), (["--all"], "--all")):
            self.assert_fails(self.audyn("discover", *words), program.USAGE, *explanation)
        self.assert_fails(self.audyn("discover", "--iface", "nosuch0"), program.FAILED,
                          "nosuch0", "lo")
        help_text = self.audyn("discover", "--help")
        self.assertEqual(help_text.status, program.COMPLETE)
        self.assertIn("--iface", help_text.out)

    def test_interrupt(self):
        """Ctrl-C lists what was found so far"""
        listening = self.start(program.AUDYN, "discover", "-t", "1h")
        program.wait_until(sap.is_heard, "a listener")
        announcer = self.announce(sap.pack(rtp.describe("early")))
        program.wait_until(lambda: announcer.rounds, "an announcement")
        interrupted = self.stop(listening)
        self.assertEqual(interrupted.status, program.COMPLETE, interrupted.err)
        self.assertIn("early", interrupted.out)


class Flood(program.TestCase):
    """Many distinct sessions, descriptions as long as a datagram, and garbage."""

    @staticmethod
    def datagrams(count):
        filler = [f"a=x{index}:" + "y" * 900 for index in range(70)]
        for session in range(count):
            long = session % 8 == 0
            text = rtp.describe(f"flood {session}", 1000 + session,
                                lines=filler if long else ())
            yield sap.pack(text[:65000])
            yield b"\x20\0\0\1" + random.Random(session).randbytes(100)

    def listen(self, *flood):
        """Peak memory in KiB of a listener, and the names that it lists."""
        listening = self.start(program.AUDYN, "discover", "--json", "-t", "3s")
        program.wait_until(lambda: sap.is_heard() or not listening.running, "a listener")
        sending = [sap.Announcer(sap.pack(rtp.describe("good", 1)))]
        if flood:
            program.wait_until(lambda: sending[0].rounds, "the good announcement")
            sending.append(sap.Announcer(*flood, interval=0))
        peak = 0
        while listening.running:
            peak = peak_memory(listening.popen.pid) or peak
            time.sleep(0.01)
        for announcer in sending:
            announcer.close()
        found = listening.finish()
        self.assertEqual(found.status, program.COMPLETE, found.err)
        return peak, [entry["name"] for entry in json.loads(found.out)["sessions"]]

    def test_flood(self):
        """a flood of announcements costs bounded memory and hides no good session"""
        quiet, names = self.listen()
        self.assertEqual(names, ["good"])
        loud, names = self.listen(*self.datagrams(4000))
        self.assertTrue("good" in names, f"{len(names)} others were found")
        self.assertGreater(len(names), 100, "the flood did not arrive")
        self.assertLess(loud / quiet, 4, f"{quiet} KiB and, in the flood, {loud} KiB")
        print(f"# {quiet} KiB, in a flood that ended in {len(names)} sessions {loud} KiB")


def peak_memory(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return None


if __name__ == "__main__":
    lonely.enter()
    tap.main()
