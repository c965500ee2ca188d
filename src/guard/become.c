/* SPDX-License-Identifier: MIT */
/*
 * Giving up what is not needed (capabilities(7)): root becomes the user and keeps CAP_NET_RAW and CAP_NET_ADMIN, and CAP_BPF
 * for XDP; no execve() brings more, and cordon-enforce is left these without NET_RAW. Who was started without root, as a service
 * manager does it, keeps what it has of them; without any, the guard answers EPERM. The user must not be root: what user 0
 * runs has all of the bounding set again.
 */
#include "guard/guard.h"

#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>

static uint64_t kept = 1 << CAP_NET_RAW | 1 << CAP_NET_ADMIN;

/* What may be passed on, by its beginning; the first two to packets as well, since settings are read by both. */
static const char *const variables[] = {
	"CORDON_", "JOURNAL_STREAM=", "NOTIFY_SOCKET=", "WATCHDOG_USEC=", "LANG=", "LC_", "TZ="};
enum { FOR_PACKETS = 2, FOR_SERVICE = sizeof variables / sizeof *variables, VARIABLES = 256 };

/* Keeps of the mask what this process has; over execve() too when inherited. */
static bool limit(uint64_t mask, bool inherited)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) != 0)
		return false;
	mask &= data[0].permitted | (uint64_t)data[1].permitted << 32;
	for (int i = 0; i < 2; i++) { /* what is not inheritable leaves the ambient set too */
		uint32_t half = (uint32_t)(mask >> 32 * i);
		data[i] = (struct __user_cap_data_struct){half, half, inherited ? half : 0};
	}
	if (syscall(SYS_capset, &header, data) != 0)
		return false;
	for (int cap = 0; inherited && cap < 64; cap++)
		if (mask >> cap & 1)
			prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
	return true;
}

static bool change_user(const struct passwd *user)
{
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (cap >= 64 || (kept >> cap & 1) == 0)
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 &&
	       initgroups(user->pw_name, user->pw_gid) == 0 &&
	       setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == 0 &&
	       setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == 0;
}

int guard_drop(const char *user, bool bpf)
{
	const char *wanted = user != NULL ? user : "cordon";
	const struct passwd *p = getpwnam(wanted); /* NOLINT(concurrency-mt-unsafe): one thread */
	bool root = geteuid() == 0;

	kept |= bpf ? UINT64_C(1) << CAP_BPF : 0;
	p = p == NULL && user == NULL ? getpwnam("nobody") : p; /* NOLINT(concurrency-mt-unsafe) */
	if (root && (p == NULL || p->pw_uid == 0)) {
		guard_say(3, "there is no user %s but root: set user in [service]", wanted);
		return GUARD_CONFIG;
	}
	if ((!root || change_user(p)) && limit(kept, false) &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		return 0;
	guard_say(3, "cannot give up privileges: %m");
	return GUARD_OS;
}

void guard_settle(enum guard_program which, const int *fds, int n)
{
	sigset_t none = {0};

	setsid();
	for (int i = 0; i < n; i++)
		if (dup2(fds[i], STDERR_FILENO + 1 + i) < 0)
			_exit(GUARD_OS);
	syscall(SYS_close_range, STDERR_FILENO + 1 + n, ~0U, 0);
	for (const int *end = (const int[]){SIGTERM, SIGINT, SIGHUP, 0}; *end != 0; end++)
		signal(*end, which == SERVICE ? SIG_DFL : SIG_IGN); /* it ends first */
	pthread_sigmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void guard_become(enum guard_program which, const char *folder, char **argv)
{
	static const char *const names[] = {"", "-packets", "-enforce", "-service", ""};
	size_t n = 0, most = which == SERVICE ? FOR_SERVICE : FOR_PACKETS;
	char *chosen[VARIABLES + 1], path[PATH_MAX];

	for (char **v = environ; *v != NULL && n < VARIABLES; v++)
		for (size_t i = 0; i < most; i++)
			if (strncmp(*v, variables[i], strlen(variables[i])) == 0)
				chosen[n++] = *v;
	chosen[n] = NULL;
	snprintf(path, sizeof path, "%s/cordon%s", folder, names[which]);
	argv[0] = path;
	uint64_t no_raw = kept & ~(UINT64_C(1) << CAP_NET_RAW);
	uint64_t left = which == COMMAND ? kept : which == ENFORCE ? no_raw : 0;

	if (limit(left, left != 0))
		execve(path, argv, which == COMMAND ? environ : chosen);
	guard_say(3, "%s: %m; all belong in one readable folder", path);
	_exit(GUARD_OS);
}
