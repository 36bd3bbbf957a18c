// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include <audyn/status.h>

#include <errno.h>

const char *
audyn_strerror(audyn_status_t status)
{
    switch (status) {
    case AUDYN_OK:
        return "success";
    case AUDYN_INVALID:
        return "invalid argument";
    case AUDYN_TOO_LARGE:
        return "too large";
    case AUDYN_NO_MEMORY:
        return "out of memory";
    case AUDYN_NO_RESOURCES:
        return "too many threads or open files; see ulimit -u and ulimit -n";
    case AUDYN_NOT_LOCKED:
        return "memory could not be locked into RAM";
    case AUDYN_EXISTS:
        return "exists already";
    case AUDYN_NOT_FOUND:
        return "not found";
    case AUDYN_NOT_SUPPORTED:
        return "not supported";
    case AUDYN_BAD_DATA:
        return "malformed data";
    case AUDYN_NO_SPACE:
        return "no space left on the disk";
    case AUDYN_BUSY:
        return "in use by somebody else";
    case AUDYN_DENIED:
        return "permission denied";
    case AUDYN_IO:
        return "input/output error";
    case AUDYN_NO_SIGNAL:
        return "nothing was received";
    }
    return "unknown status";
}

audyn_status_t
audyn_status_from_errno(int error_number)
{
    switch (error_number) {
    case 0:
        return AUDYN_OK;
    case EINVAL:
        return AUDYN_INVALID;
    case EFBIG:
    case EOVERFLOW:
        return AUDYN_TOO_LARGE;
    case ENOMEM:
    case ENOBUFS:
        return AUDYN_NO_MEMORY;
    case EAGAIN: // from pthread_create()
    case EMFILE:
    case ENFILE:
        return AUDYN_NO_RESOURCES;
    case EEXIST:
        return AUDYN_EXISTS;
    case ENOENT:
    case ENODEV:
    case EADDRNOTAVAIL:
    case ENOTDIR:
        return AUDYN_NOT_FOUND;
    case ENOSPC:
    case EDQUOT:
        return AUDYN_NO_SPACE;
    case EADDRINUSE:
    case EBUSY:
        return AUDYN_BUSY;
    case EACCES:
    case EPERM:
    case EROFS:
        return AUDYN_DENIED;
    default:
        return AUDYN_IO;
    }
}
