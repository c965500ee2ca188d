/* SPDX-License-Identifier: MIT */
/* The ring of slots between the reader and the workers; see the header. */
#include "workers.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { SLOTS = 8, THREADS_MAX = 64 };

struct worker {
	struct workers *all;
	pthread_t thread;
	unsigned number;
	uint64_t done; /* slots it has finished */
};

struct workers {
	struct lanes *lanes;
	struct slot slots[SLOTS];
	unsigned slots_n;
	struct worker workers[THREADS_MAX];
	unsigned n; /* workers; 0: the reader runs the lanes */
	pthread_mutex_t lock;
	pthread_cond_t filled_more;
	pthread_cond_t done_more;
	uint64_t filled; /* slots handed over */
	bool ending;
};

/* The next slot for this worker, or NULL at the end. */
static const struct slot *wait_filled(struct worker *me)
{
	struct workers *w = me->all;
	const struct slot *slot = NULL;

	pthread_mutex_lock(&w->lock);
	while (me->done == w->filled && !w->ending)
		pthread_cond_wait(&w->filled_more, &w->lock);
	if (me->done < w->filled)
		slot = &w->slots[me->done % w->slots_n];
	pthread_mutex_unlock(&w->lock);
	return slot;
}

static void *work(void *arg)
{
	struct worker *me = arg;
	struct workers *w = me->all;
	const struct slot *slot;

	while ((slot = wait_filled(me)) != NULL) {
		lanes_run(w->lanes, slot->work, me->number, w->n);
		pthread_mutex_lock(&w->lock);
		me->done++;
		pthread_cond_signal(&w->done_more);
		pthread_mutex_unlock(&w->lock);
	}
	return NULL;
}

static uint64_t slowest(const struct workers *w)
{
	uint64_t done = w->filled;

	for (unsigned i = 0; i < w->n; i++) {
		if (w->workers[i].done < done)
			done = w->workers[i].done;
	}
	return done;
}

struct slot *workers_slot(struct workers *w)
{
	struct slot *slot;

	if (w->n == 0)
		return &w->slots[0];
	pthread_mutex_lock(&w->lock);
	while (w->filled - slowest(w) >= w->slots_n)
		pthread_cond_wait(&w->done_more, &w->lock);
	slot = &w->slots[w->filled % w->slots_n];
	pthread_mutex_unlock(&w->lock);
	return slot;
}

void workers_run(struct workers *w, const struct slot *slot)
{
	if (w->n == 0) {
		lanes_run(w->lanes, slot->work, 0, 1);
		return;
	}
	pthread_mutex_lock(&w->lock);
	w->filled++;
	pthread_cond_broadcast(&w->filled_more);
	pthread_mutex_unlock(&w->lock);
}

static void end_threads(struct workers *w, unsigned started)
{
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	pthread_cond_broadcast(&w->filled_more);
	pthread_mutex_unlock(&w->lock);
	for (unsigned i = 0; i < started; i++)
		pthread_join(w->workers[i].thread, NULL);
}

static void free_all(struct workers *w)
{
	for (unsigned i = 0; i < w->slots_n; i++) {
		if (w->slots[i].batch != NULL)
			free(w->slots[i].batch->bytes);
		free(w->slots[i].batch);
		free(w->slots[i].work);
	}
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->filled_more);
	pthread_cond_destroy(&w->done_more);
	free(w);
}

void workers_stop(struct workers *w)
{
	end_threads(w, w->n);
	free_all(w);
}

static bool make_slot(struct slot *slot)
{
	slot->batch = calloc(1, sizeof *slot->batch);
	slot->work = malloc(sizeof *slot->work);
	if (slot->batch == NULL || slot->work == NULL)
		return false;
	slot->work->n = 0;
	slot->batch->bytes = malloc(BATCH_BYTES);
	return slot->batch->bytes != NULL;
}

int workers_start(struct workers **out, struct lanes *lanes, unsigned threads)
{
	struct workers *w = calloc(1, sizeof *w);
	unsigned started = 0;

	if (w == NULL)
		return -ENOMEM;
	w->lanes = lanes;
	w->n = threads <= 1 ? 0 : threads - 1 < THREADS_MAX ? threads - 1 : THREADS_MAX;
	w->slots_n = w->n == 0 ? 1 : SLOTS;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->filled_more, NULL);
	pthread_cond_init(&w->done_more, NULL);
	for (unsigned i = 0; i < w->slots_n; i++) {
		if (!make_slot(&w->slots[i]))
			goto out;
	}
	for (; started < w->n; started++) {
		w->workers[started] = (struct worker){.all = w, .number = started};
		if (pthread_create(&w->workers[started].thread, NULL, work, &w->workers[started]) !=
		    0)
			goto out;
	}
	*out = w;
	return 0;
out:
	end_threads(w, started);
	free_all(w);
	return -ENOMEM;
}
