/* SPDX-License-Identifier: MIT */
/*
 * Certificates after RFC 5280, sections 4.1 (fields), 4.1.2.4 (names) and 4.2.1.6 (subjectAltName). A stranger wrote it:
 * each field is taken only with the tag that the standard gives it, a value only when it is there as a whole, and a
 * name's part is cut at the 64 characters that X.520 allows.
 */
#include "proto/certificate.h"

#include "base/scan.h"
#include "proto/der.h"

enum { PART_MAX = 64 };

/* subjectAltName: of the extensions the one that we read. */
static void read_extensions(struct cursor *c, struct certificate *out)
{
	struct cursor list, one;
	struct bytes extension, oid, critical, value;

	if (!der_enter(c, DER_SEQUENCE, &list))
		return;
	while (der_take(&list, DER_SEQUENCE, &extension)) {
		one = cursor_over(extension);
		if (!der_take(&one, DER_OID, &oid) || !bytes_are(oid, "\x55\x1d\x11"))
			continue;
		der_take(&one, DER_BOOLEAN, &critical);
		if (!der_take(&one, DER_OCTETS, &value))
			continue;
		one = cursor_over(value);
		der_take(&one, DER_SEQUENCE, &out->names);
		return;
	}
}

bool certificate_read(struct bytes der, struct certificate *out)
{
	struct cursor c = cursor_over(der), whole, tbs, inside;
	struct bytes skipped;
	struct der field;

	*out = (struct certificate){.issuer = {.at = NULL, .len = 0}};
	if (!der_enter(&c, DER_SEQUENCE, &whole) || !der_enter(&whole, DER_SEQUENCE, &tbs))
		return false;
	der_take(&tbs, DER_CONTEXT_NEST, &skipped); /* the version, which version 1 leaves out */
	if (!der_take(&tbs, DER_INTEGER, &skipped) || !der_take(&tbs, DER_SEQUENCE, &skipped) ||
	    !der_take(&tbs, DER_SEQUENCE, &out->issuer))
		return false;
	if (!der_take(&tbs, DER_SEQUENCE, &skipped) || !der_take(&tbs, DER_SEQUENCE, &out->subject))
		return true;
	while (der_next(&tbs, &field)) { /* the key, unique ids, extensions */
		if (field.tag != (DER_CONTEXT_NEST | 3))
			continue;
		inside = cursor_over(field.content);
		read_extensions(&inside, out);
	}
	return true;
}

/* The first attribute of this type; *tag says which kind of string it is. */
static bool find_part(struct bytes name, const char *type, struct der *out)
{
	struct cursor c = cursor_over(name), set, pair;
	struct bytes content, oid;

	while (der_take(&c, DER_SET, &content)) {
		set = cursor_over(content);
		while (der_take(&set, DER_SEQUENCE, &content)) {
			pair = cursor_over(content);
			if (der_take(&pair, DER_OID, &oid) && bytes_are(oid, type) &&
			    der_next(&pair, out) && !out->cut)
				return true;
		}
	}
	return false;
}

/* Two bytes a character in a BMPString: those beyond ASCII become a question mark. */
static size_t put_part(const struct der *part, char *out)
{
	struct cursor c = cursor_over(part->content);
	size_t used = 0;

	while (used < PART_MAX && cursor_left(&c) > 0) {
		if (part->tag == DER_BMP_STRING) {
			uint16_t wide = cursor_be16(&c);

			if (c.broken)
				break;
			out[used++] = (char)(wide < 0x80 ? wide : '?');
		} else {
			out[used++] = (char)cursor_u8(&c);
		}
	}
	return used;
}

size_t certificate_name(struct bytes name, char out[CERTIFICATE_NAME])
{
	static const struct {
		const char *oid;
		const char *label;
	} parts[] = {{"\x55\x04\x03", "CN="},
		     {"\x55\x04\x0a", "O="},
		     {"\x55\x04\x0b", "OU="},
		     {"\x55\x04\x06", "C="}};
	size_t used = 0;

	_Static_assert(CERTIFICATE_NAME >= 4 * (PART_MAX + 4), "all four parts fit");
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		size_t label = strlen(parts[i].label);
		struct der part;

		if (!find_part(name, parts[i].oid, &part) || part.content.len == 0)
			continue;
		if (used > 0)
			out[used++] = ',';
		memcpy(out + used, parts[i].label, label);
		used += label;
		used += put_part(&part, out + used);
	}
	return used;
}

bool certificate_next_dns(struct bytes *names, struct bytes *dns)
{
	struct cursor c = cursor_over(*names);
	struct der name;

	while (der_next(&c, &name) && !name.cut) {
		*names = cursor_rest(&c);
		if (name.tag == (DER_CONTEXT | 2)) {
			*dns = name.content;
			return true;
		}
	}
	return false;
}
