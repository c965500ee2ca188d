/* SPDX-License-Identifier: MIT */
/*
 * WS-Discovery (2005/04 of its authors, and OASIS 1.1): SOAP over UDP. Cameras that speak ONVIF and Windows with its
 * printers say Hello, and answer a Probe or Resolve with what they are (Types), what they say of themselves (Scopes, in
 * ONVIF Core, section 7.3.2, a list of URIs) and where they are spoken to (XAddrs). A Probe tells nothing of its sender.
 *
 * Endpoint addresses are UUIDs, with the MAC address in them as often as not: never told. Of the scopes, those that
 * hold a number of this one device or the place where its owner put it are left out.
 */
#include "base/scan.h"
#include "base/xml.h"
#include "proto/places.h"
#include "proto/proto.h"
#include "proto/soap.h"

enum { MATCHES_MAX = 4, SCOPES_MAX = 32, ADDRESSES_MAX = 4, LIST_MAX = 2048 };

static bool is_discovery(struct bytes data)
{
	static const char *const spaces[] = {
		"http://schemas.xmlsoap.org/ws/2005/04/discovery",
		"http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01"};
	struct bytes root;

	if (!bytes_begin(bytes_trim(data), "<") && !bytes_begin(data, "\xef\xbb\xbf<"))
		return false;
	return xml_first(data, &root) && bytes_are(root, "Envelope") &&
	       (bytes_hold(data, spaces[0]) || bytes_hold(data, spaces[1]));
}

/* Takes the next word of a list that blanks separate; empty at its end. */
static struct bytes take_word(struct bytes *list)
{
	struct bytes word = bytes_trim(*list);
	size_t n = 0;

	*list = word;
	while (n < word.len && word.at[n] > ' ')
		n++;
	*list = bytes_from(*list, n);
	return bytes_upto(word, n);
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "IP%20Camera" to "IP Camera"; a code of a control byte stays as it is. */
static struct bytes percent_decode(struct bytes text, char *buf, size_t size)
{
	size_t used = 0;

	while (text.len > 0 && used < size) {
		int high = text.len > 2 && text.at[0] == '%' ? hex_digit(text.at[1]) : -1;
		int low = high >= 0 ? hex_digit(text.at[2]) : -1;
		bool code = low >= 0 && high * 16 + low >= ' ';

		buf[used++] = (char)(code ? high * 16 + low : text.at[0]);
		text = bytes_from(text, code ? 3 : 1);
	}
	return (struct bytes){(const uint8_t *)buf, used};
}

static bool is_of_one_device(struct bytes scope)
{
	static const char *const kinds[] = {"location/", "serial", "sn/",     "mac",
					    "uuid",	 "id/",	   "deviceid"};
	static const char onvif[] = "onvif://www.onvif.org/";
	struct bytes kind = bytes_from(scope, sizeof onvif - 1);

	if (bytes_begin_nocase(scope, "uuid:") || bytes_begin_nocase(scope, "urn:uuid:"))
		return true;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (bytes_begin_nocase(scope, onvif) && bytes_begin_nocase(kind, kinds[i]))
			return true;
	}
	return false;
}

static void tell_scopes(struct telling *to, const struct talk *t, struct bytes match)
{
	char list[LIST_MAX], decoded[TELL_MAX], hidden[TELL_MAX];
	struct bytes scopes, scope;

	xml_find(match, "Scopes", &scopes);
	scopes = xml_text(scopes, list, sizeof list);
	for (int i = 0; i < SCOPES_MAX; i++) {
		scope = percent_decode(take_word(&scopes), decoded, sizeof decoded);
		if (!is_of_one_device(scope))
			tell(to, t, SIGNAL_wsd_scope, SENDER,
			     place_hide_ids(scope, hidden, sizeof hidden));
	}
}

static void tell_places(struct telling *to, const struct talk *t, struct bytes match)
{
	char list[LIST_MAX], buf[2][TELL_MAX];
	struct bytes addresses, place, last = {.at = NULL, .len = 0};

	xml_find(match, "XAddrs", &addresses);
	addresses = xml_text(addresses, list, sizeof list);
	for (int i = 0; i < ADDRESSES_MAX; i++) {
		place = place_of_url(take_word(&addresses), buf[i % 2], sizeof buf[0]);
		/* The same over IPv4 and IPv6 is one place. */
		if (place.len != last.len ||
		    (place.len > 0 && memcmp(place.at, last.at, place.len) != 0))
			tell(to, t, SIGNAL_wsd_location, SENDER, place);
		last = place;
	}
}

static void tell_match(struct telling *to, const struct talk *t, struct bytes match)
{
	char text[TELL_MAX], hidden[TELL_MAX];
	struct bytes types;

	xml_find(match, "Types", &types);
	types = xml_text(types, text, sizeof text);
	tell(to, t, SIGNAL_wsd_types, SENDER, place_hide_ids(types, hidden, sizeof hidden));
	tell_scopes(to, t, match);
	tell_places(to, t, match);
}

/* The elements of that name, and one that the datagram's end cut. */
static void tell_matches(struct telling *to, const struct talk *t, struct bytes body,
			 const char *name)
{
	struct bytes match;
	size_t at = 0;
	int i = 0;

	for (; i < MATCHES_MAX && xml_next(body, &at, name, &match); i++)
		tell_match(to, t, match);
	if (i == 0 && xml_open(body, name, &match))
		tell_match(to, t, match);
}

static enum match wsdiscovery_mine(const struct glance *g)
{
	return is_discovery(g->data) ? MATCH_YES : MATCH_NO;
}

static bool wsdiscovery_datagram(const struct talk *t, struct telling *to)
{
	struct bytes name, body;

	if (!is_discovery(t->data))
		return false;
	if (!soap_open(t->data, &name, &body))
		return true;
	if (bytes_are(name, "Hello")) {
		tell_matches(to, t, body, "Hello");
	} else if (bytes_are(name, "ProbeMatches")) {
		tell_service(to, t, SENDER, &proto_wsdiscovery);
		tell_matches(to, t, body, "ProbeMatch");
	} else if (bytes_are(name, "ResolveMatches")) {
		tell_matches(to, t, body, "ResolveMatch");
	}
	return true;
}

const struct proto proto_wsdiscovery = {.name = "wsdiscovery",
					.summary = "WS-Discovery of cameras, printers, Windows",
					.carriers = OVER_UDP,
					.ports = {3702},
					.mine = wsdiscovery_mine,
					.datagram = wsdiscovery_datagram};
