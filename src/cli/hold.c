// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn hold`: what may not be deleted.

#include "cli/holding.h"
#include "core/byte_size.h"
#include "core/plural.h"

#include <inttypes.h>
#include <stdio.h>

static const char help[] =
    "usage: audyn hold DIR --stream S --from TIME --to TIME --why TEXT [options]\n"
    "\n"
    "Keeps a stretch of a stream in the archive DIR: no segment that has samples of it "
    "is\n"
    "deleted, whatever --retain and --least-free say, until audyn release.  It may lie "
    "in\n"
    "the future.\n"
    "\n"
    "options:\n"
    "      --why TEXT       the reason, which stays in the archive\n"
    "      --tz ZONE        whose time it is where TIME does not say (default: UTC)\n"
    "      --key FILE       the private key to sign with: see audyn keygen\n"
    "  -h, --help           this text\n"
    "\n"
    "exit status: 0 held, 1 failed, 2 wrong usage\n";

// What there is of it.
struct count {
    audyn_catalog_t *catalog;
    uint64_t segments, files, bytes, deleted;
    audyn_status_t status;
};

static bool
count_file(void *context, const audyn_catalog_file_t *file)
{
    struct count *count = (struct count *)context;
    count->deleted += file->deleted;
    count->files += !file->deleted;
    count->bytes += file->deleted ? 0 : file->bytes;
    return true;
}

static bool
count_segment(void *context, const audyn_catalog_segment_t *segment)
{
    struct count *count = (struct count *)context;
    ++count->segments;
    count->status = audyn_catalog_files(count->catalog, segment->stream,
                                        segment->sequence, count_file, count);
    return !count->status;
}

static void
tell(const audyn_holding_t *holding, uint64_t sequence)
{
    const audyn_archive_stretch_t *stretch = &holding->stretch;
    struct count count = {.catalog = holding->catalog};
    const audyn_catalog_range_t range = {true, stretch->from.tai_ns, stretch->to.tai_ns};
    const audyn_status_t status = audyn_catalog_segments(holding->catalog, stretch->name,
                                                         &range, count_segment, &count);
    printf("hold %" PRIu64 " on %s from %s to %s", sequence, stretch->name,
           stretch->from.utc, stretch->to.utc);
    if (!status && !count.status) {
        char size[AUDYN_BYTE_SIZE_TEXT];
        audyn_byte_size_text(size, count.bytes);
        printf(": %" PRIu64 " segment%s, %" PRIu64 " file%s, %s", count.segments,
               audyn_plural(count.segments), count.files, audyn_plural(count.files),
               size);
    }
    if (count.deleted) {
        printf("; %" PRIu64 " more had been deleted before", count.deleted);
    }
    putchar('\n');
}

static audyn_status_t
hold(audyn_holding_t *holding, audyn_error_t *error)
{
    const audyn_archive_stretch_t *stretch = &holding->stretch;
    audyn_entry_t entry;
    audyn_entry_init(&entry, AUDYN_ENTRY_HOLD, stretch->name, &stretch->format);
    entry.hold.from = stretch->from;
    entry.hold.to = stretch->to;
    snprintf(entry.hold.why, sizeof entry.hold.why, "%s", holding->why);
    audyn_holding_name_author(entry.hold.by, sizeof entry.hold.by);
    const audyn_status_t status = audyn_holding_append(holding, &entry, error);
    if (!status) {
        tell(holding, entry.sequence);
    }
    audyn_entry_finish(&entry);
    return status;
}

int
audyn_cli_hold(int argc, char **argv)
{
    static const audyn_cli_command_t command = {
        {":h", audyn_holding_words, audyn_holding_read_option},
        help,
        1,
        "one archive at a time: audyn hold DIR"};
    audyn_holding_t holding = {0};
    int exit_status = AUDYN_EXIT_COMPLETE;
    char **operands = audyn_cli_start(&command, argc, argv, &holding, &exit_status);
    if (!operands) {
        return exit_status;
    }
    audyn_error_t error = {""};
    audyn_status_t status = audyn_archive_range_require(&holding.range, &error);
    if (!status && (!holding.why || !*holding.why)) {
        status = audyn_error_set(&error, AUDYN_INVALID,
                                 "say why it is held, with --why TEXT: that is what "
                                 "people will ask");
    }
    if (!status) {
        status = audyn_holding_open(&holding, operands[0], &error);
    }
    if (!status) {
        status = hold(&holding, &error);
    }
    audyn_holding_close(&holding);
    return status ? audyn_cli_refuse(status, &error) : AUDYN_EXIT_COMPLETE;
}
