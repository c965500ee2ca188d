/* SPDX-License-Identifier: MIT */
/*
 * See watch_checks.h. Whether the user may write is asked of the kernel with the user's own ids (faccessat(2), AT_EACCESS):
 * root, who asks, may write everywhere, and modes alone don't tell of access lists and read-only mounts.
 */
#include "cli/watch_checks.h"

#include "base/exits.h"
#include "capture/live.h"
#include "cli/say.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_MODE = 0750, SOCKET_FOLDER_MODE = 0755, SNAPLEN = 65535 };

/* ---- filter ---------------------------------------------------------------------------------------------------- */

int watch_check_filter(const struct settings *s, const char *verb)
{
	char why[LIVE_FILTER_WHY];
	void *code = NULL;
	unsigned n;
	int err;

	if (s->filter == NULL)
		return EXITS_OK;
	err = live_filter(s->filter, SNAPLEN, &code, &n, why);
	free(code);
	if (err == 0)
		return EXITS_OK;
	if (err == -ENOTSUP)
		say("%s: this build can't filter (libpcap was missing); leave the filter out",
		    verb);
	else
		say("%s: filter '%s': %s", verb, s->filter, err == -EINVAL ? why : say_error(-err));
	return EXITS_CONFIG;
}

/* ---- places ---------------------------------------------------------------------------------------------------- */

static const char usual_user[] = "cordon";
static const char fallback_user[] = "nobody";

/* Whom the processes are when they write. */
struct writer {
	const char *name;
	uid_t uid;
	gid_t gid;
	bool is_root; /* we are, and shall not stay it */
};

static int find_writer(const struct settings *s, struct writer *w, const char **user)
{
	const struct passwd *p;

	*user = NULL;
	*w = (struct writer){.uid = geteuid(), .gid = getegid(), .is_root = geteuid() == 0};
	if (!w->is_root)
		return EXITS_OK;
	/* One thread so far. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	p = getpwnam(s->user);
	w->name = s->user;
	if (p == NULL && strcmp(s->user, usual_user) == 0) {
		if (!s->quiet)
			say("watch: there is no user %s here; the processes become %s", usual_user,
			    fallback_user);
		w->name = fallback_user;
		/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
		p = getpwnam(fallback_user);
	}
	if (p == NULL) {
		say("watch: there is no user %s; make one, or name another with --user", w->name);
		return EXITS_CONFIG;
	}
	if (p->pw_uid == 0) {
		say("watch: the processes must not be %s; name an ordinary user with --user",
		    w->name);
		return EXITS_CONFIG;
	}
	w->uid = p->pw_uid;
	w->gid = p->pw_gid;
	*user = w->name;
	return EXITS_OK;
}

/* May the writer do that there? 0 or an errno value. */
static int may(const struct writer *w, const char *path, int mode)
{
	int err;

	if (!w->is_root)
		return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0 ? 0 : errno;
	if (setegid(w->gid) != 0 || seteuid(w->uid) != 0)
		return errno;
	err = faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0 ? 0 : errno;
	if (seteuid(0) != 0 || setegid(0) != 0)
		return errno;
	return err;
}

static int status_of(int err)
{
	return err == EACCES || err == EPERM ? EXITS_NO_PERMISSION : EXITS_CANNOT_CREATE;
}

/* "store: /var/lib/cordon: no permission; ..." */
static int refused(const struct writer *w, const char *what, const char *path, int err)
{
	if (w->is_root && status_of(err) == EXITS_NO_PERMISSION)
		say("watch: %s: %s: the user %s may not write there; give it to %s, or name another place with --%s",
		    what, path, w->name, w->name, what);
	else
		say("watch: %s: %s: %s; name another place with --%s", what, path,
		    err == ENOENT ? "the folder above it is missing" : say_error(err), what);
	return status_of(err);
}

static int prepare_folder(const struct writer *w, const char *what, const char *folder, mode_t mode)
{
	int err;

	if (mkdir(folder, mode) == 0) {
		if (w->is_root && chown(folder, w->uid, w->gid) != 0)
			return refused(w, what, folder, errno);
	} else if (errno != EEXIST) {
		return refused(w, what, folder, errno);
	}
	err = may(w, folder, W_OK | X_OK);
	return err == 0 ? EXITS_OK : refused(w, what, folder, err);
}

/* The folder that the file lies in; one that exists is asked itself. */
static int prepare_file(const struct writer *w, const char *what, const char *path, mode_t mode)
{
	const char *slash = strrchr(path, '/');
	struct text folder = {0};
	struct stat st;
	int status;

	if (stat(path, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		int err = S_ISDIR(st.st_mode) ? EISDIR : may(w, path, W_OK);

		return err == 0 ? EXITS_OK : refused(w, what, path, err);
	}
	if (slash == NULL)
		text_puts(&folder, ".");
	else
		text_add(&folder, path, slash > path ? (size_t)(slash - path) : 1);
	status = prepare_folder(w, what, text_string(&folder), mode);
	text_fini(&folder);
	return status;
}

/* What root may read and the user may not would end every process at its start. */
static int check_readable(const struct settings *s, const struct writer *w)
{
	for (size_t i = 0; i < s->configs_n; i++) {
		if (may(w, s->configs[i], R_OK) == 0)
			continue;
		say("watch: %s: the user %s may not read it; try: chmod 644 %s", s->configs[i],
		    w->name, s->configs[i]);
		return EXITS_NO_PERMISSION;
	}
	for (size_t i = 0; i < s->files_n; i++) {
		if (strcmp(s->files[i], "-") == 0 || may(w, s->files[i], R_OK) == 0)
			continue;
		if (w->is_root)
			say("watch: %s: the user %s may not read it", s->files[i], w->name);
		else
			say("watch: %s: %s", s->files[i], say_error(EACCES));
		return EXITS_NO_PERMISSION;
	}
	return EXITS_OK;
}

int watch_check_places(const struct settings *s, const char **user)
{
	static const char unix_prefix[] = "unix:";
	struct writer w;
	int status = find_writer(s, &w, user);

	if (status == EXITS_OK)
		status = check_readable(s, &w);
	if (status == EXITS_OK)
		status = prepare_folder(&w, "store", s->directory, FOLDER_MODE);
	if (status == EXITS_OK && s->events_file != NULL)
		status = prepare_file(&w, "events", s->events_file, FOLDER_MODE);
	if (status == EXITS_OK && s->control != NULL)
		status = prepare_file(&w, "control", s->control, SOCKET_FOLDER_MODE);
	if (status == EXITS_OK && s->metrics != NULL &&
	    strncmp(s->metrics, unix_prefix, sizeof unix_prefix - 1) == 0)
		status = prepare_file(&w, "metrics", s->metrics + sizeof unix_prefix - 1,
				      SOCKET_FOLDER_MODE);
	return status;
}
