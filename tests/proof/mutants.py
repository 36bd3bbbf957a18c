# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Sources with one fault put into them on purpose, to see that a check finds it."""

import dataclasses
import re

import toolchain


@dataclasses.dataclass
class Mutant:
    """In `function` of `source`, `old` is replaced by `new`; it must occur there once."""

    what: str
    source: str    # relative to src/
    function: str
    old: str
    new: str
    program: str   # which test in tests/unit has to find it

    def text(self):
        """The source with the fault in it."""
        original = (toolchain.ROOT / "src" / self.source).read_text(encoding="utf-8")
        body = re.search(rf"^{self.function}\(.*?^}}", original, re.DOTALL | re.MULTILINE)
        if not body:
            raise LookupError(f"{self.source}: no function {self.function}")
        if body[0].count(self.old) != 1:
            raise LookupError(f"{self.function}: “{self.old}” is there "
                              f"{body[0].count(self.old)} times")
        return (original[:body.start()] + body[0].replace(self.old, self.new)
                + original[body.end():])


def relaxed(what, source, function, old, program):
    """A mutant whose memory order is weakened."""
    return Mutant(what, source, function, old,
                  re.sub("memory_order_(acquire|release)", "memory_order_relaxed", old),
                  program)


# The load in unacquire is not among them: acquire loads `published` again before anything
# that unacquire took over is followed or handed out, so that its order alone decides.
ORDERINGS = [
    relaxed("release stores `published` relaxed", "core/frame_pool.c",
            "audyn_frame_release", "memory_order_release", "frame_pool_threads"),
    relaxed("acquire loads `published` relaxed", "core/frame_pool.c",
            "audyn_frame_acquire", "memory_order_acquire", "frame_pool_threads"),
    relaxed("push stores `pushed` relaxed", "core/audio_queue.c",
            "audyn_audio_queue_push", "memory_order_release", "audio_queue"),
    relaxed("push loads `popped` relaxed", "core/audio_queue.c",
            "audyn_audio_queue_push", "memory_order_acquire", "audio_queue"),
    relaxed("pop stores `popped` relaxed", "core/audio_queue.c",
            "audyn_audio_queue_pop", "memory_order_release", "audio_queue"),
    relaxed("pop loads `pushed` relaxed", "core/audio_queue.c",
            "audyn_audio_queue_pop", "memory_order_acquire", "audio_queue"),
]
