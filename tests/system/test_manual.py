# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Programs, their --help and their manual pages name the same options and statuses."""

import pathlib
import re

import program
import tap

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")


def options_of(lines):
    return {option for line in lines for option in OPTION.findall(line)}


def page_of(command):
    """Its sections, by name, as lines of plain text but for requests."""
    text = (ROOT / f"man/audyn-{command}.1").read_text(encoding="utf-8")
    sections = re.sub(r"\\f[BIRP]", "", text).replace("\\-", "-").split("\n.SH ")
    return {name: lines for name, *lines in (part.split("\n") for part in sections)}


class Manual(program.TestCase):
    def setUp(self):
        super().setUp()
        usage = self.audyn("--help").out
        self.commands = sorted(set(re.findall(r"^  audyn ([a-z]+)", usage, re.MULTILINE)))
        self.assertGreater(len(self.commands), 14)

    def help(self, command):
        finished = self.audyn(command, "--help")
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        return finished.out

    def options_in_help(self, command):
        usage, *paragraphs = self.help(command).split("\n\n")
        rows = [line for line in "\n".join(paragraphs).split("\n")
                if re.match(r" +(-\w, )?--", line)]
        return options_of([usage]) | options_of(line.strip().split("  ")[0] for line in rows)

    def test_options(self):
        """each option of --help has an entry in the manual page, and the other way round"""
        for command in self.commands:
            with self.subTest(command):
                lines = page_of(command)["OPTIONS"]
                entries = [line for tag, line in zip(lines, lines[1:]) if tag == ".TP"]
                self.assertEqual(sorted(options_of(entries)),
                                 sorted(self.options_in_help(command)))

    def test_taken(self):
        """each option of --help is one that the program takes"""
        for command in self.commands:
            for option in self.options_in_help(command):
                said = self.audyn(command, option + "=x", "--no-such-option").err
                self.assertNotIn(f"{option}=x is not an option", said)

    def test_complete(self):
        """each option that the program takes is in some --help"""
        words = set()
        for path in (ROOT / "src/cli").glob("*.[ch]"):
            words |= set(re.findall(r'"([a-z0-9-]+)",\s+(?:no|required)_argument',
                                    path.read_text(encoding="utf-8")))
        told = set().union(*map(self.options_in_help, self.commands))
        self.assertEqual(sorted(words - {option[2:] for option in told} - {"version"}), [])

    def test_statuses(self):
        """--help and the manual page tell the same exit statuses; there is an example"""
        for command in self.commands:
            with self.subTest(command):
                page = page_of(command)
                told = self.help(command).split("exit status:")[1]
                self.assertEqual(re.findall(r"(?:^|, |,\n +)(\d) ", told.strip()),
                                 [line[3:] for line in page["EXIT STATUS"]
                                  if re.fullmatch(r"\.B \d", line)])
                self.assertIn(f"audyn {command} ", " ".join(page["EXAMPLES"]) + " ")


if __name__ == "__main__":
    tap.main()
