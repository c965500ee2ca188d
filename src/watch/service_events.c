/* SPDX-License-Identifier: MIT */
/*
 * Events that no round makes: how cordon itself does (`health`), its counters (`stats`, after Suricata's schema) and
 * conversations (`flow`, likewise). They go past the store: what is lost of them was told, or will be, by the next ones.
 */
#include "watch/service_contain.h"

#include "base/community_id.h"
#include "base/hash.h"
#include "base/timespan.h"
#include "proto/proto.h"
#include "report/eve.h"

enum { HEALTH_VERSION = 1 };

static struct eve begin(const struct service *s, struct text *to)
{
	return (struct eve){.sensor = s->settings.sensor, .json = {.to = to, .compact = true}};
}

static void put(struct service *s, struct text *line)
{
	if (!line->failed)
		(void)events_put(s->events, line->at, line->len, 0);
	text_fini(line);
}

void service_health(struct service *s, const char *state, const char *interface, uint64_t count,
		    const char *text)
{
	struct text line = {0};
	struct eve v = begin(s, &line);

	if (s->events == NULL || (s->settings.events & EVENT_HEALTH) == 0)
		return;
	eve_begin(&v, service_wall(), "health");
	json_known(&v.json, "in_iface", interface);
	json_open(&v.json, "health", "{");
	json_count(&v.json, "v", HEALTH_VERSION);
	json_string(&v.json, "state", state);
	json_string(&v.json, "text", text);
	if (count > 0)
		json_count(&v.json, "count", count);
	json_close(&v.json, "}");
	eve_end(&v);
	put(s, &line);
}

void service_stats(struct service *s)
{
	uint64_t packets = 0, bytes = 0, dropped = 0, alerts = s->tally.codes_more;
	struct text line = {0};
	struct eve v = begin(s, &line);

	if (s->events == NULL || (s->settings.events & EVENT_STATS) == 0)
		return;
	for (uint32_t i = 0; s->counted && i < s->counts.interfaces_n; i++) {
		packets += s->counts.interfaces[i].packets;
		bytes += s->counts.interfaces[i].bytes;
		dropped += s->counts.interfaces[i].dropped;
	}
	for (size_t i = 0; i < s->tally.codes_n; i++)
		alerts += s->tally.codes[i].n;
	eve_begin(&v, service_wall(), "stats");
	json_open(&v.json, "stats", "{");
	json_count(&v.json, "uptime", (uint64_t)((service_now() - s->began_ns) / NS_PER_S));
	json_open(&v.json, "capture", "{");
	json_count(&v.json, "kernel_packets", packets + dropped);
	json_count(&v.json, "kernel_drops", dropped);
	json_close(&v.json, "}");
	json_open(&v.json, "decoder", "{");
	json_count(&v.json, "pkts", packets);
	json_count(&v.json, "bytes", bytes);
	json_close(&v.json, "}");
	json_open(&v.json, "detect", "{");
	json_count(&v.json, "alert", alerts);
	json_close(&v.json, "}");
	if (s->containment != NULL) { /* Suricata's word for what it dropped */
		json_open(&v.json, "ips", "{");
		json_count(&v.json, "blocked", s->containment->holder.packets);
		json_close(&v.json, "}");
	}
	json_close(&v.json, "}");
	eve_end(&v);
	put(s, &line);
}

/* ---- conversations --------------------------------------------------------------------------------------------- */

static const char *transport_name(uint8_t transport)
{
	switch (transport) {
	case TRANSPORT_TCP:
		return "TCP";
	case TRANSPORT_UDP:
		return "UDP";
	case TRANSPORT_ICMP:
		return "ICMP";
	case TRANSPORT_ICMP6:
		return "IPv6-ICMP";
	case TRANSPORT_SCTP:
		return "SCTP";
	default:
		return "other";
	}
}

/* The same for the same conversation, and below 2^53: readers of JSON hold numbers as doubles. */
static uint64_t flow_id(const struct wire_flow *f)
{
	uint64_t h = hash_more(hash_addr(&f->client), hash_addr(&f->server));

	h = hash_more(h, (uint64_t)f->client_port << 32 | (uint64_t)f->server_port << 16 |
				 f->transport);
	return hash_more(h, (uint64_t)f->first_ns) >> 11;
}

static void put_flow(struct json *j, const struct wire_flow *f)
{
	json_open(j, "flow", "{");
	json_count(j, "pkts_toserver", f->packets_out);
	json_count(j, "pkts_toclient", f->packets_in);
	json_count(j, "bytes_toserver", f->bytes_out);
	json_count(j, "bytes_toclient", f->bytes_in);
	json_time_as(j, "start", f->first_ns, 6, "+0000");
	json_time_as(j, "end", f->last_ns, 6, "+0000");
	if (f->last_ns >= f->first_ns)
		json_count(j, "age", (uint64_t)(time_since(f->first_ns, f->last_ns) / NS_PER_S));
	json_close(j, "}");
}

static void put_ends(struct json *j, const struct wire_flow *f)
{
	const struct community c = {.src = f->client,
				    .dst = f->server,
				    .protocol = f->transport,
				    .src_port = f->client_port,
				    .dst_port = f->server_port};
	char id[COMMUNITY_ID_MAX];

	json_addr(j, "src_ip", &f->client);
	json_count(j, "src_port", f->client_port);
	json_addr(j, "dest_ip", &f->server);
	json_count(j, "dest_port", f->server_port);
	json_string(j, "proto", transport_name(f->transport));
	json_string(j, "community_id", community_id(&c, 0, id));
}

void service_flow(struct service *s, const struct wire_flow *f)
{
	struct text line = {0};
	struct eve v = begin(s, &line);

	if (s->events == NULL || (s->settings.events & EVENT_FLOW) == 0)
		return;
	eve_begin(&v, f->last_ns, "flow");
	json_count(&v.json, "flow_id", flow_id(f));
	if (s->counted && f->input < s->counts.interfaces_n)
		json_string(&v.json, s->settings.files_n > 0 ? "pcap_filename" : "in_iface",
			    s->counts.interfaces[f->input].name);
	if (f->vlan != 0) {
		json_open(&v.json, "vlan", "[");
		json_count(&v.json, NULL, f->vlan);
		json_close(&v.json, "]");
	}
	put_ends(&v.json, f);
	if (f->parser < PROTOS)
		json_string(&v.json, "app_proto", protos[f->parser]->name);
	put_flow(&v.json, f);
	eve_end(&v);
	put(s, &line);
}
