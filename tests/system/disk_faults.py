# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""Runs programs on a disk that fails: tests/tools/disk_faults.c stands between them and
the files below a directory."""

import collections
import os
import shutil

LIBRARY = os.environ.get("DISK_FAULTS", "")

Call = collections.namedtuple("Call", "number name path")
WRITES = ("write", "pwrite", "writev", "pwritev", "copy_file_range")
SYNCS = ("fsync", "fdatasync", "syncfs")


def environment(below, action=None, at=None, calls=None, files=None, log=None, image=None,
                only_while=None):
    """The variables for a program that finds the files below the directory so.  What
    happens: action "kill", "EIO", "ENOSPC", "short" or "delay=MS", at a call (a number, from
    1 on) or several ("3-7", "3-"); of those that count: `calls` "write" or "sync", of files
    whose path has the pattern `files`, while a file exists.  `log`: a file for log_of().  `image`: an empty
    directory for cut_power()."""
    settings = {"BELOW": os.path.realpath(below), "ACTION": action, "AT": at, "CALLS": calls,
                "FILES": files, "LOG": log, "IMAGE": image, "WHILE": only_while}
    if action and at is None:
        settings["AT"] = "1-"
    return {**os.environ, "LD_PRELOAD": LIBRARY,
            **{f"DISK_FAULTS_{key}": str(value) for key, value in settings.items()
               if value is not None}}


def log_of(path):
    """The calls that a program has made, in order."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as log:
            lines = [line.rstrip("\n").split(" ", 2) for line in log]
    except FileNotFoundError:
        return []
    return [Call(int(number), name, path) for number, name, path in lines]


def _content(image, number):
    """Nothing, where it was never synced."""
    path = os.path.join(image, number)
    if not os.path.exists(path):
        return b""
    with open(path, "rb") as file:
        return file.read()


def _restore(image, number, directory):
    for line in _content(image, number).split(b"\0")[:-1]:
        kind, below, name = line.split(b" ", 2)
        path = os.path.join(os.fsencode(directory), name)
        if kind == b"d":
            os.mkdir(path)
            _restore(image, below.decode(), path)
        else:
            with open(path, "wb") as file:
                file.write(_content(image, below.decode()))


def cut_power(directory, image):
    """After the program's end, however it came: makes the directory what would be on disk,
    had the power gone at that moment, and nothing been there that was not synced.  (A real
    disk may have some of the rest.)  The image is used up."""
    number = str(os.stat(directory).st_ino)
    for entry in os.scandir(directory):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)
    _restore(image, number, directory)
    for name in os.listdir(image):
        os.unlink(os.path.join(image, name))
