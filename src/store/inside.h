/* SPDX-License-Identifier: MIT */
/*
 * Private to the store: its state, and how its files ask SQLite. An error sticks: whoever writes goes straight down and
 * looks at `error` once, and nothing is asked any more until the round is rolled back.
 */
#pragma once

#include "store/store.h"

#include <sqlite3.h>

enum statement {
#define STATEMENT(name, sql) SQL_##name,
#include "store/statements.def"
#undef STATEMENT
	STATEMENTS
};

enum {
	STORE_INPUTS = 256,	/* interfaces and files known in one life */
	STORE_COUNTERS = 512,	/* names of counters */
	STORE_ATTACKS = 20000,	/* attacks kept */
	STORE_FINDINGS = 96,	/* of one identity, with those of earlier lives */
	STORE_EXPOSURES = 96,	/* likewise */
	STORE_ACCESSES = 32,	/* services of one identity */
	STORE_PLACE_PAST = 999, /* a span's place when it is not told any more */
	STORE_ROUNDS_TRIM = 64	/* rounds between looks at lists that are bounded as a whole */
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *asked[STATEMENTS];
	struct store_options options; /* its directory is the caller's: only for opening */
	int lock;		      /* held by the one writer; -1 */
	char *path;
	int error; /* -errno of the first call of this round that failed; 0 */
	char why[STORE_WHY];
	bool in_round;
	uint64_t life;
	int64_t now_ns;
	uint64_t rounds;
	int64_t pages_most; /* the cap */
	bool crowded;	    /* the cap was met: room is to be made before anything else */
	uint64_t
		refused; /* devices that found no room, and those that made it: since the last tidying */
	int64_t waiting_bytes;		/* of events' lines; -1: not counted yet */
	struct build *build;		/* read_device.c's, made when it is needed */
	int64_t input_of[STORE_INPUTS]; /* the store's number of each input of this life */
};

/* ---- sql.c ----------------------------------------------------------------------------------------------------- */

/*
 * Values follow as `types` says: i int64_t, t const char * (NULL is NULL), b const void * and size_t. run: to the end;
 * ask: to the first row, true when there is one; next: to the following one. Text that is bound must live until the last row.
 */
void sql_run(struct store *s, enum statement which, const char *types, ...);
bool sql_ask(struct store *s, enum statement which, const char *types, ...);
bool sql_next(struct store *s, enum statement which);
void sql_done(struct store *s, enum statement which);
/* Of the row that is there. Text lives until the next row; sql_keep()'s in the arena; NULL stays NULL. */
int64_t sql_int(struct store *s, enum statement which, int column);
const char *sql_text(struct store *s, enum statement which, int column);
const char *sql_keep(struct store *s, enum statement which, int column, struct arena *arena);
const void *sql_blob(struct store *s, enum statement which, int column, size_t *len);
int64_t sql_number(const struct store *s); /* of the row added last */
/* Are all tables and columns there that are asked for? */
bool sql_check(struct store *s);

/* Notes an error of SQLite's, with where it happened: returns s->error. */
int store_failed(struct store *s, int code, const char *doing);
/* Notes one of ours. */
int store_says(struct store *s, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* 0, or s->error after noting that memory was out. */
int store_memory(struct store *s, const struct arena *arena);

int64_t meta_number(struct store *s, const char *key, int64_t otherwise);
const char *meta_text(struct store *s, const char *key, struct arena *arena);
void meta_set_number(struct store *s, const char *key, int64_t value);
void meta_set_text(struct store *s, const char *key, const char *value);

/* ---- pack.c: lists in one column -------------------------------------------------------------------------------- */

/* The word's place in a table of words, 0 when it is in none. */
int word_find(const char *const *words, int n, const char *word);
/* Lines of words; NULL when there are none. */
const char *pack_words(struct arena *arena, const char *const *words, size_t n);
const char *const *unpack_words(struct arena *arena, const char *lines, size_t *n);
/* The words of the first list, then those of the second that it has not. NULL is an empty one. */
const char *unite_words(struct arena *arena, const char *first, const char *second);
const char *pack_stages(struct arena *arena, const enum stage *stages, size_t n);
const enum stage *unpack_stages(struct arena *arena, const char *lines, size_t *n);
/* "0:12 0:17": inputs by the store's numbers. */
const char *pack_packets(const struct store *s, struct arena *arena, const struct where *list,
			 size_t n);
const struct where *unpack_packets(struct arena *arena, const char *text, size_t *n);
const void *pack_series(struct arena *arena, const struct series *series, size_t *bytes);
struct series unpack_series(struct arena *arena, const void *at, size_t bytes);
const void *pack_hashes(struct arena *arena, const uint64_t *list, size_t n, size_t *bytes);
const uint64_t *unpack_hashes(struct arena *arena, const void *at, size_t bytes, size_t *n);
/* The store's number of an input of this life. */
int64_t input_number(const struct store *s, uint32_t input);

/* ---- an identity as it stands in its row ------------------------------------------------------------------------- */

struct ruling_words { /* a verdict and what belongs to it, as columns hold it */
	enum verdict verdict;
	enum confidence confidence;
	const char *why;
	const char *stages;
	const char *families;
	const char *steps;
};

enum older {
	OLDER_LIVES = 1 /* rows of earlier lives stand beside */,
	OLDER_JOINED = 2 /* the device has other identities */
};

struct row {
	int64_t number;
	int64_t device;
	bool is_new;
	bool new_life; /* told for the first time in this life */
	bool alone;
	bool gone;
	int64_t life;
	int64_t hour;
	int64_t join_ns;
	int64_t began_ns; /* over all lives */
	int64_t first_ns; /* as told last */
	int64_t last_ns;
	int64_t packets, unicast, packets_before, unicast_before;
	bool two_way, judged;
	const char *maker, *brand, *product, *model, *firmware, *built;
	int known_by;
	const char *lease;
	struct ruling_words ruling; /* the engine's word, in its last life */
	int64_t sign_ns;
	enum verdict stands;
	enum confidence stands_confidence;
	unsigned older; /* enum older */
	int64_t claims_hash, exposures_hash, findings_hash, spans_hash, accesses_hash;
	bool known, thing, unfixable;
};

/* ---- lists.c: what is told in lists becomes rows ------------------------------------------------------------------ */

void spans_write(struct store *s, struct row *r, const struct device *d, bool *changed);
void claims_write(struct store *s, struct row *r, const struct device *d);
/* *last_ns: sign of the last one that counts for a verdict. born: numbers of rows that are new. */
struct born {
	int64_t number[128];
	size_t n;
};
void exposures_write(struct store *s, struct row *r, const struct device *d, struct arena *arena,
		     struct born *born);
void findings_write(struct store *s, struct row *r, const struct device *d, struct arena *arena,
		    struct born *born);
/* Weight of the best claim that speaks for what was concluded: 99 when there is none. */
int claims_weight(const struct device *d);

/* ---- accesses.c: how its services were logged in to -------------------------------------------------------------- */

void accesses_write(struct store *s, struct row *r, const struct device *d, struct arena *arena);
/* What it is, laid over what is known. */
void accesses_learn(struct row *r, const struct device *d);
/* Does the store say of these just what was told? */
bool accesses_as_told(const struct row *r, const struct device *d);
/* Those of one identity beside those that the device has already. */
void accesses_read(struct store *s, int64_t identity, struct arena *arena, struct device *out);

/* ---- join.c: who is who ------------------------------------------------------------------------------------------- */

/* Does an identity go on from one that fell silent? True when it does, and is joined now. */
bool join_past(struct store *s, struct row *r, const struct device *d);
/* The same; and of one that was joined: was that wrong? */
void join_look(struct store *s, struct row *r, const struct device *d);
/* It is known by another id or address than before: was one that is gone the same? */
void join_rethought(struct store *s, const struct row *r);
/* Names that nearly everybody has say nothing: is this one of somebody's own? */
bool name_is_distinctive(const char *name);

/* ---- standing.c: the verdict that stands --------------------------------------------------------------------------- */

/* A new life: what the last one said becomes a floor. */
void standing_roll(struct store *s, struct row *r);
/* The worst of the engine's word and the floors that still count. */
struct ruling_words standing_of(struct store *s, int64_t identity, const struct ruling_words *word,
				bool word_counts, int64_t now_ns, struct arena *arena);

/* ---- read_device.c -------------------------------------------------------------------------------------------------- */

/* Numbers of the rows that a device's lists came from, in the same order. */
struct rows_of {
	const int64_t *exposures;
	const int64_t *evidence;
};
struct period {
	int64_t since_ns;
	int64_t until_ns;
	int64_t now_ns; /* of the store: what counts is reckoned from here */
};
/* The device with all its identities as one; false when there is none or an error. rows may be NULL. */
bool device_read(struct store *s, int64_t device, const struct period *p, struct arena *arena,
		 struct device *out, struct rows_of *rows);

/* ---- tidy.c ---------------------------------------------------------------------------------------------------------- */

/* Is there room for an identity of this rank? Makes some, at the cost of those below it. */
bool room_for(struct store *s, int rank);
/* Within a round: frees pages when the cap is near. */
void room_make(struct store *s, unsigned percent);
