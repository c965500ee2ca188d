/* SPDX-License-Identifier: MIT */
/*
 * Fields of HTTP heads (RFC 9110, RFC 6265 for cookies). Of lengths that contradict each other none is believed, which is
 * what request smuggling lives on; chunked wins over a length (RFC 9112 section 6.3).
 */
#include "proto/http_head.h"

#include "base/addr.h"
#include "base/scan.h"
#include "proto/auth.h"
#include "proto/http_page.h"
#include "proto/message.h"
#include "proto/target.h"

enum { LOCATION_MAX = 1024 };

/* Neither empty nor the end of one. */
static bool is_session(struct bytes cookie)
{
	struct bytes rest = cookie, value = bytes_cut(&rest, ';');

	bytes_cut(&value, '=');
	value = bytes_trim(value);
	return value.len > 1 && !bytes_are_nocase(value, "deleted") &&
	       !bytes_hold(rest, "Max-Age=0") && !bytes_hold(rest, "max-age=0") &&
	       !bytes_hold(rest, " 1970 ") && !bytes_hold(rest, "-1970 ");
}

static void read_length(struct http_head *h, struct bytes value)
{
	uint64_t length;

	if (!message_length(value, &length) || (h->has_length && length != h->length))
		h->bad_length = true;
	h->has_length = true;
	h->length = length;
}

/* "chunked" is the last coding of the list. */
static bool ends_chunked(struct bytes value)
{
	size_t n = strlen("chunked");

	return value.len >= n && bytes_are_nocase(bytes_from(value, value.len - n), "chunked");
}

/* The length of a name leaves two to compare with at most. */
static void read_field(struct http_head *h, const struct field *f)
{
	switch (f->name.len) {
	case 4:
		if (bytes_are_nocase(f->name, "host"))
			h->host = target_host(f->value);
		break;
	case 6:
		if (bytes_are_nocase(f->name, "server"))
			h->server = f->value;
		break;
	case 8:
		if (bytes_are_nocase(f->name, "location"))
			h->location = f->value;
		break;
	case 10:
		if (bytes_are_nocase(f->name, "user-agent"))
			h->agent = f->value;
		else if (bytes_are_nocase(f->name, "set-cookie"))
			h->session |= is_session(f->value);
		break;
	case 12:
		if (bytes_are_nocase(f->name, "content-type"))
			h->type = f->value;
		break;
	case 13:
		if (bytes_are_nocase(f->name, "authorization"))
			h->authorization = f->value;
		break;
	case 14:
		if (bytes_are_nocase(f->name, "content-length"))
			read_length(h, f->value);
		break;
	case 16:
		if (bytes_are_nocase(f->name, "content-encoding"))
			h->encoded = !bytes_are_nocase(f->value, "identity");
		else if (bytes_are_nocase(f->name, "www-authenticate") &&
			 h->challenges < HTTP_CHALLENGES)
			h->challenge[h->challenges++] = f->value;
		break;
	case 17:
		if (bytes_are_nocase(f->name, "transfer-encoding"))
			h->chunked |= ends_chunked(f->value);
		break;
	default:
		break;
	}
}

void http_head_read(struct bytes fields, struct http_head *out)
{
	struct field f;

	*out = (struct http_head){.length = 0};
	while (message_field(&fields, &f))
		read_field(out, &f);
}

static bool is_redirect(unsigned status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool is_stale(const struct http_head *h)
{
	struct challenge challenge;
	bool stale = false;

	for (size_t i = 0; i < h->challenges; i++)
		stale |= auth_challenge(h->challenge[i], &challenge) && challenge.stale;
	return stale;
}

static enum login_outcome judge_header(unsigned status, const struct http_head *h)
{
	if (status == 401)
		return is_stale(h) ? LOGIN_UNANSWERED : LOGIN_REFUSED;
	if (status >= 200 && status < 300)
		return LOGIN_ACCEPTED;
	return is_redirect(status) && !page_names_login(bytes_upto(h->location, LOCATION_MAX))
		       ? LOGIN_ACCEPTED
		       : LOGIN_UNANSWERED;
}

/* To the root leads back: it is where many devices have their login page. So does an index to what asked from there. */
static bool leads_on(struct bytes location, struct bytes path)
{
	struct target target;

	location = bytes_upto(location, LOCATION_MAX);
	target_split(location, &target);
	if (target.path.len <= 1 || page_names_login(location) || page_names_failure(location))
		return false;
	return !bytes_hold(target.path, "index") || (path.len > 1 && !bytes_hold(path, "index"));
}

enum login_outcome http_judge(enum http_try try, unsigned status, const struct http_head *h,
			      const char *path)
{
	bool taken = false;

	if (try == TRY_HEADER)
		return judge_header(status, h);
	if (status == 401)
		return LOGIN_REFUSED;
	if (try == TRY_SNAPSHOT)
		taken = status == 200 && bytes_begin_nocase(h->type, "image/");
	else if (try == TRY_ADDRESS)
		taken = status == 200;
	else if (try == TRY_FORM)
		taken = (status == 302 || status == 303) && h->session &&
			leads_on(h->location, bytes_of(path));
	return taken ? LOGIN_ACCEPTED : LOGIN_UNANSWERED;
}

bool http_needs_page(enum http_try try, unsigned status, const struct http_head *h)
{
	bool html = h->type.len == 0 || bytes_begin_nocase(h->type, "text/html") ||
		    bytes_begin_nocase(h->type, "application/xhtml");

	if (h->encoded || status < 200 || status >= 300 || status == 204 ||
	    (h->has_length && h->length == 0 && !h->chunked))
		return false;
	return (try == TRY_HEADER && html) || (try == TRY_ADDRESS && page_is_text(h->type));
}

/* Files that many servers give to anybody, whatever lies around them. */
static bool is_for_all(struct bytes path)
{
	static const char *const ends[] = {".ico", ".css", ".js",  ".png", ".gif",
					   ".jpg", ".svg", ".txt", ".xml"};

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		size_t n = strlen(ends[i]);

		if (path.len >= n && bytes_are_nocase(bytes_from(path, path.len - n), ends[i]))
			return true;
	}
	return false;
}

bool http_covers(const char *locked, const char *path, bool beneath)
{
	size_t n = strlen(locked);
	struct bytes rest = bytes_from(bytes_of(path), n);

	if (n == 0 || !bytes_begin(bytes_of(path), locked))
		return false;
	if (rest.len == 0)
		return true;
	return beneath && !is_for_all(rest) && (locked[n - 1] == '/' || rest.at[0] == '/');
}

bool http_is_proxied(const struct talk *t, struct bytes method, struct bytes host)
{
	char text[ADDR_TEXT_MAX];
	struct addr addr;

	if (bytes_are(method, "CONNECT"))
		return true;
	if (host.len == 0 || host.len >= sizeof text)
		return host.len > 0;
	memcpy(text, host.at, host.len);
	text[host.len] = '\0';
	return !addr_parse(text, &addr) || !addr_equal(&addr, &t->packet->dst);
}

bool http_page_accepts(enum http_try try, struct bytes body)
{
	switch (try) {
	case TRY_HEADER:
		return !page_refuses(body);
	case TRY_ADDRESS:
		return !page_is_error(body);
	case TRY_FORM:
		return page_is_success(body) || page_has_token(body);
	case TRY_TOKEN:
		return page_has_token(body);
	default:
		return false;
	}
}
