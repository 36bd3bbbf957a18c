# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""`audyn verify` of streams that were not recorded alike from end to end."""

import json
import os
import re
import subprocess

import archive
import program
import tap

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "doc",
                    "verify-by-hand.md")


class VerifyChanges(archive.TestCase):
    def record(self, *options, source="tone:997?pace=free"):
        finished = self.audyn("record", source, "-d", "2s", "--archive", self.archive,
                              "--name", "tone", "--period", "1s", "--layout", "accurate",
                              *options)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)

    def verify(self, *options):
        return json.loads(self.audyn("verify", self.archive, "--json", *options).out)

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


if __name__ == "__main__":
    tap.main()
