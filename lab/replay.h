/* SPDX-License-Identifier: MIT */
/*
 * Private to the injector, lab/replay*.c: what is checked before the first frame leaves, and the frames. Where it may run is
 * also where the lab's cameras may (cameras/).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	REPLAY_FRAMES_MOST = 50000000, /* that leave in one run */
	REPLAY_SECONDS_MOST = 600,
	REPLAY_PPS_MOST = 10000000
};

struct replay_frame {
	const uint8_t *at;
	uint32_t len;
	int64_t time_ns;
};

struct replay_file {
	struct replay_frame *frames;
	size_t n;
	uint8_t *bytes;
	size_t bytes_n;
};

/*
 * Reads the capture whole into memory and looks at every frame: what leaves is what was looked at. An exit status; after a
 * line of why where it is not 0. The caller calls replay_file_free() either way.
 */
int replay_file_read(struct replay_file *f, const char *path);
void replay_file_free(struct replay_file *f);

/*
 * Is the network namespace of this process one that a test made (/run/netns/cd-*), and does no link lead out of it and
 * the other cd-* that it is linked with? An exit status; after a line of why where it is not 0.
 */
int replay_place_check(void);

/* The program's name and the line, on standard error; gives the status back. */
int replay_refuse(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
