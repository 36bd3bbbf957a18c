// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/discover_report.h"

#include "cli/media_text.h"
#include "core/json_text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELL_BYTES 128
#define URI_BYTES 512

enum column { NAME, ADDRESS, FORMAT, PACKET_TIME, INTERFACE, ORIGIN, COLUMNS };

struct row {
    char cells[COLUMNS][CELL_BYTES];
};

// What is printed: the entries in the order of their names.
struct list {
    const audyn_sap_entry_t *entries[AUDYN_SAP_SESSIONS];
    unsigned count;
};

static int
compare_entries(const void *one, const void *other)
{
    const audyn_sap_entry_t *a = *(const audyn_sap_entry_t *const *)one;
    const audyn_sap_entry_t *b = *(const audyn_sap_entry_t *const *)other;
    int order = strcmp(a->session.name, b->session.name);
    order = order ? order : strcmp(a->session.origin, b->session.origin);
    return order ? order : a->interface_index - b->interface_index;
}

static void
make_list(struct list *list, const audyn_sap_directory_t *directory)
{
    list->count = audyn_sap_directory_count(directory);
    for (unsigned i = 0; i < list->count; ++i) {
        list->entries[i] = audyn_sap_directory_at(directory, i);
    }
    qsort(list->entries, list->count, sizeof *list->entries, compare_entries);
}

static void
interface_name(char name[IF_NAMESIZE], const audyn_sap_entry_t *entry)
{
    if (!if_indextoname((unsigned)entry->interface_index, name)) {
        snprintf(name, IF_NAMESIZE, "%d", entry->interface_index);
    }
}

// RFC 3986, section 2.3: all but unreserved characters are escaped.
static void
append_escaped(char *uri, const char *text)
{
    char *out = uri + strlen(uri);
    for (; *text; ++text) {
        const unsigned char c = (unsigned char)*text;
        const char *format = isalnum(c) || strchr("-._~", c) ? "%c" : "%%%02X";
        out += sprintf(out, format, c);
    }
}

// Whether a text that `text_of` takes from a session says alone which one is meant.
static bool
is_unique(const struct list *list, const audyn_sap_entry_t *entry,
          const char *(*text_of)(const audyn_sdp_session_t *session))
{
    const char *text = text_of(&entry->session);
    bool unique = text[0] && strcmp(text, "-") != 0 && strcmp(text, " ") != 0;
    for (unsigned i = 0; i < list->count; ++i) {
        const audyn_sdp_session_t *other = &list->entries[i]->session;
        unique = unique && (strcmp(text_of(other), text) != 0 ||
                            audyn_sap_is_same_session(other, &entry->session));
    }
    return unique;
}

static const char *
name_of(const audyn_sdp_session_t *session)
{
    return session->name;
}

static const char *
origin_of(const audyn_sdp_session_t *session)
{
    return session->origin;
}

// The stream itself, where neither name nor origin says which one is meant.
static void
format_rtp_uri(char uri[URI_BYTES], const audyn_sdp_media_t *media)
{
    char address[AUDYN_ENDPOINT_TEXT];
    audyn_endpoint_format(address, &media->destination);
    snprintf(uri, URI_BYTES, "rtp://%s?format=L%u/%u/%u&pt=%u&iface=", address,
             media->format.bits, media->format.sample_rate, media->format.channels,
             media->payload_type);
}

// What records a section, and with it those that carry the same.
static void
format_uri(char uri[URI_BYTES], const struct list *list, const audyn_sap_entry_t *entry,
           unsigned media)
{
    const audyn_sdp_session_t *session = &entry->session;
    const bool by_name = is_unique(list, entry, name_of);
    const bool by_origin = !by_name && is_unique(list, entry, origin_of);
    if (by_name || by_origin) {
        snprintf(uri, URI_BYTES, "sap:");
        append_escaped(uri, by_name ? session->name : session->origin);
        strcat(uri, "?iface=");
    } else {
        format_rtp_uri(uri, &session->media[media]);
    }
    char interface[IF_NAMESIZE];
    interface_name(interface, entry);
    append_escaped(uri, interface);
    if ((by_name || by_origin) && session->media_count > 1) {
        sprintf(uri + strlen(uri), "&media=%u", session->media[media].duplicate_of + 1);
    }
}

static void
fill_row(struct row *row, const audyn_sap_entry_t *entry, unsigned index)
{
    const audyn_sdp_session_t *session = &entry->session;
    const audyn_sdp_media_t *media = &session->media[index];
    char(*cells)[CELL_BYTES] = row->cells;
    snprintf(cells[NAME], CELL_BYTES, "%s", session->name);
    snprintf(cells[ORIGIN], CELL_BYTES, "%s", session->origin);
    interface_name(cells[INTERFACE], entry);
    for (enum column column = ADDRESS; column <= PACKET_TIME; ++column) {
        strcpy(cells[column], "-");
    }
    if (index >= session->media_count) {
        return;
    }
    audyn_endpoint_format(cells[ADDRESS], &media->destination);
    snprintf(cells[FORMAT], CELL_BYTES, "L%u/%u/%u", media->format.bits,
             media->format.sample_rate, media->format.channels);
    if (audyn_media_packet_time_ms(media) > 0.0) {
        snprintf(cells[PACKET_TIME], CELL_BYTES, "%g ms",
                 audyn_media_packet_time_ms(media));
    }
}

// Columns on a terminal: characters of UTF-8 that take more or less than one are rare.
static int
width_of(const char *text)
{
    int width = 0;
    for (; *text; ++text) {
        width += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return width;
}

static unsigned
rows_of(const audyn_sap_entry_t *entry)
{
    return entry->session.media_count ? entry->session.media_count : 1;
}

static void
measure(int widths[COLUMNS], const struct row *row)
{
    for (unsigned column = 0; column < COLUMNS; ++column) {
        const int width = width_of(row->cells[column]);
        widths[column] = widths[column] > width ? widths[column] : width;
    }
}

static void
print_row(const int widths[COLUMNS], const struct row *row)
{
    for (unsigned column = 0; column < COLUMNS - 1; ++column) {
        const char *cell = row->cells[column];
        printf("%s%*s", cell, widths[column] - width_of(cell) + 2, "");
    }
    puts(row->cells[COLUMNS - 1]);
}

static void
print_details(const struct list *list, const audyn_sap_entry_t *entry, unsigned index)
{
    const audyn_sdp_media_t *media = &entry->session.media[index];
    if (index >= entry->session.media_count) {
        printf("    cannot be recorded: %s\n", entry->problem.text);
        return;
    }
    char mediaclk[AUDYN_MEDIACLK_TEXT];
    audyn_media_format_clock(mediaclk, &media->mediaclk);
    printf("    clock %s%s%s\n", media->ts_refclk[0] ? media->ts_refclk : "not said",
           mediaclk[0] ? ", media clock " : "", mediaclk);
    if (media->duplicate_of != index) {
        printf("    carries the same as section %u\n", media->duplicate_of + 1);
        return;
    }
    char uri[URI_BYTES];
    format_uri(uri, list, entry, index);
    printf("    audyn record '%s' -o FILE.wav\n", uri);
}

bool
audyn_discover_print_table(const audyn_sap_directory_t *directory)
{
    static const struct row heading = {
        {"NAME", "ADDRESS", "FORMAT", "PTIME", "INTERFACE", "ORIGIN"}};
    struct list list;
    make_list(&list, directory);
    int widths[COLUMNS] = {0};
    measure(widths, &heading);
    struct row row;
    for (unsigned i = 0; i < list.count; ++i) {
        for (unsigned media = 0; media < rows_of(list.entries[i]); ++media) {
            fill_row(&row, list.entries[i], media);
            measure(widths, &row);
        }
    }
    if (list.count) {
        print_row(widths, &heading);
    }
    for (unsigned i = 0; i < list.count; ++i) {
        for (unsigned media = 0; media < rows_of(list.entries[i]); ++media) {
            fill_row(&row, list.entries[i], media);
            print_row(widths, &row);
            print_details(&list, list.entries[i], media);
        }
    }
    return !ferror(stdout) && !fflush(stdout);
}

static json_t *
media_json(const struct list *list, const audyn_sap_entry_t *entry, unsigned index)
{
    const audyn_sdp_media_t *media = &entry->session.media[index];
    char address[AUDYN_ENDPOINT_TEXT];
    audyn_endpoint_format(address, &media->destination);
    char source[INET_ADDRSTRLEN] = "";
    if (media->source.s_addr) {
        inet_ntop(AF_INET, &media->source, source, sizeof source);
    }
    char uri[URI_BYTES];
    format_uri(uri, list, entry, index);
    json_t *json = json_pack(
        "{s:s, s:o, s:i, s:i, s:i, s:i, s:i, s:s}", "address", address, "source",
        audyn_json_text_or_null(source), "bits", (int)media->format.bits, "sample_rate",
        (int)media->format.sample_rate, "channels", (int)media->format.channels,
        "payload_type", (int)media->payload_type, "same_as_section",
        (int)media->duplicate_of + 1, "record", uri);
    audyn_media_add(json, media);
    return json;
}

static json_t *
session_json(const struct list *list, const audyn_sap_entry_t *entry)
{
    char interface[IF_NAMESIZE];
    interface_name(interface, entry);
    char sender[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &entry->sender, sender, sizeof sender);
    json_t *streams = json_array();
    for (unsigned i = 0; i < entry->session.media_count; ++i) {
        json_array_append_new(streams, media_json(list, entry, i));
    }
    return json_pack("{s:o, s:o, s:I, s:s, s:o, s:o, s:o}", "name",
                     audyn_json_text(entry->session.name), "origin",
                     audyn_json_text(entry->session.origin), "version",
                     (json_int_t)entry->session.version, "sender", sender, "interface",
                     audyn_json_text(interface), "problem",
                     audyn_json_text_or_null(entry->problem.text), "streams", streams);
}

bool
audyn_discover_print_json(const audyn_sap_directory_t *directory)
{
    struct list list;
    make_list(&list, directory);
    json_t *sessions = json_array();
    for (unsigned i = 0; i < list.count; ++i) {
        json_array_append_new(sessions, session_json(&list, list.entries[i]));
    }
    json_t *object = json_pack("{s:o}", "sessions", sessions);
    const int failed = !object || json_dumpf(object, stdout, JSON_INDENT(2));
    json_decref(object);
    return !failed && putchar('\n') != EOF && !fflush(stdout);
}
