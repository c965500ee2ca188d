/* SPDX-License-Identifier: MIT */
/*
 * The control socket, see control.h: unix(7), a line of JSON in and a line out. Whoever may open it is trusted to look, not
 * to behave: clients, what they send and how long they stay have bounds, and nothing is read from one that does not take
 * its answer.
 */
#include "watch/control.h"

#include "base/json.h"
#include "base/timespan.h"
#include "report/json_out.h"
#include "watch/local_socket.h"
#include "watch/control_gate.h"
#include "watch/control_order.h"
#include "watch/service_contain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CLIENTS = 16, REQUEST_MOST = 4096, BACKLOG = 64, CONTROL_MODE = 0660 };
#define IDLE_NS (30 * NS_PER_S)

struct client {
	uv_pipe_t pipe;
	uv_write_t write;
	struct control *control;
	struct text answer;
	bool used;
	bool answering;
	int64_t heard_ns;
	size_t len;
	char request[REQUEST_MOST];
};

struct control {
	uv_pipe_t listener;
	struct service *s;
	const char *path;
	dev_t device;
	ino_t inode;
	uint64_t turned_away;
	struct client clients[CLIENTS];
};

/* ---- answers --------------------------------------------------------------------------------------------------- */

static void put_interfaces(struct json *j, const struct service *s)
{
	json_open(j, "interfaces", "[");
	for (uint32_t i = 0; s->counted && i < s->counts.interfaces_n; i++) {
		const struct wire_interface *in = &s->counts.interfaces[i];

		json_open(j, NULL, "{");
		json_string(j, "name", in->name);
		json_count(j, "packets", in->packets);
		json_count(j, "bytes", in->bytes);
		json_count(j, "dropped", in->dropped);
		json_count(j, "gone", in->gone);
		if (in->packets > 0)
			json_time(j, "last", in->last_ns);
		json_close(j, "}");
	}
	json_close(j, "]");
}

static void put_containment(struct json *j, const struct service *s)
{
	const struct containment *c = s->containment;

	if (c == NULL)
		return;
	json_open(j, "contain", "{");
	json_string(j, "mode", contain_mode_words[s->settings.contain_mode]);
	json_string(j, "state", c->enforcer.heard ? "works" : "failing");
	json_count(j, "held", holder_held(&c->holder));
	json_count(j, "packets", c->holder.packets);
	json_count(j, "bytes", c->holder.bytes);
	json_close(j, "}");
}

static void put_verdicts(struct json *j, const char *key, const uint64_t *counts)
{
	json_open(j, key, "{");
	for (int v = VERDICT_CLEAR; v <= VERDICT_INFECTED; v++)
		json_count(j, verdict_words[v], counts[v]);
	json_close(j, "}");
}

static void put_store(struct json *j, const struct service *s)
{
	const struct keeper *k = &s->keeper;

	json_open(j, "store", "{");
	json_string(j, "directory", s->settings.directory);
	json_string(j, "state", k->failing || k->store == NULL ? "failing" : "works");
	if (k->failing)
		json_string(j, "why", k->why);
	json_count(j, "rounds_kept", k->kept);
	json_count(j, "rounds_failed", k->failed);
	json_count(j, "rows_dropped", k->dropped);
	json_close(j, "}");
}

static void put_events(struct json *j, const struct service *s)
{
	struct events_count count;

	if (s->events == NULL)
		return;
	events_count(s->events, &count);
	json_open(j, "events", "{");
	json_string(j, "file", s->settings.events_file);
	json_string(j, "state", count.failing ? "failing" : "works");
	if (count.failing)
		json_string(j, "why", count.why);
	json_count(j, "written", count.written);
	json_count(j, "dropped", count.dropped_full + count.dropped_failed);
	json_count(j, "waiting_bytes", count.waiting_bytes);
	json_close(j, "}");
}

static void put_tables(struct json *j, const struct service *s)
{
	json_open(j, "tables", "[");
	for (uint32_t i = 0; s->counted && i < s->counts.tables_n; i++) {
		json_open(j, NULL, "{");
		json_string(j, "name", s->counts.tables[i].name);
		json_count(j, "entries", s->counts.tables[i].entries);
		json_count(j, "used", s->counts.tables[i].used);
		json_close(j, "}");
	}
	json_close(j, "]");
	json_open(j, "unseen", "{");
	for (uint32_t i = 0; s->counted && i < s->counts.unseen_n; i++) {
		char *name = (char *)(uintptr_t)s->counts.unseen[i].name;

		/* Keys are written as they are: only what may be one is. */
		if (name[0] != '\0' &&
		    name[strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789")] == '\0')
			json_count(j, name, s->counts.unseen[i].value);
	}
	json_close(j, "}");
}

static void put_status(struct json *j, const struct service *s)
{
	char life[24];

	json_string(j, "version", CORDON_VERSION);
	json_string(j, "knowledge", s->hello.knowledge);
	(void)snprintf(life, sizeof life, "%016llx", (unsigned long long)s->hello.life);
	json_string(j, "life", life);
	json_time(j, "since", s->began_wall_ns);
	json_count(j, "up_seconds", (uint64_t)((service_now() - s->began_ns) / NS_PER_S));
	json_string(j, "state", s->state == SERVICE_STOPS ? "ending" : "runs");
	json_count(j, "heard_ms_ago", (uint64_t)((service_now() - s->heard_ns) / NS_PER_MS));
	put_interfaces(j, s);
	json_count(j, "rounds", s->tally.rounds);
	json_count(j, "round_pieces", s->tally.pieces);
	if (s->last.number != 0)
		json_time(j, "now", s->last.now_ns);
	json_count(j, "judge_us", s->last.judge_us);
	put_verdicts(j, "devices", s->known.local);
	put_verdicts(j, "strangers", s->known.strangers);
	json_count(j, "attacks_open", s->attacks.n);
	put_containment(j, s);
	put_store(j, s);
	put_events(j, s);
	json_count(j, "packets_restarts", s->tally.lives > 0 ? s->tally.lives - 1 : 0);
	json_count(j, "clients_turned_away", s->control != NULL ? s->control->turned_away : 0);
	json_count(j, "messages_refused", s->tally.refused);
	json_count(j, "held_back", s->counts.held_back);
	put_tables(j, s);
}

static bool is_command(struct bytes command, const char *word)
{
	return command.len == strlen(word) && memcmp(command.at, word, command.len) == 0;
}

/* Who asks, for whoever reads later who ordered what. */
static void name_client(const struct client *c, char *to, size_t size)
{
	struct ucred who = {.uid = (uid_t)-1};
	socklen_t len = sizeof who;
	uv_os_fd_t fd;

	if (uv_fileno((const uv_handle_t *)&c->pipe, &fd) == 0)
		(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len);
	(void)snprintf(to, size, "the owner (uid %u)", (unsigned)who.uid);
}

static void answer(struct client *c, struct bytes request)
{
	struct json j = {.to = &c->answer, .compact = true};
	struct bytes command = {0};
	char by[HOLDER_BY];

	text_clear(&c->answer);
	json_open(&j, NULL, "{");
	(void)json_find(request, "cmd", &command);
	if (is_command(command, "status")) {
		json_bool(&j, "ok", true);
		put_status(&j, c->control->s);
	} else if (is_command(command, "contain") || is_command(command, "release")) {
		name_client(c, by, sizeof by);
		control_order(c->control->s, request, by, &j);
	} else if (control_gate_is_command(command)) {
		name_client(c, by, sizeof by);
		control_gate(c->control->s, command, request, by, &j);
	} else {
		json_bool(&j, "ok", false);
		json_string(&j, "error",
			    "unknown request; ask {\"cmd\":\"status\"}, one object a line");
	}
	json_close(&j, "}");
	json_end(&j);
}

/* ---- clients --------------------------------------------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle)
{
	struct client *c = handle->data;

	text_fini(&c->answer);
	c->used = false;
}

static void drop(struct client *c)
{
	if (c->used && !uv_is_closing((uv_handle_t *)&c->pipe))
		uv_close((uv_handle_t *)&c->pipe, on_closed);
}

static void serve(struct client *c);

static void on_written(uv_write_t *write, int status)
{
	struct client *c = write->data;

	c->answering = false;
	c->heard_ns = service_now();
	if (status != 0)
		drop(c);
	else
		serve(c);
}

/* Answers the first whole request; the others wait until that answer is taken. */
static void serve(struct client *c)
{
	char *end = memchr(c->request, '\n', c->len);
	uv_buf_t out;
	size_t used;

	if (c->answering || uv_is_closing((uv_handle_t *)&c->pipe))
		return;
	if (end == NULL) {
		if (c->len == sizeof c->request)
			drop(c);
		return;
	}
	used = (size_t)(end + 1 - c->request);
	answer(c, (struct bytes){(const uint8_t *)c->request, used - 1});
	memmove(c->request, c->request + used, c->len - used);
	c->len -= used;
	if (c->answer.failed) {
		drop(c);
		return;
	}
	out = uv_buf_init(c->answer.at, (unsigned)c->answer.len);
	c->write.data = c;
	c->answering = true;
	if (uv_write(&c->write, (uv_stream_t *)&c->pipe, &out, 1, on_written) != 0)
		drop(c);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct client *c = handle->data;

	(void)suggested;
	/* No room: the read fails and the client goes. */
	*out = uv_buf_init(c->request + c->len, (unsigned)(sizeof c->request - c->len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *in)
{
	struct client *c = stream->data;

	(void)in;
	if (n < 0) {
		drop(c);
		return;
	}
	c->len += (size_t)n;
	c->heard_ns = service_now();
	serve(c);
}

static struct client *free_client(struct control *control)
{
	for (size_t i = 0; i < CLIENTS; i++)
		if (!control->clients[i].used)
			return &control->clients[i];
	return NULL;
}

static void on_turned_away(uv_handle_t *handle)
{
	free(handle);
}

/* One more than there is room for is taken and let go: libuv listens on only when all were taken. */
static void turn_away(struct control *control)
{
	uv_pipe_t *pipe = malloc(sizeof *pipe);

	control->turned_away++;
	if (pipe == NULL || uv_pipe_init(&control->s->loop, pipe, 0) != 0) {
		free(pipe);
		return;
	}
	(void)uv_accept((uv_stream_t *)&control->listener, (uv_stream_t *)pipe);
	uv_close((uv_handle_t *)pipe, on_turned_away);
}

static void on_client(uv_stream_t *listener, int status)
{
	struct control *control = listener->data;
	struct client *c = free_client(control);

	if (status != 0)
		return;
	if (c == NULL) {
		turn_away(control);
		return;
	}
	*c = (struct client){.control = control, .used = true, .heard_ns = service_now()};
	c->pipe.data = c;
	if (uv_pipe_init(&control->s->loop, &c->pipe, 0) != 0) {
		c->used = false;
		return;
	}
	if (uv_accept(listener, (uv_stream_t *)&c->pipe) != 0 ||
	    uv_read_start((uv_stream_t *)&c->pipe, on_room, on_read) != 0)
		drop(c);
}

void control_tick(struct control *control)
{
	int64_t now = service_now();

	for (size_t i = 0; i < CLIENTS; i++)
		if (control->clients[i].used && now - control->clients[i].heard_ns > IDLE_NS)
			drop(&control->clients[i]);
}

/* ---- the socket ------------------------------------------------------------------------------------------------ */

struct control *control_new(struct service *s)
{
	struct control *control;
	struct stat st = {0};
	char why[LOG_ERROR_TEXT];
	int fd;

	if (s->settings.control == NULL)
		return NULL;
	control = calloc(1, sizeof *control);
	fd = control != NULL ? local_socket(s->settings.control, CONTROL_MODE) : -ENOMEM;
	if (fd < 0) {
		log_line(LEVEL_ERROR, "%s: no control socket here, `cordon status` won't work: %s",
			 s->settings.control, log_error(-fd, why));
		free(control);
		return NULL;
	}
	control->s = s;
	control->path = s->settings.control;
	if (stat(control->path, &st) == 0) {
		control->device = st.st_dev;
		control->inode = st.st_ino;
	}
	control->listener.data = control;
	if (uv_pipe_init(&s->loop, &control->listener, 0) != 0 ||
	    uv_pipe_open(&control->listener, fd) != 0 ||
	    uv_listen((uv_stream_t *)&control->listener, BACKLOG, on_client) != 0) {
		log_line(LEVEL_ERROR, "%s: no control socket here", control->path);
	}
	return control;
}

void control_end(struct control *control)
{
	struct stat st;

	for (size_t i = 0; i < CLIENTS; i++)
		drop(&control->clients[i]);
	if (!uv_is_closing((uv_handle_t *)&control->listener))
		uv_close((uv_handle_t *)&control->listener, NULL);
	/* Somebody else may have put his there since. */
	if (stat(control->path, &st) == 0 && st.st_dev == control->device &&
	    st.st_ino == control->inode)
		(void)unlink(control->path);
}
