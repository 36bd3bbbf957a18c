# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""libaudyn as another program meets it: installed, found by pkg-config, linked."""

import array
import functools
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import tap

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests" / "library"
EXAMPLE = ROOT / "examples" / "capture.c"
EMBEDDING = ROOT / "doc" / "embedding.md"
BUILD = os.environ["BUILD"]
FOLDER = tempfile.TemporaryDirectory(prefix="audyn-library-")
SONAME = "libaudyn.so.0"
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
C, CPP = ("gcc", "clang"), ("g++", "clang++")
BLOCKS, BLOCK_SAMPLES, POOL_FRAMES = 200, 96, 256  # of the example


def run(*command, **options):
    """What the command prints; its failure fails the test with what it said."""
    done = subprocess.run(command, capture_output=True, check=False, **options)
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace")
        raise AssertionError(f"{' '.join(map(str, command))}: status {done.returncode}\n"
                             + said)
    return done.stdout


class Installed:
    """The tree that `make install DESTDIR=…` leaves."""

    def __init__(self):
        self.root = pathlib.Path(FOLDER.name, "stage")
        run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", self.root)
        self.pkg_config_files = list(self.root.rglob("audyn.pc"))
        self.libraries = self.pkg_config_files[0].parents[1]
        self.headers = next(self.root.rglob("frame_pool.h")).parent

    def pkg_config(self, *arguments):
        environment = os.environ | {
            "PKG_CONFIG_LIBDIR": str(self.pkg_config_files[0].parent),
            "PKG_CONFIG_SYSROOT_DIR": str(self.root)}
        return run("pkg-config", *arguments, "audyn", env=environment).decode().split()

    def run_program(self, program):
        return run(program, env=os.environ | {"LD_LIBRARY_PATH": str(self.libraries)})


@functools.cache
def installed():
    return Installed()


def present(*compilers):
    found = [compiler for compiler in compilers if shutil.which(compiler)]
    if not found:
        raise unittest.SkipTest(f"none of {', '.join(compilers)} is installed")
    return found


def build(compiler, source, *options, libraries=None):
    """Compiles and links against the installed tree; linked as pkg-config says unless
    told otherwise.  Returns the program."""
    tree = installed()
    program = tempfile.mktemp(dir=FOLDER.name, prefix=source.stem + "-")
    if libraries is None:
        libraries = tree.pkg_config("--libs")
    run(compiler, *options, *STRICT, "-pthread", source, "-o", program,
        *tree.pkg_config("--cflags"), *libraries)
    return program


def statically():
    return [*installed().pkg_config("--libs-only-L"), "-l:libaudyn.a"]


def names(path, *options):
    """Names that a library defines for others."""
    lines = run("nm", "--defined-only", "--extern-only", *options, path).decode()
    return {line.split()[-1] for line in lines.splitlines() if len(line.split()) == 3}


def declared(header):
    """Functions that a header declares, whether marked as public or not."""
    text = re.sub(r"//.*|^\s*#.*", "", header.read_text(encoding="utf-8"),
                  flags=re.MULTILINE)
    return set(re.findall(r"\b(\w+)\s*\((?!\()", text)) - {"__attribute__"}


def public_names():
    return set().union(*map(declared, installed().headers.glob("*.h")))


def needed(program):
    dynamic = run("readelf", "--dynamic", program).decode()
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))


class Library(unittest.TestCase):
    maxDiff = None

    def test_headers_are_installed_and_no_internal_one_is(self):
        self.assertEqual({path.name for path in installed().headers.iterdir()},
                         {path.name for path in (ROOT / "include/audyn").iterdir()})
        self.assertEqual({path.name for path in installed().root.rglob("*.h")},
                         {path.name for path in installed().headers.iterdir()})

    def test_the_shared_library_is_versioned(self):
        libraries = installed().libraries
        version = installed().pkg_config("--modversion")[0]
        shared = libraries / f"libaudyn.so.{version}"
        self.assertTrue(shared.is_file() and not shared.is_symlink())
        for link in (SONAME, "libaudyn.so"):
            self.assertEqual((libraries / link).resolve(), shared.resolve())
        dynamic = run("readelf", "--dynamic", shared).decode()
        self.assertIn(f"soname: [{SONAME}]", dynamic)

    def test_the_shared_library_needs_the_c_library_and_nothing_else(self):
        self.assertEqual(needed(installed().libraries / SONAME), {"libc.so.6"})

    def test_the_shared_library_exports_what_the_headers_declare_and_nothing_else(self):
        public = public_names()
        self.assertIn("audyn_frame_acquire", public)
        self.assertEqual(names(installed().libraries / SONAME, "--dynamic"), public)

    def test_the_static_library_exports_what_the_headers_declare_and_nothing_else(self):
        self.assertEqual(names(installed().libraries / "libaudyn.a"), public_names())

    def test_a_program_may_use_the_names_that_the_library_has_inside(self):
        source = HERE / "hidden_names.c"
        for compiler in present(*C):
            for libraries in (None, statically()):
                installed().run_program(build(compiler, source, libraries=libraries))

    def test_each_header_stands_alone_in_c_and_in_cpp(self):
        cflags = installed().pkg_config("--cflags")
        for header in installed().headers.glob("*.h"):
            line = f"#include <audyn/{header.name}>\nextern int more;\n".encode()
            for compilers, language, standards in (
                    (C, "c", ("c11", "c17")), (CPP, "c++", ("c++11", "c++20"))):
                for compiler in present(*compilers):
                    for standard in standards:
                        run(compiler, f"-std={standard}", *STRICT, *cflags, "-x", language,
                            "-fsyntax-only", "-", input=line)

    def test_all_of_it_can_be_used_from_cpp(self):
        source = HERE / "usage.cpp"
        for name in public_names():
            self.assertIn(name + "(", source.read_text(encoding="utf-8"))
        for compiler in present(*CPP):
            installed().run_program(build(compiler, source, "-std=c++11"))

    def check_example(self, program):
        samples = array.array("f", installed().run_program(program))
        self.assertEqual(len(samples), BLOCKS * BLOCK_SAMPLES)
        self.assertEqual(samples, array.array("f", (i / 65536 for i in range(len(samples)))))

    def test_the_example_captures_every_sample_with_the_shared_library(self):
        for compiler in present(*C):
            program = build(compiler, EXAMPLE)
            self.assertIn(SONAME, needed(program))
            self.check_example(program)

    def test_the_example_captures_every_sample_with_the_static_library(self):
        for compiler in present(*C):
            program = build(compiler, EXAMPLE, libraries=statically())
            self.assertNotIn(SONAME, needed(program))
            self.check_example(program)

    def test_the_page_on_embedding_shows_the_code_of_the_example(self):
        example = EXAMPLE.read_text(encoding="utf-8")
        shown = re.findall(r"^```c\n(.*?)^```", EMBEDDING.read_text(encoding="utf-8"),
                           re.MULTILINE | re.DOTALL)
        self.assertGreaterEqual(len(shown), 3)
        for code in shown:
            self.assertIn(code, example)


if __name__ == "__main__":
    tap.main()
