/* SPDX-License-Identifier: MIT */
/*
 * Any text as a file of knowledge. The first byte chooses the file's name; the rest is its text, read beside the
 * embedded files that it does not replace, or, as an owner's file of the catalogue, beside a few makers. An error must
 * name file, line and what should have stood there; what loads must hold what the headers promise: patterns and rules
 * that their readers take, fingerprints by signal, and requests that are found by their letter as they are without it.
 */
#include "base/built.h"
#include "base/catalogue.h"
#include "base/knowledge.h"
#include "base/pattern.h"
#include "base/recall_rule.h"
#include "base/scan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
	"limits.tsv",	"ports.tsv",	    "amplifiers.tsv",  "other.tsv",   "makers.tsv",
	"products.tsv", "fingerprints.tsv", "credentials.tsv", "recalls.tsv", "malware.tsv",
};

static const char makers[] = "Acme\tmaker\tAcme Co*\t-\ta source\thigh\n"
			     "Chip\tmodule\tChip Works*\t-\ta source\thigh\n";

enum { NAMES = sizeof names / sizeof names[0], FILES_MAX = 16 };

static struct knowledge k;

static void require(bool holds)
{
	if (!holds)
		abort();
}

static unsigned count_lines(const char *text, size_t len)
{
	unsigned lines = 1;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	return lines;
}

static void check_error(const struct knowledge_error *error, const struct knowledge_file *given)
{
	require(error->file != NULL && error->expect != NULL && error->expect[0] != '\0');
	require(strcmp(error->file, given->name) == 0);
	require(error->line <= count_lines(given->text, given->len));
}

static void check_knowledge(void)
{
	require(k.amplifiers_n <= AMPLIFIERS_MAX);
	for (size_t i = 0; i < k.amplifiers_n; i++) {
		const struct amplifier *a = &k.amplifiers[i];

		size_t len = strnlen(a->name, sizeof a->name);

		require(len > 0 && len < sizeof a->name);
		for (size_t c = 0; c < len; c++)
			require(a->name[c] > ' ' && a->name[c] <= '~');
		require(a->prefix_len <= AMPLIFIER_PREFIX_MAX);
		require((k.ports_amplified[a->port / 8] >> a->port % 8 & 1) == 1);
	}
	for (int port = 0; port < 65536; port++)
		require(k.ports[port] < PORT_CLASSES);
	require(k.limits.clock_agree >= 0);
}

static void check_fingerprints(const struct catalogue *c)
{
	require(c->of_signal[0] == 0 && c->of_signal[SIGNALS] == c->fingerprints_n);
	for (int s = 0; s < SIGNALS; s++) {
		for (uint32_t i = c->of_signal[s]; i < c->of_signal[s + 1]; i++) {
			const struct fingerprint *f = &c->fingerprints[i];
			struct bytes source = bytes_of(f->source), capture;

			require((int)f->signal == s && pattern_check(f->pattern) == NULL);
			if (pattern_match(f->pattern, source, &capture) && capture.at != NULL)
				require(capture.at >= source.at &&
					capture.at + capture.len <= source.at + source.len);
		}
	}
}

static void check_recalls(const struct catalogue *c)
{
	for (size_t i = 0; i < c->recalls_n; i++) {
		const struct recall *r = &c->recalls[i];
		struct recall_facts facts = {.firmware = r->source, .built_day = RECALL_NO_DAY};

		require(recall_rule_check(bytes_of(r->rule)) == NULL);
		(void)recall_rule_match(bytes_of(r->rule), &facts);
		(void)built_parse(bytes_of(r->source), &facts.built_day);
		(void)recall_rule_match(bytes_of(r->rule), &facts);
	}
}

static void check_traits(const struct catalogue *c)
{
	struct bytes body = {.at = NULL, .len = 0};

	require(c->of_trait[0] == 0 && c->of_trait[TRAIT_KINDS] == c->traits_n);
	for (size_t i = 0; i < c->traits_n; i++) {
		const struct trait *t = &c->traits[i];
		struct bytes line = bytes_of(t->source), target = line,
			     method = bytes_cut(&target, ' ');

		require(i >= c->of_trait[t->kind] && i < c->of_trait[t->kind + 1]);
		require(pattern_check(t->pattern) == NULL && t->title != NULL);
		if (line.len < 512 && method.len < line.len)
			require(catalogue_request(c, method, target, body) ==
				catalogue_trait(c, TRAIT_REQUEST, line, body));
	}
}

static void check_makers(const struct catalogue *c)
{
	for (size_t i = 0; i < c->makers_n; i++) {
		const struct maker *m = &c->makers[i];

		require(catalogue_maker(c, m->name) == m);
		(void)catalogue_maker_of(c, m->source);
	}
	for (size_t i = 0; i < c->products_n; i++)
		require(c->products[i].maker == NULL ||
			catalogue_maker(c, c->products[i].maker) != NULL);
	for (size_t i = 0; i < c->credentials_n; i++)
		require(c->credentials[i].services != 0 && c->credentials[i].password != NULL);
}

static void wrong(struct knowledge_report *report, const struct knowledge_error *error)
{
	check_error(error, report->context);
}

static void try_catalogue(struct knowledge_file *given)
{
	struct knowledge_file base = {"makers.tsv", makers, sizeof makers - 1};
	struct knowledge_report report = {.wrong = wrong, .context = given};
	struct catalogue c;

	given->name =
		knowledge_kind(given->name) == KNOWLEDGE_MAKERS ? "makers-more.tsv" : given->name;
	if (catalogue_check(&c, &base, 1, given, 1, &report) != 0) {
		require(report.errors > 0);
		return;
	}
	check_makers(&c);
	check_fingerprints(&c);
	check_recalls(&c);
	check_traits(&c);
	catalogue_fini(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct knowledge_file files[FILES_MAX + 1];
	struct knowledge_error error = {0};
	size_t n = 0;

	if (size == 0)
		return 0;
	files[n++] = (struct knowledge_file){
		.name = names[data[0] % NAMES], .text = (const char *)data + 1, .len = size - 1};
	if (knowledge_kind(files[0].name) >= KNOWLEDGE_MAKERS) {
		try_catalogue(&files[0]);
		return 0;
	}
	for (size_t i = 0; i < knowledge_files_n && n < FILES_MAX; i++) {
		if (strcmp(knowledge_files[i].name, files[0].name) != 0)
			files[n++] = knowledge_files[i];
	}
	if (knowledge_load_from(files, n, &k, &error) != 0)
		check_error(&error, &files[0]);
	else
		check_knowledge();
	return 0;
}
