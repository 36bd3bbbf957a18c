# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""The machine code of the real-time half of pool and queue, as it is shipped: straight
on to its end, in a number of instructions that is known."""

import re
import shutil
import subprocess
import unittest

import tap
import toolchain
from disassembly import AARCH64, X86_64, functions_of, symbols_of

SOURCES = ("core/frame_pool.c", "core/audio_queue.c")

# Who compiles for what.  clang finds the cross compiler's headers itself.
TARGETS = {
    "gcc, x86-64": (["x86_64-linux-gnu-gcc"], X86_64, "x86_64-linux-gnu"),
    "clang, x86-64": (["clang", "--target=x86_64-linux-gnu"], X86_64, "x86_64-linux-gnu"),
    "gcc, aarch64": (["aarch64-linux-gnu-gcc"], AARCH64, "aarch64-linux-gnu"),
    "clang, aarch64": (["clang", "--target=aarch64-linux-gnu"], AARCH64,
                       "aarch64-linux-gnu"),
}

# Instructions on the longest way through, with room for another version of the compiler.
BOUNDS = {
    "gcc, x86-64": {
        "audyn_frame_acquire": 51,
        "audyn_frame_unacquire": 54,
        "audyn_frame_release": 30,
        "audyn_audio_queue_push": 32,
        "audyn_audio_queue_pop": 24,
    },
    "clang, x86-64": {
        "audyn_frame_acquire": 49,
        "audyn_frame_unacquire": 54,
        "audyn_frame_release": 31,
        "audyn_audio_queue_push": 28,
        "audyn_audio_queue_pop": 22,
    },
    "gcc, aarch64": {
        "audyn_frame_acquire": 53,
        "audyn_frame_unacquire": 57,
        "audyn_frame_release": 32,
        "audyn_audio_queue_push": 32,
        "audyn_audio_queue_pop": 27,
    },
    "clang, aarch64": {
        "audyn_frame_acquire": 46,
        "audyn_frame_unacquire": 52,
        "audyn_frame_release": 32,
        "audyn_audio_queue_push": 30,
        "audyn_audio_queue_pop": 27,
    },
}


class Target:
    def __init__(self, name):
        self.name = name
        self.command, self.processor, self.triplet = TARGETS[name]

    def missing(self):
        return [tool for tool in (self.command[0], self.tool("objdump"), self.tool("nm"))
                if not shutil.which(tool)]

    def tool(self, name):
        return f"{self.triplet}-{name}"

    def functions(self, object_file):
        return functions_of(object_file, self.tool("objdump"), self.processor)

    def symbols(self, object_file, *options):
        return symbols_of(object_file, self.tool("nm"), *options)

    def faults(self, object_file):
        """Whatever keeps this code from being real-time safe, in words."""
        for name, kind in self.symbols(object_file).items():
            if kind == "U":
                yield f"undefined symbol {name}"
            elif kind in "BbCDdGgSs":
                yield f"writable data {name}"
        for function in self.functions(object_file).values():
            yield from self.faults_of(function)

    def faults_of(self, function):
        for what, kind in (("call", "call"), ("locked or exclusive instruction", "atomic"),
                           ("instruction without a fixed time", "unbounded")):
            for instruction in function.of_kind(kind):
                yield f"{function}: {what}: {instruction.text}"
        try:
            if function.longest_path() is None:
                yield f"{function}: loop"
        except LookupError as reason:
            yield f"{function}: {reason}"


def over_bounds(functions, bounds):
    """Which functions have no bound or exceed it, in words."""
    for name, function in functions.items():
        longest = function.longest_path()
        if name not in bounds:
            yield f"{name}: {longest} instructions, and no bound is set"
        elif longest > bounds[name]:
            yield f"{name}: {longest} instructions, more than {bounds[name]}"


class Case(unittest.TestCase):
    maxDiff = None

    def workshop(self, target):
        """The target's compiler with the flags of this build."""
        if target.missing():
            self.skipTest(f"not installed: {', '.join(target.missing())}")
        made = toolchain.Workshop(target.command, toolchain.shipped_flags(SOURCES[0]))
        self.addCleanup(made.close)
        return made


class Shipped(Case):
    """One pair of cases for each target is added below."""

    def check_instructions(self, target):
        workshop = self.workshop(target)
        for source in SOURCES:
            compiled = workshop.compile(f"src/{source}")
            self.assertTrue(target.functions(compiled))
            self.assertEqual(list(target.faults(compiled)), [])

    def check_bounds(self, target):
        workshop = self.workshop(target)
        bounds = BOUNDS[target.name]
        found = {}
        for source in SOURCES:
            found |= target.functions(workshop.compile(f"src/{source}"))
        self.assertEqual(list(over_bounds(found, bounds)), [])
        self.assertEqual(set(found), set(bounds))
        for name, function in sorted(found.items()):
            print(f"# figure: {target.name}: {name}: {function.longest_path()} of at most "
                  f"{bounds[name]} instructions; jumps back: "
                  f"{len(function.backward_jumps())}, none closes a cycle")

    def test_the_object_files_in_the_library_are_as_safe(self):
        """the object files inside libaudyn have no call, loop or locked instruction"""
        machine = subprocess.run(["uname", "-m"], capture_output=True, text=True,
                                 check=True).stdout.strip()
        names = [name for name in TARGETS if machine.replace("_", "-") in name]
        if not names:
            self.skipTest(f"the instructions of {machine} are not known")
        target = Target(names[0])
        commands = toolchain.library_commands()
        for source in SOURCES:
            self.assertEqual(list(target.faults(commands[source][0])), [])

    def test_all_names_are_resolved_before_a_thread_runs(self):
        """program and library resolve all names before a thread can call one"""
        found = [path for path in (toolchain.BUILD / "src").iterdir()
                 if path.name == "audyn" or re.fullmatch(r"libaudyn\.so\.\d+\.\d+.*", path.name)
                 and path.is_file()]
        self.assertEqual(len(found), 2, found)
        for path in found:
            with self.subTest(path.name):
                flags = subprocess.run(["readelf", "--dynamic", path], check=True,
                                       capture_output=True, text=True).stdout
                self.assertRegex(flags, r"BIND_NOW|\bNOW\b")


def add_cases(name):
    """A name of their own for the cases of each target."""
    def instructions(self):
        self.check_instructions(Target(name))

    def bounds(self):
        self.check_bounds(Target(name))

    instructions.__doc__ = (f"{name}: no call, no loop, no locked or exclusive "
                            "instruction, no undefined symbol")
    bounds.__doc__ = f"{name}: the longest way through each function is within its bound"
    identifier = name.replace(", ", "_").replace("-", "_")
    setattr(Shipped, f"test_instructions_{identifier}", instructions)
    setattr(Shipped, f"test_bounds_{identifier}", bounds)


for each in TARGETS:
    add_cases(each)


# Code that must not pass, and the words by which it has to be refused.
FAULTY = {
    "loop": ("unsigned f(volatile unsigned *p)"
             "{ unsigned n = 0; while (*p) { ++n; } return n; }", "loop"),
    "call": ("__attribute__((noinline)) static int g(volatile int *p) { return *p; }"
             "int f(volatile int *p) { return g(p) + g(p + 1); }", "call"),
    "tail_call": ("__attribute__((noinline)) static int g(volatile int *p) { return *p; }"
                  "int f(volatile int *p) { return g(p + 1); }", "jump out"),
    "pointer": ("int f(int (*g)(int)) { return g(1) + 1; }", "call"),
    "symbol": ("void *malloc(unsigned long); void *f(void) { return malloc(1); }",
               "undefined symbol malloc"),
    "add": ("#include <stdatomic.h>\n void f(_Atomic int *p) { atomic_fetch_add(p, 1); }",
            "locked or exclusive"),
    "exchange": ("#include <stdatomic.h>\n"
                 "int f(_Atomic int *p) { return atomic_exchange(p, 1); }",
                 "locked or exclusive"),
    "compare": ("#include <stdatomic.h>\n _Bool f(_Atomic int *p, int *q)"
                "{ return atomic_compare_exchange_strong(p, q, 1); }",
                "locked or exclusive"),
    "fence": ("#include <stdatomic.h>\n"
              "void f(void) { atomic_thread_fence(memory_order_seq_cst); }",
              "without a fixed time|locked or exclusive"),
    "division": ("unsigned f(unsigned a, unsigned b) { return a / b; }",
                 "without a fixed time"),
    "variable": ("static int n; int f(void) { return ++n; }", "writable data"),
}


class TheCheckItself(Case):
    def refusals(self, target, text, *flags):
        compiled = self.workshop(target).compile_text(text, "faulty.c", *flags)
        return list(target.faults(compiled))

    def each_target(self):
        """Those whose compiler is here, at least one."""
        targets = [target for target in map(Target, TARGETS) if not target.missing()]
        self.assertTrue(targets)
        for target in targets:
            yield target

    def check_refused(self, name):
        text, words = FAULTY[name]
        for target in self.each_target():
            with self.subTest(target.name):
                flags = ["-march=armv8-a", "-mno-outline-atomics"]
                self.assertRegex("\n".join(self.refusals(
                    target, text, *(flags if target.processor is AARCH64 else []))), words)

    def test_a_loop_is_refused(self):
        self.check_refused("loop")

    def test_a_call_is_refused(self):
        for name in "call", "tail_call", "pointer", "symbol":
            self.check_refused(name)

    def test_a_locked_or_exclusive_instruction_is_refused(self):
        for name in "add", "exchange", "compare":
            self.check_refused(name)

    def test_a_single_atomic_instruction_of_newer_processors_is_refused(self):
        for target in self.each_target():
            if target.processor is AARCH64:
                for name in "add", "exchange", "compare":
                    with self.subTest(f"{target.name}, {name}"):
                        text, words = FAULTY[name]
                        refused = self.refusals(target, text, "-march=armv8.1-a")
                        self.assertRegex("\n".join(refused), words)

    def test_a_sequentially_consistent_store_is_refused_where_it_locks(self):
        text = ("#include <stdatomic.h>\n"
                "void f(_Atomic int *p) { atomic_store(p, 1); }")
        for target in self.each_target():
            with self.subTest(target.name):
                refused = self.refusals(target, text)
                self.assertEqual(bool(refused), target.processor is X86_64, refused)

    def test_a_fence_or_a_division_is_refused(self):
        self.check_refused("fence")
        self.check_refused("division")

    def test_writable_static_data_is_refused(self):
        self.check_refused("variable")

    def test_code_without_fault_is_accepted(self):
        text = ("#include <stdatomic.h>\n int f(_Atomic int *p, int *q)"
                "{ int n = atomic_load_explicit(p, memory_order_acquire); if (n) { *q = n; }"
                " atomic_store_explicit(p, n + 1, memory_order_release); return n; }")
        for target in self.each_target():
            with self.subTest(target.name):
                self.assertEqual(self.refusals(target, text), [])

    def test_the_longest_way_is_counted_and_held_to_its_bound(self):
        """the longest way through a function is counted, and held to its bound"""
        short_and_long = {
            X86_64: "f: test %edi,%edi\n je 1f\n nop\n nop\n jmp 2f\n1: nop\n2: ret\n",
            AARCH64: "f: cmp w0, #0\n b.eq 1f\n nop\n nop\n b 2f\n1: nop\n2: ret\n",
        }
        for target in self.each_target():
            with self.subTest(target.name):
                made = self.workshop(target)
                text = (".text\n.globl f\n.type f, %function\n"
                        + short_and_long[target.processor])
                functions = target.functions(made.compile_text(text, "ways.s"))
                self.assertEqual(functions["f"].longest_path(), 6)
                self.assertEqual(list(over_bounds(functions, {"f": 6})), [])
                self.assertRegex("".join(over_bounds(functions, {"f": 5})), "more than 5")
                self.assertRegex("".join(over_bounds(functions, {})), "no bound")


if __name__ == "__main__":
    tap.main()
