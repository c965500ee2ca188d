/* SPDX-License-Identifier: MIT */
/*
 * The loop of the service, its beginning and its end. Everything that waits is the loop's: messages, signals, a tick every
 * quarter of a second, clients of control and metrics. Only the disk is waited for, by the store (that is what makes a round
 * acknowledged); the socket's room holds what comes meanwhile, and the packets process never waits.
 *
 * The watchdog hears of us only while rounds come: a packets process that hangs is as bad as a service that does.
 */
#include "watch/service_contain.h"

#include "base/exits.h"
#include "engine.h"
#include "guard/message.h"
#include "watch/control.h"
#include "watch/metrics.h"
#include "watch/portal.h"

#include "base/timespan.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum {
	TICK_MS = 250,
	FLUSH_MS = 2500,    /* for the events that wait, at the end */
	JUDGES_AWAITED = 12 /* the packets process judges at most a tenth of the time */
};
#define STOP_NS (5 * NS_PER_S) /* for the last round */
#define SILENCE_NS (30 * NS_PER_S)

static int64_t clock_ns(clockid_t clock)
{
	struct timespec t = {0};

	(void)clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

int64_t service_now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int64_t service_wall(void)
{
	return clock_ns(CLOCK_REALTIME);
}

/* ---- signs of life --------------------------------------------------------------------------------------------- */

/* Does the packets process do what it should? Counts come every ten seconds when nothing else does. */
static bool is_heard(const struct service *s, int64_t now)
{
	int64_t usual = (int64_t)(s->notify.watchdog_us * 1000);
	int64_t judging = (int64_t)s->last.judge_us * 1000 * JUDGES_AWAITED;

	if (usual > SILENCE_NS || usual == 0)
		usual = SILENCE_NS;
	return now - s->heard_ns < (judging > usual ? judging : usual);
}

static void give_signs(struct service *s, int64_t now)
{
	int64_t every = (int64_t)(s->notify.watchdog_us * 1000 / 3);

	if (every <= 0 || now - s->alive_ns < every || !is_heard(s, now))
		return;
	s->alive_ns = now;
	notify_send(&s->notify, "WATCHDOG=1");
}

static void say_status(struct service *s)
{
	uint64_t devices = 0, infected = s->known.local[VERDICT_INFECTED];
	char status[160];

	for (int v = VERDICT_CLEAR; v <= VERDICT_INFECTED; v++)
		devices += s->known.local[v];
	(void)snprintf(status, sizeof status,
		       "STATUS=%llu devices of this network, %llu infected, %llu rounds%s",
		       (unsigned long long)devices, (unsigned long long)infected,
		       (unsigned long long)s->tally.rounds,
		       s->keeper.failing ? "; nothing is kept at the moment" : "");
	notify_send(&s->notify, status);
}

static void tell_of_lost_events(struct service *s)
{
	struct events_count count;
	uint64_t lost;

	if (s->events == NULL)
		return;
	events_count(s->events, &count);
	lost = count.dropped_full + count.dropped_failed;
	if (lost == s->events_lost_told || count.failing)
		return;
	/* Once there is room again, so that it is said at all. */
	if (events_room(s->events) < s->settings.queue_bytes / 2)
		return;
	service_health(s, "events-dropped", NULL, lost,
		       "events found no room, or the disk refused them");
	s->events_lost_told = lost;
}

/* ---- the loop's calls ------------------------------------------------------------------------------------------ */

static void on_tick(uv_timer_t *timer)
{
	struct service *s = timer->data;
	int64_t now = service_now();

	if (s->state == SERVICE_STOPS) {
		if (s->stop_unsent)
			service_send(s, WIRE_STOP, NULL, 0, -1);
		if (now >= s->until_ns)
			uv_stop(&s->loop);
		return;
	}
	if (s->again)
		service_ask_again(s);
	give_signs(s, now);
	keeper_tend(s);
	if (now - s->stats_ns >= s->settings.stats_ns) {
		s->stats_ns = now;
		service_stats(s);
		say_status(s);
	}
	tell_of_lost_events(s);
	containment_tick(s);
	if (s->control != NULL)
		control_tick(s->control);
}

static void on_packets(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	service_hear(poll->data);
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct service *s = signal->data;

	if (number == SIGHUP)
		service_reload(s);
	else
		service_stop(s, GUARD_EXIT_DONE);
}

void service_stop(struct service *s, int status)
{
	s->status = status;
	if (s->state == SERVICE_STOPS)
		return;
	s->state = SERVICE_STOPS;
	s->until_ns = service_now() + STOP_NS;
	/* With other settings the first process goes on, and says READY=1 again. */
	notify_send(&s->notify, status == GUARD_EXIT_RELOAD ? "STATUS=beginning again"
							    : "STOPPING=1\nSTATUS=ending");
	service_send(s, WIRE_STOP, NULL, 0, -1);
}

/* ---- beginning ------------------------------------------------------------------------------------------------- */

static size_t most_devices(const struct settings *settings)
{
	uint64_t most = settings->max_devices;

	if (most == 0)
		most = settings->memory_bytes / ENGINE_DEVICE_BYTES;
	return most > ENGINE_DEVICES_DEFAULT && settings->max_devices == 0 ? ENGINE_DEVICES_DEFAULT
									   : (size_t)most;
}

static int begin_loop(struct service *s)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
	int rc = uv_loop_init(&s->loop);

	if (rc != 0)
		return rc;
	s->packets.data = s->tick.data = s;
	rc = uv_poll_init(&s->loop, &s->packets, s->wire);
	if (rc == 0)
		rc = uv_poll_start(&s->packets, UV_READABLE, on_packets);
	if (rc == 0)
		rc = uv_timer_init(&s->loop, &s->tick);
	if (rc == 0)
		rc = uv_timer_start(&s->tick, on_tick, TICK_MS, TICK_MS);
	for (size_t i = 0; rc == 0 && i < sizeof numbers / sizeof *numbers; i++) {
		s->signals[i].data = s;
		rc = uv_signal_init(&s->loop, &s->signals[i]);
		if (rc == 0)
			rc = uv_signal_start(&s->signals[i], on_signal, numbers[i]);
	}
	return rc;
}

static void begin_events(struct service *s)
{
	char why[LOG_ERROR_TEXT];
	int rc;

	if (s->settings.events_file == NULL || s->settings.events == 0)
		return;
	rc = events_new(s->settings.events_file, s->settings.queue_bytes, &s->events);
	if (rc != 0)
		log_line(LEVEL_ERROR, "no events are written: %s", log_error(-rc, why));
}

static int begin(struct service *s)
{
	uint64_t seed = 0;

	s->wire = SERVICE_FD_PACKETS;
	s->began_ns = s->heard_ns = s->stats_ns = s->tidied_ns = service_now();
	s->began_wall_ns = service_wall();
	(void)!getrandom(&seed, sizeof seed, GRND_NONBLOCK);
	s->buffer = malloc(WIRE_MOST);
	if (s->buffer == NULL || known_init(&s->known, most_devices(&s->settings), seed) != 0 ||
	    begin_loop(s) != 0) {
		log_line(LEVEL_ERROR, "out of memory or descriptors at start");
		return EXITS_OS;
	}
	/* A reader that went away, or a limit on a file's size, is an error that is returned. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	notify_begin(&s->notify);
	begin_events(s);
	keeper_begin(s);
	s->containment = containment_new(s);
	containment_tick(s);
	s->control = control_new(s);
	s->metrics = metrics_new(s);
	s->portal = portal_new(s);
	service_health(s, "started", NULL, 0, "cordon " CORDON_VERSION " has begun");
	service_ask_again(s);
	return EXITS_OK;
}

/* ---- end ------------------------------------------------------------------------------------------------------- */

static void close_handle(uv_handle_t *handle, void *context)
{
	(void)context;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* Events first, since what they are done with leaves the outbox of the store. */
static void end_parts(struct service *s)
{
	struct events_count count = {0};

	service_health(s, "stopping", NULL, 0, "cordon ends");
	if (s->events != NULL) {
		int64_t until = service_now() + FLUSH_MS * NS_PER_MS;

		do {
			events_count(s->events, &count);
			if (count.waiting_bytes > 0)
				(void)usleep(5000);
		} while (count.waiting_bytes > 0 && service_now() < until);
	}
	keeper_close(s);
	/* A thread that the disk holds fast ends with the process. */
	if (s->events != NULL && events_finish(s->events, 100))
		s->events = NULL;
}

static int end(struct service *s, int status)
{
	if (s->control != NULL)
		control_end(s->control);
	if (s->metrics != NULL)
		metrics_end(s->metrics);
	if (s->portal != NULL)
		portal_end(s->portal);
	containment_end(s);
	end_parts(s);
	notify_end(&s->notify);
	uv_walk(&s->loop, close_handle, NULL);
	(void)uv_run(&s->loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&s->loop);
	free(s->control);
	metrics_free(s->metrics);
	portal_free(s->portal);
	containment_free(s->containment);
	round_fini(&s->round);
	attacks_open_fini(&s->attacks);
	known_fini(&s->known);
	names_fini(&s->names);
	free(s->buffer);
	settings_fini(&s->settings);
	return status;
}

int service_run(int argc, char **argv)
{
	struct service *s = calloc(1, sizeof *s);
	int status;

	if (s == NULL)
		return EXITS_OS;
	s->argc = argc;
	s->argv = argv;
	status = settings_read(&s->settings, argc, argv);
	if (status != 0) {
		settings_fini(&s->settings);
		free(s);
		return status;
	}
	log_begin("cordon-service", s->settings.log_json,
		  s->settings.verbose > 0 ? LEVEL_DEBUG
		  : s->settings.quiet	  ? LEVEL_WARNING
					  : LEVEL_INFO);
	status = begin(s);
	if (status == EXITS_OK) {
		(void)uv_run(&s->loop, UV_RUN_DEFAULT);
		status = end(s, s->status);
	}
	free(s);
	return status;
}
