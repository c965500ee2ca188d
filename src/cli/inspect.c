/* SPDX-License-Identifier: MIT */
/*
 * `cordon inspect`: captures in, a report out. What depends on the run (times, memory) goes to standard error, so
 * that the report of a capture is the same every time.
 */
#include "cli/inspect.h"

#include "base/exits.h"
#include "base/owner_data.h"
#include "base/say.h"
#include "report/answers.h"
#include "report/csv.h"
#include "report/report.h"
#include "cli/evidence.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/verb.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Where the run writes to. */
struct outputs {
	struct output report;
	struct output evidence;
	struct output summary;
};

/* The one thing that a signal handler may write to must be a global. */
static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

/*
 * The first SIGINT ends the reading, a second one ends us. Reads go on after the first: the stop is looked for
 * between batches, and a read cut short would look like a damaged capture. A SIGINT that our parent has us ignore
 * (nohup, a shell's background job) stays ignored.
 */
static void catch_interrupt(void)
{
	struct sigaction old;
	struct sigaction new = {.sa_handler = interrupt, .sa_flags = SA_RESTART | SA_RESETHAND};

	if (sigaction(SIGINT, NULL, &old) != 0 || old.sa_handler == SIG_IGN)
		return;
	(void)sigemptyset(&new.sa_mask);
	(void)sigaction(SIGINT, &new, NULL);
}

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

/* What the run itself was like: memory with -v; the time with it, and to whoever waited at a terminal. */
static void tell_run(const struct inspect *in, const struct pipeline *p,
		     const struct timespec *start)
{
	const struct judged *judged = pipeline_judged(p);
	double seconds = seconds_since(start);
	uint64_t packets = 0;

	if (judged->inputs_n == 0)
		return;
	if (in->verbose > 0) {
		pipeline_print_memory(p, stderr);
		(void)fflush(stderr);
	} else if (in->quiet || !isatty(STDERR_FILENO)) {
		return;
	}
	for (size_t i = 0; i < judged->inputs_n; i++)
		packets += judged->inputs[i].packets;
	if (in->merges) {
		say("joined what was seen of %llu packets in %.1f s", (unsigned long long)packets,
		    seconds);
		return;
	}
	say("read %llu packets in %.1f s with %u thread%s", (unsigned long long)packets, seconds,
	    in->threads, in->threads == 1 ? "" : "s");
}

static int status_of_input(int err)
{
	switch (err) {
	case EBADMSG:
	case EFBIG:
		return EXITS_DATA;
	case EACCES:
	case EPERM:
		return EXITS_NO_PERMISSION;
	case EIO:
		return EXITS_IO;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return EXITS_OS;
	default:
		return EXITS_NO_INPUT;
	}
}

static void say_bad_input(const struct inspect *in, const struct pipeline_error *e)
{
	const char *name = e->path[0] == '-' && e->path[1] == '\0' ? "standard input" : e->path;
	const char *hint = "";

	if (in->merges) {
		if (e->err == 0 || e->err == EBADMSG)
			say("%s %s", name, e->why);
		else
			say("%s: %s%s", name, say_error(e->err),
			    e->err == EISDIR ? "; name the summaries in it" : "");
		return;
	}
	if (e->err == EISDIR)
		hint = "; name the captures in it";
	else if (e->err == EBADMSG)
		hint = "; cordon reads pcap and pcapng, also packed with gzip or zstd";
	say("%s: %s%s", name, e->err == EBADMSG && e->why != NULL ? e->why : say_error(e->err),
	    hint);
}

/*
 * Says what is wrong with each bad input. The first one decides the exit status; a lack of permission has a status of
 * its own only when it is all that is wrong, else such a file is one that can't be read like others.
 */
static int bad_inputs(const struct inspect *in, const struct pipeline *p)
{
	size_t n;
	const struct pipeline_error *errors = pipeline_errors(p, &n);
	bool permission_only = true;
	int status = EXITS_OK;

	for (size_t i = 0; i < n; i++) {
		say_bad_input(in, &errors[i]);
		if (errors[i].err == 0)
			continue;
		permission_only &= status_of_input(errors[i].err) == EXITS_NO_PERMISSION;
		status = status == EXITS_OK ? status_of_input(errors[i].err) : status;
	}
	return status == EXITS_NO_PERMISSION && !permission_only ? EXITS_NO_INPUT : status;
}

/* What was asked for: the answer to a question, a table, or a report. */
struct asked {
	const struct inspect *in;
	const struct judged *judged;
	const struct answer *answer;
	struct report_options options;
};

static void write_asked(const void *context, struct text *to)
{
	const struct asked *a = context;
	const struct inspect *in = a->in;

	if (in->asks_at && in->look.format == FORMAT_JSON)
		answer_json(a->answer, a->judged, to);
	else if (in->asks_at)
		answer_text(a->answer, a->judged, &a->options, to);
	else if (in->recalls)
		report_csv_recalls(a->judged, to);
	else
		formats[in->look.format].write(a->judged, &a->options, to);
}

static int write_report(const struct inspect *in, const struct judged *judged,
			const struct answer *answer, struct output *out)
{
	struct asked asked = {in, judged, answer, look_at(&in->look, out)};

	return look_write(out, write_asked, &asked);
}

static int write_summary(struct pipeline *p, struct output *out)
{
	int status = output_begin(out);
	int err;

	if (status != EXITS_OK)
		return status;
	err = pipeline_summary(p, output_sink, out);
	status = output_end(out, err == 0);
	if (err == 0)
		return status;
	say("out of memory while saving the summary");
	return EXITS_OS;
}

/* Reports what was judged. A bad input outweighs --fail-on: the answer is then not about everything asked. */
static int conclude(const struct inspect *in, struct pipeline *p, struct outputs *out)
{
	const struct judged *judged = pipeline_judged(p);
	struct answer answer = {0};
	int bad = bad_inputs(in, p);
	int status;

	if (judged->inputs_n == 0 && bad != EXITS_OK)
		return bad;
	if (interrupted && !in->quiet)
		say("interrupted: this report is about what was read until then");
	if (in->asks_at && answer_find(&answer, pipeline_inquiry(p), judged) != 0) {
		say("out of memory");
		return EXITS_OS;
	}
	status = write_report(in, judged, &answer, &out->report);
	answer_fini(&answer);
	if (status == EXITS_OK && in->evidence != NULL)
		status = evidence_write(judged, &out->evidence);
	if (status == EXITS_OK && in->summary != NULL)
		status = write_summary(p, &out->summary);
	if (status != EXITS_OK)
		return status;
	if (bad != EXITS_OK)
		return bad;
	return look_found(&in->look, judged) ? EXITS_FOUND : EXITS_OK;
}

/* A wrong line: of the owner's files it is the owner's to mend, of those built in it is our fault. */
static int say_bad_knowledge(const struct knowledge_error *bad, const struct owner_data *owner)
{
	int status = EXITS_SOFTWARE;
	char line[16] = "";

	for (size_t i = 0; i < owner->n; i++)
		if (strcmp(owner->files[i].name, bad->file) == 0)
			status = EXITS_CONFIG;
	if (bad->line > 0)
		(void)snprintf(line, sizeof line, ":%u", bad->line);
	say("%s%s: expected %s", bad->file, line, bad->expect);
	return status;
}

static int say_no_begin(const struct inspect *in, int err, const struct knowledge_error *bad,
			const struct owner_data *owner)
{
	if (err == -EINVAL && bad->file != NULL)
		return say_bad_knowledge(bad, owner);
	if (err == -ENOMEM)
		say("%s: %llu MB of memory can't be reserved; try a smaller --memory", in->verb,
		    (unsigned long long)(in->memory_bytes >> 20));
	else
		say("%s: could not begin: %s", in->verb, say_error(-err));
	return err == -EINVAL ? EXITS_SOFTWARE : EXITS_OS;
}

/* The report's memory is beside the tables': it is kept in proportion. */
static size_t max_devices(const struct inspect *in)
{
	uint64_t n = in->memory_bytes / ENGINE_DEVICE_BYTES;

	if (in->max_devices > 0)
		return in->max_devices < SIZE_MAX ? (size_t)in->max_devices : SIZE_MAX;
	return n < ENGINE_DEVICES_DEFAULT ? (size_t)n : ENGINE_DEVICES_DEFAULT;
}

static int read_and_report(const struct inspect *in, const struct owner_data *owner,
			   struct outputs *out)
{
	struct pipeline_options options = {
		.paths = in->paths,
		.paths_n = in->paths_n,
		.merges = in->merges,
		.local = in->local,
		.local_n = in->local_n,
		.threads = in->threads,
		.memory_bytes = in->memory_bytes,
		.max_devices = max_devices(in),
		.owner = owner->files,
		.owner_n = owner->n,
		.show_secrets = in->show_secrets,
		.question = in->asks_at ? &in->question : NULL,
		.stop = &interrupted,
	};
	struct progress progress;
	struct knowledge_error bad = {0};
	struct pipeline *p = NULL;
	struct timespec start;
	int status;
	int err;

	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	if (progress_begin(&progress, in->quiet)) {
		options.progress = progress_tell;
		options.progress_context = &progress;
	}
	err = pipeline_run(&options, &p, &bad);
	progress_end(&progress);
	if (err != 0)
		return say_no_begin(in, err, &bad, owner);
	status = conclude(in, p, out);
	tell_run(in, p, &start);
	pipeline_free(p);
	return status;
}

/* Two files under one name would leave only the second. */
static int check_apart(const struct inspect *in, const struct output *a, const struct output *b,
		       const char *what)
{
	if (!output_is_same(a, b))
		return EXITS_OK;
	say("%s: %s can't both go to %s; name another file", in->verb, what,
	    a->path != NULL ? a->path : "standard output");
	return EXITS_USAGE;
}

static int prepare_outputs(const struct inspect *in, struct outputs *out)
{
	int status = output_prepare(&out->report, in->output);

	if (status == EXITS_OK && in->evidence != NULL) {
		status = output_prepare(&out->evidence, in->evidence);
		if (status == EXITS_OK)
			status = check_apart(in, &out->report, &out->evidence,
					     "the report and --evidence");
	}
	if (status != EXITS_OK || in->summary == NULL)
		return status;
	status = output_prepare(&out->summary, in->summary);
	if (status == EXITS_OK)
		status = check_apart(in, &out->report, &out->summary, "the report and --summary");
	if (status == EXITS_OK && in->evidence != NULL)
		status = check_apart(in, &out->evidence, &out->summary, "--evidence and --summary");
	return status;
}

int inspect_run(const struct verb *verb, bool merges, int argc, char **argv)
{
	struct inspect in;
	struct outputs out = {0};
	struct owner_data owner = {0};
	int status = inspect_read(&in, merges, argc, argv);

	if (status == EXITS_OK && in.help) {
		status = verb_help_on(verb);
	} else if (status == EXITS_OK) {
		status = prepare_outputs(&in, &out);
		if (status == EXITS_OK)
			status = owner_data_read(&owner);
		if (status == EXITS_OK) {
			catch_interrupt();
			status = read_and_report(&in, &owner, &out);
		}
		owner_data_fini(&owner);
		output_fini(&out.report);
		output_fini(&out.evidence);
		output_fini(&out.summary);
	}
	inspect_fini(&in);
	if (interrupted) {
		/* Whoever waits for us learns that it was the signal, not a verdict. */
		(void)signal(SIGINT, SIG_DFL);
		(void)raise(SIGINT);
	}
	return status;
}

static int run(int argc, char **argv)
{
	return inspect_run(&verb_inspect, false, argc, argv);
}

const struct verb verb_inspect = {
	.name = "inspect",
	.arguments = "[OPTION]... CAPTURE...",
	.summary = "Reads captures, says which devices are hijacked, and proves it.",
	.options = inspect_options,
	.more = "CAPTURE is a pcap or pcapng file, plain or packed with gzip or zstd; '-' is standard input. Several "
		"captures are judged as one.\n"
		"Your own makers, devices, passwords and recalls: *.tsv in /etc/cordon/data.d ('cordon "
		"check-knowledge' checks them).\n"
		"Exit status: 0 a report was made; 1 --fail-on was reached; 64 wrong use; 65 an input is no capture; 66 "
		"an input is missing, unreadable or a directory; 71 out of memory; 73 the output can't be created; 74 "
		"disk full or I/O error; 77 no permission; 78 a line of your own data is wrong.",
	.run = run,
};
