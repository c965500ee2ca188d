/* SPDX-License-Identifier: MIT */
/*
 * The yardstick of the bench: libpcap reading a file and counting its packets, nothing else. What a program that
 * judges packets can at best be compared with.
 */
#include <pcap/pcap.h>

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

struct total {
	uint64_t packets;
	uint64_t bytes;
};

static void count(u_char *user, const struct pcap_pkthdr *header, const u_char *frame)
{
	struct total *total = (struct total *)user;

	(void)frame;
	total->packets++;
	total->bytes += header->len;
}

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	struct total total = {0, 0};

	if (argc != 2) {
		fprintf(stderr, "usage: pcap_loop FILE\n");
		return 64;
	}
	pcap_t *p = pcap_open_offline(argv[1], error);
	if (!p) {
		fprintf(stderr, "pcap_loop: %s\n", error);
		return 65;
	}
	int rc = pcap_loop(p, -1, count, (u_char *)&total);
	if (rc != 0)
		fprintf(stderr, "pcap_loop: %s\n", pcap_geterr(p));
	pcap_close(p);
	printf("%" PRIu64 " packets, %" PRIu64 " bytes\n", total.packets, total.bytes);
	return rc == 0 ? 0 : 65;
}
