/* SPDX-License-Identifier: MIT */
/*
 * An order to the running service, see watch/control_order.h for the lines. What answers is escaped: names in it come from the
 * network.
 */
#include "cli/order.h"

#include "base/exits.h"
#include "base/json.h"
#include "base/say.h"
#include "base/text.h"
#include "cli/control_ask.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "report/json_out.h"

#include <stdio.h>
#include <string.h>

enum { VALUE_MOST = 512 };

static void write_request(const struct order_request *r, struct text *to)
{
	struct json j = {.to = to, .compact = true};

	json_open(&j, NULL, "{");
	json_string(&j, "cmd", r->verb);
	json_string(&j, "device", r->device);
	if (r->seconds > 0)
		json_count(&j, "seconds", (uint64_t)r->seconds);
	if (r->isolate)
		json_bool(&j, "isolate", true);
	if (r->dry_run)
		json_bool(&j, "dry_run", true);
	json_close(&j, "}");
	json_end(&j);
}

/* A value of the answer, as it stands there; "" when it is not there. */
static const char *value_of(const struct text *answer, const char *key, char value[VALUE_MOST])
{
	struct bytes found;

	value[0] = '\0';
	if (json_find((struct bytes){(const uint8_t *)answer->at, answer->len}, key, &found) &&
	    found.len < VALUE_MOST) {
		memcpy(value, found.at, found.len);
		value[found.len] = '\0';
	}
	return value;
}

static void write_words(const struct order_request *r, const struct text *answer, struct text *to)
{
	char device[VALUE_MOST], hold[VALUE_MOST], until[VALUE_MOST], n[VALUE_MOST];
	struct text plain = {0};

	value_of(answer, "released", n);
	value_of(answer, "hold", hold);
	value_of(answer, "until", until);
	text_plain(&plain, value_of(answer, "device", device), terminal_is_utf8());
	if (n[0] != '\0')
		text_printf(to, "Released: %s.\n", n);
	else if (strcmp(hold, "none") == 0)
		text_printf(to, "%s is released. 'cordon contained' says who is held.\n",
			    text_string(&plain));
	else
		text_printf(to, "%s is %s%s%s. 'cordon release %s' lets it out.\n",
			    text_string(&plain), hold, until[0] != '\0' ? " until " : "", until,
			    r->device);
	if (strcmp(value_of(answer, "kept", device), "false") == 0)
		text_puts(to, "The store could not keep it: after a restart it is forgotten.\n");
	text_fini(&plain);
}

/* nft text holds nothing that JSON escapes but the ends of its lines. */
static void write_nft(const struct text *answer, struct text *to)
{
	struct bytes nft;

	if (!json_find((struct bytes){(const uint8_t *)answer->at, answer->len}, "nft", &nft) ||
	    nft.len == 0) {
		text_puts(to, "# nothing would change\n");
		return;
	}
	for (size_t i = 0; i < nft.len; i++)
		if (nft.at[i] != '\\')
			text_printf(to, "%c", nft.at[i]);
		else if (++i < nft.len)
			text_puts(to, nft.at[i] == 'n' ? "\n" : "?");
}

static int show(const struct order_request *r, const struct text *answer)
{
	char ok[VALUE_MOST], error[VALUE_MOST], device[VALUE_MOST];
	struct text words = {0};

	value_of(answer, "ok", ok);
	if (ok[0] == '\0') {
		say("%s: what answers is not cordon", r->verb);
		return EXITS_DATA;
	}
	if (r->json) {
		text_add(&words, answer->at, answer->len);
		text_puts(&words, "\n");
	} else if (strcmp(ok, "true") != 0) {
		value_of(answer, "device", device);
		say("%s: %s: %s", r->verb, device[0] != '\0' ? device : r->device,
		    value_of(answer, "error", error));
		return ORDER_REFUSED;
	} else if (r->dry_run) {
		write_nft(answer, &words);
	} else {
		write_words(r, answer, &words);
	}
	return output_print(&words) != EXITS_OK ? EXITS_IO
	       : strcmp(ok, "true") == 0	? EXITS_OK
						: ORDER_REFUSED;
}

int order_give(const struct order_request *request)
{
	struct text line = {0}, answer = {0};
	int status;

	write_request(request, &line);
	status = control_ask(request->verb, request->control, &line, &answer);
	if (status == EXITS_OK)
		status = show(request, &answer);
	text_fini(&line);
	text_fini(&answer);
	return status;
}
