/* SPDX-License-Identifier: MIT */
/*
 * Orders on who is held, see control_order.h. The request is looked at, not trusted: whoever may open the socket may give
 * orders, and gets one clear line for each that can't be.
 */
#include "watch/control_order.h"

#include "base/json.h"
#include "base/timespan.h"
#include "watch/service_contain.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MOST = 256, SECONDS_MOST = 3650 * 86400 };

struct asked {
	char device[NAME_MOST];
	int64_t seconds; /* 0: no end */
	bool isolate;
	bool release;
	bool dry_run;
	const char *wrong;
};

static bool is_word(struct bytes value, const char *word)
{
	return value.len == strlen(word) && memcmp(value.at, word, value.len) == 0;
}

/* A number as it stands in JSON; only whole ones. */
static bool read_seconds(struct bytes value, int64_t *out)
{
	int64_t n = 0;

	if (value.len == 0 || value.len > 10)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] < '0' || value.at[i] > '9')
			return false;
		n = 10 * n + (value.at[i] - '0');
	}
	*out = n;
	return n > 0 && n <= SECONDS_MOST;
}

static bool read_switch(struct bytes value, bool *out)
{
	*out = is_word(value, "true");
	return *out || is_word(value, "false");
}

/* A byte that ends a string of C would make another name of it. */
static bool is_name(struct bytes value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] < ' ' || value.at[i] == '\\')
			return false;
	return value.len > 0 && value.len < NAME_MOST;
}

static void read_request(struct bytes request, struct asked *a)
{
	struct bytes value;

	*a = (struct asked){.wrong = NULL};
	if (json_find(request, "cmd", &value))
		a->release = is_word(value, "release");
	if (!json_find(request, "device", &value) || !is_name(value))
		a->wrong = "which device? its name, address, MAC or id, without escapes";
	else
		memcpy(a->device, value.at, value.len);
	if (json_find(request, "seconds", &value) && !read_seconds(value, &a->seconds))
		a->wrong = "seconds is a whole number, of ten years at most";
	if (json_find(request, "isolate", &value) && !read_switch(value, &a->isolate))
		a->wrong = "isolate is true or false";
	if (json_find(request, "dry_run", &value) && !read_switch(value, &a->dry_run))
		a->wrong = "dry_run is true or false";
}

/* The one device that is meant; else NULL and why. */
static const struct device *find(struct service *s, const char *name, struct arena *arena,
				 const char **why)
{
	const struct store_query q = {.since_ns = INT64_MIN, .until_ns = INT64_MAX, .device = name};
	struct store *store = keeper_store(s);
	struct judged j;

	if (store == NULL || store_report(store, &q, arena, &j) != 0)
		*why = "the store can't be read at the moment; its trouble stands in 'cordon status'";
	else if (j.devices_n == 0)
		*why = "no such device is known; 'cordon devices' lists them";
	else if (j.devices_n > 1)
		*why = "several devices are meant by that; name one by its MAC";
	else
		return &j.devices[0];
	return NULL;
}

const struct device *control_device(struct service *s, struct bytes request, struct arena *arena,
				    const char **why)
{
	struct asked a;

	read_request(request, &a);
	*why = a.wrong;
	return a.wrong == NULL ? find(s, a.device, arena, why) : NULL;
}

static void put_outcome(struct service *s, const struct device *d, const char *why, bool kept,
			struct json *j)
{
	const struct holder_entry *e =
		s->containment == NULL ? NULL : holder_find(&s->containment->holder, d->id);

	json_bool(j, "ok", why == NULL);
	if (why != NULL)
		json_string(j, "error", why);
	json_string(j, "device", d->id);
	json_string(j, "hold", hold_words[e == NULL ? HOLD_NONE : e->decision.hold]);
	if (e != NULL && e->decision.hold != HOLD_NONE && e->decision.until_ns != 0)
		json_time(j, "until", containment_wall(s, e->decision.until_ns));
	json_bool(j, "kept", kept);
}

static void release_all(struct service *s, const char *by, struct json *j)
{
	const struct holder_order o = {
		.order = ORDER_RELEASE, .given_ns = containment_now(s), .by = by};

	json_bool(j, "ok", s->containment != NULL);
	if (s->containment == NULL)
		json_string(j, "error", "nobody is held here");
	else
		json_count(j, "released", containment_release_all(s, &o));
}

/* Nothing is done: what would be, as text. */
static void put_trial(struct service *s, const struct device *d, const struct holder_order *o,
		      struct json *j)
{
	struct text nft = {0};
	const char *why = containment_trial(s, d, o, &nft);

	json_bool(j, "ok", why == NULL);
	if (why != NULL)
		json_string(j, "error", why);
	json_string(j, "device", d->id);
	json_string(j, "nft", text_string(&nft));
	text_fini(&nft);
}

void control_order(struct service *s, struct bytes request, const char *by, struct json *j)
{
	struct arena arena = {0};
	const struct device *d = NULL;
	struct holder_order o = {.given_ns = containment_now(s), .by = by};
	struct asked a;
	bool kept = false;
	const char *why;

	read_request(request, &a);
	o.order = a.release ? ORDER_RELEASE : a.isolate ? ORDER_ISOLATE : ORDER_CONTAIN;
	o.until_ns = a.seconds == 0 || a.release ? 0 : o.given_ns + a.seconds * NS_PER_S;
	why = a.wrong;
	if (why == NULL && a.release && !a.dry_run && strcmp(a.device, "*") == 0) {
		release_all(s, by, j);
		return;
	}
	if (why == NULL)
		d = find(s, a.device, &arena, &why);
	if (d == NULL) {
		json_bool(j, "ok", false);
		json_string(j, "error", why);
	} else if (a.dry_run) {
		put_trial(s, d, &o, j);
	} else {
		why = containment_order(s, d, &o, &kept);
		(void)service_keep_holds(s);
		put_outcome(s, d, why, kept, j);
	}
	arena_fini(&arena);
}
