# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Runs the unittest cases of a test program and reports each in TAP."""

import os
import sys
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor


def sentence(case):
    """A case is named by its documentation, else by its method's name."""
    words = case.shortDescription() or case.id().rsplit(".", 1)[-1]
    return words.removeprefix("test_").replace("_", " ").replace("#", "number ").strip()


class TapResult(unittest.TestResult):
    """Prints a line as each case ends; cases may end on any thread."""

    def __init__(self, planned):
        super().__init__()
        self.lock = threading.Lock()
        self.done = 0
        self.sound = True
        self.partial = threading.local()
        self.say("TAP version 13", f"1..{planned}")

    def say(self, *lines):
        sys.stdout.write("".join(line + "\n" for line in lines))
        sys.stdout.flush()

    def startTest(self, case):
        self.partial.problems = []
        self.partial.skipped = None
        self.partial.started = time.monotonic()

    def stopTest(self, case):
        problems, skipped = self.partial.problems, self.partial.skipped
        with self.lock:
            self.done += 1
            self.sound = self.sound and not problems
            verdict = "not ok" if problems else "ok"
            reason = f" # SKIP {skipped}" if skipped and not problems else ""
            self.say(f"{verdict} {self.done} - {sentence(case)}{reason}",
                     f"# took {time.monotonic() - self.partial.started:.1f} s",
                     *("# " + line for problem in problems
                       for line in problem.rstrip().split("\n")))

    def addSuccess(self, case):
        pass

    def addError(self, case, err):
        self.partial.problems.append(self._exc_info_to_string(err, case))

    addFailure = addError

    def addSubTest(self, case, subtest, err):
        if err is not None:
            problem = self._exc_info_to_string(err, case)
            self.partial.problems.append(f"{subtest}:\n{problem}")

    def addSkip(self, case, reason):
        self.partial.skipped = reason


def flatten(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flatten(item)
        else:
            yield item


def main(jobs=1):
    """Runs the cases of the calling program, up to `jobs` at a time (AUDYN_TEST_JOBS
    overrides it).  Arguments choose cases whose name contains one of them."""
    jobs = int(os.environ.get("AUDYN_TEST_JOBS", jobs))
    cases = list(flatten(unittest.defaultTestLoader.loadTestsFromModule(
        sys.modules["__main__"])))
    wanted = sys.argv[1:]
    if wanted:
        cases = [case for case in cases
                 if any(word in case.id() or word in sentence(case) for word in wanted)]
    result = TapResult(len(cases))
    with ThreadPoolExecutor(jobs) as pool:
        for future in [pool.submit(case.run, result) for case in cases]:
            future.result()
    sys.exit(0 if cases and result.sound else 1)
