/* SPDX-License-Identifier: MIT */
/*
 * The first process of `cordon watch`. It gives up what it does not need, makes the pairs that its children talk by, starts
 * them, and starts each again that ends (message.h says when not). It keeps both ends of each pair, so what was sent to a
 * child that ended is there for the next; it never looks at a message. Signals are waited for, not handled.
 */
#include "guard/guard.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { LIFTED = 8 /* above the fixed numbers of children */, ROOM = 4 << 20, LINES = 30 };
static const int signals[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGPIPE};

struct child {
	const char *name;
	int fds[2];
	pid_t pid; /* 0: not running */
	bool done; /* not to be started */
	int64_t since_ms, due_ms, pause_ms;
};

struct first {
	const char *user, *programs;
	char **arguments; /* of watch; the two before the first are ours to write */
	bool bpf;	  /* cordon-enforce wants CAP_BPF */
	char **enforce; /* of cordon-enforce, up to those; the one before is ours; NULL: it is not wanted */
	struct guard_interfaces names;
	struct child children[CHILDREN];
	bool ending, again;
	sigset_t heard;
	int64_t limit_ms; /* of patience with the service, when ending */
	int status;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void guard_say(int level, const char *format, ...)
{
	static int64_t minute;
	static int said;
	char text[320], line[400];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	said = now_ms() / 60000 == minute ? said + 1 : 1;
	minute = now_ms() / 60000;
	int n = snprintf(line, sizeof line, "<%d>cordon-guard: %s%s\n", level, text,
			 said == LINES ? " (no more lines this minute)" : "");
	int skip = getenv("JOURNAL_STREAM") == NULL ? 3 : 0; /* NOLINT(concurrency-mt-unsafe) */
	if (said <= LINES && write(STDERR_FILENO, line + skip, (size_t)(n - skip)) < 0)
		return; /* nobody listens */
}

static bool read_command(struct first *f, int argc, char **argv)
{
	int i = 1;

	for (; i + 1 < argc && strcmp(argv[i], "--") != 0; i += 2)
		if (f->enforce != NULL)
			continue; /* not ours to understand */
		else if (strcmp(argv[i], "--user") == 0)
			f->user = argv[i + 1];
		else if (strcmp(argv[i], "--programs") == 0)
			f->programs = argv[i + 1];
		else if (strcmp(argv[i], "--enforce") == 0)
			f->enforce = argv + i + 2;
		else if (strcmp(argv[i], "--method") == 0)
			f->names.xdp = strcmp(argv[i + 1], "af_xdp") == 0;
		else if (strcmp(argv[i], "--bpf") == 0)
			f->bpf = true;
		else if (strcmp(argv[i], "-i") != 0 || !guard_interface(&f->names, argv[i + 1]))
			return false;
	f->arguments = argv + i + 1;
	return i < argc && strcmp(argv[i], "--") == 0 && f->programs != NULL && *f->programs == '/';
}

static int prepare(struct first *f)
{
	struct child *c = f->children;
	int fd = 0, room = ROOM, asked[2], told[2], held[2];

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(&f->heard, signals[i]);
	pthread_sigmask(SIG_BLOCK, &f->heard, NULL);
	/* No pair may lie where text goes, or where children are given theirs. */
	if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0) == 0)
		while (fd >= 0 && fd < LIFTED)
			fd = open("/dev/null", O_RDWR);
	if (fd < LIFTED || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, asked) != 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, told) != 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, held) != 0) {
		guard_say(3, "cannot make socket pairs: %m");
		return GUARD_OS;
	}
	for (int i = 0; i < 2; i++) { /* without the capability it stays as it is */
		setsockopt(told[i], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
		setsockopt(held[i], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
	}
	c[GUARD] = (struct child){.name = "guard", .fds = {asked[0]}};
	c[PACKETS] = (struct child){.name = "packets", .fds = {asked[1], told[0]}};
	c[ENFORCE] =
		(struct child){.name = "enforce", .fds = {held[0]}, .done = f->enforce == NULL};
	c[SERVICE] = (struct child){.name = "service", .fds = {told[1], held[1]}};
	return 0;
}

static pid_t fork_child(struct first *f, enum guard_program which)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(GUARD_OS);
	bool two = which == PACKETS || (which == SERVICE && f->enforce != NULL);
	guard_settle(which, f->children[which].fds, two ? 2 : 1);
	if (which == GUARD)
		guard_serve(&f->names);
	if (which == ENFORCE) /* up to the mark before those of watch */
		f->arguments[-1] = NULL;
	guard_become(which, f->programs, (which == ENFORCE ? f->enforce : f->arguments) - 1);
}

/* The service is told to end and waited for; the second time, or without a service, all end at once. */
static void end(struct first *f, int status)
{
	bool at_once = f->ending || f->children[SERVICE].pid == 0;

	for (int i = at_once ? 0 : SERVICE; i < CHILDREN; i++)
		if (f->children[i].pid > 0)
			kill(f->children[i].pid, at_once ? SIGKILL : SIGTERM);
	f->limit_ms = f->ending ? INT64_MAX : now_ms() + GUARD_END_MS;
	f->status = f->ending ? f->status : status;
	f->ending = true;
}

static void ended(struct first *f, int which, int how)
{
	struct child *c = &f->children[which];
	int status = WIFEXITED(how) ? WEXITSTATUS(how) : -1;
	bool steady = now_ms() - c->since_ms >= GUARD_STEADY_MS, first = c->pause_ms == 0;
	bool hopeless = first && !steady && status >= GUARD_USAGE && status <= GUARD_CONFIG;

	c->pid = 0;
	if (f->ending || (which == PACKETS && status == GUARD_EXIT_DONE)) {
		c->done = true;
	} else if (which == SERVICE && (status == GUARD_EXIT_DONE || status == GUARD_EXIT_RELOAD)) {
		f->again = status == GUARD_EXIT_RELOAD;
		end(f, 0);
	} else if ((which == PACKETS || which == SERVICE) && hopeless) {
		end(f, status);
	} else {
		c->pause_ms = steady || first ? GUARD_PAUSE_MS : c->pause_ms * 2;
		if (c->pause_ms > GUARD_PAUSE_MOST_MS)
			c->pause_ms = GUARD_PAUSE_MOST_MS;
		c->due_ms = now_ms() + c->pause_ms;
		f->children[PACKETS].done &= which != SERVICE;
		/* It begins anew too, and says so: the next service can't know how far this one came. */
		if (which == SERVICE && f->children[ENFORCE].pid > 0)
			kill(f->children[ENFORCE].pid, SIGKILL);
		guard_say(4, "%s ended by %s %d and is started again in %d ms", c->name,
			  status < 0 ? "signal" : "status", status < 0 ? WTERMSIG(how) : status,
			  (int)c->pause_ms);
	}
	if (f->ending && f->children[SERVICE].pid == 0)
		end(f, 0);
}

static void start_due(struct first *f)
{
	for (int i = 0; i < CHILDREN && !f->ending; i++) {
		struct child *c = &f->children[i];

		if (c->pid > 0 || c->done || c->due_ms > now_ms())
			continue;
		/* What the one before was answered, or told to do, is nothing to its successor. */
		for (int n = 0; (i == PACKETS || i == ENFORCE) && n < 20000; n++)
			if (recv(c->fds[0], NULL, 0, MSG_DONTWAIT) < 0)
				break;
		c->since_ms = now_ms();
		c->pid = fork_child(f, (enum guard_program)i);
		if (c->pid < 0)
			ended(f, i, GUARD_OS << 8);
	}
}

/* Waits until a child ended, a signal came, or something is due. */
static void wait_next(struct first *f)
{
	struct child *service = &f->children[SERVICE];
	int64_t now = now_ms(), until = f->ending ? f->limit_ms : now + 3600000;
	int signal;

	for (struct child *c = f->children; c < f->children + CHILDREN && !f->ending; c++)
		if (c->pid == 0 && !c->done && c->due_ms < until)
			until = c->due_ms;
	until = until < now ? 0 : until - now;
	signal = sigtimedwait(&f->heard, NULL,
			      &(struct timespec){until / 1000, until % 1000 * 1000000});
	f->again = f->again && signal != SIGTERM && signal != SIGINT;
	if (signal == SIGTERM || signal == SIGINT)
		end(f, 0);
	else if (signal == SIGHUP && service->pid > 0)
		kill(service->pid, SIGHUP);
	if (f->ending && now_ms() >= f->limit_ms) {
		guard_say(3, "the service did not end in time and is killed");
		f->status = f->status == 0 ? GUARD_SOFTWARE : f->status;
		end(f, 0);
	}
}

int main(int argc, char **argv)
{
	static struct first f;
	char watch[] = "watch";
	int status, how, pid;

	if (!read_command(&f, argc, argv)) {
		guard_say(3, "this program is started by `cordon watch`, not by hand");
		return GUARD_USAGE;
	}
	status = guard_drop(f.user, f.names.xdp || f.bpf);
	status = status == 0 ? prepare(&f) : status;
	if (status != 0)
		return status;
	do {
		start_due(&f);
		wait_next(&f);
		while ((pid = waitpid(-1, &how, WNOHANG)) > 0)
			for (int i = 0; i < CHILDREN; i++)
				if (f.children[i].pid == pid)
					ended(&f, i, how);
	} while (pid == 0 || !f.ending);
	if (!f.again)
		return f.status;
	/* Signals that come meanwhile stay blocked and wait for the next first process. */
	f.arguments[-1] = watch;
	guard_become(COMMAND, f.programs, f.arguments - 2);
}
