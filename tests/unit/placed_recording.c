// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "placed_recording.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
copy(float *restrict out, const void *restrict in, size_t samples)
{
    memcpy(out, in, samples * sizeof(float));
}

void
placed_recording_start(struct placed_recording *recording, const char *name,
                       uint64_t sample_frames)
{
    *recording = (struct placed_recording){
        .input.format = {.sample_rate = PLACED_RATE, .channels = 1, .bits = 24},
    };
    const audyn_input_config_t input_config = {.buffer_ms = 5000};
    assert_int_equal(input_create_timeline(&recording->input, 0, &input_config, NULL),
                     AUDYN_OK);
    snprintf(recording->path, sizeof recording->path, "%s.%d.wav", name, (int)getpid());
    const audyn_sink_config_t sink_config = {
        .sample_rate = PLACED_RATE,
        .channels = 1,
        .encoding = AUDYN_PCM24,
        .overwrite = true,
        .description = "test",
        .source = "test",
    };
    audyn_sink_t *sink;
    assert_int_equal(audyn_sink_open(&sink, recording->path, &sink_config, NULL),
                     AUDYN_OK);
    audyn_output_t *output;
    assert_int_equal(audyn_file_output_create(&output, sink), AUDYN_OK);
    const audyn_recorder_config_t config = {
        .input = &recording->input,
        .output = output,
        .sample_frames = sample_frames,
        .metering = true,
    };
    assert_int_equal(audyn_recorder_create(&recording->recorder, &config), AUDYN_OK);
}

void
placed_recording_add(struct placed_recording *recording, uint64_t position,
                     uint32_t count)
{
    float samples[PLACED_RATE];
    for (uint32_t i = 0; i < count; ++i) {
        samples[i] = 0.25f;
    }
    const audyn_samples_t placed = {.position = position,
                                    .sample_frames = count,
                                    .bytes = sizeof *samples,
                                    .data = samples,
                                    .decode = copy};
    audyn_placement_t placement;
    audyn_timeline_place(recording->input.timeline, &placed, &placement);
}

audyn_recorder_progress_t
placed_recording_progress(struct placed_recording *recording)
{
    audyn_recorder_progress_t progress;
    audyn_recorder_get_progress(recording->recorder, &progress);
    return progress;
}

audyn_wav_info_t
placed_recording_info(const struct placed_recording *recording)
{
    audyn_wav_info_t info;
    assert_int_equal(audyn_wav_read_info(recording->path, &info, NULL), AUDYN_OK);
    return info;
}

void
placed_recording_end(struct placed_recording *recording)
{
    audyn_recorder_destroy(recording->recorder);
    audyn_timeline_destroy(recording->input.timeline);
    unlink(recording->path);
}
