// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/input_json.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

// By audyn_event_kind_t: its name, and what it has beside the position.
static const struct {
    const char *name;
    bool sender, leg;
} kinds[] = {
    [AUDYN_EVENT_STARTED] = {"started", true, false},
    [AUDYN_EVENT_RESTARTED] = {"restarted", true, false},
    [AUDYN_EVENT_NO_SIGNAL] = {"no_signal", false, false},
    [AUDYN_EVENT_SIGNAL] = {"signal", false, false},
    [AUDYN_EVENT_FOREIGN_SSRC] = {"foreign_ssrc", true, false},
    [AUDYN_EVENT_CLOCK_LOST] = {"clock_lost", false, false},
    [AUDYN_EVENT_LEG_LOST] = {"leg_lost", false, true},
    [AUDYN_EVENT_LEG_BACK] = {"leg_back", false, true},
    [AUDYN_EVENT_LEG_DIFFERS] = {"leg_differs", false, true},
    [AUDYN_EVENT_LEG_AGREES] = {"leg_agrees", false, true},
    [AUDYN_EVENT_DROPPED] = {"dropped", false, false},
};

const char *
audyn_input_event_name(audyn_event_kind_t kind)
{
    return kinds[kind].name;
}

static void
set_leg(json_t *object, unsigned leg)
{
    const char name[] = {(char)('a' + leg), '\0'};
    json_object_set_new(object, "leg", json_string(name));
}

void
audyn_input_event_add(json_t *object, const audyn_event_t *event)
{
    if (event->kind == AUDYN_EVENT_DROPPED) {
        json_object_set_new(object, "count", json_integer((json_int_t)event->count));
        return;
    }
    json_object_set_new(object, "position", json_integer((json_int_t)event->position));
    if (kinds[event->kind].sender) {
        char text[INET_ADDRSTRLEN];
        snprintf(text, sizeof text, "0x%08" PRIx32, event->ssrc);
        json_object_set_new(object, "ssrc", json_string(text));
        inet_ntop(AF_INET, &event->source, text, sizeof text);
        json_object_set_new(object, "source", json_string(text));
    }
    if (kinds[event->kind].leg) {
        set_leg(object, event->leg);
    }
}

const char *
audyn_input_clock_name(const audyn_input_report_t *report)
{
    return !report->packets ? "host" : report->on_media_clock ? "media" : "arrival";
}

static json_t *
delay_json(const audyn_delay_t *delay)
{
    return delay->known
               ? json_pack("{s:I, s:I, s:I}", "least", (json_int_t)delay->least_ns,
                           "typical", (json_int_t)delay->typical_ns, "worst",
                           (json_int_t)delay->worst_ns)
               : json_null();
}

json_t *
audyn_input_leg_json(const audyn_input_report_t *report, unsigned index)
{
    const audyn_leg_report_t *leg = &report->legs[index];
    char sender[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &leg->sender, sender, sizeof sender);
    json_t *object = json_object();
    set_leg(object, index);
    json_t *more = json_pack(
        "{s:o, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:o}", "sender",
        leg->packets ? json_string(sender) : json_null(), "packets",
        (json_int_t)leg->packets, "lost", (json_int_t)leg->lost, "differing",
        (json_int_t)leg->differing, "refused_ssrc", (json_int_t)leg->refused_ssrc,
        "socket_overflow", (json_int_t)leg->socket_overflow, "alive", leg->alive,
        "differs", leg->differs, "delay_ns", delay_json(&leg->delay));
    json_object_update(object, more);
    json_decref(more);
    return object;
}
