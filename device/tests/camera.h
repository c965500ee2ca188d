/* SPDX-License-Identifier: MIT */
/* A device in a test: medium, configuration and library in one, and the people who try it. */
#pragma once

#include "firstuse.h"
#include "medium.h"

struct camera {
	struct medium medium;
	struct firstuse_config config;
	struct firstuse device;
	enum firstuse_status opened;
};

#define CAMERA_PASSWORD "seven herons in the reeds"
#define CAMERA_OTHER "a bicycle under the stairs"

/* Flash, words of its own, the cheapest hash that the backend has; opened. */
void camera_new(struct camera *camera);

/* Likewise, with an owner: CAMERA_PASSWORD, set by client 1 on the LAN. */
void camera_owned(struct camera *camera);

/* Another one that is as this one is now, which it shares nothing with. `to` is a camera, or all zero. */
void camera_copy(struct camera *to, const struct camera *from);
void camera_free(struct camera *camera);

/* Off and on; the clock of the medium begins at 0. */
enum firstuse_status camera_restart(struct camera *camera);

struct firstuse_peer camera_lan(uint32_t client);
struct firstuse_peer camera_outside(uint32_t address);

enum firstuse_status camera_login(struct camera *camera, struct firstuse_peer peer,
				  const char *password, uint32_t *wait_s);

/* A n-th of a long test: FIRSTUSE_EVERY in the environment; else all of it on a PC, less with sanitizers and elsewhere. */
unsigned long camera_every(void);
