// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Conversions between L24 and float, each filling a buffer of 64 KiB, beside memcpy.  A
// line for each measurement: "convert", which, output bytes a second.

#include "measure.h"

#include "pcm/convert.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUT_BYTES = 65536, ROUNDS = 1000 };
// What fills the output: floats, samples of three and of two bytes.
enum { FLOATS = OUTPUT_BYTES / 4, TRIPLES = OUTPUT_BYTES / 3, PAIRS = OUTPUT_BYTES / 2 };

// Neither buffer begins where the other does in its page: stores would seem to hit the
// loads that follow.
static _Alignas(64) unsigned char input[PAIRS * sizeof(float) + 2048];
static _Alignas(64) unsigned char output[OUTPUT_BYTES];

static void
copy(const audyn_pcm_t *pcm)
{
    (void)pcm;
    memcpy(output, input, OUTPUT_BYTES);
}

static void
decode_l16(const audyn_pcm_t *pcm)
{
    pcm->decode_l16((float *)(void *)output, input, FLOATS);
}

static void
decode_l24(const audyn_pcm_t *pcm)
{
    pcm->decode_l24((float *)(void *)output, input, FLOATS);
}

static void
encode_s16le(const audyn_pcm_t *pcm)
{
    pcm->encode_s16le(output, (const float *)(void *)input, PAIRS);
}

static void
encode_s24le(const audyn_pcm_t *pcm)
{
    pcm->encode_s24le(output, (const float *)(void *)input, TRIPLES);
}

static void
encode_dithered(const audyn_pcm_t *pcm)
{
    (void)pcm;
    audyn_pcm_encode_dithered(output, (const float *)(void *)input, PAIRS, 16, 0);
}

static const struct subject {
    const char *name;
    void (*run)(const audyn_pcm_t *pcm);
    enum { ONCE, BEST_AND_PLAIN } implementations;
} subjects[] = {
    {"memcpy", copy, ONCE},
    {"L24 to float", decode_l24, BEST_AND_PLAIN},
    {"float to 24-bit little-endian", encode_s24le, BEST_AND_PLAIN},
    {"L16 to float", decode_l16, BEST_AND_PLAIN},
    {"float to 16-bit little-endian", encode_s16le, BEST_AND_PLAIN},
    {"float to 16-bit with dither", encode_dithered, ONCE},
};

static void
measure(const struct subject *subject, const audyn_pcm_t *pcm, bool print)
{
    // Floats within the range, whatever they are read as.
    for (size_t i = 0; i < sizeof input / sizeof(float); ++i) {
        const float sample = (float)(int32_t)(i * 2654435761U) * 0x1p-31f;
        memcpy(input + i * sizeof sample, &sample, sizeof sample);
    }
    const double start = clock_seconds(CLOCK_THREAD_CPUTIME_ID);
    for (int round = 0; round < ROUNDS; ++round) {
        subject->run(pcm);
        // The compiler must take it that the output is used and the input changes.
        __asm__ volatile("" : : "r"(output), "r"(input) : "memory");
    }
    const double seconds = clock_seconds(CLOCK_THREAD_CPUTIME_ID) - start;
    rest();
    if (print) {
        printf("convert\t%s%s%s\t%.6g\n", subject->name,
               subject->implementations == ONCE ? "" : ", ",
               subject->implementations == ONCE ? "" : pcm->name,
               (double)OUTPUT_BYTES * ROUNDS / seconds);
    }
}

// The first of the repetitions only warms up and is not printed.
int
main(int argc, char **argv)
{
    const int repetitions = argc > 1 ? atoi(argv[1]) : 1;
    const audyn_pcm_t *best = audyn_pcm_best(), *plain = audyn_pcm_plain();
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) ||
        !pin_to_processor(&allowed, 0)) {
        perror("bench_convert: cannot keep to one processor");
        return EXIT_FAILURE;
    }
    prepare_process();
    printf("about\tbest implementation\t%s\n", best->name);
    for (int repetition = 0; repetition <= repetitions; ++repetition) {
        for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; ++i) {
            measure(&subjects[i], best, repetition > 0);
            if (subjects[i].implementations != ONCE && best != plain) {
                measure(&subjects[i], plain, repetition > 0);
            }
        }
    }
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
