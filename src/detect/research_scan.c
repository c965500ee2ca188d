/* SPDX-License-Identifier: MIT */
/*
 * Research scanners, told apart from bots: ZMap and masscan mark the IP identification of their SYNs. A stranger who
 * surveys the Internet is noted and not accused; a device at home that does so is `suspect`, since cameras don't run
 * surveys, though their owners may. IPv6 has no identification, so there these tools stay unknown.
 */
#include "detect/detect.h"
#include "detect/marks.h"

#include <stdio.h>

struct research_state {
	uint32_t zmap;
	uint32_t masscan;
	uint32_t syns; /* all, since the first marked one */
	uint8_t keys_n;
	int64_t first_ns;
	int64_t last_ns;
	uint64_t keys[FINDING_PACKETS];
};

static void research_sent(struct lane *lane, struct host *host, const struct stamp *s)
{
	const struct packet *p = s->packet;
	bool zmap = mark_is_zmap(p), masscan = mark_is_masscan(p);
	struct research_state *state;

	if ((s->flags & STAMP_SRC_OURS) != 0 && (s->flags & STAMP_DST_LOCAL) != 0)
		return; /* an inventory of one's own network */
	if (host->state[detector_research_scan.slot] == 0 && !zmap && !masscan)
		return;
	state = detect_state(lane, host, detector_research_scan.slot);
	if (state == NULL)
		return;
	if (state->syns++ == 0)
		state->first_ns = p->time_ns;
	state->zmap += zmap;
	state->masscan += masscan;
	if (zmap || masscan) {
		state->last_ns = p->time_ns;
		keep_key(state->keys, &state->keys_n, p->key);
	}
}

static void research_conclude(struct lane *lane, const struct host *host, const void *opaque,
			      struct findings *out)
{
	const struct limits *limits = &lane->knowledge->limits;
	const struct research_state *state = opaque;
	uint32_t marked = state->zmap > state->masscan ? state->zmap : state->masscan;
	struct finding *f;

	(void)host;
	if (marked < limits->tool_marks_floor ||
	    (uint64_t)marked * 100 < (uint64_t)state->syns * (uint64_t)limits->tool_share_percent)
		return;
	f = findings_add(out);
	if (f == NULL)
		return;
	f->weight = WEIGHT_SIGN;
	f->stranger = WEIGHT_NOTE;
	f->act = ACT_SCANNING;
	f->first_ns = state->first_ns;
	f->last_ns = state->last_ns;
	f->count = marked;
	f->keys_n = state->keys_n;
	memcpy(f->keys, state->keys, sizeof f->keys);
	snprintf(f->text, FINDING_TEXT, "surveys addresses with %s: %u SYNs with that tool's mark",
		 state->zmap >= state->masscan ? "ZMap" : "masscan", marked);
}

static void research_settle(struct lane *lane, void *state)
{
	(void)lane;
	(void)state;
}

static void research_fields(struct archive *a, void *opaque)
{
	struct research_state *state = opaque;

	archive_u32(a, &state->zmap);
	archive_u32(a, &state->masscan);
	archive_u32(a, &state->syns);
	archive_i64(a, &state->first_ns);
	archive_i64(a, &state->last_ns);
	archive_keys(a, state->keys, &state->keys_n, 1, FINDING_PACKETS);
}

static void research_join(void *opaque, const void *more, const struct limits *limits)
{
	struct research_state *state = opaque;
	const struct research_state *later = more;

	(void)limits;
	state->zmap = add_most(state->zmap, later->zmap);
	state->masscan = add_most(state->masscan, later->masscan);
	state->syns = add_most(state->syns, later->syns);
	state->first_ns = later->first_ns < state->first_ns ? later->first_ns : state->first_ns;
	state->last_ns = later->last_ns > state->last_ns ? later->last_ns : state->last_ns;
	for (unsigned i = 0; i < later->keys_n; i++)
		keep_key(state->keys, &state->keys_n, later->keys[i]);
}

const struct detector detector_research_scan = {
	.name = "research-scan",
	.code = "C-0003",
	.summary = "SYNs with the mark of ZMap or masscan",
	.hints = HINT_TOOL,
	.kinds = KIND_SYN,
	.slot = 2,
	.state_size = sizeof(struct research_state),
	.share = 3,
	.sent = research_sent,
	.conclude = research_conclude,
	.settle = research_settle,
	.fields = research_fields,
	.join = research_join,
};
