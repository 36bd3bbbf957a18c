// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#define _LGPL_SOURCE // the inline versions, the faster ones
#include <urcu/wfstack.h>

#define STACK struct __cds_wfs_stack
#define NODE struct cds_wfs_node
#define STACK_INIT __cds_wfs_init
#define NODE_INIT cds_wfs_node_init
#define PUSH cds_wfs_push
#define POP __cds_wfs_pop_blocking
#include "peer_stack.h"

DEFINE_PEER(peer_urcu_wfstack, PEER_POOL);
