# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""The rules of the memory contract that hold for source code, and the table that leads
from each promise to its tests."""

import pathlib
import re
import shutil
import subprocess
import unittest

import tap

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTRACT = ROOT / "doc" / "memory-contract.md"

# The pool itself creates frames and their buffers.
POOL = ("core/frame_pool_create.c", "core/frame_pool_private.h")

FREES_SAMPLES = re.compile(r"\bfree\s*\([^;]*\bdata\b")
OWN_BUFFER = re.compile(r"(alloc|alloca|mmap|memory_map|plan_add)\s*\([^;]*\bfloat\b|"
                        r"\bfloat \*[^;=]*= [^;]*(alloc|address)")
FRAME_BY_VALUE = re.compile(r"\baudyn_audio_frame_t\s+\w+\s*[=;,\[)]")
FRAME_COPIED = re.compile(r"\bmem(cpy|move)\s*\([^;]*sizeof"
                          r"(\s*\(audyn_audio_frame_t\)|\s+\*\s*frame\b)")
ACQUIRED = re.compile(r"\b([\w>.-]+) = audyn_frame_acquire\(")

PROMISES = """
RT-safe operation
No allocation in RT paths
Fixed memory footprint
Constant-time acquire/release
Deterministic behaviour
Stable frame identity
Clear ownership semantics
1. Frame identity is stable
2. The free list stores pointers, not frame structs
3. Frame size and format are immutable
RT thread → acquires frames
Non-RT thread → releases frames
Enforced using C11 atomics
Not safe for multiple acquiring threads
Not safe for multiple releasing threads
Never allocate audio buffers outside `frame_pool`
Never free `frame->data` manually
Treat `NULL` from acquire as valid backpressure
Always release frames after use
Never change frame size or channel count at runtime
Never copy audio frame structs
""".strip().splitlines()


def sources():
    """(path below src/, its text without comments) of all code."""
    for path in sorted((ROOT / "src").rglob("*.[ch]")):
        text = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
        yield str(path.relative_to(ROOT / "src")), text


def found(pattern, text):
    return [match.group(0) for match in pattern.finditer(text)]


def unchecked_acquires(text):
    """Frames acquired whose being NULL the next two lines do not ask about."""
    for match in ACQUIRED.finditer(text):
        following = "\n".join(text[match.end():].split("\n")[1:3])
        if f"!{match[1]}" not in following:
            yield match.group(0)


def refusal(compiler, statement):
    """What the compiler says to a statement about two frames; "" if it takes it."""
    text = ("#include <audyn/frame_pool.h>\n"
            "void use(audyn_audio_frame_t *frame, audyn_audio_frame_t *other);\n"
            "void use(audyn_audio_frame_t *frame, audyn_audio_frame_t *other)\n"
            f"{{ (void)other; {statement} }}\n")
    language = "c++" if compiler.endswith("++") else "c"
    done = subprocess.run([compiler, "-x", language, "-fsyntax-only",
                           f"-I{ROOT / 'include'}", "-"], input=text, text=True,
                          capture_output=True, check=False)
    return done.stderr if done.returncode else ""


def rows():
    """{promise: its tests} of the contract's tables."""
    table = {}
    for line in CONTRACT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 2 and cells[0] in PROMISES:
            table[cells[0]] = re.findall(r"`([\w/]+\.\w+):(\w+)`", cells[1])
    return table


def runs(name, text):
    """Whether a test of this name is defined and, in C, listed in its program."""
    return len(re.findall(rf"\b{name}\b", text)) >= (1 if name.startswith("test_") else 2)


class MemoryRules(unittest.TestCase):
    maxDiff = None

    def compilers(self):
        present = list(filter(shutil.which, ("gcc", "clang", "g++", "clang++")))
        if not present:
            self.skipTest("no compiler is known here")
        return present

    def assert_nowhere(self, search, allowed=()):
        self.assertEqual([(name, what) for name, text in sources() if name not in allowed
                          for what in search(text)], [])

    def test_the_compiler_refuses_to_change_a_frame(self):
        for compiler in self.compilers():
            for statement in ("frame->data = 0;", "frame->sample_frames = 1;",
                              "frame->channels = 1;", "frame->pool = 0;",
                              "++frame->sample_frames;"):
                with self.subTest(f"{compiler}: {statement}"):
                    self.assertRegex(refusal(compiler, statement), "read-only|const")

    def test_the_compiler_refuses_to_write_one_frame_over_another(self):
        for compiler in self.compilers():
            with self.subTest(compiler):
                self.assertRegex(refusal(compiler, "*frame = *other;"),
                                 "read-only|const|deleted")

    def test_the_compiler_lets_samples_be_written(self):
        for compiler in self.compilers():
            self.assertEqual(refusal(compiler, "frame->data[0] = other->data[1];"), "")

    def test_no_source_frees_the_samples_of_a_frame(self):
        self.assert_nowhere(lambda text: found(FREES_SAMPLES, text))

    def test_no_source_has_sample_buffers_outside_the_frame_pool(self):
        self.assert_nowhere(lambda text: found(OWN_BUFFER, text), POOL)

    def test_no_source_copies_a_frame(self):
        self.assert_nowhere(lambda text: found(FRAME_BY_VALUE, text), POOL)
        self.assert_nowhere(lambda text: found(FRAME_COPIED, text), POOL)

    def test_whoever_acquires_a_frame_looks_whether_there_was_one(self):
        self.assert_nowhere(unchecked_acquires)

    def test_the_rules_for_sources_find_each_breach(self):
        for pattern, breach in (
                (FREES_SAMPLES, "free(block.frame->data);"),
                (OWN_BUFFER, "p = malloc(n * sizeof(float));"),
                (OWN_BUFFER, "float *p = calloc(n, sizeof *p);"),
                (OWN_BUFFER, "float *p = (float *)memory.address;"),
                (FRAME_BY_VALUE, "audyn_audio_frame_t copy = *frame;"),
                (FRAME_BY_VALUE, "audyn_audio_frame_t frames[4];"),
                (FRAME_COPIED, "memcpy(&slot, frame, sizeof *frame);"),
                (FRAME_COPIED, "memcpy(a, b, sizeof(audyn_audio_frame_t));")):
            self.assertTrue(found(pattern, breach), breach)
        taken = "open->frame = audyn_frame_acquire(pool);\n"
        self.assertEqual(list(unchecked_acquires(taken + "if (!open->frame) {\n")), [])
        self.assertTrue(list(unchecked_acquires(taken + "use(open->frame);\n")))

    def test_the_contract_leads_from_each_promise_to_tests_that_exist(self):
        table = rows()
        self.assertEqual(sorted(table), sorted(PROMISES))
        for promise, tests in table.items():
            with self.subTest(promise):
                self.assertTrue(tests)
                for path, name in tests:
                    text = (ROOT / "tests" / path).read_text(encoding="utf-8")
                    self.assertTrue(runs(name, text), f"{path}: {name}")


if __name__ == "__main__":
    tap.main()
