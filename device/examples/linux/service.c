/* SPDX-License-Identifier: MIT */
/*
 * A device's service in little: commands on standard input, answers on standard output, state in a folder. Where a firmware has
 * pages and protocols this has words; what it asks the library, and when, is the same. Each secret is a line of its own, so
 * that none stands in a list of processes.
 *
 * Usage: service FOLDER SETUP-CODE [PUBLIC-KEY]     PUBLIC-KEY: of firstuse-sign; without one no update is taken
 */
#include "firstuse.h"
#include "firstuse_update.h"
#include "linux_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 256
#define KEY_MAX 64 /* bytes; Ed25519 has 32, P-256 has 64 */

struct service {
	struct linux_files files;
	struct firstuse_config config;
	struct firstuse device;
	uint8_t key[KEY_MAX];
	int logged_in; /* the session */
};

/* Whoever sits at the console. A firmware takes the client's signed cookie, or its MAC. */
static const struct firstuse_peer console = {.id = "console", .on_lan = 1};

/* A line without its end; 0 at the end of the input or when it is too long. */
static int read_line(char line[LINE_MAX_BYTES])
{
	size_t size;

	if (!fgets(line, LINE_MAX_BYTES, stdin))
		return 0;
	size = strcspn(line, "\n");
	if (line[size] != '\n')
		return 0;
	line[size] = '\0';
	return 1;
}

static int ask(const char *what, char line[LINE_MAX_BYTES])
{
	printf("%s> ", what);
	fflush(stdout);
	return read_line(line);
}

static void answer(enum firstuse_status status, uint32_t wait_s)
{
	printf("%s", firstuse_status_text(status));
	if (status == FIRSTUSE_WAIT)
		printf(" (%lu seconds)", (unsigned long)wait_s);
	printf("\n");
}

static void do_status(struct service *s)
{
	answer(firstuse_standing(&s->device), 0);
}

static void do_setup(struct service *s)
{
	char code[LINE_MAX_BYTES], password[LINE_MAX_BYTES];
	uint32_t wait_s;

	if (ask("code on the device", code) && ask("new password", password))
		answer(firstuse_set_up(&s->device, &console, code, strlen(code), password,
				       strlen(password), &wait_s),
		       wait_s);
}

static void do_login(struct service *s)
{
	char password[LINE_MAX_BYTES];
	uint32_t wait_s, failed = firstuse_failed_tries(&s->device);
	enum firstuse_status status;

	if (!ask("password", password))
		return;
	status = firstuse_login(&s->device, &console, password, strlen(password), &wait_s);
	s->logged_in = status == FIRSTUSE_OK;
	answer(status, wait_s);
	if (s->logged_in)
		printf("tries that failed since the last login: %lu\n", (unsigned long)failed);
}

static void do_change(struct service *s)
{
	char old[LINE_MAX_BYTES], password[LINE_MAX_BYTES];
	uint32_t wait_s;

	if (ask("old password", old) && ask("new password", password))
		answer(firstuse_change_password(&s->device, &console, old, strlen(old), password,
						strlen(password), &wait_s),
		       wait_s);
}

static void do_key(struct service *s)
{
	char key[FIRSTUSE_STREAM_KEY];

	if (!s->logged_in)
		printf("log in first\n");
	else if (firstuse_stream_key(&s->device, key) == FIRSTUSE_OK)
		printf("%s\n", key);
}

/* In pieces, as a network brings them; goes on where an earlier download of the same file got. */
static enum firstuse_status take_update(struct firstuse *device, FILE *file)
{
	static struct firstuse_update update;
	unsigned char piece[FIRSTUSE_MANIFEST];
	enum firstuse_status status = firstuse_update_begin(&update, device);
	size_t size;

	while (status == FIRSTUSE_OK && (size = fread(piece, 1, sizeof(piece), file)) > 0) {
		status = firstuse_update_feed(&update, piece, size);
		if (status == FIRSTUSE_OK &&
		    fseek(file, (long)firstuse_update_resume_at(&update), SEEK_SET) != 0)
			status = FIRSTUSE_STORAGE;
	}
	return status == FIRSTUSE_OK ? firstuse_update_end(&update) : status;
}

static void do_update(struct service *s)
{
	char path[LINE_MAX_BYTES];
	FILE *file;

	if (!s->logged_in) {
		printf("log in first\n");
		return;
	}
	if (!ask("file", path))
		return;
	file = fopen(path, "rb");
	if (!file) {
		printf("%s can't be read\n", path);
		return;
	}
	answer(take_update(&s->device, file), 0);
	fclose(file);
}

/* What the boot loader does at each start; here by hand. */
static void do_boot(struct service *s)
{
	uint8_t slot;

	answer(firstuse_boot(&s->device, &slot), 0);
	printf("slot %u\n", (unsigned)slot);
}

static void do_confirm(struct service *s)
{
	char slot[LINE_MAX_BYTES];

	if (ask("slot that runs", slot))
		answer(firstuse_confirm(&s->device, slot[0] == '1'), 0);
}

/* The button. A service of a network would not have this. */
static void do_reset(struct service *s)
{
	s->logged_in = 0;
	answer(firstuse_reset(&s->device), 0);
}

static const struct command {
	const char *name;
	void (*run)(struct service *);
} commands[] = {
	{"status", do_status}, {"setup", do_setup},	{"login", do_login},
	{"change", do_change}, {"key", do_key},		{"update", do_update},
	{"boot", do_boot},     {"confirm", do_confirm}, {"reset", do_reset},
};

static void serve(struct service *s)
{
	char line[LINE_MAX_BYTES];

	while (ask("", line)) {
		size_t n = 0, all = sizeof(commands) / sizeof(commands[0]);

		while (n < all && strcmp(commands[n].name, line) != 0)
			n++;
		if (n < all)
			commands[n].run(s);
		else
			printf("status, setup, login, change, key, update, boot, confirm, reset\n");
		fflush(stdout);
	}
}

/* "firstuse-public ALGORITHM HEX"; a firmware has these bytes compiled in (firstuse-sign c-array). */
static int read_key(const char *path, uint8_t key[KEY_MAX])
{
	char line[LINE_MAX_BYTES] = "", pair[3] = "", *at, *end;
	FILE *file = fopen(path, "r");
	size_t n = 0;

	if (!file)
		return -1;
	at = fgets(line, sizeof(line), file) ? strrchr(line, ' ') : NULL;
	fclose(file);
	if (!at || strncmp(line, "firstuse-public ", 16) != 0)
		return -1;
	for (at++; n < KEY_MAX && at[0] != '\0' && at[1] != '\0'; at += 2) {
		memcpy(pair, at, 2);
		key[n++] = (uint8_t)strtoul(pair, &end, 16);
		if (*end != '\0')
			return -1;
	}
	return n == 32 || n == 64 ? 0 : -1;
}

int main(int argc, char **argv)
{
	static struct service s;
	enum firstuse_status status;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: service FOLDER SETUP-CODE [PUBLIC-KEY]\n");
		return 64;
	}
	if (linux_files_open(&s.files, argv[1], 0, &s.config.port) != 0) {
		fprintf(stderr, "service: %s: no folder that can be written to\n", argv[1]);
		return 73;
	}
	s.config.state_bytes = 4096;
	s.config.slot_bytes = 1024 * 1024;
	s.config.product = "example/service";
	s.config.setup_code = argv[2];
	s.config.words[0] = "example service";
	if (argc == 4 && read_key(argv[3], s.key) != 0) {
		fprintf(stderr, "service: %s: no public key of firstuse-sign\n", argv[3]);
		return 66;
	}
	s.config.update_keys[0] = argc == 4 ? s.key : NULL;
	status = firstuse_open(&s.device, &s.config);
	answer(status, 0);
	if (status == FIRSTUSE_OK || status == FIRSTUSE_NOT_SET_UP || status == FIRSTUSE_DAMAGED)
		serve(&s);
	linux_files_close(&s.files);
	return status == FIRSTUSE_OK || status == FIRSTUSE_NOT_SET_UP ? 0 : 74;
}
