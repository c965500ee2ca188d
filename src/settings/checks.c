/* SPDX-License-Identifier: MIT */
/*
 * See checks.h. Whether the user may write is asked of the kernel with the user's own ids (faccessat(2), AT_EACCESS): root,
 * who asks, may write everywhere, and modes alone don't tell of access lists and read-only mounts.
 */
#include "settings/checks.h"

#include "base/exits.h"
#include "capture/live.h"
#include "settings/settings_table.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FOLDER_MODE = 0750,
	SOCKET_FOLDER_MODE = 0755,
	SNAPLEN = 65535,
	LINE_MOST = 8192 /* a path may be 4096 bytes */
};

static const char usual_user[] = "cordon";
static const char fallback_user[] = "nobody";

/* Adds the line and gives back the status. */
__attribute__((format(printf, 3, 4))) static int wrong(struct text *said, int status,
						       const char *format, ...)
{
	char line[LINE_MOST];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof line, format, args);
	va_end(args);
	text_puts(said, line);
	text_puts(said, "\n");
	return status;
}

/* ---- what is watched ------------------------------------------------------------------------------------------- */

/* "br-lan, eth0": the interfaces there are, for whoever did not name one. */
static void list_interfaces(struct text *to)
{
	struct if_nameindex *all = if_nameindex();

	for (size_t i = 0; all != NULL && all[i].if_index != 0; i++)
		if (strcmp(all[i].if_name, "lo") != 0)
			text_printf(to, "%s%s", to->len > 0 ? ", " : "", all[i].if_name);
	if (all != NULL)
		if_freenameindex(all);
	if (to->len == 0)
		text_puts(to, "none but lo");
}

static int check_interfaces(const struct settings *s, struct text *said)
{
	struct text there = {0};
	int status = EXITS_OK;

	list_interfaces(&there);
	if (s->interfaces_n == 0 && s->files_n == 0)
		status = wrong(said, EXITS_USAGE,
			       "no interface named; try: cordon watch -i IF (interfaces here: %s)",
			       text_string(&there));
	for (size_t i = 0; i < s->interfaces_n && status == EXITS_OK; i++)
		if (if_nametoindex(s->interfaces[i]) == 0)
			status = wrong(said, EXITS_NO_INPUT,
				       "there is no interface %s (interfaces here: %s)",
				       s->interfaces[i], text_string(&there));
	text_fini(&there);
	return status;
}

static int check_captures(const struct settings *s, struct text *said)
{
	for (size_t i = 0; i < s->files_n; i++) {
		const char *path = s->files[i];
		struct stat st;

		if (strcmp(path, "-") == 0)
			continue;
		if (stat(path, &st) != 0)
			return wrong(said, exits_of_errno(errno), "%s: %s", path,
				     settings_words_of(errno));
		if (S_ISDIR(st.st_mode))
			return wrong(said, EXITS_NO_INPUT,
				     "%s: is a directory; name the captures in it, each with -r",
				     path);
	}
	return EXITS_OK;
}

int checks_filter(const struct settings *s, struct text *said)
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
		return wrong(said, EXITS_CONFIG,
			     "this build can't filter (libpcap was missing); leave the filter out");
	return wrong(said, EXITS_CONFIG, "filter '%s': %s", s->filter,
		     err == -EINVAL ? why : settings_words_of(-err));
}

int checks_xdp(const struct settings *s, struct text *said)
{
	if (!s->contain_xdp || s->method != METHOD_AF_XDP || s->filter != NULL)
		return EXITS_OK;
	return wrong(
		said, EXITS_CONFIG,
		"xdp = yes in [contain] and method = af_xdp in [capture] exclude each other, for an "
		"interface has one XDP program: choose method = af_packet, or xdp = no");
}

void checks_method(const struct settings *s, struct text *said)
{
	if (s->method == METHOD_AF_XDP && s->filter != NULL)
		(void)wrong(said, EXITS_OK,
			    "a filter needs af_packet, which is used in place of af_xdp");
}

/* ---- who writes ------------------------------------------------------------------------------------------------ */

struct writer {
	const char *name;
	uid_t uid;
	gid_t gid;
	bool is_root; /* we are, and shall not stay it */
};

static int find_writer(const struct settings *s, struct writer *w, struct text *said)
{
	const struct passwd *p;

	*w = (struct writer){.uid = geteuid(), .gid = getegid(), .is_root = geteuid() == 0};
	if (!w->is_root)
		return EXITS_OK;
	/* Root is at work before there are threads. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	p = getpwnam(s->user);
	w->name = s->user;
	if (p == NULL && strcmp(s->user, usual_user) == 0) {
		/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
		p = getpwnam(fallback_user);
		w->name = fallback_user;
		(void)wrong(said, EXITS_OK, "there is no user %s here; the processes become %s",
			    usual_user, fallback_user);
	}
	if (p == NULL)
		return wrong(said, EXITS_CONFIG,
			     "there is no user %s; make one, or name another with --user", w->name);
	if (p->pw_uid == 0)
		return wrong(said, EXITS_CONFIG,
			     "the processes must not be %s; name an ordinary user with --user",
			     w->name);
	w->uid = p->pw_uid;
	w->gid = p->pw_gid;
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

/* ---- where ----------------------------------------------------------------------------------------------------- */

/* What is looked at, and for whom. */
struct places {
	struct writer writer;
	struct text *said;
	const char *option; /* that names the place */
	mode_t mode;	    /* of a folder that is made */
};

static int refused(const struct places *p, const char *path, int err)
{
	const struct writer *w = &p->writer;
	bool denied = err == EACCES || err == EPERM;

	if (denied && w->is_root)
		return wrong(p->said, EXITS_NO_PERMISSION,
			     "%s: %s: the user %s may not write there; give it to %s, or name "
			     "another place with --%s",
			     p->option, path, w->name, w->name, p->option);
	return wrong(p->said, denied ? EXITS_NO_PERMISSION : EXITS_CANNOT_CREATE,
		     "%s: %s: %s; name another place with --%s", p->option, path,
		     err == ENOENT ? "the folder above it is missing" : settings_words_of(err),
		     p->option);
}

static int prepare_folder(const struct places *p, const char *folder)
{
	const struct writer *w = &p->writer;
	int err;

	if (mkdir(folder, p->mode) == 0) {
		if (w->is_root && chown(folder, w->uid, w->gid) != 0)
			return refused(p, folder, errno);
	} else if (errno != EEXIST) {
		return refused(p, folder, errno);
	}
	err = may(w, folder, W_OK | X_OK);
	return err == 0 ? EXITS_OK : refused(p, folder, err);
}

/* The folder that the file lies in; a file that is there is asked itself. */
static int prepare_file(const struct places *p, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct text folder = {0};
	struct stat st;
	int status;

	if (stat(path, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		int err = S_ISDIR(st.st_mode) ? EISDIR : may(&p->writer, path, W_OK);

		if (err != 0)
			return refused(p, path, err);
	}
	if (slash == NULL)
		text_puts(&folder, ".");
	else
		text_add(&folder, path, slash > path ? (size_t)(slash - path) : 1);
	status = prepare_folder(p, text_string(&folder));
	text_fini(&folder);
	return status;
}

/* What root may read and the user may not would end every process at its start. */
static int check_readable(const struct settings *s, const struct places *p)
{
	const struct writer *w = &p->writer;

	for (size_t i = 0; i < s->configs_n; i++)
		if (may(w, s->configs[i], R_OK) != 0)
			return wrong(p->said, EXITS_NO_PERMISSION,
				     "%s: the user %s may not read it; try: chmod 644 %s",
				     s->configs[i], w->is_root ? w->name : "here", s->configs[i]);
	for (size_t i = 0; i < s->files_n; i++)
		if (strcmp(s->files[i], "-") != 0 && may(w, s->files[i], R_OK) != 0)
			return wrong(p->said, EXITS_NO_PERMISSION,
				     "%s: the user %s may not read it", s->files[i],
				     w->is_root ? w->name : "here");
	return EXITS_OK;
}

static int check_places(const struct settings *s, struct places *p)
{
	static const char unix_prefix[] = "unix:";
	int status = check_readable(s, p);

	p->option = "store";
	p->mode = FOLDER_MODE;
	if (status == EXITS_OK)
		status = prepare_folder(p, s->directory);
	p->option = "events";
	if (status == EXITS_OK && s->events_file != NULL)
		status = prepare_file(p, s->events_file);
	p->option = "control";
	p->mode = SOCKET_FOLDER_MODE;
	if (status == EXITS_OK && s->control != NULL)
		status = prepare_file(p, s->control);
	p->option = "metrics";
	if (status == EXITS_OK && s->metrics != NULL &&
	    strncmp(s->metrics, unix_prefix, sizeof unix_prefix - 1) == 0)
		status = prepare_file(p, s->metrics + sizeof unix_prefix - 1);
	return status;
}

int checks_all(const struct settings *s, const char **user, struct text *said)
{
	struct text notes = {0};
	struct places p = {.said = said};
	int status = check_interfaces(s, said);

	*user = NULL;
	if (status == EXITS_OK)
		status = check_captures(s, said);
	if (status == EXITS_OK)
		status = checks_filter(s, said);
	if (status == EXITS_OK)
		status = checks_xdp(s, said);
	if (status == EXITS_OK)
		status = find_writer(s, &p.writer, &notes);
	if (status == EXITS_OK)
		status = check_places(s, &p);
	if (status == EXITS_OK)
		*user = p.writer.name;
	checks_method(s, &notes);
	text_puts(said, text_string(&notes));
	text_fini(&notes);
	return status;
}
