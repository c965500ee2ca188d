/* SPDX-License-Identifier: MIT */
/*
 * The options of `cordon inspect` as a table, and one reader for each kind of value.
 */
#include "cli/inspect.h"

#include "base/exits.h"
#include "base/say.h"
#include "base/timespan.h"
#include "cli/evidence.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum option {
	OPTION_FORMAT = 1,
	OPTION_JSON,
	OPTION_REPORTER,
	OPTION_OUTPUT,
	OPTION_EVIDENCE,
	OPTION_SUMMARY,
	OPTION_READ,
	OPTION_LOCAL,
	OPTION_AT,
	OPTION_PORT,
	OPTION_ADDRESS,
	OPTION_PROTO,
	OPTION_WITHIN,
	OPTION_FAIL_ON,
	OPTION_ALL,
	OPTION_RECALLS,
	OPTION_SHOW_SECRETS,
	OPTION_THREADS,
	OPTION_MEMORY,
	OPTION_MAX_DEVICES,
	OPTION_COLOUR,
	OPTION_VERBOSE,
	OPTION_QUIET,
	OPTION_HELP
};

/* clang-format off */
const struct option_spec inspect_options[] = {
	{OPTION_FORMAT,  0,   "format",  "FORMAT",  "text, for people (default); html, a page for browsers and paper; json, csv, "
						    "ndjson or eve, for programs; xarf, "
						    "stix, misp or shadowserver-csv, for others"},
	{OPTION_JSON,    0,   "json",    NULL,      "the same as --format json"},
	{OPTION_REPORTER, 0,  "reporter", "WHO",    "who reports, as 'Example Net <abuse@example.net>'; xarf asks for it"},
	{OPTION_OUTPUT,  'o', "output",  "FILE",    "write the report to FILE, which is replaced only by a whole report"},
	{OPTION_EVIDENCE, 0,  "evidence", "FILE",   "write the packets that the report cites to FILE, a pcapng with the reasons as "
						    "comments"},
	{OPTION_SUMMARY, 0,   "summary", "FILE",    "save what the report is made from to FILE, for 'cordon merge'"},
	{OPTION_READ,    'r', "read",    "CAPTURE", "read CAPTURE; the same as naming it alone"},
	{OPTION_LOCAL,   0,   "local",   "PREFIX",  "a network of yours, such as 192.168.1.0/24 or 2001:db8::/32; may be "
						    "repeated (default: private networks and what the capture shows)"},
	{OPTION_AT,      0,   "at",      "TIME",    "with --port: which device had that connection at TIME, such as "
						    "2016-10-21T11:04:31Z"},
	{OPTION_PORT,    0,   "port",    "N",       "with --at: the device's port, as the notice of abuse has it"},
	{OPTION_ADDRESS, 0,   "address", "ADDRESS", "with --at: an address at either end"},
	{OPTION_PROTO,   0,   "proto",   "PROTOCOL", "with --at: tcp or udp (default: both)"},
	{OPTION_WITHIN,  0,   "within",  "SECONDS", "with --at: how far before and after to look (default: 120)"},
	{OPTION_ALL,     0,   "all",     NULL,      "list devices that are clear too, every attack and every stranger"},
	{OPTION_FAIL_ON, 0,   "fail-on", "VERDICT", "exit with status 1 when a local device is exposed, suspect or infected, "
						    "or worse"},
	{OPTION_RECALLS, 0,   "recalls", NULL,      "with --format csv: one row for each recall or advisory and device that "
						    "it names or may concern"},
	{OPTION_SHOW_SECRETS, 0, "show-secrets", NULL, "print factory passwords that stand in the known lists in full; an owner's own "
						    "password is never printed"},
	{OPTION_THREADS, 0,   "threads", "N",       "work with N threads, 1 to 64 (default: one for each processor); the "
						    "report is the same"},
	{OPTION_MEMORY,  0,   "memory",  "SIZE",    "memory for the tables, such as 64M or 1G (default: 256M)"},
	{OPTION_MAX_DEVICES, 0, "max-devices", "N", "name at most N devices in the report, local ones always (default: 100000, fewer "
						    "with less memory)"},
	{OPTION_COLOUR,  0,   "color",   "WHEN",    "auto (default), always or never"},
	{OPTION_COLOUR,  0,   "colour",  "WHEN",    NULL},
	{OPTION_VERBOSE, 'v', "verbose", NULL,      "print the memory by table and the time it took to standard error"},
	{OPTION_QUIET,   'q', "quiet",   NULL,      "print nothing but the report and errors"},
	{OPTION_HELP,    'h', "help",    NULL,      "explain this command"},
	{0},
};

/* What has to do with packets is not asked of summaries. */
const struct option_spec merge_options[] = {
	{OPTION_FORMAT,  0,   "format",  "FORMAT",  "as of 'cordon inspect': text (default), html, json, csv, ndjson, eve, xarf, "
						    "stix, misp or shadowserver-csv"},
	{OPTION_JSON,    0,   "json",    NULL,      "the same as --format json"},
	{OPTION_REPORTER, 0,  "reporter", "WHO",    "who reports, as 'Example Net <abuse@example.net>'; xarf asks for it"},
	{OPTION_OUTPUT,  'o', "output",  "FILE",    "write the report to FILE, which is replaced only by a whole report"},
	{OPTION_SUMMARY, 0,   "summary", "FILE",    "save the joined summary to FILE"},
	{OPTION_ALL,     0,   "all",     NULL,      "list devices that are clear too, every attack and every stranger"},
	{OPTION_FAIL_ON, 0,   "fail-on", "VERDICT", "exit with status 1 when a local device is exposed, suspect or infected, "
						    "or worse"},
	{OPTION_RECALLS, 0,   "recalls", NULL,      "with --format csv: one row for each recall or advisory and device that "
						    "it names or may concern"},
	{OPTION_SHOW_SECRETS, 0, "show-secrets", NULL, "print factory passwords that stand in the known lists in full; an owner's own "
						    "password is never printed"},
	{OPTION_MEMORY,  0,   "memory",  "SIZE",    "memory for the tables, such as 64M or 1G (default: 256M)"},
	{OPTION_COLOUR,  0,   "color",   "WHEN",    "auto (default), always or never"},
	{OPTION_COLOUR,  0,   "colour",  "WHEN",    NULL},
	{OPTION_VERBOSE, 'v', "verbose", NULL,      "print the memory by table and the time it took to standard error"},
	{OPTION_QUIET,   'q', "quiet",   NULL,      "print nothing but the report and errors"},
	{OPTION_HELP,    'h', "help",    NULL,      "explain this command"},
	{0},
};
/* clang-format on */

/* A decimal number and nothing after it but *rest. */
static bool number(const char *s, uint64_t *out, const char **rest)
{
	uint64_t n = 0;

	if (!isdigit((unsigned char)*s))
		return false;
	for (; isdigit((unsigned char)*s); s++) {
		unsigned digit = (unsigned)(*s - '0');

		if (n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	*rest = s;
	return true;
}

static int read_threads(struct inspect *in, const struct options *o)
{
	const char *rest;
	uint64_t n;

	if (!number(o->value, &n, &rest) || *rest != '\0' || n < 1 || n > ENGINE_THREADS_MAX)
		return options_wrong_value(o, "a number from 1 to 64");
	in->threads = (unsigned)n;
	return EXITS_OK;
}

static int read_memory(struct inspect *in, const struct options *o)
{
	static const char units[] = "KMG";
	const char *unit;
	const char *rest;
	uint64_t n;
	unsigned shift = 0;

	if (!number(o->value, &n, &rest))
		return options_wrong_value(o, "a size such as 64M or 1G");
	if (*rest != '\0') {
		unit = strchr(units, toupper((unsigned char)*rest));
		if (unit == NULL || rest[1] != '\0')
			return options_wrong_value(o, "a size such as 64M or 1G");
		shift = 10 * (unsigned)(unit - units + 1);
	}
	if (n > UINT64_MAX >> shift)
		return options_wrong_value(o, "a size that fits in memory");
	n <<= shift;
	if (n < ENGINE_MEMORY_MIN)
		return options_wrong_value(o, "at least 32M");
	in->memory_bytes = n;
	return EXITS_OK;
}

static int read_max_devices(struct inspect *in, const struct options *o)
{
	const char *rest;
	uint64_t n;

	if (!number(o->value, &n, &rest) || *rest != '\0' || n < 1)
		return options_wrong_value(o, "a number of devices, 1 or more");
	in->max_devices = n;
	return EXITS_OK;
}

static int read_local(struct inspect *in, const struct options *o)
{
	if (!prefix_parse(o->value, &in->local[in->local_n]))
		return options_wrong_value(o, "a network such as 192.168.1.0/24 or 2001:db8::/32");
	in->local_n++;
	return EXITS_OK;
}

static int read_file(struct inspect *in, const struct options *o)
{
	if (*o->value == '\0') {
		say("%s: the name of a file is empty", o->verb);
		return EXITS_USAGE;
	}
	in->paths[in->paths_n++] = o->value;
	return EXITS_OK;
}

static int read_output(struct inspect *in, const struct options *o)
{
	if (*o->value == '\0')
		return options_wrong_value(o, "a file name");
	in->output = o->value;
	return EXITS_OK;
}

static int read_option(struct inspect *in, const struct options *o, int id)
{
	switch (id) {
	case OPTIONS_OPERAND:
	case OPTION_READ:
		return read_file(in, o);
	case OPTION_FORMAT:
		return look_read_format(&in->look, o, LOOK_FORMATS_ALL);
	case OPTION_JSON:
		in->look.format = FORMAT_JSON;
		return EXITS_OK;
	case OPTION_REPORTER:
		return look_read_reporter(&in->look, o);
	case OPTION_OUTPUT:
		return read_output(in, o);
	case OPTION_EVIDENCE:
		if (*o->value == '\0')
			return options_wrong_value(o, "a file name");
		in->evidence = o->value;
		return EXITS_OK;
	case OPTION_SUMMARY:
		if (*o->value == '\0')
			return options_wrong_value(o, "a file name");
		in->summary = o->value;
		return EXITS_OK;
	case OPTION_LOCAL:
		return read_local(in, o);
	case OPTION_AT:
		return question_read_at(in, o);
	case OPTION_PORT:
		return question_read_port(in, o);
	case OPTION_ADDRESS:
		return question_read_address(in, o);
	case OPTION_PROTO:
		return question_read_proto(in, o);
	case OPTION_WITHIN:
		return question_read_within(in, o);
	case OPTION_FAIL_ON:
		return look_read_fail_on(&in->look, o);
	case OPTION_ALL:
		in->look.all = true;
		return EXITS_OK;
	case OPTION_RECALLS:
		in->recalls = true;
		return EXITS_OK;
	case OPTION_SHOW_SECRETS:
		in->show_secrets = true;
		return EXITS_OK;
	case OPTION_THREADS:
		return read_threads(in, o);
	case OPTION_MEMORY:
		return read_memory(in, o);
	case OPTION_MAX_DEVICES:
		return read_max_devices(in, o);
	case OPTION_COLOUR:
		return look_read_colour(&in->look, o);
	case OPTION_VERBOSE:
		in->verbose++;
		return EXITS_OK;
	case OPTION_QUIET:
		in->quiet = true;
		return EXITS_OK;
	case OPTION_HELP:
		in->help = true;
		return EXITS_OK;
	default:
		return EXITS_USAGE; /* OPTIONS_WRONG: it was said */
	}
}

/* Standard input is one stream: it can be read once, and never from a keyboard. */
static int check_standard_input(const struct inspect *in)
{
	size_t n = 0;

	for (size_t i = 0; i < in->paths_n; i++) {
		assert(in->paths[i] != NULL);
		n += strcmp(in->paths[i], "-") == 0;
	}
	if (n > 1)
		say("inspect: '-' is named %zu times, but standard input can be read only once", n);
	else if (n == 1 && isatty(STDIN_FILENO))
		say("inspect: standard input is a terminal; pipe a capture into it, or name a file");
	else
		return EXITS_OK;
	return EXITS_USAGE;
}

/* A report written over one of its captures would destroy the proof it points to. */
static int check_output(const struct inspect *in, const char *option, const char *path)
{
	struct stat out;
	struct stat st;

	if (path == NULL || stat(path, &out) != 0)
		return EXITS_OK;
	for (size_t i = 0; i < in->paths_n; i++) {
		if (stat(in->paths[i], &st) != 0 || st.st_dev != out.st_dev ||
		    st.st_ino != out.st_ino)
			continue;
		say("%s: %s %s would overwrite the %s; name another file", in->verb, option, path,
		    in->merges ? "summary" : "capture");
		return EXITS_USAGE;
	}
	return EXITS_OK;
}

/* The list of recalls is a table; the other formats have it beside everything else. */
static int check_recalls(const struct inspect *in)
{
	if (!in->recalls || in->look.format == FORMAT_CSV)
		return EXITS_OK;
	say("%s: --recalls is a table, so it goes with --format csv; try: cordon %s --format csv "
	    "--recalls %s",
	    in->verb, in->verb, in->merges ? "FILE" : "FILE.pcap");
	return EXITS_USAGE;
}

static unsigned processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > ENGINE_THREADS_MAX ? ENGINE_THREADS_MAX : (unsigned)n;
}

static int check_paths(const struct inspect *in)
{
	if (in->paths_n == 0) {
		say(in->merges
			    ? "merge: no summary named; try: cordon merge FILE... ('cordon inspect --summary FILE CAPTURE' "
			      "makes one)"
			    : "inspect: no capture named; try: cordon inspect FILE.pcap ('-' reads standard input)");
		return EXITS_USAGE;
	}
	for (size_t i = 0; in->merges && i < in->paths_n; i++) {
		assert(in->paths[i] != NULL);
		if (strcmp(in->paths[i], "-") == 0) {
			say("merge: summaries are read twice, so they can't come from standard input; name a file");
			return EXITS_USAGE;
		}
	}
	return in->merges ? EXITS_OK : check_standard_input(in);
}

static int check_outputs(const struct inspect *in)
{
	int status = check_output(in, "-o", in->output);

	if (status == EXITS_OK)
		status = check_output(in, "--evidence", in->evidence);
	return status != EXITS_OK ? status : check_output(in, "--summary", in->summary);
}

int inspect_read(struct inspect *in, bool merges, int argc, char **argv)
{
	struct options o;
	int status;
	int id;

	*in = (struct inspect){.verb = merges ? "merge" : "inspect",
			       .merges = merges,
			       .threads = merges ? 1 : processors(),
			       .memory_bytes = ENGINE_MEMORY_DEFAULT};
	in->question.within_ns = QUESTION_WITHIN_S * NS_PER_S;
	in->paths = calloc((size_t)argc, sizeof *in->paths);
	in->local = calloc((size_t)argc, sizeof *in->local);
	if (in->paths == NULL || in->local == NULL) {
		say("out of memory");
		return EXITS_OS;
	}
	options_init(&o, in->verb, merges ? merge_options : inspect_options, argc, argv);
	while ((id = options_next(&o)) != OPTIONS_END) {
		status = read_option(in, &o, id);
		if (status != EXITS_OK || in->help)
			return status;
	}
	status = check_paths(in);
	if (status == EXITS_OK)
		status = check_recalls(in);
	if (status == EXITS_OK)
		status = look_check_reporter(&in->look, in->verb);
	if (status == EXITS_OK)
		status = question_check(in);
	if (status == EXITS_OK)
		status = evidence_check(in);
	return status != EXITS_OK ? status : check_outputs(in);
}

void inspect_fini(struct inspect *in)
{
	free(in->paths);
	free(in->local);
}
