/* SPDX-License-Identifier: MIT */
/*
 * Forgetting, against naive twins that keep plain lists: random traffic and floods, aged at random; what stays says what it
 * said before under the same MAC, and what goes leaves nothing behind that others could be taken for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aged.h"
#include "draw.h"

#include <stdio.h>

enum { TWINS = 900, STEPS = 6000, SEEDS = 4 };

/* ---- addresses, senders, MACs ---------------------------------------------------------------------------------- */

/* An address under a MAC, and what was sent from it, as a list would have it. */
struct twin {
	struct end end;
	bool bound, proven, sent; /* … and is a sender */
	int64_t last_ns;	  /* of the binding … */
	int64_t host_last_ns;
	uint64_t packets;
	uint32_t host_packets, marked;
	uint64_t first_mark;
};

struct stage {
	struct scene *s;
	struct draw d;
	struct twin twins[TWINS];
};

/* Some devices have three addresses, one after the other. */
static void stage_init(struct stage *st, uint64_t seed)
{
	st->s = scene_seeded("192.168.0.0/16", seed);
	st->d = draw_from(seed);
	for (unsigned i = 0; i < TWINS; i++) {
		struct end e = home(0, 1024);

		e.addr = addr_v4(0xc0a80200 + i);
		e.mac = scene_mac(100 + i / 3);
		st->twins[i] = (struct twin){.end = e};
	}
}

static void note_sent(struct stage *st, struct twin *t)
{
	t->bound = t->sent = true;
	t->packets++;
	t->host_packets++;
	t->last_ns = t->host_last_ns = st->s->now_ns;
}

/* A datagram out, and one back when it is answered. */
static void talk(struct stage *st, struct twin *t, bool answered)
{
	struct end other = stranger(addr_v4(0x0b000000 + (uint32_t)draw_below(&st->d, 1000)), 53);

	scene_send(st->s, make_udp(t->end, other, NULL, 0));
	note_sent(st, t);
	if (!answered)
		return;
	scene_send(st->s, make_udp(other, t->end, NULL, 0));
	t->proven = true;
}

static void mark(struct stage *st, struct twin *t)
{
	struct addr target = addr_v4(0x0b800000 + (uint32_t)draw_below(&st->d, 100000));

	scene_send(st->s, make_syn(t->end, stranger(target, 23), addr_low32(&target)));
	note_sent(st, t);
	if (t->marked++ == 0)
		t->first_mark = st->s->number;
}

static void claim(struct stage *st, struct twin *t)
{
	scene_send(st->s, make_arp(t->end, t->end.addr, 1));
	t->bound = true;
	t->packets++;
	t->last_ns = st->s->now_ns;
}

static void age_twins(struct stage *st, int64_t keep_s, int64_t strangers_s)
{
	int64_t now = st->s->now_ns;

	for (unsigned i = 0; i < TWINS; i++) {
		struct twin *t = &st->twins[i];
		int64_t before = now - (t->proven ? keep_s : strangers_s) * NS_PER_S;

		if (t->sent && t->host_last_ns < before) {
			t->sent = false;
			t->host_packets = t->marked = 0;
		}
		if (t->bound && t->last_ns < before)
			*t = (struct twin){.end = t->end};
	}
}

/* The first packet of what the Mirai detector keeps of a sender stands behind the first mark's time. */
static void check_marks(const struct stage *st, const struct twin *t, const struct host *host)
{
	const struct finding *f;

	assert_int_equal(host->marked, t->marked);
	assert_int_equal(host->state[detector_mirai_scan.slot] != 0, t->marked > 0);
	if (t->marked == 0)
		return;
	f = scene_finding(st->s, "C-0001", t->end);
	assert_non_null(f);
	assert_int_equal(f->keys[0], t->first_mark);
	assert_int_equal(f->count, t->marked);
}

static void check_twin(const struct stage *st, const struct twin *t, bool marks)
{
	const struct binding *b = scene_binding(st->s, t->end);
	const struct host *host = scene_host(st->s, t->end);
	uint16_t mac = world_mac_find(&st->s->world, &t->end.mac);

	assert_int_equal(b != NULL, t->bound);
	if (b != NULL) {
		assert_int_equal(b->packets, t->packets);
		assert_int_equal(b->mac, mac);
		assert_int_equal(binding_is_proven(b), t->proven);
		assert_true(mac_equal(&st->s->world.macs[mac].mac, &t->end.mac));
	}
	/* hosts_find() takes another of the address where there is none: none has two. */
	assert_int_equal(host != NULL, t->sent);
	if (host == NULL)
		return;
	assert_int_equal(host->mac, mac);
	assert_int_equal(host->packets, t->host_packets);
	if (marks)
		check_marks(st, t, host);
}

static void check_pools(const struct scene *s)
{
	for (int i = 0; i < LANES; i++) {
		const struct lane *lane = &s->lanes.lane[i];
		uint32_t n[HOST_STATES] = {0};

		for (uint32_t k = 0; k < lane->hosts.n; k++) {
			for (int slot = 0; slot < HOST_STATES; slot++)
				n[slot] += hosts_at(&lane->hosts, k)->state[slot] != 0;
		}
		for (int slot = 0; slot < HOST_STATES; slot++)
			assert_int_equal(lane->pools[slot].n, n[slot]);
	}
}

static void check_macs(const struct world *w)
{
	uint32_t taken = 0;

	for (uint32_t i = 0; i < w->macs_n; i++) {
		if ((w->macs[i].flags & MAC_FREE) != 0)
			continue;
		assert_int_equal(world_mac_find(w, &w->macs[i].mac), i);
		taken++;
	}
	assert_int_equal(taken, w->macs_n - w->macs_free_n);
	for (uint32_t i = 0; i < w->binds_n; i++) {
		if (w->binds[i].mac != NO_MAC)
			assert_int_equal(w->macs[w->binds[i].mac].flags & MAC_FREE, 0);
	}
}

static void step(struct stage *st)
{
	struct twin *t = &st->twins[draw_below(&st->d, TWINS)];

	st->s->now_ns += (int64_t)draw_below(&st->d, 4 * NS_PER_S);
	switch (draw_below(&st->d, 5)) {
	case 0:
		claim(st, t);
		break;
	case 1:
		mark(st, t);
		break;
	default:
		talk(st, t, draw_below(&st->d, 3) == 0);
		break;
	}
}

static void run_stage(uint64_t seed)
{
	static struct stage st;

	stage_init(&st, seed);
	for (unsigned i = 0; i < STEPS; i++) {
		step(&st);
		if (draw_below(&st.d, 200) == 0) {
			int64_t keep = 600 + (int64_t)draw_below(&st.d, 3000);
			int64_t strangers = (int64_t)draw_below(&st.d, (uint64_t)keep + 1);

			age_all(st.s, keep, strangers);
			age_twins(&st, keep, strangers);
			check_pools(st.s);
			check_macs(&st.s->world);
			for (unsigned k = 0; k < TWINS; k++)
				check_twin(&st, &st.twins[k], false);
		}
		check_twin(&st, &st.twins[draw_below(&st.d, TWINS)], i % 200 == 0);
	}
	assert_int_equal(st.s->world.refused_macs + st.s->world.refused_binds, 0);
	scene_free(st.s);
}

static void test_addresses_senders_and_macs(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		run_stage(seed);
}

/* MACs by the thousand, and room for the next thousand again and again. */
static void test_macs_are_used_again(void **state)
{
	struct scene *s = scene_new("192.168.0.0/16");
	uint32_t cap = s->world.macs_cap, unit = 0;
	struct end e = home(0, 1024);

	(void)state;
	for (int round = 0; round < 4; round++) {
		for (uint32_t i = 0; i < cap / 2; i++, unit++) {
			e.mac = (struct mac){{0x02, 1, 0, (uint8_t)(unit >> 16),
					      (uint8_t)(unit >> 8), (uint8_t)unit}};
			e.addr = addr_v4(0xc0a80000 + unit % 60000);
			scene_after(s, 1, make_arp(e, e.addr, 1));
		}
		scene_wait(s, 3600 * 1000);
		age_all(s, 1000000, 1800);
		check_macs(&s->world);
		assert_true(s->world.macs_n - s->world.macs_free_n < 80);
	}
	assert_int_equal(s->world.refused_macs, 0);
	assert_int_equal(s->world.refused_binds, 0);
	scene_free(s);
}

/* Two MACs had an address; when one of them is gone the other is in doubt no more. */
static void test_conflict_is_settled(void **state)
{
	struct scene *s = scene_new(NULL);
	struct end first = home(20, 1024), second = home(21, 1024);

	(void)state;
	second.addr = first.addr;
	scene_after(s, 1, make_arp(first, first.addr, 1));
	scene_wait(s, 3600 * 1000);
	scene_after(s, 1, make_arp(second, second.addr, 1));
	assert_true((scene_binding(s, second)->flags & BIND_CONFLICT) != 0);
	age_all(s, 7200, 7200);
	assert_true((scene_binding(s, second)->flags & BIND_CONFLICT) != 0);
	age_all(s, 1800, 1800);
	assert_null(scene_binding(s, first));
	assert_int_equal(scene_binding(s, second)->flags & BIND_CONFLICT, 0);
	scene_free(s);
}

/* A network that was learned goes with the last who had an address in it. */
static void test_networks_go(void **state)
{
	struct scene *s = scene_new(NULL);
	struct prefix p;
	struct end host = home(20, 1024), other = stranger_at("2001:db8:ffff::1", 53);

	(void)state;
	for (unsigned day = 0; day < 200; day++) {
		char text[64];

		snprintf(text, sizeof text, "2001:db8:%x::/64", day);
		assert_true(prefix_parse(text, &p));
		world_learn_prefix(&s->world, &p);
		host.addr = p.addr;
		host.addr.b[15] = 20;
		scene_after(s, 10, make_udp(host, other, NULL, 0));
		scene_after(s, 10, make_udp(other, host, NULL, 0));
		assert_true(world_is_in_prefix(&s->world, &host.addr));
		assert_non_null(scene_binding(s, host));
		scene_wait(s, 24 * 3600 * 1000);
		age_all(s, 5 * 24 * 3600, 24 * 3600);
	}
	assert_int_equal(s->world.refused_prefixes, 0);
	assert_true(s->world.prefixes_n < 10);
	assert_int_equal(scene_world_mac(s, host.mac)->foreign, 0);
	scene_free(s);
}

/* A clock that was set back a year leaves times that lie ahead: they are as old as those behind. */
static void test_times_ahead(void **state)
{
	struct ages a;

	(void)state;
	ages_init(&a, 1000 * NS_PER_S, 400 * NS_PER_S, 900 * NS_PER_S);
	assert_true(ages_is_old(&a, 399 * NS_PER_S, a.before_ns));
	assert_false(ages_is_old(&a, 400 * NS_PER_S, a.before_ns));
	assert_false(ages_is_old(&a, 2000 * NS_PER_S, a.before_ns));
	assert_false(ages_is_old(&a, 86000 * NS_PER_S, a.strangers_before_ns));
	assert_true(ages_is_old(&a, 88000 * NS_PER_S, a.before_ns));
	assert_true(ages_is_old(&a, INT64_MIN, a.before_ns));
	assert_true(ages_is_old(&a, INT64_MAX, a.before_ns));
	ages_init(&a, 1000, INT64_MIN, INT64_MIN);
	assert_false(ages_is_old(&a, INT64_MIN, a.before_ns));
	assert_false(ages_is_old(&a, INT64_MAX, a.before_ns));
	ages_init(&a, 1000, 500, 100);
	assert_int_equal(a.strangers_before_ns, 500);
	ages_init(&a, 1000, 5000, 5000);
	assert_true(ages_is_old(&a, 999, a.before_ns));
	assert_false(ages_is_old(&a, 1000, a.before_ns));
}

/* ---- floods ---------------------------------------------------------------------------------------------------- */

enum { VICTIMS = 60 };

/* A record as a list would have it. */
struct flood_twin {
	struct addr target;
	unsigned vector;
	uint64_t packets, sources, from_ours;
	bool goes;
};

static unsigned list_records(const struct scene *s, int lane, struct flood_twin *out)
{
	const struct flood_lane *f = flood_lane_of(&s->lanes.lane[lane]);

	for (uint32_t i = 0; i < f->records_n; i++) {
		const struct flood_record *r = &f->records[i];

		out[i] = (struct flood_twin){.target = f->targets[r->target].addr,
					     .vector = r->vector,
					     .packets = r->packets,
					     .sources = sources_count(&r->sources, &f->sources),
					     .from_ours = r->from_ours};
		assert_int_equal(f->targets[r->target].record[r->vector], i + 1);
	}
	return f->records_n;
}

static void check_flood_lane(const struct flood_lane *f)
{
	uint32_t blocks = 0, records = 0;

	for (uint32_t i = 0; i < f->records_n; i++)
		blocks += f->records[i].sources.block != 0;
	assert_int_equal(f->sources.n, blocks);
	for (uint32_t i = 0; i < f->targets_n; i++) {
		struct probe p = slots_probe(&f->target_slots, hash_addr(&f->targets[i].addr));
		uint32_t at = UINT32_MAX;

		while (slots_next(&f->target_slots, &p, &at) && at != i)
			;
		assert_int_equal(at, i);
		for (int v = 0; v < FLOOD_VECTORS; v++)
			records += f->targets[i].record[v] != 0;
	}
	assert_int_equal(records, f->records_n);
	for (uint32_t i = 0; i < f->senders_n; i++) {
		const struct flood_sender *s = &f->senders[i];

		assert_true(s->record < f->records_n);
		assert_int_equal(s->hash, flood_sender_hash(f, &s->addr, s->record, s->mac));
	}
}

/* So many packets within a second, from strangers or from devices of ours. */
static void flood_one(struct scene *s, struct draw *d, struct end victim, bool ours)
{
	for (unsigned i = 0; i < 300; i++) {
		struct end from = stranger(addr_v4(0x0b000000 + (uint32_t)draw_below(d, 3000)), 53);

		if (ours)
			from = home(20 + i % 3, 1024);
		from.port = (uint16_t)draw_below(d, 65536);
		victim.port = (uint16_t)draw_below(d, 65536);
		s->now_ns += 2 * NS_PER_MS;
		scene_send(s, draw_below(d, 3) == 0 ? make_syn(from, victim, (uint32_t)i)
						    : make_udp(from, victim, "lab", 3));
	}
}

static void age_floods(struct scene *s, int64_t keep_s, int64_t strangers_s)
{
	static struct flood_twin before[LANES][512], after[512];
	unsigned n[LANES];

	for (int lane = 0; lane < LANES; lane++) {
		const struct flood_lane *f = flood_lane_of(&s->lanes.lane[lane]);

		n[lane] = list_records(s, lane, before[lane]);
		for (unsigned i = 0; i < n[lane]; i++) {
			const struct flood_record *r = &f->records[i];
			int64_t span = (r->from_ours > 0 ? keep_s : strangers_s) * NS_PER_S;
			int64_t quiet = (strangers_s < 3600 ? strangers_s : 3600) * NS_PER_S;

			before[lane][i].goes =
				r->last_ns < s->now_ns - span ||
				(r->first_ns < s->now_ns - quiet &&
				 flood_judge(f, r, &s->knowledge.limits) == FLOOD_IS_NONE);
		}
	}
	age_all(s, keep_s, strangers_s);
	for (int lane = 0; lane < LANES; lane++) {
		unsigned kept = 0, got = list_records(s, lane, after);

		for (unsigned i = 0; i < n[lane]; i++) {
			struct flood_twin *was = &before[lane][i], *is = &after[kept];

			if (was->goes)
				continue;
			assert_true(kept++ < got);
			assert_true(addr_equal(&was->target, &is->target));
			assert_int_equal(was->vector, is->vector);
			assert_int_equal(was->packets, is->packets);
			assert_int_equal(was->sources, is->sources);
		}
		assert_int_equal(kept, got);
		check_flood_lane(flood_lane_of(&s->lanes.lane[lane]));
	}
}

static void test_floods(void **state)
{
	struct scene *s = scene_new(NULL);
	struct draw d = draw_from(99);

	(void)state;
	for (int round = 0; round < 12; round++) {
		for (unsigned i = 0; i < 8; i++) {
			unsigned n = (unsigned)draw_below(&d, VICTIMS);
			bool ours = n % 2 == 0;

			flood_one(s, &d,
				  ours ? stranger(addr_v4(0x0c000000 + n), 80) : home(100 + n, 80),
				  ours);
			scene_wait(s, (int64_t)draw_below(&d, 600 * 1000));
			scene_tick(s, true);
		}
		age_floods(s, 6000, 600 + (int64_t)draw_below(&d, 5000));
	}
	assert_int_equal(s->world.refused_macs, 0);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times_ahead),
		cmocka_unit_test(test_addresses_senders_and_macs),
		cmocka_unit_test(test_macs_are_used_again),
		cmocka_unit_test(test_conflict_is_settled),
		cmocka_unit_test(test_networks_go),
		cmocka_unit_test(test_floods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
