/* SPDX-License-Identifier: MIT */
/*
 * The second pass of --evidence: the packets cited are known and sorted, so each capture is streamed once more, up to
 * the last one that is cited, and what is not cited costs one comparison. Memory holds the list of citations and one batch,
 * however long the captures are. The bytes stay as they were captured, passwords included: it is the owner's own
 * capture, and a proof that was changed is none.
 *
 * A capture may have been replaced since it was judged. Numbers would then point to other packets, so a citation that
 * isn't found takes the whole file back.
 */
#include "cli/evidence.h"

#include "base/exits.h"
#include "base/say.h"
#include "capture/capture.h"
#include "capture/pcapng_write.h"
#include "report/citations.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { COMMENT_ENOUGH = 8192 /* bytes after which further reasons are only counted */ };

/* An interface of an input that a cited packet came in by; its place in the list is its number in our file. */
struct met {
	uint32_t input;
	uint32_t iface;
};

struct pass {
	const struct judged *judged;
	struct output *out;
	struct citation *list;
	size_t n;
	size_t at; /* the first one not written yet */
	struct met *met;
	uint32_t met_n;
	uint32_t met_room;
	struct text file;
	struct text line; /* a comment in the making */
	struct batch *batch;
};

int evidence_check(const struct inspect *in)
{
	struct stat st;

	if (in->evidence == NULL)
		return EXITS_OK;
	for (size_t i = 0; i < in->paths_n; i++) {
		bool standard = strcmp(in->paths[i], "-") == 0;

		/* What is missing or a directory is told of later, like any other input. */
		if (!standard &&
		    (stat(in->paths[i], &st) != 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
			continue;
		say("inspect: --evidence reads the captures a second time, and %s can't be read again; save it "
		    "to a file first",
		    standard ? "standard input" : in->paths[i]);
		return EXITS_USAGE;
	}
	return EXITS_OK;
}

static bool same_packet(const struct where *a, const struct where *b)
{
	return a->input == b->input && a->packet == b->packet;
}

static size_t packets_cited(const struct pass *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += i == 0 || !same_packet(&p->list[i].where, &p->list[i - 1].where);
	return n;
}

static void write_section(struct pass *p)
{
	struct text *t = &p->line;
	char application[64];

	(void)snprintf(application, sizeof application, "cordon %s", p->judged->version);
	text_clear(t);
	text_printf(
		t,
		"The %zu packets that a report of %s cites, each with the reasons in its comment. All other "
		"packets of the captures are left out; a packet's own number stands in its comment.",
		packets_cited(p), application);
	for (size_t i = 0; i < p->judged->inputs_n; i++) {
		text_printf(t, "\ninput %zu: ", i);
		text_plain(t, p->judged->inputs[i].path, true);
		text_printf(t, ", %llu packets", (unsigned long long)p->judged->inputs[i].packets);
	}
	text_puts(t, "\nThe packets are as they were captured, and may hold passwords in clear.");
	pcapng_write_section(&p->file, text_string(t), application);
}

/* The number of the frame's interface in our file; it is described there when it is met first. */
static uint32_t interface_of(struct pass *p, const struct frame *f)
{
	struct met *more;

	for (uint32_t i = p->met_n; i-- > 0;)
		if (p->met[i].input == f->input && p->met[i].iface == f->iface)
			return i;
	if (p->met_n == p->met_room) {
		p->met_room = p->met_room == 0 ? 16 : p->met_room * 2;
		more = realloc(p->met, p->met_room * sizeof *more);
		if (more == NULL) {
			p->file.failed = true;
			p->met_room = p->met_n;
			return 0;
		}
		p->met = more;
	}
	text_clear(&p->line);
	text_printf(&p->line, "interface %u of ", (unsigned)f->iface);
	text_plain(&p->line, p->judged->inputs[f->input].path, true);
	pcapng_write_interface(&p->file, f->linktype, f->snaplen, text_string(&p->line));
	p->met[p->met_n] = (struct met){.input = f->input, .iface = f->iface};
	return p->met_n++;
}

/* Writes the frame that the next citations are about, with the reasons of them all. */
static void write_frame(struct pass *p, const struct frame *f)
{
	uint32_t iface = interface_of(p, f);
	const struct where where = p->list[p->at].where;
	size_t left_out = 0;

	text_clear(&p->line);
	citation_say_packet(p->judged, &where, &p->line);
	for (; p->at < p->n && same_packet(&p->list[p->at].where, &where); p->at++) {
		if (p->line.len > COMMENT_ENOUGH) {
			left_out++;
			continue;
		}
		text_puts(&p->line, "\n");
		citation_say(&p->list[p->at], &p->line);
	}
	if (left_out > 0)
		text_printf(&p->line, "\nand %zu more reasons", left_out);
	pcapng_write_packet(&p->file, f, iface, text_string(&p->line));
	text_settle(&p->file);
}

static bool wanted(const struct pass *p, uint32_t input)
{
	return p->at < p->n && p->list[p->at].where.input == input && !p->file.failed &&
	       !p->line.failed && p->out->err == 0 && !output_is_interrupted(p->out);
}

/* Streams one capture as far as its last cited packet. */
static int read_again(struct pass *p, uint32_t input)
{
	const char *path = p->judged->inputs[input].path;
	struct capture *capture = NULL;
	const char *why = "";
	bool missing;

	if (capture_open(path, input, &capture, &why) != 0) {
		say("cannot write %s: %s can't be read a second time: %s", p->out->path, path, why);
		return EXITS_IO;
	}
	while (wanted(p, input) && capture_fill(capture, p->batch) > 0) {
		for (uint32_t i = 0; i < p->batch->n && p->at < p->n; i++) {
			const struct frame *f = &p->batch->frames[i];

			if (p->list[p->at].where.input == input &&
			    p->list[p->at].where.packet == f->number)
				write_frame(p, f);
		}
	}
	missing = wanted(p, input);
	capture_close(capture);
	if (!missing)
		return EXITS_OK;
	say("cannot write %s: %s was changed while it was read, and packet %llu is not there any more",
	    p->out->path, path, (unsigned long long)p->list[p->at].where.packet);
	return EXITS_IO;
}

static int write_all(struct pass *p)
{
	int status = EXITS_OK;

	write_section(p);
	for (size_t i = 0; i < p->judged->inputs_n && status == EXITS_OK; i++) {
		if (wanted(p, (uint32_t)i))
			status = read_again(p, (uint32_t)i);
	}
	text_finish(&p->file);
	if (status == EXITS_OK && (p->file.failed || p->line.failed)) {
		say("out of memory while writing %s", p->out->path);
		status = EXITS_OS;
	}
	return status;
}

static int prepare(struct pass *p)
{
	if (citations_collect(p->judged, &p->list, &p->n) == 0) {
		p->batch = calloc(1, sizeof *p->batch);
		if (p->batch != NULL)
			p->batch->bytes = malloc(BATCH_BYTES);
		if (p->batch != NULL && p->batch->bytes != NULL)
			return EXITS_OK;
	}
	say("out of memory while collecting evidence");
	return EXITS_OS;
}

int evidence_write(const struct judged *judged, struct output *out)
{
	struct pass p = {.judged = judged, .out = out};
	int status = prepare(&p);
	int ended;

	if (status == EXITS_OK)
		status = output_begin(out);
	if (status == EXITS_OK) {
		p.file = (struct text){.sink = output_sink, .sink_context = out};
		status = write_all(&p);
		ended = output_end(out, status == EXITS_OK && !output_is_interrupted(out));
		status = status == EXITS_OK ? ended : status;
	}
	if (p.batch != NULL)
		free(p.batch->bytes);
	free(p.batch);
	free(p.list);
	free(p.met);
	text_fini(&p.file);
	text_fini(&p.line);
	return status;
}
