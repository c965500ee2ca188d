/* SPDX-License-Identifier: MIT */
/*
 * A capture as lines for the plain baselines of tests/score/verdicts.py: seconds, source, target, protocol, ports, TCP
 * flags, one packet a line, as cordon's own reader and decoder see them. Both judge the same bytes.
 */
#include "capture/capture.h"
#include "decode/decode.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void print(const struct packet *p)
{
	char src[ADDR_TEXT_MAX], dst[ADDR_TEXT_MAX];

	if (p->proto == PROTO_ARP || p->proto == PROTO_LINK)
		return;
	printf("%.6f\t%s\t%s\t%u\t%u\t%u\t%u\n", (double)p->time_ns / 1e9, addr_text(&p->src, src),
	       addr_text(&p->dst, dst), p->proto, p->sport, p->dport,
	       p->proto == PROTO_TCP ? p->tcp_flags : 0U);
}

int main(int argc, char **argv)
{
	static struct packet packets[DECODE_PACKETS];
	static struct decode_stats stats;
	struct capture *capture;
	struct batch *batch = calloc(1, sizeof *batch);
	const char *why = NULL;

	if (argc != 2 || batch == NULL || (batch->bytes = malloc(BATCH_BYTES)) == NULL)
		return 64;
	if (capture_open(argv[1], 0, &capture, &why) != 0) {
		fprintf(stderr, "packets: %s: %s\n", argv[1], why == NULL ? "can't be read" : why);
		return 66;
	}
	while (capture_fill(capture, batch) > 0) {
		for (uint32_t i = 0; i < batch->n; i++) {
			unsigned n = decode_frame(&batch->frames[i], packets, &stats);

			for (unsigned k = 0; k < n; k++)
				print(&packets[k]);
		}
	}
	capture_close(capture);
	free(batch->bytes);
	free(batch);
	return 0;
}
