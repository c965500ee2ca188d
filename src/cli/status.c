/* SPDX-License-Identifier: MIT */
/*
 * `cordon status`: asks the running service how it does, over its control socket.
 */
#include "cli/status_answer.h"

#include "base/exits.h"
#include "base/say.h"
#include "cli/control_ask.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "cli/verb.h"

#include <errno.h>

enum { OPTION_JSON = 1, OPTION_CONTROL, OPTION_HELP };

static const struct option_spec status_options[] = {
	{OPTION_JSON, 0, "json", NULL, "the answer as it came: one JSON object on one line"},
	{OPTION_CONTROL, 0, "control", "PATH",
	 "the control socket (default: that of cordon.conf, else /run/cordon/ctl)"},
	{OPTION_HELP, 'h', "help", NULL, "explain this command"},
	{0},
};

static int show_status(const char *path, bool json)
{
	struct text request = {0}, line = {0}, words = {0};
	const char *why = NULL;
	int status, err;

	text_puts(&request, "{\"cmd\":\"status\"}\n");
	status = control_ask("status", path, &request, &line);
	text_fini(&request);
	if (status == EXITS_OK) {
		err = status_answer(text_string(&line), line.len, json, terminal_is_utf8(), &words,
				    &why);
		if (err == -EBADMSG)
			say("status: what answers is not cordon: %s", why);
		else if (err != 0)
			say("status: out of memory");
		status = err == 0 ? output_print(&words) : err == -EBADMSG ? EXITS_DATA : EXITS_OS;
		if (err != 0)
			text_fini(&words);
	}
	text_fini(&line);
	return status;
}

static int run(int argc, char **argv)
{
	const char *path = NULL;
	bool json = false;
	struct options o;
	int id;

	options_init(&o, "status", status_options, argc, argv);
	while ((id = options_next(&o)) != OPTIONS_END) {
		switch (id) {
		case OPTION_JSON:
			json = true;
			break;
		case OPTION_CONTROL:
			if (*o.value == '\0')
				return options_wrong_value(&o, "a path");
			path = o.value;
			break;
		case OPTION_HELP:
			return verb_help_on(&verb_status);
		case OPTIONS_OPERAND:
			say("status: takes no argument, but there is '%s'", o.value);
			return EXITS_USAGE;
		default:
			return EXITS_USAGE; /* OPTIONS_WRONG: it was said */
		}
	}
	return show_status(path, json);
}

const struct verb verb_status = {
	.name = "status",
	.arguments = "[OPTION]...",
	.summary = "Asks the running 'cordon watch' how it does.",
	.options = status_options,
	.more = "Says since when it runs, what came from which interface and what was dropped, and how store, events and memory "
		"do.\n"
		"Exit status: 0 it answered; 64 wrong use; 65 what answers is not cordon; 69 nobody answers; 71 out of memory; "
		"74 I/O error; 77 no permission; 78 the settings are wrong.",
	.run = run,
};
