/* SPDX-License-Identifier: MIT */
/*
 * The summary of the engine's tables, which the packets process hands over every minute and gets back when it begins again:
 * copied by a thread of the loop's pool to a file beside the store, written beside the old one, synchronised and renamed, so
 * that one whole summary is there whatever happens. What is in it is the packets process's affair, which checks it.
 *
 * The descriptor comes from a process that strangers may have taken: only a regular file is read, as far as there was room
 * for the engine's tables, and never waited for.
 */
#include "watch/service.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 256 * 1024, RESUMES_MOST = 3, SUMMARY_MODE = 0600 };

static const char name[] = "engine.summary";

struct saving {
	uv_work_t work;
	struct service *s;
	int fd;
	uint64_t most;
	int err;
	char path[PATH_MAX];
	char beside[PATH_MAX];
};

static bool path_of(const struct service *s, const char *suffix, char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s/%s%s", s->settings.directory, name, suffix);

	return n > 0 && n < PATH_MAX;
}

/* ---- handing it over ------------------------------------------------------------------------------------------- */

/*
 * A summary after which the packets process ends again and again, before it made one round, may be what ends it: then it is
 * put aside.
 */
static bool is_suspect(struct service *s)
{
	char path[PATH_MAX], aside[PATH_MAX];

	if (++s->resumed <= RESUMES_MOST)
		return false;
	s->resumed = 0;
	if (!path_of(s, "", path) || !path_of(s, ".aside", aside) || rename(path, aside) != 0)
		return true;
	log_line(LEVEL_WARNING,
		 "cordon-packets ended %d times before its first round; it goes on without what it "
		 "knew, which is put aside as %s",
		 RESUMES_MOST, aside);
	return true;
}

void summary_resume(struct service *s, bool new_life)
{
	char path[PATH_MAX];
	int fd = -1;

	if (!(new_life && is_suspect(s)) && path_of(s, "", path))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	service_send(s, WIRE_RESUME, NULL, 0, fd);
	if (fd >= 0)
		(void)close(fd);
}

/* ---- keeping it ------------------------------------------------------------------------------------------------ */

static int copy(int from, int to, uint64_t size)
{
	char *piece = malloc(PIECE);
	uint64_t at = 0;
	int err = piece != NULL ? 0 : ENOMEM;

	while (err == 0 && at < size) {
		ssize_t n = pread(from, piece, size - at < PIECE ? size - at : PIECE, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			err = n < 0 ? errno : EBADMSG;
			break;
		}
		at += (uint64_t)n;
		for (ssize_t done = 0; err == 0 && done < n;) {
			ssize_t put = write(to, piece + done, (size_t)(n - done));

			if (put > 0)
				done += put;
			else if (put < 0 && errno != EINTR)
				err = errno;
		}
	}
	free(piece);
	return err;
}

static void save(uv_work_t *work)
{
	struct saving *v = work->data;
	struct stat st;
	int to;

	if (fstat(v->fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    (uint64_t)st.st_size > v->most) {
		v->err = EBADMSG;
		return;
	}
	to = open(v->beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, SUMMARY_MODE);
	if (to < 0) {
		v->err = errno;
		return;
	}
	v->err = copy(v->fd, to, (uint64_t)st.st_size);
	if (v->err == 0 && fsync(to) != 0)
		v->err = errno;
	if (close(to) != 0 && v->err == 0)
		v->err = errno;
	if (v->err == 0 && rename(v->beside, v->path) != 0)
		v->err = errno;
	if (v->err != 0)
		(void)unlink(v->beside);
}

static void saved(uv_work_t *work, int status)
{
	struct saving *v = work->data;
	struct service *s = v->s;
	char why[LOG_ERROR_TEXT];

	s->saving = false;
	if (status == 0 && v->err == 0)
		service_send(s, WIRE_KEPT_SUMMARY, NULL, 0, -1);
	else if (v->err == EBADMSG)
		s->tally.refused++;
	else if (status == 0)
		log_limited(&s->summary_limit, LEVEL_ERROR,
			    "%s: what cordon-packets knows can't be kept for a restart: %s",
			    v->beside, log_error(v->err, why));
	(void)close(v->fd);
	free(v);
}

void summary_keep(struct service *s, int fd)
{
	struct saving *v = fd >= 0 && !s->saving ? calloc(1, sizeof *v) : NULL;

	if (v == NULL || !path_of(s, "", v->path) || !path_of(s, ".new", v->beside)) {
		s->tally.refused++;
		free(v);
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	v->work.data = v;
	v->s = s;
	v->fd = fd;
	v->most = s->settings.memory_bytes;
	s->saving = true;
	if (uv_queue_work(&s->loop, &v->work, save, saved) != 0) {
		s->saving = false;
		(void)close(fd);
		free(v);
	}
}
