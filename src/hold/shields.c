/* SPDX-License-Identifier: MIT */
/*
 * What getifaddrs(3) and proc(5) say: /proc/self/net/{route,ipv6_route} name the routers, arp their MACs, tcp and tcp6 who is
 * connected to port 22 of this host. The kernel writes these lines, so their form is trusted; numbers of them are not, for
 * neighbours make lines of arp and tcp: lists are bounded, and routers are looked for by address.
 */
#include "hold/shields.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { LOGIN_PORT = 22, ESTABLISHED = 1, LINE = 512, LINES_MOST = 20000, GATEWAY_FLAG = 2 };

static void add_addr(struct addr *list, size_t *n, size_t most, const struct addr *a)
{
	for (size_t i = 0; i < *n; i++)
		if (addr_equal(&list[i], a))
			return;
	if (*n < most)
		list[(*n)++] = *a;
}

static void add_mac(struct mac *list, size_t *n, const struct mac *m)
{
	static const struct mac none;

	if (*n < SHIELDS_MACS && mac_compare(m, &none) != 0)
		list[(*n)++] = *m;
}

/* ---- this host ------------------------------------------------------------------------------------------------- */

static void take_interface(struct shields *s, const struct sockaddr *at)
{
	struct addr addr = {{0}};
	struct sockaddr_ll link;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct mac mac;

	if (at->sa_family == AF_PACKET) {
		memcpy(&link, at, sizeof link);
		memcpy(mac.b, link.sll_addr, sizeof mac.b);
		if (link.sll_halen == sizeof mac.b)
			add_mac(s->own_macs, &s->own_macs_n, &mac);
	} else if (at->sa_family == AF_INET) {
		memcpy(&v4, at, sizeof v4);
		addr = addr_v4(ntohl(v4.sin_addr.s_addr));
		add_addr(s->own, &s->own_n, SHIELDS_ADDRS, &addr);
	} else if (at->sa_family == AF_INET6) {
		memcpy(&v6, at, sizeof v6);
		memcpy(addr.b, &v6.sin6_addr, sizeof addr.b);
		add_addr(s->own, &s->own_n, SHIELDS_ADDRS, &addr);
	}
}

static int read_interfaces(struct shields *s)
{
	struct ifaddrs *list;

	if (getifaddrs(&list) != 0)
		return -errno;
	for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next)
		if (i->ifa_addr != NULL)
			take_interface(s, i->ifa_addr);
	freeifaddrs(list);
	return 0;
}

/* ---- lines of the kernel --------------------------------------------------------------------------------------- */

/* "Iface Destination Gateway Flags …": numbers in hex, addresses as they lie in memory. */
void shields_take_route(struct shields *s, const char *line)
{
	unsigned destination, gateway, flags;
	struct addr a;

	/* NOLINTNEXTLINE(cert-err34-c): digits of the kernel's */
	int n = sscanf(line, "%*s %8x %8x %4x", &destination, &gateway, &flags);

	if (n != 3 || (flags & GATEWAY_FLAG) == 0)
		return;
	a = addr_v4(ntohl(gateway));
	add_addr(s->routers, &s->routers_n, SHIELDS_ADDRS, &a);
}

static bool read_hex(const char *text, uint8_t *to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned byte;

		/* NOLINTNEXTLINE(cert-err34-c): two digits */
		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			return false;
		to[i] = (uint8_t)byte;
	}
	return true;
}

/* "destination length source length gateway …" in hex; a route without a gateway has zeros there. */
void shields_take_route6(struct shields *s, const char *line)
{
	char gateway[33];
	struct addr a;

	if (sscanf(line, "%*32s %*2s %*32s %*2s %32s", gateway) == 1 && strlen(gateway) == 32 &&
	    read_hex(gateway, a.b, sizeof a.b) && !addr_is_zero(&a))
		add_addr(s->routers, &s->routers_n, SHIELDS_ADDRS, &a);
}

/* "address type flags MAC mask device". */
void shields_take_arp(struct shields *s, const char *line)
{
	char address[16], text[MAC_TEXT_MAX];
	struct addr a;
	struct mac mac;

	if (sscanf(line, "%15s %*s %*s %17s", address, text) != 2 || !addr_parse(address, &a) ||
	    !mac_parse(text, &mac))
		return;
	for (size_t i = 0; i < s->routers_n; i++)
		if (addr_equal(&s->routers[i], &a))
			add_mac(s->router_macs, &s->router_macs_n, &mac);
}

/* Words of 32 bits in the order of this machine, each as eight digits. */
static bool read_words(const char *text, size_t words, struct addr *out)
{
	uint8_t bytes[16];

	for (size_t i = 0; i < words; i++) {
		unsigned word;

		/* NOLINTNEXTLINE(cert-err34-c): eight digits */
		if (sscanf(text + 8 * i, "%8x", &word) != 1)
			return false;
		memcpy(bytes + 4 * i, &word, 4);
	}
	if (words == 1) {
		memset(out->b, 0, 10);
		out->b[10] = out->b[11] = 0xff;
		memcpy(out->b + 12, bytes, 4);
	} else {
		memcpy(out->b, bytes, sizeof bytes);
	}
	return true;
}

/* "number: local:port remote:port state …". */
void shields_take_tcp(struct shields *s, const char *line)
{
	char local[33], remote[33];
	unsigned port, state;
	struct addr a;
	size_t words;

	/* NOLINTNEXTLINE(cert-err34-c): digits of the kernel's */
	int n = sscanf(line, "%*[^:]: %32[0-9A-Fa-f]:%4x %32[0-9A-Fa-f]:%*4x %2x", local, &port,
		       remote, &state);

	if (n != 4 || port != LOGIN_PORT || state != ESTABLISHED)
		return;
	words = strlen(remote) == 8 ? 1 : strlen(remote) == 32 ? 4 : 0;
	if (words != 0 && read_words(remote, words, &a))
		add_addr(s->admins, &s->admins_n, SHIELDS_ADMINS, &a);
}

static int read_lines(struct shields *s, const char *path,
		      void (*take)(struct shields *s, const char *line))
{
	FILE *file = fopen(path, "re");
	char line[LINE];
	int n = 0;

	if (file == NULL)
		return errno == ENOENT ? 0 : -errno; /* a kernel without IPv6 */
	while (n++ < LINES_MOST && fgets(line, sizeof line, file) != NULL)
		take(s, line);
	(void)fclose(file);
	return 0;
}

int shields_read(struct shields *s)
{
	int err[6];

	*s = (struct shields){0};
	err[0] = read_interfaces(s);
	err[1] = read_lines(s, "/proc/self/net/route", shields_take_route);
	err[2] = read_lines(s, "/proc/self/net/ipv6_route", shields_take_route6);
	err[3] = read_lines(s, "/proc/self/net/arp", shields_take_arp);
	err[4] = read_lines(s, "/proc/self/net/tcp", shields_take_tcp);
	err[5] = read_lines(s, "/proc/self/net/tcp6", shields_take_tcp);
	for (size_t i = 0; i < 6; i++)
		if (err[i] != 0)
			return err[i];
	return 0;
}

/* ---- asking ---------------------------------------------------------------------------------------------------- */

static bool has_mac(const struct mac *list, size_t n, const struct mac *m)
{
	for (size_t i = 0; i < n; i++)
		if (mac_compare(&list[i], m) == 0)
			return true;
	return false;
}

static bool has_any(const struct addr *list, size_t n, const struct addr *addrs, size_t addrs_n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < addrs_n; k++)
			if (addr_equal(&list[i], &addrs[k]))
				return true;
	return false;
}

enum shield shields_of(const struct shields *s, const struct mac *mac, const struct addr *addrs,
		       size_t n)
{
	if (has_mac(s->own_macs, s->own_macs_n, mac) || has_any(s->own, s->own_n, addrs, n))
		return SHIELD_THIS_HOST;
	if (has_mac(s->router_macs, s->router_macs_n, mac) ||
	    has_any(s->routers, s->routers_n, addrs, n))
		return SHIELD_GATEWAY;
	return has_any(s->admins, s->admins_n, addrs, n) ? SHIELD_ADMINISTRATOR : SHIELD_NONE;
}
