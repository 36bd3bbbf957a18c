// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A program that happens to use the names that libaudyn has inside.

#include <audyn/frame_pool.h>

int frame_pool_create_at(void);
int audyn_memory_map(void);
int audyn_memory_unmap(void);
int audyn_memory_plan_add(void);

int
frame_pool_create_at(void)
{
    return 1;
}

int
audyn_memory_map(void)
{
    return 2;
}

int
audyn_memory_unmap(void)
{
    return 3;
}

int
audyn_memory_plan_add(void)
{
    return 4;
}

int
main(void)
{
    audyn_frame_pool_t *pool = audyn_frame_pool_create(1, 1, 1);
    const bool right = pool && frame_pool_create_at() + audyn_memory_map() +
                                       audyn_memory_unmap() + audyn_memory_plan_add() ==
                                   10;
    audyn_frame_pool_destroy(pool);
    return right ? 0 : 1;
}
