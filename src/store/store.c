/* SPDX-License-Identifier: MIT */
/*
 * The file: opened, brought up to date, put aside when it is damaged; and rounds, each one transaction.
 *
 * What is chosen for a small flash: pages of 4 KiB as flash and file systems have them; a log (WAL) that is written through
 * at each commit (synchronous=FULL: what COMMIT acknowledged survives a power cut) and folded into the file after 512 KiB, so
 * that a page that changes each round is written to its place seldom; freed pages can be given back (auto_vacuum=INCREMENTAL).
 * (sqlite.org: "Write-Ahead Logging", "PRAGMA Statements".)
 *
 * A damaged file is looked for at each start of the writer (quick_check) and never repaired: what it says may be wrong.
 */
#include "store/inside.h"
#include "store/schema.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	PAGE_BYTES = 4096,
	LOG_PAGES = 128,     /* of the WAL, before it is folded into the file */
	BUSY_MS = 3000,	     /* how long a writer waits for another */
	DAMAGED_MOST = 3,    /* files put aside that are kept */
	CACHE_KIB = 8 * 1024 /* a round of ten thousand devices is held in memory */
};
#define LEAST_BYTES ((uint64_t)4 << 20)
#define LOG_BYTES_LEAST ((uint64_t)2 << 20)
#define LOG_BYTES_MOST ((uint64_t)32 << 20)

static bool pragma(struct store *s, const char *sql)
{
	int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	if (code != SQLITE_OK)
		store_failed(s, code, "opening");
	return code == SQLITE_OK;
}

static int64_t pragma_number(struct store *s, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *stmt;
	int code = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);

	if (code == SQLITE_OK) {
		code = sqlite3_step(stmt);
		if (code == SQLITE_ROW)
			otherwise = sqlite3_column_int64(stmt, 0);
	}
	sqlite3_finalize(stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		store_failed(s, code, "opening");
	return otherwise;
}

/* True when the file's trees hang together. */
static bool is_whole(struct store *s)
{
	sqlite3_stmt *stmt;
	int code = sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
	bool whole = false;

	if (code == SQLITE_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW)
		whole = strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0;
	sqlite3_finalize(stmt);
	if (code != SQLITE_ROW)
		store_failed(s, code, "checking");
	else if (!whole)
		store_failed(s, SQLITE_CORRUPT, "checking");
	return s->error == 0;
}

/* ---- schema ----------------------------------------------------------------------------------------------------- */

static int migrate(struct store *s)
{
	int64_t version = pragma_number(s, "PRAGMA user_version", 0);
	char set[64];

	assert(store_schema_n == STORE_VERSION);
	if (s->error != 0)
		return s->error;
	if (version > STORE_VERSION || version < 0)
		return store_says(
			s, -EPROTO,
			"%s: written by a newer cordon (schema %lld, this one knows %d); use "
			"that one, or another directory",
			s->path, (long long)version, STORE_VERSION);
	if (version == STORE_VERSION)
		return 0;
	if (!pragma(s, "BEGIN IMMEDIATE"))
		return s->error;
	for (int64_t v = version; v < STORE_VERSION; v++) {
		if (!pragma(s, store_schema[v]))
			break;
	}
	snprintf(set, sizeof set, "PRAGMA user_version = %d", STORE_VERSION);
	if (s->error == 0 && pragma(s, set) && version == 0)
		meta_set_text(s, "made_by", CORDON_VERSION);
	if (s->error == 0 && pragma(s, "COMMIT"))
		return 0;
	sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return s->error;
}

static int check_version(struct store *s)
{
	int64_t version = pragma_number(s, "PRAGMA user_version", 0);

	if (s->error != 0 || version == STORE_VERSION)
		return s->error;
	if (version == 0)
		return store_says(s, -ENOENT,
				  "%s: nothing is kept there yet; start cordon watch first",
				  s->path);
	return store_says(s, -EPROTO, "%s: has schema %lld, this cordon reads %d; %s", s->path,
			  (long long)version, STORE_VERSION,
			  version > STORE_VERSION
				  ? "use the newer one"
				  : "start cordon watch, which brings it up to date");
}

/* ---- opening ------------------------------------------------------------------------------------------------------ */

/* The cap is on the file and its log together: the log's part is what a large round writes. */
static void set_cap(struct store *s)
{
	uint64_t most = s->options.most_bytes < LEAST_BYTES ? LEAST_BYTES : s->options.most_bytes;
	uint64_t log = most / 4 < LOG_BYTES_LEAST ? LOG_BYTES_LEAST : most / 4;
	int64_t size = pragma_number(s, "PRAGMA page_size", PAGE_BYTES);
	char sql[160];

	if (s->options.most_bytes == 0 || s->error != 0)
		return;
	log = log > LOG_BYTES_MOST ? LOG_BYTES_MOST : log;
	s->pages_most = (int64_t)((most - log) / (uint64_t)size);
	snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld", (long long)s->pages_most);
	pragma_number(s, sql, 0);
	snprintf(sql, sizeof sql, "PRAGMA journal_size_limit = %llu",
		 (unsigned long long)LOG_BYTES_LEAST);
	pragma_number(s, sql, 0);
}

static int open_file(struct store *s, const char *name, int flags)
{
	int code = sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);

	if (code != SQLITE_OK)
		return store_failed(s, code, "opening");
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return 0;
}

/* Its group may read it, whatever the umask: SQLite gives the files beside it the same mode. */
static void make_file(const struct store *s)
{
	int fd = open(s->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);

	if (fd >= 0) {
		fchmod(fd, 0640);
		close(fd);
	}
}

static int open_writing(struct store *s)
{
	char sql[192];

	make_file(s);
	if (open_file(s, s->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) != 0)
		return s->error;
	snprintf(
		sql, sizeof sql,
		"PRAGMA page_size = %d; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL",
		PAGE_BYTES);
	if (!pragma(s, sql))
		return s->error;
	snprintf(sql, sizeof sql,
		 "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; "
		 "PRAGMA wal_autocheckpoint = %d; PRAGMA cache_size = -%d",
		 LOG_PAGES, CACHE_KIB);
	if (!pragma(s, sql) || !is_whole(s))
		return s->error;
	set_cap(s);
	if (s->error == 0 && migrate(s) == 0 && sql_check(s))
		meta_set_number(s, "keep_ns", s->options.keep_ns);
	return s->error;
}

static bool exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

/* Of a file whose writer is gone nothing lies beside it, and who may not write there could not open it otherwise. */
static int open_reading(struct store *s)
{
	char name[4200];

	if (!exists(s->path)) {
		int err = errno;

		if (err == EACCES)
			return store_says(
				s, -EACCES,
				"%s: no permission; run as root, or as a member of its group",
				s->path);
		return store_says(s, -ENOENT,
				  "%s: nothing is kept there yet; start cordon watch first",
				  s->path);
	}
	if (open_file(s, s->path, SQLITE_OPEN_READONLY) == 0 && check_version(s) == 0)
		return 0;
	snprintf(name, sizeof name, "%s-wal", s->path);
	if (s->error == -EPROTO || s->error == -EBADMSG || exists(name) ||
	    strpbrk(s->path, "?#%") != NULL)
		return s->error;
	sqlite3_close_v2(s->db);
	s->db = NULL;
	s->error = 0;
	memset(s->asked, 0, sizeof s->asked);
	snprintf(name, sizeof name, "file:%s?immutable=1", s->path);
	if (open_file(s, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI) == 0)
		check_version(s);
	return s->error;
}

/* ---- a damaged file ------------------------------------------------------------------------------------------------ */

static void close_file(struct store *s)
{
	for (int i = 0; i < STATEMENTS; i++) {
		sqlite3_finalize(s->asked[i]);
		s->asked[i] = NULL;
	}
	sqlite3_close_v2(s->db);
	s->db = NULL;
}

/* Of files put aside only the newest are kept: their names sort by time. */
static void forget_damaged(const struct store *s)
{
	char names[DAMAGED_MOST + 1][64] = {{0}};
	struct dirent *entry;
	DIR *dir = opendir(s->options.directory);
	size_t n = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) { /* NOLINT(concurrency-mt-unsafe) */
		size_t len = strlen(entry->d_name), least = 0;

		if (strncmp(entry->d_name, "cordon.db.damaged-", 18) != 0 || len >= 64)
			continue;
		if (n <= DAMAGED_MOST) {
			memcpy(names[n++], entry->d_name, len + 1);
		}
		for (size_t i = 1; i < n; i++)
			least = strcmp(names[i], names[least]) < 0 ? i : least;
		if (n > DAMAGED_MOST) {
			unlinkat(dirfd(dir), names[least], 0);
			memcpy(names[least], names[--n], sizeof names[0]);
		}
	}
	if (dir != NULL)
		closedir(dir);
}

static int put_aside(struct store *s, char said[STORE_WHY])
{
	char to[4200], from[4200], stamp[32];
	time_t now = time(NULL);
	struct tm tm;

	close_file(s);
	gmtime_r(&now, &tm);
	strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &tm);
	snprintf(to, sizeof to, "%s.damaged-%s", s->path, stamp);
	if (rename(s->path, to) != 0)
		return store_says(s, -errno,
				  "%s: damaged, and can't be put aside: %s; move it away", s->path,
				  strerror(errno)); /* NOLINT(concurrency-mt-unsafe) */
	snprintf(from, sizeof from, "%s-wal", s->path);
	snprintf(to + strlen(to), sizeof to - strlen(to), "-wal");
	if (rename(from, to) != 0)
		unlink(from);
	snprintf(from, sizeof from, "%s-shm", s->path);
	unlink(from);
	snprintf(
		said, STORE_WHY,
		"%s: was damaged; put aside as %s.damaged-%s, and a new one begun: what was known before "
		"is no longer counted",
		s->path, "cordon.db", stamp);
	forget_damaged(s);
	s->error = 0;
	return 0;
}

/* ---- the one writer -------------------------------------------------------------------------------------------------- */

static int lock_directory(struct store *s)
{
	char name[4200];

	snprintf(name, sizeof name, "%s/cordon.lock", s->options.directory);
	s->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (s->lock < 0) {
		int err = errno;

		return store_says(s, -err, "%s: %s; %s", s->options.directory,
				  strerror(err), /* NOLINT(concurrency-mt-unsafe) */
				  err == ENOENT ? "make the directory, or name another one"
				  : err == EACCES
					  ? "it must belong to the user that cordon watch runs as"
				  : err == EROFS ? "mount it for writing, or name another directory"
						 : "name another directory");
	}
	if (flock(s->lock, LOCK_EX | LOCK_NB) != 0)
		return store_says(
			s, -EBUSY,
			"%s: another cordon watch writes there; end it, or name another directory",
			s->options.directory);
	return 0;
}

static int begin_writing(struct store *s, char said[STORE_WHY])
{
	int error = lock_directory(s);

	if (error != 0)
		return error;
	error = open_writing(s);
	if (error == -EBADMSG && put_aside(s, said) == 0)
		error = open_writing(s);
	return error;
}

static void resume(struct store *s)
{
	s->life = (uint64_t)meta_number(s, "life", 0);
	s->now_ns = meta_number(s, "now_ns", 0);
	s->waiting_bytes = -1;
	/* How long findings count is the writer's to say: who reads must not say otherwise. */
	if (s->options.reading)
		s->options.keep_ns = meta_number(s, "keep_ns", s->options.keep_ns);
	for (size_t i = 0; i < STORE_INPUTS; i++)
		s->input_of[i] = -1;
	for (bool row = sql_ask(s, SQL_INPUT_POSITIONS, ""); row;
	     row = sql_next(s, SQL_INPUT_POSITIONS)) {
		int64_t position = sql_int(s, SQL_INPUT_POSITIONS, 0);

		if (position < STORE_INPUTS)
			s->input_of[position] = sql_int(s, SQL_INPUT_POSITIONS, 1);
	}
}

int store_open(const struct store_options *options, struct store **out, char why[STORE_WHY])
{
	size_t len = strlen(options->directory);
	struct store *s = calloc(1, sizeof *s);
	char said[STORE_WHY] = "";
	int error;

	why[0] = '\0';
	if (s == NULL || (s->path = malloc(len + sizeof "/cordon.db")) == NULL || len > 4000) {
		snprintf(why, STORE_WHY, "out of memory, or the directory's name is too long");
		if (s != NULL)
			free(s->path);
		free(s);
		return -ENOMEM;
	}
	memcpy(s->path, options->directory, len);
	memcpy(s->path + len, "/cordon.db", sizeof "/cordon.db");
	s->options = *options;
	s->lock = -1;
	error = options->reading ? open_reading(s) : begin_writing(s, said);
	if (error == 0) {
		resume(s);
		error = s->error;
	}
	snprintf(why, STORE_WHY, "%s", error != 0 ? s->why : said);
	if (error != 0) {
		store_close(s);
		return error;
	}
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	if (s->in_round)
		store_rollback(s);
	close_file(s);
	if (s->lock >= 0)
		close(s->lock);
	free(s->build);
	free(s->path);
	free(s);
}

const char *store_why(const struct store *s)
{
	return s->why;
}

/* ---- rounds ------------------------------------------------------------------------------------------------------------ */

int store_begin(struct store *s, const struct store_round *round)
{
	int error;

	assert(!s->in_round && !s->options.reading);
	s->error = 0;
	sql_run(s, SQL_BEGIN, "");
	if (s->error != 0)
		return s->error;
	s->in_round = true;
	if (round->life != s->life) {
		for (size_t i = 0; i < STORE_INPUTS; i++)
			s->input_of[i] = -1;
		meta_set_number(s, "life", (int64_t)round->life);
	}
	s->life = round->life;
	s->now_ns = round->now_ns;
	meta_set_number(s, "now_ns", round->now_ns);
	if (round->version != NULL)
		meta_set_text(s, "version", round->version);
	if (round->knowledge != NULL)
		meta_set_text(s, "knowledge", round->knowledge);
	room_make(s, s->crowded ? 70 : 85);
	error = s->error;
	if (error != 0)
		store_rollback(s);
	return error;
}

int store_commit(struct store *s)
{
	int error;

	sql_run(s, SQL_COMMIT, "");
	error = s->error;
	if (error != 0) {
		store_rollback(s);
		return error;
	}
	s->in_round = false;
	s->rounds++;
	s->crowded = false;
	return 0;
}

void store_rollback(struct store *s)
{
	for (int i = 0; i < STATEMENTS; i++) {
		if (s->asked[i] != NULL)
			sqlite3_reset(s->asked[i]);
	}
	if (s->db != NULL && sqlite3_get_autocommit(s->db) == 0)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	s->in_round = false;
	s->error = 0;
	s->waiting_bytes = -1;
	if (s->db != NULL)
		resume(s);
}
