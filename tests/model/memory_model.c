// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "memory_model.h"

#include <string.h>

static uint64_t
initial_value(const struct registry *registry, unsigned granule, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, registry->base + (size_t)granule * GRANULE, size);
    return value;
}

static void
add_object(struct registry *registry, struct object object)
{
    if (registry->object_count == MOST_OBJECTS) {
        registry->full = true;
        return;
    }
    registry->objects[registry->object_count++] = object;
    registry->object_at[object.granule] = registry->object_count;
    registry->grown = true;
}

int
registry_object(struct registry *registry, int thread, unsigned granule, unsigned size,
                bool write, bool exact)
{
    if (!registry->object_at[granule]) {
        add_object(registry, (struct object){
                                 .granule = (uint16_t)granule,
                                 .size = (uint8_t)size,
                                 .writer = -1,
                                 .exact = exact,
                                 .initially = initial_value(registry, granule, size),
                             });
    }
    const int index = registry->full ? 0 : registry->object_at[granule] - 1;
    struct object *object = &registry->objects[index];
    object->touched |= (uint8_t)(1U << thread);
    if (write && object->writer < 0) {
        object->writer = (int8_t)thread;
    }
    if (!object->shared && object->writer >= 0 &&
        object->touched == (1U << THREADS) - 1) {
        object->shared = registry->grown = true;
    }
    return index;
}

// Appends `granule` to a list.
static void
note(struct registry *registry, uint16_t *list, uint8_t *count, unsigned most,
     unsigned granule)
{
    if (*count == most) {
        registry->full = true;
        return;
    }
    list[(*count)++] = (uint16_t)granule;
    registry->grown = true;
}

int
registry_plain(struct registry *registry, int thread, unsigned granule, bool write)
{
    const unsigned before = registry->touched[granule];
    const unsigned touched = before | 1U << (2 * thread + write);
    registry->touched[granule] = (uint8_t)touched;
    const bool first_write = write && !(before & 10U);
    if (first_write && (size_t)granule * GRANULE < registry->image_size) {
        note(registry, registry->written, &registry->written_count, MOST_WRITTEN,
             granule);
    }
    const bool shared = touched & 3U && touched & 12U && touched & 10U;
    if (shared && !registry->shared_at[granule]) {
        note(registry, registry->shared, &registry->shared_count, MOST_SHARED, granule);
        registry->shared_at[granule] = registry->shared_count;
    }
    return registry->shared_at[granule] - 1;
}

void
memory_init(struct memory *memory, const struct registry *registry)
{
    memset(memory, 0, sizeof *memory);
    for (unsigned i = 0; i < registry->object_count; ++i) {
        memory->histories[i].count = 1;
        memory->histories[i].messages[0].value = registry->objects[i].initially;
    }
}

// Forgets the `count` oldest values.
static void
drop(struct history *history, uint32_t count)
{
    history->dropped += count;
    history->count -= count;
    memmove(history->messages, history->messages + count,
            history->count * sizeof *history->messages);
}

uint32_t
memory_publish(struct memory *memory, int thread)
{
    return ++memory->releases[thread];
}

void
memory_join(struct memory *memory, const struct registry *registry, int thread,
            uint32_t stamp)
{
    if (memory->known[thread] >= stamp) {
        return;
    }
    memory->known[thread] = stamp;
    for (unsigned i = 0; i < registry->object_count; ++i) {
        struct history *history = &memory->histories[i];
        uint32_t known = 0;
        while (registry->objects[i].writer != thread && known + 1 < history->count &&
               history->messages[known + 1].stamp <= stamp) {
            ++known;
        }
        drop(history, known);
    }
}

uint32_t
memory_readable(const struct memory *memory, const struct registry *registry, int thread,
                int object)
{
    const struct history *history = &memory->histories[object];
    if (registry->objects[object].writer == thread) {
        return 1;
    }
    return registry->objects[object].exact
               ? history->messages[0].stamp <= memory->known[thread]
               : history->count;
}

uint64_t
memory_load(struct memory *memory, const struct registry *registry, int thread,
            int object, uint32_t staleness, bool acquire)
{
    struct history *history = &memory->histories[object];
    const uint32_t index = history->count - 1 - staleness;
    const struct message message = history->messages[index];
    if (registry->objects[object].writer != thread) {
        drop(history, index);
        if (acquire && message.release) {
            memory_join(memory, registry, thread, message.stamp);
        }
    }
    return message.value;
}

bool
memory_store(struct memory *memory, const struct registry *registry, int thread,
             int object, uint64_t value, bool release)
{
    struct history *history = &memory->histories[object];
    if (!registry->objects[object].shared || registry->objects[object].exact) {
        drop(history, history->count);
    }
    if (history->count == MOST_MESSAGES) {
        return false;
    }
    memory->releases[thread] += release;
    history->messages[history->count++] = (struct message){
        .value = value,
        .stamp = memory->releases[thread] + !release,
        .release = release,
    };
    return true;
}

bool
memory_races(const struct memory *memory, int thread, int shared, bool write)
{
    const struct accesses *accesses = &memory->accesses[shared];
    const uint32_t known = memory->known[thread];
    return accesses->written[!thread] > known ||
           (write && accesses->read[!thread] > known);
}

void
memory_access(struct memory *memory, int thread, int shared, bool write)
{
    struct accesses *accesses = &memory->accesses[shared];
    *(write ? &accesses->written[thread] : &accesses->read[thread]) =
        memory->releases[thread] + 1;
}

void
memory_claim(struct memory *memory, const struct registry *registry, int thread,
             unsigned granule)
{
    const uint32_t stamp = memory->releases[thread] + 1;
    if (registry->shared_at[granule]) {
        struct accesses *accesses = &memory->accesses[registry->shared_at[granule] - 1];
        accesses->read[thread] = accesses->written[thread] = stamp;
    }
    if (registry->object_at[granule]) {
        const int index = registry->object_at[granule] - 1;
        const struct object *object = &registry->objects[index];
        if (object->shared && object->exact && object->writer == thread) {
            memory->histories[index].messages[0].stamp = stamp;
        }
    }
}

uint32_t
memory_beyond(const struct memory *memory, int thread, uint32_t stamp)
{
    const uint32_t known = memory->known[!thread];
    return stamp > known ? stamp - known : 0;
}
