/* SPDX-License-Identifier: MIT */
/*
 * Messages on the pair between packets and service, and their records of numbers; those of the model stand in
 * wire_model.c. A record is read as it is written, by one function for both, and a message that has bytes left over is as
 * wrong as one that ends too early. unix(7): SOCK_SEQPACKET keeps messages whole and in order.
 */
#include "watch/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD = 4 /* version, type, two bytes that are 0 */ };

int wire_send(int to, enum wire_type type, const uint8_t *at, size_t len, int fd)
{
	uint8_t head[HEAD] = {WIRE_VERSION, (uint8_t)type, 0, 0};
	struct iovec parts[2] = {{.iov_base = head, .iov_len = HEAD},
				 {.iov_base = (void *)(uintptr_t)at, .iov_len = len}};
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = len > 0 ? 2 : 1};

	if (len > WIRE_MOST - HEAD)
		return -EMSGSIZE;
	if (fd >= 0) {
		struct cmsghdr *with = &control.align;

		memset(&control, 0, sizeof control);
		message.msg_control = control.room;
		message.msg_controllen = sizeof control.room;
		with->cmsg_level = SOL_SOCKET;
		with->cmsg_type = SCM_RIGHTS;
		with->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(with), &fd, sizeof fd);
	}
	for (;;) {
		if (sendmsg(to, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != EINTR)
			return errno == EWOULDBLOCK || errno == ENOBUFS ? -EAGAIN : -errno;
	}
}

/* The one descriptor that may come along; others are closed. */
static int take_descriptor(struct msghdr *message)
{
	int first = -1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = 0; at + sizeof(int) <= c->cmsg_len - CMSG_LEN(0);
		     at += sizeof(int)) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + at, sizeof fd);
			if (first < 0)
				first = fd;
			else
				(void)close(fd);
		}
	}
	return first;
}

int wire_receive(int from, uint8_t *buffer, struct wire_message *out)
{
	struct iovec part = {.iov_base = buffer, .iov_len = WIRE_MOST};
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.room,
				 .msg_controllen = sizeof control.room};
	ssize_t n;

	do {
		n = recvmsg(from, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
	if (n == 0)
		return -ECONNRESET;
	out->fd = take_descriptor(&message);
	if (n < HEAD || buffer[0] != WIRE_VERSION || buffer[2] != 0 || buffer[3] != 0 ||
	    (message.msg_flags & MSG_TRUNC) != 0) {
		if (out->fd >= 0)
			(void)close(out->fd);
		out->fd = -1;
		return -EBADMSG;
	}
	out->type = (enum wire_type)buffer[1];
	out->body = (struct bytes){buffer + HEAD, (size_t)n - HEAD};
	return 1;
}

/* ---- records of numbers ---------------------------------------------------------------------------------------- */

/* A field of fixed size that holds a string: ends with a NUL whatever was sent. */
static void field(struct archive *a, char *at, size_t n)
{
	archive_bytes(a, at, n);
	if (a->reading)
		at[n - 1] = '\0';
}

/* How many of a list follow, at most as many as there is room for. */
static void counted(struct archive *a, uint32_t *n, uint32_t most)
{
	archive_u32(a, n);
	archive_require(a, *n <= most, "it lists more than there can be");
	if (a->broken)
		*n = 0;
}

void wire_hello(struct archive *a, struct wire_hello *h)
{
	archive_u64(a, &h->life);
	field(a, h->version, sizeof h->version);
	field(a, h->knowledge, sizeof h->knowledge);
}

static void interface(struct archive *a, struct wire_interface *i)
{
	field(a, i->name, sizeof i->name);
	archive_u64(a, &i->packets);
	archive_u64(a, &i->bytes);
	archive_u64(a, &i->dropped);
	archive_u64(a, &i->gone);
	archive_i64(a, &i->first_ns);
	archive_i64(a, &i->last_ns);
}

static void place(struct archive *a, enum place *v)
{
	uint8_t b = (uint8_t)*v;

	archive_u8_within(a, &b, PLACE_LAN, PLACE_UNKNOWN);
	*v = (enum place)b;
}

void wire_counts(struct archive *a, struct wire_counts *c)
{
	counted(a, &c->interfaces_n, WIRE_INTERFACES);
	for (uint32_t i = 0; i < c->interfaces_n; i++)
		interface(a, &c->interfaces[i]);
	counted(a, &c->tables_n, WIRE_TABLES);
	for (uint32_t i = 0; i < c->tables_n; i++) {
		field(a, c->tables[i].name, sizeof c->tables[i].name);
		archive_u64(a, &c->tables[i].entries);
		archive_u64(a, &c->tables[i].used);
	}
	counted(a, &c->unseen_n, WIRE_COUNTS_MOST);
	for (uint32_t i = 0; i < c->unseen_n; i++) {
		field(a, c->unseen[i].name, sizeof c->unseen[i].name);
		archive_u64(a, &c->unseen[i].value);
	}
	counted(a, &c->local_n, WIRE_PREFIXES);
	for (uint32_t i = 0; i < c->local_n; i++) {
		archive_addr(a, &c->local[i].addr);
		archive_u8_within(a, &c->local[i].bits, 0, 128);
	}
	place(a, &c->place);
	field(a, c->note, sizeof c->note);
	archive_u64(a, &c->held_back);
}

void wire_round(struct archive *a, struct wire_round *r)
{
	archive_u64(a, &r->number);
	archive_i64(a, &r->now_ns);
	archive_i64(a, &r->wall_ns);
	archive_u64(a, &r->judge_us);
	archive_u64(a, &r->devices);
}

void wire_flow(struct archive *a, struct wire_flow *f)
{
	archive_addr(a, &f->client);
	archive_addr(a, &f->server);
	archive_u16(a, &f->client_port);
	archive_u16(a, &f->server_port);
	archive_u8(a, &f->transport);
	archive_u8(a, &f->parser);
	archive_u16(a, &f->vlan);
	archive_u32(a, &f->input);
	archive_i64(a, &f->first_ns);
	archive_i64(a, &f->last_ns);
	archive_u64(a, &f->packets_out);
	archive_u64(a, &f->bytes_out);
	archive_u64(a, &f->packets_in);
	archive_u64(a, &f->bytes_in);
}

void wire_peers(struct archive *a, struct wire_peers *p)
{
	field(a, p->id, sizeof p->id);
	counted(a, &p->peers_n, WIRE_PEERS_MOST);
	for (uint32_t i = 0; i < p->peers_n; i++) {
		archive_addr(a, &p->peers[i]);
		archive_u8(a, &p->kinds[i]);
	}
}

static void wire_name(struct archive *a, struct wire_name *n)
{
	field(a, n->name, sizeof n->name);
	archive_addr(a, &n->server);
	counted(a, &n->addrs_n, WIRE_NAME_ADDRESSES);
	for (uint32_t i = 0; i < n->addrs_n; i++) {
		archive_addr(a, &n->addrs[i]);
		archive_i64(a, &n->until_ns[i]);
	}
	archive_u8(a, &n->near);
}

void wire_names(struct archive *a, struct wire_names *n)
{
	field(a, n->id, sizeof n->id);
	counted(a, &n->names_n, WIRE_NAMES_MOST);
	for (uint32_t i = 0; i < n->names_n; i++)
		wire_name(a, &n->names[i]);
}
