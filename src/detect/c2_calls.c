/* SPDX-License-Identifier: MIT */
/*
 * Calls to one and the same stranger, over and over: a bot whose command server is gone goes on calling it for as long as it
 * has power (IoT-23's scenario 8-1: 2,056 calls in a day, two addresses in turn, none answered), and one whose server
 * lives may report at fixed times. Things nobody hijacked do both as well: a hub whose cloud is down repeats its call
 * every few seconds for days. So it takes three unlikely things together before anything is said, and it is a sign and
 * never proof:
 *
 *   - the address is bare: no name server's answer to this host gave it. Makers name their servers, since addresses
 *     change; a bot's is often built in;
 *   - the port is none of those where honest programs keep calling one server (`usual` in knowledge/ports.tsv);
 *   - either hundreds of calls over hours, none of them accepted while others on the Internet did answer somebody here;
 *     or calls of which nearly all lie one fixed time apart.
 *
 * Only calls to bare addresses on such ports are kept at all, six targets a host, of which the one not called for longest
 * makes room: a peer of a file-sharing network calls hundreds of those, each a few times. A call is a SYN with a new
 * sequence number or source port; what a kernel repeats is none. The times between calls are judged by a majority vote
 * (Boyer and Moore 1991) with a tolerance: one pass, no clock but the packets', and a lost call or a reboot does not
 * spoil it. Names are kept as a Bloom filter (1970): it may call a bare address named, never the other way round.
 *
 * Not seen: names looked up before the capture began, or over TLS and HTTPS. An honest program with an address built in,
 * whose server died or is blocked by a firewall, looks exactly like this; docs/verdicts.md says so.
 */
#include "base/hash.h"
#include "base/timespan.h"
#include "detect/detect.h"
#include "detect/marks.h"
#include "proto/dns.h"

#include <stdio.h>

enum {
	TARGETS = 6,
	CALLS_KEPT = 2, /* for telling repeats: two connections may be open at once */
	KEYS_KEPT = 5,	/* the first packets; the last one is told beside them */
	NAMES_WORDS =
		16, /* 1024 bits: a hundred addresses leave 3 % of strangers taken for named */
	NAMES_FULL =
		384, /* bits of one of two filters: a seventh of strangers is taken for named then */
	KEPT_CALLS = 32, /* who was called so often gives its place up last */
	VOTES_MOST = 64, /* so many calls at another pace make a new pace the candidate */
	MULTIPLES = 4	 /* calls that the capture missed: two, three or four times the pace */
};

struct call {
	uint32_t seq;
	uint16_t sport;
};

/* Is there one time that lies between most calls? */
struct pace {
	uint32_t gap_ms; /* the candidate, following slowly */
	uint32_t votes;
	uint32_t agree;	 /* gaps close to it … */
	uint32_t others; /* … and not, since it is the candidate */
	uint32_t gaps;	 /* all of them, ever */
};

struct called {
	struct addr addr; /* zero: free */
	int64_t first_ns; /* the packets' own times, for the stage clock may be held where packets are rare */
	int64_t last_ns;
	uint64_t keys[KEYS_KEPT];
	uint64_t last_key;
	struct call calls[CALLS_KEPT];
	struct pace pace;
	uint32_t n;    /* calls */
	uint32_t live; /* of them while answers from outside were seen */
	uint32_t refused;
	uint32_t accepted;
	uint16_t port;
	uint8_t keys_n;
};

struct calls_state {
	uint64_t names[NAMES_WORDS]; /* addresses that name servers' answers gave */
	uint64_t older[NAMES_WORDS]; /* … before those: not empty only where tables forget */
	bool named;		     /* there was one */
	struct called targets[TARGETS];
};

static bool names_bit(struct calls_state *state, unsigned bit, bool set)
{
	uint64_t mask = UINT64_C(1) << (bit & 63), *word = &state->names[bit >> 6 & 15];
	bool was = (*word & mask) != 0;

	if (set)
		*word |= mask;
	return was;
}

static bool has_bit(const uint64_t words[NAMES_WORDS], unsigned bit)
{
	return (words[bit >> 6 & 15] >> (bit & 63) & 1) != 0;
}

/* Two bits of the published hash: the filter must not depend on anybody's seed. */
static bool names_note(struct calls_state *state, const struct addr *a, bool set)
{
	uint64_t hash = hash_addr(a);
	bool first = names_bit(state, hash >> 8 & 1023, set);

	return names_bit(state, hash >> 24 & 1023, set) && first;
}

/* One that is in use goes on being known by its name, whenever that was given. */
static bool is_named(struct calls_state *state, const struct addr *a)
{
	uint64_t hash = hash_addr(a);

	if (names_note(state, a, false))
		return true;
	if (!has_bit(state->older, hash >> 8 & 1023) || !has_bit(state->older, hash >> 24 & 1023))
		return false;
	names_note(state, a, true);
	return true;
}

static void name_seen(struct calls_state *state, const struct addr *a)
{
	state->named = true;
	names_note(state, a, true);
	for (unsigned i = 0; i < TARGETS; i++) {
		if (addr_equal(&state->targets[i].addr, a))
			state->targets[i] = (struct called){.n = 0};
	}
}

static bool is_near(uint32_t gap_ms, uint32_t pace_ms, int64_t percent)
{
	uint32_t apart = gap_ms > pace_ms ? gap_ms - pace_ms : pace_ms - gap_ms;

	return (int64_t)apart * 100 <= (int64_t)pace_ms * percent;
}

static void pace_vote(struct pace *p, uint32_t gap_ms, int64_t percent)
{
	p->gaps++;
	if (p->votes == 0)
		*p = (struct pace){.gap_ms = gap_ms, .votes = 1, .agree = 1, .gaps = p->gaps};
	else if (is_near(gap_ms, p->gap_ms, percent)) {
		p->agree++;
		p->votes += p->votes < VOTES_MOST;
		p->gap_ms = (uint32_t)((p->gap_ms * UINT64_C(7) + gap_ms) / 8);
	} else {
		for (uint32_t i = 2; i <= MULTIPLES; i++) {
			if (gap_ms / i > 0 && is_near(gap_ms / i, p->gap_ms, percent))
				return;
		}
		p->others++;
		p->votes--;
	}
}

static bool pace_is_steady(const struct pace *p, const struct limits *limits)
{
	return p->agree + 1 >= limits->beacon_calls &&
	       p->agree * INT64_C(100) >= (p->agree + p->others) * limits->beacon_agree_percent &&
	       p->agree * INT64_C(2) >= p->gaps;
}

/* The target's place, or that of whoever makes room for it. */
static struct called *find_target(struct calls_state *state, const struct addr *a, uint16_t port)
{
	struct called *oldest = &state->targets[0];

	for (unsigned i = 0; i < TARGETS; i++) {
		struct called *t = &state->targets[i];
		bool kept = t->n >= KEPT_CALLS, oldest_kept = oldest->n >= KEPT_CALLS;

		if (t->n > 0 && t->port == port && addr_equal(&t->addr, a))
			return t;
		if (kept != oldest_kept ? oldest_kept : t->last_key < oldest->last_key)
			oldest = t;
	}
	*oldest = (struct called){.addr = *a, .port = port};
	return oldest;
}

/* A kernel repeats its own SYN; a program that calls again gets another port or sequence number. */
static bool is_repeat(struct called *t, const struct packet *p)
{
	for (unsigned i = 0; i < CALLS_KEPT && i < t->n; i++) {
		if (t->calls[i].seq == p->seq && t->calls[i].sport == p->sport)
			return true;
	}
	memmove(t->calls + 1, t->calls, sizeof t->calls - sizeof t->calls[0]);
	t->calls[0] = (struct call){.seq = p->seq, .sport = p->sport};
	return false;
}

static void count_call(struct called *t, const struct packet *p, bool live,
		       const struct limits *limits)
{
	int64_t gap_ms = time_since(t->last_ns, p->time_ns) / NS_PER_MS;

	if (t->n == 0) {
		t->first_ns = p->time_ns;
	} else if (gap_ms >= limits->call_apart_ms) {
		pace_vote(&t->pace, gap_ms < UINT32_MAX ? (uint32_t)gap_ms : UINT32_MAX,
			  limits->beacon_spread_percent);
	}
	if (t->keys_n < KEYS_KEPT)
		t->keys[t->keys_n++] = p->key;
	t->n += t->n < UINT32_MAX;
	t->live += live && t->live < UINT32_MAX;
	t->last_key = p->key;
	t->last_ns = p->time_ns;
}

static bool is_odd(const struct lane *lane, const struct stamp *s)
{
	uint8_t class = lane->knowledge->ports[s->packet->dport];

	return (class == PORT_OTHER || class == PORT_TELNET) && (s->flags & STAMP_DST_LOCAL) == 0 &&
	       addr_is_public(&s->packet->dst) && !mark_is_mirai(s->packet) &&
	       !mark_is_zmap(s->packet) && !mark_is_masscan(s->packet);
}

static void calls_sent(struct lane *lane, struct host *host, const struct stamp *s)
{
	const struct packet *p = s->packet;
	struct calls_state *state;
	struct called *t;

	if ((host->flags & HOST_OURS) == 0 || !is_odd(lane, s))
		return;
	state = detect_state(lane, host, detector_c2_calls.slot);
	if (state == NULL || is_named(state, &p->dst))
		return;
	t = find_target(state, &p->dst, p->dport);
	if (!is_repeat(t, p))
		count_call(t, p, (s->flags & STAMP_UPLINK) != 0, &lane->knowledge->limits);
}

static void take_names(struct lane *lane, struct host *host, const struct packet *p)
{
	struct addr given[DNS_ADDRESSES_MAX];
	size_t n = dns_read_addresses(packet_payload(p), given);
	struct calls_state *state = n > 0 ? detect_state(lane, host, detector_c2_calls.slot) : NULL;

	for (size_t i = 0; i < n && state != NULL; i++)
		name_seen(state, &given[i]);
}

static void calls_answered(struct lane *lane, struct host *host, const struct stamp *s)
{
	const struct packet *p = s->packet;
	struct calls_state *state;

	if ((host->flags & HOST_OURS) == 0)
		return;
	if (s->kind == KIND_UDP) {
		take_names(lane, host, p);
		return;
	}
	state = detect_state_if(lane, host, detector_c2_calls.slot);
	for (unsigned i = 0; state != NULL && i < TARGETS; i++) {
		struct called *t = &state->targets[i];

		if (t->n == 0 || t->port != p->sport || !addr_equal(&t->addr, &p->src))
			continue;
		if ((p->tcp_flags & TCP_RST) == 0)
			t->accepted += t->accepted < UINT32_MAX;
		else
			t->refused += t->refused < UINT32_MAX;
	}
}

static void span_text(char *text, size_t size, int64_t ns)
{
	int64_t minutes = ns / (60 * NS_PER_S);

	if (minutes < 120)
		snprintf(text, size, "%d minutes", (int)minutes);
	else if (minutes < 2880)
		snprintf(text, size, "%d hours", (int)(minutes / 60));
	else
		snprintf(text, size, "%lld days", (long long)(minutes / 1440));
}

static void write_dead(struct finding *f, const struct called *t, const char *span)
{
	char ip[ADDR_TEXT_MAX], refused[48] = "";

	if (t->refused > 0)
		snprintf(refused, sizeof refused, " (%u times it was refused)", t->refused);
	snprintf(f->text, FINDING_TEXT,
		 "called TCP port %u of %s %u times in %s and was never let in%s, while others "
		 "outside did answer; no name led to that address",
		 t->port, addr_text(&t->addr, ip), t->n, span, refused);
}

static void write_beacon(struct finding *f, const struct called *t, const char *span)
{
	char ip[ADDR_TEXT_MAX];

	snprintf(f->text, FINDING_TEXT,
		 "called TCP port %u of %s %u times in %s, %u of them %u.%u s after the one "
		 "before; no name led to that address",
		 t->port, addr_text(&t->addr, ip), t->n, span, t->pace.agree, t->pace.gap_ms / 1000,
		 t->pace.gap_ms % 1000 / 100);
}

static void tell_calls(const struct called *t, enum weight weight, bool dead, struct findings *out)
{
	struct finding *f = findings_add(out);
	char span[32];

	if (f == NULL)
		return;
	f->weight = weight;
	f->act = ACT_RECRUITED;
	f->has_peer = true;
	f->peer = t->addr;
	f->role = ROLE_COMMAND;
	f->port = t->port;
	f->first_ns = t->first_ns;
	f->last_ns = t->last_ns;
	f->count = t->n;
	for (unsigned i = 0; i < t->keys_n; i++)
		finding_cite(f, t->keys[i]);
	finding_cite(f, t->last_key);
	span_text(span, sizeof span, time_since(t->first_ns, t->last_ns));
	if (dead)
		write_dead(f, t, span);
	else
		write_beacon(f, t, span);
}

static bool is_dead(const struct called *t, int64_t span_ns, const struct limits *limits)
{
	return t->accepted == 0 && t->live >= limits->dead_calls &&
	       span_ns >= limits->dead_span_s * NS_PER_S;
}

static void calls_conclude(struct lane *lane, const struct host *host, const void *opaque,
			   struct findings *out)
{
	const struct limits *limits = &lane->knowledge->limits;
	const struct calls_state *state = opaque;

	(void)host;
	for (unsigned i = 0; i < TARGETS; i++) {
		const struct called *t = &state->targets[i];
		int64_t span = time_since(t->first_ns, t->last_ns);

		if (t->n == 0)
			continue;
		if (is_dead(t, span, limits))
			tell_calls(t, WEIGHT_SIGN, true, out);
		else if (pace_is_steady(&t->pace, limits) &&
			 span >= limits->beacon_span_s * NS_PER_S)
			tell_calls(t, state->named ? WEIGHT_SIGN : WEIGHT_NOTE, false, out);
	}
}

/* What tells repeats is of no use without the packets that follow. */
static void calls_settle(struct lane *lane, void *opaque)
{
	struct calls_state *state = opaque;

	(void)lane;
	for (unsigned i = 0; i < NAMES_WORDS; i++) {
		state->names[i] |= state->older[i];
		state->older[i] = 0;
	}
	for (unsigned i = 0; i < TARGETS; i++)
		memset(state->targets[i].calls, 0, sizeof state->targets[i].calls);
}

/* A filter that is half full soon takes everybody for named: what was not used since the one before is forgotten. */
static void calls_expire(void *opaque)
{
	struct calls_state *state = opaque;
	unsigned set = 0;

	for (unsigned i = 0; i < NAMES_WORDS; i++)
		set += (unsigned)__builtin_popcountll(state->names[i]);
	if (set < NAMES_FULL)
		return;
	memcpy(state->older, state->names, sizeof state->older);
	memset(state->names, 0, sizeof state->names);
}

static void pace_fields(struct archive *a, struct pace *p)
{
	archive_u32(a, &p->gap_ms);
	archive_u32(a, &p->votes);
	archive_require(a, p->votes <= VOTES_MOST, "a number is out of its range");
	archive_u32(a, &p->agree);
	archive_u32(a, &p->others);
	archive_u32(a, &p->gaps);
}

static void called_fields(struct archive *a, struct called *t)
{
	archive_u32(a, &t->n);
	if (t->n == 0)
		return;
	archive_addr(a, &t->addr);
	archive_u16(a, &t->port);
	archive_i64(a, &t->first_ns);
	archive_i64(a, &t->last_ns);
	archive_keys(a, t->keys, &t->keys_n, 1, KEYS_KEPT);
	archive_key(a, &t->last_key);
	pace_fields(a, &t->pace);
	archive_u32(a, &t->live);
	archive_u32(a, &t->refused);
	archive_u32(a, &t->accepted);
}

static void calls_fields(struct archive *a, void *opaque)
{
	struct calls_state *state = opaque;

	archive_words(a, state->names, NAMES_WORDS);
	archive_bool(a, &state->named);
	for (unsigned i = 0; i < TARGETS; i++)
		called_fields(a, &state->targets[i]);
}

/* The same pace adds up; of two, that with more votes stays. */
static void join_pace(struct pace *p, const struct pace *later, int64_t percent)
{
	uint32_t gaps = add_most(p->gaps, later->gaps);

	if (later->votes > 0 && p->votes > 0 && is_near(later->gap_ms, p->gap_ms, percent)) {
		p->agree = add_most(p->agree, later->agree);
		p->others = add_most(p->others, later->others);
		p->votes =
			p->votes + later->votes < VOTES_MOST ? p->votes + later->votes : VOTES_MOST;
	} else if (later->votes > p->votes) {
		*p = *later;
	}
	p->gaps = gaps;
}

static void join_called(struct called *t, const struct called *later, const struct limits *limits)
{
	int64_t gap_ms = time_since(t->last_ns, later->first_ns) / NS_PER_MS;

	if (t->n == 0) {
		*t = *later;
		return;
	}
	if (gap_ms >= limits->call_apart_ms)
		pace_vote(&t->pace, gap_ms < UINT32_MAX ? (uint32_t)gap_ms : UINT32_MAX,
			  limits->beacon_spread_percent);
	join_pace(&t->pace, &later->pace, limits->beacon_spread_percent);
	for (unsigned i = 0; i < later->keys_n && t->keys_n < KEYS_KEPT; i++)
		t->keys[t->keys_n++] = later->keys[i];
	t->first_ns = later->first_ns < t->first_ns ? later->first_ns : t->first_ns;
	t->last_ns = later->last_ns > t->last_ns ? later->last_ns : t->last_ns;
	t->last_key = later->last_key > t->last_key ? later->last_key : t->last_key;
	t->n = add_most(t->n, later->n);
	t->live = add_most(t->live, later->live);
	t->refused = add_most(t->refused, later->refused);
	t->accepted = add_most(t->accepted, later->accepted);
}

/* An address that a name led to in either part is no bare one in the other. */
static void calls_join(void *opaque, const void *more, const struct limits *limits)
{
	struct calls_state *state = opaque;
	const struct calls_state *later = more;

	for (unsigned i = 0; i < NAMES_WORDS; i++)
		state->names[i] |= later->names[i];
	state->named |= later->named;
	for (unsigned i = 0; i < TARGETS; i++) {
		const struct called *t = &later->targets[i];

		if (t->n > 0)
			join_called(find_target(state, &t->addr, t->port), t, limits);
	}
	for (unsigned i = 0; i < TARGETS; i++) {
		if (is_named(state, &state->targets[i].addr))
			state->targets[i] = (struct called){.n = 0};
	}
}

const struct detector detector_c2_calls = {
	.name = "c2-calls",
	.code = "C-0011",
	.summary = "calls to one bare address on an odd port, for hours in vain or at a fixed pace",
	.hints = HINT_OURS,
	.kinds = KIND_SYN,
	.answers = KIND_ANSWER | KIND_UDP,
	.slot = 3,
	.state_size = sizeof(struct calls_state),
	.share = 4,
	.ours_only = true,
	.sent = calls_sent,
	.answered = calls_answered,
	.conclude = calls_conclude,
	.settle = calls_settle,
	.expire = calls_expire,
	.fields = calls_fields,
	.join = calls_join,
};
