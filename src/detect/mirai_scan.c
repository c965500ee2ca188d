/* SPDX-License-Identifier: MIT */
/*
 * The Mirai mark: a SYN whose TCP sequence number equals its destination address (Antonakakis et al., "Understanding
 * the Mirai Botnet", USENIX Security 2017, section 3). The raw-socket scanner of Mirai and most of its descendants
 * sets it so that it can tell answers to its own probes without keeping state. Tested on every port. In IPv6 the
 * mark is looked for in the last 32 bits, where NAT64 carries an IPv4 address (RFC 6052); small values are left out,
 * since hand-made packets have small sequence numbers and hand-made addresses small tails.
 *
 * One mark is chance in 2^32 and proves nothing. What counts is *independent* marks: a kernel whose random sequence
 * number hit the address by chance sends that same SYN up to seven times. So a mark at the same target counts again
 * only when an answer lay between, when source port or window changed, or when the time between them is none that a
 * kernel's retransmission has. Benign traffic that looks the same: none but chance; a person who plays a capture of
 * a scan back into the network.
 */
#include "base/timespan.h"
#include "base/hash.h"
#include "base/put.h"
#include "detect/detect.h"
#include "detect/marks.h"

#include <string.h>

enum {
	MARKS_KEPT = 3,
	PORTS_KEPT = 4,
	MARKS_LOOKED_AT = 16 /* then a decided sender only counts; not below FINDING_PACKETS */
};

struct mark {
	uint32_t target; /* tag of the address */
	uint16_t dport;
	uint16_t sport;
	uint16_t window;
	bool answered; /* by the target, or reset by the sender, since */
	int64_t time_ns; /* of the last copy of it; the packet's own, for the stage clock may be held */
};

struct mirai_state {
	struct mark marks[MARKS_KEPT];
	int64_t first_ns;
	uint64_t keys[FINDING_PACKETS];
	uint16_t ports[PORTS_KEPT];
	uint16_t caller_port; /* of the first mark's packet */
	uint8_t ports_n;
	uint8_t keys_n;
	uint8_t marks_n;
	uint8_t independent; /* stops at 255 */
	bool connected;	     /* an ordinary connection to a marked target followed */
};

static uint32_t target_tag(const struct stamp *s)
{
	return (uint32_t)s->target_hash | 1;
}

/* Could a kernel that sent the older of the two have sent this one by itself? */
static bool is_retransmission(const struct mark *m, const struct packet *p,
			      const struct limits *limits)
{
	int64_t gap = time_since(m->time_ns, p->time_ns);

	if (m->answered || m->sport != p->sport || m->window != p->window)
		return false;
	if (gap > limits->mirai_retry_span_s * NS_PER_S)
		return false;
	return gap < limits->mirai_quick_min_ms * NS_PER_MS ||
	       gap > limits->mirai_quick_max_ms * NS_PER_MS;
}

static struct mark *find_mark(struct mirai_state *state, const struct stamp *s)
{
	for (unsigned i = 0; i < state->marks_n; i++) {
		if (state->marks[i].target == target_tag(s) &&
		    state->marks[i].dport == s->packet->dport)
			return &state->marks[i];
	}
	return NULL;
}

static void note_port(struct mirai_state *state, uint16_t port)
{
	for (unsigned i = 0; i < state->ports_n; i++) {
		if (state->ports[i] == port)
			return;
	}
	if (state->ports_n < PORTS_KEPT)
		state->ports[state->ports_n++] = port;
}

static void note_mark(struct mirai_state *state, const struct stamp *s, const struct limits *limits)
{
	const struct packet *p = s->packet;
	struct mark *m = find_mark(state, s);

	if (m != NULL && is_retransmission(m, p, limits)) {
		m->time_ns = p->time_ns;
		return;
	}
	if (state->independent < UINT8_MAX)
		state->independent++;
	if (m == NULL)
		m = &state->marks[state->marks_n < MARKS_KEPT ? state->marks_n++ : 0];
	*m = (struct mark){.target = target_tag(s),
			   .dport = p->dport,
			   .sport = p->sport,
			   .window = p->window,
			   .time_ns = p->time_ns};
}

static bool is_decided(const struct mirai_state *state, const struct limits *limits)
{
	return state->independent >= limits->mirai_marks_infected ||
	       (state->independent >= limits->mirai_marks_suspect && state->connected);
}

static void sent_marked(struct lane *lane, struct host *host, const struct stamp *s)
{
	const struct limits *limits = &lane->knowledge->limits;
	struct mirai_state *state;
	bool before;

	state = detect_state(lane, host, detector_mirai_scan.slot);
	if (state == NULL)
		return;
	note_port(state, s->packet->dport);
	if ((host->flags & HOST_DECIDED) != 0)
		return;
	if (state->keys_n == 0) {
		state->first_ns = s->packet->time_ns;
		state->caller_port = s->packet->sport;
	}
	keep_key(state->keys, &state->keys_n, s->packet->key);
	before = is_decided(state, limits);
	note_mark(state, s, limits);
	if (!before && is_decided(state, limits))
		detect_urge(lane, host);
	if (is_decided(state, limits) && host->marked >= MARKS_LOOKED_AT) {
		host->flags |= HOST_DECIDED;
		detect_unwatch(host, detector_mirai_scan.slot);
	}
}

static void mirai_sent(struct lane *lane, struct host *host, const struct stamp *s)
{
	struct mirai_state *state;
	struct mark *m;

	if (s->kind == KIND_SYN && mark_is_mirai(s->packet)) {
		sent_marked(lane, host, s);
		return;
	}
	if (host->marked == 0 || (host->flags & HOST_DECIDED) != 0)
		return;
	state = detect_state_if(lane, host, detector_mirai_scan.slot);
	m = state == NULL ? NULL : find_mark(state, s);
	if (m == NULL)
		return;
	if (s->kind == KIND_ANSWER) { /* the kernel resets what the raw socket asked for */
		m->answered = true;
	} else if (state->independent >= lane->knowledge->limits.mirai_marks_suspect) {
		if (!is_decided(state, &lane->knowledge->limits))
			detect_urge(lane, host);
		state->connected = true;
		keep_key(state->keys, &state->keys_n, s->packet->key);
	}
}

static void mirai_answered(struct lane *lane, struct host *host, const struct stamp *s)
{
	struct mirai_state *state = detect_state_if(lane, host, detector_mirai_scan.slot);
	uint32_t from = (uint32_t)hash_addr(&s->packet->src) | 1;

	for (unsigned i = 0; state != NULL && i < state->marks_n; i++) {
		if (state->marks[i].target == from && state->marks[i].dport == s->packet->sport)
			state->marks[i].answered = true;
	}
}

/* Of tens of thousands of sources each has its sentence: it is put together without printf. */
static void write_text(char *text, const struct host *host, const struct mirai_state *state)
{
	char *at = stpcpy(text, state->independent >= 3 ? "scans" : "sent probes to");

	at = stpcpy(at, state->ports_n > 1 ? " TCP ports " : " TCP port ");
	for (unsigned i = 0; i < state->ports_n; i++) {
		if (i > 0)
			at = stpcpy(at, ", ");
		at = put_number(at, state->ports[i]);
	}
	at = stpcpy(at, ": ");
	at = put_number(at, host->marked);
	at = stpcpy(at, host->marked == 1 ? " SYN" : " SYNs");
	at = stpcpy(at, " whose sequence number is the target's own address (the Mirai mark)");
	if (state->connected)
		at = stpcpy(at, ", then an ordinary connection to a marked target");
	*at = '\0';
}

static void mirai_conclude(struct lane *lane, const struct host *host, const void *opaque,
			   struct findings *out)
{
	const struct limits *limits = &lane->knowledge->limits;
	const struct mirai_state *state = opaque;
	struct finding *f;

	f = findings_add(out);
	if (f == NULL)
		return;
	f->weight = is_decided(state, limits)				? WEIGHT_PROOF
		    : state->independent >= limits->mirai_marks_suspect ? WEIGHT_SIGN
									: WEIGHT_NOTE;
	f->units = state->independent;
	f->units_sign = (uint32_t)limits->mirai_marks_suspect;
	f->units_proof = (uint32_t)limits->mirai_marks_infected;
	f->stranger = f->weight;
	f->act = ACT_SCANNING;
	f->family = "mirai";
	f->strong = state->independent > limits->mirai_marks_infected;
	f->first_ns = state->first_ns;
	f->last_ns = host->last_marked_ns;
	f->count = host->marked;
	f->caller_port = state->caller_port;
	f->keys_n = state->keys_n;
	memcpy(f->keys, state->keys, sizeof f->keys);
	write_text(f->text, host, state);
}

static void mirai_settle(struct lane *lane, void *state)
{
	(void)lane;
	(void)state;
}

static void mark_fields(struct archive *a, struct mark *m)
{
	archive_u32(a, &m->target);
	archive_u16(a, &m->dport);
	archive_u16(a, &m->sport);
	archive_u16(a, &m->window);
	archive_bool(a, &m->answered);
	archive_i64(a, &m->time_ns);
}

static void mirai_fields(struct archive *a, void *opaque)
{
	struct mirai_state *state = opaque;

	archive_u8_within(a, &state->marks_n, 0, MARKS_KEPT);
	for (unsigned i = 0; i < state->marks_n; i++)
		mark_fields(a, &state->marks[i]);
	archive_i64(a, &state->first_ns);
	archive_keys(a, state->keys, &state->keys_n, 1, FINDING_PACKETS);
	archive_ports(a, state->ports, &state->ports_n, PORTS_KEPT);
	archive_u16(a, &state->caller_port);
	archive_u8(a, &state->independent);
	archive_bool(a, &state->connected);
}

/* Could this mark be a retransmission of one that the earlier part saw? Then it must not count twice. */
static bool may_repeat(const struct mirai_state *state, const struct mark *m)
{
	for (unsigned i = 0; i < state->marks_n; i++) {
		const struct mark *had = &state->marks[i];

		if (had->target == m->target && had->dport == m->dport && had->sport == m->sport &&
		    had->window == m->window && !had->answered)
			return true;
	}
	return false;
}

static void mirai_join(void *opaque, const void *more, const struct limits *limits)
{
	struct mirai_state *state = opaque;
	const struct mirai_state *later = more;
	unsigned independent = (unsigned)state->independent + later->independent;

	(void)limits;
	for (unsigned i = 0; i < later->marks_n; i++)
		independent -= may_repeat(state, &later->marks[i]) && independent > 1;
	state->independent = independent > UINT8_MAX ? UINT8_MAX : (uint8_t)independent;
	for (unsigned i = 0; i < later->marks_n && state->marks_n < MARKS_KEPT; i++)
		state->marks[state->marks_n++] = later->marks[i];
	state->connected |= later->connected;
	for (unsigned i = 0; i < later->keys_n; i++)
		keep_key(state->keys, &state->keys_n, later->keys[i]);
	for (unsigned i = 0; i < later->ports_n; i++)
		keep_port(state->ports, &state->ports_n, PORTS_KEPT, later->ports[i]);
	state->first_ns = later->first_ns < state->first_ns ? later->first_ns : state->first_ns;
}

const struct detector detector_mirai_scan = {
	.name = "mirai-scan",
	.code = "C-0001",
	.summary = "SYNs that carry their target's address as sequence number",
	.hints = HINT_MARK,
	.kinds = KIND_SYN | KIND_ANSWER,
	.answers = KIND_ANSWER,
	.slot = 0,
	.state_size = sizeof(struct mirai_state),
	.share = 23,
	.sent = mirai_sent,
	.answered = mirai_answered,
	.conclude = mirai_conclude,
	.settle = mirai_settle,
	.fields = mirai_fields,
	.join = mirai_join,
};
