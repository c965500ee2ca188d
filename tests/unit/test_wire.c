/* SPDX-License-Identifier: MIT */
/*
 * Messages between packets and service: what is written is what is read, nothing that is cut, too long or out of its range
 * is taken, and descriptors come along and are never leaked.
 */
#include "watch/wire.h"

#include "base/text.h"
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct buffer {
	uint8_t at[WIRE_MOST];
	size_t len;
};

static void fill(void *context, const uint8_t *at, size_t len)
{
	struct buffer *b = context;

	if (b->len + len <= sizeof b->at)
		memcpy(b->at + b->len, at, len);
	b->len += len;
}

static const struct mac mac = {{2, 0, 0x5e, 0, 0x53, 1}};
static const struct where packets[] = {{0, 17}, {1, 99}};
static const enum stage stages[] = {STAGE_BREACHED, STAGE_SCANNING};
static const char *const words[] = {"mirai", "second"};
static const struct seen seen[] = {{-7, 12}};
static const uint32_t bins[] = {0, 7, 1u << 31};
static const struct access accesses[] = {
	{.service = "http/80", .kind = ACCESS_OWN, .where = {0, 7}, .time_ns = 5},
	{.service = "telnet/23", .kind = ACCESS_FACTORY, .unchangeable = true, .time_ns = -1}};
static const uint64_t hashes[] = {1, UINT64_MAX};

static struct device whole_device(const struct addr *address, const struct evidence *evidence,
				  const struct claim *claim, const struct exposure *exposure)
{
	return (struct device){.id = "mac:02:00:5e:00:53:01",
			       .local = true,
			       .macs = &mac,
			       .macs_n = 1,
			       .addresses = address,
			       .addresses_n = 1,
			       .addresses_seen = seen,
			       .lease = "1,3,6 udhcp",
			       .names = words,
			       .names_n = 2,
			       .via = &mac,
			       .backing = BACKING_TWO_WAY,
			       .first_ns = -5,
			       .last_ns = INT64_MAX,
			       .packets_out = UINT64_MAX,
			       .unicast_out = 3,
			       .two_way = true,
			       .judged = true,
			       .verdict = VERDICT_INFECTED,
			       .confidence = CONFIDENCE_SURE,
			       .maker = "Xiongmai",
			       .product = "camera",
			       .firmware = "",
			       .claims = claim,
			       .claims_n = 1,
			       .exposures = exposure,
			       .exposures_n = 1,
			       .accesses = accesses,
			       .accesses_n = 2,
			       .unfixable = true,
			       .known = true,
			       .undecided = words,
			       .undecided_n = 1,
			       .rates = {.start_ns = 1, .step_ns = 2, .count = bins, .n = 3},
			       .why = "three marked SYNs",
			       .stages = stages,
			       .stages_n = 2,
			       .families = words,
			       .families_n = 2,
			       .evidence = evidence,
			       .evidence_n = 1,
			       .todo = words,
			       .todo_n = 2};
}

static void write_whole(struct buffer *b)
{
	struct addr address = addr_v4(0xc0000201);
	struct evidence evidence = {.detector = "mirai-scan",
				    .code = "C-0001",
				    .first_ns = 1,
				    .last_ns = 2,
				    .count = 3,
				    .packets = packets,
				    .packets_n = 2,
				    .sender = address,
				    .text = "scans",
				    .stage = STAGE_SCANNING,
				    .port = 23,
				    .family = "mirai",
				    .weight = "proof"};
	struct claim claim = {.signal = "http-title", .value = "<x>", .says = "a camera"};
	struct exposure exposure = {.kind = EXPOSURE_KINDS - 1, .detail = "plain"};
	struct device d = whole_device(&address, &evidence, &claim, &exposure);
	struct archive to = {.sink = fill, .sink_context = b};

	assert_true(wire_write_device(&d, &to));
}

static void test_device_comes_back(void **state)
{
	struct buffer *b = calloc(2, sizeof *b);
	struct arena arena = {0};
	struct device d;
	struct archive to = {.sink = fill, .sink_context = b + 1};

	(void)state;
	write_whole(b);
	assert_true(wire_read_device((struct bytes){b->at, b->len}, &arena, &d));
	assert_string_equal(d.id, "mac:02:00:5e:00:53:01");
	assert_string_equal(d.firmware, "");
	assert_null(d.model);
	assert_int_equal(d.evidence[0].port, 23);
	assert_int_equal(d.evidence[0].packets[1].packet, 99);
	assert_int_equal(d.rates.count[2], 1u << 31);
	assert_string_equal(d.names[1], "second");
	assert_string_equal(d.lease, "1,3,6 udhcp");
	assert_int_equal(d.addresses_seen[0].first_ns, -7);
	assert_int_equal(d.accesses_n, 2);
	assert_int_equal(d.accesses[0].kind, ACCESS_OWN);
	assert_int_equal(d.accesses[0].where.packet, 7);
	assert_string_equal(d.accesses[1].service, "telnet/23");
	assert_true(d.accesses[1].unchangeable);
	assert_true(d.unfixable && d.known && !d.thing);
	/* All of it: written again it is the same. */
	assert_true(wire_write_device(&d, &to));
	assert_int_equal(b[0].len, b[1].len);
	assert_memory_equal(b[0].at, b[1].at, b->len);
	arena_fini(&arena);
	free(b);
}

static void test_cut_is_refused(void **state)
{
	struct buffer *b = calloc(1, sizeof *b);

	(void)state;
	write_whole(b);
	for (size_t len = 0; len < b->len; len++) {
		uint8_t *exact = malloc(len + 1); /* so that the sanitizer sees a byte too far */
		struct arena arena = {0};
		struct device d;

		memcpy(exact, b->at, len);
		assert_false(wire_read_device((struct bytes){exact, len}, &arena, &d));
		arena_fini(&arena);
		free(exact);
	}
	free(b);
}

/* Whatever one byte becomes: refused, or a device that a report can be written of. */
static void test_changed_bytes(void **state)
{
	struct buffer *b = calloc(1, sizeof *b);

	(void)state;
	write_whole(b);
	for (size_t at = 0; at < b->len; at++) {
		struct arena arena = {0};
		struct device d;

		b->at[at] ^= 0xff;
		if (wire_read_device((struct bytes){b->at, b->len}, &arena, &d)) {
			const struct judged judged = {
				.version = "0", .knowledge = "0", .devices = &d, .devices_n = 1};
			struct report_options look = {.width = 80, .all = true};
			struct text out = {0};

			report_json(&judged, &look, &out);
			report_text(&judged, &look, &out);
			text_fini(&out);
		}
		b->at[at] ^= 0xff;
		arena_fini(&arena);
	}
	free(b);
}

static void test_attack_and_recall(void **state)
{
	struct buffer *b = calloc(2, sizeof *b);
	struct arena arena = {0};
	struct attack a = {.vector = VECTOR_DNS,
			   .target = addr_v4(0xcb007101),
			   .port = 53,
			   .direction = DIRECTION_OUTBOUND,
			   .source_hashes = hashes,
			   .source_hashes_n = 2,
			   .devices = words,
			   .devices_n = 2,
			   .packet_list = packets,
			   .packet_list_n = 2};
	struct recall_entry r = {
		.maker = "Xiongmai", .advisory = "2016", .devices = words, .devices_n = 2};
	struct archive to = {.sink = fill, .sink_context = b};
	struct archive to_second = {.sink = fill, .sink_context = b + 1};
	struct attack a_back;
	struct recall_entry r_back;

	(void)state;
	assert_true(wire_write_attack(&a, &to));
	assert_true(wire_read_attack((struct bytes){b[0].at, b[0].len}, &arena, &a_back));
	assert_int_equal(a_back.source_hashes[1], UINT64_MAX);
	assert_string_equal(a_back.devices[1], "second");
	assert_true(wire_write_recall(&r, &to_second));
	assert_true(wire_read_recall((struct bytes){b[1].at, b[1].len}, &arena, &r_back));
	assert_null(r_back.action);
	assert_int_equal(r_back.devices_n, 2);
	arena_fini(&arena);
	free(b);
}

static unsigned open_files(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void test_messages(void **state)
{
	uint8_t *buffer = malloc(WIRE_MOST);
	struct wire_message m;
	unsigned before;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	before = open_files();
	assert_int_equal(wire_receive(pair[1], buffer, &m), 0);
	assert_int_equal(wire_send(pair[0], WIRE_SUMMARY, (const uint8_t *)"body", 4, pair[0]), 0);
	assert_int_equal(wire_receive(pair[1], buffer, &m), 1);
	assert_int_equal(m.type, WIRE_SUMMARY);
	assert_memory_equal(m.body.at, "body", 4);
	assert_true(m.fd >= 0);
	close(m.fd);
	/* Not ours: refused, and what came along is closed. */
	assert_int_equal(send(pair[0], "\x07\x01\0\0", 4, 0), 4);
	assert_int_equal(wire_receive(pair[1], buffer, &m), -EBADMSG);
	assert_int_equal(send(pair[0], "x", 1, 0), 1);
	assert_int_equal(wire_receive(pair[1], buffer, &m), -EBADMSG);
	assert_int_equal(wire_send(pair[0], WIRE_DEVICE, buffer, WIRE_MOST, -1), -EMSGSIZE);
	assert_int_equal(open_files(), before);
	/* Full: never waits. */
	for (int i = 0, err = 0; err == 0; i++) {
		assert_true(i < 100000);
		err = wire_send(pair[0], WIRE_DEVICE, buffer, 1000, -1);
		assert_true(err == 0 || err == -EAGAIN);
	}
	close(pair[0]);
	close(pair[1]);
	free(buffer);
}

static void test_numbers(void **state)
{
	struct buffer *b = calloc(1, sizeof *b);
	struct wire_counts *c = calloc(2, sizeof *c);
	struct archive to = {.sink = fill, .sink_context = b};
	struct archive from = {.reading = true};

	(void)state;
	c[0].interfaces_n = 1;
	c[0].interfaces[0] = (struct wire_interface){.name = "br-lan", .packets = 5, .dropped = 1};
	c[0].unseen_n = WIRE_COUNTS_MOST;
	c[0].place = PLACE_UPSTREAM;
	wire_counts(&to, &c[0]);
	archive_flush(&to);
	from.from = cursor_over((struct bytes){b->at, b->len});
	wire_counts(&from, &c[1]);
	assert_false(from.broken);
	assert_memory_equal(&c[0], &c[1], sizeof c[0]);
	c[0].unseen_n = WIRE_COUNTS_MOST + 1; /* more than there is room for */
	b->at[0] = 0xff;
	from = (struct archive){.reading = true,
				.from = cursor_over((struct bytes){b->at, b->len})};
	wire_counts(&from, &c[1]);
	assert_true(from.broken);
	free(c);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_device_comes_back), cmocka_unit_test(test_cut_is_refused),
		cmocka_unit_test(test_changed_bytes),	  cmocka_unit_test(test_attack_and_recall),
		cmocka_unit_test(test_messages),	  cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
