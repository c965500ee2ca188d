/* SPDX-License-Identifier: MIT */
/*
 * GET /metrics in Prometheus' text format, on a Unix socket or a loopback address.
 */
#pragma once

#include "base/text.h"

struct metrics_server;
struct service;

/* One line is said when it can't be had; the service goes on without. NULL then. */
struct metrics_server *metrics_new(struct service *s);
void metrics_end(struct metrics_server *m);
/* When the loop has ended. */
void metrics_free(struct metrics_server *m);
/* All that there is to measure, as it stands now. */
void metrics_text(struct service *s, struct text *to);
