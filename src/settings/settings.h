/* SPDX-License-Identifier: MIT */
/*
 * The settings of `cordon watch`: /etc/cordon/cordon.conf (INI, read with inih), then conf.d/NAME.conf beside it in order; over
 * them variables CORDON_SECTION_KEY, over these the command line. Every key has a default and an empty file is valid. The
 * keys are the lines of settings.def: the reader, `cordon check-config`, the command line and the test of the manual page all
 * go by them.
 *
 * The three programs read the same command line by the same function, so they never disagree.
 */
#pragma once

#include "base/addr.h"
#include "base/options.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SETTINGS_INTERFACES = 16, SETTINGS_LOCAL = 64, SETTINGS_FILES = 64, SETTINGS_CONFIGS = 64 };

/* What events are written; bits. */
enum settings_event {
	EVENT_ALERT = 1 << 0,
	EVENT_DEVICE = 1 << 1,
	EVENT_EXPOSURE = 1 << 2,
	EVENT_INFECTION = 1 << 3,
	EVENT_ATTACK = 1 << 4,
	EVENT_STATS = 1 << 5,
	EVENT_HEALTH = 1 << 6,
	EVENT_FLOW = 1 << 7,
	EVENT_CONTAIN = 1 << 8,
	EVENT_GATE = 1 << 9
};

enum settings_method { METHOD_AF_PACKET, METHOD_AF_XDP };

enum { SETTINGS_HOSTS = 64, SETTINGS_REASON = 96 };

/* Who is never held: a MAC, or an address. */
struct settings_host {
	bool is_mac;
	struct mac mac;
	struct addr addr;
};
struct settings_hosts {
	struct settings_host list[SETTINGS_HOSTS];
	size_t n;
};

/* A device that policy leaves alone until a day, and why. */
struct settings_exception {
	struct mac mac;
	int64_t until_ns; /* the end of that day, UTC */
	char reason[SETTINGS_REASON];
};
struct settings_exceptions {
	struct settings_exception list[SETTINGS_HOSTS];
	size_t n;
};

/* Whom a device may reach that waits at the gate: addresses, networks, or names of the domain system ("*.example": all below). */
enum { SETTINGS_PLACES = 64, SETTINGS_PLACE_NAME = 128 };
struct settings_place {
	char name[SETTINGS_PLACE_NAME]; /* "": none, but the network */
	struct prefix network;		/* an address is one of its own */
};
struct settings_places {
	struct settings_place list[SETTINGS_PLACES];
	size_t n;
};

enum settings_stop { STOP_LEAVE, STOP_LIFT };

struct settings {
	/* [capture] */
	const char *interfaces[SETTINGS_INTERFACES];
	size_t interfaces_n;
	const char *files[SETTINGS_FILES]; /* captures to read in place of interfaces: -r */
	size_t files_n;
	const char *filter; /* tcpdump's words; NULL: all */
	uint64_t ring_bytes;
	bool promiscuous;
	enum settings_method method;
	/* [network] */
	struct prefix local[SETTINGS_LOCAL];
	size_t local_n;
	/* [engine] */
	uint64_t memory_bytes;
	uint64_t threads; /* 0: one for each core, four at most */
	uint64_t max_devices;
	int64_t keep_ns; /* findings count that long after their last sign */
	/* [store] */
	const char *directory;
	uint64_t store_bytes;
	int64_t store_keep_ns;
	/* [events] */
	const char *events_file; /* NULL: none are written */
	unsigned events;	 /* enum settings_event */
	int64_t stats_ns;	 /* a `stats` event so often */
	uint64_t queue_bytes;	 /* of lines that wait for the disk */
	const char *sensor;	 /* name of this host in events */
	/* [control] */
	const char *control; /* path of the socket; NULL: none */
	/* [metrics] */
	const char *metrics; /* "unix:PATH", "127.0.0.1:9107", "[::1]:9107", or NULL: none */
	/* [contain] */
	unsigned contain_mode;	     /* enum contain_mode */
	unsigned contain_verdict;    /* 0: suspect, 1: infected */
	unsigned contain_confidence; /* 0: possible, 1: likely, 2: sure */
	int64_t contain_for_ns;
	int64_t contain_quiet_ns;
	int64_t contain_released_ns;
	struct settings_hosts contain_never;
	struct settings_hosts contain_recorders;
	struct settings_exceptions contain_except;
	bool contain_xdp;
	enum settings_stop contain_stop;
	/* [gate] */
	unsigned gate_mode; /* 0: off, 1: on */
	struct settings_places gate_allow;
	uint64_t gate_portal; /* port of the portal's pages; 0: none */
	/* [service] */
	const char *user; /* whom the processes become when started by root */
	bool log_json;
	const char *data; /* folder of the owner's additions; NULL: none */

	unsigned verbose;
	bool quiet;
	bool help; /* --help was asked for, and nothing else was read */
	/* Files that were read, for messages and for seeing whether one changed. */
	const char *configs[SETTINGS_CONFIGS];
	size_t configs_n;
	struct settings_text
		*texts; /* what the strings above point into; settings_fini() frees it */
};

/* The options of the command line; those of settings.def and a few that no file has. */
extern const struct option_spec settings_options[];

/*
 * Reads files, variables and the command line (argv[0] is the verb, in messages). 0; else the exit status (64, 66, 74, 78)
 * after one line of what is wrong, where (file:line or the option) and what to write in its place.
 */
int settings_read(struct settings *s, int argc, char **argv);
/*
 * The same, but the line goes into `said`, unescaped and without "cordon: ": for a reload, and for whoever has a log. After
 * success `said` has a line for each variable CORDON_* that is none of ours.
 */
int settings_load(struct settings *s, int argc, char **argv, struct text *said);
/*
 * Files and variables without a command line, for `cordon check-config [FILE]`; NULL: /etc/cordon/cordon.conf. `said` gets
 * every mistake, a line each, not the first alone; else the lines on variables.
 */
int settings_check(struct settings *s, const char *path, struct text *said);
/* Pair with each of the above that was given a struct settings, whatever it returned. */
void settings_fini(struct settings *s);
/* May anybody be held: by containment or at the gate? Captures that are read hold nobody. */
static inline bool settings_hold(const struct settings *s)
{
	return (s->contain_mode != 0 || s->gate_mode != 0) && s->files_n == 0;
}
/* Do both mean the same? Then a reload changes nothing. */
bool settings_same(const struct settings *a, const struct settings *b);
/* All settings with their values, as a file would say them. */
void settings_write(const struct settings *s, struct text *to);
/* A file in which every setting stands as a comment with its default and what it does: contrib/cordon.conf. */
void settings_write_sample(struct text *to);
