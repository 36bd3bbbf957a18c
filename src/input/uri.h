// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// `scheme:body?key=value&key=value`, the way inputs and destinations are named.

#ifndef AUDYN_INPUT_URI_H
#define AUDYN_INPUT_URI_H

#include "core/error.h"

#include <stdbool.h>
#include <stdint.h>

#define AUDYN_URI_OPTIONS 16
#define AUDYN_URI_ITEMS 8 ///< of a list

typedef struct {
    char text[4096];    ///< cut into the strings below, percent-decoded
    const char *scheme; ///< in lower case
    const char *body;   ///< without leading "//"
    struct audyn_uri_option {
        const char *key, *value; ///< value "" where there is no "="
        bool used;
    } options[AUDYN_URI_OPTIONS];
    unsigned option_count;
} audyn_uri_t;

/// Values with commas between them.
typedef struct {
    unsigned count;                  ///< those beyond AUDYN_URI_ITEMS are counted only
    char items[AUDYN_URI_ITEMS][64]; ///< what is longer is no valid item, and cut off
} audyn_uri_list_t;

/// Fails with AUDYN_INVALID: no scheme, too long, too many or repeated options, a bad
/// percent escape.
audyn_status_t audyn_uri_parse(audyn_uri_t *uri, const char *text, audyn_error_t *error);

/// The option's value, or NULL where it was not given.  Marks it as known.
const char *audyn_uri_option(audyn_uri_t *uri, const char *key);

/// Adds an option that was not given; `key` and `value` live as long as the URI is used.
/// Fails where there is no room.
audyn_status_t audyn_uri_add_default(audyn_uri_t *uri, const char *key, const char *value,
                                     audyn_error_t *error);

/// As audyn_uri_option(), as a decimal number between `least` and `most`; `*value` keeps
/// what it holds where the option was not given.
audyn_status_t audyn_uri_number(audyn_uri_t *uri, const char *key, double least,
                                double most, double *value, audyn_error_t *error);

/// As audyn_uri_number(), for whole numbers, decimal or hexadecimal ("0x…").
audyn_status_t audyn_uri_integer(audyn_uri_t *uri, const char *key, uint32_t least,
                                 uint32_t most, uint32_t *value, audyn_error_t *error);

/// `text`, the body or an option's value, cut at its commas; NULL: no items.
void audyn_uri_cut(audyn_uri_list_t *list, const char *text);

/// As audyn_uri_integer(), for 1 to `room` numbers (at most AUDYN_URI_ITEMS) with commas
/// between them; `*count` is 0 where the option was not given.
audyn_status_t audyn_uri_integers(audyn_uri_t *uri, const char *key, uint32_t least,
                                  uint32_t most, uint32_t *values, unsigned room,
                                  unsigned *count, audyn_error_t *error);

/// Fails, naming the first option that nobody asked for and those that are known.
audyn_status_t audyn_uri_reject_unknown(const audyn_uri_t *uri, const char *known,
                                        audyn_error_t *error);

#endif
