/* SPDX-License-Identifier: MIT */
/*
 * base/xml on documents as devices write them, on cut ones, and on those that are made to be read for ever.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/scan.h"
#include "base/xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char description[] =
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
	"<!DOCTYPE root [ <!ENTITY a \"<name>wrong</name>\"> ]>\n"
	"<!-- <name>hidden</name> -->\n"
	"<d:root xmlns:d=\"urn:example\" d:kind='plug' d:note=\"a > b\">\n"
	"  <empty/><blank></blank><d:list size=\"2\"><item>one</item><item>two</item></d:list>\n"
	"  <![CDATA[<name>raw</name>]]>\n"
	"  <name  >\n\tTom &amp; Co &lt;1&gt; &quot;x&quot; &apos;y&apos; &#38; &unknown;\n</name >\n"
	"  <nest><nest>inner</nest><nest/> tail</nest>\n"
	"</d:root>\n";

static void expect(struct bytes b, const char *text)
{
	assert_true(bytes_are(b, text));
}

static void expect_found(const char *doc, const char *name, const char *text)
{
	struct bytes inner;

	assert_true(xml_find(bytes_of(doc), name, &inner));
	expect(inner, text);
}

static void expect_none(const char *doc, const char *name)
{
	struct bytes inner;

	assert_false(xml_find(bytes_of(doc), name, &inner));
	assert_int_equal(inner.len, 0);
}

static void finds_elements_by_local_name(void **state)
{
	(void)state;
	expect_found(description, "item", "one");
	expect_found(description, "list", "<item>one</item><item>two</item>");
	expect_found(description, "name",
		     "Tom &amp; Co &lt;1&gt; &quot;x&quot; &apos;y&apos; &#38; &unknown;");
	expect_found(description, "nest", "<nest>inner</nest><nest/> tail");
	expect_found(description, "empty", "");
	expect_found(description, "blank", "");
	expect_none(description, "ite");
	expect_none(description, "items");
	expect_none(description, "Item");
	expect_none(description, "");
	expect_none("", "item");
	expect_none("plain text", "item");
}

static void visits_elements_in_turn(void **state)
{
	struct bytes doc = bytes_of("<s>1</s><t><s a='1'>2</s></t><s/><s>cut");
	struct bytes inner;
	size_t at = 0;

	(void)state;
	assert_true(xml_next(doc, &at, "s", &inner));
	expect(inner, "1");
	assert_true(xml_next(doc, &at, "s", &inner));
	expect(inner, "2");
	assert_true(xml_next(doc, &at, "s", &inner));
	expect(inner, "");
	assert_false(xml_next(doc, &at, "s", &inner));
	assert_int_equal(at, doc.len);
	assert_false(xml_next(doc, &at, "s", &inner));
	at = doc.len + 9;
	assert_false(xml_next(doc, &at, "s", &inner));
}

static void opens_what_is_never_closed(void **state)
{
	struct bytes rest, name;

	(void)state;
	assert_true(xml_open(bytes_of("<?x?><a><b:c q='1'><d>1</d><e>2"), "c", &rest));
	expect(rest, "<d>1</d><e>2");
	assert_true(xml_first(rest, &name));
	expect(name, "d");
	assert_true(xml_open(bytes_of("<c/><d>"), "c", &rest));
	assert_int_equal(rest.len, 0);
	assert_false(xml_open(bytes_of("</c><d>"), "c", &rest));
	assert_int_equal(rest.len, 0);
	assert_false(xml_first(bytes_of(" </c><d>"), &name));
	assert_false(xml_first(bytes_of("text"), &name));
	assert_true(xml_first(bytes_of(description), &name));
	expect(name, "root");
}

static void reads_attributes(void **state)
{
	static const char cases[] =
		"<a xmlns:Type='no' one = \"1\" w:Type='x#y' empty=\"\" bare b='2'>";
	struct bytes doc = bytes_of(description), value;

	(void)state;
	assert_true(xml_attribute(doc, "root", "kind", &value));
	expect(value, "plug");
	assert_true(xml_attribute(doc, "root", "note", &value));
	expect(value, "a > b");
	assert_true(xml_attribute(doc, "list", "size", &value));
	expect(value, "2");
	assert_false(xml_attribute(doc, "root", "d", &value));
	assert_false(xml_attribute(doc, "root", "size", &value));
	assert_false(xml_attribute(doc, "none", "size", &value));
	doc = bytes_of(cases);
	assert_true(xml_attribute(doc, "a", "Type", &value));
	expect(value, "x#y");
	assert_true(xml_attribute(doc, "a", "one", &value));
	expect(value, "1");
	assert_true(xml_attribute(doc, "a", "empty", &value));
	assert_int_equal(value.len, 0);
	assert_false(xml_attribute(doc, "a", "bare", &value));
	assert_false(xml_attribute(bytes_of("<a b=1 c='2'>"), "a", "c", &value));
	assert_false(xml_attribute(bytes_of("<a b=\"x'>"), "a", "b", &value));
	assert_false(xml_attribute(bytes_of("<a b='>"), "a", "b", &value));
}

static void gives_text_up_to_its_room(void **state)
{
	char buf[40];

	(void)state;
	expect(xml_text(bytes_of("a &amp;&lt;&gt;&quot;&apos; &amp &x;"), buf, sizeof buf),
	       "a &<>\"' &amp &x;");
	expect(xml_text(bytes_of("<![CDATA[ <b> &amp; ]]> c<!-- d -->e"), buf, sizeof buf),
	       " <b> &amp;  ce");
	expect(xml_text(bytes_of("x<![CDATA[cut"), buf, sizeof buf), "xcut");
	expect(xml_text(bytes_of("x<!-- cut"), buf, sizeof buf), "x");
	expect(xml_text(bytes_of("1234&amp;6"), buf, 5), "1234&");
	expect(xml_text(bytes_of("1234<![CDATA[5678]]>"), buf, 6), "123456");
	assert_int_equal(xml_text(bytes_of(""), buf, sizeof buf).len, 0);
	assert_int_equal(xml_text(bytes_of("a"), buf, 0).len, 0);
}

static void refuses_what_is_no_element(void **state)
{
	(void)state;
	expect_none("<item", "item");
	expect_none("<item>", "item");
	expect_none("<item>1", "item");
	expect_none("<item>1</item", "item");
	expect_none("<item>1</items>", "item");
	expect_none("</item>", "item");
	expect_none("<!-- <item>1</item>", "item");
	expect_none("<![CDATA[<item>1</item>", "item");
	expect_none("<? <item>1</item>", "item");
	expect_none("<!DOCTYPE x [ <item>1</item>", "item");
	expect_none("<!DOCTYPE <item", "item");
	expect_none("<a b=\"<item>1", "item");
	expect_none("<item>1<item>2</item>", "item");
	expect_found("< ><></><item>1</item>", "item", "1");
	expect_found("<a <item>1</item>", "item", "1");
	expect_found("<x y='<item>1</item>", "item", "1");
	expect_found("<item>1 <b </item>", "item", "1 <b");
	expect_found("<item><!-- </item> -->2</item>", "item", "<!-- </item> -->2");
}

/* No cut may claim what the whole does not hold; the copy has no byte behind it. */
static void bears_every_cut(void **state)
{
	size_t whole = sizeof description - 1;

	(void)state;
	for (size_t len = 0; len <= whole; len++) {
		uint8_t *copy = malloc(len > 0 ? len : 1);
		struct bytes doc = {copy, len}, value;
		char buf[16];

		memcpy(copy, description, len);
		if (xml_find(doc, "item", &value))
			expect(value, "one");
		if (xml_find(doc, "name", &value))
			assert_true(bytes_begin(value, "Tom"));
		if (xml_attribute(doc, "root", "kind", &value))
			expect(value, "plug");
		xml_open(doc, "list", &value);
		xml_first(doc, &value);
		xml_text(doc, buf, sizeof buf);
		free(copy);
	}
}

/* What one pass over each costs is a fraction of a second; a pass for each tag would take minutes. */
static void one_pass_over_hostile_documents(void **state)
{
	static const char *const hostile[] = {
		"<",	      "<a",    "<a>",	"<a ",	   "<a b='",  "<a b=\"<", "</a>",
		"<!--",	      "<![",   "<?",	"<!",	   "<!x[",    "<a/>",	  "<![CDATA[",
		"<![CDATA[]", "<!--x", "&amp;", "<a b=''", "<b><a>b", "<!-->",	  "<a><!-- -- >"};
	enum { SIZE = 1 << 17 };
	uint8_t *doc = malloc(SIZE);
	char *buf = malloc(SIZE);
	clock_t begun = clock();

	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
		size_t n = strlen(hostile[i]), at = 0;
		struct bytes b = {doc, SIZE}, value;

		for (size_t used = 0; used < SIZE; used++)
			doc[used] = (uint8_t)hostile[i][used % n];
		while (xml_next(b, &at, "a", &value))
			assert_true(value.len <= SIZE);
		xml_find(b, "z", &value);
		xml_open(b, "z", &value);
		xml_attribute(b, "z", "z", &value);
		xml_text(b, buf, SIZE);
	}
	assert_true(clock() - begun < 20 * CLOCKS_PER_SEC);
	free(buf);
	free(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_elements_by_local_name),
		cmocka_unit_test(visits_elements_in_turn),
		cmocka_unit_test(opens_what_is_never_closed),
		cmocka_unit_test(reads_attributes),
		cmocka_unit_test(gives_text_up_to_its_room),
		cmocka_unit_test(refuses_what_is_no_element),
		cmocka_unit_test(bears_every_cut),
		cmocka_unit_test(one_pass_over_hostile_documents),
	};

	return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
