/* SPDX-License-Identifier: MIT */
/*
 * Whose connection was that? For people the plain sentence first, then each candidate with its device, its packets and
 * how well it fits; for programs the same as JSON. Where nobody had it, the answer says whether the capture has that
 * moment at all: "nobody" and "I wasn't looking" are different answers to an abuse desk.
 */
#include "report/answers.h"

#include "base/timespan.h"
#include "report/json_out.h"
#include "report/page.h"

#include <stdio.h>

static const char *proto_word(uint8_t proto)
{
	return proto == PROTO_TCP ? "TCP" : proto == PROTO_UDP ? "UDP" : "TCP or UDP";
}

static struct where where_of(uint64_t key)
{
	return (struct where){.input = (uint32_t)(key >> 40),
			      .packet = key & ((UINT64_C(1) << 40) - 1)};
}

static void add_end(struct page *p, const struct inquiry_end *end)
{
	if (addr_is_v4(&end->addr)) {
		page_addr(p, &end->addr);
	} else {
		text_puts(&p->line, "[");
		page_addr(p, &end->addr);
		text_puts(&p->line, "]");
	}
	text_printf(&p->line, ":%u", (unsigned)end->port);
}

/* "TCP 192.168.1.20:40123 → 198.51.100.9:23", from the end that began it. */
static void add_talk(struct page *p, const struct inquiry_talk *t)
{
	text_printf(&p->line, "%s ", proto_word(t->proto));
	add_end(p, &t->end[t->opener]);
	text_printf(&p->line, " %s ", p->arrow);
	add_end(p, &t->end[1 - t->opener]);
}

static void add_measure(struct page *p, const struct inquiry_talk *t)
{
	struct where packets[INQUIRY_KEYS];

	for (size_t i = 0; i < t->keys_n; i++)
		packets[i] = where_of(t->keys[i]);
	text_puts(&p->line, "  ");
	page_when(p, t->first_ns, t->last_ns);
	text_puts(&p->line, "  ");
	page_count(p, t->packets, "packet");
	text_puts(&p->line, "  ");
	page_packets(p, packets, t->keys_n, t->packets > t->keys_n);
}

static void add_off(struct page *p, int64_t off_ns)
{
	if (off_ns == 0) {
		text_puts(&p->line, "open at that moment");
		return;
	}
	text_puts(&p->line, off_ns < 0 ? "its last packet is " : "its first packet is ");
	text_duration(&p->line, (uint64_t)(off_ns < 0 ? -off_ns : off_ns));
	text_puts(&p->line, off_ns < 0 ? " before" : " after");
}

static void write_fit(struct page *p, const struct candidate *c)
{
	text_printf(&p->line, "%s: ", confidence_words[c->fit]);
	add_off(p, c->off_ns);
	if (c->outside != NULL) {
		text_puts(&p->line, "; outside of the router it is ");
		add_talk(p, c->outside);
		add_measure(p, c->outside);
	} else if (addr_is_private(&c->talk->end[c->near].addr)) {
		text_puts(&p->line, "; only its inside was seen, and a router may change the port");
	}
	page_end(p, 4, 6);
}

static void write_device(struct page *p, const struct device *d)
{
	page_outside(p, d->id);
	for (size_t i = 0; i < d->addresses_n; i++) {
		text_puts(&p->line, i == 0 ? "; " : ", ");
		page_addr(p, &d->addresses[i]);
	}
	page_end(p, 4, 6);
	text_puts(&p->line, d->verdict == VERDICT_CLEAR && !d->judged ? "not judged"
								      : verdict_words[d->verdict]);
	if (d->confidence != CONFIDENCE_NONE)
		text_printf(&p->line, " (%s)", confidence_words[d->confidence]);
	page_end(p, 4, 6);
}

static void write_candidate(struct page *p, const struct candidate *c)
{
	page_heading(p, 0, "");
	text_printf(&p->line, "%s ", p->bullet);
	if (c->device != NULL) {
		page_device_name(p, c->device);
		(void)page_identity(p, c->device, 0, p->options->width);
		page_end(p, 0, 2);
		write_device(p, c->device);
	} else {
		page_addr(p, &c->talk->end[c->near].addr);
		text_puts(&p->line, "  no device of this report has this address");
		page_end(p, 0, 2);
	}
	add_talk(p, c->talk);
	add_measure(p, c->talk);
	page_end(p, 4, 6);
	write_fit(p, c);
}

static size_t local_candidates(const struct answer *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += a->list[i].device != NULL && a->list[i].device->local;
	return n;
}

/* The moment lies in no input, as far as their first and last packets tell. */
static bool is_outside(const struct answer *a, const struct judged *judged)
{
	for (size_t i = 0; i < judged->inputs_n; i++) {
		const struct input *in = &judged->inputs[i];

		if (in->any && in->first_ns <= a->inquiry->question.time_ns &&
		    in->last_ns >= a->inquiry->question.time_ns)
			return false;
	}
	return true;
}

static void write_sentence(struct page *p, const struct answer *a)
{
	size_t n = local_candidates(a);

	if (n == 0) {
		text_puts(&p->line, "No local device had such a connection");
		if (is_outside(a, p->judged))
			text_puts(&p->line, " in these captures, and they do not have that moment");
		text_puts(&p->line, a->n > 0 ? "; others had." : ".");
	} else if (n == 1) {
		page_device_name(p, a->list[0].device);
		text_printf(&p->line, " had this connection (%s).",
			    confidence_words[a->list[0].fit]);
	} else {
		page_count(p, n, "connection");
		text_puts(&p->line, " of local devices fit, best first: ");
		page_device_name(p, a->list[0].device);
		text_printf(&p->line, " (%s).", confidence_words[a->list[0].fit]);
	}
	page_end(p, 0, 0);
}

static void write_question(struct page *p, const struct answer *a)
{
	const struct inquiry_question *q = &a->inquiry->question;

	text_printf(&p->line, "Asked: %s port %u, ", proto_word(q->proto), (unsigned)q->port);
	if (q->has_address) {
		text_puts(&p->line, "with ");
		page_addr(p, &q->address);
		text_puts(&p->line, ", ");
	}
	text_time_human(&p->line, q->time_ns);
	text_puts(&p->line, " UTC, and ");
	text_duration(&p->line, (uint64_t)q->within_ns);
	text_puts(&p->line, " before and after: ");
	page_count(p, a->inquiry->packets, "packet");
	text_puts(&p->line, " there.");
	page_end(p, 0, 2);
}

/* What could not be kept or does not count. */
static void write_rest(struct page *p, const struct answer *a)
{
	if (a->far_only > 0) {
		page_heading(p, 0, "");
		page_count(p, a->far_only, "connection");
		text_puts(&p->line, " had this port at the other end only, as a service called.");
		page_end(p, 0, 2);
	}
	if (a->inquiry->refused_matches + a->inquiry->refused_others > 0) {
		page_heading(p, 0, "");
		text_puts(&p->line, "There were more connections than can be kept: ");
		page_count(p, a->inquiry->refused_matches, "packet");
		text_puts(&p->line, " of some with this port and ");
		text_count(&p->line, a->inquiry->refused_others);
		text_puts(&p->line, " of others are left out; ask with a smaller --within.");
		page_end(p, 0, 2);
	}
}

void answer_text(const struct answer *a, const struct judged *judged,
		 const struct report_options *options, struct text *to)
{
	struct page p;

	page_init(&p, judged, options, to);
	write_sentence(&p, a);
	write_question(&p, a);
	for (size_t i = 0; i < a->n; i++)
		write_candidate(&p, &a->list[i]);
	write_rest(&p, a);
	page_fini(&p);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */

static void json_talk(struct json *j, const char *key, const struct inquiry_talk *t)
{
	json_open(j, key, "{");
	json_string(j, "proto", t->proto == PROTO_TCP ? "tcp" : "udp");
	json_addr(j, "src", &t->end[t->opener].addr);
	json_count(j, "src_port", t->end[t->opener].port);
	json_addr(j, "dst", &t->end[1 - t->opener].addr);
	json_count(j, "dst_port", t->end[1 - t->opener].port);
	json_time(j, "first", t->first_ns);
	json_time(j, "last", t->last_ns);
	json_count(j, "count", t->packets);
	json_open(j, "packets", "[");
	for (size_t i = 0; i < t->keys_n; i++) {
		struct where w = where_of(t->keys[i]);

		json_open(j, NULL, "{");
		json_count(j, "input", w.input);
		json_count(j, "packet", w.packet);
		json_close(j, "}");
	}
	json_close(j, "]");
	json_close(j, "}");
}

static void json_device(struct json *j, const struct device *d)
{
	json_open(j, "device", "{");
	json_string(j, "id", d->id);
	json_bool(j, "local", d->local);
	json_addrs(j, "addresses", d->addresses, d->addresses_n);
	json_string(j, "maker", d->maker);
	json_string(j, "product", d->product);
	json_string(j, "model", d->model);
	json_string(j, "verdict", verdict_words[d->verdict]);
	json_string(j, "confidence", confidence_words[d->confidence]);
	json_string(j, "why", d->why);
	json_close(j, "}");
}

static void json_candidate(struct json *j, const struct candidate *c)
{
	int64_t off_s = c->off_ns / NS_PER_S;
	char number[PUT_NUMBER_MAX + 2];

	json_open(j, NULL, "{");
	json_string(j, "fit", confidence_words[c->fit]);
	(void)snprintf(number, sizeof number, "%lld", (long long)off_s);
	json_bare(j, "off_seconds", number);
	if (c->device != NULL)
		json_device(j, c->device);
	else
		json_string(j, "device", NULL);
	json_talk(j, "connection", c->talk);
	if (c->outside != NULL)
		json_talk(j, "outside", c->outside);
	else
		json_string(j, "outside", NULL);
	json_close(j, "}");
	text_settle(j->to);
}

void answer_json(const struct answer *a, const struct judged *judged, struct text *to)
{
	const struct inquiry_question *q = &a->inquiry->question;
	struct json j = {.to = to};

	json_open(&j, NULL, "{");
	json_string(&j, "schema", "cordon.answer/1");
	json_time(&j, "at", q->time_ns);
	json_count(&j, "within_seconds", (uint64_t)(q->within_ns / NS_PER_S));
	json_count(&j, "port", q->port);
	json_string(&j, "proto", q->proto == 0 ? NULL : q->proto == PROTO_TCP ? "tcp" : "udp");
	if (q->has_address)
		json_addr(&j, "address", &q->address);
	else
		json_string(&j, "address", NULL);
	json_bool(&j, "covered", !is_outside(a, judged));
	json_count(&j, "packets", a->inquiry->packets);
	json_open(&j, "candidates", "[");
	for (size_t i = 0; i < a->n; i++)
		json_candidate(&j, &a->list[i]);
	json_close(&j, "]");
	json_count(&j, "far_end_only", a->far_only);
	json_count(&j, "refused", a->inquiry->refused_matches + a->inquiry->refused_others);
	json_close(&j, "}");
	json_end(&j);
}
