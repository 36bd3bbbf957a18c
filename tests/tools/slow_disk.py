# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""A FUSE file system that shows a directory as it is, but each write or sync takes longer
while a file of that name exists, whose content is the number of seconds:

    slow_disk.py DIRECTORY MOUNTPOINT write=FILE sync=FILE

FILE.seen tells that one does.  It stays in the foreground until it is unmounted."""

import errno
import os
import sys
import time

try:
    import fusepy as fuse  # as Debian calls it
except ImportError:
    import fuse


class SlowDisk(fuse.Operations):
    def __init__(self, directory, delays):
        self.directory = directory
        self.delays = delays

    def __call__(self, operation, path, *arguments):
        return super().__call__(operation, self.directory + path, *arguments)

    def wait(self, kind):
        try:
            with open(self.delays[kind], encoding="ascii") as file:
                seconds = float(file.read() or 0)
            with open(self.delays[kind] + ".seen", "wb"):
                pass
            time.sleep(seconds)
        except (KeyError, FileNotFoundError):
            pass

    def getattr(self, path, fh=None):
        about = os.lstat(path)
        return {key: getattr(about, key) for key in dir(about) if key.startswith("st_")}

    def statfs(self, path):
        about = os.statvfs(path)
        return {key: getattr(about, key) for key in dir(about) if key.startswith("f_")
                and key != "f_fsid"}

    def readdir(self, path, fh):
        return [".", "..", *os.listdir(path)]

    def mkdir(self, path, mode):
        return os.mkdir(path, mode)

    def rename(self, old, new):
        return os.rename(old, self.directory + new)

    def unlink(self, path):
        return os.unlink(path)

    def rmdir(self, path):
        return os.rmdir(path)

    def chmod(self, path, mode):
        return os.chmod(path, mode)

    def chown(self, path, uid, gid):
        return os.chown(path, uid, gid)

    def utimens(self, path, times=None):
        return os.utime(path, times)

    def open(self, path, flags):
        return os.open(path, flags)

    def create(self, path, mode, fi=None):
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)

    def read(self, path, size, offset, fh):
        return os.pread(fh, size, offset)

    def write(self, path, data, offset, fh):
        self.wait("write")
        return os.pwrite(fh, data, offset)

    def truncate(self, path, length, fh=None):
        return os.truncate(path, length)

    def fsync(self, path, datasync, fh):
        self.wait("sync")
        return 0

    def fsyncdir(self, path, datasync, fh):
        self.wait("sync")
        return 0

    def release(self, path, fh):
        return os.close(fh)

    def link(self, target, source):
        raise fuse.FuseOSError(errno.EPERM)


def main():
    directory, mountpoint, *delays = sys.argv[1:]
    fuse.FUSE(SlowDisk(os.path.realpath(directory), dict(word.split("=", 1) for word in delays)),
              mountpoint, foreground=True, nothreads=False)


if __name__ == "__main__":
    main()
