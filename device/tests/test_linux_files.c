/* SPDX-License-Identifier: MIT */
/* The port for Linux: real files keep a device's state over an end of the program, as the contract of firstuse_port says. */
#include "check.h"
#include "crypto.h"
#include "journal.h"
#include "linux_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/firstuse-XXXXXX";

static void remove_all(void)
{
	static const char *const names[] = {"state-a", "state-b", "slot-a", "slot-b", "else"};
	char path[64];

	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		unlink(path);
	}
}

static int all_are(const uint8_t *bytes, uint32_t size, uint8_t value)
{
	for (uint32_t i = 0; i < size; i++)
		if (bytes[i] != value)
			return 0;
	return 1;
}

static void test_contract(void)
{
	struct linux_files files;
	struct firstuse_port port;
	uint8_t bytes[64], zeros[64] = {0};
	struct stat info;
	char path[64];

	CHECK(linux_files_open(&files, folder, 0, &port) == 0);
	CHECK(port.read(port.user, FIRSTUSE_SLOT_B, 12345, bytes, 64) == 0);
	CHECK(all_are(bytes, 64, 0xFF));
	CHECK(port.flush(port.user, FIRSTUSE_SLOT_B) == 0);
	CHECK(port.write(port.user, FIRSTUSE_STATE_A, 0, zeros, 64) == 0);
	CHECK(port.write(port.user, FIRSTUSE_STATE_A, 64, zeros, 32) == 0);
	CHECK(port.flush(port.user, FIRSTUSE_STATE_A) == 0);
	CHECK(port.read(port.user, FIRSTUSE_STATE_A, 40, bytes, 64) == 0);
	CHECK(all_are(bytes, 56, 0) && all_are(bytes + 56, 8, 0xFF));
	CHECK(port.write(port.user, FIRSTUSE_STATE_A, 0, zeros, 1) == 0); /* anew */
	CHECK(port.read(port.user, FIRSTUSE_STATE_A, 0, bytes, 64) == 0);
	CHECK(bytes[0] == 0 && all_are(bytes + 1, 63, 0xFF));
	CHECK(port.write(port.user, FIRSTUSE_SLOT_A, 0, zeros, 64) == 0);
	CHECK(port.write(port.user, FIRSTUSE_SLOT_A, 0, zeros, 1) ==
	      0); /* a slot is not begun anew */
	CHECK(port.read(port.user, FIRSTUSE_SLOT_A, 0, bytes, 64) == 0 && all_are(bytes, 64, 0));
	snprintf(path, sizeof path, "%s/state-a", folder);
	CHECK(stat(path, &info) == 0 && (info.st_mode & 0777) == 0600);
	linux_files_close(&files);
	remove_all();
}

static void test_clock_and_random(void)
{
	struct linux_files files;
	struct firstuse_port port;
	uint8_t a[300], b[300];
	uint64_t now;

	CHECK(linux_files_open(&files, folder, 0, &port) == 0);
	now = port.now_ms(port.user);
	CHECK(now > 0 && port.now_ms(port.user) >= now);
	CHECK(port.random(port.user, a, sizeof a) == 0 && port.random(port.user, b, sizeof b) == 0);
	CHECK(memcmp(a, b, sizeof a) != 0 && memcmp(a + 260, b + 260, 40) != 0);
	linux_files_close(&files);
}

static void test_state_stays(void)
{
	static struct firstuse device;
	struct linux_files files;
	struct firstuse_config config;

	memset(&config, 0, sizeof config);
	config.product = "example/cam-1";
	config.state_bytes = FIRSTUSE_STATE_MIN;
	for (uint32_t i = 0; i < 12; i++) {
		struct firstuse_state state;

		CHECK(linux_files_open(&files, folder, 0, &config.port) == 0);
		CHECK(firstuse_open(&device, &config) == FIRSTUSE_NOT_SET_UP);
		CHECK(device.state.counter == i);
		state = device.state;
		state.counter++;
		CHECK(fu_journal_store(&device, &state) == FIRSTUSE_OK);
		linux_files_close(&files);
	}
	CHECK(linux_files_open(&files, folder, 1, &config.port) == 0);
	CHECK(firstuse_open(&device, &config) == FIRSTUSE_NOT_SET_UP);
	CHECK(device.state.counter == 12);
	CHECK(fu_journal_store(&device, &device.state) == FIRSTUSE_STORAGE);
	linux_files_close(&files);
	remove_all();
}

/* What lies there must be a file: no link to somebody else's, no pipe that hangs. */
static void test_refuses(void)
{
	struct linux_files files;
	struct firstuse_port port;
	char path[64], other[64];

	CHECK(linux_files_open(&files, "/nowhere/at/all", 0, &port) == ENOENT);
	snprintf(path, sizeof path, "%s/state-a", folder);
	snprintf(other, sizeof other, "%s/else", folder);
	CHECK(symlink(other, path) == 0);
	CHECK(linux_files_open(&files, folder, 0, &port) == ELOOP);
	unlink(path);
	CHECK(mkfifo(path, 0600) == 0);
	CHECK(linux_files_open(&files, folder, 0, &port) == EINVAL);
	remove_all();
}

int main(void)
{
	if (!CHECK(mkdtemp(folder) != NULL))
		return check_end();
	test_contract();
	test_clock_and_random();
	test_state_stays();
	test_refuses();
	CHECK(rmdir(folder) == 0);
	return check_end();
}
