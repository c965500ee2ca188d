/* SPDX-License-Identifier: MIT */
/*
 * XML out of packets: descriptions and SOAP are searched for the text of an element by its local name; prefixes
 * ("wsdd:Scopes") are ignored, nothing is copied, no entity is expanded but the five predefined ones by xml_text().
 * Comments, CDATA and instructions hide what looks like a tag in them. Every call reads the document at most once.
 */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>

/*
 * The first element with this local name at or behind *at (NULL: from the start): its inner bytes, which may hold more elements.
 * *at moves behind it. False when there is none or it is cut.
 */
bool xml_next(struct bytes doc, size_t *at, const char *name, struct bytes *inner);

/* The first element of this name: its inner bytes, trimmed. */
bool xml_find(struct bytes doc, const char *name, struct bytes *inner);

/* All that stands behind the first start tag of this name, closed or not: for the outer elements of a cut document. */
bool xml_open(struct bytes doc, const char *name, struct bytes *rest);

/* The local name of the first element: of a document's root, or of the first child when given inner bytes. */
bool xml_first(struct bytes doc, struct bytes *name);

/* An attribute of the first element of this name, by its local name; declarations of namespaces (xmlns:…) are none. */
bool xml_attribute(struct bytes doc, const char *name, const char *attribute, struct bytes *value);

/*
 * Copies text with the predefined entities (&amp; &lt; &gt; &quot; &apos;) resolved, the wrapping of CDATA and all
 * comments taken off. Returns the view of what is in buf: what does not fit is cut.
 */
struct bytes xml_text(struct bytes text, char *buf, size_t size);
