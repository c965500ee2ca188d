/* SPDX-License-Identifier: MIT */
/*
 * URLs as RFC 3986 writes them (section 3), as far as SSDP and WS-Discovery need them. A description's path now and then
 * holds the device's UUID or MAC address (Windows: "/<uuid>/", "?content=uuid:…"); a query is cut, an id becomes '*'.
 */
#include "proto/places.h"

#include "base/scan.h"

#include <stdio.h>

enum { ID_DIGITS = 12, WORD_END = 4, URL_MAX = 256 };

/* How long is the run of hexadecimal digits and separators that text begins with? *digits: the digits in it. */
static size_t hex_run(struct bytes text, size_t *digits)
{
	size_t end = 0;

	*digits = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (ascii_is_hex(text.at[i])) {
			++*digits;
			end = i + 1;
		} else if (end == 0 || (text.at[i] != '-' && text.at[i] != ':')) {
			break;
		}
	}
	return end;
}

/* Of "Device-001122334455" the run is "ce-00…": the end of a word, which is to stay. How long is that end? */
static size_t word_end(struct bytes run, size_t digits)
{
	size_t n = 0;

	while (n < run.len && ascii_is_hex(run.at[n]) && run.at[n] > '9')
		n++;
	return n <= WORD_END && n < run.len && !ascii_is_hex(run.at[n]) && digits - n >= ID_DIGITS
		       ? n
		       : 0;
}

struct bytes place_hide_ids(struct bytes text, char *buf, size_t size)
{
	size_t used = 0, i = 0, behind_id = 0;

	while (i < text.len && used < size) {
		size_t digits, run, kept;
		bool in_word;

		if (!ascii_is_hex(text.at[i])) { /* no run begins here */
			buf[used++] = (char)text.at[i++];
			continue;
		}
		run = hex_run(bytes_from(text, i), &digits);
		in_word = i > behind_id && ascii_is_letter(text.at[i - 1]);
		kept = run;
		if (digits >= ID_DIGITS)
			kept = in_word ? word_end(bytes_upto(bytes_from(text, i), run), digits) : 0;
		if (kept == 0) {
			buf[used++] = '*';
			i = behind_id = i + run;
		}
		for (; kept > 0 && used < size; kept--)
			buf[used++] = (char)text.at[i++];
	}
	return (struct bytes){(const uint8_t *)buf, used};
}

/* Where the port's colon stands in "host:80" or "[fe80::1]:80"; len when there is none. */
static size_t port_colon(struct bytes authority)
{
	size_t from = bytes_find(authority, "]");

	from = from < authority.len ? from : 0;
	return from + bytes_find(bytes_from(authority, from), ":");
}

struct bytes place_of_url(struct bytes url, char *buf, size_t size)
{
	static const struct bytes none = {.at = NULL, .len = 0};
	bool secure = bytes_begin_nocase(url, "https://");
	struct bytes path = bytes_from(url, secure ? 8 : 7), host;
	int64_t port = secure ? 443 : 80;
	size_t colon, slash;
	char head[8];

	if (!secure && !bytes_begin_nocase(url, "http://"))
		return none;
	path = bytes_upto(path, URL_MAX);
	path = bytes_upto(path, bytes_find(path, "?"));
	path = bytes_upto(path, bytes_find(path, "#"));
	slash = bytes_find(path, "/");
	host = bytes_upto(path, slash);
	path = bytes_from(path, slash);
	colon = port_colon(host);
	if (colon + 1 < host.len)
		port = bytes_number(bytes_from(host, colon + 1));
	if (host.len == 0 || port < 1 || port > UINT16_MAX || size < sizeof head)
		return none;
	colon = (size_t)snprintf(head, sizeof head, ":%u", (unsigned)port);
	memcpy(buf, head, colon);
	path = place_hide_ids(path, buf + colon, size - colon);
	return (struct bytes){(const uint8_t *)buf, colon + path.len};
}
