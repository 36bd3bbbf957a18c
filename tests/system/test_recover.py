# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""`audyn recover`: what a crash has left of an archive becomes whole."""

import hashlib
import json
import os
import random
import shutil

import archive
import audio
import program
import tap

FORMATS = ("wav", "flac", "opus")


class Recover(archive.TestCase):
    def recover(self, *options, status=program.COMPLETE):
        """What was done."""
        finished = self.audyn("recover", self.archive, "--json", *options)
        self.assertEqual(finished.status, status, finished.err)
        done = json.loads(finished.out)
        self.assertEqual(bool(done["not_recovered"]), bool(finished.err))
        return done

    def assert_nothing_to_do(self):
        before = self.contents()
        done = self.recover()
        self.assertEqual([key for key, what in done.items() if what], [])
        self.assertEqual(self.contents(), before)

    def contents(self):
        """Of all files but those of the catalog."""
        return {path: archive.content(path)
                for folder, _, names in os.walk(self.archive) for path in
                (os.path.join(folder, name) for name in names)
                if not path.startswith(os.path.join(self.archive, ".audyn", "catalog"))}

    def forget(self):
        """All but the audio."""
        shutil.rmtree(os.path.join(self.archive, ".audyn"))
        os.mkdir(os.path.join(self.archive, ".audyn"))
        for path, _ in self.sidecars():
            os.unlink(path)

    def audio_files(self, ending):
        return sorted(path for path in self.contents() if path.endswith("." + ending))

    def said(self, *command):
        """What a validator says, which must complain of nothing."""
        finished = self.run_program(*command)
        self.assertEqual((finished.status, finished.err), (0, ""), command)
        return finished.out

    def assert_valid(self, path, source):
        """To other people's programs.  Returns the samples."""
        self.said("ffprobe", "-v", "warning", path)
        if path.endswith(".opus"):
            self.assertNotIn("WARNING", self.said("opusinfo", path))
            self.run_tool("opusdec", "--quiet", path, path + ".wav")
            os.unlink(path + ".wav")
            return None
        data = self.samples(path)
        if path.endswith(".wav"):
            self.assert_whole_wave(path)
        else:
            self.said("flac", "--test", "--silent", path)
            self.assertEqual(self.said("metaflac", "--show-md5sum", path).strip(),
                             hashlib.md5(data).hexdigest())
        self.assertTrue(data and source.data.startswith(data), path)
        return data

    def test_validators(self):
        """a file that is cut off anywhere is whole to everybody's programs"""
        source = audio.noise(0.9, 48000, 2, 24)
        wav = source.write_wav(self.path("source.wav"))
        finished = self.audyn("record", f"file:{wav}?pace=free", "--archive", self.archive,
                              "--format", ",".join(FORMATS), "--period", "24h")
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        whole = {path: data for path, data in self.contents().items()
                 if path.endswith(FORMATS)}
        self.assertEqual(len(whole), 3)
        chance = random.Random(1)
        for fraction in (0.3, 0.5, chance.uniform(0.3, 1), chance.uniform(0.3, 1), 1):
            self.forget()
            for path, data in whole.items():
                # Behind the headers: FLAC has 40,000 bytes of them.
                least = 52000 if path.endswith(".flac") else 5000
                size = least + int(fraction * (len(data) - least))
                with open(path, "wb") as file:
                    file.write(data[:size])
            done = self.recover()
            self.assertEqual(len(done["segments"]), 1)
            for path, data in whole.items():
                samples = self.assert_valid(path, source)
                if path.endswith(".wav"):
                    self.assertGreaterEqual(len(samples) + 6,
                                            int(fraction * (len(data) - 5000)))
            ((path, sidecar),) = self.sidecars()
            self.assert_sums(path, sidecar)
            self.assertEqual(sidecar["unclassified"], sidecar["sample_frames"])
            self.assert_nothing_to_do()

    def test_audio_alone(self):
        """audio without anything else gets sidecars that say the same as those before"""
        for bits, rate in ((24, 48000), (16, 44100)):
            source = audio.noise(2.2, rate, 2, bits)
            self.record_free(source, "--format", ",".join(FORMATS), "--name", f"st{bits}")
        before = dict(self.sidecars())
        self.forget()
        done = self.recover()
        self.assertEqual(len(done["segments"]), len(before))
        self.assertEqual(done["files"], [])
        after = dict(self.sidecars())
        self.assertEqual(set(after), set(before))
        for path, sidecar in after.items():
            for key in ("stream", "position", "sample_frames", "first", "last", "audio"):
                self.assertEqual(sidecar[key], before[path][key], key)
            self.assertEqual([(file["path"], file["sha256"]) for file in sidecar["files"]],
                             [(file["path"], file["sha256"])
                              for file in before[path]["files"]])
            self.assert_sums(path, sidecar)
        self.assert_nothing_to_do()

    def test_catalog(self):
        """a catalog that is missing or old learns what there is"""
        self.record_free(audio.noise(2.2), "--name", "st")
        catalog = os.path.join(self.archive, ".audyn", "catalog.sqlite")
        old = archive.content(catalog)
        self.record_free(audio.noise(1.2, seed=2), "--name", "st")
        chain = self.contents()
        for content in (None, old, b"not a data base"):
            for name in os.listdir(os.path.dirname(catalog)):
                if name.startswith("catalog.sqlite"):
                    os.unlink(os.path.join(os.path.dirname(catalog), name))
            if content is not None:
                with open(catalog, "wb") as file:
                    file.write(content)
            self.recover()
            self.assertEqual(self.contents(), chain)
            self.assert_nothing_to_do()

    def test_leftovers(self):
        """what an interrupted write has left is removed"""
        self.record_free(audio.noise(1), "--name", "st")
        before = self.contents()
        folder = os.path.dirname(self.sidecars()[0][0])
        for part in (os.path.join(folder, ".audyn-17.part"),
                     os.path.join(self.archive, ".audyn", ".audyn-17.part")):
            with open(part, "wb") as file:
                file.write(b"{")
        self.assertEqual(len(self.recover()["removed"]), 2)
        self.assertEqual(self.contents(), before)

    def test_others(self):
        """what another program has made, or somebody removed, is told and left alone"""
        self.record_free(audio.noise(1.2), "--name", "st", "--format", "wav,flac")
        sidecar = self.sidecars()[0][0]
        os.unlink(sidecar)
        wav = self.audio_files("wav")[0]
        foreign = os.path.join(self.archive, "st", "other")
        audio.noise(1).write_wav(foreign + ".wav")
        self.run_tool("flac", "--silent", "-o", foreign + ".flac", foreign + ".wav")
        for name in ("cut.flac", "cut.wav"):
            data = archive.content(foreign + os.path.splitext(name)[1])
            with open(os.path.join(self.archive, "st", name), "wb") as file:
                file.write(data[:len(data) * 2 // 3])
        before = self.contents()
        done = self.recover(status=program.FAILED)
        self.assertEqual(self.contents(), before)
        told = " ".join(what["text"] for what in done["not_recovered"])
        for word in ("other.wav", "other.flac", "cut.wav", "cut.flac",
                     os.path.basename(sidecar), "verify"):
            self.assertIn(word, told)
        self.assertNotIn(os.path.basename(wav), told)

    def test_refusals(self):
        """what is no archive, or is being recorded to, is refused"""
        self.assert_fails(self.audyn("recover", self.path("none")), program.FAILED, "none")
        self.assert_fails(self.audyn("recover", self.archive), program.FAILED, "no archive")
        self.assertEqual(os.listdir(self.archive), [])
        self.assert_fails(self.audyn("recover"), program.USAGE, "one archive")
        self.assert_fails(self.audyn("recover", self.archive, "--fast"), program.USAGE,
                          "--fast")
        recorder = program.Recorder("tone:997", "--archive", self.archive,
                                    directory=self.directory)
        self.addCleanup(recorder.close)
        self.assert_fails(self.audyn("recover", self.archive), program.FAILED,
                          "another process")
        self.assertEqual(self.stop(recorder).status, program.COMPLETE)
        self.assertIn("0 segments", self.audyn("recover", self.archive).out)


if __name__ == "__main__":
    tap.main(jobs=3)
