/* SPDX-License-Identifier: MIT */
/*
 * Scanners without the Mirai mark: Gafgyt, Hide-and-Seek and others call connect(), so their SYNs look like anybody's.
 * What shows is whom they call: many strangers, in many networks, on ports where nothing honest calls many strangers,
 * and nearly none of them answers.
 *
 * A sequential test in the manner of Wald (1945) and of threshold random walk (Jung et al., IEEE S&P 2004), held as
 * CUSUM so that it composes in order (design rule 10): each first contact adds to a fixed-point score when it stays
 * unanswered, adds less when it is refused, subtracts when it is answered; the score never falls below zero. A host
 * is convicted only when the score passes scan_score_convict *and* scan_targets_floor different public targets in
 * scan_networks_floor networks failed. No clock is in the test, so one contact a minute is found like a hundred a
 * second.
 *
 * The model's bound is one false alarm in 10^8 contacts; it assumes independent contacts of which an honest client of
 * telnet-class ports sees a quarter unanswered. Benign traffic that looks the same, and why it does not convict: file
 * sharing and crawlers call other ports (those are not in the test); device set-up calls few targets; an uplink that
 * is down answers nobody (the test is off while no answer from outside is seen by anyone); inventory tools and
 * administrators call their own network (never more than suspect, and only when they call nothing but telnet).
 */
#include "base/hash.h"
#include "base/timespan.h"
#include "detect/detect.h"
#include "detect/marks.h"

#include <math.h>
#include <stdio.h>

enum {
	CONTACTS = 16, /* undecided contacts that a sender's entry holds (design rule 7) */
	SCORE_MOST = 1 << 20,
	PORTS_KEPT = 4
};

enum tested {
	TEST_TELNET, /* public targets, telnet-class port */
	TEST_WORM,   /* public targets, port of other worms */
	TEST_LOCAL,  /* local targets, telnet-class port */
	TESTS
};

enum contact_state { CONTACT_FREE, CONTACT_OPEN, CONTACT_DONE };

enum outcome { UNANSWERED, REFUSED, ANSWERED };

struct contact {
	uint32_t target;
	uint16_t port;
	uint8_t state;
	uint8_t test;
	uint16_t network; /* tag of its /16, or IPv6 /48 */
	int64_t now_ns;
};

struct tally {
	int32_t score;
	uint32_t contacts;
	uint32_t unanswered;
	uint32_t refused;
	uint32_t answered;
	uint64_t targets[4]; /* linear counting of failed targets */
	uint64_t networks;   /* … and of their networks */
	int64_t first_ns;
	int64_t last_ns;
	uint64_t keys[FINDING_PACKETS];
	uint16_t ports[PORTS_KEPT];
	uint8_t ports_n;
	uint8_t keys_n;
	bool decided;
};

struct scan_state {
	struct contact ring[CONTACTS];
	uint8_t head;
	uint32_t syns; /* all SYNs since the state was made */
	struct tally tally[TESTS];
};

static double linear_count(unsigned set, unsigned of)
{
	return set >= of ? of * log(of) : -(double)of * log(1.0 - (double)set / of);
}

static uint32_t targets_of(const struct tally *t)
{
	unsigned set = 0;

	for (int i = 0; i < 4; i++)
		set += (unsigned)__builtin_popcountll(t->targets[i]);
	return (uint32_t)lround(linear_count(set, 256));
}

static uint32_t networks_of(const struct tally *t)
{
	return (uint32_t)lround(linear_count((unsigned)__builtin_popcountll(t->networks), 64));
}

static void note_failed(struct tally *t, const struct contact *c)
{
	t->targets[c->target >> 8 & 3] |= UINT64_C(1) << (c->target >> 2 & 63);
	t->networks |= UINT64_C(1) << (c->network & 63);
}

static void decide(struct tally *t, const struct limits *limits)
{
	if (!t->decided && t->score >= limits->scan_score_convict &&
	    targets_of(t) >= limits->scan_targets_floor)
		t->decided = true;
}

static void judge(struct lane *lane, struct scan_state *state, struct contact *c, enum outcome how,
		  bool answers_seen)
{
	const struct limits *limits = &lane->knowledge->limits;
	struct tally *t = &state->tally[c->test];
	int64_t add;

	c->state = CONTACT_DONE;
	if (how == ANSWERED) {
		t->answered++;
		add = -limits->scan_score_answered;
	} else if (how == REFUSED) {
		t->refused++;
		add = limits->scan_score_refused;
		note_failed(t, c);
	} else if (c->test != TEST_LOCAL && !answers_seen) {
		lane->one_way++;
		return;
	} else {
		t->unanswered++;
		add = limits->scan_score_unanswered;
		note_failed(t, c);
	}
	t->score = (int32_t)(t->score + add);
	t->score = t->score < 0 ? 0 : t->score > SCORE_MOST ? SCORE_MOST : t->score;
	decide(t, limits);
}

/* Answers are seen on this link: by anybody these minutes, or by this host ever. */
static bool sees_answers(const struct scan_state *state, bool uplink)
{
	uint32_t answers = 0;

	for (int i = 0; i < TEST_LOCAL; i++)
		answers += state->tally[i].answered + state->tally[i].refused;
	return uplink || answers > 0;
}

static void judge_old(struct lane *lane, struct scan_state *state, int64_t now_ns, bool uplink)
{
	for (int i = 0; i < CONTACTS; i++) {
		struct contact *c = &state->ring[(state->head + i) % CONTACTS];

		if (c->state == CONTACT_OPEN &&
		    time_since(c->now_ns, now_ns) >
			    lane->knowledge->limits.scan_answer_ms * NS_PER_MS)
			judge(lane, state, c, UNANSWERED, sees_answers(state, uplink));
	}
}

static bool knows_contact(const struct scan_state *state, uint32_t target, uint16_t port)
{
	for (int i = 0; i < CONTACTS; i++) {
		if (state->ring[i].state != CONTACT_FREE && state->ring[i].target == target &&
		    state->ring[i].port == port)
			return true;
	}
	return false;
}

/*
 * The ranges for documentation and tests (RFC 5737, RFC 2544). They are all the strangers that examples may have, so
 * each /26 of them stands for a network of its own.
 */
static bool is_example(uint32_t v4)
{
	return v4 >> 8 == 0xc00002 || v4 >> 8 == 0xc63364 || v4 >> 8 == 0xcb0071 ||
	       v4 >> 17 == 0xc612 >> 1;
}

/* The /16 of an IPv4 address, the /48 of an IPv6 one. */
static uint16_t network_tag(const struct addr *a)
{
	uint32_t v4 = addr_low32(a);

	if (addr_is_v4(a))
		return (uint16_t)hash_mix((is_example(v4) ? v4 >> 6 : v4 >> 16) + 1);
	return (uint16_t)hash_mix(hash_load(a->b) & 0xffffffffffffULL);
}

static void note_contact(struct tally *t, const struct packet *p)
{
	if (t->contacts++ == 0)
		t->first_ns = p->time_ns;
	t->last_ns = p->time_ns;
	keep_key(t->keys, &t->keys_n, p->key);
	for (unsigned i = 0; i < t->ports_n; i++) {
		if (t->ports[i] == p->dport)
			return;
	}
	if (t->ports_n < PORTS_KEPT)
		t->ports[t->ports_n++] = p->dport;
}

/* Local targets only of our own hosts: strangers who call us are strangers to this test. */
static bool is_tested(const struct stamp *s, uint8_t class, bool local)
{
	if ((class != PORT_TELNET && class != PORT_WORM) || mark_is_mirai(s->packet) ||
	    mark_is_zmap(s->packet) || mark_is_masscan(s->packet))
		return false;
	if (local)
		return class == PORT_TELNET && (s->flags & STAMP_SRC_OURS) != 0;
	return addr_is_public(&s->packet->dst);
}

static void note_sent(struct lane *lane, struct scan_state *state, const struct stamp *s,
		      bool tested)
{
	const struct packet *p = s->packet;
	uint8_t class = lane->knowledge->ports[p->dport];
	bool local = (s->flags & STAMP_DST_LOCAL) != 0;
	bool uplink = (s->flags & STAMP_UPLINK) != 0;
	uint32_t target = (uint32_t)s->target_hash | 1;
	struct contact *c;

	state->syns++;
	judge_old(lane, state, p->now_ns, uplink);
	if (!tested || knows_contact(state, target, p->dport))
		return;
	c = &state->ring[state->head];
	state->head = (uint8_t)((state->head + 1) % CONTACTS);
	if (c->state == CONTACT_OPEN) /* pushed out: nobody answers that late to so many */
		judge(lane, state, c, UNANSWERED, sees_answers(state, uplink));
	*c = (struct contact){.target = target,
			      .port = p->dport,
			      .state = CONTACT_OPEN,
			      .test = local		     ? TEST_LOCAL
				      : class == PORT_TELNET ? TEST_TELNET
							     : TEST_WORM,
			      .network = network_tag(&p->dst),
			      .now_ns = p->now_ns};
	note_contact(&state->tally[c->test], p);
	if (!local)
		detect_map(lane, s);
}

static unsigned decided_of(const struct scan_state *state)
{
	unsigned n = 0;

	for (int i = 0; i < TESTS; i++)
		n += state->tally[i].decided;
	return n;
}

static void scan_sent(struct lane *lane, struct host *host, const struct stamp *s)
{
	bool tested = is_tested(s, lane->knowledge->ports[s->packet->dport],
				(s->flags & STAMP_DST_LOCAL) != 0);
	struct scan_state *state = tested ? detect_state(lane, host, detector_scan.slot)
					  : detect_state_if(lane, host, detector_scan.slot);
	unsigned before;

	if (state == NULL)
		return;
	before = decided_of(state);
	note_sent(lane, state, s, tested);
	if (decided_of(state) > before)
		detect_urge(lane, host);
}

static void scan_answered(struct lane *lane, struct host *host, const struct stamp *s)
{
	struct scan_state *state = detect_state_if(lane, host, detector_scan.slot);
	uint32_t from = (uint32_t)hash_addr(&s->packet->src) | 1;

	for (int i = 0; state != NULL && i < CONTACTS; i++) {
		struct contact *c = &state->ring[i];

		if (c->state == CONTACT_OPEN && c->target == from && c->port == s->packet->sport)
			judge(lane, state, c,
			      (s->packet->tcp_flags & TCP_RST) != 0 ? REFUSED : ANSWERED, true);
	}
}

static void write_text(char *text, size_t size, const struct tally *t, bool local)
{
	int used = snprintf(text, size, "calls TCP port%s ", t->ports_n > 1 ? "s" : "");

	for (unsigned i = 0; i < t->ports_n; i++)
		used += snprintf(text + used, size - (size_t)used, "%s%u", i > 0 ? ", " : "",
				 t->ports[i]);
	snprintf(
		text + used, size - (size_t)used,
		" of about %u %s addresses: %u first contacts, %u never answered, %u refused, %u answered",
		targets_of(t), local ? "local" : "public", t->contacts, t->unanswered, t->refused,
		t->answered);
}

static bool accuses(const struct scan_state *state, enum tested test, const struct limits *limits)
{
	const struct tally *t = &state->tally[test];
	uint64_t tested = 0;

	if (!t->decided)
		return false;
	if (test != TEST_LOCAL)
		return networks_of(t) >= limits->scan_networks_floor ||
		       targets_of(t) >= limits->scan_dense_floor;
	for (int i = 0; i < TESTS; i++)
		tested += state->tally[i].contacts;
	return tested * 100 >= (uint64_t)state->syns * (uint64_t)limits->scan_only_percent;
}

static void scan_conclude(struct lane *lane, const struct host *host, const void *opaque,
			  struct findings *out)
{
	const struct limits *limits = &lane->knowledge->limits;
	struct scan_state state = *(const struct scan_state *)opaque;

	(void)host;
	judge_old(lane, &state, lane->end_ns, lane->end_uplink);
	for (int test = 0; test < TESTS; test++) {
		const struct tally *t = &state.tally[test];
		struct finding *f;

		if (!accuses(&state, test, limits))
			continue;
		f = findings_add(out);
		if (f == NULL)
			return;
		/* Many targets in few networks: somebody may be sweeping a network that he looks after. */
		f->weight = test == TEST_TELNET && networks_of(t) >= limits->scan_networks_floor
				    ? WEIGHT_PROOF
				    : WEIGHT_SIGN;
		f->stranger = WEIGHT_SIGN; /* surveys of the Internet look the same from here */
		f->act = ACT_SCANNING;
		f->first_ns = t->first_ns;
		f->last_ns = t->last_ns;
		f->count = t->contacts;
		f->keys_n = t->keys_n;
		memcpy(f->keys, t->keys, sizeof f->keys);
		write_text(f->text, FINDING_TEXT, t, test == TEST_LOCAL);
	}
}

/* Contacts whose answer may still have been on its way are dropped: nobody is convicted by where a capture ended. */
static void scan_settle(struct lane *lane, void *opaque)
{
	struct scan_state *state = opaque;
	uint64_t counted = lane->one_way; /* conclude() counts these */

	judge_old(lane, state, lane->end_ns, lane->end_uplink);
	lane->one_way = counted;
	memset(state->ring, 0, sizeof state->ring);
	state->head = 0;
}

static void tally_fields(struct archive *a, struct tally *t)
{
	archive_i32(a, &t->score);
	archive_require(a, t->score >= 0 && t->score <= SCORE_MOST, "a score is out of its range");
	archive_u32(a, &t->contacts);
	archive_u32(a, &t->unanswered);
	archive_u32(a, &t->refused);
	archive_u32(a, &t->answered);
	archive_words(a, t->targets, 4);
	archive_u64(a, &t->networks);
	archive_i64(a, &t->first_ns);
	archive_i64(a, &t->last_ns);
	archive_keys(a, t->keys, &t->keys_n, 1, FINDING_PACKETS);
	archive_ports(a, t->ports, &t->ports_n, PORTS_KEPT);
	archive_bool(a, &t->decided);
}

static void scan_fields(struct archive *a, void *opaque)
{
	struct scan_state *state = opaque;

	archive_u32(a, &state->syns);
	for (int i = 0; i < TESTS; i++) {
		bool any = state->tally[i].contacts > 0;

		archive_bool(a, &any);
		if (any)
			tally_fields(a, &state->tally[i]);
	}
}

static int64_t sum_of(const struct tally *t, const struct limits *limits)
{
	return t->unanswered * limits->scan_score_unanswered +
	       t->refused * limits->scan_score_refused - t->answered * limits->scan_score_answered;
}

/* CUSUM in order: where the later part ended, it would have ended higher by what the earlier one left, unless it fell to zero
 * in between. */
static void join_tally(struct tally *t, const struct tally *later, const struct limits *limits)
{
	int64_t score = t->score + sum_of(later, limits);

	if (later->contacts == 0)
		return;
	score = score > later->score ? score : later->score;
	t->first_ns =
		t->contacts == 0 || later->first_ns < t->first_ns ? later->first_ns : t->first_ns;
	t->last_ns = t->contacts == 0 || later->last_ns > t->last_ns ? later->last_ns : t->last_ns;
	t->score = (int32_t)(score > SCORE_MOST ? SCORE_MOST : score);
	t->contacts = add_most(t->contacts, later->contacts);
	t->unanswered = add_most(t->unanswered, later->unanswered);
	t->refused = add_most(t->refused, later->refused);
	t->answered = add_most(t->answered, later->answered);
	for (int i = 0; i < 4; i++)
		t->targets[i] |= later->targets[i];
	t->networks |= later->networks;
	for (unsigned i = 0; i < later->keys_n; i++)
		keep_key(t->keys, &t->keys_n, later->keys[i]);
	for (unsigned i = 0; i < later->ports_n; i++)
		keep_port(t->ports, &t->ports_n, PORTS_KEPT, later->ports[i]);
	t->decided |= later->decided;
	decide(t, limits);
}

static void scan_join(void *opaque, const void *more, const struct limits *limits)
{
	struct scan_state *state = opaque;
	const struct scan_state *later = more;

	state->syns = add_most(state->syns, later->syns);
	for (int i = 0; i < TESTS; i++)
		join_tally(&state->tally[i], &later->tally[i], limits);
}

const struct detector detector_scan = {
	.name = "scan",
	.code = "C-0002",
	.summary = "first contacts with many strangers, hardly any of them answered",
	.hints = HINT_TESTED,
	.kinds = KIND_SYN,
	.answers = KIND_ANSWER,
	.slot = 1,
	.state_size = sizeof(struct scan_state),
	.share = 29,
	.sent = scan_sent,
	.answered = scan_answered,
	.conclude = scan_conclude,
	.settle = scan_settle,
	.fields = scan_fields,
	.join = scan_join,
};
