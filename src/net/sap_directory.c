// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "net/sap_directory.h"

#include "core/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_LIFE_NS (3600 * AUDYN_NS_PER_SECOND)
#define INTERVALS 10

// What comes sooner is the same announcement by way of another group.
#define LEAST_INTERVAL_NS AUDYN_NS_PER_SECOND

// Sessions heard lately, by a hash of their names.
#define MEMORY 65536
#define NS_PER_TICK AUDYN_NS_PER_MS

struct trace {
    uint32_t tag;   // more of the hash; 0: none
    uint32_t ticks; // when it was heard first, modulo 2^32
};

struct audyn_sap_directory {
    unsigned count;
    audyn_sap_entry_t entries[AUDYN_SAP_SESSIONS]; // the first `count`
    struct trace memory[MEMORY];
};

audyn_status_t
audyn_sap_directory_create(audyn_sap_directory_t **out)
{
    // Zeroed by the system: a page is there once a session is.
    *out = calloc(1, sizeof **out);
    return *out ? AUDYN_OK : AUDYN_NO_MEMORY;
}

static void
remove_entry(audyn_sap_directory_t *directory, audyn_sap_entry_t *entry)
{
    const audyn_sap_entry_t *last = &directory->entries[--directory->count];
    if (entry != last) {
        *entry = *last;
    }
}

void
audyn_sap_directory_expire(audyn_sap_directory_t *directory, int64_t now_ns)
{
    for (unsigned i = directory->count; i-- > 0;) {
        audyn_sap_entry_t *entry = &directory->entries[i];
        const int64_t life_ns = INTERVALS * entry->interval_ns;
        if (now_ns - entry->heard_ns >
            (life_ns > LEAST_LIFE_NS ? life_ns : LEAST_LIFE_NS)) {
            remove_entry(directory, entry);
        }
    }
}

static bool
is_same_stream(const audyn_sdp_session_t *one, const audyn_sdp_session_t *other)
{
    const audyn_endpoint_t *a = &one->media[0].destination;
    const audyn_endpoint_t *b = &other->media[0].destination;
    return a->address.s_addr == b->address.s_addr && a->port == b->port;
}

bool
audyn_sap_is_same_session(const audyn_sdp_session_t *one,
                          const audyn_sdp_session_t *other)
{
    return !strcmp(one->origin, other->origin) &&
           (one->version != other->version || !one->media_count || !other->media_count ||
            is_same_stream(one, other));
}

static audyn_sap_entry_t *
find_entry(audyn_sap_directory_t *directory, const audyn_sap_entry_t *news)
{
    for (unsigned i = 0; i < directory->count; ++i) {
        audyn_sap_entry_t *entry = &directory->entries[i];
        if (entry->interface_index == news->interface_index &&
            audyn_sap_is_same_session(&entry->session, &news->session)) {
            return entry;
        }
    }
    return NULL;
}

static unsigned
count_of_sender(const audyn_sap_directory_t *directory, const audyn_sap_entry_t *news)
{
    unsigned count = 0;
    for (unsigned i = 0; i < directory->count; ++i) {
        count += directory->entries[i].sender.s_addr == news->sender.s_addr;
    }
    return count;
}

// Whether `one` is to go rather than `other`.
static bool
goes_first(const audyn_sap_entry_t *one, const audyn_sap_entry_t *other)
{
    return one->rank > other->rank ||
           (one->rank == other->rank && one->heard_ns < other->heard_ns);
}

// Of the sessions that were heard once only, of one sender or of all.
static audyn_sap_entry_t *
find_dispensable(audyn_sap_directory_t *directory, const struct in_addr *sender)
{
    audyn_sap_entry_t *found = NULL;
    for (unsigned i = 0; i < directory->count; ++i) {
        audyn_sap_entry_t *entry = &directory->entries[i];
        if (!entry->interval_ns && (!sender || entry->sender.s_addr == sender->s_addr) &&
            (!found || goes_first(entry, found))) {
            found = entry;
        }
    }
    return found;
}

static uint64_t
hash_of(const audyn_sap_entry_t *entry)
{
    // FNV-1a
    uint64_t hash = 14695981039346656037U ^ (uint64_t)entry->interface_index;
    for (const char *c = entry->session.origin; *c; ++c) {
        hash = (hash ^ (uint8_t)*c) * 1099511628211U;
    }
    return hash;
}

// How long ago a session that has no place was heard first; 0: not that is remembered.
static int64_t
remember(audyn_sap_directory_t *directory, const audyn_sap_entry_t *news)
{
    const uint64_t hash = hash_of(news);
    const uint32_t tag = (uint32_t)(hash >> 32) | 1;
    const uint32_t ticks = (uint32_t)(news->heard_ns / NS_PER_TICK);
    struct trace *trace = &directory->memory[hash % MEMORY];
    const int64_t age_ns = (uint32_t)(ticks - trace->ticks) * NS_PER_TICK;
    if (trace->tag == tag && age_ns < LEAST_LIFE_NS) {
        return age_ns < LEAST_INTERVAL_NS ? 0 : age_ns;
    }
    *trace = (struct trace){tag, ticks};
    return 0;
}

static audyn_sap_event_t
add_entry(audyn_sap_directory_t *directory, audyn_sap_entry_t *news)
{
    audyn_sap_entry_t *place = NULL;
    news->rank = count_of_sender(directory, news);
    news->interval_ns = remember(directory, news);
    if (news->rank >= AUDYN_SAP_SESSIONS_OF_ONE) {
        place = find_dispensable(directory, &news->sender);
    } else if (directory->count == AUDYN_SAP_SESSIONS) {
        place = find_dispensable(directory, NULL);
    } else {
        place = &directory->entries[directory->count++];
    }
    if (!place) {
        return AUDYN_SAP_REFUSED;
    }
    *place = *news;
    return AUDYN_SAP_ADDED;
}

static audyn_sap_event_t
update_entry(audyn_sap_entry_t *entry, const audyn_sap_entry_t *news)
{
    if (entry->sender.s_addr != news->sender.s_addr ||
        entry->session.version > news->session.version) {
        return AUDYN_SAP_IGNORED;
    }
    const bool changed = entry->session.version < news->session.version;
    // The latest word counts also from those who forget to raise the version.
    entry->session = news->session;
    entry->problem = news->problem;
    const int64_t interval_ns = news->heard_ns - entry->heard_ns;
    if (interval_ns >= LEAST_INTERVAL_NS) {
        entry->interval_ns = interval_ns;
        entry->heard_ns = news->heard_ns;
    }
    return changed ? AUDYN_SAP_CHANGED : AUDYN_SAP_REPEATED;
}

// A deletion may say no more than who it means: then that is read as a description.
static audyn_status_t
read_session(audyn_sap_entry_t *news, const audyn_sap_packet_t *packet)
{
    const char *payload = packet->payload;
    if (!packet->deletion || payload[0] != 'o') {
        return audyn_sdp_parse(&news->session, payload, packet->payload_bytes,
                               &news->problem);
    }
    const char *end = memchr(payload, '\n', packet->payload_bytes);
    const size_t length = end ? (size_t)(end - payload) : packet->payload_bytes;
    char text[1024];
    snprintf(text, sizeof text, "v=0\n%.*s", (int)length, payload);
    return audyn_sdp_parse(&news->session, text, strlen(text), &news->problem);
}

audyn_sap_event_t
audyn_sap_directory_take(audyn_sap_directory_t *directory,
                         const audyn_sap_packet_t *packet,
                         const audyn_sap_arrival_t *arrival)
{
    audyn_sap_entry_t news = {
        .interface_index = arrival->interface_index,
        .sender = arrival->sender,
        .heard_ns = arrival->now_ns,
    };
    const audyn_status_t status = read_session(&news, packet);
    if ((status && status != AUDYN_NOT_SUPPORTED) || !news.session.origin[0]) {
        return AUDYN_SAP_NO_DESCRIPTION;
    }
    audyn_sap_entry_t *entry = find_entry(directory, &news);
    if (!packet->deletion) {
        return entry ? update_entry(entry, &news) : add_entry(directory, &news);
    }
    if (!entry || entry->sender.s_addr != news.sender.s_addr) {
        return AUDYN_SAP_IGNORED;
    }
    remove_entry(directory, entry);
    return AUDYN_SAP_DELETED;
}

unsigned
audyn_sap_directory_count(const audyn_sap_directory_t *directory)
{
    return directory->count;
}

const audyn_sap_entry_t *
audyn_sap_directory_at(const audyn_sap_directory_t *directory, unsigned index)
{
    return &directory->entries[index];
}

void
audyn_sap_directory_destroy(audyn_sap_directory_t *directory)
{
    free(directory);
}
