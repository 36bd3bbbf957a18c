# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""What lies in an archive, and whether it is what was recorded."""

import hashlib
import json
import os
import time
import zlib

import audio
import program

BLOCK_BYTES = 1 << 18


def content(path):
    with open(path, "rb") as file:
        return file.read()


class TestCase(program.TestCase):
    """Has an archive of its own."""

    def setUp(self):
        super().setUp()
        self.archive = self.path("archive")
        os.mkdir(self.archive)

    def sidecars(self, archive=None):
        """Path and content of each segment's, in order of positions."""
        found = []
        for folder, folders, names in os.walk(archive or self.archive):
            folders[:] = [name for name in folders if name != ".audyn"]
            for name in names:
                if name.endswith(".json"):
                    path = os.path.join(folder, name)
                    found.append((path, json.loads(content(path))))
        return sorted(found, key=lambda entry: entry[1]["position"])

    def run_tool(self, *argv):
        finished = self.run_program(*argv)
        self.assertEqual(finished.status, 0, finished.err)
        return finished.out

    def samples(self, path):
        """Of a WAV or FLAC file."""
        if path.endswith(".flac"):
            raw = path + ".raw"  # a WAV file without samples would be no whole one
            self.run_tool("flac", "--decode", "--silent", "--force-raw-format",
                          "--endian=little", "--sign=signed", "-o", raw, path)
            data = content(raw)
            os.unlink(raw)
            return data
        return audio.read_wav(path).data

    def assert_sums(self, path, sidecar):
        """What the sidecar says of its files is what sha256sum says."""
        for entry in sidecar["files"]:
            file = os.path.join(os.path.dirname(path), entry["path"])
            self.assertEqual(self.run_tool("sha256sum", file).split()[0], entry["sha256"])
            self.assertEqual(os.path.getsize(file), entry["bytes"])
            self.assertEqual(entry["block_bytes"], BLOCK_BYTES)
            data = content(file)
            blocks = [data[at:at + BLOCK_BYTES] for at in range(0, len(data), BLOCK_BYTES)]
            self.assertEqual("".join(f"{zlib.crc32(block):08x}" for block in blocks),
                             entry["block_crc32"])

    def assert_archived(self, source, formats, archive=None, exact=True):
        """The files of each format, laid end to end, are the source."""
        sidecars = self.sidecars(archive)
        data = {ending: b"" for ending in formats}
        position = sidecars[0][1]["position"]
        for path, sidecar in sidecars:
            self.assertEqual(sidecar["position"], position)
            position += sidecar["sample_frames"]
            self.assertEqual([entry["format"] for entry in sidecar["files"]], list(formats))
            self.assert_sums(path, sidecar)
            for entry in sidecar["files"]:
                if entry["format"] == "opus":
                    continue
                samples = self.samples(os.path.join(os.path.dirname(path), entry["path"]))
                self.assertEqual(hashlib.sha256(samples).hexdigest(),
                                 sidecar["audio"]["sha256"])
                data[entry["format"]] += samples
        for ending in formats:
            if ending != "opus":
                same = data[ending] == source if exact else data[ending] in source
                self.assertTrue(same, f"{ending}: {len(data[ending])} of {len(source)} bytes")
        return sidecars

    def assert_chains(self):
        """Each stream's entries are numbered in order, and know the one before."""
        streams = {}
        for folder, _, names in os.walk(self.archive):
            for path in (os.path.join(folder, name) for name in names
                         if name.endswith(".json")):
                data = content(path)
                entry = json.loads(data)
                streams.setdefault(entry["stream"]["name"], []).append((entry, data))
        for name, entries in streams.items():
            entries.sort(key=lambda item: item[0]["sequence"])
            previous = None
            for number, (entry, data) in enumerate(entries):
                self.assertEqual((entry["sequence"], entry["previous"]), (number, previous),
                                 name)
                previous = hashlib.sha256(data).hexdigest()

    def record_free(self, source, *options):
        """Into the archive, a file each second, as fast as it can; returns the report."""
        wav = self.path("source.wav")
        source.write_wav(wav)
        finished = self.audyn("record", f"file:{wav}?pace=free", "--archive", self.archive,
                              "--period", "1s", "--layout", "accurate", "--json", *options)
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        return json.loads(finished.out)["streams"][0]

    def wait_for_end(self):
        """What is recorded as fast as can be ends in the future."""
        end = self.sidecars()[-1][1]["last"]["tai_ns"] / 1e9
        program.wait_until(lambda: time.time() + 37 > end + 0.1, "the end of the recording")
