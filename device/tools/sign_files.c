/* SPDX-License-Identifier: MIT */
/* Reading and writing whole files, so that an output is there with all its bytes or not at all, and a key is never replaced. */
#include "sign_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int sign_say(int status, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	fputs("firstuse-sign: ", stderr);
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
	va_end(list);
	return status;
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

static int cannot_read(const char *path)
{
	int error = errno;
	int status = SIGN_NO_INPUT;

	if (error == EACCES || error == EPERM)
		status = SIGN_PERMISSION;
	else if (error == EIO)
		status = SIGN_IO;
	return sign_say(status, "can't read %s: %s", path, strerror(error));
}

/* Makes sure of some room behind what is there. */
static int make_room(struct sign_buffer *buffer, size_t *room)
{
	size_t more = *room == 0 ? 65536 : *room * 2;
	uint8_t *bytes;

	if (buffer->size < *room)
		return 0;
	bytes = realloc(buffer->bytes, more);
	if (bytes == NULL)
		return -1;
	buffer->bytes = bytes;
	*room = more;
	return 0;
}

int sign_read_file(const char *path, size_t limit, struct sign_buffer *to)
{
	size_t room = 0, got = 1;
	int status = 0;
	FILE *file;

	to->bytes = NULL;
	to->size = 0;
	file = fopen(path, "rb");
	if (file == NULL)
		return cannot_read(path);
	while (got > 0 && to->size <= limit && status == 0) {
		if (make_room(to, &room) != 0) {
			status = sign_say(SIGN_OS, "no memory for %s", path);
			break;
		}
		got = fread(to->bytes + to->size, 1, room - to->size, file);
		to->size += got;
		if (got == 0 && ferror(file))
			status = cannot_read(path);
	}
	(void)fclose(file);
	if (status == 0 && to->size > limit)
		status = sign_say(SIGN_DATA, "%s is longer than the %zu bytes that it may have",
				  path, limit);
	return status;
}

/* ---- writing ------------------------------------------------------------------------------------------------ */

static int write_whole(int fd, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes += n;
		size -= (size_t)n;
	}
	return fsync(fd);
}

/* Fills an open file, gives it its mode and closes it. */
static int finish(int fd, const char *path, const struct sign_buffer *from, mode_t mode)
{
	int status = 0;

	if (write_whole(fd, from->bytes, from->size) != 0 || fchmod(fd, mode) != 0)
		status = sign_say(SIGN_IO, "can't write %s: %s", path, strerror(errno));
	if (close(fd) != 0 && status == 0)
		status = sign_say(SIGN_IO, "can't write %s: %s", path, strerror(errno));
	return status;
}

static int cannot_create(const char *path)
{
	int error = errno;

	return sign_say(error == EACCES || error == EPERM ? SIGN_PERMISSION : SIGN_CREATE,
			"can't create %s: %s%s", path, strerror(error),
			error == EEXIST ? "; a key is never replaced, name another file" : "");
}

int sign_replace_file(const char *path, const struct sign_buffer *from)
{
	size_t room = strlen(path) + sizeof ".XXXXXX";
	char *beside = malloc(room);
	mode_t mask = umask(0);
	struct stat about;
	int status, fd;

	(void)umask(mask);
	if (stat(path, &about) == 0 && !S_ISREG(about.st_mode)) {
		free(beside);
		return sign_say(SIGN_CREATE, "can't create %s: it is there and is no plain file",
				path);
	}
	if (beside == NULL)
		return sign_say(SIGN_OS, "no memory for %s", path);
	(void)snprintf(beside, room, "%s.XXXXXX", path);
	fd = mkstemp(beside);
	if (fd < 0) {
		status = cannot_create(path);
		free(beside);
		return status;
	}
	status = finish(fd, path, from, 0666 & ~mask);
	if (status == 0 && rename(beside, path) != 0)
		status = cannot_create(path);
	if (status != 0)
		(void)unlink(beside);
	free(beside);
	return status;
}

int sign_create_file(const char *path, const struct sign_buffer *from, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	int status;

	if (fd < 0)
		return cannot_create(path);
	status = finish(fd, path, from, mode);
	if (status != 0)
		(void)unlink(path);
	return status;
}
