/* SPDX-License-Identifier: MIT */
/*
 * store: what goes wrong, and what goes with time. Damaged files, other programs, disks that fail, a process that is killed
 * anywhere; a year in a second, a clock that jumps, and more devices than there is room for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "draw.h"
#include "kept.h"
#include "store/inside.h"
#include "store/schema.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static char *path_in(const struct kept *k, const char *name, char *out, size_t size)
{
	snprintf(out, size, "%s/%s", k->directory, name);
	return out;
}

/* A row's first column, of a file that no store has open. */
static int64_t asked(const struct kept *k, const char *sql, char *text, size_t size)
{
	char path[128];
	sqlite3 *db;
	sqlite3_stmt *stmt;
	int64_t out;

	assert_int_equal(sqlite3_open(path_in(k, "cordon.db", path, sizeof path), &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	out = sqlite3_column_int64(stmt, 0);
	if (text != NULL)
		snprintf(text, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return out;
}

static void some_devices(struct kept *k, int n)
{
	struct store_change c;
	struct told t;

	kept_begin(k);
	for (int i = 0; i < n; i++) {
		told_init(&t, false, (uint8_t)i, "192.0.2.7", START, k->now);
		told_infected(&t, START, k->now);
		assert_int_equal(store_device(k->s, &t.d, &k->arena, &c), 0);
	}
	kept_commit(k);
}

/* ---- opening ------------------------------------------------------------------------------------------------------ */

static void expect_refusal(struct kept *k, int error, const char *says)
{
	assert_int_equal(kept_open(k), error);
	if (strstr(k->why, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", k->why, says);
	k->s = NULL;
}

static void test_nothing_there(void **state)
{
	struct kept k = {.life = 1};

	(void)state;
	kept_folder(&k);
	k.options.reading = true;
	expect_refusal(&k, -ENOENT, "start cordon watch first");
	k.options.reading = false;
	k.options.directory = "/nonexistent/cordon";
	expect_refusal(&k, -ENOENT, "make the directory");
	k.options.reading = true;
	expect_refusal(&k, -ENOENT, "start cordon watch first");
	kept_run("rm -rf %s", k.directory);
}

static void test_newer_schema(void **state)
{
	struct kept *k = kept_new();
	char path[128];
	sqlite3 *db;

	(void)state;
	some_devices(k, 1);
	store_close(k->s);
	assert_int_equal(sqlite3_open(path_in(k, "cordon.db", path, sizeof path), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	expect_refusal(k, -EPROTO, "newer cordon");
	k->options.reading = true;
	expect_refusal(k, -EPROTO, "use the newer one");
	assert_int_equal(asked(k, "SELECT count(*) FROM identities", NULL, 0), 1);
	kept_free(k);
}

static void load_dump(const struct kept *k, const char *dump)
{
	char path[128], *text = calloc(1, 1 << 20);
	FILE *f = fopen(dump, "r");
	sqlite3 *db;

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	assert_int_equal(sqlite3_open(path_in(k, "cordon.db", path, sizeof path), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	free(text);
}

/* Each released schema's file opens, and what it holds is told. The dump is of that release: it is never made anew. */
static void test_released_schemas(void **state)
{
	struct kept *k = kept_new();
	struct kept *fresh = kept_new();
	struct judged j;

	(void)state;
	store_close(k->s);
	store_close(fresh->s);
	fresh->s = NULL;
	kept_run("cd %s && rm -f cordon.*", k->directory);
	load_dump(k, "tests/store/0001.sql");
	assert_int_equal(kept_open(k), 0);
	assert_string_equal(k->why, "");
	j = kept_all(k);
	assert_int_equal(j.devices_n, 2);
	assert_int_equal(j.devices[0].verdict, VERDICT_INFECTED);
	assert_int_equal(j.devices[0].evidence_n, 1);
	assert_string_equal(j.devices[0].names[0], "front-door");
	assert_int_equal(j.devices[1].exposures_n, 1);
	assert_int_equal(j.attacks_n, 1);
	store_close(k->s);
	k->s = NULL;
	/* Brought up to date it is what is made today. */
	assert_int_equal(asked(k, "PRAGMA user_version", NULL, 0), STORE_VERSION);
	for (size_t i = 0; i < 2; i++) {
		static const char sql[] =
			"SELECT group_concat(name || ifnull(sql, ''), char(10)) FROM "
			"(SELECT * FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' "
			"ORDER BY name)";
		char ours[32768], theirs[32768];

		asked(k, sql, ours, sizeof ours);
		asked(fresh, sql, theirs, sizeof theirs);
		assert_string_equal(ours, theirs);
	}
	kept_free(fresh);
	kept_free(k);
}

static void test_one_writer(void **state)
{
	struct kept *k = kept_new();
	struct kept second = {.life = 2};
	char path[128];
	sqlite3 *db;
	struct store_round round = {.life = 1, .now_ns = START};

	(void)state;
	second.options = k->options;
	expect_refusal(&second, -EBUSY, "another cordon watch");
	/* Somebody's sqlite3 has it locked: it is waited for, and then said. */
	assert_int_equal(sqlite3_open(path_in(k, "cordon.db", path, sizeof path), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_busy_timeout(k->s->db, 20);
	assert_int_equal(store_begin(k->s, &round), -EBUSY);
	assert_non_null(strstr(store_why(k->s), "another program"));
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(db);
	some_devices(k, 1);
	kept_free(k);
}

/* ---- damage ------------------------------------------------------------------------------------------------------- */

static int count_damaged(const struct kept *k)
{
	DIR *dir = opendir(k->directory);
	const struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) /* NOLINT(concurrency-mt-unsafe) */
		n += strstr(entry->d_name, ".damaged-") != NULL;
	closedir(dir);
	return n;
}

static void spoil(const struct kept *k, uint64_t seed)
{
	struct draw d = draw_from(seed);
	char path[128];
	struct stat st;
	int fd = open(path_in(k, "cordon.db", path, sizeof path), O_RDWR);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	if (seed % 4 == 0) /* the end is missing */
		assert_int_equal(ftruncate(fd, (off_t)draw_below(&d, (uint64_t)st.st_size)), 0);
	for (int i = 0; i < 40; i++) {
		uint8_t bytes[64];

		for (size_t b = 0; b < sizeof bytes; b++)
			bytes[b] = (uint8_t)draw(&d);
		assert_int_equal(pwrite(fd, bytes, sizeof bytes,
					(off_t)draw_below(&d, (uint64_t)st.st_size)),
				 sizeof bytes);
	}
	close(fd);
}

/* Whatever bytes stand in it: it is whole, or put aside with a word and begun anew; a reader says what is wrong, or reads. */
static void test_damaged(void **state)
{
	unsigned aside = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 24; seed++) {
		struct kept *k = kept_new();
		struct store_query all = {INT64_MIN, INT64_MAX, NULL};
		struct judged j;

		some_devices(k, 20);
		store_close(k->s);
		spoil(k, seed);
		k->options.reading = true;
		if (kept_open(k) == 0) {
			store_report(k->s, &all, &k->arena, &j);
			store_close(k->s);
		}
		k->options.reading = false;
		if (kept_open(k) != 0)
			fail_msg("seed %llu: %s", (unsigned long long)seed, k->why);
		if (k->why[0] != '\0') {
			aside++;
			assert_non_null(strstr(k->why, "put aside as cordon.db.damaged-"));
			assert_int_equal(count_damaged(k), 1);
			assert_int_equal(kept_all(k).devices_n, 0);
		}
		some_devices(k, 3);
		assert_true(kept_all(k).devices_n >= 3);
		kept_free(k);
	}
	assert_true(aside > 15);
}

static void test_no_store_at_all(void **state)
{
	static const char *const make[] = {
		"echo 'not a database, by far: not a database' >%s/cordon.db", ": >%s/cordon.db",
		"head -c 100000 /dev/zero >%s/cordon.db"};

	(void)state;
	for (size_t i = 0; i < COUNT(make); i++) {
		struct kept k = {.life = 1, .now = START};

		kept_folder(&k);
		kept_run(make[i], k.directory);
		assert_int_equal(kept_open(&k), 0);
		assert_int_equal(k.why[0] != '\0', i != 1); /* an empty file is nothing lost */
		some_devices(&k, 1);
		store_close(k.s);
		arena_fini(&k.arena);
		kept_run("rm -rf %s", k.directory);
	}
}

/* Of those put aside the newest are kept. */
static void test_damaged_again_and_again(void **state)
{
	struct kept *k = kept_new();
	char rename[128];

	(void)state;
	for (int i = 0; i < 7; i++) {
		store_close(k->s);
		kept_run("echo 'this is no database at all, not even nearly' >%s/cordon.db",
			 k->directory);
		snprintf(rename, sizeof rename,
			 "cd %%s && for f in cordon.db.damaged-*Z; do [ ! -e $f ] || mv $f "
			 "cordon.db.damaged-2000%d; done",
			 i);
		kept_run(rename, k->directory);
		assert_int_equal(kept_open(k), 0);
		assert_true(count_damaged(k) <= 4);
	}
	kept_free(k);
}

/* The disk does not take it: one line, the round is void, and the next one is written. */
static void test_disk_fails(void **state)
{
	struct kept *k = kept_new();
	struct rlimit old, low;
	struct store_round round = {.life = 1, .now_ns = START};
	struct store_change c;
	struct told t;
	int error = 0;

	(void)state;
	some_devices(k, 1);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	low = old;
	low.rlim_cur = 300000;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	for (int i = 0; i < 400 && error == 0; i++) {
		error = store_begin(k->s, &round);
		told_init(&t, false, (uint8_t)i, "192.0.2.7", START, START + i);
		told_infected(&t, START, START + i);
		snprintf(t.id, sizeof t.id, "mac:%d", i);
		if (error == 0)
			error = store_device(k->s, &t.d, &k->arena, &c);
		if (error == 0)
			error = store_commit(k->s);
	}
	assert_true(error == -EIO || error == -ENOSPC);
	assert_non_null(strstr(store_why(k->s), "cordon.db"));
	store_rollback(k->s);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	some_devices(k, 2);
	store_close(k->s);
	k->s = NULL;
	assert_int_equal(
		asked(k, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'",
		      NULL, 0),
		1);
	kept_free(k);
}

/* ---- killed ------------------------------------------------------------------------------------------------------- */

/* Rounds without end; each is acknowledged by its number when its COMMIT returned. */
static void write_rounds(struct kept *k, int ack)
{
	int64_t round = asked(k, "SELECT ifnull(max(packets), 0) FROM identities", NULL, 0);

	if (kept_open(k) != 0)
		_exit(1);
	for (;;) {
		struct store_round head = {.life = (uint64_t)getpid(), .now_ns = START + ++round};
		struct store_change c;
		bool fine = store_begin(k->s, &head) == 0;

		for (int i = 0; fine && i < 8; i++) {
			struct told t;

			told_init(&t, false, (uint8_t)i, "192.0.2.7", START, START + round);
			told_infected(&t, START, START + round);
			t.d.packets_out = (uint64_t)round;
			fine = store_device(k->s, &t.d, &k->arena, &c) == 0;
			arena_fini(&k->arena);
		}
		if (!fine || store_commit(k->s) != 0 ||
		    write(ack, &round, sizeof round) != sizeof round)
			_exit(1);
	}
}

static int64_t acknowledged(int fd)
{
	int64_t round, last = 0;

	while (read(fd, &round, sizeof round) == sizeof round)
		last = round;
	return last;
}

static void test_killed(void **state)
{
	const char *often = getenv("CORDON_KILLS");   /* NOLINT(concurrency-mt-unsafe) */
	int kills = often == NULL ? 20 : atoi(often); /* NOLINT(cert-err34-c) */
	struct draw d = draw_from(7);
	struct kept *k = kept_new();
	int64_t rounds = 0;

	(void)state;
	store_close(k->s);
	k->s = NULL;
	for (int i = 0; i < kills; i++) {
		int ends[2], status;
		int64_t last;
		pid_t child;

		assert_int_equal(pipe(ends), 0);
		child = fork();
		if (child == 0)
			write_rounds(k, ends[1]);
		close(ends[1]);
		if (i % 4 != 0) /* else it may die while it opens the file */
			poll(&(struct pollfd){.fd = ends[0], .events = POLLIN}, 1, 10000);
		usleep((useconds_t)draw_below(&d, 20000));
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		last = acknowledged(ends[0]);
		close(ends[0]);
		/* Every round that was acknowledged is there, and whole. */
		assert_int_equal(
			asked(k,
			      "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'",
			      NULL, 0),
			1);
		assert_int_equal(
			asked(k, "SELECT count(DISTINCT packets) FROM identities", NULL, 0) <= 1,
			1);
		assert_true(asked(k, "SELECT ifnull(max(packets), 0) FROM identities", NULL, 0) >=
			    last);
		assert_int_equal(asked(k,
				       "SELECT count(*) FROM identities WHERE stands <> 'infected'",
				       NULL, 0),
				 0);
		rounds = last > rounds ? last : rounds;
	}
	assert_true(rounds >= kills / 2);
	kept_free(k);
}

/* ---- time --------------------------------------------------------------------------------------------------------- */

static int64_t file_bytes(const struct kept *k)
{
	static const char *const names[] = {"cordon.db", "cordon.db-wal"};
	int64_t sum = 0;

	for (size_t i = 0; i < COUNT(names); i++) {
		char path[128];
		struct stat st;

		if (stat(path_in(k, names[i], path, sizeof path), &st) == 0)
			sum += st.st_size;
	}
	return sum;
}

/* A year, day by day: what is older than a month goes, what goes on stays. */
static void test_a_year(void **state)
{
	struct kept *k = kept_new();
	int64_t most = 0;
	struct judged j;

	(void)state;
	k->options.history_ns = 30 * DAY;
	kept_restart(k, 1);
	for (int day = 0; day < 365; day++) {
		struct store_counter counter = {"packets.br-lan", (uint64_t)(day + 1) * 1000};
		struct told guest, camera;

		told_init(&camera, false, 1, "192.0.2.7", START, k->now);
		kept_tell(k, &camera.d);
		told_init(&guest, true, (uint8_t)day, "192.0.2.9", k->now, k->now);
		told_infected(&guest, k->now, k->now);
		snprintf(guest.id, sizeof guest.id, "mac:guest-%d", day);
		kept_tell(k, &guest.d);
		kept_begin(k);
		assert_int_equal(store_counters(k->s, &counter, 1), 0);
		kept_commit(k);
		assert_int_equal(kept_tidy(k), 0);
		k->now += DAY;
		if (day == 60)
			most = file_bytes(k);
		arena_fini(&k->arena);
	}
	j = kept_all(k);
	assert_in_range(j.devices_n, 30, 33);
	assert_int_equal(j.devices[0].first_ns, START);
	assert_true(file_bytes(k) <= most + 64 * 1024);
	assert_int_equal(store_identity(k->s, "mac:guest-3", &k->arena,
					&(struct store_span *){NULL}, &(size_t){0}),
			 0);
	kept_free(k);
}

/* The clock on the wall says another year, and is put right: a day of the oldest is the price, not everything. */
static void test_clock_jumps(void **state)
{
	struct kept *k = kept_new();

	(void)state;
	k->options.history_ns = 30 * DAY;
	kept_restart(k, 1);
	some_devices(k, 5);
	kept_tidy(k);
	k->now += 365 * DAY;
	kept_begin(k);
	kept_commit(k);
	for (int i = 0; i < 10; i++)
		kept_tidy(k);
	k->now -= 730 * DAY; /* and to the other side */
	kept_begin(k);
	kept_commit(k);
	kept_tidy(k);
	k->now = START + MINUTE;
	kept_tidy(k);
	assert_int_equal(kept_all(k).devices_n, 5);
	assert_int_equal(kept_all(k).devices[0].verdict, VERDICT_INFECTED);
	kept_free(k);
}

/* ---- room --------------------------------------------------------------------------------------------------------- */

static void tell_stranger(struct kept *k, uint32_t number, bool local)
{
	struct store_change c;
	char text[ADDR_TEXT_MAX];
	struct addr a = addr_v4(0xc6336400u + number);
	struct told t;

	told_init(&t, true, 0, addr_text(&a, text), k->now, k->now);
	snprintf(t.id, sizeof t.id, local ? "mac:invented-%u" : "ip:%u", number);
	t.d.local = local;
	t.d.two_way = false;
	t.d.backing = local ? BACKING_MAC : BACKING_ADDRESS;
	assert_int_equal(store_device(k->s, &t.d, &k->arena, &c), 0);
}

/* A storm of strangers and invented MACs: the cap holds, and nothing of what is proven ours goes. */
static void test_storm(void **state)
{
	struct kept *k = kept_new();
	const struct device *d;
	uint64_t dropped = 0;
	struct judged j;
	uint32_t number = 0;

	(void)state;
	k->options.most_bytes = UINT64_C(4) << 20;
	kept_restart(k, 1);
	some_devices(k, 50);
	for (int round = 0; round < 60; round++) {
		k->now += MINUTE;
		kept_begin(k);
		for (int i = 0; i < 500; i++)
			tell_stranger(k, number++, round % 2 == 0);
		kept_commit(k);
		arena_fini(&k->arena);
		if (file_bytes(k) > 4 << 20)
			fail_msg("round %d: %lld bytes", round, (long long)file_bytes(k));
		if (round % 10 == 9)
			dropped += kept_tidy(k);
	}
	assert_true(dropped > 20000);
	/* All at once in one round. */
	kept_begin(k);
	for (int i = 0; i < 12000; i++)
		tell_stranger(k, number++, i % 2 == 0);
	kept_commit(k);
	j = kept_all(k);
	for (int i = 0; i < 50; i++) {
		char id[64];

		snprintf(id, sizeof id, "mac:00:00:5e:00:53:%02x", (unsigned)i);
		d = kept_find(&j, id);
		assert_non_null(d);
		assert_int_equal(d->verdict, VERDICT_INFECTED);
		assert_int_equal(d->evidence_n, 1);
	}
	kept_free(k);
}

/* One device with ever new names, addresses, findings and verdicts: its lists are bounded. */
static void test_one_that_changes_all_the_time(void **state)
{
	struct kept *k = kept_new();
	struct told t;
	char name[32], peer[32];

	(void)state;
	for (int i = 0; i < 600; i++) {
		struct addr a = addr_v4(0xc0000200u + (uint32_t)i);
		char text[ADDR_TEXT_MAX];

		k->now += MINUTE;
		k->life = (uint64_t)(i / 3);
		told_init(&t, false, 1, addr_text(&a, text), START, k->now);
		snprintf(name, sizeof name, "name-%d", i);
		snprintf(peer, sizeof peer, "198.51.100.%d:%d", i % 256, i);
		t.name[0] = name;
		t.d.names_n = 1;
		told_finding(&t, "C-0101", peer, k->now, k->now);
		t.d.verdict = i % 2 == 0 ? VERDICT_INFECTED : VERDICT_CLEAR;
		kept_tell(k, &t.d);
		arena_fini(&k->arena);
	}
	store_close(k->s);
	k->s = NULL;
	assert_in_range(asked(k, "SELECT count(*) FROM spans", NULL, 0), 60, 140);
	assert_in_range(asked(k, "SELECT count(*) FROM findings", NULL, 0), 90, 100);
	assert_in_range(asked(k, "SELECT count(*) FROM verdicts", NULL, 0), 1, 65);
	assert_int_equal(asked(k, "SELECT count(*) FROM floors", NULL, 0), 1);
	kept_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_there),
		cmocka_unit_test(test_newer_schema),
		cmocka_unit_test(test_released_schemas),
		cmocka_unit_test(test_one_writer),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_no_store_at_all),
		cmocka_unit_test(test_damaged_again_and_again),
		cmocka_unit_test(test_disk_fails),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_a_year),
		cmocka_unit_test(test_clock_jumps),
		cmocka_unit_test(test_storm),
		cmocka_unit_test(test_one_that_changes_all_the_time),
	};

	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	if (getenv("CORDON_KILLS") != NULL)
		cmocka_set_test_filter("test_killed");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
