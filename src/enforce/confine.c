/* SPDX-License-Identifier: MIT */
/*
 * capabilities(7), seccomp(2) by libseccomp. Against a service, or a kernel's answer, that finds a hole in this program or in
 * libnftables: what runs then holds CAP_NET_ADMIN over this network, but can open no file and no socket but another to nf_tables
 * (libnftables, for a later load), and start nothing.
 */
#include "enforce/confine.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int confine_capabilities(bool bpf)
{
	enum { BPF = CAP_BPF - 32 }; /* in the second word */
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	uint32_t kept, more;

	if (syscall(SYS_capget, &header, data) != 0)
		return -errno;
	kept = data[0].permitted & 1U << CAP_NET_ADMIN;
	data[0] = (struct __user_cap_data_struct){kept, kept, 0};
	more = bpf ? data[1].permitted & 1U << BPF : 0;
	data[1] = (struct __user_cap_data_struct){more, more, 0};
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &header, data) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -errno;
	return kept != 0 ? 0 : -EPERM;
}

static const int calls[] = {
	/* the pair, and netlink */
	SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(send),
	SCMP_SYS(recv), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(write), SCMP_SYS(setsockopt),
	SCMP_SYS(getsockopt), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(_newselect),
	/* memory that is no program */
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex),
	/* time, chance, signals, end */
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(sysinfo), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
	SCMP_SYS(close), SCMP_SYS(bind), SCMP_SYS(getsockname), SCMP_SYS(fcntl)};
/* Asked for in passing, and answered EPERM: stdio and the C library do without. What is on neither list ends the process. */
static const int refused[] = {SCMP_SYS(openat),	    SCMP_SYS(open),  SCMP_SYS(fstat),
			      SCMP_SYS(newfstatat), SCMP_SYS(ioctl), SCMP_SYS(connect),
			      SCMP_SYS(lseek),	    SCMP_SYS(read)};

/* Of bpf(2): on descriptors that are open. */
static const int on_maps[] = {BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM,
			      BPF_MAP_GET_NEXT_KEY};

static int add_rules(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_program = {
		.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};
	const struct scmp_arg_cmp to_firewall[] = {
		{.arg = 0, .op = SCMP_CMP_EQ, .datum_a = AF_NETLINK},
		{.arg = 2, .op = SCMP_CMP_EQ, .datum_a = NETLINK_NETFILTER}};
	static const int mapping[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
	int err = 0;

	for (size_t i = 0; i < sizeof on_maps / sizeof *on_maps && (err == 0 || err == -EDOM);
	     i++) {
		const struct scmp_arg_cmp one = {
			.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)on_maps[i]};

		err = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(bpf), 1, &one);
	}
	/* A call that this machine has not (EDOM) needs no rule. */
	for (size_t i = 0; i < sizeof calls / sizeof *calls && (err == 0 || err == -EDOM); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	for (size_t i = 0; i < sizeof mapping / sizeof *mapping && (err == 0 || err == -EDOM); i++)
		err = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, mapping[i], 1, &no_program);
	for (size_t i = 0; i < sizeof refused / sizeof *refused && (err == 0 || err == -EDOM); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
	if (err == 0 || err == -EDOM)
		err = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
					     to_firewall);
	return err == -EDOM ? 0 : err;
}

int confine_calls(void)
{
	static const struct rlimit none = {0, 0};
	scmp_filter_ctx filter;
	int err;

	if (setrlimit(RLIMIT_CORE, &none) != 0 || setrlimit(RLIMIT_NPROC, &none) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return -errno;
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (filter == NULL)
		return -ENOMEM;
	err = add_rules(filter);
	err = err == 0 ? seccomp_load(filter) : err;
	seccomp_release(filter);
	return err;
}
