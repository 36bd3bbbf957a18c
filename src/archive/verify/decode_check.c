// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/verify/decode_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *format;
    audyn_decode_t *decode;
} decoders[] = {
    {"wav", audyn_decode_wav},
    {"flac", audyn_decode_flac},
    {"opus", audyn_decode_opus},
};

static audyn_decode_t *
decoder_of(const char *format)
{
    for (size_t i = 0; i < sizeof decoders / sizeof *decoders; ++i) {
        if (!strcmp(decoders[i].format, format)) {
            return decoders[i].decode;
        }
    }
    return NULL;
}

bool
audyn_decode_check_knows(const char *format)
{
    return decoder_of(format) != NULL;
}

void
audyn_decoded_fault(audyn_decoded_t *decoded, const char *format, ...)
{
    if (*decoded->fault) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(decoded->fault, sizeof decoded->fault, format, arguments);
    va_end(arguments);
}

audyn_status_t
audyn_decode_check(audyn_file_pass_t *pass, const char *format, audyn_decoded_t *decoded)
{
    *decoded = (audyn_decoded_t){0};
    audyn_checksum_t *samples;
    audyn_status_t status = audyn_checksum_create(&samples);
    if (status) {
        return status;
    }
    status = decoder_of(format)(pass, decoded, samples);
    if (decoded->lossless && !audyn_checksum_end(samples, decoded->samples_sha256)) {
        status = status ? status : AUDYN_NO_MEMORY;
    }
    audyn_checksum_destroy(samples);
    return status;
}
