# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""`--json-events` tells what happens while it happens, and costs no recording."""

import fcntl
import json
import os
import re
import signal
import time

import audio
import program
import rtp
import tap

FORMAT = "L24/48000/2"
SECOND = 48000


class Events(program.TestCase):
    def start_events(self, *arguments, **keywords):
        recorder = program.Recorder(*arguments, "--json-events", directory=self.directory,
                                    **keywords)
        self.addCleanup(recorder.close)
        return recorder

    def events(self, text):
        """By line; each has a time and its kind."""
        lines = [json.loads(line) for line in text.splitlines()]
        for line in lines:
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        return lines

    def finish(self, recorder):
        """Its exit status, and what it told."""
        finished = program.Process.finish(recorder, 60)
        return finished.status, self.events(finished.out), finished.err

    @staticmethod
    def of_kind(events, kind):
        return [event for event in events if event["event"] == kind]

    def read(self, recorder, kind):
        """While it records; the first one of the kind, once it is told."""
        def told():
            whole = recorder.text(recorder.out_file).rpartition("\n")[0]
            return self.of_kind(self.events(whole), kind)
        return program.wait_until(told, f"event {kind}")[0]


class Lives(Events):
    def test_beginnings_and_ends(self):
        """each stream's beginning and end are told, and why one failed"""
        out = self.path("out")
        os.mkdir(out)
        recorder = self.start_events("tone:", "file:/nonexistent/a.wav", "--out-dir", out)
        started = self.read(recorder, "started")
        self.assertEqual(started["stream"], "tone")
        recorder.signal(signal.SIGINT)
        status, events, err = self.finish(recorder)
        self.assertEqual(status, program.FAILED, err)
        self.assertEqual([(event["stream"], event["event"]) for event in events],
                         [("a", "failed"), ("tone", "started"), ("tone", "finished")])
        self.assertIn("/nonexistent/a.wav", events[0]["error"])
        frames = len(audio.read_wav(os.path.join(out, "tone.wav")).data) // 8
        self.assertEqual((events[2]["position"], events[2]["sample_frames"],
                          events[2]["missing"]), (started["position"], frames, 0))

    def test_report_is_the_last_line(self):
        """with --json the report is the last event, and the one in the file"""
        finished = self.audyn("record", "tone:?pace=free", "-o", self.path("a.wav"), "-d", "1s",
                              "--json", "--json-events")
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        report = self.events(finished.out)[-1]
        self.assertEqual((report.pop("event"), len(report.pop("time"))), ("report", 24))
        with open(self.path("a.json"), encoding="utf-8") as beside:
            self.assertEqual(json.load(beside), report)


class Troubles(Events):
    def record_stream(self, stream, address, *options):
        recorder = self.start_events(address.uri(FORMAT), "-o", self.path("a.wav"), *options)
        sending = stream.start(address)
        self.addCleanup(sending.stop)
        return recorder

    def test_missing_samples(self):
        """samples that are missing are told in sums, with where the first of them is"""
        address = program.group()
        stream = rtp.Stream(audio.noise(3.5), 48)
        stream.lose(100, 110, 111)
        recorder = self.record_stream(stream, address, "-d", "3s", "--json")
        missing = self.read(recorder, "missing")
        self.assertTrue(recorder.running)
        status, events, err = self.finish(recorder)
        self.assertEqual(status, program.MISSING, err)
        spans = events[-1]["spans"]
        self.assertEqual(sum(event["lost"] for event in self.of_kind(events, "missing")),
                         3 * 48)
        self.assertEqual(missing["position"], spans[0]["position"])
        self.assertEqual((missing["late"], missing["no_frame"]), (0, 0))

    def test_outage_and_restart(self):
        """an outage and a sender that began anew are told, with their place"""
        address = program.group()
        recorder = self.record_stream(rtp.Stream(audio.noise(1), 48, ssrc=0x11), address)
        lost = self.read(recorder, "no_signal")
        rtp.Stream(audio.noise(1), 48, ssrc=0x2222, timestamp=5).send(address)
        back = self.read(recorder, "signal")
        again = self.read(recorder, "restarted")
        recorder.signal(signal.SIGINT)
        status, events, err = self.finish(recorder)
        self.assertEqual(status, program.MISSING, err)
        started = events[0]
        self.assertEqual((started["event"], started["ssrc"], started["source"]),
                         ("started", "0x00000011", "127.0.0.1"))
        self.assertEqual(again["ssrc"], "0x00002222")
        self.assertEqual(lost["position"], started["position"] + SECOND)
        self.assertGreater(back["position"], lost["position"])
        self.assertEqual(again["position"], back["position"])

    def test_foreign_source(self):
        """another source on the address is told once a second at most"""
        address = program.group()
        recorder = self.record_stream(rtp.Stream(audio.noise(2), 48), address, "-d", "1500ms")
        self.read(recorder, "started")
        for ssrc in range(1, 50):
            rtp.send_datagrams(address, [rtp.header(98, 1, 1, ssrc) + bytes(288)])
            time.sleep(0.01)
        status, events, err = self.finish(recorder)
        self.assertEqual(status, program.COMPLETE, err)
        foreign = self.of_kind(events, "foreign_ssrc")
        self.assertIn(len(foreign), (1, 2, 3))
        self.assertRegex(foreign[0]["ssrc"], "^0x000000[0-9a-f]{2}$")


class Readers(Events):
    """Of standard output."""

    def record_tone(self, *options, **popen):
        path = self.path("a.wav")
        process = self.start(program.AUDYN, "record", "tone:?pace=free", "-o", path, "-d", "1s",
                             "--json-events", *options, **popen)
        finished = process.finish()
        self.assertEqual(len(audio.read_wav(path).data), SECOND * 2 * 4)
        with open(self.path("a.json"), encoding="utf-8") as report:
            self.assertEqual(json.load(report)["sample_frames"], SECOND)
        return finished

    def full_pipe(self):
        """Nobody reads from it."""
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        os.write(writing, bytes(fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)))
        return writing

    def test_stuck(self):
        """a reader who is stuck costs the events, and the report where it was asked for"""
        finished = self.record_tone(stdout=self.full_pipe())
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        self.assertIn("events cannot be written", finished.err)
        os.unlink(self.path("a.wav"))
        os.unlink(self.path("a.json"))
        finished = self.record_tone("--json", stdout=self.full_pipe())
        self.assertEqual(finished.status, program.FAILED, finished.err)
        self.assertIn("report cannot be written", finished.err)

    def test_gone(self):
        """a reader who has gone costs the events"""
        reading, writing = os.pipe()
        os.close(reading)
        finished = self.record_tone(stdout=writing)
        os.close(writing)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        self.assertIn("events cannot be written", finished.err)

    def test_closed(self):
        """a standard output that is closed is not taken for the next file that is opened"""
        path = self.path("a.wav")
        finished = self.run_program("sh", "-c", 'exec "$@" >&-', "sh", program.AUDYN, "record",
                                    "tone:?pace=free", "-o", path, "-d", "1s", "--json-events")
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        self.assertTrue(re.search("events cannot be written", finished.err), finished.err)
        self.assertEqual(len(audio.read_wav(path).data), SECOND * 2 * 4)
        self.assert_whole_wave(path)


if __name__ == "__main__":
    tap.main(jobs=4)
