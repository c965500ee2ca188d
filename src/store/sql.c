/* SPDX-License-Identifier: MIT */
/*
 * Asking SQLite: statements by number, prepared once; values by a word of types; errors in one place, said with what to do
 * about them. (sqlite.org: C interface; result and extended error codes.)
 */
#include "base/timespan.h"
#include "store/inside.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

static const char *const statements[STATEMENTS] = {
#define STATEMENT(name, sql) [SQL_##name] = (sql),
#include "store/statements.def"
#undef STATEMENT
};

enum { DISK_FULL = 1 << 20 /* bytes: with fewer left a round fits nowhere */ };

static int errno_of(sqlite3 *db, int code)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return ENOSPC;
	case SQLITE_READONLY:
		return EROFS;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* our statements are right, so the tables are not what they should be … */
	case SQLITE_SCHEMA:
	case SQLITE_CONSTRAINT: /* … or what is in them */
	case SQLITE_MISMATCH:
		return EBADMSG;
	case SQLITE_NOMEM:
		return ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return EBUSY;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return EACCES;
	case SQLITE_CANTOPEN:
		if (db != NULL && sqlite3_system_errno(db) != 0)
			return sqlite3_system_errno(db);
		return EACCES;
	case SQLITE_IOERR:
		if (db != NULL && sqlite3_system_errno(db) == ENOSPC)
			return ENOSPC;
		return EIO;
	default:
		return EIO;
	}
}

/* SQLITE_FULL is said of the file's own bound, too, and without the system's errno. */
static bool disk_is_full(const char *path)
{
	struct statvfs v;

	return statvfs(path, &v) == 0 && (uint64_t)v.f_bavail * v.f_frsize < DISK_FULL;
}

static const char *remedy(const struct store *s, int error)
{
	switch (error) {
	case ENOSPC:
		if (s->db != NULL && !disk_is_full(s->path))
			return "what it may hold is reached: room is made with the next round";
		return "the disk is full: make room, and it goes on by itself";
	case EROFS:
		return "the file can't be written: look at its owner, and whether the disk is mounted read-only";
	case EBADMSG:
		return "the file is damaged: it is put aside and a new one begun at the next start";
	case EBUSY:
		return "another program keeps it locked: end that one";
	case EACCES:
		return "no permission: it belongs to the user that cordon watch runs as, and to the group cordon";
	case EIO:
		return "the disk does not answer as it should: look at the kernel's log";
	default:
		return "see the error";
	}
}

int store_failed(struct store *s, int code, const char *doing)
{
	int error = errno_of(s->db, code);

	if (s->error != 0)
		return s->error;
	s->error = -error;
	s->crowded |= error == ENOSPC;
	snprintf(s->why, sizeof s->why, "%s: %s: %s; %s", s->path, doing,
		 s->db != NULL ? sqlite3_errmsg(s->db) : sqlite3_errstr(code), remedy(s, error));
	return s->error;
}

int store_says(struct store *s, int error, const char *format, ...)
{
	va_list list;

	s->error = error;
	va_start(list, format);
	vsnprintf(s->why, sizeof s->why, format, list);
	va_end(list);
	return error;
}

int store_memory(struct store *s, const struct arena *arena)
{
	if (s->error == 0 && arena->failed)
		return store_says(s, -ENOMEM,
				  "%s: out of memory; give cordon more, or fewer devices", s->path);
	return s->error;
}

static sqlite3_stmt *prepared(struct store *s, enum statement which)
{
	int code;

	if (s->error != 0)
		return NULL;
	if (s->asked[which] != NULL)
		return s->asked[which];
	code = sqlite3_prepare_v3(s->db, statements[which], -1, SQLITE_PREPARE_PERSISTENT,
				  &s->asked[which], NULL);
	if (code != SQLITE_OK) {
		store_failed(s, code, "asking");
		return NULL;
	}
	return s->asked[which];
}

static int bind(sqlite3_stmt *stmt, const char *types, va_list list)
{
	int code = SQLITE_OK;

	assert(sqlite3_bind_parameter_count(stmt) == (int)strlen(types));
	for (int i = 1; types[i - 1] != '\0' && code == SQLITE_OK; i++) {
		const void *at;

		switch (types[i - 1]) {
		case 'i':
			code = sqlite3_bind_int64(stmt, i, va_arg(list, int64_t));
			break;
		case 't':
			code = sqlite3_bind_text(stmt, i, va_arg(list, const char *), -1,
						 SQLITE_STATIC);
			break;
		default:
			at = va_arg(list, const void *);
			code = sqlite3_bind_blob64(stmt, i, at, va_arg(list, size_t),
						   SQLITE_STATIC);
		}
	}
	return code;
}

static bool step(struct store *s, enum statement which)
{
	sqlite3_stmt *stmt = s->asked[which];
	int code;

	if (stmt == NULL || s->error != 0)
		return false;
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		store_failed(s, code, s->options.reading ? "reading" : "writing");
	sqlite3_reset(stmt);
	return false;
}

void sql_run(struct store *s, enum statement which, const char *types, ...)
{
	sqlite3_stmt *stmt = prepared(s, which);
	va_list list;
	int code;

	if (stmt == NULL)
		return;
	va_start(list, types);
	code = bind(stmt, types, list);
	va_end(list);
	if (code != SQLITE_OK)
		store_failed(s, code, "asking");
	while (step(s, which))
		;
	sqlite3_reset(stmt);
}

bool sql_ask(struct store *s, enum statement which, const char *types, ...)
{
	sqlite3_stmt *stmt = prepared(s, which);
	va_list list;
	int code;

	if (stmt == NULL)
		return false;
	sqlite3_reset(stmt);
	va_start(list, types);
	code = bind(stmt, types, list);
	va_end(list);
	if (code != SQLITE_OK)
		store_failed(s, code, "asking");
	return step(s, which);
}

bool sql_next(struct store *s, enum statement which)
{
	return step(s, which);
}

void sql_done(struct store *s, enum statement which)
{
	if (s->asked[which] != NULL)
		sqlite3_reset(s->asked[which]);
}

int64_t sql_int(struct store *s, enum statement which, int column)
{
	return sqlite3_column_int64(s->asked[which], column);
}

const char *sql_text(struct store *s, enum statement which, int column)
{
	return (const char *)sqlite3_column_text(s->asked[which], column);
}

const char *sql_keep(struct store *s, enum statement which, int column, struct arena *arena)
{
	const char *text = sql_text(s, which, column);

	return text == NULL ? NULL : arena_string(arena, text);
}

const void *sql_blob(struct store *s, enum statement which, int column, size_t *len)
{
	const void *at = sqlite3_column_blob(s->asked[which], column);

	*len = (size_t)sqlite3_column_bytes(s->asked[which], column);
	return at;
}

int64_t sql_number(const struct store *s)
{
	return sqlite3_last_insert_rowid(s->db);
}

bool sql_check(struct store *s)
{
	for (int i = 0; i < STATEMENTS && s->error == 0; i++)
		prepared(s, (enum statement)i);
	return s->error == 0;
}

/* ---- meta ------------------------------------------------------------------------------------------------------- */

int64_t meta_number(struct store *s, const char *key, int64_t otherwise)
{
	if (sql_ask(s, SQL_META_GET, "t", key))
		otherwise = sql_int(s, SQL_META_GET, 0);
	sql_done(s, SQL_META_GET);
	return otherwise;
}

const char *meta_text(struct store *s, const char *key, struct arena *arena)
{
	const char *text = NULL;

	if (sql_ask(s, SQL_META_GET, "t", key))
		text = sql_keep(s, SQL_META_GET, 0, arena);
	sql_done(s, SQL_META_GET);
	return text;
}

void meta_set_number(struct store *s, const char *key, int64_t value)
{
	sql_run(s, SQL_META_SET, "ti", key, value);
}

void meta_set_text(struct store *s, const char *key, const char *value)
{
	sql_run(s, SQL_META_SET, "tt", key, value);
}
