// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "cli/record_events.h"
#include "input/input_private.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOME_TAI_NS (INT64_C(1767225600) * AUDYN_NS_PER_SECOND + 123456789)

// An input to which nothing happens but what is in the ring.
struct fake_input {
    struct audyn_input input;
    audyn_event_ring_t ring;
};

struct bench {
    struct fake_input fake;
    audyn_record_events_t *events;
    audyn_record_watch_t watch;
    audyn_record_report_t report;
    FILE *lines;
    int writing;
};

static bool
next_event(audyn_input_t *input, audyn_event_t *event)
{
    return audyn_event_pop(&((struct fake_input *)input)->ring, event);
}

static const audyn_input_type_t fake_type = {.scheme = "fake", .next_event = next_event};

static void
set_up(struct bench *bench)
{
    int fds[2];
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(fds), 0);
    *bench = (struct bench){.fake.input.type = &fake_type, .writing = fds[1]};
    bench->lines = fdopen(fds[0], "r");
    assert_int_equal(audyn_record_events_start(&bench->events, bench->writing), AUDYN_OK);
}

static void
look(struct bench *bench)
{
    audyn_record_events_look(bench->events, &bench->watch, "one", &bench->fake.input,
                             NULL, &bench->report);
    bench->report.progress.missing = false; // as of a snapshot
}

// The next line has a time of the form asked for, and this object beside it.
static void
expect_line(struct bench *bench, const char *expected_text)
{
    char *line = NULL;
    size_t size = 0;
    assert_true(getline(&line, &size, bench->lines) > 0);
    json_t *event = json_loads(line, 0, NULL);
    json_t *expected = json_loads(expected_text, 0, NULL);
    assert_non_null(expected);
    int parts[7];
    char z;
    const char *time_text = json_string_value(json_object_get(event, "time"));
    assert_int_equal(sscanf(time_text, "%4d-%2d-%2dT%2d:%2d:%2d.%3d%c", &parts[0],
                            &parts[1], &parts[2], &parts[3], &parts[4], &parts[5],
                            &parts[6], &z),
                     8);
    assert_int_equal(strlen(time_text), 24);
    assert_int_equal(z, 'Z');
    if (!json_object_get(expected, "time")) {
        json_object_del(event, "time");
    }
    if (!json_equal(event, expected)) {
        fail_msg("%s is not %s", line, expected_text);
    }
    json_decref(event);
    json_decref(expected);
    free(line);
}

static void
tear_down(struct bench *bench)
{
    assert_int_equal(audyn_record_events_finish(bench->events, NULL), AUDYN_OK);
    close(bench->writing);
    assert_int_equal(getc(bench->lines), EOF);
    fclose(bench->lines);
}

static void
push(struct bench *bench, audyn_event_t event)
{
    audyn_event_push(&bench->fake.ring, &event);
}

static void
what_the_input_saw_is_told_in_order(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    const struct in_addr sender = {inet_addr("10.0.0.7")};
    const audyn_clock_t *clock = audyn_clock_system();
    const int64_t offset_ns = clock->tai_offset_s(clock) * AUDYN_NS_PER_SECOND;
    push(&bench, (audyn_event_t){.kind = AUDYN_EVENT_STARTED,
                                 .position = 7,
                                 .tai_ns = SOME_TAI_NS + offset_ns,
                                 .ssrc = 0xAB,
                                 .source = sender});
    push(&bench, (audyn_event_t){.kind = AUDYN_EVENT_NO_SIGNAL, .position = 100});
    push(&bench, (audyn_event_t){.kind = AUDYN_EVENT_SIGNAL, .position = 200});
    push(&bench, (audyn_event_t){.kind = AUDYN_EVENT_RESTARTED,
                                 .position = 200,
                                 .ssrc = 1,
                                 .source = sender});
    push(&bench,
         (audyn_event_t){.kind = AUDYN_EVENT_LEG_LOST, .position = 300, .leg = 1});
    look(&bench);
    expect_line(&bench, "{\"time\":\"2026-01-01T00:00:00.123Z\",\"stream\":\"one\","
                        "\"event\":\"started\",\"position\":7,\"ssrc\":\"0x000000ab\","
                        "\"source\":\"10.0.0.7\"}");
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"no_signal\",\"position\":100}");
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"signal\",\"position\":200}");
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"restarted\",\"position\":200,"
                        "\"ssrc\":\"0x00000001\",\"source\":\"10.0.0.7\"}");
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"leg_lost\",\"position\":300,"
                        "\"leg\":\"b\"}");
    // Not again from what was recorded.
    bench.report.progress.started = true;
    look(&bench);
    tear_down(&bench);
}

static void
an_input_that_tells_nothing_starts_with_its_first_sample(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    look(&bench);
    bench.report.progress.started = true;
    bench.report.progress.position = 12;
    look(&bench);
    look(&bench);
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"started\",\"position\":12}");
    tear_down(&bench);
}

static void
lose(struct bench *bench, uint64_t position, uint64_t lost, uint64_t late)
{
    bench->report.progress.missing = true;
    bench->report.progress.missing_from = position;
    bench->report.progress.counts[AUDYN_SAMPLE_LOST] += lost;
    bench->report.progress.counts[AUDYN_SAMPLE_LATE] += late;
    bench->report.progress.sample_frames += 1000;
    look(bench);
}

static void
what_comes_by_the_thousand_is_told_in_sums(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    const audyn_event_t foreign = {
        .kind = AUDYN_EVENT_FOREIGN_SSRC, .position = 5, .ssrc = 0xF, .count = 2};
    lose(&bench, 100, 48, 0); // the first at once
    for (unsigned i = 0; i < 50; ++i) {
        push(&bench, foreign);
        lose(&bench, 1000 + i, 10, 1);
    }
    audyn_record_events_end(bench.events, &bench.watch, "one", &bench.report);
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"missing\",\"position\":100,"
                        "\"lost\":48,\"late\":0,\"no_frame\":0}");
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"foreign_ssrc\",\"position\":5,"
                        "\"ssrc\":\"0x0000000f\",\"source\":\"0.0.0.0\",\"count\":100}");
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"missing\",\"position\":1000,"
                        "\"lost\":500,\"late\":50,\"no_frame\":0}");
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"finished\","
                        "\"sample_frames\":51000,\"missing\":598}");
    tear_down(&bench);
}

static void
a_failure_says_why(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    bench.report.error = "the disk \"a\" is full";
    bench.report.progress.started = true;
    bench.report.progress.position = 3;
    bench.report.progress.sample_frames = 9;
    audyn_record_events_end(bench.events, &bench.watch, "one", &bench.report);
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"failed\",\"position\":3,"
                        "\"sample_frames\":9,\"missing\":0,"
                        "\"error\":\"the disk \\\"a\\\" is full\"}");
    tear_down(&bench);
}

static void
what_happens_to_files_of_an_archive_is_told_in_order(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    audyn_record_notes_t *notes = audyn_record_notes_create();
    assert_non_null(notes);
    const audyn_archive_event_t events[] = {
        {.kind = AUDYN_ARCHIVE_FILE_FAILED,
         .text = "for people",
         .path = "a/one/x.wav",
         .status = AUDYN_NO_SPACE,
         .class = "disk_full",
         .position = 5,
         .recording = true},
        {.kind = AUDYN_ARCHIVE_RESUMED,
         .class = "disk_full",
         .position = 9,
         .sample_frames = 4},
        {.kind = AUDYN_ARCHIVE_SEGMENT,
         .path = "a/one/x.json",
         .position = 1,
         .sample_frames = 4},
    };
    for (size_t i = 0; i < sizeof events / sizeof *events; ++i) {
        audyn_record_notes_put(notes, audyn_record_events_file("one", &events[i]));
    }
    audyn_record_events_tell_notes(bench.events, "one", notes);
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"file_failed\",\"position\":5,"
                        "\"path\":\"a/one/x.wav\",\"class\":\"disk_full\","
                        "\"recording\":true,\"error\":\"no space left on the disk\"}");
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"resumed\",\"position\":9,"
                        "\"class\":\"disk_full\",\"missing\":4}");
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"segment\",\"position\":1,"
                        "\"path\":\"a/one/x.json\",\"sample_frames\":4}");
    for (int i = 0; i < 300; ++i) {
        audyn_record_notes_put(notes, audyn_record_events_file("one", &events[2]));
    }
    for (json_t *line; (line = audyn_record_notes_take(notes));) {
        json_decref(line);
    }
    audyn_record_events_tell_notes(bench.events, "one", notes);
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"dropped\",\"count\":44}");
    audyn_record_notes_put(notes, json_object()); // stays
    audyn_record_notes_destroy(notes);
    tear_down(&bench);
}

static void
what_was_recovered_and_deleted_is_told(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    audyn_record_notes_t *notes = audyn_record_notes_create();
    assert_non_null(notes);
    const audyn_recovered_t recovered[] = {
        {AUDYN_RECOVERED_FILE, "one/x.wav", "for people", 0, 7, 3},
        {AUDYN_RECOVERED_SEGMENT, "one/x.json", "for people", 5, 7, 0},
        {AUDYN_RECOVERED_NOTHING, ".audyn/open/one-5.jsonl", "for people", 0, 0, 0},
        {AUDYN_NOT_RECOVERED, "one/y", "why not", 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof recovered / sizeof *recovered; ++i) {
        audyn_record_notes_put(notes, audyn_record_events_recovered("a", &recovered[i]));
    }
    const audyn_retention_deletion_t deletion = {"one/z.wav", "retention 7d", 9};
    audyn_record_notes_put(notes, audyn_record_events_deleted("a", &deletion));
    audyn_record_events_tell_notes(bench.events, NULL, notes);
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"file_recovered\","
                        "\"path\":\"a/one/x.wav\",\"sample_frames\":7,\"cut_bytes\":3}");
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"segment_recovered\","
                        "\"path\":\"a/one/x.json\",\"position\":5,\"sample_frames\":7}");
    expect_line(&bench, "{\"event\":\"removed\",\"path\":\"a/.audyn/open/one-5.jsonl\"}");
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"not_recovered\","
                        "\"path\":\"a/one/y\",\"error\":\"why not\"}");
    expect_line(&bench,
                "{\"stream\":\"one\",\"event\":\"deleted\",\"path\":\"a/one/z.wav\","
                "\"bytes\":9,\"why\":\"retention 7d\"}");
    audyn_record_notes_destroy(notes);
    tear_down(&bench);
}

static void
the_report_is_the_last_line(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    json_t *report = json_pack("{s:[i]}", "streams", 1);
    assert_int_equal(audyn_record_events_finish(bench.events, report), AUDYN_OK);
    json_decref(report);
    expect_line(&bench, "{\"event\":\"report\",\"streams\":[1]}");
    close(bench.writing);
    assert_int_equal(getc(bench.lines), EOF);
    fclose(bench.lines);
}

static void
events_that_nobody_reads_are_counted_and_told_where_they_were(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    const audyn_event_t event = {.kind = AUDYN_EVENT_SIGNAL, .position = 8};
    uint64_t told = 0;
    while (audyn_record_events_dropped(bench.events) < 10) {
        push(&bench, event);
        look(&bench);
        ++told;
    }
    const uint64_t dropped = audyn_record_events_dropped(bench.events);
    for (uint64_t i = dropped; i < told; ++i) {
        expect_line(&bench, "{\"stream\":\"one\",\"event\":\"signal\",\"position\":8}");
    }
    push(&bench, event);
    look(&bench);
    char text[64];
    snprintf(text, sizeof text, "{\"event\":\"dropped\",\"count\":%d}", (int)dropped);
    expect_line(&bench, text);
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"signal\",\"position\":8}");
    tear_down(&bench);
}

static void
events_that_the_input_had_no_room_for_are_told(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    for (unsigned i = 0; i < AUDYN_EVENT_ROOM + 3; ++i) {
        push(&bench, (audyn_event_t){.kind = AUDYN_EVENT_SIGNAL, .position = 8});
    }
    look(&bench);
    for (unsigned i = 0; i < AUDYN_EVENT_ROOM; ++i) {
        expect_line(&bench, "{\"stream\":\"one\",\"event\":\"signal\",\"position\":8}");
    }
    expect_line(&bench, "{\"stream\":\"one\",\"event\":\"dropped\",\"count\":3}");
    tear_down(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_input_saw_is_told_in_order),
        cmocka_unit_test(an_input_that_tells_nothing_starts_with_its_first_sample),
        cmocka_unit_test(what_comes_by_the_thousand_is_told_in_sums),
        cmocka_unit_test(a_failure_says_why),
        cmocka_unit_test(what_happens_to_files_of_an_archive_is_told_in_order),
        cmocka_unit_test(what_was_recovered_and_deleted_is_told),
        cmocka_unit_test(the_report_is_the_last_line),
        cmocka_unit_test(events_that_nobody_reads_are_counted_and_told_where_they_were),
        cmocka_unit_test(events_that_the_input_had_no_room_for_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
