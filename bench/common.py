# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""What the benchmarks share: the build, the machine, requirements and pages."""

import json
import os
import pathlib
import platform

ROOT = pathlib.Path(__file__).resolve().parent.parent
BENCHMARKS = ROOT / "doc" / "benchmarks.md"


class Gate:
    """A requirement, and how it was met."""

    def __init__(self, requirement, figure, met):
        self.requirement, self.figure, self.met = requirement, figure, met

    def __str__(self):
        return f"{'pass' if self.met else 'FAIL'}: {self.requirement}: {self.figure}"


def gate_table(gates):
    yield "| | measured | |"
    yield "|---|---|---|"
    for gate in gates:
        yield f"| {gate.requirement} | {gate.figure} | {'pass' if gate.met else '**fail**'} |"


def processor():
    model, flags = platform.machine(), ""
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            model = value.strip()
        elif key.strip() == "flags":
            flags = value
    virtual = ", virtual machine" if " hypervisor" in flags else ""
    return f"{model}, {len(os.sched_getaffinity(0))} processors{virtual}"


def build_options(build):
    """Of a build that is worth measuring."""
    path = build / "meson-info" / "intro-buildoptions.json"
    listed = json.loads(path.read_text(encoding="utf-8"))
    options = {option["name"]: option["value"] for option in listed}
    if (options["b_sanitize"] != "none" or options["debug_pool"]
            or options["optimization"] not in ("2", "3")):
        raise RuntimeError("a build with sanitizers, pool checks or without "
                           "optimisation has no figures worth knowing")
    return options


def section(name):
    """The part of doc/benchmarks.md that the program bench/`name` writes."""
    begin, end = markers(name)
    text = BENCHMARKS.read_text(encoding="utf-8") if BENCHMARKS.exists() else ""
    before, found, rest = text.partition(begin)
    return before, begin + rest.partition(end)[0] + end + "\n" if found else ""


def replace_section(name, lines):
    """In its place or, where there is none yet, at the end of the page."""
    begin, end = markers(name)
    before, found = section(name)
    text = BENCHMARKS.read_text(encoding="utf-8") if BENCHMARKS.exists() else ""
    after = text[len(before) + len(found):].strip("\n")
    parts = [before.rstrip("\n"), "\n".join([begin, *lines, end]), after]
    BENCHMARKS.write_text("\n\n".join(part for part in parts if part) + "\n",
                          encoding="utf-8")


def markers(name):
    return f"<!-- written by bench/{name} -->", f"<!-- end of bench/{name} -->"
