# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""`audyn export`: any range of an archive is what was recorded, or says what is missing."""

import json
import os
import random

import archive
import audio
import disk_faults
import program
import rtp
import tap

RATE = 48000
FRAME_BYTES = 6


class Export(archive.TestCase):
    def setUp(self):
        super().setUp()
        self.out = self.path("out.wav")

    def recorded(self, source, *options):
        """Returns the position of its first sample."""
        self.record_free(source, "--name", "s", *options)
        self.run_tool(program.AUDYN, "recover", self.archive)
        return self.sidecars()[0][1]["position"]

    def export(self, start, end, *options, path=None, stream="s", status=program.COMPLETE,
               **popen):
        finished = self.run_program(program.AUDYN, "export", self.archive, "--stream", stream,
                                    "--from", start, "--to", end, "-o", path or self.out,
                                    "--force", "--json", *options, **popen)
        self.assertEqual(finished.status, status, finished.err)
        return json.loads(finished.out) if finished.out else finished.err

    def test_ranges(self):
        """random ranges are the source's bytes, from WAV and FLAC into WAV and FLAC"""
        source = audio.noise(4.3, RATE, 2, 24)
        first = self.recorded(source, "--format", "wav,flac,opus")
        frames = len(source.data) // FRAME_BYTES
        chosen = random.Random(8)
        for number in range(12):
            if number == 6:  # from then on from FLAC
                for path, _ in self.sidecars():
                    os.unlink(path[:-len("json")] + "wav")
            start = chosen.randrange(frames - 1)
            end = chosen.randrange(start + 1, frames)
            path = self.path(f"out{number}." + ("wav", "flac")[number % 2])
            report = self.export(f"@{first + start}", f"@{first + end}", path=path)
            self.assertEqual(self.samples(path),
                             source.data[start * FRAME_BYTES:end * FRAME_BYTES])
            if path.endswith(".flac"):
                self.run_tool("flac", "--test", "--silent", "--warnings-as-errors", path)
            self.assertEqual((report["missing"], report["spans"]), (0, []))
            self.assertEqual(report["first"]["position"], first + start)
            told = json.loads(self.run_tool(program.AUDYN, "info", path, "--json"))
            self.assertEqual((told["position"], told["complete"]), (first + start, True))

    def test_times(self):
        """one moment in any zone, and a position, make the same file"""
        self.recorded(audio.noise(3.4, RATE, 2, 16), "--format", "wav")
        second = self.sidecars()[1][1]
        utc = second["first"]["utc"]
        day, time = utc[:-1].split("T")
        made = []
        for start, options in ((utc, ()), (f"@{second['position']}", ()),
                               (f"{day} {time}", ("--tz", "UTC")),
                               (f"{day}T{time}+00:00", ("--tz", "Asia/Tokyo")),
                               (f"{day} {time} Africa/Abidjan", ())):
            self.export(start, f"@{second['position'] + 12345}", *options)
            made.append(archive.content(self.out))
        self.assertEqual(len(set(made)), 1)

    def test_losses(self):
        """what was lost, and what lies outside, is silent, listed, and in the exit status"""
        source = audio.noise(2.2)
        address = program.group()
        recorder = program.Recorder(address.uri(source.format), "--archive", self.archive,
                                    "--layout", "accurate", "--period", "1s", "--name", "s",
                                    "-d", "2s", directory=self.directory)
        self.addCleanup(recorder.close)
        stream = rtp.Stream(source)
        stream.lose(1000)
        stream.start(address).join()
        recorder.finish()
        self.run_tool(program.AUDYN, "recover", self.archive)
        first = self.sidecars()[0][1]["position"]
        expected = stream.expected(2 * RATE)
        report = self.export(f"@{first - 10}", f"@{first + 2 * RATE}",
                             status=program.MISSING)
        frame = len(expected) // (2 * RATE)
        self.assertEqual(self.samples(self.out), bytes(10 * frame) + expected)
        self.assertEqual(report["missing"], 58)
        self.assertEqual(
            [(span["position"] - first, span["sample_frames"], span["class"])
             for span in report["spans"]],
            [(-10, 10, "not_recorded"), (stream.packets[1000].first, 48, "lost")])

    def test_damage(self):
        """a flipped bit costs nothing where there is another format, and is told"""
        source = audio.noise(2.3, RATE, 2, 24)
        first = self.recorded(source, "--format", "wav,flac")
        path = self.sidecars()[1][0][:-len("json")]
        with open(path + "wav", "r+b") as file:
            file.seek(9000)
            byte = file.read(1)[0]
            file.seek(9000)
            file.write(bytes([byte ^ 1]))
        finished = self.audyn("export", self.archive, "--stream", "s", "--from", f"@{first}",
                              "--to", f"@{first + len(source.data) // FRAME_BYTES}", "-o",
                              self.out)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        self.assertIn(os.path.basename(path + "wav"), finished.err)
        self.assertEqual(self.samples(self.out), source.data)

    def test_bad_input(self):
        """what cannot be done is said, with the exit status for it, and nothing is left"""
        first = self.recorded(audio.noise(1.2, RATE, 2, 16), "--format", "wav")
        start, end = f"@{first}", f"@{first + 100}"
        exists = self.path("exists.wav")
        archive_file = self.sidecars()[0][0][:-len("json")] + "wav"
        with open(exists, "wb") as file:
            file.write(b"precious")
        folder = self.path("folder.wav")
        os.mkdir(folder)
        other = self.path("other")
        os.mkdir(other)
        base = {"--stream": "s", "--from": start, "--to": end, "-o": self.out}
        for change, where, status, said in (
                ({"--stream": "t"}, self.archive, program.FAILED, "it has s"),
                ({"--to": start}, self.archive, program.USAGE, "not behind its beginning"),
                ({"--from": "1999-01-01", "--to": "1999-01-02"}, self.archive, program.FAILED,
                 "nothing of 's' was recorded then"),
                ({"--from": "noon"}, self.archive, program.USAGE, "'noon' is no time"),
                ({"--from": "2026-10-25 01:30 Europe/Dublin"}, self.archive, program.USAGE,
                 "comes twice in Europe/Dublin"),
                ({"--tz": "Mars/Olympus"}, self.archive, program.USAGE, "no time zone"),
                ({"-o": exists}, self.archive, program.FAILED, "--force"),
                ({"-o": folder}, self.archive, program.FAILED, "is no file"),
                ({"-o": archive_file}, self.archive, program.USAGE, "within the archive"),
                ({"-o": self.path("out.mp3")}, self.archive, program.USAGE, "ending"),
                ({"-o": self.path("none/out.wav")}, self.archive, program.FAILED,
                 "no such directory"),
                ({}, other, program.FAILED, "is no archive"),
                ({}, self.path("nowhere"), program.FAILED, "nowhere"),
                ({"--encoding": "mp3"}, self.archive, program.USAGE, "pcm16")):
            with self.subTest(change=change, where=where):
                options = [word for pair in {**base, **change}.items() for word in pair]
                finished = self.audyn("export", where, *options)
                self.assertEqual(finished.status, status, finished.err)
                self.assertIn(said, finished.err)
                self.assertFalse(os.path.exists(self.out))
        self.assertEqual(archive.content(exists), b"precious")
        finished = self.audyn("export", self.archive, "--stream", "s")
        self.assertEqual(finished.status, program.USAGE)
        self.assertIn("--from TIME --to TIME", finished.err)

    def test_zones(self):
        """what is no zone is refused, and never taken for UTC"""
        self.recorded(audio.noise(0.5, RATE, 2, 16), "--format", "wav")
        for zone in ("", " ", "Europe/Dublni", "europe/dublin", "Dublin", "Europe", "Europe/",
                     "/Europe/Dublin", "../Europe/Dublin", "/etc/passwd", "CET+1", "UTC+1",
                     "Europe/Dublin ", ":Europe/Dublin", "utc", "Local", "zone.tab",
                     "leapseconds", "tzdata.zi", "right/Europe/Dublin", "x" * 200):
            with self.subTest(zone=zone):
                said = self.export("2020-01-01", "2199-01-01", "--tz", zone,
                                   status=program.USAGE)
                self.assertIn(f"'{zone}'", said)
                self.assertIn("no time zone", said)
        self.assertFalse(os.path.exists(self.out))

    def test_surround(self):
        """six channels go through WAV and FLAC, each in its place"""
        source = audio.noise(1.6, RATE, 6, 24)
        first = self.recorded(source, "--format", "wav,flac")
        expected = source.data[1000 * source.frame_bytes:60000 * source.frame_bytes]
        for kept in ("wav", "flac"):
            for ending in ("wav", "flac"):
                path = self.path(f"six-{kept}.{ending}")
                self.export(f"@{first + 1000}", f"@{first + 60000}", path=path)
                told = json.loads(self.run_tool(program.AUDYN, "info", path, "--json"))
                self.assertEqual((told["channels"], told["sample_frames"]), (6, 59000))
                self.assertEqual(self.samples(path), expected)
            for path, _ in self.sidecars():
                os.unlink(path[:-len("json")] + kept)

    def test_opus_lengths(self):
        """odd lengths at any rate come out right; Opus alone gives no samples at others"""
        for rate, frames in ((44100, 44103), (48000, 48001), (96000, 96003)):
            with self.subTest(rate=rate):
                self.archive = self.path(f"archive{rate}")
                os.mkdir(self.archive)
                source = audio.noise(1.1, rate, 2, 16)
                source = audio.Audio(rate, 2, 16, source.cut(0, frames))
                first = self.recorded(source, "--format", "wav,opus", "--period", "1h")
                self.run_tool(program.AUDYN, "verify", self.archive)
                # Opus counts at 48 kHz.
                in_opus = frames + 1 if rate == 96000 else frames
                sidecars = self.sidecars()
                self.assertEqual(sum(sidecar["sample_frames"] for _, sidecar in sidecars),
                                 frames)
                out = self.path(f"{rate}.opus")
                self.export(f"@{first}", f"@{first + frames}", path=out)
                files = [out] + [path[:-len("json")] + "opus" for path, _ in sidecars
                                 if len(sidecars) == 1]
                for path in files:
                    told = json.loads(self.run_tool(program.AUDYN, "info", path, "--json"))
                    self.assertEqual((told["sample_frames"], told["complete"]),
                                     (in_opus, True))
                self.archive += "opus"
                os.mkdir(self.archive)
                first = self.recorded(source, "--format", "opus", "--period", "1h")
                exact = rate == 48000
                report = self.export(f"@{first}", f"@{first + frames}",
                                     status=program.COMPLETE if exact else program.MISSING)
                self.assertEqual([span["class"] for span in report["spans"]],
                                 [] if exact else ["other_rate"])
                self.assertEqual(len(self.samples(self.out)), len(source.data))

    def test_interrupted(self):
        """one that is interrupted says so, leaves nothing, and keeps what was there"""
        first = self.recorded(audio.noise(1.2, RATE, 2, 16), "--format", "wav,flac")
        folder = self.path("folder")
        os.mkdir(folder)
        for name in ("x.wav", "x.flac", "x.opus"):
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.write(b"precious")
            for call, count in (("pwrite64", 1), ("pwrite64,write", 2), ("signalfd4", 1)):
                finished = self.run_program(
                    "strace", "-f", "-o", self.path("trace"), "-e", f"trace={call}", "-e",
                    f"inject={call}:signal=INT:when={count}", program.AUDYN, "export",
                    self.archive, "--stream", "s", "--from", f"@{first}", "--to",
                    f"@{first + RATE}", "-o", path, "--force")
                if "ptrace" in finished.err:
                    self.skipTest("this machine permits no strace")
                self.assert_fails(finished, program.FAILED, "interrupted")
                self.assertEqual(os.listdir(folder), [name])
                self.assertEqual(archive.content(path), b"precious")
            os.unlink(path)

    def test_no_permission(self):
        """a directory in which this user may not write is told by name"""
        first = self.recorded(audio.noise(0.5, RATE, 2, 16), "--format", "wav")
        folder = self.path("sealed")
        os.mkdir(folder, 0o555)
        path = os.path.join(folder, "x.wav")
        os.chmod(self.directory, 0o755)
        user = [] if os.geteuid() else ["setpriv", "--reuid=65534", "--regid=65534",
                                        "--clear-groups"]
        if self.run_program(*user, program.AUDYN, "--version").status:
            self.skipTest("an ordinary user cannot run the program here")
        finished = self.run_program(*user, program.AUDYN, "export", self.archive, "--stream",
                                    "s", "--from", f"@{first}", "--to", f"@{first + 100}", "-o",
                                    path)
        self.assert_fails(finished, program.FAILED, path, "no permission to write here")
        self.assertEqual(os.listdir(folder), [])

    def test_full_disk(self):
        """where the disk is full nothing is left, and what was there stays"""
        first = self.recorded(audio.noise(1.5, RATE, 2, 16), "--format", "wav")
        folder = self.path("full")
        os.mkdir(folder)
        path = os.path.join(folder, "kept.wav")
        with open(path, "wb") as file:
            file.write(b"precious")
        for at in range(1, 5):  # the file's creation, its headers, its samples
            env = disk_faults.environment(folder, action="ENOSPC", at=at, calls="write")
            said = self.export(f"@{first}", f"@{first + RATE}", path=path,
                               status=program.FAILED, env=env)
            self.assertIn("no space left", said.lower())
            self.assertIn(path, said)
            self.assertEqual(archive.content(path), b"precious")
            self.assertEqual(os.listdir(folder), ["kept.wav"])


if __name__ == "__main__":
    tap.main()
