/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a MUD profile: refused with plain words, or read, compiled and written. Then the text for the firewall has none
 * of the profile's own text in it, reading twice gives the same, and without a rule nothing is accepted.
 */
#include "contain/mud_match.h"
#include "contain/mud_rules.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_plain(const char *s)
{
	for (; *s != '\0'; s++)
		require(*s >= ' ' && *s <= '~');
}

/* Nothing but what nft's language needs of us: names of ours, numbers, addresses. */
static void require_ours(const struct text *t)
{
	for (const char *s = text_string(t); *s != '\0'; s++)
		require((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') ||
			strchr(" \t\n{}();:,./|&=!@_-", *s) != NULL);
}

static void try_packets(const struct mud_profile *profile, const struct mud_ready *ready,
			const uint8_t *data, size_t size)
{
	for (size_t i = 0; i + 8 < size && i < 256; i += 8) {
		const uint8_t *b = data + i;
		struct mud_packet p = {
			.direction = b[0] & 1 ? MUD_TO_DEVICE : MUD_FROM_DEVICE,
			.own = addr_v4(0xc0000232),
			.peer = addr_v4((uint32_t)b[1] << 24 | (uint32_t)b[2] << 16 | b[3]),
			.protocol = b[4] & 1   ? 6
				    : b[4] & 2 ? 17
					       : b[4],
			.own_port = b[5],
			.peer_port = (uint16_t)(b[6] << 8 | b[7]),
			.tcp_flags = b[5],
			.time_ns = 1};
		struct mud_verdict v = mud_match(ready, &p);

		require((v.answer == MUD_ACCEPTED || v.answer == MUD_DROPPED) ==
			(v.rule != SIZE_MAX));
		require(v.rule == SIZE_MAX ||
			(v.rule < profile->rules_n &&
			 profile->rules[v.rule].drop == (v.answer == MUD_DROPPED) &&
			 profile->rules[v.rule].direction == p.direction));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mac mac = {{0x02, 0x00, 0x5e, 0x00, 0x53, 0x01}};
	struct mud_binding answers[] = {{"cloud.maker.example", addr_v4(0xc6336402), 5000000000},
					{"cloud.maker.example", addr_v4(0x7f000001), 5000000000}};
	struct mud_place place = {.bindings = answers, .bindings_n = 2};
	struct mud_profile profile, again;
	struct mud_refusal refusal;
	struct mud_ready ready;
	struct text text = {0};

	if (!mud_read((const char *)data, size, &profile, &refusal)) {
		require(refusal.why[0] != '\0' && profile.arena.bytes == 0);
		require_plain(refusal.why);
		require_plain(refusal.where);
		return 0;
	}
	require(mud_read((const char *)data, size, &again, &refusal));
	require(again.rules_n == profile.rules_n && strcmp(again.url, profile.url) == 0);
	mud_fini(&again);
	if (mud_compile(&profile, &place, &ready)) {
		try_packets(&profile, &ready, data, size);
		mud_rules_write(&ready, &mac, 0, &text);
		mud_rules_write_removal(&ready, &mac, &text);
		require_ours(&text);
		mud_ready_fini(&ready);
	}
	text_fini(&text);
	mud_fini(&profile);
	return 0;
}
