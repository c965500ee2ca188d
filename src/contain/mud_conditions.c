/* SPDX-License-Identifier: MIT */
/*
 * The conditions of one ACE: its "matches" (RFC 8519, section 4.2; RFC 8520, sections 2 and 7 to 9). Each is taken or refuses
 * the profile: a gateway that asks in three places of one packet, without connections, can hold addresses, protocol, ports,
 * ICMP's type and who began a connection, and not lengths, marks or sequence numbers. What is not in these tables is not
 * known, and to skip it would widen the rule.
 */
#include "contain/mud_read.h"

#include <string.h>

static bool read_refused(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			 void *into)
{
	(void)v;
	(void)into;
	return mud_refuse(r, at, "can't be enforced: no rule of the gateway asks for it");
}

/* ---- ports --------------------------------------------------------------------------------------------------- */

struct ports {
	unsigned lower, upper, port;
	bool has_lower, has_upper, has_port;
	const char *operator;
};

static bool read_lower(struct mud_reader *r, const struct mud_where *at, const json_t *v,
		       void *into)
{
	((struct ports *)into)->has_lower = true;
	return mud_read_number(r, at, v, UINT16_MAX, &((struct ports *)into)->lower);
}

static bool read_upper(struct mud_reader *r, const struct mud_where *at, const json_t *v,
		       void *into)
{
	((struct ports *)into)->has_upper = true;
	return mud_read_number(r, at, v, UINT16_MAX, &((struct ports *)into)->upper);
}

static bool read_port(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	((struct ports *)into)->has_port = true;
	return mud_read_number(r, at, v, UINT16_MAX, &((struct ports *)into)->port);
}

static bool read_operator(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			  void *into)
{
	const char *word = mud_read_word(r, at, v);

	((struct ports *)into)->operator= word;
	if (word == NULL)
		return false;
	return strcmp(word, "eq") == 0 || strcmp(word, "neq") == 0 || strcmp(word, "lte") == 0 ||
	       strcmp(word, "gte") == 0 || mud_refuse(r, at, "is none of eq, neq, lte, gte");
}

static const struct mud_member ports_members[] = {
	{"lower-port", NULL, read_lower},
	{"upper-port", NULL, read_upper},
	{"port", NULL, read_port},
	{"operator", NULL, read_operator},
	{NULL, NULL, NULL},
};

/* Drafts: a lower port without an upper one is that port alone, or one that an operator belongs to. */
static bool read_ports(struct mud_reader *r, const struct mud_where *at, const json_t *v,
		       struct mud_ports *out)
{
	struct ports p = {0};
	const char *op;

	if (!mud_read_members(r, at, v, ports_members, &p, false))
		return false;
	if (p.has_lower == p.has_port || (p.has_upper && (!p.has_lower || p.operator!= NULL)))
		return mud_refuse(r, at,
				  "is neither one port, with or without an operator, nor a range");
	if (p.has_upper && p.upper < p.lower)
		return mud_refuse(r, at, "is a range that ends before it begins");
	if (!p.has_upper)
		p.lower = p.upper = p.has_port ? p.port : p.lower;
	op = p.operator!= NULL ? p.operator: "eq";
	if (strcmp(op, "lte") == 0)
		p.lower = 0;
	else if (strcmp(op, "gte") == 0)
		p.upper = UINT16_MAX;
	*out = (struct mud_ports){.from = (uint16_t)p.lower,
				  .to = (uint16_t)p.upper,
				  .others = strcmp(op, "neq") == 0};
	return true;
}

static bool read_source_port(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			     void *into)
{
	struct mud_ace *ace = into;

	if (ace->has_source_ports)
		return mud_refuse(r, at, "is a second source port");
	ace->has_source_ports = true;
	return read_ports(r, at, v, &ace->source_ports);
}

static bool read_target_port(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			     void *into)
{
	struct mud_ace *ace = into;

	if (ace->has_target_ports)
		return mud_refuse(r, at, "is a second destination port");
	ace->has_target_ports = true;
	return read_ports(r, at, v, &ace->target_ports);
}

/* ---- tcp, udp, icmp ------------------------------------------------------------------------------------------ */

static bool read_begun(struct mud_reader *r, const struct mud_where *at, const json_t *v,
		       void *into)
{
	const char *word = mud_read_word(r, at, v);
	struct mud_ace *ace = into;

	if (word == NULL)
		return false;
	if (strcmp(word, "from-device") == 0)
		ace->begun = MUD_BY_DEVICE;
	else if (strcmp(word, "to-device") == 0)
		ace->begun = MUD_BY_PEER;
	else
		return mud_refuse(r, at, "is neither from-device nor to-device");
	return true;
}

static bool read_type(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	unsigned n = 0;
	bool ok = mud_read_number(r, at, v, 255, &n);

	((struct mud_ace *)into)->type = (int)n;
	return ok;
}

static bool read_code(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	unsigned n = 0;
	bool ok = mud_read_number(r, at, v, 255, &n);

	((struct mud_ace *)into)->code = (int)n;
	return ok;
}

#define PORT_MEMBERS                                                                               \
	{"source-port", NULL, read_source_port}, {"destination-port", NULL, read_target_port},     \
		{"source-port-range", NULL, read_source_port},                                     \
		{"destination-port-range", NULL, read_target_port},                                \
		{"source-port-range-or-operator", NULL, read_source_port},                         \
	{                                                                                          \
		"destination-port-range-or-operator", NULL, read_target_port                       \
	}

static const struct mud_member tcp_members[] = {
	PORT_MEMBERS,
	{"direction-initiated", "ietf-mud", read_begun},
	{"sequence-number", NULL, read_refused},
	{"acknowledgement-number", NULL, read_refused},
	{"data-offset", NULL, read_refused},
	{"reserved", NULL, read_refused},
	{"flags", NULL, read_refused},
	{"window-size", NULL, read_refused},
	{"urgent-pointer", NULL, read_refused},
	{"options", NULL, read_refused},
	{NULL, NULL, NULL},
};

static const struct mud_member udp_members[] = {
	PORT_MEMBERS,
	{"length", NULL, read_refused},
	{NULL, NULL, NULL},
};

static const struct mud_member icmp_members[] = {
	{"type", NULL, read_type},
	{"code", NULL, read_code},
	{"rest-of-header", NULL, read_refused},
	{NULL, NULL, NULL},
};

static bool read_carried(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			 struct mud_ace *ace, int protocol)
{
	const struct mud_member *members = protocol == MUD_TCP	 ? tcp_members
					   : protocol == MUD_UDP ? udp_members
								 : icmp_members;

	if (ace->carried != MUD_NONE)
		return mud_refuse(
			r, at, "is beside another of tcp, udp and icmp: a packet is one of them");
	ace->carried = protocol;
	return mud_read_members(r, at, v, members, ace, false);
}

static bool read_tcp(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	return read_carried(r, at, v, into, MUD_TCP);
}

static bool read_udp(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	return read_carried(r, at, v, into, MUD_UDP);
}

static bool read_icmp(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	return read_carried(r, at, v, into, MUD_ICMP);
}

/* ---- ipv4, ipv6, eth ----------------------------------------------------------------------------------------- */

/* A name, or an address, which inet:host may be too: then it is a prefix of one address. */
static bool read_name(struct mud_reader *r, const struct mud_where *at, const json_t *v,
		      const char **name, struct prefix *prefix, bool *has_prefix)
{
	const char *s = mud_read_string(r, at, v);
	char host[MUD_NAME];
	struct addr address;

	if (s == NULL)
		return false;
	if (addr_parse(s, &address)) {
		if (*has_prefix)
			return mud_refuse(r, at, "is an address beside another one");
		*has_prefix = true;
		*prefix = (struct prefix){.addr = address, .bits = 128};
		return true;
	}
	if (!mud_host_name(s, host, sizeof host))
		return mud_refuse(r, at, "is not a host's name");
	*name = arena_string(&r->profile->arena, host);
	return true;
}

static bool read_source_name(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			     void *into)
{
	struct mud_ace *ace = into;

	return read_name(r, at, v, &ace->source_name, &ace->source, &ace->has_source);
}

static bool read_target_name(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			     void *into)
{
	struct mud_ace *ace = into;

	return read_name(r, at, v, &ace->target_name, &ace->target, &ace->has_target);
}

/* RFC 6991's prefixes have a length always. */
static bool read_prefix(struct mud_reader *r, const struct mud_where *at, const json_t *v, bool v4,
			struct prefix *out)
{
	const char *s = mud_read_string(r, at, v);

	if (s == NULL)
		return false;
	if (strchr(s, '/') == NULL || (strchr(s, ':') == NULL) != v4 || !prefix_parse(s, out) ||
	    addr_is_v4(&out->addr) != v4 || (v4 && out->bits < 96))
		return mud_refuse(r, at, v4 ? "is not an IPv4 prefix" : "is not an IPv6 prefix");
	return true;
}

static bool read_network(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			 struct mud_ace *ace, bool source)
{
	bool v4 = strstr(at->key, "ipv4") != NULL;
	bool *has = source ? &ace->has_source : &ace->has_target;

	if (*has)
		return mud_refuse(r, at, "is a second condition on the same address");
	*has = true;
	return read_prefix(r, at, v, v4, source ? &ace->source : &ace->target);
}

static bool read_source_network(struct mud_reader *r, const struct mud_where *at, const json_t *v,
				void *into)
{
	return read_network(r, at, v, into, true);
}

static bool read_target_network(struct mud_reader *r, const struct mud_where *at, const json_t *v,
				void *into)
{
	return read_network(r, at, v, into, false);
}

static bool read_protocol(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			  void *into)
{
	unsigned n = 0;
	bool ok = mud_read_number(r, at, v, 255, &n);

	((struct mud_ace *)into)->protocol = (int)n;
	return ok;
}

#define IP_MEMBERS                                                                                 \
	{"dscp", NULL, read_refused}, {"ecn", NULL, read_refused}, {"length", NULL, read_refused}, \
		{"ttl", NULL, read_refused}, {"protocol", NULL, read_protocol},                    \
		{"src-dnsname", "ietf-acldns", read_source_name},                                  \
		{"dst-dnsname", "ietf-acldns", read_target_name}, PORT_MEMBERS

static const struct mud_member ipv4_members[] = {
	IP_MEMBERS,
	{"ihl", NULL, read_refused},
	{"flags", NULL, read_refused},
	{"offset", NULL, read_refused},
	{"identification", NULL, read_refused},
	{"source-ipv4-network", NULL, read_source_network},
	{"destination-ipv4-network", NULL, read_target_network},
	{NULL, NULL, NULL},
};

static const struct mud_member ipv6_members[] = {
	IP_MEMBERS,
	{"flow-label", NULL, read_refused},
	{"source-ipv6-network", NULL, read_source_network},
	{"destination-ipv6-network", NULL, read_target_network},
	{NULL, NULL, NULL},
};

static bool read_ipv4(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	struct mud_ace *ace = into;

	if (ace->ipv4)
		return mud_refuse(r, at, "is there twice");
	ace->ipv4 = true;
	ace->families &= MUD_V4;
	return mud_read_members(r, at, v, ipv4_members, ace, false);
}

static bool read_ipv6(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	struct mud_ace *ace = into;

	if (ace->ipv6)
		return mud_refuse(r, at, "is there twice");
	ace->ipv6 = true;
	ace->families &= MUD_V6;
	return mud_read_members(r, at, v, ipv6_members, ace, false);
}

/* ietf-ethertypes names some; others are numbers of which the model knows none that a device needs but by its keys. */
static bool read_ethertype(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			   void *into)
{
	const char *word = json_is_string(v) ? mud_read_word(r, at, v) : "";
	json_int_t n = json_is_integer(v) ? json_integer_value(v) : -1;
	struct mud_ace *ace = into;

	if (word == NULL)
		return false;
	if (n == 0x0800 || strcmp(word, "ipv4") == 0 || strcmp(word, "0x0800") == 0)
		ace->families &= MUD_V4;
	else if (n == 0x86dd || strcmp(word, "ipv6") == 0 || strcmp(word, "0x86dd") == 0)
		ace->families &= MUD_V6;
	else if (n == 0x0806 || strcmp(word, "arp") == 0 || strcmp(word, "0x0806") == 0 ||
		 n == 0x888e || strcmp(word, "0x888e") == 0)
		ace->kept_anyway = true;
	else
		return mud_refuse(r, at, "is a kind of frame that can't be enforced");
	return true;
}

static const struct mud_member eth_members[] = {
	{"ethertype", NULL, read_ethertype},
	{"source-mac-address", NULL, read_refused},
	{"source-mac-address-mask", NULL, read_refused},
	{"destination-mac-address", NULL, read_refused},
	{"destination-mac-address-mask", NULL, read_refused},
	{NULL, NULL, NULL},
};

static bool read_eth(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	struct mud_ace *ace = into;

	if (ace->link)
		return mud_refuse(r, at, "is there twice");
	ace->link = true;
	return mud_read_members(r, at, v, eth_members, ace, false);
}

/* ---- classes ------------------------------------------------------------------------------------------------- */

bool mud_add_peer(struct mud_reader *r, const struct mud_where *at, struct mud_ace *ace,
		  enum mud_peer_kind kind, const char *what)
{
	const char *kept = arena_string(&r->profile->arena, what);

	if (ace->peers_n == MUD_PEERS)
		return mud_refuse(r, at, "is the fifth condition on one address");
	for (size_t i = 0; i < ace->peers_n; i++) {
		if (ace->peers[i].kind == kind)
			return mud_refuse(r, at, "is there twice");
	}
	ace->peers[ace->peers_n++] =
		(struct mud_peer){.kind = kind, .what = kept != NULL ? kept : ""};
	return true;
}

/* RFC 7951, 6.9: [null]. */
static bool read_empty(struct mud_reader *r, const struct mud_where *at, const json_t *v,
		       void *into)
{
	const char *colon = strchr(at->key, ':');
	const char *key = colon != NULL ? colon + 1 : at->key;
	enum mud_peer_kind kind = strcmp(key, "my-controller") == 0	  ? MUD_MY_CONTROLLER
				  : strcmp(key, "same-manufacturer") == 0 ? MUD_SAME_MANUFACTURER
									  : MUD_LOCAL;

	if (!json_is_array(v) || json_array_size(v) != 1 || !json_is_null(json_array_get(v, 0)))
		return mud_refuse(r, at, "is not [null], as its kind is written");
	return mud_add_peer(r, at, into, kind, "");
}

static bool is_uri(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

	if (n == 0 || s[n] != ':' || s[n + 1] == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (*s <= ' ' || *s >= 0x7f)
			return false;
	}
	return true;
}

static bool read_uri(struct mud_reader *r, const struct mud_where *at, const json_t *v,
		     struct mud_ace *ace, enum mud_peer_kind kind)
{
	const char *s = mud_read_string(r, at, v);

	if (s == NULL)
		return false;
	return is_uri(s) ? mud_add_peer(r, at, ace, kind, s) : mud_refuse(r, at, "is not a URI");
}

static bool read_controller(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			    void *into)
{
	return read_uri(r, at, v, into, MUD_CONTROLLER);
}

static bool read_model(struct mud_reader *r, const struct mud_where *at, const json_t *v,
		       void *into)
{
	return read_uri(r, at, v, into, MUD_MODEL);
}

static bool read_manufacturer(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			      void *into)
{
	const char *s = mud_read_string(r, at, v);
	char name[MUD_NAME];

	if (s == NULL)
		return false;
	if (!mud_host_name(s, name, sizeof name))
		return mud_refuse(r, at, "is not a host's name");
	return mud_add_peer(r, at, into, MUD_MANUFACTURER, name);
}

#define CLASS_MEMBERS                                                                              \
	{"manufacturer", "ietf-mud", read_manufacturer},                                           \
		{"same-manufacturer", "ietf-mud", read_empty}, {"model", "ietf-mud", read_model},  \
		{"local-networks", "ietf-mud", read_empty},                                        \
		{"controller", "ietf-mud", read_controller},                                       \
	{                                                                                          \
		"my-controller", "ietf-mud", read_empty                                            \
	}

static const struct mud_member class_members[] = {
	CLASS_MEMBERS,
	{NULL, NULL, NULL},
};

static bool read_classes(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			 void *into)
{
	return mud_read_members(r, at, v, class_members, into, false);
}

/* ---- matches ------------------------------------------------------------------------------------- */

static const struct mud_member layer3_members[] = {
	{"ipv4", NULL, read_ipv4},
	{"ipv6", NULL, read_ipv6},
	{NULL, NULL, NULL},
};
static const struct mud_member layer4_members[] = {
	{"tcp", NULL, read_tcp},
	{"udp", NULL, read_udp},
	{"icmp", NULL, read_icmp},
	{NULL, NULL, NULL},
};

/* Some drafts had the choices of the model as objects. */
static bool read_layer3(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			void *into)
{
	return mud_read_members(r, at, v, layer3_members, into, false);
}

static bool read_layer4(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			void *into)
{
	return mud_read_members(r, at, v, layer4_members, into, false);
}

static const struct mud_member matches_members[] = {
	{"ipv4", NULL, read_ipv4},
	{"ipv6", NULL, read_ipv6},
	{"eth", NULL, read_eth},
	{"tcp", NULL, read_tcp},
	{"udp", NULL, read_udp},
	{"icmp", NULL, read_icmp},
	{"mud", "ietf-mud", read_classes},
	{"l3", NULL, read_layer3},
	{"l4", NULL, read_layer4},
	{"ipv4-acl", NULL, read_ipv4},
	{"ipv6-acl", NULL, read_ipv6},
	{"tcp-acl", NULL, read_tcp},
	{"udp-acl", NULL, read_udp},
	{"icmp-acl", NULL, read_icmp},
	{"mud-acl", "ietf-mud", read_classes},
	CLASS_MEMBERS,
	{"egress-interface", NULL, read_refused},
	{"ingress-interface", NULL, read_refused},
	IP_MEMBERS, /* the first drafts had all in one object */
	{"source-ipv4-network", NULL, read_source_network},
	{"destination-ipv4-network", NULL, read_target_network},
	{"source-ipv6-network", NULL, read_source_network},
	{"destination-ipv6-network", NULL, read_target_network},
	{"direction-initiated", "ietf-mud", read_begun},
	{NULL, NULL, NULL},
};

bool mud_read_matches(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	return mud_read_members(r, at, v, matches_members, into, false);
}
