/* SPDX-License-Identifier: MIT */
/*
 * People hand over what they have: text that tcpdump printed, archives, other analysers' files. The first bytes tell
 * most of them apart. This never decides whether something is a capture, only what to say when it is not.
 */
#include "capture/foreign.h"

#include <stdbool.h>
#include <stddef.h>

#define CONVERT "convert it with \"editcap -F pcapng\""
#define UNPACK "unpack it first"

static const struct {
	const char *magic;
	size_t len;
	const char *why;
} table[] = {
	{"snoop\0\0\0", 8, "not a capture we can read: it is in snoop format; " CONVERT},
	{"GMBU", 4, "not a capture we can read: it is in Network Monitor format; " CONVERT},
	{"RTSS", 4, "not a capture we can read: it is in Network Monitor format; " CONVERT},
	{"XCP\0", 4, "not a capture we can read: it is in NetXRay format; " CONVERT},
	{"TRSNIFF data", 12, "not a capture we can read: it is in Sniffer format; " CONVERT},
	{"\x1c\x00\x01\xac", 4, "not a capture we can read: it is in IXIA format; " CONVERT},
	{"\x1c\x00\x01\xab", 4, "not a capture we can read: it is in IXIA format; " CONVERT},
	{"\x1f\x8b", 2, "not a capture: it is packed twice; " UNPACK},
	{"\x28\xb5\x2f\xfd", 4, "not a capture: it is packed twice; " UNPACK},
	{"\xfd"
	 "7zXZ",
	 5, "not a capture we can read: it is packed with xz; " UNPACK},
	{"BZh", 3, "not a capture we can read: it is packed with bzip2; " UNPACK},
	{"\x04\x22\x4d\x18", 4, "not a capture we can read: it is packed with lz4; " UNPACK},
	{"7z\xbc\xaf", 4, "not a capture: it is a 7z archive; " UNPACK},
	{"PK\3\4", 4, "not a capture: it is a zip archive; " UNPACK},
};

static bool is_text(struct bytes head)
{
	for (size_t i = 0; i < head.len; i++) {
		uint8_t c = head.at[i];
		if (c == 0x7f || (c < 0x20 && (c < '\t' || c > '\r')))
			return false;
	}
	return true;
}

const char *foreign_why(struct bytes head)
{
	if (head.len == 0)
		return "not a capture: it is empty; was the capturing program stopped too early?";
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (bytes_start_with(head, table[i].magic, table[i].len))
			return table[i].why;
	}
	if (is_text(head))
		return "not a capture: it is text; write packets with \"tcpdump -w FILE\"";
	return "not a capture: it begins neither like pcap nor like pcapng; write one with "
	       "\"tcpdump -w FILE\" or Wireshark";
}
