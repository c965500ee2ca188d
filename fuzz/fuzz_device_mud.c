/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a description for a MUD file: what is taken becomes JSON whose strings end where they should and whose brackets are
 * in balance, without control characters; what is refused is refused with words, and nothing is written.
 *
 * Input: lines. The first eight are the texts of the header, then two for each rule (name, host), whose first byte decides
 * about peer, protocol, port and server.
 */
#include "../device/include/firstuse_mud.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINES (8 + 2 * (FIRSTUSE_MUD_RULES_MAX + 1))

struct seen {
	size_t bytes;
	long depth;
	int in_string, escaped;
};

static void require(int holds)
{
	if (!holds)
		abort();
}

/* Braces and brackets outside of strings are in balance; a string holds no quote and no control character. */
static int put(void *user, const char *text, size_t size)
{
	struct seen *seen = user;

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		seen->bytes++;
		require(c >= 0x20 || (c == '\n' && !seen->in_string));
		require(c != 0x7F);
		if (seen->in_string) {
			require(!seen->escaped || c == 'u');
			seen->escaped = !seen->escaped && c == '\\';
			seen->in_string = seen->escaped || c != '"';
		} else if (c == '"') {
			seen->in_string = 1;
		} else {
			seen->depth += (c == '{' || c == '[') - (c == '}' || c == ']');
			require(seen->depth >= 0);
		}
	}
	return 0;
}

/* Ends each line with a zero; lines that are not there are NULL. */
static void cut(char *text, char *lines[LINES])
{
	size_t n = 0;

	for (; n < LINES && text != NULL; n++) {
		lines[n] = text;
		text = strchr(text, '\n');
		if (text != NULL)
			*text++ = 0;
	}
	for (; n < LINES; n++)
		lines[n] = NULL;
}

static size_t read_rules(char *const *lines, struct firstuse_mud_rule *rules)
{
	size_t n = 0;

	for (; n <= FIRSTUSE_MUD_RULES_MAX && lines[2 * n] != NULL; n++) {
		unsigned char what = (unsigned char)lines[2 * n][0];

		rules[n].name = lines[2 * n] + (what != 0);
		rules[n].peer = (enum firstuse_mud_peer)(what % 7);
		rules[n].host = lines[2 * n + 1];
		rules[n].protocol = what & 8 ? 6 : what & 16 ? 17 : what;
		rules[n].port = (uint16_t)(what & 32 ? 443 * what : 0);
		rules[n].device_is_server = what & 64 ? 1 : 0;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct firstuse_mud_rule rules[FIRSTUSE_MUD_RULES_MAX + 1];
	char *text = malloc(size + 1), *lines[LINES];
	struct seen seen = {0};
	struct firstuse_mud mud = {.rules = rules};
	uint8_t option[FIRSTUSE_MUD_URL_MAX + 4];
	const char *wrong = NULL;
	enum firstuse_status status;
	size_t option_size;

	require(text != NULL);
	memcpy(text, data, size);
	text[size] = 0;
	cut(text, lines);
	mud.url = lines[0];
	mud.last_update = lines[1];
	mud.systeminfo = lines[2];
	mud.maker = lines[3];
	mud.model = lines[4];
	mud.firmware = lines[5];
	mud.documentation = lines[6];
	mud.signature = lines[7];
	mud.cache_hours = (uint8_t)(size % 200);
	mud.count = read_rules(lines + 8, rules);
	status = firstuse_mud_write(&mud, put, &seen, &wrong);
	require((status == FIRSTUSE_OK) == (wrong == NULL));
	require(status == FIRSTUSE_OK || (status == FIRSTUSE_BAD_CALL && seen.bytes == 0));
	require(!seen.in_string && seen.depth == 0);
	status = firstuse_mud_dhcp4(mud.url, option, &option_size);
	require(status != FIRSTUSE_OK || option_size == strlen(mud.url) + 2);
	require(firstuse_mud_dhcp6(mud.url, option, &option_size) == status);
	free(text);
	return 0;
}
