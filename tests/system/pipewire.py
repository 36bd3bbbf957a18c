# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""A PipeWire daemon of a test's own, without a desktop; and a source in its graph whose
samples say which they are."""

import collections
import json
import os
import signal
import subprocess

import audio
import program

SOURCE = os.environ.get("PIPEWIRE_SOURCE", "pipewire-source")
RATE = 48000
WAV_HEADER = 8192  # bytes that are not samples, at most

CONFIG = """
context.properties = {{
    core.daemon = true
    core.name = pipewire-0
    default.clock.rate = {rate}
    default.clock.quantum = 1024
    default.clock.min-quantum = 32
    default.clock.max-quantum = 8192
}}
context.spa-libs = {{
    audio.convert.* = audioconvert/libspa-audioconvert
    support.* = support/libspa-support
}}
context.modules = [
    {{ name = libpipewire-module-rt flags = [ ifexists nofail ] }}
    {{ name = libpipewire-module-protocol-native }}
    {{ name = libpipewire-module-profiler }}
    {{ name = libpipewire-module-metadata }}
    {{ name = libpipewire-module-spa-node-factory }}
    {{ name = libpipewire-module-client-node }}
    {{ name = libpipewire-module-client-device }}
    {{ name = libpipewire-module-access }}
    {{ name = libpipewire-module-adapter }}
    {{ name = libpipewire-module-link-factory }}
    {{ name = libpipewire-module-session-manager }}
]
context.objects = [
    {{ factory = metadata args = {{ metadata.name = default }} }}
    {{ factory = spa-node-factory args = {{
        factory.name = support.node.driver
        node.name = Dummy-Driver
        node.group = pipewire.dummy
        priority.driver = 20000 }} }}
]
"""

POSITIONS = {1: ("MONO",), 2: ("FL", "FR"),
             8: ("FL", "FR", "FC", "LFE", "RL", "RR", "SL", "SR")}


def sink_properties(name, channels):
    positions = " ".join(POSITIONS[channels])
    return ("{ factory.name = support.null-audio-sink "
            f"node.name = {name} node.description = \"Sink {name}\" "
            f"media.class = Audio/Sink audio.position = [ {positions} ] "
            "object.linger = true monitor.channel-volumes = false "
            "adapter.auto-port-config = { mode = dsp monitor = true position = preserve } }")


class TestCase(program.TestCase):
    """Each case has a daemon."""

    wireplumber = False

    def setUp(self):
        super().setUp()
        runtime = self.path("run")
        os.makedirs(runtime, mode=0o700)
        # What the user's own desktop sets must not lead there.
        self.environment = {key: value for key, value in os.environ.items()
                            if not key.startswith(("PIPEWIRE_", "DBUS_"))
                            or key == "PIPEWIRE_SOURCE"}
        self.environment |= {"XDG_RUNTIME_DIR": runtime, "HOME": self.directory,
                             "XDG_CONFIG_HOME": self.path("config"),
                             "XDG_STATE_HOME": self.path("state")}
        with open(self.path("daemon.conf"), "w", encoding="utf-8") as config:
            config.write(CONFIG.format(rate=RATE))
        self.start_daemon()
        if self.wireplumber:
            self.start_wireplumber()

    def start(self, *argv, **popen):
        return super().start(*argv, **{"env": self.environment, **popen})

    def record(self, uri, *options, **keywords):
        return super().record(uri, *options, env=self.environment, **keywords)

    def start_daemon(self):
        self.daemon = self.start("pipewire", "-c", self.path("daemon.conf"))
        socket = os.path.join(self.environment["XDG_RUNTIME_DIR"], "pipewire-0")
        program.wait_until(lambda: os.path.exists(socket) and self.try_run("pw-cli", "info", "0"),
                           f"PipeWire: {self.daemon}")

    def kill_daemon(self):
        self.daemon.signal(signal.SIGKILL)
        self.daemon.popen.wait()

    def start_wireplumber(self):
        bus = self.start("dbus-daemon", "--session", "--nofork", "--print-address=1")
        address = program.wait_until(lambda: bus.text(bus.out_file).strip(), "D-Bus")
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = address
        self.manager = self.start("wireplumber")
        program.wait_until(lambda: "WirePlumber" in self.tool("pw-cli", "ls", "Client"),
                           f"WirePlumber: {self.manager}")

    def try_run(self, *argv):
        """What it printed, or None where it failed."""
        done = subprocess.run(argv, env=self.environment, capture_output=True, text=True,
                              timeout=program.PATIENCE, check=False)
        return done.stdout if done.returncode == 0 else None

    def tool(self, *argv):
        said = self.try_run(*argv)
        self.assertIsNotNone(said, argv)
        return said

    def add_sink(self, name="sink", channels=2):
        """A sink without a device; what it plays is at its monitor."""
        self.tool("pw-cli", "create-node", "adapter", sink_properties(name, channels))
        self.wait_for_ports(*(f"{name}:monitor_{position}"
                              for position in POSITIONS[channels]))

    def wait_for_ports(self, *names):
        program.wait_until(
            lambda: set(names) <= set((self.try_run("pw-link", "-oi") or "").splitlines()),
            f"ports {names}")

    def link(self, output, into):
        """All these ports, in pairs."""
        self.wait_for_ports(*output, *into)
        for one, other in zip(output, into):
            self.tool("pw-link", one, other)

    def play(self, channels=2, frames=None, name="source", into="sink"):
        """A source that is linked to a sink; it begins when that runs."""
        playing = self.start(SOURCE, "play", name, channels,
                             *([] if frames is None else [frames]))
        if into:
            self.link([f"{name}:out_{number + 1}" for number in range(channels)],
                      [f"{into}:playback_{position}" for position in POSITIONS[channels]])
        return playing

    def link_recording(self, channels=2, sink="sink", name=None, recordings=1):
        """All recordings of that name, which a port's number tells apart."""
        name = name or f"audyn.{sink}"
        for position in POSITIONS[channels]:
            port = f"{name}:input_{position}"
            numbers = program.wait_until(
                lambda: self.numbers_of(port, recordings), f"{recordings} of {port}")
            for number in numbers:
                self.tool("pw-link", f"{sink}:monitor_{position}", number)

    def numbers_of(self, port, count):
        lines = [line.split() for line in self.tool("pw-link", "-iI").splitlines()]
        numbers = [words[0] for words in lines if words[1:] == [port]]
        return numbers if len(numbers) == count else None

    def force_quantum(self, frames):
        self.tool("pw-metadata", "-n", "settings", "0", "clock.force-quantum", str(frames))

    def let_grow(self, recording, seconds, channels=2):
        """Until the file holds so much more of 32-bit floats than now."""
        def size():
            return os.path.getsize(recording.path) if os.path.exists(recording.path) else 0
        least = size() + seconds * RATE * channels * 4
        program.wait_until(lambda: size() >= least or not recording.running,
                           f"{seconds} s more in {recording}", program.PATIENCE + seconds)
        self.assertTrue(recording.running, str(recording))

    def let_sound(self, recording, seconds):
        """Until there is sound at the end of the file, and for so long."""
        def sounds():
            size = os.path.getsize(recording.path)
            with open(recording.path, "rb") as file:
                file.seek(max(WAV_HEADER, size - 1024))
                return any(file.read())
        program.wait_until(sounds, f"sound in {recording}")
        self.let_grow(recording, seconds)

    def node(self, name):
        """What the daemon knows about the node of that name."""
        for item in json.loads(self.tool("pw-dump")):
            info = item.get("info") or {}
            if (item["type"] == "PipeWire:Interface:Node"
                    and info["props"].get("node.name") == name):
                return item
        raise AssertionError(f"there is no node {name}")

    def missed_by(self, playing):
        """How often the graph did not wait for a source, which ends."""
        playing.signal(signal.SIGTERM)
        return int(playing.finish().out.split()[0])

    def assert_pieces(self, recorded, channels=2):
        """All of it is the source's sound or silence.  Returns the pieces of sound."""
        return list(pieces_of(samples_of(recorded), channels))


Piece = collections.namedtuple("Piece", "at length sound")


def pieces_of(data, channels):
    """Stretches of the source's sound: where they lie, how long they are, and where that
    is in the sound.  Anything else must be silence."""
    frame = 4 * channels
    expected = material(channels, len(data) // frame + 8 * RATE)
    silence = bytes(frame)
    at = sound = 0
    while at < len(data):
        if data.startswith(silence, at):
            at += frame
            continue
        # Four samples are not there twice; a graph that is late may play them again.
        some = data[at:at + max(frame, 16)]
        found = expected.find(some, sound)
        found = found if found >= 0 else expected.find(some)
        if found < 0 or found % frame:
            raise AssertionError(f"neither sound nor silence at {at // frame}")
        length = common_length(data, at, expected, found) // frame
        yield Piece(at // frame, length, found // frame)
        at += length * frame
        sound = found + length * frame


def common_length(one, first, other, second):
    """Bytes that are the same from there on."""
    most = min(len(one) - first, len(other) - second)
    difference = audio.first_difference(one[first:first + most],
                                        other[second:second + most], 1)
    return most if difference is None else difference


def material(channels, frames):
    """What a source plays, as in a WAV file."""
    done = subprocess.run([SOURCE, "print", str(channels), str(frames)], check=True,
                          capture_output=True)
    return done.stdout


def samples_of(recorded):
    wav = audio.read_wav(recorded.path)
    if (wav.tag, wav.bits) != (audio.FLOAT, 32):
        raise AssertionError(f"{recorded.path}: not float32")
    return wav.data
