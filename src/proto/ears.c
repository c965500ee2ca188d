/* SPDX-License-Identifier: MIT */
/*
 * The sets of parsers by port, carrier and first byte. Ports and carriers stand in each protocol; with which bytes its
 * messages may begin stands here, for those that know and are met where anything may be met. One that is not in the table
 * is asked about every byte, so a new protocol needs no line here. A test asks all protocols about every first byte in
 * front of all seeds, and holds the table to their answers.
 */
#include "proto/ears.h"

#include <assert.h>
#include <string.h>

/* Ranges of first bytes, two letters each, of messages away from the protocol's own ports. */
struct opening {
	const struct proto
		*proto; /* by its recogniser: whoever asks otherwise is asked about all */
	const char *ranges;
	size_t len;
};

#define OPENS(name, ranges)                                                                        \
	{                                                                                          \
		&proto_##name, ranges, sizeof(ranges) - 1                                          \
	}
#define WORDS "azAZ\r\r\n\n" /* a line that begins with a word; empty lines may come first */

static const struct opening openings[] = {
	OPENS(http, WORDS),
	OPENS(rtsp, WORDS),
	OPENS(sip, WORDS),
	OPENS(ssh, "SS"),
	OPENS(ftp, "22"),
	OPENS(mqtt, "\x10\x10"),
	OPENS(snmp, "00"), /* 30, a sequence */
	OPENS(dahua,
	      "  \xa0\xa1\xa3\xa4\xa8\xa8\xb0\xb1\xb3\xb4\xb8\xb8\xbb\xbc\xf1\xf1\xf4\xf4\xf6\xf6"),
	OPENS(dvrip, "\xff\xff"),
	OPENS(sadp, "<<"),
	OPENS(wsdiscovery, "\x00 <<\xef\xef"),
	OPENS(ssdp, "hhmnHHMN"),
	OPENS(telnet, "\x07\x0a\x0c\x0d\x1b\x1b \xff"), /* text, an escape, IAC */
	OPENS(tls, "\x16\x16"),
	OPENS(tplink, "\x00\x00"),
	OPENS(tuya, ""), /* on its own ports alone */
	OPENS(edimax, ""),
	OPENS(beacons, "\x02\x02\x0b\x0b))DDMM\x99\x99\xff\xff"),
	OPENS(mirai_c2, "33\x00\x01"),
	OPENS(mirai_report, "\x00\x00"),
	OPENS(gafgyt_c2, "!!PPvv"),
	OPENS(irc, "::CCJJNNPPUUccjjnnppuu"),
	OPENS(dht, "dd"),
	OPENS(tftp, "\x00\x00"),
	OPENS(elf, "\x7f\x7f"),
};

static const struct opening *opening_of(const struct proto *p)
{
	for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
		if (openings[i].proto->mine == p->mine)
			return &openings[i];
	}
	return NULL;
}

static void fill_first(struct ears *e)
{
	for (unsigned n = 0; n < PROTOS; n++) {
		const struct opening *o = opening_of(protos[n]);
		uint64_t bit = UINT64_C(1) << n;

		for (unsigned byte = 0; o == NULL && byte < 256; byte++)
			e->first[byte] |= bit;
		for (size_t at = 0; o != NULL && at + 1 < o->len; at += 2) {
			for (unsigned byte = (uint8_t)o->ranges[at];
			     byte <= (uint8_t)o->ranges[at + 1]; byte++)
				e->first[byte] |= bit;
		}
	}
}

/* The place of this set among those there are. */
static uint8_t place_of(struct ears *e, unsigned *n, uint64_t set)
{
	for (unsigned i = 0; i < *n; i++) {
		if (e->ports[i] == set)
			return (uint8_t)i;
	}
	assert(*n < EAR_SETS);
	e->ports[*n] = set;
	return (uint8_t)(*n)++;
}

static void fill_ports(struct ears *e)
{
	unsigned n = 1; /* the first is empty */

	for (unsigned p = 0; p < PROTOS; p++) {
		for (int i = 0; i < PROTO_PORTS && protos[p]->ports[i] != 0; i++) {
			uint16_t port = protos[p]->ports[i];
			uint64_t set = e->ports[e->port[port]] | UINT64_C(1) << p;

			e->port[port] = place_of(e, &n, set);
			e->taken[port / 64] |= UINT64_C(1) << port % 64;
		}
	}
}

void ears_fill(struct ears *e)
{
	memset(e, 0, sizeof *e);
	fill_first(e);
	fill_ports(e);
	for (unsigned n = 0; n < PROTOS; n++) {
		const struct proto *p = protos[n];
		uint64_t bit = UINT64_C(1) << n;

		if ((p->carriers & OVER_UDP) != 0)
			*(p->timid ? &e->udp_timid : &e->udp) |= bit;
		if ((p->carriers & OVER_TCP) != 0)
			*(p->timid ? &e->tcp_timid : &e->tcp) |= bit;
		if ((p->carriers & OVER_HTTP) != 0)
			e->http |= bit;
		if ((p->carriers & OVER_LINK) != 0)
			e->link |= bit;
		if ((p->carriers & OVER_ICMP) != 0)
			e->icmp |= bit;
	}
}
