/* SPDX-License-Identifier: MIT */
/*
 * Interfaces and files behind one face; see the header. Sockets are asked of the guard, one message each, and it is given
 * time to come back when it has just ended. Nothing is opened after sources_open(): the sandbox closes behind it.
 */
#include "watch/sources.h"

#include "base/exits.h"
#include "capture/capture.h"
#include "capture/live.h"
#include "watch/ask_guard.h"
#include "watch/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INPUTS_MOST = SETTINGS_INTERFACES + SETTINGS_FILES + 64, SNAPLEN = 64 * 1024 };

/* One interface or file of this life. */
struct feed {
	const char *name;
	struct capture *capture; /* of a file; NULL: an interface */
	uint32_t input;		 /* its place in the list of inputs */
	uint64_t before;	 /* packets that earlier lives read of it */
	bool any;
	int64_t first_ns; /* of a file */
	struct wire_interface count;
};

struct sources {
	struct live *live; /* NULL: files are read */
	void *filter;
	unsigned filter_n;
	struct feed feeds[SETTINGS_FILES];
	size_t feeds_n;
	size_t at;  /* file that is being read */
	bool stale; /* an interface was made anew that must be opened anew */
	struct input inputs[INPUTS_MOST];
	size_t inputs_n;
	char *names; /* of inputs that only earlier lives had */
};

_Static_assert((int)SETTINGS_FILES >= (int)SETTINGS_INTERFACES, "feeds have room for both");
_Static_assert((int)LIVE_INTERFACES >= (int)SETTINGS_INTERFACES, "capture takes them all");

/* ---- opening --------------------------------------------------------------------------------------------------- */

static void add_feed(struct sources *s, const char *name, struct capture *capture)
{
	struct feed *f = &s->feeds[s->feeds_n++];

	*f = (struct feed){.name = name, .capture = capture};
	(void)strncpy(f->count.name, name, sizeof f->count.name - 1);
}

/* False where that can't be, which is said. */
static bool add_by_xdp(struct sources *s, const struct live_options *options, int guard)
{
	char room[LOG_ERROR_TEXT];
	const char *why = "it knows no filter";
	struct asked asked;
	int err = -EOPNOTSUPP;

	if (options->filter == NULL) {
		why = "the kernel, the driver or missing rights (CAP_BPF) don't allow it";
		err = ask_guard(guard, GUARD_OPEN_XDP, options->name, &asked);
	}
	if (err == 0) {
		const struct live_xdp sockets = {.fd = asked.fds[ASKED_SOCKET],
						 .link = asked.fds[ASKED_LINK],
						 .map = asked.fds[ASKED_MAP]};

		err = live_add_xdp(s->live, options, &sockets, &why);
		(void)close(sockets.map);
		if (err == 0)
			return true;
		(void)close(sockets.fd);
		(void)close(sockets.link);
	}
	log_line(LEVEL_WARNING, "%s: AF_XDP is not possible here: %s (%s); AF_PACKET is used",
		 options->name, why, log_error(-err, room));
	return false;
}

static int add_interface(struct sources *s, const struct settings *settings, const char *name,
			 int guard)
{
	char room[LOG_ERROR_TEXT];
	const char *why = NULL;
	struct live_options options = {.name = name,
				       .input = (uint32_t)s->feeds_n,
				       .ring_bytes = settings->ring_bytes,
				       .snaplen = SNAPLEN,
				       .promiscuous = settings->promiscuous};
	struct asked asked;
	int err = ask_guard(guard, GUARD_OPEN_RING, name, &asked);

	if (err == -EPERM || err == -EACCES) {
		log_line(LEVEL_ERROR,
			 "%s: no permission to capture; start as root, or with CAP_NET_RAW", name);
		return EXITS_NO_PERMISSION;
	}
	if (err != 0) {
		log_line(LEVEL_ERROR, "%s: can't be opened: %s; 'ip link' lists the interfaces",
			 name, log_error(-err, room));
		return err == -ENODEV ? EXITS_NO_INPUT : EXITS_OS;
	}
	if (settings->filter != NULL && s->filter == NULL) {
		char wrong[LIVE_FILTER_WHY];

		err = live_filter(settings->filter, SNAPLEN, &s->filter, &s->filter_n, wrong);
		if (err != 0) {
			log_line(LEVEL_ERROR, "filter '%s': %s", settings->filter, wrong);
			return EXITS_CONFIG;
		}
	}
	options.fd = asked.fds[ASKED_SOCKET];
	options.index = asked.index;
	options.filter = s->filter;
	options.filter_n = s->filter_n;
	if (settings->method == METHOD_AF_XDP && add_by_xdp(s, &options, guard)) {
		add_feed(s, name, NULL);
		return EXITS_OK;
	}
	err = live_add(s->live, &options, &why);
	if (err != 0) {
		log_line(LEVEL_ERROR, "%s: %s: %s", name,
			 why != NULL ? why : "can't be captured from", log_error(-err, room));
		return err == -ENOMEM ? EXITS_OS : EXITS_NO_INPUT;
	}
	add_feed(s, name, NULL);
	return EXITS_OK;
}

static int open_interfaces(struct sources *s, const struct settings *settings, int guard)
{
	int status = live_new(&s->live) == 0 ? EXITS_OK : EXITS_OS;

	for (size_t i = 0; i < settings->interfaces_n && status == EXITS_OK; i++)
		status = add_interface(s, settings, settings->interfaces[i], guard);
	return status;
}

static int by_first_time(const void *x, const void *y)
{
	const struct feed *a = x, *b = y;

	if (a->any != b->any)
		return a->any ? -1 : 1;
	return a->first_ns < b->first_ns ? -1 : a->first_ns > b->first_ns;
}

static int open_files(struct sources *s, const struct settings *settings)
{
	int status = EXITS_OK;

	for (size_t i = 0; i < settings->files_n; i++) {
		const char *path = settings->files[i];
		char room[LOG_ERROR_TEXT];
		struct capture *capture;
		const char *why = "";
		int err = capture_open(path, 0, &capture, &why);

		if (err != 0) {
			log_line(LEVEL_ERROR, "%s: %s", path,
				 err == -EBADMSG ? why : log_error(-err, room));
			status = err == -EBADMSG ? EXITS_DATA : EXITS_NO_INPUT;
			continue;
		}
		add_feed(s, path, capture);
		s->feeds[s->feeds_n - 1].any =
			capture_first_time(capture, &s->feeds[s->feeds_n - 1].first_ns);
	}
	if (s->feeds_n == 0)
		return status;
	qsort(s->feeds, s->feeds_n, sizeof s->feeds[0], by_first_time);
	for (size_t i = 0; i < s->feeds_n; i++)
		capture_set_input(s->feeds[i].capture, (uint32_t)i);
	return EXITS_OK;
}

static void list_inputs(struct sources *s)
{
	for (size_t i = 0; i < s->feeds_n; i++) {
		struct feed *f = &s->feeds[i];

		f->input = (uint32_t)i;
		s->inputs[i] = (struct input){.path = f->name,
					      .format = f->capture == NULL ? NULL
							: capture_format(f->capture) == CAPTURE_PCAP
								? "pcap"
								: "pcapng"};
	}
	s->inputs_n = s->feeds_n;
}

int sources_open(const struct settings *settings, int guard, struct sources **out)
{
	struct sources *s = calloc(1, sizeof *s);
	int status;

	if (s == NULL)
		return EXITS_OS;
	status = settings->files_n > 0 ? open_files(s, settings)
				       : open_interfaces(s, settings, guard);
	if (status != EXITS_OK) {
		sources_close(s);
		return status;
	}
	list_inputs(s);
	*out = s;
	return EXITS_OK;
}

void sources_close(struct sources *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->feeds_n; i++) {
		if (s->feeds[i].capture != NULL)
			capture_close(s->feeds[i].capture);
	}
	if (s->live != NULL)
		live_free(s->live);
	free(s->filter);
	free(s->names);
	free(s);
}

bool sources_are_files(const struct sources *s)
{
	return s->live == NULL;
}

bool sources_are_stale(const struct sources *s)
{
	return s->stale;
}

/* ---- going on -------------------------------------------------------------------------------------------------- */

static struct feed *feed_named(struct sources *s, struct bytes name)
{
	for (size_t i = 0; i < s->feeds_n; i++) {
		struct feed *f = &s->feeds[i];

		if (f->capture == NULL && strlen(f->name) == name.len &&
		    memcmp(f->name, name.at, name.len) == 0)
			return f;
	}
	return NULL;
}

/* The inputs of the summary keep their places, since findings cite packets by them; interfaces that are new come behind. */
int sources_resume(struct sources *s, const struct summary_input *list, uint32_t n)
{
	size_t bytes = 1, at = 0;
	bool placed[SETTINGS_FILES] = {false};

	if (n + s->feeds_n > INPUTS_MOST)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		bytes += list[i].path.len + 1;
	s->names = malloc(bytes);
	if (s->names == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		struct feed *f = feed_named(s, list[i].path);

		memcpy(s->names + at, list[i].path.at, list[i].path.len);
		s->names[at + list[i].path.len] = '\0';
		s->inputs[i] = (struct input){.path = s->names + at,
					      .packets = list[i].packets,
					      .bytes = list[i].bytes,
					      .any = list[i].any,
					      .first_ns = list[i].first_ns,
					      .last_ns = list[i].last_ns};
		at += list[i].path.len + 1;
		if (f == NULL || placed[f - s->feeds])
			continue;
		placed[f - s->feeds] = true;
		f->input = i;
		f->before = list[i].packets;
	}
	s->inputs_n = n;
	for (size_t i = 0; i < s->feeds_n; i++) {
		if (placed[i])
			continue;
		s->feeds[i].input = (uint32_t)s->inputs_n;
		s->inputs[s->inputs_n++] = (struct input){.path = s->feeds[i].name};
	}
	return 0;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static void note(struct input *in, struct wire_interface *count, const struct frame *f)
{
	in->first_ns = in->any && in->first_ns < f->time_ns ? in->first_ns : f->time_ns;
	in->last_ns = in->any && in->last_ns > f->time_ns ? in->last_ns : f->time_ns;
	in->any = true;
	in->packets++;
	in->bytes += f->wire_len;
	if (count->packets == 0)
		count->first_ns = f->time_ns;
	count->last_ns = f->time_ns;
	count->packets++;
	count->bytes += f->wire_len;
}

static uint32_t read_files(struct sources *s, struct batch *b)
{
	while (s->at < s->feeds_n) {
		struct feed *f = &s->feeds[s->at];
		const struct capture_damage *damage;

		if (capture_fill(f->capture, b) > 0)
			return b->n;
		damage = capture_damage(f->capture);
		s->inputs[f->input].damaged = damage->there;
		s->inputs[f->input].damage_offset = damage->offset;
		s->inputs[f->input].damage_reason = damage->reason;
		if (damage->there)
			log_line(LEVEL_WARNING, "%s: ends at byte %llu: %s", f->name,
				 (unsigned long long)damage->offset, damage->reason);
		s->at++;
	}
	return 0;
}

uint32_t sources_fill(struct sources *s, struct batch *b, int wait_ms, int wake_fd, bool *ended)
{
	b->n = 0;
	if (s->live != NULL)
		(void)live_fill(s->live, b, wait_ms, wake_fd);
	else
		*ended = read_files(s, b) == 0;
	for (uint32_t i = 0; i < b->n; i++) {
		struct frame *frame = &b->frames[i];
		struct feed *f = &s->feeds[frame->input];

		frame->input = f->input;
		frame->number += f->before;
		note(&s->inputs[f->input], &f->count, frame);
	}
	return b->n;
}

const struct input *sources_inputs(const struct sources *s, size_t *n)
{
	*n = s->inputs_n;
	return s->inputs;
}

uint32_t sources_counts(struct sources *s, struct wire_interface list[WIRE_INTERFACES])
{
	uint32_t n = 0;

	for (size_t i = 0; i < s->feeds_n && n < WIRE_INTERFACES; i++) {
		struct feed *f = &s->feeds[i];

		if (s->live != NULL) {
			struct live_count count = {0};

			live_count(s->live, i, &count);
			f->count.dropped = count.dropped;
			f->count.gone = count.gone;
			s->stale = s->stale || count.stale;
		}
		list[n++] = f->count;
	}
	return n;
}
