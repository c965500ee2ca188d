/* SPDX-License-Identifier: MIT */
/*
 * Loads and fills bpf/contain.bpf.c by libbpf (LGPL-2.1 or BSD-2-Clause); the build lays the object in here. After the start
 * nothing of libbpf is used but its wrappers of bpf(2) for maps that are open.
 *
 * A value of a map is a list of ends, one for each set that the map stands for, so one function makes every entry from the
 * copy: what is said twice, or was missed, comes out right the next time.
 */
#include "enforce/xdp.h"

#include "contain/xdp_maps.h"
#include "enforce/say.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

enum { CPUS_MOST = 1024, SETS_MOST = XDP_HOLDS };
#define MS INT64_C(1000000)
#define MINUTE (60000 * MS)

_Static_assert((int)XDP_HOLDS >= (int)XDP_RELATIONS,
	       "a value has room for the ends of all its sets");

/* Made by the build from bpf/contain.bpf.c. */
extern const unsigned char xdp_object[];
extern const size_t xdp_object_len;

/* Which sets the ends in an entry of a map are of. */
static const struct kind {
	enum xdp_map map;
	bool has_addr;
	size_t n;
	enum contain_set sets[SETS_MOST];
} kinds[] = {
	{XDP_MAP_HELD, false, XDP_HOLDS, {SET_HELD, SET_GATED, SET_CONTAINED, SET_ISOLATED}},
	{XDP_MAP_PASSED, false, 1, {SET_PASSED}},
	{XDP_MAP_PAIRS, true, XDP_RELATIONS, {SET_OWN, SET_RECORDERS, SET_ALLOWED}},
	{XDP_MAP_BLOCKED, false, 1, {SET_BLOCKED}},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* ---- loading --------------------------------------------------------------------------------------------------- */

static bool add_prefix(int map, const struct prefix *p)
{
	struct xdp_prefix key = {.bits = p->bits};
	const __u8 one = 1;

	memcpy(key.addr, p->addr.b, sizeof key.addr);
	return bpf_map_update_elem(map, &key, &one, BPF_ANY) == 0;
}

static int fill_place(int lan, int gateways, const struct ruleset_place *place)
{
	struct prefix here[RULESET_HERE];
	size_t n = ruleset_here(place, here);
	const __u8 one = 1;

	for (size_t i = 0; i < n; i++)
		if (!add_prefix(lan, &here[i]))
			return -errno;
	for (size_t i = 0; i < place->gateway_n; i++)
		if (bpf_map_update_elem(gateways, place->gateway[i].b, &one, BPF_ANY) != 0)
			return -errno;
	return 0;
}

static int take_id(struct xdp *x)
{
	struct bpf_prog_info info = {0};
	__u32 len = sizeof info;

	if (bpf_obj_get_info_by_fd(x->program, &info, &len) != 0)
		return -errno;
	if (x->ids_n == XDP_IDS)
		x->ids_n--;
	memmove(x->ids + 1, x->ids, x->ids_n * sizeof *x->ids);
	x->ids[0] = info.id;
	x->ids_n++;
	return 0;
}

static int silent(enum libbpf_print_level level, const char *format, va_list ap)
{
	(void)level, (void)format, (void)ap;
	return 0;
}

static int open_maps(struct xdp *x, struct bpf_object *o, const struct ruleset_place *place)
{
	static const char *const names[XDP_MAPS] = {
		[XDP_MAP_HELD] = "held",     [XDP_MAP_PASSED] = "passed",
		[XDP_MAP_PAIRS] = "pairs",   [XDP_MAP_BLOCKED] = "blocked",
		[XDP_MAP_COUNTS] = "counts", [XDP_MAP_SETTINGS] = "settings"};

	for (size_t i = 0; i < XDP_MAPS; i++) {
		x->maps[i] = bpf_object__find_map_fd_by_name(o, names[i]);
		if (x->maps[i] < 0)
			return x->maps[i];
	}
	return fill_place(bpf_object__find_map_fd_by_name(o, "lan"),
			  bpf_object__find_map_fd_by_name(o, "gateways"), place);
}

static int load(struct xdp *x, struct bpf_object *o, const struct ruleset_place *place)
{
	int cpus = libbpf_num_possible_cpus(), err = bpf_object__load(o);

	if (err != 0)
		return err;
	if (cpus <= 0 || cpus > CPUS_MOST)
		return -E2BIG;
	x->cpus = (unsigned)cpus;
	x->program = bpf_program__fd(bpf_object__find_program_by_name(o, "cordon_contain"));
	x->flags = XDP_DROP_MARKED | (place->gate ? XDP_WITH_GATE : 0U) |
		   (place->portal_port != 0 ? XDP_WITH_PORTAL : 0U);
	err = open_maps(x, o, place);
	return err == 0 ? take_id(x) : err;
}

int xdp_load(struct xdp *x, const struct ruleset_place *place)
{
	struct bpf_object_open_opts named = {.sz = sizeof named, .object_name = "cordon"};
	struct bpf_object *o;
	int err;

	(void)libbpf_set_print(silent);
	o = bpf_object__open_mem(xdp_object, xdp_object_len, &named);
	if (o == NULL)
		return -errno;
	err = load(x, o, place);
	x->loaded = err == 0;
	if (err != 0)
		bpf_object__close(o);
	return err; /* else its descriptors are used until the process ends */
}

static int live_until(const struct xdp *x, uint64_t until_ns)
{
	const struct xdp_settings s = {.until_ns = until_ns, .flags = x->flags};
	const __u32 only = 0;

	return bpf_map_update_elem(x->maps[XDP_MAP_SETTINGS], &only, &s, BPF_ANY) == 0 ? 0 : -errno;
}

int xdp_check(struct xdp *x, int64_t now_ns)
{
	int err = x->loaded ? live_until(x, (uint64_t)(now_ns + XDP_LIFE_MS * MS)) : 0;

	if (err == 0)
		return 0;
	x->loaded = false;
	x->ids_n--;
	memmove(x->ids, x->ids + 1, x->ids_n * sizeof *x->ids);
	return err;
}

/* ---- following ------------------------------------------------------------------------------------------------- */

static uint64_t end_of(struct held *h, const struct contain_element *e)
{
	const struct contain_element *there = held_find(h, e);

	if (there == NULL)
		return XDP_NEVER;
	return there->until_ns == 0 ? XDP_ALWAYS : (uint64_t)there->until_ns;
}

static void set_blocked(const struct xdp *x, const struct xdp_pair *key, bool there)
{
	static const struct xdp_count zero[CPUS_MOST];

	if (there)
		(void)bpf_map_update_elem(x->maps[XDP_MAP_BLOCKED], key, zero, BPF_NOEXIST);
	else
		(void)bpf_map_delete_elem(x->maps[XDP_MAP_BLOCKED], key);
}

/* A map that is full passes that device to the firewall. */
static void follow(const struct xdp *x, const struct kind *kind, struct held *h,
		   const struct contain_element *e)
{
	struct xdp_pair key = {0}; /* begins with what is the whole key of maps without addresses */
	uint64_t ends[SETS_MOST] = {0}, any = 0;

	memcpy(key.device.mac, e->mac.b, sizeof key.device.mac);
	if (kind->has_addr)
		memcpy(key.addr, e->addr.b, sizeof key.addr);
	for (size_t i = 0; i < kind->n; i++) {
		const struct contain_element one = {.set = kind->sets[i],
						    .mac = e->mac,
						    .addr = kind->has_addr ? e->addr
									   : (struct addr){{0}}};

		ends[i] = end_of(h, &one);
		any |= ends[i];
	}
	if (kind->map == XDP_MAP_BLOCKED)
		set_blocked(x, &key, any != 0);
	else if (any != 0)
		(void)bpf_map_update_elem(x->maps[kind->map], &key, ends, BPF_ANY);
	else
		(void)bpf_map_delete_elem(x->maps[kind->map], &key);
}

void xdp_follow(const struct xdp *x, struct held *h, const struct contain_element *e)
{
	for (size_t i = 0; i < KINDS && x->loaded; i++)
		for (size_t s = 0; s < kinds[i].n; s++)
			if (kinds[i].sets[s] == e->set)
				follow(x, &kinds[i], h, e);
}

/* Each entry of a map is asked for anew. The next one is known before this one may go. */
static void sweep(const struct xdp *x, const struct kind *kind, struct held *h)
{
	struct xdp_pair key = {0}, next = {0};
	bool more = bpf_map_get_next_key(x->maps[kind->map], NULL, &key) == 0;

	for (size_t i = 0; more && i < 2 * (size_t)XDP_PAIRS; i++) {
		struct contain_element e = {0};

		more = bpf_map_get_next_key(x->maps[kind->map], &key, &next) == 0;
		memcpy(e.mac.b, key.device.mac, sizeof e.mac.b);
		memcpy(e.addr.b, key.addr, sizeof e.addr.b);
		follow(x, kind, h, &e);
		key = next;
	}
}

void xdp_fill(const struct xdp *x, struct held *h)
{
	for (size_t i = 0; i < h->n && x->loaded; i++)
		xdp_follow(x, h, &h->list[i]);
	for (size_t i = 0; i < KINDS && x->loaded; i++)
		sweep(x, &kinds[i], h);
}

/* ---- what it did ----------------------------------------------------------------------------------------------- */

void xdp_blocked(const struct xdp *x, const struct mac *mac, uint64_t sum[2])
{
	static struct xdp_count n[CPUS_MOST];
	struct xdp_device key = {0};

	memcpy(key.mac, mac->b, sizeof key.mac);
	if (!x->loaded || bpf_map_lookup_elem(x->maps[XDP_MAP_BLOCKED], &key, n) != 0)
		return;
	for (size_t i = 0; i < x->cpus; i++) {
		sum[0] += n[i].packets;
		sum[1] += n[i].bytes;
	}
}

static void say_marked(struct xdp *x, int64_t now_ns)
{
	static uint64_t n[CPUS_MOST];
	const __u32 which = XDP_COUNT_MARKED;
	uint64_t all = 0;

	if (now_ns - x->marked_ns < MINUTE ||
	    bpf_map_lookup_elem(x->maps[XDP_MAP_COUNTS], &which, n) != 0)
		return;
	for (size_t i = 0; i < x->cpus; i++)
		all += n[i];
	if (all != x->marked)
		enforce_say(6, "%llu SYNs with the mark of Mirai's scanner were dropped by XDP",
			    (unsigned long long)(all - x->marked));
	x->marked = all;
	x->marked_ns = now_ns;
}

void xdp_tend(struct xdp *x, int64_t now_ns)
{
	if (!x->loaded)
		return;
	(void)live_until(x, (uint64_t)(now_ns + XDP_LIFE_MS * MS));
	say_marked(x, now_ns);
}
