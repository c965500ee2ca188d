/* SPDX-License-Identifier: MIT */
/*
 * The frame of a summary: a magic line, the stamp, sections of a name and a length each, and the SHA-256 of all before. The
 * stamp says by which knowledge and which lists of protocols, signals and detectors the numbers in it are to be read. Another
 * stamp is refused: a fact that numbers a line would mean another line.
 */
#include "summary/sections.h"
#include "base/hash.h"
#include "base/hex.h"

#include <stdio.h>
#include <stdlib.h>

static const char magic[16] = "cordon summary\n";

enum { FORMAT = 1, NAME = 8, DIGITS = 16, VERSION_MOST = 64 };

static const struct {
	char name[NAME + 1];
	void (*run)(struct hands *h);
} sections[] = {
	{"captures", section_inputs}, {"world   ", section_world}, {"hosts   ", section_hosts},
	{"floods  ", section_floods}, {"facts   ", section_facts}, {"counts  ", section_counts},
};

enum { SECTIONS = sizeof sections / sizeof sections[0] };

static uint64_t hash_name(uint64_t hash, const char *name)
{
	for (; *name != '\0'; name++)
		hash = hash_more(hash, (uint8_t)*name);
	return hash_more(hash, 0);
}

/* A digest of the lists that numbers in a summary are places of. */
static uint64_t dialect(void)
{
	uint64_t hash = FORMAT;

	for (int i = 0; i < SIGNALS; i++)
		hash = hash_name(hash, signals[i].name);
	for (int i = 0; i < PROTOS; i++)
		hash = hash_name(hash, protos[i]->name);
	for (int i = 0; i < DETECTORS; i++)
		hash = hash_name(hash, detectors[i]->slot < 0 ? "" : detectors[i]->name);
	return hash_more(hash, (uint64_t)FLOOD_VECTORS << 16 | LANES);
}

const char *summary_owner(const struct knowledge_file *files, size_t n, char buf[DIGITS + 1])
{
	uint8_t digest[SHA256_SIZE] = {0};
	struct sha256 h;

	sha256_init(&h);
	for (size_t i = 0; i < n; i++) {
		char len[24];

		snprintf(len, sizeof len, "%zu:", files[i].len);
		sha256_update(&h, (struct bytes){(const uint8_t *)len, strlen(len)});
		sha256_update(&h, (struct bytes){(const uint8_t *)files[i].text, files[i].len});
	}
	if (n > 0)
		sha256_final(&h, digest);
	hex_lower((struct bytes){digest, DIGITS / 2}, buf);
	return buf;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

struct pen {
	struct sha256 hash;
	void (*sink)(void *context, const char *at, size_t len);
	void *context;
};

static void hand_on(void *context, const uint8_t *at, size_t len)
{
	struct pen *pen = context;

	sha256_update(&pen->hash, (struct bytes){at, len});
	pen->sink(pen->context, (const char *)at, len);
}

static void put_text(struct archive *a, const char *s)
{
	(void)archive_text(a, (struct bytes){(const uint8_t *)s, strlen(s)}, VERSION_MOST);
}

static void put_stamp(struct archive *a, const struct summary_stamp *stamp)
{
	uint32_t format = FORMAT;
	uint64_t lists = dialect();
	char head[sizeof magic];

	memcpy(head, magic, sizeof head);
	archive_bytes(a, head, sizeof head);
	archive_u32(a, &format);
	put_text(a, stamp->version);
	archive_u64(a, &lists);
	put_text(a, stamp->knowledge);
	put_text(a, stamp->owner);
}

/* How many bytes a section has. */
static uint64_t measure(struct hands *h, int i)
{
	struct archive count = {.reading = false};
	struct archive *a = h->a;

	count.macs = a->macs;
	h->a = &count;
	sections[i].run(h);
	h->a = a;
	return count.written;
}

bool summary_save(const struct summary_tables *from, const struct summary_stamp *stamp,
		  const struct catalogue *catalogue,
		  void (*sink)(void *context, const char *at, size_t len), void *context)
{
	struct pen pen = {.sink = sink, .context = context};
	struct archive a = {.sink = hand_on, .sink_context = &pen};
	struct summary_tables tables = *from;
	struct ours ours;
	struct hands h = {.a = &a, .t = &tables, .catalogue = catalogue, .ours = &ours};
	uint8_t digest[SHA256_SIZE];

	if (!ours_init(&ours, &tables)) {
		ours_fini(&ours);
		return false;
	}
	a.macs = ours.macs;
	sha256_init(&pen.hash);
	put_stamp(&a, stamp);
	for (int i = 0; i < SECTIONS; i++) {
		uint64_t bytes = measure(&h, i);
		char name[NAME];

		memcpy(name, sections[i].name, NAME);
		archive_bytes(&a, name, NAME);
		archive_u64(&a, &bytes);
		sections[i].run(&h);
	}
	archive_flush(&a);
	sha256_final(&pen.hash, digest);
	sink(context, (const char *)digest, sizeof digest);
	ours_fini(&ours);
	return !h.failed;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static bool is_text(struct bytes b, const char *s)
{
	return b.len == strlen(s) && memcmp(b.at, s, b.len) == 0;
}

/* For people: what a file says of itself, without what could command a terminal. */
static void print_plain(struct bytes b, char *out, size_t size)
{
	size_t n = b.len < size - 1 ? b.len : size - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = (char)(b.at[i] >= ' ' && b.at[i] < 0x7f ? b.at[i] : '?');
	out[n] = '\0';
}

static bool read_stamp(struct archive *a, const struct summary_stamp *stamp,
		       char why[SUMMARY_ERROR])
{
	struct bytes none = {.at = NULL, .len = 0}, version, knowledge, owner;
	char head[sizeof magic], by[VERSION_MOST + 1], with[DIGITS + 1];
	uint32_t format;
	uint64_t lists;

	archive_bytes(a, head, sizeof head);
	if (a->broken || memcmp(head, magic, sizeof head) != 0) {
		snprintf(
			why, SUMMARY_ERROR,
			"is no summary of cordon's; 'cordon inspect --summary FILE CAPTURE' makes one");
		return false;
	}
	archive_u32(a, &format);
	version = archive_text(a, none, VERSION_MOST);
	archive_u64(a, &lists);
	knowledge = archive_text(a, none, VERSION_MOST);
	owner = archive_text(a, none, VERSION_MOST);
	print_plain(version, by, sizeof by);
	print_plain(knowledge, with, sizeof with);
	if (!a->broken && (format != FORMAT || lists != dialect()))
		snprintf(
			why, SUMMARY_ERROR,
			"was made by cordon %s, whose summaries are others than those of this one (%s); make it "
			"anew from its captures",
			by, stamp->version);
	else if (!a->broken && !is_text(knowledge, stamp->knowledge))
		snprintf(
			why, SUMMARY_ERROR,
			"was made with other knowledge (%s, here %s), and what it says is numbered by that; make "
			"it anew from its captures",
			with, stamp->knowledge);
	else if (!a->broken && !is_text(owner, stamp->owner))
		snprintf(
			why, SUMMARY_ERROR,
			"was made with other additions in data.d, and what it says is numbered by those; use the "
			"same on both machines, or make it anew");
	else
		return !a->broken;
	return false;
}

/* The section that must come next, with the archive at its bytes alone; rest is what follows. */
static bool open_section(struct archive *a, int i, struct cursor *rest)
{
	char name[NAME];
	uint64_t bytes;

	archive_bytes(a, name, NAME);
	archive_u64(a, &bytes);
	archive_require(a, memcmp(name, sections[i].name, NAME) == 0,
			"another section should be here");
	archive_require(a, bytes <= cursor_left(&a->from), "a section is longer than the file");
	if (a->broken)
		return false;
	*rest = a->from;
	rest->at += bytes;
	a->from.end = rest->at;
	return true;
}

static bool read_sections(struct hands *h, char why[SUMMARY_ERROR], const uint8_t *begin)
{
	struct archive *a = h->a;

	for (int i = 0; i < SECTIONS; i++) {
		struct cursor rest;
		const uint8_t *from = a->from.at;

		if (open_section(a, i, &rest)) {
			from = a->from.at;
			sections[i].run(h);
			archive_require(a, cursor_left(&a->from) == 0,
					"a section has more than it should");
		}
		if (a->broken) {
			snprintf(
				why, SUMMARY_ERROR,
				"is damaged in '%.8s', which begins at byte %zu: %s; make it anew from its captures",
				sections[i].name, (size_t)(from - begin), a->why);
			return false;
		}
		a->from = rest;
	}
	archive_require(a, cursor_left(&a->from) == 0, "something follows the last section");
	if (a->broken)
		snprintf(why, SUMMARY_ERROR, "is damaged: %s; make it anew from its captures",
			 a->why);
	return !a->broken;
}

static bool has_checksum(struct bytes file, uint8_t digest[SHA256_SIZE])
{
	if (file.len < sizeof magic + SHA256_SIZE)
		return false;
	sha256((struct bytes){file.at, file.len - SHA256_SIZE}, digest);
	return memcmp(digest, file.at + file.len - SHA256_SIZE, SHA256_SIZE) == 0;
}

static struct archive archive_over(struct bytes file)
{
	size_t tail = file.len < SHA256_SIZE ? file.len : SHA256_SIZE;

	return (struct archive){
		.reading = true,
		.from = cursor_over((struct bytes){.at = file.at, .len = file.len - tail})};
}

static void find_first(struct summary_head *head, const struct summary_tables *t)
{
	head->inputs_n = t->inputs_n;
	for (uint32_t i = 0; i < t->inputs_n; i++) {
		const struct summary_input *in = &t->inputs[i];

		if (in->any && (!head->any || in->first_ns < head->first_ns))
			head->first_ns = in->first_ns;
		head->any |= in->any;
	}
}

/* The captures alone, which every summary begins with. */
static bool read_head(struct archive a, struct summary_head *head)
{
	struct summary_tables t = {.inputs = NULL};
	struct hands h = {.a = &a, .t = &t};
	struct cursor rest;

	a.inputs = 0;
	if (!open_section(&a, 0, &rest))
		return false;
	section_inputs(&h);
	find_first(head, &t);
	free(t.inputs);
	return !h.failed;
}

bool summary_check(struct bytes file, const struct summary_stamp *stamp,
		   const struct catalogue *catalogue, struct summary_head *head,
		   char why[SUMMARY_ERROR])
{
	struct archive a = archive_over(file), from;
	struct hands h = {.a = &a, .catalogue = catalogue};

	*head = (struct summary_head){.any = false};
	why[0] = '\0';
	if (!read_stamp(&a, stamp, why)) {
		if (why[0] == '\0')
			snprintf(why, SUMMARY_ERROR, "is damaged: it ends too early");
		return false;
	}
	if (!has_checksum(file, head->digest)) {
		snprintf(
			why, SUMMARY_ERROR,
			"is damaged: its checksum does not fit; copy it once more, or make it anew from its captures");
		return false;
	}
	from = a;
	if (!read_sections(&h, why, file.at))
		return false;
	if (read_head(from, head))
		return true;
	snprintf(why, SUMMARY_ERROR, "out of memory");
	return false;
}

bool summary_join(struct bytes file, const struct catalogue *catalogue, struct summary_tables *to)
{
	struct archive a = archive_over(file);
	struct hands h = {.a = &a, .t = to, .catalogue = catalogue};
	char why[SUMMARY_ERROR];
	bool whole;
	struct summary_stamp any = {.version = "", .knowledge = "", .owner = ""};

	(void)read_stamp(&a, &any, why); /* it was checked */
	a.inputs_from = to->inputs_n;
	whole = read_sections(&h, why, file.at);
	free(h.macs);
	return whole && !h.failed;
}
