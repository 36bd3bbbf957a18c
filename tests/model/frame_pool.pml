/* SPDX-FileCopyrightText: 2026 The Audyn authors
 * SPDX-License-Identifier: MIT
 *
 * The frame pool's algorithm where every thread sees each store at once: sequential
 * consistency.  An access to what both threads use begins a step; what only one thread
 * sees goes along with it.  Faults are put in with -D.
 *
 * The plain stack beside it is what the pool must agree with: a release counts from its
 * store to `published` on, acquire and unacquire count at their load of it.
 */

#ifndef FRAMES
#define FRAMES 3
#endif
#define NONE FRAMES

/* Sequences count modulo this, loans modulo 2, so that they wrap all the time. */
#if FRAMES < 4
#define SEQUENCES 4
#else
#define SEQUENCES 8
#endif

/* Who has each frame.  The link of a free one is the acquirer's. */
mtype = { FREE, IN_HAND, HANDED_OVER, RELEASING };
mtype place[FRAMES] = FREE;

/* The plain stack; the pool starts full, with frame 0 on top. */
byte stack[FRAMES], height;

/* Shared. */
byte published_sequence, published_index;
byte link[FRAMES], loans[FRAMES], returned[FRAMES];

inline stack_push(pushed)
{
    assert(height < FRAMES);
    stack[height] = pushed;
    height++
}

inline stack_pop(popped)
{
    if
    :: height > 0 ->
        height--;
        popped = stack[height];
        stack[height] = 0
    :: else -> popped = NONE
    fi
}

inline follow_link(from, to)
{
    assert(from < FRAMES && place[from] == FREE);
    to = link[from]
}

inline push_boundary()
{
    if
    :: count > 0 ->
        boundary_top[boundaries] = top;
        boundary_count[boundaries] = count;
        boundaries++;
        assert(boundaries < FRAMES)
    :: else
    fi
}

inline pop_boundary()
{
    boundaries--;
#ifdef ALONG_THE_LINK
    follow_link(top, top);
#else
    top = boundary_top[boundaries];
#endif
    count = boundary_count[boundaries];
    boundary_top[boundaries] = 0;
    boundary_count[boundaries] = 0
}

inline step_down()
{
#ifdef LOOK_AHEAD
    follow_link(top, index);
    if
    :: index != NONE -> follow_link(index, index)
    :: else
    fi;
#endif
    count--;
    if
    :: count > 0 -> follow_link(top, top)
    :: count == 0 && boundaries > 0 -> pop_boundary()
    :: else -> top = 0
    fi
}

inline load_published()
{
    index = published_index;
    fresh = (published_sequence + SEQUENCES - seen) % SEQUENCES;
#ifdef GREATER
    if
    :: published_sequence < seen -> fresh = 0
    :: else
    fi;
#endif
    seen = published_sequence
}

/* What must not be followed any more is cleared, which also keeps the states few: the link
 * of the last frame of the current run, and that of a frame that is handed out. */
inline clear_last_link()
{
    at = top;
    for (i : 2 .. count) {
        follow_link(at, at)
    }
    follow_link(at, i);
    link[at] = NONE;
    at = 0;
    i = 0
}

inline take_batch()
{
#ifndef NO_BOUNDARY_IN_ACQUIRE
    push_boundary();
#endif
    follow_link(index, top);
#ifdef RUN_TOO_LONG
    count = fresh
#else
    count = fresh - 1
#endif
    clear_last_link()
}

inline acquire()
{
    d_step {
        load_published();
        stack_pop(expected)
    }
    d_step {
        frame = index;
        if
        :: fresh == 1
        :: fresh > 1 -> take_batch()
        :: fresh == 0 && count > 0 -> frame = top; step_down()
        :: else -> frame = NONE
        fi;
        assert(frame == expected)
    }
    d_step {
        if
        :: frame < FRAMES ->
            assert(place[frame] == FREE);
            place[frame] = IN_HAND;
#ifndef NO_LOAN
            loans[frame] = 1 - loans[frame];
#endif
            link[frame] = NONE
        :: else
        fi;
        forget()
    }
}

inline unacquire()
{
    assert(loans[frame] != returned[frame]);
    d_step {
#ifndef NO_ABSORB
        load_published();
        if
        :: fresh > 0 ->
#ifndef NO_BOUNDARY_IN_UNACQUIRE
            push_boundary();
#endif
            top = index;
            count = fresh;
            clear_last_link()
        :: else
        fi;
#endif
        stack_push(frame)
    }
    d_step {
        assert(place[frame] == IN_HAND);
#ifndef NO_LINK_IN_UNACQUIRE
        link[frame] = top;
#endif
        top = frame;
        count++;
        place[frame] = FREE
    }
    d_step {
        loans[frame] = 1 - loans[frame];
        forget()
    }
}

inline forget()
{
    index = 0;
    fresh = 0;
    frame = 0;
    expected = 0
}

/* Any frame that is at `wanted`, or NONE. */
inline choose_frame(wanted)
{
    select(frame : 0 .. FRAMES - 1);
    if
    :: place[frame] == wanted
    :: else -> frame = NONE
    fi
}

proctype acquirer()
{
    /* What it has seen, its current run, and the runs that this one covers. */
    byte seen, top, count = FRAMES;
    byte boundary_top[FRAMES], boundary_count[FRAMES], boundaries;
    byte index, fresh, frame, expected, at, i;
    do
    :: acquire()
    :: atomic { choose_frame(IN_HAND) };
       if
       :: frame < FRAMES -> unacquire()
       :: frame < FRAMES -> d_step { place[frame] = HANDED_OVER; frame = 0 }
       :: else -> frame = 0
       fi
    od
}

inline store_published()
{
    d_step {
        published_sequence = (published_sequence + 1) % SEQUENCES;
        published_index = frame;
        place[frame] = FREE;
        stack_push(frame)
    }
}

inline write_link()
{
    d_step {
        assert(place[frame] == RELEASING);
#ifdef LINK_TO_ITSELF
        link[frame] = frame
#else
        link[frame] = published_index
#endif
    }
}

inline release()
{
    d_step {
        place[frame] = RELEASING;
        assert(loans[frame] != returned[frame])
    }
    returned[frame] = loans[frame];
#ifdef PUBLISHED_FIRST
    store_published();
    write_link();
#else
    write_link();
    store_published();
#endif
}

proctype releaser()
{
    byte frame;
    do
    :: atomic { choose_frame(HANDED_OVER) };
       if
       :: frame < FRAMES -> release()
       :: else
       fi;
       frame = 0
    od
}

init
{
    d_step {
        for (height : 0 .. FRAMES - 1) {
            stack[height] = FRAMES - 1 - height;
            link[height] = height + 1
        }
        height = FRAMES
    }
    atomic {
        run acquirer();
        run releaser()
    }
}
