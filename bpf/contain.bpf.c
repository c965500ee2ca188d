// SPDX-License-Identifier: MIT
/*
 * Holds devices before the network stack sees their frames (XDP, on the ports that devices are behind). It asks what the
 * firewall's rules ask (src/contain/ruleset.c) in the same order, by the frame's source MAC:
 *
 *   not held    passes; one that speaks to a held device becomes its viewer, one that does so from outside is dropped
 *   isolated    ARP, ND and its lease
 *   contained   these under its own addresses; DNS and NTP of the gateway, its page; its recorders; TCP without a lone SYN,
 *               UDP and answers of ICMP to viewers
 *   gated       the LAN, and whom it may reach outside
 *
 * A frame that ends early, or is wrapped in something that is not looked into (PPPoE, MPLS, more than two VLAN tags), is
 * dropped when a held device sends it. Later fragments have no ports: they pass to viewers and recorders alone. Where the
 * mark of Mirai's scanner is dropped for everybody, one ordinary connection in four thousand million fails with it.
 */
#include "contain.h"

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
MAP(BPF_MAP_TYPE_HASH, pairs, struct xdp_pair, struct xdp_relation, XDP_PAIRS);
MAP(BPF_MAP_TYPE_HASH, gateways, struct address, __u8, XDP_GATEWAYS);
MAP(BPF_MAP_TYPE_PERCPU_HASH, blocked, struct xdp_device, struct xdp_count, XDP_DEVICES);
MAP(BPF_MAP_TYPE_ARRAY, settings, __u32, struct xdp_settings, 1);
MAP(BPF_MAP_TYPE_PERCPU_ARRAY, counts, __u32, __u64, XDP_COUNTS);

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, XDP_PREFIXES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct xdp_prefix);
	__type(value, __u8);
} lan SEC(".maps");

enum { TAGS = 2 };

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

/* What is known of a frame; ports are those of its first fragment. */
struct seen {
	struct xdp_pair to;   /* sender's MAC, where it goes */
	struct xdp_pair from; /* sender's MAC, where it says it comes from */
	__u8 protocol;
	__u8 known; /* the bytes of the protocol's header are there */
	__u8 later; /* a fragment behind the first */
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

static __always_inline int drop(const struct xdp_device *device, __u64 bytes)
{
	struct xdp_count *n = bpf_map_lookup_elem(&blocked, device);

	count(XDP_COUNT_HELD);
	if (n) {
		n->packets++;
		n->bytes += bytes;
	}
	return XDP_DROP;
}

static __always_inline int is_in_lan(const __u8 *addr)
{
	struct xdp_prefix key = {.bits = 128};

	__builtin_memcpy(key.addr, addr, 16);
	return bpf_map_lookup_elem(&lan, &key) != 0;
}

static __always_inline __u32 hold_of(const struct xdp_device *device)
{
	struct xdp_held *h = bpf_map_lookup_elem(&held, device);

	if (!h || (h->until_ns && bpf_ktime_get_boot_ns() >= h->until_ns))
		return 0;
	return h->hold;
}

static __always_inline __u32 relation(const struct xdp_pair *pair)
{
	struct xdp_relation *r = bpf_map_lookup_elem(&pairs, pair);

	if (!r)
		return 0;
	return r->flags | (bpf_ktime_get_boot_ns() < r->viewer_until_ns ? XDP_VIEWER : 0);
}

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
	__u32 len;

	if ((void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5)
		return 0;
	map_v4(s->from.addr, &ip->saddr);
	map_v4(s->to.addr, &ip->daddr);
	s->protocol = ip->protocol;
	s->later = (ip->frag_off & bpf_htons(0x1fff)) != 0;
	len = ip->ihl * 4;
	s->known = !s->later && read_ports(s, at + len, end);
	return 1;
}

/* Hop-by-hop options stand before MLD; other extension headers are no host's daily bread. */
static __always_inline int read_ip6(struct seen *s, void *at, void *end)
{
	struct ipv6hdr *ip = at;
	__u8 *next = (void *)(ip + 1);

	if ((void *)(ip + 1) > end || ip->version != 6)
		return 0;
	__builtin_memcpy(s->from.addr, &ip->saddr, 16);
	__builtin_memcpy(s->to.addr, &ip->daddr, 16);
	s->protocol = ip->nexthdr;
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
		s->later = ((next[2] << 8 | next[3]) & 0xfff8) != 0;
		next += 8;
	}
	s->known = !s->later && read_ports(s, next, end);
	return 1;
}

static __always_inline int is_one(const __u8 *addr, __u8 first, __u8 second, __u8 mask)
{
	return addr[0] == first && (addr[1] & mask) == second;
}

static __always_inline int is_v4(const __u8 *addr)
{
	const __u64 *high = (const void *)addr;
	const __u32 *mid = (const void *)(addr + 8);

	return *high == 0 && *mid == bpf_htonl(0xffff);
}

static __always_inline int is_zero(const __u8 *addr)
{
	const __u64 *half = (const void *)addr;

	return half[0] == 0 && half[1] == 0;
}

static __always_inline int is_unset_v4(const __u8 *addr)
{
	const __u32 *low = (const void *)(addr + 12);

	return is_v4(addr) && *low == 0;
}

static __always_inline int is_broadcast(const __u8 *addr)
{
	const __u32 *low = (const void *)(addr + 12);

	return *low == 0xffffffff;
}

/* Multicast, and the broadcast of a link. */
static __always_inline int is_for_many(const __u8 *addr, int v4)
{
	return v4 ? addr[12] >= 224 && (addr[12] < 240 || is_broadcast(addr)) : addr[0] == 0xff;
}

/* Its lease: a client asks from port 68 or 546. */
static __always_inline int asks_for_lease(const struct seen *s, int v4)
{
	if (s->protocol != IPPROTO_UDP || !s->known)
		return 0;
	return v4 ? s->sport == 68 && s->dport == 67 : s->sport == 546 && s->dport == 547;
}

/* Neighbour discovery and multicast listeners as a host speaks them: no advertisement of a router, no redirect. */
static __always_inline int is_neighbourly(const struct seen *s)
{
	if (s->protocol != IPPROTO_ICMPV6 || !s->known)
		return 0;
	return s->icmp == 133 || s->icmp == 135 || s->icmp == 136 || s->icmp == 131 ||
	       s->icmp == 132 || s->icmp == 143;
}

static __always_inline int owns(const struct seen *s, int v4)
{
	if (v4)
		return is_unset_v4(s->from.addr) || (relation(&s->from) & XDP_OWN);
	return is_zero(s->from.addr) || is_one(s->from.addr, 0xfe, 0x80, 0xc0) ||
	       (relation(&s->from) & XDP_OWN);
}

static __always_inline int asks_gateway(const struct seen *s)
{
	if (!s->known || !bpf_map_lookup_elem(&gateways, s->to.addr))
		return 0;
	if (s->protocol == IPPROTO_UDP)
		return s->dport == 53 || s->dport == 123;
	return s->protocol == IPPROTO_TCP && (s->dport == 53 || s->dport == 80);
}

static __always_inline int answers(const struct seen *s)
{
	if (s->later || s->protocol == IPPROTO_UDP)
		return 1;
	if (!s->known)
		return 0;
	if (s->protocol == IPPROTO_TCP)
		return !s->lone_syn;
	if (s->protocol == IPPROTO_ICMP)
		return s->icmp == 0 || s->icmp == 3 || s->icmp == 11;
	return s->protocol == IPPROTO_ICMPV6 && (s->icmp == 129 || (s->icmp >= 1 && s->icmp <= 4));
}

/* 1: passes. What most frames of a hijacked device show - that they go outside - is asked early. */
static __always_inline int may_send(__u32 hold, const struct seen *s, int v4)
{
	int inside;
	__u32 is;

	if (asks_for_lease(s, v4))
		return 1;
	if (!v4 && is_neighbourly(s))
		return owns(s, v4);
	if (hold == XDP_HOLD_ISOLATED)
		return 0;
	inside = is_in_lan(s->to.addr) || is_one(s->to.addr, 0xfe, 0x80, 0xc0);
	if ((hold == XDP_HOLD_CONTAINED && !inside) || !owns(s, v4))
		return 0;
	if (asks_gateway(s))
		return 1;
	is = relation(&s->to);
	if (hold == XDP_HOLD_GATED)
		return inside || is_for_many(s->to.addr, v4) || (is & XDP_ALLOWED);
	return (is & XDP_RECORDER) || ((is & XDP_VIEWER) && answers(s));
}

static __always_inline int same_mac(const __u8 *a, const __u8 *b)
{
	int differ = 0;

	for (int i = 0; i < 6; i++)
		differ |= a[i] ^ b[i];
	return !differ;
}

/* Requests and answers in its own name, or to find out whether a name is free. */
static __always_inline int may_arp(struct seen *s, void *at, void *end)
{
	struct arp_ipv4 *arp = at;

	if ((void *)(arp + 1) > end || arp->link_len != 6 || arp->protocol_len != 4 ||
	    !same_mac(arp->sender, s->from.device.mac))
		return 0;
	map_v4(s->from.addr, arp->sender_ip);
	return owns(s, 1);
}

/* A sender that is not held: does it speak to one that is? */
static __always_inline int pass_to(struct seen *s, const __u8 *target,
				   const struct xdp_settings *set)
{
	struct xdp_pair pair = {0};
	struct xdp_relation fresh = {0};
	struct xdp_relation *known;
	__u32 hold;

	if (set->drop_marked && s->lone_syn && s->seq) {
		__u32 low;

		__builtin_memcpy(&low, s->to.addr + 12, 4);
		if (bpf_ntohl(low) == s->seq) {
			count(XDP_COUNT_MARKED);
			return XDP_DROP;
		}
	}
	__builtin_memcpy(pair.device.mac, target, 6);
	hold = hold_of(&pair.device);
	if (!hold)
		return XDP_PASS;
	if (!is_in_lan(s->from.addr) && !is_one(s->from.addr, 0xfe, 0x80, 0xc0) &&
	    !is_unset_v4(s->from.addr) && !bpf_map_lookup_elem(&gateways, s->from.addr)) {
		__builtin_memcpy(pair.addr, s->from.addr, 16);
		if (hold == XDP_HOLD_GATED && (relation(&pair) & XDP_ALLOWED))
			return XDP_PASS;
		count(XDP_COUNT_INWARD);
		return XDP_DROP;
	}
	if (hold != XDP_HOLD_CONTAINED)
		return XDP_PASS;
	__builtin_memcpy(pair.addr, s->from.addr, 16);
	fresh.viewer_until_ns = bpf_ktime_get_boot_ns() + set->viewer_ns;
	known = bpf_map_lookup_elem(&pairs, &pair);
	if (known)
		known->viewer_until_ns = fresh.viewer_until_ns;
	else
		bpf_map_update_elem(&pairs, &pair, &fresh, BPF_NOEXIST);
	return XDP_PASS;
}

SEC("xdp")
int cordon_contain(struct xdp_md *ctx)
{
	void *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = at;
	struct seen s = {0};
	__u32 hold, zero = 0;
	const struct xdp_settings *set = bpf_map_lookup_elem(&settings, &zero);
	__u64 bytes = end - at;
	__be16 type;
	int v4, read;

	if ((void *)(eth + 1) > end || !set)
		return XDP_PASS;
	__builtin_memcpy(s.from.device.mac, eth->h_source, 6);
	__builtin_memcpy(s.to.device.mac, eth->h_source, 6);
	hold = hold_of(&s.from.device);
	type = eth->h_proto;
	at = eth + 1;
	for (int i = 0; i < TAGS; i++) {
		struct vlan *tag = at;

		if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD))
			break;
		if ((void *)(tag + 1) > end)
			return hold ? drop(&s.from.device, bytes) : XDP_PASS;
		type = tag->type;
		at = tag + 1;
	}
	if (type == bpf_htons(ETH_P_ARP))
		return !hold || may_arp(&s, at, end) ? XDP_PASS : drop(&s.from.device, bytes);
	v4 = type == bpf_htons(ETH_P_IP);
	read = v4			       ? read_ip(&s, at, end)
	       : type == bpf_htons(ETH_P_IPV6) ? read_ip6(&s, at, end)
					       : 0;
	if (!hold)
		return read ? pass_to(&s, eth->h_dest, set) : XDP_PASS;
	return read && may_send(hold, &s, v4) ? XDP_PASS : drop(&s.from.device, bytes);
}

char _license[] SEC("license") = "Dual MIT/GPL";
