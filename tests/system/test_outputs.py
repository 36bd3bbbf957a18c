# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""What `audyn record` and `audyn send` write meets nothing that somebody needs."""

import json
import os
import signal

import audio
import program
import tap

TONE = "tone:997?pace=free"


def content(path):
    with open(path, "rb") as file:
        return file.read()


class Outputs(program.TestCase):
    def write(self, name, text="mine"):
        path = self.path(name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def names(self):
        """Of what lies in the directory, apart from what the test itself writes there."""
        return sorted(name for name in os.listdir(self.directory)
                      if not name.endswith((".out", ".err")))

    def assert_keeps(self, paths, status, words, *arguments):
        """It is refused with these words, and the files stay as they are."""
        before = {path: content(path) for path in paths}
        names = self.names()
        self.assert_fails(self.audyn(*arguments), status, *words)
        self.assertEqual({path: content(path) for path in paths}, before)
        self.assertEqual(self.names(), names)

    def test_own_input(self):
        """--force does not lead onto the file that is read, whatever its name"""
        wav = audio.noise(1).write_wav(self.path("own.wav"))
        os.link(wav, self.path("link.wav"))
        os.symlink("own.wav", self.path("symlink.wav"))
        for name in ("own.wav", "link.wav", "symlink.wav"):
            self.assert_keeps([wav], program.USAGE, ["destroyed"], "record", f"file:{wav}",
                              "-o", self.path(name), "--force")
        sdp = self.write("own.json", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\n"
                                     f"c=IN IP4 127.0.0.1\r\nm=audio {program.ports.free()} RTP/AVP 96\r\n"
                                     "a=rtpmap:96 L24/48000/2\r\n")
        self.assert_keeps([wav, sdp], program.USAGE, [sdp, "destroyed"], "record",
                          f"sdp:{sdp}", "-o", wav, "--force")
        self.assert_keeps([wav], program.USAGE, [wav, "destroyed"], "send", f"file:{wav}",
                          program.unicast().uri("L24/48000/2"), "--sdp", wav)

    def test_report_of_what_was_there_before(self):
        """a kill leaves no report of the file that a recording has replaced"""
        wav, report = self.write("a.wav"), self.write("a.json")
        recording = self.record("tone:", "--force", name="a.wav")
        program.wait_until(lambda: os.path.getsize(wav) > 4096, "samples")
        recording.signal(signal.SIGKILL)
        recording.popen.wait()
        self.assertEqual(content(report), b"")
        again = self.audyn("record", TONE, "-o", wav, "-d", "1s", "--force")
        self.assertEqual(again.status, program.COMPLETE, again.err)
        self.assertEqual(json.loads(content(report))["sample_frames"], 48000)

    def test_one_report_for_two(self):
        """a recording whose report would meet that of another is refused, --force or not"""
        first = self.record("tone:", name="st.wav")
        for force in ([], ["--force"]):
            self.assert_keeps([], program.FAILED, ["st.json"], "record", TONE, "-o",
                              self.path("st.WAV"), "-d", "1s", *force)
        recorded = self.stop(first)
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        self.assertEqual(json.loads(content(self.path("st.json"))), recorded.report)

    def test_nothing_recorded(self):
        """no report stays of a recording that has none, and an old one is kept"""
        address = program.unicast()
        uri = address.uri("L24/48000/2")
        self.assert_keeps([], program.FAILED, [], "record", uri, "-o", self.path("a.wav"),
                          "--timeout", "100ms")
        old = [self.write("a.wav"), self.write("a.json")]
        self.assert_keeps(old, program.FAILED, [], "record", uri, "-o", old[0], "--force",
                          "--timeout", "100ms")

    def test_name_for_no_report(self):
        """a name that leaves none for the report is refused at the start"""
        longest = self.path("n" * 246 + ".wav")
        recorded = self.audyn("record", TONE, "-o", longest, "-d", "1s")
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        self.assertTrue(content(longest[:-4] + ".json"))
        longer = "n" * 251
        self.assert_keeps([], program.FAILED, ["report", "File name too long"], "record", TONE,
                          "-o", self.path(longer + ".wav"), "-d", "1s")
        os.mkdir(self.path("a.json"))
        os.mkfifo(self.path("b.json"))
        for name, words in (("a.wav", ["a.json", "directory"]),
                            ("b.wav", ["b.json", "ordinary file"])):
            self.assert_keeps([], program.FAILED, words, "record", TONE, "-o",
                              self.path(name), "-d", "1s", "--force")

    def test_recording_that_cannot_begin(self):
        """a file that nothing can be written to is not cut either"""
        old = audio.noise(1).write_wav(self.path("old.wav"))
        report = self.write("old.json")
        before = content(old), content(report)
        # No shell: its limits leave no room for what it says itself.
        finished = self.run_program("prlimit", "--fsize=0", program.AUDYN, "record", TONE, "-o",
                                    old, "-d", "1s", "--force", "--quiet")
        self.assertEqual(finished.status, program.FAILED)
        self.assertEqual((content(old), content(report)), before)


if __name__ == "__main__":
    tap.main(jobs=3)
