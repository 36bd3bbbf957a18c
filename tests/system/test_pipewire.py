# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Recordings from a real PipeWire daemon, without a session manager."""

import json
import os
import signal

import audio
import pipewire
import program
import tap

RATE = pipewire.RATE
MONITOR = "pipewire:sink?monitor=1"
# Where the machine is so busy that the graph does not wait for the source of the test.
ATTEMPTS = 5


class Samples(pipewire.TestCase):
    def check_material(self, channels, recordings=1):
        """Each recording holds the sound once, with nothing but silence around it."""
        self.add_sink(channels=channels)
        # On a busy machine it takes long until all is linked and the sound begins.
        for seconds in range(2, 2 + ATTEMPTS):
            recorded, missed = self.record_material(channels, recordings, seconds)
            if not missed and not any(map(self.ends_in_sound, recorded)):
                break
        self.assertEqual(missed, 0, "the machine is too busy for this test")
        for each in recorded:
            self.assert_counts(each.report, sample_frames=seconds * RATE,
                               received=seconds * RATE)
            self.assertEqual(each.report["channels"], channels)
            sound = [(piece.length, piece.sound)
                     for piece in self.assert_pieces(each, channels)]
            self.assertEqual(sound, [(RATE, 0)])

    def ends_in_sound(self, recorded):
        return any(pipewire.samples_of(recorded)[-4:])

    def record_material(self, channels, recordings, seconds):
        running = [self.record(MONITOR, "-d", f"{seconds}s") for _ in range(recordings)]
        self.link_recording(channels, recordings=recordings)
        playing = self.play(channels, RATE)
        recorded = [recording.finish() for recording in running]
        return recorded, self.missed_by(playing)

    def test_mono(self):
        """mono through a sink's monitor is recorded bit for bit, no more and no less"""
        self.check_material(1)

    def test_stereo(self):
        """stereo through a sink's monitor is recorded bit for bit, no more and no less"""
        self.check_material(2)

    def test_eight_channels(self):
        """8 channels through a sink's monitor are recorded bit for bit, in their order"""
        self.check_material(8)

    def test_two_at_once(self):
        """two recordings of one sink at once are both whole"""
        self.check_material(2, recordings=2)

    def test_two_sinks(self):
        """two sinks are recorded by one program"""
        os.mkdir(self.path("out"))
        for sink in ("sink", "other"):
            self.add_sink(sink)
        recording = self.start(program.AUDYN, "record", MONITOR, "pipewire:other?monitor=1",
                               "--out-dir", self.path("out"), "-d", "1s", "--json")
        self.link_recording()
        self.link_recording(sink="other")
        self.play(into="other")
        finished = recording.finish()
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        streams = json.loads(finished.out)["streams"]
        self.assertEqual([each["received"] for each in streams], [RATE, RATE])
        self.assertFalse(any(audio.read_wav(self.path("out/sink.wav")).data))
        self.assertTrue(any(audio.read_wav(self.path("out/other.wav")).data))


class Changes(pipewire.TestCase):
    def setUp(self):
        super().setUp()
        self.add_sink()

    def assert_in_time(self, pieces):
        """Sound that is missing is missing for its own length: after each gap it goes on
        where it would be by then."""
        offsets = {piece.at - piece.sound for piece in pieces}
        self.assertEqual(len(offsets), 1, pieces)

    def test_changes_of_the_quantum(self):
        """where the quantum changes, what PipeWire drops is on the map, to the sample"""
        for _ in range(ATTEMPTS):
            recorded, missed = self.record_quanta((1024, 256, 8192, 256, 1024, 8192))
            self.assert_losses_are_silent(recorded)
            if not missed and not recorded.report["graph"]["discontinuities"]:
                break
        else:
            self.skipTest("the machine is so busy that the sound itself has holes")
        pieces = self.assert_pieces(recorded)
        self.assert_in_time(pieces)
        gaps = {first.at + first.length: second.at - first.at - first.length
                for first, second in zip(pieces, pieces[1:])}
        start = recorded.report["start"]["position"]
        losses = {span["position"] - start: span["sample_frames"]
                  for span in recorded.report["spans"]
                  if span["position"] - start > pieces[0].at}
        self.assertEqual(gaps, losses)
        self.assertTrue(gaps)

    def test_a_quantum_of_less_than_a_millisecond(self):
        """a quantum of 32 between others is recorded in its time"""
        # Hardly a machine keeps up with that all the time: the sound itself has holes.
        recorded, _ = self.record_quanta((32, 8192, 32, 256, 32, 1024))
        length = recorded.report["sample_frames"]
        self.assertGreater(recorded.report["received"], length * 0.7)
        self.assertEqual(recorded.report["no_frame"], 0)
        self.assert_losses_are_silent(recorded)

    def assert_losses_are_silent(self, recorded):
        data = pipewire.samples_of(recorded)
        for span in recorded.report["spans"]:
            first = 8 * (span["position"] - recorded.report["start"]["position"])
            self.assertFalse(any(data[first:first + 8 * span["sample_frames"]]), span)

    def record_quanta(self, quanta):
        recording = self.record(MONITOR)
        self.link_recording()
        playing = self.play()
        for quantum in quanta:
            self.force_quantum(quantum)
            self.let_grow(recording, 0.4)
        self.force_quantum(0)
        recorded = self.stop_recording(recording)
        return recorded, self.missed_by(playing)

    def stop_recording(self, recording):
        recording.signal(signal.SIGINT)
        recorded = recording.finish()
        self.assertIn(recorded.status, (program.COMPLETE, program.MISSING), recorded.err)
        audio.read_wav(recorded.path)
        classes = ("received", "lost", "late", "no_frame", "no_signal")
        self.assertEqual(sum(recorded.report[key] for key in classes),
                         recorded.report["sample_frames"])
        return recorded

    def test_a_sink_that_vanishes(self):
        """a sink that vanishes is no signal until it is back"""
        recording = self.record(MONITOR)
        self.link_recording()
        self.play()
        self.let_sound(recording, 0.8)
        self.tool("pw-cli", "destroy", str(self.node("sink")["id"]))
        self.let_grow(recording, 1)
        self.add_sink()
        self.link_recording()
        self.play(name="another")
        self.let_sound(recording, 1.5)
        recorded = self.stop_recording(recording)
        self.assertGreater(recorded.report["no_signal"], RATE)
        self.assertGreater(recorded.report["received"], RATE)
        self.assert_heard_around_silence(recorded)

    def assert_heard_around_silence(self, recorded):
        """The sound begins, and once more after the longest stretch without signal."""
        silence = max((span for span in recorded.report["spans"]
                       if span["class"] == "no_signal"),
                      key=lambda span: span["sample_frames"])
        first = silence["position"] - recorded.report["start"]["position"]
        last = first + silence["sample_frames"]
        frame = 8
        data = pipewire.samples_of(recorded)
        for part in (data[:first * frame], data[last * frame:]):
            self.assertGreater(sum(piece.length for piece in pipewire.pieces_of(part, 2)),
                               RATE // 4)

    def test_a_daemon_that_is_killed(self):
        """a daemon that is killed and started again is no signal in between"""
        recording = self.record(MONITOR)
        self.link_recording()
        self.play()
        self.let_sound(recording, 0.8)
        self.kill_daemon()
        self.let_grow(recording, 1)
        self.start_daemon()
        self.add_sink()
        self.link_recording()
        self.play(name="another")
        self.let_sound(recording, 1.5)
        recorded = self.stop_recording(recording)
        self.assertEqual(recorded.report["graph"]["reconnections"], 1)
        self.assertGreater(recorded.report["no_signal"], RATE)
        self.assert_heard_around_silence(recorded)

    def test_a_daemon_that_does_not_come_back(self):
        """when the daemon never comes back what was recorded is kept, and says so"""
        recording = self.record(MONITOR, "-d", "3s")
        self.link_recording()
        self.play()
        self.let_sound(recording, 0.5)
        self.kill_daemon()
        recorded = recording.finish()
        self.assertEqual(recorded.status, program.MISSING, recorded.err)
        self.assertEqual(recorded.report["sample_frames"], 3 * RATE)
        self.assertGreater(recorded.report["no_signal"], RATE)

    def test_links_by_hand(self):
        """a recording can be linked to something else by hand while it runs"""
        self.add_sink("other")
        recording = self.record(MONITOR)
        self.link_recording()
        self.play()
        self.let_sound(recording, 0.5)
        for position in pipewire.POSITIONS[2]:
            self.tool("pw-link", "-d", f"sink:monitor_{position}",
                      f"audyn.sink:input_{position}")
            self.tool("pw-link", f"other:monitor_{position}",
                      f"audyn.sink:input_{position}")
        self.play(name="another", into="other")
        self.let_sound(recording, 1)
        recorded = self.stop_recording(recording)
        data = pipewire.samples_of(recorded)
        # Both sources play the same, each from its beginning.
        begin = data.rfind(pipewire.material(2, 8))
        self.assertGreater(begin, RATE // 4 * 8)
        heard = next(pipewire.pieces_of(data[begin:], 2))
        self.assertGreater(heard.length, RATE // 4)

    def test_a_volume_is_undone(self):
        """a volume that somebody sets on the stream does not last"""
        recording = self.record(MONITOR)
        self.link_recording()
        self.play()
        self.let_sound(recording, 0.3)
        node = str(self.node("audyn.sink")["id"])
        self.tool("pw-cli", "set-param", node, "Props", "{ volume: 0.25 }")
        program.wait_until(lambda: self.volume() == 1.0, "the volume undone")
        self.let_grow(recording, 1.5)
        recorded = self.stop_recording(recording)
        data = pipewire.samples_of(recorded)
        second = data[len(data) // 8 // 2 * 8:]
        self.assertGreater(sum(piece.length for piece in pipewire.pieces_of(second, 2)),
                           RATE // 4)

    def volume(self):
        params = self.node("audyn.sink")["info"]["params"].get("Props", [])
        return next((each["volume"] for each in params if "volume" in each), None)


class Requests(pipewire.TestCase):
    def test_what_others_see(self):
        """others see who records what, and in which role"""
        self.add_sink()
        self.record(MONITOR + "&latency=512/48000&rate=48000")
        self.wait_for_ports("audyn.sink:input_FL")
        node = self.node("audyn.sink")
        properties = node["info"]["props"]
        expected = {"media.class": "Stream/Input/Audio", "media.type": "Audio",
                    "media.category": "Capture", "media.role": "Production",
                    "application.name": "Audyn", "node.name": "audyn.sink",
                    "node.description": "Audyn recording sink",
                    "node.latency": "512/48000", "node.rate": "1/48000",
                    "stream.capture.sink": "true", "node.dont-reconnect": "true"}
        self.assertEqual({key: str(properties.get(key)).replace("True", "true")
                          for key in expected}, expected)
        self.assertEqual(str(properties["target.object"]),
                         str(self.node("sink")["info"]["props"]["object.serial"]))

    def test_another_rate(self):
        """where another rate is asked for PipeWire converts, and the report says so"""
        self.add_sink()
        recording = self.record(MONITOR + "&rate=44100", "-d", "1s")
        self.link_recording()
        recorded = recording.finish()
        self.assertEqual(recorded.report["sample_rate"], 44100)
        self.assertEqual(recorded.report["sample_frames"], 44100)
        self.assertEqual(recorded.report["graph"]["sample_rate"], RATE)
        self.assertTrue(recorded.report["graph"]["converted"])
        self.assertIn("PipeWire converted 48000 Hz to 44100 Hz", recorded.err)

    def test_by_serial_number(self):
        """a node can be named by its serial number"""
        self.add_sink()
        serial = self.node("sink")["info"]["props"]["object.serial"]
        recording = self.record(f"pipewire:{serial}?monitor=1")
        self.link_recording()
        self.let_grow(recording, 0.2)
        self.assertEqual(self.stop(recording).status, program.COMPLETE)

    def test_two_of_one_name(self):
        """of several nodes of one name each is listed so that it can be recorded"""
        self.add_sink(channels=2)
        self.add_sink(channels=8)
        self.wait_for_ports("sink:monitor_SR")
        found = json.loads(self.audyn("discover", "pipewire", "--json").out)["sources"]
        self.assertEqual([each["channels"] for each in found], [2, 8])
        for each, options in zip((*found, found[1]), ("", "", "&reconnect=1")):
            recording = self.record(each["record"] + options)
            self.wait_for_ports("audyn.sink:input_FR")
            target = self.node("audyn.sink")["info"]["props"]["target.object"]
            self.assertEqual(str(target), each["serial"])
            recording.close()
            program.wait_until(lambda: "audyn.sink" not in self.tool("pw-link", "-i"),
                               "end of the recording")

    def test_a_node_that_is_not_there_yet(self):
        """a node whose format is given is waited for"""
        recording = self.record(MONITOR + "&channels=2&rate=48000")
        self.add_sink()
        self.link_recording()
        self.let_grow(recording, 0.2)
        self.assertEqual(self.stop(recording).status, program.COMPLETE)

    def test_nodes_that_cannot_be(self):
        """a node that is not there, or gives nothing, is refused with what there is"""
        self.add_sink()
        self.start(pipewire.SOURCE, "play", "source", 2)
        self.wait_for_ports("source:out_1")
        for uri, word in (("pipewire:nothing", "there are: "),
                          ("pipewire:nothing", "sink?monitor=1"),
                          ("pipewire:sink", "add ?monitor=1"),
                          ("pipewire:source?monitor=1", "leave out monitor=1")):
            with self.subTest(uri):
                self.assert_fails(self.audyn("record", uri, "-o", self.path("x.wav")),
                                  program.FAILED, word)

    def test_nothing_linked(self):
        """where nothing is linked the message says how to link"""
        self.add_sink()
        finished = self.audyn("record", MONITOR, "-o", self.path("x.wav"), "--timeout",
                              "500ms")
        self.assert_fails(finished, program.FAILED, "nothing is linked to 'audyn.sink'",
                          "no session manager", "pw-link")

    def test_no_daemon(self):
        """without a daemon the message says what to look at"""
        self.kill_daemon()
        for command in (("record", "pipewire:", "-o", self.path("x.wav")),
                        ("discover", "pipewire")):
            self.assert_fails(self.audyn(*command), program.FAILED,
                              "PipeWire cannot be reached", "XDG_RUNTIME_DIR")

    def test_discover(self):
        """what can be recorded is listed with the input to give"""
        self.assert_fails(self.audyn("discover", "pipewire"), program.FAILED,
                          "nothing to record")
        self.add_sink(channels=8)
        self.start(pipewire.SOURCE, "play", "a source", 2)
        self.wait_for_ports("a source:out_2")
        finished = self.audyn("discover", "pipewire", "--json")
        self.assertEqual(finished.status, program.COMPLETE, finished.err)
        found = json.loads(finished.out)
        self.assertEqual(found["sample_rate"], RATE)
        sink, source = sorted(found["sources"], key=lambda each: not each["monitor"])
        self.assertEqual((sink["record"], sink["channels"], sink["positions"]),
                         (MONITOR, 8, "FL,FR,FC,LFE,RL,RR,SL,SR"))
        self.assertEqual(sink["description"], "Sink sink")
        self.assertEqual((source["record"], source["channels"], source["positions"],
                          source["default"]), ("pipewire:a%20source", 2, None, False))
        self.assertIn(MONITOR, self.audyn("discover", "pipewire").out)


if __name__ == "__main__":
    tap.main(jobs=3)
