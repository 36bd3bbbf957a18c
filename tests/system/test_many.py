# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Many recordings at once, none of which disturbs another."""

import json
import os
import signal

import audio
import farm
import program
import rtp
import tap

FORMAT = "L24/48000/2"
TONE = "tone:997?pace=free"
SECOND = 48000


class Many(program.TestCase):
    def setUp(self):
        super().setUp()
        self.out = self.path("out")
        os.mkdir(self.out)

    def start_many(self, *arguments, **keywords):
        recorder = program.Recorder(*arguments, "--out-dir", self.out, "--json",
                                    directory=self.directory, **keywords)
        self.addCleanup(recorder.close)
        return recorder

    def record_many(self, *arguments):
        """To its end; the report's streams by their names."""
        finished = self.audyn("record", *arguments, "--out-dir", self.out, "--json")
        report = json.loads(finished.out) if finished.out else None
        return finished, self.by_name(report) if report else {}

    @staticmethod
    def by_name(report):
        return {stream["name"]: stream for stream in report["streams"]}

    def write(self, name, text):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def files(self):
        return sorted(os.listdir(self.out))

    def in_out(self, name):
        return os.path.join(self.out, name)

    def assert_recorded(self, stream, frames=SECOND):
        """One that is complete, with its file and the same report beside it."""
        self.assertNotIn("error", stream)
        self.assert_counts(stream, sample_frames=frames, received=frames)
        path = stream["files"][0]["path"]
        self.assertEqual(path, self.in_out(stream["name"] + ".wav"))
        wav = audio.read_wav(path)
        self.assertEqual(len(wav.data), frames * wav.channels * wav.bits // 8)
        with open(path[:-4] + ".json", encoding="utf-8") as report:
            self.assertEqual(json.load(report), stream)

    def assert_failed(self, finished, stream, *words):
        """That stream alone, with the same message in its report and for people."""
        self.assertEqual(finished.status, program.FAILED, finished.err)
        for word in words:
            self.assertIn(word, stream["error"])
        self.assertIn(f"audyn: error: {stream['name']}: {stream['error']}", finished.err)
        self.assertIn(f"audyn: {stream['name']}: failed: {stream['error']}", finished.err)


class Together(Many):
    def test_ten_streams(self):
        """ten streams are recorded at once, each bit for bit and for exactly as long"""
        sources = [audio.noise(1.6, channels=1 + i % 3, seed=i) for i in range(10)]
        addresses = [program.group() for _ in sources]
        names = [f"channel {i}" for i in range(10)]
        listed = "".join(f"{address.uri(source.format)} {name}\n" for source, address, name
                         in list(zip(sources, addresses, names))[4:])
        recorder = self.start_many(
            *(address.uri(source.format) for source, address in
              list(zip(sources, addresses))[:4]),
            "--inputs", self.write("list", listed), "-d", "1s")
        sendings = [rtp.Stream(source, 48).start(address)
                    for source, address in zip(sources, addresses)]
        recorded = recorder.finish()
        for sending in sendings:
            sending.stop()
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        streams = recorded.report["streams"]
        self.assertEqual([stream["name"] for stream in streams],
                         [f"{address.host}-{address.port}" for address in addresses[:4]]
                         + names[4:])
        for stream, source in zip(streams, sources):
            self.assert_recorded(stream)
            self.assert_wav(stream["files"][0]["path"], source, source.cut(0, SECOND))

    def test_memory_and_totals(self):
        """memory of a stream and of all is told at the start and in the report"""
        recorder = self.start_many("tone:", "tone:?channels=4", "-d", "500ms",
                                   "--buffer", "2s")
        recorded = recorder.finish()
        two, four = (stream["memory_bytes"] for stream in recorded.report["streams"])
        self.assertGreaterEqual(two, 2 * SECOND * 2 * 4)
        self.assertGreater(four, two)
        self.assertEqual(recorded.report["memory_bytes"], two + four)
        self.assertIn(f"waiting for 2 streams, {two / 2**20:.1f} MiB to {four / 2**20:.1f} MiB "
                      f"each, {(two + four) / 2**20:.1f} MiB in all", recorded.err)
        totals = {key: recorded.report[key] for key in
                  ("finished", "failed", "incomplete", "missing", "workers")}
        self.assertEqual(totals, {"finished": 2, "failed": 0, "incomplete": 0, "missing": 0,
                                  "workers": min(2, len(os.sched_getaffinity(0)))})

    def memory_of_streams(self, count):
        """What the process takes for so many, and what it says that each takes.  Meson has
        the C library fill each block, which then takes memory that nothing uses yet."""
        group = program.group()
        inputs = [f"rtp://{group.host}:{port}?format={FORMAT}"
                  for port in range(20000, 20000 + count)]
        recorder = self.start_many(*inputs, "--buffer", "1s", "--force",
                                   ready=f"waiting for {count} streams",
                                   env={**os.environ, "MALLOC_PERTURB_": "0"})
        taken = farm.memory(recorder.popen.pid)["VmHWM"]
        recorder.signal(signal.SIGINT)
        report = recorder.finish().report
        return taken, report["streams"][0]["memory_bytes"]

    def test_memory_stated_is_memory_taken(self):
        """a stream of the network takes as much memory as the report says"""
        few, _ = self.memory_of_streams(10)
        many, stated = self.memory_of_streams(40)
        self.assertAlmostEqual((many - few) / 30 / stated, 1, delta=0.15)

    def test_each_its_own_end(self):
        """one that ends is closed at once, while the others go on until a signal"""
        source = audio.noise(0.5)
        wav = source.write_wav(self.path("short.wav"))
        recorder = self.start_many(f"file:{wav}", "tone:")
        short = self.in_out("short.json")
        program.wait_until(lambda: os.path.exists(short) and os.path.getsize(short),
                           "report of the one that has ended")
        self.assertTrue(recorder.running)
        self.assert_wav(self.in_out("short.wav"), source, source.data)
        recorder.signal(signal.SIGINT)
        recorded = recorder.finish()
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        streams = self.by_name(recorded.report)
        self.assert_recorded(streams["short"], source.frames)
        self.assert_recorded(streams["tone"], streams["tone"]["sample_frames"])

    def test_samples_missing_from_one(self):
        """samples that one misses make the status, and details for that one alone"""
        source = audio.noise(1.5)
        address = program.group()
        recorder = self.start_many(address.uri(source.format), "tone:", "-d", "1s")
        stream = rtp.Stream(source, 48)
        stream.lose(300)
        stream.send(address)
        recorded = recorder.finish()
        self.assertEqual(recorded.status, program.MISSING, recorded.err)
        self.assertEqual((recorded.report["incomplete"], recorded.report["missing"]), (1, 48))
        self.assertIn("tone.wav: 48000 sample frames (1.000 s), none missing", recorded.err)
        self.assertEqual(recorded.err.count("lost on the way"), 1)

    def test_live_line(self):
        """the live line counts the streams"""
        recorder = self.start_many("tone:", program.group().uri(FORMAT), "--live", "-d", "1s",
                                   "--timeout", "1s", "--buffer", "500ms")
        self.assertRegex(recorder.finish().err,
                         r"\d\d:\d\d:0\d\.\d  1 running, 1 waiting, 0 failed  missing 0")


class Alone(Many):
    """What fails, fails alone."""

    def fail_alone(self, uri, name, *words, options=()):
        """Beside a tone and a file, which are complete."""
        wav = audio.noise(1).write_wav(self.path("beside.wav"))
        finished, streams = self.record_many(TONE, uri, f"file:{wav}?pace=free", "-d", "1s",
                                             *options)
        self.assert_failed(finished, streams[name], *words)
        self.assert_recorded(streams["tone-997"])
        self.assert_recorded(streams["beside"])
        return streams[name]

    def test_no_such_file(self):
        """an input that is not there"""
        self.fail_alone("file:/nonexistent/a.wav", "a", "/nonexistent/a.wav")

    def test_no_such_interface(self):
        """an interface that is not there"""
        self.fail_alone(f"rtp://239.69.0.1:5004?format={FORMAT}&iface=eth77",
                        "239.69.0.1-5004", "eth77")

    def test_unreadable_description(self):
        """a description that is none"""
        path = self.write("stage.sdp", "This describes nothing.\n")
        self.fail_alone(f"sdp:{path}", "stage", path)

    def test_nothing_received(self):
        """a stream that never comes, with what to look at"""
        address = program.group()
        self.fail_alone(address.uri(FORMAT), f"{address.host}-{address.port}", address.host,
                        "firewall", options=("--timeout", "300ms"))

    def test_existing_file(self):
        """a file that is there already, and is kept"""
        for name in ("a.wav", "b.json"):
            with open(self.in_out(name), "w", encoding="ascii") as file:
                file.write("precious")
        stream = self.fail_alone(f"file:{audio.noise(1).write_wav(self.path('a.wav'))}", "a",
                                 self.in_out("a.wav"), "--force")
        self.assertEqual(stream["files"], [])
        for name in ("tone-997", "beside"):
            os.unlink(self.in_out(name + ".wav"))
            os.unlink(self.in_out(name + ".json"))
        self.fail_alone(f"file:{audio.noise(1).write_wav(self.path('b.wav'))}", "b",
                        self.in_out("b.json"), "--force")
        for name in ("a.wav", "b.json"):
            with open(self.in_out(name), encoding="ascii") as file:
                self.assertEqual(file.read(), "precious")
        self.assertNotIn("b.wav", self.files())

    def test_wrong_format(self):
        """a stream whose samples are of another format"""
        address = program.group()
        recorder = self.start_many("tone:", address.uri("L24/48000/2"), "-d", "1s",
                                   "--timeout", "1s")
        rtp.Stream(audio.noise(0.5, channels=1)).send(address)
        recorded = recorder.finish()
        streams = self.by_name(recorded.report)
        self.assert_failed(recorded, streams[f"{address.host}-{address.port}"],
                           "L24 with 1 channel")
        self.assert_recorded(streams["tone"])

    def test_full_disk(self):
        """a disk that is full, of what was recorded before nothing is lost"""
        disk = self.path("disk")
        os.mkdir(disk)
        small = program.namespace("--mount", f"mount -t tmpfs -o size=300k none '{disk}'")
        if small is None:
            self.skipTest("mounting a small file system is not permitted here")
        os.symlink(os.path.join(disk, "a.wav"), self.in_out("a.wav"))
        finished = self.run_program(
            *small, program.AUDYN, "record", "--inputs",
            self.write("list", f"{TONE} a\n{TONE} b\n{TONE} c\n"), "--out-dir", self.out, "-d",
            "1s", "--force", "--json")
        streams = self.by_name(json.loads(finished.out))
        self.assert_failed(finished, streams["a"], self.in_out("a.wav"), "no space left")
        self.assert_recorded(streams["b"])
        self.assert_recorded(streams["c"])

    def test_input_of_another(self):
        """a file that another one reads is not overwritten, --force or not"""
        source = audio.noise(1)
        wav = source.write_wav(self.in_out("a.wav"))
        finished, streams = self.record_many(
            "--inputs", self.write("list", f"{TONE} a\nfile:{wav}?pace=free b\n"), "-d", "1s",
            "--force")
        self.assert_failed(finished, streams["a"], wav, "destroyed")
        self.assert_recorded(streams["b"])
        self.assert_wav(wav, source, source.data)

    def check_memory(self, *wrapper):
        """Of 60 s, two channels at 48 kHz fit, and 64 at 192 kHz do not."""
        listed = self.write("list", f"{TONE} a\ntone:997?rate=192000&channels=64 b\n")
        finished = self.run_program(
            *wrapper, program.AUDYN, "record", "--json", "-d", "1s", "--inputs", listed,
            "--out-dir", self.out, "--buffer", "60s", "--force")
        streams = self.by_name(json.loads(finished.out))
        self.assert_failed(finished, streams["b"], "64 channels", "--buffer")
        self.assert_recorded(streams["a"])

    def test_memory_that_cannot_be_had(self):
        """memory that cannot be had, with what to lower"""
        self.check_memory("prlimit", f"--as={2 << 30}")

    def test_memory_that_there_is_not(self):
        """memory that others need, before the kernel ends a process for it"""
        told = self.write("meminfo", "MemTotal: 999999999 kB\nMemAvailable:  1000000 kB\n")
        scarce = program.namespace("--mount", f"mount --bind '{told}' /proc/meminfo")
        if scarce is None:
            self.skipTest("mounting is not permitted here")
        self.check_memory(*scarce)

    def test_file_descriptors(self):
        """too few file descriptors cost those streams for whom there are none"""
        finished = self.run_program(
            "prlimit", "--nofile=20:104", program.AUDYN, "record", "--json", "-d", "1s",
            "--inputs", self.write("list", f"{TONE}\n" * 30), "--out-dir", self.out,
            "--buffer", "500ms")
        self.assertEqual(finished.status, program.FAILED, finished.err)
        self.assertIn("enough for 10 of 30 streams", finished.err)
        streams = json.loads(finished.out)["streams"]
        for stream in streams[:10]:
            self.assert_recorded(stream)
        for stream in streams[10:]:
            self.assert_failed(finished, stream, "file descriptors")

    def test_never_announced(self):
        """a session that is not announced holds nobody up"""
        recorder = self.start_many("sap:nobody%20here?wait=1h", "tone:", "-d", "500ms")
        tone = self.in_out("tone.json")
        program.wait_until(lambda: os.path.exists(tone) and os.path.getsize(tone),
                           "report of the other one")
        recorder.signal(signal.SIGINT)
        recorded = recorder.finish()
        streams = self.by_name(recorded.report)
        self.assert_failed(recorded, streams["nobody-here"], "stopped before", "nobody here")
        self.assert_recorded(streams["tone"], SECOND // 2)

    def test_never_started(self):
        """at a signal, one that never came is a failure, the others are complete"""
        address = program.group()
        recorder = self.start_many(address.uri(FORMAT), "tone:")
        tone = self.in_out("tone.wav")
        program.wait_until(lambda: os.path.getsize(tone) > 65536, "some samples")
        recorder.signal(signal.SIGTERM)
        recorded = recorder.finish()
        streams = self.by_name(recorded.report)
        self.assert_failed(recorded, streams[f"{address.host}-{address.port}"], "no packet")
        self.assert_recorded(streams["tone"], streams["tone"]["sample_frames"])
        self.assertEqual(self.files(), ["tone.json", "tone.wav"])


class Usage(Many):
    def refuse(self, status, words, *arguments):
        """At once, with nothing touched."""
        finished = self.audyn("record", *arguments)
        self.assert_fails(finished, status, *words)
        self.assertEqual((finished.out, self.files()), ("", []))

    def test_faults_of_the_command_line(self):
        """every fault of command line and list is named, and nothing starts"""
        listed = self.write("list", "tone: good\ntone:loud\n\nrtp://239.69.0.1:5004\n"
                                    "tone: a/b\n")
        self.refuse(program.USAGE, ["gopher:x: 'gopher:'", f"{listed}:2: ", "frequency",
                                    f"{listed}:4: ", "format", f"{listed}:5: ", "'a/b'"],
                    "tone:", "gopher:x", "--inputs", listed, "--out-dir", self.out)
        self.assertNotIn(f"{listed}:1", self.audyn("record", "--inputs", listed, "--out-dir",
                                                   self.out).err)

    def test_options_that_do_not_fit(self):
        """where it goes is said once, and for as many as there are"""
        listed = self.write("list", "tone:\n")
        wav = self.path("a.wav")
        self.refuse(program.USAGE, ["--out-dir"], TONE, TONE)
        self.refuse(program.USAGE, [TONE, "one too many"], TONE, TONE, "-o", wav)
        self.refuse(program.USAGE, ["--out-dir"], "--inputs", listed)
        self.refuse(program.USAGE, ["--out-dir"], "--inputs", listed, "-o", wav)
        self.refuse(program.USAGE, ["one of them"], TONE, "-o", wav, "--out-dir", self.out)
        self.refuse(program.USAGE, ["--stall 5ms"], TONE, "--out-dir", self.out, "--stall",
                    "5ms")

    def test_list_that_is_none(self):
        """a list that is not there, empty or no text is refused"""
        empty = self.write("empty", "# nothing\n\n")
        self.refuse(program.USAGE, [empty], "--inputs", empty, "--out-dir", self.out)
        self.refuse(program.FAILED, ["/nonexistent/list"], "--inputs", "/nonexistent/list",
                    "--out-dir", self.out)
        self.refuse(program.FAILED, [self.directory, "directory"], "--inputs", self.directory,
                    "--out-dir", self.out)
        with open(self.path("zeros"), "wb") as file:
            file.write(bytes(10000))
        self.refuse(program.USAGE, [":1: ", "not text"], "--inputs", self.path("zeros"),
                    "--out-dir", self.out)

    def test_directory_that_is_none(self):
        """a directory that is not there, or is a file, is refused as a whole"""
        self.refuse(program.FAILED, ["/nonexistent/dir", "create it"], TONE, "--out-dir",
                    "/nonexistent/dir")
        self.refuse(program.FAILED, ["no directory"], TONE, "--out-dir",
                    self.write("plain", "x"))

    def test_list_on_standard_input(self):
        """a list may come on standard input"""
        with open(self.write("list", f"{TONE} a\n"), encoding="ascii") as listed:
            finished = self.audyn("record", TONE, "--inputs", "-", "--out-dir", self.out, "-d",
                                  "1s", "--quiet", stdin=listed)
        self.assertEqual(finished, (program.COMPLETE, "", ""))
        self.assertEqual(self.files(), ["a.json", "a.wav", "tone-997.json", "tone-997.wav"])

    def test_names_that_agree(self):
        """inputs of one name get files of their own"""
        finished, streams = self.record_many(TONE, TONE, "--inputs",
                                             self.write("list", f"{TONE} Tone-997"), "-d", "1s")
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        self.assertEqual(list(streams), ["tone-997", "tone-997-2", "Tone-997-3"])
        for stream in streams.values():
            self.assert_recorded(stream)


if __name__ == "__main__":
    tap.main(jobs=4)
