/* SPDX-License-Identifier: MIT */
/*
 * Questions carry no compression pointer in practice, and one that does is refused: there is nothing before it that
 * it could point to but the header (the classic loop of DNS readers).
 *
 * As a protocol (RFC 1035, section 4.1; EDNS: RFC 6891) it is asked about datagrams on any port, so a message must add
 * up to the last byte before it counts as DNS. Who asks is told; of answers only that somebody serves DNS: a flood of
 * reflected answers names a victim that never asked.
 */
#include "proto/dns.h"
#include "proto/names.h"
#include "proto/proto.h"
#include "proto/target.h"

#include "base/scan.h"

enum { LABEL_MAX = 63 };

/* What a byte of a label becomes: letters are lower case; 0: '?'. */
static const char plain[256] = {
	['-'] = '-',	  ['_'] = '_',	    ['0'] = '0',      ['1'] = '1',	['2'] = '2',
	['3'] = '3',	  ['4'] = '4',	    ['5'] = '5',      ['6'] = '6',	['7'] = '7',
	['8'] = '8',	  ['9'] = '9',
#define LETTER(lower, upper) [lower] = (lower), [upper] = (lower)
	LETTER('a', 'A'), LETTER('b', 'B'), LETTER('c', 'C'), LETTER('d', 'D'), LETTER('e', 'E'),
	LETTER('f', 'F'), LETTER('g', 'G'), LETTER('h', 'H'), LETTER('i', 'I'), LETTER('j', 'J'),
	LETTER('k', 'K'), LETTER('l', 'L'), LETTER('m', 'M'), LETTER('n', 'N'), LETTER('o', 'O'),
	LETTER('p', 'P'), LETTER('q', 'Q'), LETTER('r', 'R'), LETTER('s', 'S'), LETTER('t', 'T'),
	LETTER('u', 'U'), LETTER('v', 'V'), LETTER('w', 'W'), LETTER('x', 'X'), LETTER('y', 'Y'),
	LETTER('z', 'Z'),
#undef LETTER
};

static bool read_name(struct cursor *c, struct dns_question *out)
{
	size_t used = 0;

	for (;;) {
		uint8_t len = cursor_u8(c);
		struct bytes label;

		if (c->broken || len > LABEL_MAX)
			return false;
		if (len == 0)
			break;
		label = cursor_take(c, len);
		if (c->broken || used + len + 1 >= DNS_NAME_MAX)
			return false;
		if (out->labels == 0)
			out->first_len = len;
		else
			out->name[used++] = '.';
		for (size_t i = 0; i < label.len; i++) {
			char letter = plain[label.at[i]];

			out->name[used++] = (char)(letter == 0 ? '?' : letter);
		}
		out->labels++;
	}
	out->name[used] = '\0';
	return true;
}

bool dns_read_question(struct bytes message, struct dns_question *out)
{
	struct cursor c = cursor_over(message);
	uint16_t flags, questions;

	out->labels = 0;
	out->first_len = 0;
	out->name[0] = '\0';
	out->id = cursor_be16(&c);
	flags = cursor_be16(&c);
	questions = cursor_be16(&c);
	cursor_skip(&c, 6);
	out->answer = (flags & 0x8000) != 0;
	if (c.broken || questions != 1 || (flags >> 11 & 0xf) != 0 || !read_name(&c, out))
		return false;
	out->type = cursor_be16(&c);
	return cursor_be16(&c) != 0 && !c.broken;
}

const char *dns_zone(const struct dns_question *q)
{
	return q->labels < 2 ? "" : q->name + q->first_len + 1;
}

static bool is_vowel(char c)
{
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

bool dns_first_label_is_random(const struct dns_question *q)
{
	unsigned digits = 0, letters = 0, changes = 0, run = 0, longest = 0;

	if (q->first_len < 6)
		return false;
	for (unsigned i = 0; i < q->first_len; i++) {
		char c = q->name[i];
		bool digit = c >= '0' && c <= '9';
		bool letter = c >= 'a' && c <= 'z';

		digits += digit;
		letters += letter;
		if (i > 0 && digit != (q->name[i - 1] >= '0' && q->name[i - 1] <= '9'))
			changes++;
		run = letter && !is_vowel(c) ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return letters > 0 && ((digits > 0 && changes >= 2) || longest >= 4);
}

enum {
	FLAG_ANSWER = 0x8000,
	FLAG_RESERVED = 0x0040,
	RCODE = 0x000f,
	RCODE_NO_SUCH_NAME = 3,
	QUERY_EXTRAS_MAX = 2 /* EDNS and a signature (RFC 8945) */
};

/* One question of the Internet; a query brings no answers along. */
static bool header_is_sane(const struct names *n)
{
	if ((n->flags >> 11 & 0xf) != 0 || (n->flags & FLAG_RESERVED) != 0 ||
	    n->count[SECTION_QUESTION] != 1)
		return false;
	return (n->flags & FLAG_ANSWER) != 0 ||
	       ((n->flags & RCODE) == 0 && n->count[SECTION_ANSWER] == 0 &&
		n->count[SECTION_AUTHORITY] == 0 &&
		n->count[SECTION_ADDITIONAL] <= QUERY_EXTRAS_MAX);
}

/* On port 53 an answer may be cut, by the capture or because it said so itself. */
static enum match dns_mine(const struct glance *g)
{
	struct names n;
	struct entry question;
	enum names_end end;

	if (!names_open(&n, g->data) || !header_is_sane(&n) || !names_skip(&n, &question) ||
	    question.type == 0)
		return MATCH_NO;
	if ((question.class & CLASS_MASK) != CLASS_IN && (question.class & CLASS_MASK) != CLASS_ANY)
		return MATCH_NO;
	end = names_walk(&n, NULL);
	if (end == NAMES_EXACT)
		return MATCH_YES;
	return end == NAMES_CUT && (n.flags & FLAG_ANSWER) != 0 && g->hinted ? MATCH_YES : MATCH_NO;
}

/* Local names and addresses asked backwards say nothing of the cloud that a device belongs to. */
static bool is_cloud_name(struct bytes name)
{
	return !name_is_reverse(name) && !name_ends(name, ".local") && !bytes_are(name, "local");
}

static bool dns_datagram(const struct talk *t, struct telling *to)
{
	struct dns_question q;
	struct cursor flags = cursor_over(bytes_from(t->data, 2));
	uint16_t rcode = cursor_be16(&flags) & RCODE;

	if (!dns_read_question(t->data, &q))
		return false;
	if (q.answer) {
		if (rcode == 0 || rcode == RCODE_NO_SUCH_NAME)
			tell_service(to, t, SENDER, &proto_dns);
	} else if (is_cloud_name(bytes_of(q.name))) {
		target_tell(to, t, SIGNAL_dns_name, SENDER, bytes_of(q.name));
	}
	return true;
}

const struct proto proto_dns = {.name = "dns",
				.summary = "names asked for (RFC 1035)",
				.carriers = OVER_UDP,
				.timid = true,
				.ports = {53},
				.mine = dns_mine,
				.datagram = dns_datagram};
