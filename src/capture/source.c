/* SPDX-License-Identifier: MIT */
/*
 * The one read path under both capture formats. It knows file descriptors (interrupted calls, pipes that are not
 * ready, directories) and which codec to ask; it knows nothing of packets. Plain data go from read() straight into
 * the caller's buffer: that copy is the only one, and measured faster than mmap on cached files.
 */
#include "capture/source.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/codec.h"

struct source {
	struct raw raw;
	const struct codec *codec; /* NULL: plain */
	void *state;		   /* the codec's */
	const char *why;
	struct source_identity identity;
	bool owned;   /* we opened the descriptor and close it */
	bool regular; /* a regular file or memory */
};

static const struct codec *const codecs[] = {&codec_gzip, &codec_zstd};

/* Our own words: strerror() speaks to programmers, in a buffer that threads may share. */
static const char *reason(int err)
{
	switch (-err) {
	case ENOENT:
	case ENOTDIR:
		return "there is no such file";
	case EACCES:
	case EPERM:
		return "no permission to read it";
	case EISDIR:
		return "it is a directory: name the captures in it";
	case ENXIO:
		return "it is a socket or device that can't be read";
	case EMFILE:
	case ENFILE:
		return "too many files are open";
	case ENOMEM:
		return "not enough memory";
	case EIO:
		return "the disk or file system reports an error";
	case ESTALE:
		return "the file server no longer knows the file";
	default:
		return "the system reports an error while reading";
	}
}

static ssize_t read_memory(struct raw *raw, void *to, size_t n)
{
	if (n > raw->memory.len)
		n = raw->memory.len;
	if (raw->chunk != 0 && n > raw->chunk)
		n = raw->chunk;
	if (n == 0)
		return 0;
	memcpy(to, raw->memory.at, n);
	raw->memory.at += n;
	raw->memory.len -= n;
	return (ssize_t)n;
}

static ssize_t read_file(int fd, void *to, size_t n)
{
	for (;;) {
		ssize_t got = read(fd, to, n);
		if (got >= 0)
			return got;
		if (errno == EAGAIN || errno == EWOULDBLOCK) {
			/* Standard input may have been made non-blocking by whoever shares it. */
			struct pollfd ready = {.fd = fd, .events = POLLIN};
			(void)poll(&ready, 1, -1);
		} else if (errno != EINTR) {
			return -errno;
		}
	}
}

ssize_t raw_read(struct raw *raw, void *to, size_t n)
{
	assert(n > 0);
	size_t ahead = raw->head_n - raw->head_at;
	if (ahead > 0) {
		if (n > ahead)
			n = ahead;
		memcpy(to, raw->head + raw->head_at, n);
		raw->head_at += n;
		return (ssize_t)n;
	}
	ssize_t got = raw->fd < 0 ? read_memory(raw, to, n) : read_file(raw->fd, to, n);
	if (got > 0)
		raw->taken += (uint64_t)got;
	return got;
}

/* Fills the read-ahead; a file that is shorter leaves it shorter. */
static int read_head(struct raw *raw)
{
	uint8_t head[RAW_HEAD];
	size_t n = 0;
	while (n < sizeof(head)) {
		ssize_t got = raw_read(raw, head + n, sizeof(head) - n);
		if (got < 0)
			return (int)got;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	memcpy(raw->head, head, n);
	raw->head_at = 0;
	raw->head_n = n;
	return 0;
}

static int choose_codec(struct source *s)
{
	int err = read_head(&s->raw);
	if (err != 0)
		return err;
	struct bytes head = {.at = s->raw.head, .len = s->raw.head_n};
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
		if (!codecs[i]->is_mine(head))
			continue;
		err = codecs[i]->open(&s->state, &s->why);
		if (err == 0)
			s->codec = codecs[i];
		return err;
	}
	return 0;
}

/* Takes over `s`, which is complete but for its codec. */
static int finish_open(struct source *s, int err, struct source **out, const char **why)
{
	if (err == 0)
		err = choose_codec(s);
	if (err != 0) {
		*why = s->why != NULL ? s->why : reason(err);
		source_close(s);
		return err;
	}
	*out = s;
	return 0;
}

static int open_file(struct source *s, const char *path)
{
	s->owned = strcmp(path, "-") != 0;
	do {
		s->raw.fd = s->owned ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : STDIN_FILENO;
	} while (s->raw.fd < 0 && errno == EINTR);
	if (s->raw.fd < 0)
		return -errno;
	struct stat st;
	if (fstat(s->raw.fd, &st) != 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	s->regular = S_ISREG(st.st_mode);
	s->identity = (struct source_identity){.device = st.st_dev, .inode = st.st_ino};
	if (s->regular)
		s->identity.size = (uint64_t)st.st_size;
	if (s->regular)
		(void)posix_fadvise(s->raw.fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

int source_open(const char *path, struct source **out, const char **why)
{
	struct source *s = calloc(1, sizeof(*s));
	if (s == NULL) {
		*why = reason(-ENOMEM);
		return -ENOMEM;
	}
	return finish_open(s, open_file(s, path), out, why);
}

int source_open_bytes(struct bytes whole, size_t chunk, struct source **out, const char **why)
{
	struct source *s = calloc(1, sizeof(*s));
	if (s == NULL) {
		*why = reason(-ENOMEM);
		return -ENOMEM;
	}
	s->raw = (struct raw){.fd = -1, .memory = whole, .chunk = chunk};
	s->regular = true;
	return finish_open(s, 0, out, why);
}

void source_close(struct source *s)
{
	if (s == NULL)
		return;
	if (s->codec != NULL)
		s->codec->close(s->state);
	if (s->owned && s->raw.fd >= 0)
		close(s->raw.fd);
	free(s);
}

ssize_t source_read(struct source *s, uint8_t *to, size_t n)
{
	s->why = NULL;
	ssize_t got = s->codec == NULL ? raw_read(&s->raw, to, n)
				       : s->codec->read(s->state, &s->raw, to, n, &s->why);
	if (got < 0 && s->why == NULL)
		s->why = reason((int)got);
	return got;
}

const char *source_why(const struct source *s)
{
	return s->why;
}

bool source_is_ready(const struct source *s)
{
	return s->regular;
}

bool source_is_rereadable(const struct source *s)
{
	return s->regular && s->owned;
}

uint64_t source_taken(const struct source *s)
{
	return s->raw.taken;
}

struct source_identity source_identity(const struct source *s)
{
	return s->identity;
}
