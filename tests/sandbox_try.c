/* SPDX-License-Identifier: MIT */
/*
 * Tries from inside the packets process's sandbox what a stranger would who took it over, and what its own work needs.
 * Each in a process of its own, since some end it; a line for each, a count at the end. Not for sanitizers: what they ask
 * of the kernel is not on the list.
 *
 * Usage: sandbox_try
 */
#include "watch/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the process holds when it is shut. */
struct held {
	int allowed; /* one end of a pair, to which it may send; `other` is the other end */
	int other;
	int forbidden; /* one end of a pair, to which it may not */
	int memory;    /* a memfd */
	int file;      /* a file, for reading */
	int tcp;       /* a socket that belongs to nobody yet */
	int udp;
	int ring; /* a packet socket, or -1 without root */
};

static struct held h;
static char byte[] = "x", program[] = "/bin/true";

static bool failed(long result)
{
	return result < 0;
}

/* ---- must fail: true when refused -------------------------------------------------------------------------------- */

static bool try_open(void)
{
	return failed(syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
}

static bool try_open_old(void)
{
#ifdef SYS_open
	return failed(syscall(SYS_open, "/etc/passwd", O_RDONLY));
#else
	return true;
#endif
}

static bool try_creat(void)
{
#ifdef SYS_creat
	return failed(syscall(SYS_creat, "/tmp/cordon-sandbox", 0600));
#else
	return true;
#endif
}

static bool try_openat2(void)
{
	uint64_t how[3] = {O_RDONLY, 0, 0};

	return failed(syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof how));
}

static bool try_unlink(void)
{
	return failed(unlink("/tmp/cordon-sandbox")) && errno == EPERM;
}

static bool try_mkdir(void)
{
	return failed(mkdir("/tmp/cordon-sandbox", 0700)) && errno == EPERM;
}

static bool try_stat(void)
{
	struct stat st;

	return failed(stat("/etc/passwd", &st));
}

static bool try_memfd(void)
{
	return failed(memfd_create("x", 0));
}

static bool try_io_uring(void)
{
	char params[120] = {0};

	return failed(syscall(SYS_io_uring_setup, 4, params)) && errno == EPERM;
}

static bool family(int domain, int type)
{
	return failed(socket(domain, type, 0)) && errno == EPERM;
}

static bool try_unix(void)
{
	return family(AF_UNIX, SOCK_STREAM);
}

static bool try_inet(void)
{
	return family(AF_INET, SOCK_STREAM) && family(AF_INET, SOCK_DGRAM) &&
	       family(AF_INET, SOCK_RAW);
}

static bool try_inet6(void)
{
	return family(AF_INET6, SOCK_STREAM) && family(AF_INET6, SOCK_DGRAM);
}

static bool try_netlink(void)
{
	return family(AF_NETLINK, SOCK_RAW);
}

static bool try_packet(void)
{
	return family(AF_PACKET, SOCK_RAW);
}

static bool try_every_family(void)
{
	for (int domain = 0; domain < 64; domain++)
		if (!family(domain, SOCK_STREAM) || !family(domain, SOCK_DGRAM))
			return false;
	return true;
}

static bool try_socketpair(void)
{
	int pair[2];

	return failed(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

static struct sockaddr_in loopback(void)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

static bool try_connect(void)
{
	struct sockaddr_in to = loopback();

	return failed(connect(h.tcp, (struct sockaddr *)&to, sizeof to)) && errno == EPERM &&
	       failed(connect(h.udp, (struct sockaddr *)&to, sizeof to)) && errno == EPERM;
}

static bool try_bind(void)
{
	struct sockaddr_in to = loopback();

	return failed(bind(h.tcp, (struct sockaddr *)&to, sizeof to)) && errno == EPERM;
}

static bool try_listen(void)
{
	return failed(listen(h.tcp, 1)) && failed(accept(h.tcp, NULL, NULL)) && errno == EPERM;
}

static bool try_sendto(void)
{
	struct sockaddr_in to = loopback();

	return failed(sendto(h.udp, "x", 1, 0, (struct sockaddr *)&to, sizeof to)) &&
	       errno == EPERM;
}

static bool try_write_forbidden(void)
{
	struct iovec part = {byte, 1};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
	struct mmsghdr more = {.msg_hdr = m};

	return failed(write(h.forbidden, "x", 1)) && failed(writev(h.forbidden, &part, 1)) &&
	       failed(pwritev(h.forbidden, &part, 1, 0)) && failed(send(h.forbidden, "x", 1, 0)) &&
	       failed(sendmsg(h.forbidden, &m, 0)) && failed(sendmmsg(h.forbidden, &more, 1, 0)) &&
	       failed(sendfile(h.forbidden, h.file, NULL, 1)) &&
	       failed(splice(h.file, NULL, h.forbidden, NULL, 1, 0)) && errno == EPERM;
}

static bool try_send_ring(void)
{
	char frame[60] = {0};

	return failed(write(h.ring, frame, sizeof frame)) &&
	       failed(send(h.ring, frame, sizeof frame, 0)) && errno == EPERM;
}

static bool try_ring_options(void)
{
	int one = 1;

	return failed(setsockopt(h.ring, SOL_PACKET, PACKET_TX_RING, &one, sizeof one)) &&
	       errno == EPERM &&
	       failed(setsockopt(h.ring, SOL_SOCKET, SO_RCVBUF, &one, sizeof one)) &&
	       errno == EPERM;
}

static bool try_dup(void)
{
	return failed(dup(h.forbidden)) && failed(dup2(h.forbidden, h.allowed)) &&
	       failed(dup3(h.forbidden, h.allowed, O_CLOEXEC)) &&
	       failed(fcntl(h.forbidden, F_DUPFD, 0)) &&
	       failed(fcntl(h.forbidden, F_DUPFD_CLOEXEC, 0)) && errno == EPERM;
}

static bool try_close_allowed(void)
{
	return failed(close(h.allowed)) && failed(close(STDERR_FILENO)) &&
	       failed((long)syscall(SYS_close_range, 0U, ~0U, 0U)) && errno == EPERM;
}

static bool try_execve(void)
{
	char *const argv[] = {program, NULL};

	return failed(execve(program, argv, NULL));
}

static bool try_execveat(void)
{
	char *const argv[] = {program, NULL};

	return failed(syscall(SYS_execveat, h.file, "", argv, NULL, AT_EMPTY_PATH));
}

static bool try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return failed(pid);
}

static bool try_clone3(void)
{
	uint64_t args[11] = {0};
	long pid = syscall(SYS_clone3, args, sizeof args);

	if (pid == 0)
		_exit(0);
	return failed(pid);
}

static void *nothing(void *context)
{
	return context;
}

static bool try_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, nothing, NULL) != 0;
}

static bool try_ptrace(void)
{
	return failed(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static bool try_read_other(void)
{
	struct iovec here = {byte, 1}, there = {&h, 1};

	return failed(process_vm_readv(getppid(), &here, 1, &there, 1, 0));
}

static bool try_kill(void)
{
	pid_t parent = getpgrp();

	return failed(kill(parent, 0)) && failed(kill(-1, 0)) &&
	       failed(syscall(SYS_tgkill, parent, parent, 0)) &&
	       failed(syscall(SYS_pidfd_open, parent, 0)) && errno == EPERM;
}

static bool try_exec_memory(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at != MAP_FAILED && failed(mprotect(at, 4096, PROT_READ | PROT_EXEC)) &&
	       mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		       MAP_FAILED &&
	       mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE, h.file, 0) == MAP_FAILED && errno == EPERM;
}

static bool try_kernel(void)
{
	char zeros[128] = {0};

	return failed(syscall(SYS_bpf, 0, zeros, sizeof zeros)) && errno == EPERM &&
	       failed(syscall(SYS_perf_event_open, zeros, 0, -1, -1, 0)) && errno == EPERM &&
	       failed(syscall(SYS_userfaultfd, 0)) && errno == EPERM &&
	       failed(syscall(SYS_unshare, 0)) && errno == EPERM &&
	       failed(syscall(SYS_setuid, 0)) && errno == EPERM &&
	       failed(syscall(SYS_keyctl, 0, 0, 0, 0, 0)) && errno == EPERM &&
	       failed(syscall(SYS_mount, "", "", "", 0, NULL)) && errno == EPERM &&
	       failed(syscall(SYS_prctl, 4 /* PR_SET_DUMPABLE */, 1, 0, 0, 0)) && errno == EPERM;
}

static bool try_limits(void)
{
	struct rlimit more = {1024, 1024};

	return failed(setrlimit(RLIMIT_NOFILE, &more)) && errno == EPERM;
}

static bool try_ioctl(void)
{
	int n;

	return failed(ioctl(h.tcp, FIONREAD, &n)) && errno == EPERM;
}

static int elsewhere[2]; /* a pipe by which the thread is told that the sandbox is shut */

static void *open_later(void *context)
{
	(void)context;
	if (read(elsewhere[0], byte, 1) != 1)
		return NULL;
	return try_open() && try_inet() ? &h : NULL;
}

static pthread_t earlier;

static bool try_thread_before(void)
{
	void *result = NULL;

	return write(elsewhere[1], "x", 1) == 1 && pthread_join(earlier, &result) == 0 &&
	       result != NULL;
}

/* ---- by Landlock alone, in a thread that was started after sandbox_begin() ---------------------------------------- */

static bool land_files(void)
{
	return try_open() && try_creat() && failed(mkdir("/tmp/cordon-sandbox", 0700)) &&
	       errno == EACCES;
}

static bool land_run(void)
{
	char *const argv[] = {program, NULL};

	return failed(execve(program, argv, NULL)) && errno == EACCES;
}

static bool land_tcp(void)
{
	struct sockaddr_in to = loopback();

	return failed(connect(h.tcp, (struct sockaddr *)&to, sizeof to)) && errno == EACCES &&
	       failed(bind(h.tcp, (struct sockaddr *)&to, sizeof to)) && errno == EACCES;
}

static bool land_signal(void)
{
	return failed(kill(getppid(), 0)) && errno == EPERM;
}

static void *run_in_thread(void *context)
{
	bool (*const *what)(void) = context;

	return (*what)() ? &h : NULL;
}

/* ---- must work: true when it did --------------------------------------------------------------------------------- */

static bool do_read(void)
{
	char bytes[8];
	struct iovec part = {bytes, sizeof bytes};

	return read(h.file, bytes, 1) == 1 && pread(h.file, bytes, 2, 0) == 2 &&
	       readv(h.file, &part, 1) > 0 && lseek(h.file, 0, SEEK_SET) == 0;
}

static bool do_send(void)
{
	struct iovec part = {byte, 1};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

	return send(h.allowed, "x", 1, MSG_DONTWAIT) == 1 && write(h.allowed, "x", 1) == 1 &&
	       sendmsg(h.allowed, &m, MSG_DONTWAIT) == 1;
}

static bool do_send_descriptor(void)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec part = {byte, 1};
	struct msghdr m = {.msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof control};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_len = CMSG_LEN(sizeof(int));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(c), &h.memory, sizeof(int));
	if (sendmsg(h.allowed, &m, 0) != 1)
		return false;
	memset(control, 0, sizeof control);
	m.msg_controllen = sizeof control;
	int fd = -1;
	if (recvmsg(h.other, &m, MSG_CMSG_CLOEXEC) != 1 || CMSG_FIRSTHDR(&m) == NULL)
		return false;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
	return fd > 0 && pread(fd, byte, 1, 0) >= 0 && close(fd) == 0;
}

static bool do_poll(void)
{
	struct pollfd fd = {.fd = h.other, .events = POLLIN};

	return poll(&fd, 1, 1) == 0;
}

static bool do_say(void)
{
	return write(STDERR_FILENO, "", 0) == 0 && fprintf(stderr, "%s", "") == 0;
}

static bool do_memory_file(void)
{
	struct stat st;

	return pwrite(h.memory, "abc", 3, 0) == 3 && ftruncate(h.memory, 2) == 0 &&
	       fstat(h.memory, &st) == 0 && st.st_size == 2 && lseek(h.memory, 0, SEEK_END) == 2;
}

static bool do_memory(void)
{
	char *big = malloc(64 << 20), *small[100];
	bool good = big != NULL;

	for (size_t i = 0; good && i < 64 << 20; i += 4096)
		big[i] = 1;
	for (int i = 0; i < 100; i++)
		good &= (small[i] = calloc(1, 10000)) != NULL;
	for (int i = 0; i < 100; i++)
		free(small[i]);
	char *bigger = realloc(big, 128 << 20);
	good &= bigger != NULL && madvise(NULL, 0, MADV_DONTNEED) == 0;
	free(bigger);
	return good;
}

static bool do_time(void)
{
	struct timespec t, little = {0, 1000};
	char bytes[8];

	return clock_gettime(CLOCK_REALTIME, &t) == 0 && time(NULL) > 0 &&
	       nanosleep(&little, NULL) == 0 && getrandom(bytes, sizeof bytes, 0) == sizeof bytes &&
	       sched_yield() == 0;
}

static bool do_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	return sigprocmask(SIG_SETMASK, &set, NULL) == 0 && signal(SIGUSR1, SIG_IGN) != SIG_ERR;
}

static bool do_rebind(void)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_LOOP), .sll_ifindex = 1};
	socklen_t len = sizeof at;
	struct packet_mreq all = {.mr_ifindex = 1, .mr_type = PACKET_MR_ALLMULTI};

	return bind(h.ring, (struct sockaddr *)&at, sizeof at) == 0 &&
	       getsockname(h.ring, (struct sockaddr *)&at, &len) == 0 &&
	       setsockopt(h.ring, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) == 0;
}

static bool do_count(void)
{
	struct tpacket_stats counts;
	socklen_t len = sizeof counts;

	return getsockopt(h.ring, SOL_PACKET, PACKET_STATISTICS, &counts, &len) == 0;
}

static bool do_locks(void)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t never = PTHREAD_COND_INITIALIZER;
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	pthread_mutex_lock(&lock);
	bool good = pthread_cond_timedwait(&never, &lock, &t) == ETIMEDOUT;
	pthread_mutex_unlock(&lock);
	return good;
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

enum kind { MUST_FAIL, MUST_WORK, MUST_FAIL_ROOT, MUST_WORK_ROOT };

static const struct attempt {
	const char *name;
	bool (*run)(void);
	enum kind kind;
	int landlock; /* by Landlock alone, from this version of it on; 0: by all of the sandbox */
} attempts[] = {
	{"files, by Landlock alone", land_files, MUST_FAIL, 1},
	{"execve, by Landlock alone", land_run, MUST_FAIL, 1},
	{"connect and bind, by Landlock alone", land_tcp, MUST_FAIL, 4},
	{"kill of another process, by Landlock alone", land_signal, MUST_FAIL, 6},
	{"openat", try_open, MUST_FAIL, 0},
	{"open", try_open_old, MUST_FAIL, 0},
	{"creat", try_creat, MUST_FAIL, 0},
	{"openat2", try_openat2, MUST_FAIL, 0},
	{"unlink", try_unlink, MUST_FAIL, 0},
	{"mkdir", try_mkdir, MUST_FAIL, 0},
	{"stat", try_stat, MUST_FAIL, 0},
	{"memfd_create", try_memfd, MUST_FAIL, 0},
	{"io_uring_setup", try_io_uring, MUST_FAIL, 0},
	{"socket AF_UNIX", try_unix, MUST_FAIL, 0},
	{"socket AF_INET", try_inet, MUST_FAIL, 0},
	{"socket AF_INET6", try_inet6, MUST_FAIL, 0},
	{"socket AF_NETLINK", try_netlink, MUST_FAIL, 0},
	{"socket AF_PACKET", try_packet, MUST_FAIL, 0},
	{"socket of any of 64 families", try_every_family, MUST_FAIL, 0},
	{"socketpair", try_socketpair, MUST_FAIL, 0},
	{"connect", try_connect, MUST_FAIL, 0},
	{"bind", try_bind, MUST_FAIL, 0},
	{"listen, accept", try_listen, MUST_FAIL, 0},
	{"sendto another address", try_sendto, MUST_FAIL, 0},
	{"write to a descriptor that is not named, in eight ways", try_write_forbidden, MUST_FAIL,
	 0},
	{"send on a packet socket", try_send_ring, MUST_FAIL_ROOT, 0},
	{"other options of a packet socket", try_ring_options, MUST_FAIL_ROOT, 0},
	{"dup onto a descriptor that is named", try_dup, MUST_FAIL, 0},
	{"close of a descriptor that is named", try_close_allowed, MUST_FAIL, 0},
	{"execve", try_execve, MUST_FAIL, 0},
	{"execveat", try_execveat, MUST_FAIL, 0},
	{"fork", try_fork, MUST_FAIL, 0},
	{"clone3", try_clone3, MUST_FAIL, 0},
	{"a new thread", try_thread, MUST_FAIL, 0},
	{"ptrace", try_ptrace, MUST_FAIL, 0},
	{"process_vm_readv", try_read_other, MUST_FAIL, 0},
	{"kill of another process", try_kill, MUST_FAIL, 0},
	{"memory to run code in", try_exec_memory, MUST_FAIL, 0},
	{"bpf, perf, userfaultfd, unshare, setuid, keyctl, mount, prctl", try_kernel, MUST_FAIL, 0},
	{"raised limits", try_limits, MUST_FAIL, 0},
	{"ioctl", try_ioctl, MUST_FAIL, 0},
	{"openat and socket in a thread from before", try_thread_before, MUST_FAIL, 0},
	{"read, pread, readv, lseek", do_read, MUST_WORK, 0},
	{"send, write, sendmsg to one that is named", do_send, MUST_WORK, 0},
	{"a descriptor sent and received", do_send_descriptor, MUST_WORK, 0},
	{"poll", do_poll, MUST_WORK, 0},
	{"a line on standard error", do_say, MUST_WORK, 0},
	{"pwrite, ftruncate, fstat of a file in memory", do_memory_file, MUST_WORK, 0},
	{"malloc, realloc, madvise, free", do_memory, MUST_WORK, 0},
	{"clocks, sleep, chance", do_time, MUST_WORK, 0},
	{"signals", do_signals, MUST_WORK, 0},
	{"locks", do_locks, MUST_WORK, 0},
	{"a packet socket bound again", do_rebind, MUST_WORK_ROOT, 0},
	{"counters of a packet socket", do_count, MUST_WORK_ROOT, 0},
};

static bool prepare(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)
		return false;
	h.allowed = pair[0];
	h.other = pair[1];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0 || pipe(elsewhere) != 0)
		return false;
	h.forbidden = pair[0];
	h.memory = memfd_create("summary", MFD_CLOEXEC);
	h.file = open("/bin/true", O_RDONLY | O_CLOEXEC);
	h.tcp = socket(AF_INET, SOCK_STREAM, 0);
	h.udp = socket(AF_INET, SOCK_DGRAM, 0);
	h.ring = socket(AF_PACKET, SOCK_RAW, 0);
	return h.memory >= 0 && h.file >= 0 && h.tcp >= 0 && h.udp >= 0 &&
	       pthread_create(&earlier, NULL, open_later, NULL) == 0;
}

static int landlock_version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
}

/* In a process of its own: 0 as it must be, 1 not, 2 the sandbox failed, 3 something is missing. */
static int run_one(const struct attempt *a)
{
	int may_send[2];
	char why[SANDBOX_WHY];

	setpgid(0, getppid());
	if (!prepare())
		return 2;
	if (a->landlock > 0) {
		bool (*what)(void) = a->run;
		void *result = NULL;
		pthread_t thread;

		sandbox_begin(why);
		if (why[0] != '\0' || landlock_version() < a->landlock)
			return 3;
		return pthread_create(&thread, NULL, run_in_thread, &what) != 0 ||
		       pthread_join(thread, &result) != 0 || result == NULL;
	}
	may_send[0] = h.allowed;
	may_send[1] = elsewhere[1];
	if (sandbox_enter(may_send, 2, why) != 0 || why[0] != '\0') {
		fprintf(stderr, "%s\n", why);
		return strstr(why, "no ") == why ? 3 : 2;
	}
	return a->run() ? 0 : 1;
}

int main(void)
{
	int passed = 0, failures = 0, skipped = 0, status;

	signal(SIGUSR1, SIG_IGN);
	setpgid(0, 0);
	for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
		const struct attempt *a = &attempts[i];
		bool may_die = a->kind == MUST_FAIL || a->kind == MUST_FAIL_ROOT, good;

		if (a->kind >= MUST_FAIL_ROOT && geteuid() != 0) {
			printf("SKIPPED %s: needs root\n", a->name);
			skipped++;
			continue;
		}
		fflush(stdout);
		pid_t pid = fork();
		if (pid == 0)
			_exit(run_one(a));
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 1;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 3) {
			printf("SKIPPED %s: this kernel lacks a part of the sandbox\n", a->name);
			skipped++;
			continue;
		}
		good = (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
		       (may_die && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
		printf("%-7s %s %s%s\n", good ? "ok" : "FAIL",
		       may_die ? "refused:" : "works:", a->name,
		       WIFSIGNALED(status) ? " (killed)" : "");
		passed += good;
		failures += !good;
	}
	printf("%d passed, %d failed", passed, failures);
	printf(skipped > 0 ? ", %d skipped\n" : "\n", skipped);
	return failures > 0;
}
