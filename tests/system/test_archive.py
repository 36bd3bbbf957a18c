# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""`audyn record --archive`: files laid end to end are the input, whatever happens."""

import contextlib
import os
import signal
import sqlite3
import time

import archive
import audio
import program
import rtp
import tap


class Archive(archive.TestCase):
    def test_file(self):
        """a file is cut each second into WAV, FLAC and Opus, and is whole end to end"""
        for bits, rate in ((24, 48000), (16, 44100)):
            with self.subTest(bits=bits):
                source = audio.noise(4.3, rate, 2, bits)
                name = f"take{bits}"
                report = self.record_free(source, "--format", "wav,flac,opus", "--name", name)
                folder = os.path.join(self.archive, name)
                self.assertEqual(report["folder"], folder)
                sidecars = self.assert_archived(source.data, ("wav", "flac", "opus"), folder)
                self.assertIn(len(sidecars), (5, 6))
                for path, sidecar in sidecars[1:]:
                    self.assertEqual(sidecar["first"]["tai_ns"] // 1000 % 1000000, 0, path)
                    self.assertEqual(sidecar["stream"]["name"], name)
                    self.assertEqual(sidecar["received"], sidecar["sample_frames"])
                    opus = path[:-len("json")] + "opus"
                    said = self.run_tool("opusinfo", opus)
                    self.assertNotIn("WARNING", said)

    def test_stream(self):
        """an RTP stream is cut on the second, its loss is on the map of its segment"""
        source = audio.noise(3.2)
        address = program.group()
        recorder = program.Recorder(address.uri(source.format), "--archive", self.archive,
                                    "--layout", "accurate", "--period", "1s", "--format",
                                    "wav,flac", "--name", "live", "-d", "3s",
                                    directory=self.directory)
        self.addCleanup(recorder.close)
        stream = rtp.Stream(source)
        stream.lose(1000)
        stream.start(address).join()
        finished = recorder.finish()
        self.assertEqual(finished.status, program.MISSING, finished.err)
        sidecars = self.assert_archived(stream.expected(3 * 48000), ("wav", "flac"))
        lost = [span for _, sidecar in sidecars for span in sidecar["spans"]]
        self.assertEqual(sum(span["sample_frames"] for span in lost), 48)
        first = sidecars[0][1]["position"]
        self.assertEqual(lost[0]["position"] - first, stream.packets[1000].first)
        self.assertEqual(sum(sidecar["lost"] for _, sidecar in sidecars), 48)
        for _, sidecar in sidecars:
            self.assertEqual(sidecar["recorder"]["clock"], "arrival")
            self.assertEqual(sidecar["stream"]["media_rate"], "1/1")

    def catalogued_events(self):
        """Name and leg of each event that the catalog has, in order."""
        path = os.path.join(self.archive, ".audyn", "catalog.sqlite")
        with contextlib.closing(sqlite3.connect(path)) as database:
            rows = database.execute("SELECT event, detail ->> 'leg' FROM events"
                                    " ORDER BY sequence, number")
            return [tuple(row) for row in rows]

    def test_recorder(self):
        """sidecars tell of both legs, and of what happened within their segment"""
        source = audio.noise(4)
        legs = program.group(), program.group()
        streams = rtp.Stream(source), rtp.Stream(source)
        streams[1].lose(*range(1200, len(streams[1].packets)))
        places = ",".join(f"{leg.host}:{leg.port}" for leg in legs)
        recorder = program.Recorder(f"rtp://{places}?format={source.format}&pt=98&iface=lo,lo",
                                    "--archive", self.archive, "--layout", "accurate",
                                    "--period", "1s", "--name", "live", "-d", "3s",
                                    directory=self.directory)
        self.addCleanup(recorder.close)
        origin = time.monotonic()
        sendings = [stream.start(leg, origin=origin) for stream, leg in zip(streams, legs)]
        finished = recorder.finish()
        for sending in sendings:
            sending.stop()
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        told = []
        for _, sidecar in self.sidecars():
            said = sidecar["recorder"]
            self.assertEqual([leg["leg"] for leg in said["legs"]], ["a", "b"])
            self.assertTrue(all(leg["delay_ns"] for leg in said["legs"]))
            for event in said["events"]:
                self.assertLess(event["position"] - sidecar["position"], 48000)
                self.assertGreaterEqual(event["position"], sidecar["position"])
                told.append((event["event"], event.get("leg")))
        self.assertEqual(self.catalogued_events(), told)
        # A machine that is busy elsewhere may send nothing for a while.
        told = [event for event in told if event[0] not in ("no_signal", "signal")]
        self.assertEqual(told, [("started", None), ("leg_lost", "b")])
        self.assertFalse(said["legs"][1]["alive"])
        self.assertGreater(said["legs"][0]["packets"], 2 * said["legs"][1]["packets"])

    def test_restart(self):
        """a restart within the period takes the next name and changes no file"""
        for count in (1, 2, 3):
            before = {path: archive.content(path) for path, _ in self.sidecars()}
            finished = self.audyn("record", "tone:997?pace=free", "-d", "1s", "--archive",
                                  self.archive, "--name", "tone", "--layout",
                                  "custom=%Y", "--period", "24h")
            self.assertEqual(finished.status, program.COMPLETE, finished.err)
            after = {path: archive.content(path) for path, _ in self.sidecars()}
            self.assertLessEqual(before.items(), after.items())
            self.assertEqual(len(after), count)
        names = sorted(os.path.basename(path)[len("2026"):] for path in after)
        self.assertEqual(names, ["-2.json", "-3.json", ".json"])

    def test_many(self):
        """several inputs have a folder each"""
        finished = self.audyn("record", "tone:440?pace=free", "tone:997?pace=free", "-d",
                              "1s", "--archive", self.archive)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        self.assertEqual(sorted(os.listdir(self.archive)), [".audyn", "tone-440", "tone-997"])

    def test_second_recorder(self):
        """a second recorder of an archive is refused, and the first one goes on"""
        recorder = program.Recorder("tone:997", "--archive", self.archive,
                                    directory=self.directory)
        self.addCleanup(recorder.close)
        self.assert_fails(self.audyn("record", "tone:440", "--archive", self.archive),
                          program.FAILED, self.archive, "another process")
        folder = os.path.join(self.archive, "tone-997")
        program.wait_until(lambda: os.listdir(folder), "the first samples")
        self.assertTrue(recorder.running)
        self.assertEqual(self.stop(recorder).status, program.COMPLETE)

    def test_killed(self):
        """SIGKILL leaves valid files, without more than the last second"""
        source = audio.noise(30, seed=3).write_wav(self.path("source.wav"))
        recorder = program.Recorder(f"file:{source}", "--archive", self.archive, "--period",
                                    "1s", "--layout", "accurate", "--format", "wav,flac",
                                    "--name", "st", "--live", directory=self.directory)
        self.addCleanup(recorder.close)
        program.wait_until(lambda: "00:00:04" in recorder.err, "four seconds")
        recorder.signal(signal.SIGKILL)
        recorder.popen.wait()
        self.assertTrue(self.sidecars())
        reference = audio.read_wav(source).data
        for ending in ("wav", "flac"):
            paths = sorted(os.path.join(folder, name)
                           for folder, _, names in os.walk(self.archive)
                           for name in names if name.endswith("." + ending))
            files = [self.samples(path) for path in paths]
            # Of the last second, a file may lack what its encoder held back.
            self.assertTrue(all(data in reference for data in files), ending)
            common = os.path.commonprefix([b"".join(files), reference])
            self.assertGreaterEqual(len(common), 3 * 48000 * 6)
        again = self.audyn("record", "tone:997?pace=free", "-d", "1s", "--archive",
                           self.archive, "--name", "st")
        self.assertEqual(again.status, program.COMPLETE, again.err)

    def test_two_recorders(self):
        """two recorders of one stream write the same files, byte for byte"""
        source = audio.noise(3.5, bits=16)
        address = program.group()
        sdp = rtp.write_description(self.path("stream.sdp"), address, "98 L16/48000/2")
        recorders = []
        for name in ("a", "b"):
            os.mkdir(self.path(name))
            recorders.append(program.Recorder(
                f"sdp:{sdp}?iface=lo", "--archive", self.path(name), "--name", "st",
                "--layout", "accurate", "--period", "1s", "--format", "wav,flac,opus",
                directory=self.directory))
            self.addCleanup(recorders[-1].close)
        position = (int(time.time()) + 37) * 48000 + 12345
        rtp.Stream(source, timestamp=position).start(address).join()
        for recorder in recorders:
            self.stop(recorder)
        a, b = ({entry["path"]: entry["sha256"] for _, sidecar in self.sidecars(self.path(name))
                 for entry in sidecar["files"]} for name in ("a", "b"))
        # The last one ends when each was stopped.
        whole = sorted(a)[:-3]
        self.assertGreaterEqual(len(whole), 9)
        self.assertEqual([a[name] for name in whole], [b.get(name) for name in whole])
        for _, sidecar in self.sidecars(self.path("a")):
            self.assertEqual(sidecar["recorder"]["clock"], "media")

    def test_full_disk(self):
        """where the disk is full, it is told, and what stands in the files is whole"""
        disk = self.path("disk")
        os.mkdir(disk)
        small = program.namespace("--mount", f"mount -t tmpfs -o size=1m none '{disk}'")
        if not small:
            self.skipTest("this machine permits no mount namespace")
        source = audio.noise(10).write_wav(self.path("source.wav"))
        finished = self.run_program(
            *small, "sh", "-c", f"'{program.AUDYN}' record 'file:{source}?pace=free' --archive "
            f"'{disk}' --name st --period 1s --layout accurate --format wav,flac; status=$?; "
            f"cp -r '{disk}/st' '{self.archive}'; exit $status")
        self.assert_fails(finished, program.FAILED, "no space left", ".wav", ".flac")
        reference = audio.read_wav(source).data
        for path, sidecar in self.sidecars():
            for entry in sidecar["files"]:
                data = self.samples(os.path.join(os.path.dirname(path), entry["path"]))
                self.assertIn(data, reference)

    def test_refusals(self):
        """what makes no sense is refused with a word on what would"""
        tone = "tone:997"
        for options, words in (
                (["--archive", self.archive, "-o", "x.wav"], ["--archive", "one of them"]),
                (["--archive", self.archive, "--layout", "hourly"], ["hourly", "flat"]),
                (["--archive", self.archive, "--period", "0.5s"], ["--period"]),
                (["--archive", self.archive, "--clock", "gps"], ["--clock", "tai"]),
                (["--archive", self.archive, "--format", "wav,wav"], ["--format"]),
                (["--archive", self.archive, "--format", "mp3"], ["--format", "opus"]),
                (["--archive", self.archive, "--force"], ["--force"]),
                (["--archive", self.archive, "--name", "a/b"], ["a/b"]),
                (["--archive", self.archive, "--name", "a", "tone:1"], ["--name"]),
                (["--archive", self.archive, "--layout", "custom=../%Y"], ["below"]),
                (["-o", "x.wav", "--period", "1h"], ["--archive"]),
                (["--out-dir", ".", "--format", "wav,flac"], ["--archive"])):
            with self.subTest(options=options):
                self.assert_fails(self.audyn("record", tone, *options), program.USAGE, *words)
        self.assert_fails(self.audyn("record", tone, "--archive", self.path("none")),
                          program.FAILED, "none", "create it first")
        self.assert_fails(
            self.audyn("record", "tone:997?channels=9&pace=free", "-d", "1s", "--archive",
                       self.archive, "--format", "wav,flac"), program.FAILED, "9 channels")


if __name__ == "__main__":
    tap.main(jobs=4)
