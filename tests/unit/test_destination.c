// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "sender/destination.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

static void
parse(audyn_destination_t *destination, const char *uri, const char *packet_time)
{
    audyn_error_t error = {""};
    if (audyn_destination_parse(destination, uri, packet_time, &error)) {
        fail_msg("%s: %s", uri, error.text);
    }
}

static void
a_destination_is_read_with_all_its_options(void **state)
{
    (void)state;
    audyn_destination_t destination;
    parse(&destination,
          "rtp://239.69.1.1:5006?format=L16/44100/1&pt=127&iface=lo&ssrc=0xDEADBEEF"
          "&ttl=1&dscp=46",
          "1ms");
    assert_string_equal(inet_ntoa(destination.endpoint.address), "239.69.1.1");
    assert_int_equal(destination.endpoint.port, 5006);
    assert_int_equal(destination.format.bits, 16);
    assert_int_equal(destination.format.sample_rate, 44100);
    assert_int_equal(destination.format.channels, 1);
    assert_int_equal(destination.payload_type, 127);
    assert_int_equal(destination.interface_index, if_nametoindex("lo"));
    assert_int_equal(destination.ssrc, 0xDEADBEEF);
    assert_int_equal(destination.ttl, 1);
    assert_int_equal(destination.dscp, 46);
    assert_int_equal(destination.packet_frames, 48);
}

static void
what_is_left_out_is_as_aes67_wants_it_and_the_ssrc_by_chance(void **state)
{
    (void)state;
    audyn_destination_t one, two;
    parse(&one, "rtp://127.0.0.1:5004?format=L24/48000/2", "1ms");
    parse(&two, "rtp://127.0.0.1:5004?format=L24/48000/2", "1ms");
    assert_int_equal(one.payload_type, 98);
    assert_int_equal(one.interface_index, 0);
    assert_int_equal(one.ttl, 32);
    assert_int_equal(one.dscp, 34);
    assert_int_not_equal(one.ssrc, two.ssrc);
}

static void
packet_times_are_those_of_aes67_in_sample_frames(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t at_48, at_96;
    } times[] = {{"125us", 6, 12},
                 {"250us", 12, 24},
                 {"333us", 16, 32},
                 {"1ms", 48, 96},
                 {"4ms", 192, 384}};
    for (size_t i = 0; i < sizeof times / sizeof *times; ++i) {
        audyn_destination_t destination;
        parse(&destination, "rtp://127.0.0.1:5004?format=L24/48000", times[i].name);
        assert_int_equal(destination.packet_frames, times[i].at_48);
        parse(&destination, "rtp://127.0.0.1:5004?format=L24/44100", times[i].name);
        assert_int_equal(destination.packet_frames, times[i].at_48);
        parse(&destination, "rtp://127.0.0.1:5004?format=L24/96000", times[i].name);
        assert_int_equal(destination.packet_frames, times[i].at_96);
    }
}

static void
assert_refused(const char *uri, const char *packet_time, audyn_status_t status,
               const char *because)
{
    audyn_destination_t destination;
    audyn_error_t error = {""};
    assert_int_equal(audyn_destination_parse(&destination, uri, packet_time, &error),
                     status);
    if (!strstr(error.text, because)) {
        fail_msg("'%s' gives '%s', which lacks '%s'", uri, error.text, because);
    }
}

static void
a_packet_carries_1440_bytes_and_what_is_more_is_told_what_fits(void **state)
{
    (void)state;
    audyn_destination_t destination;
    parse(&destination, "rtp://127.0.0.1:5004?format=L24/48000/10", "1ms");
    parse(&destination, "rtp://127.0.0.1:5004?format=L16/48000/15", "1ms");
    parse(&destination, "rtp://127.0.0.1:5004?format=L24/48000/64", "125us");
    parse(&destination, "rtp://127.0.0.1:5004?format=L24/96000/40", "125us");
    assert_refused("rtp://127.0.0.1:5004?format=L24/48000/11", "1ms", AUDYN_INVALID,
                   "use --ptime 333us");
    assert_refused("rtp://127.0.0.1:5004?format=L24/48000/3", "4ms", AUDYN_INVALID,
                   "use --ptime 1ms");
    assert_refused("rtp://127.0.0.1:5004?format=L24/48000/64", "1ms", AUDYN_INVALID,
                   "use --ptime 125us");
    assert_refused("rtp://127.0.0.1:5004?format=L24/96000/41", "1ms", AUDYN_INVALID,
                   "at most 40 channels fit, with --ptime 125us");
}

static void
what_is_no_destination_is_refused_with_the_reason(void **state)
{
    (void)state;
    assert_refused("file:x.wav", "1ms", AUDYN_INVALID, "is not a destination");
    assert_refused("239.69.1.1:5004", "1ms", AUDYN_INVALID, "scheme");
    assert_refused("rtp://239.69.1.1?format=L24/48000/2", "1ms", AUDYN_INVALID, "port");
    assert_refused("rtp://239.69.1.1:5004", "1ms", AUDYN_INVALID, "needs format=");
    assert_refused("rtp://239.69.1.1:5004?format=L20/48000/2", "1ms", AUDYN_INVALID,
                   "L16 or L24");
    assert_refused("rtp://239.69.1.1:5004?format=L24/48000/2&pt=95", "1ms", AUDYN_INVALID,
                   "from 96 to 127");
    assert_refused("rtp://239.69.1.1:5004?format=L24/48000/2&ttl=0", "1ms", AUDYN_INVALID,
                   "from 1 to 255");
    assert_refused("rtp://239.69.1.1:5004?format=L24/48000/2&dscp=64", "1ms",
                   AUDYN_INVALID, "from 0 to 63");
    assert_refused("rtp://239.69.1.1:5004?format=L24/48000/2&ptime=1", "1ms",
                   AUDYN_INVALID, "no option 'ptime'");
    assert_refused("rtp://239.69.1.1:5004?format=L24/48000/2", "2ms", AUDYN_INVALID,
                   "125us, 250us, 333us, 1ms and 4ms");
    assert_refused("rtp://239.69.1.1:5004?format=L24/48000/2&iface=none0", "1ms",
                   AUDYN_NOT_FOUND, "lo (127.0.0.1)");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_destination_is_read_with_all_its_options),
        cmocka_unit_test(what_is_left_out_is_as_aes67_wants_it_and_the_ssrc_by_chance),
        cmocka_unit_test(packet_times_are_those_of_aes67_in_sample_frames),
        cmocka_unit_test(a_packet_carries_1440_bytes_and_what_is_more_is_told_what_fits),
        cmocka_unit_test(what_is_no_destination_is_refused_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
