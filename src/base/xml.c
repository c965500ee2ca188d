/* SPDX-License-Identifier: MIT */
/*
 * Just enough of XML 1.0 (section 2 for comments, CDATA, instructions and tags; section 4.6 for the predefined entities)
 * to find an element by name in bytes that may end anywhere. It does not check that a document is well-formed, knows no
 * namespaces beyond their prefixes and no entities of a document's own, so nothing can expand.
 *
 * The reader of tags only ever moves forward: a tag that is broken off by another '<' is given up at that place, one
 * without an end takes the rest of the document with it. So thousands of unclosed tags cost one pass, not a pass each.
 * Depth is counted for the wanted name alone; there is no stack that nesting could fill.
 */
#include "base/xml.h"

#include "base/scan.h"

struct tag {
	struct bytes name; /* local */
	struct bytes rest; /* between the name and '>' */
	size_t from;	   /* where its '<' stands */
	bool closing;	   /* </a> */
	bool empty;	   /* <a/> */
};

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* How much of b goes up to the end of `text`, begun behind `from`; all of b when it is not there. */
static size_t up_to(struct bytes b, size_t from, const char *text)
{
	size_t hit = bytes_find(bytes_from(b, from), text);

	return from + hit >= b.len ? b.len : from + hit + strlen(text);
}

/* A document type's own declarations stand in brackets and may hold any '>'. */
static size_t doctype_length(struct bytes b)
{
	for (size_t i = 2; i < b.len; i++) {
		if (b.at[i] == '>')
			return i + 1;
		if (b.at[i] == '[')
			return up_to(b, i, "]>");
	}
	return b.len;
}

/* b begins with '<': how long is it when it is something else than a tag? 0: it is a tag. */
static size_t markup_length(struct bytes b)
{
	if (bytes_begin(b, "<!--"))
		return up_to(b, 4, "-->");
	if (bytes_begin(b, "<![CDATA["))
		return up_to(b, 9, "]]>");
	if (bytes_begin(b, "<?"))
		return up_to(b, 2, "?>");
	if (bytes_begin(b, "<!"))
		return doctype_length(b);
	return 0;
}

/* b begins with '<'. Gives the length up to '>', and false when another '<' or the end of the bytes is there first. */
static bool tag_length(struct bytes b, size_t *len)
{
	uint8_t quote = 0;

	for (size_t i = 1; i < b.len; i++) {
		uint8_t c = b.at[i];

		if (c == '<' || (c == '>' && quote == 0)) {
			*len = c == '>' ? i + 1 : i;
			return c == '>';
		}
		if (quote == c)
			quote = 0;
		else if (quote == 0 && (c == '"' || c == '\''))
			quote = c;
	}
	*len = b.len;
	return false;
}

/* What is left of a name behind its prefix. */
static struct bytes local_name(struct bytes name)
{
	const uint8_t *colon = name.len == 0 ? NULL : memchr(name.at, ':', name.len);

	return colon == NULL ? name : bytes_from(name, (size_t)(colon - name.at) + 1);
}

/* b is a whole tag with its brackets. */
static struct tag split_tag(struct bytes b)
{
	struct tag tag = {.closing = b.len > 2 && b.at[1] == '/'};
	size_t begin = tag.closing ? 2 : 1, end = begin;

	b.len--;
	tag.empty = !tag.closing && b.len > begin && b.at[b.len - 1] == '/';
	if (tag.empty)
		b.len--;
	while (end < b.len && !is_space(b.at[end]))
		end++;
	tag.name = local_name(bytes_upto(bytes_from(b, begin), end - begin));
	tag.rest = bytes_from(b, end);
	return tag;
}

/* The next tag at or behind *at, which moves behind it; false when there is none that is whole. */
static bool next_tag(struct bytes doc, size_t *at, struct tag *tag)
{
	while (*at < doc.len) {
		const uint8_t *bracket = memchr(doc.at + *at, '<', doc.len - *at);
		size_t from = bracket == NULL ? doc.len : (size_t)(bracket - doc.at);
		struct bytes rest = bytes_from(doc, from);
		size_t len = markup_length(rest);
		bool whole = len == 0 && rest.len > 0 && tag_length(rest, &len);

		*at = from + len;
		if (!whole)
			continue;
		*tag = split_tag(bytes_upto(rest, len));
		tag->from = from;
		if (tag->name.len > 0)
			return true;
	}
	return false;
}

static bool next_start(struct bytes doc, size_t *at, const char *name, struct tag *tag)
{
	while (next_tag(doc, at, tag)) {
		if (!tag->closing && bytes_are(tag->name, name))
			return true;
	}
	return false;
}

bool xml_next(struct bytes doc, size_t *at, const char *name, struct bytes *inner)
{
	size_t pos = at == NULL ? 0 : *at, begin;
	unsigned depth = 1;
	struct tag tag;
	bool found = false;

	*inner = (struct bytes){.at = NULL, .len = 0};
	if (next_start(doc, &pos, name, &tag)) {
		begin = pos;
		found = tag.empty;
		while (!found && next_tag(doc, &pos, &tag)) {
			if (!bytes_are(tag.name, name))
				continue;
			if (tag.closing)
				depth--;
			else if (!tag.empty)
				depth++;
			found = depth == 0;
		}
		if (found)
			*inner = bytes_upto(bytes_from(doc, begin),
					    tag.empty ? 0 : tag.from - begin);
	}
	if (at != NULL)
		*at = pos;
	return found;
}

bool xml_find(struct bytes doc, const char *name, struct bytes *inner)
{
	bool found = xml_next(doc, NULL, name, inner);

	*inner = bytes_trim(*inner);
	return found;
}

bool xml_open(struct bytes doc, const char *name, struct bytes *rest)
{
	size_t at = 0;
	struct tag tag;
	bool found = next_start(doc, &at, name, &tag);

	*rest = bytes_from(doc, at);
	if (found && tag.empty)
		rest->len = 0;
	return found;
}

bool xml_first(struct bytes doc, struct bytes *name)
{
	size_t at = 0;
	struct tag tag;

	*name = (struct bytes){.at = NULL, .len = 0};
	if (!next_tag(doc, &at, &tag) || tag.closing)
		return false;
	*name = tag.name;
	return true;
}

/* Takes `name="value"` from *rest; false at the end, and where it is not of this form. */
static bool take_attribute(struct bytes *rest, struct bytes *name, struct bytes *value)
{
	const uint8_t *end;

	*name = bytes_trim(bytes_cut(rest, '='));
	*rest = bytes_trim(*rest);
	if (name->len == 0 || rest->len < 2 || (rest->at[0] != '"' && rest->at[0] != '\''))
		return false;
	end = memchr(rest->at + 1, rest->at[0], rest->len - 1);
	if (end == NULL)
		return false;
	*value = bytes_upto(bytes_from(*rest, 1), (size_t)(end - rest->at) - 1);
	*rest = bytes_from(*rest, value->len + 2);
	return true;
}

bool xml_attribute(struct bytes doc, const char *name, const char *attribute, struct bytes *value)
{
	size_t at = 0;
	struct tag tag;
	struct bytes key;

	if (next_start(doc, &at, name, &tag)) {
		while (take_attribute(&tag.rest, &key, value)) {
			if (!bytes_begin(key, "xmlns:") && bytes_are(local_name(key), attribute))
				return true;
		}
	}
	*value = (struct bytes){.at = NULL, .len = 0};
	return false;
}

/* An entity that stands at the front of b: the byte it means, and its length; 0 when it is none of the five. */
static size_t entity(struct bytes b, char *meant)
{
	static const struct {
		const char *text;
		char meant;
	} known[] = {
		{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (bytes_begin(b, known[i].text)) {
			*meant = known[i].meant;
			return strlen(known[i].text);
		}
	}
	return 0;
}

static size_t append(char *buf, size_t used, size_t size, struct bytes b)
{
	size_t n = b.len < size - used ? b.len : size - used;

	if (n > 0)
		memcpy(buf + used, b.at, n);
	return used + n;
}

struct bytes xml_text(struct bytes text, char *buf, size_t size)
{
	size_t used = 0;

	while (text.len > 0 && used < size) {
		size_t len = 1;

		if (bytes_begin(text, "<![CDATA[")) {
			struct bytes data = bytes_from(text, 9);

			len = markup_length(text);
			used = append(buf, used, size, bytes_upto(data, bytes_find(data, "]]>")));
		} else if (bytes_begin(text, "<!--")) {
			len = markup_length(text);
		} else if (text.at[0] == '&' && entity(text, buf + used) > 0) {
			len = entity(text, buf + used++);
		} else {
			buf[used++] = (char)text.at[0];
		}
		text = bytes_from(text, len);
	}
	return (struct bytes){(const uint8_t *)buf, used};
}
