/* SPDX-License-Identifier: MIT */
/*
 * What each field of makers.tsv, products.tsv, fingerprints.tsv, credentials.tsv, recalls.tsv and malware.tsv may hold. A word that
 * the code does not know, a pattern that is none, a maker that nobody named: each is an error that says what should
 * have stood there, because a record that silently does nothing is found by nobody.
 */
#include "base/catalogue_lines.h"
#include "base/pattern.h"
#include "base/recall_rule.h"
#include "base/scan.h"

struct word {
	const char *text;
	unsigned value;
};

static const struct word roles[] = {
	{"maker", MAKER_MAKER}, {"module", MAKER_MODULE}, {"brand", MAKER_BRAND}, {NULL, 0}};

static const struct word confidences[] = {
	{"low", CLAIM_LOW}, {"medium", CLAIM_MEDIUM}, {"high", CLAIM_HIGH}, {NULL, 0}};

static const struct word yes_words[] = {
	{"unknown", YES_UNKNOWN}, {"-", YES_UNKNOWN}, {"no", YES_NO}, {"yes", YES_YES}, {NULL, 0}};

static const struct word actions[] = {{"return", RECALL_RETURN},
				      {"update", RECALL_UPDATE},
				      {"no-fix", RECALL_NO_FIX},
				      {"advice", RECALL_ADVICE},
				      {NULL, 0}};

static const struct word traits[] = {{"request", TRAIT_REQUEST},
				     {"agent", TRAIT_AGENT},
				     {"token", TRAIT_TOKEN},
				     {"file", TRAIT_FILE},
				     {"name", TRAIT_NAME},
				     {"line", TRAIT_LINE},
				     {NULL, 0}};

static const struct word services[] = {
	{"telnet", SERVICE_TELNET}, {"http", SERVICE_HTTP},   {"ftp", SERVICE_FTP},
	{"rtsp", SERVICE_RTSP},	    {"ssh", SERVICE_SSH},     {"dvrip", SERVICE_DVRIP},
	{"dahua", SERVICE_DAHUA},   {"onvif", SERVICE_ONVIF}, {"sip", SERVICE_SIP},
	{"mqtt", SERVICE_MQTT},	    {"snmp", SERVICE_SNMP},   {NULL, 0}};

#define CONFIDENCE_EXPECTED "confidence low, medium or high"
#define SOURCE_EXPECTED "a source"
#define MAKER_EXPECTED "a maker that makers.tsv names, or -"
#define DEVICE_MAKER_EXPECTED                                                                      \
	"a maker or brand that makers.tsv names, or -; a module's maker builds no devices"
#define CLASS_EXPECTED                                                                             \
	"a product class in small letters, such as camera or access point, or - for none"

static bool find_word(const struct word *words, struct bytes text, unsigned *out)
{
	for (size_t i = 0; words[i].text != NULL; i++) {
		if (bytes_are(text, words[i].text)) {
			*out = words[i].value;
			return true;
		}
	}
	return false;
}

static bool is_none(struct bytes field)
{
	return bytes_are(field, "-");
}

static const char *string_of(struct bytes field)
{
	return is_none(field) ? NULL : (const char *)field.at;
}

/* A pair's part: "" is written <empty>. */
static const char *secret_of(struct bytes field)
{
	return bytes_are(field, "<empty>") ? "" : string_of(field);
}

/* Reports print fields as they stand. */
static const char *check_fields(const struct line *line)
{
	for (size_t i = 0; i < line->n; i++) {
		struct bytes field = line->field[i];

		if (field.len == 0)
			return "no empty field; - stands for none";
		if (bytes_trim(field).len != field.len)
			return "no blanks at either end of a field";
		for (size_t j = 0; j < field.len; j++) {
			if (field.at[j] < ' ' || field.at[j] == 0x7f)
				return "no control bytes";
		}
	}
	return NULL;
}

static bool is_class(struct bytes field)
{
	for (size_t i = 0; i < field.len; i++) {
		uint8_t c = field.at[i];

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != ' ')
			return false;
	}
	return field.len > 0;
}

/* Patterns separated by '|', or none. */
static const char *check_patterns(struct bytes rest)
{
	const char *wrong = NULL;
	bool more = !is_none(rest);

	while (more && wrong == NULL) {
		more = bytes_hold(rest, "|");
		wrong = pattern_check(bytes_cut(&rest, '|'));
	}
	return wrong;
}

/* Of recalls: patterns, or "class:camera" for all of a product class. */
static const char *check_models(struct bytes rest)
{
	const char *wrong = NULL;
	bool more = !is_none(rest);

	while (more && wrong == NULL) {
		struct bytes one;

		more = bytes_hold(rest, "|");
		one = bytes_cut(&rest, '|');
		if (!bytes_begin(one, "class:"))
			wrong = pattern_check(one);
		else if (!is_class(bytes_from(one, strlen("class:"))))
			wrong = "a product class behind class:";
	}
	return wrong;
}

/* Parts separated by '|', none of them empty. */
static bool are_parts(struct bytes rest)
{
	bool more = true, empty = false;

	while (more && !empty) {
		more = bytes_hold(rest, "|");
		empty = bytes_trim(bytes_cut(&rest, '|')).len == 0;
	}
	return !empty;
}

bool catalogue_are_makers(const struct catalogue *c, const char *names)
{
	struct bytes rest = bytes_of(names == NULL ? "" : names);
	bool known = true, more = names != NULL;

	while (more && known) {
		struct bytes name;

		more = bytes_hold(rest, "|");
		name = bytes_cut(&rest, '|');
		known = catalogue_maker_named(c, name) != NULL;
	}
	return known;
}

static bool is_maker(const struct catalogue *c, struct bytes field)
{
	return is_none(field) || catalogue_maker_named(c, field) != NULL;
}

/* A whole device's maker, not one of the modules inside. */
static bool is_device_maker(const struct catalogue *c, struct bytes field)
{
	const struct maker *maker = catalogue_maker_named(c, field);

	return is_none(field) || (maker != NULL && maker->role != MAKER_MODULE);
}

static const char *load_maker(struct catalogue *c, const struct line *line)
{
	const struct bytes *f = line->field;
	unsigned role, confidence;
	const char *wrong;

	if (line->n != 6)
		return "six fields: name, role, organisations, built by, source, confidence";
	if ((wrong = check_fields(line)) != NULL)
		return wrong;
	if (is_none(f[0]) || bytes_hold(f[0], "|"))
		return "a maker's name";
	if (!find_word(roles, f[1], &role))
		return "role maker, module or brand";
	if ((wrong = check_patterns(f[2])) != NULL)
		return wrong;
	if (!are_parts(f[3]))
		return "makers separated by | as built by, or -";
	if (is_none(f[4]))
		return SOURCE_EXPECTED;
	if (!find_word(confidences, f[5], &confidence))
		return CONFIDENCE_EXPECTED;
	c->makers[c->makers_n++] = (struct maker){
		.name = string_of(f[0]),
		.role = (enum maker_role)role,
		.organisations = string_of(f[2]),
		.built_by = string_of(f[3]),
		.source = string_of(f[4]),
	};
	return NULL;
}

static const char *load_product(struct catalogue *c, const struct line *line)
{
	const struct bytes *f = line->field;
	unsigned confidence;
	const char *wrong;

	if (line->n != 7)
		return "seven fields: maker, model, product, name, steps, source, confidence";
	if ((wrong = check_fields(line)) != NULL)
		return wrong;
	if (!is_device_maker(c, f[0]))
		return DEVICE_MAKER_EXPECTED;
	if ((wrong = pattern_check(f[1])) != NULL)
		return wrong;
	if (!is_class(f[2]))
		return CLASS_EXPECTED;
	if (!are_parts(f[4]))
		return "steps separated by |, or -";
	if (is_none(f[5]))
		return SOURCE_EXPECTED;
	if (!find_word(confidences, f[6], &confidence))
		return CONFIDENCE_EXPECTED;
	c->products[c->products_n++] = (struct product){
		.maker = string_of(f[0]),
		.model = f[1],
		.product = string_of(f[2]),
		.name = string_of(f[3]),
		.steps = string_of(f[4]),
		.source = string_of(f[5]),
	};
	return NULL;
}

/* Has the pattern a group, which $1 stands for? */
static bool has_group(struct bytes pattern)
{
	for (size_t i = 0; i < pattern.len; i++) {
		if (pattern.at[i] == '\\')
			i++;
		else if (pattern.at[i] == '(')
			return true;
	}
	return false;
}

/* After each $ stands 0, or 1 where there is a group. */
static bool dollars_fit(struct bytes claim, bool group)
{
	bool fit = true;

	while (bytes_hold(claim, "$") && fit) {
		(void)bytes_cut(&claim, '$');
		fit = claim.len > 0 && (claim.at[0] == '0' || (claim.at[0] == '1' && group));
	}
	return fit;
}

static const char *check_claims(const struct catalogue *c, const struct bytes *f)
{
	bool group = has_group(f[1]), any = false;

	if (!is_device_maker(c, f[2]))
		return DEVICE_MAKER_EXPECTED;
	if (!is_class(f[3]))
		return CLASS_EXPECTED;
	for (size_t i = 4; i < 7; i++) {
		if (!dollars_fit(f[i], group))
			return "behind $ a 0, or a 1 where the pattern has a group";
	}
	for (size_t i = 2; i < 7; i++)
		any |= !is_none(f[i]);
	return any ? NULL : "a claim: maker, product, model, firmware or built";
}

/* Files hold many lines of one signal together: mostly it is that of the line before. */
static enum signal find_signal(const struct catalogue *c, struct bytes name)
{
	if (c->fingerprints_n > 0) {
		enum signal last = c->fingerprints[c->fingerprints_n - 1].signal;

		if (signal_is(last, name))
			return last;
	}
	return signal_find(name);
}

static const char *load_fingerprint(struct catalogue *c, const struct line *line)
{
	const struct bytes *f = line->field;
	enum signal signal;
	unsigned confidence;
	const char *wrong;

	if (line->n != 9)
		return "nine fields: signal, pattern, maker, product, model, firmware, built, confidence, source";
	if ((wrong = check_fields(line)) != NULL)
		return wrong;
	signal = find_signal(c, f[0]);
	if (signal == SIGNALS)
		return "the name of a signal that the code knows (src/base/signals.def)";
	if ((wrong = pattern_check(f[1])) != NULL || (wrong = check_claims(c, f)) != NULL)
		return wrong;
	if (!find_word(confidences, f[7], &confidence))
		return CONFIDENCE_EXPECTED;
	if (is_none(f[8]))
		return SOURCE_EXPECTED;
	c->fingerprints[c->fingerprints_n++] = (struct fingerprint){
		.signal = signal,
		.pattern = f[1],
		.maker = string_of(f[2]),
		.product = string_of(f[3]),
		.model = string_of(f[4]),
		.firmware = string_of(f[5]),
		.built = string_of(f[6]),
		.confidence = (enum claim_confidence)confidence,
		.source = string_of(f[8]),
	};
	return NULL;
}

static bool find_services(struct bytes rest, uint16_t *out)
{
	bool more = true;
	unsigned bit;

	for (*out = 0; more; *out |= (uint16_t)bit) {
		more = bytes_hold(rest, "|");
		if (!find_word(services, bytes_cut(&rest, '|'), &bit))
			return false;
	}
	return true;
}

static const char *load_credential(struct catalogue *c, const struct line *line)
{
	const struct bytes *f = line->field;
	unsigned changeable, fixed, bots, confidence;
	uint16_t where;
	const char *wrong;

	if (line->n != 10)
		return "ten fields: maker, product, services, user, password, changeable, fixed, bots, source, confidence";
	if ((wrong = check_fields(line)) != NULL)
		return wrong;
	if (!is_maker(c, f[0]))
		return MAKER_EXPECTED;
	if (!find_services(f[2], &where))
		return "services separated by |: telnet, http, ftp, rtsp, ssh, dvrip, dahua, onvif, sip, mqtt, snmp";
	if (is_none(f[4]))
		return "a password, or <empty>";
	if (!find_word(yes_words, f[5], &changeable) || !find_word(yes_words, f[6], &fixed) ||
	    !find_word(yes_words, f[7], &bots))
		return "yes, no, or - for unknown, as changeable, fixed and bots";
	if (is_none(f[8]))
		return SOURCE_EXPECTED;
	if (!find_word(confidences, f[9], &confidence))
		return CONFIDENCE_EXPECTED;
	c->credentials[c->credentials_n++] = (struct credential){
		.maker = string_of(f[0]),
		.product = string_of(f[1]),
		.services = where,
		.user = secret_of(f[3]),
		.password = secret_of(f[4]),
		.changeable = (enum yes)changeable,
		.fixed = fixed == YES_YES,
		.bots = bots == YES_YES,
		.source = string_of(f[8]),
	};
	return NULL;
}

static const char *load_recall(struct catalogue *c, const struct line *line)
{
	const struct bytes *f = line->field;
	unsigned action, confidence;
	const char *wrong;

	if (line->n != 9)
		return "nine fields: maker, models, rule, advisory, action, todo, fixed in, source, confidence";
	if ((wrong = check_fields(line)) != NULL)
		return wrong;
	if (!is_maker(c, f[0]))
		return MAKER_EXPECTED;
	if ((wrong = check_models(f[1])) != NULL || (wrong = recall_rule_check(f[2])) != NULL)
		return wrong;
	if (is_none(f[3]))
		return "an advisory's name";
	if (!find_word(actions, f[4], &action))
		return "action return, update, no-fix or advice";
	if (is_none(f[7]))
		return SOURCE_EXPECTED;
	if (!find_word(confidences, f[8], &confidence))
		return CONFIDENCE_EXPECTED;
	c->recalls[c->recalls_n++] = (struct recall){
		.maker = string_of(f[0]),
		.models = string_of(f[1]),
		.rule = string_of(f[2]),
		.advisory = string_of(f[3]),
		.action = (enum recall_action)action,
		.todo = string_of(f[5]),
		.fixed = string_of(f[6]),
		.source = string_of(f[7]),
		.confidence = (enum claim_confidence)confidence,
	};
	return NULL;
}

/* Of requests a pattern or none, of lines words, of others nothing. */
static const char *check_second(enum trait_kind kind, const struct bytes *f)
{
	if (kind == TRAIT_REQUEST && !bytes_hold(f[1], " "))
		return "a request: METHOD, a blank, and how the target begins";
	if (kind == TRAIT_REQUEST && !is_none(f[2]))
		return pattern_check(f[2]);
	if (kind == TRAIT_LINE)
		return is_none(f[2]) ? "an order in plain words" : NULL;
	return is_none(f[2]) ? NULL : "- as second: only a request or a line has one";
}

static const char *load_trait(struct catalogue *c, const struct line *line)
{
	const struct bytes *f = line->field;
	unsigned kind, confidence;
	const char *wrong;

	if (line->n != 7)
		return "seven fields: kind, pattern, second, family, title, source, confidence";
	if ((wrong = check_fields(line)) != NULL)
		return wrong;
	if (!find_word(traits, f[0], &kind))
		return "kind request, agent, token, file, name or line";
	if ((wrong = pattern_check(f[1])) != NULL ||
	    (wrong = check_second((enum trait_kind)kind, f)) != NULL)
		return wrong;
	if (!is_class(f[3]))
		return "a family in small letters, or - for none";
	if (is_none(f[4]))
		return "a title in plain words";
	if (is_none(f[5]))
		return SOURCE_EXPECTED;
	if (!find_word(confidences, f[6], &confidence))
		return CONFIDENCE_EXPECTED;
	c->traits[c->traits_n++] = (struct trait){
		.kind = (enum trait_kind)kind,
		.pattern = f[1],
		.second = is_none(f[2]) ? (struct bytes){.at = NULL, .len = 0} : f[2],
		.family = string_of(f[3]),
		.title = string_of(f[4]),
		.source = string_of(f[5]),
		.confidence = (enum claim_confidence)confidence,
	};
	return NULL;
}

const char *catalogue_line(struct catalogue *c, enum knowledge_kind kind, const struct line *line)
{
	switch (kind) {
	case KNOWLEDGE_MAKERS:
		return load_maker(c, line);
	case KNOWLEDGE_PRODUCTS:
		return load_product(c, line);
	case KNOWLEDGE_FINGERPRINTS:
		return load_fingerprint(c, line);
	case KNOWLEDGE_CREDENTIALS:
		return load_credential(c, line);
	case KNOWLEDGE_RECALLS:
		return load_recall(c, line);
	case KNOWLEDGE_MALWARE:
		return load_trait(c, line);
	default:
		return KNOWLEDGE_FILES_EXPECTED;
	}
}

size_t catalogue_key_fields(enum knowledge_kind kind)
{
	switch (kind) {
	case KNOWLEDGE_MAKERS:
		return 1; /* name */
	case KNOWLEDGE_PRODUCTS:
		return 2; /* maker, model */
	case KNOWLEDGE_FINGERPRINTS:
		return 7; /* signal, pattern and what is claimed */
	case KNOWLEDGE_CREDENTIALS:
		return 5; /* maker, product, services, user, password */
	case KNOWLEDGE_RECALLS:
		return 4; /* maker, models, rule, advisory */
	case KNOWLEDGE_MALWARE:
		return 3; /* kind, pattern, second */
	default:
		return 0;
	}
}
