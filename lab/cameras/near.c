/* SPDX-License-Identifier: MIT */
/*
 * getifaddrs(3) says which addresses are on-link; /proc/net/arp which MAC an IPv4 neighbour has. There is no such file for IPv6:
 * there the address stands for the client, and one that makes up addresses is held back by the budget that all unknown clients
 * share (libfirstuse). Clients of IPv4 come as mapped addresses (RFC 4291, section 2.5.5.2), since one socket serves both.
 */
#include "near.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* The 4 bytes of IPv4 or the 16 of IPv6; how many. */
static size_t plain(const struct sockaddr_storage *who, uint8_t to[16])
{
	const struct sockaddr_in6 *six = (const void *)who;

	if (who->ss_family != AF_INET6)
		return 0;
	memcpy(to, &six->sin6_addr, 16);
	if (!IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		return 16;
	memmove(to, to + 12, 4);
	memset(to + 4, 0, 12);
	return 4;
}

bool near_own(uint8_t mac[6], struct in_addr *address)
{
	struct ifaddrs *all, *i;
	bool has_mac = false, has_address = false;

	if (getifaddrs(&all) != 0)
		return false;
	for (i = all; i != NULL; i = i->ifa_next) {
		const struct sockaddr_ll *link = (const void *)i->ifa_addr;

		if (i->ifa_addr == NULL || (i->ifa_flags & IFF_LOOPBACK) != 0)
			continue;
		if (link->sll_family == AF_PACKET && link->sll_halen == 6) {
			memcpy(mac, link->sll_addr, 6);
			has_mac = true;
		} else if (i->ifa_addr->sa_family == AF_INET) {
			*address =
				((const struct sockaddr_in *)(const void *)i->ifa_addr)->sin_addr;
			has_address = true;
		}
	}
	freeifaddrs(all);
	return has_mac && has_address;
}

static const uint8_t *raw(const struct sockaddr *a, size_t size)
{
	if (a == NULL || a->sa_family != (size == 4 ? AF_INET : AF_INET6))
		return NULL;
	if (size == 4)
		return (const void *)&((const struct sockaddr_in *)(const void *)a)->sin_addr;
	return (const void *)&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr;
}

bool near_is_on_link(const struct sockaddr_storage *who)
{
	struct ifaddrs *all, *i;
	uint8_t theirs[16];
	size_t size = plain(who, theirs);
	bool near = false;

	if (size == 0 || getifaddrs(&all) != 0)
		return false;
	for (i = all; i != NULL && !near; i = i->ifa_next) {
		const uint8_t *ours = raw(i->ifa_addr, size), *mask = raw(i->ifa_netmask, size);
		bool same = ours != NULL && mask != NULL && mask[0] != 0;

		for (size_t k = 0; same && k < size; k++)
			same = ((ours[k] ^ theirs[k]) & mask[k]) == 0;
		near = same;
	}
	freeifaddrs(all);
	return near;
}

/* "192.0.2.40  0x1  0x2  00:00:5e:00:53:28  *  eth0" */
static bool mac_of(const char *address, uint8_t mac[6])
{
	FILE *f = fopen("/proc/net/arp", "re");
	char line[160], ip[64];
	unsigned m[6];
	bool found = false;

	while (f != NULL && !found && fgets(line, sizeof line, f) != NULL) {
		/* The kernel's own file, one field each. NOLINTNEXTLINE(cert-err34-c) */
		found = sscanf(line, "%63s %*s %*s %x:%x:%x:%x:%x:%x", ip, &m[0], &m[1], &m[2],
			       &m[3], &m[4], &m[5]) == 7 &&
			strcmp(ip, address) == 0;
	}
	if (f != NULL)
		fclose(f);
	for (size_t i = 0; found && i < 6; i++)
		mac[i] = (uint8_t)m[i];
	return found;
}

void near_id(const struct sockaddr_storage *who, uint8_t id[16])
{
	char text[NEAR_TEXT];
	uint8_t mac[6];

	memset(id, 0, 16);
	if (plain(who, id) != 4)
		return;
	near_text(who, text);
	if (!mac_of(text, mac))
		return;
	memset(id, 0, 16);
	memcpy(id, mac, sizeof mac);
}

void near_text(const struct sockaddr_storage *who, char text[NEAR_TEXT])
{
	uint8_t bytes[16];
	size_t size = plain(who, bytes);

	if (size == 0 || inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, text, NEAR_TEXT) == NULL)
		snprintf(text, NEAR_TEXT, "?");
}
