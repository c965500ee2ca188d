/* SPDX-License-Identifier: MIT */
/*
 * What `cordon watch` keeps: one SQLite file (WAL, one writer, any readers) with devices over time, what was found of
 * them, their verdicts, attacks and counters by minute. The writer is the service process; the verbs that show something
 * open it for reading, also while it is written.
 *
 * A round of the engine is one transaction: store_begin, then what changed, then store_commit. Only after a commit is
 * anything said of it elsewhere (events).
 *
 * Joining with what is there already:
 * - A device is found by its id, else by what it is: an address that moved to it by succession, or, for a locally
 *   administered MAC, the name it gives itself together with how it asks for its lease, once the old one is silent.
 * - What is not known now (maker, model, firmware NULL) never takes the place of what was known.
 * - The engine's verdict counts as it is within one life. After a restart what earlier lives found stands beside it,
 *   until its last sign is older than `keep`: a device is never better than that.
 */
#pragma once

#include "base/arena.h"
#include "verdict/judged.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STORE_WHY = 320, STORE_VERSION = 4 /* user_version of the schema */ };

struct store;

struct store_options {
	const char *directory; /* of cordon.db; must be there */
	bool reading;	       /* opened for reading only */
	uint64_t most_bytes;   /* file and WAL: the oldest history goes first */
	int64_t history_ns;    /* history, counters and devices not seen are kept so long */
	int64_t keep_ns;       /* findings count that long after their last sign */
};

/*
 * 0 and *out; else -errno, and why says what is wrong and what to do: -ENOENT no store yet (reading), -EACCES, -EROFS,
 * -ENOSPC, -EBADMSG damaged. When writing, a damaged file is put aside as cordon.db.damaged-TIME and a new one begun: then
 * 0, and why says so; an older schema is brought up to date, a newer one is -EPROTO.
 */
int store_open(const struct store_options *options, struct store **out, char why[STORE_WHY]);
void store_close(struct store *s);

/* ---- writing --------------------------------------------------------------------------------------------------- */

struct store_round {
	uint64_t life;	/* of the packets process */
	int64_t now_ns; /* stage time: for retention and for what is too old to count */
	/* Who judged, for reports; NULL: as before. */
	const char *version;
	const char *knowledge;
};

/* What of a device was not there before, for events. Bits beyond the 64th line are not told apart. */
struct store_change {
	bool device_new;
	bool identity; /* maker, model, firmware, names or addresses changed */
	bool verdict;  /* of the device as it stands in the store now … */
	enum verdict before;
	struct device now;	/* … which is this, in the arena */
	uint64_t exposures_new; /* bit i: now.exposures[i] */
	uint64_t evidence_new;	/* bit i: now.evidence[i] */
};

/* All return 0 or -errno (-ENOSPC, -EROFS, -EIO, -EBADMSG damaged), after which only store_rollback is of use. */
int store_begin(struct store *s, const struct store_round *round);
int store_device(struct store *s, const struct device *d, struct arena *arena,
		 struct store_change *change);
/*
 * The engine of this life reports that id no longer. When another device has its address and its findings now, the engine
 * thought again, and the old one goes; else it was left out or forgotten, and what was found of it stands.
 */
int store_gone(struct store *s, const char *id);
int store_attack(struct store *s, const struct attack *a, bool *is_new);
/* Whom our devices scanned: networks are added to those known. */
int store_scanned(struct store *s, const struct scan_map *map);
/* A recall or advisory and the devices that it names or may name, by their ids in the engine. */
int store_recall(struct store *s, const struct recall_entry *r);
/* Sums of this life so far, by name; the store keeps their growth by minute. */
struct store_counter {
	const char *name; /* "packets.br-lan", "dropped.br-lan", "unseen.refused_hosts" */
	uint64_t value;
};
int store_counters(struct store *s, const struct store_counter *list, size_t n);
/*
 * Interfaces or files that packets came from, by the numbers that `where` has, and what the engine takes for ours. In the
 * first round of a life it comes before devices and attacks, which cite packets of them.
 */
int store_inputs(struct store *s, const struct input *list, size_t n, const struct prefix *local,
		 size_t local_n, enum place place, const char *note);
int store_commit(struct store *s);
void store_rollback(struct store *s);
/* ---- who is held ---- */

/* The owner's last word on a device. Words are those of contain/. */
struct store_order {
	const char *device; /* id in the engine */
	const char *what;   /* "contain", "isolate", "release" */
	int64_t given_ns;
	int64_t until_ns; /* 0: no end */
	const char *by;	  /* "the owner (uid 0)" */
};
/* One time that a device is or was held. */
struct store_hold {
	const char *device;
	const char *name; /* what people know it by; only when read */
	const char *hold; /* "contained", "isolated", "gated" */
	const char *reason;
	const char *by;
	int64_t began_ns;
	int64_t until_ns;	 /* 0: until it is released */
	int64_t ended_ns;	 /* 0: it goes on */
	const char *ended;	 /* why; NULL while it goes on */
	uint64_t packets, bytes; /* dropped of it */
};
/* Within a round; a device that the store does not know is none of its business: 0. */
int store_order_set(struct store *s, const struct store_order *o);
int store_order_clear(struct store *s, const char *device);
/* The open hold of that device and kind goes on, or ends; a new one begins when there is none, or it is of another kind. */
int store_hold_set(struct store *s, const struct store_hold *h);
/* Whom devices may call in the LAN while they are contained: text that the service makes and reads. NULL: none was kept. */
int store_recorders_set(struct store *s, const char *text);
const char *store_recorders(struct store *s, struct arena *arena);
/* Signs that nobody is held for: likewise. */
int store_doubts_set(struct store *s, const char *text);
const char *store_doubts(struct store *s, struct arena *arena);
/* All orders, and all holds that are open or ended at or after; in the arena. */
int store_orders(struct store *s, struct arena *arena, struct store_order **out, size_t *n);
int store_holds(struct store *s, int64_t since_ns, struct arena *arena, struct store_hold **out,
		size_t *n);

/* ---- the first-use gate ---- */

enum { STORE_GATE_BEFORE = 3072 /* of who was here before, those seen last */ };
/* Where a device stands at the gate. Words are those of contain/gate.h. */
struct store_gate {
	const char *device;
	const char *state;
	const char *reason;
	const char *service; /* NULL: none */
	int64_t since_ns;    /* of the state */
	const char *word;    /* the owner's last … */
	int64_t word_ns;     /* … 0: none */
	const char *by;	     /* who gave it; NULL */
	bool before;	     /* here before the gate was */
};
/* Since when the gate is on; 0: it is off. Outside of a round, too. */
int64_t store_gate_since(struct store *s);
/* Within a round: it is on from now, and every device that has no row yet gets one: state and reason, before. */
int store_gate_on(struct store *s, int64_t now_ns, const char *state, const char *reason);
/* Within a round: since then, or off (0); no rows. */
int store_gate_since_set(struct store *s, int64_t since_ns);
int store_gate_set(struct store *s, const struct store_gate *g);
/* All rows, those seen last first; in the arena. */
int store_gates(struct store *s, struct arena *arena, struct store_gate **out, size_t *n);

/* Once in a while, outside of a round: retention and the cap. *dropped counts what went for want of room. */
int store_tidy(struct store *s, int64_t now_ns, uint64_t *dropped);
/* One line on what is wrong with the last call that failed. */
const char *store_why(const struct store *s);

/* Lines that were to be written as events when the service ended: told = written for good. */
int store_told(struct store *s, uint64_t up_to);
int store_untold(struct store *s, void (*each)(void *context, uint64_t number, const char *line),
		 void *context);
/* Keeps an event's line until store_told; within a round. *number grows. */
int store_event(struct store *s, const char *line, uint64_t *number);

/* ---- reading --------------------------------------------------------------------------------------------------- */

struct store_query {
	int64_t since_ns;   /* devices, findings and attacks seen at or after; INT64_MIN: all */
	int64_t until_ns;   /* … and before; INT64_MAX: no end */
	const char *device; /* id, MAC, address, or a name it gave itself; NULL: all */
};

/* As judge() would say it: the model that every report is written from, in the arena. 0 or -errno. */
int store_report(struct store *s, const struct store_query *q, struct arena *arena,
		 struct judged *out);

/* One change of a device, for `cordon history`. */
struct store_event_row {
	int64_t time_ns;
	const char *device; /* id */
	const char *name;   /* what people know it by: its name or address */
	const char *
		kind; /* "seen", "address", "name", "verdict", "exposure", "finding", "attack", "hold", "gone" */
	const char *text; /* plain words */
};
int store_history(struct store *s, const struct store_query *q, struct arena *arena,
		  struct store_event_row **out, size_t *n);

/* A device's identity over time, for `cordon show`. */
struct store_span {
	const char *what; /* "mac", "address", "name" */
	const char *value;
	int64_t first_ns;
	int64_t last_ns;
};
int store_identity(struct store *s, const char *device_id, struct arena *arena,
		   struct store_span **out, size_t *n);

/* Counters by minute, for pictures: growth of one counter. */
struct store_minute {
	int64_t time_ns;
	uint64_t growth;
};
int store_minutes(struct store *s, const char *counter, const struct store_query *q,
		  struct arena *arena, struct store_minute **out, size_t *n);
