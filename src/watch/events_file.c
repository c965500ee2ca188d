/* SPDX-License-Identifier: MIT */
/*
 * The end of eve.json, see events_file.h. Three things tear lines: a process that is killed in the middle of write(2), a
 * disk that is full after half of it, and two writers. The first two are mended here, since whoever reads the file takes a
 * line for an event; against the third each line, or batch of lines, goes out by one write with O_APPEND.
 */
#include "watch/events_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { TORN_MOST = 1 << 20, EVENTS_MODE = 0640 };

/* All our lines begin so; what does not was not torn by us, and stays. */
static const char opening[] = "{\"timestamp\":\"";

void events_file_init(struct events_file *f, const char *path)
{
	*f = (struct events_file){.path = path, .fd = -1};
}

void events_file_close(struct events_file *f)
{
	if (f->fd >= 0)
		(void)close(f->fd);
	f->fd = -1;
	f->torn = false;
}

char *events_file_tail(const char *path, size_t most, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	char *tail = NULL;
	ssize_t n = -1;

	*len = 0;
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
		size_t want = (uint64_t)st.st_size < most ? (size_t)st.st_size : most;

		tail = malloc(want);
		if (tail != NULL)
			n = pread(fd, tail, want, st.st_size - (off_t)want);
	}
	(void)close(fd);
	if (n <= 0) {
		free(tail);
		return NULL;
	}
	*len = (size_t)n;
	return tail;
}

/* Takes off what stands behind the last line's end when that is the beginning of a line of ours. */
static void mend(struct events_file *f, off_t size)
{
	size_t len, torn;
	char *tail = events_file_tail(f->path, TORN_MOST, &len);
	const char *end;

	if (tail == NULL || tail[len - 1] == '\n') {
		free(tail);
		return;
	}
	end = memrchr(tail, '\n', len);
	torn = end != NULL ? len - (size_t)(end + 1 - tail) : len;
	f->torn = true;
	if ((end != NULL || (off_t)len == size) &&
	    memcmp(tail + len - torn, opening,
		   torn < sizeof opening - 1 ? torn : sizeof opening - 1) == 0 &&
	    ftruncate(f->fd, size - (off_t)torn) == 0)
		f->torn = false;
	free(tail);
}

static int open_file(struct events_file *f)
{
	struct stat st;
	int err;

	f->fd = open(f->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, EVENTS_MODE);
	if (f->fd < 0)
		return -errno;
	if (fstat(f->fd, &st) != 0) {
		err = errno;
		events_file_close(f);
		return -err;
	}
	f->device = st.st_dev;
	f->inode = st.st_ino;
	f->regular = S_ISREG(st.st_mode);
	f->torn = false;
	if (f->regular && st.st_size > 0)
		mend(f, st.st_size);
	return 0;
}

int events_file_ready(struct events_file *f)
{
	struct stat st;

	if (f->fd >= 0 &&
	    (stat(f->path, &st) != 0 || st.st_dev != f->device || st.st_ino != f->inode))
		events_file_close(f);
	return f->fd >= 0 ? 0 : open_file(f);
}

/* Half a line got in: off it goes, or it is ended before the next one. */
static void cut(struct events_file *f, size_t torn)
{
	struct stat st;

	if (torn == 0)
		return;
	f->torn = !(f->regular && fstat(f->fd, &st) == 0 && st.st_size >= (off_t)torn &&
		    ftruncate(f->fd, st.st_size - (off_t)torn) == 0);
}

int events_file_add(struct events_file *f, const char *lines, size_t len, size_t *written)
{
	size_t done = 0;
	int err = 0;

	while (done < len && err == 0) {
		char newline = '\n';
		struct iovec parts[2] = {{&newline, f->torn ? 1 : 0},
					 {(void *)(uintptr_t)(lines + done), len - done}};
		ssize_t n = writev(f->fd, parts, 2);

		if (n < 0) {
			err = errno == EINTR ? 0 : errno;
			continue;
		}
		if (f->torn && n > 0) {
			f->torn = false;
			n--;
		}
		done += (size_t)n;
		if (n == 0)
			err = EIO;
	}
	*written = done;
	if (done < len) {
		const char *end = memrchr(lines, '\n', done);

		*written = end != NULL ? (size_t)(end + 1 - lines) : 0;
		cut(f, done - *written);
	}
	return -err;
}
