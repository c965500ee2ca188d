/* SPDX-License-Identifier: MIT */
/*
 * Writes for tests/groups/mud what src/contain makes of a profile of tests/mud in the tests' house: the firewall's text, and drawn
 * packets with what mud_match() says of them. Nothing here touches a firewall.
 *
 *   mud_try rules|removal NAME MAC
 *   mud_try packets NAME SEED COUNT
 */
#include "base/exits.h"
#include "contain/mud_rules.h"

#include "unit/mud_house.h"

static const char *const words[] = {"outside", "dropped", "accepted", "kept"};

static void write_packets(const struct mud_ready *ready, uint64_t seed, unsigned long n)
{
	struct draw d = draw_from(seed);
	char own[ADDR_TEXT_MAX], peer[ADDR_TEXT_MAX];

	for (; n > 0; n--) {
		struct mud_packet p = house_packet(&d);
		struct mud_verdict v;

		if (p.cut)
			continue;
		/* The kernel's clock is not the tests'. */
		p.time_ns = HOUSE_NOW;
		v = mud_match(ready, &p);
		(void)printf("%s %s %s %s %u %d %u %u %u %u %u %u\n", words[v.answer],
			     p.direction == MUD_FROM_DEVICE ? "from" : "to", addr_text(&p.own, own),
			     addr_text(&p.peer, peer), p.protocol, p.fragment, p.own_port,
			     p.peer_port, p.tcp_flags, p.icmp_type, p.icmp_code, p.hop_limit);
	}
}

static int write(char **argv, const struct mud_ready *ready)
{
	struct text to = {0};
	struct mac mac;

	if (strcmp(argv[1], "packets") == 0 && argv[4] != NULL) {
		write_packets(ready, strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10));
		return 0;
	}
	if (!mac_parse(argv[3], &mac))
		return EXITS_USAGE;
	/* Answers that still hold do so for a minute, counted from now. */
	if (strcmp(argv[1], "rules") == 0)
		mud_rules_write(ready, &mac, HOUSE_NOW - 60000000000, &to);
	else if (strcmp(argv[1], "removal") == 0)
		mud_rules_write_removal(ready, &mac, &to);
	(void)fputs(text_string(&to), stdout);
	text_fini(&to);
	return 0;
}

int main(int argc, char **argv)
{
	struct mud_refusal refusal;
	struct mud_profile profile;
	struct mud_ready ready;
	size_t len;
	char *json;
	int status;

	if (argc < 4) {
		(void)fputs("usage: mud_try rules|removal NAME MAC, packets NAME SEED COUNT\n",
			    stderr);
		return EXITS_USAGE;
	}
	house_build();
	json = house_file(argv[2], &len);
	if (!mud_read(json, len, &profile, &refusal) || !mud_compile(&profile, &house, &ready)) {
		(void)fprintf(stderr, "mud_try: %s: %s\n", refusal.where, refusal.why);
		free(json);
		return EXITS_DATA;
	}
	status = write(argv, &ready);
	mud_ready_fini(&ready);
	mud_fini(&profile);
	free(json);
	return status;
}
