// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Ed25519 signatures (RFC 8032) of entries, with keys in files as OpenSSL has them (PEM:
/// RFC 8410).

#ifndef AUDYN_ARCHIVE_SIGNING_H
#define AUDYN_ARCHIVE_SIGNING_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDYN_SIGNATURE_BYTES 64

/// A private or a public key.  Any thread, once it is there.
typedef struct audyn_key audyn_key_t;

/// Makes a new private key in `path`, which only its owner may read, and its public half
/// in `path`.pub.  Fails with AUDYN_EXISTS where either is there.
audyn_status_t audyn_key_create_file(const char *path, audyn_error_t *error);

/// Reads a private key without a passphrase.  On failure `*out` is NULL.
audyn_status_t audyn_key_read_private(audyn_key_t **out, const char *path,
                                      audyn_error_t *error);

/// Reads a public key.  On failure `*out` is NULL.
audyn_status_t audyn_key_read_public(audyn_key_t **out, const char *path,
                                     audyn_error_t *error);

/// Its public half as PEM; the caller frees it.  NULL: out of memory.
char *audyn_key_public_text(const audyn_key_t *key);

/// With a private key.  AUDYN_NO_MEMORY is all that can go wrong.
audyn_status_t audyn_key_sign(const audyn_key_t *key, const void *bytes, size_t size,
                              uint8_t signature[AUDYN_SIGNATURE_BYTES]);

/// Whether `signature` is this key's of these bytes.
bool audyn_key_verify(const audyn_key_t *key, const void *bytes, size_t size,
                      const uint8_t signature[AUDYN_SIGNATURE_BYTES]);

/// Accepts NULL.
void audyn_key_destroy(audyn_key_t *key);

#endif
