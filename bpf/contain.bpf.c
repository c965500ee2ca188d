// SPDX-License-Identifier: MIT
/*
 * Holds devices before the network stack sees their frames (XDP, on the ports that devices are behind). It drops what the
 * firewall's rules (src/contain/ruleset_lines.c, family netdev, ingress) would drop for sure, and passes everything else on
 * to them: they know who looks at a device, have limits, and look at hop limits and options. So whatever is wrong with a map
 * here can let through nothing, and what may be said is decided in one place. Dropped are
 *
 *   isolated    all but ARP, ND and DHCP
 *   contained   what goes outside, but to its portal; other senders' addresses; calls into the LAN (a SYN alone, an echo) but
 *               to its recorder and to what the gateway answers; protocols that nobody looks at it by; frames that are neither
 *               ARP nor IP; whatever is wrapped
 *   gated       what goes outside, but to whom it is allowed
 *
 * and SYNs with the mark of Mirai's scanner (sequence number = destination), whoever sends them: one ordinary connection in
 * four thousand million fails with them. Some of each sender pass, because the engine convicts by what it sees, and what is
 * dropped here no capture sees.
 *
 * In words of the rules: a line that needs a field which isn't there matches nothing, and the last line of a held device's
 * chains is a drop.
 */
#include "contain/xdp_maps.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAP(kind, name_, key_, value_, most)                                                       \
	struct {                                                                                   \
		__uint(type, kind);                                                                \
		__uint(max_entries, most);                                                         \
		__type(key, key_);                                                                 \
		__type(value, value_);                                                             \
	} name_ SEC(".maps")

struct address {
	__u8 b[16];
};

MAP(BPF_MAP_TYPE_HASH, held, struct xdp_device, struct xdp_held, XDP_DEVICES);
MAP(BPF_MAP_TYPE_HASH, passed, struct xdp_device, __u64, XDP_PASSED);
MAP(BPF_MAP_TYPE_HASH, pairs, struct xdp_pair, struct xdp_relation, XDP_PAIRS);
MAP(BPF_MAP_TYPE_HASH, gateways, struct address, __u8, XDP_GATEWAYS);
MAP(BPF_MAP_TYPE_PERCPU_HASH, blocked, struct xdp_device, struct xdp_count, XDP_DEVICES);
MAP(BPF_MAP_TYPE_LRU_HASH, marks, struct xdp_device, struct xdp_marker, XDP_MARKERS);
MAP(BPF_MAP_TYPE_ARRAY, settings, __u32, struct xdp_settings, 1);
MAP(BPF_MAP_TYPE_PERCPU_ARRAY, counts, __u32, __u64, XDP_COUNTS);

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, XDP_PREFIXES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct xdp_prefix);
	__type(value, __u8);
} lan SEC(".maps");

enum { TAGS = 2, MINUTE = 60, EAPOL = 0x888e };
enum { NONE = XDP_HELD }; /* of holds */
#define SECOND 1000000000ULL

struct vlan {
	__be16 tci;
	__be16 type;
};

struct icmp_head {
	__u8 type;
	__u8 code;
	__be16 checksum;
};

struct arp_ipv4 {
	__be16 link;
	__be16 protocol;
	__u8 link_len;
	__u8 protocol_len;
	__be16 operation;
	__u8 sender[6];
	__u8 sender_ip[4];
	__u8 target[6];
	__u8 target_ip[4];
} __attribute__((packed));

/* What is known of a frame. */
struct seen {
	struct xdp_pair to;   /* sender's MAC, where it goes */
	struct xdp_pair from; /* sender's MAC, where it says it comes from */
	__u8 v4;
	__u8 protocol; /* of IPv6 behind headers that were read; `other` says that one was not */
	__u8 other;
	__u8 options;  /* of IPv4 */
	__u8 fragment; /* any of a packet's */
	__u8 known;    /* ports, flags and types are read: a first fragment */
	__u8 lone_syn;
	__u8 icmp;
	__u16 sport;
	__u16 dport;
	__u32 seq;
};

static __always_inline void count(__u32 which)
{
	__u64 *n = bpf_map_lookup_elem(&counts, &which);

	if (n)
		(*n)++;
}

static __always_inline int drop(__u32 which, const struct xdp_device *device, __u64 bytes)
{
	struct xdp_count *n = bpf_map_lookup_elem(&blocked, device);

	count(which);
	if (n) {
		n->packets++;
		n->bytes += bytes;
	}
	return XDP_DROP;
}

/* ---- what is known of MACs and addresses ------------------------------------------------------------------------ */

static __always_inline int is_here(const __u8 *addr)
{
	struct xdp_prefix key = {.bits = 128};

	__builtin_memcpy(key.addr, addr, 16);
	return bpf_map_lookup_elem(&lan, &key) != 0;
}

static __always_inline int is(const struct xdp_pair *pair, __u32 what, __u64 now)
{
	struct xdp_relation *r = bpf_map_lookup_elem(&pairs, pair);

	return r && r->until_ns[what] > now;
}

static __always_inline int is_gateway(const struct seen *s)
{
	return bpf_map_lookup_elem(&gateways, s->to.addr) != 0;
}

/* A device in several sets is on its way from one to another: the strictest counts. */
static __always_inline __u32 hold_of(const struct xdp_device *device, __u32 flags, __u64 now)
{
	struct xdp_held *h = bpf_map_lookup_elem(&held, device);
	__u64 *through;

	if (h && h->until_ns[XDP_HELD] > now) {
		if (h->until_ns[XDP_ISOLATED] > now)
			return XDP_ISOLATED;
		if (h->until_ns[XDP_CONTAINED] > now)
			return XDP_CONTAINED;
		if (h->until_ns[XDP_GATED] > now)
			return XDP_GATED;
	}
	if (!(flags & XDP_WITH_GATE) || (device->mac[0] & 1))
		return NONE;
	through = bpf_map_lookup_elem(&passed, device);
	return through && *through > now ? NONE : XDP_GATED;
}

/* ---- reading a frame -------------------------------------------------------------------------------------------- */

static __always_inline void map_v4(__u8 *to, const void *from)
{
	__builtin_memset(to, 0, 10);
	to[10] = to[11] = 0xff;
	__builtin_memcpy(to + 12, from, 4);
}

static __always_inline int read_ports(struct seen *s, void *at, void *end)
{
	struct tcphdr *tcp = at;
	struct udphdr *udp = at;
	struct icmp_head *icmp = at;

	if (s->protocol == IPPROTO_TCP && (void *)(tcp + 1) <= end) {
		s->sport = bpf_ntohs(tcp->source);
		s->dport = bpf_ntohs(tcp->dest);
		s->seq = bpf_ntohl(tcp->seq);
		s->lone_syn = tcp->syn && !tcp->ack;
	} else if (s->protocol == IPPROTO_UDP && (void *)(udp + 1) <= end) {
		s->sport = bpf_ntohs(udp->source);
		s->dport = bpf_ntohs(udp->dest);
	} else if ((s->protocol == IPPROTO_ICMP || s->protocol == IPPROTO_ICMPV6) &&
		   (void *)(icmp + 1) <= end) {
		s->icmp = icmp->type;
	} else {
		return 0;
	}
	return 1;
}

static __always_inline int read_ip(struct seen *s, void *at, void *end)
{
	struct iphdr *ip = at;

	if ((void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5)
		return 0;
	map_v4(s->from.addr, &ip->saddr);
	map_v4(s->to.addr, &ip->daddr);
	s->v4 = 1;
	s->protocol = ip->protocol;
	s->options = ip->ihl != 5;
	s->fragment = (ip->frag_off & bpf_htons(0x3fff)) != 0;
	/* What lies behind options would need CAP_PERFMON: without it the kernel takes no sums of a packet's bytes. */
	s->known = !s->options && !(ip->frag_off & bpf_htons(0x1fff)) && read_ports(s, ip + 1, end);
	return 1;
}

/* Hop-by-hop options stand before MLD; other extension headers are no host's daily bread and are left to the rules. */
static __always_inline int read_ip6(struct seen *s, void *at, void *end)
{
	struct ipv6hdr *ip = at;
	__u8 *next = (void *)(ip + 1);
	int later = 0;

	if ((void *)(ip + 1) > end || ip->version != 6)
		return 0;
	__builtin_memcpy(s->from.addr, &ip->saddr, 16);
	__builtin_memcpy(s->to.addr, &ip->daddr, 16);
	s->protocol = ip->nexthdr;
	s->other = 1;
	if (s->protocol == IPPROTO_HOPOPTS) {
		if ((void *)(next + 8) > end || next[1] != 0)
			return 1;
		s->protocol = next[0];
		next += 8;
	}
	if (s->protocol == IPPROTO_FRAGMENT) {
		if ((void *)(next + 8) > end)
			return 1;
		s->protocol = next[0];
		s->fragment = 1;
		later = ((next[2] << 8 | next[3]) & 0xfff8) != 0;
		next += 8;
	}
	s->other = s->protocol == IPPROTO_HOPOPTS || s->protocol == IPPROTO_ROUTING ||
		   s->protocol == IPPROTO_FRAGMENT || s->protocol == IPPROTO_DSTOPTS ||
		   s->protocol == IPPROTO_AH || s->protocol == IPPROTO_NONE || s->protocol == 135;
	s->known = !later && read_ports(s, next, end);
	return 1;
}

/* ---- may the rules let it through? ------------------------------------------------------------------------------ */

static __always_inline int is_zero(const __u8 *addr, int v4)
{
	const __u64 *half = (const void *)addr;
	const __u32 *low = (const void *)(addr + 12);

	return v4 ? *low == 0 : half[0] == 0 && half[1] == 0;
}

static __always_inline int is_broadcast(const __u8 *addr)
{
	const __u32 *low = (const void *)(addr + 12);

	return *low == 0xffffffff;
}

/* As a host speaks ND and MLD: no advertisement of a router, no redirect, no query. */
static __always_inline int is_neighbourly(const struct seen *s)
{
	if (s->protocol != IPPROTO_ICMPV6 || !s->known)
		return s->protocol == IPPROTO_ICMPV6;
	return s->icmp == 133 || s->icmp == 135 || s->icmp == 136 || s->icmp == 131 ||
	       s->icmp == 132 || s->icmp == 143;
}

static __always_inline int is_page(const struct seen *s, __u32 flags)
{
	if (!(flags & XDP_WITH_PORTAL))
		return 0;
	return s->other || (s->protocol == IPPROTO_TCP && (!s->known || s->dport == 80));
}

static __always_inline int may_lease(const struct seen *s, __u64 now)
{
	if (s->fragment)
		return 0;
	if (is_zero(s->from.addr, 1) && is_broadcast(s->to.addr))
		return 1;
	return is(&s->from, XDP_OWN, now) && (is_broadcast(s->to.addr) || is_gateway(s));
}

/* Inside, to nobody who records it. Whether somebody looks at it, and what it may ask the gateway, the rules know. */
static __always_inline int may_answer(const struct seen *s)
{
	if (s->other || s->protocol == IPPROTO_UDP)
		return 1;
	if (s->protocol == IPPROTO_TCP)
		return !s->known || !s->lone_syn || is_gateway(s);
	if (s->protocol == IPPROTO_ICMP && s->v4)
		return !s->known || s->icmp == 0 || s->icmp == 3 || s->icmp == 11 ||
		       s->icmp == 12 || (s->icmp == 8 && is_gateway(s));
	if (s->protocol != IPPROTO_ICMPV6 || s->v4)
		return 0;
	return !s->known || is_neighbourly(s) || (s->icmp >= 1 && s->icmp <= 4) || s->icmp == 129 ||
	       (s->icmp == 128 && is_gateway(s));
}

/* Of IPv6 alone: its address, or what is said before there is one. */
static __always_inline int may_claim(const struct seen *s, __u64 now)
{
	if (is_zero(s->from.addr, 0))
		return s->other || is_neighbourly(s);
	return is(&s->from, XDP_OWN, now);
}

/* Most frames of a hijacked device go outside: asked before what costs more. */
static __always_inline int may_contained(const struct seen *s, __u32 flags, __u64 now)
{
	int outside = !is_here(s->to.addr), page = outside && is_page(s, flags), recorder;

	/* Reports to groups bear an option: what is not dropped for that is asked by the rules. */
	if (s->v4 && s->options && s->protocol != IPPROTO_IGMP)
		return 0;
	if (s->protocol == IPPROTO_TCP && s->fragment)
		return 0;
	recorder = (s->other || s->protocol == IPPROTO_TCP || s->protocol == IPPROTO_UDP) &&
		   is(&s->to, XDP_RECORDER, now);
	if (outside && !page && !recorder)
		return 0;
	if (!outside && !recorder && !(s->v4 && s->protocol == IPPROTO_IGMP) && !may_answer(s))
		return 0;
	return !s->v4 || is(&s->from, XDP_OWN, now);
}

static __always_inline int may_gated(const struct seen *s, __u32 flags, __u64 now)
{
	return is_here(s->to.addr) || is_page(s, flags) ||
	       (is(&s->to, XDP_ALLOWED, now) && is(&s->from, XDP_OWN, now));
}

static __always_inline int may_send(__u32 hold, const struct seen *s, __u32 flags, __u64 now)
{
	if (hold == XDP_GATED)
		return may_gated(s, flags, now);
	if (s->v4) {
		if (s->protocol == IPPROTO_UDP && s->options)
			return is_broadcast(s->to.addr) || is_gateway(s);
		if (s->protocol == IPPROTO_UDP && s->known && s->sport == 68 && s->dport == 67)
			return may_lease(s, now);
		return hold != XDP_ISOLATED && may_contained(s, flags, now);
	}
	if (hold == XDP_ISOLATED)
		return (s->other || is_neighbourly(s) ||
			(s->protocol == IPPROTO_UDP && s->sport == 546 && s->dport == 547)) &&
		       may_claim(s, now);
	return may_contained(s, flags, now) && may_claim(s, now);
}

/* Questions and answers in its own name, or to find out whether a name is free. */
static __always_inline int may_arp(struct seen *s, void *at, void *end, __u64 now)
{
	struct arp_ipv4 *arp = at;

	if ((void *)(arp + 1) > end)
		return 0;
	if (arp->operation != bpf_htons(1) && arp->operation != bpf_htons(2))
		return 0;
	map_v4(s->from.addr, arp->sender_ip);
	if (arp->operation == bpf_htons(1) && is_zero(s->from.addr, 1))
		return 1;
	if (!is(&s->from, XDP_OWN, now))
		return 0;
	__builtin_memcpy(s->from.device.mac, arp->sender, 6);
	return is(&s->from, XDP_OWN, now);
}

/* What a held device sends, by the frame's type. */
static __always_inline int may_pass(__u32 hold, struct seen *s, __u16 type, void *at, void *end,
				    __u32 flags, __u64 now)
{
	int read;

	switch (type) {
	case ETH_P_8021Q:
	case ETH_P_8021AD:
	case 0x9100:
	case ETH_P_MPLS_UC:
	case ETH_P_MPLS_MC:
	case ETH_P_PPP_DISC:
	case ETH_P_PPP_SES:
		return 0;
	case ETH_P_ARP:
		return hold == XDP_GATED || may_arp(s, at, end, now);
	case ETH_P_IP:
	case ETH_P_IPV6:
		read = type == ETH_P_IP ? read_ip(s, at, end) : read_ip6(s, at, end);
		return read ? may_send(hold, s, flags, now) : hold == XDP_GATED;
	default:
		return hold == XDP_GATED || type == EAPOL;
	}
}

/* ---- marks ------------------------------------------------------------------------------------------------------ */

/* The first of each minute pass. */
static __always_inline int is_shown(const struct xdp_device *sender, __u64 now)
{
	struct xdp_marker *m = bpf_map_lookup_elem(&marks, sender), fresh = {now, 1};

	if (!m) {
		bpf_map_update_elem(&marks, sender, &fresh, BPF_ANY);
		return 1;
	}
	if (now - m->since_ns >= MINUTE * SECOND) {
		m->since_ns = now;
		m->seen = 0;
	}
	return __sync_fetch_and_add(&m->seen, 1) < XDP_MARKS_SHOWN;
}

/* 1: it bears the mark, and enough of its sender's were shown. */
static __always_inline int is_marked(struct seen *s, __u16 type, void *at, void *end, __u64 now)
{
	struct vlan *tag;
	__u32 low;
	int read;

	for (int i = 0; i < TAGS; i++) {
		if (type != ETH_P_8021Q && type != ETH_P_8021AD)
			break;
		tag = at;
		if ((void *)(tag + 1) > end)
			return 0;
		type = bpf_ntohs(tag->type);
		at = tag + 1;
	}
	read = type == ETH_P_IP	    ? read_ip(s, at, end)
	       : type == ETH_P_IPV6 ? read_ip6(s, at, end)
				    : 0;
	if (!read || !s->lone_syn || !s->seq)
		return 0;
	__builtin_memcpy(&low, s->to.addr + 12, 4);
	return bpf_ntohl(low) == s->seq && !is_shown(&s->to.device, now);
}

SEC("xdp")
int cordon_contain(struct xdp_md *ctx)
{
	void *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = at;
	struct seen s = {0};
	__u32 hold, zero = 0;
	const struct xdp_settings *set = bpf_map_lookup_elem(&settings, &zero);
	__u64 now = bpf_ktime_get_ns();
	__u16 type;

	if ((void *)(eth + 1) > end || !set || set->until_ns <= now)
		return XDP_PASS;
	__builtin_memcpy(s.from.device.mac, eth->h_source, 6);
	__builtin_memcpy(s.to.device.mac, eth->h_source, 6);
	type = bpf_ntohs(eth->h_proto);
	hold = hold_of(&s.from.device, set->flags, now);
	at = eth + 1;
	/* ARP's sender takes the place of the frame's in `from`. */
	if (hold != NONE && !may_pass(hold, &s, type, at, end, set->flags, now))
		return drop(XDP_COUNT_HELD, &s.to.device, bpf_xdp_get_buff_len(ctx));
	if ((set->flags & XDP_DROP_MARKED) && is_marked(&s, type, at, end, now))
		return drop(XDP_COUNT_MARKED, &s.to.device, bpf_xdp_get_buff_len(ctx));
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
