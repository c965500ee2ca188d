/* SPDX-License-Identifier: MIT */
/* SOAP (1.1 and 1.2): an envelope of XML whose body holds one element that names what is asked or answered. */
#pragma once

#include "base/scan.h"
#include "base/xml.h"
#include "proto/proto.h"

/* How a longest name of an operation is kept; a longer one is none of ours. */
enum { SOAP_OPERATION_MAX = 64 };

/* The local name of what the body holds, and all that stands behind the body's start tag, cut or not. */
static inline bool soap_open(struct bytes doc, struct bytes *operation, struct bytes *body)
{
	struct bytes root;

	return xml_first(doc, &root) && bytes_are(root, "Envelope") &&
	       xml_open(doc, "Body", body) && xml_first(*body, operation);
}

/* For mine(): a body that may be an envelope. Other bodies shall cost no state. */
static inline enum match soap_mine(const struct glance *g)
{
	return g->body && bytes_hold(bytes_upto(g->data, 512), "Envelope") ? MATCH_YES : MATCH_NO;
}

/* Is `answer` the name of the answer to `operation`? */
static inline bool soap_answers(struct bytes answer, const char *operation)
{
	size_t n = strlen(operation);

	return n > 0 && bytes_begin(answer, operation) &&
	       bytes_are(bytes_from(answer, n), "Response");
}
