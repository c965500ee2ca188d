/* SPDX-License-Identifier: MIT */
/*
 * verdict/exposures: each kind from what a device told and from logins at it; what is masked; whose password it was; and
 * what verdict_of() makes of exposures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "reduced.h"
#include "verdict/verdict.h"

static struct catalogue known;

enum { ACME_FIXED, ACME_OWN, BOTS, EMPTY, COMMUNITY, BOLT };

static int load(void **state)
{
	static const struct small_files files = {
		.makers = "Acme\tmaker\t-\t-\ttest\thigh\nBolt\tmaker\t-\t-\ttest\thigh\n",
		.products = "Acme\t*\tcamera\t-\tgeneral step\ttest\thigh\n"
			    "Acme\tLC-9\tcamera\t-\tfirst step | second step\ttest\thigh\n",
		.fingerprints = "onvif-model\tLC-*\tAcme\tcamera\t$0\t-\t-\thigh\ttest\n"
				"onvif-model\tPC-*\tBolt\tpc\t$0\t-\t-\thigh\ttest\n"
				"http-server\tbolt*\tBolt\t-\t-\t-\t-\thigh\ttest\n",
		.credentials = "Acme\t-\ttelnet\troot\tlab-fixed\tno\tyes\tno\ttest\thigh\n"
			       "Acme\t-\thttp\tadmin\tlab-own\tyes\tno\tno\ttest\thigh\n"
			       "-\t-\ttelnet\troot\tlab-bots\tunknown\tno\tyes\ttest\thigh\n"
			       "-\t-\thttp\tguest\t<empty>\t-\tno\tno\ttest\thigh\n"
			       "-\t-\tsnmp\t-\tlab-public\tyes\tno\tno\ttest\thigh\n"
			       "Bolt\t-\thttp\tadmin\tlab-own\tyes\tno\tyes\ttest\thigh\n"};

	small_catalogue(&known, &files);
	*state = &known;
	return 0;
}

static void expect_exposure(const struct exposed *e, size_t i, enum exposure_kind kind,
			    const char *service, const char *detail, uint64_t packet)
{
	assert_true(i < e->n);
	assert_int_equal(e->list[i].kind, kind);
	if (service == NULL)
		assert_null(e->list[i].service);
	else
		assert_string_equal(e->list[i].service, service);
	if (strstr(e->list[i].detail, detail) == NULL)
		fail_msg("\"%s\" does not hold \"%s\"", e->list[i].detail, detail);
	assert_int_equal(e->list[i].where.packet, packet);
}

static void test_masks(void **state)
{
	static const char *const cases[][2] = {{"", "(empty)"},	    {"a", "…"},
					       {"ab", "…"},	    {"abc", "a…c"},
					       {"lab-pass", "l…s"}, {"123456789", "1…9"}};
	struct arena a = {.failed = false};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(secret_mask(&a, cases[i][0]), cases[i][1]);
	arena_fini(&a);
}

/* Whose pair it is depends on whose device it is: the same pair stands there twice. */
static void test_factory_passwords(void **state)
{
	static const struct {
		const char *server; /* http-server, which names Bolt, or nothing */
		const char *model;
		int32_t pair;
		const char *masked;
		const char *shown;
	} cases[] = {{NULL, "LC-1", ACME_OWN,
		      "admin / l…n (this maker's factory password) accepted from 203.0.113.9",
		      "admin / lab-own (this"},
		     {"bolt 1", NULL, ACME_OWN,
		      "admin / l…n (this maker's factory password, known to bots)",
		      "admin / lab-own (this"},
		     {NULL, NULL, ACME_FIXED, "root / l…d (a factory password of other makers)",
		      "root / lab-fixed ("},
		     {NULL, "LC-1", BOTS, "root / l…s (a factory password known to bots)",
		      "root / lab-bots ("},
		     {NULL, NULL, ACME_OWN, "admin / l…n (a factory password known to bots)",
		      "admin / lab-own ("},
		     {NULL, NULL, EMPTY, "guest / (empty) (", "guest / (empty) ("},
		     {NULL, NULL, COMMUNITY,
		      "community string lab-public (a default that everybody tries) answers "
		      "203.0.113.9",
		      "community string lab-public ("}};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
		bool show = i % 2 == 1;
		struct scene *s = scene_listening(&known);
		struct end e = settle(s, 30);
		struct login_fact l = login_at(s, e, PROTO_telnet_id, cases[i / 2].pair, 77);
		struct reduced r;

		if (cases[i / 2].server != NULL)
			tells(s, e, SIGNAL_http_server, cases[i / 2].server, 5);
		if (cases[i / 2].model != NULL)
			tells(s, e, SIGNAL_onvif_model, cases[i / 2].model, 6);
		l.no_user = l.community = cases[i / 2].pair == COMMUNITY;
		logs_in(s, l);
		reduce(&r, s, &known, show);
		/* Every entry with the fixed pair says that it can't be changed: so it is on any device. */
		assert_int_equal(exposed_of(&r, e)->n, cases[i / 2].pair == ACME_FIXED ? 2 : 1);
		expect_exposure(exposed_of(&r, e), 0, EXPOSURE_FACTORY_PASSWORD, "telnet/23",
				show ? cases[i / 2].shown : cases[i / 2].masked, 77);
		assert_false(exposed_of(&r, e)->list[0].inferred);
		reduced_fini(&r);
		scene_free(s);
	}
}

static void test_no_factory_password(void **state)
{
	struct scene *s = scene_listening(&known);
	struct end e = settle(s, 30);
	struct login_fact refused = login_at(s, e, PROTO_http_id, ACME_OWN, 70);
	struct login_fact unanswered = refused, elsewhere = refused;
	struct reduced r;

	(void)state;
	refused.outcome = LOGIN_REFUSED;
	unanswered.outcome = LOGIN_UNANSWERED;
	elsewhere.server = addr_v4(0xcb007150);
	elsewhere.server_ours = false;
	logs_in(s, refused);
	logs_in(s, unanswered);
	logs_in(s, elsewhere);
	logs_in(s, login_at(s, e, PROTO_http_id, PAIR_OWN, 71));
	logs_in(s, login_at(s, e, PROTO_http_id, PAIR_UNKNOWN, 72));
	reduce(&r, s, &known, true);
	assert_int_equal(exposed_of(&r, e)->n, 0);
	reduced_fini(&r);
	scene_free(s);
}

/* A hundred bots with one pair are one exposure, and crowd nothing out. */
static void test_many_clients(void **state)
{
	struct scene *s = scene_listening(&known);
	struct end e = settle(s, 30);
	struct reduced r;

	(void)state;
	tells(s, e, SIGNAL_onvif_model, "LC-1", 5);
	for (unsigned i = 0; i < 50; i++) {
		struct login_fact l = login_at(s, e, PROTO_telnet_id, ACME_FIXED, 100 + i);

		l.client = addr_v4(0xcb007100 + i);
		l.cleartext = true;
		logs_in(s, l);
	}
	tells_on(s, e, SIGNAL_service, PROTO_telnet_id, 23, "telnet", 200);
	reduce(&r, s, &known, false);
	assert_int_equal(exposed_of(&r, e)->n, 4);
	expect_exposure(exposed_of(&r, e), 0, EXPOSURE_FACTORY_PASSWORD, "telnet/23",
			"from 203.0.113.0", 100);
	expect_exposure(exposed_of(&r, e), 1, EXPOSURE_UNCHANGEABLE_PASSWORD, "telnet/23",
			"can't change it", 100);
	expect_exposure(exposed_of(&r, e), 2, EXPOSURE_OPEN_TELNET, "telnet/23", "answers telnet",
			200);
	expect_exposure(exposed_of(&r, e), 3, EXPOSURE_CLEARTEXT_LOGIN, "telnet/23", "in clear",
			100);
	assert_false(exposed_of(&r, e)->list[1].inferred);
	reduced_fini(&r);
	scene_free(s);
}

/* Telnet answers, and the maker's password there is fixed: inferred until somebody was seen to use it. */
static void test_unchangeable_is_inferred(void **state)
{
	(void)state;
	for (int acme = 0; acme < 2; acme++) {
		struct scene *s = scene_listening(&known);
		struct end e = settle(s, 30);
		struct reduced r;

		tells(s, e, acme == 1 ? SIGNAL_onvif_model : SIGNAL_http_server,
		      acme == 1 ? "LC-1" : "bolt", 5);
		tells_on(s, e, SIGNAL_service, PROTO_telnet_id, 2323, "telnet", 9);
		reduce(&r, s, &known, false);
		assert_int_equal(exposed_of(&r, e)->n, 1 + (size_t)acme);
		if (acme == 1)
			expect_exposure(exposed_of(&r, e), 0, EXPOSURE_UNCHANGEABLE_PASSWORD,
					"telnet/2323", "devices of this maker", 9);
		assert_int_equal(exposed_of(&r, e)->list[0].inferred, acme);
		expect_exposure(exposed_of(&r, e), (size_t)acme, EXPOSURE_OPEN_TELNET,
				"telnet/2323", "telnet", 9);
		reduced_fini(&r);
		scene_free(s);
	}
}

static void test_reached(void **state)
{
	struct scene *s = scene_listening(&known);
	struct end e = settle(s, 30);
	struct reduced r;

	(void)state;
	tells_on(s, e, SIGNAL_reached, PROTO_NONE_ID, 80, "tcp", 5);
	tells_on(s, e, SIGNAL_reached, PROTO_http_id, 80, "http", 6); /* the same, by its name */
	tells_on(s, e, SIGNAL_reached, PROTO_NONE_ID, 9999, "tcp", 7);
	tells_on(s, e, SIGNAL_accepted, PROTO_NONE_ID, 81, "tcp", 8); /* from home: its job */
	reduce(&r, s, &known, false);
	assert_int_equal(exposed_of(&r, e)->n, 2);
	expect_exposure(exposed_of(&r, e), 0, EXPOSURE_INTERNET_REACHABLE, "http/80",
			"from 203.0.113.9", 6);
	expect_exposure(exposed_of(&r, e), 1, EXPOSURE_INTERNET_REACHABLE, "tcp/9999", "Internet",
			7);
	reduced_fini(&r);
	scene_free(s);
}

/* The last word counts, in either protocol; what is absent says nothing. */
/* Another stranger's talk lies in another lane, which knows nothing of the first. */
static void tells_another(struct scene *s, struct end e, enum signal signal, uint64_t key)
{
	struct subject who = {
		.addr = e.addr, .mac = world_mac_find(&s->world, &e.mac), .ours = true};

	assert_non_null(facts_add(&s->listeners->lane[1].facts, &who,
				  &(struct saying){.peer = addr_v4(0xcb00710a),
						   .value = bytes_of("telnet"),
						   .key = key,
						   .signal = signal,
						   .port = 23,
						   .proto = PROTO_telnet_id}));
}

/* One door is one exposure, however many came through it. */
static void test_doors_are_told_once(void **state)
{
	struct scene *s = scene_listening(&known);
	struct end e = settle(s, 30);
	struct reduced r;

	(void)state;
	tells_another(s, e, SIGNAL_service, 5);
	tells_another(s, e, SIGNAL_reached, 5);
	tells_on(s, e, SIGNAL_service, PROTO_telnet_id, 23, "telnet", 9);
	tells_on(s, e, SIGNAL_reached, PROTO_telnet_id, 23, "telnet", 9);
	reduce(&r, s, &known, false);
	assert_int_equal(exposed_of(&r, e)->n, 2);
	expect_exposure(exposed_of(&r, e), 0, EXPOSURE_OPEN_TELNET, "telnet/23", "telnet", 5);
	expect_exposure(exposed_of(&r, e), 1, EXPOSURE_INTERNET_REACHABLE, "telnet/23",
			"from 203.0.113.10", 5);
	reduced_fini(&r);
	scene_free(s);
}

static void test_activation(void **state)
{
	static const struct {
		enum signal signal;
		const char *first, *last;
		size_t n;
	} cases[] = {{SIGNAL_sadp_activated, "true", "false", 1},
		     {SIGNAL_sadp_activated, "false", "true", 0},
		     {SIGNAL_sadp_activated, "false", "absent", 0},
		     {SIGNAL_dahua_init, "166", "405", 1},
		     {SIGNAL_dahua_init, "405", "406", 0},
		     {SIGNAL_dahua_init, "1", "absent", 0},
		     {SIGNAL_dahua_init, "405", "0", 0}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct scene *s = scene_listening(&known);
		struct end e = settle(s, 30);
		struct reduced r;

		tells_on(s, e, cases[i].signal, PROTO_sadp_id, 0, cases[i].first, 5);
		tells_on(s, e, cases[i].signal, PROTO_sadp_id, 0, cases[i].last, 9);
		reduce(&r, s, &known, false);
		assert_int_equal(exposed_of(&r, e)->n, cases[i].n);
		if (cases[i].n > 0)
			expect_exposure(exposed_of(&r, e), 0, EXPOSURE_NOT_ACTIVATED, "sadp",
					"no password has been set", 9);
		reduced_fini(&r);
		scene_free(s);
	}
}

/* A forwarded port is the exposure of the device that it leads to. */
static void test_port_mappings(void **state)
{
	struct scene *s = scene_listening(&known);
	struct end asker = settle(s, 30), target = settle(s, 31);
	struct reduced r;

	(void)state;
	tells_on(s, asker, SIGNAL_port_mapping, PROTO_igd_id, 0, "tcp 8080 to 192.168.1.31:80", 5);
	tells_on(s, asker, SIGNAL_port_mapping, PROTO_igd_id, 0, "tcp 8081 to 192.168.1.99:80", 6);
	tells_on(s, asker, SIGNAL_port_mapping, PROTO_pcp_id, 0, "udp 500", 7);
	tells_on(s, asker, SIGNAL_mapping_asked, PROTO_pcp_id, 0, "udp 501", 8);
	reduce(&r, s, &known, false);
	assert_int_equal(exposed_of(&r, target)->n, 1);
	expect_exposure(exposed_of(&r, target), 0, EXPOSURE_PORT_MAPPING, "igd", "192.168.1.31:80",
			5);
	assert_int_equal(exposed_of(&r, asker)->n, 2);
	expect_exposure(exposed_of(&r, asker), 1, EXPOSURE_PORT_MAPPING, "pcp", "udp 500", 7);
	reduced_fini(&r);
	scene_free(s);
}

static void test_found_on_the_internet(void **state)
{
	struct scene *s = scene_listening(&known);
	struct reduced r;
	const struct exposed *e;

	(void)state;
	settle(s, 30);
	tells_on(s, stranger_at("203.0.113.80", 0), SIGNAL_beacon, PROTO_dahua_id, 0, "dahua", 5);
	reduce(&r, s, &known, false);
	e = &r.exposed[device_named(&r, "ip:203.0.113.80")];
	assert_int_equal(e->n, 1);
	expect_exposure(e, 0, EXPOSURE_INTERNET_REACHABLE, "dahua", "discovery", 5);
	assert_true(e->thing);
	reduced_fini(&r);
	scene_free(s);
}

static void test_things_and_steps(void **state)
{
	struct scene *s = scene_listening(&known);
	struct end e[5];
	struct reduced r;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		e[i] = settle(s, 30 + i);
	tells(s, e[0], SIGNAL_onvif_model, "LC-9", 1);
	tells_on(s, e[0], SIGNAL_service, PROTO_telnet_id, 23, "telnet", 1);
	tells(s, e[1], SIGNAL_onvif_model, "LC-1", 2);
	tells_on(s, e[1], SIGNAL_service, PROTO_telnet_id, 23, "telnet", 2);
	tells(s, e[2], SIGNAL_onvif_model, "PC-1", 3);
	tells_on(s, e[2], SIGNAL_service, PROTO_rtsp_id, 554, "rtsp", 3);
	tells_on(s, e[3], SIGNAL_service, PROTO_rtsp_id, 554, "rtsp", 4);
	tells_on(s, e[4], SIGNAL_service, PROTO_http_id, 80, "http", 5);
	reduce(&r, s, &known, false);
	assert_int_equal(exposed_of(&r, e[0])->steps_n, 2);
	assert_string_equal(exposed_of(&r, e[0])->steps[1], "second step");
	assert_int_equal(exposed_of(&r, e[1])->steps_n, 1);
	assert_string_equal(exposed_of(&r, e[1])->steps[0], "general step");
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(exposed_of(&r, e[i])->thing, i == 0 || i == 1 || i == 3);
	reduced_fini(&r);
	scene_free(s);
}

/* ---- the verdict ------------------------------------------------------------------------------------------------- */

static void test_verdicts(void **state)
{
	static const struct {
		bool thing;
		enum backing backing;
		struct exposure list[2];
		size_t n;
		enum verdict verdict;
		enum confidence confidence;
	} cases[] = {{false,
		      BACKING_MAC,
		      {{.kind = EXPOSURE_FACTORY_PASSWORD}},
		      1,
		      VERDICT_EXPOSED,
		      CONFIDENCE_SURE},
		     {false,
		      BACKING_ADDRESS,
		      {{.kind = EXPOSURE_FACTORY_PASSWORD}},
		      1,
		      VERDICT_EXPOSED,
		      CONFIDENCE_LIKELY},
		     {false,
		      BACKING_MAC,
		      {{.kind = EXPOSURE_OPEN_TELNET}},
		      1,
		      VERDICT_EXPOSED,
		      CONFIDENCE_LIKELY},
		     {false,
		      BACKING_MAC,
		      {{.kind = EXPOSURE_UNCHANGEABLE_PASSWORD, .inferred = true}},
		      1,
		      VERDICT_EXPOSED,
		      CONFIDENCE_POSSIBLE},
		     {false,
		      BACKING_MAC,
		      {{.kind = EXPOSURE_RECALLED, .inferred = true}},
		      1,
		      VERDICT_EXPOSED,
		      CONFIDENCE_LIKELY},
		     {false,
		      BACKING_MAC,
		      {{.kind = EXPOSURE_OUTDATED_FIRMWARE, .inferred = true}},
		      1,
		      VERDICT_EXPOSED,
		      CONFIDENCE_POSSIBLE},
		     {true,
		      BACKING_MAC,
		      {{.kind = EXPOSURE_INTERNET_REACHABLE}},
		      1,
		      VERDICT_EXPOSED,
		      CONFIDENCE_POSSIBLE},
		     {false,
		      BACKING_MAC,
		      {{.kind = EXPOSURE_INTERNET_REACHABLE}},
		      1,
		      VERDICT_CLEAR,
		      CONFIDENCE_LIKELY},
		     {false,
		      BACKING_MAC,
		      {{.kind = EXPOSURE_PORT_MAPPING}, {.kind = EXPOSURE_CLEARTEXT_LOGIN}},
		      2,
		      VERDICT_CLEAR,
		      CONFIDENCE_LIKELY},
		     {true,
		      BACKING_MAC,
		      {{.kind = EXPOSURE_CLEARTEXT_LOGIN}},
		      1,
		      VERDICT_EXPOSED,
		      CONFIDENCE_POSSIBLE},
		     {true,
		      BACKING_MAC,
		      {{.kind = EXPOSURE_OUTDATED_FIRMWARE}},
		      0,
		      VERDICT_CLEAR,
		      CONFIDENCE_LIKELY}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		static const char *const steps[] = {"of this very model"};
		struct accused a = {.local = true,
				    .judged = true,
				    .two_way = true,
				    .thing = cases[i].thing,
				    .backing = cases[i].backing,
				    .exposures = cases[i].list,
				    .exposures_n = cases[i].n,
				    .model_steps = steps,
				    .model_steps_n = 1};
		struct ruling r = verdict_of(&a, NULL, 0);

		if (r.verdict != cases[i].verdict || r.confidence != cases[i].confidence)
			fail_msg("case %zu: verdict %d, confidence %d", i, r.verdict, r.confidence);
		assert_int_equal(r.why != NULL, r.verdict == VERDICT_EXPOSED);
		assert_string_equal(r.steps[0], "of this very model");
		assert_int_equal(r.steps_n, 1 + cases[i].n);
	}
}

/* Each kind's advice once; an infection's own steps say what these kinds would. */
static void test_steps(void **state)
{
	static const struct exposure list[] = {{.kind = EXPOSURE_FACTORY_PASSWORD},
					       {.kind = EXPOSURE_FACTORY_PASSWORD},
					       {.kind = EXPOSURE_INTERNET_REACHABLE},
					       {.kind = EXPOSURE_PORT_MAPPING}};
	static const struct finding proof = {
		.weight = WEIGHT_PROOF, .act = ACT_SCANNING, .code = "C-1"};
	const struct finding *findings[] = {&proof};
	struct accused a = {.local = true,
			    .judged = true,
			    .backing = BACKING_TWO_WAY,
			    .exposures = list,
			    .exposures_n = 4};
	struct ruling r = verdict_of(&a, NULL, 0);

	(void)state;
	assert_int_equal(r.steps_n, 2);
	r = verdict_of(&a, findings, 1);
	assert_int_equal(r.verdict, VERDICT_INFECTED);
	assert_int_equal(r.steps_n, 3);
	assert_memory_equal(r.steps[0], "now:", 4);
	a.local = false;
	assert_int_equal(verdict_of(&a, NULL, 0).steps_n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_masks),
		cmocka_unit_test(test_factory_passwords),
		cmocka_unit_test(test_no_factory_password),
		cmocka_unit_test(test_many_clients),
		cmocka_unit_test(test_unchangeable_is_inferred),
		cmocka_unit_test(test_reached),
		cmocka_unit_test(test_doors_are_told_once),
		cmocka_unit_test(test_activation),
		cmocka_unit_test(test_port_mappings),
		cmocka_unit_test(test_found_on_the_internet),
		cmocka_unit_test(test_things_and_steps),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_steps),
	};

	return cmocka_run_group_tests(tests, load, small_catalogue_fini);
}
