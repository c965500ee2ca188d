/* SPDX-License-Identifier: MIT */
/*
 * Each file is read twice: to check it and learn where it belongs, and to join it when its turn has come; so that only one is
 * in memory at a time. The turn comes from what is in the files, their first packet's time and their checksum, and not from
 * the order or the names in which they were given: the result is the same for any.
 */
#include "parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct part {
	const char *path;
	struct summary_head head;
};

/* All of a file; the caller frees out->at. 0 or an errno value. */
static int read_file(const char *path, uint8_t **at, size_t *len)
{
	FILE *file = fopen(path, "rb");
	size_t room = 0, n = 1;
	struct stat st;
	int err = 0;

	*at = NULL;
	*len = 0;
	if (file == NULL)
		return errno;
	if (fstat(fileno(file), &st) == 0 && S_ISDIR(st.st_mode))
		err = EISDIR;
	while (err == 0 && n > 0) {
		if (*len == room) {
			uint8_t *grown;

			room = room == 0 ? 1 << 16 : 2 * room;
			grown = room > PART_MOST ? NULL : realloc(*at, room);
			if (grown == NULL) {
				err = room > PART_MOST ? EFBIG : ENOMEM;
				break;
			}
			*at = grown;
		}
		n = fread(*at + *len, 1, room - *len, file);
		*len += n;
	}
	if (err == 0 && ferror(file) != 0)
		err = EIO;
	(void)fclose(file);
	return err;
}

static void refuse(struct parts *p, const char *path, int err, const char *why)
{
	p->errors[p->errors_n++] = (struct pipeline_error){
		.path = path, .err = err, .why = why == NULL ? "" : arena_string(p->arena, why)};
}

/* True when it may be joined. */
static bool check(struct parts *p, const char *path, struct summary_head *head)
{
	char why[SUMMARY_ERROR];
	uint8_t *at;
	size_t len;
	int err = read_file(path, &at, &len);
	bool fine = false;

	if (err != 0) {
		refuse(p, path, err, NULL);
	} else {
		fine = summary_check((struct bytes){at, len}, p->stamp, p->catalogue, head, why);
		if (!fine)
			refuse(p, path, EBADMSG, why);
	}
	free(at);
	return fine;
}

static int by_content(const void *x, const void *y)
{
	const struct summary_head *a = &((const struct part *)x)->head;
	const struct summary_head *b = &((const struct part *)y)->head;

	if (a->any != b->any)
		return a->any ? -1 : 1;
	if (a->any && a->first_ns != b->first_ns)
		return a->first_ns < b->first_ns ? -1 : 1;
	return memcmp(a->digest, b->digest, sizeof a->digest);
}

static bool keep_texts(struct parts *p, struct summary_input *in)
{
	char *path = arena_take(p->arena, in->path.len + 1);
	char *reason = arena_take(p->arena, in->damage_reason.len + 1);

	if (path == NULL || reason == NULL)
		return false;
	if (in->path.len > 0)
		memcpy(path, in->path.at, in->path.len);
	if (in->damage_reason.len > 0)
		memcpy(reason, in->damage_reason.at, in->damage_reason.len);
	in->path.at = (const uint8_t *)path;
	in->damage_reason.at = (const uint8_t *)reason;
	return true;
}

/* 0 or -ENOMEM. */
static int join(struct parts *p, const struct part *part, struct summary_tables *to)
{
	struct summary_head head = {.any = false};
	uint32_t from = to->inputs_n;
	char why[SUMMARY_ERROR];
	bool fine = true;
	uint8_t *at;
	size_t len;

	if (read_file(part->path, &at, &len) != 0 ||
	    !summary_check((struct bytes){at, len}, p->stamp, p->catalogue, &head, why) ||
	    memcmp(head.digest, part->head.digest, sizeof head.digest) != 0)
		refuse(p, part->path, EBADMSG, "was changed while it was being read");
	else if (part->head.inputs_n > SUMMARY_INPUTS - from)
		refuse(p, part->path, EBADMSG, "has more captures than can be told apart");
	else
		fine = summary_join((struct bytes){at, len}, p->catalogue, to);
	for (uint32_t i = from; i < to->inputs_n && fine; i++)
		fine = keep_texts(p, &to->inputs[i]);
	free(at);
	return fine ? 0 : -ENOMEM;
}

int parts_join(struct parts *p, struct summary_tables *to)
{
	struct part *list = calloc(p->paths_n + 1, sizeof *list);
	size_t n = 0;
	int err = list == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < p->paths_n && err == 0; i++) {
		list[n].path = p->paths[i];
		n += check(p, list[n].path, &list[n].head);
	}
	if (n > 0)
		qsort(list, n, sizeof *list, by_content);
	for (size_t i = 0; i < n && err == 0; i++) {
		if (i > 0 && by_content(&list[i - 1], &list[i]) == 0)
			refuse(p, list[i].path, 0, "says the same as another one: it counts once");
		else
			err = join(p, &list[i], to);
	}
	free(list);
	return err;
}
