# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""The frame pool and the audio queue in every interleaving of two threads, with every
value that C11's release and acquire let them read.  doc/model-checking.md says how."""

import contextlib
import os
import re
import shutil
import subprocess
import unittest

import faults
import tap
import toolchain

LIBRARY = os.environ["MODEL_LIBRARY"]
LONG = "PROOF_LONG" in os.environ
SOUND, VIOLATED = 0, 1


class Explorer(toolchain.Workshop):
    """Builds explorers: the sources under test tell each access to memory, but what they
    tell goes to our library, not to ThreadSanitizer's."""

    TELL = ("-fsanitize=thread", "-UAUDYN_POOL_DEBUG")

    def __init__(self, compiler, *flags):
        super().__init__(compiler, [*toolchain.shipped_flags(faults.POOL), *flags])
        self.objects = {source: self.finish(self.compile(f"src/{source}", *self.TELL))
                        for source in (faults.POOL, faults.QUEUE)}

    def finish(self, compiled):
        # What the compiler copies with memcpy is to be told too.
        toolchain.run_compiler(["objcopy", "--redefine-sym", "memcpy=model_memcpy",
                                compiled])
        return compiled

    def link_explorer(self, name, replaced=None):
        return self.link([*(self.objects | (replaced or {})).values(), LIBRARY], name)

    def link_mutant(self, mutant):
        name = re.sub(r"\W+", "-", mutant.what)
        text = self.finish(self.compile_text(mutant.text(), name + ".c", *self.TELL))
        return self.link_explorer(name, {mutant.source: text})


def explore(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


class Interleavings(unittest.TestCase):
    """Cases for each size and each fault are added below."""

    explorer = program = None

    def check_sound(self, program, *arguments):
        status, said = explore(program, *arguments)
        self.assertEqual(status, SOUND, said)
        return said.strip()

    def check_size(self, *arguments):
        said = self.check_sound(self.program, *arguments)
        print(f"# figure: {' '.join(map(str, arguments))}: {said}")

    def check_fault(self, fault):
        program = self.explorer.link_mutant(fault.mutant)
        status, said = explore(program, fault.world(), fault.size, "--keep-dead")
        self.assertEqual(status, VIOLATED, f"survived: {fault.mutant.what}\n{said}")
        self.assertRegex(said.splitlines()[-1], f"violation: .*({fault.violation})", said)
        print(f"# {fault.mutant.what}: " + "\n# ".join(said.splitlines()))
        if fault.size > 1:
            self.check_sound(program, fault.world(), fault.size - 1, "--keep-dead")

    def check_harmless(self, fault):
        program = self.explorer.link_mutant(fault.mutant)
        self.check_sound(program, fault.world(), fault.size)

    def check_compiled(self, compiler, *flags):
        if not shutil.which(compiler[0]):
            self.skipTest(f"{compiler[0]} is not installed")
        workshop = Explorer(compiler, *flags)
        self.addCleanup(workshop.close)
        program = workshop.link_explorer("explore")
        self.check_sound(program, "pool", 3)
        self.check_sound(program, "queue", 2)

    def test_unoptimised(self):
        """pool and queue as they are written, before the compiler optimises"""
        self.check_compiled(self.explorer.compiler, "-O0")

    def test_clang(self):
        """pool and queue as clang compiles them"""
        self.check_compiled(["clang"])

    def test_gcc(self):
        """pool and queue as gcc compiles them"""
        self.check_compiled(["gcc"])

    def test_a_fault_that_does_not_fit_is_an_error(self):
        """a fault whose place in the source is gone is not passed over"""
        mutant = faults.fault("", faults.POOL, "lend", "not there", "", 1, "").mutant
        self.assertRaises(LookupError, mutant.text)


def add(name, sentence, check, *arguments):
    def case(self):
        getattr(self, check)(*arguments)
    case.__doc__ = sentence
    setattr(Interleavings, f"test_{name}", case)


def counted(count, what):
    return f"{count} {what}" + ("s" if count > 1 else "")


for frames in range(1, 6 if LONG else 5):
    add(f"pool_{frames}", f"a pool of {counted(frames, 'frame')}, however long it is used",
        "check_size", "pool", frames)
for frames in range(1, 4 if LONG else 3):
    add(f"dead_{frames}", f"a pool of {counted(frames, 'frame')}, its memory left as it is",
        "check_size", "pool", frames, "--keep-dead")
for slots in (1, 2, 4):
    add(f"queue_{slots}", f"a queue of {counted(slots, 'slot')}, however long it is used",
        "check_size", "queue", slots)
for number, each in enumerate(faults.FAULTS):
    part = "frame" if each.world() == "pool" else "slot"
    add(f"fault_{number}", f"found with {counted(each.size, part)} and no fewer: "
        f"{each.mutant.what}", "check_fault", each)
for number, each in enumerate(faults.HARMLESS):
    add(f"harmless_{number}", f"found harmless: {each.mutant.what}",
        "check_harmless", each)

if __name__ == "__main__":
    compiler_command = toolchain.library_commands()[faults.POOL][1]
    with contextlib.closing(Explorer(compiler_command[:1])) as shared:
        Interleavings.explorer = shared
        Interleavings.program = shared.link_explorer("explore")
        tap.main(jobs=2)
