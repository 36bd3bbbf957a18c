// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Which bit of a small file was flipped, by trying each.

#include "archive/verify/verify_private.h"
#include "core/small_file.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SEARCHED_BYTES (64U * 1024) // takes the square of it
#define SUM_BYTES 32

// Of SHA-256 as text.
static void
sum_of(const char *text, unsigned char sum[SUM_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SUM_BYTES; ++i) {
        const char *high = strchr(digits, text[2 * i]);
        const char *low = strchr(digits, text[2 * i + 1]);
        sum[i] = (unsigned char)((high - digits) << 4 | (low - digits));
    }
}

// Whether flipping a bit of byte `at` gives the sum, `before` being that of all before
// it.
static bool
try_byte(EVP_MD_CTX *context, const EVP_MD_CTX *before, char *text, size_t size,
         size_t at, const unsigned char *wanted, uint8_t *flipped)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    for (unsigned bit = 0; bit < 8; ++bit) {
        *flipped = (uint8_t)(1U << bit);
        text[at] = (char)(text[at] ^ *flipped);
        const bool done = EVP_MD_CTX_copy_ex(context, before) &&
                          EVP_DigestUpdate(context, text + at, size - at) &&
                          EVP_DigestFinal_ex(context, sum, NULL);
        text[at] = (char)(text[at] ^ *flipped);
        if (done && !memcmp(sum, wanted, SUM_BYTES)) {
            return true;
        }
    }
    return false;
}

bool
verify_find_bit(const char *path, const char *sha256, audyn_verify_finding_t *finding)
{
    char *text;
    size_t size;
    if (!*sha256 ||
        audyn_small_file_load(path, &text, &size, MOST_SEARCHED_BYTES, NULL)) {
        return false;
    }
    unsigned char wanted[SUM_BYTES];
    sum_of(sha256, wanted);
    EVP_MD_CTX *before = EVP_MD_CTX_new();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool found = false;
    bool going = before && context && EVP_DigestInit_ex(before, EVP_sha256(), NULL) == 1;
    for (size_t at = 0; going && !found && at < size; ++at) {
        found = try_byte(context, before, text, size, at, wanted, &finding->flipped);
        finding->has_bytes = found;
        finding->byte = at;
        finding->end_byte = at + 1;
        going = EVP_DigestUpdate(before, text + at, 1);
    }
    if (!found) {
        finding->flipped = 0;
    }
    EVP_MD_CTX_free(before);
    EVP_MD_CTX_free(context);
    free(text);
    return found;
}
