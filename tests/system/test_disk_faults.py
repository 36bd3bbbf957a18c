# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""The disk that fails, which other tests rely on, does what it is told."""

import os
import shutil
import signal
import sqlite3
import sys
import time

import disk_faults
import program
import tap

# Twelve calls, two of them syncs.
SCRIPT = """
import os
os.mkdir("sub")                                           # 1
fd = os.open("sub/a", os.O_WRONLY | os.O_CREAT, 0o666)    # 2
os.write(fd, b"12345678")                                 # 3
os.pwrite(fd, b"x", 2)                                    # 4
os.fdatasync(fd)                                          # 5
os.write(fd, b"unsynced")                                 # 6
os.ftruncate(fd, 12)                                      # 7
directory = os.open("sub", os.O_RDONLY)
os.rename("sub/a", "sub/b")                               # 8
os.fsync(directory)                                       # 9
os.truncate("sub/b", 3)                                   # 10
os.mkdir("later")                                         # 11
os.unlink("sub/b")                                        # 12
"""


class DiskFaults(program.TestCase):
    def setUp(self):
        super().setUp()
        self.disk = self.path("disk")
        self.image = self.path("image")
        self.log = self.path("log")
        os.mkdir(self.disk)
        os.mkdir(self.image)

    def run_script(self, script=SCRIPT, **faults):
        env = disk_faults.environment(self.disk, log=self.log, **faults)
        return self.run_program(sys.executable, "-c", script, cwd=self.disk, env=env)

    def content(self, name):
        with open(os.path.join(self.disk, name), "rb") as file:
            return file.read()

    def test_counts(self):
        """it counts each write and sync below the directory, and no other"""
        beside = self.path("beside")
        finished = self.run_script(SCRIPT + f"open('{beside}', 'wb').write(b'x')")
        self.assertEqual(finished.status, 0, finished.err)
        calls = disk_faults.log_of(self.log)
        self.assertEqual([call.name for call in calls],
                         ["mkdir", "create", "write", "pwrite", "fdatasync", "write",
                          "ftruncate", "rename", "fsync", "truncate", "mkdir", "unlink"])
        self.assertEqual(calls[7].path, os.path.join(os.path.realpath(self.disk), "sub/b"))
        self.assertEqual(sorted(os.listdir(self.disk)), ["later", "sub"])

    def test_kills(self):
        """it kills before the call that it is told"""
        finished = self.run_script(action="kill", at=6)
        self.assertEqual(finished.status, -signal.SIGKILL)
        self.assertEqual(self.content("sub/a"), b"12x45678")

    def test_fails(self):
        """it fails one call, some of them, or those of one kind"""
        for action, at, calls, line, word in (
                ("EIO", 3, None, 5, "Input/output error"),
                ("ENOSPC", "10-", None, 13, "No space left"),
                ("EIO", "2-3", "sync", 12, "Input/output error")):
            finished = self.run_script(action=action, at=at, calls=calls)
            self.assertEqual(finished.status, 1)
            self.assertIn(f"line {line}, in <module>\n", finished.err)
            self.assertIn(word, finished.err)
            shutil.rmtree(os.path.join(self.disk, "sub"))
        script = ("import os\nfd = os.open('c', os.O_RDWR | os.O_CREAT)\n"
                  "print(os.write(fd, b'12345678'), os.statvfs('.').f_bavail)")
        self.assertEqual(self.run_script(script, action="short", at=2).out.split()[0], "4")
        self.assertEqual(self.run_script(script, action="ENOSPC", at="3-").out.split()[1], "0")
        self.assertNotEqual(self.run_script(script).out.split()[1], "0")

    def test_chooses(self):
        """it leaves alone what has another name, or while a file is absent"""
        script = ("import os\nfor name in ('a.wav', 'b.flac'):\n"
                  "    os.close(os.open(name, os.O_WRONLY | os.O_CREAT))")
        switch = self.path("switch")
        self.assertEqual(
            self.run_script(script, action="EIO", only_while=switch).status, 0)
        self.assertEqual(disk_faults.log_of(self.log), [])
        self.assertEqual(self.run_script(script, action="EIO", files="*.flac").status, 1)
        with open(switch, "wb"):
            pass
        self.assertEqual(
            self.run_script(script, action="EIO", only_while=switch).status, 1)
        names = [os.path.basename(call.path) for call in disk_faults.log_of(self.log)]
        self.assertEqual(names, ["b.flac", "a.wav"])

    def test_delays(self):
        """it delays the calls that it is told"""
        started = time.monotonic()
        finished = self.run_script(action="delay=150", calls="sync")
        self.assertEqual(finished.status, 0, finished.err)
        self.assertGreaterEqual(time.monotonic() - started, 0.3)

    def test_power(self):
        """without power, what was not synced is gone"""
        with open(os.path.join(self.disk, "old"), "wb") as file:
            file.write(b"old")
        script = SCRIPT + "fd = os.open('.', 0)\nos.fsync(fd)\nos.unlink('old')\n"
        for at, names, content in ((9, ["old"], None), (13, ["old"], None),
                                   (14, ["later", "old", "sub"], b"12x45678")):
            finished = self.run_script(script, action="kill", at=at, image=self.image)
            self.assertEqual(finished.status, -signal.SIGKILL, finished.err)
            disk_faults.cut_power(self.disk, self.image)
            self.assertEqual(sorted(os.listdir(self.disk)), names)
            self.assertEqual(os.listdir(self.image), [])
            if content:
                self.assertEqual(self.content("sub/b"), content)
        self.assertEqual(self.content("old"), b"old")

    def test_data_base(self):
        """what SQLite has committed outlives the power, wherever that fails"""
        script = ("import sqlite3\nbase = sqlite3.connect('base')\n"
                  "base.execute('pragma journal_mode=wal')\n"
                  "base.execute('pragma synchronous=full')\n"
                  "base.execute('create table if not exists t(n)')\n"
                  "for n in range(4):\n"
                  "    base.execute('insert into t values(?)', (n,))\n"
                  "    base.commit()\n    print(n, flush=True)\n")
        self.assertEqual(self.run_script(script).status, 0)
        calls = len(disk_faults.log_of(self.log))
        self.assertGreater(calls, 10)
        for at in range(1, calls, 3):
            for name in os.listdir(self.disk):
                os.unlink(os.path.join(self.disk, name))
            finished = self.run_script(script, action="kill", at=at, image=self.image)
            disk_faults.cut_power(self.disk, self.image)
            said = [int(line) for line in finished.out.split()]
            if not said:
                continue
            base = sqlite3.connect(os.path.join(self.disk, "base"))
            rows = [n for n, in base.execute("select n from t order by n")]
            base.close()
            self.assertEqual(rows[:len(said)], said)


if __name__ == "__main__":
    tap.main(jobs=3)
