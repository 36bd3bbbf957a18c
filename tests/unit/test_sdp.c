// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "folder.h"
#include "net/sdp.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static audyn_sdp_t
example(void)
{
    audyn_sdp_t sdp = {
        .name = "file:take1.wav",
        .session_id = 7,
        .version = 1767225600123456789,
        .destination.port = 5004,
        .ttl = 32,
        .format = {24, 48000, 2},
        .payload_type = 98,
        .packet_frames = 48,
        .ts_refclk = "localmac=00-11-22-AA-BB-CC",
    };
    inet_pton(AF_INET, "192.0.2.7", &sdp.origin);
    inet_pton(AF_INET, "239.69.1.1", &sdp.destination.address);
    return sdp;
}

static void
a_stream_is_described_as_aes67_says(void **state)
{
    (void)state;
    const audyn_sdp_t sdp = example();
    char text[1024];
    assert_int_equal(audyn_sdp_format(text, sizeof text, &sdp), AUDYN_OK);
    assert_string_equal(text, "v=0\r\n"
                              "o=- 7 1767225600123456789 IN IP4 192.0.2.7\r\n"
                              "s=file:take1.wav\r\n"
                              "c=IN IP4 239.69.1.1/32\r\n"
                              "t=0 0\r\n"
                              "m=audio 5004 RTP/AVP 98\r\n"
                              "a=rtpmap:98 L24/48000/2\r\n"
                              "a=fmtp:98 channel-order=SMPTE2110.(ST)\r\n"
                              "a=ptime:1\r\n"
                              "a=framecount:48\r\n"
                              "a=ts-refclk:localmac=00-11-22-AA-BB-CC\r\n"
                              "a=mediaclk:direct=0\r\n"
                              "a=recvonly\r\n");
}

static void
assert_line(const audyn_sdp_t *sdp, const char *line)
{
    char text[1024];
    assert_int_equal(audyn_sdp_format(text, sizeof text, sdp), AUDYN_OK);
    char whole[256];
    snprintf(whole, sizeof whole, "\r\n%s\r\n", line);
    if (!strstr(text, whole)) {
        fail_msg("there is no line '%s' in\n%s", line, text);
    }
}

static void
a_unicast_destination_has_no_ttl(void **state)
{
    (void)state;
    audyn_sdp_t sdp = example();
    inet_pton(AF_INET, "127.0.0.1", &sdp.destination.address);
    assert_line(&sdp, "c=IN IP4 127.0.0.1");
}

static void
packet_times_are_written_as_aes67_writes_them(void **state)
{
    (void)state;
    static const struct {
        uint32_t sample_rate, packet_frames;
        const char *line;
    } times[] = {
        {48000, 6, "a=ptime:0.125"},  {48000, 12, "a=ptime:0.25"},
        {48000, 16, "a=ptime:0.33"},  {48000, 48, "a=ptime:1"},
        {48000, 192, "a=ptime:4"},    {44100, 6, "a=ptime:0.14"},
        {44100, 12, "a=ptime:0.27"},  {44100, 16, "a=ptime:0.36"},
        {44100, 48, "a=ptime:1.09"},  {44100, 192, "a=ptime:4.35"},
        {96000, 12, "a=ptime:0.125"}, {96000, 32, "a=ptime:0.33"},
        {48000, 480, "a=ptime:10"},
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; ++i) {
        audyn_sdp_t sdp = example();
        sdp.format.sample_rate = times[i].sample_rate;
        sdp.packet_frames = times[i].packet_frames;
        assert_line(&sdp, times[i].line);
    }
}

static void
channels_are_named_as_st_2110_30_names_them(void **state)
{
    (void)state;
    static const struct {
        uint32_t channels;
        const char *line;
    } orders[] = {
        {1, "a=fmtp:98 channel-order=SMPTE2110.(M)"},
        {6, "a=fmtp:98 channel-order=SMPTE2110.(51)"},
        {8, "a=fmtp:98 channel-order=SMPTE2110.(71)"},
        {3, "a=fmtp:98 channel-order=SMPTE2110.(U03)"},
        {64, "a=fmtp:98 channel-order=SMPTE2110.(U64)"},
    };
    for (size_t i = 0; i < sizeof orders / sizeof *orders; ++i) {
        audyn_sdp_t sdp = example();
        sdp.format.channels = orders[i].channels;
        assert_line(&sdp, orders[i].line);
    }
}

static void
a_name_stays_one_line_and_is_never_empty(void **state)
{
    (void)state;
    audyn_sdp_t sdp = example();
    sdp.name = "one\r\na=sendonly\ttwo";
    assert_line(&sdp, "s=one__a=sendonly_two");
    sdp.name = "";
    assert_line(&sdp, "s=-");
}

static void
what_does_not_fit_is_refused_whatever_the_size(void **state)
{
    (void)state;
    const audyn_sdp_t sdp = example();
    char text[1024];
    assert_int_equal(audyn_sdp_format(text, sizeof text, &sdp), AUDYN_OK);
    const size_t needed = strlen(text) + 1;
    for (size_t size = 1; size < needed; ++size) {
        char *exact = malloc(size);
        assert_non_null(exact);
        assert_int_equal(audyn_sdp_format(exact, size, &sdp), AUDYN_TOO_LARGE);
        free(exact);
    }
    char *exact = malloc(needed);
    assert_non_null(exact);
    assert_int_equal(audyn_sdp_format(exact, needed, &sdp), AUDYN_OK);
    assert_string_equal(exact, text);
    free(exact);
}

static void
assert_file_describes(const char *path, const audyn_sdp_t *sdp)
{
    char expected[1024];
    assert_int_equal(audyn_sdp_format(expected, sizeof expected, sdp), AUDYN_OK);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    char found[2048];
    found[fread(found, 1, sizeof found - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(found, expected);
}

static unsigned
files_in_folder(void)
{
    DIR *files = opendir(folder);
    assert_non_null(files);
    unsigned count = 0;
    for (const struct dirent *file; (file = readdir(files));) {
        count += strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0;
    }
    closedir(files);
    return count;
}

static void
a_file_is_written_and_replaced_as_a_whole(void **state)
{
    (void)state;
    audyn_sdp_t sdp = example();
    const char *path = in_folder("stream.sdp");
    assert_int_equal(audyn_sdp_write(path, &sdp, NULL), AUDYN_OK);
    assert_file_describes(path, &sdp);
    struct stat before, after;
    assert_int_equal(stat(path, &before), 0);
    sdp.payload_type = 99;
    assert_int_equal(audyn_sdp_write(path, &sdp, NULL), AUDYN_OK);
    assert_file_describes(path, &sdp);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(files_in_folder(), 1);
    assert_int_not_equal(before.st_ino, after.st_ino);
    unlink(path);
}

static void
assert_cannot_be_written(const char *path, audyn_status_t status)
{
    const audyn_sdp_t sdp = example();
    audyn_error_t error = {""};
    assert_int_equal(audyn_sdp_write(path, &sdp, &error), status);
    if (!strstr(error.text, path)) {
        fail_msg("'%s' does not name '%s'", error.text, path);
    }
}

static void
a_file_that_cannot_be_written_is_named_and_leaves_nothing(void **state)
{
    (void)state;
    assert_cannot_be_written("/nonexistent/stream.sdp", AUDYN_NOT_FOUND);
    assert_cannot_be_written(folder, AUDYN_EXISTS);
    assert_int_equal(chdir(folder), 0);
    assert_cannot_be_written("", AUDYN_NOT_FOUND);
    assert_int_equal(chdir("/"), 0);
    // A device must not be replaced by a file of its name.
    assert_cannot_be_written("/dev/full", AUDYN_EXISTS);
    struct stat about;
    assert_int_equal(stat("/dev/full", &about), 0);
    assert_true(S_ISCHR(about.st_mode));

    audyn_sdp_t sdp = example();
    char long_clock[4096];
    memset(long_clock, 'x', sizeof long_clock - 1);
    long_clock[sizeof long_clock - 1] = '\0';
    sdp.ts_refclk = long_clock;
    assert_int_equal(audyn_sdp_write(in_folder("long.sdp"), &sdp, NULL), AUDYN_TOO_LARGE);
    assert_int_equal(files_in_folder(), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_described_as_aes67_says),
        cmocka_unit_test(a_unicast_destination_has_no_ttl),
        cmocka_unit_test(packet_times_are_written_as_aes67_writes_them),
        cmocka_unit_test(channels_are_named_as_st_2110_30_names_them),
        cmocka_unit_test(a_name_stays_one_line_and_is_never_empty),
        cmocka_unit_test(what_does_not_fit_is_refused_whatever_the_size),
        cmocka_unit_test(a_file_is_written_and_replaced_as_a_whole),
        cmocka_unit_test(a_file_that_cannot_be_written_is_named_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
