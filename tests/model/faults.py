# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""What is done wrong on purpose to the frame pool and the queue, and how the explorer has
to find it."""

import dataclasses
import re

import toolchain
from mutants import ORDERINGS, Mutant

POOL, QUEUE = "core/frame_pool.c", "core/audio_queue.c"


@dataclasses.dataclass
class Fault:
    mutant: Mutant
    size: int         # the fewest frames or slots with which it does harm
    violation: str    # what it does then; "": nothing, ever

    def world(self):
        return "pool" if self.mutant.source == POOL else "queue"


def found(source, pattern):
    """What a source has in the one place that `pattern` describes."""
    text = (toolchain.ROOT / "src" / source).read_text(encoding="utf-8")
    matches = re.findall(pattern, text, re.DOTALL | re.MULTILINE)
    if len(matches) != 1:
        raise LookupError(f"{source}: “{pattern}” is there {len(matches)} times")
    return matches[0]


def swapped(source, first, second):
    """(Two statements with what is between, the same with the first one last); they are
    given by their beginnings."""
    begin = found(source, rf"^ *{re.escape(first)}[^;]*;\n")
    old = found(source, rf"{re.escape(begin)}[^}}]*?{re.escape(second)}[^;]*;\n")
    return old, old.removeprefix(begin) + begin


def fault(what, source, function, old, new, size, violation):
    return Fault(Mutant(what, source, function, old, new, "explore"), size, violation)


# With one frame already, or one slot, there is a way to each of these races.
WEAKENED = [Fault(mutant, 1, "data race") for mutant in ORDERINGS
            if mutant.source in (POOL, QUEUE)]

NEXT_LINK = found(POOL, r"pool->current.top = (pool->free_stack\[\w+\(pool[^;]*);")

FAULTS = WEAKENED + [
    fault("release publishes before it writes the link", POOL, "audyn_frame_release",
          *swapped(POOL, "pool->free_stack[index] = &pool->frames",
                   "atomic_store_explicit(&pool->published"), 1, "data race"),
    fault("release publishes a frame before it ends the loan", POOL,
          "audyn_frame_release",
          *swapped(POOL, "atomic_store_explicit(&pool->returned[index]",
                   "atomic_store_explicit(&pool->published"), 1, "out of date"),
    fault("acquire pushes no boundary when a batch covers a run", POOL,
          "audyn_frame_acquire", "push_boundary(pool);", "", 3, "NULL while"),
    fault("unacquire pushes no boundary when a batch covers a run", POOL,
          "absorb_released", "push_boundary(pool);", "", 3, "NULL while"),
    fault("unacquire does not take in what was released before", POOL,
          "audyn_frame_unacquire", "absorb_released(pool);", "(void)absorb_released;",
          2, "not the last one in"),
    fault("unacquire does not link its frame to the one below", POOL,
          "audyn_frame_unacquire", "pool->free_stack[index] = pool->current.top;", "",
          2, "not the last one in|handed out twice|no frame|not its own"),
    fault("release links each frame to the first one", POOL, "audyn_frame_release",
          "&pool->frames[(uint32_t)published].frame", "&pool->frames[0].frame",
          2, "not the last one in|handed out twice"),
    fault("acquire goes from run to run along the link, not by the boundary", POOL,
          "step_down", "pool->current = pool->boundaries[--pool->boundary_count];",
          f"pool->current.top = {NEXT_LINK};\n"
          "        pool->current.count = pool->boundaries[--pool->boundary_count].count;",
          3, "not the last one in|handed out twice|no frame|not its own"),
    fault("acquire looks at the link under the last frame of a run", POOL, "step_down",
          "if (--pool",
          f"audyn_audio_frame_t *under = {NEXT_LINK};\n"
          "    if (under) {\n"
          "        (void)*(audyn_audio_frame_t *volatile *)\n"
          f"            &{NEXT_LINK.replace('pool->current.top', 'under')};\n"
          "    }\n"
          "    if (--pool", 2, "data race"),
    fault("a batch's run counts the frame that acquire returns", POOL,
          "audyn_frame_acquire", "fresh - 1;", "fresh;", 2,
          "not the last one in|handed out twice|no frame|not its own"),
    fault("acquire looks for a greater sequence, not for another one", POOL,
          "audyn_frame_acquire", "if (fresh) {", "if (ahead > pool->one_ahead) {",
          1, "NULL while|not the last one in|handed out twice"),
    fault("acquire does not count itself", POOL, "lend",
          "&pool->acquired, acquired + 1,", "&pool->acquired, acquired,",
          1, "handed out twice"),
    fault("acquire does not mark the frame as lent", POOL, "lend",
          "&slot->loan, acquired + 1,", "&slot->loan, 0,",
          1, "the release is rejected"),
    fault("push publishes the block before it is there", QUEUE, "audyn_audio_queue_push",
          *swapped(QUEUE, "slot->position = ", "atomic_store"), 1, "data race"),
    fault("pop gives the slot back before it has read it", QUEUE, "audyn_audio_queue_pop",
          *swapped(QUEUE, "*block = ", "atomic_store"), 1, "data race"),
    fault("push never looks again how far the popper is", QUEUE, "audyn_audio_queue_push",
          "queue->known_popped = atomic_load_explicit(&queue->popped, "
          "memory_order_acquire);", "", 1, "refused while"),
    fault("push takes one slot more than there are", QUEUE, "audyn_audio_queue_push",
          "if (pushed - queue->known_popped == queue->capacity) {\n            return",
          "if (pushed - queue->known_popped > queue->capacity) {\n            return",
          1, "not known to be free|data race"),
    fault("pop looks for a greater count, not for another one", QUEUE,
          "audyn_audio_queue_pop", "if (popped == queue->known_pushed) {\n            return",
          "if (popped >= queue->known_pushed) {\n            return", 1, "finds nothing"),
]

# These change nothing, and the explorer must not say that they do.
HARMLESS = [
    fault("unacquire loads `published` relaxed: acquire loads it again", POOL,
          "absorb_released", "memory_order_acquire", "memory_order_relaxed", 3, ""),
    fault("acquire reads the link of a run's last frame, which it has in hand", POOL,
          "step_down",
          f"if (--pool->current.count) {{\n        pool->current.top = {NEXT_LINK};",
          "audyn_audio_frame_t *const under =\n"
          "        *(audyn_audio_frame_t *volatile *)\n"
          f"            &{NEXT_LINK};\n"
          "    if (--pool->current.count) {\n"
          "        pool->current.top = under;", 3, ""),
]
