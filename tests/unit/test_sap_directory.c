// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "core/clock.h"
#include "net/sap_directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND AUDYN_NS_PER_SECOND
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define ETH0 2
#define ETH1 3
#define DEVICE 0x0A000001U  // a well-behaved sender
#define FLOODER 0x0A0000FFU // another one

// Who announces what, and when.
struct said {
    unsigned session, version;
    const char *name; // NULL: a session without audio
    bool deletion;
    int interface_index; // 0: ETH0
    uint32_t sender;     // 0: DEVICE
    int64_t at_ns;
};

#define SAID(session_, version_, ...)                                                    \
    (struct said)                                                                        \
    {                                                                                    \
        .session = session_, .version = version_, .name = __VA_ARGS__                    \
    }

static int
create(void **state)
{
    return audyn_sap_directory_create((audyn_sap_directory_t **)state) ? -1 : 0;
}

static int
destroy(void **state)
{
    audyn_sap_directory_destroy(*state);
    return 0;
}

static audyn_sap_event_t
take_text(audyn_sap_directory_t *directory, const char *text, const struct said *said)
{
    // In exactly its size, so that AddressSanitizer sees a byte read beyond.
    const size_t size = strlen(text);
    char *copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, text, size);
    const audyn_sap_packet_t packet = {
        .deletion = said->deletion, .payload = copy, .payload_bytes = size};
    const audyn_sap_arrival_t arrival = {
        .interface_index = said->interface_index ? said->interface_index : ETH0,
        .sender.s_addr = said->sender ? said->sender : DEVICE,
        .now_ns = said->at_ns,
    };
    const audyn_sap_event_t event =
        audyn_sap_directory_take(directory, &packet, &arrival);
    free(copy);
    return event;
}

static audyn_sap_event_t
take(audyn_sap_directory_t *directory, struct said said)
{
    char text[512];
    snprintf(text, sizeof text,
             "v=0\r\no=- %u %u IN IP4 10.0.0.1\r\ns=%s\r\n"
             "c=IN IP4 239.1.1.1/32\r\nt=0 0\r\nm=%s 5004 RTP/AVP 98\r\n"
             "a=rtpmap:98 L24/48000/2\r\n",
             said.session, said.version, said.name ? said.name : "films",
             said.name ? "audio" : "video");
    return take_text(directory, text, &said);
}

static const audyn_sap_entry_t *
find(const audyn_sap_directory_t *directory, const char *name)
{
    for (unsigned i = 0; i < audyn_sap_directory_count(directory); ++i) {
        const audyn_sap_entry_t *entry = audyn_sap_directory_at(directory, i);
        if (!strcmp(entry->session.name, name)) {
            return entry;
        }
    }
    return NULL;
}

static void
a_session_is_there_once_however_often_it_is_announced(void **state)
{
    assert_int_equal(take(*state, SAID(1, 1, "one")), AUDYN_SAP_ADDED);
    assert_int_equal(take(*state, SAID(1, 1, "one", .at_ns = MINUTE)),
                     AUDYN_SAP_REPEATED);
    assert_int_equal(take(*state, SAID(2, 1, "two")), AUDYN_SAP_ADDED);
    assert_int_equal(audyn_sap_directory_count(*state), 2);
    const audyn_sap_entry_t *one = find(*state, "one");
    assert_int_equal(one->interface_index, ETH0);
    assert_int_equal(one->sender.s_addr, DEVICE);
    assert_int_equal(one->heard_ns, MINUTE);
    assert_int_equal(one->interval_ns, MINUTE);
    assert_string_equal(one->problem.text, "");
}

static void
each_interface_has_its_own(void **state)
{
    take(*state, SAID(1, 1, "one"));
    const struct said elsewhere = SAID(1, 1, "one", .interface_index = ETH1);
    assert_int_equal(take(*state, elsewhere), AUDYN_SAP_ADDED);
    assert_int_equal(audyn_sap_directory_count(*state), 2);
    assert_int_equal(take(*state, SAID(1, 1, "one", .deletion = true)),
                     AUDYN_SAP_DELETED);
    assert_int_equal(find(*state, "one")->interface_index, ETH1);
}

static void
a_higher_version_replaces_and_a_lower_one_is_ignored(void **state)
{
    take(*state, SAID(1, 7, "first"));
    assert_int_equal(take(*state, SAID(1, 8, "second")), AUDYN_SAP_CHANGED);
    assert_int_equal(take(*state, SAID(1, 7, "first", .at_ns = HOUR / 2)),
                     AUDYN_SAP_IGNORED);
    assert_int_equal(audyn_sap_directory_count(*state), 1);
    assert_int_equal(find(*state, "second")->session.version, 8);
    // Nor does a lower version keep the session alive.
    assert_int_equal(find(*state, "second")->heard_ns, 0);
}

static void
a_deletion_may_hold_the_origin_alone(void **state)
{
    take(*state, SAID(1, 1, "one"));
    take(*state, SAID(2, 1, "two"));
    take(*state, SAID(3, 1, "three"));
    const struct said deletion = {.deletion = true};
    assert_int_equal(take_text(*state, "o=- 2 1 IN IP4 10.0.0.1", &deletion),
                     AUDYN_SAP_DELETED);
    assert_int_equal(take_text(*state, "o=- 3 1 IN IP4 10.0.0.1\r\ns=x\r\n", &deletion),
                     AUDYN_SAP_DELETED);
    assert_int_equal(audyn_sap_directory_count(*state), 1);
    assert_non_null(find(*state, "one"));
    assert_int_equal(take_text(*state, "o=- 2 1 IN IP4 10.0.0.1", &deletion),
                     AUDYN_SAP_IGNORED);
    const struct said announcement = {0};
    assert_int_equal(take_text(*state, "o=- 2 1 IN IP4 10.0.0.1", &announcement),
                     AUDYN_SAP_NO_DESCRIPTION);
}

static void
only_its_sender_changes_or_deletes_a_session(void **state)
{
    take(*state, SAID(1, 1, "one"));
    assert_int_equal(take(*state, SAID(1, 2, "taken over", .sender = FLOODER)),
                     AUDYN_SAP_IGNORED);
    assert_int_equal(take(*state, SAID(1, 1, "one", .deletion = true, .sender = FLOODER)),
                     AUDYN_SAP_IGNORED);
    assert_non_null(find(*state, "one"));
}

static void
what_is_no_description_is_no_session(void **state)
{
    static const char *const texts[] = {
        "v=0",
        "v=0\r\ns=no origin\r\n",
        "v=0\r\no=- 1 x IN IP4 10.0.0.1\r\n",
        "v=0\r\nnonsense\r\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
        const struct said said = {0};
        assert_int_equal(take_text(*state, texts[i], &said), AUDYN_SAP_NO_DESCRIPTION);
    }
    assert_int_equal(audyn_sap_directory_count(*state), 0);
}

static void
a_session_that_cannot_be_recorded_says_why(void **state)
{
    assert_int_equal(take(*state, SAID(1, 1, NULL)), AUDYN_SAP_ADDED);
    assert_non_null(strstr(find(*state, "films")->problem.text, "no audio"));
    assert_int_equal(take(*state, SAID(1, 2, "with sound")), AUDYN_SAP_CHANGED);
    assert_string_equal(find(*state, "with sound")->problem.text, "");
}

static void
sessions_of_one_origin_are_told_apart_by_their_destination(void **state)
{
    static const char text[] = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=No Name\n"
                               "c=IN IP4 239.1.1.%u\nm=audio 5004 RTP/AVP 97\n"
                               "a=rtpmap:97 L16/44100/2\n";
    for (unsigned i = 0; i < 6; ++i) {
        char announcement[256];
        snprintf(announcement, sizeof announcement, text, i % 3);
        take_text(*state, announcement, &(struct said){.at_ns = i * SECOND});
    }
    assert_int_equal(audyn_sap_directory_count(*state), 3);
}

static void
a_session_that_is_not_announced_for_an_hour_is_gone(void **state)
{
    take(*state, SAID(1, 1, "one"));
    take(*state, SAID(2, 1, "two", .at_ns = MINUTE));
    audyn_sap_directory_expire(*state, HOUR);
    assert_int_equal(audyn_sap_directory_count(*state), 2);
    audyn_sap_directory_expire(*state, HOUR + 1);
    assert_int_equal(audyn_sap_directory_count(*state), 1);
    assert_non_null(find(*state, "two"));
    audyn_sap_directory_expire(*state, HOUR + MINUTE + 1);
    assert_int_equal(audyn_sap_directory_count(*state), 0);
}

static void
a_session_that_is_announced_rarely_lives_ten_intervals(void **state)
{
    take(*state, SAID(1, 1, "rare"));
    take(*state, SAID(1, 1, "rare", .at_ns = 20 * MINUTE));
    // The same announcement by way of another group.
    take(*state, SAID(1, 1, "rare", .at_ns = 20 * MINUTE + SECOND / 10));
    audyn_sap_directory_expire(*state, 220 * MINUTE);
    assert_int_equal(audyn_sap_directory_count(*state), 1);
    audyn_sap_directory_expire(*state, 220 * MINUTE + 1);
    assert_int_equal(audyn_sap_directory_count(*state), 0);
}

// Sessions from `first` on, each announced once.
static void
flood(audyn_sap_directory_t *directory, unsigned first, unsigned count, uint32_t sender,
      int64_t at_ns)
{
    for (unsigned i = first; i < first + count; ++i) {
        take(directory, SAID(i, 1, "flood", .sender = sender, .at_ns = at_ns));
    }
}

static void
one_sender_fills_half_of_the_directory_at_most(void **state)
{
    take(*state, SAID(1, 1, "good"));
    flood(*state, 100, 10000, FLOODER, SECOND);
    assert_int_equal(audyn_sap_directory_count(*state), 1 + AUDYN_SAP_SESSIONS_OF_ONE);
    assert_non_null(find(*state, "good"));
    // What is announced again and again stays, and what comes then is refused.
    flood(*state, 20000, AUDYN_SAP_SESSIONS_OF_ONE, FLOODER, 2 * SECOND);
    for (unsigned i = 0; i < audyn_sap_directory_count(*state); ++i) {
        const audyn_sap_entry_t *entry = audyn_sap_directory_at(*state, i);
        if (entry->sender.s_addr == FLOODER) {
            unsigned session;
            assert_int_equal(sscanf(entry->session.origin, "- %u", &session), 1);
            take(*state,
                 SAID(session, 1, "kept", .sender = FLOODER, .at_ns = 10 * SECOND));
        }
    }
    assert_int_equal(
        take(*state, SAID(99, 1, "late", .sender = FLOODER, .at_ns = HOUR / 2)),
        AUDYN_SAP_REFUSED);
    assert_int_equal(take(*state, SAID(2, 1, "other", .at_ns = HOUR / 2)),
                     AUDYN_SAP_ADDED);
}

static void
a_flood_from_many_senders_pushes_out_nothing_that_is_repeated(void **state)
{
    take(*state, SAID(1, 1, "repeated"));
    take(*state, SAID(1, 1, "repeated", .at_ns = 30 * SECOND));
    for (unsigned i = 0; i < 5000; ++i) {
        flood(*state, 100 + i, 1, FLOODER + (i << 8), 31 * SECOND + i);
    }
    assert_int_equal(audyn_sap_directory_count(*state), AUDYN_SAP_SESSIONS);
    assert_non_null(find(*state, "repeated"));
    // A session that comes in the middle of it finds room, too.
    assert_int_equal(take(*state, SAID(2, 1, "new", .at_ns = 32 * SECOND)),
                     AUDYN_SAP_ADDED);
    assert_int_equal(audyn_sap_directory_count(*state), AUDYN_SAP_SESSIONS);
}

static void
who_brought_the_most_makes_room_first(void **state)
{
    take(*state, SAID(1, 1, "heard once"));
    for (unsigned sender = 0; sender < 4; ++sender) {
        flood(*state, 10000 * (sender + 1), 2000, FLOODER + (sender << 8), SECOND);
    }
    assert_int_equal(audyn_sap_directory_count(*state), AUDYN_SAP_SESSIONS);
    assert_non_null(find(*state, "heard once"));
}

static void
what_is_announced_again_finds_a_place_in_the_flood_of_its_own_sender(void **state)
{
    // Heard once in the middle of it, and pushed out by what follows.
    flood(*state, 1000, 3000, DEVICE, 0);
    take(*state, SAID(1, 1, "good"));
    flood(*state, 4000, 3000, DEVICE, SECOND);
    assert_null(find(*state, "good"));
    assert_int_equal(take(*state, SAID(1, 1, "good", .at_ns = 5 * SECOND)),
                     AUDYN_SAP_ADDED);
    flood(*state, 7000, 3000, DEVICE, 6 * SECOND);
    assert_non_null(find(*state, "good"));
    assert_int_equal(find(*state, "good")->interval_ns, 5 * SECOND);
}

static void
a_full_directory_of_repeated_sessions_refuses_new_ones(void **state)
{
    for (unsigned round = 0; round < 2; ++round) {
        for (unsigned i = 0; i < AUDYN_SAP_SESSIONS; ++i) {
            flood(*state, i, 1, DEVICE + i, round * MINUTE);
        }
    }
    assert_int_equal(take(*state, SAID(5000, 1, "new", .at_ns = MINUTE)),
                     AUDYN_SAP_REFUSED);
    assert_int_equal(audyn_sap_directory_count(*state), AUDYN_SAP_SESSIONS);
}

#define STATED(test) cmocka_unit_test_setup_teardown(test, create, destroy)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STATED(a_session_is_there_once_however_often_it_is_announced),
        STATED(each_interface_has_its_own),
        STATED(a_higher_version_replaces_and_a_lower_one_is_ignored),
        STATED(a_deletion_may_hold_the_origin_alone),
        STATED(only_its_sender_changes_or_deletes_a_session),
        STATED(what_is_no_description_is_no_session),
        STATED(a_session_that_cannot_be_recorded_says_why),
        STATED(sessions_of_one_origin_are_told_apart_by_their_destination),
        STATED(a_session_that_is_not_announced_for_an_hour_is_gone),
        STATED(a_session_that_is_announced_rarely_lives_ten_intervals),
        STATED(one_sender_fills_half_of_the_directory_at_most),
        STATED(a_flood_from_many_senders_pushes_out_nothing_that_is_repeated),
        STATED(who_brought_the_most_makes_room_first),
        STATED(what_is_announced_again_finds_a_place_in_the_flood_of_its_own_sender),
        STATED(a_full_directory_of_repeated_sessions_refuses_new_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
