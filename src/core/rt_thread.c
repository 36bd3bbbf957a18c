// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/rt_thread.h"

#include "core/thread.h"

#include <link.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

// SCHED_FIFO from the first instruction on, or an ordinary thread where that is not
// wanted or the system does not permit it.
static int
create_scheduled(audyn_rt_thread_t *thread, pthread_attr_t *attributes, int priority,
                 void *(*run)(void *), void *argument)
{
    if (!priority) {
        return audyn_thread_create(&thread->thread, attributes, run, argument);
    }
    const struct sched_param parameters = {.sched_priority = priority};
    pthread_attr_setschedpolicy(attributes, SCHED_FIFO);
    pthread_attr_setschedparam(attributes, &parameters);
    pthread_attr_setinheritsched(attributes, PTHREAD_EXPLICIT_SCHED);
    thread->fifo = audyn_thread_create(&thread->thread, attributes, run, argument) == 0;
    if (thread->fifo) {
        return 0;
    }
    pthread_attr_setinheritsched(attributes, PTHREAD_INHERIT_SCHED);
    return audyn_thread_create(&thread->thread, attributes, run, argument);
}

static int
create_thread(audyn_rt_thread_t *thread, int priority, void *(*run)(void *),
              void *argument)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error) {
        return error;
    }
    error = pthread_attr_setstack(&attributes, thread->stack.address, thread->stack.size);
    if (!error) {
        error = create_scheduled(thread, &attributes, priority, run, argument);
    }
    pthread_attr_destroy(&attributes);
    return error;
}

// glibc keeps the thread's descriptor here, and fork() writes to it in the child.  So a
// child gets zeros instead of nothing; the pages are still not shared with it.
static void
wipe_in_children(const audyn_memory_t *stack)
{
    madvise(stack->address, stack->size, MADV_DOFORK);
    madvise(stack->address, stack->size, MADV_WIPEONFORK);
}

static int
map_in_object(struct dl_phdr_info *object, size_t size, void *page_size)
{
    (void)size;
    const uintptr_t page_mask = *(const uintptr_t *)page_size - 1;
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type == PT_LOAD) {
            const uintptr_t start = object->dlpi_addr + segment->p_vaddr;
            const uintptr_t aligned = start & ~page_mask;
            madvise((void *)aligned, start + segment->p_memsz - aligned,
                    MADV_POPULATE_READ);
        }
    }
    return 0;
}

// Code and constants of the program and its libraries come in, from disk if need be, when
// somebody first uses them: not on the real-time thread.  Kernels before 5.14 refuse.
static void
map_in_code(void)
{
    uintptr_t page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    dl_iterate_phdr(map_in_object, &page_size);
}

audyn_status_t
audyn_rt_thread_start(audyn_rt_thread_t *thread, const char *name, int priority,
                      void *(*run)(void *), void *argument)
{
    *thread = (audyn_rt_thread_t){0};
    const audyn_status_t status = audyn_memory_map(
        &thread->stack, AUDYN_RT_THREAD_STACK_BYTES, AUDYN_LOCK_BEST_EFFORT, false);
    if (status) {
        return status;
    }
    wipe_in_children(&thread->stack);
    map_in_code();
    const int error = create_thread(thread, priority, run, argument);
    if (error) {
        audyn_memory_unmap(&thread->stack);
        return audyn_status_from_errno(error);
    }
    pthread_setname_np(thread->thread, name);
    return AUDYN_OK;
}

void
audyn_rt_thread_join(audyn_rt_thread_t *thread)
{
    if (thread->stack.address) {
        pthread_join(thread->thread, NULL);
        audyn_memory_unmap(&thread->stack);
    }
}
