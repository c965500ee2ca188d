/* SPDX-License-Identifier: MIT */
/*
 * Live capture over taps that are made up: the order of frames, what is held back and for how long, batches, tags, and what
 * is counted. Time is fed; waiting moves it on.
 */
#include <poll.h>
#include <time.h>

static int fed_clock(clockid_t clock, struct timespec *t);
static int fed_poll(struct pollfd *fds, nfds_t n, int ms);
#define clock_gettime fed_clock
#define poll fed_poll
#include "capture/live.c"
#undef clock_gettime
#undef poll

#include "draw.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MS = 1000000, MADE = 4096 };

/* Frames that appear at a moment of the monotonic clock. */
struct made {
	struct tap tap;
	struct tap_frame frames[MADE];
	int64_t appears_ns[MADE];
	size_t n;
	size_t next;
	unsigned looks;
	bool present; /* what a look finds */
	int error;    /* poll() says so once */
};

static int64_t clock_ns;
static struct made *by_fd[8]; /* descriptors 100 and up */
static bool woken;

static int fed_clock(clockid_t clock, struct timespec *t)
{
	(void)clock;
	*t = (struct timespec){.tv_sec = clock_ns / 1000000000, .tv_nsec = clock_ns % 1000000000};
	return 0;
}

static int readable(struct pollfd *fd)
{
	struct made *m;

	fd->revents = 0;
	if (fd->fd == 7 && woken)
		fd->revents = POLLIN;
	if (fd->fd < 100)
		return fd->revents != 0;
	m = by_fd[fd->fd - 100];
	if (m->next < m->n && m->appears_ns[m->next] <= clock_ns && (fd->events & POLLIN) != 0)
		fd->revents |= POLLIN;
	if (m->error != 0)
		fd->revents |= POLLERR;
	m->error = 0;
	return fd->revents != 0;
}

static int fed_poll(struct pollfd *fds, nfds_t n, int ms)
{
	for (int waited = 0;; waited++) {
		int ready = 0;

		for (nfds_t i = 0; i < n; i++)
			ready += readable(&fds[i]);
		if (ready > 0 || waited >= ms)
			return ready;
		clock_ns += MS;
	}
}

static bool made_peek(struct tap *t, struct tap_frame *out)
{
	struct made *m = (struct made *)t;

	if (m->next == m->n || m->appears_ns[m->next] > clock_ns)
		return false;
	*out = m->frames[m->next];
	return true;
}

static void made_take(struct tap *t)
{
	((struct made *)t)->next++;
}

static void made_look(struct tap *t)
{
	struct made *m = (struct made *)t;

	m->looks++;
	t->away = !m->present;
}

static uint64_t made_dropped(struct tap *t)
{
	(void)t;
	return 5;
}

static const struct tap_method method = {
	.peek = made_peek, .take = made_take, .look = made_look, .dropped = made_dropped};

static uint8_t bytes[FRAME_BYTES_MAX + 64];

/* A frame of that time that shows at `appears`, and is ripe 40 ms later. */
static void put(struct made *m, int64_t time_ms, int64_t appears_ms)
{
	m->frames[m->n] = (struct tap_frame){.at = bytes,
					     .len = 60,
					     .wire_len = 60,
					     .time_ns = time_ms * MS,
					     .ripe_ns = (appears_ms + 40) * MS};
	m->appears_ns[m->n++] = appears_ms * MS;
}

struct scene {
	struct live live;
	struct made made[3];
	struct batch batch;
};

static struct scene *scene_new(size_t n)
{
	struct scene *s = calloc(1, sizeof *s);

	assert_non_null(s);
	s->batch.bytes = malloc(BATCH_BYTES);
	assert_non_null(s->batch.bytes);
	clock_ns = 0;
	woken = false;
	for (size_t i = 0; i < n; i++) {
		s->made[i].tap = (struct tap){
			.method = &method, .fd = 100 + (int)i, .linktype = LINK_ETHERNET};
		s->made[i].present = true;
		by_fd[i] = &s->made[i];
		s->live.ports[i] = (struct port){
			.tap = &s->made[i].tap, .input = (uint32_t)i, .snaplen = 65535};
	}
	s->live.n = n;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7);
	return s;
}

static void scene_free(struct scene *s)
{
	free(s->batch.bytes);
	free(s);
}

static uint32_t fill(struct scene *s, int wait_ms)
{
	return live_fill(&s->live, &s->batch, wait_ms, 7);
}

static void one_interface_is_not_held_back(void **state)
{
	struct scene *s = scene_new(1);

	(void)state;
	s->live.ports[0].number = 41;
	put(&s->made[0], 3, 0);
	put(&s->made[0], 2, 0); /* the clock on the wall went back: as it came */
	assert_int_equal(fill(s, 0), 2);
	assert_int_equal(s->batch.frames[0].time_ns, 3 * MS);
	assert_int_equal(s->batch.frames[1].time_ns, 2 * MS);
	assert_int_equal(s->batch.frames[0].number, 42);
	assert_int_equal(s->batch.frames[1].number, 43);
	assert_int_equal(fill(s, 0), 0);
	scene_free(s);
}

static void an_older_frame_of_another_comes_first(void **state)
{
	struct scene *s = scene_new(2);

	(void)state;
	put(&s->made[0], 10, 20);
	put(&s->made[1], 5, 30);
	assert_int_equal(fill(s, 15), 0);
	assert_int_equal(clock_ns, 15 * MS);
	/* The second shows up before the first is ripe, and goes; the first waits, for there may be more. */
	assert_int_equal(fill(s, 100), 1);
	assert_int_equal(s->batch.frames[0].input, 1);
	assert_int_equal(fill(s, 100), 1);
	assert_int_equal(s->batch.frames[0].input, 0);
	assert_int_equal(clock_ns, 60 * MS);
	scene_free(s);
}

static void a_frame_waits_no_longer_than_until_it_is_ripe(void **state)
{
	struct scene *s = scene_new(2);

	(void)state;
	put(&s->made[0], 10, 20);
	assert_int_equal(fill(s, 10000), 1);
	assert_int_equal(clock_ns, 60 * MS);
	scene_free(s);
}

static void a_filling_ring_is_not_made_to_wait(void **state)
{
	struct scene *s = scene_new(2);

	(void)state;
	put(&s->made[0], 10, 0);
	s->made[0].frames[0].ripe_ns = 0;
	assert_int_equal(fill(s, 0), 1);
	scene_free(s);
}

static void nobody_waits_for_an_interface_that_is_away(void **state)
{
	struct scene *s = scene_new(2);

	(void)state;
	s->made[1].error = 1;
	s->made[1].present = false;
	assert_int_equal(fill(s, 5), 0);
	put(&s->made[0], 10, 10);
	assert_int_equal(fill(s, 100), 1);
	assert_int_equal(clock_ns, 10 * MS);
	scene_free(s);
}

static void many_frames_come_in_order(void **state)
{
	struct scene *s = scene_new(3);
	struct draw d = draw_from(20161021);
	int64_t last = 0;
	unsigned seen = 0;

	(void)state;
	/* Blocks of 20 ms: a frame shows at the end of its own. */
	for (unsigned i = 0; i < 3; i++) {
		int64_t at = 1;

		for (unsigned k = 0; k < 2000; k++) {
			at += (int64_t)draw_below(&d, i == 2 ? 30 : 3);
			put(&s->made[i], at, (at / 20 + 1) * 20 + (int64_t)i);
		}
	}
	while (clock_ns < INT64_C(70000) * MS) {
		uint32_t n = fill(s, 100);

		for (uint32_t i = 0; i < n; i++) {
			assert_true(s->batch.frames[i].time_ns >= last);
			last = s->batch.frames[i].time_ns;
		}
		/* None is older than 20 ms of its block and 40 of ripening, the waiting apart. */
		assert_true(n == 0 || clock_ns - last <= 65 * MS);
		seen += n;
	}
	assert_int_equal(seen, 6000);
	scene_free(s);
}

static void a_batch_holds_what_it_can(void **state)
{
	struct scene *s = scene_new(1);

	(void)state;
	for (unsigned i = 0; i < BATCH_FRAMES + 10; i++)
		put(&s->made[0], i, 0);
	assert_int_equal(fill(s, 0), BATCH_FRAMES);
	assert_int_equal(fill(s, 0), 10);
	/* The longest there is, behind as much as may stand before it, and one that no record takes. */
	for (unsigned i = 0; i < 4; i++) {
		put(&s->made[0], i, 0);
		s->made[0].frames[s->made[0].n - 1].len = i == 0 ? BATCH_READ - 1 : FRAME_BYTES_MAX;
		s->made[0].frames[s->made[0].n - 1].wire_len = 1 << 20;
		s->made[0].frames[s->made[0].n - 1].tpid = 0x8100;
	}
	assert_int_equal(fill(s, 0), 1 + (BATCH_READ - 1 + VLAN_TAG < BATCH_READ));
	while (fill(s, 0) > 0) {
		const struct frame *f = &s->batch.frames[s->batch.n - 1];

		assert_true(f->data + f->len <= s->batch.bytes + BATCH_BYTES);
		assert_int_equal(f->len, FRAME_BYTES_MAX);
		assert_int_equal(f->wire_len, (1 << 20) + VLAN_TAG);
		assert_memory_equal(f->data + 16, bytes + 12, f->len - 16);
	}
	scene_free(s);
}

static void tags_are_put_back(void **state)
{
	struct scene *s = scene_new(1);
	static const uint8_t tag[] = {0x81, 0x00, 0x60, 0x05};
	const struct frame *f = s->batch.frames;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		put(&s->made[0], 1, 0);
		s->made[0].frames[i].tpid = 0x8100;
		s->made[0].frames[i].tci = 0x6005;
		s->made[0].frames[i].unfinished = i == 1;
	}
	s->made[0].frames[1].len = 11; /* cut before it: there is no place for it */
	assert_int_equal(fill(s, 0), 2);
	assert_int_equal(f[0].len, 64);
	assert_int_equal(f[0].wire_len, 64);
	assert_memory_equal(f[0].data, bytes, 12);
	assert_memory_equal(f[0].data + 12, tag, 4);
	assert_memory_equal(f[0].data + 16, bytes + 12, 48);
	assert_false(f[0].unfinished);
	assert_int_equal(f[1].len, 11);
	assert_int_equal(f[1].wire_len, 64);
	assert_true(f[1].unfinished);
	scene_free(s);
}

static void waking_ends_the_wait(void **state)
{
	struct scene *s = scene_new(1);

	(void)state;
	woken = true;
	assert_int_equal(fill(s, 10000), 0);
	assert_int_equal(clock_ns, 0);
	scene_free(s);
}

static void an_interface_that_goes_is_counted_and_looked_for(void **state)
{
	struct scene *s = scene_new(1);
	struct live_count c;

	(void)state;
	s->made[0].error = 1;
	s->made[0].present = false;
	assert_int_equal(fill(s, 3000), 0);
	live_count(&s->live, 0, &c);
	assert_int_equal(c.gone, 1);
	assert_true(c.away);
	assert_in_range(s->made[0].looks, 5, 8);
	s->made[0].present = true;
	assert_int_equal(fill(s, 600), 0);
	live_count(&s->live, 0, &c);
	assert_int_equal(c.gone, 1);
	assert_false(c.away);
	/* Up again before anybody looked: gone all the same. */
	s->made[0].error = 1;
	live_count(&s->live, 0, &c);
	assert_int_equal(c.gone, 2);
	assert_false(c.away);
	assert_int_equal(c.dropped, 5);
	scene_free(s);
}

static void what_came_is_counted(void **state)
{
	struct scene *s = scene_new(2);
	struct live_count c;

	(void)state;
	put(&s->made[0], 5, 0);
	put(&s->made[0], 9, 0);
	s->made[0].frames[1].wire_len = 1500;
	fill(s, 1000);
	fill(s, 1000);
	live_count(&s->live, 0, &c);
	assert_int_equal(c.frames, 2);
	assert_int_equal(c.bytes, 1560);
	assert_int_equal(c.first_ns, 5 * MS);
	assert_int_equal(c.last_ns, 9 * MS);
	live_count(&s->live, 1, &c);
	assert_int_equal(c.frames, 0);
	assert_int_equal(c.first_ns, 0);
	scene_free(s);
}

/* What is no packet socket is refused in words, and closed. */
static void a_socket_that_is_none_is_refused(void **state)
{
	struct live *l;
	const char *why = "";
	struct live_options options = {.name = "lo",
				       .fd = open("/dev/null", O_RDONLY | O_CLOEXEC),
				       .ring_bytes = 1 << 20,
				       .index = 1};

	(void)state;
	assert_int_equal(live_new(&l), 0);
	assert_true(live_add(l, &options, &why) < 0);
	assert_true(strlen(why) > 10);
	assert_int_equal(fcntl(options.fd, F_GETFD), -1);
	live_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_interface_is_not_held_back),
		cmocka_unit_test(an_older_frame_of_another_comes_first),
		cmocka_unit_test(a_frame_waits_no_longer_than_until_it_is_ripe),
		cmocka_unit_test(a_filling_ring_is_not_made_to_wait),
		cmocka_unit_test(nobody_waits_for_an_interface_that_is_away),
		cmocka_unit_test(many_frames_come_in_order),
		cmocka_unit_test(a_batch_holds_what_it_can),
		cmocka_unit_test(tags_are_put_back),
		cmocka_unit_test(waking_ends_the_wait),
		cmocka_unit_test(an_interface_that_goes_is_counted_and_looked_for),
		cmocka_unit_test(what_came_is_counted),
		cmocka_unit_test(a_socket_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
