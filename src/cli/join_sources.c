/* SPDX-License-Identifier: MIT */
/*
 * A second pass over the victim's capture, with the reader and decoder alone: no table, so no limit to how many take
 * part.
 */
#include "cli/join_sources.h"

#include "base/hash.h"
#include "capture/capture.h"
#include "decode/decode.h"

#include <errno.h>
#include <stdlib.h>

static void note(const struct packet *p, const struct addr *target, const struct side *hosts,
		 bool *seen)
{
	const struct side_host *host;

	if (!addr_equal(&p->dst, target) || p->proto == PROTO_ARP || p->proto == PROTO_LINK)
		return;
	host = side_host(hosts, hash_addr(&p->src));
	if (host != NULL)
		seen[host - hosts->hosts] = true;
}

static void read_all(struct capture *capture, struct batch *batch, const struct addr *target,
		     const struct side *hosts, bool *seen)
{
	struct packet packets[DECODE_PACKETS];
	struct decode_stats stats = {0};

	while (capture_fill(capture, batch) > 0) {
		for (uint32_t i = 0; i < batch->n; i++) {
			unsigned n = decode_frame(&batch->frames[i], packets, &stats);

			for (unsigned k = 0; k < n; k++)
				note(&packets[k], target, hosts, seen);
		}
	}
}

int sources_seen(const char *path, const struct addr *target, const struct side *hosts, bool *seen)
{
	struct batch *batch = calloc(1, sizeof *batch);
	struct capture *capture = NULL;
	const char *why = NULL;
	int err = batch == NULL ? -ENOMEM : 0;

	if (err == 0 && (batch->bytes = malloc(BATCH_BYTES)) == NULL)
		err = -ENOMEM;
	if (err == 0)
		err = capture_open(path, 0, &capture, &why);
	if (err == 0) {
		read_all(capture, batch, target, hosts, seen);
		capture_close(capture);
	}
	if (batch != NULL)
		free(batch->bytes);
	free(batch);
	return err;
}
