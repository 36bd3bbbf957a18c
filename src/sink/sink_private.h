// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What an implementation of a sink provides.  It embeds `struct audyn_sink` first and
/// writes to the file that audyn_sink_open() has opened for it.

#ifndef AUDYN_SINK_SINK_PRIVATE_H
#define AUDYN_SINK_SINK_PRIVATE_H

#include "sink/sink.h"

typedef struct {
    const char *ending;        ///< of file names, with its dot
    audyn_encoding_t encoding; ///< the largest that it holds
    const char *lossy;         ///< its name where it holds none of them; else NULL
    /// Allocates; touches no file.
    audyn_status_t (*create)(audyn_sink_t **out, const audyn_sink_config_t *config,
                             audyn_error_t *error);
    /// The file is new and empty: makes it a valid one without samples.
    audyn_status_t (*start)(audyn_sink_t *sink);
    /// As audyn_sink_begin().  The file may still hold what is to be replaced.
    audyn_status_t (*begin)(audyn_sink_t *sink, const audyn_sink_start_t *start);
    audyn_status_t (*write)(audyn_sink_t *sink, const float *samples,
                            size_t sample_frames);
    audyn_status_t (*write_silence)(audyn_sink_t *sink, uint64_t sample_frames);
    /// NULL: it cannot.
    audyn_status_t (*copy)(audyn_sink_t *sink, int fd, uint64_t offset,
                           uint64_t sample_frames);
    audyn_status_t (*flush)(audyn_sink_t *sink);
    audyn_status_t (*commit)(audyn_sink_t *sink, audyn_status_t synced, bool finished);
    uint64_t (*sample_frames)(const audyn_sink_t *sink);
    void (*destroy)(audyn_sink_t *sink);
} audyn_sink_type_t;

struct audyn_sink {
    const audyn_sink_type_t *type;
    char *path;
    const char *sidecar; // NULL: none
    int fd;              // -1 until the file is open
    bool created;        // the file was not there before
    bool begun;
    bool ours;                      // the file no longer holds what it is to replace
    bool named;                     // on disk; of the thread that syncs
    bool flushed;                   // and to be committed
    bool finished;                  // the file is complete
    audyn_sink_observer_t observer; // all zero: none
};

extern const audyn_sink_type_t audyn_wav_sink;
extern const audyn_sink_type_t audyn_flac_sink;
extern const audyn_sink_type_t audyn_opus_sink;

/// Tells the observer, if there is one.
void audyn_sink_tell(const audyn_sink_t *sink, uint64_t offset, const void *bytes,
                     uint64_t size);

/// Writes all of it, in as many steps as the system takes; `*done` says how many bytes
/// were written also when it fails.
audyn_status_t audyn_sink_write_at(int fd, const void *bytes, size_t size,
                                   uint64_t offset, size_t *done);

#endif
