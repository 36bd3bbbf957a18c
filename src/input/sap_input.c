// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `sap:NAME?iface=eth0&wait=40s&media=1`: an RTP stream that is announced under a name.

#include "core/duration.h"
#include "input/announcements.h"
#include "input/sdp_input.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// Devices announce every 30 s, give or take a third.
#define DEFAULT_WAIT_NS (40 * AUDYN_NS_PER_SECOND)

// For another session of that name, once the first was heard.
#define DOUBT_NS AUDYN_NS_PER_SECOND

static const char known_options[] = "iface, wait, media, leg, channels";

// While one session is looked for.
struct search {
    const char *name;      // or origin
    const char *interface; // NULL: any
    int interface_index;   // 0: any
    int64_t wait_ns;
    audyn_announcements_t *announcements;
};

// A list in words, cut where it would become too long.
struct list {
    char text[256];
    size_t length;
};

static void add_to_list(struct list *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
add_to_list(struct list *list, const char *format, ...)
{
    const size_t room = sizeof list->text - list->length;
    char item[2 * AUDYN_SDP_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(item, sizeof item, format, arguments);
    va_end(arguments);
    const char *comma = list->length ? ", " : "";
    const int length = snprintf(NULL, 0, "%s%s", comma, item);
    if (length >= 0 && (size_t)length + sizeof ", …" < room) {
        snprintf(list->text + list->length, room, "%s%s", comma, item);
        list->length += (size_t)length;
    } else if (!strstr(list->text, "…")) {
        snprintf(list->text + list->length, room, ", …");
    }
}

static bool
matches(const struct search *search, const audyn_sap_entry_t *entry)
{
    const audyn_sdp_session_t *session = &entry->session;
    return (!search->interface_index ||
            search->interface_index == entry->interface_index) &&
           (!strcmp(session->name, search->name) ||
            !strcmp(session->origin, search->name));
}

static const audyn_sap_entry_t *
find_first(const struct search *search)
{
    const audyn_sap_directory_t *directory = search->announcements->directory;
    for (unsigned i = 0; i < audyn_sap_directory_count(directory); ++i) {
        const audyn_sap_entry_t *entry = audyn_sap_directory_at(directory, i);
        if (matches(search, entry)) {
            return entry;
        }
    }
    return NULL;
}

// One session may be heard on several interfaces; more than one is a question.
static audyn_status_t
check_unique(const struct search *search, const audyn_sap_entry_t *first,
             audyn_error_t *error)
{
    const audyn_sap_directory_t *directory = search->announcements->directory;
    struct list list = {.length = 0};
    unsigned others = 0;
    for (unsigned i = 0; i < audyn_sap_directory_count(directory); ++i) {
        const audyn_sap_entry_t *entry = audyn_sap_directory_at(directory, i);
        if (!matches(search, entry)) {
            continue;
        }
        char name[IF_NAMESIZE] = "?";
        if_indextoname((unsigned)entry->interface_index, name);
        add_to_list(&list, "'%s' on %s", entry->session.origin, name);
        others += !audyn_sap_is_same_session(&entry->session, &first->session);
    }
    return others ? audyn_error_set(error, AUDYN_INVALID,
                                    "more than one session is announced as '%s'; their "
                                    "origins are %s; write the origin instead of the "
                                    "name, as audyn discover does",
                                    search->name, list.text)
                  : AUDYN_OK;
}

static audyn_status_t
explain_absence(const struct search *search, audyn_error_t *error)
{
    const audyn_sap_directory_t *directory = search->announcements->directory;
    const char *interfaces =
        search->interface ? search->interface
                          : audyn_sap_listener_interfaces(search->announcements->listener);
    const double seconds = (double)search->wait_ns / (double)AUDYN_NS_PER_SECOND;
    struct list list = {.length = 0};
    const unsigned count = audyn_sap_directory_count(directory);
    for (unsigned i = 0; i < count; ++i) {
        add_to_list(&list, "'%s'", audyn_sap_directory_at(directory, i)->session.name);
    }
    return count ? audyn_error_set(error, AUDYN_NO_SIGNAL,
                                   "'%s' was not announced within %g s on %s; heard "
                                   "were %s",
                                   search->name, seconds, interfaces, list.text)
                 : audyn_error_set(error, AUDYN_NO_SIGNAL,
                                   "'%s' was not announced within %g s on %s, nor "
                                   "anything else; look whether the sender announces by "
                                   "SAP, whether this is the interface (iface=), and "
                                   "whether a firewall drops UDP port %d",
                                   search->name, seconds, interfaces, AUDYN_SAP_PORT);
}

// There may still be one, or another one of that name: it is to be tried again.
static bool
is_too_early(const struct search *search, const audyn_sap_entry_t *entry,
             audyn_error_t *error)
{
    const audyn_clock_t *clock = audyn_clock_system();
    const int64_t listened_ns =
        clock->monotonic_ns(clock) - search->announcements->since_ns;
    if (listened_ns >= (entry ? DOUBT_NS : search->wait_ns)) {
        return false;
    }
    audyn_error_set(error, AUDYN_OK, "stopped before '%s' was announced on %s",
                    search->name,
                    search->interface
                        ? search->interface
                        : audyn_sap_listener_interfaces(search->announcements->listener));
    return true;
}

static audyn_status_t
open_session(audyn_input_t **out, audyn_uri_t *uri, const audyn_sap_entry_t *entry,
             const audyn_input_config_t *config, audyn_error_t *error)
{
    if (!entry->session.media_count) {
        return audyn_error_set(error, AUDYN_NOT_SUPPORTED, "'%s': %s",
                               entry->session.name, entry->problem.text);
    }
    char interface[IF_NAMESIZE];
    audyn_status_t status = AUDYN_OK;
    if (if_indextoname((unsigned)entry->interface_index, interface)) {
        status = audyn_uri_add_default(uri, "iface", interface, error);
    }
    return status ? status : sdp_input_open(out, uri, &entry->session, config, error);
}

static audyn_status_t
find_and_open(struct search *search, audyn_input_t **out, audyn_uri_t *uri,
              const audyn_input_config_t *config, audyn_error_t *error)
{
    audyn_status_t status =
        audyn_interface_find(search->interface, &search->interface_index, error);
    if (!status) {
        status = announcements_hear(search->announcements, error);
    }
    if (status) {
        return status;
    }
    const audyn_sap_entry_t *entry = find_first(search);
    if (is_too_early(search, entry, error)) {
        return AUDYN_OK;
    }
    if (!entry) {
        return explain_absence(search, error);
    }
    status = check_unique(search, entry, error);
    return status ? status : open_session(out, uri, entry, config, error);
}

static audyn_status_t
read_wait(audyn_uri_t *uri, int64_t *wait_ns, audyn_error_t *error)
{
    const char *text = audyn_uri_option(uri, "wait");
    *wait_ns = DEFAULT_WAIT_NS;
    if (text && (!audyn_duration_parse(text, wait_ns) || !*wait_ns)) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "wait=%s is not a length of time such as 40s or 5m", text);
    }
    return AUDYN_OK;
}

static audyn_status_t
read_uri(audyn_uri_t *uri, int64_t *wait_ns, audyn_error_t *error)
{
    if (!*uri->body) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "sap: needs the name of a session, such as "
                               "'sap:Stage%%20left'; audyn discover lists them");
    }
    const audyn_status_t status = read_wait(uri, wait_ns, error);
    return status ? status : sdp_input_check(uri, known_options, error);
}

static audyn_status_t
check_sap(audyn_uri_t *uri, audyn_error_t *error)
{
    int64_t wait_ns;
    return read_uri(uri, &wait_ns, error);
}

// Legs may come in on several interfaces; then so may the announcement.
static const char *
interface_to_hear(audyn_uri_t *uri)
{
    const char *name = audyn_uri_option(uri, "iface");
    return name && strchr(name, ',') ? NULL : name;
}

static audyn_status_t
open_sap(audyn_input_t **out, audyn_uri_t *uri, const audyn_input_config_t *config,
         audyn_error_t *error)
{
    audyn_announcements_t *announcements = config->announcements;
    struct search search = {
        .name = uri->body,
        .interface = interface_to_hear(uri),
        .announcements = announcements,
    };
    audyn_status_t status = read_uri(uri, &search.wait_ns, error);
    if (!status) {
        pthread_mutex_lock(&announcements->mutex);
        status = find_and_open(&search, out, uri, config, error);
        pthread_mutex_unlock(&announcements->mutex);
    }
    return status;
}

const audyn_input_type_t audyn_sap_input = {
    .scheme = "sap",
    .check = check_sap,
    .open = open_sap,
};
