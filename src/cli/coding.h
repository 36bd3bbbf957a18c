// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// How samples are to be stored in the files that a command writes: --encoding, --dither
/// and how hard encoders try.

#ifndef AUDYN_CLI_CODING_H
#define AUDYN_CLI_CODING_H

#include "core/error.h"
#include "sink/sink.h"

#include <stdbool.h>

enum {
    AUDYN_OPTION_ENCODING = 768,
    AUDYN_OPTION_DITHER,
    AUDYN_OPTION_FLAC_LEVEL,
    AUDYN_OPTION_OPUS_BITRATE,
    AUDYN_OPTION_OPUS_COMPLEXITY,
};

/// For a table of `struct option`.
#define AUDYN_CODING_WORDS                                                               \
    {"encoding", required_argument, NULL, AUDYN_OPTION_ENCODING},                        \
        {"dither", required_argument, NULL, AUDYN_OPTION_DITHER},                        \
        {"flac-level", required_argument, NULL, AUDYN_OPTION_FLAC_LEVEL},                \
        {"opus-bitrate", required_argument, NULL, AUDYN_OPTION_OPUS_BITRATE},            \
    {                                                                                    \
        "opus-complexity", required_argument, NULL, AUDYN_OPTION_OPUS_COMPLEXITY         \
    }

/// And for the help of the command.
#define AUDYN_CODING_HELP                                                                \
    "      --flac-level N      0 (fast) to 8 (small), default 5\n"                       \
    "      --opus-bitrate N    bits per second, such as 128k (default: 64k a channel)\n" \
    "      --opus-complexity N 0 (fast) to 10 (default)\n"                               \
    "      --dither D          tpdf (default) or none, when reducing the sample size\n"

typedef struct {
    bool has_encoding; ///< else that of what is stored
    audyn_encoding_t encoding;
    bool dither; ///< when reducing to 16 or 24 bits
    audyn_codec_t codec;
} audyn_coding_t;

#define AUDYN_CODING_DEFAULT                                                             \
    ((audyn_coding_t){.dither = true, .codec = AUDYN_CODEC_DEFAULT})

/// Takes up one of the options above, whose value is `optarg`.  Fails with AUDYN_INVALID.
audyn_status_t audyn_coding_read(audyn_coding_t *coding, int option,
                                 audyn_error_t *error);

#endif
