# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""The frame pool's algorithm in frame_pool.pml, checked by Spin: every interleaving of two
threads that see each other's stores at once."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import tap

MODEL = pathlib.Path(__file__).resolve().with_name("frame_pool.pml")
LONG = "PROOF_LONG" in os.environ
SHORTEST = ("-O0", "-DBFS")  # finds a shortest way, and takes more memory

# What is done wrong, how the model calls it, and the fewest frames with which it harms.
FAULTS = (
    ("PUBLISHED_FIRST", 1, "release publishes before it writes the link"),
    ("LINK_TO_ITSELF", 2, "release links the frame to itself"),
    ("NO_BOUNDARY_IN_ACQUIRE", 3, "acquire pushes no boundary when a batch covers a run"),
    ("NO_BOUNDARY_IN_UNACQUIRE", 3,
     "unacquire pushes no boundary when a batch covers a run"),
    ("NO_ABSORB", 2, "unacquire does not take in what was released before"),
    ("NO_LINK_IN_UNACQUIRE", 2, "unacquire does not link its frame to the one below"),
    ("ALONG_THE_LINK", 3, "acquire goes from run to run along the link"),
    ("LOOK_AHEAD", 2, "acquire looks at the link under the last frame of a run"),
    ("RUN_TOO_LONG", 2, "a batch's run counts the frame that acquire returns"),
    ("GREATER", 1, "acquire looks for a greater sequence, not for another one"),
    ("NO_LOAN", 1, "acquire does not count the loan"),
)


class Checker:
    """The model with some definitions, as a program that checks it."""

    def __init__(self, case, *definitions, options=("-O0",)):
        self.directory = tempfile.TemporaryDirectory(prefix="spin-")
        case.addCleanup(self.directory.cleanup)
        self.definitions = [f"-D{definition}" for definition in definitions]
        self.run("spin", "-a", *self.definitions, MODEL)
        self.run("cc", "-w", "-DSAFETY", "-DCOLLAPSE", *options, "-o", "pan", "pan.c")

    def run(self, *command):
        done = subprocess.run(command, cwd=self.directory.name, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}")
        return done.stdout

    def check(self):
        """(errors, states, what Spin said); a search that was cut short is an error."""
        said = self.run("./pan", f"-m{10000000 if LONG else 1000000}", "-w22")
        errors = re.search(r"errors: (\d+)", said)
        states = re.search(r"(\d+) states, stored", said)
        if not errors or not states or "too small" in said or "out of memory" in said:
            raise AssertionError(said)
        return int(errors[1]), int(states[1]), said

    def way(self):
        """The steps that lead to the error."""
        return self.run("spin", "-t", "-p", "-g", "-k", f"{MODEL.name}.trail",
                        *self.definitions, MODEL)


@unittest.skipUnless(shutil.which("spin"), "spin is not installed")
class Sequential(unittest.TestCase):
    """Cases for each size and each fault are added below."""

    def check_sound(self, frames, *faults):
        definitions = (f"FRAMES={frames}", *faults)
        checker = Checker(self, *definitions, options=["-O0" if frames < 3 else "-O2"])
        errors, states, _ = checker.check()
        if errors:
            nearest = Checker(self, *definitions, options=SHORTEST)
            nearest.check()
            self.fail(nearest.way())
        return states

    def check_size(self, frames):
        print(f"# figure: {counted(frames)}: {self.check_sound(frames)} states")

    def check_fault(self, name, frames):
        checker = Checker(self, f"FRAMES={frames}", name, options=SHORTEST)
        errors, _, said = checker.check()
        self.assertEqual(errors, 1, f"survived: {name}\n{said}")
        self.assertIn("assertion violated", said)
        if frames > 1:
            self.check_sound(frames - 1, name)


def add(name, sentence, check, *arguments):
    def case(self):
        getattr(self, check)(*arguments)
    case.__doc__ = sentence
    setattr(Sequential, f"test_{name}", case)


def counted(frames):
    return f"{frames} frame" + ("s" if frames > 1 else "")


for size in range(1, 5 if LONG else 4):
    add(f"pool_{size}", f"a pool of {counted(size)}, however long it is used",
        "check_size", size)
for fault, fewest, what in FAULTS:
    add(f"fault_{fault.lower()}", f"found with {counted(fewest)} and no fewer: {what}",
        "check_fault", fault, fewest)

if __name__ == "__main__":
    tap.main(jobs=2)
