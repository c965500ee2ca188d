/* SPDX-License-Identifier: MIT */
/*
 * Multicast DNS (RFC 6762) and service discovery over it (RFC 6763): which services a device offers, under which names,
 * with which model and version in their TXT records, and what it looks for itself. Answers to legacy queries (6762, 6.7)
 * come from port 5353 too and read the same.
 *
 * What a query carries along is told of nobody: its known answers are somebody else's (7.1), and the records of a probe
 * are not won yet (8.1). Reflectors and sleep proxies repeat records of other hosts: a response that gives addresses,
 * and not the one it came from, is told of nobody either. TXT keys go through a list of those worth keeping, since the
 * rest is ids, keys, MACs and what people call their things.
 */
#include "proto/names.h"
#include "proto/proto.h"

#include "base/scan.h"

enum {
	PORT = 5353,
	FLAG_RESPONSE = 0x8000,
	OPCODE_OR_RCODE = 0x780f, /* both are zero (18.3, 18.11) */
	A_LEN = 4,
	AAAA_LEN = 16,
	ID_MIN = 6 /* hexadecimal digits in a row that may be an id */
};

static const char *const kept_keys[] = {
	"md",	   "model",	   "model_number", "modelid",  "modelname", "ty",
	"product", "mdl",	   "mfg",	   "usb_MFG",  "usb_MDL",   "vendor",
	"type",	   "manufacturer", "fw",	   "firmware", "fwversion", "fw_version",
	"sw",	   "os",	   "version",	   "vers",     "srcvers",   "am",
	"rpMd",	   "rmodel",	   "hw",	   "board",    "class"};

static enum match mdns_mine(const struct glance *g)
{
	struct names n;
	enum names_end end;
	unsigned seen;

	if ((g->sport != PORT && g->dport != PORT) || !names_open(&n, g->data) ||
	    (n.flags & OPCODE_OR_RCODE) != 0)
		return MATCH_NO;
	if ((n.flags & FLAG_RESPONSE) == 0 && n.count[SECTION_QUESTION] == 0 &&
	    n.count[SECTION_ANSWER] == 0)
		return MATCH_NO;
	end = names_walk(&n, &seen);
	/* Philips' bridge fills its messages up with zeros. */
	return seen > 0 && (end == NAMES_EXACT || end == NAMES_PADDED || end == NAMES_CUT)
		       ? MATCH_YES
		       : MATCH_NO;
}

/* "_http._tcp.local": a type of service, no instance of one. */
static bool is_service_type(struct bytes name)
{
	struct bytes rest = name;
	struct bytes first = bytes_cut(&rest, '.');

	return first.len > 1 && first.at[0] == '_' &&
	       (bytes_are_nocase(rest, "_tcp.local") || bytes_are_nocase(rest, "_udp.local"));
}

/* "_printer._sub._http._tcp.local" is offered as "_http._tcp.local". */
static struct bytes without_subtype(struct bytes name)
{
	struct bytes rest = name;

	bytes_cut(&rest, '.');
	return bytes_begin_nocase(rest, "_sub.") ? bytes_from(rest, 5) : name;
}

static bool is_instance_of(struct bytes name, struct bytes type)
{
	struct bytes tail;

	if (name.len <= type.len + 1)
		return false;
	tail = bytes_from(name, name.len - type.len - 1);
	if (tail.at == NULL || tail.at[0] != '.')
		return false;
	for (size_t i = 0; i < type.len; i++) {
		if (ascii_lower(tail.at[i + 1]) != ascii_lower(type.at[i]))
			return false;
	}
	return true;
}

/* AirPlay puts the MAC before the name, "0123456789AB@Kitchen" (twelve hex digits): that is cut. */
static struct bytes without_mac(struct bytes instance)
{
	struct bytes rest = instance;
	struct bytes mac = bytes_cut(&rest, '@');

	if (mac.len != 12 || rest.len == 0)
		return instance;
	for (size_t i = 0; i < mac.len; i++) {
		uint8_t c = ascii_lower(mac.at[i]);

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return instance;
	}
	return rest;
}

static void read_pointer(const struct talk *t, struct telling *to, const struct names *n,
			 struct entry *e)
{
	struct cursor c = cursor_over(e->rdata);
	struct bytes owner = names_text(n, e);
	struct bytes type = without_subtype(owner);
	struct name target;

	if (!name_read(n->message, &c, &target))
		return;
	if (bytes_are_nocase(owner, "_services._dns-sd._udp.local")) {
		if (is_service_type(name_view(&target)))
			tell(to, t, SIGNAL_mdns_service, SENDER, name_view(&target));
		return;
	}
	if (!is_service_type(type) || !is_instance_of(name_view(&target), type))
		return;
	tell(to, t, SIGNAL_mdns_service, SENDER, type);
	if (!bytes_hold(name_view(&target),
			" @ ")) /* "LaserJet @ anna-pc": a printer that a computer shares */
		tell(to, t, SIGNAL_mdns_instance, SENDER, without_mac(name_view(&target)));
}

static bool is_kept(struct bytes key)
{
	uint8_t first = key.len == 0 ? 0 : ascii_lower(key.at[0]);

	for (size_t i = 0; i < sizeof kept_keys / sizeof kept_keys[0]; i++) {
		if (first == (uint8_t)kept_keys[i][0] && bytes_are_nocase(key, kept_keys[i]))
			return true;
	}
	return false;
}

/* "IC-3115W": a letter, two digits, and nothing that may be an id. */
static bool is_model(struct bytes word)
{
	size_t letters = 0, digits = 0;

	for (size_t i = 0; i < word.len; i++) {
		letters += ascii_lower(word.at[i]) >= 'a' && ascii_lower(word.at[i]) <= 'z';
		digits += ascii_is_digit(word.at[i]);
	}
	return letters > 0 && digits > 1;
}

static bool is_plain(struct bytes text)
{
	size_t hex = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = ascii_lower(text.at[i]);
		bool digit = ascii_is_digit(c);

		if (!digit && !(c >= 'a' && c <= 'z') &&
		    (c == '\0' || strchr(" -_./()+", c) == NULL))
			return false;
		hex = digit || (c >= 'a' && c <= 'f') ? hex + 1 : 0;
		if (hex == ID_MIN)
			return false;
	}
	return true;
}

/*
 * Some devices write a plain text where keys should be (a string without '=' is a flag, RFC 6763, 6.4): "IC-3115W Network
 * Camera". It is told when it reads like a product: words, one of them a model, and no id.
 */
static bool is_product(struct bytes text)
{
	struct bytes rest = text;
	size_t words = 0, models = 0;

	while (rest.len > 0) {
		struct bytes word = bytes_cut(&rest, ' ');

		words += word.len > 0;
		models += is_model(word);
	}
	return words > 1 && models > 0 && is_plain(text);
}

/* CUPS on a computer, on behalf of a printer that is another device (its queues are called "printers/…"). */
static bool is_shared(struct bytes rdata)
{
	struct cursor c = cursor_over(rdata);

	while (cursor_left(&c) > 0) {
		if (bytes_begin_nocase(cursor_take(&c, cursor_u8(&c)), "rp=printers/"))
			return true;
	}
	return false;
}

static void read_text(const struct talk *t, struct telling *to, struct bytes rdata)
{
	struct cursor c = cursor_over(rdata);

	if (is_shared(rdata))
		return;
	while (cursor_left(&c) > 0) {
		struct bytes string = cursor_take(&c, cursor_u8(&c));
		struct bytes value = string;
		struct bytes key = bytes_cut(&value, '=');

		if (c.broken)
			return;
		if (key.len < string.len ? is_kept(key) && value.len > 0 : is_product(string))
			tell(to, t, SIGNAL_mdns_txt, SENDER, string);
	}
}

static bool is_address(const struct entry *e)
{
	return (e->type == RECORD_A && e->rdata.len == A_LEN) ||
	       (e->type == RECORD_AAAA && e->rdata.len == AAAA_LEN);
}

static void read_record(const struct talk *t, struct telling *to, const struct names *n,
			struct entry *e)
{
	if (e->ttl == 0) /* a goodbye (10.1) */
		return;
	if (e->type == RECORD_PTR)
		read_pointer(t, to, n, e);
	else if (e->type == RECORD_TXT)
		read_text(t, to, e->rdata);
	else if (is_address(e))
		tell(to, t, SIGNAL_mdns_host, SENDER, names_text(n, e));
}

/* Does the response give addresses of the sender's family, and the sender's is not among them? */
static bool is_repeated(struct names n, const struct packet *p)
{
	bool v6 = (p->flags & PACKET_V6) != 0;
	struct bytes own = v6 ? (struct bytes){p->src.b, 16} : (struct bytes){p->src.b + 12, 4};
	bool given = false;
	struct entry e;

	if (addr_is_zero(&p->src))
		return false;
	while (names_skip(&n, &e)) {
		if (e.type != (v6 ? RECORD_AAAA : RECORD_A) || e.rdata.len != own.len)
			continue;
		given = true;
		if (memcmp(e.rdata.at, own.at, own.len) == 0)
			return false;
	}
	return given;
}

static bool mdns_datagram(const struct talk *t, struct telling *to)
{
	struct names n;
	struct entry e;
	bool response, asks, told;

	if (!names_open(&n, t->data) || (n.flags & OPCODE_OR_RCODE) != 0)
		return false;
	response = (n.flags & FLAG_RESPONSE) != 0;
	asks = !response && n.count[SECTION_AUTHORITY] == 0;
	told = response && t->packet->sport == PORT && !is_repeated(n, t->packet);
	if (told && n.count[SECTION_ANSWER] > 0)
		tell_service(to, t, SENDER, &proto_mdns);
	while (names_skip(&n, &e)) {
		if ((e.class & CLASS_MASK) != CLASS_IN && (e.class & CLASS_MASK) != CLASS_ANY)
			continue;
		if (e.section != SECTION_QUESTION) {
			if (told)
				read_record(t, to, &n, &e);
		} else if (asks && !name_is_reverse(names_text(&n, &e))) {
			tell(to, t, SIGNAL_mdns_asks, SENDER, name_view(&e.name));
		}
	}
	return names_end(&n) != NAMES_MALFORMED;
}

const struct proto proto_mdns = {.name = "mdns",
				 .summary = "services and names on the local link (RFC 6762, 6763)",
				 .carriers = OVER_UDP,
				 .timid = true,
				 .ports = {PORT},
				 .mine = mdns_mine,
				 .datagram = mdns_datagram};
