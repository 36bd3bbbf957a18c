# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""`audyn verify`: each damage is found, and named to the byte or sample."""

import hashlib
import json
import os
import pty
import random
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import archive
import audio
import program
import tap

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "doc",
                    "verify-by-hand.md")
FORMATS = ("wav", "flac", "opus")
WAV_HEADER = 4096
SECONDS = 3.2


class Templates:
    """Archives that are recorded once and copied for each test."""

    def __init__(self):
        self.lock = threading.Lock()
        self.folder = tempfile.TemporaryDirectory(prefix="audyn-test-")

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def get(self, signed):
        with self.lock:
            path = self.path("signed" if signed else "unsigned")
            if not os.path.exists(path):
                self.record(path, ["--key", self.key("key")] if signed else [])
            return path

    def key(self, name):
        path = self.path(name)
        if not os.path.exists(path):
            subprocess.run([program.AUDYN, "keygen", "-o", path], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return path

    def record(self, path, options):
        os.mkdir(path)
        wav = audio.noise(SECONDS, seed=5).write_wav(self.path("source.wav"))
        subprocess.run([program.AUDYN, "record", f"file:{wav}?pace=free", "--archive", path,
                        "--name", "voice", "--period", "1s", "--layout", "custom=%H%M%S",
                        "--format", ",".join(FORMATS), *options],
                       check=True, stderr=subprocess.DEVNULL)


templates = Templates()


def flip(path, byte, bit):
    with open(path, "r+b") as file:
        file.seek(byte)
        value = file.read(1)[0]
        file.seek(byte)
        file.write(bytes([value ^ (1 << bit)]))


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def sha256(path):
    return hashlib.sha256(archive.content(path)).hexdigest()


class Verify(archive.TestCase):
    def setUp(self):
        super().setUp()
        self.random = random.Random(4711)

    def copy(self, signed=False):
        shutil.rmtree(self.archive)
        shutil.copytree(templates.get(signed), self.archive)
        paths = [path for path, _ in self.sidecars()]
        self.assertGreaterEqual(len(paths), 4)
        return paths

    def relative(self, path):
        return os.path.relpath(path, self.archive)

    def verify(self, *options):
        finished = self.audyn("verify", self.archive, "--json", *options)
        self.assertTrue(finished.out, finished.err)
        report = json.loads(finished.out)
        said = [finding for finding in report["findings"] if finding["damage"]]
        self.assertEqual(report["damages"], len(said))
        self.assertEqual(report["intact"], not said)
        self.assertEqual(finished.status, program.FAILED if said else program.COMPLETE,
                         finished.out)
        return report

    def damages(self, *options):
        return [finding for finding in self.verify(*options)["findings"]
                if finding["damage"]]

    def assert_found(self, path, kinds, *options, **expected):
        """There is damage of one of these kinds that names the file, and the rest."""
        found = self.damages(*options)
        for finding in found:
            if (finding.get("path") == self.relative(path) and finding["kind"] in kinds
                    and expected.items() <= finding.items()):
                return finding
        raise AssertionError(f"no {kinds} of {self.relative(path)} {expected} in "
                             + json.dumps(found, indent=1))

    def assert_intact(self, *options):
        self.assertEqual(self.damages(*options), [])

    def files(self, sidecar, ending):
        return sidecar[:-len("json")] + ending

    def rebuild_catalog(self):
        finished = self.audyn("catalog", "rebuild", self.archive)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)

    def forge(self, paths, first, change):
        """Changes an entry's text and writes all later ones anew, so that they agree."""
        previous = None
        for path in paths[first:]:
            text = archive.content(path).decode()
            if previous:
                text = re.sub(r'"previous": "[0-9a-f]*"', f'"previous": "{previous}"', text)
            else:
                text = change(text)
            write(path, text.encode())
            previous = sha256(path)

    def test_intact(self):
        """an archive as it was recorded is intact, and the end of its chain is told"""
        for signed in (False, True):
            paths = self.copy(signed)
            report = self.verify()
            self.assertTrue(report["intact"])
            self.assertEqual(report["files"], 3 * len(paths))
            self.assertEqual(report["bytes"], sum(os.path.getsize(self.files(path, ending))
                                                  for path in paths for ending in FORMATS))
            stream, = report["streams"]
            self.assertEqual(stream["end_sha256"], sha256(paths[-1]))
            self.assertEqual(stream["end_sequence"], len(paths) - 1)
            self.assertEqual(stream["signed_entries"], len(paths) if signed else 0)
            self.assert_intact("--no-decode")
            said = self.audyn("verify", self.archive + "/")
            self.assertIn("all is as the sidecars say", said.out)
            said = self.audyn("verify", self.archive, "--quiet")
            self.assertEqual((said.out, said.err), ("", ""))

    def test_nothing_is_changed(self):
        """verifying changes no file"""
        self.copy()
        before = {os.path.join(folder, name): archive.content(os.path.join(folder, name))
                  for folder, _, names in os.walk(self.archive) for name in names}
        self.verify()
        for path, data in before.items():
            self.assertEqual(archive.content(path), data, path)

    def test_flipped_bits_of_files(self):
        """one flipped bit anywhere in a file of any format is named"""
        paths = self.copy()
        for ending in FORMATS:
            for n in range(12):
                sidecar = self.random.choice(paths)
                path = self.files(sidecar, ending)
                byte = n if n < 2 else self.random.randrange(os.path.getsize(path))
                bit = self.random.randrange(8)
                flip(path, byte, bit)
                finding = self.assert_found(path, ["damaged"], byte=byte, end_byte=byte + 1,
                                            flipped=1 << bit)
                if ending == "wav" and byte >= WAV_HEADER:
                    first = json.loads(archive.content(sidecar))["position"]
                    self.assertEqual(finding["position"], first + (byte - WAV_HEADER) // 6)
                flip(path, byte, bit)
        self.assert_intact()

    def test_flipped_bits_of_sidecars(self):
        """one flipped bit anywhere in a sidecar or a signature is named"""
        paths = self.copy(signed=True)
        for n in range(24):
            path = paths[n % len(paths)]
            byte, bit = self.random.randrange(os.path.getsize(path)), self.random.randrange(8)
            flip(path, byte, bit)
            self.assert_found(path, ["entry"], byte=byte, flipped=1 << bit)
            flip(path, byte, bit)
        for n in range(8):
            path = paths[n % len(paths)] + ".sig"
            byte, bit = self.random.randrange(64), self.random.randrange(8)
            flip(path, byte, bit)
            self.assert_found(path, ["signature"], byte=byte, flipped=1 << bit)
            flip(path, byte, bit)
        self.assert_intact()

    def test_flipped_bits_of_unsigned_sidecars(self):
        """in an unsigned chain the next entry tells, also without a catalog"""
        paths = self.copy()
        shutil.move(os.path.join(self.archive, ".audyn/catalog.sqlite"),
                    self.path("catalog.sqlite"))
        values = [match.start(1) for match in
                  re.finditer(rb'"(?:utc|sha256|host|version)": "([^"])',
                              archive.content(paths[1]))]
        for byte in values:
            flip(paths[1], byte, 0)
            self.assert_found(paths[1], ["entry"], byte=byte, flipped=1)
            flip(paths[1], byte, 0)
        self.assert_intact()

    def test_damaged_stretch(self):
        """of a longer damage the blocks are named, and the first wrong sample"""
        paths = self.copy()
        wav = self.files(paths[1], "wav")
        data = archive.content(wav)
        at = WAV_HEADER + 6 * 45000
        write(wav, data[:at] + bytes(6000) + data[at + 6000:])
        position = json.loads(archive.content(paths[1]))["position"]
        finding = self.assert_found(wav, ["damaged"], byte=262144, end_byte=len(data))
        self.assertEqual(finding["position"], position + 45000)
        write(wav, data)
        flac = self.files(paths[1], "flac")
        data = archive.content(flac)
        at = len(data) // 2
        write(flac, data[:at] + bytes(500) + data[at + 500:])
        finding = self.assert_found(flac, ["damaged"])
        self.assertLessEqual(finding["byte"], at)
        self.assertLessEqual(abs(finding["position"] - position - 24000), 9000)

    def test_several_flipped_bytes(self):
        """several damaged bytes in several blocks are put right before they are told"""
        paths = self.copy()
        wav = self.files(paths[1], "wav")
        flip(wav, 5000, 3)
        flip(wav, 270000, 1)
        finding = self.assert_found(wav, ["damaged"], byte=5000, end_byte=270001, flipped=8)
        self.assertIn("1 more", finding["text"])

    def test_lengths(self):
        """a truncated file is named with its first missing byte, a grown one with the
        first that is too many"""
        paths = self.copy()
        for ending in FORMATS:
            path = self.files(paths[2], ending)
            data = archive.content(path)
            for left in (0, 1, len(data) // 3, len(data) - 1):
                write(path, data[:left])
                self.assert_found(path, ["truncated"], byte=left, end_byte=len(data))
            write(path, data + b"x")
            self.assert_found(path, ["grown"], byte=len(data), end_byte=len(data) + 1)
            write(path, data)
        self.assert_intact()

    def test_removed_and_renamed_files(self):
        """a removed file is named, a renamed one with its new name, two that were
        exchanged with each other's"""
        paths = self.copy()
        for ending in FORMATS:
            path, other = (self.files(paths[n], ending) for n in (1, 2))
            os.rename(path, self.path("away"))
            self.assert_found(path, ["missing"])
            os.rename(self.path("away"), path + "x")
            self.assertIn(self.relative(path + "x"),
                          self.assert_found(path, ["renamed"])["text"])
            os.rename(path + "x", path)
            os.rename(path, self.path("away"))
            os.rename(other, path)
            os.rename(self.path("away"), other)
            self.assertIn(self.relative(other),
                          self.assert_found(path, ["swapped"])["text"])
            self.assert_found(other, ["swapped"])
            os.rename(path, self.path("away"))
            os.rename(other, path)
            os.rename(self.path("away"), other)
        self.assert_intact()

    def test_strays(self):
        """audio that no sidecar tells of is damage, a note of somebody is none"""
        paths = self.copy()
        write(os.path.join(self.archive, "voice", "README"), b"hello")
        self.assert_intact()
        stray = self.files(paths[0], "wav").replace(".wav", "-2.wav")
        shutil.copy(self.files(paths[0], "wav"), stray)
        self.assert_found(stray, ["stray"])

    def test_links(self):
        """an archive may be given by a link; links in it are told and not followed"""
        self.copy()
        link = self.path("link")
        os.symlink(self.archive, link)
        finished = self.audyn("verify", link)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        self.assertIn("voice: ", finished.out)
        os.symlink(os.path.join(self.archive, "voice"), os.path.join(self.archive, "also"))
        report = self.verify()
        self.assertTrue(report["intact"], json.dumps(report, indent=1))
        self.assertIn(("link", "also"), [(finding["kind"], finding.get("path"))
                                         for finding in report["findings"]])

    def test_removed_entries(self):
        """a removed sidecar is missing, in the middle also without a catalog"""
        catalog = os.path.join(self.archive, ".audyn/catalog.sqlite")
        for index in (0, 1, -1):
            for with_catalog in (True, False):
                paths = self.copy()
                os.unlink(paths[index])
                if not with_catalog:
                    os.unlink(catalog)
                found = self.damages()
                kinds = {finding["kind"] for finding in found}
                self.assertIn("stray", kinds)
                if with_catalog or index != -1:
                    missing, = (finding for finding in found if finding["kind"] == "missing")
                    self.assertEqual(missing["stream"], "voice")
                    if with_catalog:
                        self.assertEqual(missing["path"], self.relative(paths[index]))
        # With all its files, only the catalog knows of the last one.
        paths = self.copy()
        for ending in ("json", *FORMATS):
            os.unlink(self.files(paths[-1], ending))
        self.assert_found(paths[-1], ["missing"])

    def test_renamed_entries(self):
        """a renamed sidecar and two that were exchanged are named"""
        paths = self.copy()
        other = paths[1].replace(".json", "-2.json")
        os.rename(paths[1], other)
        self.assert_found(other, ["renamed"])
        os.rename(other, paths[1])
        a, b = archive.content(paths[1]), archive.content(paths[2])
        write(paths[1], b)
        write(paths[2], a)
        self.assert_found(paths[1], ["renamed"])
        self.assert_found(paths[2], ["renamed"])
        write(paths[1], a)
        write(paths[2], b)
        self.assert_intact()

    def test_forged_entries(self):
        """a sidecar that was forged with all behind it is found: without a signature by
        the catalog or a noted hash, with one always"""
        def change(text):
            return text.replace('"lost": 0', '"lost": 1')
        paths = self.copy()
        end = self.verify()["streams"][0]["end_sha256"]
        self.forge(paths, 1, change)
        self.assert_found(paths[1], ["entry"])
        self.rebuild_catalog()
        report = self.verify()
        self.assertTrue(report["intact"], "what an unsigned chain cannot prove")
        self.assertNotEqual(report["streams"][0]["end_sha256"], end)
        paths = self.copy(signed=True)
        self.forge(paths, 1, change)
        self.rebuild_catalog()
        for path in paths[1:]:
            self.assert_found(path + ".sig", ["signature"])
        for path in paths[1:]:
            os.unlink(path + ".sig")
        self.assert_found(paths[1], ["unsigned"])

    def test_forged_file(self):
        """a file that was forged with the sum in its sidecar breaks the chain"""
        paths = self.copy(signed=True)
        wav = self.files(paths[1], "wav")
        before = sha256(wav)
        flip(wav, 5000, 3)
        write(paths[1], archive.content(paths[1]).replace(before.encode(),
                                                          sha256(wav).encode()))
        self.assert_found(paths[1], ["entry"])

    def test_keys(self):
        """a key that was exchanged is told, also where all was signed anew with it"""
        paths = self.copy(signed=True)
        public = os.path.join(self.archive, ".audyn/archive.pub")
        ours, other = templates.key("key"), templates.key("other")
        self.assert_intact("--key", ours + ".pub")
        shutil.copy(other + ".pub", public)
        self.assert_found(public, ["key"])
        self.assert_intact("--key", ours + ".pub")
        self.assert_intact("--key", other + ".pub", "--key", ours + ".pub")
        for path in paths:
            self.run_tool("openssl", "pkeyutl", "-sign", "-inkey", other, "-rawin", "-in",
                          path, "-out", path + ".sig")
        self.assert_intact()
        self.assertTrue(self.damages("--key", ours + ".pub"))
        os.unlink(public)
        self.assert_found(public, ["key"])
        write(public, b"no key")
        self.assert_found(public, ["key"])
        self.assert_fails(self.audyn("verify", self.archive, "--key", self.path("none")),
                          program.FAILED, "none")

    def test_catalog(self):
        """a catalog that says something else is damage, one that is missing is known"""
        paths = self.copy()
        catalog = os.path.join(self.archive, ".audyn/catalog.sqlite")
        for statement in ("UPDATE entries SET sha256 = '00' WHERE sequence = 1",
                          "DELETE FROM entries WHERE sequence = 1",
                          "UPDATE segments SET position = position + 1 WHERE sequence = 1",
                          "UPDATE files SET bytes = bytes + 1 WHERE sequence = 1",
                          "UPDATE files SET deleted_by = 7 WHERE sequence = 1",
                          "DELETE FROM files WHERE sequence = 1 AND path LIKE '%.flac'",
                          "INSERT INTO entries VALUES('voice', 99, 'segment', 'voice/x.json',"
                          " '00')"):
            with self.subTest(statement=statement):
                self.copy()
                self.run_tool("sqlite3", catalog, statement)
                self.assertTrue(self.damages())
        self.copy()
        write(catalog, b"SQLite format 3\0" + bytes(4000))
        self.assert_found(catalog, ["catalog"])
        os.unlink(catalog)
        report = self.verify()
        self.assertTrue(report["intact"])
        self.assertIn("catalog", [finding["kind"] for finding in report["findings"]])
        self.assertTrue(paths)

    def test_deletions(self):
        """a deleted file is damage without a tombstone, and known with one"""
        paths = self.copy()
        wav = self.files(paths[1], "wav")
        sidecar = json.loads(archive.content(paths[1]))
        os.unlink(wav)
        self.assert_found(wav, ["missing"])
        chain = os.path.join(self.archive, ".audyn/chain/voice")
        os.makedirs(chain)
        file = {key: sidecar["files"][0][key]
                for key in ("path", "format", "bytes", "sha256")}
        tombstone = {"audyn_sidecar": 1, "kind": "tombstone", "stream": sidecar["stream"],
                     "sequence": len(paths), "previous": sha256(paths[-1]), "segment": 1,
                     "files": [file], "why": "a test",
                     "deleted_utc": "2026-11-22T00:00:00.000000000Z"}
        path = os.path.join(chain, f"{len(paths):08}.json")
        write(path, json.dumps(tombstone, indent=2).encode())
        report = self.verify()
        self.assertTrue(report["intact"], json.dumps(report, indent=1))
        self.assertEqual(report["streams"][0]["deleted_files"], 1)
        tombstone["files"][0]["sha256"] = "0" * 64
        write(path, json.dumps(tombstone, indent=2).encode())
        self.assert_found(path, ["tombstone"])
        self.assert_found(wav, ["missing"])

    def test_retention(self):
        """what retention has deleted is known by its tombstone, signed or not"""
        for signed in (False, True):
            paths = self.copy(signed)
            key = ["--key", templates.key("key")] if signed else []

            def delete_all():
                finished = self.audyn("retain", self.archive, "--retain", "wav=1s",
                                      "--trust-clock", *key)
                self.assertEqual(finished.status, program.COMPLETE, finished.err)
                return not any(os.path.exists(self.files(path, "wav")) for path in paths)
            # Recorded as fast as could be, the last one may end in the future.
            program.wait_until(delete_all, "the end of what is kept for a second")
            report = self.verify()
            self.assertTrue(report["intact"], json.dumps(report, indent=1))
            self.assertEqual(report["streams"][0]["deleted_files"], len(paths))

    def test_choice(self):
        """only files of the stream and time asked for are read, chains as a whole"""
        paths = self.copy()
        moments = [json.loads(archive.content(path)) for path in paths]
        flip(self.files(paths[1], "wav"), 5000, 0)
        begin = moments[2]["first"]["utc"]
        self.assert_intact("--from", begin)
        self.assert_intact("--to", moments[1]["first"]["utc"])
        self.assert_found(self.files(paths[1], "wav"), ["damaged"], "--to", begin)
        self.assert_found(self.files(paths[1], "wav"), ["damaged"], "--from",
                          f"@{moments[2]['position'] - 1}", "--to", begin)
        self.assert_intact("--from", f"@{moments[2]['position']}")
        self.assert_found(self.files(paths[1], "wav"), ["damaged"], "--stream", "voice")
        said = self.audyn("verify", self.archive, "--to", "2001-01-01")
        self.assertIn("no segment of that time", said.err)
        flip(paths[0], archive.content(paths[0]).index(b'"lost": 0') + 8, 0)
        self.assert_found(paths[0], ["entry"], "--from", begin)

    def test_refusals(self):
        """what is no archive is refused, and so is what makes no sense"""
        finished = self.audyn("verify", self.path("none"))
        self.assert_fails(finished, program.FAILED, "none cannot be read")
        self.assertEqual(finished.out, "")
        os.mkdir(self.path("empty"))
        self.assert_fails(self.audyn("verify", self.path("empty")), program.FAILED, "empty")
        self.copy()
        for options in (["--from", "yesterday"], ["--tz", "Mars/Olympus"], ["--stream", "x"],
                        ["--fast"], ["more"]):
            with self.subTest(options=options):
                self.assert_fails(self.audyn("verify", self.archive, *options),
                                  program.USAGE)
        self.assert_fails(self.audyn("verify"), program.USAGE)
        for begin, end in (("2026-11-22", "2026-11-21"), ("@5", "@5")):
            self.assert_fails(self.audyn("verify", self.archive, "--from", begin, "--to", end),
                              program.USAGE, "--to")

    def test_under_way(self):
        """a recording under way, or killed, is told and no damage"""
        recorder = program.Recorder("tone:997", "--archive", self.archive, "--name", "tone",
                                    "--period", "1s", "--layout", "accurate", "--format",
                                    ",".join(FORMATS), directory=self.directory)
        self.addCleanup(recorder.close)
        program.wait_until(self.sidecars, "the first sidecar")
        for _ in range(5):
            report = self.verify()
            self.assertTrue(report["intact"], json.dumps(report, indent=1))
        recorder.signal(signal.SIGKILL)
        recorder.popen.wait()
        report = self.verify()
        self.assertTrue(report["intact"], json.dumps(report, indent=1))
        journal = next(finding["path"] for finding in report["findings"]
                       if finding["kind"] == "open")
        first = archive.content(os.path.join(self.archive, journal)).split(b"\n")[0]
        signature = os.path.join(self.archive, json.loads(first)["base"] + ".json.sig")
        write(signature, bytes(64))
        self.assert_intact()
        os.unlink(signature)
        self.assertIn(self.audyn("recover", self.archive).status,
                      (program.COMPLETE, program.MISSING))
        report = self.verify()
        self.assertTrue(report["intact"], json.dumps(report, indent=1))
        self.assertNotIn("open", [finding["kind"] for finding in report["findings"]])

    def test_gaps_and_losses(self):
        """what lies between two recordings, and overlaps, are listed"""
        for name in ("a", "b"):
            finished = self.audyn("record", "tone:997?pace=free", "-d", "2s", "--archive",
                                  self.archive, "--name", "tone", "--period", "1s",
                                  "--layout", "accurate")
            self.assertEqual(finished.status, program.COMPLETE, finished.err)
            if name == "a":
                time.sleep(0.01)
        report = self.verify()
        self.assertTrue(report["intact"], json.dumps(report, indent=1))
        self.assertTrue({"gap", "overlap"} & {finding["kind"]
                                              for finding in report["findings"]})

    def test_progress(self):
        """on a terminal a line shows how far it is, and is gone at the end"""
        self.copy()
        leader, follower = pty.openpty()
        process = self.start(program.AUDYN, "verify", self.archive, stderr=follower)
        os.close(follower)
        self.assertEqual(process.popen.wait(program.PATIENCE), program.COMPLETE)
        os.set_blocking(leader, False)
        drawn = os.read(leader, 65536).decode()
        os.close(leader)
        self.assertIn("%", drawn)
        self.assertTrue(drawn.endswith("\r\x1b[K"), repr(drawn))

    def by_hand(self, block, **variables):
        return subprocess.run(["sh", "-c", block], cwd=self.archive,
                              env={**os.environ, "stream": "voice", **variables},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)

    def test_by_hand(self):
        """the commands of the page find what audyn finds"""
        with open(PAGE, encoding="utf-8") as page:
            blocks = re.findall(r"^```sh\n(.*?)^```", page.read(), re.DOTALL | re.MULTILINE)
        files, chain, signatures, samples, crcs = blocks
        paths = self.copy(signed=True)
        for block in blocks:
            finished = self.by_hand(block)
            self.assertEqual(finished.returncode, 0, block + finished.stdout)
        self.assertIn(sha256(paths[-1]), self.by_hand(chain).stdout)
        flip(self.files(paths[-1], "wav"), 9000, 5)
        self.assertNotEqual(self.by_hand(files).returncode, 0)
        self.assertNotEqual(self.by_hand(crcs).returncode, 0)
        flip(self.files(paths[-1], "wav"), 9000, 5)
        flip(paths[1], archive.content(paths[1]).index(b'"lost": 0') + 8, 0)
        self.assertNotEqual(self.by_hand(chain).returncode, 0)
        self.assertNotEqual(self.by_hand(signatures).returncode, 0)
        flip(paths[1], archive.content(paths[1]).index(b'"lost": 1') + 8, 0)
        self.assertEqual(self.by_hand(chain).returncode, 0)
        other = templates.key("other") + ".pub"
        self.assertNotEqual(self.by_hand(signatures, key=other).returncode, 0)
        flac = self.files(paths[-1], "flac")
        shutil.copy(self.files(paths[-2], "flac"), flac)
        self.assertNotEqual(self.by_hand(samples).returncode, 0)
        os.unlink(paths[1])
        self.assertNotEqual(self.by_hand(chain).returncode, 0)


if __name__ == "__main__":
    tap.main(jobs=4)
