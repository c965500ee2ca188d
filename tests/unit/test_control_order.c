/* SPDX-License-Identifier: MIT */
/*
 * watch/control_order: requests on who is held, from whoever may open the socket: what can't be is answered with one line and changes
 * nothing, whatever its form. The service behind it is a stand-in that keeps what it was told to do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "watch/control_order.c"

#include <stdio.h>

#define NOW (1000000 * NS_PER_S)

/* ---- the service --------------------------------------------------------------------------------------------------- */

static struct {
	bool no_store;
	size_t known; /* devices of that name */
	const char *refusal;
	unsigned orders, trials, released;
	struct holder_order order;
	char asked[NAME_MOST];
} there;

static struct containment held;
static struct service service = {.containment = &held};
static struct device devices[2] = {{.id = "mac:02:00:5e:00:53:01"},
				   {.id = "mac:02:00:5e:00:53:02"}};

struct store *keeper_store(struct service *s)
{
	return there.no_store ? NULL : (struct store *)s;
}

int store_report(struct store *s, const struct store_query *q, struct arena *arena,
		 struct judged *out)
{
	(void)s;
	(void)arena;
	(void)snprintf(there.asked, sizeof there.asked, "%s", q->device);
	*out = (struct judged){.devices = devices, .devices_n = there.known};
	return 0;
}

const char *containment_order(struct service *s, const struct device *d,
			      const struct holder_order *o, bool *kept)
{
	(void)s;
	assert_ptr_equal(d, &devices[0]);
	there.order = *o;
	there.orders++;
	*kept = true;
	return there.refusal;
}

const char *containment_trial(struct service *s, const struct device *d,
			      const struct holder_order *o, struct text *nft)
{
	(void)s;
	assert_ptr_equal(d, &devices[0]);
	there.order = *o;
	there.trials++;
	if (there.refusal == NULL)
		text_puts(nft, "add element a\nadd element b\n");
	return there.refusal;
}

size_t containment_release_all(struct service *s, const struct holder_order *o)
{
	(void)s;
	assert_int_equal(o->order, ORDER_RELEASE);
	there.released++;
	return 3;
}

int64_t containment_now(struct service *s)
{
	(void)s;
	return NOW;
}

int64_t containment_wall(const struct service *s, int64_t ns)
{
	(void)s;
	return ns;
}

bool service_keep_holds(struct service *s)
{
	(void)s;
	return true;
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

static struct text answer;

static const char *ask_bytes(const char *at, size_t len)
{
	struct json j = {.to = &answer, .compact = true};
	/* Exactly as many bytes as there are: whoever reads beyond is seen. */
	uint8_t *copy = malloc(len + (len == 0));

	assert_non_null(copy);
	memcpy(copy, at, len);
	text_clear(&answer);
	json_open(&j, NULL, "{");
	control_order(&service, (struct bytes){copy, len}, "the owner (uid 0)", &j);
	json_close(&j, "}");
	json_end(&j);
	free(copy);
	return text_string(&answer);
}

static const char *ask(const char *request)
{
	return ask_bytes(request, strlen(request));
}

static bool says(const char *words)
{
	return strstr(text_string(&answer), words) != NULL;
}

static int set_up(void **state)
{
	(void)state;
	memset(&there, 0, sizeof there);
	there.known = 1;
	service.containment = &held;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	text_fini(&answer);
	return 0;
}

static void test_orders(void **state)
{
	(void)state;
	(void)ask(
		"{\"cmd\":\"contain\",\"device\":\"192.0.2.21\",\"seconds\":7200,\"isolate\":true}");
	assert_true(says("\"ok\":true"));
	assert_string_equal(there.asked, "192.0.2.21");
	assert_int_equal(there.order.order, ORDER_ISOLATE);
	assert_int_equal(there.order.until_ns, NOW + 7200 * NS_PER_S);
	assert_string_equal(there.order.by, "the owner (uid 0)");
	(void)ask("{\"device\":\"cam\",\"cmd\":\"contain\"}");
	assert_int_equal(there.order.order, ORDER_CONTAIN);
	assert_int_equal(there.order.until_ns, 0);
	(void)ask("{\"cmd\":\"release\",\"device\":\"cam\",\"seconds\":60}");
	assert_int_equal(there.order.order, ORDER_RELEASE);
	assert_int_equal(there.order.until_ns, 0);
	assert_int_equal(there.orders, 3);
	there.refusal = "it is the gateway";
	(void)ask("{\"cmd\":\"contain\",\"device\":\"gw\"}");
	assert_true(says("\"ok\":false") && says("it is the gateway"));
}

static void test_dry_run(void **state)
{
	(void)state;
	(void)ask("{\"cmd\":\"contain\",\"device\":\"cam\",\"dry_run\":true}");
	assert_true(says("\"ok\":true"));
	assert_true(says("\"nft\":\"add element a\\nadd element b\\n\""));
	assert_int_equal(there.order.order, ORDER_CONTAIN);
	(void)ask("{\"cmd\":\"release\",\"device\":\"cam\",\"dry_run\":true}");
	assert_int_equal(there.order.order, ORDER_RELEASE);
	assert_int_equal(there.trials, 2);
	there.refusal = "it is the gateway";
	(void)ask("{\"cmd\":\"contain\",\"device\":\"cam\",\"dry_run\":true}");
	assert_true(says("\"ok\":false") && says("it is the gateway"));
	there.known = 0;
	(void)ask("{\"cmd\":\"release\",\"device\":\"*\",\"dry_run\":true}");
	assert_true(says("\"ok\":false"));
	(void)ask("{\"cmd\":\"contain\",\"device\":\"cam\",\"dry_run\":1}");
	assert_true(says("dry_run is true or false"));
	assert_int_equal(there.orders, 0);
	assert_int_equal(there.released, 0);
}

static void test_all(void **state)
{
	(void)state;
	(void)ask("{\"cmd\":\"release\",\"device\":\"*\"}");
	assert_int_equal(there.released, 1);
	assert_true(says("\"released\":3"));
	there.known = 0;
	(void)ask("{\"cmd\":\"contain\",\"device\":\"*\"}"); /* nobody is called so */
	assert_int_equal(there.orders, 0);
	assert_true(says("no such device"));
	service.containment = NULL;
	(void)ask("{\"cmd\":\"release\",\"device\":\"*\"}");
	assert_true(says("nobody is held here"));
	assert_int_equal(there.released, 1);
}

static void test_who_is_not_found(void **state)
{
	(void)state;
	there.known = 0;
	(void)ask("{\"cmd\":\"contain\",\"device\":\"x\"}");
	assert_true(says("no such device is known"));
	there.known = 2;
	(void)ask("{\"cmd\":\"contain\",\"device\":\"x\"}");
	assert_true(says("several devices"));
	there.no_store = true;
	(void)ask("{\"cmd\":\"contain\",\"device\":\"x\"}");
	assert_true(says("the store can't be read"));
	assert_int_equal(there.orders, 0);
}

static void test_what_can_not_be(void **state)
{
	static const char *const wrong[] = {
		"",
		"{}",
		"nonsense",
		"{\"cmd\":\"contain\"}",
		"{\"cmd\":\"contain\",\"device\":\"\"}",
		"{\"cmd\":\"contain\",\"device\":\"a\\u0000b\"}",
		"{\"cmd\":\"contain\",\"device\":\"a\\\"b\"}",
		"{\"cmd\":\"contain\",\"device\":\"a\nb\"}",
		"{\"cmd\":\"contain\",\"device\":\"a",
		"{\"cmd\":\"contain\",\"device\":\"a\",\"seconds\":0}",
		"{\"cmd\":\"contain\",\"device\":\"a\",\"seconds\":-1}",
		"{\"cmd\":\"contain\",\"device\":\"a\",\"seconds\":1.5}",
		"{\"cmd\":\"contain\",\"device\":\"a\",\"seconds\":1e9}",
		"{\"cmd\":\"contain\",\"device\":\"a\",\"seconds\":\"\"}",
		"{\"cmd\":\"contain\",\"device\":\"a\",\"seconds\":315360001}",
		"{\"cmd\":\"contain\",\"device\":\"a\",\"seconds\":99999999999999999999}",
		"{\"cmd\":\"contain\",\"device\":\"a\",\"seconds\":[1]}",
		"{\"cmd\":\"contain\",\"device\":\"a\",\"isolate\":1}",
		"{\"cmd\":\"contain\",\"device\":\"a\",\"isolate\":\"yes\"}",
		"[\"contain\",\"a\"]",
	};
	char longest[NAME_MOST + 64];
	static const char nul[] = "{\"cmd\":\"contain\",\"device\":\"cam\0era\"}";

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		(void)ask(wrong[i]);
		if (!says("\"ok\":false") || there.orders > 0)
			fail_msg("taken: %s", wrong[i]);
	}
	(void)ask_bytes(nul, sizeof nul - 1);
	assert_true(says("\"ok\":false"));
	(void)snprintf(longest, sizeof longest, "{\"cmd\":\"contain\",\"device\":\"%0*d\"}",
		       NAME_MOST, 1);
	(void)ask(longest);
	assert_true(says("which device?"));
	(void)snprintf(longest, sizeof longest, "{\"cmd\":\"contain\",\"device\":\"%0*d\"}",
		       NAME_MOST - 1, 1);
	assert_int_equal(there.orders, 0);
	(void)ask(longest);
	assert_int_equal(there.orders, 1);
	assert_int_equal(there.released, 0);
}

/* Every beginning of a request, and each with one byte changed: read within its bounds, and answered. */
static void test_torn_and_changed(void **state)
{
	static const char whole[] =
		"{\"cmd\":\"contain\",\"device\":\"192.0.2.21\",\"seconds\":7200,\"isolate\":true}";
	char changed[sizeof whole];

	(void)state;
	for (size_t n = 0; n < sizeof whole; n++) {
		(void)ask_bytes(whole, n);
		assert_true(says("\"ok\":"));
	}
	for (size_t i = 0; i < sizeof whole - 1; i++)
		for (unsigned byte = 0; byte < 256; byte += 3) {
			memcpy(changed, whole, sizeof whole);
			changed[i] = (char)byte;
			(void)ask_bytes(changed, sizeof whole - 1);
			assert_true(says("\"ok\":"));
		}
}

#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(test_orders),	     RULE(test_all),
		RULE(test_who_is_not_found), RULE(test_what_can_not_be),
		RULE(test_torn_and_changed), RULE(test_dry_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
