// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#ifndef AUDYN_PCM_CONVERT_PRIVATE_H
#define AUDYN_PCM_CONVERT_PRIVATE_H

#include "pcm/convert.h"

#ifdef __x86_64__
/// Only for a processor that has AVX2.  What is left over after whole vectors goes
/// through audyn_pcm_plain().
extern const audyn_pcm_t audyn_pcm_avx2;
#endif

#endif
