/* SPDX-License-Identifier: MIT */
/*
 * contain/mud_read, mud_compile, mud_match against a slow reading of the same JSON (mud_reference.h): on the files of
 * tests/mud, and on thousands of files made of those by mutation. A file is refused with a reason, or the rules say of every
 * drawn packet what the text says of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mud_house.h"
#include "mud_reference.h"

#include "base/text.h"
#include "contain/mud_rules.h"

enum { PACKETS = 20000, MUTANTS = 10000, MUTANT_PACKETS = 300 };

static const char *describe(const struct mud_packet *p)
{
	static char line[300];
	char own[ADDR_TEXT_MAX], peer[ADDR_TEXT_MAX];

	(void)snprintf(line, sizeof line,
		       "%s %s:%u peer %s:%u proto %u flags %02x type %u/%u%s%s time %d",
		       p->direction == MUD_FROM_DEVICE ? "from" : "to", addr_text(&p->own, own),
		       p->own_port, addr_text(&p->peer, peer), p->peer_port, p->protocol,
		       p->tcp_flags, p->icmp_type, p->icmp_code, p->fragment ? " fragment" : "",
		       p->cut ? " cut" : "", (int)p->time_ns);
	return line;
}

/* Returns how many of the packets were accepted; *wrong is the first about which they differ. */
static size_t compare(const char *json, size_t len, const struct mud_profile *profile, size_t n,
		      uint64_t seed, struct mud_packet *wrong, bool *differs)
{
	json_t *file = json_loadb(json, len, 0, NULL);
	struct draw d = draw_from(seed);
	struct mud_ready ready;
	size_t accepted = 0;

	*differs = false;
	assert_non_null(file);
	assert_true(mud_compile(profile, &house, &ready));
	for (size_t i = 0; i < n && !*differs; i++) {
		struct mud_packet p = house_packet(&d);
		enum mud_answer answer = mud_match(&ready, &p).answer;

		accepted += answer == MUD_ACCEPTED;
		if (answer != MUD_KEPT &&
		    (answer == MUD_ACCEPTED) != reference_accepts(file, &house, &p)) {
			*wrong = p;
			*differs = true;
		}
	}
	mud_ready_fini(&ready);
	json_decref(file);
	return accepted;
}

static void files_mean_what_they_say(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < HOUSE_FILES; i++) {
		struct mud_refusal refusal;
		struct mud_profile profile;
		struct mud_packet wrong;
		bool differs;
		size_t len, accepted;
		char *json = house_file(house_files[i], &len);

		if (!mud_read(json, len, &profile, &refusal))
			fail_msg("%s: %s: %s", house_files[i], refusal.where, refusal.why);
		accepted = compare(json, len, &profile, PACKETS, i, &wrong, &differs);
		if (differs)
			fail_msg("%s: the text and the rules differ about %s", house_files[i],
				 describe(&wrong));
		print_message("%s: %zu rules, %zu of %d packets accepted\n", house_files[i],
			      profile.rules_n, accepted, PACKETS);
		assert_in_range(accepted, 20, PACKETS * 3 / 4);
		mud_fini(&profile);
		free(json);
	}
}

/* ---- mutants ------------------------------------------------------------------------------------------------- */

static const char *const words[] = {
	"ipv4",
	"ipv6",
	"tcp",
	"udp",
	"icmp",
	"name",
	"type",
	"aces",
	"ace",
	"matches",
	"actions",
	"forwarding",
	"accept",
	"drop",
	"protocol",
	"source-port",
	"destination-port",
	"lower-port",
	"upper-port",
	"port",
	"operator",
	"eq",
	"neq",
	"lte",
	"gte",
	"ietf-mud:mud",
	"local-networks",
	"my-controller",
	"same-manufacturer",
	"manufacturer",
	"model",
	"controller",
	"ietf-acldns:dst-dnsname",
	"ietf-acldns:src-dnsname",
	"src-dnsname",
	"rebind.maker.example",
	"cloud.maker.example",
	"hub.maker.example",
	"destination-ipv4-network",
	"source-ipv4-network",
	"0.0.0.0/0",
	"192.0.2.0/24",
	"198.51.100.0/33",
	"::/0",
	"2001:db8:5::/48",
	"::ffff:192.0.2.0/120",
	"ipv4-acl-type",
	"ipv6-acl-type",
	"eth-acl-type",
	"from-device",
	"to-device",
	"ietf-mud:direction-initiated",
	"direction-initiated",
	"flags",
	"syn",
	"dscp",
	"from-device-policy",
	"to-device-policy",
	"access-lists",
	"access-list",
	"ietf-access-control-list:acls",
	"ietf-access-control-list:tcp",
	"ietf-access-control-list:access-lists",
	"acl",
	"f4",
	"t4",
	"urn:ietf:params:mud:dns",
	"https://mud.other.example/hub.json",
	"mud.other.example",
	"192.0.2.20",
	"eth",
	"ethertype",
	"l3",
	"l4",
	"permit",
	"x:y",
	"",
	"\x1b[2J\"; drop table",
	"tcp-acl",
	"ipv4-acl",
};

static const char *any_word(struct draw *d)
{
	return words[draw_below(d, sizeof words / sizeof *words)];
}

static json_t *any_value(struct draw *d)
{
	switch (draw_below(d, 10)) {
	case 0:
		return json_null();
	case 1:
		return json_true();
	case 2:
		return json_integer((json_int_t)draw_below(d, 70000) - 2);
	case 3:
		return json_integer((json_int_t)draw_below(d, 20));
	case 4:
		return json_real(6.0);
	case 5:
		return json_pack("[n]");
	case 6:
		return json_object();
	case 7:
		return json_array();
	default:
		return json_string(any_word(d));
	}
}

/* A random container of the tree, and its containers on the way: `from` begins the walk. */
static json_t *any_container(json_t *from, struct draw *d)
{
	json_t *here = from;

	for (;;) {
		json_t *children[64];
		size_t n = 0, i;
		const char *key;
		json_t *value;

		if (json_is_object(here)) {
			json_object_foreach(here, key, value)
			{
				if (n < 64 && (json_is_object(value) || json_is_array(value)))
					children[n++] = value;
			}
		} else {
			json_array_foreach(here, i, value)
			{
				if (n < 64 && (json_is_object(value) || json_is_array(value)))
					children[n++] = value;
			}
		}
		if (n == 0 || draw_below(d, 9) == 0)
			return here;
		here = children[draw_below(d, n)];
	}
}

static const char *any_key(json_t *object, struct draw *d)
{
	size_t at = json_object_size(object) > 0 ? draw_below(d, json_object_size(object)) : 0;
	void *it = json_object_iter(object);

	while (at-- > 0)
		it = json_object_iter_next(object, it);
	return it != NULL ? json_object_iter_key(it) : "";
}

static json_t *copy_of_some(json_t *tree, struct draw *d)
{
	json_t *some = any_container(tree, d);
	char *text = json_dumps(some, JSON_COMPACT);
	json_t *copy = text != NULL && strlen(text) < 4000 ? json_deep_copy(some) : json_null();

	free(text);
	return copy;
}

static void change_object(json_t *tree, json_t *o, struct draw *d)
{
	char key[128];
	json_t *value;

	(void)snprintf(key, sizeof key, "%s", any_key(o, d));
	switch (draw_below(d, 12)) {
	case 0:
		(void)json_object_del(o, key);
		break;
	case 1:
		(void)json_object_set_new(o, key, any_value(d));
		break;
	case 2: /* under another name */
		value = json_incref(json_object_get(o, key));
		(void)json_object_del(o, key);
		if (value != NULL)
			(void)json_object_set_new(o, any_word(d), value);
		break;
	case 3:
		(void)json_object_set_new(o, any_word(d), copy_of_some(tree, d));
		break;
	case 4:
		(void)json_object_set_new(o, any_word(d), any_value(d));
		break;
	default: /* a leaf of the same kind */
		value = json_object_get(o, key);
		if (json_is_integer(value))
			(void)json_integer_set(
				value, house_port(d) % (draw_below(d, 2) != 0 ? 256 : 65536));
		else if (json_is_string(value))
			(void)json_string_set(value, any_word(d));
	}
}

static void change_array(json_t *tree, json_t *a, struct draw *d)
{
	size_t n = json_array_size(a), at = n > 0 ? draw_below(d, n) : 0;

	switch (draw_below(d, 4)) {
	case 0:
		(void)json_array_remove(a, at);
		break;
	case 1:
		(void)json_array_insert_new(
			a, at,
			json_deep_copy(json_array_get(a, draw_below(d, n + 1) % (n + (n == 0)))));
		break;
	case 2: /* another order */
		if (n > 1) {
			json_t *first = json_incref(json_array_get(a, 0));

			(void)json_array_remove(a, 0);
			(void)json_array_insert_new(a, at, first);
		}
		break;
	default:
		(void)json_array_append_new(a, copy_of_some(tree, d));
	}
}

/* As text: bytes, doubled members, brackets without end. */
static void change_text(struct text *t, struct draw *d)
{
	size_t at = t->len > 0 ? draw_below(d, t->len) : 0;
	struct text out = {0};

	switch (draw_below(d, 5)) {
	case 0:
		t->at[at] = (char)draw(d);
		return;
	case 1:
		t->len = at;
		t->at[at] = '\0';
		return;
	case 2: /* a doubled member somewhere */
		text_add(&out, t->at, strcspn(t->at, "{") + 1);
		text_printf(&out, "\"%s\": {}, ", any_word(d));
		text_puts(&out, t->at + strcspn(t->at, "{") + 1);
		break;
	case 3:
		text_add(&out, t->at, at);
		text_repeat(&out, draw_below(d, 2) != 0 ? '[' : '{', draw_below(d, 60000));
		text_puts(&out, t->at + at);
		break;
	default:
		text_add(&out, t->at, at);
		text_repeat(&out, ' ', draw_below(d, 60000));
		text_puts(&out, t->at + at);
	}
	text_fini(t);
	*t = out;
}

static void make_mutant(const char *json, size_t len, struct draw *d, struct text *out)
{
	json_t *tree = json_loadb(json, len, 0, NULL);
	size_t changes = 1 + draw_below(d, 3);
	char *text;

	for (size_t i = 0; i < changes; i++) {
		json_t *c = any_container(tree, d);

		if (json_is_object(c))
			change_object(tree, c, d);
		else
			change_array(tree, c, d);
	}
	text = json_dumps(tree, JSON_COMPACT);
	json_decref(tree);
	text_puts(out, text);
	free(text);
	if (draw_below(d, 8) == 0)
		change_text(out, d);
}

/* What is said of a refused profile is for people: printable, and never empty. */
static void require_plain(const struct mud_refusal *r)
{
	assert_true(r->why[0] != '\0');
	for (const char *s = r->where; *s != '\0'; s++)
		assert_in_range(*s, ' ', '~');
	for (const char *s = r->why; *s != '\0'; s++)
		assert_in_range(*s, ' ', '~');
}

static void mutants_are_refused_or_right(void **unused)
{
	char *files[HOUSE_FILES];
	size_t lens[HOUSE_FILES], taken = 0, accepted = 0;
	struct draw d = draw_from(47);

	(void)unused;
	for (size_t i = 0; i < HOUSE_FILES; i++)
		files[i] = house_file(house_files[i], &lens[i]);
	for (size_t i = 0; i < MUTANTS; i++) {
		struct mud_refusal refusal;
		struct mud_profile profile;
		struct mud_packet wrong;
		struct text mutant = {0};
		bool differs;

		make_mutant(files[i % HOUSE_FILES], lens[i % HOUSE_FILES], &d, &mutant);
		if (!mud_read(text_string(&mutant), mutant.len, &profile, &refusal)) {
			require_plain(&refusal);
			text_fini(&mutant);
			continue;
		}
		taken++;
		accepted += compare(mutant.at, mutant.len, &profile, MUTANT_PACKETS, i, &wrong,
				    &differs);
		if (differs)
			fail_msg("the text and the rules differ about %s:\n%s", describe(&wrong),
				 mutant.at);
		mud_fini(&profile);
		text_fini(&mutant);
	}
	print_message("%zu of %d mutants taken, %zu of their packets accepted\n", taken, MUTANTS,
		      accepted);
	assert_in_range(taken, MUTANTS / 20, MUTANTS * 4 / 5);
	for (size_t i = 0; i < HOUSE_FILES; i++)
		free(files[i]);
}

/* ---- what every host needs ----------------------------------------------------------------------------------- */

static enum mud_answer answer_of(const char *file, struct mud_packet p, const char *own,
				 const char *peer)
{
	struct mud_refusal refusal;
	struct mud_profile profile;
	struct mud_ready ready;
	enum mud_answer answer;
	size_t len;
	char *json = house_file(file, &len);

	p.own = house_addr(own);
	p.peer = house_addr(peer);
	assert_true(mud_read(json, len, &profile, &refusal));
	assert_true(mud_compile(&profile, &house, &ready));
	answer = mud_match(&ready, &p).answer;
	mud_ready_fini(&ready);
	mud_fini(&profile);
	free(json);
	return answer;
}

static void leases_and_neighbours_are_kept(void **unused)
{
	struct mud_packet lease = {
		.protocol = 17, .own_port = 68, .peer_port = 67, .hop_limit = 64};
	struct mud_packet solicit = {.protocol = 58, .icmp_type = 135, .hop_limit = 255};
	struct mud_packet too_big = {
		.direction = MUD_TO_DEVICE, .protocol = 58, .icmp_type = 2, .hop_limit = 60};
	struct mud_packet redirect = {
		.direction = MUD_TO_DEVICE, .protocol = 58, .icmp_type = 137, .hop_limit = 255};
	struct mud_packet advert = {.protocol = 58, .icmp_type = 134, .hop_limit = 255};

	(void)unused;
	assert_int_equal(answer_of("frames", lease, "0.0.0.0", "255.255.255.255"), MUD_KEPT);
	assert_int_equal(answer_of("frames", lease, "192.0.2.50", "192.0.2.1"), MUD_KEPT);
	/* A way out that looks like a lease. */
	assert_int_equal(answer_of("frames", lease, "192.0.2.50", "198.51.100.10"), MUD_OUTSIDE);
	assert_int_equal(answer_of("frames", solicit, "fe80::50", "ff02::1:ff00:1"), MUD_KEPT);
	solicit.hop_limit = 64;
	assert_int_equal(answer_of("frames", solicit, "fe80::50", "ff02::1:ff00:1"), MUD_OUTSIDE);
	assert_int_equal(answer_of("frames", too_big, "2001:db8:1::50", "2001:db8:9::1"), MUD_KEPT);
	assert_int_equal(answer_of("frames", redirect, "2001:db8:1::50", "fe80::1"), MUD_OUTSIDE);
	assert_int_equal(answer_of("frames", advert, "fe80::50", "ff02::1"), MUD_OUTSIDE);
	/* Ends of two families are no packet. */
	assert_int_equal(answer_of("drops", lease, "192.0.2.50", "2001:db8:5::10"), MUD_OUTSIDE);
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
		cmocka_unit_test(files_mean_what_they_say),
		cmocka_unit_test(mutants_are_refused_or_right),
		cmocka_unit_test(leases_and_neighbours_are_kept),
	};

	return cmocka_run_group_tests(tests, build, NULL);
}
