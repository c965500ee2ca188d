/* SPDX-License-Identifier: MIT */
/*
 * Where settings come from and which of them counts: defaults, files, variables, the command line, each a layer over the one
 * before. A word that nobody knows is refused with the one that is nearest: a misspelt key that is passed over would
 * leave a guard dog asleep. Only variables are none of ours alone, so an unknown one is worth a line and no more.
 */
#include "settings/settings.h"

#include "base/exits.h"
#include "settings/settings_table.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MESSAGE_MAX = 8192 /* a path may be 4096 bytes */, VARIABLE_MAX = 64, HOST_MAX = 256 };

static const char prefix[] = "CORDON_";
/* How the other verbs call the folder that is [service] data here. */
static const char data_variable[] = "CORDON_DATA_DIR";

enum { OPTION_CONFIG = SETTINGS + 1, OPTION_READ, OPTION_VERBOSE, OPTION_QUIET, OPTION_HELP };

/* clang-format off */
const struct option_spec settings_options[] = {
#define SETTING(...)
#define SETTING_OPTION(section, key, kind, field, usual, range, letter, option, argument, help) \
	{SETTING_##section##_##key + 1, letter, option, argument, help},
#include "settings/settings.def"
#undef SETTING
#undef SETTING_OPTION
	{OPTION_READ,    'r', "read",    "CAPTURE", "read CAPTURE to its end in place of interfaces; repeated: one after the other"},
	{OPTION_CONFIG,  0,   "config",  "FILE",    "read settings from FILE and conf.d beside it (default: /etc/cordon/cordon.conf)"},
	{OPTION_VERBOSE, 'v', "verbose", NULL,      "say more on standard error"},
	{OPTION_QUIET,   'q', "quiet",   NULL,      "say nothing but errors"},
	{OPTION_HELP,    'h', "help",    NULL,      "explain this command"},
	{0},
};

const struct setting settings_table[SETTINGS] = {
#define FIELD(name) offsetof(struct settings, name), sizeof(((struct settings *)0)->name)
#define SETTING(section, key, kind, field, usual, range, help) \
	{#section, #key, KIND_##kind, FIELD(field), usual, range, NULL, help},
#define SETTING_OPTION(section, key, kind, field, usual, range, letter, option, argument, help) \
	{#section, #key, KIND_##kind, FIELD(field), usual, range, option, help},
#include "settings/settings.def"
#undef SETTING
#undef SETTING_OPTION
#undef FIELD
};
/* clang-format on */

struct settings_text {
	struct settings_text *next;
	char at[];
};

const char *settings_keep(struct settings *s, const char *at, size_t len)
{
	struct settings_text *t = malloc(sizeof *t + len + 1);

	if (t == NULL)
		return NULL;
	memcpy(t->at, at, len);
	t->at[len] = '\0';
	t->next = s->texts;
	s->texts = t;
	return t->at;
}

void settings_fini(struct settings *s)
{
	while (s->texts != NULL) {
		struct settings_text *t = s->texts;

		s->texts = t->next;
		free(t);
	}
}

void settings_wrong(struct settings_reading *r, int status, const char *format, ...)
{
	char message[MESSAGE_MAX];
	va_list args;

	if (r->status == EXITS_OK)
		r->status = status;
	else if (!r->all)
		return;
	va_start(args, format);
	(void)vsnprintf(message, sizeof message, format, args);
	va_end(args);
	if (r->file != NULL && r->line > 0)
		text_printf(r->said, "%s:%u: ", r->file, r->line);
	else if (r->file != NULL)
		text_printf(r->said, "%s: ", r->file);
	else if (r->variable == NULL && r->verb != NULL)
		text_printf(r->said, "%s: ", r->verb);
	text_puts(r->said, message);
	text_puts(r->said, "\n");
}

static bool is_list(enum setting_kind kind)
{
	return kind == KIND_INTERFACES || kind == KIND_NETWORKS || kind == KIND_CHOICES ||
	       kind == KIND_WORDS || kind == KIND_HOSTS || kind == KIND_EXCEPTION ||
	       kind == KIND_PLACES;
}

/* What the value is a value of, as the one who wrote it knows it. */
static const char *name_of(const struct settings_reading *r, const struct setting *t)
{
	return r->variable != NULL ? r->variable : r->option != NULL ? r->option : t->key;
}

void settings_apply(struct settings_reading *r, enum settings_number number, const char *value)
{
	const struct setting *t = &settings_table[number];
	bool again = r->told[number].layer == r->layer;
	unsigned how = again && is_list(t->kind) ? 0 : VALUE_FIRST;
	struct text wanted = {0};
	int err;

	/* In a file both lines were meant; on a command line the later word is an afterthought. */
	if (again && !is_list(t->kind) && r->file != NULL) {
		settings_wrong(r, EXITS_CONFIG, "%s is given twice; line %u has it already", t->key,
			       r->told[number].line);
		return;
	}
	if (r->option != NULL)
		how |= VALUE_RELATIVE;
	r->told[number].layer = r->layer;
	r->told[number].line = r->line;
	err = settings_value_read(r->s, t, value, how, &wanted);
	if (err == -ENOMEM)
		settings_wrong(r, EXITS_OS, "out of memory");
	else if (err != 0)
		settings_wrong(r, r->option != NULL ? EXITS_USAGE : EXITS_CONFIG,
			       "%s%s wants %s, not '%s'", r->option != NULL ? "--" : "",
			       name_of(r, t), text_string(&wanted), value);
	text_fini(&wanted);
}

static void read_defaults(struct settings_reading *r)
{
	r->layer++;
	for (unsigned i = 0; i < SETTINGS && r->status == EXITS_OK; i++)
		settings_apply(r, (enum settings_number)i, settings_table[i].usual);
}

static void variable_of(const struct setting *t, char name[VARIABLE_MAX])
{
	(void)snprintf(name, VARIABLE_MAX, "%s%s_%s", prefix, t->section, t->key);
	for (char *c = name; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
}

static void note_unknown_variable(const char *name, struct text *notes)
{
	char names[SETTINGS][VARIABLE_MAX];
	const char *list[SETTINGS + 1] = {NULL};
	const char *nearest;

	for (unsigned i = 0; i < SETTINGS; i++) {
		variable_of(&settings_table[i], names[i]);
		list[i] = names[i];
	}
	nearest = options_nearest(name, list);
	text_printf(notes, "the variable %s is no setting and was passed over", name);
	if (nearest != NULL)
		text_printf(notes, "; did you mean %s?", nearest);
	text_puts(notes, "\n");
}

/* One variable of the environment; its name is that of r->variable. */
static void read_variable(struct settings_reading *r, const char *value, struct text *notes)
{
	char known[VARIABLE_MAX];

	if (strcmp(r->variable, data_variable) == 0) {
		/* The longer name counts when both are there. */
		if (r->told[SETTING_service_data].layer != r->layer)
			settings_apply(r, SETTING_service_data, value);
		return;
	}
	for (unsigned i = 0; i < SETTINGS; i++) {
		variable_of(&settings_table[i], known);
		if (strcmp(r->variable, known) == 0) {
			settings_apply(r, (enum settings_number)i, value);
			return;
		}
	}
	note_unknown_variable(r->variable, notes);
}

static void read_variables(struct settings_reading *r, struct text *notes)
{
	char name[VARIABLE_MAX];

	r->layer++;
	for (char **e = environ; e != NULL && *e != NULL && !settings_stopped(r); e++) {
		size_t len = strcspn(*e, "=");

		if (strncmp(*e, prefix, sizeof prefix - 1) != 0 || (*e)[len] == '\0')
			continue;
		/* A name that is cut is none of ours. */
		(void)snprintf(name, sizeof name, "%.*s",
			       (int)(len < sizeof name ? len : sizeof name - 1), *e);
		r->variable = name;
		read_variable(r, *e + len + 1, notes);
	}
	r->variable = NULL;
}

static void hear_options(void *context, const char *line)
{
	struct settings_reading *r = context;

	/* The line has the verb in it already. */
	r->verb = NULL;
	settings_wrong(r, EXITS_USAGE, "%s", line);
}

static void add_capture(struct settings_reading *r, const char *path)
{
	struct settings *s = r->s;

	if (*path == '\0')
		settings_wrong(r, EXITS_USAGE, "the name of a capture is empty");
	else if (s->files_n == SETTINGS_FILES)
		settings_wrong(r, EXITS_USAGE, "more than %d captures", SETTINGS_FILES);
	else if ((s->files[s->files_n] = settings_keep(s, path, strlen(path))) == NULL)
		settings_wrong(r, EXITS_OS, "out of memory");
	else
		s->files_n++;
}

static void read_option(struct settings_reading *r, int id, const struct options *o,
			const char **config)
{
	switch (id) {
	case OPTION_CONFIG:
		*config = o->value;
		break;
	case OPTION_READ:
		add_capture(r, o->value);
		break;
	case OPTION_VERBOSE:
		r->s->verbose++;
		break;
	case OPTION_QUIET:
		r->s->quiet = true;
		break;
	case OPTION_HELP:
		r->s->help = true;
		break;
	case OPTIONS_OPERAND:
		settings_wrong(
			r, EXITS_USAGE,
			"'%s' stands alone; an interface is named with -i, a capture with -r",
			o->value);
		break;
	default:
		break;
	}
}

/*
 * The command line is walked twice: for what files don't have, the name of the file among it, and over what the file said
 * for the rest.
 */
static void read_options(struct settings_reading *r, int argc, char **argv, const char **config)
{
	struct options o;
	int id;

	r->layer++;
	options_begin(&o, argv[0], settings_options, argc, argv);
	if (config != NULL) {
		o.tell = hear_options;
		o.context = r;
	}
	while (!settings_stopped(r) && !r->s->help && (id = options_next(&o)) != OPTIONS_END) {
		if (id == OPTIONS_WRONG)
			return;
		if (config != NULL) {
			read_option(r, id, &o, config);
		} else if (id > 0 && id <= SETTINGS) {
			r->option = o.name;
			settings_apply(r, (enum settings_number)(id - 1), o.value);
		}
	}
	r->option = NULL;
}

/* This host's name, where none was given. */
static void name_sensor(struct settings_reading *r)
{
	char host[HOST_MAX] = "";

	if (r->s->sensor != NULL)
		return;
	if (gethostname(host, sizeof host - 1) != 0 || host[0] == '\0')
		(void)snprintf(host, sizeof host, "localhost");
	r->s->sensor = settings_keep(r->s, host, strlen(host));
	if (r->s->sensor == NULL)
		settings_wrong(r, EXITS_OS, "out of memory");
}

/* Frames of now between those of last year would be judged as one story. */
static void check_inputs(struct settings_reading *r, bool interfaces_named)
{
	if (r->s->files_n > 0 && interfaces_named)
		settings_wrong(
			r, EXITS_USAGE,
			"-i and -r together; watch interfaces, or read captures, one at a time");
	else if (r->s->files_n > 0)
		r->s->interfaces_n = 0;
}

int settings_load(struct settings *s, int argc, char **argv, struct text *said)
{
	struct settings_reading r = {.s = s, .said = said, .verb = argv[0]};
	const char *config = NULL;
	struct text notes = {0};

	*s = (struct settings){0};
	read_defaults(&r);
	if (r.status == EXITS_OK)
		read_options(&r, argc, argv, &config);
	if (r.status == EXITS_OK && !s->help) {
		settings_read_files(&r, config);
		if (r.status == EXITS_OK)
			read_variables(&r, &notes);
		if (r.status == EXITS_OK)
			read_options(&r, argc, argv, NULL);
		if (r.status == EXITS_OK)
			check_inputs(&r, r.told[SETTING_capture_interface].layer == r.layer);
		if (r.status == EXITS_OK)
			name_sensor(&r);
	}
	if (r.status == EXITS_OK)
		text_add(said, text_string(&notes), notes.len);
	text_fini(&notes);
	return r.status;
}

int settings_read(struct settings *s, int argc, char **argv)
{
	struct text said = {0}, line = {0};
	int status = settings_load(s, argc, argv, &said);

	if (status != EXITS_OK && said.len > 0) {
		said.at[said.len - 1] = '\0'; /* the end of its line */
		text_puts(&line, "cordon: ");
		text_plain(&line, said.at, true);
		text_puts(&line, "\n");
		/* Where standard error itself fails there is nobody left to tell. */
		if (!line.failed && write(STDERR_FILENO, line.at, line.len) < 0)
			line.failed = true;
	}
	text_fini(&said);
	text_fini(&line);
	return status;
}

int settings_check(struct settings *s, const char *path, struct text *said)
{
	struct settings_reading r = {.s = s, .said = said, .all = true};
	struct text notes = {0};

	*s = (struct settings){0};
	read_defaults(&r);
	if (r.status == EXITS_OK)
		settings_read_files(&r, path);
	read_variables(&r, &notes);
	if (r.status == EXITS_OK)
		name_sensor(&r);
	text_add(said, text_string(&notes), notes.len);
	text_fini(&notes);
	return r.status;
}
