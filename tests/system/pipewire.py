# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""A PipeWire daemon of a test's own, without a desktop; and a source in its graph whose
samples say which they are."""

import os
import signal
import subprocess

import audio
import program

SOURCE = os.environ.get("PIPEWIRE_SOURCE", "pipewire-source")
RATE = 48000

CONFIG = """
context.properties = {{
    core.daemon = true
    core.name = pipewire-0
    default.clock.rate = {rate}
    default.clock.allowed-rates = [ 44100 48000 96000 ]
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

    def ports(self):
        return (self.try_run("pw-link", "-oi") or "").split()

    def wait_for_ports(self, *names):
        program.wait_until(lambda: set(names) <= set(self.ports()), f"ports {names}")

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

    def link_recording(self, channels=2, sink="sink", name=None):
        name = name or f"audyn.{sink}"
        self.link([f"{sink}:monitor_{position}" for position in POSITIONS[channels]],
                  [f"{name}:input_{position}" for position in POSITIONS[channels]])

    def force_quantum(self, frames):
        self.tool("pw-metadata", "-n", "settings", "0", "clock.force-quantum", str(frames))

    def wait_for_length(self, recording, seconds):
        """Until the file holds that much."""
        least = seconds * RATE * 4
        def is_long_enough():
            return (os.path.exists(recording.path)
                    and os.path.getsize(recording.path) >= least * self.channels_of(recording)
                    or not recording.running)
        program.wait_until(is_long_enough, f"{seconds} s in {recording}")
        self.assertTrue(recording.running, str(recording))

    @staticmethod
    def channels_of(recording):
        return getattr(recording, "channels", 2)


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
