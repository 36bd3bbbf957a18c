// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Of its flavours the one for unique nodes: without a generation count, and as one thread
// pops, safe without it.

#include <ck_stack.h>

#define STACK struct ck_stack
#define NODE struct ck_stack_entry
#define STACK_INIT ck_stack_init
#define NODE_INIT(node) ((void)(node))
#define PUSH ck_stack_push_upmc
#define POP ck_stack_pop_upmc
#include "peer_stack.h"

DEFINE_PEER(peer_ck_stack, PEER_POOL);
