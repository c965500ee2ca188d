/* SPDX-License-Identifier: MIT */
/*
 * `cordon join VICTIM TELESCOPE`: who took part in an attack, told with the help of somebody else's capture. A flooded
 * operator sees sources and nothing about them; a telescope or a provider sees scanners and not whom they attack. Put
 * together they say how many of the sources are hijacked devices, of which make, and under whose command.
 */
#include "cli/join_side.h"
#include "cli/join_sources.h"

#include "pipeline.h"
#include "base/exits.h"
#include "base/say.h"
#include "report/json_out.h"
#include "report/report.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "cli/verb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { OPTION_HELP = 1, OPTION_JSON };

enum { SAVED_MOST = 256 << 20 };

static const struct option_spec join_options[] = {
	{OPTION_JSON, 0, "json", NULL, "print one JSON document instead of sentences"},
	{OPTION_HELP, 'h', "help", NULL, "explain this command"},
	{0},
};

struct operand {
	const char *path;
	bool capture; /* can be read a second time */
	struct side side;
};

/* So many of the matched hosts have this. */
struct tally {
	const char *name;
	int port; /* of a command server; else -1 */
	size_t n;
};

struct tallies {
	struct tally *list;
	size_t n;
};

struct match {
	const struct side_attack *attack;
	bool counted; /* it could be told which hosts took part */
	size_t hosts;
	size_t marked;
	struct tallies families;
	struct tallies makers;
	struct tallies masters;
	size_t unknown_maker;
};

/* ---- reading --------------------------------------------------------------------------------------------------- */

/* All of the file, which may hold any bytes. 0 or -errno. */
/* -EFBIG: more than SAVED_MOST. Its tree takes some six times as much memory, and reports come from other people. */
static int read_file(const char *path, struct text *to)
{
	FILE *file = fopen(path, "rb");
	char piece[65536];
	int err = 0;
	size_t n;

	if (file == NULL)
		return -errno;
	while (to->len <= SAVED_MOST && (n = fread(piece, 1, sizeof piece, file)) > 0)
		text_add(to, piece, n);
	if (ferror(file) != 0)
		err = -EIO;
	else if (to->len > SAVED_MOST)
		err = -EFBIG;
	(void)fclose(file);
	return err == 0 && to->failed ? -ENOMEM : err;
}

/* A saved report begins with a brace; no capture does. */
static bool is_report(const char *path)
{
	FILE *file = fopen(path, "rb");
	int c = EOF;

	if (file == NULL)
		return false;
	do
		c = fgetc(file);
	while (c == ' ' || c == '\n' || c == '\r' || c == '\t');
	(void)fclose(file);
	return c == '{';
}

static int say_no_side(const struct operand *o, int err, const char *why)
{
	if (err == -EBADMSG) {
		say("join: %s: %s", o->path, why);
		return EXITS_DATA;
	}
	if (err == -EFBIG) {
		say("join: %s: more than a saved report may have, %d MB; give the capture instead",
		    o->path, SAVED_MOST >> 20);
		return EXITS_DATA;
	}
	say("join: %s: %s", o->path, say_error(-err));
	return err == -ENOMEM ? EXITS_OS : err == -EACCES ? EXITS_NO_PERMISSION : EXITS_NO_INPUT;
}

static int read_saved(struct operand *o)
{
	const char *why = NULL;
	struct text json = {0};
	int err = read_file(o->path, &json);

	if (err == 0)
		err = side_read(&o->side, text_string(&json), json.len, &why);
	text_fini(&json);
	return err == 0 ? EXITS_OK : say_no_side(o, err, why);
}

static int judge_capture(struct operand *o)
{
	const struct pipeline_options options = {.paths = &o->path,
						 .paths_n = 1,
						 .threads = 1,
						 .memory_bytes = ENGINE_MEMORY_DEFAULT};
	const struct report_options look = {.all = true};
	struct knowledge_error bad = {0};
	const struct pipeline_error *errors;
	struct pipeline *p = NULL;
	struct text json = {0};
	const char *why = NULL;
	size_t bad_n = 0;
	int err = pipeline_run(&options, &p, &bad);

	if (err != 0)
		return say_no_side(o, err, bad.expect);
	errors = pipeline_errors(p, &bad_n);
	if (bad_n > 0) {
		err = errors[0].err == EBADMSG ? -EBADMSG : -errors[0].err;
		why = errors[0].why;
	} else {
		report_json(pipeline_judged(p), &look, &json);
		err = json.failed ? -ENOMEM : side_read(&o->side, json.at, json.len, &why);
	}
	text_fini(&json);
	pipeline_free(p);
	o->capture = true;
	return err == 0 ? EXITS_OK : say_no_side(o, err, why);
}

/* What it is is asked first, then it is read, a capture sometimes twice: a pipe gives its bytes once. */
static int read_operand(struct operand *o)
{
	bool standard = strcmp(o->path, "-") == 0;
	struct stat st;

	if (standard || (stat(o->path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))) {
		say("join: %s can't be read a second time; save it to a file first",
		    standard ? "standard input" : o->path);
		return EXITS_USAGE;
	}
	return is_report(o->path) ? read_saved(o) : judge_capture(o);
}

/* ---- comparing ------------------------------------------------------------------------------------------------- */

static void count(struct tallies *t, const char *name, int port)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->list[i].port == port && strcmp(t->list[i].name, name) == 0) {
			t->list[i].n++;
			return;
		}
	}
	t->list[t->n++] = (struct tally){.name = name, .port = port, .n = 1};
}

static int by_count(const void *x, const void *y)
{
	const struct tally *a = x, *b = y;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	if (strcmp(a->name, b->name) != 0)
		return strcmp(a->name, b->name);
	return (a->port > b->port) - (a->port < b->port);
}

/* Where the masters of a device begin: they stand in the order of devices, and both may be many. */
static size_t masters_of(const struct side *side, size_t device)
{
	size_t low = 0, high = side->masters_n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (side->masters[middle].device < device)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void count_host(struct match *m, const struct side *side, const struct side_host *host)
{
	m->hosts++;
	m->marked += host->marked;
	if (host->family != NULL)
		count(&m->families, host->family, -1);
	if (host->maker != NULL)
		count(&m->makers, host->maker, -1);
	else
		m->unknown_maker++;
	for (size_t i = masters_of(side, host->device);
	     i < side->masters_n && side->masters[i].device == host->device; i++)
		count(&m->masters, side->masters[i].address, side->masters[i].port);
}

/* Which hosts of the telescope's side took part. False when that can't be told. */
static bool find_hosts(const struct operand *victim, const struct side_attack *a,
		       const struct side *side, bool *seen)
{
	struct addr target;

	if (a->spoofed)
		return false;
	if (a->exact) {
		for (size_t i = 0; i < a->hashes_n; i++) {
			const struct side_host *host = side_host(side, a->hashes[i]);

			if (host != NULL)
				seen[host - side->hosts] = true;
		}
		return true;
	}
	return victim->capture && addr_parse(a->target, &target) &&
	       sources_seen(victim->path, &target, side, seen) == 0;
}

static bool take_tallies(struct tallies *t, size_t n)
{
	t->list = calloc(n + 1, sizeof *t->list);
	return t->list != NULL;
}

static bool compare(struct match *m, const struct operand *victim, const struct side *side)
{
	bool *seen = calloc(side->hosts_n + 1, sizeof *seen);

	if (seen == NULL || !take_tallies(&m->families, side->hosts_n) ||
	    !take_tallies(&m->makers, side->hosts_n) ||
	    !take_tallies(&m->masters, side->masters_n)) {
		free(seen);
		return false;
	}
	m->counted = find_hosts(victim, m->attack, side, seen);
	for (size_t i = 0; i < side->hosts_n; i++) {
		if (seen[i])
			count_host(m, side, &side->hosts[i]);
	}
	qsort(m->families.list, m->families.n, sizeof(struct tally), by_count);
	qsort(m->makers.list, m->makers.n, sizeof(struct tally), by_count);
	qsort(m->masters.list, m->masters.n, sizeof(struct tally), by_count);
	free(seen);
	return true;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

/* Reports come from others: no byte of theirs reaches a terminal as it is. */
static void plain(struct text *t, const char *s)
{
	text_plain(t, s, terminal_is_utf8());
}

/* How many of the telescope's scanners would be among so many IPv4 sources drawn at random. */
static double by_chance(const struct match *m, const struct side *side)
{
	return (double)m->attack->sources * (double)side->hosts_n / 4294967296.0;
}

static const char *chance_words(double n, char *to, size_t size)
{
	if (n < 0.01)
		return "less than 0.01";
	(void)snprintf(to, size, "%.2f", n);
	return to;
}

static void write_tallies(struct text *t, const char *what, const struct tallies *list,
			  size_t unknown)
{
	if (list->n == 0 && unknown == 0)
		return;
	text_printf(t, "  %s: ", what);
	for (size_t i = 0; i < list->n; i++) {
		text_puts(t, i > 0 ? ", " : "");
		plain(t, list->list[i].name);
		if (list->list[i].port >= 0)
			text_printf(t, " port %d", list->list[i].port);
		text_printf(t, " (%zu)", list->list[i].n);
	}
	if (unknown > 0)
		text_printf(t, "%snot known (%zu)", list->n > 0 ? ", " : "", unknown);
	text_puts(t, "\n");
}

static void write_match(struct text *t, const struct match *m, const struct operand *telescope)
{
	const struct side_attack *a = m->attack;
	char chance[32];

	text_puts(t, "Attack on ");
	plain(t, a->target);
	text_puts(t, ": ");
	plain(t, a->vector);
	text_puts(t, ", ");
	plain(t, a->first);
	text_puts(t, " to ");
	plain(t, a->last);
	text_printf(t, ", %llu sources\n", (unsigned long long)a->sources);
	if (a->spoofed) {
		text_puts(t, "  Its sources are forged: they say nothing about who took part.\n");
		return;
	}
	if (!m->counted) {
		text_puts(
			t,
			"  It has more sources than a saved report keeps; give the capture instead of it.\n");
		return;
	}
	text_printf(t, "  %zu of them (%.1f %%) were seen scanning in ", m->hosts,
		    a->sources > 0 ? 100.0 * (double)m->hosts / (double)a->sources : 0.0);
	plain(t, telescope->path);
	text_printf(t, ", %zu with the mark of Mirai; by chance it would be %s.\n", m->marked,
		    chance_words(by_chance(m, &telescope->side), chance, sizeof chance));
	if (m->hosts == 0)
		return;
	write_tallies(t, "Families", &m->families, 0);
	write_tallies(t, "Makers", &m->makers, m->unknown_maker);
	write_tallies(t, "Command servers they call", &m->masters, 0);
}

static void put_tallies(struct json *j, const char *key, const struct tallies *list)
{
	json_open(j, key, "[");
	for (size_t i = 0; i < list->n; i++) {
		json_open(j, NULL, "{");
		json_string(j, "name", list->list[i].name);
		if (list->list[i].port >= 0)
			json_count(j, "port", (uint64_t)list->list[i].port);
		json_count(j, "hosts", list->list[i].n);
		json_close(j, "}");
	}
	json_close(j, "]");
}

static void put_match(struct json *j, const struct match *m)
{
	json_open(j, NULL, "{");
	json_string(j, "target", m->attack->target);
	json_string(j, "vector", m->attack->vector);
	json_string(j, "first", m->attack->first);
	json_string(j, "last", m->attack->last);
	json_count(j, "sources", m->attack->sources);
	json_bool(j, "spoofed", m->attack->spoofed);
	json_bool(j, "counted", m->counted);
	json_count(j, "scanning", m->hosts);
	json_count(j, "marked", m->marked);
	put_tallies(j, "families", &m->families);
	put_tallies(j, "makers", &m->makers);
	put_tallies(j, "command_servers", &m->masters);
	json_close(j, "}");
}

static int write_all(const struct match *matches, size_t n, const struct operand *telescope,
		     bool as_json)
{
	struct text t = {0};
	struct json j = {.to = &t};

	if (as_json) {
		json_open(&j, NULL, "{");
		json_string(&j, "schema", "cordon.join/1");
		json_count(&j, "scanners", telescope->side.hosts_n);
		json_open(&j, "attacks", "[");
		for (size_t i = 0; i < n; i++)
			put_match(&j, &matches[i]);
		json_close(&j, "]");
		json_close(&j, "}");
		text_puts(&t, "\n");
		return output_print(&t);
	}
	text_printf(&t, "%zu host%s scanning in ", telescope->side.hosts_n,
		    telescope->side.hosts_n == 1 ? "" : "s");
	plain(&t, telescope->path);
	text_printf(&t, ", %zu attack%s to compare them with\n", n, n == 1 ? "" : "s");
	for (size_t i = 0; i < n; i++) {
		text_puts(&t, "\n");
		write_match(&t, &matches[i], telescope);
	}
	return output_print(&t);
}

static int join(struct operand *victim, struct operand *telescope, bool as_json)
{
	size_t n = victim->side.attacks_n;
	struct match *matches = calloc(n + 1, sizeof *matches);
	bool fine = matches != NULL;
	int status;

	for (size_t i = 0; fine && i < n; i++) {
		matches[i].attack = &victim->side.attacks[i];
		fine = compare(&matches[i], victim, &telescope->side);
	}
	status = fine ? write_all(matches, n, telescope, as_json) : EXITS_OS;
	if (!fine)
		say("join: out of memory");
	for (size_t i = 0; matches != NULL && i < n; i++) {
		free(matches[i].families.list);
		free(matches[i].makers.list);
		free(matches[i].masters.list);
	}
	free(matches);
	return status;
}

static int join_run(int argc, char **argv)
{
	struct operand operands[2] = {{.path = NULL}, {.path = NULL}};
	struct options o;
	bool as_json = false;
	unsigned n = 0;
	int id, status;

	options_init(&o, "join", join_options, argc, argv);
	while ((id = options_next(&o)) != OPTIONS_END) {
		if (id == OPTIONS_WRONG)
			return EXITS_USAGE;
		if (id == OPTION_HELP)
			return verb_help_on(&verb_join);
		if (id == OPTION_JSON)
			as_json = true;
		else if (n < 2)
			operands[n++].path = o.value;
		else
			n = 3;
	}
	if (n != 2) {
		say("join: it takes two, the victim's capture or report and the telescope's; try: cordon join "
		    "VICTIM.pcap TELESCOPE.pcap");
		return EXITS_USAGE;
	}
	status = read_operand(&operands[0]);
	if (status == EXITS_OK)
		status = read_operand(&operands[1]);
	if (status == EXITS_OK)
		status = join(&operands[0], &operands[1], as_json);
	side_fini(&operands[0].side);
	side_fini(&operands[1].side);
	return status;
}

const struct verb verb_join = {
	.name = "join",
	.arguments = "[OPTION]... VICTIM TELESCOPE",
	.summary =
		"Says how many sources of an attack were seen scanning elsewhere, whose make they are "
		"and which command server they call.",
	.options = join_options,
	.more = "VICTIM and TELESCOPE are captures, or reports that 'cordon inspect --format json' wrote. The first "
		"shows the attack, the second hijacked devices: a telescope, a provider's link, a home.\n"
		"A saved report keeps up to 1,024 sources of an attack, as hashes; with a capture there is no limit.",
	.run = join_run,
};
