/* SPDX-License-Identifier: MIT */
/*
 * verdict/accesses: which login at a service decides, in every order in which logins may come; services without one; and
 * what is known of the device itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "reduced.h"

static struct catalogue known;

enum { ACME_FIXED, ACME_OWN, BOTS, PICTURES };

static int load(void **state)
{
	static const struct small_files files = {
		.makers = "Acme\tmaker\t-\t-\ttest\thigh\nBolt\tmaker\t-\t-\ttest\thigh\n"
			  "Desk\tmaker\tDesk*\t-\ttest\thigh\n",
		.fingerprints = "onvif-model\tLC-*\tAcme\tcamera\t$0\t-\t-\thigh\ttest\n"
				"dhcp-host-name\tDESKTOP-*\tDesk\tpc\t-\t-\t-\tmedium\ttest\n"
				"http-agent\tMozilla*\t-\tpc\t-\t-\t-\tmedium\ttest\n"
				"http-server\tbolt*\tBolt\t-\t-\t-\t-\thigh\ttest\n"
				"dns-name\tcloud.acme.example\tAcme\tcamera\t-\t-\t-\thigh\ttest\n",
		.credentials = "Acme\t-\ttelnet\troot\tlab-fixed\tno\tyes\tno\ttest\thigh\n"
			       "Acme\t-\thttp|onvif\tadmin\tlab-own\tyes\tno\tno\ttest\thigh\n"
			       "-\t-\ttelnet\troot\tlab-bots\tyes\tno\tyes\ttest\thigh\n"
			       "Acme\t-\trtsp\tadmin\tlab-view\tno\tyes\tno\ttest\thigh\n",
		.recalls = "Acme\tLC-13*\tall\tLAB-1\tno-fix\tturn it off\t-\ttest\thigh\n"
			   "Acme\tLC-14*\tall\tLAB-2\tupdate\tupdate it\t2\ttest\thigh\n"};

	small_catalogue(&known, &files);
	*state = &known;
	return 0;
}

static const struct access *access_at(const struct exposed *e, const char *service)
{
	for (size_t i = 0; i < e->accesses_n; i++) {
		if (strcmp(e->accesses[i].service, service) == 0)
			return &e->accesses[i];
	}
	return NULL;
}

static void expect_access(const struct exposed *e, const char *service, enum access_kind kind,
			  bool unchangeable)
{
	const struct access *a = access_at(e, service);

	if (a == NULL)
		fail_msg("no access at %s", service);
	else if (a->kind != kind)
		fail_msg("%s is %s, not %s", service, access_words[a->kind], access_words[kind]);
	else
		assert_int_equal(a->unchangeable, unchangeable);
}

/* A letter for a login by HTTP: factory accepted or refused, own, hidden, wrong. In the order of the packets. */
static void log_in(struct scene *s, struct end e, char what, uint64_t key)
{
	static const struct {
		char what;
		int32_t pair;
		uint8_t outcome;
	} kinds[] = {{'F', ACME_OWN, LOGIN_ACCEPTED},	  {'f', ACME_OWN, LOGIN_REFUSED},
		     {'B', BOTS, LOGIN_ACCEPTED},	  {'O', PAIR_OWN, LOGIN_ACCEPTED},
		     {'H', PAIR_UNKNOWN, LOGIN_ACCEPTED}, {'o', PAIR_OWN, LOGIN_REFUSED},
		     {'u', ACME_OWN, LOGIN_UNANSWERED}};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct login_fact l;

		if (kinds[i].what != what)
			continue;
		l = login_at(s, e, PROTO_http_id, kinds[i].pair, key);
		l.outcome = kinds[i].outcome;
		l.port = 80;
		l.last_ns = (int64_t)key;
		l.client = addr_v4(0xc0a80140 + (uint32_t)key);
		logs_in(s, l);
	}
}

static void test_the_last_that_tells(void **state)
{
	static const struct {
		const char *logins;
		int kind;	/* -1: no access at all */
		uint64_t shown; /* packet */
	} cases[] = {{"F", ACCESS_FACTORY, 100},
		     {"O", ACCESS_OWN, 100},
		     {"H", ACCESS_HIDDEN, 100},
		     {"f", -1, 0},
		     {"o", -1, 0},
		     {"u", -1, 0},
		     {"FO", ACCESS_OWN, 101},
		     {"OF", ACCESS_FACTORY, 101},
		     {"FfO", ACCESS_OWN, 102},
		     {"FOf", ACCESS_OWN, 101},
		     {"Of", ACCESS_OWN, 100},
		     {"Ff", ACCESS_NONE, 101},
		     {"FfF", ACCESS_FACTORY, 102},
		     {"FOfF", ACCESS_FACTORY, 103},
		     {"FH", ACCESS_FACTORY, 100},
		     {"OH", ACCESS_OWN, 100},
		     {"HF", ACCESS_FACTORY, 101},
		     {"HO", ACCESS_OWN, 101},
		     {"FfH", ACCESS_HIDDEN, 102},
		     {"BFf", ACCESS_FACTORY, 100},
		     {"fO", ACCESS_OWN, 101},
		     {"OoOf", ACCESS_OWN, 102}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct scene *s = scene_listening(&known);
		struct end e = settle(s, 30);
		const struct access *a;
		struct reduced r;

		for (size_t k = 0; cases[i].logins[k] != '\0'; k++)
			log_in(s, e, cases[i].logins[k], 100 + k);
		reduce(&r, s, &known, false);
		a = access_at(exposed_of(&r, e), "http/80");
		if ((a == NULL ? -1 : (int)a->kind) != cases[i].kind)
			fail_msg("\"%s\" is %s", cases[i].logins,
				 a == NULL ? "nothing" : access_words[a->kind]);
		if (a != NULL) {
			assert_int_equal(a->where.packet, cases[i].shown);
			assert_int_equal(a->time_ns, cases[i].shown);
		}
		reduced_fini(&r);
		scene_free(s);
	}
}

/* The same login again is one fact: that it was used last counts, not when it was used first. */
static void test_used_again(void **state)
{
	struct scene *s = scene_listening(&known);
	struct end e = settle(s, 30);
	struct login_fact l = login_at(s, e, PROTO_http_id, ACME_OWN, 100);
	struct reduced r;

	(void)state;
	logs_in(s, l);
	logs_in(s, login_at(s, e, PROTO_http_id, PAIR_OWN, 110));
	l.tried_key = 119;
	l.answer_key = l.last_key = 120;
	logs_in(s, l);
	reduce(&r, s, &known, false);
	expect_access(exposed_of(&r, e), "http/23", ACCESS_FACTORY, false);
	assert_int_equal(access_at(exposed_of(&r, e), "http/23")->where.packet, 120);
	reduced_fini(&r);
	scene_free(s);
}

/* What was accepted by IPv4 and then by IPv6 is one service. */
static void test_both_addresses(void **state)
{
	struct scene *s = scene_listening(&known);
	struct end e = settle(s, 30), six = e;
	struct login_fact l;
	struct reduced r;

	(void)state;
	assert_true(addr_parse("fd00::30", &six.addr));
	scene_send(s, make_udp(six, home(1, 53), NULL, 0));
	l = login_at(s, e, PROTO_http_id, ACME_OWN, 100);
	logs_in(s, l);
	l = login_at(s, six, PROTO_http_id, PAIR_OWN, 101);
	l.server = six.addr;
	logs_in(s, l);
	reduce(&r, s, &known, false);
	assert_int_equal(exposed_of(&r, e)->accesses_n, 1);
	expect_access(exposed_of(&r, e), "http/23", ACCESS_OWN, false);
	reduced_fini(&r);
	scene_free(s);
}

/* A service that is offered, and its maker's password known: of which port, under which name, and whether it is fixed. */
static void test_offered(void **state)
{
	struct scene *s = scene_listening(&known);
	struct end e = settle(s, 30);
	const struct exposed *x;
	struct reduced r;

	(void)state;
	tells(s, e, SIGNAL_onvif_model, "LC-1", 5);
	tells_on(s, e, SIGNAL_service, PROTO_http_id, 80, "http", 6);
	tells_on(s, e, SIGNAL_service, PROTO_onvif_id, 80, "onvif", 7);
	tells_on(s, e, SIGNAL_service, PROTO_telnet_id, 2323, "telnet", 8);
	tells_on(s, e, SIGNAL_accepted, PROTO_NONE_ID, 554, "tcp", 9);
	tells_on(s, e, SIGNAL_reached, PROTO_NONE_ID, 4444, "tcp", 9);
	tells_on(s, e, SIGNAL_service, PROTO_ssh_id, 22, "ssh", 10);
	reduce(&r, s, &known, false);
	x = exposed_of(&r, e);
	assert_int_equal(x->accesses_n, 3);
	assert_string_equal(x->accesses[0].service, "http/80");
	expect_access(x, "http/80", ACCESS_NONE, false);
	expect_access(x, "telnet/2323", ACCESS_NONE, true);
	expect_access(x, "rtsp/554", ACCESS_NONE, false); /* fixed there too, but not of telnet */
	assert_int_equal(x->accesses[1].time_ns, 0);
	assert_true(x->known && x->thing && !x->unfixable);
	reduced_fini(&r);
	scene_free(s);
}

/* Another maker's passwords are nothing to it. */
static void test_offered_by_another(void **state)
{
	struct scene *s = scene_listening(&known);
	struct end e = settle(s, 30);
	struct reduced r;

	(void)state;
	tells(s, e, SIGNAL_http_server, "bolt", 5);
	tells_on(s, e, SIGNAL_service, PROTO_http_id, 80, "http", 6);
	tells_on(s, e, SIGNAL_service, PROTO_tls_id, 443, "tls", 6);
	reduce(&r, s, &known, false);
	assert_int_equal(exposed_of(&r, e)->accesses_n, 0);
	reduced_fini(&r);
	scene_free(s);
}

static void test_inside_tls(void **state)
{
	(void)state;
	for (int clear = 0; clear < 2; clear++) {
		struct scene *s = scene_listening(&known);
		struct end e = settle(s, 30);
		struct reduced r;

		tells(s, e, SIGNAL_onvif_model, "LC-1", 5);
		tells_on(s, e, SIGNAL_service, PROTO_tls_id, 443, "tls", 6);
		tells_on(s, e, SIGNAL_service, PROTO_tls_id, 8883, "tls", 6);
		if (clear == 1)
			tells_on(s, e, SIGNAL_service, PROTO_http_id, 8080, "http", 7);
		reduce(&r, s, &known, false);
		assert_int_equal(exposed_of(&r, e)->accesses_n, 1);
		if (clear == 1)
			expect_access(exposed_of(&r, e), "http/8080", ACCESS_NONE, false);
		else
			expect_access(exposed_of(&r, e), "tls/443", ACCESS_HIDDEN, false);
		reduced_fini(&r);
		scene_free(s);
	}
}

/* The fixed password of telnet stays a reason though somebody logged in with another: its account is still there. */
static void test_unchangeable(void **state)
{
	static const struct {
		int32_t pair;
		enum access_kind kind;
		bool unchangeable;
	} cases[] = {{ACME_FIXED, ACCESS_FACTORY, true},
		     {BOTS, ACCESS_FACTORY, true},
		     {PAIR_UNKNOWN, ACCESS_HIDDEN, true},
		     {PAIR_OWN, ACCESS_OWN, true}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct scene *s = scene_listening(&known);
		struct end e = settle(s, 30);
		struct reduced r;

		tells(s, e, SIGNAL_onvif_model, "LC-1", 5);
		tells_on(s, e, SIGNAL_service, PROTO_telnet_id, 23, "telnet", 6);
		logs_in(s, login_at(s, e, PROTO_telnet_id, cases[i].pair, 77));
		reduce(&r, s, &known, false);
		expect_access(exposed_of(&r, e), "telnet/23", cases[i].kind, cases[i].unchangeable);
		reduced_fini(&r);
		scene_free(s);
	}
}

static void test_recalled(void **state)
{
	static const struct {
		const char *model;
		bool unfixable;
	} cases[] = {{"LC-13", true}, {"LC-14", false}, {"LC-15", false}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct scene *s = scene_listening(&known);
		struct end e = settle(s, 30);
		struct reduced r;

		tells(s, e, SIGNAL_onvif_model, cases[i].model, 5);
		reduce(&r, s, &known, false);
		assert_int_equal(exposed_of(&r, e)->unfixable, cases[i].unfixable);
		reduced_fini(&r);
		scene_free(s);
	}
}

/* What a device is must be told by itself; and nobody is a computer by a browser's name alone. */
static void test_what_it_is(void **state)
{
	static const struct {
		enum signal signal;
		const char *value;
		bool known;
		bool thing; /* as the model says it */
	} cases[] = {{SIGNAL_onvif_model, "LC-1", true, true},
		     {SIGNAL_dhcp_host_name, "DESKTOP-1", true, false},
		     {SIGNAL_http_agent, "Mozilla/5.0", false, false},
		     {SIGNAL_dns_name, "cloud.acme.example", false, true},
		     {SIGNAL_http_server, "bolt 1", true, true}, /* it makes no computers */
		     {SIGNAL_http_title, "page", false, false}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct scene *s = scene_listening(&known);
		struct end e = settle(s, 30);
		struct device d = {.id = "x"};
		struct reduced r;

		tells(s, e, cases[i].signal, cases[i].value, 5);
		reduce(&r, s, &known, false);
		write_profile(&d, profile_of(&r, e), exposed_of(&r, e), &r.arena);
		if (d.known != cases[i].known || d.thing != cases[i].thing)
			fail_msg("\"%s\": %sknown, %sthing", cases[i].value, d.known ? "" : "not ",
				 d.thing ? "" : "no ");
		reduced_fini(&r);
		scene_free(s);
	}
}

/* It serves telnet: whatever else it says, or does not. */
static void test_served(void **state)
{
	struct scene *s = scene_listening(&known);
	struct end e = settle(s, 30);
	struct reduced r;

	(void)state;
	tells_on(s, e, SIGNAL_service, PROTO_telnet_id, 23, "telnet", 6);
	reduce(&r, s, &known, false);
	assert_true(exposed_of(&r, e)->known && exposed_of(&r, e)->thing);
	assert_int_equal(exposed_of(&r, e)->accesses_n, 0);
	reduced_fini(&r);
	scene_free(s);
}

static void test_bounded(void **state)
{
	struct scene *s = scene_listening(&known);
	struct end e = settle(s, 30);
	struct reduced r;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		struct login_fact l = login_at(s, e, PROTO_http_id, PAIR_OWN, 100 + i);

		l.port = (uint16_t)(1000 + i);
		logs_in(s, l);
	}
	reduce(&r, s, &known, false);
	assert_in_range(exposed_of(&r, e)->accesses_n, 16, 32);
	reduced_fini(&r);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_last_that_tells),
					   cmocka_unit_test(test_used_again),
					   cmocka_unit_test(test_both_addresses),
					   cmocka_unit_test(test_offered),
					   cmocka_unit_test(test_offered_by_another),
					   cmocka_unit_test(test_inside_tls),
					   cmocka_unit_test(test_unchangeable),
					   cmocka_unit_test(test_recalled),
					   cmocka_unit_test(test_what_it_is),
					   cmocka_unit_test(test_served),
					   cmocka_unit_test(test_bounded)};

	return cmocka_run_group_tests_name("accesses", tests, load, small_catalogue_fini);
}
