/* SPDX-License-Identifier: MIT */
/*
 * The XDP program that holds devices, frame by frame, without traffic: BPF_PROG_TEST_RUN hands it a frame and says what it
 * decided. With --cost it prints what a frame costs in it, beside a program that passes everything; with --frames it decides
 * about frames on standard input (tests/groups/xdp: those of the trials of the firewall's rules).
 *
 * Usage: xdp_contain [--cost | --frames]     (root; the last line is "N passed, N failed", or what is missing and "0 passed, 0 failed, 1 skipped")
 */
#include "contain.skel.h"
#include "contain/xdp_maps.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { FRAME = 256, REPEAT = 200000, ROUNDS = 9 };
enum { TCP = 6, UDP = 17, ICMP = 1, ICMP6 = 58 };
enum { SYN = 2, ACK = 16 };

static struct contain *x;
static int program;
static unsigned passed, failed;

static const __u8 camera[6] = {2, 0, 0x5e, 0, 0x53, 1}, phone[6] = {2, 0, 0x5e, 0, 0x53, 2},
		  router[6] = {2, 0, 0x5e, 0, 0x53, 0xfe};

/* ---- frames ---------------------------------------------------------------------------------------------------- */

struct frame {
	__u8 at[FRAME];
	size_t len;
};

static void add(struct frame *f, const void *bytes, size_t n)
{
	memcpy(f->at + f->len, bytes, n);
	f->len += n;
}

static void add16(struct frame *f, unsigned v)
{
	add(f, (__u8[]){(__u8)(v >> 8), (__u8)v}, 2);
}

static void link_to(struct frame *f, const __u8 *to, const __u8 *from, unsigned type)
{
	f->len = 0;
	add(f, to, 6);
	add(f, from, 6);
	add16(f, type);
}

struct talk {
	const __u8 *to_mac, *from_mac;
	const char *from, *to;
	int protocol;
	unsigned sport, dport; /* of ICMP: type in sport */
	unsigned flags;	       /* of TCP */
	__u32 seq;
	unsigned fragment; /* offset in 8 bytes */
};

static void add_protocol(struct frame *f, const struct talk *t)
{
	if (t->protocol == TCP) {
		__u32 seq = htonl(t->seq);

		add16(f, t->sport);
		add16(f, t->dport);
		add(f, &seq, 4);
		add(f, "\0\0\0\0\x50", 5);
		add(f, (__u8[]){(__u8)t->flags}, 1);
		add(f, "\x20\0\0\0\0\0", 6);
	} else if (t->protocol == UDP) {
		add16(f, t->sport);
		add16(f, t->dport);
		add(f, "\0\x08\0\0", 4);
	} else {
		add(f, (__u8[]){(__u8)t->sport}, 1);
		add(f, "\0\0\0\0\0\0\0", 7);
	}
}

static void add_ip(struct frame *f, const struct talk *t)
{
	__u8 addr[16];

	if (strchr(t->from, ':') == NULL) {
		add(f, "\x45\0\0\x28\0\0", 6);
		add16(f, t->fragment);
		add(f, (__u8[]){64, (__u8)t->protocol, 0, 0}, 4);
		(void)inet_pton(AF_INET, t->from, addr);
		add(f, addr, 4);
		(void)inet_pton(AF_INET, t->to, addr);
		add(f, addr, 4);
		return;
	}
	add(f, "\x60\0\0\0\0\x14", 6);
	add(f, (__u8[]){(__u8)t->protocol, 64}, 2);
	(void)inet_pton(AF_INET6, t->from, addr);
	add(f, addr, 16);
	(void)inet_pton(AF_INET6, t->to, addr);
	add(f, addr, 16);
}

static struct frame frame_of(const struct talk *t)
{
	struct frame f;

	link_to(&f, t->to_mac, t->from_mac, strchr(t->from, ':') == NULL ? 0x0800 : 0x86dd);
	add_ip(&f, t);
	add_protocol(&f, t);
	return f;
}

static struct frame arp(const __u8 *mac, const __u8 *claimed, const char *ip)
{
	struct frame f;
	__u8 addr[4];

	link_to(&f, (const __u8 *)"\xff\xff\xff\xff\xff\xff", mac, 0x0806);
	add(&f, "\0\1\x08\0\6\4\0\1", 8);
	add(&f, claimed, 6);
	(void)inet_pton(AF_INET, ip, addr);
	add(&f, addr, 4);
	add(&f, "\0\0\0\0\0\0\xc0\0\2\1", 10);
	return f;
}

/* ---- the program ----------------------------------------------------------------------------------------------- */

static unsigned run(const struct frame *f, unsigned repeat, unsigned *ns)
{
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = f->at, .data_size_in = (unsigned)f->len,
		    .repeat = (int)repeat);

	if (bpf_prog_test_run_opts(program, &o) != 0)
		return ~0U;
	if (ns != NULL)
		*ns = o.duration;
	return o.retval;
}

static void expect(const char *what, const struct frame *f, bool passes)
{
	unsigned got = run(f, 1, NULL);

	if (got == (passes ? XDP_PASS : XDP_DROP)) {
		passed++;
		return;
	}
	failed++;
	printf("FAIL xdp_contain: %s: %s, and should %s\n", what,
	       got == XDP_PASS	 ? "passes"
	       : got == XDP_DROP ? "is dropped"
				 : "was not run",
	       passes ? "pass" : "not");
}

static void expect_talk(const char *what, struct talk t, bool passes)
{
	struct frame f = frame_of(&t);

	expect(what, &f, passes);
}

static void addr_of(const char *text, __u8 out[16])
{
	memset(out, 0, 16);
	if (strchr(text, ':') != NULL) {
		(void)inet_pton(AF_INET6, text, out);
		return;
	}
	out[10] = out[11] = 0xff;
	(void)inet_pton(AF_INET, text, out + 12);
}

/* how 0: in the set of the held, with no hold; ALONE: not even that. */
enum { ALONE = -1 };

static void hold(const __u8 *mac, int how, __u64 until_ns)
{
	struct xdp_device key = {0};
	struct xdp_held held = {.until_ns = {[XDP_HELD] = XDP_ALWAYS}};
	static struct xdp_count zero[1024]; /* for each CPU */

	memcpy(key.mac, mac, 6);
	if (how > 0)
		held.until_ns[how] = until_ns;
	if (how == ALONE)
		(void)bpf_map_delete_elem(bpf_map__fd(x->maps.held), &key);
	else
		(void)bpf_map_update_elem(bpf_map__fd(x->maps.held), &key, &held, BPF_ANY);
	(void)bpf_map_update_elem(bpf_map__fd(x->maps.blocked), &key, zero, BPF_ANY);
}

static void pass(const __u8 *mac, bool passes)
{
	struct xdp_device key = {0};
	const __u64 until = passes ? XDP_ALWAYS : XDP_NEVER;

	memcpy(key.mac, mac, 6);
	(void)bpf_map_update_elem(bpf_map__fd(x->maps.passed), &key, &until, BPF_ANY);
}

static void relate(const __u8 *mac, const char *addr, int what, __u64 until_ns)
{
	struct xdp_pair key = {0};
	struct xdp_relation r = {0};

	r.until_ns[what] = until_ns;
	memcpy(key.device.mac, mac, 6);
	addr_of(addr, key.addr);
	(void)bpf_map_update_elem(bpf_map__fd(x->maps.pairs), &key, &r, BPF_ANY);
}

static void set(__u32 flags, __u64 until_ns)
{
	struct xdp_settings s = {.until_ns = until_ns, .flags = flags};

	(void)bpf_map_update_elem(bpf_map__fd(x->maps.settings), &(__u32){0}, &s, BPF_ANY);
}

static void add_prefix(const char *addr, __u32 bits)
{
	struct xdp_prefix p = {.bits = bits};

	addr_of(addr, p.addr);
	(void)bpf_map_update_elem(bpf_map__fd(x->maps.lan), &p, &(__u8){1}, BPF_ANY);
}

static void add_gateway(const char *addr)
{
	__u8 gateway[16];

	addr_of(addr, gateway);
	(void)bpf_map_update_elem(bpf_map__fd(x->maps.gateways), gateway, &(__u8){1}, BPF_ANY);
}

/* What is always here, as ruleset_here() has it. */
static void add_links(void)
{
	add_prefix("169.254.0.0", 112);
	add_prefix("224.0.0.0", 100);
	add_prefix("255.255.255.255", 128);
	add_prefix("fe80::", 10);
	add_prefix("ff00::", 8);
}

static void set_up(void)
{
	add_links();
	add_prefix("192.0.2.0", 120);
	add_prefix("2001:db8:1::", 64);
	add_gateway("192.0.2.1");
	add_gateway("2001:db8:1::1");
	relate(camera, "192.0.2.10", XDP_OWN, XDP_ALWAYS);
	relate(camera, "2001:db8:1::10", XDP_OWN, XDP_ALWAYS);
	relate(camera, "fe80::1", XDP_OWN, XDP_ALWAYS);
	set(0, XDP_ALWAYS);
}

/* ---- what it must decide --------------------------------------------------------------------------------------- */

#define OUT(proto, dst, ...)                                                                       \
	(struct talk)                                                                              \
	{                                                                                          \
		router, camera, "192.0.2.10", dst, proto, __VA_ARGS__                              \
	}
#define OUT6(proto, dst, ...)                                                                      \
	(struct talk)                                                                              \
	{                                                                                          \
		router, camera, "2001:db8:1::10", dst, proto, __VA_ARGS__                          \
	}

static void test_nobody_is_held(void)
{
	hold(camera, ALONE, 0);
	expect_talk("a free camera calls the Internet", OUT(TCP, "198.51.100.7", 40000, 23, SYN),
		    true);
	expect_talk("a free camera under a strange name",
		    (struct talk){router, camera, "203.0.113.9", "198.51.100.7", UDP, 1, 1}, true);
	hold(camera, 0, 0);
	expect_talk("one whose hold went", OUT(TCP, "198.51.100.7", 40000, 23, SYN), true);
	hold(camera, XDP_CONTAINED, 1);
	expect_talk("a hold that is over", OUT(TCP, "198.51.100.7", 40000, 23, SYN), true);
	hold(camera, XDP_CONTAINED, XDP_ALWAYS);
	set(0, 1);
	expect_talk("nobody tends the maps", OUT(TCP, "198.51.100.7", 40000, 23, SYN), true);
	set(0, XDP_ALWAYS);
	expect_talk("a hold", OUT(TCP, "198.51.100.7", 40000, 23, SYN), false);
}

static void test_contained_keeps(void)
{
	hold(camera, XDP_CONTAINED, XDP_ALWAYS);
	expect_talk("it asks for a lease",
		    (struct talk){router, camera, "0.0.0.0", "255.255.255.255", UDP, 68, 67}, true);
	expect_talk("it renews it", OUT(UDP, "192.0.2.1", 68, 67), true);
	expect_talk("it asks for one by IPv6",
		    (struct talk){router, camera, "fe80::1", "ff02::1:2", UDP, 546, 547}, true);
	expect_talk("names from the gateway", OUT(UDP, "192.0.2.1", 5000, 53), true);
	expect_talk("names by TCP", OUT(TCP, "192.0.2.1", 5000, 53, SYN), true);
	expect_talk("names by IPv6", OUT6(UDP, "2001:db8:1::1", 5000, 53), true);
	expect_talk("a ping of the gateway", OUT(ICMP, "192.0.2.1", 8, 0), true);
	expect_talk("a ping of it by IPv6", OUT6(ICMP6, "2001:db8:1::1", 128, 0), true);
	expect_talk(
		"asks who has an address",
		(struct talk){router, camera, "2001:db8:1::10", "ff02::1:ff00:2", ICMP6, 135, 0},
		true);
	expect_talk("finds out whether its address is free",
		    (struct talk){router, camera, "::", "ff02::1:ff00:2", ICMP6, 135, 0}, true);
	expect_talk("asks for a router",
		    (struct talk){router, camera, "fe80::1", "ff02::2", ICMP6, 133, 0}, true);
	relate(camera, "192.0.2.40", XDP_RECORDER, XDP_ALWAYS);
	expect_talk("its recorder", OUT(TCP, "192.0.2.40", 40000, 554, SYN), true);
	relate(camera, "192.0.2.40", XDP_RECORDER, 1);
	expect_talk("one that was", OUT(TCP, "192.0.2.40", 40000, 554, SYN), false);
	expect_talk("the page of a portal", OUT(TCP, "198.51.100.7", 40000, 80, SYN), false);
	set(XDP_WITH_PORTAL, XDP_ALWAYS);
	expect_talk("… where there is one", OUT(TCP, "198.51.100.7", 40000, 80, SYN), true);
	expect_talk("… of the gateway", OUT(TCP, "192.0.2.1", 40000, 80, SYN), true);
	expect_talk("… another port", OUT(TCP, "198.51.100.7", 40000, 81, SYN), false);
	set(0, XDP_ALWAYS);
}

/* Who looks at it the rules know. */
static void test_contained_is_asked(void)
{
	hold(camera, XDP_CONTAINED, XDP_ALWAYS);
	expect_talk("a port of the gateway", OUT(TCP, "192.0.2.1", 5000, 22, SYN), true);
	expect_talk("an ACK in the LAN", OUT(TCP, "192.0.2.20", 80, 5000, ACK), true);
	expect_talk("a SYN and ACK", OUT(TCP, "192.0.2.20", 80, 5000, SYN | ACK), true);
	expect_talk("UDP in the LAN", OUT(UDP, "192.0.2.20", 80, 5000), true);
	expect_talk("a later fragment", OUT(UDP, "192.0.2.20", 0, 0, .fragment = 185), true);
	expect_talk("an answer to a ping", OUT(ICMP, "192.0.2.20", 0, 0), true);
	expect_talk("a name by mDNS", OUT(UDP, "224.0.0.251", 5353, 5353), true);
	expect_talk("by its link-local address",
		    (struct talk){phone, camera, "fe80::1", "fe80::30", TCP, 554, 5000, SYN | ACK},
		    true);
	expect_talk("IPv6", OUT6(UDP, "2001:db8:1::20", 80, 5000), true);
}

static void test_contained_loses(void)
{
	hold(camera, XDP_CONTAINED, XDP_ALWAYS);
	expect_talk("a SYN to the Internet", OUT(TCP, "198.51.100.7", 40000, 23, SYN), false);
	expect_talk("an ACK to the Internet", OUT(TCP, "198.51.100.7", 40000, 80, ACK), false);
	expect_talk("UDP to the Internet", OUT(UDP, "198.51.100.7", 40000, 53), false);
	expect_talk("IPv6 to the Internet", OUT6(TCP, "2001:db8:2::7", 40000, 23, SYN), false);
	expect_talk("a SYN into the LAN", OUT(TCP, "192.0.2.20", 40000, 23, SYN), false);
	expect_talk("by IPv6", OUT6(TCP, "2001:db8:1::20", 40000, 23, SYN), false);
	expect_talk("a fragment of TCP", OUT(TCP, "192.0.2.20", 0, 0, .fragment = 185), false);
	expect_talk("a ping into the LAN", OUT(ICMP, "192.0.2.20", 8, 0), false);
	expect_talk("a forged sender",
		    (struct talk){router, camera, "192.0.2.20", "192.0.2.1", UDP, 5000, 53}, false);
	expect_talk("a forged sender by IPv6",
		    (struct talk){router, camera, "2001:db8:1::20", "2001:db8:1::1", UDP, 5000, 53},
		    false);
	expect_talk("a forged sender of this link",
		    (struct talk){router, camera, "fe80::2", "fe80::30", TCP, 554, 5000, ACK},
		    false);
	expect_talk("a router's advertisement",
		    (struct talk){router, camera, "fe80::1", "ff02::1", ICMP6, 134, 0}, false);
	expect_talk("a redirect",
		    (struct talk){router, camera, "fe80::1", "2001:db8:1::20", ICMP6, 137, 0},
		    false);
	expect_talk("a lease to one who is no gateway", OUT(UDP, "192.0.2.20", 68, 67), false);
	expect_talk("GRE to the gateway", OUT(47, "192.0.2.1", 0, 0), false);
	expect_talk("GRE by IPv6", OUT6(47, "2001:db8:1::1", 0, 0), false);
}

static void test_arp(void)
{
	struct frame f;

	hold(camera, XDP_CONTAINED, XDP_ALWAYS);
	f = arp(camera, camera, "192.0.2.10");
	expect("ARP in its own name", &f, true);
	f = arp(camera, camera, "0.0.0.0");
	expect("ARP that looks whether an address is free", &f, true);
	f = arp(camera, camera, "192.0.2.1");
	expect("ARP in the gateway's name", &f, false);
	f = arp(camera, router, "192.0.2.10");
	expect("ARP with another's MAC", &f, false);
	f.len -= 12;
	expect("ARP cut short", &f, false);
}

static void test_isolated_and_gated(void)
{
	hold(camera, XDP_ISOLATED, XDP_ALWAYS);
	expect_talk("isolated: its lease", OUT(UDP, "192.0.2.1", 68, 67), true);
	expect_talk("isolated: a viewer", OUT(TCP, "192.0.2.30", 554, 5000, ACK), false);
	expect_talk("isolated: names", OUT(UDP, "192.0.2.1", 5000, 53), false);
	expect_talk("isolated: by IPv6", OUT6(UDP, "2001:db8:1::1", 5000, 53), false);
	hold(camera, XDP_GATED, XDP_ALWAYS);
	expect_talk("gated: the LAN", OUT(TCP, "192.0.2.20", 40000, 80, SYN), true);
	expect_talk("gated: it looks for others", OUT(UDP, "239.255.255.250", 5000, 3702), true);
	expect_talk("gated: by broadcast", OUT(UDP, "255.255.255.255", 5000, 34569), true);
	expect_talk("gated: by IPv6", OUT6(UDP, "ff02::fb", 5353, 5353), true);
	expect_talk("gated: a class that nobody has", OUT(UDP, "240.0.0.1", 1, 1), false);
	expect_talk("gated: the Internet", OUT(TCP, "198.51.100.7", 40000, 80, SYN), false);
	relate(camera, "198.51.100.9", XDP_ALLOWED, XDP_ALWAYS);
	expect_talk("gated: its maker's updates", OUT(TCP, "198.51.100.9", 40000, 443, SYN), true);
	expect_talk("gated: under a strange name",
		    (struct talk){router, camera, "192.0.2.77", "198.51.100.9", TCP, 1, 443, SYN},
		    false);
}

static void test_gate(void)
{
	struct talk t = {router, phone, "192.0.2.30", "198.51.100.7", TCP, 40000, 23, SYN};
	struct talk in = {camera, phone, "192.0.2.30", "192.0.2.10", TCP, 40000, 554, SYN};

	hold(phone, ALONE, 0);
	set(XDP_WITH_GATE, XDP_ALWAYS);
	expect_talk("the gate: somebody new", t, false);
	expect_talk("… in the LAN", in, true);
	pass(phone, true);
	expect_talk("… who passed", t, true);
	pass(phone, false);
	expect_talk("… who passed once", t, false);
	set(0, XDP_ALWAYS);
	expect_talk("no gate", t, true);
}

static void test_wrapped_and_cut(void)
{
	struct talk syn = OUT(TCP, "198.51.100.7", 40000, 23, SYN),
		    ok = OUT(UDP, "192.0.2.1", 5000, 53);
	struct frame f = frame_of(&syn), tagged;

	hold(camera, XDP_CONTAINED, XDP_ALWAYS);
	for (size_t len = 14; len < f.len; len++) {
		struct frame cut = f;

		cut.len = len;
		expect("a SYN cut short", &cut, false);
	}
	for (int tags = 1; tags <= 3; tags++) {
		f = frame_of(&ok);
		link_to(&tagged, router, camera, 0x8100);
		for (int i = 0; i < tags; i++) {
			add16(&tagged, 7);
			add16(&tagged, i + 1 < tags ? 0x8100 : 0x0800);
		}
		add(&tagged, f.at + 14, f.len - 14);
		expect("names under tags", &tagged, false);
	}
	f = frame_of(&ok);
	f.at[12] = 0x88;
	f.at[13] = 0x64;
	expect("PPPoE", &f, false);
	f.at[13] = 0x8e;
	expect("its Wi-Fi's keys", &f, true);
	f = frame_of(&ok);
	f.at[14] = 0x4f; /* options up to behind the end */
	expect("a header longer than the frame is for the rules", &f, true);
	f = frame_of(&syn);
	f.at[14] = 0x46;
	expect("options on the way outside", &f, false);
	f.at[14] = 0x44;
	expect("a header too short", &f, false);
}

static void test_marks(void)
{
	struct talk t = {router, phone, "192.0.2.30", "198.51.100.7", TCP,
			 40000,	 23,	SYN,	      0xc6336407};
	struct frame f;

	hold(phone, ALONE, 0);
	for (int i = 0; i < 2 * XDP_MARKS_SHOWN; i++)
		expect_talk("a mark, not looked for", t, true);
	set(XDP_DROP_MARKED, XDP_ALWAYS);
	for (int i = 0; i < XDP_MARKS_SHOWN; i++)
		expect_talk("the first marks", t, true);
	expect_talk("a mark", t, false);
	f = frame_of(&t);
	memmove(f.at + 18, f.at + 14, f.len - 14);
	memcpy(f.at + 12, "\x81\0\0\7\x08", 6);
	f.len += 4;
	expect("a mark under a tag", &f, false);
	t.flags = SYN | ACK;
	expect_talk("no lone SYN", t, true);
	t.flags = SYN;
	t.seq++;
	expect_talk("another number", t, true);
	set(0, XDP_ALWAYS);
}

static void test_counts(void)
{
	struct xdp_device key = {0};
	struct xdp_count n[1024];
	__u64 packets = 0, bytes = 0;
	struct talk t = OUT(TCP, "198.51.100.7", 40000, 23, SYN);
	struct frame f = frame_of(&t);

	hold(camera, XDP_CONTAINED, XDP_ALWAYS);
	for (int i = 0; i < 10; i++)
		(void)run(&f, 1, NULL);
	memcpy(key.mac, camera, 6);
	memset(n, 0, sizeof n);
	if (bpf_map_lookup_elem(bpf_map__fd(x->maps.blocked), &key, n) == 0)
		for (int i = 0; i < libbpf_num_possible_cpus() && i < 1024; i++) {
			packets += n[i].packets;
			bytes += n[i].bytes;
		}
	if (packets == 10 && bytes == 10 * f.len) {
		passed++;
		return;
	}
	failed++;
	printf("FAIL xdp_contain: counted %llu packets and %llu bytes of 10 and %zu\n", packets,
	       bytes, 10 * f.len);
}

/* ---- cost ------------------------------------------------------------------------------------------------------ */

static int load_empty(void)
{
	struct bpf_insn ops[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_PASS},
				 {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "empty", "MIT", ops, 2, NULL);
}

static unsigned least_ns(int which, const struct frame *f)
{
	unsigned least = ~0U, ns, keep = (unsigned)program;

	program = which;
	for (int i = 0; i < ROUNDS; i++) {
		ns = ~0U;
		(void)run(f, REPEAT, &ns);
		least = ns < least ? ns : least;
	}
	program = (int)keep;
	return least;
}

static void print_cost(void)
{
	struct talk scan = OUT(TCP, "198.51.100.7", 40000, 23, SYN),
		    view = OUT(UDP, "192.0.2.30", 6970, 5004);
	struct talk other = {router, phone, "192.0.2.31", "198.51.100.7", TCP, 40000, 443, ACK};
	struct frame f = frame_of(&other);
	int empty = load_empty();

	hold(camera, XDP_CONTAINED, XDP_ALWAYS);
	printf("XDP, least of %d rounds of %d frames, ns a frame:\n", ROUNDS, REPEAT);
	printf("  %4u  a program that passes everything\n", least_ns(empty, &f));
	printf("  %4u  a frame of a device that is not held\n", least_ns(program, &f));
	set(XDP_DROP_MARKED, XDP_ALWAYS);
	printf("  %4u  … where marks are looked for\n", least_ns(program, &f));
	set(XDP_DROP_MARKED | XDP_WITH_GATE, XDP_ALWAYS);
	pass(phone, true);
	printf("  %4u  … and the gate is on\n", least_ns(program, &f));
	set(XDP_DROP_MARKED, XDP_ALWAYS);
	f = frame_of(&scan);
	printf("  %4u  a scan SYN of a held device, dropped\n", least_ns(program, &f));
	f = frame_of(&view);
	printf("  %4u  a picture of a held device, left to the rules\n", least_ns(program, &f));
}

/* ---- frames from elsewhere ------------------------------------------------------------------------------------- */

static size_t read_hex(const char *text, __u8 *out, size_t room)
{
	size_t n = 0;
	unsigned byte;

	while (n < room && sscanf(text + 2 * n, "%2x", &byte) == 1)
		out[n++] = (__u8)byte;
	return n;
}

static void decide(const char *hex)
{
	struct frame f = {0};

	f.len = read_hex(hex, f.at, sizeof f.at);
	puts(run(&f, 1, NULL) == XDP_DROP ? "drop" : "pass");
}

/* Lines of "own ADDRESS", "recorder ADDRESS", "allowed ADDRESS", "lan ADDRESS BITS", "gateway ADDRESS", "mac HEX", "hold NUMBER",
 * "frame HEX"; for each frame one with "pass" or "drop". */
static int play(FILE *from)
{
	static const char *const relations[] = {"own", "recorder", "allowed"};
	static char line[2 * FRAME + 16], word[16], value[2 * FRAME + 1];
	__u8 mac[6] = {0};
	unsigned bits;

	add_links();
	set(0, XDP_ALWAYS);
	while (fgets(line, sizeof line, from) != NULL) {
		if (sscanf(line, "%15s %512s %u", word, value, &bits) < 2)
			return 1;
		for (int i = 0; i < XDP_RELATIONS; i++)
			if (strcmp(word, relations[i]) == 0)
				relate(mac, value, i, XDP_ALWAYS);
		if (strcmp(word, "lan") == 0)
			add_prefix(value, bits);
		else if (strcmp(word, "gateway") == 0)
			add_gateway(value);
		else if (strcmp(word, "mac") == 0)
			(void)read_hex(value, mac, sizeof mac);
		else if (strcmp(word, "hold") == 0)
			hold(mac, value[0] - '0', XDP_ALWAYS);
		else if (strcmp(word, "frame") == 0)
			decide(value);
	}
	return 0;
}

int main(int argc, char **argv)
{
	libbpf_set_print(NULL);
	x = contain__open_and_load();
	if (x == NULL) {
		printf("SKIPPED xdp_contain: the kernel does not take the program: %s\n0 passed, 0 failed, 1 skipped\n",
		       strerror(errno));
		return 0;
	}
	program = bpf_program__fd(x->progs.cordon_contain);
	if (argc > 1 && strcmp(argv[1], "--frames") == 0)
		return play(stdin);
	set_up();
	test_nobody_is_held();
	test_contained_keeps();
	test_contained_loses();
	test_arp();
	test_contained_is_asked();
	test_isolated_and_gated();
	test_gate();
	test_wrapped_and_cut();
	test_marks();
	test_counts();
	if (argc > 1 && strcmp(argv[1], "--cost") == 0)
		print_cost();
	contain__destroy(x);
	printf("%u passed, %u failed\n", passed, failed);
	return failed > 0;
}
