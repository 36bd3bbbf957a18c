// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/live_line.h"

#include <stdarg.h>

#define BAR_CELLS 10
#define BAR_FLOOR_DB (-60.0f)
#define NUMBERS_UP_TO_CHANNELS 2

struct text {
    char *end;
    size_t left;
};

__attribute__((format(printf, 2, 3))) static void
append(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int written = vsnprintf(text->end, text->left, format, arguments);
    va_end(arguments);
    const size_t used = written < 0                    ? 0
                        : (size_t)written < text->left ? (size_t)written
                                                       : text->left - 1;
    text->end += used;
    text->left -= used;
}

// A bar of ten cells, 6 dB each, up to full scale.
static void
append_bar(struct text *text, float dbfs)
{
    const float cells = BAR_CELLS * (1.0f - dbfs / BAR_FLOOR_DB);
    for (int i = 0; i < BAR_CELLS; ++i) {
        append(text, "%s", (float)i < cells ? "#" : "-");
    }
}

// One sign a channel, where there is no room for a bar each.
static void
append_sign(struct text *text, float dbfs)
{
    static const char signs[] = " .:-=+*#%@";
    const float level = 9.0f * (1.0f - dbfs / BAR_FLOOR_DB);
    const int sign = level <= 0.0f ? 0 : level >= 9.0f ? 9 : (int)level;
    append(text, "%c", signs[sign]);
}

static void
append_levels(struct text *text, uint32_t channels, const float *peaks)
{
    for (uint32_t c = 0; c < channels; ++c) {
        const float dbfs = audyn_meter_dbfs(peaks[c]);
        if (channels > NUMBERS_UP_TO_CHANNELS) {
            append_sign(text, dbfs);
        } else {
            append(text, "%s", c ? "  " : "");
            append_bar(text, dbfs);
            append(text, " %6.1f dBFS", (double)(dbfs < -99.9f ? -99.9f : dbfs));
        }
    }
}

static void
append_time(struct text *text, uint64_t tenths)
{
    append(text, "%02u:%02u:%02u.%u  ", (unsigned)(tenths / 36000),
           (unsigned)(tenths / 600 % 60), (unsigned)(tenths / 10 % 60),
           (unsigned)(tenths % 10));
}

void
audyn_live_line_format(char *line, size_t size, unsigned width,
                       const audyn_input_format_t *format,
                       const audyn_recorder_progress_t *progress,
                       const audyn_frame_pool_stats_t *pool)
{
    struct text text = {line, width + 1 < size ? width + 1 : size};
    append_time(&text, progress->sample_frames * 10 / format->sample_rate);
    append(&text, "[");
    append_levels(&text, format->channels, progress->peaks);
    uint64_t missing = 0;
    for (int i = 0; i < AUDYN_SAMPLE_RECEIVED; ++i) {
        missing += progress->counts[i];
    }
    append(&text, "]  missing %llu  buffer %u %%", (unsigned long long)missing,
           (unsigned)((uint64_t)pool->in_use * 100 / pool->capacity));
}

void
audyn_live_line_format_many(char *line, size_t size, unsigned width, int64_t elapsed_ns,
                            const audyn_record_totals_t *totals)
{
    struct text text = {line, width + 1 < size ? width + 1 : size};
    append_time(&text, (uint64_t)elapsed_ns * 10 / AUDYN_NS_PER_SECOND);
    append(&text, "%zu running, %zu waiting, %zu failed", totals->running,
           totals->waiting, totals->failed);
    if (totals->finished) {
        append(&text, ", %zu finished", totals->finished);
    }
    append(&text, "  missing %llu  buffer %u %%", (unsigned long long)totals->missing,
           totals->buffer_percent);
}
