/* SPDX-License-Identifier: MIT */
/*
 * Reads small text files whole. A file may be no more than a regular one (a pipe would hang us), a folder's hidden files
 * are passed over (editors leave such), and what is too large or too many is refused, not cut: half a list of devices
 * would be believed to be the whole.
 */
#include "base/owner_data.h"

#include "base/exits.h"
#include "base/say.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(const char *path, int err)
{
	say("%s: %s", path, say_error(err));
	return exits_of_errno(err);
}

/* Up to size bytes, or fewer at the end of the file; -1 with errno. */
static ssize_t read_whole(int fd, char *to, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, to + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static int add_open_file(struct owner_data *d, const char *path, int fd)
{
	/* One byte more than allowed shows that there is more. */
	char *text = malloc(OWNER_FILE_BYTES_MAX + 1), *name = strdup(path), *fitting;
	ssize_t len = -1;
	int err = ENOMEM;

	if (text != NULL && name != NULL) {
		len = read_whole(fd, text, OWNER_FILE_BYTES_MAX + 1);
		err = errno;
	}
	if (len < 0 || len > OWNER_FILE_BYTES_MAX) {
		free(text);
		free(name);
		if (len < 0)
			return failed(path, err);
		say("%s: larger than 1 MB; such a file holds no more", path);
		return EXITS_DATA;
	}
	fitting = realloc(text, (size_t)len + 1);
	d->files[d->n++] = (struct knowledge_file){
		.name = name,
		.text = fitting != NULL ? fitting : text,
		.len = (size_t)len,
	};
	return EXITS_OK;
}

static int add_file(struct owner_data *d, const char *path)
{
	/* Not blocking: opening a pipe that nobody writes to would wait for ever. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int status;

	if (fd < 0)
		return failed(path, errno);
	if (fstat(fd, &st) != 0) {
		status = failed(path, errno);
	} else if (!S_ISREG(st.st_mode)) {
		say("%s: is no plain file", path);
		status = EXITS_NO_INPUT;
	} else if (d->n == OWNER_FILES_MAX) {
		say("%s: one file too many; 64 are read", path);
		status = EXITS_DATA;
	} else {
		status = add_open_file(d, path, fd);
	}
	(void)close(fd);
	return status;
}

static int is_visible_tsv(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 4 && strcmp(entry->d_name + len - 4, ".tsv") == 0;
}

/* Not alphasort(): the order must not depend on the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_folder(struct owner_data *d, const char *folder, bool may_lack)
{
	struct dirent **entries = NULL;
	int n = scandir(folder, &entries, is_visible_tsv, by_name), status = EXITS_OK;

	if (n < 0)
		return may_lack && errno == ENOENT ? EXITS_OK : failed(folder, errno);
	for (int i = 0; i < n; i++) {
		size_t room = strlen(folder) + strlen(entries[i]->d_name) + 2;
		const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
		char *path = malloc(room);

		if (path == NULL) {
			status = failed(folder, ENOMEM);
		} else if (status == EXITS_OK) {
			(void)snprintf(path, room, "%s%s%s", folder, slash, entries[i]->d_name);
			status = add_file(d, path);
		}
		free(path);
		free(entries[i]);
	}
	free(entries);
	return status;
}

int owner_data_read(struct owner_data *d)
{
	/* Read once, before any thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	const char *named = getenv("CORDON_DATA_DIR");

	if (named == NULL)
		return add_folder(d, OWNER_FOLDER, true);
	return named[0] == '\0' ? EXITS_OK : add_folder(d, named, false);
}

int owner_data_add(struct owner_data *d, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return failed(path, errno);
	return S_ISDIR(st.st_mode) ? add_folder(d, path, false) : add_file(d, path);
}

void owner_data_fini(struct owner_data *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free((void *)(uintptr_t)d->files[i].name);
		free((void *)(uintptr_t)d->files[i].text);
	}
	d->n = 0;
}
