/* SPDX-License-Identifier: MIT */
/*
 * ClientHello: versions, suites and the extensions that tell one client from another: server_name (RFC 6066 section 3),
 * ALPN (RFC 7301), signature_algorithms and supported_versions (RFC 8446 section 4.2). Of an extension that comes twice the
 * first counts. A message whose lists do not fill their space exactly is refused as a whole: a fingerprint of half a
 * message would name the wrong client.
 */
#include "proto/hello.h"

enum {
	SERVER_NAME = 0x0000,
	SIGNATURE_ALGORITHMS = 0x000d,
	ALPN = 0x0010,
	SUPPORTED_VERSIONS = 0x002b
};

bool hello_next_extension(struct cursor *c, uint16_t *type, struct bytes *content)
{
	if (cursor_left(c) == 0)
		return false;
	*type = cursor_be16(c);
	*content = cursor_take(c, cursor_be16(c));
	return !c->broken;
}

/* The first host_name entry. */
static struct bytes read_name(struct bytes content)
{
	struct cursor c = cursor_over(content);
	uint8_t type;
	struct bytes name;

	cursor_skip(&c, 2);
	type = cursor_u8(&c);
	name = cursor_take(&c, cursor_be16(&c));
	return type == 0 ? name : (struct bytes){.at = NULL, .len = 0};
}

static struct bytes read_alpn(struct bytes content)
{
	struct cursor c = cursor_over(content);

	cursor_skip(&c, 2);
	return cursor_take(&c, cursor_u8(&c));
}

static uint16_t read_versions(struct bytes content)
{
	struct cursor c = cursor_over(content);
	struct cursor list = cursor_over(cursor_take(&c, cursor_u8(&c)));
	uint16_t highest = 0;

	while (cursor_left(&list) >= 2) {
		uint16_t version = cursor_be16(&list);

		if (!hello_is_grease(version) && version > highest)
			highest = version;
	}
	return highest;
}

static void read_extension(uint16_t type, struct bytes content, struct hello *out,
			   uint16_t *highest)
{
	struct cursor c = cursor_over(content);

	switch (type) {
	case SERVER_NAME:
		if (!out->named)
			out->name = read_name(content);
		out->named = true;
		break;
	case SIGNATURE_ALGORITHMS:
		if (out->algorithms.at == NULL)
			out->algorithms = cursor_take(&c, cursor_be16(&c));
		break;
	case ALPN:
		if (out->alpn.at == NULL)
			out->alpn = read_alpn(content);
		break;
	case SUPPORTED_VERSIONS:
		if (*highest == 0)
			*highest = read_versions(content);
		break;
	default:
		break;
	}
}

bool hello_read(struct bytes body, struct hello *out)
{
	struct cursor c = cursor_over(body), extensions;
	uint16_t type, highest = 0;
	struct bytes content;

	*out = (struct hello){.version = cursor_be16(&c)};
	cursor_skip(&c, 32);
	cursor_skip(&c, cursor_u8(&c));
	out->suites = cursor_take(&c, cursor_be16(&c));
	cursor_skip(&c, cursor_u8(&c));
	if (c.broken || out->suites.len == 0 || out->suites.len % 2 != 0)
		return false;
	if (cursor_left(&c) == 0)
		return true; /* TLS 1.0 knows no extensions */
	out->extensions = cursor_take(&c, cursor_be16(&c));
	extensions = cursor_over(out->extensions);
	while (hello_next_extension(&extensions, &type, &content))
		read_extension(type, content, out, &highest);
	if (highest != 0)
		out->version = highest;
	return !c.broken && !extensions.broken && cursor_left(&c) == 0 &&
	       out->algorithms.len % 2 == 0;
}
