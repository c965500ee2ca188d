/* SPDX-License-Identifier: MIT */
/*
 * XML out of packets: descriptions and SOAP are searched for the text of an element by its local name; prefixes
 * ("wsdd:Scopes") are ignored, nothing is copied, no entity is expanded but the five predefined ones by xml_text().
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

/* An attribute of the first element of this name. */
bool xml_attribute(struct bytes doc, const char *name, const char *attribute, struct bytes *value);

/* Copies text with the predefined entities (&amp; &lt; &gt; &quot; &apos;) resolved. Returns the view of what is in buf. */
struct bytes xml_text(struct bytes text, char *buf, size_t size);
