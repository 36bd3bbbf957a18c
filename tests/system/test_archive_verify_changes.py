# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""`audyn verify` of streams that were not recorded alike from end to end."""

import json
import os
import random
import re
import shutil
import subprocess

import archive
import program
import tap

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "doc",
                    "verify-by-hand.md")


class VerifyChanges(archive.TestCase):
    def setUp(self):
        super().setUp()
        self.random = random.Random(4711)

    def record(self, *options, source="tone:997?pace=free"):
        finished = self.audyn("record", source, "-d", "2s", "--archive", self.archive,
                              "--name", "tone", "--period", "1s", "--layout", "accurate",
                              *options)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)

    def verify(self, *options):
        return json.loads(self.audyn("verify", self.archive, "--json", *options).out)

    def damages(self):
        return [finding["kind"] for finding in self.verify()["findings"]
                if finding["damage"]]

    def do(self, command, *options):
        finished = self.audyn(command, self.archive, *options)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)

    def change_catalog(self, statement):
        self.run_tool("sqlite3", os.path.join(self.archive, ".audyn", "catalog.sqlite"),
                      statement)

    def hold(self, *options):
        first, last = (sidecar["position"] for _, sidecar in (self.sidecars()[0],
                                                              self.sidecars()[-1]))
        self.do("hold", "--stream", "tone", "--from", f"@{first}", "--to", f"@{last}",
                "--why", "a test", *options)

    def check_signatures(self, **variables):
        with open(PAGE, encoding="utf-8") as page:
            blocks = re.findall(r"^```sh\n(.*?)^```", page.read(), re.DOTALL | re.MULTILINE)
        return subprocess.run(["sh", "-c", blocks[2]], cwd=self.archive, check=False,
                              env={**os.environ, **variables},
                              stdout=subprocess.DEVNULL).returncode

    def test_changed_key(self):
        """what the keys of before have signed is good, but where another one is given"""
        for name in ("first", "second"):
            key = self.path(name)
            self.assertEqual(self.audyn("keygen", "-o", key).status, program.COMPLETE)
            self.record("--key", key)
        report = self.verify()
        self.assertTrue(report["intact"], json.dumps(report, indent=1))
        self.assertEqual(report["keys"], 2)
        self.assertIn("signed by 2 keys\n", self.audyn("verify", self.archive).out)
        self.assertFalse(self.verify("--key", key + ".pub")["intact"])
        self.assertEqual(self.check_signatures(), 0)
        self.assertNotEqual(self.check_signatures(key=key + ".pub"), 0)

    def test_unsigned_entries(self):
        """entries before the first signed one are proven by it; a signature that is missing
        behind it is damage, until it is made again"""
        key = self.path("key")
        self.assertEqual(self.audyn("keygen", "-o", key).status, program.COMPLETE)
        self.record("--key", key)
        paths = [path for path, _ in self.sidecars()]
        for path in paths:
            os.unlink(path + ".sig")
            damages = [] if path == paths[0] else ["unsigned"]
            self.assertEqual(self.damages(), damages)
            self.assertIn("unsigned", [found["kind"]
                                       for found in self.verify()["findings"]])
            self.run_tool("openssl", "pkeyutl", "-sign", "-inkey", key, "-rawin", "-in",
                          path, "-out", path + ".sig")
            self.assertEqual(self.damages(), [])

    def record_all_kinds(self, *options):
        """Of entries; returns how many of them are segments, and come first."""
        self.record("--format", "wav,flac,opus", *options)
        segments = len(self.sidecars())
        self.wait_for_end()
        self.hold(*options)
        self.do("release", str(segments), "--stream", "tone", "--why", "a test", *options)
        self.do("retain", "--retain", "wav=1s", "--trust-clock", *options)
        self.hold(*options)
        self.assertEqual(self.damages(), [])
        return segments

    def manipulate(self, path, others):
        """Changes the file in one way or another."""
        data = archive.content(path)
        at = self.random.randrange(len(data))
        other = self.random.choice(others)
        way = self.random.choice(("flip", "cut", "append", "remove", "rename", "replace"))
        if way == "remove":
            os.unlink(path)
        elif way == "rename":
            os.rename(path, path + "x")
        elif way == "replace":
            shutil.copy(other, path)
        else:
            with open(path, "wb") as file:
                file.write({"flip": data[:at] + bytes([data[at] ^ 4]) + data[at + 1:],
                            "cut": data[:at], "append": data + b" "}[way])
        return f"{way} {path} at {at}, {other}"

    def test_manipulations(self):
        """any change to any file but the first signature is found"""
        key = self.path("key")
        self.assertEqual(self.audyn("keygen", "-o", key).status, program.COMPLETE)
        self.record_all_kinds("--key", key)
        whole, self.archive = self.archive, self.path("changed")
        for _ in range(12):
            shutil.copytree(whole, self.archive)
            paths = sorted(os.path.join(folder, name)
                           for folder, _, names in os.walk(self.archive) for name in names
                           if name.endswith((".flac", ".opus", ".json", ".json.sig")))
            first = self.sidecars()[0][0] + ".sig"
            path = self.random.choice([path for path in paths if path != first])
            same = [other for other in paths
                    if other != path and os.path.splitext(other)[1] == os.path.splitext(path)[1]]
            change = self.manipulate(path, same)
            self.assertNotEqual(self.damages(), [], change)
            shutil.rmtree(self.archive)

    def test_catalog_tables(self):
        """what each table of the catalog says of an entry is what the entry says"""
        segments = self.record_all_kinds()
        whole, self.archive = self.archive, self.path("changed")
        for statement in (f"DELETE FROM holds WHERE sequence > {segments}",
                          "UPDATE holds SET released_by = 5 WHERE released_by IS NULL",
                          "INSERT INTO holds VALUES('tone', 1, 0, 9, 0, 9, '', '', NULL)",
                          "INSERT INTO holds VALUES('tone', 99, 0, 9, 0, 9, '', '', NULL)",
                          "INSERT INTO spans VALUES('tone', 1, 5, 9, 'lost')",
                          "INSERT INTO holes VALUES('tone', 0, 5, 9, 0, 9, 'io_error')",
                          "INSERT INTO events VALUES('tone', 0, 0, 'x', 0, 0, '{}')",
                          "UPDATE entries SET kind = 'tombstone' WHERE sequence = 0",
                          "UPDATE segments SET lost = 1 WHERE sequence = 1",
                          "UPDATE files SET deleted_by = NULL", "DELETE FROM streams",
                          "UPDATE streams SET longest_ns = 5, longest_frames = 5",
                          "UPDATE streams SET sample_rate = 44100"):
            shutil.copytree(whole, self.archive)
            self.change_catalog(statement)
            self.assertIn("catalog", self.damages(), statement)
            shutil.rmtree(self.archive)

    def test_changed_rate(self):
        """where the sample rate changes, segments are compared by their time"""
        for rate in (48000, 96000, 44100):
            self.record(source=f"tone:997?pace=free&rate={rate}")
        for finding in self.verify()["findings"]:
            if finding["kind"] in ("gap", "overlap"):
                self.assertLess(finding["sample_frames"], 60 * 44100, finding)

    def test_held(self):
        """what was deleted though it was held is damage, unless it was released before"""
        self.record()
        segments = len(self.sidecars())
        self.wait_for_end()
        self.hold()
        self.change_catalog("UPDATE holds SET released_by = 0")
        self.do("retain", "--retain", "wav=1s", "--trust-clock")
        self.audyn("catalog", "rebuild", self.archive)
        self.assertEqual(set(self.damages()), {"held"})
        self.do("release", str(segments), "--stream", "tone", "--why", "a test")
        self.assertEqual(set(self.damages()), {"held"})


if __name__ == "__main__":
    tap.main(jobs=4)
