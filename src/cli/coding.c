// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/coding.h"

#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static audyn_status_t
read_encoding(audyn_coding_t *coding, audyn_error_t *error)
{
    for (audyn_encoding_t e = AUDYN_PCM16; e <= AUDYN_FLOAT32; ++e) {
        if (!strcmp(optarg, audyn_encoding_name(e))) {
            coding->has_encoding = true;
            coding->encoding = e;
            return AUDYN_OK;
        }
    }
    return audyn_error_set(error, AUDYN_INVALID,
                           "--encoding %s is not one of pcm16, pcm24 and float32",
                           optarg);
}

// A whole number, "k" behind it standing for a thousand.
static audyn_status_t
read_number(const char *option, uint32_t least, uint32_t most, uint32_t *number,
            audyn_error_t *error)
{
    char *end;
    const unsigned long value = strtoul(optarg, &end, 10);
    const bool thousands = *end == 'k';
    const unsigned long all = value <= most ? value * (thousands ? 1000 : 1) : most + 1UL;
    if (!isdigit((unsigned char)*optarg) || end[thousands] || all < least || all > most) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "%s %s is not a number from %u to %u", option, optarg,
                               least, most);
    }
    *number = (uint32_t)all;
    return AUDYN_OK;
}

static audyn_status_t
read_dither(audyn_coding_t *coding, audyn_error_t *error)
{
    coding->dither = !strcmp(optarg, "tpdf");
    if (!coding->dither && strcmp(optarg, "none") != 0) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "--dither %s is neither tpdf nor none", optarg);
    }
    return AUDYN_OK;
}

audyn_status_t
audyn_coding_read(audyn_coding_t *coding, int option, audyn_error_t *error)
{
    audyn_codec_t *codec = &coding->codec;
    switch (option) {
    case AUDYN_OPTION_ENCODING:
        return read_encoding(coding, error);
    case AUDYN_OPTION_DITHER:
        return read_dither(coding, error);
    case AUDYN_OPTION_FLAC_LEVEL:
        return read_number("--flac-level", 0, 8, &codec->flac_level, error);
    case AUDYN_OPTION_OPUS_BITRATE:
        return read_number("--opus-bitrate", 6000, 2048000, &codec->opus_bit_rate, error);
    case AUDYN_OPTION_OPUS_COMPLEXITY:
        return read_number("--opus-complexity", 0, 10, &codec->opus_complexity, error);
    default:
        return AUDYN_INVALID;
    }
}
