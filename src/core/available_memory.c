// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/available_memory.h"

#include <inttypes.h>
#include <stdio.h>

uint64_t
audyn_available_memory(void)
{
    FILE *file = fopen("/proc/meminfo", "re");
    if (!file) {
        return UINT64_MAX;
    }
    uint64_t kib = UINT64_MAX / 1024;
    char line[128];
    while (fgets(line, sizeof line, file) &&
           sscanf(line, "MemAvailable: %" SCNu64 " kB", &kib) != 1) {
    }
    fclose(file);
    return kib * 1024;
}
