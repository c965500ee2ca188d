/* SPDX-License-Identifier: MIT */
/*
 * Which packets a report cites, who cites them, and why: what --evidence writes, and what its comments say. They are
 * all that the model holds, so those of the JSON report and the packets of attacks, whatever a text report leaves out.
 */
#pragma once

#include "base/text.h"
#include "verdict/judged.h"

#include <stddef.h>

/* In the order in which the reasons of one packet are told. */
enum citation_kind { CITATION_EVIDENCE, CITATION_EXPOSURE, CITATION_CLAIM, CITATION_ATTACK };

/* One reason for one packet. It points into the model. */
struct citation {
	struct where where;
	enum citation_kind kind;
	const struct device *device; /* whose; NULL for an attack */
	union {
		const struct evidence *evidence;
		const struct exposure *exposure;
		const struct claim *claim;
		const struct attack *attack;
	};
};

/*
 * All of them, sorted by (input, packet), then in the report's order; a reason that names a packet twice counts once.
 * 0, or -ENOMEM. The caller frees *list.
 */
int citations_collect(const struct judged *judged, struct citation **list, size_t *n);

/* "mac:… (192.168.1.20): mirai-scan (scanning): 412 SYNs …", one line without its end, fit for a terminal. */
void citation_say(const struct citation *c, struct text *to);
/* "packet 10233 of shop.pcapng"; with several inputs "packet 10233 of input 1, shop.pcapng". */
void citation_say_packet(const struct judged *judged, const struct where *where, struct text *to);
