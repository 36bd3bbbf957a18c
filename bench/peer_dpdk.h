// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// DPDK's environment, which its stacks and pools of buffers live in.  It is started once
/// for all of them and ends with the process.

#ifndef AUDYN_BENCH_PEER_DPDK_H
#define AUDYN_BENCH_PEER_DPDK_H

#include <rte_eal.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>

enum environment { ENVIRONMENT_UNTRIED, ENVIRONMENT_RUNS, ENVIRONMENT_FAILED };

/// Weak: all that include this share it.
__attribute__((weak)) enum environment dpdk_environment;

/// Without huge pages, devices and files that are shared (--in-memory, which says that
/// too, excludes --no-huge).  DPDK pins the calling thread to the processor that it is
/// on.
static inline bool
start_environment(void)
{
    if (dpdk_environment == ENVIRONMENT_UNTRIED) {
        char processor[16];
        snprintf(processor, sizeof processor, "0@%d", sched_getcpu());
        char *arguments[] = {"bench",    "--no-huge",      "--no-shconf",
                             "--no-pci", "--no-telemetry", "--log-level=error",
                             "--lcores", processor,        NULL};
        const int count = sizeof arguments / sizeof arguments[0] - 1;
        dpdk_environment =
            rte_eal_init(count, arguments) < 0 ? ENVIRONMENT_FAILED : ENVIRONMENT_RUNS;
    }
    return dpdk_environment == ENVIRONMENT_RUNS;
}

#endif
