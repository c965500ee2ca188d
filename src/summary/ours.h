/* SPDX-License-Identifier: MIT */
/*
 * What of the tables goes into a summary: all of it, or our own side alone (summary_tables.ours_only), which a flood of
 * strangers can't make longer. Ours are addresses that spoke and were spoken to, the first few that were only claimed, the
 * MACs that have these, and what is at nearly every packet's end, which is the router's own address seen from outside. Of
 * others stay the addresses that findings about ours name.
 *
 * MACs are numbered anew where some are left out, or some places are free.
 */
#pragma once

#include "summary/summary.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	OURS_CLAIMED = 2048, /* addresses that were only claimed, or spoke into the blue */
	OURS_ROUTERS = 64,   /* MACs without an address of ours that forward for others */
	OURS_TRIED = 4096    /* logins of strangers that came to nothing */
};

struct ours {
	const struct summary_tables *t;
	bool alone;	 /* strangers are left out */
	uint16_t *macs;	 /* by our number, that of the file, or NO_MAC; NULL: the same */
	uint32_t macs_n; /* in the file */
	uint8_t *binds;	 /* a byte for each binding: is it in? NULL: all are */
	uint32_t binds_n;
	uint32_t tried; /* logins of strangers that were let in so far, in this pass */
};

/* False when memory is out. */
bool ours_init(struct ours *o, const struct summary_tables *t);
void ours_fini(struct ours *o);

bool ours_mac(const struct ours *o, uint32_t mac);
bool ours_binding(const struct ours *o, uint32_t bind);
bool ours_host(const struct ours *o, const struct host *host);
bool ours_record(const struct ours *o, const struct lane *lane, const struct flood_record *r);
bool ours_fact(const struct ours *o, const struct fact *fact);
/* To be asked once for each, in order, in each pass. */
bool ours_login(struct ours *o, const struct login_fact *login);
