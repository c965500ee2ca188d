/* SPDX-License-Identifier: MIT */
/*
 * proto/ears against asking everybody. Who is left out because of a first byte would have said no: every protocol is asked
 * about the records of all fuzz seeds, with each first byte in turn, about cut and about random bytes. And what the
 * listener makes of such bytes on any two ports is what it made of them when it asked one protocol after the other, with
 * the ports as they stand in each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/scan.h"
#include "draw.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/listen.c"

enum { RECORDS_MAX = 2000, RECORD_MAX = 2048 };

struct record {
	uint8_t proto; /* whose seed it is */
	uint16_t len;
	uint8_t bytes[RECORD_MAX];
};

static struct ears ears;
static struct record *records;
static size_t records_n;

/* The form of a seed is that of fuzz_proto.c: two ports, then flags, length and bytes of each record. */
static void take_seed(unsigned proto, struct bytes seed)
{
	struct cursor c = cursor_over(bytes_from(seed, 4));

	while (cursor_left(&c) > 3 && records_n < RECORDS_MAX) {
		struct record *r = &records[records_n];
		struct bytes b;
		size_t len, left;

		cursor_skip(&c, 1);
		len = cursor_be16(&c);
		left = cursor_left(&c);
		b = bytes_upto(cursor_take(&c, len < left ? len : left), RECORD_MAX);
		if (b.len == 0)
			continue;
		r->proto = (uint8_t)proto;
		r->len = (uint16_t)b.len;
		memcpy(r->bytes, b.at, b.len);
		records_n++;
	}
}

static void take_file(unsigned proto, const char *path)
{
	static uint8_t bytes[1 << 16];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL) /* a folder's own entries */
		return;
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	take_seed(proto, (struct bytes){bytes, n});
}

static int take_seeds(void **state)
{
	(void)state;
	ears_fill(&ears);
	records = calloc(RECORDS_MAX, sizeof *records);
	assert_non_null(records);
	for (unsigned p = 0; p < PROTOS; p++) {
		char path[512];
		struct dirent *entry;
		DIR *dir;

		snprintf(path, sizeof path, "fuzz/seeds/proto_%s", protos[p]->name);
		dir = opendir(path);
		assert_non_null(dir);
		while ((entry = readdir(dir)) != NULL) {
			snprintf(path, sizeof path, "fuzz/seeds/proto_%s/%s", protos[p]->name,
				 entry->d_name);
			take_file(p, path);
		}
		closedir(dir);
	}
	assert_true(records_n > 200);
	return 0;
}

static int drop_seeds(void **state)
{
	(void)state;
	free(records);
	return 0;
}

/* ---- the first byte --------------------------------------------------------------------------------------------- */

static uint16_t any_port(struct draw *d)
{
	const struct proto *p = protos[draw_below(d, PROTOS)];
	uint16_t port = p->ports[draw_below(d, PROTO_PORTS)];

	return draw_below(d, 2) == 0 && port != 0 ? port : (uint16_t)draw(d);
}

/* Away from its own ports, on any others. */
static void expect_no(struct draw *d, unsigned proto, struct bytes data)
{
	struct glance g = {.data = data, .from_client = draw_below(d, 2) == 0};
	bool may;

	do {
		g.sport = any_port(d);
		g.dport = any_port(d);
	} while (ears_has(ears_own(&ears, g.sport, g.dport), proto));
	may = ears_has(ears_may(&ears, 0, data), proto);
	if (!may && protos[proto]->mine(&g) != MATCH_NO)
		fail_msg("%s knows bytes that begin with %02x, from port %u to %u",
			 protos[proto]->name, data.at[0], g.sport, g.dport);
}

static bool is_asked(unsigned proto)
{
	return (protos[proto]->carriers & (OVER_UDP | OVER_TCP)) != 0 &&
	       protos[proto]->mine != NULL;
}

/* Its own seeds with every first byte, whole and cut; those of the others with their own. */
static void test_who_is_left_out_says_no(void **state)
{
	struct draw d = draw_from(1);

	(void)state;
	for (size_t i = 0; i < records_n; i++) {
		struct record *r = &records[i];
		uint8_t first = r->bytes[0];

		for (unsigned p = 0; p < PROTOS; p++) {
			if (is_asked(p) && r->len >= EAR_LOOK)
				expect_no(&d, p, (struct bytes){r->bytes, r->len});
		}
		for (unsigned byte = 0; byte < 256 && r->len >= EAR_LOOK && is_asked(r->proto);
		     byte++) {
			size_t len = EAR_LOOK + draw_below(&d, r->len - EAR_LOOK + 1U);

			r->bytes[0] = (uint8_t)byte;
			expect_no(&d, r->proto, (struct bytes){r->bytes, r->len});
			expect_no(&d, r->proto, (struct bytes){r->bytes, len});
		}
		r->bytes[0] = first;
	}
}

static size_t random_bytes(struct draw *d, uint8_t *out, size_t most)
{
	size_t len = 1 + draw_below(d, most);
	bool text = draw_below(d, 2) == 0;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(text ? ' ' + draw_below(d, 95) : draw(d));
	return len;
}

static void test_random_bytes(void **state)
{
	struct draw d = draw_from(2);
	uint8_t bytes[64];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t len = random_bytes(&d, bytes, sizeof bytes);

		for (unsigned p = 0; p < PROTOS && len >= EAR_LOOK; p++) {
			if (is_asked(p))
				expect_no(&d, p, (struct bytes){bytes, len});
		}
	}
}

/* ---- one after the other ---------------------------------------------------------------------------------------- */

static bool has_port(const struct proto *p, uint16_t a, uint16_t b)
{
	for (int i = 0; i < PROTO_PORTS && p->ports[i] != 0; i++) {
		if (p->ports[i] == a || p->ports[i] == b)
			return true;
	}
	return false;
}

static enum match ask(unsigned proto, struct glance *g)
{
	g->hinted = has_port(protos[proto], g->sport, g->dport);
	return protos[proto]->mine == NULL ? MATCH_NO : protos[proto]->mine(g);
}

/* The first in the table's order that has the port, or PROTOS. */
static unsigned owner_of(uint16_t port, unsigned carrier)
{
	for (unsigned p = 0; p < PROTOS; p++) {
		if ((protos[p]->carriers & carrier) != 0 && has_port(protos[p], port, port))
			return p;
	}
	return PROTOS;
}

static unsigned naive_udp(struct glance *g)
{
	unsigned to = owner_of(g->dport, OVER_UDP), from = owner_of(g->sport, OVER_UDP);
	unsigned hinted = to < PROTOS ? to : from;

	if (hinted < PROTOS && ask(hinted, g) == MATCH_YES)
		return hinted;
	for (int timid = 1; timid >= 0; timid--) {
		for (unsigned p = 0; p < PROTOS; p++) {
			if ((protos[p]->carriers & OVER_UDP) != 0 && protos[p]->timid == timid &&
			    (timid == 0 || has_port(protos[p], g->sport, g->dport)) &&
			    ask(p, g) == MATCH_YES)
				return p;
		}
	}
	return PROTOS;
}

static unsigned naive_tcp(struct glance *g, bool *wait)
{
	bool maybe = false;

	*wait = false;
	for (int timid = 0; timid < 2; timid++) {
		for (unsigned p = 0; p < PROTOS; p++) {
			enum match match;

			if ((protos[p]->carriers & OVER_TCP) == 0 || protos[p]->timid != timid ||
			    (timid == 1 && maybe && !has_port(protos[p], g->sport, g->dport)))
				continue;
			match = ask(p, g);
			if (match == MATCH_YES)
				return p;
			*wait |= match == MATCH_MAYBE;
		}
		maybe = *wait;
	}
	return PROTOS;
}

static void compare(struct listener *l, struct glance *g)
{
	bool wait = false, naive_wait;
	unsigned udp = naive_udp(g), tcp = naive_tcp(g, &naive_wait);

	assert_int_equal(recognise_udp(l, g, ears_own(&ears, g->sport, g->dport)), udp);
	assert_int_equal(recognise_tcp(l, g, &wait), tcp);
	if (tcp == PROTOS)
		assert_int_equal(wait, naive_wait);
}

static void test_as_one_after_the_other(void **state)
{
	static struct listener l = {.ears = &ears};
	struct draw d = draw_from(3);
	uint8_t bytes[RECORD_MAX];

	(void)state;
	for (int i = 0; i < 30000; i++) {
		const struct record *r = &records[draw_below(&d, records_n)];
		struct glance g = {.sport = any_port(&d),
				   .dport = any_port(&d),
				   .from_client = draw_below(&d, 2) == 0};
		size_t len = r->len;

		memcpy(bytes, r->bytes, len);
		switch (draw_below(&d, 5)) {
		case 0:
			len = random_bytes(&d, bytes, 64);
			break;
		case 1:
			bytes[0] = (uint8_t)draw(&d);
			break;
		case 2:
			len = 1 + draw_below(&d, len);
			break;
		default: /* on a port where it belongs, most times */
			if (draw_below(&d, 3) > 0)
				g.dport = protos[r->proto]->ports[0];
		}
		g.data = (struct bytes){bytes, len};
		compare(&l, &g);
	}
}

/* ---- ports ------------------------------------------------------------------------------------------------------ */

static void test_every_port(void **state)
{
	(void)state;
	for (unsigned port = 0; port < 65536; port++) {
		uint64_t own = ears_own(&ears, (uint16_t)port, 0);

		for (unsigned p = 0; p < PROTOS; p++)
			assert_int_equal(
				ears_has(own, p),
				port != 0 && has_port(protos[p], (uint16_t)port, (uint16_t)port));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_is_left_out_says_no),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_as_one_after_the_other),
		cmocka_unit_test(test_every_port),
	};

	return cmocka_run_group_tests(tests, take_seeds, drop_seeds);
}
