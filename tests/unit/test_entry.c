// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/entry.h"
#include "failing_allocations.h"
#include "sample_entries.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const audyn_entry_kind_t kinds[] = {AUDYN_ENTRY_SEGMENT, AUDYN_ENTRY_HOLD,
                                           AUDYN_ENTRY_RELEASE, AUDYN_ENTRY_TOMBSTONE};
#define KINDS (sizeof kinds / sizeof *kinds)

static char *
text_of(audyn_entry_kind_t kind)
{
    audyn_entry_t entry;
    make_entry(&entry, kind, 7);
    char *text = audyn_entry_write(&entry);
    assert_non_null(text);
    audyn_entry_finish(&entry);
    return text;
}

static void
what_is_written_is_read_and_written_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; ++i) {
        char *text = text_of(kinds[i]);
        audyn_entry_t entry;
        audyn_error_t error = {""};
        if (audyn_entry_parse(&entry, "a.json", text, strlen(text), &error)) {
            fail_msg("%s", error.text);
        }
        assert_int_equal(entry.kind, kinds[i]);
        char *again = audyn_entry_write(&entry);
        assert_string_equal(again, text);
        audyn_entry_finish(&entry);
        free(again);
        free(text);
    }
}

static void
a_segment_keeps_all_that_it_says(void **state)
{
    (void)state;
    char *text = text_of(AUDYN_ENTRY_SEGMENT);
    audyn_entry_t entry;
    assert_int_equal(audyn_entry_parse(&entry, "a.json", text, strlen(text), NULL),
                     AUDYN_OK);
    free(text);
    const audyn_entry_segment_t *segment = &entry.segment;
    assert_string_equal(entry.stream, "studio");
    assert_int_equal(entry.format.rate_denominator, 1001);
    assert_int_equal(entry.sequence, 7);
    assert_true(segment->last.position == ENTRY_POSITION + 48000 - 1);
    assert_int_equal(segment->file_count, 2);
    assert_int_equal(segment->files[0].block_count, 2);
    assert_int_equal(segment->files[0].block_crc32[1], 0xdeadbeef);
    assert_string_equal(entry.station, "Radio Ærø");
    assert_false(segment->files[0].codec_known);
    assert_true(segment->files[1].codec_known);
    assert_int_equal(segment->files[1].codec.opus_bit_rate, 96000);
    assert_int_equal(segment->files[1].codec.opus_complexity, 9);
    assert_true(segment->files[1].partial);
    assert_int_equal(segment->files[1].sample_frames, 1000);
    assert_int_equal(segment->span_count, 2);
    assert_string_equal(segment->spans[1].class, "unclassified");
    assert_int_equal(segment->unclassified, 5);
    assert_true(segment->levels.known);
    assert_true(isnan(segment->levels.peak_dbfs[1]));
    assert_true(fabs(segment->levels.integrated_lufs + 23.4) < 1e-9);
    assert_string_equal(segment->hole.class, "not_recorded");
    audyn_entry_finish(&entry);
}

static void
keys_of_later_versions_are_ignored(void **state)
{
    (void)state;
    char *text = text_of(AUDYN_ENTRY_HOLD);
    json_t *json = json_loads(text, 0, NULL);
    json_object_set_new(json, "novel", json_pack("[i]", 1));
    char *novel = json_dumps(json, 0);
    audyn_entry_t entry;
    assert_int_equal(audyn_entry_parse(&entry, "a.json", novel, strlen(novel), NULL),
                     AUDYN_OK);
    audyn_entry_finish(&entry);
    json_decref(json);
    free(novel);
    free(text);
}

struct forgery {
    const char *where, *key; // where: an object of the sidecar, or NULL
    const char *value;       // JSON; NULL: the key is taken away
    audyn_status_t status;
    const char *said;
};

static const struct forgery forgeries[] = {
    {NULL, "audyn_sidecar", NULL, AUDYN_BAD_DATA, "\"audyn_sidecar\" is missing"},
    {NULL, "audyn_sidecar", "2", AUDYN_NOT_SUPPORTED, "later audyn"},
    {NULL, "kind", "\"other\"", AUDYN_BAD_DATA, "\"kind\" is none of"},
    {NULL, "kind", "7", AUDYN_BAD_DATA, "\"kind\" is no text"},
    {NULL, "stream", "[]", AUDYN_BAD_DATA, "\"stream\" is no object"},
    {"stream", "name", "\"../x\"", AUDYN_BAD_DATA, "\"stream.name\" is no name"},
    {"stream", "name", "\".audyn\"", AUDYN_BAD_DATA, "\"stream.name\" is no name"},
    {"stream", "bits", "17", AUDYN_BAD_DATA, "\"stream.bits\" is none of"},
    {"stream", "sample_rate", "0", AUDYN_BAD_DATA, "\"stream.sample_rate\" is out of"},
    {"stream", "media_rate", "\"1\"", AUDYN_BAD_DATA, "\"stream.media_rate\" is no frac"},
    {"stream", "media_rate", "\"-1/1\"", AUDYN_BAD_DATA, "is no fraction"},
    {NULL, "sequence", "-1", AUDYN_BAD_DATA, "\"sequence\" is out of range"},
    {NULL, "sequence", "1.5", AUDYN_BAD_DATA, "\"sequence\" is no integer"},
    {NULL, "sequence", "0", AUDYN_BAD_DATA, "\"previous\" is to be null"},
    {NULL, "previous", "null", AUDYN_BAD_DATA, "\"previous\" is to be null"},
    {NULL, "previous", "\"abc\"", AUDYN_BAD_DATA, "\"previous\" is no SHA-256"},
    {NULL, "sample_frames", "0", AUDYN_BAD_DATA, "\"sample_frames\" is out of range"},
    {NULL, "sample_frames", "9223372036854775807", AUDYN_BAD_DATA, "is out of range"},
    {NULL, "files", "{}", AUDYN_BAD_DATA, "\"files\" is no array"},
    {NULL, "files", "[0,0,0,0,0,0,0,0,0]", AUDYN_BAD_DATA, "\"files\" has too many"},
    {"files", "path", "\"/etc/passwd\"", AUDYN_BAD_DATA, "\"files[0].path\" is no name"},
    {"files", "path", "\"..\"", AUDYN_BAD_DATA, "\"files[0].path\" is no name"},
    {"files", "bytes", "-1", AUDYN_BAD_DATA, "\"files[0].bytes\" is out of range"},
    {"files", "bytes", "900000", AUDYN_BAD_DATA, "\"files[0].block_crc32\" has not 8"},
    {"files", "block_bytes", "0", AUDYN_BAD_DATA, "\"files[0].block_bytes\" is out of"},
    {"files", "block_crc32", "7", AUDYN_BAD_DATA, "\"files[0].block_crc32\" has not 8"},
    {"files", "sha256", "\"ZZ\"", AUDYN_BAD_DATA, "\"files[0].sha256\" is no SHA-256"},
    {"audio", "encoding", "\"a-name-that-is-too-long\"", AUDYN_BAD_DATA, "is too long"},
    {NULL, "spans", "[7]", AUDYN_BAD_DATA, "\"spans[0].position\" is missing"},
    {"spans", "position", "1", AUDYN_BAD_DATA, "\"spans[0].position\" is not within"},
    {"spans", "sample_frames", "999999", AUDYN_BAD_DATA, "is not within"},
    {NULL, "spans_complete", "1", AUDYN_BAD_DATA, "\"spans_complete\" is neither"},
    {"levels", "peak_dbfs", "[]", AUDYN_BAD_DATA, "\"levels.peak_dbfs\" has not one"},
    {"hole", "class", "1", AUDYN_BAD_DATA, "\"hole.class\" is no text"},
};

static void
forge(json_t *json, const struct forgery *forgery)
{
    json_t *object = forgery->where ? json_object_get(json, forgery->where) : json;
    object = json_is_array(object) ? json_array_get(object, 0) : object;
    assert_non_null(object);
    if (forgery->value) {
        json_object_set_new(object, forgery->key,
                            json_loads(forgery->value, JSON_DECODE_ANY, NULL));
    } else {
        json_object_del(object, forgery->key);
    }
}

static void
what_is_wrong_is_told_with_file_and_key(void **state)
{
    (void)state;
    char *text = text_of(AUDYN_ENTRY_SEGMENT);
    for (size_t i = 0; i < sizeof forgeries / sizeof *forgeries; ++i) {
        json_t *json = json_loads(text, 0, NULL);
        forge(json, &forgeries[i]);
        char *forged = json_dumps(json, 0);
        audyn_entry_t entry;
        audyn_error_t error = {""};
        assert_int_equal(
            audyn_entry_parse(&entry, "a/b.json", forged, strlen(forged), &error),
            forgeries[i].status);
        if (!strstr(error.text, "a/b.json") || !strstr(error.text, forgeries[i].said)) {
            fail_msg("“%s” does not say “%s”", error.text, forgeries[i].said);
        }
        json_decref(json);
        free(forged);
    }
    free(text);
}

static void
a_text_that_is_cut_anywhere_is_refused(void **state)
{
    (void)state;
    char *text = text_of(AUDYN_ENTRY_TOMBSTONE);
    const size_t length = strlen(text) - 1; // the last is a newline
    for (size_t size = 0; size < length; ++size) {
        audyn_entry_t entry;
        audyn_error_t error = {""};
        assert_int_equal(audyn_entry_parse(&entry, "a.json", text, size, &error),
                         AUDYN_BAD_DATA);
        assert_non_null(strstr(error.text, "a.json is no JSON: line "));
    }
    free(text);
}

static void
each_allocation_of_writing_and_reading_may_fail(void **state)
{
    (void)state;
    json_set_alloc_funcs(malloc, free); // of this program, which can fail
    char *whole = text_of(AUDYN_ENTRY_SEGMENT);
    audyn_entry_t made;
    make_entry(&made, AUDYN_ENTRY_SEGMENT, 7);
    bool failed = true;
    for (int allowed = 0; failed; ++allowed) {
        failing_allocations_after(allowed);
        char *text = audyn_entry_write(&made);
        failed = failing_allocations_happened();
        failing_allocations_after(-1);
        if (text) {
            assert_string_equal(text, whole);
        } else {
            assert_true(failed);
        }
        free(text);
    }
    audyn_entry_finish(&made);
    failed = true;
    for (int allowed = 0; failed; ++allowed) {
        audyn_entry_t entry;
        failing_allocations_after(allowed);
        const audyn_status_t status =
            audyn_entry_parse(&entry, "a.json", whole, strlen(whole), NULL);
        failed = failing_allocations_happened();
        failing_allocations_after(-1);
        assert_true(failed || !status);
        audyn_entry_finish(&entry);
    }
    free(whole);
}

static void
a_leap_second_is_the_60th(void **state)
{
    (void)state;
    static const char list[] = "3644697600 36\n3692217600 37\n";
    audyn_leap_seconds_t table;
    assert_int_equal(audyn_leap_seconds_parse(&table, list, sizeof list - 1), AUDYN_OK);
    const audyn_input_format_t format = {.sample_rate = 4, .channels = 1, .bits = 16};
    const uint64_t leap_s = 1483228800 + 36;
    assert_string_equal(audyn_entry_moment(&table, &format, leap_s * 4 - 1).utc,
                        "2016-12-31T23:59:59.750000000Z");
    assert_string_equal(audyn_entry_moment(&table, &format, leap_s * 4 + 1).utc,
                        "2016-12-31T23:59:60.250000000Z");
    assert_string_equal(audyn_entry_moment(&table, &format, leap_s * 4 + 4).utc,
                        "2017-01-01T00:00:00.000000000Z");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_and_written_the_same),
        cmocka_unit_test(a_segment_keeps_all_that_it_says),
        cmocka_unit_test(keys_of_later_versions_are_ignored),
        cmocka_unit_test(what_is_wrong_is_told_with_file_and_key),
        cmocka_unit_test(a_text_that_is_cut_anywhere_is_refused),
        cmocka_unit_test(each_allocation_of_writing_and_reading_may_fail),
        cmocka_unit_test(a_leap_second_is_the_60th),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
