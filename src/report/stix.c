/* SPDX-License-Identifier: MIT */
/*
 * A STIX 2.1 bundle (OASIS, 10 June 2021): who reports, the families of malware, each suspect or infected device as
 * observed data with a report that holds its evidence, a sighting for each infected one, the command servers, loaders and
 * intruders that were proven, as infrastructure with an indicator, and attacks as observed traffic.
 *
 * The same input gives the same bytes. Addresses and traffic have the ids that section 2.9 prescribes, a UUIDv5 of what
 * they contain, so that they are the same objects in everybody's bundles; all else has a UUIDv5 of what we say in it, its
 * times included, so that another capture never gives an old id a new meaning. No clock is read: `created` is when what is
 * described ended. What is true beyond one capture, a family or who reports, was created on a fixed day.
 */
#include "report/abroad.h"
#include "report/formats.h"
#include "report/stix_out.h"

#include <stdlib.h>
#include <string.h>

static const char unnamed[] = "unnamed bot";
#define ALWAYS "2026-01-01T00:00:00.000Z"

/* ---- who reports, and families --------------------------------------------------------------------------------- */

static void write_identity(struct stix *x)
{
	const char *name = x->options->reporter;

	text_clear(&x->content);
	text_printf(&x->content, "stix\nidentity\n%s\n%s", name != NULL ? name : "cordon",
		    name != NULL ? x->options->reporter_mail : "");
	stix_ref_of_content(x, &x->identity, "identity");
	stix_open(x, "identity", &x->identity);
	json_string(&x->json, "created", ALWAYS);
	json_string(&x->json, "modified", ALWAYS);
	json_string(&x->json, "name", name != NULL ? name : "cordon");
	json_string(&x->json, "identity_class", name != NULL ? "organization" : "system");
	if (name != NULL)
		json_string(&x->json, "contact_information", x->options->reporter_mail);
	stix_close(x);
}

static void family_ref(struct stix *x, struct ref *r, const char *family)
{
	stix_begin_content(x, "malware", family != NULL ? family : unnamed);
	stix_ref_of_content(x, r, "malware");
}

static void write_family(struct stix *x, const char *family)
{
	static const char *const types[] = {"bot", "ddos"};
	struct ref r;

	family_ref(x, &r, family);
	stix_open(x, "malware", &r);
	json_string(&x->json, "created_by_ref", x->identity.s);
	json_string(&x->json, "created", ALWAYS);
	json_string(&x->json, "modified", ALWAYS);
	json_string(&x->json, "name", family != NULL ? family : unnamed);
	json_strings(&x->json, "malware_types", types, 2);
	json_bool(&x->json, "is_family", family != NULL);
	stix_close(x);
}

static int by_name(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void write_families(struct stix *x, const struct accomplice *list, size_t n)
{
	size_t room = n + 1, used = 0;
	bool nameless = false;
	const char **names;

	for (size_t i = 0; i < x->judged->devices_n; i++)
		room += x->judged->devices[i].families_n;
	names = calloc(room, sizeof *names);
	x->json.to->failed |= names == NULL;
	for (size_t i = 0; names != NULL && i < x->judged->devices_n; i++) {
		const struct device *d = &x->judged->devices[i];

		if (d->verdict != VERDICT_INFECTED || abroad_address(d) == NULL)
			continue;
		for (size_t k = 0; k < d->families_n; k++)
			names[used++] = d->families[k];
		nameless |= d->families_n == 0;
	}
	for (size_t i = 0; names != NULL && i < n; i++) {
		if (list[i].family != NULL)
			names[used++] = list[i].family;
		nameless |= list[i].family == NULL;
	}
	if (names != NULL && used > 0)
		qsort(names, used, sizeof *names, by_name);
	for (size_t i = 0; names != NULL && i < used; i++)
		if (i == 0 || strcmp(names[i - 1], names[i]) != 0)
			write_family(x, names[i]);
	if (nameless)
		write_family(x, NULL);
	free(names);
}

/* ---- addresses ------------------------------------------------------------------------------------------------- */

static int by_addr(const void *x, const void *y)
{
	return addr_compare(x, y);
}

static void write_addresses(struct stix *x, struct addr *list, size_t n)
{
	struct ref r;

	if (n > 0)
		qsort(list, n, sizeof *list, by_addr);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && addr_equal(&list[i - 1], &list[i]))
			continue;
		stix_addr_ref(x, &r, &list[i]);
		stix_open(x, stix_addr_type(&list[i]), &r);
		json_addr(&x->json, "value", &list[i]);
		stix_close(x);
	}
}

/* Every address that another object refers to, once. */
static void write_all_addresses(struct stix *x, const struct accomplice *accomplices, size_t n)
{
	const struct judged *judged = x->judged;
	size_t room = n + judged->attacks_n + 1, used = 0;
	struct addr *list;

	for (size_t i = 0; i < judged->devices_n; i++)
		room += judged->devices[i].addresses_n;
	list = calloc(room, sizeof *list);
	x->json.to->failed |= list == NULL;
	if (list == NULL)
		return;
	for (size_t i = 0; i < judged->devices_n; i++) {
		const struct device *d = &judged->devices[i];

		for (size_t k = 0; abroad_accuses(d) && k < d->addresses_n; k++)
			if (abroad_shows(d, &d->addresses[k]))
				list[used++] = d->addresses[k];
	}
	for (size_t i = 0; i < n; i++)
		list[used++] = accomplices[i].addr;
	for (size_t i = 0; i < judged->attacks_n; i++)
		list[used++] = judged->attacks[i].target;
	write_addresses(x, list, used);
	free(list);
}

/* ---- devices --------------------------------------------------------------------------------------------------- */

static void write_macs(struct stix *x, const struct device *d)
{
	struct ref r;

	for (size_t i = 0; i < d->macs_n; i++) {
		stix_mac_ref(x, &r, &d->macs[i]);
		stix_open(x, "mac-addr", &r);
		json_mac(&x->json, "value", &d->macs[i]);
		stix_close(x);
	}
}

static void write_observed_device(struct stix *x, const struct device *d, struct ref *r)
{
	struct ref part;

	stix_begin_content(x, "observed-data", d->id);
	text_time(&x->content, d->first_ns);
	text_time(&x->content, d->last_ns);
	text_number(&x->content, d->packets_out);
	stix_ref_of_content(x, r, "observed-data");
	stix_open_own(x, "observed-data", r, d->last_ns);
	if (addr_is_private(abroad_address(d)))
		json_strings(&x->json, "labels", (const char *const[]){"private-address"}, 1);
	stix_time(x, "first_observed", d->first_ns);
	stix_time(x, "last_observed", d->last_ns);
	stix_count(x, "number_observed", d->packets_out);
	json_open(&x->json, "object_refs", "[");
	for (size_t i = 0; i < d->addresses_n; i++) {
		if (!abroad_shows(d, &d->addresses[i]))
			continue;
		stix_addr_ref(x, &part, &d->addresses[i]);
		json_string(&x->json, NULL, part.s);
	}
	for (size_t i = 0; i < d->macs_n; i++) {
		stix_mac_ref(x, &part, &d->macs[i]);
		json_string(&x->json, NULL, part.s);
	}
	json_close(&x->json, "]");
	stix_close(x);
}

static void write_report(struct stix *x, const struct device *d, const struct ref *about)
{
	struct text name = {0}, content = {0};
	struct ref r;

	abroad_summary(d, &name);
	abroad_lines(x->judged, d, &content);
	if (content.len == 0)
		text_puts(&content, "-");
	stix_begin_content(x, "report", about->s);
	text_puts(&x->content, text_string(&name));
	text_puts(&x->content, text_string(&content));
	stix_ref_of_content(x, &r, "report");
	stix_open_own(x, "report", &r, d->last_ns);
	json_count(&x->json, "confidence", abroad_percent(d->confidence));
	json_string(&x->json, "name", text_string(&name));
	json_string(&x->json, "description", text_string(&content));
	json_strings(&x->json, "report_types", (const char *const[]){"observed-data"}, 1);
	stix_time(x, "published", d->last_ns);
	json_strings(&x->json, "object_refs", (const char *const[]){about->s}, 1);
	stix_close(x);
	x->json.to->failed |= name.failed || content.failed;
	text_fini(&name);
	text_fini(&content);
}

static void write_sighting(struct stix *x, const struct device *d, const struct ref *observed,
			   const char *family)
{
	struct ref r, malware;

	family_ref(x, &malware, family);
	stix_begin_content(x, "sighting", malware.s);
	text_puts(&x->content, observed->s);
	stix_ref_of_content(x, &r, "sighting");
	stix_open_own(x, "sighting", &r, d->last_ns);
	json_count(&x->json, "confidence", abroad_percent(d->confidence));
	stix_time(x, "first_seen", d->first_ns);
	stix_time(x, "last_seen", d->last_ns);
	json_count(&x->json, "count", 1);
	json_string(&x->json, "sighting_of_ref", malware.s);
	json_strings(&x->json, "observed_data_refs", (const char *const[]){observed->s}, 1);
	json_strings(&x->json, "where_sighted_refs", (const char *const[]){x->identity.s}, 1);
	stix_close(x);
}

static void write_device(struct stix *x, const struct device *d)
{
	struct ref observed;

	write_macs(x, d);
	write_observed_device(x, d, &observed);
	write_report(x, d, &observed);
	if (d->verdict != VERDICT_INFECTED)
		return;
	for (size_t i = 0; i < d->families_n; i++)
		write_sighting(x, d, &observed, d->families[i]);
	if (d->families_n == 0)
		write_sighting(x, d, &observed, NULL);
}

/* ---- accomplices ----------------------------------------------------------------------------------------------- */

struct part {
	const char *type; /* infrastructure-type-ov */
	const char *how;  /* what it is to the malware */
};

static struct part part_of(const char *role)
{
	if (strcmp(role, "command-server") == 0)
		return (struct part){"command-and-control", "controls"};
	if (strcmp(role, "loader") == 0)
		return (struct part){"hosting-malware", "delivers"};
	return (struct part){"reconnaissance", NULL};
}

static void put_pattern(const struct accomplice *a, struct text *to)
{
	char buf[ADDR_TEXT_MAX];

	if (a->port > 0 && strcmp(a->role, "intruder") != 0)
		text_printf(
			to,
			"[network-traffic:dst_ref.type = '%s' AND network-traffic:dst_ref.value = '%s' "
			"AND network-traffic:dst_port = %d]",
			stix_addr_type(&a->addr), addr_text(&a->addr, buf), a->port);
	else
		text_printf(to, "[%s:value = '%s']", stix_addr_type(&a->addr),
			    addr_text(&a->addr, buf));
}

static void write_indicator(struct stix *x, const struct accomplice *a, const struct ref *about)
{
	static const char *const types[] = {"malicious-activity"};
	struct text pattern = {0};
	struct ref r;

	put_pattern(a, &pattern);
	stix_begin_content(x, "indicator", text_string(&pattern));
	text_puts(&x->content, about->s);
	stix_ref_of_content(x, &r, "indicator");
	stix_open_own(x, "indicator", &r, a->last_ns);
	json_count(&x->json, "confidence", abroad_percent(a->confidence));
	json_string(&x->json, "name", a->role);
	json_string(&x->json, "description", a->text);
	json_strings(&x->json, "indicator_types", types, 1);
	json_string(&x->json, "pattern", text_string(&pattern));
	json_string(&x->json, "pattern_type", "stix");
	json_string(&x->json, "pattern_version", "2.1");
	stix_time(x, "valid_from", a->first_ns);
	stix_close(x);
	stix_relate(x, &r, "indicates", about, a->last_ns);
	x->json.to->failed |= pattern.failed;
	text_fini(&pattern);
}

static void write_accomplice(struct stix *x, const struct accomplice *a)
{
	const struct part part = part_of(a->role);
	char buf[ADDR_TEXT_MAX];
	struct ref r, address, malware;

	stix_begin_content(x, "infrastructure", a->role);
	text_printf(&x->content, "%s %d\n", addr_text(&a->addr, buf), a->port);
	text_time(&x->content, a->first_ns);
	text_time(&x->content, a->last_ns);
	stix_ref_of_content(x, &r, "infrastructure");
	stix_open_own(x, "infrastructure", &r, a->last_ns);
	json_count(&x->json, "confidence", abroad_percent(a->confidence));
	text_clear(&x->content);
	text_printf(&x->content, "%s %s", a->role, buf);
	json_string(&x->json, "name", text_string(&x->content));
	json_string(&x->json, "description", a->text);
	json_strings(&x->json, "infrastructure_types", &part.type, 1);
	stix_time(x, "first_seen", a->first_ns);
	stix_time(x, "last_seen", a->last_ns);
	stix_close(x);
	stix_addr_ref(x, &address, &a->addr);
	stix_relate(x, &r, "consists-of", &address, a->last_ns);
	family_ref(x, &malware, a->family);
	if (part.how != NULL)
		stix_relate(x, &r, part.how, &malware, a->last_ns);
	write_indicator(x, a, &r);
}

/* ---- attacks --------------------------------------------------------------------------------------------------- */

static const char *const vector_protocols[VECTORS] = {
	[VECTOR_UDP] = "udp",	  [VECTOR_SYN] = "tcp",		  [VECTOR_ACK] = "tcp",
	[VECTOR_STOMP] = "tcp",	  [VECTOR_VSE] = "udp",		  [VECTOR_GRE_IP] = "gre",
	[VECTOR_GRE_ETH] = "gre", [VECTOR_DNS] = "dns",		  [VECTOR_HTTP] = "http",
	[VECTOR_ICMP] = "icmp",	  [VECTOR_AMPLIFICATION] = "udp",
};

static void write_traffic(struct stix *x, const struct attack *a, const struct ref *target,
			  struct ref *r)
{
	const char *protocols[] = {addr_is_v4(&a->target) ? "ipv4" : "ipv6",
				   vector_protocols[a->vector]};
	size_t n = protocols[1] != NULL ? 2 : 1;

	text_clear(&x->content);
	text_puts(&x->content, "{");
	if (a->port > 0)
		text_printf(&x->content, "\"dst_port\":%d,", a->port);
	text_printf(&x->content, "\"dst_ref\":\"%s\",\"end\":\"", target->s);
	text_time_as(&x->content, a->last_ns, 3, "Z");
	text_printf(&x->content, "\",\"protocols\":[\"%s\"", protocols[0]);
	if (n == 2)
		text_printf(&x->content, ",\"%s\"", protocols[1]);
	text_puts(&x->content, "],\"start\":\"");
	text_time_as(&x->content, a->first_ns, 3, "Z");
	text_puts(&x->content, "\"}");
	stix_ref_of_observable(x, r, "network-traffic");
	stix_open(x, "network-traffic", r);
	stix_time(x, "start", a->first_ns);
	stix_time(x, "end", a->last_ns);
	json_string(&x->json, "dst_ref", target->s);
	if (a->port > 0)
		json_count(&x->json, "dst_port", (uint64_t)a->port);
	json_strings(&x->json, "protocols", protocols, n);
	json_count(&x->json, "src_byte_count", a->bytes);
	json_count(&x->json, "src_packets", a->packets);
	stix_close(x);
}

static void write_attack(struct stix *x, const struct attack *a)
{
	struct ref target, traffic, r;

	stix_addr_ref(x, &target, &a->target);
	write_traffic(x, a, &target, &traffic);
	stix_begin_content(x, "observed-data", vector_words[a->vector]);
	text_printf(&x->content, "%s %llu %d %d\n", traffic.s, (unsigned long long)a->packets,
		    a->direction, a->spoofed);
	stix_ref_of_content(x, &r, "observed-data");
	stix_open_own(x, "observed-data", &r, a->last_ns);
	json_open(&x->json, "labels", "[");
	json_string(&x->json, NULL, "ddos");
	json_string(&x->json, NULL, vector_words[a->vector]);
	json_string(&x->json, NULL, direction_words[a->direction]);
	if (a->spoofed)
		json_string(&x->json, NULL, "forged-sources");
	json_close(&x->json, "]");
	stix_time(x, "first_observed", a->first_ns);
	stix_time(x, "last_observed", a->last_ns);
	stix_count(x, "number_observed", a->packets);
	json_strings(&x->json, "object_refs", (const char *const[]){traffic.s, target.s}, 2);
	stix_close(x);
}

void report_stix(const struct judged *judged, const struct report_options *options, struct text *to)
{
	struct stix x = {.judged = judged, .options = options, .json = {.to = to}};
	size_t n;
	struct accomplice *accomplices = abroad_accomplices(judged, &n);
	struct ref bundle;

	if (accomplices == NULL) {
		to->failed = true;
		return;
	}
	json_open(&x.json, NULL, "{");
	json_string(&x.json, "type", "bundle");
	json_open(&x.json, "objects", "[");
	write_identity(&x);
	write_families(&x, accomplices, n);
	write_all_addresses(&x, accomplices, n);
	for (size_t i = 0; i < judged->devices_n; i++)
		if (abroad_accuses(&judged->devices[i]) &&
		    abroad_address(&judged->devices[i]) != NULL)
			write_device(&x, &judged->devices[i]);
	for (size_t i = 0; i < n; i++)
		write_accomplice(&x, &accomplices[i]);
	for (size_t i = 0; i < judged->attacks_n; i++)
		write_attack(&x, &judged->attacks[i]);
	json_close(&x.json, "]");
	stix_ref(&bundle, "bundle", x.chain);
	json_string(&x.json, "id", bundle.s);
	json_close(&x.json, "}");
	json_end(&x.json);
	free(accomplices);
	to->failed |= x.content.failed;
	text_fini(&x.content);
}
