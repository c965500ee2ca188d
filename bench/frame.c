/* SPDX-License-Identifier: MIT */
/*
 * Headers of packets for the bench: Ethernet, IPv4 (RFC 791) and TCP without options (RFC 9293), in records of a classic
 * pcap file with nanoseconds. Checksums are right, because wrong ones would be counted on another path.
 */
#include "frame.h"

#include <string.h>

enum { RECORD = 16, ETHERNET = 14, IP = 20, TCP = 20, FRAME_MIN = 60 };

#define FIRST_SECOND 1477047600u

static void put16(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void put32(uint8_t *at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v & 0xffff);
}

static void put32_little(uint8_t *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t sum16(const uint8_t *at, size_t len, uint32_t sum)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)at[i] << 8 | at[i + 1];
	return len % 2 == 0 ? sum : sum + ((uint32_t)at[len - 1] << 8);
}

static uint32_t fold(uint32_t sum)
{
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16)) & 0xffff;
}

static void put_mac(uint8_t *at, uint32_t mac)
{
	put16(at, 0x0200);
	put32(at + 2, mac);
}

struct ip_head {
	uint32_t protocol;
	uint32_t id;
	uint32_t fragment; /* flags and offset as on the wire */
	size_t payload;
};

static void put_headers(uint8_t *frame, const struct way *way, const struct ip_head *head)
{
	uint8_t *ip = frame + ETHERNET;

	put_mac(frame, way->target_mac);
	put_mac(frame + 6, way->source_mac);
	put16(frame + 12, 0x0800);
	ip[0] = 0x45;
	put16(ip + 2, (uint32_t)(IP + head->payload));
	put16(ip + 4, head->id);
	put16(ip + 6, head->fragment);
	ip[8] = 54;
	ip[9] = (uint8_t)head->protocol;
	put32(ip + 12, way->source);
	put32(ip + 16, way->target);
	put16(ip + 10, fold(sum16(ip, IP, 0)));
}

static void put_record(struct output *out, uint8_t record[RECORD + FRAME_MAX], size_t len)
{
	uint64_t ns = out->begin_ns + out->packets * out->step_ns;

	if (len < FRAME_MIN)
		len = FRAME_MIN;
	put32_little(record, FIRST_SECOND + (uint32_t)(ns / 1000000000u));
	put32_little(record + 4, (uint32_t)(ns % 1000000000u));
	put32_little(record + 8, (uint32_t)len);
	put32_little(record + 12, (uint32_t)len);
	if (fwrite(record, RECORD + len, 1, out->to) != 1)
		out->failed = 1;
	out->packets++;
}

void output_begin(struct output *out)
{
	uint8_t header[24] = {[4] = 2, [6] = 4};

	put32_little(header, 0xa1b23c4d); /* nanoseconds */
	put32_little(header + 16, 262144);
	put32_little(header + 20, 1); /* Ethernet */
	out->failed = fwrite(header, sizeof header, 1, out->to) != 1;
}

/* What is longer than a frame of ours may be is cut. */
static size_t fitting(size_t len)
{
	const size_t most = FRAME_MAX - ETHERNET - IP - TCP;

	return len < most ? len : most;
}

void output_segment(struct output *out, const struct segment *s)
{
	uint8_t record[RECORD + FRAME_MAX];
	uint8_t *frame = record + RECORD;
	uint8_t *ip = frame + ETHERNET, *tcp = ip + IP;
	size_t data = fitting(s->len), len = TCP + data;
	const struct ip_head head = {.protocol = 6, .id = s->id, .payload = len};

	if (!output_wants(out))
		return;
	memset(frame, 0, FRAME_MIN);
	put_headers(frame, &s->way, &head);
	put16(tcp, s->source_port);
	put16(tcp + 2, s->port);
	put32(tcp + 4, s->seq);
	put32(tcp + 8, s->ack);
	tcp[12] = 0x50;
	tcp[13] = (uint8_t)s->flags;
	put16(tcp + 14, s->window);
	if (data > 0)
		memcpy(tcp + TCP, s->data, data);
	put16(tcp + 16, fold(sum16(tcp, len, sum16(ip + 12, 8, 6 + (uint32_t)len))));
	put_record(out, record, ETHERNET + IP + len);
}

void output_fragment(struct output *out, const struct fragment *f)
{
	uint8_t record[RECORD + FRAME_MAX];
	uint8_t *frame = record + RECORD;
	size_t data = fitting(f->len);
	const struct ip_head head = {.protocol = f->protocol,
				     .id = f->id,
				     .fragment = (f->more ? 0x2000u : 0) | f->offset / 8,
				     .payload = data};

	if (!output_wants(out))
		return;
	memset(frame, 0, FRAME_MIN);
	put_headers(frame, &f->way, &head);
	memcpy(frame + ETHERNET + IP, f->data, data);
	put_record(out, record, ETHERNET + IP + data);
}
