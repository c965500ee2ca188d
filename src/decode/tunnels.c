/* SPDX-License-Identifier: MIT */
/*
 * Tunnels: GRE with what it may carry, VXLAN, and the step from an outer packet into an inner one. Sources: RFC 2784
 * and 2890 (GRE), RFC 2637 (its version 1, PPTP), draft-foschiano-erspan-03 (ERSPAN), RFC 7348 (VXLAN) and
 * draft-smith-vxlan-group-policy-05 (its group bits), RFC 2003 and 4213 (IP in IP).
 *
 * The outer packet stands whatever is found inside. The inner one inherits nothing that would back its addresses: no
 * MAC (unless the tunnel carries Ethernet), no VLAN, no session. PPTP, WCCP and source-routed GRE are named
 * GRE_OTHER and not entered; fragments are entered as far as the first one goes.
 */
#include "decode/walk.h"

enum {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_VERSION = 0x0007
};

/*
 * The same packet outside and inside a tunnel, or in two tunnels, is on different links: the tunnel's ends go into
 * the key.
 */
enum layer tunnel_enter(struct walk *w, enum layer inside)
{
	const struct packet *outer = &w->out[w->n - 1];
	struct link inner = {.key = w->link.key};

	link_key_add(&inner, 0x40000U | outer->proto);
	link_key_add(&inner, addr_low32(&outer->src));
	link_key_add(&inner, addr_low32(&outer->dst));
	w->link = inner;
	return inside;
}

static uint8_t gre_inside(uint16_t flags, uint16_t type)
{
	if ((flags & (GRE_VERSION | GRE_ROUTING)) != 0)
		return GRE_OTHER;
	switch (type) {
	case TYPE_IP4:
	case TYPE_IP6:
		return GRE_IP;
	case TYPE_TRANSPARENT_ETHERNET:
		return GRE_ETHERNET;
	default:
		return GRE_OTHER;
	}
}

/* A mirrored frame. Type I has no header of its own and no sequence number, type II has both. */
static enum layer read_erspan(struct walk *w, uint16_t flags)
{
	struct bytes h;

	if ((flags & GRE_SEQUENCE) == 0)
		return tunnel_enter(w, LAYER_ETHERNET);
	h = cursor_take(&w->c, 8);
	if (h.at == NULL)
		return walk_short(w);
	return h.at[0] >> 4 == 1 ? tunnel_enter(w, LAYER_ETHERNET) : LAYER_END;
}

enum layer read_gre(struct walk *w)
{
	struct packet *outer = &w->out[w->n - 1];
	uint16_t flags = cursor_be16(&w->c);
	uint16_t type = cursor_be16(&w->c);

	if (w->c.broken)
		return walk_short(w);
	outer->gre = gre_inside(flags, type);
	if ((flags & (GRE_VERSION | GRE_ROUTING)) != 0)
		return LAYER_END;
	cursor_skip(&w->c, (flags & GRE_CHECKSUM) != 0 ? 4 : 0);
	cursor_skip(&w->c, (flags & GRE_KEY) != 0 ? 4 : 0);
	cursor_skip(&w->c, (flags & GRE_SEQUENCE) != 0 ? 4 : 0);
	if (w->c.broken)
		return walk_short(w);
	switch (type) {
	case TYPE_IP4:
		return tunnel_enter(w, LAYER_IP4);
	case TYPE_IP6:
		return tunnel_enter(w, LAYER_IP6);
	case TYPE_TRANSPARENT_ETHERNET:
		return tunnel_enter(w, LAYER_ETHERNET);
	case TYPE_ERSPAN:
		return read_erspan(w, flags);
	default:
		return LAYER_END;
	}
}

/*
 * Anybody may send anything to these ports, so the whole flag word must fit: the I bit and zeros, or with the G bit
 * the group policy's own bits. What does not fit is an ordinary UDP packet, not a malformed one.
 */
enum layer read_vxlan(struct walk *w)
{
	uint32_t flags = cursor_be32(&w->c);

	cursor_skip(&w->c, 4); /* the network's number */
	if (w->c.broken)
		return LAYER_END;
	if (flags != 0x08000000U && (flags & 0xffb70000U) != 0x88000000U)
		return LAYER_END;
	return tunnel_enter(w, LAYER_ETHERNET);
}
