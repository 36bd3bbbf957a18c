# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Runs the audyn program, and what a test needs around it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from collections import namedtuple

import audio

AUDYN = os.environ.get("AUDYN", "audyn")
COMPLETE, FAILED, USAGE, MISSING = 0, 1, 2, 3
WHOLE_WAVE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "whole_wave.xml")
PATIENCE = 30  # seconds until a condition that does not come is a failure

Finished = namedtuple("Finished", "status out err")


def wait_until(condition, what, patience=PATIENCE):
    """Returns the condition's first true value."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    raise AssertionError(f"after {patience} s still no {what}")


class Ports:
    """UDP ports that no other test of this machine uses at the same time, outside of
    those that the kernel gives to sockets without one.  A port is held by an abstract
    Unix socket of its name, which goes with the process."""

    FIRST, LAST = 10000, 30000

    def __init__(self):
        self.held = []
        self.next = self.FIRST + os.getpid() * 64 % (self.LAST - self.FIRST) // 2 * 2

    def free(self):
        """An even one, as the next one up is RTCP's (RFC 3550, section 11)."""
        for _ in range(self.FIRST, self.LAST, 2):
            port = self.next
            self.next = port + 2 if port + 2 < self.LAST else self.FIRST
            if self.hold(port):
                return port
        raise AssertionError("no free UDP port")

    def hold(self, port):
        name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            name.bind(f"\0audyn-test-port-{port}")
            for neighbour in (port, port + 1):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                    probe.bind(("", neighbour))
        except OSError:
            name.close()
            return False
        self.held.append(name)
        return True


ports = Ports()


class Address(namedtuple("Address", "host port")):
    """Where a stream goes on the loopback interface."""

    @property
    def is_multicast(self):
        return 224 <= int(self.host.split(".")[0]) < 240

    def uri(self, stream_format, **options):
        options = {"format": stream_format, "pt": 98, "iface": "lo", **options}
        query = "&".join(f"{key}={value}" for key, value in options.items()
                         if value is not None)
        return f"rtp://{self.host}:{self.port}?{query}"


def group(port=None, net=69):
    """A multicast group that belongs to the port, so that it is as unused."""
    port = port or ports.free()
    return Address(f"239.{net}.{port >> 8}.{port & 255}", port)


def unicast(port=None):
    return Address("127.0.0.1", port or ports.free())


class Process:
    """A program in the background; both its outputs are kept in files."""

    def __init__(self, argv, directory, **popen):
        self.argv = [os.fsdecode(word) if isinstance(word, bytes) else str(word)
                     for word in argv]
        self.out_file = tempfile.NamedTemporaryFile(dir=directory, suffix=".out")
        self.err_file = tempfile.NamedTemporaryFile(dir=directory, suffix=".err")
        self.popen = subprocess.Popen(self.argv, **{
            "stdin": subprocess.DEVNULL, "stdout": self.out_file, "stderr": self.err_file,
            **popen})

    @staticmethod
    def text(file):
        with open(file.name, encoding="utf-8", errors="replace") as content:
            return content.read()

    @property
    def err(self):
        return self.text(self.err_file)

    @property
    def running(self):
        return self.popen.poll() is None

    def signal(self, number):
        self.popen.send_signal(number)

    def finish(self, patience=PATIENCE):
        try:
            status = self.popen.wait(patience)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {patience} s: {self.close()}") from None
        return Finished(status, self.text(self.out_file), self.err)

    def close(self):
        """Ends it if need be; returns what was called and what it said."""
        if self.out_file.closed:
            return ""
        if self.running:
            self.popen.kill()
            self.popen.wait()
        said = str(self)
        self.out_file.close()
        self.err_file.close()
        return said

    def __str__(self):
        return f"{' '.join(self.argv)}\n{self.err}"


class Recorder(Process):
    """`audyn record`, listening by the time the constructor returns."""

    path = None

    def __init__(self, *arguments, directory, wrapper=(), ready="audyn: waiting for",
                 **popen):
        super().__init__([*wrapper, AUDYN, "record", *arguments], directory, **popen)
        wait_until(lambda: ready in self.err or not self.running, f"“{ready}” from {self}")
        if not self.running:
            raise AssertionError(f"ended before it listened: {self.close()}")

    def finish(self, patience=60):
        finished = super().finish(patience)
        report = json.loads(finished.out) if finished.out.strip() else None
        return Recorded(finished.status, report, finished.err, self.path)


class Recording(Recorder):
    """Of one input."""

    def __init__(self, uri, path, *options, **keywords):
        self.path = path
        super().__init__(uri, "-o", path, "--json", *options, **keywords)


Recorded = namedtuple("Recorded", "status report err path")


def namespace(flag, setup):
    """The start of a command line that runs the shell command `setup` in a namespace of
    its own and then what follows; None where that is not permitted, neither to this user
    nor to the root of a user namespace."""
    for options in ([flag], ["--map-root-user", flag]):
        command = ["unshare", *options, "sh", "-c", f'{setup} && exec "$@"', "sh"]
        if subprocess.run([*command, "true"], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0:
            return command
    return None


class TestCase(unittest.TestCase):
    """Has a directory of its own, and ends what it started."""

    maxDiff = None

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="audyn-test-")
        self.recordings = 0
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def start(self, *argv, **popen):
        process = Process(argv, self.directory, **popen)
        self.addCleanup(process.close)
        return process

    def record(self, uri, *options, name=None, **keywords):
        self.recordings += 1
        name = name or f"recording{self.recordings}.wav"
        recording = Recording(uri, self.path(name), *options, directory=self.directory,
                              **keywords)
        self.addCleanup(recording.close)
        return recording

    def run_program(self, *argv, patience=PATIENCE, **popen):
        process = self.start(*argv, **popen)
        finished = process.finish(patience)
        process.close()
        return finished

    def audyn(self, *arguments, **keywords):
        return self.run_program(AUDYN, *arguments, **keywords)

    def assert_fails(self, finished, status, *words):
        """It ended with this status and a message that contains all the words."""
        self.assertEqual(finished.status, status, finished.err)
        self.assertIn("audyn: ", finished.err)
        for word in words:
            self.assertIn(str(word), finished.err)

    def assert_wav(self, path, source, data):
        """The file holds exactly these samples, in the format of the source."""
        wav = audio.read_wav(path)
        self.assertEqual((wav.rate, wav.channels, wav.bits, wav.tag),
                         (source.rate, source.channels, source.bits, audio.PCM))
        self.assertEqual(len(wav.data) / source.frame_bytes,
                         len(data) / source.frame_bytes, "sample frames in the file")
        self.assertIsNone(audio.first_difference(wav.data, data, source.frame_bytes),
                          "first sample frame that differs")

    def assert_counts(self, report, **expected):
        """These counts of the report, and that each sample frame has its one class."""
        got = {key: report[key] for key in expected}
        self.assertEqual(got, expected, json.dumps(report, indent=1))
        classes = ("received", "lost", "late", "no_frame", "no_signal")
        self.assertEqual(sum(report[key] for key in classes), report["sample_frames"],
                         json.dumps(report, indent=1))

    def mediaconch(self, path):
        """Its verdict on the file, which begins with "pass!" or "fail!".  It keeps a
        data base in the home directory, on which two of them at once get stuck."""
        home = {**os.environ, "HOME": self.directory}
        return self.run_program("mediaconch", "-p", WHOLE_WAVE, path, env=home)

    def assert_whole_wave(self, path):
        verdict = self.mediaconch(path)
        self.assertTrue(verdict.out.startswith("pass!"), verdict.out + verdict.err)

    def stop(self, process, number=signal.SIGINT):
        process.signal(number)
        return process.finish()
