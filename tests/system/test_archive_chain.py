# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""The chain of an archive: sidecars that name each other, signatures, and the catalog."""

import os
import shutil
import signal
import sqlite3
import stat

import archive
import audio
import program
import tap


class Chain(archive.TestCase):
    def setUp(self):
        super().setUp()
        self.catalog = os.path.join(self.archive, ".audyn", "catalog.sqlite")

    def make_key(self, name="key"):
        path = self.path(name)
        finished = self.audyn("keygen", "-o", path)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        return path

    def connect(self):
        database = sqlite3.connect(self.catalog)
        self.addCleanup(database.close)
        return database

    def dump(self):
        database = sqlite3.connect(self.catalog)
        text = list(database.iterdump())
        database.close()
        return text

    def chained(self):
        """The sidecars, each of which has been found in its place of the chain."""
        sidecars = sorted(self.sidecars(), key=lambda entry: entry[1]["sequence"])
        previous = None
        for sequence, (path, sidecar) in enumerate(sidecars):
            self.assertEqual(sidecar["sequence"], sequence)
            self.assertEqual(sidecar["previous"], previous, path)
            previous = self.run_tool("sha256sum", path).split()[0]
        return sidecars

    def verify(self, path, key):
        return self.run_program("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key,
                                "-rawin", "-in", path, "-sigfile", path + ".sig").status

    def test_keygen(self):
        """keygen makes a key that only its owner reads, and overwrites nothing"""
        key = self.make_key()
        self.assertEqual(stat.S_IMODE(os.stat(key).st_mode), 0o600)
        derived = self.run_tool("openssl", "pkey", "-in", key, "-pubout")
        self.assertEqual(derived, archive.content(key + ".pub").decode())
        before = archive.content(key)
        self.assert_fails(self.audyn("keygen", "-o", key), program.FAILED, key, "exists")
        self.assertEqual(archive.content(key), before)
        os.unlink(key)
        self.assert_fails(self.audyn("keygen", "-o", key), program.FAILED, key + ".pub")
        self.assertFalse(os.path.exists(key))
        self.assert_fails(self.audyn("keygen"), program.USAGE, "keygen -o FILE")

    def test_signatures(self):
        """sha256sum and openssl alone prove the chain, across recordings and keys"""
        source = audio.noise(2.2, seed=5)
        keys = [self.make_key("first"), self.make_key("second")]
        self.record_free(source, "--name", "st", "--key", keys[0])
        first = len(self.sidecars())
        self.record_free(source, "--name", "st", "--key", keys[1])
        sidecars = self.chained()
        public = os.path.join(self.archive, ".audyn", "archive.pub")
        self.assertEqual(archive.content(public), archive.content(keys[1] + ".pub"))
        self.assertEqual(archive.content(public + ".1"), archive.content(keys[0] + ".pub"))
        for index, (path, _) in enumerate(sidecars):
            second = index >= first
            self.assertEqual(self.verify(path, public) == 0, second, path)
            self.assertEqual(self.verify(path, public + ".1") == 0, not second, path)
        path = sidecars[-1][0]
        with open(path, "r+b") as file:
            file.write(b"{ ")
        self.assertNotEqual(self.verify(path, public), 0)

    def test_keys_that_are_none(self):
        """a key that is none is refused before anything is recorded"""
        wrong = self.path("wrong.pem")
        self.run_tool("openssl", "genpkey", "-algorithm", "RSA", "-out", wrong)
        locked = self.path("locked.pem")
        self.run_tool("openssl", "genpkey", "-algorithm", "ED25519", "-aes256", "-pass",
                      "pass:x", "-out", locked)
        for key, said in ((wrong, "Ed25519"), (locked, "passphrase"),
                          (self.path("none"), "No such file")):
            finished = self.audyn("record", "tone:997?pace=free", "-d", "1s", "--archive",
                                  self.archive, "--key", key)
            self.assert_fails(finished, program.FAILED, key, said)
        self.assertEqual(self.sidecars(), [])

    def test_hole(self):
        """what lies between two recordings is a hole that was not recorded"""
        for _ in range(2):
            finished = self.audyn("record", "tone:997", "-d", "300ms", "--archive",
                                  self.archive, "--name", "st")
            self.assertEqual(finished.status, program.COMPLETE, finished.err)
        sidecars = [sidecar for _, sidecar in self.chained()]
        holes = [sidecar for sidecar in sidecars if "hole" in sidecar]
        self.assertEqual(len(holes), 1)
        hole = holes[0]["hole"]
        before = sidecars[holes[0]["sequence"] - 1]
        self.assertEqual(hole["class"], "not_recorded")
        self.assertEqual(hole["position"], before["position"] + before["sample_frames"])
        self.assertEqual(hole["position"] + hole["sample_frames"], holes[0]["position"])

    def test_rebuild(self):
        """a catalog that is lost or broken is made anew, and is the same"""
        source = audio.noise(2.5, seed=7)
        for name in ("a", "b", "a"):
            self.record_free(source, "--format", "wav,opus", "--name", name)
        before = self.dump()
        finished = self.audyn("catalog", "rebuild", self.archive)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        self.assertIn(f"{len(self.sidecars())} segments of 2 streams", finished.out)
        self.assertEqual(self.dump(), before)
        for broken in (None, b"", b"no database" * 1000):
            os.unlink(self.catalog)
            if broken is not None:
                with open(self.catalog, "wb") as file:
                    file.write(broken)
            self.record_free(source, "--name", "c")
            rows = self.connect().execute("select count(*) from segments").fetchone()
            self.assertEqual(rows[0], len(self.sidecars()))
        path = self.sidecars()[0][0]
        with open(path, "r+b") as file:
            file.write(b"x")
        finished = self.audyn("catalog", "rebuild", self.archive)
        self.assertEqual(finished.status, program.MISSING)
        self.assertIn(path, finished.err)

    def forget(self, backup):
        """The catalog is what it was, without its log."""
        for name in os.listdir(os.path.dirname(self.catalog)):
            if name.startswith("catalog.sqlite"):
                os.unlink(os.path.join(os.path.dirname(self.catalog), name))
        with open(self.catalog, "wb") as file:
            file.write(backup)

    def assert_unbroken(self, *streams):
        self.assert_chains()
        finished = self.audyn("verify", self.archive, "--quiet")
        self.assertEqual(finished.status, program.COMPLETE, finished.err + finished.out)
        rows = self.connect().execute("select stream, count(*) from entries group by stream")
        self.assertEqual(dict(rows), dict(streams))

    def test_old_catalog(self):
        """a catalog that is older than the archive learns of the rest before it is used"""
        source = audio.noise(1.2, seed=9)
        for options in ((), ("--key", self.make_key())):
            self.archive = self.path(f"archive{len(options)}")
            self.catalog = os.path.join(self.archive, ".audyn", "catalog.sqlite")
            os.mkdir(self.archive)
            self.record_free(source, "--name", "st", *options)
            backup = archive.content(self.catalog)
            self.record_free(source, "--name", "st", *options)
            held = [f"@{sidecar['position']}" for _, sidecar in self.sidecars()]
            for start in held[0], held[-2]:
                self.forget(backup)
                finished = self.audyn("hold", self.archive, "--stream", "st", "--from", start,
                                      "--to", "2100-01-01", "--why", "x", *options)
                self.assertEqual(finished.status, program.COMPLETE, finished.err)
            self.forget(backup)
            self.wait_for_end()
            self.audyn("retain", self.archive, "--retain", "1d", "--least-free", "900000G",
                       *options)
            for path, _ in self.sidecars():
                self.assertTrue(os.path.exists(path[:-4] + "wav"), path)
            self.forget(backup)
            before = {path: archive.content(path) for path, _ in self.sidecars()}
            self.record_free(source, "--name", "st", *options)
            for path, content in before.items():
                self.assertEqual(archive.content(path), content, path)
            self.assert_unbroken(("st", len(self.sidecars()) + 2))

    def test_other_chain(self):
        """a sidecar that does not continue the chain is left as it is, and told once"""
        self.record_free(audio.noise(0.5, seed=9), "--name", "st", "--key", self.make_key())
        sidecar = self.sidecars()[0][0]
        for name in ("other.json", "third.json"):
            path = os.path.join(os.path.dirname(sidecar), name)
            for ending in ("", ".sig"):
                shutil.copy(sidecar + ending, path + ending)
        before = archive.content(path), archive.content(path + ".sig")
        wav = audio.noise(0.5).write_wav(self.path("source.wav"))
        finished = self.audyn("record", f"file:{wav}?pace=free", "--archive", self.archive,
                              "--name", "st")
        self.assertEqual(finished.status, program.COMPLETE)
        self.assertEqual(finished.err.count("does not continue the chain of st, like 1 more"),
                         1, finished.err)
        self.assertEqual((archive.content(path), archive.content(path + ".sig")), before)

    def test_log_removed(self):
        """without the catalog's log after a crash the chain goes on where its files end"""
        recorder = program.Recorder("tone:997", "--archive", self.archive, "--period", "1s",
                                    "--layout", "accurate", "--name", "st",
                                    directory=self.directory)
        self.addCleanup(recorder.close)
        program.wait_until(lambda: len(self.sidecars()) > 1, "two sidecars")
        recorder.signal(signal.SIGKILL)
        recorder.popen.wait()
        os.unlink(self.catalog + "-wal")
        self.record_free(audio.noise(0.5), "--name", "st")
        self.assert_unbroken(("st", len(self.sidecars())))

    def damage(self):
        """All pages but the first, which a recorder reads again only after a change."""
        database = sqlite3.connect(self.catalog)
        database.execute("pragma wal_checkpoint(truncate)")
        with open(self.catalog, "r+b") as file:
            pages = file.seek(0, os.SEEK_END) // 4096 - 1
            file.seek(4096)
            file.write(b"\xff" * 4096 * pages)
        database.execute("pragma user_version = 1")
        database.close()

    def exchange(self):
        with open(self.catalog + ".new", "wb") as file:
            file.write(archive.content(self.catalog)[:4096])
        os.rename(self.catalog + ".new", self.catalog)

    def test_damaged(self):
        """a damaged catalog is made anew by whoever is the next to append, and told once"""
        self.record_free(audio.noise(0.5), "--name", "st")
        position = self.sidecars()[0][1]["position"]
        hold = ("hold", self.archive, "--stream", "st", "--from", f"@{position}", "--to",
                "2100-01-01", "--why", "x")
        for command in (hold, ("record", "tone:997?pace=free", "-d", "300ms", "--name", "st",
                               "--archive", self.archive)):
            self.damage()
            finished = self.audyn(*command)
            self.assertEqual(finished.status, program.COMPLETE, finished.err)
            self.assertEqual(finished.err.count("is damaged: it is made anew"), 1)
        self.assert_unbroken(("st", len(self.sidecars()) + 1))

    def test_damaged_meanwhile(self):
        """a recorder makes the catalog anew that is damaged, removed or exchanged, and goes on"""
        def lose():
            os.unlink(self.catalog)
        for name, harm in (("damaged", self.damage), ("lost", lose),
                           ("exchanged", self.exchange)):
            self.archive = self.path(name)
            self.catalog = os.path.join(self.archive, ".audyn", "catalog.sqlite")
            os.mkdir(self.archive)
            recorder = program.Recorder("tone:997", "--archive", self.archive, "--period",
                                        "1s", "--layout", "accurate", "--name", "st",
                                        "--json-events", directory=self.directory)
            self.addCleanup(recorder.close)
            program.wait_until(self.sidecars, "a sidecar")
            harm()
            known = len(self.sidecars())
            program.wait_until(lambda: len(self.sidecars()) > known, "the next sidecar")
            recorder.signal(signal.SIGINT)
            finished = program.Process.finish(recorder)  # with lines of events
            self.assertEqual(finished.status, program.COMPLETE, finished.err)
            self.assertEqual(finished.err.count("it is made anew"), 1, finished.err)
            self.assertEqual(finished.out.count('"catalog_damaged"'), 1, finished.out)
            self.assert_unbroken(("st", len(self.sidecars())))

    def test_link(self):
        """entries are found behind a link and under hidden names, and are not forgotten"""
        layout = "custom=.%Y/.%H%M%S"
        self.record_free(audio.noise(2.5, seed=7), "--name", "st", "--layout", layout)
        before = self.dump()
        link = self.path("link")
        os.symlink(self.archive, link)
        finished = self.audyn("catalog", "rebuild", link)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        self.assertEqual(self.dump(), before)
        finished = self.audyn("merge", link, link, "-o", self.path("merged"))
        self.assertNotIn("no finished segment", finished.err)
        os.unlink(self.catalog)
        last = self.sidecars()[-1][0]
        os.unlink(last)
        self.audyn("recover", link)
        self.assertTrue(os.path.exists(last))
        before = self.dump()
        os.rename(os.path.join(self.archive, "st"), self.path("elsewhere"))
        self.assert_fails(self.audyn("catalog", "rebuild", link), program.FAILED,
                          "has no entry", "remove")
        self.assertEqual(self.dump(), before)

    def test_moved(self):
        """a name whose files were moved away is not given to another segment"""
        for name in ("elsewhere", "again"):
            self.record_free(audio.noise(0.5, seed=7), "--name", "st", "--layout",
                             "custom=segment")
            os.rename(os.path.join(self.archive, "st"), self.path(name))
        first, second = (set(os.listdir(self.path(name))) for name in ("elsewhere", "again"))
        self.assertIn("segment.json", first)
        self.assertEqual(first & second, set())

    def test_refusals(self):
        """a catalog is not made anew beside a recorder, or where it is of a later audyn"""
        recorder = program.Recorder("tone:997", "--archive", self.archive, "--name", "st",
                                    directory=self.directory)
        self.addCleanup(recorder.close)
        folder = os.path.join(self.archive, "st")
        program.wait_until(lambda: os.path.exists(folder) and os.listdir(folder),
                           "the first samples")
        self.assert_fails(self.audyn("catalog", "rebuild", self.archive), program.FAILED,
                          self.archive, "another process")
        finished = self.stop(recorder)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        database = self.connect()
        database.execute("pragma user_version = 2")
        database.commit()
        database.close()
        finished = self.audyn("record", "tone:997?pace=free", "-d", "1s", "--archive",
                              self.archive)
        self.assert_fails(finished, program.USAGE, "version 2", "later audyn")
        nowhere = self.path("nowhere")
        self.assert_fails(self.audyn("catalog", "rebuild", nowhere), program.FAILED, nowhere)
        self.assert_fails(self.audyn("catalog", "frob", self.archive), program.USAGE, "frob")

    def test_locked(self):
        """while another process holds the catalog recording goes on, and is entered later"""
        recorder = program.Recorder("tone:997", "--archive", self.archive, "--period", "1s",
                                    "--layout", "accurate", "--name", "st",
                                    directory=self.directory)
        self.addCleanup(recorder.close)
        program.wait_until(self.sidecars, "the first segment")
        database = self.connect()
        database.isolation_level = None
        database.execute("begin immediate")
        known = len(self.sidecars())

        def files():
            return [name for _, _, names in os.walk(os.path.join(self.archive, "st"))
                    for name in names if name.endswith(".wav")]
        program.wait_until(lambda: len(files()) >= known + 3, "segments while it is locked")
        self.assertEqual(len(self.sidecars()), known)
        database.execute("commit")
        program.wait_until(lambda: len(self.sidecars()) > known, "the next sidecar")
        self.assertEqual(self.stop(recorder).status, program.COMPLETE)
        sidecars = self.chained()
        self.assertEqual(len(sidecars), len(files()))
        rows = database.execute("select path from entries order by sequence").fetchall()
        self.assertEqual([row[0] for row in rows],
                         [os.path.relpath(path, self.archive) for path, _ in sidecars])


if __name__ == "__main__":
    tap.main(jobs=4)
