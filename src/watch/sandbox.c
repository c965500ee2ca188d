/* SPDX-License-Identifier: MIT */
/*
 * seccomp(2) by libseccomp, landlock(7), setrlimit(2), prctl(2). Against a packet that takes over the parser that reads it:
 * what runs then may compute, and tell the service lies in the form of wire.h, and no more.
 *
 * Descriptors are compared by number, so nothing may give a number a second meaning: there is no dup, and those that may be
 * written to can't be closed (else one would close standard error, be handed a packet socket in its place, and send).
 *
 * Left open on purpose: a packet socket may be bound again, since an interface that is made anew has another index. So who
 * took the process over could listen at another interface of this host.
 */
#include "watch/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DESCRIPTORS = 128 /* at most, from then on */ };

static void add_why(char why[SANDBOX_WHY], const char *text)
{
	size_t len = strlen(why);

	(void)snprintf(why + len, SANDBOX_WHY - len, "%s%s", len > 0 ? "; " : "", text);
}

/* ---- Landlock -------------------------------------------------------------------------------------------------- */

/* The headers of the machine that builds may be older than the kernel that runs it. */
struct ruleset {
	uint64_t files;
	uint64_t net;	/* from version 4 */
	uint64_t scope; /* from version 6 */
};

enum { RULESET_VERSION = 1 /* flag: asks for the version */ };
enum { FILES_1 = 13, FILES_2 = 14, FILES_3 = 15, FILES_5 = 16 /* rights to files by version */ };
enum { NET_BIND_CONNECT = 3, SCOPE_SOCKETS_SIGNALS = 3 };

/* All that this version knows, with no rule that would allow any of it. */
static size_t all_rights(long version, struct ruleset *r)
{
	unsigned files = FILES_5;

	if (version < 5)
		files = version >= 3 ? FILES_3 : FILES_1 + (version == 2);
	*r = (struct ruleset){.files = (UINT64_C(1) << files) - 1};
	if (version >= 4)
		r->net = NET_BIND_CONNECT;
	if (version >= 6)
		r->scope = SCOPE_SOCKETS_SIGNALS;
	if (version >= 6)
		return sizeof *r;
	return version >= 4 ? offsetof(struct ruleset, scope) : offsetof(struct ruleset, net);
}

static bool begun; /* of this process; said once */

void sandbox_begin(char why[SANDBOX_WHY])
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, RULESET_VERSION);
	struct ruleset rights;
	size_t size;
	int fd;

	why[0] = '\0';
	if (begun)
		return;
	begun = true;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || version < 1) {
		add_why(why, "no Landlock in this kernel (Linux 5.13, lsm=landlock)");
		return;
	}
	size = all_rights(version, &rights);
	fd = (int)syscall(SYS_landlock_create_ruleset, &rights, size, 0);
	if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		add_why(why, "Landlock is there but cannot be used");
	if (fd >= 0)
		(void)close(fd);
}

/* ---- seccomp --------------------------------------------------------------------------------------------------- */

static const int plain_calls[] = {
	/* reading, and waiting for it */
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(recvmsg), SCMP_SYS(recvfrom),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(getsockopt),
	SCMP_SYS(getsockname),
	/* memory and threads that are there */
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex),
	SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(rseq),
	SCMP_SYS(set_robust_list), SCMP_SYS(gettid), SCMP_SYS(getpid), SCMP_SYS(sysinfo),
	/* time, chance, signals, end */
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(getrandom), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group)};

/* Nobody asks for these by mistake. */
static const int deadly_calls[] = {SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace),
				   SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev)};

static const int sending_calls[] = {SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(sendto),
				    SCMP_SYS(sendmsg)};

/* Rules being collected: the first that fails is remembered. A call that this machine has not needs no rule. */
struct rules {
	scmp_filter_ctx context;
	int err;
};

static void rule(struct rules *r, uint32_t action, int call, unsigned n,
		 const struct scmp_arg_cmp *when)
{
	int err = seccomp_rule_add_array(r->context, action, call, n, when);

	if (err != 0 && err != -EDOM && r->err == 0)
		r->err = err;
}

static struct scmp_arg_cmp is(unsigned argument, uint64_t value)
{
	return (struct scmp_arg_cmp){.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value};
}

static void allow(struct rules *r, int call)
{
	rule(r, SCMP_ACT_ALLOW, call, 0, NULL);
}

static void allow_fd(struct rules *r, int call, int fd)
{
	const struct scmp_arg_cmp this = is(0, (unsigned)fd);

	rule(r, SCMP_ACT_ALLOW, call, 1, &this);
}

static void allow_sending(struct rules *r, int fd)
{
	for (size_t i = 0; i < sizeof sending_calls / sizeof *sending_calls; i++)
		allow_fd(r, sending_calls[i], fd);
}

/* What capture/af_packet.c does when an interface was away. Nothing that sends takes this descriptor. */
static void allow_ring(struct rules *r, int fd)
{
	const struct scmp_arg_cmp member[] = {is(0, (unsigned)fd), is(1, SOL_PACKET),
					      is(2, PACKET_ADD_MEMBERSHIP)};
	const struct scmp_arg_cmp index[] = {is(0, (unsigned)fd), is(1, SIOCGIFINDEX)};
	const struct scmp_arg_cmp flags[] = {is(0, (unsigned)fd), is(1, SIOCGIFFLAGS)};

	allow_fd(r, SCMP_SYS(bind), fd);
	rule(r, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt), 3, member);
	rule(r, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 2, index);
	rule(r, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 2, flags);
}

static void allow_memory(struct rules *r)
{
	const struct scmp_arg_cmp not_exec = {
		.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};

	rule(r, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &not_exec);
	rule(r, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &not_exec);
}

static bool is_ring(int fd)
{
	int domain = 0;
	socklen_t len = sizeof domain;

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_PACKET;
}

static void allow_descriptors(struct rules *r, const int *may_send, size_t n)
{
	/* newfstatat: fstat() of newer C libraries. Both are what stdio asks. */
	const struct scmp_arg_cmp no_path = is(3, AT_EMPTY_PATH), get_flags = is(1, F_GETFL);
	struct scmp_arg_cmp behind = {.op = SCMP_CMP_GT, .datum_a = STDERR_FILENO};

	allow_sending(r, STDERR_FILENO);
	for (size_t i = 0; i < n; i++) {
		if (may_send[i] != STDERR_FILENO)
			allow_sending(r, may_send[i]);
		if ((unsigned)may_send[i] > behind.datum_a)
			behind.datum_a = (unsigned)may_send[i];
	}
	rule(r, SCMP_ACT_ALLOW, SCMP_SYS(close), 1, &behind);
	rule(r, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1, &no_path);
	rule(r, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, &get_flags);
	for (int fd = STDERR_FILENO + 1; fd < DESCRIPTORS; fd++) {
		if (is_ring(fd)) {
			allow_ring(r, fd);
		} else if (fcntl(fd, F_GET_SEALS) >= 0) { /* a file in memory */
			allow_fd(r, SCMP_SYS(pwrite64), fd);
			allow_fd(r, SCMP_SYS(ftruncate), fd);
		}
	}
}

static int filter_calls(const int *may_send, size_t n, char why[SANDBOX_WHY])
{
	struct rules r = {.context = seccomp_init(SCMP_ACT_ERRNO(EPERM))};

	if (r.context == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof plain_calls / sizeof *plain_calls; i++)
		allow(&r, plain_calls[i]);
	for (size_t i = 0; i < sizeof deadly_calls / sizeof *deadly_calls; i++)
		rule(&r, SCMP_ACT_KILL_PROCESS, deadly_calls[i], 0, NULL);
	allow_memory(&r);
	allow_descriptors(&r, may_send, n);
	if (r.err == 0)
		r.err = seccomp_attr_set(r.context, SCMP_FLTATR_CTL_TSYNC, 1);
	if (r.err == 0)
		r.err = seccomp_load(r.context);
	seccomp_release(r.context);
	if (r.err != 0 && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) {
		add_why(why, "no seccomp in this kernel (CONFIG_SECCOMP_FILTER)");
		r.err = 0;
	}
	return r.err;
}

/* ---- all of it ------------------------------------------------------------------------------------------------- */

int sandbox_enter(const int *may_send, size_t n, char why[SANDBOX_WHY])
{
	static const struct rlimit none = {0, 0}, few = {DESCRIPTORS, DESCRIPTORS};
	int err;

	sandbox_begin(why);
	if (setrlimit(RLIMIT_CORE, &none) != 0 || setrlimit(RLIMIT_NPROC, &none) != 0 ||
	    setrlimit(RLIMIT_NOFILE, &few) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
		err = -errno;
		add_why(why, "limits cannot be set");
		return err;
	}
	err = filter_calls(may_send, n, why);
	if (err != 0)
		add_why(why, "the filter of system calls cannot be set");
	return err;
}
