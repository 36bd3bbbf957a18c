// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `tone:997?level=-20&rate=48000&channels=2&pace=clock`: a sine of that many Hz, the
// same in all channels.

#include "input/paced_source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_FREQUENCY 997.0
#define DEFAULT_LEVEL (-20.0)
#define DEFAULT_RATE 48000
#define DEFAULT_CHANNELS 2

// Frequencies are whole multiples of 1/10 000 Hz.  Then the phase of any sample comes
// from its index in whole numbers, so that no error adds up, and the product below stays
// under 2⁶⁴ up to 192 kHz: (192 000 × 10 000) × (96 000 × 10 000).
#define STEPS_PER_HZ 10000U

static const char known_options[] = "level, rate, channels, pace";

// Mapped, not allocated: the source's thread writes to it, and must not fault where a
// forked child has been given a copy.
struct tone_input {
    paced_source_t source;
    audyn_memory_t memory;
    uint64_t frequency; // in steps
    uint64_t cycle;     // sample rate in steps: after so many sample frames all repeats
    double amplitude;
};

// Source thread: no locks, allocation, logging or system calls.
static uint32_t
produce_tone(paced_source_t *source, float *samples, uint64_t first,
             uint32_t sample_frames) AUDYN_REALTIME
{
    const struct tone_input *tone = (const struct tone_input *)source;
    const uint32_t channels = source->input.format.channels;
    for (uint64_t i = first; i < first + sample_frames; ++i) {
        const uint64_t steps = i % tone->cycle * tone->frequency % tone->cycle;
        const double turns = (double)steps / (double)tone->cycle;
        const float sample = (float)(tone->amplitude * sin(2 * M_PI * turns));
        for (uint32_t c = 0; c < channels; ++c) {
            *samples++ = sample;
        }
    }
    return sample_frames;
}

static audyn_status_t
read_frequency(struct tone_input *tone, const char *text, audyn_error_t *error)
{
    const uint32_t sample_rate = tone->source.input.format.sample_rate;
    const bool decimal = !text[strspn(text, ".0123456789")];
    char *end = "";
    const double frequency = *text ? strtod(text, &end) : DEFAULT_FREQUENCY;
    tone->cycle = (uint64_t)sample_rate * STEPS_PER_HZ;
    tone->frequency =
        decimal ? (uint64_t)llround(fmin(frequency, 1e6) * STEPS_PER_HZ) : 0;
    if (*end || !tone->frequency || 2 * tone->frequency >= tone->cycle) {
        return audyn_error_set(
            error, AUDYN_INVALID,
            "tone:%s: the frequency must be a number of Hz above 0 and "
            "below %g, half the sample rate",
            text, sample_rate / 2.0);
    }
    return AUDYN_OK;
}

static audyn_status_t
read_uri(struct tone_input *tone, audyn_uri_t *uri, const audyn_input_config_t *config,
         audyn_error_t *error)
{
    double level = DEFAULT_LEVEL;
    audyn_input_format_t format = {
        .sample_rate = DEFAULT_RATE, .channels = DEFAULT_CHANNELS, .bits = 32};
    audyn_status_t status = audyn_uri_number(uri, "level", -120, 0, &level, error);
    if (!status) {
        status = audyn_uri_integer(uri, "rate", 8000, 192000, &format.sample_rate, error);
    }
    if (!status) {
        status = audyn_uri_integer(uri, "channels", 1, 64, &format.channels, error);
    }
    if (!status) {
        status = paced_source_read_pace(&tone->source, uri, config, error);
    }
    if (!status) {
        status = audyn_uri_reject_unknown(uri, known_options, error);
    }
    tone->source.input.format = format;
    tone->amplitude = pow(10, level / 20);
    return status ? status : read_frequency(tone, uri->body, error);
}

static audyn_status_t
check_tone(audyn_uri_t *uri, audyn_error_t *error)
{
    struct tone_input tone = {0};
    const audyn_input_config_t config = {0};
    return read_uri(&tone, uri, &config, error);
}

static void
close_tone(audyn_input_t *input)
{
    paced_source_finish((paced_source_t *)input);
    audyn_memory_t memory = ((struct tone_input *)input)->memory;
    audyn_memory_unmap(&memory);
}

static audyn_status_t
open_tone(audyn_input_t **out, audyn_uri_t *uri, const audyn_input_config_t *config,
          audyn_error_t *error)
{
    audyn_memory_t memory;
    audyn_status_t status = audyn_memory_map(&memory, sizeof(struct tone_input),
                                             AUDYN_LOCK_BEST_EFFORT, false);
    if (status) {
        return audyn_error_set(error, status, "no memory for an input");
    }
    struct tone_input *tone = memory.address;
    tone->memory = memory;
    status = read_uri(tone, uri, config, error);
    if (!status) {
        status = paced_source_init(&tone->source, produce_tone, config, error);
    }
    if (status) {
        close_tone(&tone->source.input);
        return status;
    }
    *out = &tone->source.input;
    return AUDYN_OK;
}

const audyn_input_type_t audyn_tone_input = {
    .scheme = "tone",
    .check = check_tone,
    .open = open_tone,
    .start = paced_source_start,
    .ask_to_stop = paced_source_ask_to_stop,
    .stop = paced_source_stop,
    .get_report = paced_source_get_report,
    .explain = paced_source_explain,
    .close = close_tone,
};
