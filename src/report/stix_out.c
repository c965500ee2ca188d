/* SPDX-License-Identifier: MIT */
/*
 * Objects of STIX 2.1, see stix_out.h. Observables are named after section 2.9 of the specification: a UUIDv5 in the
 * OASIS' namespace of the properties that make them what they are, as canonical JSON. Our own objects are named by what we
 * say in them, so nothing is random and a bundle made again is the same.
 */
#include "report/stix_out.h"

#include <stdio.h>

enum { COUNT_MOST = 999999999 /* the specification's limit of counts */ };

void stix_ref(struct ref *r, const char *type, const char *uuid)
{
	(void)snprintf(r->s, sizeof r->s, "%s--%s", type, uuid);
}

/* Of what was put into x->content. */
void stix_ref_of_content(struct stix *x, struct ref *r, const char *type)
{
	char id[UUID_TEXT_MAX];

	stix_ref(r, type, abroad_id(&x->content, id));
}

void stix_begin_content(struct stix *x, const char *type, const char *name)
{
	text_clear(&x->content);
	text_printf(&x->content, "stix\n%s\n%s\n%s\n", x->identity.s, type, name);
}

/* For observables: x->content holds their properties as canonical JSON (RFC 8785). */
void stix_ref_of_observable(struct stix *x, struct ref *r, const char *type)
{
	static const struct uuid space = {{0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c,
					   0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}};
	char id[UUID_TEXT_MAX];
	struct bytes name = {(const uint8_t *)text_string(&x->content), x->content.len};

	stix_ref(r, type, uuid_of_name(&space, name, id));
}

const char *stix_addr_type(const struct addr *a)
{
	return addr_is_v4(a) ? "ipv4-addr" : "ipv6-addr";
}

void stix_addr_ref(struct stix *x, struct ref *r, const struct addr *a)
{
	char buf[ADDR_TEXT_MAX];

	text_clear(&x->content);
	text_printf(&x->content, "{\"value\":\"%s\"}", addr_text(a, buf));
	stix_ref_of_observable(x, r, stix_addr_type(a));
}

void stix_mac_ref(struct stix *x, struct ref *r, const struct mac *m)
{
	char buf[MAC_TEXT_MAX];

	text_clear(&x->content);
	text_printf(&x->content, "{\"value\":\"%s\"}", mac_text(m, buf));
	stix_ref_of_observable(x, r, "mac-addr");
}

/* ---- what objects have in common ------------------------------------------------------------------------------- */

static void chain_on(struct stix *x, const struct ref *r)
{
	text_clear(&x->content);
	text_printf(&x->content, "%s %s", x->chain, r->s);
	(void)abroad_id(&x->content, x->chain);
}

void stix_open(struct stix *x, const char *type, const struct ref *r)
{
	json_open(&x->json, NULL, "{");
	json_string(&x->json, "type", type);
	json_string(&x->json, "spec_version", "2.1");
	json_string(&x->json, "id", r->s);
	chain_on(x, r);
}

void stix_close(struct stix *x)
{
	json_close(&x->json, "}");
}

void stix_time(struct stix *x, const char *key, int64_t ns)
{
	json_time_as(&x->json, key, ns, 3, "Z");
}

void stix_open_own(struct stix *x, const char *type, const struct ref *r, int64_t created_ns)
{
	stix_open(x, type, r);
	json_string(&x->json, "created_by_ref", x->identity.s);
	stix_time(x, "created", created_ns);
	stix_time(x, "modified", created_ns);
}

void stix_count(struct stix *x, const char *key, uint64_t n)
{
	json_count(&x->json, key, n < 1 ? 1 : n > COUNT_MOST ? COUNT_MOST : n);
}

void stix_relate(struct stix *x, const struct ref *from, const char *how, const struct ref *to,
		 int64_t created_ns)
{
	struct ref r;

	stix_begin_content(x, "relationship", how);
	text_printf(&x->content, "%s\n%s\n", from->s, to->s);
	text_time(&x->content, created_ns);
	stix_ref_of_content(x, &r, "relationship");
	stix_open_own(x, "relationship", &r, created_ns);
	json_string(&x->json, "relationship_type", how);
	json_string(&x->json, "source_ref", from->s);
	json_string(&x->json, "target_ref", to->s);
	stix_close(x);
}
