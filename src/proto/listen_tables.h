/* SPDX-License-Identifier: MIT */
/* Private to listen: the tables of all lanes, from `share` bytes of the budget a lane. 0 or -ENOMEM. */
#pragma once

#include "proto/listen.h"

/* leave and context of each lane's flows are set before and stay. */
int listen_take_flows(struct listeners *l, struct budget *budget, size_t share, uint64_t seed);
int listen_take_facts(struct listeners *l, struct budget *budget, size_t share, uint64_t seed);
