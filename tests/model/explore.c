// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Linked with src/core/frame_pool.c and src/core/audio_queue.c, compiled with
// -fsanitize=thread: explores all that two threads can make of them.

#include "pool_world.h"
#include "queue_world.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { WRONG_USAGE = 10, NO_MEMORY };

struct options {
    uint32_t size, wrap_in;
    size_t most_states;
    bool keep_dead;
};

static int
explore_pool(const struct options *options)
{
    const pool_world_config_t config = {
        .frames = options->size,
        .wrap_in = options->wrap_in,
        .keep_dead = options->keep_dead,
    };
    static struct pool_world world;
    if (!pool_world_init(&world, &config)) {
        return NO_MEMORY;
    }
    const enum verdict verdict = explore(&world.world, options->most_states, stdout);
    pool_world_finish(&world);
    return (int)verdict;
}

static int
explore_queue(const struct options *options)
{
    struct queue_world world;
    if (!queue_world_init(&world, options->size, options->wrap_in)) {
        return NO_MEMORY;
    }
    const enum verdict verdict = explore(&world.world, options->most_states, stdout);
    queue_world_finish(&world);
    return (int)verdict;
}

static bool
parse_options(int argc, char **argv, struct options *options)
{
    enum { KEEP_DEAD = 256, MOST_STATES, WRAP_IN };
    static const struct option names[] = {
        {"keep-dead", no_argument, NULL, KEEP_DEAD},
        {"most-states", required_argument, NULL, MOST_STATES},
        {"wrap-in", required_argument, NULL, WRAP_IN},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (option == KEEP_DEAD) {
            options->keep_dead = true;
        } else if (option == MOST_STATES) {
            options->most_states = strtoul(optarg, NULL, 10);
        } else if (option == WRAP_IN) {
            options->wrap_in = (uint32_t)strtoul(optarg, NULL, 10);
        } else {
            return false;
        }
    }
    if (argc - optind != 2) {
        return false;
    }
    options->size = (uint32_t)strtoul(argv[optind + 1], NULL, 10);
    return true;
}

int
main(int argc, char **argv)
{
    struct options options = {.wrap_in = UINT32_MAX, .most_states = 5000000};
    const bool parsed = parse_options(argc, argv, &options);
    options.wrap_in = options.wrap_in == UINT32_MAX ? options.size : options.wrap_in;
    if (parsed && !strcmp(argv[optind], "pool") && options.size - 1 < MOST_FRAMES) {
        return explore_pool(&options);
    }
    if (parsed && !strcmp(argv[optind], "queue") && options.size - 1 < MOST_SLOTS) {
        return explore_queue(&options);
    }
    fprintf(
        stderr,
        "usage: explore pool FRAMES | queue SLOTS [--wrap-in N] [--most-states N]\n"
        "               [--keep-dead]\n"
        "FRAMES is at most %d, SLOTS at most %d.  Status 0: all states were visited,\n"
        "and none violates what is demanded; 1: one does; 2: there are more.\n",
        MOST_FRAMES, MOST_SLOTS);
    return WRONG_USAGE;
}
