// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/journal.h"
#include "failing_allocations.h"
#include "sample_entries.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASE "studio/2026/an hour"

static char folder[] = "/tmp/audyn-journal-XXXXXX";
static char path[PATH_MAX]; // of the only journal

static int
remove_one(const char *name, const struct stat *about, int kind, struct FTW *at)
{
    (void)about;
    (void)kind;
    (void)at;
    return remove(name);
}

static int
make_folder(void **state)
{
    (void)state;
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int
remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

// Notes where one of them is.
static unsigned
count_journals(void)
{
    char directory[PATH_MAX];
    snprintf(directory, sizeof directory, "%s/" AUDYN_JOURNAL_FOLDER, folder);
    DIR *files = opendir(directory);
    unsigned count = 0;
    for (const struct dirent *file; files && (file = readdir(files));) {
        if (*file->d_name != '.') {
            ++count;
            assert_non_null(strstr(file->d_name, AUDYN_JOURNAL_ENDING));
            snprintf(path, sizeof path, "%.200s/%.200s", directory, file->d_name);
        }
    }
    if (files) {
        closedir(files);
    }
    return count;
}

static void
make_outline(audyn_entry_t *outline)
{
    make_entry(outline, AUDYN_ENTRY_SEGMENT, 0);
    free(outline->segment.spans);
    outline->segment.spans = NULL;
    outline->segment.span_count = outline->segment.span_room = 0;
}

static audyn_journal_t *
create(void)
{
    audyn_entry_t outline;
    make_outline(&outline);
    audyn_journal_t *journal;
    audyn_error_t error;
    if (audyn_journal_create(&journal, folder, BASE, &outline, &error)) {
        fail_msg("%s", error.text);
    }
    audyn_entry_finish(&outline);
    return journal;
}

static uint64_t
first_position(void)
{
    audyn_entry_t outline;
    make_outline(&outline);
    const uint64_t position = outline.segment.first.position;
    audyn_entry_finish(&outline);
    return position;
}

static audyn_journal_content_t
read_journal(void)
{
    audyn_journal_content_t content;
    audyn_error_t error;
    if (audyn_journal_read(path, &content, &error)) {
        fail_msg("%s", error.text);
    }
    return content;
}

// In `count` pieces of 48 samples, of which each third is lost.
static void
classify(audyn_journal_t *journal, uint64_t position, unsigned count)
{
    for (unsigned i = 0; i < count; ++i) {
        const audyn_sample_class_t class =
            i % 3 ? AUDYN_SAMPLE_RECEIVED : AUDYN_SAMPLE_LOST;
        audyn_journal_classify(journal,
                               &(audyn_span_t){position + (uint64_t)i * 48, 48, class});
    }
}

static void
it_says_what_it_was_told(void **state)
{
    (void)state;
    audyn_journal_t *journal = create();
    const uint64_t first = first_position();
    classify(journal, first, 1000);
    audyn_journal_flush(journal);
    assert_int_equal(audyn_journal_sync(journal), AUDYN_OK);
    audyn_journal_close(journal);
    assert_int_equal(count_journals(), 1);
    audyn_journal_content_t content = read_journal();
    const audyn_entry_segment_t *segment = &content.outline.segment;
    assert_string_equal(content.base, BASE);
    assert_int_equal(content.classified, first + 48000);
    assert_int_equal(segment->span_count, 334);
    assert_int_equal(segment->spans[1].position, first + 3 * 48);
    assert_string_equal(segment->spans[1].class, "lost");
    audyn_entry_t outline;
    make_outline(&outline);
    assert_string_equal(content.outline.stream, outline.stream);
    assert_int_equal(segment->file_count, outline.segment.file_count);
    assert_string_equal(segment->files[0].path, outline.segment.files[0].path);
    audyn_entry_finish(&outline);
    audyn_entry_finish(&content.outline);
}

static void
cut_off_anywhere_it_says_what_came_before(void **state)
{
    (void)state;
    audyn_journal_t *journal = create();
    const uint64_t first = first_position();
    for (unsigned i = 0; i < 3; ++i) {
        classify(journal, first + (uint64_t)i * 96, 2);
        audyn_journal_flush(journal);
    }
    audyn_journal_close(journal);
    assert_int_equal(count_journals(), 1);
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    uint64_t classified = first + 288;
    for (off_t size = about.st_size; size >= 0; --size) {
        audyn_journal_content_t content;
        audyn_error_t error = {""};
        assert_int_equal(truncate(path, size), 0);
        if (audyn_journal_read(path, &content, &error)) {
            assert_true(classified == first);
            assert_true(*error.text);
            continue;
        }
        assert_true(content.classified <= classified);
        assert_true(classified - content.classified <= 48);
        classified = content.classified;
        audyn_entry_finish(&content.outline);
    }
    assert_int_equal(classified, first);
}

static void
no_name_is_used_twice_and_what_is_removed_is_gone(void **state)
{
    (void)state;
    audyn_journal_t *journals[3];
    for (unsigned i = 0; i < 3; ++i) {
        journals[i] = create();
        assert_int_equal(count_journals(), i + 1);
    }
    for (unsigned i = 0; i < 3; ++i) {
        audyn_journal_remove(journals[i]);
        assert_int_equal(count_journals(), 2 - i);
    }
    audyn_journal_close(NULL);
}

static void
on_a_full_disk_it_says_what_fitted(void **state)
{
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    audyn_journal_t *journal = create();
    const uint64_t first = first_position();
    assert_int_equal(count_journals(), 1);
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    const struct rlimit limit = {(rlim_t)about.st_size + 300, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    classify(journal, first, 1000);
    audyn_journal_flush(journal);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    classify(journal, first + 48000, 1000);
    audyn_journal_flush(journal);
    audyn_journal_close(journal);
    audyn_journal_content_t content = read_journal();
    assert_in_range(content.outline.segment.span_count, 2, 10);
    assert_in_range(content.classified, first + 48, first + 48 * 40);
    audyn_entry_finish(&content.outline);
}

// Its folder cannot be opened while it has another name.
static void
a_sync_that_failed_is_tried_again(void **state)
{
    (void)state;
    audyn_journal_t *journal = create();
    char away[PATH_MAX];
    snprintf(away, sizeof away, "%s-away", folder);
    assert_int_equal(rename(folder, away), 0);
    for (int i = 0; i < 2; ++i) {
        assert_int_equal(audyn_journal_sync(journal), AUDYN_NOT_FOUND);
    }
    assert_int_equal(rename(away, folder), 0);
    assert_int_equal(audyn_journal_sync(journal), AUDYN_OK);
    audyn_journal_remove(journal);
}

static void
without_a_place_or_memory_there_is_none(void **state)
{
    (void)state;
    audyn_entry_t outline;
    make_outline(&outline);
    audyn_journal_t *journal;
    audyn_error_t error;
    for (int allowed = 0;; ++allowed) {
        failing_allocations_after(allowed);
        const audyn_status_t status =
            audyn_journal_create(&journal, folder, BASE, &outline, &error);
        const bool happened = failing_allocations_happened();
        failing_allocations_after(-1);
        if (!happened) {
            assert_int_equal(status, AUDYN_OK);
            audyn_journal_remove(journal);
            break;
        }
        assert_int_equal(status, AUDYN_NO_MEMORY);
        assert_null(journal);
    }
    assert_int_equal(count_journals(), 0);
    assert_int_not_equal(audyn_journal_create(&journal, "/proc", BASE, &outline, &error),
                         AUDYN_OK);
    assert_non_null(strstr(error.text, "/proc/" AUDYN_JOURNAL_FOLDER));
    audyn_entry_finish(&outline);
}

static void
what_is_no_journal_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\n",
        "{}\n",
        "[]\n",
        "{\"audyn_journal\":2}\n",
        "{\"audyn_journal\":1,\"base\":\"a\",\"entry\":{}}\n",
        "{\"audyn_journal\":1,\"base\":\"a\",\"entry\":7}\n",
        "{\"audyn_journal\":1,\"base\":7}\n",
        "\xff\xff\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
        snprintf(path, sizeof path, "%s/text", folder);
        FILE *file = fopen(path, "we");
        fputs(texts[i], file);
        fclose(file);
        audyn_journal_content_t content;
        audyn_error_t error = {""};
        assert_int_equal(audyn_journal_read(path, &content, &error), AUDYN_BAD_DATA);
        assert_non_null(strstr(error.text, path));
    }
    audyn_journal_content_t content;
    assert_int_equal(audyn_journal_read("/nowhere", &content, NULL), AUDYN_NOT_FOUND);
}

// Of the journal's own; `from` and what takes its place have the same length.
static void
replace_in_journal(const char *from, const char *to)
{
    char text[8192];
    FILE *file = fopen(path, "r+e");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    char *place = strstr(text, from);
    assert_non_null(place);
    assert_int_equal(strlen(from), strlen(to));
    memcpy(place, to, strlen(to));
    rewind(file);
    fputs(text, file);
    fclose(file);
}

static void
a_journal_of_files_elsewhere_is_refused(void **state)
{
    (void)state;
    static const char *const bases[] = {
        "../udio/2026/a hour", "studio/2026/../hour", "studio/../../../our",
        "studi//2026/an hour", "studio//026/an hour", "studio/2026/./ hour",
        "/tudio/2026/an hour", "studio/2026/an hou/", "studioo2026/an hour",
    };
    for (size_t i = 0; i < sizeof bases / sizeof *bases; ++i) {
        audyn_journal_close(create());
        assert_int_equal(count_journals(), 1);
        replace_in_journal(BASE, bases[i]);
        audyn_journal_content_t content;
        audyn_error_t error = {""};
        assert_int_equal(audyn_journal_read(path, &content, &error), AUDYN_BAD_DATA);
        assert_non_null(strstr(error.text, "base"));
        assert_int_equal(unlink(path), 0);
    }
}

static void
lines_that_go_back_end_a_journal(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "{\"position\":-5,\"sample_frames\":5,\"class\":\"lost\"}\n",
        "{\"position\":1,\"sample_frames\":5,\"class\":\"lost\"}\n",
        "{\"position\":9000000000000000000,\"sample_frames\":-5,\"class\":\"lost\"}\n",
        "{\"position\":9223372036854775807,\"sample_frames\":1,\"class\":\"lost\"}\n",
        "{\"classified\":1}\n",
        "{\"hole\":\"disk_full\",\"began\":-1}\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; ++i) {
        audyn_journal_close(create());
        assert_int_equal(count_journals(), 1);
        FILE *file = fopen(path, "ae");
        fputs(lines[i], file);
        fclose(file);
        audyn_journal_content_t content = read_journal();
        assert_int_equal(content.classified, first_position());
        assert_int_equal(content.outline.segment.span_count, 0);
        audyn_entry_finish(&content.outline);
        assert_int_equal(unlink(path), 0);
    }
}

#define IN_A_FOLDER(test)                                                                \
    cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(it_says_what_it_was_told),
        IN_A_FOLDER(cut_off_anywhere_it_says_what_came_before),
        IN_A_FOLDER(no_name_is_used_twice_and_what_is_removed_is_gone),
        IN_A_FOLDER(on_a_full_disk_it_says_what_fitted),
        IN_A_FOLDER(a_sync_that_failed_is_tried_again),
        IN_A_FOLDER(without_a_place_or_memory_there_is_none),
        IN_A_FOLDER(what_is_no_journal_is_refused),
        IN_A_FOLDER(a_journal_of_files_elsewhere_is_refused),
        IN_A_FOLDER(lines_that_go_back_end_a_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
