# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""`audyn merge`: what one recorder lost, another one has."""

import json
import os
import time

import archive
import audio
import disk_faults
import program
import rtp
import tap

SECONDS = 4
FORMATS = ("wav", "flac", "opus")


class Leg:
    """A stream on an address of its own, to be recorded into an archive of its own."""

    def __init__(self, test, source, name, timestamp, lost=()):
        self.test, self.folder = test, test.path(name)
        self.address = program.group()
        self.sdp = rtp.write_description(self.folder + ".sdp", self.address,
                                         f"98 {source.format}")
        os.mkdir(self.folder)
        self.stream = rtp.Stream(source, timestamp=timestamp)
        self.stream.lose(*lost)

    def record(self, seconds):
        recorder = program.Recorder(
            f"sdp:{self.sdp}?iface=lo", "--archive", self.folder, "--name", "st", "--layout",
            "accurate", "--period", "1s", "--format", ",".join(FORMATS), "--station",
            "Radio Ærø", "--flac-level", "3", "-d", f"{seconds}s",
            directory=self.test.directory)
        self.test.addCleanup(recorder.close)
        return recorder


class TestCase(archive.TestCase):
    def merge(self, *options, a="a", b="b", out="c", status=program.COMPLETE):
        """Returns the report of the one stream, and what was said."""
        finished = self.audyn("merge", self.path(a), self.path(b), "-o", self.path(out),
                              "--json", *options)
        self.assertEqual(finished.status, status, finished.err)
        self.report = json.loads(finished.out)
        return self.report["streams"][0], finished.err

    def sums(self, name):
        return {os.path.relpath(os.path.join(os.path.dirname(path), entry["path"]),
                                self.path(name)): entry["sha256"]
                for path, sidecar in self.sidecars(self.path(name))
                for entry in sidecar["files"]}

    def assert_provenance(self, sidecars, from_b):
        """Just these positions come from b, and each stretch names a sidecar that has it."""
        told = []
        for _, sidecar in sidecars:
            for run in sidecar["provenance"]:
                end = run["position"] + run["sample_frames"]
                path = os.path.join(run["archive"], run["sidecar"])
                self.assertEqual(self.run_tool("sha256sum", path).split()[0], run["sha256"])
                origin = json.loads(archive.content(path))
                self.assertLessEqual(origin["position"], run["position"])
                self.assertGreaterEqual(origin["position"] + origin["sample_frames"], end)
                if run["archive"] == self.path("b"):
                    told += range(run["position"], end)
            runs = sidecar["provenance"]
            self.assertEqual(sum(run["sample_frames"] for run in runs), sidecar["received"])
        self.assertEqual(told, from_b)


class Streams(TestCase):
    """Recorders of one stream on a media clock."""

    def record(self, source, losses):
        """One archive for each set of packets that does not come there."""
        timestamp = (int(time.time()) + 37) * source.rate + 12345
        legs = [Leg(self, source, name, timestamp, lost) for name, lost in losses.items()]
        recorders = [leg.record(SECONDS) for leg in legs]
        origin = time.monotonic() + 0.05
        for sending in [leg.stream.start(leg.address, origin=origin) for leg in legs]:
            sending.join()
        for recorder, lost in zip(recorders, losses.values()):
            finished = recorder.finish()
            self.assertEqual(finished.status, program.MISSING if lost else program.COMPLETE,
                             finished.err)
        return timestamp

    def positions(self, timestamp, packets):
        return [timestamp + packet * 48 + i for packet in packets for i in range(48)]

    def test_healed(self):
        """losses on each leg are healed: every file is what a lossless recorder has"""
        source = audio.noise(SECONDS + 0.3)
        last = SECONDS * 1000 - 1
        losses = {"a": [5, 600, 601, *range(1500, 1700), last], "b": [20, 2200, 2999, 3000],
                  "whole": []}
        timestamp = self.record(source, losses)
        report, _ = self.merge()
        lost = len(losses["a"]) * 48
        self.assertEqual(report["from"], [SECONDS * 48000 - lost, lost])
        self.assertEqual((report["missing"], report["differing"]), (0, 0))
        self.assertEqual(self.sums("c"), self.sums("whole"))
        sidecars = self.assert_archived(source.cut(0, SECONDS * 48000), FORMATS,
                                        self.path("c"))
        self.assert_provenance(sidecars, self.positions(timestamp, losses["a"]))
        self.merge(a="c", b="whole", out="d")
        self.assertEqual(self.sums("d"), self.sums("whole"))

    def test_lost_by_both(self):
        """what neither has is silence, and on the map"""
        source = audio.noise(SECONDS + 0.3)
        losses = {"a": [100, 200, 201, 202], "b": [100, 202, 203], "both": [100, 202]}
        timestamp = self.record(source, losses)
        report, _ = self.merge(status=program.MISSING)
        self.assertEqual(report["missing"], 2 * 48)
        self.assertEqual(self.sums("c"), self.sums("both"))
        sidecars = self.sidecars(self.path("c"))
        spans = [span for _, sidecar in sidecars for span in sidecar["spans"]]
        self.assertEqual(spans, [{"position": timestamp + packet * 48, "sample_frames": 48,
                                  "class": "lost"} for packet in losses["both"]])
        self.assert_provenance(sidecars, self.positions(timestamp, [200, 201]))

    def test_restarted(self):
        """a recorder that was restarted leaves no cut where the other one went on"""
        source = audio.noise(3 * SECONDS)  # on the air until both have ended
        timestamp = (int(time.time()) + 37) * 48000 + 12345
        a, b = (Leg(self, source, name, timestamp) for name in ("a", "b"))
        restarted, whole = a.record(1.3), b.record(SECONDS)
        origin = time.monotonic() + 0.05
        sendings = [leg.stream.start(leg.address, origin=origin) for leg in (a, b)]
        self.assertEqual(restarted.finish().status, program.COMPLETE)
        again = a.record(60)
        self.assertEqual(whole.finish().status, program.COMPLETE)
        self.stop(again)
        for sending in sendings:
            sending.stop()
        report, _ = self.merge()
        self.assertEqual(report["differing"], 0)
        self.assertGreater(report["from"][0], 2 * 48000)
        c, b = self.sums("c"), self.sums("b")
        whole_ones = sorted(b)[:-len(FORMATS)]  # the last one is longer in a
        self.assertEqual(sorted(c), sorted(b))
        self.assertEqual([c[name] for name in whole_ones], [b[name] for name in whole_ones])


class Files(TestCase):
    """Archives of the same file, recorded at different times: aligned by hand."""

    def record_file(self, name, source, *options, stream="st"):
        self.archive = self.path(name)
        os.makedirs(self.archive, exist_ok=True)
        self.record_free(source, "--name", stream, *options)
        sidecars = [sidecar for _, sidecar in self.sidecars()
                    if sidecar["stream"]["name"] == stream]
        return sidecars[0]["position"]

    def record_two(self, first, second, *options):
        """Returns the option that lays the second one over the first."""
        positions = [self.record_file(name, source, *options)
                     for name, source in (("a", first), ("b", second))]
        return f"--offset={positions[0] - positions[1]}"

    def test_offset(self):
        """without a media clock archives are aligned by an offset, or refused"""
        source = audio.noise(2.5)
        offset = self.record_two(source, source, "--format", "flac")
        refused = self.audyn("merge", self.path("a"), self.path("b"), "-o", self.path("c"))
        self.assert_fails(refused, program.USAGE, "media clock", "--offset")
        self.assertFalse(os.path.exists(self.path("c")))
        report, _ = self.merge(offset)
        self.assertEqual((report["missing"], report["differing"]), (0, 0))
        self.assertEqual(report["from"], [source.frames, 0])
        self.assertEqual(self.sums("c"), self.sums("a"))

    def test_differing(self):
        """samples that both have but that differ are listed, and those of the first taken"""
        source = audio.noise(1.5)
        other = bytearray(source.data)
        other[48000 * 6] ^= 1
        other[48002 * 6 + 3] ^= 1
        offset = self.record_two(source, audio.Audio(48000, 2, 24, bytes(other)), "--format",
                                 "wav")
        report, said = self.merge(offset, status=program.FAILED)
        position = self.sidecars(self.path("a"))[0][1]["position"]
        self.assertEqual(report["differing"], 2)
        self.assertEqual([span["position"] - position for span in report["differences"]],
                         [48000, 48002])
        self.assertIn(str(position + 48000), said)
        self.assertEqual(self.sums("c"), self.sums("a"))

    def flip(self, path):
        with open(path, "r+b") as file:
            file.seek(-1000, os.SEEK_END)
            byte = file.read(1)[0]
            file.seek(-1000, os.SEEK_END)
            file.write(bytes([byte ^ 4]))

    def test_damaged(self):
        """a file that is not as summed is named and not used: another format is, or b"""
        source = audio.noise(1.5)
        offset = self.record_two(source, source, "--format", "wav,flac")
        before = self.sums("a")
        path, sidecar = self.sidecars(self.path("a"))[0]
        wav, flac = (os.path.join(os.path.dirname(path), entry["path"])
                     for entry in sidecar["files"])
        self.flip(wav)
        report, said = self.merge(offset, status=program.FAILED)
        self.assertIn(wav, said)
        self.assertEqual(self.report["damaged_files"], 1)
        self.assertEqual((report["from"], self.sums("c")), ([source.frames, 0], before))
        self.flip(flac)
        report, said = self.merge(offset, out="d", status=program.FAILED)
        self.assertIn(flac, said)
        self.assertEqual(report["from"][1], sidecar["sample_frames"])
        self.assertEqual(self.sums("d"), before)

    def test_stray(self):
        """what is no sidecar is named and left out, also below an archive with a slash"""
        source = audio.noise(1.2)
        offset = self.record_two(source, source)
        before = self.sums("a")
        stray = self.path("a/st/notes.json")
        with open(stray, "w", encoding="utf-8") as file:
            file.write("{")
        _, said = self.merge(offset, a="a/", b="b//", status=program.FAILED)
        self.assertIn("st/notes.json", said)
        self.assertEqual(self.report["damaged_files"], 1)
        self.assertEqual(self.sums("c"), before)

    def test_formats(self):
        """the result has the lossless formats that both have, and Opus where a has it"""
        source = audio.noise(1.2)
        positions = [self.record_file(name, source, "--format", formats)
                     for name, formats in (("a", "opus,wav,flac"), ("b", "flac"))]
        self.merge(f"--offset={positions[0] - positions[1]}")
        for _, sidecar in self.sidecars(self.path("c")):
            self.assertEqual([entry["format"] for entry in sidecar["files"]],
                             ["opus", "flac"])
        self.merge(f"--offset={positions[1] - positions[0]}", a="b", b="a", out="d")
        for _, sidecar in self.sidecars(self.path("d")):
            self.assertEqual([entry["format"] for entry in sidecar["files"]], ["flac"])

    def test_dithered(self):
        """fewer bits than the stream's are taken as they are, dither and all"""
        source = audio.noise(1.2)
        offset = self.record_two(source, source, "--format", "wav,flac", "--encoding",
                                 "pcm16", "--dither", "none")
        self.merge(offset)
        self.assertEqual(self.sums("c"), self.sums("a"))
        positions = [self.record_file(name, source, "--format", "wav,flac", "--encoding",
                                      "pcm16") for name in ("e", "f")]
        self.merge(f"--offset={positions[0] - positions[1]}", a="e", b="f", out="g",
                   status=program.FAILED)  # dither follows from positions
        self.assertEqual(self.sums("g"), self.sums("e"))

    def test_gap(self):
        """what nobody recorded is a hole between segments"""
        source = audio.noise(1)
        first = self.record_file("a", source)
        self.record_file("b", source)
        second = self.sidecars(self.path("b"))[0][1]["position"]
        offset = first - second + 3 * source.frames
        report, _ = self.merge(f"--offset={offset}", status=program.MISSING)
        self.assertEqual(report["sample_frames"], 2 * source.frames)
        self.assertEqual(report["missing"], 2 * source.frames)
        holes = [sidecar["hole"] for _, sidecar in self.sidecars(self.path("c"))
                 if "hole" in sidecar]
        self.assertEqual(holes, [{"position": first + source.frames,
                                  "sample_frames": 2 * source.frames,
                                  "class": "not_recorded"}])

    def test_deleted(self):
        """a segment whose lossless files were deleted is left out, and told"""
        source = audio.noise(2.5)
        offset = self.record_two(source, source, "--format", "flac,opus")
        path, sidecar = self.sidecars(self.path("a"))[1]
        flac = os.path.join(os.path.dirname(path), sidecar["files"][0]["path"])
        before = self.sums("a")
        os.unlink(flac)
        report, said = self.merge(offset)
        self.assertIn("1 segment has no lossless file", said)
        self.assertEqual(report["from"][1], sidecar["sample_frames"])
        self.assertEqual(self.sums("c").get(os.path.relpath(flac, self.path("a"))), None)
        for path, _ in self.sidecars(self.path("b")):
            for name in os.listdir(os.path.dirname(path)):
                if name.endswith(".flac"):
                    os.unlink(os.path.join(os.path.dirname(path), name))
        refused = self.audyn("merge", self.path("a"), self.path("b"), "-o", self.path("d"))
        self.assert_fails(refused, program.USAGE, self.path("b"), "lossless")
        self.assertEqual(self.sums("a"), before)

    def test_key(self):
        """the result is a chain of its own, signed where there is a key, and verified"""
        source = audio.noise(1.5)
        offset = self.record_two(source, source, "--format", "flac")
        key = self.path("key")
        self.assertEqual(self.audyn("keygen", "-o", key).status, program.COMPLETE)
        self.merge(offset, "--key", key)
        for path, _ in self.sidecars(self.path("c")):
            self.run_tool("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key + ".pub",
                          "-rawin", "-in", path, "-sigfile", path + ".sig")
        verified = self.audyn("verify", self.path("c"), "--json")
        self.assertEqual(verified.status, program.COMPLETE, verified.out)
        missing = self.audyn("merge", self.path("a"), self.path("b"), "-o", self.path("d"),
                             offset, "--key", self.path("nokey"))
        self.assert_fails(missing, program.FAILED, "nokey")
        self.assertFalse(os.path.exists(self.path("d")))

    def test_overlapping(self):
        """what overlaps within one archive is left out, told and listed"""
        source = audio.noise(2.5)
        offset = self.record_two(source, source)
        self.record_file("a", source)  # that its end is in the future stops nobody
        report, said = self.merge(offset, "--quiet")
        sidecars = {os.path.relpath(path, self.path("a")): sidecar
                    for path, sidecar in self.sidecars(self.path("a"))}
        self.assertTrue(report["left_out"])
        for entry in report["left_out"]:
            self.assertEqual(entry["archive"], self.path("a"))
            self.assertIn(f"{entry['sidecar']}: another segment has "
                          f"{entry['sample_frames']} ", said)
        self.assertEqual(report["sample_frames"] - report["missing"] +
                         sum(entry["sample_frames"] for entry in report["left_out"]),
                         sum(sidecar["sample_frames"] for sidecar in sidecars.values()))

    def interrupt(self, *options):
        """Right after the stream's folder was made."""
        finished = self.run_program(
            "strace", "-f", "-o", self.path("trace"), "-e", "trace=mkdir", "-P",
            self.path("c/st"), "-e", "inject=mkdir:signal=INT:when=1", program.AUDYN, "merge",
            self.path("a"), self.path("b"), "-o", self.path("c"), *options)
        if "ptrace" in finished.err:
            self.skipTest("this machine permits no strace")
        return finished

    def test_interrupted(self):
        """one that is interrupted says so, and removes the directory that it has made"""
        source = audio.noise(1.5)
        offset = self.record_two(source, source)
        self.assert_fails(self.interrupt(offset), program.FAILED, "interrupted", "is removed")
        self.assertFalse(os.path.exists(self.path("c")))
        os.mkdir(self.path("c"))
        self.assert_fails(self.interrupt(offset), program.FAILED, "interrupted", "remove it")
        self.assertTrue(os.path.isdir(self.path("c/st")))

    def test_full(self):
        """a disk that is full is told as such, also where it fails one format, at the end"""
        source = audio.noise(0.6)
        offset = self.record_two(source, source, "--format", "wav,flac")
        disk = self.path("disk")
        os.mkdir(disk)
        for action, at, why in (("ENOSPC", "1-", "no space left on the disk; make room"),
                                ("ENOSPC", "4-", "no space left on the disk; make room"),
                                ("EIO", "4-", "input/output error; remove")):
            finished = self.audyn(
                "merge", self.path("a"), self.path("b"), "-o", f"{disk}/c{action}{at}", offset,
                env=disk_faults.environment(disk, action, at, "write", "*.flac"))
            self.assert_fails(finished, program.FAILED)
            self.assertIn("does not take all that is to be written: " + why,
                          finished.err.splitlines()[-1])

    def test_streams(self):
        """streams are paired by name, or as --stream says"""
        source = audio.noise(1.2)
        first = self.record_file("a", source, stream="one")
        second = self.record_file("b", source, stream="two")
        offset = f"--offset={first - second}"
        archives = ["merge", self.path("a"), self.path("b"), "-o", self.path("c")]
        self.assert_fails(self.audyn(*archives), program.USAGE, "--stream A=B")
        self.assert_fails(self.audyn(*archives, "--stream", "one"), program.USAGE, "one",
                          self.path("b"))
        report, _ = self.merge(offset, "--stream", "one=two")
        self.assertEqual(report["stream"], "one")
        self.assertEqual(self.sums("c"), self.sums("a"))

    def test_refusals(self):
        """what cannot be merged is refused with a word on why, and nothing is written"""
        source = audio.noise(1.2)
        self.record_file("a", source)
        self.record_file("a2", source)
        self.record_file("b", audio.noise(1.2, rate=44100))
        for name in ("full", "none", "a/empty"):
            os.mkdir(self.path(name))
        os.symlink(self.path("a/empty"), self.path("link"))
        with open(self.path("full/x"), "w", encoding="utf-8") as file:
            file.write("x")
        before = self.sums("a")
        for a, b, out, options, words in (
                ("a", "b", "c", ["--offset", "0"], ["same sample rate"]),
                ("a", "a", "c", [], ["same archive"]),
                ("a", "missing", "c", [], ["missing"]),
                ("a", "none", "c", [], ["none", "no finished segment"]),
                ("a", "b", "full", [], ["full", "empty directory"]),
                ("a", "b", "a/c", [], ["within"]),
                ("a", "b", "link", [], ["within"]),
                ("a", "b", "nowhere/c", [], ["nowhere"]),
                ("a", "b", "c", ["--offset", "x"], ["--offset x"]),
                ("a", "b", "c", ["--stream", "=x"], ["--stream"]),
                ("a", "a2", "c", ["--offset=-9000000000000000000"], ["--offset -9"]),
                ("a", "a2", "c", ["--offset=9000000000000000000"], ["--offset 9"]),
                ("a", "a2", "c", ["--offset", "0", "--stream", "st", "--stream", "st=x"],
                 ["st", "twice"]),
                ("a", "b", "c", ["--stream", "zz"], ["no stream zz"])):
            with self.subTest(b=b, out=out, options=options):
                refused = self.audyn("merge", self.path(a), self.path(b), "-o",
                                     self.path(out), *options)
                self.assertIn(refused.status, (program.FAILED, program.USAGE), refused.err)
                self.assert_fails(refused, refused.status, *words)
                self.assertFalse(os.path.exists(self.path("c")))
        self.assertEqual(self.sums("a"), before)
        self.assert_fails(self.audyn("merge", self.path("a"), self.path("b")), program.USAGE,
                          "-o")
        self.assert_fails(self.audyn("merge", self.path("a")), program.USAGE, "two archives")


if __name__ == "__main__":
    tap.main(jobs=4)
