// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Where a stream's samples get their place: between the input thread, which puts
/// samples where their position says, and the worker, which sees one unbroken line.
///
/// The input thread keeps the frames of the last `window` sample frames open.  Samples
/// are converted straight into them, in any order; what is there already is left alone;
/// what never came is silence.  When the window passes, a frame's content is decided and
/// it goes to the worker.  The pool is the jitter buffer.
///
/// Where the same samples come on several legs (SMPTE ST 2022-7), the first to come are
/// converted and the others compared with them.  A sample counts as received on the
/// lowest leg that has brought it before it was decided; where legs bring other samples,
/// those of the lowest stay.

#ifndef AUDYN_INPUT_TIMELINE_H
#define AUDYN_INPUT_TIMELINE_H

#include "pcm/select.h"

#include <audyn/audio_queue.h>

typedef struct audyn_timeline audyn_timeline_t;

/// Copied by audyn_timeline_create().
typedef struct {
    uint32_t sample_rate; ///< Hz
    uint32_t channels;    ///< 1 to 64
    uint32_t window_ms;   ///< how long a late packet still finds its place, to 2000
    uint32_t buffer_ms;   ///< how long the worker may stand still, 100 to 60000
} audyn_timeline_config_t;

/// Most ways by which the same packets come in (SMPTE ST 2022-7).
#define AUDYN_LEGS 4

/// Why a sample of the timeline is as it is.  Each has exactly one class.
typedef enum {
    AUDYN_SAMPLE_LOST,      ///< it never came
    AUDYN_SAMPLE_LATE,      ///< it came after its window had passed
    AUDYN_SAMPLE_NO_FRAME,  ///< it came, but no frame was free
    AUDYN_SAMPLE_NO_SIGNAL, ///< there was no stream
    /// It came on leg 0; AUDYN_SAMPLE_RECEIVED + n: on leg n, and on no lower one.
    AUDYN_SAMPLE_RECEIVED,
    AUDYN_SAMPLE_CLASSES = AUDYN_SAMPLE_RECEIVED + AUDYN_LEGS, ///< how many there are
} audyn_sample_class_t;

/// It is in the recording as it was sent.
static inline bool
audyn_sample_is_received(audyn_sample_class_t class)
{
    return class >= AUDYN_SAMPLE_RECEIVED;
}

/// Of all legs.
static inline uint64_t
audyn_samples_received(const uint64_t counts[AUDYN_SAMPLE_CLASSES])
{
    uint64_t received = 0;
    for (int i = AUDYN_SAMPLE_RECEIVED; i < AUDYN_SAMPLE_CLASSES; ++i) {
        received += counts[i];
    }
    return received;
}

/// Samples that are to be placed.
typedef struct {
    uint64_t position;          ///< of the first, in sample frames
    uint32_t sample_frames;     ///< at least 1, at most audyn_timeline_max_placed()
    uint32_t bytes;             ///< of one sample in `data`
    const void *data;           ///< interleaved
    audyn_pcm_decode_t *decode; ///< from `data` to float
    unsigned leg;               ///< 0 to AUDYN_LEGS − 1: by which they came
    /// Those of the channels in `data` that the timeline has; NULL: they are the same.
    const audyn_selection_t *selection;
} audyn_samples_t;

/// What became of them; the sum is their number.
typedef struct {
    uint32_t placed, duplicate, late, no_frame; ///< sample frames
    uint32_t differing;    ///< of the duplicates: another leg had brought other samples
    uint32_t differs_from; ///< bit n: leg n had
} audyn_placement_t;

/// Not real-time.  The timeline owns its pool and its queue.  On failure `*out` is NULL.
audyn_status_t audyn_timeline_create(audyn_timeline_t **out,
                                     const audyn_timeline_config_t *config);

/// After both threads have left it.  Accepts NULL.
void audyn_timeline_destroy(audyn_timeline_t *timeline);

/// Any thread.
void audyn_timeline_get_pool_stats(const audyn_timeline_t *timeline,
                                   audyn_frame_pool_stats_t *stats);

/// Any thread.  Memory held, the pool's included.
size_t audyn_timeline_bytes(const audyn_timeline_t *timeline);

/// The most sample frames that one audyn_timeline_place() takes.
uint32_t audyn_timeline_max_placed(const audyn_timeline_t *timeline) AUDYN_REALTIME;

/// Input thread.  The first call sets where the timeline lies; until the first window
/// has passed, earlier samples still move its start.
void audyn_timeline_place(audyn_timeline_t *timeline, const audyn_samples_t *samples,
                          audyn_placement_t *placement) AUDYN_REALTIME;

/// Input thread.  Places nothing: only compares with what other legs have brought, as
/// far as it is not decided yet.  Of the placement, `duplicate` and the two that tell of
/// differences are counted.
void audyn_timeline_compare(const audyn_timeline_t *timeline,
                            const audyn_samples_t *samples,
                            audyn_placement_t *placement) AUDYN_REALTIME;

/// Input thread.  What counts as received on `leg` and is not decided yet becomes lost.
void audyn_timeline_take_back(audyn_timeline_t *timeline, unsigned leg) AUDYN_REALTIME;

/// Input thread.  Lets the timeline go on in silence up to `position`, as no signal.
void audyn_timeline_idle(audyn_timeline_t *timeline, uint64_t position) AUDYN_REALTIME;

/// Input thread.  One past the newest sample so far; 0 before the first.
uint64_t audyn_timeline_end(const audyn_timeline_t *timeline) AUDYN_REALTIME;

/// Input thread, or any other once that has stopped.  Decides all that is open; nothing
/// may be placed afterwards.  Harmless when repeated.
void audyn_timeline_finish(audyn_timeline_t *timeline) AUDYN_REALTIME;

/// Input thread of a source that can wait (never a real-time one): frames are free for
/// another `sample_frames`.
bool audyn_timeline_has_room(const audyn_timeline_t *timeline, uint32_t sample_frames);

/// A stretch of the timeline, as the worker sees it.
typedef struct {
    uint64_t position;      ///< of its first sample; where the previous one ended
    uint64_t sample_frames; ///< at least 1
    const float *samples;   ///< interleaved; NULL: silence
    audyn_audio_frame_t *frame;
} audyn_stretch_t;

/// Worker.  The next stretch, in order and without a hole; false when no more has been
/// decided.  To be given back with audyn_timeline_release() before the next call.
bool audyn_timeline_next(audyn_timeline_t *timeline, audyn_stretch_t *stretch);

/// Worker.
void audyn_timeline_release(audyn_timeline_t *timeline, audyn_stretch_t *stretch);

/// Consecutive samples of one class.
typedef struct {
    uint64_t position;      ///< of the first
    uint64_t sample_frames; ///< at least 1
    audyn_sample_class_t class;
} audyn_span_t;

/// Worker.  What has become final since the last call, a span at a time, in order and
/// without a hole, up to but not including `until`; false when there is no more.  A
/// sample's class is final a second after it was decided, for it may still come late, or
/// once the timeline has finished.  To be called as often as audyn_timeline_next(): what
/// was not seen keeps its place, and where that runs out the input thread has to refuse
/// samples (no frame).
bool audyn_timeline_next_span(audyn_timeline_t *timeline, uint64_t until,
                              audyn_span_t *span);

/// Worker.  The same for those who only want sums: adds to `counts[]`.
void audyn_timeline_count(audyn_timeline_t *timeline, uint64_t until,
                          uint64_t counts[AUDYN_SAMPLE_CLASSES]);

/// Worker.  The input has finished and every stretch was seen.
bool audyn_timeline_ended(audyn_timeline_t *timeline);

#endif
