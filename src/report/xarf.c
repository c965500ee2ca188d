/* SPDX-License-Identifier: MIT */
/*
 * Abuse reports in XARF v4 (xarf.org, schemas/v4): a report is one document, so several are written one a line, each
 * complete, to be cut at line ends and sent.
 *
 * An infected device is a connection/infected_host report (bot_type malicious), what it did to others a port_scan,
 * login_attack or ddos one. XARF asks those three for the source port, by which a provider finds a subscriber behind its
 * NAT; where no one port is known the deed is told in the infected_host report alone, and none is invented. Command
 * servers and loaders, when proven, are infrastructure/botnet reports to whoever hosts them, and strangers who got in
 * login_attack ones. There are no packets in the model: evidence is the lines of the findings, as text.
 */
#include "report/abroad.h"
#include "report/formats.h"
#include "report/json_out.h"

#include "base/base64.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "base/timespan.h"

#include <stdlib.h>

#define XARF_VERSION "4.2.0"

struct xarf {
	const struct judged *judged;
	const struct report_options *options;
	struct json json;
	struct text lines;   /* evidence of the report at hand */
	struct text content; /* what its id is made of */
};

/* What a report is about. */
struct claimed {
	const char *category;
	const char *type;
	const struct addr *source;
	uint16_t port; /* of the source, or 0 */
	const char *family;
	const char *code;
	int64_t first_ns;
	int64_t last_ns;
	enum confidence confidence;
	const char *description;
};

static void write_contact(struct xarf *x, const char *key)
{
	json_open(&x->json, key, "{");
	json_string(&x->json, "org", x->options->reporter);
	json_string(&x->json, "contact", x->options->reporter_mail);
	json_string(&x->json, "domain", x->options->reporter_domain);
	json_close(&x->json, "}");
}

/* Of who reports, what, about whom, when, and the evidence: the same report again is the same report. */
static void write_id(struct xarf *x, const struct claimed *c)
{
	char buf[ADDR_TEXT_MAX];
	char id[UUID_TEXT_MAX];

	text_clear(&x->content);
	text_printf(&x->content, "xarf\n%s\n%s/%s\n%s %u\n", x->options->reporter_mail, c->category,
		    c->type, addr_text(c->source, buf), c->port);
	text_time(&x->content, c->first_ns);
	text_time(&x->content, c->last_ns);
	text_puts(&x->content, c->description);
	text_puts(&x->content, text_string(&x->lines));
	json_string(&x->json, "report_id", abroad_id(&x->content, id));
}

static void write_evidence(struct xarf *x)
{
	struct bytes lines = {(const uint8_t *)text_string(&x->lines), x->lines.len};
	size_t room = base64_size(lines.len) + 1;
	char *payload = malloc(room);
	char hash[sizeof "sha256:" + 2 * SHA256_SIZE] = "sha256:";
	uint8_t sum[SHA256_SIZE];

	if (payload == NULL) {
		x->json.to->failed = true;
		return;
	}
	sha256(lines, sum);
	hex_lower((struct bytes){sum, sizeof sum}, hash + sizeof "sha256:" - 1);
	(void)base64_encode(lines, payload, room);
	json_open(&x->json, "evidence", "[");
	json_open(&x->json, NULL, "{");
	json_string(&x->json, "content_type", "text/plain");
	json_string(
		&x->json, "description",
		"What was seen, with times in UTC and packet numbers of the reporter's capture");
	json_string(&x->json, "payload", payload);
	json_string(&x->json, "hash", hash);
	json_count(&x->json, "size", lines.len);
	json_close(&x->json, "}");
	json_close(&x->json, "]");
	free(payload);
}

/* "malware:mirai": letters, digits and a few signs, whatever the word has else becomes a hyphen. */
static void write_tag(struct xarf *x, const char *space, const char *word)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	if (word == NULL || *word == '\0')
		return;
	text_clear(&x->content);
	text_printf(&x->content, "%s:", space);
	for (const char *s = word; *s != '\0'; s++) {
		const char *upper = strchr(letters, *s);
		const char *c = upper != NULL && upper < letters + 26 ? upper + 26 : s;
		bool plain = upper != NULL;

		if (plain || s > word)
			text_add(&x->content, plain ? c : "-", 1);
	}
	json_string(&x->json, NULL, text_string(&x->content));
}

/* Everything up to what only this type of report has. */
static void begin_report(struct xarf *x, const struct claimed *c)
{
	static const char *const of_confidence[] = {"0", "0.15", "0.5", "0.85"};
	struct json *j = &x->json;

	json_open(j, NULL, "{");
	json_string(j, "xarf_version", XARF_VERSION);
	write_id(x, c);
	json_time_as(j, "timestamp", c->first_ns, 3, "Z");
	write_contact(x, "reporter");
	write_contact(x, "sender");
	json_addr(j, "source_identifier", c->source);
	if (c->port != 0)
		json_count(j, "source_port", c->port);
	json_string(j, "category", c->category);
	json_string(j, "type", c->type);
	json_string(j, "evidence_source", "ids_detection");
	write_evidence(x);
	json_open(j, "tags", "[");
	write_tag(x, "malware", c->family);
	write_tag(x, "cordon", c->code);
	if (addr_is_private(c->source))
		json_string(j, NULL, "address:private");
	json_close(j, "]");
	json_bare(j, "confidence", of_confidence[c->confidence]);
	json_string(j, "description", c->description);
}

static void end_report(struct xarf *x)
{
	json_close(&x->json, "}");
	json_end(&x->json);
}

static void write_span(struct xarf *x, const struct claimed *c)
{
	json_time_as(&x->json, "first_seen", c->first_ns, 3, "Z");
	json_time_as(&x->json, "last_seen", c->last_ns, 3, "Z");
}

/* ---- the device, and what it did ------------------------------------------------------------------------------- */

/* The first line of evidence by time: when the infection was first seen. */
static const struct evidence *first_line(const struct device *d)
{
	const struct evidence *first = NULL;

	for (size_t i = 0; i < d->evidence_n; i++) {
		const struct evidence *e = &d->evidence[i];

		if (abroad_tells(e) && (first == NULL || e->first_ns < first->first_ns))
			first = e;
	}
	return first;
}

static void report_host(struct xarf *x, const struct device *d, const struct addr *source)
{
	const struct evidence *first = first_line(d);
	struct text words = {0};
	struct claimed c = {.category = "connection", .type = "infected_host", .source = source};

	if (first == NULL)
		return;
	c.first_ns = first->first_ns;
	c.last_ns = first->last_ns;
	for (size_t i = 0; i < d->evidence_n; i++)
		if (abroad_tells(&d->evidence[i]) && d->evidence[i].last_ns > c.last_ns)
			c.last_ns = d->evidence[i].last_ns;
	/* The port belongs to the time stamp: without both a provider's NAT can't be asked. */
	c.port = first->inward || abroad_sender(d, first) == NULL ||
				 !addr_equal(abroad_sender(d, first), source)
			 ? 0
			 : first->caller_port;
	c.family = d->families_n > 0 ? d->families[0] : NULL;
	c.confidence = d->confidence;
	abroad_summary(d, &words);
	c.description = text_string(&words);
	text_clear(&x->lines);
	abroad_lines(x->judged, d, &x->lines);
	begin_report(x, &c);
	json_string(&x->json, "protocol", "tcp");
	json_string(&x->json, "bot_type", "malicious");
	json_known(&x->json, "bot_name", c.family);
	write_span(x, &c);
	end_report(x);
	x->json.to->failed |= words.failed;
	text_fini(&words);
}

static void write_attack(struct xarf *x, const struct attack *a)
{
	static const char *const names[VECTORS] = {
		[VECTOR_UDP] = "udp_flood",
		[VECTOR_SYN] = "syn_flood",
		[VECTOR_ACK] = "ack_flood",
		[VECTOR_STOMP] = "tcp_stomp",
		[VECTOR_VSE] = "vse_query_flood",
		[VECTOR_DNS] = "dns_query_flood",
		[VECTOR_HTTP] = "http_flood",
		[VECTOR_ICMP] = "icmp_flood",
		[VECTOR_AMPLIFICATION] = "amplification",
	};
	uint64_t seconds =
		(time_apart(a->first_ns, a->last_ns) + NS_PER_S - 1) / (uint64_t)NS_PER_S;

	json_known(&x->json, "attack_vector", names[a->vector]);
	if (a->peak_pps > 0)
		json_count(&x->json, "peak_pps", a->peak_pps);
	json_count(&x->json, "duration_seconds", seconds < 1 ? 1 : seconds);
}

static void report_deed(struct xarf *x, const struct device *d, const struct evidence *e)
{
	static const char *const types[] = {NULL, "port_scan", "login_attack", "ddos"};
	const struct attack *a = abroad_attack(x->judged, d, e);
	const char *protocol = abroad_protocol(x->judged, d, e);
	struct claimed c = {.category = "connection",
			    .type = types[abroad_deed(e)],
			    .source = abroad_sender(d, e),
			    .port = e->caller_port,
			    .family = e->family,
			    .code = e->code,
			    .first_ns = e->first_ns,
			    .last_ns = e->last_ns,
			    .confidence = d->confidence,
			    .description = e->text};
	struct addr peer;

	/* What was sent under forged addresses is in no log of the provider's under this one. */
	if (c.type == NULL || e->inward || c.source == NULL || c.port == 0 || protocol == NULL ||
	    (a != NULL && a->spoofed))
		return;
	text_clear(&x->lines);
	abroad_line(x->judged, e, &x->lines);
	begin_report(x, &c);
	if (abroad_peer(e, &peer))
		json_addr(&x->json, "destination_ip", &peer);
	if (e->port > 0)
		json_count(&x->json, "destination_port", (uint64_t)e->port);
	json_string(&x->json, "protocol", protocol);
	if (a != NULL)
		write_attack(x, a);
	write_span(x, &c);
	end_report(x);
}

/* ---- those at the other end ------------------------------------------------------------------------------------ */

static void report_accomplice(struct xarf *x, const struct accomplice *a)
{
	bool intruder = strcmp(a->role, "intruder") == 0;
	struct claimed c = {.category = intruder ? "connection" : "infrastructure",
			    .type = intruder ? "login_attack" : "botnet",
			    .source = &a->addr,
			    .port = intruder	  ? a->from
				    : a->port > 0 ? (uint16_t)a->port
						  : 0,
			    .family = a->family,
			    .code = a->role,
			    .first_ns = a->first_ns,
			    .last_ns = a->last_ns,
			    .confidence = a->confidence,
			    .description = a->text};

	if (intruder && a->from == 0)
		return;
	text_clear(&x->lines);
	text_time_as(&x->lines, a->first_ns, 3, "Z");
	text_puts(&x->lines, " to ");
	text_time_as(&x->lines, a->last_ns, 3, "Z");
	text_printf(&x->lines, "  %s of a hijacked device: ", a->role);
	text_plain(&x->lines, a->text, true);
	text_puts(&x->lines, "\n");
	begin_report(x, &c);
	if (intruder) {
		if (a->port > 0)
			json_count(&x->json, "destination_port", (uint64_t)a->port);
		json_string(&x->json, "protocol", "tcp");
		write_span(x, &c);
	} else {
		json_known(&x->json, "malware_family", a->family);
		json_string(&x->json, "compromise_evidence", a->text);
	}
	end_report(x);
}

void report_xarf(const struct judged *judged, const struct report_options *options, struct text *to)
{
	struct xarf x = {.judged = judged, .options = options, .json = {.to = to, .compact = true}};
	size_t n;
	struct accomplice *accomplices = abroad_accomplices(judged, &n);

	if (accomplices == NULL) {
		to->failed = true;
		return;
	}
	for (size_t i = 0; i < judged->devices_n; i++) {
		const struct device *d = &judged->devices[i];
		const struct addr *source = abroad_address(d);

		if (!abroad_accuses(d) || source == NULL)
			continue;
		if (d->verdict == VERDICT_INFECTED)
			report_host(&x, d, source);
		for (size_t k = 0; k < d->evidence_n; k++)
			if (abroad_tells(&d->evidence[k]))
				report_deed(&x, d, &d->evidence[k]);
	}
	for (size_t i = 0; i < n; i++)
		report_accomplice(&x, &accomplices[i]);
	free(accomplices);
	to->failed |= x.lines.failed || x.content.failed;
	text_fini(&x.lines);
	text_fini(&x.content);
}
