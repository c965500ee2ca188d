/* SPDX-License-Identifier: MIT */
/*
 * The guard: answers each message with one, and a socket where it is asked for one (packet(7), unix(7)). Whoever asks may be
 * an attacker's by now, so what this process can do is a list of system calls (seccomp(2)): no file, no other socket or process.
 *
 * A socket goes out bound to nothing and holds no frame before its new owner has set it up. What that one does with it is up to
 * its own sandbox: the kernel lets a packet socket be bound to any interface, and send.
 */
#include "guard/guard.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH 0 /* nobody has looked at this machine's calls: no filter */
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define YES BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define NO BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define ALLOW(call) UNLESS(call, 1), YES
#define ALLOW_IF(call, n, value) UNLESS(call, 4), LOAD(args[n]), UNLESS(value, 1), YES, NO

static void confine(void)
{
	/* clang-format off */
	struct sock_filter lines[] = {
		LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0), NO, LOAD(nr),
		ALLOW(SYS_recvmsg), ALLOW(SYS_sendmsg), ALLOW(SYS_close), ALLOW(SYS_clock_gettime),
		ALLOW(SYS_restart_syscall), ALLOW(SYS_exit_group), ALLOW_IF(SYS_socket, 0, AF_PACKET),
		ALLOW_IF(SYS_ioctl, 1, SIOCGIFINDEX), ALLOW_IF(SYS_write, 0, STDERR_FILENO), NO};
	/* clang-format on */
	struct sock_fprog filter = {sizeof lines / sizeof *lines, lines};

	if (ARCH == 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0)
		guard_say(4, "the guard runs unfiltered: no filter of system calls here");
}

/* The socket, or -errno. */
static int open_ring(const struct guard_message *m, uint32_t *index)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), err;
	struct ifreq r = {0};

	memcpy(r.ifr_name, m->interface, sizeof m->interface);
	if (fd >= 0 && ioctl(fd, SIOCGIFINDEX, &r) == 0) {
		*index = (uint32_t)r.ifr_ifindex;
		return fd;
	}
	err = errno;
	close(fd);
	return -err;
}

/* Says it, and the descriptor with it, which is closed here; or what failed. */
static bool answer(struct guard_message *m, int fd, const uint32_t *index)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {0};
	struct cmsghdr *c = (struct cmsghdr *)control;
	struct iovec part = {m, sizeof *m};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control};

	message.msg_controllen = fd < 0 ? 0 : sizeof control;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	m->type = fd < 0 ? GUARD_FAILED : GUARD_OPENED;
	m->number = fd < 0 ? (uint32_t)-fd : *index;
	ssize_t sent = sendmsg(GUARD_FD_PACKETS, &message, MSG_NOSIGNAL);
	close(fd);
	return sent == (ssize_t)sizeof *m;
}

_Noreturn void guard_serve(const struct guard_interfaces *list)
{
	struct guard_message m[2]; /* room to see that one was longer */
	struct iovec part = {m, sizeof m};
	uint32_t index = 0;
	bool good;

	prctl(PR_SET_NAME, "guard", 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	confine();
	do {
		struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
		ssize_t len = recvmsg(GUARD_FD_PACKETS, &message, 0);

		/* Descriptors that came along find no room: MSG_CTRUNC. */
		good = len > 0 && (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
		       guard_check(m, (size_t)len, list);
		if (!good)
			guard_say(3, "packets sent what is no message: the guard begins anew");
	} while (good && answer(m, m->type == GUARD_OPEN_RING ? open_ring(m, &index) : -EOPNOTSUPP,
				&index));
	_exit(1);
}
