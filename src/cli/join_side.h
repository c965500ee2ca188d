/* SPDX-License-Identifier: MIT */
/*
 * One side of `cordon join`: a report in JSON, saved or just made of a capture, read into what is compared. Strings belong
 * to the report's tree, which lives as long as the side.
 */
#pragma once

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;

/* Somebody who was seen scanning: one entry an address. */
struct side_host {
	uint64_t hash; /* published hash of the address */
	const char *address;
	const char *maker;  /* or NULL */
	const char *family; /* the first one named, or NULL */
	bool marked;	    /* its SYNs had the Mirai mark */
	size_t device;	    /* of the same report: hosts of one device share it */
};

/* A command server that a device called. */
struct side_master {
	const char *address;
	int port; /* -1: not known */
	size_t device;
};

struct side_attack {
	const char *vector;
	const char *target;
	const char *first;
	const char *last;
	uint64_t sources;
	bool spoofed;
	bool exact; /* hashes are all of them */
	uint64_t *hashes;
	size_t hashes_n;
};

struct side {
	struct json_t *root;
	struct side_host *hosts; /* by hash */
	size_t hosts_n;
	struct side_master *masters;
	size_t masters_n;
	struct side_attack *attacks;
	size_t attacks_n;
};

/*
 * Reads a report of `cordon inspect --format json`. 0; -EBADMSG when it is none, and *why (static text) says what is
 * missing; -ENOMEM. Pair with side_fini().
 */
int side_read(struct side *s, const char *json, size_t len, const char **why);
void side_fini(struct side *s);

/* The host with this hash, or NULL. */
const struct side_host *side_host(const struct side *s, uint64_t hash);
