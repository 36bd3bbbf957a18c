// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/levels.h"

#include "pcm/meter.h"

#include <ebur128.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// What is looked at for true peaks at once.
#define CHUNK_FRAMES 128
// Of sample frames before, the interpolator of libebur128 knows no more than 25.
#define HISTORY_FRAMES 32
// It makes no more of a sample than so much of its magnitude: the sum of its
// coefficients' magnitudes in the phase half-way between two samples, 1.864 where it
// makes four of each sample, 2.307 where it makes two.
#define MOST_GAIN_OF_FOUR 1.87
#define MOST_GAIN_OF_TWO 2.31
#define LEAST_RATE_OF_TWO 96000

// What libebur128 takes.
#define LEAST_RATE 16
#define MOST_RATE 2822400

// After so much silence its filters have come to rest, and all its windows are silent.
#define SETTLING_SECONDS 4
// Windows begin every 100 ms and every second; silence is left out by whole seconds.
#define HOPS_PER_SECOND 10

// Below the gate nothing is counted; of less than that there is no window.
#define RANGE_WINDOW_SECONDS 3

struct audyn_levels {
    uint32_t sample_rate, channels;
    audyn_meter_t meter;    // of all
    ebur128_state *r128;    // NULL: not measured, or not for this rate
    ebur128_state *peaks;   // true peaks, of what may have one
    double *true_peak;      // of each channel
    float *history;         // the last HISTORY_FRAMES
    bool peaks_follow;      // `peaks` has seen these
    uint64_t fed_frames;    // to `r128`
    uint64_t silent_frames; // of those, at the end
    uint64_t left_out;      // silence behind those
};

static ebur128_state *
create_state(uint32_t channels, uint32_t sample_rate, int mode)
{
    ebur128_state *state = ebur128_init(channels, sample_rate, mode);
    for (unsigned i = 0; state && channels > 2 && i < channels; ++i) {
        ebur128_set_channel(state, i, EBUR128_CENTER);
    }
    return state;
}

static bool
create_r128(audyn_levels_t *levels)
{
    const uint32_t channels = levels->channels;
    const uint32_t rate = levels->sample_rate;
    // Blocks are counted by loudness, to a tenth: a day takes no more memory than an
    // hour.
    levels->r128 = create_state(
        channels, rate, EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_HISTOGRAM);
    levels->peaks = create_state(channels, rate, EBUR128_MODE_TRUE_PEAK);
    levels->true_peak = calloc(channels, sizeof *levels->true_peak);
    levels->history = calloc(channels, HISTORY_FRAMES * sizeof *levels->history);
    return levels->r128 && levels->peaks && levels->true_peak && levels->history;
}

audyn_status_t
audyn_levels_create(audyn_levels_t **out, audyn_levels_mode_t mode, uint32_t sample_rate,
                    uint32_t channels)
{
    *out = NULL;
    if (!channels || channels > AUDYN_METER_CHANNELS) {
        return AUDYN_NOT_SUPPORTED;
    }
    audyn_levels_t *levels = calloc(1, sizeof *levels);
    if (!levels) {
        return AUDYN_NO_MEMORY;
    }
    levels->sample_rate = sample_rate;
    levels->channels = channels;
    levels->meter.channels = channels;
    const bool measurable = sample_rate >= LEAST_RATE && sample_rate <= MOST_RATE;
    if (mode == AUDYN_LEVELS_FULL && measurable && !create_r128(levels)) {
        audyn_levels_destroy(levels);
        return AUDYN_NO_MEMORY;
    }
    *out = levels;
    return AUDYN_OK;
}

// Whether the curve through these samples, and those before, may be higher than any yet.
static bool
may_have_peak(const audyn_levels_t *levels, const float *samples, size_t sample_frames)
{
    const double most_gain =
        levels->sample_rate < LEAST_RATE_OF_TWO ? MOST_GAIN_OF_FOUR : MOST_GAIN_OF_TWO;
    audyn_meter_t meter = {.channels = levels->channels};
    audyn_meter_add(&meter, levels->history, HISTORY_FRAMES);
    audyn_meter_add(&meter, samples, sample_frames);
    bool may = false;
    for (uint32_t i = 0; i < levels->channels; ++i) {
        may |= (double)meter.peak[i] * most_gain > levels->true_peak[i];
    }
    return may;
}

static void
find_peaks(audyn_levels_t *levels, const float *samples, size_t sample_frames)
{
    if (!levels->peaks_follow) {
        ebur128_add_frames_float(levels->peaks, levels->history, HISTORY_FRAMES);
    }
    ebur128_add_frames_float(levels->peaks, samples, sample_frames);
    for (uint32_t i = 0; i < levels->channels; ++i) {
        double peak = 0;
        ebur128_prev_true_peak(levels->peaks, i, &peak);
        levels->true_peak[i] = fmax(levels->true_peak[i], peak);
    }
}

static void
remember(audyn_levels_t *levels, const float *samples, size_t sample_frames)
{
    const size_t count = sample_frames < HISTORY_FRAMES ? sample_frames : HISTORY_FRAMES;
    const size_t kept = (HISTORY_FRAMES - count) * levels->channels;
    const size_t added = count * levels->channels;
    memmove(levels->history, levels->history + added, kept * sizeof *samples);
    memcpy(levels->history + kept, samples + sample_frames * levels->channels - added,
           added * sizeof *samples);
}

static void
look_for_peaks(audyn_levels_t *levels, const float *samples, size_t sample_frames)
{
    const bool may = may_have_peak(levels, samples, sample_frames);
    if (may) {
        find_peaks(levels, samples, sample_frames);
    }
    levels->peaks_follow = may;
    remember(levels, samples, sample_frames);
}

static void
feed(audyn_levels_t *levels, const float *samples, uint64_t sample_frames)
{
    ebur128_add_frames_float(levels->r128, samples, (size_t)sample_frames);
    levels->fed_frames += sample_frames;
    while (sample_frames) {
        const size_t some =
            sample_frames < CHUNK_FRAMES ? (size_t)sample_frames : CHUNK_FRAMES;
        look_for_peaks(levels, samples, some);
        samples += some * levels->channels;
        sample_frames -= some;
    }
}

static void
feed_silence(audyn_levels_t *levels, uint64_t sample_frames)
{
    static const float zeros[CHUNK_FRAMES * AUDYN_METER_CHANNELS];
    levels->silent_frames += sample_frames;
    while (sample_frames) {
        const uint64_t some = sample_frames < CHUNK_FRAMES ? sample_frames : CHUNK_FRAMES;
        feed(levels, zeros, some);
        sample_frames -= some;
    }
}

// Windows have to begin where they would have, had it not been left out.
static void
catch_up(audyn_levels_t *levels)
{
    const uint64_t hop = (levels->sample_rate + 5) / HOPS_PER_SECOND; // as libebur128
    const uint64_t left_out = levels->left_out;
    levels->left_out = 0;
    feed_silence(levels, left_out % (hop * HOPS_PER_SECOND));
    levels->silent_frames = 0;
}

static void
add_silence(audyn_levels_t *levels, uint64_t sample_frames)
{
    const uint64_t most = (uint64_t)SETTLING_SECONDS * levels->sample_rate;
    const uint64_t room = levels->silent_frames < most ? most - levels->silent_frames : 0;
    const uint64_t fed = sample_frames < room ? sample_frames : room;
    feed_silence(levels, fed);
    levels->left_out += sample_frames - fed;
}

void
audyn_levels_add(audyn_levels_t *levels, const float *samples, uint64_t sample_frames)
{
    if (samples) {
        audyn_meter_add(&levels->meter, samples, (size_t)sample_frames);
    }
    if (!levels->r128) {
        return;
    }
    if (samples) {
        catch_up(levels);
        feed(levels, samples, sample_frames);
    } else {
        add_silence(levels, sample_frames);
    }
}

static double
decibels(double magnitude)
{
    return magnitude > 0 && isfinite(magnitude) ? 20 * log10(magnitude) : NAN;
}

static void
read_loudness(const audyn_levels_t *levels, audyn_entry_levels_t *out)
{
    // What is no number never leaves the filters again.
    double last = NAN;
    ebur128_loudness_momentary(levels->r128, &last);
    if (isnan(last) || last == INFINITY ||
        ebur128_loudness_global(levels->r128, &out->integrated_lufs) ||
        isinf(out->integrated_lufs)) {
        out->integrated_lufs = NAN;
    }
    const uint64_t least = (uint64_t)RANGE_WINDOW_SECONDS * levels->sample_rate;
    if (isnan(out->integrated_lufs) || levels->fed_frames + levels->left_out < least ||
        ebur128_loudness_range(levels->r128, &out->range_lu)) {
        out->range_lu = NAN;
    }
}

audyn_status_t
audyn_levels_read(const audyn_levels_t *levels, audyn_entry_levels_t *out)
{
    const uint32_t channels = levels->channels;
    *out = (audyn_entry_levels_t){
        .known = true,
        .peak_dbfs = malloc(channels * sizeof(double)),
        .true_peak_dbtp = levels->r128 ? malloc(channels * sizeof(double)) : NULL,
        .integrated_lufs = NAN,
        .range_lu = NAN,
    };
    if (!out->peak_dbfs || (levels->r128 && !out->true_peak_dbtp)) {
        free(out->peak_dbfs);
        free(out->true_peak_dbtp);
        *out = (audyn_entry_levels_t){0};
        return AUDYN_NO_MEMORY;
    }
    for (uint32_t i = 0; i < channels; ++i) {
        out->peak_dbfs[i] = decibels((double)levels->meter.peak[i]);
    }
    if (levels->r128) {
        for (uint32_t i = 0; i < channels; ++i) {
            out->true_peak_dbtp[i] = decibels(levels->true_peak[i]);
        }
        read_loudness(levels, out);
    }
    return AUDYN_OK;
}

void
audyn_levels_destroy(audyn_levels_t *levels)
{
    if (!levels) {
        return;
    }
    if (levels->r128) {
        ebur128_destroy(&levels->r128);
    }
    if (levels->peaks) {
        ebur128_destroy(&levels->peaks);
    }
    free(levels->true_peak);
    free(levels->history);
    free(levels);
}
