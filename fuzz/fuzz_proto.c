/* SPDX-License-Identifier: MIT */
/*
 * One parser against any bytes; built once for each line of protos.def (-DFUZZ_PROTO=name). An input is a conversation:
 * two ports (big-endian, client and server), then records of one byte of flags (1: from the server, 2: bytes before it
 * were lost, 4: its direction ends with it, 8: the connection was joined in the middle), a length (big-endian, 16 bits) and
 * the bytes. scripts/seed writes such files.
 */
#include "../tests/parsing.h"

#define JOIN(a, b) a##b
#define PROTO_OF(name) JOIN(proto_, name)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run_record(struct parsing *p, uint8_t flags, struct bytes b)
{
	bool from_client = (flags & 1) == 0;

	p->joined |= (flags & 8) != 0;
	if (p->proto->mine != NULL)
		parsing_mine(p, from_client, b.at, b.len);
	if (p->proto->datagram != NULL)
		parsing_datagram(p, from_client, b.at, b.len);
	if (p->proto->stream != NULL && !p->done)
		parsing_stream(p, from_client, b.at, b.len, (flags & 2) != 0, (flags & 4) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct parsing p;
	struct cursor c = cursor_over((struct bytes){data, size});
	uint16_t client_port = cursor_be16(&c), server_port = cursor_be16(&c);

	parsing_init(&p, &PROTO_OF(FUZZ_PROTO), client_port, server_port);
	while (cursor_left(&c) > 0) {
		uint8_t flags = cursor_u8(&c);
		size_t len = cursor_be16(&c), left = cursor_left(&c);

		if (c.broken)
			break;
		run_record(&p, flags, cursor_take(&c, len < left ? len : left));
	}
	parsing_fini(&p);
	return 0;
}
