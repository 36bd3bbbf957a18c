// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The bytes are a program for two frame pools: right use, every kind of misuse, creation
// at the limits.  A plain model predicts each result and each counter.  Built as a
// release build, which rejects misuse, and as a debug build, which stops; here only the
// call is stopped, so that the program goes on.

#include "fuzz_target.h"

#include "core/frame_pool_debug.h"
#include "pool_limits.h"
#include "pool_model.h"

#include <setjmp.h>
#include <string.h>

#define MOST_OPERATIONS 2000

struct subject {
    audyn_frame_pool_t *pool;
    struct pool_model model;
    uint32_t marks[POOL_MODEL_MOST_FRAMES]; // what the borrower wrote into its frame
};

struct fuzz {
    struct fuzz_bytes bytes;
    struct subject subjects[2];
    uint32_t marks; // how many frames were marked so far
};

enum verdict { TAKEN, IGNORED, GIVEN_BACK_TWICE, FOREIGN };

#ifdef AUDYN_POOL_DEBUG
static struct {
    jmp_buf call;
    bool happened;
    const audyn_audio_frame_t *frame;
    enum pool_rule rule;
} stop;

_Noreturn void __wrap_frame_pool_misuse(const audyn_frame_pool_t *pool,
                                        const audyn_audio_frame_t *frame,
                                        enum pool_rule rule);

_Noreturn void
__wrap_frame_pool_misuse(const audyn_frame_pool_t *pool, const audyn_audio_frame_t *frame,
                         enum pool_rule rule)
{
    EXPECT(frame && frame->pool == pool);
    stop.happened = true;
    stop.frame = frame;
    stop.rule = rule;
    longjmp(stop.call, 1);
}
#endif

// Whether the frame was taken back, as far as release tells.
static bool
call(bool unacquire, audyn_audio_frame_t *frame, bool otherwise)
{
    if (unacquire) {
        audyn_frame_unacquire(frame);
        return otherwise;
    }
    return audyn_frame_release(frame);
}

static void
give_back(bool unacquire, audyn_audio_frame_t *frame, enum verdict verdict)
{
    const bool taken = verdict == TAKEN;
#ifdef AUDYN_POOL_DEBUG
    stop.happened = false;
    if (!setjmp(stop.call)) {
        EXPECT(call(unacquire, frame, taken) == taken);
    }
    EXPECT(stop.happened == (verdict == GIVEN_BACK_TWICE || verdict == FOREIGN));
    if (stop.happened) {
        EXPECT(stop.frame == frame);
        EXPECT(stop.rule == (verdict == FOREIGN ? RULE_NO_COPY : RULE_BACK_ONCE));
    }
#else
    EXPECT(call(unacquire, frame, taken) == taken);
#endif
}

static audyn_audio_frame_t *
frame_at(const struct subject *subject, uint32_t index)
{
    return &subject->pool->frames[index].frame;
}

static uint32_t
choose_frame(struct fuzz *fuzz, const struct subject *subject)
{
    return next_byte(&fuzz->bytes) % subject->model.stats.capacity;
}

static float *
last_sample(const audyn_audio_frame_t *frame)
{
    return &frame->data[frame->sample_frames * frame->channels - 1];
}

static void
create_pool(struct fuzz *fuzz, struct subject *subject)
{
    const uint32_t before_wrap = next_byte(&fuzz->bytes);
    const uint8_t shape = next_byte(&fuzz->bytes);
    const audyn_frame_pool_config_t config = {
        .pool_size = next_byte(&fuzz->bytes) % POOL_MODEL_MOST_FRAMES + 1,
        .channels = shape % 4 + 1,
        .sample_frames_per_buffer = shape / 4 % 16 + 1,
        .alignment = shape & 128 ? 128 : 0,
        .lock = AUDYN_LOCK_NEVER,
    };
    EXPECT(!frame_pool_create_at(&config, 0U - before_wrap, &subject->pool));
    pool_model_init(&subject->model, config.pool_size);
}

static void
acquire(struct fuzz *fuzz, struct subject *subject)
{
    audyn_audio_frame_t *frame = audyn_frame_acquire(subject->pool);
    uint32_t index;
    if (!pool_model_acquire(&subject->model, &index)) {
        EXPECT(!frame);
        return;
    }
    EXPECT(frame == frame_at(subject, index));
    EXPECT(frame->pool == subject->pool);
    subject->marks[index] = fuzz->marks++ & 0xFFFFFF; // exact as a float
    frame->data[0] = *last_sample(frame) = (float)subject->marks[index];
}

static void
give_back_frame(struct subject *subject, uint32_t index, bool unacquire)
{
    audyn_audio_frame_t *frame = frame_at(subject, index);
    const bool lent = subject->model.lent[index];
    if (lent) {
        const float mark = (float)subject->marks[index];
        EXPECT(frame->data[0] == mark && *last_sample(frame) == mark);
    }
    give_back(unacquire, frame, lent ? TAKEN : GIVEN_BACK_TWICE);
    EXPECT(lent == (unacquire ? pool_model_unacquire(&subject->model, index)
                              : pool_model_release(&subject->model, index)));
}

static void
release_one(struct fuzz *fuzz, struct subject *subject)
{
    give_back_frame(subject, choose_frame(fuzz, subject), false);
}

static void
unacquire_one(struct fuzz *fuzz, struct subject *subject)
{
    give_back_frame(subject, choose_frame(fuzz, subject), true);
}

static void
acquire_many(struct fuzz *fuzz, struct subject *subject)
{
    for (unsigned left = next_byte(&fuzz->bytes); left; --left) {
        acquire(fuzz, subject);
    }
}

// In the order of a walk around the pool with a step that the bytes choose.
static void
release_many(struct fuzz *fuzz, struct subject *subject)
{
    uint32_t index = choose_frame(fuzz, subject);
    const uint32_t step = next_byte(&fuzz->bytes);
    for (unsigned left = next_byte(&fuzz->bytes); left; --left) {
        if (subject->model.lent[index]) {
            give_back_frame(subject, index, false);
        }
        index = (index + step) % subject->model.stats.capacity;
    }
}

static void
give_back_null(struct fuzz *fuzz, struct subject *subject)
{
    (void)subject;
    give_back(next_byte(&fuzz->bytes) & 1, NULL, IGNORED);
}

// Gives back what stands at `place` while a copy of `frame` stands there.
static void
give_back_copy(void *place, const audyn_audio_frame_t *frame, bool unacquire)
{
    unsigned char before[sizeof *frame];
    memcpy(before, place, sizeof before);
    memmove(place, frame, sizeof *frame);
    give_back(unacquire, place, FOREIGN);
    memcpy(place, before, sizeof before);
}

static void
give_back_copy_outside(struct fuzz *fuzz, struct subject *subject)
{
    static max_align_t in_static_memory[2];
    max_align_t on_the_stack[2] = {0};
    void *on_the_heap = calloc(1, sizeof(audyn_audio_frame_t));
    EXPECT(on_the_heap);
    void *const places[] = {in_static_memory, on_the_stack, on_the_heap};
    const uint8_t choice = next_byte(&fuzz->bytes);
    give_back_copy(places[choice / 2 % 3], frame_at(subject, choose_frame(fuzz, subject)),
                   choice & 1);
    free(on_the_heap);
    pool_model_foreign(&subject->model);
}

// Between two frames, right behind the last one, or among the samples of a lent one.
static void
give_back_copy_inside(struct fuzz *fuzz, struct subject *subject)
{
    const uint8_t choice = next_byte(&fuzz->bytes);
    const uint32_t index = choose_frame(fuzz, subject);
    audyn_audio_frame_t *frame = frame_at(subject, index);
    unsigned char *slot = (unsigned char *)frame;
    unsigned char *end =
        (unsigned char *)subject->pool->frames + subject->pool->frames_size;
    const bool fits = frame_bytes(frame) >= sizeof *frame && subject->model.lent[index];
    void *const places[] = {slot + 32, slot + 40, end, fits ? (void *)frame->data : end};
    give_back_copy(places[choice / 2 % 4], frame, choice & 1);
    pool_model_foreign(&subject->model);
}

// A frame of one pool that says it is the other's.
static void
give_back_to_the_other(struct fuzz *fuzz, struct subject *subject)
{
    struct subject *other = &fuzz->subjects[subject == fuzz->subjects];
    const audyn_audio_frame_t *one = frame_at(other, 0);
    give_back_copy(frame_at(subject, choose_frame(fuzz, subject)), one,
                   next_byte(&fuzz->bytes) & 1);
    pool_model_foreign(&other->model);
}

static void
create_at_the_limits(struct fuzz *fuzz, struct subject *subject)
{
    (void)subject;
    try_limits(&fuzz->bytes);
}

// What is lent out is gone with it.
static void
create_anew(struct fuzz *fuzz, struct subject *subject)
{
    audyn_frame_pool_destroy(subject->pool);
    create_pool(fuzz, subject);
}

static void
check_counters(const struct subject *subject)
{
    audyn_frame_pool_stats_t stats;
    audyn_frame_pool_get_stats(subject->pool, &stats);
    const audyn_frame_pool_stats_t *expected = &subject->model.stats;
    EXPECT(stats.capacity == expected->capacity);
    EXPECT(stats.in_use == expected->in_use);
    EXPECT(stats.high_water == expected->high_water);
    EXPECT(stats.acquired == expected->acquired);
    EXPECT(stats.released == expected->released);
    EXPECT(stats.unacquired == expected->unacquired);
    EXPECT(stats.exhausted == expected->exhausted);
    EXPECT(stats.foreign == expected->foreign);
    EXPECT(stats.double_released == expected->double_released);
    EXPECT(stats.bytes == subject->pool->memory.size && !stats.locked);
}

// All frames that the model says are free are there, in its order, and no other.
static void
finish(struct fuzz *fuzz, struct subject *subject)
{
    for (uint32_t i = 0; i <= subject->model.stats.capacity; ++i) {
        acquire(fuzz, subject);
    }
    check_counters(subject);
    audyn_frame_pool_destroy(subject->pool);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static void (*const operations[])(struct fuzz *, struct subject *) = {
        acquire,
        release_one,
        acquire_many,
        release_many,
        unacquire_one,
        give_back_null,
        create_anew,
        give_back_copy_outside,
        give_back_copy_inside,
        create_at_the_limits,
        give_back_to_the_other,
    };
    static struct fuzz fuzz;
    fuzz = (struct fuzz){.bytes = {bytes, size}};
    create_pool(&fuzz, &fuzz.subjects[0]);
    create_pool(&fuzz, &fuzz.subjects[1]);
    for (int i = 0; fuzz.bytes.left && i < MOST_OPERATIONS; ++i) {
        const uint8_t choice = next_byte(&fuzz.bytes);
        struct subject *subject = &fuzz.subjects[choice >> 7];
        operations[(choice & 127) % (sizeof operations / sizeof *operations)](&fuzz,
                                                                              subject);
        check_counters(&fuzz.subjects[0]);
        check_counters(&fuzz.subjects[1]);
        EXPECT(live_mappings() == 2);
    }
    finish(&fuzz, &fuzz.subjects[0]);
    finish(&fuzz, &fuzz.subjects[1]);
    EXPECT(live_mappings() == 0);
    return 0;
}
