// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn bag`: a stretch of a stream as a package that archives exchange.

#include "archive/bag/bag.h"
#include "cli/archive_range.h"
#include "cli/progress.h"
#include "core/byte_size.h"
#include "core/clock.h"
#include "core/plural.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static const char help[] =
    "usage: audyn bag DIR --stream S --from TIME --to TIME -o BAG [options]\n"
    "\n"
    "Packs the segments of the archive DIR that have samples of this stretch, with "
    "sidecars,\n"
    "signatures and the key to check them, into the directory BAG, as BagIt (RFC 8493) "
    "wants\n"
    "it.  BAG/data is an archive itself, for audyn verify.\n"
    "\n"
    "options:\n"
    "  -o, --output BAG          the directory to make\n"
    "      --tz ZONE             whose time it is where TIME does not say (default: "
    "UTC)\n"
    "      --organization NAME   who gives it away (Source-Organization)\n"
    "      --quiet               no progress bar, and nothing at the end\n"
    "  -h, --help                this text\n"
    "\n"
    "exit status: 0 packed, 1 failed, 2 wrong usage, 3 packed, but samples are missing\n";

struct options {
    audyn_archive_range_t range;
    const char *path, *organization;
    bool quiet;
};

static const struct option words[] = {AUDYN_ARCHIVE_RANGE_WORDS,
                                      {"output", required_argument, NULL, 'o'},
                                      {"organization", required_argument, NULL, 'g'},
                                      {"quiet", no_argument, NULL, 'q'},
                                      {"help", no_argument, NULL, 'h'},
                                      {0}};

static audyn_status_t
read_option(void *context, int option, audyn_error_t *error)
{
    (void)error;
    struct options *options = (struct options *)context;
    if (option == 'o') {
        options->path = optarg;
    } else if (option == 'g') {
        options->organization = optarg;
    } else if (!audyn_archive_range_read(&options->range, option)) {
        options->quiet = true;
    }
    return AUDYN_OK;
}

struct view {
    audyn_progress_t progress;
    bool begun, quiet;
    int signal_fd;
};

static void
on_progress(void *context, uint64_t done, uint64_t total)
{
    struct view *view = (struct view *)context;
    if (!view->begun) {
        audyn_progress_begin(&view->progress, total, view->quiet);
        view->begun = true;
    }
    audyn_progress_draw(&view->progress, done);
}

static bool
is_interrupted(void *context)
{
    return audyn_cli_is_interrupted(((struct view *)context)->signal_fd);
}

static audyn_status_t
find_stretch(audyn_archive_stretch_t *stretch, const char *archive,
             const audyn_archive_range_t *range, audyn_error_t *error)
{
    audyn_catalog_t *catalog;
    audyn_status_t status = audyn_catalog_open(&catalog, archive, error);
    if (!status) {
        status = audyn_archive_range_find(stretch, catalog, range, error);
    }
    audyn_catalog_close(catalog);
    return status;
}

static int
conclude(const struct options *options, const audyn_bag_result_t *result)
{
    const bool missing = result->missing || result->deleted;
    if (!options->quiet) {
        char size[AUDYN_BYTE_SIZE_TEXT];
        audyn_byte_size_text(size, result->bytes);
        printf("%s: %" PRIu64 " segment%s in %" PRIu64 " file%s, %s", options->path,
               result->segments, audyn_plural(result->segments), result->files,
               audyn_plural(result->files), size);
        if (missing) {
            printf("; %" PRIu64 " sample frames are missing, and %" PRIu64
                   " audio file%s deleted before",
                   result->missing, result->deleted,
                   result->deleted == 1 ? " was" : "s were");
        }
        putchar('\n');
    }
    return missing ? AUDYN_EXIT_MISSING : AUDYN_EXIT_COMPLETE;
}

static audyn_status_t
pack(const struct options *options, const char *archive, audyn_bag_result_t *result,
     audyn_error_t *error)
{
    audyn_archive_stretch_t stretch;
    audyn_status_t status = find_stretch(&stretch, archive, &options->range, error);
    if (status) {
        return status;
    }
    const audyn_clock_t *clock = audyn_clock_system();
    struct view view = {.quiet = options->quiet, .signal_fd = audyn_cli_open_signals()};
    const audyn_bag_t bag = {
        .archive = archive,
        .stream = stretch.name,
        .range = {true, stretch.from.tai_ns, stretch.to.tai_ns},
        .path = options->path,
        .organization = options->organization,
        .utc_ns = clock->utc_ns(clock),
        .progress = on_progress,
        .is_interrupted = is_interrupted,
        .context = &view,
    };
    status = audyn_bag_write(&bag, result, error);
    close(view.signal_fd);
    if (view.begun) {
        audyn_progress_clear(&view.progress);
    }
    return status;
}

int
audyn_cli_bag(int argc, char **argv)
{
    static const audyn_cli_command_t command = {
        {":o:h", words, read_option}, help, 1, "one archive at a time: audyn bag DIR"};
    struct options options = {0};
    int exit_status = AUDYN_EXIT_COMPLETE;
    char **operands = audyn_cli_start(&command, argc, argv, &options, &exit_status);
    if (!operands) {
        return exit_status;
    }
    audyn_error_t error = {""};
    audyn_bag_result_t result;
    audyn_status_t status = audyn_archive_range_require(&options.range, &error);
    if (!status && !options.path) {
        status = audyn_error_set(&error, AUDYN_INVALID,
                                 "say where the package goes, with -o BAG");
    }
    if (!status) {
        status = pack(&options, operands[0], &result, &error);
    }
    return status ? audyn_cli_refuse(status, &error) : conclude(&options, &result);
}
