/* SPDX-License-Identifier: MIT */
/*
 * A summary of our own side: what is ours comes back from it as it was, MACs are numbered anew, and a crowd of strangers makes
 * it no longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aged.h"
#include "small_catalogue.h"
#include "summary/summary.h"

#include <stdlib.h>

struct file {
	uint8_t *bytes;
	size_t len;
};

static void keep(void *context, const char *at, size_t len)
{
	struct file *f = context;

	f->bytes = realloc(f->bytes, f->len + len);
	assert_non_null(f->bytes);
	memcpy(f->bytes + f->len, at, len);
	f->len += len;
}

static const struct summary_stamp stamp = {
	.version = "0", .knowledge = "0123456789abcdef", .owner = "0000000000000000"};

static struct summary_tables tables_of(struct scene *s, struct decode_stats *decode)
{
	return (struct summary_tables){.world = &s->world,
				       .lanes = &s->lanes,
				       .listeners = s->listeners,
				       .decode = decode,
				       .cuts = {.parts = 1}};
}

static struct file save(struct scene *s, const struct catalogue *c, bool ours_only)
{
	static struct summary_input input = {
		.path = {(const uint8_t *)"lab", 3}, .packets = 1, .any = true};
	struct decode_stats decode = {0};
	struct summary_tables from = tables_of(s, &decode);
	struct file f = {.bytes = NULL};

	from.ours_only = ours_only;
	from.inputs = &input;
	from.inputs_n = 1;
	assert_true(summary_save(&from, &stamp, c, keep, &f));
	return f;
}

static struct scene *load(const struct file *f, const struct catalogue *c)
{
	struct scene *s = scene_new(NULL);
	struct decode_stats decode = {0};
	struct summary_tables to;
	struct summary_head head;
	char why[SUMMARY_ERROR];

	scene_listen(s, c);
	to = tables_of(s, &decode);
	to.cuts.parts = 0;
	if (!summary_check((struct bytes){f->bytes, f->len}, &stamp, c, &head, why))
		fail_msg("%s", why);
	assert_true(summary_join((struct bytes){f->bytes, f->len}, c, &to));
	free(to.inputs);
	return s;
}

static struct end camera(void)
{
	return home(77, 40000);
}

/* Phones come and go, so that places of MACs are free before and behind the camera's. */
static void play(struct scene *s)
{
	struct end other = stranger_at("203.0.113.9", 53);

	for (unsigned i = 0; i < 40; i++)
		scene_after(s, 1, make_arp(home(100 + i, 0), home(100 + i, 0).addr, 1));
	scene_handshake(s, camera(), other);
	scene_handshake(s, home(1, 1024), other); /* the router itself */
	scene_wait(s, 3600 * 1000);
	for (unsigned i = 0; i < 20; i++)
		scene_after(s, 1, make_arp(home(200 + i, 0), home(200 + i, 0).addr, 1));
	scene_handshake(s, camera(), other);
	for (uint32_t i = 0; i < 8; i++) {
		struct addr target = addr_v4(0x0b800000 + i * 65536);

		scene_after(s, 500, make_syn(camera(), stranger(target, 23), addr_low32(&target)));
	}
	age_all(s, 7200, 1800);
	assert_true(s->world.macs_free_n > 0);
}

static void crowd(struct scene *s)
{
	for (uint32_t i = 0; i < 20000; i++) {
		struct addr target = camera().addr;

		scene_send(s, make_syn(stranger(addr_v4(0x0b000000 + i), 1024), camera(),
				       addr_low32(&target)));
	}
	for (unsigned i = 0; i < 3000; i++) {
		struct end e = home(0, 0);

		e.mac = (struct mac){{0x02, 9, 0, 0, (uint8_t)(i >> 8), (uint8_t)i}};
		e.addr = addr_v4(0xc0a80400 + i);
		scene_send(s, make_arp(e, e.addr, 1));
	}
}

static void check_camera(struct scene *was, struct scene *is)
{
	const struct binding *a = scene_binding(was, camera()), *b = scene_binding(is, camera());
	const struct host *host = scene_host(is, camera());
	const struct finding *f = scene_finding(is, "C-0001", camera());
	struct mac mac = camera().mac;

	assert_non_null(a);
	assert_non_null(b);
	assert_int_equal(a->packets, b->packets);
	assert_int_equal(a->first_ns, b->first_ns);
	assert_true(mac_equal(&is->world.macs[b->mac].mac, &mac));
	assert_non_null(host);
	assert_int_equal(host->mac, b->mac);
	assert_int_equal(host->marked, 8);
	assert_non_null(f);
	assert_int_equal(f->weight, WEIGHT_PROOF);
	assert_int_equal(f->mac, b->mac);
}

static void check_saved(struct scene *s, const struct catalogue *c, bool ours_only)
{
	struct file f = save(s, c, ours_only);
	struct scene *back = load(&f, c);

	check_camera(s, back);
	scene_free(back);
	free(f.bytes);
}

static void test_ours_comes_back(void **state)
{
	struct scene *s = scene_new(NULL);
	struct file small, crowded, whole;
	struct catalogue c;

	(void)state;
	small_catalogue(&c, &(struct small_files){.makers = NULL});
	scene_listen(s, &c);
	play(s);
	check_saved(s, &c, false);
	check_saved(s, &c, true);
	small = save(s, &c, true);
	crowd(s);
	check_saved(s, &c, true);
	crowded = save(s, &c, true);
	whole = save(s, &c, false);
	/* The first two thousand claims are let in. */
	assert_true(crowded.len < small.len + 2200 * 220);
	assert_true(whole.len > small.len + 20000 * 100);
	free(small.bytes);
	free(crowded.bytes);
	free(whole.bytes);
	catalogue_fini(&c);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_ours_comes_back)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
