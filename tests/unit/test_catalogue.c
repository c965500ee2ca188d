/* SPDX-License-Identifier: MIT */
/*
 * base/catalogue: the embedded files load, records come out as they went in, each wrong field is named with file and
 * line, and the owner's files come behind our own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/catalogue.h"
#include "base/pattern.h"
#include "base/recall_rule.h"
#include "base/scan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const char makers[] = "# a comment\n"
			     "Acme\tmaker\tAcme Co*|ACME, Inc.\t-\ta source\thigh\n"
			     "Shop\tbrand\t-\tAcme|Acme\ta source\tlow\n"
			     "Chip\tmodule\tChip Works*\t-\ta source\tmedium\r\n";

static struct catalogue c;

struct heard {
	struct knowledge_error errors[8];
};

static void hear(struct knowledge_report *report, const struct knowledge_error *error)
{
	struct heard *heard = report->context;

	if (report->errors < 8)
		heard->errors[report->errors] = *error;
}

static struct knowledge_file file(const char *name, const char *text)
{
	return (struct knowledge_file){.name = name, .text = text, .len = strlen(text)};
}

/* The file beside good makers; all errors into *heard. Returns how many. */
static size_t load(const char *name, const char *text, struct heard *heard)
{
	struct knowledge_file files[] = {file("makers.tsv", makers), file("limits.tsv", "x\n"),
					 file(name, text)};
	struct knowledge_report report = {.wrong = hear, .context = heard};
	int status;

	catalogue_fini(&c);
	status = catalogue_check(&c, files, 3, NULL, 0, &report);
	assert_int_equal(status, report.errors == 0 ? 0 : -EINVAL);
	return report.errors;
}

static void expect_fine(const char *name, const char *text)
{
	struct heard heard;

	if (load(name, text, &heard) != 0)
		fail_msg("line %u: expected %s", heard.errors[0].line, heard.errors[0].expect);
}

static void expect_error(const char *name, const char *text, unsigned line, const char *word)
{
	struct heard heard;

	if (load(name, text, &heard) != 1)
		fail_msg("not one error: %s", text);
	assert_string_equal(heard.errors[0].file, name);
	assert_int_equal(heard.errors[0].line, line);
	if (strstr(heard.errors[0].expect, word) == NULL)
		fail_msg("\"%s\" should say \"%s\"", heard.errors[0].expect, word);
	assert_int_equal(c.makers_n, 0);
}

static int forget(void **state)
{
	(void)state;
	catalogue_fini(&c);
	return 0;
}

static void test_embedded_knowledge_loads(void **state)
{
	struct knowledge_error error = {0};

	(void)state;
	if (catalogue_load(&c, NULL, 0, &error) != 0)
		fail_msg("%s:%u: expected %s", error.file, error.line, error.expect);
	for (size_t i = 0; i < c.makers_n; i++)
		assert_ptr_equal(catalogue_maker(&c, c.makers[i].name), &c.makers[i]);
	for (size_t i = 0; i < c.fingerprints_n; i++)
		assert_null(pattern_check(c.fingerprints[i].pattern));
	for (size_t i = 0; i < c.recalls_n; i++)
		assert_null(recall_rule_check(bytes_of(c.recalls[i].rule)));
	assert_null(catalogue_maker(&c, "no such maker"));
}

static void test_makers(void **state)
{
	(void)state;
	expect_fine("other.tsv", "whose unknown name is knowledge.c's to tell\n");
	assert_int_equal(c.makers_n, 3);
	assert_string_equal(c.makers[0].name, "Acme");
	assert_int_equal(c.makers[0].role, MAKER_MAKER);
	assert_string_equal(c.makers[0].organisations, "Acme Co*|ACME, Inc.");
	assert_null(c.makers[0].built_by);
	assert_string_equal(c.makers[0].source, "a source");
	assert_int_equal(c.makers[1].role, MAKER_BRAND);
	assert_null(c.makers[1].organisations);
	assert_string_equal(c.makers[1].built_by, "Acme|Acme");
	assert_int_equal(c.makers[2].role, MAKER_MODULE);
	assert_ptr_equal(catalogue_maker(&c, "Shop"), &c.makers[1]);
	assert_null(catalogue_maker(&c, "Sho"));
	assert_null(catalogue_maker(&c, "Shops"));
	assert_null(catalogue_maker(&c, ""));
	assert_ptr_equal(catalogue_maker_of(&c, "acme, inc."), &c.makers[0]);
	assert_ptr_equal(catalogue_maker_of(&c, "Chip Works Ltd"), &c.makers[2]);
	assert_null(catalogue_maker_of(&c, "Other"));
}

static void test_wrong_makers(void **state)
{
	static const char name[] = "makers-more.tsv";

	(void)state;
	expect_error(name, "X\tmaker\t-\t-\tsource\n", 1, "six fields");
	expect_error(name, "X\tmaker\t-\t-\tsource\thigh\tmore\n", 1, "six fields");
	expect_error(name, "1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\t13\t14\n", 1, "six fields");
	expect_error(name, "-\tmaker\t-\t-\tsource\thigh\n", 1, "name");
	expect_error(name, "X|Y\tmaker\t-\t-\tsource\thigh\n", 1, "name");
	expect_error(name, "X\tMaker\t-\t-\tsource\thigh\n", 1, "role");
	expect_error(name, "X\tmaker\ta|\t-\tsource\thigh\n", 1, "pattern");
	expect_error(name, "X\tmaker\ta|(\t-\tsource\thigh\n", 1, ")");
	expect_error(name, "X\tmaker\t-\t-\t-\thigh\n", 1, "source");
	expect_error(name, "X\tmaker\t-\t-\tsource\tsure\n", 1, "confidence");
	expect_error(name, "X\tbrand\t-\tAcme|\tsource\thigh\n", 1, "built by");
	expect_error(name, "#\nX\tbrand\t-\tAcme|Nobody\tsource\thigh\n", 2, "built by");
	expect_error(name, "Acme\tmaker\t-\t-\tsource\thigh\n", 1, "no line before");
	expect_error(name, "X\t\t-\t-\tsource\thigh\n", 1, "empty field");
	expect_error(name, " X\tmaker\t-\t-\tsource\thigh\n", 1, "blanks");
	expect_error(name, "X\x1b\x41\tmaker\t-\t-\tsource\thigh\n", 1, "control");
}

static void test_products(void **state)
{
	static const char name[] = "products.tsv";

	(void)state;
	expect_fine(name, "Acme\tDCS-9*\tcamera\tthe round one\tdo this|do that\tsource\thigh\n"
			  "-\t*x\tdvr\t-\t-\tsource\tlow");
	assert_int_equal(c.products_n, 2);
	assert_string_equal(c.products[0].maker, "Acme");
	assert_true(bytes_are(c.products[0].model, "DCS-9*"));
	assert_string_equal(c.products[0].product, "camera");
	assert_string_equal(c.products[0].name, "the round one");
	assert_string_equal(c.products[0].steps, "do this|do that");
	assert_null(c.products[1].maker);
	assert_null(c.products[1].steps);
	expect_error(name, "Acme\tx\tcamera\t-\t-\thigh\n", 1, "seven");
	expect_error(name, "Nobody\tx\tcamera\t-\t-\tsource\thigh\n", 1, "a maker");
	expect_error(name, "Chip\tx\tcamera\t-\t-\tsource\thigh\n", 1, "a module");
	expect_error(name, "Acme\tx)\tcamera\t-\t-\tsource\thigh\n", 1, "(");
	expect_error(name, "Acme\tx\tIP Camera\t-\t-\tsource\thigh\n", 1, "class");
	expect_error(name, "Acme\tx\tcamera\t-\ta||b\tsource\thigh\n", 1, "steps");
	expect_error(name, "Acme\tx\tcamera\t-\t-\t-\thigh\n", 1, "source");
	expect_error(name, "Acme\tx\tcamera\t-\t-\tsource\tHigh\n", 1, "confidence");
	expect_error(name, "Acme\t\x01\tcamera\t-\t-\tsource\thigh\n", 1, "blanks");
	expect_error(name, "Acme\tx\tdvr\t-\t-\tsource\thigh\nAcme\tx\tnvr\t-\t-\tsource\thigh\n",
		     2, "no line before");
}

static void test_fingerprints(void **state)
{
	(void)state;
	expect_fine("fingerprints.tsv",
		    "http-server\tuc-httpd*\tAcme\t-\t-\t-\t-\tlow\tfirst\n"
		    "dhcp-host-name\t(DCS-*)_*\tAcme\tcamera\t$1\t-\t-\thigh\tsecond\n"
		    "http-server\tBoa*\t-\trouter\t-\t$0\tbuild $0\tmedium\tthird\n"
		    "mac-prefix\tAcme*\tAcme\t-\t-\t-\t-\tlow\tfourth\n");
	assert_int_equal(c.fingerprints_n, 4);
	assert_int_equal(c.of_signal[SIGNALS], 4);
	for (int s = 0; s < SIGNALS; s++) {
		for (uint32_t i = c.of_signal[s]; i < c.of_signal[s + 1]; i++)
			assert_int_equal(c.fingerprints[i].signal, s);
	}
	assert_string_equal(c.fingerprints[0].source, "second");
	assert_string_equal(c.fingerprints[1].source, "first");
	assert_string_equal(c.fingerprints[2].source, "third");
	assert_string_equal(c.fingerprints[3].source, "fourth");
	assert_string_equal(c.fingerprints[0].model, "$1");
	assert_string_equal(c.fingerprints[2].built, "build $0");
	assert_true(bytes_are(c.fingerprints[0].pattern, "(DCS-*)_*"));
	assert_int_equal(c.fingerprints[0].confidence, CLAIM_HIGH);
}

static void test_wrong_fingerprints(void **state)
{
	static const char name[] = "fingerprints.tsv";

	(void)state;
	expect_error(name, "http-server\tx\tAcme\t-\t-\t-\t-\tlow\n", 1, "nine");
	expect_error(name, "http_server\tx\tAcme\t-\t-\t-\t-\tlow\ts\n", 1, "signal");
	expect_error(name, "http-server\t((\tAcme\t-\t-\t-\t-\tlow\ts\n", 1, "one group");
	expect_error(name, "http-server\tx\tChip\t-\t-\t-\t-\tlow\ts\n", 1, "a module");
	expect_error(name, "http-server\tx\tAcme\tIP\t-\t-\t-\tlow\ts\n", 1, "class");
	expect_error(name, "http-server\tx\tAcme\t-\t$1\t-\t-\tlow\ts\n", 1, "$");
	expect_error(name, "http-server\t\\(x\tAcme\t-\t$1\t-\t-\tlow\ts\n", 1, "$");
	expect_error(name, "http-server\t(x)\tAcme\t-\t-\t$2\t-\tlow\ts\n", 1, "$");
	expect_error(name, "http-server\t(x)\tAcme\t-\t-\t-\tx $1 $\tlow\ts\n", 1, "$");
	expect_error(name, "http-server\tx\t-\t-\t-\t-\t-\tlow\ts\n", 1, "a claim");
	expect_error(name, "http-server\tx\tAcme\t-\t-\t-\t-\t-\ts\n", 1, "confidence");
	expect_error(name, "http-server\tx\tAcme\t-\t-\t-\t-\tlow\t-\n", 1, "source");
	expect_error(name,
		     "http-server\tx\tAcme\t-\t-\t-\t-\tlow\ts\n"
		     "http-server\tx\tShop\t-\t-\t-\t-\tlow\ts\n"
		     "http-server\tx\tAcme\t-\t-\t-\t-\thigh\tt\n",
		     3, "no line before");
}

static void test_credentials(void **state)
{
	static const char name[] = "credentials.tsv";

	(void)state;
	expect_fine(name, "Acme\tdvr\ttelnet|ssh\tlab-user\tlab-pass\tno\tyes\tyes\tsource\thigh\n"
			  "-\t-\tsnmp\t-\t<empty>\tunknown\tunknown\tno\tsource\tlow\n"
			  "-\t-\tsnmp\t<empty>\tx\tyes\tno\tno\tsource\tlow\n");
	assert_int_equal(c.credentials_n, 3);
	assert_int_equal(c.credentials[0].services, SERVICE_TELNET | SERVICE_SSH);
	assert_string_equal(c.credentials[0].user, "lab-user");
	assert_string_equal(c.credentials[0].password, "lab-pass");
	assert_int_equal(c.credentials[0].changeable, YES_NO);
	assert_true(c.credentials[0].fixed);
	assert_true(c.credentials[0].bots);
	assert_null(c.credentials[1].maker);
	assert_null(c.credentials[1].user);
	assert_string_equal(c.credentials[1].password, "");
	assert_int_equal(c.credentials[1].changeable, YES_UNKNOWN);
	assert_false(c.credentials[1].fixed);
	assert_string_equal(c.credentials[2].user, "");
	expect_error(name, "-\t-\tftp\ta\tb\tno\tyes\tyes\ts\n", 1, "ten");
	expect_error(name, "Y\t-\tftp\ta\tb\tno\tyes\tyes\ts\tlow\n", 1, "a maker");
	expect_error(name, "-\t-\tftp|\ta\tb\tno\tyes\tyes\ts\tlow\n", 1, "services");
	expect_error(name, "-\t-\t-\ta\tb\tno\tyes\tyes\ts\tlow\n", 1, "services");
	expect_error(name, "-\t-\tftp\ta\t-\tno\tyes\tyes\ts\tlow\n", 1, "password");
	expect_error(name, "-\t-\tftp\ta\tb\tn\tyes\tyes\ts\tlow\n", 1, "yes, no");
	expect_error(name, "-\t-\tftp\ta\tb\tno\ty\tyes\ts\tlow\n", 1, "yes, no");
	expect_error(name, "-\t-\tftp\ta\tb\tno\tyes\tyess\ts\tlow\n", 1, "yes, no");
	expect_error(name, "-\t-\tftp\ta\tb\tno\tyes\tyes\t-\tlow\n", 1, "source");
	expect_error(name, "-\t-\tftp\ta\tb\tno\tyes\tyes\ts\t2+\n", 1, "confidence");
}

static void test_recalls(void **state)
{
	static const char name[] = "recalls.tsv";

	(void)state;
	expect_fine(name,
		    "Acme\tDCS-*|DNR-1\tfw<1.3\tCVE-2017-0000\tupdate\tinstall it\t1.3\ts\thigh\n"
		    "Shop\tclass:camera|x\tall\tA\tno-fix\t-\t-\ts\tlow\n");
	assert_int_equal(c.recalls_n, 2);
	assert_string_equal(c.recalls[0].models, "DCS-*|DNR-1");
	assert_string_equal(c.recalls[0].rule, "fw<1.3");
	assert_string_equal(c.recalls[0].advisory, "CVE-2017-0000");
	assert_int_equal(c.recalls[0].action, RECALL_UPDATE);
	assert_string_equal(c.recalls[0].todo, "install it");
	assert_string_equal(c.recalls[0].fixed, "1.3");
	assert_int_equal(c.recalls[0].confidence, CLAIM_HIGH);
	assert_int_equal(c.recalls[1].action, RECALL_NO_FIX);
	assert_string_equal(c.recalls[1].models, "class:camera|x");
	expect_error(name, "Acme\t-\tall\t-\tno-fix\t-\t-\ts\tlow\n", 1, "advisory");
	expect_error(name, "Acme\tclass:\tall\tA\tno-fix\t-\t-\ts\tlow\n", 1, "class:");
	expect_error(name, "Acme\t-\tall\tA\tno-fix\t-\ts\tlow\n", 1, "nine");
	expect_error(name, "Y\t-\tall\tA\tno-fix\t-\t-\ts\tlow\n", 1, "a maker");
	expect_error(name, "Acme\tx|\tall\tA\tno-fix\t-\t-\ts\tlow\n", 1, "pattern");
	expect_error(name, "Acme\t-\tfw<\tA\tno-fix\t-\t-\ts\tlow\n", 1, "version");
	expect_error(name, "Acme\t-\tall\tA\tno fix\t-\t-\ts\tlow\n", 1, "action");
	expect_error(name, "Acme\t-\tall\tA\tno-fix\t-\t-\t-\tlow\n", 1, "source");
	expect_error(name, "Acme\t-\tall\tA\tno-fix\t-\t-\ts\t-\n", 1, "confidence");
	expect_error(
		name,
		"Acme\t-\tall\tA\tno-fix\t-\t-\ts\tlow\nAcme\t-\tall\tA\tupdate\t-\t-\ts\tlow\n", 2,
		"no line before");
}

static const char some_traits[] =
	"line\t!\\* UDP*\tflood over UDP\tgafgyt\tan order\ts\thigh\n"
	"request\tGET /shell\\?*\t-\t-\ta web shell\ts\thigh\n"
	"token\tMIRAI\t-\tmirai\ta word\ts\tmedium\n"
	"request\tPOST /pic.xml*\t*<x>EXAMPLE*\thide-and-seek\ta service\ts\tlow\n"
	"request\t* /*.ini\\?u=\t-\t-\ta file\ts\tlow\n"
	"request\tLAB 1009\t-\t-\ta message\ts\tlow\n"
	"name\t.c2.example\t-\tmirai\ta name\ts\tlow\n";

static void test_traits(void **state)
{
	static const char name[] = "malware.tsv";

	(void)state;
	expect_fine(name, some_traits);
	assert_int_equal(c.traits_n, 7);
	assert_int_equal(c.of_trait[TRAIT_REQUEST], 0);
	assert_int_equal(c.of_trait[TRAIT_REQUEST + 1], 4);
	assert_int_equal(c.of_trait[TRAIT_KINDS], 7);
	assert_string_equal(c.traits[0].title, "a web shell");
	assert_null(c.traits[0].family);
	assert_null(c.traits[0].second.at);
	assert_string_equal(c.traits[1].family, "hide-and-seek");
	assert_int_equal(c.traits[1].confidence, CLAIM_LOW);
	assert_true(bytes_are(c.traits[6].second, "flood over UDP"));
	expect_error(name, "token\tX\t-\tmirai\tt\ts\n", 1, "seven");
	expect_error(name, "word\tX\t-\tmirai\tt\ts\tlow\n", 1, "kind request");
	expect_error(name, "token\t(\t-\tmirai\tt\ts\tlow\n", 1, "group");
	expect_error(name, "token\tX\tY\tmirai\tt\ts\tlow\n", 1, "- as second");
	expect_error(name, "line\tX\t-\tmirai\tt\ts\tlow\n", 1, "order");
	expect_error(name, "request\t/x\t-\t-\tt\ts\tlow\n", 1, "METHOD");
	expect_error(name, "request\tGET /x\t(\t-\tt\ts\tlow\n", 1, "group");
	expect_error(name, "token\tX\t-\tMirai\tt\ts\tlow\n", 1, "family");
	expect_error(name, "token\tX\t-\tmirai\t-\ts\tlow\n", 1, "title");
	expect_error(name, "token\tX\t-\tmirai\tt\t-\tlow\n", 1, "source");
	expect_error(name, "token\tX\t-\tmirai\tt\ts\tsure\n", 1, "confidence");
	expect_error(name,
		     "file\tX\t-\tmirai\tt\ts\tlow\ntoken\tX\t-\tmirai\tt\ts\tlow\n"
		     "token\tX\t-\t-\tu\tv\thigh\n",
		     3, "no line before");
}

/* The request as its parts, or by all patterns one after the other: the same. */
static const char *title_of(const char *method, const char *target, const char *body)
{
	const struct trait *quick =
		catalogue_request(&c, bytes_of(method), bytes_of(target), bytes_of(body));
	char line[2000];
	const struct trait *slow;

	snprintf(line, sizeof line, "%s %.500s", method, target);
	slow = catalogue_trait(&c, TRAIT_REQUEST, bytes_of(line), bytes_of(body));
	assert_ptr_equal(quick, slow);
	return quick == NULL ? "" : quick->title;
}

static void test_requests(void **state)
{
	char longest[1000];

	(void)state;
	expect_fine("malware.tsv", some_traits);
	assert_string_equal(title_of("GET", "/shell?x", ""), "a web shell");
	assert_string_equal(title_of("get", "/Shell?x", ""), "a web shell");
	assert_string_equal(title_of("POST", "/shell?x", ""), "");
	assert_string_equal(title_of("GET", "/shell", ""), "");
	assert_string_equal(title_of("GET", "/", ""), "");
	assert_string_equal(title_of("GET", "", ""), "");
	assert_string_equal(title_of("", "", ""), "");
	assert_string_equal(title_of("POST", "/pic.xml", ""), "");
	assert_string_equal(title_of("POST", "/pic.xml", "<a><x>EXAMPLE"), "a service");
	assert_string_equal(title_of("PUT", "/q/a.ini?u=", ""), "a file");
	assert_string_equal(title_of("PUT", "//a.ini?u=", ""), "a file");
	assert_string_equal(title_of("LAB", "1009", ""), "a message");
	assert_string_equal(title_of("LAB", "/1009", ""), "");
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	memcpy(longest, "/shell?", 7);
	assert_string_equal(title_of("GET", longest, ""), "a web shell");
	/* A target may hold blanks; a wildcard for the method does not reach into it. */
	assert_string_equal(title_of("GET", "http://192.0.2.9/ /a.ini?u=", ""), "");
}

/* What owners, their apps and devices ask for: none of it may look like an attack. */
static void test_harmless_requests(void **state)
{
	static const char *const harmless[][3] = {
		{"GET", "/", ""},
		{"GET", "/shell", ""},
		{"GET", "/index.html?auth=x", ""},
		{"GET", "/language/Swedish.js", ""},
		{"GET", "/onvif-http/snapshot?Profile_1", ""},
		{"GET", "/system.ini?loginuse=lab&loginpas=secret", ""},
		{"GET", "/get_status.cgi?loginuse=&loginpas=", ""},
		{"PUT", "/ISAPI/System/Network/interfaces", "<x/>"},
		{"POST", "/picdesc.xml", "<NewInternalClient>192.0.2.7</NewInternalClient>"},
		{"POST", "/UD/act?1", "<NewNTPServer1>ntp.lab.example</NewNTPServer1>"},
		{"POST", "/apply.cgi", "submit_button=index&ttcp_ip="},
		{"POST", "/ctrlt/DeviceUpgrade_1",
		 "<NewStatusURL>http://192.0.2.7/</NewStatusURL>"},
	};
	static const char *const agents[] = {
		"Wget",	    "Wget/1.13 (linux-uclibc)", "curl/7.54", "busybox", "Mozilla/5.0", "",
		"workflow", "Hello World/1.0",		"DVR"};
	struct knowledge_error error = {0};

	(void)state;
	assert_int_equal(catalogue_load(&c, NULL, 0, &error), 0);
	for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
		assert_string_equal(title_of(harmless[i][0], harmless[i][1], harmless[i][2]), "");
	for (size_t i = 0; i < sizeof agents / sizeof agents[0]; i++)
		assert_null(catalogue_trait(&c, TRAIT_AGENT, bytes_of(agents[i]), bytes_of("")));
	assert_string_not_equal(title_of("DVRIP", "1009", ""), "");
	assert_non_null(catalogue_trait(&c, TRAIT_AGENT, bytes_of("Hakai"), bytes_of("")));
	assert_non_null(catalogue_trait(&c, TRAIT_TOKEN, bytes_of("ECCHI"), bytes_of("")));
	assert_non_null(catalogue_trait(&c, TRAIT_FILE, bytes_of("/q/Mozi.m"), bytes_of("")));
	assert_non_null(catalogue_trait(&c, TRAIT_LINE, bytes_of("PING"), bytes_of("")));
	assert_null(catalogue_trait(&c, TRAIT_LINE, bytes_of("PING :lab"), bytes_of("")));
}

static void test_every_error_is_told(void **state)
{
	struct heard heard;

	(void)state;
	assert_int_equal(load("recalls.tsv",
			      "x\nAcme\t-\tall\tA\tno-fix\t-\t-\ts\tlow\n\ny\n"
			      "Acme\t-\tall\tA\tno-fix\t-\t-\ts\tlow\n",
			      &heard),
			 3);
	assert_int_equal(heard.errors[0].line, 1);
	assert_int_equal(heard.errors[1].line, 4);
	assert_int_equal(heard.errors[2].line, 5);
}

static void test_the_owners_files(void **state)
{
	static const char maker[] = "Corner Shop 7\tbrand\t-\t-\tmine\thigh\n";
	static const char mark[] =
		"dhcp-host-name\tlab-zzz-*\tCorner Shop 7\tcamera\t-\t-\t-\thigh\tmine\n";
	struct knowledge_file more[] = {file("/etc/x/fingerprints-shop.tsv", mark),
					file("/etc/x/makers-shop.tsv", maker)};
	struct knowledge_file limits[] = {file("d/limits.tsv", "")};
	struct knowledge_error error = {0};
	size_t before;

	(void)state;
	assert_int_equal(catalogue_load(&c, NULL, 0, &error), 0);
	before = c.makers_n;
	catalogue_fini(&c);
	assert_int_equal(catalogue_load(&c, more, 2, &error), 0);
	assert_int_equal(c.makers_n, before + 1);
	assert_string_equal(c.makers[before].name, "Corner Shop 7");
	assert_true(c.of_signal[SIGNAL_dhcp_host_name + 1] > c.of_signal[SIGNAL_dhcp_host_name]);
	catalogue_fini(&c);
	assert_int_equal(catalogue_load(&c, more, 1, &error), -EINVAL);
	assert_string_equal(error.file, "/etc/x/fingerprints-shop.tsv");
	assert_int_equal(error.line, 1);
	assert_int_equal(catalogue_load(&c, limits, 1, &error), -EINVAL);
	assert_string_equal(error.file, "d/limits.tsv");
	assert_int_equal(error.line, 0);
	assert_non_null(strstr(error.expect, "begins with makers"));
}

/* A text that ends anywhere is never read past its end. */
static void test_cut_files(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof makers; n++) {
		char *block = malloc(n + (n == 0));
		struct knowledge_file cut = {.name = "makers.tsv", .text = block, .len = n};
		struct heard heard;
		struct knowledge_report report = {.wrong = hear, .context = &heard};

		memcpy(block, makers, n);
		(void)catalogue_check(&c, &cut, 1, NULL, 0, &report);
		catalogue_fini(&c);
		free(block);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_embedded_knowledge_loads, forget),
		cmocka_unit_test_teardown(test_makers, forget),
		cmocka_unit_test_teardown(test_wrong_makers, forget),
		cmocka_unit_test_teardown(test_products, forget),
		cmocka_unit_test_teardown(test_fingerprints, forget),
		cmocka_unit_test_teardown(test_wrong_fingerprints, forget),
		cmocka_unit_test_teardown(test_credentials, forget),
		cmocka_unit_test_teardown(test_recalls, forget),
		cmocka_unit_test_teardown(test_traits, forget),
		cmocka_unit_test_teardown(test_requests, forget),
		cmocka_unit_test_teardown(test_harmless_requests, forget),
		cmocka_unit_test_teardown(test_every_error_is_told, forget),
		cmocka_unit_test_teardown(test_the_owners_files, forget),
		cmocka_unit_test_teardown(test_cut_files, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
