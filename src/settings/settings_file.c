/* SPDX-License-Identifier: MIT */
/*
 * Files of settings: /etc/cordon/cordon.conf, or the one named, then conf.d/NAME.conf beside it in the order of their bytes,
 * which no locale changes. The grammar is inih's (ini.h); what we add is what it does not say: the line of each mistake, a
 * section that is none, a line too long for it (it would be cut in two), a NUL byte (it would hide the rest of a line).
 *
 * Blanks in front of a line mean nothing here: inih would take an indented line for more of the value above it, so that
 * a file that somebody indented for the eye would say something else.
 *
 * Files are small and few, and what is not a plain file is not read: a pipe would wait for ever, a device never end.
 */
#include "settings/settings_table.h"

#include "base/exits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 256 * 1024, NAME_MAX_BYTES = 50 };

static const char usual_file[] = "/etc/cordon/cordon.conf";
static const char folder_name[] = "conf.d";

/* A file being read: what is left of it, and where we stand. */
struct source {
	struct settings_reading *r;
	const char *at;
	const char *end;
	bool skips; /* under a section that is none, until the next */
};

const char *settings_words_of(int err)
{
	switch (err) {
	case ENOENT:
		return "no such file";
	case ENOTDIR:
		return "a part of the path is no directory";
	case EISDIR:
		return "is a directory";
	case EACCES:
	case EPERM:
		return "no permission";
	case EROFS:
		return "the file system is read-only";
	case ENOSPC:
		return "the disk is full";
	case ELOOP:
		return "the link leads in a circle";
	case ENOMEM:
		return "out of memory";
	default:
		/* Read by one thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
		return strerror(err);
	}
}

static void cannot_read(struct settings_reading *r, int err)
{
	settings_wrong(r, exits_of_errno(err), "%s", settings_words_of(err));
}

/* ---- names ----------------------------------------------------------------------------------------------------- */

static bool is_section(const char *name)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (strcmp(settings_table[i].section, name) == 0)
			return true;
	return false;
}

static void unknown_section(struct settings_reading *r, const char *name)
{
	const char *list[SETTINGS + 1] = {NULL};
	struct text all = {0};
	const char *nearest;
	size_t n = 0;

	for (size_t i = 0; i < SETTINGS; i++)
		if (n == 0 || strcmp(list[n - 1], settings_table[i].section) != 0)
			list[n++] = settings_table[i].section;
	nearest = options_nearest(name, list);
	for (size_t i = 0; i < n; i++)
		text_printf(&all, "%s[%s]", i > 0 ? ", " : "", list[i]);
	if (nearest != NULL)
		settings_wrong(r, EXITS_CONFIG, "unknown section [%s]; did you mean [%s]?", name,
			       nearest);
	else
		settings_wrong(r, EXITS_CONFIG, "unknown section [%s]; there are %s", name,
			       text_string(&all));
	text_fini(&all);
}

static void unknown_key(struct settings_reading *r, const char *section, const char *key)
{
	const char *list[SETTINGS + 1] = {NULL};
	struct text all = {0};
	const char *nearest;
	size_t n = 0;

	for (size_t i = 0; i < SETTINGS; i++) {
		if (strcmp(settings_table[i].section, section) != 0)
			continue;
		text_printf(&all, "%s%s", n > 0 ? ", " : "", settings_table[i].key);
		list[n++] = settings_table[i].key;
	}
	nearest = options_nearest(key, list);
	for (size_t i = 0; i < SETTINGS && nearest == NULL; i++) {
		if (strcmp(settings_table[i].key, key) == 0) {
			settings_wrong(r, EXITS_CONFIG,
				       "unknown key '%s' in [%s]; it belongs in [%s]", key, section,
				       settings_table[i].section);
			text_fini(&all);
			return;
		}
	}
	if (nearest != NULL)
		settings_wrong(r, EXITS_CONFIG, "unknown key '%s' in [%s]; did you mean %s?", key,
			       section, nearest);
	else
		settings_wrong(r, EXITS_CONFIG, "unknown key '%s' in [%s]; there are %s", key,
			       section, text_string(&all));
	text_fini(&all);
}

/* ---- one file -------------------------------------------------------------------------------------------------- */

/* A comment behind a value: inih knows those that begin with a semicolon. */
static size_t value_len(const char *value)
{
	size_t len = strlen(value);

	for (size_t i = 0; i < len; i++) {
		if (value[i] == '#' && (i == 0 || value[i - 1] == ' ' || value[i - 1] == '\t')) {
			len = i;
			break;
		}
	}
	while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
		len--;
	return len;
}

static void apply_line(struct settings_reading *r, const char *section, const char *key,
		       const char *value)
{
	char *plain;

	for (unsigned i = 0; i < SETTINGS; i++) {
		if (strcmp(settings_table[i].section, section) != 0 ||
		    strcmp(settings_table[i].key, key) != 0)
			continue;
		plain = strndup(value, value_len(value));
		if (plain != NULL)
			settings_apply(r, (enum settings_number)i, plain);
		else
			settings_wrong(r, EXITS_OS, "out of memory");
		free(plain);
		return;
	}
	unknown_key(r, section, key);
}

/* inih's ini_handler. It goes on in any case: what is wrong is remembered here. */
static int take_pair(void *user, const char *section, const char *key, const char *value)
{
	struct source *source = user;
	struct settings_reading *r = source->r;

	if (source->skips || settings_stopped(r))
		return 1;
	if (*section == '\0')
		settings_wrong(
			r, EXITS_CONFIG,
			"'%s' stands before the first section; a line such as [%s] goes first", key,
			settings_table[0].section);
	else
		apply_line(r, section, key, value);
	return 1;
}

/* "[name]" with nothing but a comment behind; false: it was said what is wrong. */
static bool check_section(struct source *source, const char *line, size_t len)
{
	struct settings_reading *r = source->r;
	const char *close = memchr(line, ']', len);
	char name[NAME_MAX_BYTES];
	size_t rest;

	source->skips = true;
	if (close == NULL) {
		settings_wrong(r, EXITS_CONFIG, "a section is written [name]; the ] is missing");
		return false;
	}
	rest = (size_t)(close + 1 - line);
	rest += strspn(close + 1, " \t\r");
	if (rest < len && line[rest] != '#' && line[rest] != ';' && line[rest] != '\n') {
		settings_wrong(r, EXITS_CONFIG,
			       "a section stands on a line of its own; what follows ] goes below");
		return false;
	}
	(void)snprintf(name, sizeof name, "%.*s", (int)(close - line - 1), line + 1);
	if (!is_section(name)) {
		unknown_section(r, name);
		return false;
	}
	source->skips = false;
	return true;
}

/* The next line without the blanks in front; the end of the file is closed by a NUL. */
static const char *next_line(struct source *source, size_t *len)
{
	const char *line = source->at;
	const char *newline = memchr(line, '\n', (size_t)(source->end - line));
	const char *behind = newline != NULL ? newline + 1 : source->end;

	source->at = behind;
	source->r->line++;
	while (line < behind && (*line == ' ' || *line == '\t'))
		line++;
	*len = (size_t)(behind - line);
	return line;
}

/* inih's ini_reader, like fgets(3). A line that is wrong comes as an empty one. */
static char *give_line(char *to, int room, void *stream)
{
	struct source *source = stream;
	size_t len, most = (size_t)room - 1;
	const char *line;
	bool good = true;

	if (source->at >= source->end || settings_stopped(source->r))
		return NULL;
	line = next_line(source, &len);
	if (len == 0 || *line == '#' || *line == ';') {
		good = false;
	} else if (memchr(line, '\0', len) != NULL) {
		settings_wrong(source->r, EXITS_CONFIG,
			       "a NUL byte in the line; settings are plain text");
		good = false;
	} else if (len > most) {
		settings_wrong(
			source->r, EXITS_CONFIG,
			"the line has more than %zu bytes; a list or a filter may go on in a second line 'key = ...'",
			most - 2);
		good = false;
	} else if (*line == '[') {
		good = check_section(source, line, len);
	}
	if (!good) {
		line = "\n";
		len = 1;
	}
	memcpy(to, line, len);
	to[len] = '\0';
	return to;
}

static void parse(struct settings_reading *r, const char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf"; /* some editors' sign for UTF-8 */
	struct source source = {.r = r, .at = text, .end = text + len};
	int line;

	if (len >= 3 && memcmp(text, mark, 3) == 0)
		source.at += 3;
	r->line = 0;
	line = ini_parse_stream(give_line, &source, take_pair, &source);
	if (line > 0) {
		r->line = (unsigned)line;
		settings_wrong(
			r, EXITS_CONFIG,
			"this is no setting; a line is '[section]', 'key = value' or '# comment'");
	} else if (line < 0) {
		r->line = 0;
		settings_wrong(r, EXITS_OS, "out of memory");
	}
	r->line = 0;
}

/* All of it, closed by a NUL; NULL when it was said why not. */
static char *read_whole(struct settings_reading *r, int fd, size_t *len)
{
	char *text = malloc(FILE_BYTES_MAX + 1);
	ssize_t n = 1;

	*len = 0;
	if (text == NULL)
		cannot_read(r, ENOMEM);
	while (text != NULL && n > 0 && *len <= FILE_BYTES_MAX) {
		n = read(fd, text + *len, FILE_BYTES_MAX + 1 - *len);
		if (n > 0)
			*len += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (text != NULL && n >= 0 && *len <= FILE_BYTES_MAX) {
		text[*len] = '\0';
		return text;
	}
	if (text != NULL && n < 0)
		cannot_read(r, errno);
	else if (text != NULL)
		settings_wrong(r, EXITS_CONFIG, "larger than 256 KB; settings are less than that");
	free(text);
	return NULL;
}

/* The usual name of an empty file. */
static bool is_null_device(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

static void read_open_file(struct settings_reading *r, int fd)
{
	struct stat st;
	char *text;
	size_t len;

	if (fstat(fd, &st) != 0) {
		cannot_read(r, errno);
	} else if (S_ISDIR(st.st_mode)) {
		settings_wrong(r, EXITS_NO_INPUT, "is a directory, not a file of settings");
	} else if (is_null_device(&st)) {
		return;
	} else if (!S_ISREG(st.st_mode)) {
		settings_wrong(r, EXITS_NO_INPUT, "is no plain file");
	} else if ((text = read_whole(r, fd, &len)) != NULL) {
		parse(r, text, len);
		free(text);
	}
}

static void read_file(struct settings_reading *r, const char *path, bool may_lack)
{
	struct settings *s = r->s;
	int fd;

	r->file = path;
	r->layer++;
	if (s->configs_n == SETTINGS_CONFIGS) {
		settings_wrong(r, EXITS_CONFIG, "one file too many; %d are read", SETTINGS_CONFIGS);
		r->file = NULL;
		return;
	}
	/* Not blocking: opening a pipe that nobody writes to would wait for ever. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd >= 0) {
		s->configs[s->configs_n] = settings_keep(s, path, strlen(path));
		if (s->configs[s->configs_n] != NULL)
			s->configs_n++;
		read_open_file(r, fd);
		(void)close(fd);
	} else if (!may_lack || errno != ENOENT) {
		cannot_read(r, errno);
	}
	r->file = NULL;
}

/* ---- the folder beside it -------------------------------------------------------------------------------------- */

static bool is_conf(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 5 && strcmp(name + len - 5, ".conf") == 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names in the folder, SETTINGS_CONFIGS at most; the number, or -errno. */
static int list_folder(DIR *folder, char *names[SETTINGS_CONFIGS])
{
	const struct dirent *entry;
	int n = 0;

	errno = 0;
	/* This folder is read by one thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while ((entry = readdir(folder)) != NULL) {
		if (!is_conf(entry->d_name))
			continue;
		if (n == SETTINGS_CONFIGS - 1)
			return -E2BIG;
		names[n] = strdup(entry->d_name);
		if (names[n++] == NULL)
			return -ENOMEM;
		errno = 0;
	}
	return errno != 0 ? -errno : n;
}

static void read_listed(struct settings_reading *r, const char *path, DIR *folder)
{
	char *names[SETTINGS_CONFIGS] = {NULL};
	int n = list_folder(folder, names);

	if (n == -E2BIG)
		settings_wrong(r, EXITS_CONFIG, "more than %d files; put some together",
			       SETTINGS_CONFIGS - 1);
	else if (n < 0)
		cannot_read(r, -n);
	else
		qsort(names, (size_t)n, sizeof *names, by_bytes);
	for (int i = 0; i < n && !settings_stopped(r); i++) {
		struct text file = {0};

		text_printf(&file, "%s/%s", path, names[i]);
		read_file(r, text_string(&file), false);
		text_fini(&file);
	}
	for (size_t i = 0; i < SETTINGS_CONFIGS; i++)
		free(names[i]);
}

static void read_folder(struct settings_reading *r, const char *file)
{
	const char *slash = strrchr(file, '/');
	struct text path = {0};
	DIR *folder;

	if (slash != NULL)
		text_add(&path, file, (size_t)(slash + 1 - file));
	text_puts(&path, folder_name);
	r->file = text_string(&path);
	folder = opendir(text_string(&path));
	if (folder != NULL) {
		read_listed(r, text_string(&path), folder);
		(void)closedir(folder);
	} else if (errno != ENOENT) {
		cannot_read(r, errno);
	}
	r->file = NULL;
	text_fini(&path);
}

void settings_read_files(struct settings_reading *r, const char *path)
{
	const char *file = path != NULL ? path : usual_file;

	if (*file == '\0') {
		settings_wrong(r, EXITS_USAGE, "the name of a file of settings is empty");
		return;
	}
	read_file(r, file, path == NULL);
	if (!settings_stopped(r))
		read_folder(r, file);
}
