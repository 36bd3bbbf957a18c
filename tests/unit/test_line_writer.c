// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "cli/line_writer.h"
#include "core/clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM 10000
#define LINE_BYTES 100
#define LONG_BYTES (3 << 20)

// Longer than any test may take, and too short to be noticed.
#define PATIENT_NS (60 * AUDYN_NS_PER_SECOND)
#define IMPATIENT_NS (20 * AUDYN_NS_PER_MS)

struct bench {
    int reading, writing;
    audyn_line_writer_t *writer;
    char line[LINE_BYTES]; // fills LINE_BYTES with its newline
};

static void
set_up(struct bench *bench)
{
    int fds[2];
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(fds), 0);
    *bench = (struct bench){.reading = fds[0], .writing = fds[1]};
    memset(bench->line, 'x', LINE_BYTES - 1);
    assert_int_equal(audyn_line_writer_start(&bench->writer, bench->writing, ROOM),
                     AUDYN_OK);
}

static audyn_status_t
finish(struct bench *bench, const char *last, int64_t patience_ns)
{
    const audyn_status_t status =
        audyn_line_writer_finish(bench->writer, last, patience_ns);
    if (status != AUDYN_BUSY) {
        close(bench->writing);
    }
    return status;
}

static void
lines_come_out_whole_and_in_order(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    for (int i = 0; i < 100; ++i) {
        char line[20];
        snprintf(line, sizeof line, "line %d", i);
        assert_true(audyn_line_writer_put(bench.writer, line));
    }
    assert_int_equal(finish(&bench, "the last", PATIENT_NS), AUDYN_OK);
    FILE *lines = fdopen(bench.reading, "r");
    for (int i = 0; i < 100; ++i) {
        int number;
        assert_int_equal(fscanf(lines, "line %d\n", &number), 1);
        assert_int_equal(number, i);
    }
    char last[20];
    assert_non_null(fgets(last, sizeof last, lines));
    assert_string_equal(last, "the last\n");
    assert_int_equal(getc(lines), EOF);
    fclose(lines);
}

// The pipe takes no more.  Returns how many bytes it holds.
static size_t
fill_pipe(const struct bench *bench)
{
    static const char bytes[4096];
    const size_t room = (size_t)fcntl(bench->writing, F_GETPIPE_SZ);
    for (size_t done = 0; done < room; done += sizeof bytes) {
        assert_int_equal(write(bench->writing, bytes, sizeof bytes), sizeof bytes);
    }
    return room;
}

static void
put_until_refused(struct bench *bench)
{
    for (unsigned i = 0; i < ROOM / LINE_BYTES; ++i) {
        assert_true(audyn_line_writer_put(bench->writer, bench->line));
    }
    assert_false(audyn_line_writer_put(bench->writer, bench->line));
}

static void
a_reader_who_is_stuck_is_not_waited_for(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    fill_pipe(&bench);
    put_until_refused(&bench);
    assert_int_equal(finish(&bench, "the last", IMPATIENT_NS), AUDYN_BUSY);
    close(bench.reading);
}

static void
take(int fd, size_t bytes)
{
    char some[1000];
    while (bytes) {
        const ssize_t got = read(fd, some, bytes < sizeof some ? bytes : sizeof some);
        assert_true(got > 0);
        bytes -= (size_t)got;
    }
}

static void
there_is_room_again_once_the_reader_goes_on(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    const size_t filled = fill_pipe(&bench);
    put_until_refused(&bench);
    take(bench.reading, filled);
    // The first line has come out whole: it has left the room before the second follows.
    take(bench.reading, LINE_BYTES + 1);
    assert_true(audyn_line_writer_put(bench.writer, "again"));
    assert_int_equal(finish(&bench, NULL, PATIENT_NS), AUDYN_OK);
    take(bench.reading, ROOM - LINE_BYTES - 1 + sizeof "again");
    char end;
    assert_int_equal(read(bench.reading, &end, 1), 0);
    close(bench.reading);
}

static void
a_reader_who_has_gone_is_told_of(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    close(bench.reading);
    while (audyn_line_writer_put(bench.writer, bench.line)) {
    }
    assert_int_equal(finish(&bench, "the last", PATIENT_NS), AUDYN_IO);
}

static void *
read_slowly(void *argument)
{
    const int *fd = argument;
    char bytes[5000];
    size_t total = 0;
    for (ssize_t got; (got = read(*fd, bytes, sizeof bytes)) > 0;) {
        total += (size_t)got;
    }
    return (void *)(uintptr_t)total;
}

static void
the_last_line_may_be_longer_than_the_room(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    char *last = calloc(1, LONG_BYTES + 1);
    memset(last, 'y', LONG_BYTES);
    assert_false(audyn_line_writer_put(bench.writer, last));
    pthread_t reader;
    assert_int_equal(pthread_create(&reader, NULL, read_slowly, &bench.reading), 0);
    assert_int_equal(finish(&bench, last, PATIENT_NS), AUDYN_OK);
    void *total;
    pthread_join(reader, &total);
    assert_int_equal((uintptr_t)total, LONG_BYTES + 1);
    free(last);
    close(bench.reading);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_out_whole_and_in_order),
        cmocka_unit_test(a_reader_who_is_stuck_is_not_waited_for),
        cmocka_unit_test(there_is_room_again_once_the_reader_goes_on),
        cmocka_unit_test(a_reader_who_has_gone_is_told_of),
        cmocka_unit_test(the_last_line_may_be_longer_than_the_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
