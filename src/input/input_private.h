// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What an implementation of an input provides.  It embeds `struct audyn_input` first.

#ifndef AUDYN_INPUT_INPUT_PRIVATE_H
#define AUDYN_INPUT_INPUT_PRIVATE_H

#include "input/input.h"
#include "input/uri.h"

typedef struct {
    const char *scheme;
    audyn_status_t (*check)(audyn_uri_t *uri, audyn_error_t *error); ///< opens nothing
    /// Sets `type` only where it opens an input of another one.
    audyn_status_t (*open)(audyn_input_t **out, audyn_uri_t *uri,
                           const audyn_input_config_t *config, audyn_error_t *error);
    audyn_status_t (*start)(audyn_input_t *input, audyn_error_t *error);
    void (*ask_to_stop)(audyn_input_t *input); ///< NULL: stopping takes no time
    void (*stop)(audyn_input_t *input);
    void (*get_report)(const audyn_input_t *input, audyn_input_report_t *report);
    /// NULL: nothing ever happens to it.
    bool (*next_event)(audyn_input_t *input, audyn_event_t *event);
    void (*explain)(const audyn_input_t *input, audyn_error_t *explanation);
    void (*close)(audyn_input_t *input); ///< stopped before; frees all but the timeline
} audyn_input_type_t;

struct audyn_input {
    const audyn_input_type_t *type;
    audyn_input_format_t format;
    audyn_timeline_t *timeline;
    bool described;
    audyn_sdp_media_t description;
};

extern const audyn_input_type_t audyn_rtp_input;
extern const audyn_input_type_t audyn_sdp_input; ///< opens an input of the type above
extern const audyn_input_type_t audyn_sap_input; ///< likewise
extern const audyn_input_type_t audyn_tone_input;
extern const audyn_input_type_t audyn_file_input;
extern const audyn_input_type_t audyn_pipewire_input;

/// Creates the timeline for `input->format` with the window and buffer of `config`;
/// `window_ms` 0 stands for a source without reordering.
audyn_status_t input_create_timeline(audyn_input_t *input, uint32_t window_ms,
                                     const audyn_input_config_t *config,
                                     audyn_error_t *error);

#endif
