// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Stands in for libFuzzer: gives each file of a folder to the fuzz target, in TAP.

#include "fuzz_target.h"

#include <dirent.h>

static int
is_ordinary(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

// A copy without a byte to spare, so that a sanitizer sees each step beyond its end.
static uint8_t *
read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    EXPECT(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*size);
    EXPECT(bytes || !*size);
    EXPECT(fread(bytes, 1, *size, file) == *size);
    fclose(file);
    return bytes;
}

int
main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    const int count = argc == 2 ? scandir(argv[1], &entries, is_ordinary, alphasort) : -1;
    EXPECT(count > 0);
    printf("TAP version 13\n1..%d\n", count);
    for (int i = 0; i < count; ++i) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
        size_t size;
        uint8_t *bytes = read_file(path, &size);
        printf("# %s\n", path);
        fflush(stdout);
        LLVMFuzzerTestOneInput(bytes, size);
        printf("ok %d - %s\n", i + 1, entries[i]->d_name);
        free(bytes);
        free(entries[i]);
    }
    free(entries);
    return 0;
}
