/* SPDX-License-Identifier: MIT */
/*
 * What the files settings*.c share: the table made from settings.def, and the reading of one layer over another. A layer is
 * the defaults, one file, the variables, or the command line; what it says of a setting takes the place of all that earlier
 * layers said of it, lists included.
 */
#pragma once

#include "settings/settings.h"

enum setting_kind {
	KIND_INTERFACES,   /* names, separated by blanks or commas, or on several lines */
	KIND_NETWORKS,	   /* likewise */
	KIND_CHOICES,	   /* likewise, each a word of the range; "none" */
	KIND_CHOICE,	   /* one word of the range */
	KIND_WORDS,	   /* a text; several lines are joined by a blank; nothing: none */
	KIND_NAME,	   /* a text without blanks */
	KIND_NAME_OR_NONE, /* the same, or "none" */
	KIND_PATH,
	KIND_PATH_OR_NONE,
	KIND_SOCKET,   /* a path short enough for a Unix socket, or "none" */
	KIND_LOOPBACK, /* 127.0.0.1:PORT, [::1]:PORT, unix:PATH, or "none" */
	KIND_SIZE,
	KIND_SPAN,
	KIND_NUMBER,
	KIND_HOSTS,	/* MACs and addresses, a list */
	KIND_EXCEPTION, /* MAC until YYYY-MM-DD REASON; several lines add up */
	KIND_PLACES,	/* names, addresses and networks, a list */
	KIND_YES
};

struct setting {
	const char *section;
	const char *key;
	enum setting_kind kind;
	size_t offset; /* of the field in struct settings … */
	size_t size;   /* … and its size */
	const char *usual;
	const char *range;
	const char *option; /* NULL: none */
	const char *help;
};

enum settings_number {
#define SETTING(section, key, ...) SETTING_##section##_##key,
#define SETTING_OPTION(section, key, ...) SETTING_##section##_##key,
#include "settings/settings.def"
#undef SETTING
#undef SETTING_OPTION
	SETTINGS
};

extern const struct setting settings_table[SETTINGS];

struct settings_reading {
	struct settings *s;
	struct text *said; /* what is wrong, a line each */
	bool all;	   /* every mistake is said, not the first alone */
	int status;	   /* of the first mistake; EXITS_OK so far */

	/* Where we are, for messages: file and line, or the name of a variable, or that of an option. */
	const char *file;
	unsigned line;
	const char *variable;
	const char *option;
	const char *verb;

	unsigned layer;
	struct {
		unsigned layer; /* that said it last */
		unsigned line;
	} told[SETTINGS];
};

/* Nothing more is to be read: there was a mistake and one is enough. */
static inline bool settings_stopped(const struct settings_reading *r)
{
	return r->status != 0 && !r->all;
}

/* "file:line: " or "watch: " and the message become a line of `said`. */
void settings_wrong(struct settings_reading *r, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* One setting gets one value. What is wrong with it is said. */
void settings_apply(struct settings_reading *r, enum settings_number number, const char *value);
/* The file, or /etc/cordon/cordon.conf when it is NULL, and conf.d beside it. */
void settings_read_files(struct settings_reading *r, const char *path);

/* The system's words for an errno value. */
const char *settings_words_of(int err);

/* A copy that lives as long as the settings; NULL when memory is out. */
const char *settings_keep(struct settings *s, const char *at, size_t len);

enum {
	VALUE_FIRST = 1 /* of this layer: nothing is added to */,
	VALUE_RELATIVE = 2 /* paths may be so */
};
/*
 * Reads a value into the field. 0, -ENOMEM, or -EINVAL: *wanted gets what should stand there ("a size such as 64M, from
 * 32M to 1024G").
 */
int settings_value_read(struct settings *s, const struct setting *t, const char *value,
			unsigned how, struct text *wanted);
/* settings_hosts.c: one MAC or address; one exception. The same answers. */
int settings_host_add(struct settings_hosts *hosts, const char *word, struct text *wanted);
int settings_exception_add(struct settings_exceptions *list, const char *value,
			   struct text *wanted);
/* One name, address or network. */
int settings_place_add(struct settings_places *places, const char *word, struct text *wanted);
void settings_places_write(const struct settings_places *places, struct text *to);
void settings_hosts_write(const struct settings_hosts *hosts, struct text *to);
/* One line each; from the second on with the key in front. */
void settings_exceptions_write(const struct settings_exceptions *list, const char *key,
			       struct text *to);
/* The field's value as a file would say it. */
void settings_value_write(const struct settings *s, const struct setting *t, struct text *to);
