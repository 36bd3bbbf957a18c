// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The bytes are an entry of a chain, such as anybody may lay into an archive.

#include "fuzz_target.h"

#include "archive/entry.h"

#include <string.h>

static void
check_files(const audyn_entry_file_t *files, unsigned count)
{
    EXPECT(count <= AUDYN_ENTRY_FILES);
    for (unsigned i = 0; i < count; ++i) {
        EXPECT(*files[i].path && !strchr(files[i].path, '/') &&
               strcmp(files[i].path, ".."));
    }
}

static void
check(const audyn_entry_t *entry)
{
    EXPECT(*entry->stream && !strchr(entry->stream, '/'));
    EXPECT(entry->format.sample_rate && entry->format.channels);
    if (entry->kind == AUDYN_ENTRY_SEGMENT) {
        const audyn_entry_segment_t *segment = &entry->segment;
        const uint64_t end = segment->first.position + segment->sample_frames;
        EXPECT(segment->sample_frames && segment->first.position < end);
        for (size_t i = 0; i < segment->span_count; ++i) {
            const audyn_entry_span_t *span = &segment->spans[i];
            EXPECT(span->position >= segment->first.position &&
                   span->position + span->sample_frames <= end);
        }
        check_files(segment->files, segment->file_count);
    } else if (entry->kind == AUDYN_ENTRY_TOMBSTONE) {
        check_files(entry->tombstone.files, entry->tombstone.file_count);
    }
}

// What was understood is understood the same when it is written.
static void
check_again(const char *text)
{
    audyn_entry_t entry;
    EXPECT(!audyn_entry_parse(&entry, "again", text, strlen(text), NULL));
    char *again = audyn_entry_write(&entry);
    EXPECT(again && !strcmp(again, text));
    free(again);
    audyn_entry_finish(&entry);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    audyn_entry_t entry;
    audyn_error_t error = {""};
    const audyn_status_t status =
        audyn_entry_parse(&entry, "input", (const char *)bytes, size, &error);
    if (status) {
        EXPECT(status == AUDYN_BAD_DATA || status == AUDYN_NOT_SUPPORTED);
        EXPECT(!strncmp(error.text, "input", 5));
        return 0;
    }
    check(&entry);
    char *text = audyn_entry_write(&entry);
    EXPECT(text);
    check_again(text);
    free(text);
    audyn_entry_finish(&entry);
    return 0;
}
