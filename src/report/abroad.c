/* SPDX-License-Identifier: MIT */
/*
 * What exports ask of the model, see abroad.h. An abuse report is a claim about somebody: whatever is not known stays
 * out of it, and nothing is made up because a format would like to have it.
 */
#include "report/abroad.h"

#include <stdlib.h>
#include <string.h>

static bool is(const char *word, const char *wanted)
{
	return word != NULL && strcmp(word, wanted) == 0;
}

bool abroad_accuses(const struct device *d)
{
	return d->verdict >= VERDICT_SUSPECT;
}

/* How much an address says to somebody elsewhere. */
static int reach(const struct addr *a)
{
	return !addr_is_private(a) ? 2 : !addr_is_link_local(a) ? 1 : 0;
}

const struct addr *abroad_address(const struct device *d)
{
	const struct addr *best = NULL;

	for (size_t i = 0; i < d->addresses_n; i++)
		if (best == NULL || reach(&d->addresses[i]) > reach(best))
			best = &d->addresses[i];
	return best;
}

const struct addr *abroad_sender(const struct device *d, const struct evidence *e)
{
	const struct addr *best = NULL;
	struct addr peer;
	bool any = e->peer == NULL || !addr_parse(e->peer, &peer);

	if (!addr_is_zero(&e->sender) && (any || addr_is_v4(&peer) == addr_is_v4(&e->sender)))
		return &e->sender;
	for (size_t i = 0; i < d->addresses_n; i++) {
		const struct addr *a = &d->addresses[i];

		if ((any || addr_is_v4(&peer) == addr_is_v4(a)) &&
		    (best == NULL || reach(a) > reach(best)))
			best = a;
	}
	return best;
}

bool abroad_shows(const struct device *d, const struct addr *a)
{
	const struct addr *best = abroad_address(d);

	return best != NULL && reach(a) == reach(best);
}

bool abroad_tells(const struct evidence *e)
{
	return is(e->weight, "sign") || is(e->weight, "proof");
}

enum deed abroad_deed(const struct evidence *e)
{
	if (is(e->detector, "telnet-bruteforce"))
		return DEED_LOGIN;
	if (e->inward)
		return DEED_NONE;
	if (e->stage == STAGE_ATTACKING)
		return DEED_FLOOD;
	return e->stage == STAGE_SCANNING ? DEED_SCAN : DEED_NONE;
}

static bool takes_part(const struct attack *a, const char *id)
{
	for (size_t i = 0; i < a->devices_n; i++)
		if (strcmp(a->devices[i], id) == 0)
			return true;
	return false;
}

const struct attack *abroad_attack(const struct judged *judged, const struct device *d,
				   const struct evidence *e)
{
	struct addr peer;

	if (abroad_deed(e) != DEED_FLOOD || e->peer == NULL || !addr_parse(e->peer, &peer))
		return NULL;
	for (size_t i = 0; i < judged->attacks_n; i++) {
		const struct attack *a = &judged->attacks[i];

		if (addr_equal(&a->target, &peer) && a->first_ns <= e->last_ns &&
		    e->first_ns <= a->last_ns && takes_part(a, d->id))
			return a;
	}
	return NULL;
}

const char *abroad_transport(enum vector vector)
{
	static const char *const of_vector[VECTORS] = {
		[VECTOR_UDP] = "udp",	[VECTOR_SYN] = "tcp",	[VECTOR_ACK] = "tcp",
		[VECTOR_STOMP] = "tcp", [VECTOR_VSE] = "udp",	[VECTOR_DNS] = "udp",
		[VECTOR_HTTP] = "tcp",	[VECTOR_ICMP] = "icmp", [VECTOR_AMPLIFICATION] = "udp",
	};

	return of_vector[vector];
}

const char *abroad_upper(const char *protocol)
{
	if (protocol == NULL)
		return NULL;
	return is(protocol, "tcp") ? "TCP" : is(protocol, "udp") ? "UDP" : "ICMP";
}

const char *abroad_protocol(const struct judged *judged, const struct device *d,
			    const struct evidence *e)
{
	const struct attack *a = abroad_attack(judged, d, e);

	if (a != NULL)
		return abroad_transport(a->vector);
	if (abroad_deed(e) == DEED_FLOOD || is(e->detector, "spoofed-source"))
		return NULL;
	/* Peers of a distributed hash table talk by UDP; all else of this trade is TCP. */
	return is(e->detector, "c2") && is(e->family, "mozi") ? "udp" : "tcp";
}

bool abroad_peer(const struct evidence *e, struct addr *out)
{
	return e->peer != NULL && addr_parse(e->peer, out) && !addr_is_private(out) &&
	       !addr_is_loopback(out) && !addr_is_multicast(out) && !addr_is_zero(out);
}

/* ---- accomplices ----------------------------------------------------------------------------------------------- */

static int compare(const struct accomplice *a, const struct accomplice *b)
{
	int order = addr_compare(&a->addr, &b->addr);

	if (order == 0)
		order = strcmp(a->role, b->role);
	return order != 0 ? order : (a->port > b->port) - (a->port < b->port);
}

static int by_address(const void *x, const void *y)
{
	const struct accomplice *a = x, *b = y;
	int order = compare(a, b);

	if (order != 0)
		return order;
	if (a->first_ns != b->first_ns)
		return a->first_ns < b->first_ns ? -1 : 1;
	return strcmp(a->text, b->text);
}

bool abroad_names(const struct device *d, const struct evidence *e, struct addr *peer)
{
	return d->verdict == VERDICT_INFECTED && is(e->weight, "proof") && e->role != NULL &&
	       !is(e->role, "target") && abroad_peer(e, peer);
}

static size_t merge(struct accomplice *list, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct accomplice *last = kept > 0 ? &list[kept - 1] : NULL;

		if (last == NULL || compare(last, &list[i]) != 0) {
			list[kept++] = list[i];
			continue;
		}
		last->count += list[i].count;
		if (list[i].last_ns > last->last_ns)
			last->last_ns = list[i].last_ns;
		if (list[i].confidence > last->confidence)
			last->confidence = list[i].confidence;
		if (last->family == NULL)
			last->family = list[i].family;
	}
	return kept;
}

struct accomplice *abroad_accomplices(const struct judged *judged, size_t *n)
{
	struct accomplice *list;
	size_t room = 1;

	for (size_t i = 0; i < judged->devices_n; i++)
		room += judged->devices[i].evidence_n;
	list = calloc(room, sizeof *list);
	*n = 0;
	for (size_t i = 0; list != NULL && i < judged->devices_n; i++) {
		const struct device *d = &judged->devices[i];

		for (size_t k = 0; k < d->evidence_n; k++) {
			const struct evidence *e = &d->evidence[k];
			struct accomplice *a = &list[*n];

			if (!abroad_names(d, e, &a->addr))
				continue;
			a->role = e->role;
			a->port = e->port;
			a->from = e->inward ? e->caller_port : 0;
			a->family = e->family;
			a->text = e->text;
			a->first_ns = e->first_ns;
			a->last_ns = e->last_ns;
			a->count = e->count;
			a->confidence = d->confidence;
			++*n;
		}
	}
	if (*n > 0) {
		qsort(list, *n, sizeof *list, by_address);
		*n = merge(list, *n);
	}
	return list;
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

/* No file is named: where somebody keeps captures is nobody's business. They are counted as they were judged. */
void abroad_line(const struct judged *judged, const struct evidence *e, struct text *to)
{
	text_time_as(to, e->first_ns, 3, "Z");
	text_puts(to, " to ");
	text_time_as(to, e->last_ns, 3, "Z");
	text_printf(to, "  %s: ", e->weight != NULL ? e->weight : "note");
	text_plain(to, e->text, true);
	text_printf(to, " [%s", e->detector);
	if (e->code != NULL)
		text_printf(to, " %s", e->code);
	text_printf(to, ", counted %llu", (unsigned long long)e->count);
	for (size_t i = 0; i < e->packets_n; i++) {
		text_puts(to, i == 0 ? "; packet " : ", ");
		if (judged->inputs_n > 1)
			text_printf(to, "%u:", e->packets[i].input + 1);
		text_number(to, e->packets[i].packet);
	}
	text_puts(to, "]\n");
}

void abroad_lines(const struct judged *judged, const struct device *d, struct text *to)
{
	for (size_t i = 0; i < d->evidence_n; i++)
		if (abroad_tells(&d->evidence[i]))
			abroad_line(judged, &d->evidence[i], to);
}

void abroad_summary(const struct device *d, struct text *to)
{
	text_printf(to, "%s, %s",
		    d->verdict == VERDICT_INFECTED ? "Hijacked device"
						   : "Device that may be hijacked",
		    confidence_words[d->confidence]);
	for (size_t i = 0; i < d->stages_n; i++)
		text_printf(to, "%s %s", i == 0 ? "; stages:" : ",", stage_words[d->stages[i]]);
	for (size_t i = 0; i < d->families_n; i++)
		text_printf(to, "%s %s", i == 0 ? "; acts like" : ",", d->families[i]);
}

char *abroad_id(const struct text *content, char out[UUID_TEXT_MAX])
{
	/* The UUIDv5 of the URL urn:cordon:report. */
	static const struct uuid cordon = {{0x58, 0x52, 0x1a, 0xa7, 0xd1, 0x23, 0x52, 0xb9, 0xbd,
					    0x00, 0x0b, 0xeb, 0xea, 0x9b, 0x37, 0x2d}};

	return uuid_of_name(
		&cordon, (struct bytes){(const uint8_t *)text_string(content), content->len}, out);
}

unsigned abroad_percent(enum confidence c)
{
	static const unsigned of[] = {0, 15, 50, 85};

	return of[c];
}
