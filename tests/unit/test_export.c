// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "export_bench.h"

#include "archive/journal.h"
#include "random.h"

static void
any_range_is_what_was_recorded_to_the_sample(void **state)
{
    (void)state;
    add_three(both);
    uint64_t random = 21;
    for (int i = 0; i < 40; ++i) {
        const uint64_t from = BEGIN + random_below(&random, THREE - 1);
        const uint64_t to =
            from + 1 + random_below(&random, (uint32_t)(BEGIN + THREE - from));
        const char *path = in_folder(i % 2 ? "x.flac" : "x.wav");
        audyn_export_t *export = export_to(path, from, to);
        assert_complete(export);
        assert_samples(path, from, to, 0, NULL);
        audyn_export_destroy(export);
    }
}

static void
a_time_is_that_of_the_first_sample_at_or_after_it(void **state)
{
    (void)state;
    add_three(wav);
    audyn_export_config_t config = config_of(0, 0, in_folder("x.wav"));
    // Half a sample before one, and a nanosecond behind another.
    config.from = (audyn_moment_text_t){.tai_ns = moment_of(BEGIN + 100).tai_ns - 10000};
    config.to = (audyn_moment_text_t){.tai_ns = moment_of(BEGIN + 60000).tai_ns + 1};
    audyn_export_t *export = run(&config);
    assert_samples(config.path, BEGIN + 100, BEGIN + 60001, 0, NULL);
    audyn_export_destroy(export);
}

// From and to as people write them.
static void
check_times(const char *from, const char *to, const char *zone, uint64_t first,
            uint64_t end_position)
{
    audyn_leap_seconds_t leap_seconds;
    audyn_leap_seconds_init(&leap_seconds);
    audyn_export_config_t config = config_of(0, 0, in_folder("x.wav"));
    assert_int_equal(audyn_time_text_parse(&config.from, from, zone, &leap_seconds, NULL),
                     AUDYN_OK);
    assert_int_equal(audyn_time_text_parse(&config.to, to, zone, &leap_seconds, NULL),
                     AUDYN_OK);
    audyn_export_t *export = run(&config);
    assert_complete(export);
    assert_samples(config.path, first, end_position, 0, NULL);
    audyn_export_destroy(export);
}

static void
an_hour_that_comes_twice_is_exported_twice(void **state)
{
    (void)state;
    // 2026-10-25 01:00 UTC, when Dublin's clocks go back from 02:00.
    const uint64_t change = UINT64_C(1792890037) * SECOND;
    add_three_from(change - SECOND, wav);
    check_times("2026-10-25T01:59:59.5+01:00", "2026-10-25T01:00:00.25+00:00", NULL,
                change - SECOND / 2, change + SECOND / 4);
    check_times("2026-10-25 00:59:59", "2026-10-25 01:00:01", NULL, change - SECOND,
                change + SECOND);
    check_times("2026-10-25T00:59:59.75Z", "2026-10-24 21:00:01 America/New_York", NULL,
                change - SECOND / 4, change + SECOND);
}

static void
a_leap_second_is_exported_as_any_other(void **state)
{
    (void)state;
    const uint64_t leap = LEAP_POSITION - SECOND;
    add_three_from(leap - SECOND, wav);
    check_times("2016-12-31T23:59:60Z", "2017-01-01", NULL, leap, leap + SECOND);
    check_times("2016-12-31T23:59:59.5Z", "2016-12-31T23:59:60.25Z", NULL,
                leap - SECOND / 2, leap + SECOND / 4);
    check_times("2016-12-31 18:59:60.75", "2016-12-31 19:00:00.125", "America/New_York",
                leap + SECOND * 3 / 4, leap + SECOND + SECOND / 8);
}

static void
a_segment_that_is_being_recorded_is_told(void **state)
{
    (void)state;
    add_three(wav);
    audyn_entry_t entry;
    audyn_journal_t *journal;
    audyn_entry_init(&entry, AUDYN_ENTRY_SEGMENT, "s", &format);
    entry.segment.first = moment_of(BEGIN + THREE);
    entry.segment.last = entry.segment.first;
    entry.segment.sample_frames = 1;
    strcpy(entry.segment.audio_encoding, "s16le");
    assert_int_equal(audyn_journal_create(&journal, archive_folder, "s/d", &entry, NULL),
                     AUDYN_OK);
    audyn_journal_close(journal);
    strcpy(entry.stream, "s-1"); // another one, whatever its name
    entry.segment.first = moment_of(BEGIN + 5);
    assert_int_equal(
        audyn_journal_create(&journal, archive_folder, "s-1/d", &entry, NULL), AUDYN_OK);
    audyn_journal_close(journal);
    audyn_entry_finish(&entry);
    audyn_export_destroy(export_to(in_folder("x.wav"), BEGIN, BEGIN + THREE));
    assert_int_equal(told, 0);
    audyn_export_destroy(export_to(in_folder("x.wav"), BEGIN, BEGIN + THREE + 1));
    assert_int_equal(told, 1);
    assert_non_null(strstr(last_told, "segment is complete"));
}

static void
one_whole_segment_is_the_archives_file_again(void **state)
{
    (void)state;
    add_three(both);
    static const char *const endings[] = {"wav", "flac"};
    for (size_t i = 0; i < 2; ++i) {
        char name[32];
        char original[PATH_MAX];
        snprintf(name, sizeof name, "s/b.%s", endings[i]);
        name_in_archive(original, name);
        const char *path = in_folder(i ? "x.flac" : "x.wav");
        audyn_export_destroy(export_to(path, BEGIN + SECOND, BEGIN + SECOND + 12345));
        const uint64_t size = size_of_file(original);
        assert_int_equal(size_of_file(path), size);
        uint8_t *expected = read_bytes(original, 0, size);
        uint8_t *bytes = read_bytes(path, 0, size);
        assert_memory_equal(bytes, expected, size);
        free(expected);
        free(bytes);
    }
}

static void
what_was_lost_or_never_recorded_is_silent_and_listed(void **state)
{
    (void)state;
    add_segment("a", BEGIN, SECOND, wav, 0);
    audyn_entry_t entry;
    make_segment(&entry, "b", BEGIN + SECOND + 4800, SECOND, wav, 0);
    entry.segment.hole = (audyn_entry_span_t){BEGIN + SECOND, 4000, "disk_full"};
    audyn_entry_add_span(&entry, BEGIN + SECOND + 5000, 100, "lost");
    audyn_entry_add_span(&entry, BEGIN + SECOND + 5100, 100, "received_b");
    audyn_entry_add_span(&entry, BEGIN + SECOND + 50000, 10, "late");
    append(&entry, "b");
    const char *path = in_folder("x.wav");
    const uint64_t from = BEGIN + 1000;
    const uint64_t to = BEGIN + SECOND + 50005;
    audyn_export_t *export = export_to(path, from, to);
    assert_missing(export, BEGIN + SECOND, 4000, "disk_full");
    assert_missing(export, BEGIN + SECOND + 4000, 800, "not_recorded");
    assert_missing(export, BEGIN + SECOND + 5000, 100, "lost");
    assert_missing(export, BEGIN + SECOND + 50000, 5, "late");
    assert_int_equal(audyn_export_plan(export)->missing_count, 4);
    const audyn_entry_span_t hole = {.position = BEGIN + SECOND, .sample_frames = 4800};
    assert_samples(path, from, to, 0, &hole);
    audyn_export_destroy(export);
    // Beyond the ends of what there is, too.
    export = export_to(path, BEGIN - 7, BEGIN + 10);
    assert_missing(export, BEGIN - 7, 7, "not_recorded");
    const audyn_entry_span_t before = {.position = BEGIN - 7, .sample_frames = 7};
    assert_samples(path, BEGIN - 7, BEGIN + 10, 0, &before);
    audyn_export_destroy(export);
}

static void
flip(const char *name, uint64_t at)
{
    char path[PATH_MAX];
    name_in_archive(path, name);
    uint8_t *byte = read_bytes(path, at, 1);
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    *byte ^= 4;
    assert_int_equal(pwrite(fd, byte, 1, (off_t)at), 1);
    close(fd);
    free(byte);
}

static void
a_flipped_bit_is_found_and_another_format_read_instead(void **state)
{
    (void)state;
    add_three(both);
    flip("s/c.wav", 4096 + 100000);
    const char *path = in_folder("x.wav");
    audyn_export_t *export = export_to(path, BEGIN, BEGIN + THREE);
    assert_int_equal(audyn_export_plan(export)->missing_count, 0);
    assert_samples(path, BEGIN, BEGIN + THREE, 0, NULL);
    assert_int_equal(told, 1);
    assert_non_null(strstr(last_told, "s/c.wav"));
    // Where it is not needed, it is not read.
    audyn_export_destroy(export);
    told = 0;
    export = export_to(path, BEGIN, BEGIN + SECOND + 12345);
    audyn_export_destroy(export);
    export = export_to(path, BEGIN + THREE - 10, BEGIN + THREE);
    assert_complete(export);
    audyn_export_destroy(export);
}

static void
a_damaged_frame_of_flac_is_not_copied(void **state)
{
    (void)state;
    add_three(both);
    char name[PATH_MAX];
    name_in_archive(name, "s/c.flac");
    flip("s/c.flac", size_of_file(name) * 2 / 3);
    const char *path = in_folder("x.flac");
    audyn_export_t *export = export_to(path, BEGIN + 5, BEGIN + THREE);
    assert_complete(export);
    assert_samples(path, BEGIN + 5, BEGIN + THREE, 0, NULL);
    audyn_export_destroy(export);
}

static void
what_is_damaged_everywhere_is_told(void **state)
{
    (void)state;
    add_three(wav);
    const uint64_t in_c = BEGIN + SECOND + 12345;
    flip("s/c.wav", 4096 + 4 * 70000);
    const char *path = in_folder("x.wav");
    audyn_export_t *export = export_to(path, BEGIN, BEGIN + THREE);
    // All of the block that has the wrong byte: the second, from frame 64512 on.
    assert_missing(export, in_c + 64512, 2 * SECOND - 64512, "damaged");
    assert_int_equal(told, 1);
    audyn_export_destroy(export);

    static const char *const flac[] = {"flac", NULL};
    add_segment("d", BEGIN + THREE, 2 * SECOND, flac, 0);
    char name[PATH_MAX];
    name_in_archive(name, "s/d.flac");
    flip("s/d.flac", size_of_file(name) / 2);
    export = export_to(path, BEGIN + THREE, BEGIN + THREE + 2 * SECOND);
    const audyn_export_plan_t *plan = audyn_export_plan(export);
    assert_int_equal(plan->missing_count, 1);
    assert_string_equal(plan->missing->class, "damaged");
    assert_in_range(plan->missing->sample_frames, 1, 3 * 4096);
    const uint64_t until = plan->missing->position + plan->missing->sample_frames;
    assert_in_range(BEGIN + THREE + SECOND, plan->missing->position - 4800, until + 4800);
    assert_samples(path, BEGIN + THREE, BEGIN + THREE + 2 * SECOND, 0, plan->missing);
    audyn_export_destroy(export);
}

static void
delete_files(uint64_t sequence, const char *name)
{
    audyn_entry_t entry;
    audyn_entry_init(&entry, AUDYN_ENTRY_TOMBSTONE, "s", &format);
    entry.tombstone.segment = sequence;
    entry.tombstone.file_count = 1;
    snprintf(entry.tombstone.files[0].path, AUDYN_ENTRY_NAME, "%s", name);
    strcpy(entry.tombstone.files[0].format, strrchr(name, '.') + 1);
    strcpy(entry.tombstone.why, "retention 7d");
    strcpy(entry.tombstone.deleted_utc, "2026-11-29T14:00:00.000000000Z");
    audyn_error_t error = {""};
    if (audyn_chain_append(chain, &entry, NULL, &error)) {
        fail_msg("%s", error.text);
    }
    audyn_entry_finish(&entry);
    char below[64];
    char path[PATH_MAX];
    snprintf(below, sizeof below, "s/%s", name);
    name_in_archive(path, below);
    unlink(path);
}

static void
of_what_retention_deleted_the_next_format_is_read(void **state)
{
    (void)state;
    add_three(both);
    delete_files(1, "b.wav");
    const char *path = in_folder("x.wav");
    audyn_export_t *export = export_to(path, BEGIN, BEGIN + THREE);
    assert_complete(export);
    assert_samples(path, BEGIN, BEGIN + THREE, 0, NULL);
    size_t count;
    const audyn_export_used_t *used = audyn_export_used(export, &count);
    assert_int_equal(count, 3);
    assert_string_equal(used[0].name, "s/a.wav");
    assert_string_equal(used[1].name, "s/b.flac");
    assert_int_equal(used[1].position, BEGIN + SECOND);
    assert_int_equal(used[1].sample_frames, 12345);
    audyn_export_destroy(export);

    delete_files(1, "b.flac");
    export = export_to(path, BEGIN, BEGIN + THREE);
    assert_missing(export, BEGIN + SECOND, 12345, "deleted");
    const audyn_entry_span_t gone = {.position = BEGIN + SECOND, .sample_frames = 12345};
    assert_samples(path, BEGIN, BEGIN + THREE, 0, &gone);
    audyn_export_destroy(export);
}

static void
a_file_that_is_cut_off_or_gone_is_told_and_left(void **state)
{
    (void)state;
    add_three(both);
    char cut[PATH_MAX];
    char gone[PATH_MAX];
    name_in_archive(cut, "s/a.wav");
    name_in_archive(gone, "s/c.wav");
    assert_int_equal(truncate(cut, 9000), 0);
    assert_int_equal(unlink(gone), 0);
    const char *path = in_folder("x.wav");
    audyn_export_t *export = export_to(path, BEGIN, BEGIN + THREE);
    assert_int_equal(audyn_export_plan(export)->missing_count, 0);
    assert_int_equal(told, 2);
    assert_samples(path, BEGIN, BEGIN + THREE, 0, NULL);
    audyn_export_destroy(export);
}

static void
where_two_segments_overlap_the_first_recorded_is_used(void **state)
{
    (void)state;
    add_segment("a", BEGIN + 1000, SECOND, wav, 0);
    // The clock was set back, and the recorder started again.
    add_segment("b", BEGIN, 1500, wav, 1);
    add_segment("c", BEGIN + 40000, SECOND, wav, 1);
    const char *path = in_folder("x.wav");
    audyn_export_t *export = export_to(path, BEGIN, BEGIN + 40000 + SECOND);
    const audyn_export_plan_t *plan = audyn_export_plan(export);
    assert_int_equal(plan->missing_count, 0);
    uint64_t both_have = 0;
    for (size_t i = 0; i < plan->overlap_count; ++i) {
        both_have += plan->overlaps[i].sample_frames;
        assert_string_equal(plan->segments[plan->overlaps[i].used].sidecar, "s/a.json");
    }
    assert_int_equal(both_have, 500 + 9000);
    audyn_export_destroy(export);
    audyn_export_destroy(export_to(path, BEGIN + 1000, BEGIN + 1000 + SECOND));
    assert_samples(path, BEGIN + 1000, BEGIN + 1000 + SECOND, 0, NULL);
    audyn_export_destroy(export_to(path, BEGIN, BEGIN + 1000));
    assert_samples(path, BEGIN, BEGIN + 1000, 1, NULL);
    audyn_export_destroy(export_to(path, BEGIN + 1000 + SECOND, BEGIN + 40000 + SECOND));
    assert_samples(path, BEGIN + 1000 + SECOND, BEGIN + 40000 + SECOND, 1, NULL);
}

static void
a_file_that_has_not_all_of_its_segment_is_helped_out(void **state)
{
    (void)state;
    audyn_entry_t entry;
    make_segment(&entry, "a", BEGIN, SECOND, both, 0);
    char path[PATH_MAX];
    name_in_archive(path, "s/a.wav");
    assert_int_equal(unlink(path), 0);
    write_audio(path, BEGIN, 20000, 0);
    audyn_entry_file_t *file = &entry.segment.files[1];
    free(file->block_crc32);
    sum_up(file, path);
    file->partial = true;
    file->sample_frames = 20000;
    append(&entry, "a");
    const char *out = in_folder("x.wav");
    audyn_export_t *export = export_to(out, BEGIN, BEGIN + SECOND);
    assert_complete(export);
    assert_samples(out, BEGIN, BEGIN + SECOND, 0, NULL);
    audyn_export_destroy(export);
}

static void
assert_refused(const audyn_export_config_t *config, audyn_status_t status,
               const char *said)
{
    audyn_export_t *export = (audyn_export_t *)archive_folder;
    audyn_error_t error = {""};
    assert_int_equal(audyn_export_open(&export, config, &error), status);
    assert_null(export);
    if (!strstr(error.text, said)) {
        fail_msg("“%s” does not say “%s”", error.text, said);
    }
}

static void
what_cannot_be_exported_is_refused_in_words(void **state)
{
    (void)state;
    add_three(wav);
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", in_folder("refused.wav"));
    audyn_export_config_t config = config_of(BEGIN, BEGIN + 100, path);
    config.stream = "t";
    assert_refused(&config, AUDYN_NOT_FOUND, "it has s");
    config = config_of(BEGIN + 5, BEGIN + 5, path);
    assert_refused(&config, AUDYN_INVALID, "not behind its beginning");
    config = config_of(BEGIN + THREE, BEGIN + THREE + 5, path);
    assert_refused(&config, AUDYN_NOT_FOUND, "from 2026-03-01T10:20:30.000000000Z until");
    config = config_of(BEGIN, BEGIN + UINT64_C(48000) * 86400 * 401, path);
    assert_refused(&config, AUDYN_INVALID, "400 days");
    config = config_of(BEGIN, BEGIN + 5, path);
    config.path = in_folder("refused.mp3");
    assert_refused(&config, AUDYN_NOT_SUPPORTED, "ending");
    char inside[PATH_MAX];
    name_in_archive(inside, "s/x.wav");
    config.path = inside;
    assert_refused(&config, AUDYN_INVALID, "within the archive");
    config.path = "/nowhere/at/all/x.wav";
    assert_refused(&config, AUDYN_NOT_FOUND, "no such directory");
    config.path = path;
    config.force = false;
    write_bytes(path, "precious", 8);
    assert_refused(&config, AUDYN_EXISTS, "--force");
    assert_int_equal(size_of_file(path), 8);
    assert_int_equal(unlink(path), 0);
}

static void
a_stream_that_changed_its_format_is_exported_one_by_one(void **state)
{
    (void)state;
    add_segment("a", BEGIN, SECOND, wav, 0);
    audyn_entry_t entry;
    make_segment(&entry, "b", BEGIN + SECOND, SECOND, wav, 0);
    entry.format.channels = 1;
    append(&entry, "b");
    const audyn_export_config_t config =
        config_of(BEGIN, BEGIN + SECOND + 5, in_folder("x.wav"));
    assert_refused(&config, AUDYN_NOT_SUPPORTED, "changes at position");
    audyn_export_destroy(export_to(in_folder("x.wav"), BEGIN, BEGIN + SECOND));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(any_range_is_what_was_recorded_to_the_sample),
        CASE(a_time_is_that_of_the_first_sample_at_or_after_it),
        CASE(an_hour_that_comes_twice_is_exported_twice),
        CASE(a_leap_second_is_exported_as_any_other),
        CASE(a_segment_that_is_being_recorded_is_told),
        CASE(one_whole_segment_is_the_archives_file_again),
        CASE(what_was_lost_or_never_recorded_is_silent_and_listed),
        CASE(a_flipped_bit_is_found_and_another_format_read_instead),
        CASE(a_damaged_frame_of_flac_is_not_copied),
        CASE(what_is_damaged_everywhere_is_told),
        CASE(of_what_retention_deleted_the_next_format_is_read),
        CASE(a_file_that_is_cut_off_or_gone_is_told_and_left),
        CASE(where_two_segments_overlap_the_first_recorded_is_used),
        CASE(a_file_that_has_not_all_of_its_segment_is_helped_out),
        CASE(what_cannot_be_exported_is_refused_in_words),
        CASE(a_stream_that_changed_its_format_is_exported_one_by_one),
    };
    return cmocka_run_group_tests(tests, make_folders, remove_folders);
}
