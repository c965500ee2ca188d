/* SPDX-License-Identifier: MIT */
/*
 * `cordon gate`: who came to the first-use gate, where each stands and what to do; and the owner's words on a device: confirm,
 * override, close.
 */
#include "base/exits.h"
#include "base/say.h"
#include "cli/control_ask.h"
#include "cli/gate_answer.h"
#include "cli/order.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "report/json_out.h"

#include <errno.h>
#include <string.h>

enum { OPTION_JSON = 1, OPTION_CONTROL, OPTION_HELP };

static const struct option_spec gate_options[] = {
	{OPTION_JSON, 0, "json", NULL, "the answer as it came: one JSON object on one line"},
	{OPTION_CONTROL, 0, "control", "PATH",
	 "the control socket (default: that of cordon.conf, else /run/cordon/ctl)"},
	{OPTION_HELP, 'h', "help", NULL, "explain this command"},
	{0},
};

struct gate_request {
	const char *word; /* NULL: the list */
	const char *device;
	const char *control;
	bool json;
};

static void write_request(const struct gate_request *r, struct text *to)
{
	struct json j = {.to = to, .compact = true};
	struct text command = {0};

	text_puts(&command, "gate");
	if (r->word != NULL)
		text_printf(&command, "-%s", r->word);
	json_open(&j, NULL, "{");
	json_string(&j, "cmd", text_string(&command));
	if (r->word != NULL)
		json_string(&j, "device", r->device);
	json_close(&j, "}");
	json_end(&j);
	text_fini(&command);
}

static int say_trouble(const struct gate_request *r, int err, const struct text *why)
{
	if (err == -EPERM && r->word != NULL)
		say("gate: %s: %s", r->device, text_string(why));
	else if (err == -EPERM)
		say("gate: %s", text_string(why));
	else if (err == -EBADMSG)
		say("gate: what answers is not cordon");
	else
		say("gate: out of memory");
	return err == -EPERM ? ORDER_REFUSED : err == -EBADMSG ? EXITS_DATA : EXITS_OS;
}

static int show(const struct gate_request *r, const struct text *answer)
{
	struct text words = {0}, why = {0};
	int err = r->word != NULL ? gate_answer_word(answer, terminal_is_utf8(), &words, &why)
				  : gate_answer_list(answer, terminal_is_utf8(), &words, &why);
	int status = EXITS_OK;

	if (r->json && (err == 0 || err == -EPERM)) {
		text_clear(&words);
		text_add(&words, answer->at, answer->len);
		text_puts(&words, "\n");
		status = output_print(&words) != EXITS_OK ? EXITS_IO
			 : err == 0			  ? EXITS_OK
							  : ORDER_REFUSED;
	} else if (err == 0) {
		status = output_print(&words);
	} else {
		status = say_trouble(r, err, &why);
		text_fini(&words);
	}
	text_fini(&why);
	return status;
}

static int ask(const struct gate_request *r)
{
	struct text line = {0}, answer = {0};
	int status;

	write_request(r, &line);
	status = control_ask("gate", r->control, &line, &answer);
	if (status == EXITS_OK)
		status = show(r, &answer);
	text_fini(&line);
	text_fini(&answer);
	return status;
}

static int take_operand(struct gate_request *r, const char *value)
{
	static const char *const words[] = {"confirm", "override", "close"};

	if (r->word != NULL && r->device != NULL) {
		say("gate: one device at a time; what is '%s'?", value);
		return EXITS_USAGE;
	}
	if (r->word != NULL) {
		r->device = value;
		return EXITS_OK;
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(value, words[i]) == 0)
			r->word = words[i];
	if (r->word == NULL) {
		say("gate: what is '%s'? try: cordon gate confirm, override or close DEVICE",
		    value);
		return EXITS_USAGE;
	}
	return EXITS_OK;
}

static int run(int argc, char **argv)
{
	struct gate_request r = {.word = NULL};
	struct options o;
	int id, status;

	options_init(&o, "gate", gate_options, argc, argv);
	while ((id = options_next(&o)) != OPTIONS_END) {
		switch (id) {
		case OPTION_JSON:
			r.json = true;
			break;
		case OPTION_CONTROL:
			if (*o.value == '\0')
				return options_wrong_value(&o, "a path");
			r.control = o.value;
			break;
		case OPTION_HELP:
			return verb_help_on(&verb_gate);
		case OPTIONS_OPERAND:
			status = take_operand(&r, o.value);
			if (status != EXITS_OK)
				return status;
			break;
		default:
			return EXITS_USAGE; /* it was said */
		}
	}
	if (r.word != NULL && (r.device == NULL || *r.device == '\0')) {
		say("gate: %s which device? 'cordon gate' lists them", r.word);
		return EXITS_USAGE;
	}
	return ask(&r);
}

const struct verb verb_gate = {
	.name = "gate",
	.arguments = "[OPTION]... [confirm|override|close DEVICE]",
	.summary = "Says which new devices wait until their own password is seen.",
	.options = gate_options,
	.more = "confirm: its password is your own, though cordon can't see that; void as soon as a factory password is used at it. override: "
		"it is let through whatever happens. close: it waits until your next word. DEVICE is its address, MAC, name or id. Needs a "
		"running 'cordon watch' whose settings say mode = on in [gate].\n"
		"Exit status: 0 it was said, or done; 1 it was refused, and why was said; 64 wrong use; 69 nobody answers; 77 no permission.",
	.run = run,
};
