// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `rtp:` URIs have in common, be they inputs or destinations.

#ifndef AUDYN_INPUT_RTP_URI_H
#define AUDYN_INPUT_RTP_URI_H

#include "input/uri.h"
#include "net/rtp.h"
#include "pcm/select.h"

/// Reads `format=`, which must be there.
audyn_status_t audyn_rtp_uri_format(audyn_uri_t *uri, audyn_rtp_format_t *format,
                                    audyn_error_t *error);

/// Reads `channels=`, such as 5-6 or 1,3: channels from 1, in the order of the recording,
/// each once.  Where it is not given, nothing is selected, which stands for all.
audyn_status_t audyn_rtp_uri_channels(audyn_uri_t *uri, audyn_selection_t *selection,
                                      audyn_error_t *error);

/// Holds a selection against the channels that the stream has.  One that changes nothing
/// becomes none.
audyn_status_t audyn_rtp_uri_fit_channels(audyn_selection_t *selection, uint32_t channels,
                                          audyn_error_t *error);

#endif
