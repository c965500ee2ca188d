/* SPDX-License-Identifier: MIT */
/*
 * The MUD file and the DHCP options: what is written for each kind of peer, in both directions; what is refused, and with which
 * words; and that no text of a description gets out of its quotes.
 */
#include "check.h"
#include "firstuse_mud.h"

#include <string.h>

struct page {
	char text[65536];
	size_t size;
	size_t fail_after; /* pieces; 0: never */
	size_t pieces;
};

static int put(void *user, const char *text, size_t size)
{
	struct page *page = user;

	page->pieces++;
	if (page->fail_after > 0 && page->pieces > page->fail_after)
		return -1;
	if (page->size + size >= sizeof(page->text))
		return -1;
	memcpy(page->text + page->size, text, size);
	page->size += size;
	page->text[page->size] = 0;
	return 0;
}

static struct page page;

static const struct firstuse_mud plain = {
	.url = "https://mud.example.com/cam-2.json",
	.last_update = "2026-11-23T19:00:00Z",
	.cache_hours = 48,
	.systeminfo = "A camera",
};

static enum firstuse_status write_file(const struct firstuse_mud *mud, const char **wrong)
{
	memset(&page, 0, sizeof(page));
	return firstuse_mud_write(mud, put, &page, wrong);
}

/* Refused, with this in the words, and not a byte of it written. */
static int is_refused(const struct firstuse_mud *mud, const char *words)
{
	const char *wrong = NULL;

	return write_file(mud, &wrong) == FIRSTUSE_BAD_CALL && wrong != NULL &&
	       strstr(wrong, words) != NULL && page.pieces == 0;
}

static int has(const char *text)
{
	return strstr(page.text, text) != NULL;
}

static int is_taken(const struct firstuse_mud *mud)
{
	const char *wrong = "not touched";

	return write_file(mud, &wrong) == FIRSTUSE_OK && wrong == NULL;
}

static void check_options(void)
{
	uint8_t option[FIRSTUSE_MUD_URL_MAX + 4];
	char url[FIRSTUSE_MUD_URL_MAX + 2];
	size_t size = 0;

	CHECK(firstuse_mud_dhcp4(plain.url, option, &size) == FIRSTUSE_OK);
	CHECK(size == 36 && option[0] == 161 && option[1] == 34);
	CHECK(memcmp(option + 2, plain.url, 34) == 0);
	CHECK(firstuse_mud_dhcp6(plain.url, option, &size) == FIRSTUSE_OK);
	CHECK(size == 38 && memcmp(option, "\0\x70\0\x22", 4) == 0);
	CHECK(memcmp(option + 4, plain.url, 34) == 0);

	memset(url, 'a', sizeof(url));
	memcpy(url, "https://cam.example/", 20);
	url[FIRSTUSE_MUD_URL_MAX] = 0;
	CHECK(firstuse_mud_dhcp4(url, option, &size) == FIRSTUSE_OK && size == 255);
	CHECK(firstuse_mud_dhcp6(url, option, &size) == FIRSTUSE_OK && size == 257);
	url[FIRSTUSE_MUD_URL_MAX] = 'a';
	url[FIRSTUSE_MUD_URL_MAX + 1] = 0;
	CHECK(firstuse_mud_dhcp4(url, option, &size) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_mud_dhcp6(url, option, &size) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_mud_dhcp4(NULL, option, &size) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_mud_dhcp4(plain.url, NULL, &size) == FIRSTUSE_BAD_CALL);
	CHECK(firstuse_mud_dhcp6(plain.url, option, NULL) == FIRSTUSE_BAD_CALL);
}

static void check_urls(void)
{
	static const char *const bad[] = {
		"",
		"https://",
		"http://cam.example/a",
		"HTTPS://cam.example/a",
		"cam.example",
		"https://localhost/a",
		"https:///a",
		"https://a b.example/",
		"https://cam.example/a b",
		"https://cam.example/\n",
		"https://cam.example/\x7f",
		"https://cam.example/\"",
		"https://cam.example/%",
		"https://cam.example/%4",
		"https://cam.example/%zz",
		"https://192.0.2.1/a",
		"https://me@cam.example/a",
		"https://cam.example:/a",
		"https://cam.example:123456/a",
		"https://cam.example:8x/a",
		"https://-cam.example/",
		"https://cam-.example/",
		"https://.example/",
		"https://cam..example/",
		"https://cam.example./a",
		"https://c\xc3\xa4m.example/",
	};
	static const char *const good[] = {
		"https://cam.example",
		"https://cam.example/",
		"https://cam.example:8443/a?b=c%20d#e",
		"https://xn--cm-via.example/a/b",
		"https://a_b.example/~x",
	};
	struct firstuse_mud mud = plain;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		mud.url = bad[i];
		CHECK(is_refused(&mud, "MUD URL"));
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		mud.url = good[i];
		CHECK(is_taken(&mud));
	}
}

static void check_header(void)
{
	struct firstuse_mud mud = plain;

	CHECK(is_taken(&mud));
	CHECK(has("\"mud-version\": 1,\n") && has("\"is-supported\": true,\n"));
	CHECK(has("\"cache-validity\": 48,\n") && has("\"systeminfo\": \"A camera\""));
	CHECK(!has("mfg-name") && !has("firmware-rev") && !has("mud-signature"));
	CHECK(has("\"aces\": {\"ace\": []}"));
	mud.maker = "Example Works";
	mud.model = "CAM 2";
	mud.firmware = "2.1";
	mud.documentation = "http://cam.example/help";
	mud.signature = "https://mud.example.com/cam-2.p7s";
	mud.support_ended = 1;
	CHECK(is_taken(&mud));
	CHECK(has("\"mfg-name\": \"Example Works\"") && has("\"model-name\": \"CAM 2\""));
	CHECK(has("\"firmware-rev\": \"2.1\"") && has("\"is-supported\": false"));
	CHECK(has("\"documentation\": \"http://cam.example/help\""));
	CHECK(has("\"mud-signature\": \"https://mud.example.com/cam-2.p7s\""));
	mud.documentation = "ftp://cam.example/help";
	CHECK(is_refused(&mud, "documentation"));
	mud.documentation = NULL;
	mud.signature = "cam-2.p7s";
	CHECK(is_refused(&mud, "signature"));
	mud = plain;
	mud.cache_hours = 0;
	CHECK(is_refused(&mud, "168"));
	mud.cache_hours = 169;
	CHECK(is_refused(&mud, "168"));
	mud.cache_hours = 168;
	CHECK(is_taken(&mud));
	CHECK(is_refused(NULL, "description"));
}

static void check_times(void)
{
	static const char *const bad[] = {
		"",
		"2026",
		"2026-11-23",
		"2026-11-23 19:00:00Z",
		"2026-11-23T19:00:00",
		"2026-13-23T19:00:00Z",
		"2026-00-23T19:00:00Z",
		"2026-11-32T19:00:00Z",
		"2026-11-00T19:00:00Z",
		"2026-11-23T24:00:00Z",
		"2026-11-23T19:60:00Z",
		"2026-11-23T19:00:00z",
		"2026-11-23T19:00:00.Z",
		"2026-11-23T19:00:00Zx",
		"2026-11-23T19:00:00+1:00",
		"2026-11-23T19:00:00+24:00",
		"2026-11-23T19:00:00+01:60",
		"2026-11-23T19:00:00.1234567890123456789012345Z",
		"\"026-11-23T19:00:00Z",
	};
	static const char *const good[] = {
		"2026-11-23T19:00:00.5Z",
		"2026-11-23T19:00:00+01:00",
		"2026-11-23T19:00:00.25-05:30",
	};
	struct firstuse_mud mud = plain;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		mud.last_update = bad[i];
		CHECK(is_refused(&mud, "last-update"));
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		mud.last_update = good[i];
		CHECK(is_taken(&mud));
	}
	mud.last_update = NULL;
	CHECK(is_refused(&mud, "last-update"));
}

/* Quotes and backslashes come out as \u00XX; what is no text of one line is refused. */
static void check_text(void)
{
	static const char *const bad[] = {
		"",
		"a\nb",
		"a\tb",
		"a\x01",
		"a\x7f",
		"a\x1b[2J",
		"\xff",
		"\xc0\x80",
		"\xc3",
		"a\xc3(",
		"\xed\xa0\x80",
		"\xf4\x90\x80\x80",
		"\xf8\x88\x80\x80\x80",
		"\xe0\x80\xaf",
		"\x80",
		"\xc2\x85",
		"\xe2\x80\xa8",
		"\xef\xbf\xbf",
		"\xef\xb7\x90",
		"\xf0\x9f\xbf\xbe",
	};
	static char sixty[256], long_text[100000];
	struct firstuse_mud mud = plain;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		mud = plain;
		mud.systeminfo = bad[i];
		CHECK(is_refused(&mud, "systeminfo"));
		mud = plain;
		mud.model = bad[i];
		CHECK(is_refused(&mud, "model"));
	}
	mud = plain;
	mud.systeminfo = "\"}], \\\"evil\\\": {\"x\": \"";
	mud.maker = "</script>\xe2\x82\xac\xf0\x9f\x93\xb7";
	CHECK(is_taken(&mud));
	CHECK(has("\"\\u0022}], \\u005c\\u0022evil\\u005c\\u0022: {\\u0022x\\u0022: \\u0022\""));
	CHECK(has("\"</script>\xe2\x82\xac\xf0\x9f\x93\xb7\""));

	/* Sixty characters, not bytes. */
	mud = plain;
	for (size_t i = 0; i < 60; i++)
		sixty[3 * i] = '\xe2', sixty[3 * i + 1] = '\x82', sixty[3 * i + 2] = '\xac';
	mud.systeminfo = sixty;
	CHECK(is_taken(&mud));
	sixty[180] = 'x';
	CHECK(is_refused(&mud, "60 characters"));

	memset(long_text, 'x', sizeof(long_text) - 1);
	mud = plain;
	mud.maker = long_text;
	CHECK(is_refused(&mud, "maker"));
	mud.maker = long_text + sizeof(long_text) - 1 - 255;
	CHECK(is_taken(&mud));
	mud.firmware = mud.maker - 1;
	CHECK(is_refused(&mud, "firmware"));
	mud = plain;
	mud.systeminfo = NULL;
	CHECK(is_refused(&mud, "systeminfo"));
}

static void check_rules(void)
{
	static const struct firstuse_mud_rule rules[] = {
		{"cloud", FIRSTUSE_MUD_HOST, "cloud.example.com", 6, 443, 0},
		{"view", FIRSTUSE_MUD_LAN, NULL, 6, 554, 1},
		{"time", FIRSTUSE_MUD_CONTROLLER, "urn:ietf:params:mud:ntp", 17, 123, 0},
		{"recorder", FIRSTUSE_MUD_MY_CONTROLLER, NULL, 6, 0, 0},
		{"twin", FIRSTUSE_MUD_SAME_MAKER, "", 17, 0, 0},
	};
	struct firstuse_mud mud = plain;

	mud.rules = rules;
	mud.count = sizeof(rules) / sizeof(rules[0]);
	CHECK(is_taken(&mud));
	CHECK(has(
		"{\"name\": \"cloud-from\", \"matches\": {\"ipv4\": {\"protocol\": 6, "
		"\"ietf-acldns:dst-dnsname\": \"cloud.example.com\"}, \"tcp\": "
		"{\"ietf-mud:direction-initiated\": \"from-device\", \"destination-port\": "
		"{\"operator\": \"eq\", \"port\": 443}}}, \"actions\": {\"forwarding\": \"accept\"}}"));
	CHECK(has("{\"name\": \"cloud-to\", \"matches\": {\"ipv6\": {\"protocol\": 6, "
		  "\"ietf-acldns:src-dnsname\": \"cloud.example.com\"}, \"tcp\": "
		  "{\"ietf-mud:direction-initiated\": \"from-device\", \"source-port\": "
		  "{\"operator\": \"eq\", \"port\": 443}}}"));
	CHECK(has(
		"{\"name\": \"view-from\", \"matches\": {\"ietf-mud:mud\": {\"local-networks\": "
		"[null]}, \"ipv6\": {\"protocol\": 6}, \"tcp\": {\"ietf-mud:direction-initiated\": "
		"\"to-device\", \"source-port\": {\"operator\": \"eq\", \"port\": 554}}}"));
	CHECK(has(
		"\"name\": \"view-to\", \"matches\": {\"ietf-mud:mud\": {\"local-networks\": [null]}, "
		"\"ipv4\": {\"protocol\": 6}, \"tcp\": {\"ietf-mud:direction-initiated\": "
		"\"to-device\", \"destination-port\""));
	CHECK(has("{\"controller\": \"urn:ietf:params:mud:ntp\"}, \"ipv4\": {\"protocol\": 17}, "
		  "\"udp\": {\"destination-port\": {\"operator\": \"eq\", \"port\": 123}}}"));
	CHECK(has("{\"my-controller\": [null]}, \"ipv4\": {\"protocol\": 6}, \"tcp\": "
		  "{\"ietf-mud:direction-initiated\": \"from-device\"}}"));
	CHECK(has("{\"same-manufacturer\": [null]}, \"ipv4\": {\"protocol\": 17}}, \"actions\""));
	mud.rules = NULL;
	CHECK(is_refused(&mud, "missing"));
}

static void check_bad_rules(void)
{
	static const struct {
		struct firstuse_mud_rule rule;
		const char *words;
	} bad[] = {
		{{NULL, FIRSTUSE_MUD_LAN, NULL, 6, 1, 0}, "name"},
		{{"", FIRSTUSE_MUD_LAN, NULL, 6, 1, 0}, "name"},
		{{"a b", FIRSTUSE_MUD_LAN, NULL, 6, 1, 0}, "name"},
		{{"a\"b", FIRSTUSE_MUD_LAN, NULL, 6, 1, 0}, "name"},
		{{"a234567890123456789012345678901234567890123456789", FIRSTUSE_MUD_LAN, NULL, 6, 1,
		  0},
		 "name"},
		{{"a", FIRSTUSE_MUD_LAN, "cam.example", 6, 1, 0}, "has none"},
		{{"a", FIRSTUSE_MUD_HOST, NULL, 6, 1, 0}, "full name"},
		{{"a", FIRSTUSE_MUD_HOST, "", 6, 1, 0}, "full name"},
		{{"a", FIRSTUSE_MUD_HOST, "cloud", 6, 1, 0}, "full name"},
		{{"a", FIRSTUSE_MUD_HOST, "*.example.com", 6, 1, 0}, "full name"},
		{{"a", FIRSTUSE_MUD_HOST, "192.0.2.7", 6, 1, 0}, "full name"},
		{{"a", FIRSTUSE_MUD_HOST, "2001:db8::1", 6, 1, 0}, "full name"},
		{{"a", FIRSTUSE_MUD_HOST, "x.\"\\.com", 6, 1, 0}, "full name"},
		{{"a", FIRSTUSE_MUD_CONTROLLER, NULL, 6, 1, 0}, "URI"},
		{{"a", FIRSTUSE_MUD_CONTROLLER, "dns", 6, 1, 0}, "URI"},
		{{"a", FIRSTUSE_MUD_CONTROLLER, "urn:", 6, 1, 0}, "URI"},
		{{"a", FIRSTUSE_MUD_CONTROLLER, "1urn:x", 6, 1, 0}, "URI"},
		{{"a", FIRSTUSE_MUD_CONTROLLER, "urn:a b", 6, 1, 0}, "URI"},
		{{"a", (enum firstuse_mud_peer)9, NULL, 6, 1, 0}, "peer"},
		{{"a", FIRSTUSE_MUD_LAN, NULL, 1, 1, 0}, "protocol"},
		{{"a", FIRSTUSE_MUD_LAN, NULL, 0, 1, 0}, "protocol"},
	};
	static char label[70];
	struct firstuse_mud_rule one = {"a", FIRSTUSE_MUD_HOST, label, 6, 1, 0};
	struct firstuse_mud mud = plain;

	mud.count = 1;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		mud.rules = &bad[i].rule;
		CHECK(is_refused(&mud, bad[i].words));
	}
	memset(label, 'a', 63);
	memcpy(label + 63, ".com", 5);
	mud.rules = &one;
	CHECK(is_taken(&mud));
	memset(label, 'a', 64);
	memcpy(label + 64, ".com", 5);
	CHECK(is_refused(&mud, "full name"));
}

/* As many rules as there may be, each found out by its name; a sink that fails ends it there. */
static void check_bounds(void)
{
	static char names[FIRSTUSE_MUD_RULES_MAX + 1][4];
	static struct firstuse_mud_rule rules[FIRSTUSE_MUD_RULES_MAX + 1];
	struct firstuse_mud mud = plain;
	size_t pieces;

	for (size_t i = 0; i <= FIRSTUSE_MUD_RULES_MAX; i++) {
		names[i][0] = (char)('a' + i / 10);
		names[i][1] = (char)('0' + i % 10);
		rules[i].name = names[i];
		rules[i].peer = FIRSTUSE_MUD_LAN;
		rules[i].protocol = 17;
		rules[i].port = 65535;
	}
	mud.rules = rules;
	mud.count = FIRSTUSE_MUD_RULES_MAX;
	CHECK(is_taken(&mud) && has("\"port\": 65535}") && has("g3-from"));
	pieces = page.pieces;
	mud.count++;
	CHECK(is_refused(&mud, "more than 64"));
	mud.count = (size_t)-1;
	CHECK(is_refused(&mud, "more than 64"));
	mud.count = FIRSTUSE_MUD_RULES_MAX;
	names[63][0] = 'a';
	names[63][1] = '0';
	CHECK(is_refused(&mud, "same name"));
	names[63][0] = 'z';
	for (size_t n = 1; n < pieces; n += 97) {
		const char *wrong = "not touched";

		memset(&page, 0, sizeof(page));
		page.fail_after = n;
		CHECK(firstuse_mud_write(&mud, put, &page, &wrong) == FIRSTUSE_STORAGE);
		CHECK(page.pieces == n + 1 && wrong == NULL);
	}
	CHECK(firstuse_mud_write(&mud, NULL, NULL, NULL) == FIRSTUSE_BAD_CALL);
}

int main(void)
{
	check_options();
	check_urls();
	check_header();
	check_times();
	check_text();
	check_rules();
	check_bad_rules();
	check_bounds();
	return check_end();
}
