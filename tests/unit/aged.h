/* SPDX-License-Identifier: MIT */
/* Forgetting on the small stage of scene.h, as the engine does it. Include after cmocka.h. */
#pragma once

#include "flow/ages.h"
#include "scene.h"

#include "proto/listen.h"

static inline void age_all(struct scene *s, int64_t keep_s, int64_t strangers_s)
{
	int64_t now = s->world.clock.now_ns;
	struct ages a;

	ages_init(&a, now, now - keep_s * NS_PER_S, now - strangers_s * NS_PER_S);
	world_survey(&s->world, &a);
	lanes_age(&s->lanes, &s->world, &a);
	if (s->listeners != NULL)
		listeners_age(s->listeners, &s->world, &a);
	world_age(&s->world, &a);
}
