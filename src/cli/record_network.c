// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_network.h"

#include "archive/input_json.h"
#include "core/clock.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

// This much before its time nothing arrives, unless one of the clocks is wrong.
#define AHEAD_NS AUDYN_NS_PER_MS

static double
in_ms(int64_t ns)
{
    return (double)ns / AUDYN_NS_PER_MS;
}

static void
format_sender(char text[INET_ADDRSTRLEN], const audyn_leg_report_t *leg)
{
    inet_ntop(AF_INET, &leg->sender, text, INET_ADDRSTRLEN);
}

static json_t *
leg_json(const audyn_record_report_t *report, unsigned index)
{
    json_t *leg = audyn_input_leg_json(&report->packets, index);
    const uint64_t received = report->progress.counts[AUDYN_SAMPLE_RECEIVED + index];
    json_object_set_new(leg, "received", json_integer((json_int_t)received));
    return leg;
}

void
audyn_record_network_add(json_t *json, const audyn_record_report_t *report)
{
    const audyn_input_report_t *packets = &report->packets;
    if (!packets->leg_count) {
        return;
    }
    json_t *legs = json_array();
    for (unsigned i = 0; i < packets->leg_count; ++i) {
        json_array_append_new(legs, leg_json(report, i));
    }
    char ssrc[sizeof "0x1a2b3c4d"];
    snprintf(ssrc, sizeof ssrc, "0x%08x", packets->ssrc);
    json_object_set_new(json, "ssrc", packets->packets ? json_string(ssrc) : json_null());
    json_object_set_new(json, "drift_ppm",
                        packets->drift_known ? json_real(packets->drift_ppm)
                                             : json_null());
    json_object_set_new(json, "leaves_late", json_boolean(packets->leaves_late));
    json_object_set_new(json, "legs", legs);
}

// The one that has brought the most.
static const audyn_leg_report_t *
main_leg(const audyn_input_report_t *packets)
{
    const audyn_leg_report_t *most = &packets->legs[0];
    for (unsigned i = 1; i < packets->leg_count; ++i) {
        most = packets->legs[i].packets > most->packets ? &packets->legs[i] : most;
    }
    return most;
}

static void
print_clock(const audyn_input_report_t *packets, const audyn_delay_t *delay)
{
    char drift[64] = "";
    if (packets->drift_known) {
        snprintf(drift, sizeof drift, ", %+.1f ppm against this host's",
                 packets->drift_ppm);
    }
    fprintf(stderr, "audyn:   positions rest on %s%s\n",
            packets->on_media_clock ? "the sender's media clock"
                                    : "the first packet's arrival and the sender's clock",
            drift);
    fprintf(stderr,
            "audyn:   packets arrived %.2f ms (least), %.2f ms (typical), %.2f ms "
            "(worst) after %s\n",
            in_ms(delay->least_ns), in_ms(delay->typical_ns), in_ms(delay->worst_ns),
            packets->on_media_clock ? "their timestamps"
                                    : "their time, counted from the first one");
}

static void
print_trouble(const audyn_input_report_t *packets, const audyn_leg_report_t *leg)
{
    char sender[INET_ADDRSTRLEN];
    format_sender(sender, leg);
    if (packets->leaves_late) {
        fprintf(stderr,
                "audyn:   the sender %s (SSRC 0x%08x) is late: even its fastest packets "
                "arrive %.1f ms after their timestamps; look at its buffers, and at "
                "its clock and this host's\n",
                sender, packets->ssrc, in_ms(leg->delay.least_ns));
    } else if (packets->on_media_clock && leg->delay.least_ns < -AHEAD_NS) {
        fprintf(stderr,
                "audyn:   the clock of the sender %s (SSRC 0x%08x) is at least %.1f ms "
                "ahead of this host's; one of them is wrong\n",
                sender, packets->ssrc, in_ms(-leg->delay.least_ns));
    }
}

static void
print_leg(const audyn_record_report_t *report, unsigned index)
{
    const audyn_leg_report_t *leg = &report->packets.legs[index];
    char sender[INET_ADDRSTRLEN];
    format_sender(sender, leg);
    char differing[48] = "";
    if (leg->differing) {
        snprintf(differing, sizeof differing, ", %" PRIu64 " with other audio",
                 leg->differing);
    }
    fprintf(stderr, "audyn:   leg %c%s%s: %" PRIu64 " packets, %" PRIu64 " lost%s%s%s\n",
            'A' + (int)index, leg->packets ? " from " : "", leg->packets ? sender : "",
            leg->packets, leg->lost, differing, leg->alive ? "" : ", gone at the end",
            leg->differs || (leg->refused_ssrc && !leg->packets)
                ? ", carries other audio and is left out"
                : "");
}

void
audyn_record_network_print(const audyn_record_report_t *report)
{
    const audyn_input_report_t *packets = &report->packets;
    if (!packets->leg_count) {
        return;
    }
    const audyn_leg_report_t *leg = main_leg(packets);
    if (leg->delay.known) {
        if (!report->name) {
            print_clock(packets, &leg->delay);
        }
        print_trouble(packets, leg);
    }
    for (unsigned i = 0; packets->leg_count > 1 && i < packets->leg_count; ++i) {
        print_leg(report, i);
    }
}
