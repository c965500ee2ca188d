/* SPDX-License-Identifier: MIT */
/*
 * Is it a flood? A rate and a duration *and* an undisciplined shape, or the fingerprint of a known attack. Every
 * condition names the honest traffic that it spares; the numbers stand in knowledge/limits.tsv.
 */
#include "detect/flood.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

int64_t flood_least_rate(enum flood_vector vector, const struct limits *limits)
{
	switch (vector) {
	case FLOOD_UDP:
		return limits->flood_rate_udp;
	case FLOOD_SYN:
		return limits->flood_rate_syn;
	case FLOOD_ACK:
		return limits->flood_rate_ack;
	case FLOOD_VSE:
		return limits->flood_rate_vse;
	case FLOOD_GRE_IP:
	case FLOOD_GRE_ETH:
		return limits->flood_rate_gre;
	case FLOOD_DNS:
		return limits->flood_rate_dns;
	case FLOOD_HTTP:
		return limits->flood_rate_http;
	case FLOOD_ICMP:
		return limits->flood_rate_icmp;
	case FLOOD_AMPLIFICATION:
		return limits->flood_rate_amplification;
	default:
		return limits->flood_rate_fragment;
	}
}

static bool is_more(uint64_t part, uint64_t whole, int64_t percent)
{
	return part * 100 >= whole * (uint64_t)percent && whole > 0;
}

/* Long enough, or so many at once that the capture is simply short. */
static bool is_heavy(const struct flood_record *r, const struct limits *limits)
{
	if (r->vector == FLOOD_HTTP && r->packets < (uint64_t)limits->flood_burst_packets)
		return r->hot_seconds >= limits->flood_http_seconds;
	if (r->hot_seconds >= limits->flood_seconds)
		return true;
	return r->vector != FLOOD_HTTP && r->peak_two >= limits->flood_burst_packets;
}

static bool is_orderly(const struct flood_record *r, const struct limits *limits)
{
	return is_more(r->shape.orderly, r->shape.judged, limits->flood_orderly_percent);
}

static bool is_answered(uint64_t replies, const struct flood_record *r, const struct limits *limits)
{
	return is_more(replies, r->packets, limits->flood_reply_percent);
}

static uint64_t sources(const struct flood_lane *f, const struct flood_record *r)
{
	return sources_count(&r->sources, &f->sources);
}

/* Streams and conversations are spared; so are port scans by UDP, which send little to each port. */
static bool is_udp_flood(const struct flood_lane *f, const struct flood_target *t,
			 const struct flood_record *r, const struct limits *limits)
{
	(void)f;
	if (is_answered(t->replies_udp, r, limits) &&
	    !is_more(r->shape.same, r->packets, limits->flood_same_percent))
		return false;
	if (shape_is_fresh(&r->shape))
		return shape_ports(r->shape.dports) >= limits->flood_many_ports ||
		       shape_ports(r->shape.sports) >= limits->flood_many_ports ||
		       sources(f, r) >= (uint64_t)limits->flood_many_sources;
	return !is_orderly(r, limits);
}

/*
 * A busy service is spared by its clients going on after the SYN, a port scan by its few source ports or its ordinary
 * SYNs, a program that hammers a closed port by the resets that it gets.
 */
static bool is_syn_flood(const struct flood_lane *f, const struct flood_target *t,
			 const struct flood_record *r, const struct limits *limits)
{
	bool raw = is_more(r->raw, r->packets, limits->flood_half_percent);
	bool many = sources(f, r) >= (uint64_t)limits->flood_many_sources;
	bool many_dports = shape_ports(r->shape.dports) >= limits->flood_many_ports;
	bool many_sports = shape_ports(r->shape.sports) >= limits->flood_many_ports;

	if (!raw && is_more(t->went_on, r->packets, limits->flood_finished_percent))
		return false;
	if (many)
		return true;
	if (many_dports)
		return raw && many_sports;
	return raw || (many_sports && !is_more(t->resets, r->packets, limits->flood_half_percent));
}

/* Transfers are spared by their sequence numbers and by what comes back. */
static enum flood_kind judge_ack(const struct flood_target *t, const struct flood_record *r,
				 const struct limits *limits)
{
	bool fresh = shape_is_fresh(&r->shape),
	     empty = is_more(r->empty, r->packets, limits->flood_half_percent);

	/* Data that goes on and on into a conversation, and its receiver never says that it got any. */
	if (!empty && is_more(r->answered, r->packets, limits->flood_half_percent) &&
	    is_more(r->lengths_same, r->packets, limits->flood_same_percent) &&
	    t->replies_tcp * (uint64_t)limits->flood_stomp_silence < r->packets)
		return FLOOD_IS_STOMP;
	if (r->shape.judged > 0 && is_orderly(r, limits))
		return FLOOD_IS_NONE;
	if (!fresh && !empty && is_more(r->answered, r->packets, limits->flood_half_percent) &&
	    is_more(r->lengths_same, r->packets, limits->flood_same_percent))
		return FLOOD_IS_STOMP;
	if (is_answered(t->replies_tcp, r, limits))
		return FLOOD_IS_NONE;
	/* Where the target is never seen to send, only the shape speaks. */
	if (t->sent == 0 && !fresh &&
	    (empty || !is_more(r->lengths_same, r->packets, limits->flood_same_percent)))
		return FLOOD_IS_NONE;
	return FLOOD_IS_ATTACK;
}

static bool is_reflection(const struct flood_lane *f, const struct flood_target *t,
			  const struct flood_record *r, const struct limits *limits)
{
	uint64_t syn_acks = r->amplifiers[AMPLIFIER_SYN_ACK];
	uint64_t payload = r->bytes / r->packets;

	if (syn_acks * 2 > r->packets)
		return sources(f, r) >= (uint64_t)limits->flood_few_sources &&
		       !is_more(t->syns_sent, r->packets, limits->flood_finished_percent) &&
		       !is_more(t->went_on, r->packets, limits->flood_finished_percent);
	/* Searches go out by multicast, and everybody on the network answers. */
	if (r->from_ours * 2 > r->packets && t->prefix_local)
		return false;
	/* Requests come from the target's address all the same when they are forged: ours is the reflector. */
	if (r->from_ours * 2 > r->packets && !t->prefix_local)
		return r->amplifiers[0] * 2 < r->packets;
	if (is_answered(t->replies_udp, r, limits))
		return false;
	return r->amplifiers[0] * 2 < r->packets || payload >= (uint64_t)limits->flood_answer_bytes;
}

/* Few pings of an administrator, and pings that are answered in order, are spared. */
static bool is_icmp_flood(const struct flood_lane *f, const struct flood_target *t,
			  const struct flood_record *r, const struct limits *limits)
{
	if (addr_is_multicast(&t->addr) || sources(f, r) >= (uint64_t)limits->flood_many_sources)
		return true;
	return !is_answered(t->replies_icmp, r, limits) && !is_orderly(r, limits);
}

static double names_set(const struct flood_record *r)
{
	int set = 0;

	for (size_t i = 0; i < sizeof r->names / sizeof r->names[0]; i++)
		set += __builtin_popcountll(r->names[i]);
	return set;
}

/* Services that look up hashes in a zone of their own ask for some of them again. */
static bool is_random_names(const struct flood_record *r, const struct limits *limits)
{
	double cells = sizeof r->names * 8.0;
	double distinct = -cells * log(1.0 - names_set(r) / cells);

	if (distinct * 100 < (double)r->names_seen * (double)limits->flood_names_distinct_percent)
		return false;
	return is_more(r->random_names, r->packets, limits->flood_dns_random_percent) &&
	       is_more(r->labelled, r->packets, limits->flood_dns_zone_percent) &&
	       strchr(r->label, '.') != NULL;
}

enum flood_kind flood_judge(const struct flood_lane *f, const struct flood_record *r,
			    const struct limits *limits)
{
	const struct flood_target *t = &f->targets[r->target];
	bool flood = false;

	if (!is_heavy(r, limits))
		return FLOOD_IS_NONE;
	switch ((enum flood_vector)r->vector) {
	case FLOOD_UDP:
		flood = is_udp_flood(f, t, r, limits);
		break;
	case FLOOD_SYN:
		flood = is_syn_flood(f, t, r, limits);
		break;
	case FLOOD_ACK:
		return judge_ack(t, r, limits);
	case FLOOD_VSE: /* game servers that answer their players are spared */
		flood = !is_answered(t->replies_udp, r, limits) ||
			sources(f, r) < (uint64_t)limits->flood_few_sources;
		break;
	case FLOOD_GRE_IP:
	case FLOOD_GRE_ETH: /* tunnels in use are spared by what comes back, mirrored traffic by what is inside */
		flood = is_more(r->lengths_same, r->packets, limits->flood_same_percent) &&
			(shape_is_fresh(&r->shape) ||
			 is_more(r->shape.same, r->packets, limits->flood_same_percent)) &&
			!is_answered(t->replies_other, r, limits);
		break;
	case FLOOD_DNS:
		flood = is_random_names(r, limits);
		break;
	case FLOOD_HTTP:
		flood = is_more(r->labelled, r->packets, limits->flood_http_same_percent) &&
			r->packets >= (uint64_t)limits->flood_http_each * sources(f, r);
		break;
	case FLOOD_ICMP:
		flood = is_icmp_flood(f, t, r, limits);
		break;
	case FLOOD_AMPLIFICATION:
		flood = is_reflection(f, t, r, limits);
		break;
	case FLOOD_FRAGMENT:
		flood = !is_orderly(r, limits) &&
			!is_answered(t->replies_udp + t->replies_tcp, r, limits);
		break;
	default:
		break;
	}
	return flood ? FLOOD_IS_ATTACK : FLOOD_IS_NONE;
}

static void describe_amplifiers(const struct flood_record *r, const struct knowledge *k, char *text,
				size_t size)
{
	int used = snprintf(text, size, "answers that nobody asked for:");

	for (unsigned i = 0; i <= AMPLIFIER_SYN_ACK && (size_t)used < size; i++) {
		if (r->amplifiers[i] * 20 < r->packets ||
		    (i >= k->amplifiers_n && i < AMPLIFIER_SYN_ACK))
			continue;
		used += snprintf(text + used, size - (size_t)used, " %s",
				 i == AMPLIFIER_SYN_ACK ? "syn-ack" : k->amplifiers[i].name);
	}
}

void flood_describe(const struct flood_record *r, const struct knowledge *k, char *text,
		    size_t size)
{
	text[0] = '\0';
	if (r->vector == FLOOD_AMPLIFICATION)
		describe_amplifiers(r, k, text, size);
	else if (r->vector == FLOOD_DNS)
		snprintf(text, size, "random names under %s", r->label);
	else if (r->vector == FLOOD_HTTP)
		snprintf(text, size, "the same request again and again: %s", r->label);
	else if (r->vector == FLOOD_SYN &&
		 is_more(r->raw, r->packets, k->limits.flood_half_percent))
		snprintf(text, size, "SYNs that no ordinary system sends");
	else if (shape_ports(r->shape.dports) >= 64)
		snprintf(text, size, "to random ports");
}
