/* SPDX-License-Identifier: MIT */
/*
 * Live capture and engine as `cordon watch` has them, in one process, for tests: reads interfaces until it has seen so many
 * frames, until nothing came for a while, or until SIGTERM; then prints the JSON report on standard output and what each
 * interface did on standard error:
 *
 *   live: eth0 frames 120 bytes 9000 dropped 0 gone 0
 *   live: unfinished 80 longest 66000 unordered 0
 *
 * (checksums left to hardware, bytes of the longest frame, frames older than the one before). The line "live: ready" says
 * that frames sent from now on are seen; "live: gone" and "live: back" follow the interfaces.
 * It opens sockets as the guard does and gives up every capability before the first frame.
 *
 *   live_report [-i IF]... [-f FILTER] [--local PREFIX]... [--frames N] [--idle MS] [--asleep MS] [--ring BYTES]
 *               [--threads N] [--snaplen N] [--no-report]
 */
#include "base/text.h"
#include "capture/live.h"
#include "engine.h"
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LOCALS = 8, ROUND_MS = 100 };

struct test {
	const char *interfaces[LIVE_INTERFACES];
	size_t n;
	struct prefix local[LOCALS];
	size_t local_n;
	const char *filter;
	uint64_t frames;
	uint64_t idle_ms;
	uint64_t asleep_ms;
	uint64_t ring_bytes;
	uint64_t threads;
	uint64_t snaplen;
	bool no_report;
	struct live *live;
	struct engine *engine;
	struct input inputs[LIVE_INTERFACES];
	struct live_count counts[LIVE_INTERFACES];
	uint64_t unfinished;
	uint64_t longest;
	uint64_t unordered;
	int64_t last_ns;
};

static int wake[2];

static void stop(int signal)
{
	int saved = errno;

	(void)signal;
	(void)!write(wake[1], "", 1);
	errno = saved;
}

static bool was_stopped(void)
{
	struct pollfd fd = {.fd = wake[0], .events = POLLIN};

	return poll(&fd, 1, 0) > 0;
}

static void die(const char *what, const char *why)
{
	fprintf(stderr, "live: %s: %s\n", what, why);
	exit(1);
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void open_interface(struct test *t, size_t i, const void *filter, unsigned filter_n)
{
	const char *why = "";
	struct live_options options = {.name = t->interfaces[i],
				       .fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0),
				       .index = if_nametoindex(t->interfaces[i]),
				       .input = (uint32_t)i,
				       .ring_bytes = t->ring_bytes,
				       .snaplen = (uint32_t)t->snaplen,
				       .promiscuous = true,
				       .filter = filter,
				       .filter_n = filter_n};

	if (options.fd < 0)
		die("socket", strerror(errno));
	if (live_add(t->live, &options, &why) != 0)
		die(t->interfaces[i], why);
	t->inputs[i] = (struct input){.path = t->interfaces[i], .format = "live"};
}

static void give_up_privileges(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};

	if (syscall(SYS_capset, &head, none) != 0)
		die("capset", strerror(errno));
}

static void begin(struct test *t)
{
	static struct engine_options options;
	struct knowledge_error bad;
	void *filter = NULL;
	unsigned filter_n = 0;
	char why[LIVE_FILTER_WHY];

	options = (struct engine_options){.local = t->local,
					  .local_n = t->local_n,
					  .threads = (unsigned)t->threads,
					  .memory_bytes = ENGINE_MEMORY_DEFAULT,
					  .max_devices = ENGINE_DEVICES_DEFAULT};
	if (engine_new(&options, &t->engine, &bad) != 0 || live_new(&t->live) != 0)
		die("engine", "could not be made");
	if (t->filter != NULL &&
	    live_filter(t->filter, (uint32_t)t->snaplen, &filter, &filter_n, why) != 0)
		die(t->filter, why);
	for (size_t i = 0; i < t->n; i++)
		open_interface(t, i, filter, filter_n);
	free(filter);
	give_up_privileges();
	fprintf(stderr, "live: ready\n");
}

static uint64_t look(struct test *t)
{
	uint64_t frames = 0;

	for (size_t i = 0; i < t->n; i++) {
		bool was = t->counts[i].away;

		live_count(t->live, i, &t->counts[i]);
		frames += t->counts[i].frames;
		if (t->counts[i].away != was)
			fprintf(stderr, "live: %s\n", was ? "back" : "gone");
	}
	return frames;
}

static void note(struct test *t, const struct batch *b)
{
	for (const struct frame *f = b->frames; f < b->frames + b->n; f++) {
		t->unfinished += f->unfinished;
		t->unordered += f->time_ns < t->last_ns;
		t->last_ns = f->time_ns;
		if (f->wire_len > t->longest)
			t->longest = f->wire_len;
	}
}

static void run(struct test *t)
{
	uint64_t seen = 0, last_ms = now_ms();

	if (t->asleep_ms > 0)
		poll(NULL, 0, (int)t->asleep_ms);
	while (t->frames == 0 || seen < t->frames) {
		struct batch *batch = engine_batch(t->engine);

		if (live_fill(t->live, batch, ROUND_MS, wake[0]) > 0) {
			seen += batch->n;
			note(t, batch);
			engine_run(t->engine);
			last_ms = now_ms();
		} else if (was_stopped() ||
			   (look(t) > 0 && t->idle_ms > 0 && now_ms() - last_ms > t->idle_ms)) {
			break; /* and nothing is left in the ring */
		}
	}
}

static void to_stdout(void *context, const char *at, size_t len)
{
	(void)context;
	fwrite(at, 1, len, stdout);
}

static void report(struct test *t)
{
	struct report_options look_of = {.all = true, .width = REPORT_WIDTH};
	struct engine_view view = {.inputs = t->inputs, .inputs_n = t->n, .since_ns = INT64_MIN};
	struct arena arena = {0};
	struct judged judged = {0};
	struct text text = {.sink = to_stdout};

	engine_finish(t->engine);
	if (engine_judge(t->engine, &view, &arena, &judged) != 0)
		die("judging", "no memory");
	report_json(&judged, &look_of, &text);
	text_finish(&text);
	arena_fini(&arena);
}

static void end(struct test *t)
{
	look(t);
	for (size_t i = 0; i < t->n; i++) {
		const struct live_count *c = &t->counts[i];

		t->inputs[i].packets = c->frames;
		t->inputs[i].bytes = c->bytes;
		t->inputs[i].any = c->frames > 0;
		t->inputs[i].first_ns = c->first_ns;
		t->inputs[i].last_ns = c->last_ns;
		fprintf(stderr,
			"live: %s frames %" PRIu64 " bytes %" PRIu64 " dropped %" PRIu64
			" gone %" PRIu64 "\n",
			t->interfaces[i], c->frames, c->bytes, c->dropped, c->gone);
	}
	fprintf(stderr, "live: unfinished %" PRIu64 " longest %" PRIu64 " unordered %" PRIu64 "\n",
		t->unfinished, t->longest, t->unordered);
	if (!t->no_report)
		report(t);
	live_free(t->live);
	engine_free(t->engine);
}

static void read_options(struct test *t, int argc, char **argv)
{
	static const struct option options[] = {{"local", required_argument, NULL, 'l'},
						{"frames", required_argument, NULL, 'n'},
						{"idle", required_argument, NULL, 'd'},
						{"asleep", required_argument, NULL, 'a'},
						{"ring", required_argument, NULL, 'r'},
						{"threads", required_argument, NULL, 't'},
						{"snaplen", required_argument, NULL, 's'},
						{"no-report", no_argument, NULL, 'q'},
						{NULL, 0, NULL, 0}};
	uint64_t *const numbers[] = {
		['n'] = &t->frames,	['d'] = &t->idle_ms, ['a'] = &t->asleep_ms,
		['r'] = &t->ring_bytes, ['t'] = &t->threads, ['s'] = &t->snaplen};
	int option;

	while ((option = getopt_long(argc, argv, "i:f:", options, NULL)) != -1) {
		if (option == 'i' && t->n < LIVE_INTERFACES)
			t->interfaces[t->n++] = optarg;
		else if (option == 'f')
			t->filter = optarg;
		else if (option == 'q')
			t->no_report = true;
		else if (option == 'l' && t->local_n < LOCALS &&
			 prefix_parse(optarg, &t->local[t->local_n]))
			t->local_n++;
		else if (option != '?' && option != 'l' && option != 'i')
			*numbers[option] = strtoull(optarg, NULL, 10);
		else
			die("option", "what is this?");
	}
}

int main(int argc, char **argv)
{
	static struct test t = {.ring_bytes = 8 << 20, .threads = 1, .snaplen = 262144};

	read_options(&t, argc, argv);
	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
		die("pipe", strerror(errno));
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	begin(&t);
	run(&t);
	end(&t);
	return 0;
}
