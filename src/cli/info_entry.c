// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn info` of a segment's sidecar, or another entry of an archive's chain.

#include "archive/entry.h"
#include "cli/cli.h"
#include "cli/info.h"
#include "core/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void
print_number(const char *name, uint64_t number)
{
    if (number) {
        printf("  %-12s %" PRIu64 " sample frames\n", name, number);
    }
}

static void
print_segment(const audyn_entry_t *entry)
{
    static const char *const classes[] = {"lost", "late", "no_frame", "no_signal"};
    const audyn_entry_segment_t *segment = &entry->segment;
    audyn_info_print_length(segment->sample_frames, entry->format.sample_rate);
    printf("  %-12s %s\n  %-12s %" PRIu64 "\n", "start", segment->first.utc, "position",
           segment->first.position);
    for (unsigned i = 0; i < segment->file_count; ++i) {
        const audyn_entry_file_t *file = &segment->files[i];
        printf("  %-12s %s, %s, %" PRIu64 " bytes%s%s\n", "file", file->path,
               file->encoding, file->bytes, *file->error ? ": " : "", file->error);
    }
    print_number("received", segment->received);
    for (size_t i = 0; i < sizeof classes / sizeof *classes; ++i) {
        print_number(classes[i], segment->missing[i]);
    }
    print_number("unclassified", segment->unclassified);
    if (segment->hole.sample_frames) {
        printf("  %-12s %" PRIu64 " sample frames before it: %s\n", "hole",
               segment->hole.sample_frames, segment->hole.class);
    }
}

static void
print_entry(const char *path, const audyn_entry_t *entry)
{
    printf("%s\n  %-12s %s, number %" PRIu64 " of its stream's chain\n", path, "kind",
           audyn_entry_kind_name(entry->kind), entry->sequence);
    audyn_info_print_text("stream", entry->stream);
    audyn_info_print_text("station", entry->station);
    switch (entry->kind) {
    case AUDYN_ENTRY_SEGMENT:
        print_segment(entry);
        break;
    case AUDYN_ENTRY_HOLD:
        audyn_info_print_text("from", entry->hold.from.utc);
        audyn_info_print_text("to", entry->hold.to.utc);
        audyn_info_print_text("why", entry->hold.why);
        break;
    case AUDYN_ENTRY_RELEASE:
        printf("  %-12s number %" PRIu64 "\n", "of hold", entry->release.hold);
        audyn_info_print_text("why", entry->release.why);
        break;
    case AUDYN_ENTRY_TOMBSTONE:
        printf("  %-12s number %" PRIu64 "\n", "of segment", entry->tombstone.segment);
        audyn_info_print_text("deleted", entry->tombstone.deleted_utc);
        audyn_info_print_text("why", entry->tombstone.why);
        break;
    }
}

int
audyn_info_entry(const char *path, bool json)
{
    audyn_entry_t entry;
    audyn_error_t error = {""};
    char sha256[AUDYN_SHA256_TEXT];
    if (audyn_entry_read(&entry, path, sha256, &error)) {
        audyn_log_error("%s", error.text);
        return AUDYN_EXIT_FAILED;
    }
    bool printed = true;
    if (json) {
        char *text = audyn_entry_write(&entry);
        json_t *object = text ? json_loads(text, 0, NULL) : NULL;
        free(text);
        printed = audyn_info_print_json(object);
    } else {
        print_entry(path, &entry);
    }
    audyn_entry_finish(&entry);
    return printed ? AUDYN_EXIT_COMPLETE : AUDYN_EXIT_FAILED;
}
