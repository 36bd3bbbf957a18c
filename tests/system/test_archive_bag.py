# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""`audyn bag`: packages that other programs take for BagIt, with all that checks them."""

import hashlib
import json
import os
import pathlib
import re
import shutil

import archive
import audio
import program
import tap

DEPENDENCIES = pathlib.Path(__file__).resolve().parents[2] / ".deps"
BAGIT_FS = DEPENDENCIES / "bagit-fs/node_modules/bagit-fs"
UNREACHABLE = DEPENDENCIES / "bagit-fs-unreachable"

# Reads each file of the manifest and has its sum compared.
READ_BAG = """
const bag = require(process.argv[1])(process.argv[2], 'sha256');
bag.readManifest((problem, entries) => {
  if (problem) throw problem;
  const named = entries.filter((entry) => entry.name);
  for (const entry of named)
    bag.readFile(entry.name.replace(/^data\\//, ''), (wrong) => {
      if (wrong) { console.error(entry.name, wrong.message); process.exitCode = 1; }
    });
  console.log(named.length);
});
"""


class Bag(archive.TestCase):
    def setUp(self):
        super().setUp()
        self.bag = self.path("bag")

    def pack(self, *options, name="st"):
        return self.audyn("bag", self.archive, "--stream", name, "-o", self.bag, *options)

    def stretch(self):
        """Of all the segments: its first position, and that behind it."""
        sidecars = [sidecar for _, sidecar in self.sidecars()]
        return (sidecars[0]["position"],
                sidecars[-1]["position"] + sidecars[-1]["sample_frames"])

    def pack_from(self, first, end, *options, **keywords):
        return self.pack("--from", f"@{first}", "--to", f"@{end}", *options, **keywords)

    def pack_all(self, *options, **keywords):
        finished = self.pack_from(*self.stretch(), *options, **keywords)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        return finished

    def files(self, folder):
        return sorted(os.path.relpath(os.path.join(place, name), folder)
                      for place, _, names in os.walk(folder) for name in names)

    def manifest(self, name):
        with open(os.path.join(self.bag, name), encoding="utf-8") as file:
            lines = [line.rstrip("\n").split(" ", 1) for line in file]
        return {path: digest for digest, path in lines}

    def assert_bag(self):
        """What RFC 8493, section 3, asks of a bag that is complete and valid."""
        self.assertEqual(archive.content(os.path.join(self.bag, "bagit.txt")),
                         b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
        payload = self.manifest("manifest-sha256.txt")
        tags = self.manifest("tagmanifest-sha256.txt")
        self.assertEqual(sorted(payload), ["data/" + name for name in self.files(
            os.path.join(self.bag, "data"))])
        self.assertEqual(sorted([*payload, *tags, "tagmanifest-sha256.txt"]),
                         self.files(self.bag))
        sizes = []
        for name, digest in {**payload, **tags}.items():
            data = archive.content(os.path.join(self.bag, name))
            self.assertEqual(hashlib.sha256(data).hexdigest(), digest, name)
            sizes += [len(data)] if name in payload else []
        info = dict(line.split(": ", 1) for line in archive.content(
            os.path.join(self.bag, "bag-info.txt")).decode().splitlines())
        self.assertEqual(info["Payload-Oxum"], f"{sum(sizes)}.{len(sizes)}")
        self.assertTrue(re.fullmatch(r"\d{4}-\d\d-\d\d", info["Bagging-Date"]))
        return info

    def test_whole(self):
        """a package has the files of a stream as they are, and what checks them"""
        source = audio.noise(3.2)
        self.record_free(source, "--name", "st", "--format", "wav,flac")
        self.record_free(audio.noise(1), "--name", "other")
        self.pack_all("--organization", "Radio Ærø")
        info = self.assert_bag()
        self.assertEqual(info["Source-Organization"], "Radio Ærø")
        self.assertIn("st", info["External-Description"])
        self.assertIn(str(len(source.data) // source.frame_bytes), info["External-Description"])
        data = os.path.join(self.bag, "data")
        self.assertEqual(self.files(os.path.join(data, "st")),
                         self.files(os.path.join(self.archive, "st")))
        self.assertEqual(sorted(os.listdir(data)), [".audyn", "st"])
        self.assert_archived(source.data, ("wav", "flac"), data)
        self.run_tool("sh", "-c", f"cd '{self.bag}' && sha256sum --check --strict --quiet "
                                  "manifest-sha256.txt tagmanifest-sha256.txt")

    def test_reader(self):
        """a reader of BagIt packages finds all files with their sums, and a changed one"""
        if UNREACHABLE.exists():
            self.skipTest("npm's registry could not be reached to install it")
        self.assertTrue(BAGIT_FS.is_dir(), "run scripts/install-deps test")
        self.record_free(audio.noise(2.2), "--name", "st")
        self.pack_all()
        read = self.run_program("node", "-e", READ_BAG, BAGIT_FS, self.bag)
        self.assertEqual((read.status, read.err), (0, ""))
        self.assertEqual(int(read.out), len(self.manifest("manifest-sha256.txt")))
        path = next(name for name in self.manifest("manifest-sha256.txt")
                    if name.endswith(".wav"))
        with open(os.path.join(self.bag, path), "r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"\x01")
        read = self.run_program("node", "-e", READ_BAG, BAGIT_FS, self.bag)
        self.assertEqual(read.status, 1)
        self.assertIn(path, read.err)

    def test_stretch(self):
        """segments that have a sample of the stretch are packed, whole, with their chain"""
        self.record_free(audio.noise(6), "--name", "st")
        sidecars = self.sidecars()
        wanted = sidecars[2:4]
        first = wanted[0][1]["position"] + wanted[0][1]["sample_frames"] - 1
        finished = self.pack("--from", f"@{first}", "--to", f"@{first + 2}")
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        self.assert_bag()
        packed = self.sidecars(os.path.join(self.bag, "data"))
        self.assertEqual([sidecar for _, sidecar in packed],
                         [sidecar for _, sidecar in wanted])
        digest = hashlib.sha256(archive.content(packed[0][0])).hexdigest()
        self.assertEqual(packed[1][1]["previous"], digest)
        excerpt = json.loads(archive.content(os.path.join(self.bag, "data/.audyn/excerpt.json")))
        self.assertEqual(excerpt["entries"], [sidecar["sequence"] for _, sidecar in wanted])

    def verify(self, *words):
        finished = self.audyn("verify", os.path.join(self.bag, "data"))
        for word in words:
            self.assertIn(word, finished.out)
        return finished.status

    def test_verified(self):
        """audyn verify finds a package whole, and what was taken out of it or changed"""
        self.record_free(audio.noise(5), "--name", "st", "--format", "wav,flac")
        self.wait_for_end()
        middle = self.sidecars()[2:4]
        self.audyn("retain", self.archive, "--retain", "flac=0.001s")
        position = middle[1][1]["position"]
        self.assertEqual(self.pack("--from", f"@{position - 1}", "--to", f"@{position + 1}")
                         .status, program.MISSING)
        self.assert_bag()
        self.assertEqual(self.verify("part of a chain", "2 deleted"), program.COMPLETE)
        data = os.path.join(self.bag, "data")
        wav = middle[0][0].replace(self.archive, data).replace(".json", ".wav")
        with open(wav, "r+b") as file:
            file.seek(-1, os.SEEK_END)
            last = file.read(1)
            file.seek(-1, os.SEEK_END)
            file.write(bytes([last[0] ^ 1]))
        self.assertEqual(self.verify("DAMAGE", os.path.basename(wav)), program.FAILED)
        with open(wav, "r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(last)
        self.assertEqual(self.verify(), program.COMPLETE)
        os.unlink(middle[0][0].replace(self.archive, data))
        self.assertEqual(self.verify("DAMAGE", "is missing"), program.FAILED)

    def test_signed(self):
        """signatures and the public key go with the sidecars, for openssl to check"""
        key = self.path("key.pem")
        self.assertEqual(self.audyn("keygen", "-o", key).status, program.COMPLETE)
        self.record_free(audio.noise(1.5), "--name", "st", "--key", key)
        self.pack_all()
        data = os.path.join(self.bag, "data")
        for path, _ in self.sidecars(data):
            self.run_tool("openssl", "pkeyutl", "-verify", "-pubin", "-inkey",
                          os.path.join(data, ".audyn/archive.pub"), "-rawin", "-in", path,
                          "-sigfile", path + ".sig")

    def test_damaged(self):
        """of what is not as it was recorded no package is made, and nothing is left"""
        self.record_free(audio.noise(2.5), "--name", "st")
        path = self.sidecars()[0][0].replace(".json", ".wav")
        with open(path, "r+b") as file:
            file.seek(1000)
            file.write(b"\xff")
        before = sorted(os.listdir(self.directory))
        finished = self.pack("--from", "2020-01-01", "--to", "2199-01-01")
        self.assert_fails(finished, program.FAILED, os.path.basename(path), "audyn verify")
        # But for what the program itself said, in files of the test's.
        left = set(os.listdir(self.directory)) - set(before)
        self.assertFalse([name for name in left if name.startswith("bag")])

    def test_hole(self):
        """what lies between two segments is missing, and the exit status says so"""
        for _ in range(2):
            self.record_free(audio.noise(0.3), "--name", "st")
            self.wait_for_end()
        sidecars = [sidecar for _, sidecar in self.sidecars()]
        have = sum(sidecar["sample_frames"] for sidecar in sidecars)
        end = sidecars[-1]["position"] + sidecars[-1]["sample_frames"]
        hole = end - sidecars[0]["position"] - have
        self.assertGreater(hole, 0)
        finished = self.pack_from(*self.stretch())
        self.assertEqual(finished.status, program.MISSING, finished.err)
        self.assertIn(f"{hole} sample frames are missing", finished.out)
        description = self.assert_bag()["External-Description"]
        self.assertIn(f"{have} sample frames at", description)
        self.assertIn(f"{hole} missing", description)

    def test_around(self):
        """what was asked for before the first segment and behind the last one is missing"""
        self.record_free(audio.noise(1.3), "--name", "st")
        first, end = self.stretch()
        for before, behind in ((0, 0), (48000, 0), (0, 1), (7, 5), (-1, -1)):
            finished = self.pack_from(first - before, end + behind)
            missing = max(before, 0) + max(behind, 0)
            self.assertEqual(finished.status,
                             program.MISSING if missing else program.COMPLETE, finished.err)
            self.assertEqual(f"{missing} sample frames are missing" in finished.out,
                             missing > 0, finished.out)
            self.assertIn(f"{missing} missing", self.assert_bag()["External-Description"])
            shutil.rmtree(self.bag)

    def test_interrupted(self):
        """one that is interrupted says so, and leaves nothing behind"""
        self.record_free(audio.noise(1.5), "--name", "st")
        finished = self.run_program(
            "strace", "-o", self.path("trace"), "-e", "trace=mkdir",
            "-e", "inject=mkdir:signal=INT:when=1", program.AUDYN, "bag", self.archive,
            "--stream", "st", "--from", "2020-01-01", "--to", "2199-01-01", "-o", self.bag)
        if "ptrace" in finished.err:
            self.skipTest("this machine permits no strace")
        self.assert_fails(finished, program.FAILED, "interrupted")
        self.assertFalse([name for name in os.listdir(self.directory)
                          if name.startswith("bag")])

    def test_refusals(self):
        """what cannot be packed is refused with a word on what can"""
        self.record_free(audio.noise(0.5), "--name", "st")
        whole = ["--from", "2020-01-01", "--to", "2199-01-01"]
        for options, status, words in (
                ([], program.USAGE, ["--stream", "--from"]),
                (["--stream", "st", *whole], program.USAGE, ["-o BAG"]),
                (["--stream", "x", *whole, "-o", self.bag], program.FAILED, ["x", "st"]),
                (["--stream", "st", "--from", "2020-01-01", "--to", "2020-01-02", "-o",
                  self.bag], program.FAILED, ["audyn ls"]),
                (["--stream", "st", "--from", "2021-01-01", "--to", "2020-01-02", "-o",
                  self.bag], program.USAGE, ["--to"]),
                (["--stream", "st", *whole, "-o", self.archive], program.FAILED, ["exists"]),
                (["--stream", "st", *whole, "-o", self.archive + "/bag/"], program.USAGE,
                 ["within the archive"]),
                (["--stream", "st", *whole, "-o", self.path("no/bag")], program.FAILED,
                 ["no/bag"])):
            with self.subTest(options=options):
                self.assert_fails(self.audyn("bag", self.archive, *options), status, *words)
        shutil.rmtree(os.path.join(self.archive, ".audyn"))
        self.assert_fails(self.pack(*whole), program.FAILED, "catalog rebuild")

    def test_names(self):
        """a percent sign in a name is written as the RFC wants it"""
        self.record_free(audio.noise(0.5), "--name", "100% st")
        self.pack_all(name="100% st")
        names = [name for name in self.manifest("manifest-sha256.txt") if "/.audyn/" not in name]
        self.assertTrue(names)
        for name in names:
            self.assertTrue(name.startswith("data/100%25 st/"), name)
            self.assertTrue(os.path.exists(os.path.join(self.bag, name.replace("%25", "%"))))


if __name__ == "__main__":
    tap.main(jobs=4)
