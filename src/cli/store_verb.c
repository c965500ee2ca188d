/* SPDX-License-Identifier: MIT */
/*
 * See store_verb.h. Where the store is: --store, else what the settings of `cordon watch` say (which know the variable
 * CORDON_STORE_DIRECTORY), so that nobody has to name it twice.
 */
#include "cli/store_verb.h"

#include "base/duration.h"
#include "base/exits.h"
#include "base/say.h"
#include "base/timespan.h"
#include "report/listing.h"
#include "settings/settings.h"
#include "cli/moment.h"
#include "cli/zone.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { CANDIDATES_SHOWN = 10 };

/* ---- the command line ------------------------------------------------------------------------------------------ */

static int64_t now_ns(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int read_time(const struct options *o, int64_t *ns)
{
	int64_t ago;

	if (duration_parse(o->value, &ago)) {
		*ns = now_ns() - ago;
		return EXITS_OK;
	}
	switch (moment_parse(o->value, ns)) {
	case MOMENT_OK:
		return EXITS_OK;
	case MOMENT_NO_ZONE:
		say("%s: --%s '%s' has no time zone; write '%sZ' for UTC, or '%s+02:00' and the like",
		    o->verb, o->name, o->value, o->value, o->value);
		return EXITS_USAGE;
	case MOMENT_WRONG:
		break;
	}
	return options_wrong_value(
		o, "how long ago, such as 90s, 24h or 30d, or a time such as 2016-10-21T11:04:31Z");
}

/* People write addresses in more than one way, the store in one. */
static int read_operand(struct store_ask *ask, const struct options *o)
{
	struct addr addr;
	struct mac mac;

	if (ask->takes == STORE_OPERAND_NONE) {
		say("%s: takes no argument, but there is '%s'", o->verb, o->value);
		return EXITS_USAGE;
	}
	if (ask->device != NULL) {
		say("%s: one device at a time", o->verb);
		return EXITS_USAGE;
	}
	if (*o->value == '\0') {
		say("%s: the name of the device is empty", o->verb);
		return EXITS_USAGE;
	}
	ask->typed = ask->device = o->value;
	if (addr_parse(o->value, &addr))
		ask->device = addr_text(&addr, ask->canonical);
	else if (mac_parse(o->value, &mac))
		ask->device = mac_text(&mac, ask->canonical);
	return EXITS_OK;
}

static int read_path(const struct options *o, const char *what, const char **out)
{
	if (*o->value == '\0')
		return options_wrong_value(o, what);
	*out = o->value;
	return EXITS_OK;
}

static int read_option(struct store_ask *ask, const struct options *o, int id)
{
	switch (id) {
	case OPTIONS_OPERAND:
		return read_operand(ask, o);
	case STORE_OPTION_STORE:
		return read_path(o, "a folder", &ask->directory);
	case STORE_OPTION_SINCE:
		return read_time(o, &ask->since_ns);
	case STORE_OPTION_UNTIL:
		return read_time(o, &ask->until_ns);
	case STORE_OPTION_FORMAT:
		return look_read_format(&ask->look, o, ask->formats);
	case STORE_OPTION_JSON:
		ask->look.format = FORMAT_JSON;
		return EXITS_OK;
	case STORE_OPTION_OUTPUT:
		return read_path(o, "a file name", &ask->output);
	case STORE_OPTION_ALL:
		ask->look.all = true;
		return EXITS_OK;
	case STORE_OPTION_FAIL_ON:
		return look_read_fail_on(&ask->look, o);
	case STORE_OPTION_REPORTER:
		return look_read_reporter(&ask->look, o);
	case STORE_OPTION_COLOUR:
		return look_read_colour(&ask->look, o);
	case STORE_OPTION_HELP:
		ask->help = true;
		return EXITS_OK;
	default:
		return EXITS_USAGE; /* OPTIONS_WRONG: it was said */
	}
}

static int read_line(struct store_ask *ask, const struct verb *verb, int argc, char **argv)
{
	struct options o;
	int id;

	ask->since_ns = INT64_MIN;
	ask->until_ns = INT64_MAX;
	options_init(&o, ask->verb, verb->options, argc, argv);
	while ((id = options_next(&o)) != OPTIONS_END) {
		int status = read_option(ask, &o, id);

		if (status != EXITS_OK || ask->help)
			return status;
	}
	if (ask->takes == STORE_OPERAND_ONE && ask->device == NULL) {
		say("%s: no device named; try: cordon %s 192.168.1.20 ('cordon devices' lists them)",
		    ask->verb, ask->verb);
		return EXITS_USAGE;
	}
	if (ask->since_ns >= ask->until_ns) {
		say("%s: --since is not before --until: there is no time between them", ask->verb);
		return EXITS_USAGE;
	}
	return look_check_reporter(&ask->look, ask->verb);
}

/* ---- the store ------------------------------------------------------------------------------------------------- */

static int status_of(int err)
{
	switch (-err) {
	case ENOENT:
	case ENOTDIR:
		return EXITS_NO_INPUT;
	case EBADMSG:
	case EPROTO:
		return EXITS_DATA;
	case EACCES:
	case EPERM:
		return EXITS_NO_PERMISSION;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return EXITS_OS;
	case EBUSY:
	case EAGAIN:
		return EXITS_UNAVAILABLE;
	default:
		return EXITS_IO;
	}
}

int store_ask_failed(const struct store_ask *ask, int err)
{
	if (err == -ENOMEM)
		say("%s: out of memory", ask->verb);
	else
		say("%s: %s", ask->verb, store_why(ask->store));
	return status_of(err);
}

static int open_at(struct store_ask *ask, const char *directory)
{
	const struct store_options options = {.directory = directory, .reading = true};
	char why[STORE_WHY] = "";
	int err = store_open(&options, &ask->store, why);

	if (err == 0)
		return EXITS_OK;
	if (err == -ENOENT)
		say("%s: there is no store in %s; start 'cordon watch' first, or name the folder with --store",
		    ask->verb, directory);
	else if (err == -EACCES || err == -EPERM)
		say("%s: the store in %s can't be read: no permission; try it as root", ask->verb,
		    directory);
	else
		say("%s: %s", ask->verb, why[0] != '\0' ? why : say_error(-err));
	return status_of(err);
}

static int open_store(struct store_ask *ask)
{
	char verb[] = "watch";
	char *argv[] = {verb, NULL};
	struct settings settings;
	int status;

	if (ask->directory != NULL)
		return open_at(ask, ask->directory);
	status = settings_read(&settings, 1, argv);
	if (status == EXITS_OK)
		status = open_at(ask, settings.directory);
	settings_fini(&settings);
	return status;
}

int store_ask_judged(struct store_ask *ask, const char *device)
{
	const struct store_query query = {
		.since_ns = ask->since_ns, .until_ns = ask->until_ns, .device = device};
	int err = store_report(ask->store, &query, &ask->arena, &ask->judged);

	if (err == 0 && ask->arena.failed)
		err = -ENOMEM;
	return err == 0 ? EXITS_OK : store_ask_failed(ask, err);
}

static int say_candidates(const struct store_ask *ask)
{
	const struct judged *judged = &ask->judged;
	struct report_options options = look_at(&ask->look, &ask->out);

	say("%s: '%s' may be any of %zu devices; name one by its id:", ask->verb, ask->typed,
	    judged->devices_n);
	for (size_t i = 0; i < judged->devices_n && i < CANDIDATES_SHOWN; i++) {
		struct text name = {0};

		listing_name(judged, &judged->devices[i], &options, &name);
		say("  %s  %s", judged->devices[i].id, text_string(&name));
		text_fini(&name);
	}
	if (judged->devices_n > CANDIDATES_SHOWN)
		say("  and %zu more", judged->devices_n - CANDIDATES_SHOWN);
	return EXITS_DATA;
}

int store_ask_device(struct store_ask *ask, const struct device **out)
{
	int status = store_ask_judged(ask, ask->device);

	*out = NULL;
	if (status != EXITS_OK)
		return status;
	if (ask->judged.devices_n > 1)
		return say_candidates(ask);
	if (ask->judged.devices_n == 0) {
		say("%s: no device is or was called '%s'; 'cordon devices --all' lists those that were seen",
		    ask->verb, ask->typed);
		return EXITS_NO_INPUT;
	}
	*out = &ask->judged.devices[0];
	return EXITS_OK;
}

int store_ask_run(struct store_ask *ask, const struct verb *verb, int argc, char **argv,
		  int (*answer)(struct store_ask *ask))
{
	int status = read_line(ask, verb, argc, argv);

	if (status != EXITS_OK)
		return status;
	if (ask->help)
		return verb_help_on(verb);
	status = output_prepare(&ask->out, ask->output);
	if (status == EXITS_OK)
		status = open_store(ask);
	if (status == EXITS_OK) {
		status = answer(ask);
		store_close(ask->store);
	}
	arena_fini(&ask->arena);
	output_fini(&ask->out);
	return status;
}
