/* SPDX-License-Identifier: MIT */
/*
 * How the value of a setting is written, kind by kind, in both directions: what settings_value_write() writes
 * settings_value_read() reads as the same. Nothing is guessed: a size without a unit is bytes, a time without one is none, and
 * where metrics are served nobody but this host can ask (they name no device, yet tell when somebody is at home).
 */
#include "settings/settings_table.h"

#include "base/duration.h"
#include "base/timespan.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

enum {
	INTERFACE_MAX = 15, /* IFNAMSIZ less the NUL */
	NAME_MOST = 64,
	PATH_MOST = 4095,
	WORDS_MOST = 8192, /* of a filter */
	WORD_ROOM = 64
};

static const char none[] = "none";
static const char unix_prefix[] = "unix:";
static const char separators[] = " \t,";

static void *field_of(struct settings *s, const struct setting *t)
{
	return (char *)s + t->offset;
}

static const void *const_field_of(const struct settings *s, const struct setting *t)
{
	return (const char *)s + t->offset;
}

/* No control bytes: a path with a line end in it would be two lines of a log. */
static bool is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

static int keep_text(struct settings *s, const struct setting *t, const char *value, size_t len)
{
	const char **field = field_of(s, t);
	const char *copy = settings_keep(s, value, len);

	if (copy == NULL)
		return -ENOMEM;
	*field = copy;
	return 0;
}

static int wants(struct text *wanted, const char *words)
{
	text_puts(wanted, words);
	return -EINVAL;
}

/* ---- numbers --------------------------------------------------------------------------------------------------- */

static bool parse_number(const char *s, size_t len, uint64_t *out)
{
	uint64_t n = 0;

	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isdigit((unsigned char)s[i]) || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (unsigned)(s[i] - '0'), &n))
			return false;
	*out = n;
	return true;
}

static bool parse_size(const char *s, size_t len, uint64_t *out)
{
	static const char units[] = "KMG";
	const char *unit = len > 0 ? strchr(units, toupper((unsigned char)s[len - 1])) : NULL;
	uint64_t factor = UINT64_C(1) << (unit != NULL ? 10 * (unit - units + 1) : 0);

	return parse_number(s, len - (unit != NULL), out) &&
	       !__builtin_mul_overflow(*out, factor, out);
}

static bool parse_span(const char *s, size_t len, uint64_t *out)
{
	char copy[WORD_ROOM];
	int64_t ns;

	if (len >= sizeof copy)
		return false;
	memcpy(copy, s, len);
	copy[len] = '\0';
	if (!duration_parse(copy, &ns))
		return false;
	*out = (uint64_t)ns;
	return true;
}

static bool parse_of_kind(enum setting_kind kind, const char *s, size_t len, uint64_t *out)
{
	return kind == KIND_SIZE   ? parse_size(s, len, out)
	       : kind == KIND_SPAN ? parse_span(s, len, out)
				   : parse_number(s, len, out);
}

/* A number, a size or a time between the ends of the range, which are written as the value is. */
static int read_bounded(struct settings *s, const struct setting *t, const char *value,
			struct text *wanted)
{
	size_t least_len = strcspn(t->range, ".");
	const char *most_text = t->range + least_len + 2;
	uint64_t n, least, most;

	if (parse_of_kind(t->kind, value, strlen(value), &n) &&
	    parse_of_kind(t->kind, t->range, least_len, &least) &&
	    parse_of_kind(t->kind, most_text, strlen(most_text), &most) && n >= least &&
	    n <= most) {
		memcpy(field_of(s, t), &n, sizeof n);
		return 0;
	}
	text_printf(wanted, "%s from %.*s to %s",
		    t->kind == KIND_SIZE   ? "a size such as 64M or 1G,"
		    : t->kind == KIND_SPAN ? "a time such as 10s, 5m, 2h or 30d,"
					   : "a number",
		    (int)least_len, t->range, most_text);
	return -EINVAL;
}

static int read_yes(struct settings *s, const struct setting *t, const char *value,
		    struct text *wanted)
{
	static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(value, words[i]) == 0) {
			*(bool *)field_of(s, t) = i % 2 != 0;
			return 0;
		}
	}
	return wants(wanted, "yes or no");
}

/* ---- words of a range ------------------------------------------------------------------------------------------ */

/* The place of a word in "a|b|c", or -1. */
static int place_of(const char *range, const char *word, size_t len)
{
	for (int i = 0; *range != '\0'; i++) {
		size_t n = strcspn(range, "|");

		if (n == len && memcmp(range, word, n) == 0)
			return i;
		range += n + (range[n] == '|');
	}
	return -1;
}

static void list_range(const char *range, struct text *to)
{
	while (*range != '\0') {
		size_t n = strcspn(range, "|");

		text_add(to, range, n);
		range += n + (range[n] == '|');
		if (*range != '\0')
			text_puts(to, strchr(range, '|') != NULL ? ", " : " or ");
	}
}

static int read_choice(struct settings *s, const struct setting *t, const char *value,
		       struct text *wanted)
{
	int place = place_of(t->range, value, strlen(value));

	if (place < 0) {
		list_range(t->range, wanted);
		return -EINVAL;
	}
	if (t->size == sizeof(bool))
		*(bool *)field_of(s, t) = place != 0;
	else
		*(unsigned *)field_of(s, t) = (unsigned)place;
	return 0;
}

/* ---- texts and paths ------------------------------------------------------------------------------------------- */

static int read_words(struct settings *s, const struct setting *t, const char *value, unsigned how,
		      struct text *wanted)
{
	const char **field = field_of(s, t);
	struct text whole = {0};
	int err = 0;

	if ((how & VALUE_FIRST) != 0)
		*field = NULL;
	if (*field != NULL)
		text_printf(&whole, *value != '\0' ? "%s " : "%s", *field);
	text_puts(&whole, value);
	if (whole.failed)
		err = -ENOMEM;
	else if (!is_plain(value) || whole.len > WORDS_MOST)
		err = wants(wanted, "words of a filter, 8192 letters at most");
	else if (whole.len > 0)
		err = keep_text(s, t, text_string(&whole), whole.len);
	text_fini(&whole);
	return err;
}

static int read_name(struct settings *s, const struct setting *t, const char *value,
		     struct text *wanted)
{
	size_t len = strlen(value);

	if (len == 0 || len > NAME_MOST || !is_plain(value) || strpbrk(value, separators) != NULL)
		return wants(wanted, "a name of at most 64 letters without blanks");
	return keep_text(s, t, value, len);
}

static bool is_path(const char *value, unsigned how)
{
	return *value != '\0' && (*value == '/' || (how & VALUE_RELATIVE) != 0) &&
	       strlen(value) <= PATH_MOST && is_plain(value);
}

static int read_path(struct settings *s, const struct setting *t, const char *value, unsigned how,
		     struct text *wanted)
{
	if (!is_path(value, how))
		return wants(wanted,
			     (how & VALUE_RELATIVE) != 0 ? "a path" : "a path that begins with /");
	return keep_text(s, t, value, strlen(value));
}

/* unix(7): the path and its NUL stand in sun_path. */
static bool fits_socket(const char *path)
{
	return strlen(path) < sizeof((struct sockaddr_un *)0)->sun_path;
}

static int read_socket(struct settings *s, const struct setting *t, const char *value, unsigned how,
		       struct text *wanted)
{
	if (!is_path(value, how) || !fits_socket(value))
		return wants(wanted, "a path of at most 107 letters that begins with /, or none");
	return keep_text(s, t, value, strlen(value));
}

/* "127.0.0.1:9107" or "[::1]:9107" of this host alone. */
static bool is_loopback(const char *value)
{
	const char *colon = strrchr(value, ':');
	char host[ADDR_TEXT_MAX];
	struct addr addr;
	uint64_t port;
	size_t len;

	if (colon == NULL || !parse_number(colon + 1, strlen(colon + 1), &port) || port < 1 ||
	    port > UINT16_MAX)
		return false;
	len = (size_t)(colon - value);
	if (*value == '[' && len > 2 && value[len - 1] == ']') {
		value++;
		len -= 2;
	} else if (memchr(value, ':', len) != NULL) {
		return false; /* an IPv6 address without its brackets */
	}
	if (len >= sizeof host)
		return false;
	memcpy(host, value, len);
	host[len] = '\0';
	return addr_parse(host, &addr) && addr_class(&addr) == ADDR_LOOPBACK;
}

static int read_loopback(struct settings *s, const struct setting *t, const char *value,
			 unsigned how, struct text *wanted)
{
	size_t n = sizeof unix_prefix - 1;
	bool good = strncmp(value, unix_prefix, n) == 0
			    ? is_path(value + n, how) && fits_socket(value + n)
			    : is_loopback(value);

	if (!good)
		return wants(wanted, "an address of this host alone (127.0.0.1:PORT, [::1]:PORT), "
				     "unix:/PATH, or none");
	return keep_text(s, t, value, strlen(value));
}

/* ---- lists ----------------------------------------------------------------------------------------------------- */

static bool is_interface(const char *name)
{
	return strlen(name) <= INTERFACE_MAX && is_plain(name) && strpbrk(name, "/: ") == NULL &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, "any") != 0;
}

static int add_interface(struct settings *s, const char *name, struct text *wanted)
{
	const char *copy;

	if (!is_interface(name))
		return wants(wanted,
			     "names of interfaces such as eth0, each by itself and none of 'any'");
	for (size_t i = 0; i < s->interfaces_n; i++)
		if (strcmp(s->interfaces[i], name) == 0)
			return wants(wanted, "each interface once");
	if (s->interfaces_n == SETTINGS_INTERFACES)
		return wants(wanted, "16 interfaces at most");
	copy = settings_keep(s, name, strlen(name));
	if (copy == NULL)
		return -ENOMEM;
	s->interfaces[s->interfaces_n++] = copy;
	return 0;
}

static int add_network(struct settings *s, const char *text, struct text *wanted)
{
	if (s->local_n == SETTINGS_LOCAL)
		return wants(wanted, "64 networks at most");
	if (!prefix_parse(text, &s->local[s->local_n]))
		return wants(wanted, "networks such as 192.168.1.0/24 or 2001:db8::/32");
	s->local_n++;
	return 0;
}

static int add_choice(struct settings *s, const struct setting *t, const char *word,
		      struct text *wanted)
{
	int place = place_of(t->range, word, strlen(word));

	if (place < 0) {
		text_puts(wanted, "none, or some of ");
		list_range(t->range, wanted);
		return -EINVAL;
	}
	*(unsigned *)field_of(s, t) |= 1u << place;
	return 0;
}

static int add_item(struct settings *s, const struct setting *t, const char *item,
		    struct text *wanted)
{
	return t->kind == KIND_INTERFACES ? add_interface(s, item, wanted)
	       : t->kind == KIND_NETWORKS ? add_network(s, item, wanted)
	       : t->kind == KIND_HOSTS	  ? settings_host_add(field_of(s, t), item, wanted)
	       : t->kind == KIND_PLACES	  ? settings_place_add(field_of(s, t), item, wanted)
					  : add_choice(s, t, item, wanted);
}

static void empty_list(struct settings *s, const struct setting *t)
{
	if (t->kind == KIND_INTERFACES)
		s->interfaces_n = 0;
	else if (t->kind == KIND_NETWORKS)
		s->local_n = 0;
	else if (t->kind == KIND_HOSTS)
		((struct settings_hosts *)field_of(s, t))->n = 0;
	else if (t->kind == KIND_PLACES)
		((struct settings_places *)field_of(s, t))->n = 0;
	else
		*(unsigned *)field_of(s, t) = 0;
}

static int read_list(struct settings *s, const struct setting *t, const char *value, unsigned how,
		     struct text *wanted)
{
	int err = 0;

	if ((how & VALUE_FIRST) != 0)
		empty_list(s, t);
	if (t->kind == KIND_CHOICES && strcmp(value, none) == 0)
		return 0;
	while (err == 0 && *value != '\0') {
		size_t n = strcspn(value, separators);
		char *item = n > 0 ? strndup(value, n) : NULL;

		if (item != NULL)
			err = add_item(s, t, item, wanted);
		else if (n > 0)
			err = -ENOMEM;
		free(item);
		value += n + (value[n] != '\0');
	}
	return err;
}

/* ---- both ways ------------------------------------------------------------------------------------------------- */

static bool may_be_none(enum setting_kind kind)
{
	return kind == KIND_NAME_OR_NONE || kind == KIND_PATH_OR_NONE || kind == KIND_SOCKET ||
	       kind == KIND_LOOPBACK;
}

int settings_value_read(struct settings *s, const struct setting *t, const char *value,
			unsigned how, struct text *wanted)
{
	if (may_be_none(t->kind) && (*value == '\0' || strcmp(value, none) == 0)) {
		*(const char **)field_of(s, t) = NULL;
		return 0;
	}
	switch (t->kind) {
	case KIND_INTERFACES:
	case KIND_NETWORKS:
	case KIND_HOSTS:
	case KIND_PLACES:
	case KIND_CHOICES:
		return read_list(s, t, value, how, wanted);
	case KIND_EXCEPTION:
		if ((how & VALUE_FIRST) != 0)
			((struct settings_exceptions *)field_of(s, t))->n = 0;
		return settings_exception_add(field_of(s, t), value, wanted);
	case KIND_CHOICE:
		return read_choice(s, t, value, wanted);
	case KIND_WORDS:
		return read_words(s, t, value, how, wanted);
	case KIND_NAME:
	case KIND_NAME_OR_NONE:
		return read_name(s, t, value, wanted);
	case KIND_PATH:
	case KIND_PATH_OR_NONE:
		return read_path(s, t, value, how, wanted);
	case KIND_SOCKET:
		return read_socket(s, t, value, how, wanted);
	case KIND_LOOPBACK:
		return read_loopback(s, t, value, how, wanted);
	case KIND_SIZE:
	case KIND_SPAN:
	case KIND_NUMBER:
		return read_bounded(s, t, value, wanted);
	case KIND_YES:
		return read_yes(s, t, value, wanted);
	}
	return -EINVAL;
}

/* In the largest unit that leaves no rest. */
static void write_units(uint64_t n, const uint64_t *factors, const char *units, struct text *to)
{
	for (; *units != '\0'; units++, factors++) {
		if (n >= *factors && n % *factors == 0) {
			text_printf(to, "%llu%c", (unsigned long long)(n / *factors), *units);
			return;
		}
	}
	text_printf(to, "%llu", (unsigned long long)n);
}

static void write_bounded(uint64_t n, enum setting_kind kind, struct text *to)
{
	static const uint64_t sizes[] = {UINT64_C(1) << 30, UINT64_C(1) << 20, UINT64_C(1) << 10};
	static const uint64_t spans[] = {86400 * NS_PER_S, 3600 * NS_PER_S, 60 * NS_PER_S,
					 NS_PER_S};

	write_units(n, kind == KIND_SIZE ? sizes : spans,
		    kind == KIND_SIZE	? "GMK"
		    : kind == KIND_SPAN ? "dhms"
					: "",
		    to);
}

static void write_choices(unsigned set, const struct setting *t, struct text *to)
{
	const char *range = t->range;
	const char *between = "";

	if (set == 0 && t->kind == KIND_CHOICES)
		text_puts(to, none);
	for (unsigned i = 0; *range != '\0'; i++) {
		size_t n = strcspn(range, "|");
		bool in = t->kind == KIND_CHOICES ? (set >> i & 1) != 0 : set == i;

		if (in) {
			text_puts(to, between);
			text_add(to, range, n);
			between = ", ";
		}
		range += n + (range[n] == '|');
	}
}

static void write_lists(const struct settings *s, const struct setting *t, struct text *to)
{
	char buf[PREFIX_TEXT_MAX];
	size_t n = t->kind == KIND_INTERFACES ? s->interfaces_n : s->local_n;

	for (size_t i = 0; i < n; i++)
		text_printf(to, "%s%s", i > 0 ? ", " : "",
			    t->kind == KIND_INTERFACES ? s->interfaces[i]
						       : prefix_text(&s->local[i], buf));
}

void settings_value_write(const struct settings *s, const struct setting *t, struct text *to)
{
	const void *field = const_field_of(s, t);
	const char *text;
	uint64_t n;

	switch (t->kind) {
	case KIND_INTERFACES:
	case KIND_NETWORKS:
		write_lists(s, t, to);
		break;
	case KIND_HOSTS:
		settings_hosts_write(field, to);
		break;
	case KIND_PLACES:
		settings_places_write(field, to);
		break;
	case KIND_EXCEPTION:
		settings_exceptions_write(field, t->key, to);
		break;
	case KIND_CHOICES:
	case KIND_CHOICE:
		write_choices(t->size == sizeof(bool) ? *(const bool *)field
						      : *(const unsigned *)field,
			      t, to);
		break;
	case KIND_SIZE:
	case KIND_SPAN:
	case KIND_NUMBER:
		memcpy(&n, field, sizeof n);
		write_bounded(n, t->kind, to);
		break;
	case KIND_YES:
		text_puts(to, *(const bool *)field ? "yes" : "no");
		break;
	default:
		text = *(const char *const *)field;
		text_puts(to, text != NULL ? text : may_be_none(t->kind) ? none : "");
		break;
	}
}
