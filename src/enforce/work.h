/* SPDX-License-Identifier: MIT */
/*
 * What cordon-enforce does with a message, and the state that it keeps for that: its copy of the elements, who may not be held,
 * and whether the kernel has what the copy says.
 */
#pragma once

#include "enforce/check.h"
#include "enforce/held.h"
#include "enforce/watch.h"

#include <stdbool.h>

struct work {
	struct enforce_place place;
	struct here here;
	struct held held;
	struct netlink netlink; /* elements and connections */
	struct netlink route;
	struct watch watch;
	bool removed;			 /* REMOVE_ALL was said: nothing is put back */
	uint32_t reloads;		 /* how often the tables were put back */
	int loaded_index[RULESET_PORTS]; /* the interfaces that the rules were loaded for */
};

/* Opens everything, takes over what stands in the kernel's sets, loads the rules. 0 or -errno, and said why. */
int work_begin(struct work *w, int64_t now_ns);
/* One message, checked; m becomes the answer. */
void work_do(struct work *w, struct enforce_message *m, const struct contain_element *e,
	     int64_t now_ns);
/* Once a second: forgets what timed out. */
void work_tick(struct work *w, int64_t now_ns);
/* Something was heard of tables or interfaces. True: the tables were put back, or could not be, and *m says so. */
bool work_mend(struct work *w, struct enforce_message *m, int64_t now_ns);
