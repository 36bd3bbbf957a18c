// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What a WAV file of any origin says about itself, and whether that is true.

#ifndef AUDYN_SINK_WAV_READER_H
#define AUDYN_SINK_WAV_READER_H

#include "sink/bext.h"
#include "sink/wav_header.h"

typedef enum {
    AUDYN_WAV_COMPLETE,
    AUDYN_WAV_IN_PROGRESS,    ///< a recorder has the file open
    AUDYN_WAV_INTERRUPTED,    ///< its recorder never came to finish it
    AUDYN_WAV_TRUNCATED,      ///< the header counts more than there is
    AUDYN_WAV_UNKNOWN_LENGTH, ///< the header of a stream, which counts nothing
} audyn_wav_completeness_t;

typedef struct {
    char container[4 + 1]; ///< "RIFF", "RF64" or "BW64"
    uint32_t sample_rate;  ///< Hz
    uint32_t channels;
    uint32_t bits;           ///< that count in each sample
    bool is_float;           ///< else integers
    uint32_t frame_bytes;    ///< of one sample frame, as stored
    uint64_t data_offset;    ///< of the first sample in the file
    uint64_t sample_frames;  ///< that the header counts; of unknown length: those present
    uint64_t present_frames; ///< whole ones in the file: all behind `data_offset`, or
                             ///< those of the header where the file is complete
    audyn_wav_completeness_t completeness;
    bool has_bext;
    audyn_bext_t bext;
    bool has_recording; ///< the file is one of ours
    audyn_wav_recording_t recording;
    enum {
        AUDYN_WAV_NO_POSITION,
        AUDYN_WAV_POSITION_RECORDED, ///< exact
        AUDYN_WAV_POSITION_FROM_BEXT ///< exact if the file's date and time are UTC
    } position_source;
    uint64_t position; ///< of the first sample, on the TAI media clock
} audyn_wav_info_t;

/// Fails with AUDYN_BAD_DATA (no WAV file, or one without format or samples),
/// AUDYN_NOT_SUPPORTED (samples that are neither integers nor float) or what the system
/// says about the file.
audyn_status_t audyn_wav_read_info(const char *path, audyn_wav_info_t *info,
                                   audyn_error_t *error);

#endif
