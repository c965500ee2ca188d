/* SPDX-License-Identifier: MIT */
/*
 * What cordon-enforce does with a message, and the state that it keeps for that: its copy of the elements, who may not be held,
 * and whether the kernel has what the copy says.
 */
#pragma once

#include "enforce/check.h"
#include "enforce/held.h"
#include "enforce/watch.h"
#include "enforce/xdp.h"

#include <stdbool.h>

struct work {
	struct enforce_place place;
	struct here here;
	struct held held;
	struct netlink netlink; /* elements and connections */
	struct netlink route;
	struct watch watch;
	struct xdp xdp;
	bool untidy;	  /* a device is contained no longer: who looked at it goes */
	bool removed;	  /* REMOVE_ALL was said: nothing is put back */
	uint32_t reloads; /* how often the tables were put back */
	struct here_link loaded[RULESET_PORTS]; /* the ports that the rules were loaded for */
	size_t loaded_n;
	bool by_port; /* … and are to be loaded anew for, not because of somebody */
};

/* With place.xdp: loads the XDP program, while there is CAP_BPF. When it can't
 * be, that is said, and the firewall holds alone. */
void work_load(struct work *w);
/* Takes XDP programs of ours off their interfaces, for who runs without
 * work_begin(). */
void work_take_off(void);
/* Opens everything, takes over what stands in the kernel's sets, loads the rules. 0 or -errno, and said why. */
int work_begin(struct work *w, int64_t now_ns);
/* One message, checked; m becomes the answer. */
void work_do(struct work *w, struct enforce_message *m, const struct contain_element *e,
	     int64_t now_ns);
/* When nothing is waiting, if w->untidy: takes out viewers of devices that are contained no longer. */
void work_tidy(struct work *w, int64_t now_ns);
/* Is there anything to do once a second? */
bool work_ticks(const struct work *w);
/* Once a second: forgets what timed out. */
void work_tick(struct work *w, int64_t now_ns);
/* Something was heard of tables or interfaces. True: the tables were put back, or could not be, and *m says so. */
bool work_mend(struct work *w, struct enforce_message *m, int64_t now_ns);
