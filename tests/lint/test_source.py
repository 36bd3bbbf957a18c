# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Rules about the source tree that no compiler checks."""

import pathlib
import re
import unittest

import tap

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Each folder may include itself and those of a lower rank, never a neighbour.
RANKS = {"core": 0, "pcm": 1, "net": 1, "input": 2, "sink": 2, "archive": 3,
         "recorder": 4, "sender": 4, "server": 5, "cli": 5}
SOURCE_FOLDERS = ("include", "src", "tests", "bench", "scripts", "man", "examples",
                  "packaging", ".ci")
CODE = {".c", ".h", ".cpp", ".hpp"}
SPDX = ("SPDX-FileCopyrightText: 2026 The Audyn authors", "SPDX-License-Identifier: MIT")
GENERATED = {"__pycache__", "corpus"}  # the corpus of a fuzz target is bytes of any kind
MOST_LINES = 600
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)
PUBLIC_SYSTEM_HEADERS = {"stdbool.h", "stddef.h", "stdint.h"}


def sources():
    for folder in SOURCE_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and not GENERATED & set(path.parts) and has_text(path):
                yield path
    for name in ("Makefile", "meson.build"):
        yield ROOT / name


def has_text(path):
    with open(path, "rb") as file:
        start = file.read(4096)
    return start and b"\0" not in start


def includes(path):
    return INCLUDE.findall(path.read_text(encoding="utf-8"))


def named(path):
    return str(path.relative_to(ROOT))


def wrong_direction(folder, header):
    """Why a file in src/`folder` may not include "header", or None."""
    target = header.split("/")[0]
    if target not in RANKS:
        return f"“{header}” does not name its folder"
    if target != folder and RANKS[target] >= RANKS[folder]:
        return f"{folder} may not include “{header}”"
    return None


class Source(unittest.TestCase):
    maxDiff = None

    def assert_none(self, complaints):
        self.assertEqual(list(complaints), [])

    def test_includes_point_one_way(self):
        """each source folder includes only itself and those before it"""
        complaints = []
        for path in sources():
            if path.suffix not in CODE or path.parts[len(ROOT.parts)] != "src":
                continue
            folder = path.relative_to(ROOT / "src").parts[0]
            self.assertIn(folder, RANKS, "a folder whose place in the order is not known")
            for quote, header in includes(path):
                reason = wrong_direction(folder, header) if quote == '"' else None
                if reason:
                    complaints.append(f"{named(path)}: {reason}")
        self.assert_none(complaints)

    def test_public_headers(self):
        """public headers include only public headers and freestanding ones"""
        self.assert_none(
            f"{named(path)}: {header}"
            for path in (ROOT / "include").rglob("*.h") for quote, header in includes(path)
            if quote == '"' or not (header.startswith("audyn/")
                                    or header in PUBLIC_SYSTEM_HEADERS))

    def test_spdx(self):
        """each source file begins with its copyright and license"""
        self.assert_none(
            named(path) for path in sources()
            if not all(line in "".join(path.open(encoding="utf-8").readlines()[:3])
                       for line in SPDX))

    def test_tabs(self):
        """no source file has a tab or a space at the end of a line"""
        self.assert_none(
            f"{named(path)}:{number}" for path in sources()
            for number, line in enumerate(path.open(encoding="utf-8"), 1)
            if line.rstrip("\n") != line.rstrip()
            or "\t" in (line.lstrip("\t") if path.name == "Makefile" else line))

    def test_length(self):
        """no source file is longer than it can be read at once"""
        self.assert_none(
            named(path) for path in sources()
            if len(path.open(encoding="utf-8").readlines()) > MOST_LINES)

    def test_the_check_of_the_direction_finds_each_kind_of_breach(self):
        for folder, header in (("core", "pcm/convert.h"), ("pcm", "net/rtp.h"),
                               ("input", "sink/sink.h"), ("sink", "recorder/recorder.h"),
                               ("recorder", "sender/sender.h"), ("net", "rtp.h")):
            self.assertIsNotNone(wrong_direction(folder, header), (folder, header))
        for folder, header in (("pcm", "core/error.h"), ("input", "net/rtp.h"),
                               ("cli", "recorder/recorder.h"), ("net", "net/rtp.h")):
            self.assertIsNone(wrong_direction(folder, header), (folder, header))


if __name__ == "__main__":
    tap.main()
