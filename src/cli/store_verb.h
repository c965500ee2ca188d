/* SPDX-License-Identifier: MIT */
/*
 * What the verbs have in common that read the store of `cordon watch`: their options, where the store is, and what is said
 * when it can't be read. They open it for reading only, whether `watch` runs or not.
 */
#pragma once

#include "base/arena.h"
#include "cli/look.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

enum store_option {
	STORE_OPTION_STORE = 1,
	STORE_OPTION_SINCE,
	STORE_OPTION_UNTIL,
	STORE_OPTION_FORMAT,
	STORE_OPTION_JSON,
	STORE_OPTION_OUTPUT,
	STORE_OPTION_ALL,
	STORE_OPTION_FAIL_ON,
	STORE_OPTION_REPORTER,
	STORE_OPTION_COLOUR,
	STORE_OPTION_HELP
};

/* Lines that several tables of options have. */
/* clang-format off */
#define STORE_LINE {STORE_OPTION_STORE, 0, "store", "DIR", "the folder of the store (default: that of cordon.conf, else /var/lib/cordon)"}
#define STORE_LINE_SINCE(what) {STORE_OPTION_SINCE, 0, "since", "TIME", what " in the last 10s, 5m, 24h or 30d, or since a time such as 2016-10-21T11:04:31Z"}
#define STORE_LINE_UNTIL {STORE_OPTION_UNTIL, 0, "until", "TIME", "before that time, or longer ago than that"}
#define STORE_LINE_JSON(what) {STORE_OPTION_JSON, 0, "json", NULL, what}
#define STORE_LINES_LOOK \
	{STORE_OPTION_COLOUR, 0, "color", "WHEN", "auto (default), always or never"}, \
	{STORE_OPTION_COLOUR, 0, "colour", "WHEN", NULL}
#define STORE_LINE_HELP {STORE_OPTION_HELP, 'h', "help", NULL, "explain this command"}
/* clang-format on */

enum store_operand { STORE_OPERAND_NONE, STORE_OPERAND_MAYBE, STORE_OPERAND_ONE };

struct store_ask {
	const char *verb;
	unsigned formats; /* bit of enum format: what --format may name */
	enum store_operand takes;
	const char *device; /* the operand as the store has it, or NULL */
	const char *typed;  /* the operand as it was written */
	char canonical[ADDR_TEXT_MAX];
	const char *directory; /* --store, or NULL */
	const char *output;    /* -o, or NULL */
	int64_t since_ns;
	int64_t until_ns;
	struct look look;
	bool help;

	/* While the verb is at work. */
	struct output out;
	struct store *store;
	struct arena arena; /* of what was read */
	struct judged judged;
};

/*
 * Reads the command line, opens the store and has `answer` do the rest; it returns the exit status, as this does. The
 * caller has filled in verb, formats and takes.
 */
int store_ask_run(struct store_ask *ask, const struct verb *verb, int argc, char **argv,
		  int (*answer)(struct store_ask *ask));

/* Reads the model of what was asked for into ask->judged; device: NULL for all. Returns the exit status. */
int store_ask_judged(struct store_ask *ask, const char *device);
/* The one device that was named, in ask->judged; *out is NULL with the status when there is none, or not one alone. */
int store_ask_device(struct store_ask *ask, const struct device **out);
/* Says what went wrong with the store's last call. Returns the exit status. */
int store_ask_failed(const struct store_ask *ask, int err);
