/* SPDX-License-Identifier: MIT */
/*
 * The guard: answers each message with one, and a socket where it is asked for one (packet(7), unix(7), bpf(2)). Who asks may
 * be an attacker's, so what this process can do is a list of system calls (seccomp(2)): no file, no other socket or process.
 * A socket goes out bound to nothing; what its owner does is up to its own sandbox: the kernel lets it bind, and send.
 */
#include "guard/guard.h"

#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/if_link.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sys/ioctl.h>

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
#define ALLOW_IF(call, n, a, b) UNLESS(call, 6), LOAD(args[n]), ALLOW(a), ALLOW(b), NO

static void confine(bool xdp)
{
	/* clang-format off */
	struct sock_filter lines[] = {
		LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0), NO, LOAD(nr), ALLOW(SYS_recvmsg), ALLOW(SYS_sendmsg),
		ALLOW(SYS_close), ALLOW(SYS_clock_gettime), ALLOW(SYS_restart_syscall), ALLOW(SYS_exit_group),
		ALLOW_IF(SYS_socket, 0, AF_PACKET, xdp ? AF_XDP : AF_PACKET),
		ALLOW_IF(SYS_ioctl, 1, SIOCGIFINDEX, SIOCGIFINDEX), ALLOW_IF(SYS_write, 0, STDERR_FILENO, STDERR_FILENO),
		UNLESS(xdp ? SYS_bpf : SYS_exit_group, 7), LOAD(args[0]), ALLOW(BPF_MAP_CREATE), ALLOW(BPF_PROG_LOAD),
		ALLOW(BPF_LINK_CREATE), NO};
	/* clang-format on */
	struct sock_fprog filter = {sizeof lines / sizeof *lines, lines};

	if (ARCH == 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0)
		guard_say(4, "the guard runs unfiltered: no filter of system calls here");
}

/* The socket, and the interface's index or -errno. */
static int open_ring(const struct guard_message *m, int *fd)
{
	struct ifreq r = {0};

	memcpy(r.ifr_name, m->interface, sizeof m->interface);
	*fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	return *fd >= 0 && ioctl(*fd, SIOCGIFINDEX, &r) == 0 ? r.ifr_ifindex : -errno;
}

/* The first 32 bytes hold all that is used, named or zero; the rest of a union need not be either. */
static int bpf(enum bpf_cmd command, union bpf_attr a)
{
	return (int)syscall(SYS_bpf, command, &a, 32);
}

static int load(int map)
{
	struct bpf_insn ops[6] = {
		{BPF_LDX | BPF_MEM | BPF_W, 2, 1, offsetof(struct xdp_md, rx_queue_index), 0},
		{BPF_LD | BPF_DW, 1, BPF_PSEUDO_MAP_FD, 0, map},
		{0}, /* the second half of the one before */
		{BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, XDP_PASS},
		{BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_redirect_map},
		{BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
	union bpf_attr a = {.prog_type = BPF_PROG_TYPE_XDP, .insn_cnt = 6, .insns = (uintptr_t)ops};

	a.license = (uintptr_t) "MIT";
	return map < 0 ? -1 : bpf(BPF_PROG_LOAD, a);
}

/* A program that gives frames of the first queue to the socket in a map, where its owner puts it; else the stack has them. */
static int open_xdp(int index, int fds[3])
{
	union bpf_attr m = {.map_type = BPF_MAP_TYPE_XSKMAP, .key_size = 4, .value_size = 4};
	union bpf_attr l = {.link_create = {.flags = XDP_FLAGS_DRV_MODE, .attach_type = BPF_XDP}};

	m.max_entries = 1;
	fds[2] = bpf(BPF_MAP_CREATE, m);
	int program = load(fds[2]);
	l.link_create.prog_fd = (uint32_t)program;
	l.link_create.target_ifindex = (uint32_t)index;
	fds[1] = program < 0 ? -1 : bpf(BPF_LINK_CREATE, l);
	l.link_create.flags = XDP_FLAGS_SKB_MODE;
	fds[1] = program < 0 || fds[1] >= 0 ? fds[1] : bpf(BPF_LINK_CREATE, l);
	fds[0] = fds[1] < 0 ? -1 : socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	int result = fds[0] < 0 ? -errno : index;
	close(program);
	return result;
}

/* Does it, and says so with the descriptors, which are closed here; or says what failed. */
static bool answer(struct guard_message *m, bool xdp)
{
	int fds[3] = {-1, -1, -1};
	int number = xdp || m->type == GUARD_OPEN_RING ? open_ring(m, fds) : -EOPNOTSUPP;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof fds)] = {0};
	struct cmsghdr *c = (struct cmsghdr *)control;
	struct iovec part = {m, sizeof *m};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control};

	if (m->type == GUARD_OPEN_XDP && number > 0) {
		close(fds[0]);
		number = open_xdp(number, fds);
	}
	m->type = number < 0 ? GUARD_FAILED : GUARD_OPENED;
	m->number = (uint32_t)(number < 0 ? -number : number);
	c->cmsg_len = CMSG_LEN(fds[1] < 0 ? sizeof *fds : sizeof fds);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(c), fds, sizeof fds);
	message.msg_controllen = number < 0 ? 0 : CMSG_ALIGN(c->cmsg_len);
	ssize_t sent = sendmsg(GUARD_FD_PACKETS, &message, MSG_NOSIGNAL);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	return sent == (ssize_t)sizeof *m;
}

_Noreturn void guard_serve(const struct guard_interfaces *list)
{
	struct guard_message m[2]; /* room to see that one was longer */
	struct iovec part = {m, sizeof m};
	struct msghdr message;
	ssize_t len;

	prctl(PR_SET_NAME, "guard", 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	confine(list->xdp);
	do {
		message = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1};
		len = recvmsg(GUARD_FD_PACKETS, &message, 0);
		/* Descriptors that came along find no room: MSG_CTRUNC. */
	} while (len > 0 && (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
		 guard_check(m, (size_t)len, list) && answer(m, list->xdp));
	guard_say(3, "packets sent what is no message, or heard no answer: the guard begins anew");
	_exit(1);
}
