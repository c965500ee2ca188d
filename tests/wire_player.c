/* SPDX-License-Identifier: MIT */
/*
 * Plays the packets process to a service, for tests: makes the pair, starts the service with one end as descriptor 3, and
 * does what lines on standard input say. Models come from captures by the pipeline, as `cordon inspect` judges them; times
 * may be moved. What the service says is printed as lines that begin with "<"; every command is answered by a line that
 * begins with "=".
 *
 * Usage: wire_player SERVICE [ARGUMENT OF WATCH]...
 */
#include "guard/message.h"
#include "pipeline.h"
#include "watch/wire.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORDS = 16, SEND_WAIT_MS = 5000 };

struct player {
	char **service; /* its command line */
	int pair[2];	/* ours, the service's: both are kept, as the first process does */
	pid_t pid;
	/* These live as long as the pipeline. */
	struct pipeline_options options;
	char *paths[WORDS];
	struct pipeline *pipeline;
	const struct judged *judged;
	int64_t shift_ns;
	int64_t now_ns; /* of the model's end, moved */
	uint64_t life;
	uint64_t round;
	uint8_t *out;
	size_t out_len;
	uint8_t *in;
	unsigned seeds;
	size_t findings; /* of each device are told, at most */
	bool failed;	 /* the last message found no room in time */
};

/* ---- the service's side ---------------------------------------------------------------------------------------- */

static void start(struct player *p)
{
	p->pid = fork();
	if (p->pid != 0)
		return;
	if (dup2(p->pair[1], SERVICE_FD_PACKETS) < 0)
		_exit(127);
	/* Those that the pair had; standard streams stay. */
	for (int fd = SERVICE_FD_PACKETS + 1; fd < 64; fd++)
		(void)close(fd);
	(void)execv(p->service[0], p->service);
	_exit(127);
}

static void print_message(const struct wire_message *m)
{
	struct archive a = {.reading = true, .from = cursor_over(m->body)};
	struct wire_round r = {0};
	struct stat st;

	switch ((int)m->type) {
	case WIRE_RESUME:
		if (m->fd >= 0 && fstat(m->fd, &st) == 0)
			printf("< RESUME %lld\n", (long long)st.st_size);
		else
			printf("< RESUME none\n");
		break;
	case WIRE_KEPT:
		wire_round(&a, &r);
		printf("< KEPT %llu\n", (unsigned long long)r.number);
		break;
	case WIRE_KEPT_SUMMARY:
		printf("< KEPT_SUMMARY\n");
		break;
	case WIRE_STOP:
		printf("< STOP\n");
		break;
	case WIRE_AGAIN:
		printf("< AGAIN\n");
		break;
	default:
		printf("< type %d\n", (int)m->type);
	}
}

static void hear(struct player *p)
{
	struct wire_message m;

	while (wire_receive(p->pair[0], p->in, &m) == 1) {
		print_message(&m);
		if (m.fd >= 0)
			(void)close(m.fd);
	}
}

/* ---- messages -------------------------------------------------------------------------------------------------- */

static void collect(void *context, const uint8_t *at, size_t len)
{
	struct player *p = context;

	if (p->out_len + len <= WIRE_MOST)
		memcpy(p->out + p->out_len, at, len);
	p->out_len += len;
}

static struct archive writing(struct player *p)
{
	p->out_len = 0;
	return (struct archive){.sink = collect, .sink_context = p};
}

/* WIRE_SEEDS names a folder that gets each message as a seed of fuzz/fuzz_wire.c. */
static void keep_seed(struct player *p, enum wire_type type, const uint8_t *at, size_t len)
{
	/* There are no threads. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	const char *folder = getenv("WIRE_SEEDS");
	const uint8_t first = (uint8_t)type;
	char path[4096];
	FILE *f;

	if (folder == NULL)
		return;
	(void)snprintf(path, sizeof path, "%s/%02u-%03u", folder, (unsigned)type, p->seeds++);
	f = fopen(path, "wb");
	if (f == NULL)
		return;
	(void)fwrite(&first, 1, 1, f);
	if (len > 0)
		(void)fwrite(at, 1, len, f);
	(void)fclose(f);
}

/* The pair has little room: the service is given time, as long as it lives. */
static void send_message(struct player *p, enum wire_type type, const uint8_t *at, size_t len,
			 int fd)
{
	int rc = -EAGAIN;

	p->failed = false;
	keep_seed(p, type, at, len);
	for (int waited = 0; waited < SEND_WAIT_MS; waited += 10) {
		struct pollfd ready = {.fd = p->pair[0], .events = POLLOUT};

		rc = wire_send(p->pair[0], type, at, len, fd);
		if (rc != -EAGAIN)
			break;
		hear(p);
		(void)poll(&ready, 1, 10);
		(void)usleep(1000);
	}
	p->failed = rc != 0;
}

static int64_t moved(const struct player *p, int64_t ns)
{
	return ns == 0 ? 0 : ns + p->shift_ns;
}

static void send_device(struct player *p, const struct device *d)
{
	struct evidence *evidence = calloc(d->evidence_n + 1, sizeof *evidence);
	struct exposure *exposures = calloc(d->exposures_n + 1, sizeof *exposures);
	struct device copy = *d;
	struct archive to = writing(p);

	if (evidence == NULL || exposures == NULL)
		abort();
	for (size_t i = 0; i < d->evidence_n; i++) {
		evidence[i] = d->evidence[i];
		evidence[i].first_ns = moved(p, evidence[i].first_ns);
		evidence[i].last_ns = moved(p, evidence[i].last_ns);
	}
	for (size_t i = 0; i < d->exposures_n; i++) {
		exposures[i] = d->exposures[i];
		exposures[i].time_ns = moved(p, exposures[i].time_ns);
	}
	copy.first_ns = moved(p, d->first_ns);
	copy.last_ns = moved(p, d->last_ns);
	if (copy.evidence_n > p->findings)
		copy.evidence_n = p->findings;
	if (p->shift_ns != 0)
		copy.addresses_seen = NULL;
	copy.evidence = evidence;
	copy.exposures = exposures;
	if (wire_write_device(&copy, &to))
		send_message(p, WIRE_DEVICE, p->out, p->out_len, -1);
	free(evidence);
	free(exposures);
}

static void send_attack(struct player *p, const struct attack *a)
{
	struct attack copy = *a;
	struct archive to = writing(p);

	copy.first_ns = moved(p, a->first_ns);
	copy.last_ns = moved(p, a->last_ns);
	if (wire_write_attack(&copy, &to))
		send_message(p, WIRE_ATTACK, p->out, p->out_len, -1);
}

static void send_model(struct player *p)
{
	for (size_t i = 0; p->judged != NULL && i < p->judged->devices_n; i++)
		send_device(p, &p->judged->devices[i]);
	for (size_t i = 0; p->judged != NULL && i < p->judged->attacks_n; i++)
		send_attack(p, &p->judged->attacks[i]);
	for (size_t i = 0; p->judged != NULL && i < p->judged->recalls_n; i++) {
		struct archive to = writing(p);

		if (wire_write_recall(&p->judged->recalls[i], &to))
			send_message(p, WIRE_RECALL, p->out, p->out_len, -1);
	}
}

static void put_name(char *to, size_t room, const char *from)
{
	(void)snprintf(to, room, "%s", from);
}

/* counts PACKETS DROPPED GONE */
static void send_counts(struct player *p, char **word)
{
	struct wire_counts *c = calloc(1, sizeof *c);
	struct archive to = writing(p);
	const struct judged *j = p->judged;

	if (c == NULL)
		abort();
	c->interfaces_n = 1;
	put_name(c->interfaces[0].name, sizeof c->interfaces[0].name, "eth0");
	c->interfaces[0].packets = strtoull(word[1], NULL, 10);
	c->interfaces[0].bytes = 100 * c->interfaces[0].packets;
	c->interfaces[0].dropped = strtoull(word[2], NULL, 10);
	c->interfaces[0].gone = strtoull(word[3], NULL, 10);
	c->interfaces[0].first_ns = p->now_ns - 1000000000;
	c->interfaces[0].last_ns = p->now_ns;
	c->tables_n = 1;
	put_name(c->tables[0].name, sizeof c->tables[0].name, "hosts");
	c->tables[0].entries = 1000;
	c->tables[0].used = 250;
	c->place = PLACE_LAN;
	for (size_t i = 0; j != NULL && i < j->unseen_n && i < WIRE_COUNTS_MOST; i++) {
		put_name(c->unseen[i].name, sizeof c->unseen[i].name, j->unseen[i].name);
		c->unseen[i].value = j->unseen[i].value;
		c->unseen_n++;
	}
	for (size_t i = 0; j != NULL && i < j->local_n && i < WIRE_PREFIXES; i++)
		c->local[c->local_n++] = j->local[i];
	wire_counts(&to, c);
	archive_flush(&to);
	send_message(p, WIRE_COUNTS, p->out, p->out_len, -1);
	free(c);
}

static int64_t wall_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void send_round(struct player *p)
{
	struct wire_round r = {.number = ++p->round,
			       .now_ns = p->now_ns,
			       .wall_ns = wall_ns(),
			       .judge_us = 1000,
			       .devices = p->judged != NULL ? p->judged->devices_n : 0};
	struct archive to = writing(p);

	wire_round(&to, &r);
	archive_flush(&to);
	send_message(p, WIRE_ROUND, p->out, p->out_len, -1);
}

static void send_hello(struct player *p)
{
	struct wire_hello h = {
		.life = p->life, .version = "0.1.0", .knowledge = "0123456789abcdef"};
	struct archive to = writing(p);

	wire_hello(&to, &h);
	archive_flush(&to);
	send_message(p, WIRE_HELLO, p->out, p->out_len, -1);
}

static void send_flow(struct player *p)
{
	struct wire_flow f = {.client = addr_v4(0x80e86e78),
			      .server = addr_v4(0x4223facc),
			      .client_port = 34855,
			      .server_port = 80,
			      .transport = 6,
			      .parser = 0xff,
			      .first_ns = p->now_ns - 5000000000,
			      .last_ns = p->now_ns,
			      .packets_out = 5,
			      .bytes_out = 500,
			      .packets_in = 4,
			      .bytes_in = 4000};
	struct archive to = writing(p);

	wire_flow(&to, &f);
	archive_flush(&to);
	send_message(p, WIRE_FLOW, p->out, p->out_len, -1);
}

/* Bytes as they stand, head and all; "fd" puts a descriptor beside them. */
static void send_raw(struct player *p, const char *hex, bool with)
{
	char head[4];
	size_t n = 0;

	for (; isxdigit((unsigned char)hex[0]) && isxdigit((unsigned char)hex[1]); hex += 2) {
		const char byte[3] = {hex[0], hex[1], '\0'};

		if (n < 4)
			head[n] = (char)strtoul(byte, NULL, 16);
		else if (n < WIRE_MOST)
			p->out[n - 4] = (uint8_t)strtoul(byte, NULL, 16);
		n++;
	}
	if (n >= 4 && head[0] == WIRE_VERSION && head[2] == 0 && head[3] == 0) {
		send_message(p, (enum wire_type)(uint8_t)head[1], p->out, n - 4,
			     with ? STDIN_FILENO : -1);
		return;
	}
	if (n > 4)
		memmove(p->out + 4, p->out, n - 4);
	memcpy(p->out, head, n < 4 ? n : 4);
	(void)!send(p->pair[0], p->out, n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Random bytes of random types and lengths, the same for the same seed. */
static void send_noise(struct player *p, unsigned seed, unsigned n)
{
	uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;

	for (unsigned i = 0; i < n; i++) {
		size_t len;

		x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		len = (size_t)(x >> 33) % 600;
		for (size_t k = 0; k < len; k++) {
			x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			p->out[k] = (x >> 62) == 0 ? (uint8_t)(x >> 40) : 0;
		}
		/* Not BYE. */
		send_message(p, (enum wire_type)(WIRE_DEVICE + (x >> 50) % 7), p->out, len, -1);
	}
}

/* Devices of the model as they would be sent, each with some bytes turned. */
static void send_turned(struct player *p, unsigned seed, unsigned n)
{
	uint64_t x = seed + 1;

	for (unsigned i = 0; p->judged != NULL && p->judged->devices_n > 0 && i < n; i++) {
		struct archive to = writing(p);

		if (!wire_write_device(&p->judged->devices[i % p->judged->devices_n], &to))
			continue;
		for (unsigned k = 0; k < 1 + i % 4; k++) {
			x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			p->out[(x >> 20) % p->out_len] = (uint8_t)(x >> 56);
		}
		send_message(p, WIRE_DEVICE, p->out, p->out_len, -1);
		if (i % 50 == 49)
			send_round(p);
	}
}

/* ---- commands -------------------------------------------------------------------------------------------------- */

static void unload(struct player *p)
{
	if (p->pipeline != NULL)
		pipeline_free(p->pipeline);
	for (size_t i = 0; i < WORDS; i++) {
		free(p->paths[i]);
		p->paths[i] = NULL;
	}
	p->pipeline = NULL;
	p->judged = NULL;
}

static bool load(struct player *p, char **paths, size_t n)
{
	struct knowledge_error bad;

	unload(p);
	for (size_t i = 0; i < n; i++)
		p->paths[i] = strdup(paths[i]);
	p->options = (struct pipeline_options){.paths = (const char *const *)p->paths,
					       .paths_n = n,
					       .threads = 1,
					       .memory_bytes = ENGINE_MEMORY_DEFAULT,
					       .max_devices = ENGINE_DEVICES_DEFAULT};
	if (pipeline_run(&p->options, &p->pipeline, &bad) != 0)
		return false;
	p->judged = pipeline_judged(p->pipeline);
	for (size_t i = 0; i < p->judged->inputs_n; i++)
		if (p->judged->inputs[i].last_ns + p->shift_ns > p->now_ns)
			p->now_ns = p->judged->inputs[i].last_ns + p->shift_ns;
	return true;
}

static void await_end(struct player *p, int limit_ms)
{
	int status, pid = 0;

	for (int waited = 0; pid == 0 && waited < limit_ms; waited += 10) {
		hear(p);
		pid = waitpid(p->pid, &status, WNOHANG);
		if (pid == 0)
			(void)usleep(10000);
	}
	if (pid == 0)
		printf("= running\n");
	else if (WIFSIGNALED(status))
		printf("= killed %d\n", WTERMSIG(status));
	else
		printf("= status %d\n", WEXITSTATUS(status));
}

static void send_summary(struct player *p, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	send_message(p, WIRE_SUMMARY, NULL, 0, fd);
	if (fd >= 0)
		(void)close(fd);
}

/* False: the command answers for itself. */
static bool obey(struct player *p, char **word, size_t n)
{
	const char *verb = word[0];

	if (strcmp(verb, "model") == 0)
		p->failed = !load(p, word + 1, n - 1);
	else if (strcmp(verb, "life") == 0)
		p->life = strtoull(word[1], NULL, 10);
	else if (strcmp(verb, "hello") == 0)
		send_hello(p);
	else if (strcmp(verb, "all") == 0)
		send_model(p);
	else if (strcmp(verb, "device") == 0)
		send_device(p, &p->judged->devices[strtoul(word[1], NULL, 10)]);
	else if (strcmp(verb, "gone") == 0)
		send_message(p, WIRE_GONE, (const uint8_t *)word[1], strlen(word[1]), -1);
	else if (strcmp(verb, "counts") == 0)
		send_counts(p, word);
	else if (strcmp(verb, "round") == 0)
		send_round(p);
	else if (strcmp(verb, "flow") == 0)
		send_flow(p);
	else if (strcmp(verb, "summary") == 0)
		send_summary(p, word[1]);
	else if (strcmp(verb, "raw") == 0)
		send_raw(p, word[1], n > 2);
	else if (strcmp(verb, "noise") == 0)
		send_noise(p, (unsigned)strtoul(word[1], NULL, 10),
			   (unsigned)strtoul(word[2], NULL, 10));
	else if (strcmp(verb, "turned") == 0)
		send_turned(p, (unsigned)strtoul(word[1], NULL, 10),
			    (unsigned)strtoul(word[2], NULL, 10));
	else if (strcmp(verb, "bye") == 0)
		send_message(p, WIRE_BYE, NULL, 0, -1);
	else if (strcmp(verb, "kill") == 0)
		p->failed = kill(p->pid, (int)strtol(word[1], NULL, 10)) != 0;
	else if (strcmp(verb, "start") == 0)
		start(p);
	else if (strcmp(verb, "move") == 0) {
		p->now_ns += strtoll(word[1], NULL, 10) * 1000000000;
		p->shift_ns += strtoll(word[1], NULL, 10) * 1000000000;
	} else if (strcmp(verb, "later") == 0)
		p->now_ns += strtoll(word[1], NULL, 10) * 1000000000;
	else if (strcmp(verb, "findings") == 0)
		p->findings = strtoul(word[1], NULL, 10);
	else if (strcmp(verb, "pid") == 0)
		printf("= %d\n", (int)p->pid);
	else if (strcmp(verb, "end") == 0)
		await_end(p, (int)strtol(word[1], NULL, 10));
	else
		p->failed = true;
	return strcmp(verb, "pid") != 0 && strcmp(verb, "end") != 0;
}

static void run_line(struct player *p, char *line)
{
	static char none[] = "";
	char *word[WORDS], *save = NULL;
	size_t n = 0;

	for (size_t i = 0; i < WORDS; i++)
		word[i] = none;
	for (char *w = strtok_r(line, " \n", &save); w != NULL && n < WORDS - 1;
	     w = strtok_r(NULL, " \n", &save))
		word[n++] = w;
	p->failed = false;
	if (n > 0 && obey(p, word, n))
		printf("= %s\n", p->failed ? "failed" : "ok");
	(void)fflush(stdout);
}

int main(int argc, char **argv)
{
	struct player p = {.service = argv + 1, .life = 1, .findings = SIZE_MAX};
	static char line[2 * WIRE_MOST + 64];
	static uint8_t out[WIRE_MOST], in[WIRE_MOST];
	size_t len = 0;

	p.out = out;
	p.in = in;
	if (argc < 2 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, p.pair) != 0)
		return 70;
	start(&p);
	for (;;) {
		struct pollfd news[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
					 {.fd = p.pair[0], .events = POLLIN}};
		ssize_t n;
		char *end;

		(void)poll(news, 2, -1);
		hear(&p);
		(void)fflush(stdout);
		if (news[0].revents == 0)
			continue;
		n = read(STDIN_FILENO, line + len, sizeof line - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
		line[len] = '\0';
		while ((end = strchr(line, '\n')) != NULL) {
			*end = '\0';
			run_line(&p, line);
			len -= (size_t)(end + 1 - line);
			memmove(line, end + 1, len + 1);
		}
	}
	(void)kill(p.pid, SIGKILL);
	(void)waitpid(p.pid, NULL, 0);
	unload(&p);
	return 0;
}
