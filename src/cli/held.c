/* SPDX-License-Identifier: MIT */
/*
 * See held.h. Names come from the network and are escaped; reasons are ours, but come by way of the store, and are escaped like
 * everything else that does.
 */
#include "cli/held.h"

#include "cli/zone.h"

enum { SUMMARY_MOST = 20 };

void held_json(const struct store_hold *h, struct json *j)
{
	json_open(j, NULL, "{");
	json_string(j, "device", h->device);
	json_string(j, "name", h->name);
	json_string(j, "hold", h->hold);
	json_string(j, "reason", h->reason);
	json_string(j, "by", h->by);
	json_time(j, "since", h->began_ns);
	if (h->until_ns != 0)
		json_time(j, "until", h->until_ns);
	if (h->ended_ns != 0) {
		json_time(j, "ended", h->ended_ns);
		json_string(j, "why_ended", h->ended);
	}
	json_count(j, "packets", h->packets);
	json_count(j, "bytes", h->bytes);
	json_close(j, "}");
}

static void put(struct text *to, const char *s, bool utf8)
{
	text_plain(to, s != NULL ? s : "?", utf8);
}

void held_line(const struct store_hold *h, bool utf8, struct text *to)
{
	put(to, h->hold, utf8);
	text_puts(to, " since ");
	zone_time(to, h->began_ns);
	text_puts(to, ", by ");
	put(to, h->by, utf8);
	text_puts(to, ": ");
	put(to, h->reason, utf8);
	text_printf(to, "; %llu packet%s dropped (%llu bytes)", (unsigned long long)h->packets,
		    h->packets == 1 ? "" : "s", (unsigned long long)h->bytes);
	if (h->ended_ns != 0) {
		text_puts(to, "; released ");
		zone_time(to, h->ended_ns);
		text_puts(to, ": ");
		put(to, h->ended, utf8);
	} else if (h->until_ns != 0) {
		text_puts(to, "; until ");
		zone_time(to, h->until_ns);
	}
}

int held_read(struct store_ask *ask, int64_t since_ns, struct store_hold **out, size_t *n)
{
	int err = store_holds(ask->store, since_ns, &ask->arena, out, n);

	return err != 0 ? store_ask_failed(ask, err) : 0;
}

void held_summary(const struct store_hold *list, size_t n, bool utf8, struct text *to)
{
	size_t said = 0, held = 0;

	for (size_t i = 0; i < n; i++) {
		if (list[i].ended_ns != 0 || ++held > SUMMARY_MOST)
			continue;
		text_puts(to, said++ == 0 ? "\nHELD\n" : "");
		text_puts(to, "  ");
		put(to, list[i].name != NULL ? list[i].name : list[i].device, utf8);
		text_puts(to, " is ");
		put(to, list[i].hold, utf8);
		text_puts(to, " since ");
		zone_time(to, list[i].began_ns);
		text_puts(to, "\n");
	}
	if (held > SUMMARY_MOST)
		text_printf(to, "  and %zu more\n", held - SUMMARY_MOST);
	if (held > 0)
		text_puts(
			to,
			"  'cordon contained' says why and by whom; 'cordon release DEVICE' lets one out.\n");
}
