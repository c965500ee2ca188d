/* SPDX-License-Identifier: MIT */
/*
 * See portal_page.h. What telephones and computers ask to find out whether they are behind a portal, and what they make of
 * the answer: docs/decisions/0046-captive-portal.md. Whoever asks for a page of somebody else's is led to ours by 302, which all
 * of them understand; what can't be led (POST and its kin) is told so by 511 (RFC 6585, 6), so that no program takes our
 * words for the answer that it waits for.
 */
#include "watch/portal_page.h"

#include <stdio.h>
#include <stdlib.h>

#define SLUG_PATH "/device/"

/* ---- what is asked ---------------------------------------------------------------------------------------------- */

/* ":8081", or nothing: then it was led here from port 80. */
static bool is_our_port(const char *text, uint16_t port)
{
	char ours[8];

	(void)snprintf(ours, sizeof ours, ":%u", (unsigned)port);
	return *text == '\0' || strcmp(text, ours) == 0 || strcmp(text, ":80") == 0;
}

static bool is_here(const char *host, const struct addr *here, uint16_t port)
{
	char text[ADDR_TEXT_MAX];
	struct addr named;
	const char *from = host, *end;
	size_t n;

	if (*host == '[') {
		from = host + 1;
		end = strchr(from, ']');
	} else {
		end = strchrnul(host, ':');
	}
	if (end == NULL)
		return false;
	n = (size_t)(end - from);
	if (n >= sizeof text)
		return false;
	memcpy(text, from, n);
	text[n] = '\0';
	return addr_parse(text, &named) && addr_equal(&named, here) &&
	       is_our_port(*host == '[' ? end + 1 : end, port);
}

/* "02-00-5e-00-53-01" */
static bool read_slug(const char *text, char slug[PORTAL_SLUG])
{
	struct mac mac;

	if (strlen(text) != PORTAL_SLUG - 1 || text[2] != '-' || !mac_parse(text, &mac))
		return false;
	(void)mac_text(&mac, slug);
	for (size_t i = 2; i < PORTAL_SLUG - 1; i += 3)
		slug[i] = '-';
	return true;
}

enum portal_answer portal_asks(const char *method, const char *path, const char *host,
			       const struct addr *here, uint16_t port, char slug[PORTAL_SLUG])
{
	bool gets = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;

	slug[0] = '\0';
	/* HTTP/1.0 has no Host: what was meant can't be told, and the list harms nobody. */
	if (host != NULL && !is_here(host, here, port))
		return gets ? PORTAL_AWAY : PORTAL_CAPTIVE;
	if (!gets)
		return PORTAL_METHOD;
	if (strcmp(path, "/") == 0 || host == NULL)
		return PORTAL_MINE;
	if (strcmp(path, "/all") == 0)
		return PORTAL_LIST;
	return strncmp(path, SLUG_PATH, strlen(SLUG_PATH)) == 0 &&
			       read_slug(path + strlen(SLUG_PATH), slug)
		       ? PORTAL_DEVICE
		       : PORTAL_NONE;
}

char *portal_url(const struct addr *here, uint16_t port, char url[PORTAL_URL])
{
	char text[ADDR_TEXT_MAX];
	bool v4 = addr_is_v4(here);

	(void)snprintf(url, PORTAL_URL, "http://%s%s%s:%u/", v4 ? "" : "[", addr_text(here, text),
		       v4 ? "" : "]", (unsigned)port);
	return url;
}

/* ---- the page -------------------------------------------------------------------------------------------------- */

/* That of the style sheet alone: no script, picture, frame or request, wherever it came from. */
const char portal_policy[] = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
			     "form-action 'none'; frame-ancestors 'none'";

/* clang-format off */
static const char style[] =
	":root { color-scheme: light dark; --page: #f6f7f8; --card: #fff; --ink: #1b1f24; --soft: #525b66; --line: #d5dae0; --mark: #8a4b00; }\n"
	"@media (prefers-color-scheme: dark) {\n"
	":root { --page: #111417; --card: #191d21; --ink: #e7eaed; --soft: #a9b2bc; --line: #363d45; --mark: #ffb85c; }\n"
	"}\n"
	"* { box-sizing: border-box; }\n"
	"html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }\n"
	"body { margin: 0 auto; max-width: 40rem; padding: 1rem 1.1rem 3rem; background: var(--page); color: var(--ink); overflow-wrap: anywhere; "
	"font: 1.0625rem/1.5 system-ui, \"Segoe UI\", Roboto, \"Noto Sans\", sans-serif; }\n"
	"h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0 1rem; }\n"
	"h2 { font-size: 1.15rem; margin: 1.5rem 0 .4rem; }\n"
	"p { margin: 0 0 .7rem; }\n"
	".brand, .soft { color: var(--soft); }\n"
	".card { background: var(--card); border: 1px solid var(--line); border-left: .3rem solid var(--mark); border-radius: .4rem; padding: .8rem 1rem .3rem; margin: 0 0 1rem; }\n"
	".card h2 { margin: 0 0 .4rem; }\n"
	"a { color: inherit; }\n"
	"ol { margin: 0 0 .7rem; padding-left: 1.4rem; }\n"
	"li { margin-bottom: .5rem; }\n"
	"code { display: inline-block; padding: .05rem .4rem; border: 1px solid var(--line); border-radius: .3rem; font-size: .95em; }\n";
/* clang-format on */

static void begin(struct text *to, const char *title)
{
	text_puts(to, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
	text_html(to, title);
	text_puts(to, "</title>\n<style>\n");
	text_puts(to, style);
	text_puts(to, "</style>\n</head>\n<body>\n<p class=\"brand\">cordon, the watch of this "
		      "network</p>\n<h1>");
	text_html(to, title);
	text_puts(to, "</h1>\n");
}

static void end(struct text *to)
{
	text_puts(to, "</body>\n</html>\n");
}

static void mac_of(const struct portal_device *d, char mac[PORTAL_SLUG])
{
	memcpy(mac, d->slug, PORTAL_SLUG);
	for (size_t i = 2; i < PORTAL_SLUG - 1; i += 3)
		mac[i] = ':';
}

static void write_name(const struct portal_device *d, struct text *to)
{
	char mac[PORTAL_SLUG];

	mac_of(d, mac);
	text_puts(to, "<bdi>");
	text_html(to, d->name != NULL ? d->name : mac);
	text_puts(to, "</bdi>");
}

/* "a Xiongmai camera-2015, MAC 02:00:…" */
static void write_kind(const struct portal_device *d, struct text *to)
{
	char mac[PORTAL_SLUG];

	mac_of(d, mac);
	text_puts(to, "<p class=\"soft\">");
	if (d->what != NULL) {
		text_puts(to, "<bdi>");
		text_html(to, d->what);
		text_puts(to, "</bdi>, ");
	}
	text_printf(to, "MAC %s</p>\n", mac);
}

static void write_why(const struct portal_device *d, bool mine, struct text *to)
{
	text_puts(to, mine ? "<p>It is " : "<p>Is ");
	text_html(to, d->how);
	if (d->since != NULL) {
		text_puts(to, " since ");
		text_html(to, d->since);
	}
	text_puts(to, ": ");
	text_html(to, d->why);
	text_puts(to, ".</p>\n");
}

static void write_steps(const struct portal_device *d, struct text *to)
{
	char mac[PORTAL_SLUG];

	mac_of(d, mac);
	if (d->todo_n > 0) {
		text_puts(to, "<h2>What to do</h2>\n<ol>\n");
		for (size_t i = 0; i < d->todo_n; i++) {
			text_puts(to, "<li>");
			text_html(to, d->todo[i]);
			text_puts(to, "</li>\n");
		}
		text_puts(to, "</ol>\n");
	}
	text_puts(to, "<h2>How it gets out</h2>\n");
	if (d->by_itself != NULL) {
		text_puts(to, "<p>");
		text_html(to, d->by_itself);
		text_puts(to, "</p>\n");
	}
	text_puts(
		to,
		"<p>Who looks after this network lets it out on the router by hand:</p>\n<p><code>");
	text_html(to, d->let_out);
	text_printf(to, " %s</code></p>\n", mac);
}

void portal_page_device(const struct portal_device *d, bool mine, struct text *to)
{
	begin(to, mine ? "This device is held" : "A device of this network is held");
	text_puts(to, "<div class=\"card\">\n<h2>");
	write_name(d, to);
	text_puts(to, "</h2>\n");
	write_kind(d, to);
	write_why(d, mine, to);
	text_puts(to, "</div>\n");
	write_steps(d, to);
	text_puts(to, "<p class=\"soft\"><a href=\"/all\">All devices that are held</a></p>\n");
	end(to);
}

static void write_card(const struct portal_device *d, struct text *to)
{
	text_printf(to, "<div class=\"card\">\n<h2><a href=\"" SLUG_PATH "%s\">", d->slug);
	write_name(d, to);
	text_puts(to, "</a></h2>\n");
	write_kind(d, to);
	write_why(d, false, to);
	text_puts(to, "</div>\n");
}

void portal_page_list(const struct portal_view *v, struct text *to)
{
	uint64_t all = v->n + v->more;
	char title[80];

	if (all == 0)
		(void)snprintf(title, sizeof title, "No device of this network is held");
	else if (all == 1)
		(void)snprintf(title, sizeof title, "One device of this network is held");
	else
		(void)snprintf(title, sizeof title, "%llu devices of this network are held",
			       (unsigned long long)all);
	begin(to, title);
	if (v->n > 0 && !v->mine)
		text_puts(to, "<p>What you read this with is none of them.</p>\n");
	for (size_t i = 0; i < v->n; i++)
		write_card(&v->devices[i], to);
	if (v->more > 0)
		text_printf(to,
			    "<p>And %llu more: <code>cordon contained</code> lists them on the "
			    "router.</p>\n",
			    (unsigned long long)v->more);
	end(to);
}

void portal_page_away(const char *url, struct text *to)
{
	begin(to, "This page was not reached");
	text_puts(to, "<p>Devices of this network are held. Which, and why, stands at <a href=\"");
	text_html(to, url);
	text_puts(to, "\">");
	text_html(to, url);
	text_puts(to, "</a>.</p>\n");
	end(to);
}

void portal_page_other(const char *title, const char *words, struct text *to)
{
	begin(to, title);
	text_puts(to, "<p>");
	text_html(to, words);
	text_puts(to, "</p>\n<p><a href=\"/all\">All devices that are held</a></p>\n");
	end(to);
}
