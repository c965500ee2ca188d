/* SPDX-License-Identifier: MIT */
/*
 * The stamping of packets, which is most of what the reader's thread does: each end of a packet is looked at once, and
 * what a packet between strangers can't change is not asked for. What was seen of a pair of MACs is remembered, since
 * frames come in runs; a wrong memory can't be had, for a MAC that is remembered is never
 * taken out of the table (world_age.c).
 */
#include "base/hash.h"
#include "flow/world.h"

#include <stddef.h>
#include <string.h>

/*
 * What an ordinary packet does not need stands in functions of its own, so that those which it does need keep what they
 * work with in registers; compilers would lay all into one.
 */
#define APART __attribute__((noinline))

/* Both ends of a packet: what of them depends on their bytes alone. */
struct sight {
	uint64_t src_hash; /* published */
	uint64_t dst_hash;
	uint8_t src_class;
	uint8_t dst_class;
	bool src_local; /* set once the packet's own lesson is learned */
	bool dst_local;
};

enum {
	BLOCK = 64, /* packets that are looked at before the first of them is stamped */
	FEW_BINDINGS = 2048
};

static inline uint64_t look_at(const struct addr *a, uint8_t *class)
{
	uint64_t high = hash_load(a->b), low = hash_load(a->b + 8);

	if (high == 0 && (uint32_t)low == 0xffff0000) {
		*class = addr_class_v4((uint8_t)(low >> 32), (uint8_t)(low >> 40), a);
		return hash_mix(low);
	}
	*class = addr_class_rest(a);
	return hash_words(high, low);
}

/* Where the first word about an address stands, if there is one. */
static inline const uint64_t *first_word(const struct world *w, uint64_t key)
{
	return &w->bind_words[slots_probe(&w->bind_slots, key).at];
}

/* Asks memory for the words about them too, when there are more than lie near anyway. */
static APART void look_at_block(const struct world *w, const struct packet *p, uint32_t n,
				struct sight *out)
{
	bool far = w->binds_n > FEW_BINDINGS;
	const struct packet *end = p + n;

	for (; p < end; p++, out++) {
		out->src_hash = look_at(&p->src, &out->src_class);
		out->dst_hash = look_at(&p->dst, &out->dst_class);
		if (far) {
			__builtin_prefetch(first_word(w, out->src_hash));
			__builtin_prefetch(first_word(w, out->dst_hash));
		}
	}
}

/* The keyed hash; in IPv4 it is the published one. */
static inline uint64_t key_of(const struct world *w, const struct packet *p, const struct addr *a,
			      uint64_t hash)
{
	return (p->flags & PACKET_V6) != 0 ? world_key(w, a) : hash;
}

/* ---- MACs ---- */

static uint16_t source_mac(struct world *w, const struct packet *p)
{
	const struct mac *last = &w->pairs[w->last_pair].src_mac;
	bool refused = mac_equal(last, &p->src_mac) && (w->macs_n == 0 || !world_has_mac_room(w));
	/* A run of frames from one MAC that has no place is refused once. */
	uint16_t index = refused ? world_mac_find(w, &p->src_mac) : world_mac_get(w, &p->src_mac);

	if (index != NO_MAC && w->macs[index].first_key == 0)
		w->macs[index].first_key = p->key;
	return index;
}

enum { MACS_OF_FRAME = PACKET_HAS_MAC | PACKET_HAS_DST_MAC };

static APART void find_macs(struct world *w, const struct packet *p, uint32_t place,
			    struct stamp *s)
{
	bool has_src = (p->flags & PACKET_HAS_MAC) != 0 && !mac_is_group(&p->src_mac);
	bool has_dst = (p->flags & PACKET_HAS_DST_MAC) != 0 && !mac_is_group(&p->dst_mac);

	s->src_mac = has_src ? source_mac(w, p) : NO_MAC;
	s->dst_mac = has_dst ? world_mac_find(w, &p->dst_mac) : NO_MAC;
	if (!has_src)
		return;
	if (s->src_mac == NO_MAC) /* never remembered, for each run of it is counted */
		place = WORLD_PAIRS;
	w->pairs[place] = (struct mac_pair){
		.dst_mac = p->dst_mac,
		.src_mac = p->src_mac,
		.dst = s->dst_mac,
		.src = s->src_mac,
		.known = place == WORLD_PAIRS ? PAIR_NONE : p->flags & MACS_OF_FRAME};
	w->last_pair = place;
}

/* Both MACs stand side by side, so they are compared as a word of eight bytes and one of four. */
_Static_assert(offsetof(struct packet, src_mac) == offsetof(struct packet, dst_mac) + 6 &&
		       offsetof(struct mac_pair, dst_mac) == 0 &&
		       offsetof(struct mac_pair, src_mac) == 6,
	       "12 bytes with nothing between");

static inline void stamp_macs(struct world *w, const struct packet *p, struct stamp *s)
{
	const uint8_t *at = (const uint8_t *)p + offsetof(struct packet, dst_mac);
	const struct mac_pair *m;
	uint64_t head, known_head;
	uint32_t tail, known_tail, place;

	memcpy(&head, at, sizeof head);
	memcpy(&tail, at + sizeof head, sizeof tail);
	place = (uint32_t)((head ^ (uint64_t)tail << 24) * 0x9e3779b97f4a7c15ULL >> 58);
	m = &w->pairs[place];
	memcpy(&known_head, (const uint8_t *)m, sizeof head);
	memcpy(&known_tail, (const uint8_t *)m + sizeof head, sizeof tail);
	if (head != known_head || tail != known_tail || m->known != (p->flags & MACS_OF_FRAME)) {
		find_macs(w, p, place, s);
		return;
	}
	s->src_mac = m->src;
	s->dst_mac = m->dst;
	w->last_pair = place;
}

/* ---- who sent it ---- */

static void note_false_source(struct world_mac *m, const struct packet *p, uint64_t hash)
{
	uint64_t bit = hash % 256;

	m->sources_seen[bit / 64] |= UINT64_C(1) << bit % 64;
	m->last_ns = p->time_ns;
	if (m->first_n == WORLD_FIRST)
		return;
	if (m->first_n == 0)
		m->first_ns = p->time_ns;
	m->first[m->first_n++] = p->key;
}

/* Is anything bound to an address with this key? Mostly the first word of the index says no. */
static inline bool may_be_bound(const struct world *w, uint64_t key)
{
	return *first_word(w, key) != 0;
}

static bool is_to_ours(const struct world *w, const struct packet *p, const struct sight *e)
{
	uint64_t key;

	if (e->dst_local || !w->public_binds)
		return e->dst_local;
	key = key_of(w, p, &p->dst, e->dst_hash);
	return may_be_bound(w, key) && bindings_find_any(w, &p->dst, key) != NULL;
}

/* Is the /64 one of the few that this MAC has global addresses in, or can it still become one? */
static bool is_own_network(const struct world_mac *m, const struct addr *a)
{
	uint32_t network = world_network(a);

	for (int i = 0; i < WORLD_NETWORKS; i++) {
		if (m->networks[i] == 0 || m->networks[i] == network)
			return true;
	}
	return false;
}

static void note_own_network(struct world_mac *m, const struct addr *a)
{
	uint32_t network = world_network(a);

	for (int i = 0; i < WORLD_NETWORKS; i++) {
		if (m->networks[i] == 0)
			m->networks[i] = network;
		if (m->networks[i] == network)
			return;
	}
}

/*
 * A global IPv6 address of a host on our side, before any router advertisement tells the prefix: its hop limit is a
 * start value and its MAC forwards for nobody, as far as was seen until now. Reduce asks again.
 */
static bool own_global_v6(const struct world *w, const struct packet *p, const struct sight *e,
			  uint16_t mac)
{
	return mac != NO_MAC && !addr_is_v4(&p->src) && (e->src_class & ADDR_PUBLIC) != 0 &&
	       w->prefixes_given == 0 && ttl_is_start(p->ttl) && !world_is_router(&w->macs[mac]) &&
	       (!is_to_ours(w, p, e) || memcmp(p->src.b, p->dst.b, 8) == 0) &&
	       is_own_network(&w->macs[mac], &p->src);
}

/* The binding of the packet's source, made when the source is ours; *ours says whether it should have one. */
static struct binding *bind_source(struct world *w, const struct packet *p, const struct sight *e,
				   uint16_t mac, bool *ours)
{
	uint64_t key = key_of(w, p, &p->src, e->src_hash);
	bool guessed = !e->src_local && own_global_v6(w, p, e, mac);
	struct binding *b;

	*ours = e->src_local || guessed;
	if (!*ours && !w->public_binds)
		return NULL;
	b = bindings_find(w, &p->src, key, mac);
	if (b != NULL) {
		*ours = true;
		return b;
	}
	if (!*ours)
		return NULL;
	if (guessed)
		note_own_network(&w->macs[mac], &p->src);
	return bindings_add(w, &p->src, key, mac, p);
}

/* Somebody from elsewhere, or from an address that found no place: what its MAC shows by it. */
static void note_stranger(struct world *w, const struct packet *p, const struct sight *e,
			  struct world_mac *m)
{
	if (!ttl_is_start(p->ttl)) {
		m->forwarded++;
	} else if (!is_to_ours(w, p, e)) {
		/* To one of ours it comes from outside, which is what routers are for. */
		m->foreign++;
		note_false_source(m, p, e->src_hash);
	}
}

static void note_ours(struct world *w, struct binding *b, const struct packet *p,
		      const struct sight *e, uint16_t mac)
{
	binding_sent(w, b, p, e->dst_hash, (e->dst_class & (ADDR_MULTICAST | ADDR_BROADCAST)) == 0);
	if (mac != NO_MAC && (b->flags & (BIND_ORIGIN | BIND_PROVEN)) != 0 &&
	    (e->src_local || (b->flags & BIND_ARP) != 0))
		w->macs[mac].flags |= MAC_OURS;
}

/* The flags of a packet whose source is ours, or might be; 0: it is a stranger's. */
static APART unsigned stamp_own(struct world *w, const struct packet *p, const struct sight *e,
				uint16_t mac)
{
	bool ours;
	struct binding *b = bind_source(w, p, e, mac, &ours);

	if (b != NULL) {
		note_ours(w, b, p, e, mac);
		return STAMP_SENDER | STAMP_BELIEVED | STAMP_SRC_LOCAL | STAMP_SRC_OURS;
	}
	if (!ours)
		return 0;
	if (mac == NO_MAC)
		return STAMP_SENDER | STAMP_BELIEVED | STAMP_SRC_LOCAL;
	w->macs[mac].invented++;
	note_false_source(&w->macs[mac], p, e->src_hash);
	return STAMP_SENDER | STAMP_SRC_LOCAL;
}

/* Who is held to account for the packet? Its flags. */
static inline unsigned stamp_sender(struct world *w, const struct packet *p, const struct sight *e,
				    uint16_t mac)
{
	unsigned flags = 0;

	if ((e->src_class & ADDR_NO_SENDER) != 0) {
		w->no_actor++;
		return 0;
	}
	if (e->src_local || (p->flags & PACKET_V6) != 0 ||
	    (w->public_binds && may_be_bound(w, e->src_hash)))
		flags = stamp_own(w, p, e, mac);
	if (flags != 0)
		return flags;
	if (mac != NO_MAC)
		note_stranger(w, p, e, &w->macs[mac]);
	return STAMP_SENDER | STAMP_BELIEVED;
}

/* ---- whom it is for ---- */

static struct binding *find_target(const struct world *w, const struct packet *p,
				   const struct sight *e, uint16_t mac)
{
	uint64_t key = key_of(w, p, &p->dst, e->dst_hash);

	if (!may_be_bound(w, key))
		return NULL;
	return (p->flags & PACKET_HAS_DST_MAC) != 0 ? bindings_find(w, &p->dst, key, mac)
						    : bindings_find_any(w, &p->dst, key);
}

/* The flags of a packet whose target is ours, or might be; 0: it is a stranger. */
static APART unsigned stamp_to_own(struct world *w, const struct packet *p, const struct sight *e,
				   uint16_t mac)
{
	struct binding *b = find_target(w, p, e, mac);

	if (b == NULL)
		return e->dst_local ? STAMP_TARGET | STAMP_DST_LOCAL : 0;
	binding_received(w, b, p, e->src_hash, (e->src_class & ADDR_PUBLIC) != 0 && !e->src_local);
	return e->dst_local ? STAMP_TARGET | STAMP_DST_OURS | STAMP_DST_LOCAL
			    : STAMP_TARGET | STAMP_DST_OURS;
}

static inline unsigned stamp_target(struct world *w, const struct packet *p, const struct sight *e,
				    uint16_t mac)
{
	unsigned flags = 0;

	if ((e->dst_class & (ADDR_ZERO | ADDR_LOOPBACK)) != 0)
		return 0;
	if (e->dst_local || w->public_binds)
		flags = stamp_to_own(w, p, e, mac);
	if (flags != 0)
		return flags;
	if (mac != NO_MAC && (e->dst_class & ADDR_PUBLIC) != 0)
		w->macs[mac].next_hop++;
	return STAMP_TARGET;
}

/* ---- the packet itself ---- */

/* Every packet at first, every 16th later: a share is wanted, not a count. */
static inline bool is_sampled(const struct world *w)
{
	return w->packets <= 65536 || w->packets % 16 == 0;
}

static APART void note_ends(struct world *w, const struct packet *p, const struct sight *e)
{
	bool src = (e->src_class & ADDR_PUBLIC) != 0, dst = (e->dst_class & ADDR_PUBLIC) != 0;

	if (!src && !dst)
		return;
	w->ends_packets++;
	w->public_both += src && dst;
	if (src)
		common_ends_add(&w->ends, &p->src, e->src_hash, true);
	if (dst)
		common_ends_add(&w->ends, &p->dst, e->dst_hash, false);
}

/*
 * What kind of packet it is, and whether a parser may hear it: bytes, or a word on the beginning or end of a
 * conversation; not the outside of a tunnel, whose inside comes next.
 */
static inline void stamp_tcp(struct stamp *s, const struct packet *p)
{
	unsigned flags = p->tcp_flags;
	bool whole = (p->flags & PACKET_L4) != 0;

	s->kind = KIND_TCP;
	s->heard = false;
	if (whole && (flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN) {
		s->kind = KIND_SYN;
		return;
	}
	if (whole &&
	    ((flags & TCP_RST) != 0 || (flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK)))
		s->kind = KIND_ANSWER;
	s->heard = (p->flags & PACKET_OUTER) == 0 &&
		   (p->payload_len > 0 || (flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0);
}

/* No sender, no target: only parsers look at it. */
static APART bool stamp_link(struct stamp *s, const struct packet *p, const struct sight *e)
{
	uint64_t key = hash_mac(&p->src_mac);

	*s = (struct stamp){.packet = p,
			    .actor_hash = e->src_hash,
			    .target_hash = e->dst_hash,
			    .pair_key = key,
			    .src_mac = s->src_mac,
			    .dst_mac = s->dst_mac,
			    .pair_lane = (uint8_t)(key >> 58),
			    .heard = true,
			    .kind = KIND_LINK};
	return s->src_mac != NO_MAC;
}

/* The conversation between both: for parsers, who hear only some packets. */
static inline void stamp_pair(struct stamp *s, bool v6)
{
	uint64_t published;

	s->pair_key = published = hash_mix(s->actor_key + s->target_key);
	if (v6)
		published = hash_mix(s->actor_hash + s->target_hash);
	s->pair_lane = (uint8_t)(published >> 58);
}

/* Who sent it is not known by its address. */
static APART void stamp_by_mac(const struct world *w, struct stamp *s)
{
	s->actor = (struct addr){{0}};
	if (s->src_mac == NO_MAC)
		return;
	s->actor_hash = s->actor_key = hash_mac(&w->macs[s->src_mac].mac);
	s->actor_lane = (uint8_t)(s->actor_hash >> 58);
}

/* Chooses lanes, by published hashes, and places in their tables, by keyed ones. */
static inline void stamp_hashes(const struct world *w, struct stamp *s, const struct packet *p,
				const struct sight *e)
{
	bool v6 = (p->flags & PACKET_V6) != 0;

	s->actor = p->src;
	s->actor_hash = e->src_hash;
	s->target_hash = e->dst_hash;
	s->actor_key = v6 ? world_key(w, &p->src) : e->src_hash;
	s->target_key = v6 ? world_key(w, &p->dst) : e->dst_hash;
	s->actor_lane = (uint8_t)(e->src_hash >> 58);
	s->target_lane = (uint8_t)(e->dst_hash >> 58);
	s->pair_key = 0;
	s->pair_lane = 0;
	if (s->heard)
		stamp_pair(s, v6);
	if ((s->flags & STAMP_BELIEVED) == 0)
		stamp_by_mac(w, s);
}

static APART int64_t count_seconds(struct world *w, int64_t ns)
{
	if (ns < 0 || ns > INT64_MAX - 2 * NS_PER_S)
		return ns / NS_PER_S;
	w->second = ns / NS_PER_S;
	w->second_ns = w->second * NS_PER_S;
	return w->second;
}

/* The second of a time, which is mostly that of the last: a time before it wraps round to more, for what is
 * remembered keeps away from both ends of the range. */
static inline int64_t second_of(struct world *w, int64_t ns)
{
	if ((uint64_t)ns - (uint64_t)w->second_ns < (uint64_t)NS_PER_S)
		return w->second;
	return count_seconds(w, ns);
}

/* What a packet that is no TCP is: false when no IP. */
static APART bool stamp_other(struct world *w, struct stamp *s, const struct packet *p)
{
	if (neighbours_may_learn(p))
		neighbours_learn(w, p, s->src_mac);
	if (p->proto == PROTO_ARP || p->proto == PROTO_LINK)
		return false;
	s->kind = KIND_OTHER_IP;
	s->heard = false;
	if (p->proto == PROTO_UDP) {
		s->kind = KIND_UDP;
		s->heard = p->payload_len > 0;
	} else if (p->proto == PROTO_ICMP) {
		s->kind = KIND_ICMP;
	} else if (p->proto == PROTO_ICMPV6) {
		s->kind = KIND_ICMP;
		s->heard = true;
	}
	/* Not the outside of a tunnel, whose inside comes next. */
	s->heard &= (p->flags & PACKET_OUTER) == 0;
	return true;
}

static inline void find_local(const struct world *w, const struct packet *p, struct sight *e)
{
	e->src_local = (e->src_class & w->local_classes) != 0;
	e->dst_local = (e->dst_class & w->local_classes) != 0;
	if (w->prefixes_n == 0)
		return;
	e->src_local = e->src_local || world_is_in_prefix(w, &p->src);
	e->dst_local = e->dst_local || world_is_in_prefix(w, &p->dst);
}

/* Fills one stamp; false when the packet is not for the lanes. */
static inline bool stamp_one(struct world *w, struct stamp *s, struct packet *p, struct sight *e)
{
	unsigned flags;
	bool held;

	w->last_ns = p->time_ns;
	p->now_ns = clock_stamp(&w->clock, p->time_ns, &held);
	s->second = second_of(w, held ? p->time_ns : p->now_ns);
	s->packet = p;
	stamp_macs(w, p, s);
	if (p->proto == PROTO_TCP)
		stamp_tcp(s, p);
	else if (!stamp_other(w, s, p))
		return stamp_link(s, p, e);
	find_local(w, p, e);
	w->packets += (p->flags & PACKET_INNER) == 0;
	if (is_sampled(w))
		note_ends(w, p, e);
	flags = stamp_sender(w, p, e, s->src_mac);
	flags |= stamp_target(w, p, e, s->dst_mac);
	if (world_has_uplink(w))
		flags |= STAMP_UPLINK;
	s->flags = (uint8_t)flags;
	stamp_hashes(w, s, p, e);
	return true;
}

uint32_t world_stamp(struct world *w, struct work *work, uint32_t from)
{
	struct sight sights[BLOCK] = {{0}};
	struct sight *e = sights + BLOCK;
	struct packet *p = &work->packets[from];
	const struct packet *end = &work->packets[work->n];
	struct stamp *to = &work->stamps[from];
	bool copy = false;

	for (; p < end; p++, e++) {
		if (e == sights + BLOCK) {
			look_at_block(w, p, end - p < BLOCK ? (uint32_t)(end - p) : BLOCK, sights);
			e = sights;
		}
		if ((p->flags & PACKET_INNER) == 0)
			copy = copies_seen(&w->copies, p, e->src_hash, e->dst_hash,
					   (e->src_class & ADDR_PRIVATE) != 0);
		if (!copy && stamp_one(w, to, p, e))
			to++;
	}
	work->n = (uint32_t)(to - work->stamps);
	return work->n;
}
