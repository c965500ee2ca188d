/* SPDX-License-Identifier: MIT */
/*
 * Each load is one transaction: the tables are there as a whole, or nothing changed. The library reads names of other tables
 * while it loads; it changes none, since the text names none.
 */
#include "enforce/tables.h"

#include <errno.h>
#include <linux/netlink.h>
#include <nftables/libnftables.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { DESCRIPTORS = 32 };

static struct text rules;

static bool is_netfilter(int fd)
{
	int protocol = 0, domain = 0;
	socklen_t len = sizeof protocol;

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_NETLINK &&
	       getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0 &&
	       protocol == NETLINK_NETFILTER;
}

/* The library does not tell its socket: it is the one that was not there before. It has no port id until it is bound, which the
 * library leaves to the first message. */
static uint32_t bind_new(const bool before[DESCRIPTORS])
{
	struct sockaddr_nl name = {.nl_family = AF_NETLINK};
	socklen_t len = sizeof name;

	for (int fd = 0; fd < DESCRIPTORS; fd++)
		if (!before[fd] && is_netfilter(fd) &&
		    bind(fd, (struct sockaddr *)&name, sizeof name) == 0 &&
		    getsockname(fd, (struct sockaddr *)&name, &len) == 0)
			return name.nl_pid;
	return 0;
}

/* A library for each text: what one defines is defined for good (1.0.6), and the next text would define it again. */
static struct nft_ctx *open_library(uint32_t *portid)
{
	bool before[DESCRIPTORS];
	struct nft_ctx *library;

	for (int fd = 0; fd < DESCRIPTORS; fd++)
		before[fd] = is_netfilter(fd);
	library = nft_ctx_new(NFT_CTX_DEFAULT);
	if (library != NULL &&
	    (nft_ctx_buffer_error(library) != 0 || nft_ctx_buffer_output(library) != 0)) {
		nft_ctx_free(library);
		library = NULL;
	}
	*portid = library != NULL ? bind_new(before) : 0;
	return library;
}

static int run(struct tables *t)
{
	struct nft_ctx *library = rules.failed ? NULL : open_library(&t->portid);
	const char *said;
	size_t len;
	int err = 0;

	t->why[0] = '\0';
	if (library == NULL)
		return -ENOMEM;
	errno = 0;
	if (nft_run_cmd_from_buffer(library, text_string(&rules)) != 0) {
		err = errno != 0 ? -errno : -EIO;
		said = nft_ctx_get_error_buffer(library);
		len = said != NULL ? strcspn(said, "\n") : 0;
		len = len < TABLES_WHY ? len : TABLES_WHY - 1;
		memcpy(t->why, said != NULL ? said : "", len);
		t->why[len] = '\0';
	}
	nft_ctx_free(library);
	return err;
}

static void write_programs(const uint32_t *list, size_t n)
{
	text_puts(&rules, "add set inet cordon programs { type mark; size 64; }\n"
			  "flush set inet cordon programs\n");
	for (size_t i = 0; i < n; i++)
		text_printf(&rules, "add element inet cordon programs { %u }\n", list[i]);
}

void tables_write(const struct enforce_place *place, const struct here *here, struct text *to)
{
	static struct ruleset_place now;

	now = place->rules;
	now.ports_n = here->ports_n;
	for (size_t i = 0; i < here->ports_n; i++)
		memcpy(now.ports[i], here->ports[i].name, RULESET_NAME);
	ruleset_write(&now, to);
}

/* Also which XDP programs are ours. */
static int load(const struct enforce_place *place, const struct here *here,
		const uint32_t *programs, size_t programs_n, struct tables *t)
{
	tables_write(place, here, &rules);
	if (programs_n > 0)
		write_programs(programs, programs_n);
	return run(t);
}

int tables_load(const struct enforce_place *place, const struct here *here,
		const uint32_t *programs, size_t programs_n, struct tables *t)
{
	text_clear(&rules);
	if (load(place, here, programs, programs_n, t) == 0)
		return 0;
	/* Such as: a chain of ours that somebody gave another hook. */
	text_clear(&rules);
	ruleset_write_removal(&rules);
	return load(place, here, programs, programs_n, t);
}

int tables_remove(struct tables *t)
{
	text_clear(&rules);
	ruleset_write_removal(&rules);
	return run(t);
}
