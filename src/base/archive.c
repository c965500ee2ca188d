/* SPDX-License-Identifier: MIT */
/* Both directions of every kind of value stand side by side here, and nowhere else. */
#include "base/archive.h"

enum { KEY_INPUT = 40, MAC_NONE = 0xffff };

void archive_break(struct archive *a, const char *why)
{
	if (!a->broken)
		a->why = why;
	a->broken = true;
	a->from.at = a->from.end;
	a->from.broken = true;
}

void archive_require(struct archive *a, bool holds, const char *why)
{
	if (a->reading && !a->broken && !holds)
		archive_break(a, why);
}

void archive_flush(struct archive *a)
{
	if (a->sink != NULL && a->held > 0)
		a->sink(a->sink_context, a->buffer, a->held);
	a->held = 0;
}

static void put(struct archive *a, const uint8_t *at, size_t n)
{
	a->written += n;
	while (a->sink != NULL && n > 0) {
		size_t part = ARCHIVE_BUFFER - a->held < n ? ARCHIVE_BUFFER - a->held : n;

		memcpy(a->buffer + a->held, at, part);
		a->held += part;
		at += part;
		n -= part;
		if (a->held == ARCHIVE_BUFFER)
			archive_flush(a);
	}
}

void archive_bytes(struct archive *a, void *at, size_t n)
{
	if (!a->reading) {
		put(a, at, n);
		return;
	}
	cursor_copy(&a->from, at, n);
	if (a->from.broken)
		archive_break(a, "it ends in the middle of a record");
}

static uint64_t number(struct archive *a, uint64_t v, size_t n)
{
	uint8_t b[8] = {0};

	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)(v >> 8 * i);
	archive_bytes(a, b, n);
	v = 0;
	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)b[i] << 8 * i;
	return v;
}

void archive_u8(struct archive *a, uint8_t *v)
{
	*v = (uint8_t)number(a, *v, 1);
}

void archive_u16(struct archive *a, uint16_t *v)
{
	*v = (uint16_t)number(a, *v, 2);
}

void archive_u32(struct archive *a, uint32_t *v)
{
	*v = (uint32_t)number(a, *v, 4);
}

void archive_u64(struct archive *a, uint64_t *v)
{
	*v = number(a, *v, 8);
}

void archive_i32(struct archive *a, int32_t *v)
{
	*v = (int32_t)(uint32_t)number(a, (uint32_t)*v, 4);
}

void archive_i64(struct archive *a, int64_t *v)
{
	*v = (int64_t)number(a, (uint64_t)*v, 8);
}

void archive_bool(struct archive *a, bool *v)
{
	uint8_t b = *v;

	archive_u8_within(a, &b, 0, 1);
	*v = b != 0;
}

void archive_addr(struct archive *a, struct addr *v)
{
	archive_bytes(a, v->b, sizeof v->b);
}

struct bytes archive_text(struct archive *a, struct bytes text, uint16_t most)
{
	uint16_t len = (uint16_t)(text.len < most ? text.len : most);

	archive_u16(a, &len);
	if (!a->reading) {
		put(a, text.at, len);
		return text;
	}
	archive_require(a, len <= most, "a text is too long");
	text = cursor_take(&a->from, a->broken ? 0 : len);
	if (a->from.broken)
		archive_break(a, "it ends in the middle of a text");
	return text;
}

void archive_words(struct archive *a, uint64_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		archive_u64(a, &words[i]);
}

void archive_ports(struct archive *a, uint16_t *ports, uint8_t *n, uint8_t most)
{
	archive_u8_within(a, n, 0, most);
	for (unsigned i = 0; i < *n; i++)
		archive_u16(a, &ports[i]);
}

void archive_u8_within(struct archive *a, uint8_t *v, uint8_t least, uint8_t most)
{
	archive_u8(a, v);
	archive_require(a, *v >= least && *v <= most, "a number is out of its range");
	if (a->broken)
		*v = least;
}

void archive_count(struct archive *a, uint32_t *n, size_t least_bytes)
{
	archive_u32(a, n);
	archive_require(a, *n <= cursor_left(&a->from) / least_bytes,
			"it counts more records than it has");
	if (a->broken)
		*n = 0;
}

static void put_mac(struct archive *a, uint16_t mac)
{
	if (mac != MAC_NONE && a->macs != NULL)
		mac = a->macs[mac];
	archive_u16(a, &mac);
}

void archive_mac(struct archive *a, uint16_t *mac)
{
	if (!a->reading) {
		put_mac(a, *mac);
		return;
	}
	archive_u16(a, mac);
	if (*mac == MAC_NONE)
		return;
	archive_require(a, *mac < a->macs_n, "it names a MAC that it does not have");
	if (a->broken)
		*mac = MAC_NONE;
	else if (a->macs != NULL)
		*mac = a->macs[*mac];
}

void archive_key(struct archive *a, uint64_t *key)
{
	archive_u64(a, key);
	if (!a->reading)
		return;
	archive_require(a, *key >> KEY_INPUT < a->inputs, "it names a packet of no capture");
	archive_require(a, *key << (64 - KEY_INPUT) != 0, "it names a packet without a number");
	*key += (uint64_t)a->inputs_from << KEY_INPUT;
}

void archive_keys(struct archive *a, uint64_t *keys, uint8_t *n, uint8_t least, uint8_t most)
{
	archive_u8_within(a, n, least, most);
	for (unsigned i = 0; i < *n; i++) {
		archive_key(a, &keys[i]);
		archive_require(a, i == 0 || keys[i - 1] <= keys[i],
				"its packets are out of order");
	}
}
