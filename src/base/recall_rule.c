/* SPDX-License-Identifier: MIT */
/*
 * Reads a rule of recalls.tsv and holds it against what a device told. The checker and the matcher read a rule with the
 * same function, so nothing passes the one that the other does not understand. A version or a date that can't be read
 * gives "unknown": an advisory told to the wrong owner is worse than one told with a question mark.
 */
#include "base/recall_rule.h"
#include "base/built.h"
#include "base/pattern.h"
#include "base/scan.h"
#include "base/version_order.h"

enum rule_kind {
	RULE_ALL,
	RULE_BUILT_BEFORE, /* to */
	RULE_OLDER,	   /* text */
	RULE_UP_TO,	   /* text */
	RULE_ONE_OF,	   /* text */
	RULE_VERSION,	   /* text: pattern */
	RULE_BUILT_IN,	   /* from, to */
	RULE_VERSION_IN,   /* text: pattern of what stands before the date; from, to */
	RULE_SERVICE,	   /* text, port */
	RULE_ABSENT,	   /* text */
	RULE_HTTP_SERVER   /* text: pattern */
};

enum { DATE_DIGITS = 8 };

struct rule {
	enum rule_kind kind;
	struct bytes text;
	int32_t from, to; /* days */
	uint16_t port;	  /* 0: any */
};

/* Takes `head` from the beginning of *rest. */
static bool take_head(struct bytes *rest, const char *head)
{
	if (!bytes_begin(*rest, head))
		return false;
	*rest = bytes_from(*rest, strlen(head));
	return true;
}

static bool all_digits(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		if (b.at[i] < '0' || b.at[i] > '9')
			return false;
	}
	return b.len > 0;
}

static const char *read_built(struct bytes text, struct rule *out)
{
	out->kind = RULE_BUILT_BEFORE;
	return text.len == 10 && text.at[4] == '-' && built_parse(text, &out->to)
		       ? NULL
		       : "a day from 2008 on behind built<, as in built<2015-09-01";
}

static const char *read_build(struct bytes text, struct rule *out)
{
	int64_t value = bytes_number(text);

	out->kind = RULE_BUILT_BEFORE;
	return text.len == 6 && all_digits(text) &&
			       built_day(2000 + value / 10000, value / 100 % 100, value % 100,
					 &out->to)
		       ? NULL
		       : "a day behind build<, as in build<210628";
}

static const char *read_order(struct bytes text, enum rule_kind kind, struct rule *out)
{
	out->kind = kind;
	out->text = text;
	return version_compare(text, text) == VERSION_EQUAL
		       ? NULL
		       : "a version behind fw<, as in fw<1.3.4 or fw<=6.42";
}

static const char *read_list(struct bytes text, struct rule *out)
{
	out->kind = RULE_ONE_OF;
	out->text = text;
	if (text.len > 0 && text.at[text.len - 1] == ';')
		return "a version behind the last ; of fw in";
	do {
		if (bytes_trim(bytes_cut(&text, ';')).len == 0)
			return "versions behind fw in, with ; between them";
	} while (text.len > 0);
	return NULL;
}

static const char *read_pattern(struct bytes text, enum rule_kind kind, struct rule *out)
{
	out->kind = kind;
	out->text = text;
	return pattern_check(text);
}

static bool is_word(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		uint8_t c = ascii_lower(b.at[i]);

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' &&
		    c != '.')
			return false;
	}
	return b.len > 0;
}

static const char *read_service(struct bytes text, struct rule *out)
{
	bool any = !bytes_hold(text, "/");
	int64_t port;

	out->kind = RULE_SERVICE;
	out->text = bytes_cut(&text, '/');
	port = bytes_number(text);
	if (!is_word(out->text) || (!any && (!all_digits(text) || port < 1 || port > 65535)))
		return "a protocol and a port behind svc:, as in svc:telnet/23";
	out->port = any ? 0 : (uint16_t)port;
	return NULL;
}

static const char *read_absent(struct bytes text, struct rule *out)
{
	out->kind = RULE_ABSENT;
	out->text = bytes_cut(&text, ' ');
	return is_word(out->text) && bytes_are(text, "absent")
		       ? NULL
		       : "a field and the word absent behind disc:, as in disc:Init absent";
}

static const char *read_range(struct bytes a, struct bytes b, struct rule *out)
{
	out->kind = RULE_BUILT_IN;
	if (!built_of_build(a, &out->from) || !built_of_build(b, &out->to)) {
		out->kind = RULE_VERSION_IN;
		if (b.len != DATE_DIGITS || !built_at_end(a, &out->from) ||
		    !built_at_end(b, &out->to))
			return "two ends with their build, A build 140721..B build 160530, or a version and two dates, V4.02.R11.*.20160422..20170727";
		out->text = version_without_v(bytes_upto(a, a.len - DATE_DIGITS));
		if (out->text.len + DATE_DIGITS > PATTERN_MAX || pattern_check(out->text) != NULL)
			return "a pattern before the first date of a range";
	}
	return out->from <= out->to ? NULL : "the earlier day before the .. of a range";
}

/* NULL, or what should have stood there. */
static const char *read_rule(struct bytes rest, struct rule *out)
{
	size_t dots = bytes_find(rest, "..");

	*out = (struct rule){.kind = RULE_ALL};
	if (rest.len > RECALL_RULE_MAX)
		return "a rule of at most 600 bytes";
	if (bytes_are(rest, "all"))
		return NULL;
	if (take_head(&rest, "built<"))
		return read_built(rest, out);
	if (take_head(&rest, "build<"))
		return read_build(rest, out);
	if (take_head(&rest, "fw<="))
		return read_order(rest, RULE_UP_TO, out);
	if (take_head(&rest, "fw<"))
		return read_order(rest, RULE_OLDER, out);
	if (take_head(&rest, "fw in "))
		return read_list(rest, out);
	if (take_head(&rest, "fw~"))
		return read_pattern(rest, RULE_VERSION, out);
	if (take_head(&rest, "svc:"))
		return read_service(rest, out);
	if (take_head(&rest, "disc:"))
		return read_absent(rest, out);
	if (take_head(&rest, "http.server~"))
		return read_pattern(rest, RULE_HTTP_SERVER, out);
	if (dots < rest.len)
		return read_range(bytes_trim(bytes_upto(rest, dots)),
				  bytes_trim(bytes_from(rest, dots + 2)), out);
	return "a rule: all, built<DAY, build<YYMMDD, fw<VERSION, fw<=VERSION, fw in A; B, fw~PATTERN, A..B, svc:NAME/PORT, disc:FIELD absent or http.server~PATTERN";
}

const char *recall_rule_check(struct bytes rule)
{
	struct rule out;

	return read_rule(rule, &out);
}

static enum recall_match match_if(bool holds)
{
	return holds ? RECALL_MATCH : RECALL_NO_MATCH;
}

static bool matches(struct bytes pattern, struct bytes value)
{
	struct bytes capture;

	return pattern_match(pattern, value, &capture);
}

static enum recall_match between(const struct rule *rule, int32_t day)
{
	return match_if(day >= rule->from && day <= rule->to);
}

/* The day the firmware was built: as it was told, else as the version's text has it. */
static bool day_of(const struct recall_facts *facts, struct bytes firmware, int32_t *day)
{
	*day = facts->built_day;
	return *day != RECALL_NO_DAY || built_of_build(firmware, day) ||
	       built_at_end(firmware, day);
}

static enum recall_match match_order(const struct rule *rule, struct bytes firmware)
{
	enum version_order order = version_compare(firmware, rule->text);

	if (order == VERSION_UNCLEAR)
		return RECALL_UNKNOWN;
	return match_if(order == VERSION_OLDER ||
			(order == VERSION_EQUAL && rule->kind == RULE_UP_TO));
}

static bool same_text(struct bytes a, struct bytes b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++) {
		if (ascii_lower(a.at[i]) != ascii_lower(b.at[i]))
			return false;
	}
	return a.len == b.len;
}

static enum recall_match match_list(struct bytes list, struct bytes firmware)
{
	firmware = version_without_v(firmware);
	while (list.len > 0) {
		struct bytes one = version_without_v(bytes_cut(&list, ';'));

		if (same_text(one, firmware))
			return RECALL_MATCH;
	}
	return RECALL_NO_MATCH;
}

/* A version that begins so and ends in a date counts by that date; one without a date by the day that was told. */
static enum recall_match match_version_in(const struct rule *rule, const struct recall_facts *facts,
					  struct bytes firmware)
{
	char dated[PATTERN_MAX];
	size_t n = rule->text.len;
	int32_t day;

	firmware = version_without_v(firmware);
	memcpy(dated, rule->text.at, n);
	memset(dated + n, '#', DATE_DIGITS);
	if (matches((struct bytes){(const uint8_t *)dated, n + DATE_DIGITS}, firmware))
		return built_at_end(firmware, &day) ? between(rule, day) : RECALL_UNKNOWN;
	dated[n] = '*';
	if (!matches((struct bytes){(const uint8_t *)dated, n + 1}, firmware))
		return RECALL_NO_MATCH;
	return facts->built_day != RECALL_NO_DAY ? between(rule, facts->built_day) : RECALL_UNKNOWN;
}

/* That a service was not seen does not mean that it is not there. */
static enum recall_match match_service(const struct rule *rule, const struct recall_facts *facts)
{
	for (size_t i = 0; i < facts->services_n; i++) {
		if (bytes_are_nocase(rule->text, facts->services[i].name) &&
		    (rule->port == 0 || rule->port == facts->services[i].port))
			return RECALL_MATCH;
	}
	return RECALL_UNKNOWN;
}

static enum recall_match match_absent(const struct rule *rule, const struct recall_facts *facts)
{
	for (size_t i = 0; i < facts->fields_n; i++) {
		if (bytes_are_nocase(rule->text, facts->fields[i].name))
			return match_if(facts->fields[i].absent);
	}
	return RECALL_UNKNOWN;
}

static enum recall_match match_http_server(const struct rule *rule,
					   const struct recall_facts *facts)
{
	for (size_t i = 0; i < facts->http_servers_n; i++) {
		if (matches(rule->text, bytes_of(facts->http_servers[i])))
			return RECALL_MATCH;
	}
	return facts->http_servers_n == 0 ? RECALL_UNKNOWN : RECALL_NO_MATCH;
}

static enum recall_match match_firmware(const struct rule *rule, const struct recall_facts *facts,
					struct bytes firmware)
{
	int32_t day;

	if (rule->kind == RULE_BUILT_BEFORE)
		return day_of(facts, firmware, &day) ? match_if(day < rule->to) : RECALL_UNKNOWN;
	if (rule->kind == RULE_BUILT_IN)
		return day_of(facts, firmware, &day) ? between(rule, day) : RECALL_UNKNOWN;
	if (firmware.len == 0)
		return RECALL_UNKNOWN;
	if (rule->kind == RULE_ONE_OF)
		return match_list(rule->text, firmware);
	if (rule->kind == RULE_VERSION)
		return match_if(matches(rule->text, firmware));
	if (rule->kind == RULE_VERSION_IN)
		return match_version_in(rule, facts, firmware);
	return match_order(rule, firmware);
}

enum recall_match recall_rule_match(struct bytes rule, const struct recall_facts *facts)
{
	struct rule read;

	if (read_rule(rule, &read) != NULL)
		return RECALL_UNKNOWN;
	switch (read.kind) {
	case RULE_ALL:
		return RECALL_MATCH;
	case RULE_SERVICE:
		return match_service(&read, facts);
	case RULE_ABSENT:
		return match_absent(&read, facts);
	case RULE_HTTP_SERVER:
		return match_http_server(&read, facts);
	default:
		return match_firmware(
			&read, facts,
			bytes_trim(bytes_of(facts->firmware == NULL ? "" : facts->firmware)));
	}
}
