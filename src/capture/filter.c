/* SPDX-License-Identifier: MIT */
/*
 * Filters in tcpdump's words, compiled by libpcap to what a socket takes: pcap_compile(3), pcap-filter(7). libpcap does
 * nothing else here; it opens no interface.
 *
 * A filter is run by the kernel on frames whose outermost VLAN tag it has already taken out: "tcp port 23" finds frames of
 * every VLAN, and "vlan 5" would find none. Since that looks like a quiet network, "vlan" is refused.
 */
#include "capture/live.h"

#include <ctype.h>
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
	pcap_t *p;
	int err;

	why[0] = '\0';
	if (has_word(words, "vlan")) {
		snprintf(why, LIVE_FILTER_WHY,
			 "'vlan' finds nothing, since the kernel takes tags out first: filter for "
			 "what is inside, which finds it in every VLAN");
		return -EINVAL;
	}
	p = pcap_open_dead(DLT_EN10MB, snaplen == 0 ? FRAME_BYTES_MAX : (int)snaplen);
	if (p == NULL)
		return -ENOMEM;
	if (pcap_compile(p, &program, words, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		snprintf(why, LIVE_FILTER_WHY, "%s", pcap_geterr(p));
		pcap_close(p);
		return -EINVAL;
	}
	err = keep(&program, code, n);
	pcap_freecode(&program);
	pcap_close(p);
	return err;
}
