/* SPDX-License-Identifier: MIT */
/*
 * Link-local multicast name resolution (RFC 4795): whoever answers for a name calls itself so. Questions are for names
 * of others and tell nothing of the asker's own. Answers for names in conflict (2.1.1, C) and for names that are only
 * tried (T) are passed over.
 */
#include "proto/names.h"
#include "proto/proto.h"

enum {
	PORT = 5355,
	FLAG_RESPONSE = 0x8000,
	FLAG_CONFLICT = 0x0400,
	FLAG_TENTATIVE = 0x0100,
	FLAGS_ZERO = 0x78f0, /* opcode and reserved bits */
	RCODE = 0x000f
};

/* One question of the Internet; a question that is asked brings no answers along. */
static bool header_is_sane(const struct names *n)
{
	if ((n->flags & FLAGS_ZERO) != 0 || n->count[SECTION_QUESTION] != 1)
		return false;
	return (n->flags & FLAG_RESPONSE) != 0 ||
	       ((n->flags & RCODE) == 0 && n->count[SECTION_ANSWER] == 0 &&
		n->count[SECTION_AUTHORITY] == 0);
}

static enum match llmnr_mine(const struct glance *g)
{
	struct names n;
	struct entry question;
	enum names_end end;

	if ((g->sport != PORT && g->dport != PORT) || !names_open(&n, g->data) ||
	    !header_is_sane(&n) || !names_next(&n, &question) ||
	    (question.class != CLASS_IN && question.class != CLASS_ANY) || question.name.len == 0)
		return MATCH_NO;
	end = names_walk(&n, NULL);
	return end == NAMES_EXACT || end == NAMES_CUT ? MATCH_YES : MATCH_NO;
}

static bool llmnr_datagram(const struct talk *t, struct telling *to)
{
	const uint16_t unsure = FLAG_CONFLICT | FLAG_TENTATIVE | RCODE;
	struct names n;
	struct entry e;

	if (!names_open(&n, t->data) || !header_is_sane(&n))
		return false;
	if ((n.flags & FLAG_RESPONSE) == 0 || t->packet->sport != PORT)
		return true;
	tell_service(to, t, SENDER, &proto_llmnr);
	while ((n.flags & unsure) == 0 && names_next(&n, &e)) {
		if (e.section != SECTION_ANSWER || e.class != CLASS_IN ||
		    name_is_reverse(name_view(&e.name)))
			continue;
		if (e.type == RECORD_A || e.type == RECORD_AAAA)
			tell(to, t, SIGNAL_llmnr_name, SENDER, name_view(&e.name));
	}
	return names_end(&n) != NAMES_MALFORMED;
}

const struct proto proto_llmnr = {.name = "llmnr",
				  .summary = "names on the local link, as Windows asks (RFC 4795)",
				  .carriers = OVER_UDP,
				  .timid = true,
				  .ports = {PORT},
				  .mine = llmnr_mine,
				  .datagram = llmnr_datagram};
