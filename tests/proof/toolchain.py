# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Compiles the project's sources once more, with other compilers and other flags than
this build: for another processor, with a sanitizer, or with a fault put into them."""

import concurrent.futures
import functools
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["BUILD"])
INCLUDES = [f"-I{ROOT / folder}" for folder in ("include", "src", "tests/unit")]


def has_pipewire():
    """Whether this build has it."""
    return any(source == "input/pipewire_flow.c" for source in library_commands())


def of_pipewire(what):
    """What pkg-config says about it; nothing where it is not installed."""
    said = subprocess.run(["pkg-config", what, "libpipewire-0.3"], capture_output=True,
                          text=True, check=False).stdout
    return [re.sub("^-I", "-isystem", flag) for flag in shlex.split(said)]


INCLUDES += of_pipewire("--cflags")

# Of a compile command: what names files, with the number of words that follow.
FILE_OPTIONS = {"-o": 1, "-c": 1, "-MQ": 1, "-MF": 1, "-MD": 0}


@functools.cache
def compile_commands():
    """What this build compiles, each with its `source` as a path."""
    with open(BUILD / "compile_commands.json", encoding="utf-8") as commands:
        entries = json.load(commands)
    for entry in entries:
        entry["source"] = pathlib.Path(entry["directory"], entry["file"]).resolve()
    return entries


def library_commands():
    """{source, relative to src/: (object file, command line)} of libaudyn.  Where Meson
    has found a compiler cache, that comes first in the line, and is left out here."""
    return {str(entry["source"].relative_to(ROOT / "src")):
            (BUILD / entry["output"],
             shlex.split(re.sub(r"^\S*ccache ", "", entry["command"])))
            for entry in compile_commands()
            if "libaudyn" in entry["output"] and entry["source"].is_relative_to(ROOT / "src")}


def shipped_flags(source):
    """What the library's object file of this source is compiled with."""
    _, command = library_commands()[source]
    words = iter(command[1:])
    flags = []
    for word in words:
        if word in FILE_OPTIONS:
            for _ in range(FILE_OPTIONS[word]):
                next(words)
        elif not word.startswith(("-W", "-I", "-fdiagnostics", "-fcolor")):
            flags.append(word)
    return flags + INCLUDES


def find(*names):
    """The path of the first of these programs that is installed, or None."""
    return next(filter(None, map(shutil.which, names)), None)


class CompileError(Exception):
    pass


def run_compiler(command):
    done = subprocess.run(command, cwd=BUILD, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CompileError(shlex.join(map(str, command)) + "\n" + done.stderr)
    return done.stderr


class Workshop:
    """A compiler with its flags, and a directory for what it makes."""

    def __init__(self, compiler, flags):
        self.compiler = compiler
        self.flags = list(flags)
        self.directory = tempfile.TemporaryDirectory(prefix="proof-", dir=BUILD)

    def path(self, name):
        return pathlib.Path(self.directory.name, name)

    def compile(self, source, *flags, name=None):
        """The object file of `source`, a path below the root or an absolute one."""
        name = name or str(source).removeprefix(str(ROOT)).strip("/").replace("/", "_")
        out = self.path(name + ".o")
        run_compiler([*self.compiler, *self.flags, *flags, "-c", ROOT / source, "-o", out])
        return out

    def compile_text(self, text, name, *flags):
        source = self.path(name)
        source.write_text(text, encoding="utf-8")
        return self.compile(source, *flags, name=name)

    def compile_all(self, sources):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
            return list(workers.map(self.compile, sources))

    def link(self, objects, name, *flags):
        out = self.path(name)
        run_compiler([*self.compiler, *self.flags, *objects, "-o", out, *flags])
        return out

    def close(self):
        self.directory.cleanup()


def unit_test_sources(name):
    """What tests/unit/meson.build makes the test program of, apart from the library."""
    place = f"tests/unit/test_{name}.p/"
    return [str(entry["source"].relative_to(ROOT)) for entry in compile_commands()
            if entry["output"].startswith(place)]


def unit_test_wraps(name):
    """Which functions the test program wraps."""
    commands = subprocess.run(["ninja", "-t", "commands", f"tests/unit/test_{name}"],
                              cwd=BUILD, capture_output=True, text=True, check=True).stdout
    return sorted(set(re.findall(r"--wrap=\w+", commands.splitlines()[-1])))


# What the input thread runs, and what its tests need besides.
UP_TO_INPUTS = ("core/", "pcm/", "net/", "input/")
UP_TO_TIMELINE = ("core/", "pcm/", "input/timeline")


class TestBench(Workshop):
    """The sources whose paths begin so, and the unit tests that use them."""

    def __init__(self, compiler, flags, begins=UP_TO_INPUTS):
        super().__init__(compiler, flags)
        self.begins = begins
        self.objects = {}

    def sources(self):
        return [f"src/{source}" for source in library_commands()
                if source.startswith(self.begins)]

    def build(self):
        self.objects = dict(zip(self.sources(), self.compile_all(self.sources())))

    def test_objects(self, name):
        sources = unit_test_sources(name)
        for source in sources:
            if source not in self.objects:
                self.objects[source] = self.compile(source)
        return [self.objects[source] for source in sources]

    def link_test(self, name, out=None, replaced=None):
        """The test program `name`.  `replaced` maps sources to other object files."""
        library = [(replaced or {}).get(source, self.objects[source])
                   for source in self.sources()]
        return self.link([*self.test_objects(name), *library], out or name,
                         *(f"-Wl,{wrap}" for wrap in unit_test_wraps(name)), "-lcmocka",
                         "-lsndfile", "-ljansson", "-lm", "-pthread", *of_pipewire("--libs"))


def run(program, timeout=120, prefix=(), **environment):
    """Runs a test program; returns its status and all that it said."""
    done = subprocess.run([*prefix, program], env=os.environ | environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=timeout, check=False)
    fixed_addresses = ("setarch", "--addr-no-randomize")
    if "unexpected memory mapping" in done.stdout and prefix != fixed_addresses:
        # The sanitizer is older than the kernel's range of random addresses.
        return run(program, timeout, fixed_addresses, **environment)
    return done.returncode, done.stdout
