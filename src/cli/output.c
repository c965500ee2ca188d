/* SPDX-License-Identifier: MIT */
/*
 * Writing the report out. See output.h.
 *
 * Pipes, devices and descriptors (/dev/stdout, /dev/fd/3) are written directly: replacing them would take the
 * reader's file away. While a file is written beside its name, signals that end us wait, or they would leave the
 * temporary file behind.
 */
#include "cli/output.h"

#include "base/exits.h"
#include "base/say.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_TRIED = 100 };

static const char *name_of(const struct output *o)
{
	return o->path != NULL ? o->path : "standard output";
}

static int status_of_error(int err, int otherwise)
{
	switch (err) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
	case EIO:
		return EXITS_IO;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return EXITS_OS;
	default:
		return otherwise;
	}
}

static int cannot_create(const struct output *o, int err)
{
	const char *why = err == ENOENT ? "the directory does not exist" : say_error(err);

	say("cannot write %s: %s", name_of(o), why);
	return status_of_error(err, EXITS_CANNOT_CREATE);
}

/* The descriptor that "/dev/stdout" or "/dev/fd/3" names, or -1. */
static int standard_descriptor(const char *path)
{
	char *end;
	long fd;

	if (path == NULL || strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	if (strncmp(path, "/dev/fd/", 8) != 0 || path[8] < '0' || path[8] > '9')
		return -1;
	fd = strtol(path + 8, &end, 10);
	return *end == '\0' && fd <= INT_MAX ? (int)fd : -1;
}

/* Creates a file of a new name in the target's directory: same file system, so that the rename is one step. */
static int create_beside(struct output *o)
{
	const char *slash = strrchr(o->target, '/');
	size_t folder = slash == NULL ? 0 : (size_t)(slash - o->target) + 1;
	size_t room = folder + 48;
	int fd = -1;

	o->temporary = malloc(room);
	if (o->temporary == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < NAMES_TRIED; i++) {
		(void)snprintf(o->temporary, room, "%.*s.cordon-%ld-%u", (int)folder, o->target,
			       (long)getpid(), i);
		fd = open(o->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	if (fd >= 0)
		return fd;
	fd = -errno;
	free(o->temporary);
	o->temporary = NULL;
	return fd;
}

static void remove_temporary(struct output *o)
{
	if (o->temporary != NULL)
		(void)unlink(o->temporary);
	free(o->temporary);
	o->temporary = NULL;
}

/* Creates the temporary file and removes it again: only that tells for sure that it will be possible. */
static int try_beside(struct output *o)
{
	int fd = create_beside(o);

	if (fd < 0)
		return cannot_create(o, -fd);
	(void)close(fd);
	remove_temporary(o);
	return EXITS_OK;
}

int output_prepare(struct output *o, const char *path)
{
	struct stat st;

	*o = (struct output){.path = path, .fd = standard_descriptor(path)};
	if (o->fd >= 0) {
		o->borrowed = true;
		if (fcntl(o->fd, F_GETFD) >= 0)
			return EXITS_OK;
		o->fd = -1;
		return cannot_create(o, EBADF);
	}
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return cannot_create(o, EISDIR);
		if (!S_ISREG(st.st_mode))
			return EXITS_OK;
		if (access(path, W_OK) != 0) /* renaming would get around a write protection */
			return cannot_create(o, errno);
		o->mode = st.st_mode & 0777;
		o->target = realpath(path, NULL);
	} else {
		if (errno != ENOENT)
			return cannot_create(o, errno);
		o->target = strdup(path);
	}
	return o->target == NULL ? cannot_create(o, errno) : try_beside(o);
}

/* Of a path that leads to no file yet: the folder that it would be in. */
static bool folder_of(const char *path, struct stat *st)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
	bool known = folder != NULL && stat(folder, st) == 0;

	free(folder);
	return known;
}

static bool same_file(const struct stat *x, const struct stat *y)
{
	return x->st_dev == y->st_dev && x->st_ino == y->st_ino;
}

bool output_is_same(const struct output *a, const struct output *b)
{
	struct stat x, y;
	const char *name[2];

	if (a->borrowed || b->borrowed)
		return a->borrowed && b->borrowed && a->fd == b->fd;
	if (stat(a->path, &x) == 0 || stat(b->path, &y) == 0)
		return stat(a->path, &x) == 0 && stat(b->path, &y) == 0 && S_ISREG(x.st_mode) &&
		       same_file(&x, &y);
	name[0] = strrchr(a->path, '/');
	name[1] = strrchr(b->path, '/');
	return strcmp(name[0] != NULL ? name[0] + 1 : a->path,
		      name[1] != NULL ? name[1] + 1 : b->path) == 0 &&
	       folder_of(a->path, &x) && folder_of(b->path, &y) && same_file(&x, &y);
}

static void hold_signals(struct output *o)
{
	sigset_t hold;

	(void)sigemptyset(&hold);
	(void)sigaddset(&hold, SIGINT);
	(void)sigaddset(&hold, SIGTERM);
	(void)sigaddset(&hold, SIGHUP);
	(void)sigaddset(&hold, SIGQUIT);
	(void)pthread_sigmask(SIG_BLOCK, &hold, &o->before);
}

static void let_signals(const struct output *o)
{
	(void)pthread_sigmask(SIG_SETMASK, &o->before, NULL);
}

int output_begin(struct output *o)
{
	int err = 0;

	if (o->borrowed)
		return EXITS_OK;
	if (o->target == NULL) {
		o->fd = open(o->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		return o->fd < 0 ? cannot_create(o, errno) : EXITS_OK;
	}
	hold_signals(o);
	o->fd = create_beside(o);
	if (o->fd < 0)
		err = -o->fd;
	else if (o->mode != 0 && fchmod(o->fd, o->mode) != 0)
		err = errno;
	if (err == 0)
		return EXITS_OK;
	if (o->fd >= 0)
		(void)close(o->fd);
	o->fd = -1;
	remove_temporary(o);
	let_signals(o);
	return cannot_create(o, err);
}

bool output_is_interrupted(const struct output *o)
{
	sigset_t waiting;

	if (o->target == NULL || sigpending(&waiting) != 0)
		return false;
	return sigismember(&waiting, SIGINT) == 1 || sigismember(&waiting, SIGTERM) == 1 ||
	       sigismember(&waiting, SIGHUP) == 1 || sigismember(&waiting, SIGQUIT) == 1;
}

/* A pipe that somebody set to non-blocking is waited for. */
static bool try_again(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	if (errno == EAGAIN)
		return poll(&p, 1, -1) >= 0 || errno == EINTR;
	return errno == EINTR;
}

void output_sink(void *output, const char *at, size_t len)
{
	struct output *o = output;

	while (len > 0 && o->err == 0) {
		ssize_t n = write(o->fd, at, len);

		if (n >= 0) {
			at += n;
			len -= (size_t)n;
		} else if (!try_again(o->fd)) {
			o->err = errno;
		}
	}
}

/* The name points to the new file only when that is on disk, and the directory follows. */
static void put_in_place(struct output *o)
{
	char *slash;
	int folder;

	if (rename(o->temporary, o->target) != 0) {
		o->err = errno;
		return;
	}
	free(o->temporary);
	o->temporary = NULL;
	slash = strrchr(o->target, '/');
	if (slash != NULL)
		slash[slash == o->target] = '\0';
	folder = open(slash != NULL ? o->target : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return; /* a directory that may be written and not read */
	(void)fsync(folder);
	(void)close(folder);
}

/* Closing is where some file systems tell of a failed write; a borrowed descriptor is closed as a copy. */
static void close_checked(struct output *o)
{
	int fd = o->borrowed ? dup(o->fd) : o->fd;

	if (o->temporary != NULL && o->err == 0 && fsync(fd) != 0 && errno != EINVAL &&
	    errno != ENOSYS)
		o->err = errno;
	if (fd >= 0 && close(fd) != 0 && errno != EINTR && o->err == 0)
		o->err = errno;
	o->fd = -1;
}

int output_end(struct output *o, bool complete)
{
	assert(o->fd >= 0);
	close_checked(o);
	if (o->target != NULL) {
		if (complete && o->err == 0)
			put_in_place(o);
		remove_temporary(o);
		let_signals(o);
	}
	if (o->err == 0)
		return EXITS_OK;
	if (o->err != EPIPE) /* who closed the pipe knows */
		say("cannot write %s: %s", name_of(o), say_error(o->err));
	return EXITS_IO;
}

void output_fini(struct output *o)
{
	remove_temporary(o);
	free(o->target);
	o->target = NULL;
}

int output_print(struct text *t)
{
	struct output o;
	int status = EXITS_OS;

	if (t->failed) {
		say("out of memory");
	} else {
		status = output_prepare(&o, NULL);
		if (status == EXITS_OK) {
			output_sink(&o, text_string(t), t->len);
			status = output_end(&o, true);
		}
		output_fini(&o);
	}
	text_fini(t);
	return status;
}
