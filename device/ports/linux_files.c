/* SPDX-License-Identifier: MIT */
/*
 * Files of Linux as the areas of struct firstuse_port. A write at 0 of an area for state shortens its file to nothing first, so
 * that what was there is gone (the journal has its latest record in the other one then). flush() is fdatasync(2), and
 * fsync(2) of the folder after a file was made, since its name is not safe before. Calls that a signal breaks off are made
 * again; a short read is the end of the file, behind which bytes are 0xFF.
 */
#include "linux_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *const names[4] = {"state-a", "state-b", "slot-a", "slot-b"};

static int is_state(enum firstuse_area area)
{
	return area == FIRSTUSE_STATE_A || area == FIRSTUSE_STATE_B;
}

static int files_read(void *user, enum firstuse_area area, uint32_t offset, void *to, uint32_t size)
{
	struct linux_files *files = user;
	uint8_t *bytes = to;
	uint32_t done = 0;

	memset(to, 0xFF, size);
	if (files->file[area] < 0)
		return 0;
	while (done < size) {
		ssize_t n = pread(files->file[area], bytes + done, size - done,
				  (off_t)offset + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (uint32_t)n;
	}
	return 0;
}

/* Its name is safe when this returns. */
static int make_file(struct linux_files *files, enum firstuse_area area)
{
	int file = openat(files->folder, names[area], O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			  S_IRUSR | S_IWUSR);

	if (file < 0)
		return -1;
	if (fsync(files->folder) != 0) {
		close(file);
		return -1;
	}
	files->file[area] = file;
	return 0;
}

static int files_write(void *user, enum firstuse_area area, uint32_t offset, const void *from,
		       uint32_t size)
{
	struct linux_files *files = user;
	const uint8_t *bytes = from;
	uint32_t done = 0;

	if (files->file[area] < 0 && make_file(files, area) != 0)
		return -1;
	if (offset == 0 && is_state(area) && ftruncate(files->file[area], 0) != 0)
		return -1;
	while (done < size) {
		ssize_t n = pwrite(files->file[area], bytes + done, size - done,
				   (off_t)offset + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		done += (uint32_t)n;
	}
	return 0;
}

static int files_flush(void *user, enum firstuse_area area)
{
	struct linux_files *files = user;

	if (files->file[area] < 0)
		return 0;
	return fdatasync(files->file[area]) == 0 ? 0 : -1;
}

/* Time spent asleep counts for budgets too: nobody can guess then. */
static uint64_t files_now(void *user)
{
	struct timespec now;

	(void)user;
	if (clock_gettime(CLOCK_BOOTTIME, &now) != 0 && clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

/* Waits until the kernel has gathered enough after its start; fails where there is no such call. */
static int files_random(void *user, void *to, uint32_t size)
{
	uint8_t *bytes = to;

	(void)user;
	while (size > 0) {
		ssize_t n = getrandom(bytes, size, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes += n;
		size -= (uint32_t)n;
	}
	return 0;
}

static int open_existing(struct linux_files *files, int read_only)
{
	for (unsigned i = 0; i < 4; i++) {
		struct stat info;

		files->file[i] = openat(files->folder, names[i],
					(read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOFOLLOW |
						O_NONBLOCK);
		if (files->file[i] < 0 && errno == ENOENT)
			continue;
		if (files->file[i] < 0 || fstat(files->file[i], &info) != 0)
			return errno;
		if (!S_ISREG(info.st_mode))
			return EINVAL;
	}
	return 0;
}

int linux_files_open(struct linux_files *files, const char *folder, int read_only,
		     struct firstuse_port *port)
{
	int error;

	for (unsigned i = 0; i < 4; i++)
		files->file[i] = -1;
	files->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (files->folder < 0)
		return errno;
	error = open_existing(files, read_only);
	if (error != 0) {
		linux_files_close(files);
		return error;
	}
	memset(port, 0, sizeof *port);
	port->user = files;
	port->read = files_read;
	if (!read_only) {
		port->write = files_write;
		port->flush = files_flush;
	}
	port->now_ms = files_now;
	port->random = files_random;
	return 0;
}

void linux_files_close(struct linux_files *files)
{
	for (unsigned i = 0; i < 4; i++)
		if (files->file[i] >= 0)
			close(files->file[i]);
	close(files->folder);
	files->folder = -1;
	for (unsigned i = 0; i < 4; i++)
		files->file[i] = -1;
}
