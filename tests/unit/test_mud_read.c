/* SPDX-License-Identifier: MIT */
/*
 * contain/mud_read, mud_compile: what a profile says of itself, each construct that is refused with its place and reason, the
 * bounds, and what names and classes stand for. What the rules mean is compared in test_mud_match.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mud_house.h"

#include "base/text.h"

#define HEAD                                                                                       \
	"\"mud-version\":1,\"mud-url\":\"https://mud.maker.example/x\",\"last-update\":"           \
	"\"2026-11-20T08:30:00Z\",\"is-supported\":true"
#define POLICY ",\"from-device-policy\":{\"access-lists\":{\"access-list\":[{\"name\":\"f\"}]}}"
#define FILE_OF(head, lists)                                                                       \
	"{\"ietf-mud:mud\":{" head "},\"ietf-access-control-list:acls\":{\"acl\":[" lists "]}}"
#define LIST(type, aces) "{\"name\":\"f\",\"type\":\"" type "\",\"aces\":{\"ace\":[" aces "]}}"
#define ACE(matches, forwarding)                                                                   \
	"{\"name\":\"a\",\"matches\":{" matches "},\"actions\":{\"forwarding\":\"" forwarding "\"}}"
#define RULE(matches) FILE_OF(HEAD POLICY, LIST("ipv4-acl-type", ACE(matches, "accept")))
#define RULE6(matches) FILE_OF(HEAD POLICY, LIST("ipv6-acl-type", ACE(matches, "accept")))
#define DROP(matches) FILE_OF(HEAD POLICY, LIST("ipv4-acl-type", ACE(matches, "drop")))
#define PORT(value) RULE("\"tcp\":{\"destination-port\":" value "}")

struct refused {
	const char *json;
	const char *where; /* its end */
	const char *why;   /* in it */
};

static const struct refused refused[] = {
	{"", "", "is not JSON"},
	{"[]", "", "is not an object"},
	{"{\"a\":1,\"a\":2}", "", "is not JSON"},
	{"{\"ietf-mud:mud\":{" HEAD "},\"other\":1}", "other", "is not known here"},
	{"{}", "", "it is no MUD file"},
	{FILE_OF(HEAD, ""), "ietf-mud:mud", "has no policy"},
	{FILE_OF("\"mud-version\":2", ""), "ietf-mud:mud.mud-version", "isn't known"},
	{FILE_OF("\"mud-version\":1" POLICY, ""), "ietf-mud:mud", "has no mud-url"},
	{FILE_OF("\"mud-url\":\"http://a.example/\"", ""), "mud-url", "is not an https URL"},
	{FILE_OF("\"mud-url\":\"https://u@a.example/\"", ""), "mud-url", "is not an https URL"},
	{FILE_OF("\"mud-url\":\"https://[::1]/\"", ""), "mud-url", "is not an https URL"},
	{FILE_OF("\"last-update\":\"yesterday\"", ""), "last-update", "is not a date"},
	{FILE_OF("\"cache-validity\":0", ""), "cache-validity", "1 to 168"},
	{FILE_OF("\"cache-validity\":169", ""), "cache-validity", "0 to 168"},
	{FILE_OF("\"is-supported\":\"yes\"", ""), "is-supported", "neither true nor false"},
	{FILE_OF("\"systeminfo\":7", ""), "systeminfo", "is not a string"},
	{FILE_OF("\"from-devise-policy\":{}", ""), "from-devise-policy", "is not known here"},
	{FILE_OF(HEAD ",\"ietf-mud:mud-version\":1", ""), "mud-version", "is there twice"},
	{FILE_OF(HEAD POLICY, ""), "access-list[0]", "names a list that isn't there"},
	{FILE_OF(HEAD POLICY, LIST("ipv4-acl-type", "") "," LIST("ipv6-acl-type", "")),
	 "acls.acl[1]", "second list of the same name"},
	{FILE_OF(HEAD
		 ",\"from-device-policy\":{\"access-lists\":{\"access-list\":[{\"name\":\"f\"},"
		 "{\"name\":\"f\"}]}}",
		 LIST("ipv4-acl-type", "")),
	 "access-list[1]", "names a list twice"},
	{FILE_OF(HEAD POLICY, LIST("eth-acl-type", "")), "acl[0].type", "only IPv4 and IPv6"},
	{FILE_OF(HEAD POLICY, LIST("ipv4-acl-type", "{\"name\":\"a\",\"matches\":{}}")),
	 "aces.ace[0]", "has no action"},
	{FILE_OF(HEAD POLICY, LIST("ipv4-acl-type", ACE("", "accept") "," ACE("", "accept"))),
	 "ace[1]", "name of another rule"},
	{FILE_OF(HEAD POLICY, LIST("ipv4-acl-type", ACE("", "shape"))), "actions.forwarding",
	 "none of accept"},
	/* Two lists for one family of which one drops. */
	{FILE_OF(HEAD
		 ",\"from-device-policy\":{\"access-lists\":{\"access-list\":[{\"name\":\"f\"},"
		 "{\"name\":\"g\"}]}}",
		 LIST("ipv4-acl-type", ACE("", "drop")) ",{\"name\":\"g\",\"aces\":{\"ace\":[" ACE(
			 "", "accept") "]}}"),
	 "access-list[1]", "which of them comes first"},
	{RULE("\"ipv4\":{\"dscp\":7}"), "matches.ipv4.dscp", "can't be enforced"},
	{RULE("\"ipv4\":{\"ttl\":1}"), "matches.ipv4.ttl", "can't be enforced"},
	{RULE("\"tcp\":{\"flags\":\"syn\"}"), "matches.tcp.flags", "can't be enforced"},
	{RULE("\"udp\":{\"length\":8}"), "matches.udp.length", "can't be enforced"},
	{RULE("\"icmp\":{\"rest-of-header\":\"AA==\"}"), "rest-of-header", "can't be enforced"},
	{RULE6("\"ipv6\":{\"flow-label\":1}"), "flow-label", "can't be enforced"},
	{RULE("\"eth\":{\"source-mac-address\":\"02:00:5e:00:53:01\"}"), "source-mac-address",
	 "can't be enforced"},
	{RULE("\"eth\":{\"ethertype\":\"0x88cc\"}"), "ethertype", "can't be enforced"},
	{RULE("\"ingress-interface\":\"eth0\""), "ingress-interface", "can't be enforced"},
	{RULE("\"sctp\":{}"), "matches.sctp", "is not known here"},
	{RULE("\"ipv4\":{\"vendor:thing\":1}"), "matches.ipv4.vendor:thing", "is not known here"},
	{RULE("\"tcp\":{},\"udp\":{}"), "matches.udp", "a packet is one of them"},
	{RULE("\"ipv4\":{\"protocol\":17},\"tcp\":{}"), "ace[0]", "another protocol"},
	{RULE("\"ipv4\":{\"protocol\":58},\"icmp\":{}"), "ace[0]", "another protocol"},
	{RULE("\"ipv4\":{\"source-port-range\":{\"port\":1}}"), "ace[0]", "ports of neither"},
	{RULE("\"ipv4\":{},\"ipv6\":{}"), "ace[0]", "matches no packet"},
	{RULE("\"ipv6\":{}"), "ace[0]", "matches no packet"},
	{RULE("\"ipv4\":{\"protocol\":256}"), "protocol", "0 to 255"},
	{RULE("\"ipv4\":{\"protocol\":-1}"), "protocol", "0 to 255"},
	{RULE("\"ipv4\":{\"protocol\":6.0}"), "protocol", "0 to 255"},
	{RULE("\"ipv4\":{\"protocol\":\"6\"}"), "protocol", "0 to 255"},
	{RULE("\"ipv4\":{\"destination-ipv4-network\":\"198.51.100.1\"}"), "network",
	 "is not an IPv4 prefix"},
	{RULE("\"ipv4\":{\"destination-ipv4-network\":\"::ffff:198.51.100.0/120\"}"), "network",
	 "is not an IPv4 prefix"},
	{RULE6("\"ipv6\":{\"destination-ipv6-network\":\"::ffff:0:0/96\"}"), "network",
	 "is not an IPv6 prefix"},
	{RULE6("\"ipv6\":{\"destination-ipv6-network\":\"198.51.100.0/24\"}"), "network",
	 "is not an IPv6 prefix"},
	{RULE("\"ipv4\":{\"ietf-acldns:src-dnsname\":\"me.example\"}"), "ace[0]",
	 "names the device itself"},
	{RULE("\"ipv4\":{\"ietf-acldns:dst-dnsname\":\"*.example\"}"), "dst-dnsname",
	 "is not a host's name"},
	{RULE("\"ipv4\":{\"ietf-acldns:dst-dnsname\":\"a..example\"}"), "dst-dnsname",
	 "is not a host's name"},
	{RULE("\"ipv4\":{\"ietf-acldns:dst-dnsname\":\"\"}"), "dst-dnsname",
	 "is not a host's name"},
	{RULE("\"ipv4\":{\"ietf-acldns:dst-dnsname\":\"3.1\"}"), "dst-dnsname",
	 "is not a host's name"},
	{RULE("\"ipv4\":{\"ietf-acldns:dst-dnsname\":\"2001:db8::1\"}"), "ace[0]", "another kind"},
	{RULE("\"ietf-mud:mud\":{\"local-networks\":true}"), "local-networks", "is not [null]"},
	{RULE("\"ietf-mud:mud\":{\"controller\":\"dns\"}"), "controller", "is not a URI"},
	{RULE("\"ietf-mud:mud\":{\"controller\":[\"urn:a\"]}"), "controller", "is not a string"},
	{RULE("\"ietf-mud:mud\":{\"everyone\":[null]}"), "everyone", "is not known here"},
	{RULE("\"ietf-mud:mud\":{\"model\":\"urn:a\",\"manufacturer\":\"a.example\",\"controller\":"
	      "\"urn:a\",\"my-controller\":[null],\"local-networks\":[null]}"),
	 "local-networks", "the fifth condition"},
	{RULE("\"tcp\":{\"ietf-mud:direction-initiated\":\"both\"}"), "direction-initiated",
	 "neither"},
	{RULE("\"udp\":{\"ietf-mud:direction-initiated\":\"from-device\"}"), "direction-initiated",
	 "is not known here"},
	{RULE("\"ietf-mud:direction-initiated\":\"from-device\",\"protocol\":17"), "ace[0]",
	 "says who began"},
	{PORT("{}"), "destination-port", "neither one port"},
	{PORT("{\"lower-port\":1,\"port\":1}"), "destination-port", "neither one port"},
	{PORT("{\"upper-port\":1}"), "destination-port", "neither one port"},
	{PORT("{\"lower-port\":2,\"upper-port\":1}"), "destination-port", "ends before it begins"},
	{PORT("{\"lower-port\":1,\"upper-port\":2,\"operator\":\"neq\"}"), "destination-port",
	 "neither one port"},
	{PORT("{\"port\":65536}"), "destination-port.port", "0 to 65535"},
	{PORT("{\"port\":1,\"operator\":\"lt\"}"), "operator", "none of eq"},
	{DROP("\"ietf-mud:mud\":{\"local-networks\":[null]}"), "ace[0]",
	 "drops by a name or a class"},
	{DROP("\"ipv4\":{\"ietf-acldns:dst-dnsname\":\"a.example\"}"), "ace[0]",
	 "drops by a name or a class"},
	{DROP("\"tcp\":{\"ietf-mud:direction-initiated\":\"from-device\"}"), "ace[0]",
	 "drops by who began"},
	{DROP("\"eth\":{\"ethertype\":\"arp\"}"), "ace[0]", "no device has a network"},
	{RULE("\"eth\":{\"ethertype\":\"arp\"},\"tcp\":{}"), "ace[0]", "aren't IP"},
	/* Hostile keys come out spelt. */
	{"{\"\\u001b[2J\":1}", "\\x1b[2J", "is not known here"},
};

static bool ends_with(const char *s, const char *end)
{
	return strlen(s) >= strlen(end) && strcmp(s + strlen(s) - strlen(end), end) == 0;
}

static void refusals_say_where_and_why(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		const struct refused *r = &refused[i];
		struct mud_refusal said;
		struct mud_profile p;

		if (mud_read(r->json, strlen(r->json), &p, &said))
			fail_msg("taken: %s", r->json);
		if (!ends_with(said.where, r->where) || strstr(said.why, r->why) == NULL)
			fail_msg("%s\nsaid: %s: %s", r->json, said.where, said.why);
		assert_int_equal(p.arena.bytes, 0);
	}
}

static bool reads(const char *json, size_t len, const char *why)
{
	struct mud_refusal said;
	struct mud_profile p;
	bool ok = mud_read(json, len, &p, &said);

	if (ok)
		mud_fini(&p);
	else if (why == NULL || strstr(said.why, why) == NULL)
		fail_msg("%s: %s", said.where, said.why);
	return ok;
}

static void write_rules(struct text *t, int n, const char *name)
{
	text_clear(t);
	text_puts(t, "{\"ietf-mud:mud\":{" HEAD POLICY
		     "},\"ietf-access-control-list:acls\":{\"acl\":[{\"name\":"
		     "\"f\",\"type\":\"ipv4-acl-type\",\"aces\":{\"ace\":[");
	for (int i = 0; i < n; i++)
		text_printf(
			t,
			"%s{\"name\":\"%s%d\",\"matches\":{},\"actions\":{\"forwarding\":\"accept\"}}",
			i > 0 ? "," : "", name, i);
	text_puts(t, "]}}]}}");
}

static void bounds_hold(void **unused)
{
	struct text t = {0};

	(void)unused;
	write_rules(&t, MUD_RULES, "r");
	assert_true(reads(t.at, t.len, NULL));
	write_rules(&t, MUD_RULES + 1, "r");
	assert_false(reads(t.at, t.len, "more than 256 rules"));
	write_rules(&t, 1, "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr");
	assert_false(reads(t.at, t.len, "1 to 64 bytes"));
	write_rules(&t, 1, "r");
	text_repeat(&t, ' ', MUD_FILE_BYTES - t.len);
	assert_true(reads(t.at, t.len, NULL));
	text_puts(&t, " ");
	assert_false(reads(t.at, t.len, "larger than 64 KiB"));
	text_clear(&t);
	text_repeat(&t, '[', MUD_DEPTH + 1);
	assert_false(reads(t.at, t.len, "24 deep"));
	text_clear(&t);
	text_puts(&t, "{\"\\\"");
	text_repeat(&t, '{', 1000); /* in a string they are letters */
	text_puts(&t, "\":1}");
	assert_false(reads(t.at, t.len, "is not known here"));
	text_clear(&t);
	text_puts(&t, "{\"ietf-mud:mud\":{" HEAD ",\"systeminfo\":\"");
	text_repeat(&t, 'x', MUD_STRING + 1);
	text_puts(&t, "\"}}");
	assert_false(reads(t.at, t.len, "512 bytes"));
	text_fini(&t);
}

static struct mud_profile profile_of(const char *file)
{
	struct mud_refusal said;
	struct mud_profile p;
	size_t len;
	char *json = house_file(file, &len);

	if (!mud_read(json, len, &p, &said))
		fail_msg("%s: %s: %s", file, said.where, said.why);
	free(json);
	return p;
}

static void heads_are_read(void **unused)
{
	struct mud_profile p = profile_of("classes");

	(void)unused;
	assert_string_equal(p.url, "https://mud.maker.example/classes.json");
	assert_string_equal(p.authority, "mud.maker.example");
	assert_string_equal(p.signature_url, "https://mud.maker.example/classes.p7s");
	assert_string_equal(p.maker, "Test maker");
	assert_string_equal(p.model, "T-1");
	assert_string_equal(p.firmware, "1.2");
	assert_int_equal(p.cache_hours, 24);
	assert_true(p.supported);
	assert_false(p.draft);
	assert_true(p.last_update_ns == 1795159800LL * 1000000000); /* 2026-11-20T07:30:00Z */
	mud_fini(&p);
	p = profile_of("draft");
	assert_true(p.draft);
	assert_false(p.supported);
	assert_int_equal(p.cache_hours, MUD_CACHE_HOURS);
	assert_true(p.last_update_ns == 1512798774LL * 1000000000);
	assert_string_equal(p.rules[0].list, "d-f4");
	assert_string_equal(p.rules[0].name, "cloud");
	mud_fini(&p);
}

static const struct mud_group *group_of(const struct mud_ready *ready, enum mud_peer_kind kind,
					const char *what)
{
	for (size_t i = 0; i < ready->groups_n; i++) {
		if (ready->groups[i].kind == kind && strcmp(ready->groups[i].what, what) == 0)
			return &ready->groups[i];
	}
	fail_msg("no group %s %s", mud_peer_words[kind], what);
	return NULL;
}

static void names_open_the_internet_alone(void **unused)
{
	struct mud_profile p = profile_of("names");
	struct mud_ready ready;

	(void)unused;
	assert_true(mud_compile(&p, &house, &ready));
	/* Each address once, with its later end. */
	assert_int_equal(group_of(&ready, MUD_NAMED, "cloud.maker.example")->n, 3);
	assert_true(group_of(&ready, MUD_NAMED, "cloud.maker.example")->hosts[0].until_ns ==
			    HOUSE_NOW + 90 ||
		    group_of(&ready, MUD_NAMED, "cloud.maker.example")->hosts[1].until_ns ==
			    HOUSE_NOW + 90);
	assert_int_equal(group_of(&ready, MUD_NAMED, "silent.maker.example")->n, 0);
	assert_int_equal(group_of(&ready, MUD_NAMED, "old.maker.example")->n, 0);
	assert_int_equal(group_of(&ready, MUD_NAMED, "rebind.maker.example")->n, 0);
	assert_int_equal(group_of(&ready, MUD_NAMED, "rebind.maker.example")->rebound, 5);
	assert_int_equal(ready.rebound, 5);
	/* Beside local-networks it may be at home. */
	assert_int_equal(group_of(&ready, MUD_NAMED, "hub.maker.example")->n, 2);
	mud_ready_fini(&ready);
	mud_fini(&p);
}

static void classes_stand_for_whom_they_are_given(void **unused)
{
	struct mud_profile p = profile_of("classes");
	struct mud_ready ready;

	(void)unused;
	assert_true(mud_compile(&p, &house, &ready));
	assert_int_equal(group_of(&ready, MUD_CONTROLLER, "urn:ietf:params:mud:dns")->n, 2);
	assert_int_equal(group_of(&ready, MUD_MY_CONTROLLER, "")->n, 2);
	assert_int_equal(group_of(&ready, MUD_SAME_MANUFACTURER, "")->n, 2);
	assert_int_equal(group_of(&ready, MUD_MANUFACTURER, "mud.other.example")->n, 1);
	assert_int_equal(group_of(&ready, MUD_CONTROLLER, "https://mud.maker.example/class")->n, 0);
	assert_int_equal(ready.nobody, 1);
	mud_ready_fini(&ready);
	mud_fini(&p);
}

/* A name with more addresses than there is room for keeps the first; the others open nothing. */
static void groups_are_bounded(void **unused)
{
	static struct mud_binding many[3 * MUD_GROUP_HOSTS];
	struct mud_place place = house;
	struct mud_profile p = profile_of("camera-2026");
	struct mud_ready ready;

	(void)unused;
	for (size_t i = 0; i < 3 * MUD_GROUP_HOSTS; i++)
		many[i] = (struct mud_binding){"updates.cordon.example",
					       addr_v4(0xcb007100 + (uint32_t)i), HOUSE_NOW + 9};
	place.bindings = many;
	place.bindings_n = 3 * MUD_GROUP_HOSTS;
	assert_true(mud_compile(&p, &place, &ready));
	assert_int_equal(group_of(&ready, MUD_NAMED, "updates.cordon.example")->n, MUD_GROUP_HOSTS);
	assert_int_equal(ready.left_out, 2 * MUD_GROUP_HOSTS);
	mud_ready_fini(&ready);
	mud_fini(&p);
}

static void names_have_one_form(void **unused)
{
	char out[MUD_NAME], tight[4];

	(void)unused;
	assert_true(mud_host_name("Cam_1.Example.", out, sizeof out));
	assert_string_equal(out, "cam_1.example");
	assert_false(mud_host_name("-a.example", out, sizeof out));
	assert_false(mud_host_name("a-.example", out, sizeof out));
	assert_false(mud_host_name(".", out, sizeof out));
	assert_false(mud_host_name("a b", out, sizeof out));
	assert_false(mud_host_name("abcd", tight, sizeof tight));
	assert_true(mud_authority("HTTPS://Mud.Example:8443/a?b#c", out, sizeof out));
	assert_string_equal(out, "mud.example:8443");
	assert_false(mud_authority("https://mud.example:", out, sizeof out));
	assert_false(mud_authority("https://mud.example:123456/", out, sizeof out));
	assert_false(mud_authority("https:///a", out, sizeof out));
	assert_false(mud_authority("https://a.example/ b", out, sizeof out));
	assert_false(mud_authority("https://a.example\\@b.example/", out, sizeof out));
}

static int build(void **unused)
{
	(void)unused;
	house_build();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_say_where_and_why),
		cmocka_unit_test(bounds_hold),
		cmocka_unit_test(heads_are_read),
		cmocka_unit_test(names_open_the_internet_alone),
		cmocka_unit_test(classes_stand_for_whom_they_are_given),
		cmocka_unit_test(groups_are_bounded),
		cmocka_unit_test(names_have_one_form),
	};

	return cmocka_run_group_tests(tests, build, NULL);
}
