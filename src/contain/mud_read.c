/* SPDX-License-Identifier: MIT */
/*
 * A MUD file to a profile: RFC 8520 with the access lists of RFC 8519 in the JSON of RFC 7951, and the forms of the drafts
 * before them, which many files still have ("access-lists" with "acl-name", "access-list-entries", "rule-name", matches named
 * "ipv4-acl" and "tcp-acl", "source-port-range"). Rules are read by mud_ace.c.
 *
 * The file is a stranger's. It is bounded in bytes and depth before a tree is built of it, keys may not come twice, and what
 * is not known where rules are made refuses the profile, since to skip a condition would widen the rule. Lists are looked up by
 * name in one step, so no chain of references exists that could go round in circles.
 */
#include "contain/mud_read.h"

#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- places and refusals ------------------------------------------------------------------------------------- */

static void write_where(const struct mud_where *at, struct text *to)
{
	if (at == NULL)
		return;
	write_where(at->up, to);
	if (at->key == NULL) {
		text_printf(to, "[%zu]", at->index);
		return;
	}
	if (to->len > 0)
		text_puts(to, ".");
	text_plain(to, at->key, false);
}

bool mud_refuse(struct mud_reader *r, const struct mud_where *at, const char *why)
{
	struct text where = {0};

	write_where(at, &where);
	snprintf(r->refusal->where, sizeof r->refusal->where, "%s", text_string(&where));
	snprintf(r->refusal->why, sizeof r->refusal->why, "%s", why);
	text_fini(&where);
	return false;
}

/* ---- values and members -------------------------------------------------------------------------------------- */

bool mud_read_number(struct mud_reader *r, const struct mud_where *at, const json_t *value,
		     unsigned max, unsigned *out)
{
	json_int_t n = json_integer_value(value);
	char why[80];

	if (json_is_integer(value) && n >= 0 && n <= (json_int_t)max) {
		*out = (unsigned)n;
		return true;
	}
	snprintf(why, sizeof why, "is not a whole number from 0 to %u", max);
	return mud_refuse(r, at, why);
}

const char *mud_read_string(struct mud_reader *r, const struct mud_where *at, const json_t *value)
{
	if (!json_is_string(value)) {
		mud_refuse(r, at, "is not a string");
		return NULL;
	}
	if (json_string_length(value) > MUD_STRING) {
		mud_refuse(r, at, "is longer than 512 bytes");
		return NULL;
	}
	return json_string_value(value);
}

const char *mud_read_word(struct mud_reader *r, const struct mud_where *at, const json_t *value)
{
	const char *word = mud_read_string(r, at, value);
	const char *colon = word != NULL ? strchr(word, ':') : NULL;

	return colon != NULL ? colon + 1 : word;
}

static const char *keep(struct mud_reader *r, const char *string)
{
	const char *kept = arena_string(&r->profile->arena, string);

	return kept != NULL ? kept : "";
}

static const struct mud_member *find_member(const struct mud_member *members, const char *key)
{
	const char *colon = strchr(key, ':');
	const char *name = colon != NULL ? colon + 1 : key;

	for (const struct mud_member *m = members; m->name != NULL; m++) {
		const char *module = m->module != NULL ? m->module : "ietf-access-control-list";

		if (strcmp(name, m->name) == 0 &&
		    (colon == NULL || (strncmp(key, module, (size_t)(colon - key)) == 0 &&
				       module[colon - key] == '\0')))
			return m;
	}
	return NULL;
}

static bool is_strangers(const char *key)
{
	return strchr(key, ':') != NULL && strncmp(key, "ietf-mud:", 9) != 0 &&
	       strncmp(key, "ietf-access-control-list:", 25) != 0;
}

bool mud_read_members(struct mud_reader *r, const struct mud_where *at, const json_t *object,
		      const struct mud_member *members, void *into, bool strangers)
{
	/* Iterators of jansson take a pointer that could change what they walk; nothing here does. */
	json_t *walked = (json_t *)(uintptr_t)object;
	uint64_t seen = 0;
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return mud_refuse(r, at, "is not an object");
	json_object_foreach(walked, key, value)
	{
		struct mud_where here = {.up = at, .key = key};
		const struct mud_member *m = find_member(members, key);

		if (m == NULL && strangers && is_strangers(key))
			continue;
		if (m == NULL)
			return mud_refuse(r, &here, "is not known here");
		assert(m - members < 64);
		if ((seen & 1ULL << (m - members)) != 0)
			return mud_refuse(r, &here, "is there twice, with and without its module");
		seen |= 1ULL << (m - members);
		if (!m->read(r, &here, value, into))
			return false;
	}
	return true;
}

/* ---- the head ------------------------------------------------------------------------------------------------ */

/* What stands in the file before it is checked. */
struct head {
	const json_t *from;
	const json_t *to;
	const json_t *lists; /* array of ACLs */
	bool version, supported, update, mud;
};

static bool read_version(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			 void *into)
{
	unsigned n;

	((struct head *)into)->version = true;
	if (!mud_read_number(r, at, v, 255, &n))
		return false;
	return n == 1 || mud_refuse(r, at, "is a version of MUD that isn't known; 1 is");
}

static bool read_url(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	const char *url = mud_read_string(r, at, v);
	char authority[MUD_NAME + 8];

	(void)into;
	if (url == NULL)
		return false;
	if (!mud_authority(url, authority, sizeof authority))
		return mud_refuse(r, at,
				  "is not an https URL with a host's name and nothing before it");
	r->profile->url = keep(r, url);
	r->profile->authority = keep(r, authority);
	return true;
}

/* n digits from lowest to highest, and the letter behind them where one is asked for. */
static bool take(const char **s, int n, int lowest, int highest, const char *behind, int *out)
{
	*out = 0;
	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*out = *out * 10 + (**s - '0');
	}
	if (*behind != '\0' && (**s == '\0' || strchr(behind, *(*s)++) == NULL))
		return false;
	return *out >= lowest && *out <= highest;
}

/* Seconds east of Greenwich; files of drafts that lack the zone mean UTC by it. */
static bool read_zone(const char *s, int64_t *seconds)
{
	int hour, minute, sign = *s == '-' ? -1 : 1;

	*seconds = 0;
	if (*s == '\0' || strcmp(s, "Z") == 0 || strcmp(s, "z") == 0)
		return true;
	if (*s != '+' && *s != '-')
		return false;
	s++;
	if (!take(&s, 2, 0, 23, ":", &hour) || !take(&s, 2, 0, 59, "", &minute) || *s != '\0')
		return false;
	*seconds = (int64_t)sign * (hour * 3600 + minute * 60);
	return true;
}

/* RFC 3339; fractions of a second are passed over. */
static bool read_time(const char *s, int64_t *ns)
{
	int year, month, day, hour, minute, second;
	int64_t days, years, zone;

	if (!take(&s, 4, 1970, 2200, "-", &year) || !take(&s, 2, 1, 12, "-", &month) ||
	    !take(&s, 2, 1, 31, "Tt ", &day) || !take(&s, 2, 0, 23, ":", &hour) ||
	    !take(&s, 2, 0, 59, ":", &minute) || !take(&s, 2, 0, 60, "", &second))
		return false;
	if (*s == '.')
		s += 1 + strspn(s + 1, "0123456789");
	if (!read_zone(s, &zone))
		return false;
	/* Days since 1970 by the calendar's cycle of 400 years, which begins in March. */
	years = year - (month <= 2);
	days = years * 365 + years / 4 - years / 100 + years / 400 +
	       (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1 - 719468;
	*ns = ((days * 24 + hour) * 3600 + minute * 60 + second - zone) * 1000000000;
	return true;
}

static bool read_update(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			void *into)
{
	const char *s = mud_read_string(r, at, v);

	((struct head *)into)->update = true;
	if (s == NULL)
		return false;
	return read_time(s, &r->profile->last_update_ns) ||
	       mud_refuse(r, at, "is not a date and time (RFC 3339)");
}

static bool read_cache(struct mud_reader *r, const struct mud_where *at, const json_t *v,
		       void *into)
{
	(void)into;
	if (!mud_read_number(r, at, v, 168, &r->profile->cache_hours))
		return false;
	return r->profile->cache_hours > 0 || mud_refuse(r, at, "is not 1 to 168 hours");
}

static bool read_supported(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			   void *into)
{
	((struct head *)into)->supported = true;
	r->profile->supported = json_is_true(v);
	return json_is_boolean(v) || mud_refuse(r, at, "is neither true nor false");
}

static bool read_text(struct mud_reader *r, const struct mud_where *at, const json_t *v,
		      const char **out)
{
	const char *s = mud_read_string(r, at, v);

	if (s != NULL)
		*out = keep(r, s);
	return s != NULL;
}

#define TEXT_MEMBER(function, field)                                                               \
	static bool function(struct mud_reader *r, const struct mud_where *at, const json_t *v,    \
			     void *into)                                                           \
	{                                                                                          \
		(void)into;                                                                        \
		return read_text(r, at, v, &r->profile->field);                                    \
	}
TEXT_MEMBER(read_signature, signature_url)
TEXT_MEMBER(read_systeminfo, systeminfo)
TEXT_MEMBER(read_maker, maker)
TEXT_MEMBER(read_model, model)
TEXT_MEMBER(read_firmware, firmware)
TEXT_MEMBER(read_software, software)
TEXT_MEMBER(read_documentation, documentation)

/* Extensions add nodes of their own modules, which nobody here reads; that they are named changes no rule. */
static bool read_extensions(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			    void *into)
{
	(void)into;
	return json_is_array(v) || mud_refuse(r, at, "is not an array");
}

static bool read_from(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	((struct head *)into)->from = v;
	return json_is_object(v) || mud_refuse(r, at, "is not an object");
}

static bool read_to(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	((struct head *)into)->to = v;
	return json_is_object(v) || mud_refuse(r, at, "is not an object");
}

static const struct mud_member mud_members[] = {
	{"mud-version", "ietf-mud", read_version},
	{"mud-url", "ietf-mud", read_url},
	{"last-update", "ietf-mud", read_update},
	{"mud-signature", "ietf-mud", read_signature},
	{"cache-validity", "ietf-mud", read_cache},
	{"is-supported", "ietf-mud", read_supported},
	{"systeminfo", "ietf-mud", read_systeminfo},
	{"mfg-name", "ietf-mud", read_maker},
	{"model-name", "ietf-mud", read_model},
	{"firmware-rev", "ietf-mud", read_firmware},
	{"software-rev", "ietf-mud", read_software},
	{"documentation", "ietf-mud", read_documentation},
	{"extensions", "ietf-mud", read_extensions},
	{"from-device-policy", "ietf-mud", read_from},
	{"to-device-policy", "ietf-mud", read_to},
	{NULL, NULL, NULL},
};

static bool read_mud(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	((struct head *)into)->mud = true;
	return mud_read_members(r, at, v, mud_members, into, true);
}

static bool read_list_array(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			    void *into)
{
	((struct head *)into)->lists = v;
	if (!json_is_array(v))
		return mud_refuse(r, at, "is not an array");
	return json_array_size(v) <= MUD_LISTS || mud_refuse(r, at, "has more than 32 lists");
}

static const struct mud_member acls_members[] = {
	{"acl", NULL, read_list_array},
	{NULL, NULL, NULL},
};

static bool read_acls(struct mud_reader *r, const struct mud_where *at, const json_t *v, void *into)
{
	if (((struct head *)into)->lists != NULL)
		return mud_refuse(r, at, "is a second set of lists");
	return mud_read_members(r, at, v, acls_members, into, false);
}

static bool read_draft_acls(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			    void *into)
{
	r->profile->draft = true;
	return read_acls(r, at, v, into);
}

static const struct mud_member top_members[] = {
	{"mud", "ietf-mud", read_mud},
	{"acls", NULL, read_acls},
	{"access-lists", NULL, read_draft_acls},
	{NULL, NULL, NULL},
};

/* ---- policies and lists -------------------------------------------------------------------------------------- */

struct acl {
	const char *name;
	const json_t *aces;
	uint8_t families;
};

static bool read_acl_name(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			  void *into)
{
	struct acl *acl = into;

	if (acl->name != NULL)
		return mud_refuse(r, at, "is a second name");
	acl->name = mud_read_string(r, at, v);
	if (acl->name == NULL)
		return false;
	return (*acl->name != '\0' && strlen(acl->name) <= 64) ||
	       mud_refuse(r, at, "is not a name of 1 to 64 bytes");
}

static bool read_acl_type(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			  void *into)
{
	static const struct {
		const char *word;
		uint8_t families;
	} types[] = {
		{"ipv4-acl-type", MUD_V4},
		{"ipv6-acl-type", MUD_V6},
		{"mixed-eth-ipv4-acl-type", MUD_V4},
		{"mixed-eth-ipv6-acl-type", MUD_V6},
		{"mixed-eth-ipv4-ipv6-acl-type", MUD_V4 | MUD_V6},
		{"ipv4-acl", MUD_V4},
		{"ipv6-acl", MUD_V6},
	};
	const char *word = mud_read_word(r, at, v);

	if (word == NULL)
		return false;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (strcmp(word, types[i].word) != 0)
			continue;
		((struct acl *)into)->families &= types[i].families;
		return true;
	}
	return mud_refuse(r, at,
			  "is a kind of list that can't be enforced: only IPv4 and IPv6 are");
}

static bool read_aces_object(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			     void *into)
{
	struct acl *acl = into;

	if (acl->aces != NULL)
		return mud_refuse(r, at, "is a second set of rules");
	acl->aces = v;
	return true;
}

static const struct mud_member acl_members[] = {
	{"name", NULL, read_acl_name},
	{"type", NULL, read_acl_type},
	{"aces", NULL, read_aces_object},
	{"acl-name", NULL, read_acl_name},
	{"acl-type", NULL, read_acl_type},
	{"access-list-entries", NULL, read_aces_object},
	{NULL, NULL, NULL},
};

static bool read_acl(struct mud_reader *r, const struct mud_where *at, const json_t *v,
		     struct acl *acl)
{
	*acl = (struct acl){.families = MUD_V4 | MUD_V6};
	if (!mud_read_members(r, at, v, acl_members, acl, false))
		return false;
	return acl->name != NULL || mud_refuse(r, at, "has no name");
}

/* The places of the list that has the name; a second one of that name refuses the profile. */
static bool find_acl(struct mud_reader *r, const struct mud_where *at, const struct head *head,
		     const char *name, struct acl *found, size_t *index)
{
	bool there = false;

	for (size_t i = 0; i < json_array_size(head->lists); i++) {
		struct mud_where lists = {.key = "acls"}, acl_at = {.up = &lists, .key = "acl"};
		struct mud_where here = {.up = &acl_at, .index = i};
		struct acl acl;

		if (!read_acl(r, &here, json_array_get(head->lists, i), &acl))
			return false;
		if (strcmp(acl.name, name) != 0)
			continue;
		if (there)
			return mud_refuse(r, &here, "is a second list of the same name");
		there = true;
		*found = acl;
		*index = i;
	}
	return there || mud_refuse(r, at, "names a list that isn't there");
}

/* A drop in one of two lists for one family: which of them comes first is nowhere said. */
static bool order_matters(const struct mud_profile *p, size_t first, const char *list)
{
	for (size_t i = first; i < p->rules_n; i++) {
		for (size_t j = first; j < p->rules_n; j++) {
			const struct mud_rule *a = &p->rules[i], *b = &p->rules[j];

			if (strcmp(a->list, list) == 0 && strcmp(b->list, list) != 0 &&
			    (a->drop || b->drop) && (a->families & b->families) != 0)
				return true;
		}
	}
	return false;
}

struct policy {
	const struct head *head;
	enum mud_direction direction;
	size_t first;  /* rule of it */
	uint64_t used; /* lists, by their place */
};

static bool read_reference(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			   struct policy *policy)
{
	struct mud_where lists = {.key = "acls"}, array = {.up = &lists, .key = "acl"},
			 here = {.up = &array};
	struct mud_where aces = {.up = &here, .key = "aces"};
	struct mud_list list = {.direction = policy->direction};
	struct acl named, acl = {0};

	/* Drafts give the type along with the name; the list's own counts, and both must hold. */
	if (!read_acl(r, at, v, &named) ||
	    !find_acl(r, at, policy->head, named.name, &acl, &here.index))
		return false;
	if (named.aces != NULL)
		return mud_refuse(r, at, "has rules where a list is named");
	if ((policy->used & 1ULL << here.index) != 0)
		return mud_refuse(r, at, "names a list twice");
	policy->used |= 1ULL << here.index;
	list.name = keep(r, acl.name);
	list.families = acl.families & named.families;
	if (list.families == 0)
		return mud_refuse(r, at, "says another type than the list that it names");
	if (acl.aces != NULL && !mud_read_aces(r, &aces, acl.aces, &list))
		return false;
	return !order_matters(r->profile, policy->first, list.name) ||
	       mud_refuse(
		       r, at,
		       "is one of several lists for the same packets of which one drops: which of them comes first isn't said");
}

static bool read_references(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			    void *into)
{
	if (!json_is_array(v))
		return mud_refuse(r, at, "is not an array");
	if (json_array_size(v) > MUD_LISTS)
		return mud_refuse(r, at, "names more than 32 lists");
	for (size_t i = 0; i < json_array_size(v); i++) {
		struct mud_where here = {.up = at, .index = i};

		if (!read_reference(r, &here, json_array_get(v, i), into))
			return false;
	}
	return true;
}

static const struct mud_member reference_members[] = {
	{"access-list", "ietf-mud", read_references},
	{NULL, NULL, NULL},
};

static bool read_access_lists(struct mud_reader *r, const struct mud_where *at, const json_t *v,
			      void *into)
{
	return mud_read_members(r, at, v, reference_members, into, false);
}

static const struct mud_member policy_members[] = {
	{"access-lists", "ietf-mud", read_access_lists},
	{NULL, NULL, NULL},
};

static bool read_policy(struct mud_reader *r, const struct head *head, const json_t *policy,
			enum mud_direction direction)
{
	struct mud_where top = {.key = "ietf-mud:mud"};
	struct mud_where at = {.up = &top,
			       .key = direction == MUD_FROM_DEVICE ? "from-device-policy"
								   : "to-device-policy"};
	struct policy p = {.head = head, .direction = direction, .first = r->profile->rules_n};

	return policy == NULL || mud_read_members(r, &at, policy, policy_members, &p, false);
}

/* ---- the whole ----------------------------------------------------------------------------------------------- */

/* Depth before a tree is built: the library would go 2048 deep. Strings are passed over; what is no JSON it finds itself. */
static bool is_shallow(const char *json, size_t len)
{
	size_t depth = 0;
	bool string = false;

	for (size_t i = 0; i < len; i++) {
		if (string) {
			string = json[i] != '"';
			i += json[i] == '\\';
		} else if (json[i] == '"') {
			string = true;
		} else if (json[i] == '{' || json[i] == '[') {
			if (++depth > MUD_DEPTH)
				return false;
		} else if (json[i] == '}' || json[i] == ']') {
			depth -= depth > 0;
		}
	}
	return true;
}

static bool read_head(struct mud_reader *r, const json_t *json, struct head *head)
{
	struct mud_where top = {.key = "ietf-mud:mud"};

	if (!mud_read_members(r, NULL, json, top_members, head, true))
		return false;
	if (!head->mud)
		return mud_refuse(r, NULL, "has no ietf-mud:mud: it is no MUD file");
	if (r->profile->url == NULL)
		return mud_refuse(r, &top, "has no mud-url");
	if (!head->update)
		return mud_refuse(r, &top, "has no last-update");
	/* Drafts had no version, and not all had is-supported. */
	if (!r->profile->draft && (!head->version || !head->supported))
		return mud_refuse(r, &top,
				  !head->version ? "has no mud-version" : "has no is-supported");
	if (head->from == NULL && head->to == NULL)
		return mud_refuse(r, &top, "has no policy, neither from the device nor to it");
	return true;
}

static bool read_all(struct mud_reader *r, const json_t *json)
{
	struct mud_profile *p = r->profile;
	struct head head = {0};

	p->signature_url = p->systeminfo = p->maker = p->model = p->firmware = "";
	p->software = p->documentation = "";
	p->cache_hours = MUD_CACHE_HOURS;
	p->rules = arena_take(&p->arena, MUD_RULES * sizeof *p->rules);
	r->room = p->rules != NULL ? MUD_RULES : 0;
	return p->rules != NULL && read_head(r, json, &head) &&
	       read_policy(r, &head, head.from, MUD_FROM_DEVICE) &&
	       read_policy(r, &head, head.to, MUD_TO_DEVICE);
}

bool mud_read(const char *json, size_t len, struct mud_profile *out, struct mud_refusal *refusal)
{
	struct mud_reader r = {.profile = out, .refusal = refusal};
	json_error_t error;
	json_t *tree;
	char why[MUD_REASON];
	bool ok;

	*out = (struct mud_profile){0};
	*refusal = (struct mud_refusal){0};
	if (len > MUD_FILE_BYTES)
		return mud_refuse(&r, NULL, "is larger than 64 KiB");
	if (!is_shallow(json, len))
		return mud_refuse(&r, NULL, "is nested more than 24 deep");
	tree = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error);
	if (tree == NULL) {
		struct text said = {0};

		text_plain(&said, error.text, false);
		snprintf(why, sizeof why, "is not JSON: line %d: %.200s", error.line,
			 text_string(&said));
		text_fini(&said);
		return mud_refuse(&r, NULL, why);
	}
	ok = read_all(&r, tree);
	json_decref(tree);
	if (ok && !out->arena.failed)
		return true;
	if (ok || refusal->why[0] == '\0')
		mud_refuse(&r, NULL, "takes more memory than there is");
	mud_fini(out);
	return false;
}
