// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// One file of a segment that is exported.  For export_source.c alone.

#ifndef AUDYN_ARCHIVE_EXPORT_FILE_H
#define AUDYN_ARCHIVE_EXPORT_FILE_H

#include "archive/audio_reader.h"
#include "archive/export/export_source.h"
#include "sink/wav_reader.h"

#include <limits.h>

typedef struct {
    char path[PATH_MAX];
    char name[PATH_MAX]; ///< its path below the archive's directory
    char format[16];
    uint64_t bytes;                 ///< as the sidecar says
    uint64_t sample_frames;         ///< from the segment's first on
    const audyn_entry_file_t *sums; ///< of its blocks; NULL: not known; borrowed
    audyn_status_t unusable;        ///< why; AUDYN_NOT_SUPPORTED: it is at another rate
    bool opened, told;
    int fd;                        ///< of a WAV file; else -1
    audyn_wav_info_t wav;          ///< of a WAV file
    audyn_audio_reader_t *reader;  ///< once samples are converted
    uint64_t sound_from, sound_to; ///< bytes whose blocks are as the sidecar says
} export_file_t;

/// Touches no file.
void export_file_init(export_file_t *file, const char *archive,
                      const audyn_catalog_file_t *row);

/// Where these are the sums of this file, keeps them.
void export_file_set_sums(export_file_t *file, const audyn_entry_file_t *sums);

/// Harmless once it is open.  Fails, each time, where the file is not what the sidecar
/// says as far as can be seen without reading it.
audyn_status_t export_file_open(export_file_t *file, const audyn_input_format_t *format,
                                audyn_error_t *error);

/// Its samples from number `first` on: as many as the stretch asks for, or fewer.
/// `doubtful`: also those that are not as the sidecar says, of a WAV file.  `samples` has
/// room for AUDYN_EXPORT_SAMPLES.
audyn_status_t export_file_get(export_file_t *file, uint64_t first,
                               const audyn_encoding_t *stored, bool doubtful,
                               float *samples, audyn_export_stretch_t *stretch,
                               audyn_error_t *error);

void export_file_close(export_file_t *file);

#endif
