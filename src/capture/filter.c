/* SPDX-License-Identifier: MIT */
/*
 * Filters in tcpdump's words, compiled by libpcap to what a socket takes: pcap_compile(3), pcap-filter(7). libpcap does
 * nothing else here; it opens no interface. It is loaded when a filter is wanted, and not before: it brings libdbus,
 * libsystemd and libgcrypt, which would double what every start of cordon costs, and be in the process that reads packets.
 *
 * A filter is run by the kernel on frames whose outermost VLAN tag it has already taken out: "tcp port 23" finds frames of
 * every VLAN, and "vlan 5" would find none. Since that looks like a quiet network, "vlan" is refused.
 */
#include "capture/live.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct bpf_insn) == sizeof(struct sock_filter), "one instruction, two names");

static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = text; (at = strstr(at, word)) != NULL; at += n) {
		bool begins = at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '-');

		if (begins && !isalnum((unsigned char)at[n]) && at[n] != '-')
			return true;
	}
	return false;
}

struct calls {
	__typeof__(pcap_open_dead) *open_dead;
	__typeof__(pcap_compile) *compile;
	__typeof__(pcap_geterr) *geterr;
	__typeof__(pcap_freecode) *freecode;
	__typeof__(pcap_close) *close;
};

/* It stays loaded: who asks once asks again. */
static bool load(struct calls *c)
{
	static const char *const names[] = {"libpcap.so.0.8", "libpcap.so.1"};
	void *library = NULL;

	for (size_t i = 0; library == NULL && i < sizeof names / sizeof *names; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		return false;
	/* POSIX' own way round C, in which a function is no object. */
	*(void **)&c->open_dead = dlsym(library, "pcap_open_dead");
	*(void **)&c->compile = dlsym(library, "pcap_compile");
	*(void **)&c->geterr = dlsym(library, "pcap_geterr");
	*(void **)&c->freecode = dlsym(library, "pcap_freecode");
	*(void **)&c->close = dlsym(library, "pcap_close");
	return c->open_dead != NULL && c->compile != NULL && c->geterr != NULL &&
	       c->freecode != NULL && c->close != NULL;
}

/* libpcap's instructions are the kernel's, field for field. */
static int keep(const struct bpf_program *program, void **code, unsigned *n)
{
	struct sock_filter *copy = calloc(program->bf_len, sizeof *copy);

	if (copy == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < program->bf_len; i++) {
		const struct bpf_insn *from = &program->bf_insns[i];

		copy[i] = (struct sock_filter){
			.code = from->code, .jt = from->jt, .jf = from->jf, .k = from->k};
	}
	*code = copy;
	*n = program->bf_len;
	return 0;
}

int live_filter(const char *words, uint32_t snaplen, void **code, unsigned *n,
		char why[LIVE_FILTER_WHY])
{
	struct bpf_program program;
	struct calls calls;
	pcap_t *p;
	int err;

	why[0] = '\0';
	if (has_word(words, "vlan")) {
		snprintf(why, LIVE_FILTER_WHY,
			 "'vlan' finds nothing, since the kernel takes tags out first: filter for "
			 "what is inside, which finds it in every VLAN");
		return -EINVAL;
	}
	if (!load(&calls)) {
		snprintf(why, LIVE_FILTER_WHY, "filters need libpcap, which is not installed here");
		return -ENOTSUP;
	}
	p = calls.open_dead(DLT_EN10MB, snaplen == 0 ? FRAME_BYTES_MAX : (int)snaplen);
	if (p == NULL)
		return -ENOMEM;
	if (calls.compile(p, &program, words, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		snprintf(why, LIVE_FILTER_WHY, "%s", calls.geterr(p));
		calls.close(p);
		return -EINVAL;
	}
	err = keep(&program, code, n);
	calls.freecode(&program);
	calls.close(p);
	return err;
}
