// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Lists of inputs, and what the files of many are called.

#include "unit_test.h"

#include "cli/record_names.h"
#include "folder.h"

#include <string.h>

static audyn_record_inputs_t
read_text(const char *text, size_t size)
{
    audyn_record_inputs_t inputs = {0};
    FILE *list = fmemopen((void *)(uintptr_t)text, size, "r");
    assert_non_null(list);
    assert_int_equal(audyn_record_inputs_read(&inputs, list, NULL), AUDYN_OK);
    fclose(list);
    return inputs;
}

static audyn_record_inputs_t
read_list(const char *text)
{
    return read_text(text, strlen(text));
}

static void
expect_item(const audyn_record_inputs_t *inputs, size_t index, const char *uri,
            const char *name, unsigned line)
{
    assert_true(index < inputs->count);
    const audyn_record_input_t *item = &inputs->items[index];
    assert_string_equal(item->uri, uri);
    assert_int_equal(item->line, line);
    assert_string_equal(item->fault.text, "");
    if (name) {
        assert_string_equal(item->name, name);
    } else {
        assert_null(item->name);
    }
}

static void
a_line_is_an_input_and_perhaps_a_name(void **state)
{
    (void)state;
    audyn_record_inputs_t inputs = read_list("# a remark\n"
                                             "tone:1\n"
                                             "\n"
                                             " \ttone:2 \t Studio One  \r\n"
                                             "tone:3 # a remark\n"
                                             "  # another\n"
                                             "tone:4\tfour.wav # a remark\n"
                                             "sap:A#1 B#1\n"
                                             "tone:6 six.Flac\n"
                                             "tone:7 seven.opus.v2\n");
    assert_int_equal(inputs.count, 7);
    expect_item(&inputs, 0, "tone:1", NULL, 2);
    expect_item(&inputs, 1, "tone:2", "Studio One", 4);
    expect_item(&inputs, 2, "tone:3", NULL, 5);
    expect_item(&inputs, 3, "tone:4", "four", 7);
    expect_item(&inputs, 4, "sap:A#1", "B#1", 8);
    expect_item(&inputs, 5, "tone:6", "six", 9);
    expect_item(&inputs, 6, "tone:7", "seven.opus.v2", 10);
    audyn_record_inputs_finish(&inputs);
}

static void
an_empty_list_has_no_input(void **state)
{
    (void)state;
    audyn_record_inputs_t inputs = read_list("\n  \n# nothing\n\n");
    assert_int_equal(inputs.count, 0);
    audyn_record_inputs_finish(&inputs);
}

static void
expect_fault(const audyn_record_inputs_t *inputs, size_t index, unsigned line,
             const char *because)
{
    const audyn_record_input_t *item = &inputs->items[index];
    assert_int_equal(item->line, line);
    if (!strstr(item->fault.text, because)) {
        fail_msg("line %u: '%s' lacks '%s'", line, item->fault.text, because);
    }
}

static void
every_faulty_line_is_told_and_the_others_are_read(void **state)
{
    (void)state;
    char text[20000];
    const int head = snprintf(text, sizeof text,
                              "tone: a/b\ntone: .hidden\ntone: -o\ntone: a\001b\n"
                              "tone:loud\ngopher:x fine\ntone: .wav\ntone: ab\xff\n");
    memset(text + head, 'x', 9000);
    snprintf(text + head + 9000, sizeof text - (size_t)head - 9000,
             "\ntone: good\nfile:");
    audyn_record_inputs_t inputs = read_list(text);
    assert_int_equal(audyn_record_inputs_check(&inputs), 10);
    assert_int_equal(inputs.count, 11);
    static const char *const because[] = {"has a '/'", "begins with", "begins with",
                                          "control",   "frequency",   "gopher",
                                          "begins",    "not UTF-8",   "longer"};
    for (unsigned i = 0; i < sizeof because / sizeof *because; ++i) {
        expect_fault(&inputs, i, i + 1, because[i]);
    }
    expect_item(&inputs, 9, "tone:", "good", 10);
    expect_fault(&inputs, 10, 11, "needs a path");
    audyn_record_inputs_finish(&inputs);
}

static void
what_is_no_text_is_a_faulty_line(void **state)
{
    (void)state;
    static const char bytes[] = "tone:\0x\ntone:2\n";
    audyn_record_inputs_t inputs = read_text(bytes, sizeof bytes - 1);
    assert_int_equal(inputs.count, 2);
    expect_fault(&inputs, 0, 1, "not text");
    audyn_record_inputs_finish(&inputs);
}

static void
there_is_an_end_to_how_many_there_may_be(void **state)
{
    (void)state;
    static char text[3 * (AUDYN_RECORD_INPUTS_MOST + 1) + 1];
    for (int i = 0; i <= AUDYN_RECORD_INPUTS_MOST; ++i) {
        memcpy(text + 3 * i, "a:\n", 4);
    }
    audyn_record_inputs_t inputs = {0};
    FILE *list = fmemopen(text, strlen(text), "r");
    audyn_error_t error;
    assert_int_equal(audyn_record_inputs_read(&inputs, list, &error), AUDYN_TOO_LARGE);
    assert_non_null(strstr(error.text, "more than 10000"));
    fclose(list);
    audyn_record_inputs_finish(&inputs);
}

static audyn_record_inputs_t
add_all(const char *const *uris)
{
    audyn_record_inputs_t inputs = {0};
    for (; *uris; ++uris) {
        assert_int_equal(audyn_record_inputs_add(&inputs, *uris, NULL, 0), AUDYN_OK);
    }
    return inputs;
}

static void
expect_names(audyn_record_inputs_t *inputs, const char *const *names)
{
    assert_int_equal(audyn_record_names_make(inputs), AUDYN_OK);
    for (size_t i = 0; i < inputs->count; ++i) {
        assert_string_equal(inputs->items[i].name, names[i]);
    }
    audyn_record_inputs_finish(inputs);
}

static void
a_name_says_what_is_recorded_and_needs_no_quotes(void **state)
{
    (void)state;
    static const char *const uris[] = {
        "rtp://239.69.1.1:5004?format=L24/48000/2&iface=lo",
        "tone:997?level=-20",
        "tone:",
        "file:/music/old takes/Tape 3: side A.tar.wav",
        "file:..%2Fa%00",
        "file:.hidden",
        "file:B\374cher.wav",
        "file:\377\303",
        "sap:Studio 1 / Main (left)",
        "sap:Grüße",
        "sap:...",
        "pipewire:",
        "sdp:/nonexistent/stage-left.sdp?media=2",
        NULL,
    };
    static const char *const names[] = {
        "239.69.1.1-5004",    "tone-997", "tone",   "Tape-3-side-A.tar",
        "file-2Fa-00",        "hidden",   "B-cher", "file",
        "Studio-1-Main-left", "Grüße",    "sap",    "pipewire",
        "stage-left",
    };
    audyn_record_inputs_t inputs = add_all(uris);
    expect_names(&inputs, names);
}

static void
a_long_name_is_cut_between_two_characters(void **state)
{
    (void)state;
    char uri[300] = "sap:x";
    for (int i = 0; i < 70; ++i) {
        strcat(uri, "ä");
    }
    const char *const uris[] = {uri, NULL};
    char name[101] = "x";
    for (int i = 0; i < 49; ++i) {
        strcat(name, "ä");
    }
    const char *const names[] = {name};
    audyn_record_inputs_t inputs = add_all(uris);
    expect_names(&inputs, names);
}

static void
write_description(const char *path, const char *session)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=%s\r\nt=0 0\r\n"
            "c=IN IP4 239.255.77.9/1\r\nm=audio 5004 RTP/AVP 98\r\n"
            "a=rtpmap:98 L24/48000/2\r\n",
            session);
    fclose(file);
}

static void
a_description_gives_the_name_of_its_session(void **state)
{
    (void)state;
    write_description(in_folder("a.sdp"), "Stage: left");
    write_description(in_folder("b.sdp"), "-");
    char named[PATH_MAX + 20];
    char nameless[PATH_MAX + 20];
    snprintf(named, sizeof named, "sdp:%s?iface=lo", in_folder("a.sdp"));
    snprintf(nameless, sizeof nameless, "sdp:%s", in_folder("b.sdp"));
    const char *const uris[] = {named, nameless, NULL};
    static const char *const names[] = {"Stage-left", "b"};
    audyn_record_inputs_t inputs = add_all(uris);
    expect_names(&inputs, names);
}

static void
names_that_agree_are_told_apart(void **state)
{
    (void)state;
    audyn_record_inputs_t inputs = read_list("tone: a\ntone: A\ntone: a-2\ntone: a\n"
                                             "tone:1\ntone:1\ntone: tone-1\n");
    static const char *const names[] = {"a",      "A-2",      "a-2-2",   "a-3",
                                        "tone-1", "tone-1-2", "tone-1-3"};
    expect_names(&inputs, names);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_an_input_and_perhaps_a_name),
        cmocka_unit_test(an_empty_list_has_no_input),
        cmocka_unit_test(every_faulty_line_is_told_and_the_others_are_read),
        cmocka_unit_test(what_is_no_text_is_a_faulty_line),
        cmocka_unit_test(there_is_an_end_to_how_many_there_may_be),
        cmocka_unit_test(a_name_says_what_is_recorded_and_needs_no_quotes),
        cmocka_unit_test(a_long_name_is_cut_between_two_characters),
        cmocka_unit_test(a_description_gives_the_name_of_its_session),
        cmocka_unit_test(names_that_agree_are_told_apart),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
