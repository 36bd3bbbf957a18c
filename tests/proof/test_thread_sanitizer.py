# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Two threads on pool, queue and timeline under ThreadSanitizer: no data race, and one is
found as soon as a single memory order is weakened."""

import functools
import os
import shutil
import unittest

import mutants
import tap
import toolchain

COMPILERS = ("gcc", "clang")
FLAGS = ["-O1", "-g", "-std=c11", "-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64",
         "-fsanitize=thread", *toolchain.INCLUDES]
PROGRAMS = ("frame_pool_threads", "audio_queue", "timeline")
OPTIONS = "halt_on_error=1:exitcode=66:report_signal_unsafe=0"
ROUNDS = 20 if "PROOF_LONG" in os.environ else 1
REPORT = "WARNING: ThreadSanitizer: data race"


@functools.cache
def built_bench(compiler):
    bench = toolchain.TestBench([compiler], FLAGS, toolchain.UP_TO_TIMELINE)
    bench.build()
    return bench


class ThreadSanitizer(unittest.TestCase):
    """The cases are added below, for each compiler."""

    def bench(self, compiler):
        if not shutil.which(compiler):
            self.skipTest(f"{compiler} is not installed")
        return built_bench(compiler)

    def check_clean(self, compiler, name):
        program = self.bench(compiler).link_test(name)
        for _ in range(ROUNDS):
            status, said = toolchain.run(program, TSAN_OPTIONS=OPTIONS)
            self.assertEqual(status, 0, said)
            self.assertNotIn(REPORT, said)

    def check_killed(self, compiler, mutant):
        bench = self.bench(compiler)
        mutated = bench.compile_text(mutant.text(), "mutant.c")
        program = bench.link_test(mutant.program, "mutant",
                                  {f"src/{mutant.source}": mutated})
        status, said = toolchain.run(program, TSAN_OPTIONS=OPTIONS)
        self.assertEqual(status, 66, f"survived: {mutant.what}\n{said}")
        self.assertIn(REPORT, said)


def add_cases(compiler):
    def add(name, check, *arguments, sentence):
        def case(self):
            getattr(self, check)(compiler, *arguments)
        case.__doc__ = f"{compiler}: {sentence}"
        setattr(ThreadSanitizer, f"test_{compiler}_{name}", case)

    for program in PROGRAMS:
        add(program, "check_clean", program,
            sentence=f"no data race in the two-thread test {program}")
    for number, mutant in enumerate(mutants.ORDERINGS):
        add(f"mutant_{number}", "check_killed", mutant,
            sentence=f"a data race is reported where {mutant.what}")


for each in COMPILERS:
    add_cases(each)

if __name__ == "__main__":
    tap.main()
