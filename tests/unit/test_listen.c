/* SPDX-License-Identifier: MIT */
/*
 * proto/listen with a parser of the test's own among the real ones (in MQTT's place), which writes down all that it is
 * offered: who is recognised, by whose bytes and how soon; who turns deaf; what happens when states run out; and that each
 * side's end is told once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "listening.h"

/* The real table, under another name; the one that everybody sees is the test's. */
#define protos real_protos
#include "proto/proto.c"
#undef protos

enum { SPY = PROTO_mqtt_id };

static struct proto all[PROTOS];

const struct proto *const protos[PROTOS] = {
#define PROTO(name) &all[PROTO_##name##_id],
#include "proto/protos.def"
#undef PROTO
};

static struct text notes;
static bool reads_lines;

struct spy_state {
	uint32_t offers;
};

/* "SPY", in either direction. */
static enum match spy_mine(const struct glance *g)
{
	size_t n = g->data.len < 3 ? g->data.len : 3;

	if (memcmp(g->data.at, "SPY", n) != 0)
		return MATCH_NO;
	return n == 3 ? MATCH_YES : MATCH_MAYBE;
}

static size_t spy_stream(struct talk *t, struct telling *to)
{
	struct spy_state *s = t->state;
	const uint8_t *end = t->data.len == 0 ? NULL : memrchr(t->data.at, '\n', t->data.len);
	size_t used = !reads_lines ? t->data.len : end == NULL ? 0 : (size_t)(end - t->data.at) + 1;

	if (s->offers++ == 0)
		tell_service(to, t, t->from_client ? RECEIVER : SENDER, &all[SPY]);
	text_printf(&notes, "%c%s[%.*s]%s ", t->from_client ? 'c' : 's', t->gap ? "!" : "",
		    (int)used, (const char *)t->data.at, t->closed ? "." : "");
	if (used >= 4 && memcmp(t->data.at, "DONE", 4) == 0)
		return STREAM_DONE;
	return used;
}

static struct catalogue nothing;

static struct scene *stage(void)
{
	struct scene *s = scene_new(NULL);

	for (int i = 0; i < PROTOS; i++)
		all[i] = *real_protos[i];
	all[SPY] = (struct proto){.name = "spy",
				  .carriers = OVER_TCP,
				  .state_size = sizeof(struct spy_state),
				  .mine = spy_mine,
				  .stream = spy_stream};
	reads_lines = false;
	text_clear(&notes);
	scene_listen(s, &nothing);
	return s;
}

static void leave_stage(struct scene *s)
{
	text_fini(&notes);
	scene_free(s);
}

static void expect_notes(const char *expected)
{
	assert_string_equal(text_string(&notes), expected);
	text_clear(&notes);
}

/* Bytes that no protocol begins with. */
#define NOBODYS "\x01\x02\x03\x04\x05\x06\x07\x08"

/* Any port but those that some protocol has. */
static struct call odd_call(struct scene *s, unsigned n)
{
	return call_open(s, home(20, (uint16_t)(40000 + n)), home(30, 31337));
}

static void test_the_client_speaks_first(void **state)
{
	struct scene *s = stage();
	struct call c = odd_call(s, 0);

	(void)state;
	call_client(&c, "SPY one");
	call_server(&c, "two");
	call_client(&c, "three");
	expect_notes("c[SPY one] s[two] c[three] ");
	call_close(&c);
	expect_notes("s[]. c[]. ");
	listeners_finish(s->listeners);
	expect_notes("");
	expect_heard(s, "192.168.1.30 service/31337 \"spy\"");
	leave_stage(s);
}

static void test_the_server_speaks_first(void **state)
{
	struct scene *s = stage();
	struct call c = odd_call(s, 0);

	(void)state;
	call_server(&c, "SPY hello");
	call_client(&c, "hi");
	expect_notes("s[SPY hello] c[hi] ");
	expect_heard(s, "192.168.1.30 service/31337 \"spy\"");
	leave_stage(s);
}

/* The first bytes are not enough to say; when the other side's are, nothing of the first is lost. */
static void test_both_wait_to_be_known(void **state)
{
	struct scene *s = stage();
	struct call c = odd_call(s, 0);

	(void)state;
	call_server(&c, "SP");
	call_client(&c, "S");
	expect_notes("");
	call_client(&c, "PY one");
	expect_notes("c[SPY one] s[SP] ");
	call_server(&c, "Y two");
	expect_notes("s[Y two] ");
	leave_stage(s);
}

/* What waits is offered at the end, even when too short to be known; nothing is told of it. */
static void test_never_known(void **state)
{
	struct scene *s = stage();
	struct call c = odd_call(s, 0);

	(void)state;
	call_client(&c, "SP");
	listeners_finish(s->listeners);
	expect_notes("");
	leave_stage(s);
}

/* One look at each side of a connection whose opening was seen. */
static void test_deaf_stays_deaf(void **state)
{
	struct scene *s = stage();
	struct call c = odd_call(s, 0);
	struct listener *l;

	(void)state;
	call_client(&c, NOBODYS);
	l = listener_of(s, &c);
	assert_int_equal(flows_at(&l->flows, 0)->flags & FLOW_DEAF, 0);
	call_server(&c, NOBODYS);
	assert_int_equal(flows_at(&l->flows, 0)->flags & FLOW_DEAF, FLOW_DEAF);
	call_client(&c, "SPY one");
	call_server(&c, "SPY two");
	call_close(&c);
	listeners_finish(s->listeners);
	expect_notes("");
	assert_int_equal(l->states_n, 0);
	c = odd_call(s, 0); /* the same ports anew */
	call_client(&c, "SPY one");
	expect_notes("c[SPY one] ");
	leave_stage(s);
}

/* Joined in the middle, a message may begin later: four looks. */
static void test_joined_in_the_middle(void **state)
{
	(void)state;
	for (unsigned before = 0; before < 6; before++) {
		struct scene *s = stage();
		struct call c = {.scene = s, .client = home(20, 40000), .server = home(30, 31337)};

		for (unsigned i = 0; i < before; i++) {
			call_client(&c, NOBODYS);
			call_server(&c, NOBODYS);
		}
		call_client(&c, "SPY one");
		expect_notes(before == 0 ? "c![SPY one] " : before < 4 ? "c[SPY one] " : "");
		leave_stage(s);
	}
}

static void test_done_is_done(void **state)
{
	struct scene *s = stage();
	struct call c = odd_call(s, 0);

	(void)state;
	call_client(&c, "SPY one");
	call_client(&c, "DONE");
	call_server(&c, "SPY two");
	call_close(&c);
	listeners_finish(s->listeners);
	expect_notes("c[SPY one] c[DONE] ");
	assert_int_equal(listener_of(s, &c)->states_n, 0);
	leave_stage(s);
}

/* ---- the end ---------------------------------------------------------------------------------------------------- */

static void test_finish_is_told_once(void **state)
{
	struct scene *s = stage();
	struct call open = odd_call(s, 0), half = odd_call(s, 1), shut = odd_call(s, 2);

	(void)state;
	reads_lines = true;
	call_client(&open, "SPY one\nrest");
	call_client(&half, "SPY two\n");
	call_send(&half, SERVER_SIDE, TCP_ACK | TCP_FIN, NULL, 0);
	call_client(&shut, "SPY three\n");
	call_close(&shut);
	expect_notes("c[SPY one\n] c[] c[SPY two\n] s[]. c[SPY three\n] s[]. c[]. ");
	listeners_finish(s->listeners);
	expect_notes("c[]. s[]. c[]. ");
	listeners_finish(s->listeners);
	expect_notes("");
	leave_stage(s);
}

/* Behind two holes; the pieces come with gaps, and the end with the last. */
static void test_finish_offers_what_waits(void **state)
{
	struct scene *s = stage();
	struct call c = odd_call(s, 0);

	(void)state;
	call_client(&c, "SPY one");
	c.seq[CLIENT_SIDE] += 5;
	call_client(&c, "two");
	c.seq[CLIENT_SIDE] += 5;
	call_client(&c, "three");
	expect_notes("c[SPY one] ");
	listeners_finish(s->listeners);
	expect_notes("c![two] c![three]. s[]. ");
	leave_stage(s);
	s = stage();
	c = odd_call(s, 0);
	reads_lines = true;
	call_client(&c, "SPY one\nhalf a line");
	c.seq[CLIENT_SIDE] += 5;
	call_client(&c, "two\nrest");
	expect_notes("c[SPY one\n] c[] c[] ");
	listeners_finish(s->listeners);
	expect_notes("c[] c![two\n]. c[]. s[]. ");
	leave_stage(s);
}

static void test_reset(void **state)
{
	struct scene *s = stage();
	struct call c = odd_call(s, 0);

	(void)state;
	call_client(&c, "SPY one");
	c.seq[SERVER_SIDE] += 0x100000;
	call_send(&c, SERVER_SIDE, TCP_RST, NULL, 0); /* the first of a side is believed */
	expect_notes("c[SPY one] ");
	c.seq[SERVER_SIDE] -= 0x100000;
	call_server(&c, "two");
	call_send(&c, SERVER_SIDE, TCP_RST, NULL, 0);
	listeners_finish(s->listeners);
	expect_notes("s[two] s[]. c[]. ");
	leave_stage(s);
}

/* The SYN-ACK once more, by the network or the kernel, begins nothing anew. */
static void test_syn_ack_twice(void **state)
{
	struct scene *s = stage();
	struct call c = odd_call(s, 0), again = c;

	(void)state;
	call_client(&c, "SPY one");
	again.seq[SERVER_SIDE]--;
	call_send(&again, SERVER_SIDE, TCP_SYN | TCP_ACK, NULL, 0);
	call_server(&c, "two");
	call_client(&c, "three");
	expect_notes("c[SPY one] s[two] c[three] ");
	leave_stage(s);
}

/* ---- no room ---------------------------------------------------------------------------------------------------- */

/* A call from the next stranger whom this listener hears too: each two hosts have their own lane. */
static struct call lane_call(struct scene *s, const struct listener *l, uint32_t *caller)
{
	struct end server = home(30, 31337), client;
	uint64_t lane; /* of the pair, as stamps have it */

	do {
		client = stranger(addr_v4(0xcb007100 + ++*caller), 40000);
		lane = hash_mix(hash_addr(&client.addr) + hash_addr(&server.addr)) >> 58;
	} while (lane != (uint64_t)(l - s->listeners->lane));
	return call_open(s, client, server);
}

static void test_states_exhausted(void **state)
{
	struct scene *s = stage();
	struct call first = odd_call(s, 0), second = first, c = first;
	uint32_t cap, caller = 0;
	struct listener *l;

	(void)state;
	call_client(&first, "SPY 0");
	l = listener_of(s, &first);
	cap = l->states_cap;
	for (unsigned n = 1; n < cap; n++) {
		c = lane_call(s, l, &caller);
		second = n == 1 ? c : second;
		call_client(&c, "SPY n");
	}
	assert_int_equal(l->states_n, cap);
	text_clear(&notes);
	c = lane_call(s, l, &caller);
	call_client(&c, "SPY too many");
	expect_notes("");
	assert_int_equal(l->refused_states, 1);
	call_client(&first, "goes on");
	expect_notes("c[goes on] ");
	c = call_open(s, second.client, second.server); /* anew: its state is free */
	call_client(&c, "SPY 1");
	expect_notes("c[SPY 1] ");
	scene_wait(s, 70000); /* longer than flow_idle_s */
	c = lane_call(s, l, &caller);
	call_client(&c, "SPY in an idle one's place");
	expect_notes("c[SPY in an idle one's place] ");
	assert_int_equal(l->refused_states, 1);
	assert_int_equal(l->states_n, cap);
	leave_stage(s);
}

/* No window to wait in: the bytes are lost, and the next ones come with a gap. */
static void test_windows_exhausted(void **state)
{
	struct scene *s = stage();
	struct call c[8], last;
	struct listener *l;

	(void)state;
	reads_lines = true;
	for (unsigned n = 0; n < 8; n++)
		c[n] = odd_call(s, n);
	l = listener_of(s, &c[0]);
	assert_true(l->flows.windows_cap < 8);
	for (unsigned n = 0; n < l->flows.windows_cap; n++)
		call_client(&c[n], "SPY half a line");
	text_clear(&notes);
	last = c[7];
	call_client(&last, "SPY one\nhalf ");
	call_client(&last, "a line\n");
	expect_notes("c[SPY one\n] c[] c![a line\n] ");
	assert_int_equal(l->flows.refused_windows, 1);
	call_client(&c[0], ", and its rest\n");
	expect_notes("c[SPY half a line, and its rest\n] ");
	leave_stage(s);
}

/* More conversations than there are places: those that go on keep theirs. */
static void test_table_full(void **state)
{
	struct scene *s = stage();
	struct call first = odd_call(s, 0);
	struct listener *l;

	(void)state;
	call_client(&first, "SPY 0");
	l = listener_of(s, &first);
	for (unsigned n = 1; n < 2 * l->flows.cap; n++) {
		struct call c = odd_call(s, n); /* opened, and then nothing */

		(void)c;
	}
	assert_int_equal(l->flows.n, l->flows.cap);
	assert_int_equal(l->flows.refused, 0);
	text_clear(&notes);
	call_server(&first, "still here");
	expect_notes("s[still here] ");
	leave_stage(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_client_speaks_first),
		cmocka_unit_test(test_the_server_speaks_first),
		cmocka_unit_test(test_both_wait_to_be_known),
		cmocka_unit_test(test_never_known),
		cmocka_unit_test(test_deaf_stays_deaf),
		cmocka_unit_test(test_joined_in_the_middle),
		cmocka_unit_test(test_done_is_done),
		cmocka_unit_test(test_finish_is_told_once),
		cmocka_unit_test(test_finish_offers_what_waits),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_syn_ack_twice),
		cmocka_unit_test(test_states_exhausted),
		cmocka_unit_test(test_windows_exhausted),
		cmocka_unit_test(test_table_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
