/* SPDX-License-Identifier: MIT */
/*
 * Ports that devices open to the Internet by UPnP (WANIPConnection:1 and :2, WANPPPConnection:1 of the Internet Gateway
 * Device): SOAP in HTTP bodies. AddPortMapping is a wish until the router's answer, which names nothing: what was asked
 * is kept until then. A router's list (Get…PortMappingEntry) is told too. The mapping's description is not, as it may
 * hold anybody's name, nor are deletions.
 */
#include "base/addr.h"
#include "proto/proto.h"
#include "proto/soap.h"

enum { CLIENT_MAX = 16 }; /* "255.255.255.255" */

struct mapping {
	uint16_t outside; /* 0: any, or not known */
	uint16_t inside;
	bool tcp;
	char client[CLIENT_MAX];
};

struct igd_state {
	struct mapping asked;
	char operation[SOAP_OPERATION_MAX]; /* of the last request; empty: none that waits */
};

static bool is_gateway(struct bytes data)
{
	return bytes_hold(data, ":WANIPConnection:") || bytes_hold(data, ":WANPPPConnection:");
}

/* The number in an element, 0 to 65535; -1 when there is none. */
static int32_t read_port(struct bytes body, const char *name)
{
	struct bytes inner;
	int64_t port = xml_find(body, name, &inner) ? bytes_number(inner) : -1;

	return port > UINT16_MAX ? -1 : (int32_t)port;
}

static bool read_protocol(struct bytes body, struct mapping *m)
{
	struct bytes inner;

	if (!xml_find(body, "NewProtocol", &inner))
		return false;
	m->tcp = bytes_are_nocase(inner, "tcp");
	return m->tcp || bytes_are_nocase(inner, "udp");
}

/* The inner side: a device of the house by its IPv4 address, and its port. */
static bool read_client(struct bytes body, struct mapping *m)
{
	int32_t port = read_port(body, "NewInternalPort");
	struct bytes inner;
	struct addr addr;

	if (port < 1 || !xml_find(body, "NewInternalClient", &inner) ||
	    inner.len >= sizeof m->client)
		return false;
	memcpy(m->client, inner.at, inner.len);
	m->client[inner.len] = '\0';
	m->inside = (uint16_t)port;
	return addr_parse(m->client, &addr) && addr_is_v4(&addr) && !addr_is_zero(&addr);
}

static bool is_enabled(struct bytes body)
{
	struct bytes inner;

	return !xml_find(body, "NewEnabled", &inner) ||
	       !(bytes_are(inner, "0") || bytes_are_nocase(inner, "false") ||
		 bytes_are_nocase(inner, "no"));
}

static void tell_mapping(struct telling *to, const struct talk *t, enum signal signal,
			 enum party about, const struct mapping *m)
{
	tell_printf(to, t, signal, about, "%s %u to %s:%u", m->tcp ? "tcp" : "udp", m->outside,
		    m->client, m->inside);
}

static void keep_operation(struct igd_state *s, struct bytes operation)
{
	size_t n = operation.len < sizeof s->operation ? operation.len : 0;

	memcpy(s->operation, operation.at, n);
	s->operation[n] = '\0';
}

static bool read_request(const struct talk *t, struct telling *to, struct igd_state *s)
{
	struct bytes operation, body;
	struct mapping m = {.tcp = false};
	int32_t port;
	bool add;

	s->operation[0] = '\0';
	if (!is_gateway(t->data) || !soap_open(t->data, &operation, &body))
		return false;
	port = read_port(body, "NewExternalPort");
	m.outside = (uint16_t)(port < 0 ? 0 : port);
	add = bytes_are(operation, "AddPortMapping") || bytes_are(operation, "AddAnyPortMapping");
	if (add && port >= 0 && read_protocol(body, &m) && read_client(body, &m) &&
	    is_enabled(body)) {
		tell_mapping(to, t, SIGNAL_mapping_asked, SENDER, &m);
	} else if (!bytes_are(operation, "GetSpecificPortMappingEntry") || port < 1 ||
		   !read_protocol(body, &m)) {
		return true;
	}
	s->asked = m;
	keep_operation(s, operation);
	return true;
}

/* One line of the router's list. The answer to "specific" names the inner side alone. */
static void read_entry(const struct talk *t, struct telling *to, struct bytes body,
		       struct mapping m)
{
	int32_t port = read_port(body, "NewExternalPort");

	if (port > 0 && read_protocol(body, &m))
		m.outside = (uint16_t)port;
	if (m.outside > 0 && read_client(body, &m) && is_enabled(body))
		tell_mapping(to, t, SIGNAL_port_mapping, SENDER, &m);
}

static bool read_answer(const struct talk *t, struct telling *to, struct igd_state *s)
{
	struct bytes operation, body;
	bool ours, soap = soap_open(t->data, &operation, &body);
	struct mapping m = s->asked;

	/* Some routers forget the namespace: whose answer it is says the question. */
	ours = soap && soap_answers(operation, s->operation) && !t->failed;
	s->operation[0] = '\0';
	if (!soap || (!ours && !is_gateway(t->data)))
		return false;
	if (ours && bytes_begin(operation, "Add")) {
		int32_t given = read_port(body, "NewReservedPort");

		if (given > 0)
			m.outside = (uint16_t)given;
		tell_mapping(to, t, SIGNAL_port_mapping, RECEIVER, &m);
	} else if (bytes_are(operation, "GetGenericPortMappingEntryResponse")) {
		read_entry(t, to, body, (struct mapping){.tcp = false});
	} else if (ours) {
		read_entry(t, to, body, m);
	}
	return true;
}

static bool igd_datagram(const struct talk *t, struct telling *to)
{
	return t->from_client ? read_request(t, to, t->state) : read_answer(t, to, t->state);
}

const struct proto proto_igd = {.name = "igd",
				.summary = "ports opened at a router by UPnP",
				.carriers = OVER_HTTP,
				.state_size = sizeof(struct igd_state),
				.mine = soap_mine,
				.datagram = igd_datagram};
