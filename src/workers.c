/* SPDX-License-Identifier: MIT */
/*
 * The ring of slots between the reader and the steps of the lanes; see the header. All that threads share is behind one
 * lock, which is held for some instructions each time a step takes a slot.
 */
#include "workers.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { SLOTS = 8, THREADS_MAX = 64, STEPS_MAX = THREADS_MAX * LANE_STEPS };

struct step {
	uint64_t done; /* slots it has seen */
	bool busy;     /* some thread is at it */
};

struct workers {
	struct lanes *lanes;
	struct slot slots[SLOTS];
	unsigned slots_n;
	struct step steps[STEPS_MAX];
	unsigned steps_n;
	pthread_t threads[THREADS_MAX];
	unsigned n; /* threads beside the reader; 0: it runs the lanes alone */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned waiting; /* threads */
	uint64_t filled;  /* slots handed over */
	bool ending;
};

/* The step that is farthest behind and may go on, or NULL. It is the caller's then. */
static struct step *take_step(struct workers *w)
{
	struct step *behind = NULL;

	for (unsigned i = 0; i < w->steps_n; i++) {
		struct step *s = &w->steps[i];

		if (!s->busy && s->done < w->filled && (behind == NULL || s->done < behind->done))
			behind = s;
	}
	if (behind != NULL)
		behind->busy = true;
	return behind;
}

static void wake(struct workers *w)
{
	if (w->waiting > 0)
		pthread_cond_broadcast(&w->changed);
}

static void await(struct workers *w)
{
	w->waiting++;
	pthread_cond_wait(&w->changed, &w->lock);
	w->waiting--;
}

/* Takes one slot through a step, if there is one to take; false otherwise. Called with the lock held. */
static bool work_once(struct workers *w)
{
	struct step *s = take_step(w);

	if (s == NULL)
		return false;
	pthread_mutex_unlock(&w->lock);
	lanes_step(w->lanes, w->slots[s->done % w->slots_n].work, (unsigned)(s - w->steps),
		   w->steps_n / LANE_STEPS);
	pthread_mutex_lock(&w->lock);
	s->busy = false;
	s->done++;
	wake(w);
	return true;
}

static uint64_t slowest(const struct workers *w)
{
	uint64_t done = w->filled;

	for (unsigned i = 0; i < w->steps_n; i++) {
		if (w->steps[i].done < done)
			done = w->steps[i].done;
	}
	return done;
}

static void *work(void *arg)
{
	struct workers *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->ending || slowest(w) < w->filled) {
		if (!work_once(w))
			await(w);
	}
	wake(w);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

struct slot *workers_slot(struct workers *w)
{
	struct slot *slot;

	if (w->n == 0)
		return &w->slots[0];
	pthread_mutex_lock(&w->lock);
	while (w->filled - slowest(w) >= w->slots_n) {
		if (!work_once(w))
			await(w);
	}
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
	wake(w);
	pthread_mutex_unlock(&w->lock);
}

void workers_settle(struct workers *w)
{
	if (w->n == 0)
		return;
	pthread_mutex_lock(&w->lock);
	while (slowest(w) < w->filled) {
		if (!work_once(w))
			await(w);
	}
	pthread_mutex_unlock(&w->lock);
}

static void end_threads(struct workers *w, unsigned started)
{
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	wake(w);
	while (work_once(w))
		;
	pthread_mutex_unlock(&w->lock);
	for (unsigned i = 0; i < started; i++)
		pthread_join(w->threads[i], NULL);
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
	pthread_cond_destroy(&w->changed);
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
	w->steps_n = w->n * LANE_STEPS;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	for (unsigned i = 0; i < w->slots_n; i++) {
		if (!make_slot(&w->slots[i]))
			goto out;
	}
	for (; started < w->n; started++) {
		if (pthread_create(&w->threads[started], NULL, work, w) != 0)
			goto out;
	}
	*out = w;
	return 0;
out:
	end_threads(w, started);
	free_all(w);
	return -ENOMEM;
}
