# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Recordings from PipeWire with WirePlumber, which links streams to devices; and
PipeWire's own recorder beside."""

import contextlib
import json
import os
import pathlib
import shutil
import signal

import audio
import pipewire
import program
import tap

RATE = pipewire.RATE
ATTEMPTS = 5
# Processor time, as a multiple of what pw-record takes at the same time, so that a machine
# that is busy is so for both: of the data thread, and of all threads.  It only appends to a
# file; a recording also looks for losses and puts what it has on disk.
DATA_EFFORT, WHOLE_EFFORT = 2.0, 6.0


def effort_of(process):
    """Processor seconds of the data thread so far, and of all threads.  The data thread is
    PipeWire's: it has the program's name, but is not the program's first."""
    data = whole = 0
    for thread in pathlib.Path(f"/proc/{process.popen.pid}/task").iterdir():
        used = int((thread / "schedstat").read_text(encoding="ascii").split()[0]) / 1e9
        name = (thread / "comm").read_text(encoding="ascii").strip()
        whole += used
        if name == os.path.basename(process.argv[0]) and int(thread.name) != process.popen.pid:
            data += used
    return data, whole


class Managed(pipewire.TestCase):
    wireplumber = True

    def setUp(self):
        for needed in ("wireplumber", "dbus-daemon"):
            if not shutil.which(needed):
                self.skipTest(f"{needed} is not installed")
        super().setUp()
        self.add_sink()

    def links_of(self, name):
        """The outputs that are linked to this node's inputs."""
        lines = (self.try_run("pw-link", "-l") or "").splitlines()
        linked = set()
        for line in lines:
            if not line.startswith(" "):
                port = line
            elif "|<-" in line and port.startswith(f"{name}:"):
                linked.add(line.split()[-1])
        return linked

    def wait_for_links(self, name, *outputs):
        program.wait_until(lambda: self.links_of(name) == set(outputs),
                           f"links of {name} to {outputs}, but {self.links_of(name)}")

    def wait_for_sink(self, name="sink", node="audyn.sink"):
        self.wait_for_links(node, f"{name}:monitor_FL", f"{name}:monitor_FR")

    def default_is_known(self, name="sink"):
        said = self.try_run("pw-metadata", "-n", "default") or ""
        return "default.audio.sink'" in said and f'"name":"{name}"' in said.replace(" ", "")

    def test_the_default(self):
        """what the default sink plays is recorded bit for bit, and nothing is to be linked"""
        program.wait_until(self.default_is_known, "a default sink")
        for _ in range(ATTEMPTS):
            recording = self.record("pipewire:?monitor=1", "-d", "2s")
            self.wait_for_sink()
            playing = self.play(2, RATE)
            recorded = recording.finish()
            if not self.missed_by(playing):
                break
        self.assertEqual(recorded.status, program.COMPLETE, recorded.err)
        self.assert_counts(recorded.report, sample_frames=2 * RATE, received=2 * RATE)
        sound = [(piece.length, piece.sound) for piece in self.assert_pieces(recorded)]
        self.assertEqual(sound, [(RATE, 0)])

    def test_discover(self):
        """the default is marked as such"""
        program.wait_until(self.default_is_known, "a default sink")
        found = json.loads(self.audyn("discover", "pipewire", "--json").out)
        self.assertEqual([each["record"] for each in found["sources"] if each["default"]],
                         ["pipewire:sink?monitor=1"])

    def end_of(self, recording, seconds=1.0):
        """The recording, once it has gone on for so long."""
        self.let_grow(recording, seconds)
        recording.signal(signal.SIGINT)
        return recording.finish()

    def test_a_target_that_comes_back(self):
        """a recording stays with its sink: no signal while that is gone, then sound"""
        self.add_sink("other")
        recording = self.record("pipewire:sink?monitor=1")
        self.wait_for_sink()
        self.play()
        self.let_sound(recording, 1)
        self.tool("pw-cli", "destroy", str(self.node("sink")["id"]))
        self.let_grow(recording, 1.5)
        self.assertEqual(self.links_of("audyn.sink"), set())
        self.add_sink()
        self.wait_for_sink()
        recorded = self.end_of(recording)
        self.assertEqual(recorded.status, program.MISSING, recorded.err)
        self.assertGreater(recorded.report["no_signal"], RATE)
        self.assertEqual(recorded.report["no_frame"] + recorded.report["late"], 0)

    def test_a_client_without_a_class(self):
        """what session managers leave alone, as JACK clients, is recorded, and once more"""
        program.wait_until(self.default_is_known, "a default sink")
        source = self.start(pipewire.SOURCE, "play", "client", 2)
        self.wait_for_ports("client:out_2")
        recording = self.record("pipewire:client")
        self.let_sound(recording, 1)
        self.missed_by(source)
        self.let_grow(recording, 1.5)
        self.start(pipewire.SOURCE, "play", "client", 2)
        self.let_sound(recording, 0.5)
        self.wait_for_links("audyn.client", "client:out_1", "client:out_2")
        recorded = self.end_of(recording)
        self.assertGreater(recorded.report["no_signal"], 0)
        data = pipewire.samples_of(recorded)
        begin = data.rfind(pipewire.material(2, 8))
        for part in (data[:begin], data[begin:]):
            self.assertGreater(next(pipewire.pieces_of(part, 2)).length, RATE // 4)

    def test_a_target_that_is_followed(self):
        """with reconnect=1 the recording goes along to another sink, and where it is moved"""
        self.add_sink("other")
        recording = self.record("pipewire:sink?monitor=1&reconnect=1")
        self.wait_for_sink()
        self.let_grow(recording, 0.5)
        self.tool("pw-cli", "destroy", str(self.node("sink")["id"]))
        self.wait_for_sink("other")
        self.add_sink()
        # As wpctl and mixers do.
        serial = self.node("sink")["info"]["props"]["object.serial"]
        self.tool("pw-metadata", str(self.node("audyn.sink")["id"]), "target.object",
                  str(serial))
        self.wait_for_sink()
        recorded = self.end_of(recording)
        self.assertGreater(recorded.report["received"], RATE // 2)

    def test_a_daemon_that_is_restarted(self):
        """daemon and session manager may be killed and started again"""
        recording = self.record("pipewire:sink?monitor=1")
        self.wait_for_sink()
        self.let_grow(recording, 1)
        self.kill_daemon()
        self.manager.close()
        self.let_grow(recording, 1)
        self.start_daemon()
        self.start_wireplumber()
        self.add_sink()
        self.wait_for_sink()
        recorded = self.end_of(recording)
        self.assertEqual(recorded.status, program.MISSING, recorded.err)
        self.assertEqual(recorded.report["graph"]["reconnections"], 1)
        self.assertGreater(recorded.report["no_signal"], 0)
        self.assertGreater(recorded.report["received"], RATE)

    def test_beside_pw_record(self):
        """pw-record at the same time has the same samples, at no less effort of its thread"""
        whole = [(2 * RATE, 0)]
        for _ in range(ATTEMPTS):
            sounds, efforts, missed = self.record_both()
            ours, theirs = ([(piece.length, piece.sound) for piece in sound]
                            for sound in sounds)
            if not missed:
                self.assertEqual(ours, whole)
            if not missed and theirs == whole:
                break
        else:
            self.skipTest("the machine is so busy that pw-record has holes, or the sound itself")
        for name, (data, whole) in zip(("audyn", "pw-record"), efforts):
            print(f"# {name}: processor seconds of the data thread {data:.4f}, of all {whole:.4f}")
        (data, whole), (their_data, their_whole) = efforts
        self.assertLess(data, their_data * DATA_EFFORT)
        self.assertLess(whole, their_whole * WHOLE_EFFORT)

    def record_both(self):
        recording = self.record("pipewire:sink?monitor=1", "--quiet", ready="")
        path = self.path("theirs.wav")
        beside = self.start("pw-record", "--target", "sink", "--format", "f32", "--rate",
                            RATE, "--channels", 2, "-P",
                            "{ stream.capture.sink = true node.name = beside }", path)
        # It takes samples in its first thread, which would be too late where much else runs.
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(beside.popen.pid, os.SCHED_RR, os.sched_param(1))
        self.wait_for_sink()
        self.wait_for_sink(node="beside")
        self.force_quantum(512)
        before = effort_of(recording), effort_of(beside)
        playing = self.play(2, 2 * RATE)
        self.let_sound(recording, 3)
        after = effort_of(recording), effort_of(beside)
        for process in (recording, beside):
            process.signal(signal.SIGINT)
        recorded = recording.finish()
        beside.finish()
        theirs = audio.read_wav(path)
        self.assertEqual((theirs.rate, theirs.channels, theirs.bits), (RATE, 2, 32))
        sounds = self.assert_pieces(recorded), list(pipewire.pieces_of(theirs.data, 2))
        efforts = [[late - early for early, late in zip(*times)]
                   for times in zip(before, after)]
        return sounds, efforts, self.missed_by(playing)


if __name__ == "__main__":
    tap.main(jobs=2)
