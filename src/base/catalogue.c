/* SPDX-License-Identifier: MIT */
/*
 * Reads the catalogue. Each file's text is copied once into the arena and its lines are cut there, fields closed by NUL,
 * so a record is pointers into that copy and nothing else. Makers are read first, from all files, because every other
 * record names them. At the end records are compared: the same thing said twice is an error, for one of the two would
 * be changed one day and the other not. What a field may hold stands in catalogue_lines.c.
 */
#include "base/catalogue.h"
#include "base/catalogue_lines.h"
#include "base/lines.h"
#include "base/pattern.h"
#include "base/scan.h"

#include <errno.h>
#include <stdlib.h>

/* Where a record stands. */
struct place {
	const char *file;
	unsigned line;
	enum knowledge_kind kind;
	struct bytes key; /* what makes it the same record as another one */
	size_t number;	  /* in the order of reading */
};

struct loader {
	struct catalogue *c;
	struct knowledge_report *report;
	struct place *places; /* the makers' first, in the catalogue's order */
	size_t places_n;
};

static void wrong(struct loader *l, const char *file, unsigned line, const char *expect)
{
	struct knowledge_error error = {.file = file, .line = line, .expect = expect};

	l->report->wrong(l->report, &error);
	l->report->errors++;
}

static bool is_ours(enum knowledge_kind kind)
{
	return kind >= KNOWLEDGE_MAKERS;
}

/* Lines that may be records, by kind: comments count too, for room is cheaper than reading twice. */
static void count_lines(const struct knowledge_file *files, size_t n,
			size_t counts[KNOWLEDGE_KINDS])
{
	for (size_t i = 0; i < n; i++) {
		enum knowledge_kind kind = knowledge_kind(files[i].name);
		struct bytes rest = lines_of(files[i].text, files[i].len).rest;

		for (; rest.len > 0; counts[kind]++)
			(void)bytes_cut(&rest, '\n');
	}
}

static bool take_tables(struct loader *l, const size_t counts[KNOWLEDGE_KINDS])
{
	struct catalogue *c = l->c;
	struct arena *a = &c->arena;
	size_t all = 0;

	for (int kind = KNOWLEDGE_MAKERS; kind < KNOWLEDGE_KINDS; kind++)
		all += counts[kind];
	c->makers = arena_take(a, counts[KNOWLEDGE_MAKERS] * sizeof *c->makers);
	c->makers_by_name = arena_take(a, counts[KNOWLEDGE_MAKERS] * sizeof *c->makers_by_name);
	c->products = arena_take(a, counts[KNOWLEDGE_PRODUCTS] * sizeof *c->products);
	c->fingerprints = arena_take(a, counts[KNOWLEDGE_FINGERPRINTS] * sizeof *c->fingerprints);
	c->credentials = arena_take(a, counts[KNOWLEDGE_CREDENTIALS] * sizeof *c->credentials);
	c->recalls = arena_take(a, counts[KNOWLEDGE_RECALLS] * sizeof *c->recalls);
	c->traits = arena_take(a, counts[KNOWLEDGE_MALWARE] * sizeof *c->traits);
	l->places = calloc(all + 1, sizeof *l->places);
	return !a->failed && l->places != NULL;
}

/* Closes each field by NUL, in place of the tab or line end behind it. */
static void close_fields(char *text, const struct line *line)
{
	for (size_t i = 0; i < line->n && i < LINE_FIELDS_MAX; i++) {
		const char *end = (const char *)line->field[i].at + line->field[i].len;

		text[end - text] = '\0';
	}
}

static void keep_place(struct loader *l, const char *file, unsigned number,
		       enum knowledge_kind kind, const struct line *line)
{
	struct bytes first = line->field[0], last = line->field[catalogue_key_fields(kind) - 1];

	l->places[l->places_n] = (struct place){
		.file = file,
		.line = number,
		.kind = kind,
		.key = {first.at, (size_t)(last.at + last.len - first.at)},
		.number = l->places_n,
	};
	l->places_n++;
}

static void read_file(struct loader *l, const struct knowledge_file *file, enum knowledge_kind kind)
{
	char *text = arena_take(&l->c->arena, file->len + 1);
	struct lines lines;
	struct line line;

	if (text == NULL)
		return;
	if (file->len > 0)
		memcpy(text, file->text, file->len);
	lines = lines_of(text, file->len);
	while (lines_next(&lines, &line)) {
		const char *expect;

		close_fields(text, &line);
		expect = catalogue_line(l->c, kind, &line);
		if (expect == NULL)
			keep_place(l, file->name, lines.number, kind, &line);
		else
			wrong(l, file->name, lines.number, expect);
	}
}

static void read_files(struct loader *l, const struct knowledge_file *files, size_t n, bool makers)
{
	for (size_t i = 0; i < n; i++) {
		enum knowledge_kind kind = knowledge_kind(files[i].name);

		if (is_ours(kind) && (kind == KNOWLEDGE_MAKERS) == makers)
			read_file(l, &files[i], kind);
	}
}

/* The owner may add records, not thresholds. */
static void check_names(struct loader *l, const struct knowledge_file *more, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!is_ours(knowledge_kind(more[i].name)))
			wrong(l, more[i].name, 0,
			      "a name that begins with makers, products, fingerprints, credentials, recalls or malware and ends in .tsv");
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct maker *const *)a)->name,
		      (*(const struct maker *const *)b)->name);
}

static void order_makers(struct loader *l)
{
	struct catalogue *c = l->c;

	for (size_t i = 0; i < c->makers_n; i++)
		c->makers_by_name[i] = &c->makers[i];
	qsort(c->makers_by_name, c->makers_n, sizeof(struct maker *), by_name);
	for (size_t i = 0; i < c->makers_n; i++) {
		if (!catalogue_are_makers(c, c->makers[i].built_by))
			wrong(l, l->places[i].file, l->places[i].line,
			      "makers that makers.tsv names as built by, or -");
	}
}

static int by_key(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	size_t n = x->key.len < y->key.len ? x->key.len : y->key.len;
	int d = (x->kind > y->kind) - (x->kind < y->kind);

	if (d == 0)
		d = memcmp(x->key.at, y->key.at, n);
	if (d == 0)
		d = (x->key.len > y->key.len) - (x->key.len < y->key.len);
	return d == 0 ? (x->number > y->number) - (x->number < y->number) : d;
}

static void find_doubles(struct loader *l)
{
	qsort(l->places, l->places_n, sizeof *l->places, by_key);
	for (size_t i = 1; i < l->places_n; i++) {
		const struct place *a = &l->places[i - 1], *b = &l->places[i];

		if (a->kind == b->kind && a->key.len == b->key.len &&
		    memcmp(a->key.at, b->key.at, a->key.len) == 0)
			wrong(l, b->file, b->line, "a record that no line before has");
	}
}

/* By signal, and of one signal in the order of the files. */
static bool order_fingerprints(struct catalogue *c)
{
	size_t bytes = c->fingerprints_n * sizeof *c->fingerprints;
	struct fingerprint *sorted = arena_take(&c->arena, bytes);
	uint32_t next[SIGNALS] = {0};

	if (sorted == NULL)
		return false;
	for (size_t i = 0; i < c->fingerprints_n; i++)
		c->of_signal[c->fingerprints[i].signal + 1]++;
	for (int s = 0; s < SIGNALS; s++) {
		next[s] = c->of_signal[s];
		c->of_signal[s + 1] += c->of_signal[s];
	}
	for (size_t i = 0; i < c->fingerprints_n; i++)
		sorted[next[c->fingerprints[i].signal]++] = c->fingerprints[i];
	c->fingerprints = sorted;
	return true;
}

bool catalogue_is_computer(const char *product)
{
	return product != NULL && (strcmp(product, "pc") == 0 || strcmp(product, "phone") == 0 ||
				   strcmp(product, "tablet") == 0);
}

/* Asked of every device by the prefix of its MAC, so it is found out once. */
static void note_computers(struct catalogue *c)
{
	for (size_t i = 0; i < c->fingerprints_n; i++) {
		const struct fingerprint *f = &c->fingerprints[i];
		const struct maker *maker = NULL;

		if (f->maker != NULL && catalogue_is_computer(f->product))
			maker = catalogue_maker(c, f->maker);
		if (maker != NULL)
			c->makers[maker - c->makers].computers = true;
	}
}

int catalogue_check(struct catalogue *out, const struct knowledge_file *files, size_t files_n,
		    const struct knowledge_file *more, size_t more_n,
		    struct knowledge_report *report)
{
	struct loader l = {.c = out, .report = report};
	size_t counts[KNOWLEDGE_KINDS] = {0}, before = report->errors;
	bool fits;

	*out = (struct catalogue){0};
	count_lines(files, files_n, counts);
	count_lines(more, more_n, counts);
	fits = take_tables(&l, counts);
	if (fits) {
		check_names(&l, more, more_n);
		read_files(&l, files, files_n, true);
		read_files(&l, more, more_n, true);
		order_makers(&l);
		read_files(&l, files, files_n, false);
		read_files(&l, more, more_n, false);
		find_doubles(&l);
		fits = order_fingerprints(out) && catalogue_order_traits(out) && !out->arena.failed;
		if (fits)
			note_computers(out);
	}
	free(l.places);
	if (fits && report->errors == before)
		return 0;
	catalogue_fini(out);
	return fits ? -EINVAL : -ENOMEM;
}

int catalogue_load(struct catalogue *out, const struct knowledge_file *more, size_t more_n,
		   struct knowledge_error *error)
{
	struct knowledge_report report = {.wrong = knowledge_keep_first, .context = error};

	return catalogue_check(out, knowledge_files, knowledge_files_n, more, more_n, &report);
}

void catalogue_fini(struct catalogue *c)
{
	arena_fini(&c->arena);
	*c = (struct catalogue){0};
}

const struct maker *catalogue_maker_named(const struct catalogue *c, struct bytes name)
{
	size_t low = 0, high = c->makers_n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct maker *maker = c->makers_by_name[middle];
		size_t len = strlen(maker->name), n = len < name.len ? len : name.len;
		int order = n == 0 ? 0 : memcmp(name.at, maker->name, n);

		if (order == 0)
			order = (name.len > len) - (name.len < len);
		if (order == 0)
			return maker;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct maker *catalogue_maker(const struct catalogue *c, const char *name)
{
	return catalogue_maker_named(c, bytes_of(name));
}

const struct maker *catalogue_maker_of(const struct catalogue *c, const char *organisation)
{
	for (size_t i = 0; i < c->makers_n; i++) {
		const char *patterns = c->makers[i].organisations;
		struct bytes rest = bytes_of(patterns == NULL ? "" : patterns), capture;

		while (rest.len > 0) {
			if (pattern_match(bytes_cut(&rest, '|'), bytes_of(organisation), &capture))
				return &c->makers[i];
		}
	}
	return NULL;
}
