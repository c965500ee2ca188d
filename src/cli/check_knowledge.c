/* SPDX-License-Identifier: MIT */
/*
 * `cordon check-knowledge`: every wrong line of the files of knowledge, as FILE:LINE: expected … on standard output.
 * Files that include a limits.tsv are a whole set of knowledge, as the source tree has it, and are checked in place of
 * what is built in; any others are additions to it, as an owner writes them.
 */
#include "base/catalogue.h"
#include "base/exits.h"
#include "base/knowledge.h"
#include "base/owner_data.h"
#include "base/say.h"
#include "cli/output.h"
#include "cli/verb.h"

#include <errno.h>
#include <stdlib.h>

static const struct option_spec check_options[] = {
	{.id = 'h', .letter = 'h', .name = "help", .help = "explain this command"},
	{0},
};

enum { ERRORS_MAX = 10000 };

struct errors {
	struct knowledge_error *list;
	size_t n;
	bool failed;
};

static void keep(struct knowledge_report *report, const struct knowledge_error *error)
{
	struct errors *errors = report->context;
	size_t room = errors->n + 1;
	struct knowledge_error *more;

	if (errors->failed || errors->n == ERRORS_MAX)
		return;
	if ((errors->n & (errors->n - 1)) == 0) { /* double the room */
		more = realloc(errors->list, 2 * room * sizeof *more);
		errors->failed = more == NULL;
		if (errors->failed)
			return;
		errors->list = more;
	}
	errors->list[errors->n++] = *error;
}

static int by_place(const void *a, const void *b)
{
	const struct knowledge_error *x = a, *y = b;
	int d = strcmp(x->file, y->file);

	if (d == 0)
		d = (x->line > y->line) - (x->line < y->line);
	return d == 0 ? strcmp(x->expect, y->expect) : d;
}

/* The loaders tell makers first and doubles last; people read files from the top. */
static int print_errors(struct errors *errors)
{
	struct text t = {0};
	int status;

	qsort(errors->list, errors->n, sizeof *errors->list, by_place);
	for (size_t i = 0; i < errors->n; i++) {
		const struct knowledge_error *e = &errors->list[i];

		text_plain(&t, e->file, true);
		if (e->line > 0)
			text_printf(&t, ":%u", e->line);
		text_printf(&t, ": expected %s\n", e->expect);
	}
	status = output_print(&t);
	return status == EXITS_OK ? EXITS_DATA : status;
}

static int print_counts(const struct catalogue *c, size_t files)
{
	struct text t = {0};

	text_printf(&t,
		    "%zu files are fine: %zu makers, %zu products, %zu fingerprints, "
		    "%zu credentials, %zu recalls, %zu signs of malware\n",
		    files, c->makers_n, c->products_n, c->fingerprints_n, c->credentials_n,
		    c->recalls_n, c->traits_n);
	return output_print(&t);
}

static bool is_whole_set(const struct owner_data *d)
{
	for (size_t i = 0; i < d->n; i++) {
		if (knowledge_kind(d->files[i].name) == KNOWLEDGE_LIMITS)
			return true;
	}
	return false;
}

static int check(const struct owner_data *d)
{
	static struct knowledge knowledge;
	bool whole = is_whole_set(d);
	const struct knowledge_file *files = whole ? d->files : knowledge_files;
	size_t files_n = whole ? d->n : knowledge_files_n, more_n = whole ? 0 : d->n;
	struct errors errors = {0};
	struct knowledge_report report = {.wrong = keep, .context = &errors};
	struct catalogue catalogue;
	int err, status;

	knowledge_check(files, files_n, &knowledge, &report);
	err = catalogue_check(&catalogue, files, files_n, d->files, more_n, &report);
	if (errors.failed || err == -ENOMEM) {
		say("check-knowledge: out of memory");
		status = EXITS_OS;
	} else if (report.errors > 0) {
		status = print_errors(&errors);
	} else {
		status = print_counts(&catalogue, files_n + more_n);
	}
	if (err == 0)
		catalogue_fini(&catalogue);
	free(errors.list);
	return status;
}

static int check_run(int argc, char **argv)
{
	static struct owner_data data;
	struct options o;
	bool given = false;
	int id, status = EXITS_OK;

	options_init(&o, "check-knowledge", check_options, argc, argv);
	while (status == EXITS_OK && (id = options_next(&o)) != OPTIONS_END) {
		if (id == 'h') {
			owner_data_fini(&data);
			return verb_help_on(&verb_check_knowledge);
		}
		given = true;
		status = id == OPTIONS_WRONG ? EXITS_USAGE : owner_data_add(&data, o.value);
	}
	if (status == EXITS_OK && !given)
		status = owner_data_read(&data);
	if (status == EXITS_OK)
		status = check(&data);
	owner_data_fini(&data);
	return status;
}

const struct verb verb_check_knowledge = {
	.name = "check-knowledge",
	.arguments = "[FILE|FOLDER]...",
	.summary =
		"Checks files of knowledge about makers, devices, passwords, recalls and malware.",
	.options = check_options,
	.more = "Without a file: what is built in, and your own additions in /etc/cordon/data.d.\n"
		"A file's name begins with what it holds: makers, products, fingerprints, credentials, "
		"recalls or malware, and ends in .tsv. Each wrong line is printed with what should stand there.",
	.run = check_run,
};
