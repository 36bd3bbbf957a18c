// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#define _LGPL_SOURCE // the inline versions, the faster ones
#include <urcu/lfstack.h>

#define STACK struct __cds_lfs_stack
#define NODE struct cds_lfs_node
#define STACK_INIT __cds_lfs_init
#define NODE_INIT cds_lfs_node_init
#define PUSH cds_lfs_push
#define POP __cds_lfs_pop
#include "peer_stack.h"

DEFINE_PEER(peer_urcu_lfstack, PEER_POOL);
