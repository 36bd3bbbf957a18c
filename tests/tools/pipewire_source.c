// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A source of sound in PipeWire's graph whose samples say by themselves which they are:
//   pipewire-source play NAME CHANNELS [SAMPLE_FRAMES]   until SIGTERM; silence
//   afterwards pipewire-source print CHANNELS SAMPLE_FRAMES         the same samples, raw
//   float32

#include <inttypes.h>
#include <pipewire/filter.h>
#include <pipewire/pipewire.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CHANNELS = 64, SILENT_CYCLES = 4 };

struct source {
    struct pw_main_loop *loop;
    struct pw_filter *filter;
    void *ports[MOST_CHANNELS];
    uint32_t channels;
    uint64_t length; // sample frames
    uint64_t played;
    uint64_t clock_position, clock_duration; // of the last cycle
    uint64_t missed;
    uint32_t linked_cycles; // with all channels linked
};

// A 24-bit integer, never 0, as a float: of noise no two stretches are alike.
static float
sample(uint64_t index, uint32_t channel)
{
    uint64_t hash = (index * MOST_CHANNELS + channel + 1) * UINT64_C(0x9E3779B97F4A7C15);
    hash ^= hash >> 29;
    hash *= UINT64_C(0xBF58476D1CE4E5B9);
    const int32_t value = (int32_t)((hash >> 40) | 1) - (1 << 23);
    return (float)value * 0x1p-23F;
}

// Cycles in which the graph went on without us, by its clock.
static void
count_missed(struct source *source, const struct spa_io_clock *clock)
{
    const uint64_t elapsed = clock->position - source->clock_position;
    source->missed +=
        source->played && elapsed != clock->duration && elapsed != source->clock_duration;
    source->clock_position = clock->position;
    source->clock_duration = clock->duration;
}

static void
on_process(void *data, struct spa_io_position *position)
{
    struct source *source = data;
    const uint32_t count = (uint32_t)position->clock.duration;
    float *out[MOST_CHANNELS];
    bool linked = true;
    count_missed(source, &position->clock);
    for (uint32_t c = 0; c < source->channels; ++c) {
        out[c] = pw_filter_get_dsp_buffer(source->ports[c], count);
        linked &= out[c] != NULL;
    }
    // It begins once all channels are linked, for a while, also at the other end.
    source->linked_cycles += linked;
    const bool begun = source->linked_cycles > SILENT_CYCLES;
    for (uint32_t c = 0; c < source->channels; ++c) {
        for (uint32_t i = 0; out[c] && i < count; ++i) {
            const uint64_t index = source->played + i;
            out[c][i] = begun && index < source->length ? sample(index, c) : 0;
        }
    }
    source->played += begun ? count : 0;
}

static const struct pw_filter_events events = {
    .version = PW_VERSION_FILTER_EVENTS,
    .process = on_process,
};

static void
on_signal(void *data, int number)
{
    (void)number;
    pw_main_loop_quit(((struct source *)data)->loop);
}

static bool
add_ports(struct source *source)
{
    for (uint32_t c = 0; c < source->channels; ++c) {
        char name[16];
        snprintf(name, sizeof name, "out_%u", c + 1);
        source->ports[c] = pw_filter_add_port(
            source->filter, PW_DIRECTION_OUTPUT, PW_FILTER_PORT_FLAG_MAP_BUFFERS, 16,
            pw_properties_new(PW_KEY_FORMAT_DSP, "32 bit float mono audio",
                              PW_KEY_PORT_NAME, name, NULL),
            NULL, 0);
        if (!source->ports[c]) {
            return false;
        }
    }
    return true;
}

static int
play(struct source *source, const char *name)
{
    // Real-time priority where that is permitted: what a source has no time for is no
    // loss of the recorder's, and a test would have to try again.
    setenv("PIPEWIRE_CONFIG_NAME", "client-rt.conf", 0);
    pw_init(NULL, NULL);
    source->loop = pw_main_loop_new(NULL);
    struct pw_loop *loop = pw_main_loop_get_loop(source->loop);
    pw_loop_add_signal(loop, SIGTERM, on_signal, source);
    source->filter = pw_filter_new_simple(
        loop, name,
        pw_properties_new(PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CATEGORY, "Source",
                          PW_KEY_NODE_NAME, name, NULL),
        &events, source);
    if (!source->filter || !add_ports(source) ||
        pw_filter_connect(source->filter, PW_FILTER_FLAG_RT_PROCESS, NULL, 0) < 0) {
        fprintf(stderr, "pipewire-source: PipeWire cannot be reached\n");
        return EXIT_FAILURE;
    }
    pw_main_loop_run(source->loop);
    pw_filter_destroy(source->filter);
    printf("%" PRIu64 " missed\n", source->missed);
    pw_main_loop_destroy(source->loop);
    return EXIT_SUCCESS;
}

static int
print(const struct source *source)
{
    for (uint64_t i = 0; i < source->length; ++i) {
        for (uint32_t c = 0; c < source->channels; ++c) {
            const float value = sample(i, c);
            fwrite(&value, sizeof value, 1, stdout);
        }
    }
    return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
    const bool plays = argc >= 4 && !strcmp(argv[1], "play");
    const bool prints = argc == 4 && !strcmp(argv[1], "print");
    if (!plays && !prints) {
        fprintf(stderr, "usage: pipewire-source play NAME CHANNELS [SAMPLE_FRAMES]\n"
                        "       pipewire-source print CHANNELS SAMPLE_FRAMES\n");
        return 2;
    }
    struct source source = {.length = UINT64_MAX};
    source.channels = (uint32_t)strtoul(argv[plays ? 3 : 2], NULL, 10);
    if (prints || argc > 4) {
        source.length = strtoull(argv[prints ? 3 : 4], NULL, 10);
    }
    return plays ? play(&source, argv[2]) : print(&source);
}
