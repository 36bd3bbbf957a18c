# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Every format of an archive, judged by other people's programs."""

import hashlib
import json
import os
import struct

import archive
import audio
import tap

WRITE_ARCHIVE = os.path.join(os.environ["BUILD"], "tests", "write-archive")

FORMATS = ("wav", "flac", "opus")
STREAM, STATION = "Studio 3", "Radio Ærø"
POLICY = """<?xml version="1.0" encoding="UTF-8"?>
<policy type="and" name="a whole file of this segment">
{rules}
</policy>
"""
RULE = """<rule name="{key}" value="{key}" tracktype="{track}" occurrence="*"
 operator="{operator}">{value}</rule>"""


def rule(key, value, track="General", operator="="):
    return RULE.format(key=key, value=value, track=track, operator=operator)


def opus_frames(frames, rate):
    """As many as the file can say: Opus counts at 48 kHz (RFC 7845, section 4)."""
    return frames + frames % 2 if rate == 96000 else frames


class Segment:
    """What a sidecar says, and with it the part of the source that is meant."""

    def __init__(self, path, sidecar, source, start):
        self.sidecar, self.folder = sidecar, os.path.dirname(path)
        self.position, self.frames = sidecar["position"], sidecar["sample_frames"]
        self.data = source.cut(self.position - start, self.frames)
        self.second = sidecar["first"]["utc"][:19]
        hour, minute, second = (int(part) for part in self.second[11:].split(":"))
        self.time_reference = ((hour * 60 + minute) * 60 + second) * source.rate + \
            self.position % source.rate

    def path(self, ending):
        (name,) = (entry["path"] for entry in self.sidecar["files"]
                   if entry["format"] == ending)
        return os.path.join(self.folder, name)


class Validators(archive.TestCase):
    def segments(self, source):
        self.record_free(source, "--format", ",".join(FORMATS), "--name", STREAM,
                         "--station", STATION)
        sidecars = self.sidecars()
        start = sidecars[0][1]["position"]
        segments = [Segment(path, sidecar, source, start) for path, sidecar in sidecars]
        self.assertEqual(b"".join(segment.data for segment in segments), source.data)
        return segments

    def each(self, check, channels=2, count=None):
        for rate, bits in ((48000, 24), (44100, 16), (96000, 24)):
            self.rate, self.bits, self.channels = rate, bits, channels
            self.archive = self.path(f"{rate}-{channels}")
            os.mkdir(self.archive)
            for segment in self.segments(audio.noise(1.3, rate, channels, bits))[:count]:
                with self.subTest(rate=rate, segment=segment.second):
                    check(segment)

    def said(self, *command):
        """What a validator says, which must complain of nothing."""
        finished = self.run_program(*command, env={**os.environ, "HOME": self.directory})
        self.assertEqual((finished.status, finished.err), (0, ""), command)
        return finished.out

    def comments_of(self, segment):
        return {"DESCRIPTION": STREAM, "ORIGINATOR": "Radio ?r?", "STATION": STATION,
                "DATE": segment.second + "Z", "POSITION": str(segment.position),
                "TIME_REFERENCE": str(segment.time_reference)}

    def assert_comments(self, segment, comments):
        expected = self.comments_of(segment)
        self.assertEqual({key: comments.get(key) for key in expected}, expected)

    def check_ffprobe(self, segment):
        for ending, codec in (("wav", f"pcm_s{self.bits}le"), ("flac", "flac"),
                              ("opus", "opus")):
            said = json.loads(self.said("ffprobe", "-v", "warning", "-of", "json",
                                        "-show_streams", "-show_format",
                                        segment.path(ending)))
            (stream,) = said["streams"]
            self.assertEqual((stream["codec_name"], stream["channels"]),
                             (codec, self.channels))
            if ending == "opus":
                continue  # it counts what is to be skipped, too
            self.assertEqual((int(stream["sample_rate"]), stream["duration_ts"]),
                             (self.rate, segment.frames))

    def test_ffprobe(self):
        """ffprobe accepts WAV, FLAC and Opus of 44.1, 48 and 96 kHz"""
        self.each(self.check_ffprobe)

    def check_mediainfo(self, segment):
        said = json.loads(self.said("mediainfo", "-f", "--Output=JSON",
                                    *map(segment.path, FORMATS)))
        for media, kind in zip(said, ("PCM", "FLAC", "Opus")):
            general, sound = media["media"]["track"]
            self.assertEqual((sound["Format"], sound["Channels"], sound["SamplingRate"]),
                             (kind, str(self.channels), str(self.rate)))
            self.assertNotIn("IsTruncated", general.get("extra", {}))
            self.assertEqual((general["Description"], general["Producer"]),
                             (STREAM, "Radio ?r?"))

    def test_mediainfo(self):
        """mediainfo finds rate, channels, stream and station in all three"""
        self.each(self.check_mediainfo)

    def check_mediaconch(self, segment):
        self.assert_whole_wave(segment.path("wav"))
        comments = self.comments_of(segment)
        for ending, kind in (("flac", "FLAC"), ("opus", "Opus")):
            rules = [rule("Format", kind, "Audio"),
                     rule("extra/IsTruncated", "", operator="must not exist"),
                     *(rule("extra/" + key, comments[key])
                       for key in ("POSITION", "TIME_REFERENCE"))]
            policy = self.path("policy.xml")
            with open(policy, "w", encoding="utf-8") as file:
                file.write(POLICY.format(rules="\n".join(rules)))
            verdict = self.said("mediaconch", "-p", policy, segment.path(ending))
            self.assertTrue(verdict.startswith("pass!"), verdict)

    def test_mediaconch(self):
        """mediaconch finds whole files that say where on the clock they begin"""
        self.each(self.check_mediaconch, count=1)  # it takes its time

    def check_flac(self, segment):
        path = segment.path("flac")
        self.said("flac", "--test", "--silent", "--warnings-as-errors", path)
        self.assertEqual(self.said("metaflac", "--show-md5sum", path).strip(),
                         hashlib.md5(segment.data).hexdigest())
        self.assertEqual(self.said("metaflac", "--show-total-samples", path).strip(),
                         str(segment.frames))
        tags = self.said("metaflac", "--no-utf8-convert", "--export-tags-to=-", path)
        self.assert_comments(segment, dict(tag.split("=", 1) for tag in tags.splitlines()))

    def test_flac(self):
        """flac finds nothing to complain of, and the MD5 of the samples in STREAMINFO"""
        self.each(self.check_flac)

    def check_opus(self, segment):
        path = segment.path("opus")
        said = self.said("opusinfo", path)
        self.assertNotIn("WARNING", said)
        self.assert_comments(segment, dict(line.strip().split("=", 1) for line
                                           in said.splitlines() if line.startswith("\t")
                                           and "=" in line))
        # Warnings would be on standard error, where --quiet leaves them.
        self.said("opusdec", "--quiet", "--float", "--rate", str(self.rate), path,
                  self.path("decoded.wav"))
        self.assertEqual(len(audio.read_wav(self.path("decoded.wav")).data),
                         opus_frames(segment.frames, self.rate) * self.channels * 4)

    def test_opus(self):
        """opusinfo and opusdec complain of nothing, and every sample is there"""
        self.each(self.check_opus)

    def check_sox(self, segment):
        for ending in ("wav", "flac"):
            path = segment.path(ending)
            self.assertEqual(self.said("soxi", "-s", path).strip(), str(segment.frames))
            raw = self.path("sox.raw")
            self.said("sox", "-D", path, "-t", "raw", "-b", str(self.bits), "-e", "signed-integer",
                      "-L", raw)
            self.assertTrue(archive.content(raw) == segment.data, ending)

    def test_sox(self):
        """sox reads every sample of WAV and FLAC"""
        self.each(self.check_sox)
        self.each(self.check_sox, channels=8)

    def test_ffmpeg(self):
        """ffmpeg reads the samples of FLAC and WAV as they are"""
        def check(segment):
            for ending in ("wav", "flac"):
                raw = self.path("ffmpeg.raw")
                self.said("ffmpeg", "-v", "error", "-y", "-i", segment.path(ending), "-f",
                          f"s{self.bits}le", "-c:a", f"pcm_s{self.bits}le", raw)
                self.assertTrue(archive.content(raw) == segment.data, ending)
        self.each(check)


class Large(archive.TestCase):
    """More than 4 GiB, of which all but the end is a hole."""

    CHANNELS, SECONDS = 64, 470

    def write(self):
        self.frames = self.SECONDS * 48000
        self.run_tool(WRITE_ARCHIVE, self.archive, str(self.SECONDS), "1000")
        ((path, self.sidecar),) = self.sidecars()
        (entry,) = self.sidecar["files"]
        return os.path.join(os.path.dirname(path), entry["path"])

    def test_rf64(self):
        """a segment past 4 GiB is RF64, accepted with its whole length"""
        wav = self.write()
        self.assertEqual(self.sidecar["sample_frames"], self.frames)
        self.assertGreater(os.path.getsize(wav), 1 << 32)
        self.assertEqual(os.path.getsize(wav), self.sidecar["files"][0]["bytes"])
        (stream,) = json.loads(self.run_tool(
            "ffprobe", "-v", "error", "-of", "json", "-show_streams", wav))["streams"]
        self.assertEqual((stream["duration_ts"], stream["channels"]),
                         (self.frames, self.CHANNELS))
        general, sound = json.loads(self.run_tool(
            "mediainfo", "-f", "--Output=JSON", wav))["media"]["track"]
        self.assertEqual((general["Format_Profile"], sound["SamplingCount"]),
                         ("RF64", str(self.frames)))
        self.assert_whole_wave(wav)


class Seams(archive.TestCase):
    def decode(self, rate):
        """What opusdec makes of the files, laid end to end; and where each begins."""
        got, begins = [], []
        for path, sidecar in self.sidecars():
            wav = self.path("decoded.wav")
            self.run_tool("opusdec", "--quiet", "--float", "--rate", str(rate),
                          path[:-len("json")] + "opus", wav)
            data, frames = audio.read_wav(wav).data, sidecar["sample_frames"]
            self.assertEqual(len(data) // 4, opus_frames(frames, rate))
            begins.append(len(got))
            got += struct.unpack(f"<{frames}f", data[:frames * 4])
        return got, begins

    def test_opus(self):
        """Opus files laid end to end have every sample, and sound on across the seams"""
        for rate in (48000, 44100, 96000):
            with self.subTest(rate=rate):
                self.archive = self.path(str(rate))
                os.mkdir(self.archive)
                source = audio.sine(3.1, rate, 1)
                self.record_free(source, "--format", "opus", "--name", "sine")
                got, begins = self.decode(rate)
                self.assertEqual(len(got), source.frames)
                error = [abs(a - b) for a, b in zip(got, source.floats())]
                # A file begins and ends without its neighbour: that is heard in it for a
                # millisecond, and stays below what sounds there.
                edge = round(0.001 * rate)
                for begin in begins[1:]:
                    self.assertLess(max(error[begin - edge:begin + edge]), 0.06)
                    error[begin - edge:begin + edge] = [0] * 2 * edge
                self.assertLess(max(error[edge:-edge]), 0.012)



if __name__ == "__main__":
    tap.main(jobs=4)
