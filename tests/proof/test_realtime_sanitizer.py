# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""What is marked AUDYN_REALTIME neither allocates nor locks nor calls the system: the
compiler follows every call, and RealtimeSanitizer watches every path that runs."""

import functools
import os
import re
import subprocess
import unittest

import tap
import toolchain
from mutants import Mutant

# The first clang that knows function effects.
OLDEST = 20
FLAGS = ["-O2", "-g", "-std=c11", "-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64",
         "-fsanitize=realtime", *toolchain.INCLUDES]
EFFECTS = ["-Wfunction-effects", "-Werror=function-effects"]
REPORT = "ERROR: RealtimeSanitizer"

# Two threads on the pool and on the queue; packets that are lost, swapped, doubled and
# late, a pool that runs dry; the receiver on its sockets.
PROGRAMS = ("frame_pool_threads", "audio_queue", "timeline", "timeline_legs", "rtp_stream",
            "rtp_floods", "rtp_legs", "rtp_outages", "rtp_receiver", "stream_clock")
if toolchain.has_pipewire():
    # Any quantum, buffers of any layout, missing cycles, a pool that runs dry.
    PROGRAMS += ("pipewire_buffer", "pipewire_flow")

# Functions of the path from the socket to the queue.  Each must carry the mark, so that
# the checks above are about them.
MARKED = {
    "core/audio_queue.c": ("audyn_audio_queue_push", "audyn_audio_queue_pop"),
    "core/frame_pool.c": ("audyn_frame_acquire", "audyn_frame_unacquire",
                          "audyn_frame_release"),
    "input/pipewire_buffer.c": ("pipewire_buffer_read", "pipewire_buffer_gather"),
    "input/pipewire_flow.c": ("pipewire_flow_take", "pipewire_flow_idle"),
    "input/rtp_accept.c": ("stream_tell", "stream_lose_signal", "stream_regain_signal",
                           "stream_advance", "stream_stray", "stream_accept",
                           "stream_fill_in", "stream_look_after_legs"),
    "input/rtp_begin.c": ("stream_count_refused", "stream_suspect",
                         "stream_believe_if_welcome"),
    "input/rtp_foreign.c": ("audyn_rtp_foreign_hear", "audyn_rtp_foreign_forget",
                            "audyn_rtp_foreign_announce"),
    "input/rtp_legs.c": ("audyn_rtp_leg_begin", "audyn_rtp_leg_note",
                         "audyn_rtp_leg_stray", "audyn_rtp_leg_distrust",
                         "audyn_rtp_leg_compare"),
    "input/rtp_position.c": ("stream_expected_position", "stream_drift_ns",
                             "stream_believes", "stream_first_position",
                             "stream_restart_position"),
    "input/rtp_probation.c": ("audyn_rtp_probation_keep", "audyn_rtp_probation_is_proven",
                              "audyn_rtp_probation_is_uncontested",
                              "audyn_rtp_probation_first", "audyn_rtp_probation_take"),
    "input/rtp_receiver.c": ("read_envelope", "deliver"),
    "input/rtp_stream.c": ("audyn_rtp_stream_receive", "audyn_rtp_stream_reject",
                           "audyn_rtp_stream_tick"),
    "input/stream_clock.c": ("audyn_stream_clock_begin", "audyn_stream_clock_note"),
    "input/timeline.c": ("audyn_timeline_place", "audyn_timeline_idle",
                         "audyn_timeline_finish"),
    "input/timeline_legs.c": ("audyn_timeline_compare", "audyn_timeline_take_back"),
    "input/tone_input.c": ("produce_tone",),
    "net/rtp.c": ("audyn_rtp_parse",),
    "pcm/convert.c": ("decode_l16", "decode_l24"),
    "pcm/select.c": ("audyn_selection_decode",),
}


def find_compiler():
    """The newest clang that is installed, if it knows function effects and has the
    sanitizer's runtime library."""
    names = [f"clang-{version}" for version in range(OLDEST + 10, OLDEST - 1, -1)]
    path = toolchain.find(*names, "clang")
    if not path:
        return None
    version = subprocess.run([path, "-dM", "-E", "-x", "c", "/dev/null"], check=True,
                             capture_output=True, text=True).stdout
    major = int(re.search(r"__clang_major__ (\d+)", version)[1])
    runtime = subprocess.run([path, "-fsanitize=realtime", "-###", "-x", "c", "/dev/null"],
                             check=False, capture_output=True, text=True).stderr
    library = re.search(r'"([^" ]*rtsan[^" ]*\.a)"', runtime)
    if major < OLDEST or not library or not os.path.exists(library[1]):
        return None
    return path


COMPILER = find_compiler()


def bad(statement, includes):
    """A real-time function that does what it must not."""
    return (f"#include <audyn/attributes.h>\n#include <stdlib.h>\n#include <{includes}>\n"
            "void *volatile result;\n"
            "void process(void) AUDYN_REALTIME;\n"
            f"void process(void) AUDYN_REALTIME {{ {statement} }}\n"
            "int main(void) { result = malloc(1); process(); return 0; }\n")


BAD = {
    "malloc": bad("result = malloc(1);", "stdlib.h"),
    "free": bad("free(result);", "stdlib.h"),
    "a mutex": bad("static pthread_mutex_t m; pthread_mutex_lock(&m);", "pthread.h"),
    "printf": bad('puts("block");', "stdio.h"),
    "a system call": bad("usleep(1);", "unistd.h"),
}


@functools.cache
def bench():
    made = toolchain.TestBench([COMPILER], FLAGS)
    made.build()
    return made


class Marks(unittest.TestCase):
    def test_marks(self):
        """each function from the socket to the queue is marked real-time"""
        for source, functions in MARKED.items():
            text = (toolchain.ROOT / "src" / source).read_text(encoding="utf-8")
            for function in functions:
                with self.subTest(f"{source}: {function}"):
                    self.assertRegex(
                        text, rf"(?m)^{function}\([^;{{]*\)\s+AUDYN_REALTIME\n{{")


@unittest.skipUnless(COMPILER, "no clang from version 20 on with libclang-rt-dev")
class RealtimeSanitizer(unittest.TestCase):
    """One case for each program is added below."""

    def test_function_effects(self):
        """the compiler finds no call from a real-time function to one that is not"""
        toolchain.TestBench([COMPILER], FLAGS + EFFECTS + ["-fsyntax-only"]).build()

    def check_program(self, name):
        status, said = toolchain.run(bench().link_test(name))
        self.assertEqual(status, 0, said)
        self.assertNotIn(REPORT, said)

    def test_bad_functions_are_refused_by_the_compiler(self):
        for what, text in BAD.items():
            with self.subTest(what), self.assertRaisesRegex(
                    toolchain.CompileError, "must not (call|have static local)"):
                bench().compile_text(text, "bad.c", *EFFECTS, "-fsyntax-only")

    def test_bad_functions_are_reported_when_they_run(self):
        for what, text in BAD.items():
            with self.subTest(what):
                program = bench().link([bench().compile_text(text, "bad.c")], "bad",
                                         "-pthread")
                status, said = toolchain.run(program)
                self.assertNotEqual(status, 0, said)
                self.assertIn(REPORT, said)

    def test_an_acquire_that_allocates_is_refused_and_reported(self):
        mutant = Mutant("acquire allocates", "core/frame_pool.c", "audyn_frame_acquire",
                        "AUDYN_REALTIME\n{", "AUDYN_REALTIME\n{\n    free(malloc(64));",
                        "timeline")
        text = "#include <stdlib.h>\n" + mutant.text()
        with self.assertRaisesRegex(toolchain.CompileError, "must not call"):
            bench().compile_text(text, "mutant.c", *EFFECTS)
        mutated = bench().compile_text(text, "mutant.c", "-fno-builtin")
        program = bench().link_test(mutant.program, "mutant",
                                         {f"src/{mutant.source}": mutated})
        status, said = toolchain.run(program)
        self.assertNotEqual(status, 0, said)
        self.assertIn(REPORT, said)


def add_case(name):
    def case(self):
        self.check_program(name)
    words = name.replace("_", " ")
    case.__doc__ = f"no real-time function breaks its promise in the test {words}"
    setattr(RealtimeSanitizer, f"test_program_{name}", case)


for each in PROGRAMS:
    add_case(each)

if __name__ == "__main__":
    tap.main()
