/* SPDX-License-Identifier: MIT */
/*
 * A map of the IPv4 networks that were tried: one cell for each of the 65,536 networks of 65,536 addresses, along
 * Hilbert's curve (D. Hilbert, 1891; for addresses: R. Munroe, "Map of the Internet", 2006), on which neighbours in
 * number are neighbours on paper and every network whose prefix length is even is a square.
 *
 * Cells that touch in a row are one stroke, so that even a map full of specks stays a fraction of the page.
 */
#include "report/html.h"

#include <string.h>

enum { SIDE = 256, NETWORKS = SIDE * SIDE };

struct cell {
	unsigned x;
	unsigned y;
};

/* Where the network of that number stands: two bits of it at a time, from the last. */
static struct cell cell_of(unsigned network)
{
	struct cell c = {0, 0};

	for (unsigned side = 1; side < SIDE; side *= 2, network /= 4) {
		unsigned right = network / 2 & 1;
		unsigned down = (network ^ right) & 1;

		if (down == 0) {
			struct cell flipped = {right ? side - 1 - c.y : c.y,
					       right ? side - 1 - c.x : c.x};

			c = flipped;
		}
		c.x += right ? side : 0;
		c.y += down ? side : 0;
	}
	return c;
}

/* Ranges where no scan finds anybody on the Internet; a label where there is room for it. */
static const struct {
	unsigned from; /* first number of two: 10 is 10.0.0.0/8 */
	unsigned second;
	unsigned side; /* cells */
	const char *label;
} special[] = {
	{0, 0, 16, "0"},     {10, 0, 16, "10"},		{100, 64, 8, NULL},
	{127, 0, 16, "127"}, {169, 254, 1, NULL},	{172, 16, 4, NULL},
	{192, 168, 1, NULL}, {224, 0, 64, "multicast"}, {240, 0, 64, "reserved"},
};

static void draw_special(struct html *h)
{
	for (size_t i = 0; i < sizeof special / sizeof special[0]; i++) {
		struct cell c = cell_of(special[i].from * SIDE + special[i].second);
		unsigned side = special[i].side;
		unsigned x = c.x / side * side;
		unsigned y = c.y / side * side;

		text_printf(
			h->to,
			"<rect class=\"range\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>\n", x,
			y, side, side);
		if (special[i].label != NULL)
			text_printf(h->to, "<text x=\"%u\" y=\"%u\">%s</text>\n", x + side / 2,
				    y + side / 2 + 3, special[i].label);
	}
}

/* Faint lines between the networks that share their first number. */
static void draw_grid(struct html *h)
{
	html_puts(h, "<path class=\"grid\" d=\"");
	for (unsigned i = 16; i < SIDE; i += 16)
		text_printf(h->to, "M%u 0V%dM0 %uH%d", i, SIDE, i, SIDE);
	html_puts(h, "\"/>\n");
}

static void draw_cells(struct html *h)
{
	uint8_t rows[NETWORKS / 8] = {0};
	const uint8_t *networks = h->judged->scanned.networks;

	for (unsigned n = 0; n < NETWORKS; n++) {
		struct cell c;

		if ((networks[n / 8] >> n % 8 & 1) == 0)
			continue;
		c = cell_of(n);
		rows[(c.y * SIDE + c.x) / 8] |= (uint8_t)(1U << c.x % 8);
	}
	html_puts(h, "<path class=\"tried\" transform=\"translate(0 .5)\" d=\"");
	for (unsigned y = 0; y < SIDE; y++) {
		for (unsigned x = 0; x < SIDE; x++) {
			const uint8_t *row = &rows[y * SIDE / 8];
			unsigned from = x;

			while (x < SIDE && (row[x / 8] >> x % 8 & 1) != 0)
				x++;
			if (x > from)
				text_printf(h->to, "M%u %uh%u", from, y, x - from);
		}
	}
	html_puts(h, "\"/>\n");
}

static void say_map(struct html *h)
{
	text_count(&h->page.line, h->judged->scanned.n);
	text_puts(&h->page.line, " of the ");
	text_count(&h->page.line, NETWORKS);
	text_puts(&h->page.line, " networks that IPv4 has were tried from here in scans");
}

void html_map(struct html *h)
{
	if (h->judged->scanned.networks == NULL)
		return;
	html_puts(h, "<section id=\"scanned\">\n<h2>Where the scans went</h2>\n"
		     "<figure class=\"map\">\n"
		     "<svg role=\"img\" aria-labelledby=\"map map-is\" viewBox=\"0 0 256 256\">\n"
		     "<title id=\"map\">Map of the IPv4 networks that were scanned</title>\n"
		     "<desc id=\"map-is\">");
	say_map(h);
	html_say(h, "", "</desc>");
	draw_grid(h);
	draw_special(h);
	draw_cells(h);
	html_puts(h,
		  "<rect class=\"frame\" width=\"256\" height=\"256\"/>\n</svg>\n<figcaption>\n");
	say_map(h);
	html_say(h, "<p><b>", ".</b></p>");
	html_puts(
		h,
		"<p>The square is the whole IPv4 Internet. Each dot is a network of 65 536 addresses that "
		"was tried: those that begin with the same two numbers, such as 192.0. Networks with "
		"neighbouring numbers lie side by side, from 0.0 at the top left to 255.255 at the top "
		"right; a square of the grid holds all that share their first number.</p>\n"
		"<p>Dots all over the map are the work of a program that tries addresses at random. "
		"Shaded is what the Internet does not reach: private networks (10, 100.64, 172.16, "
		"192.168), a host's own (0, 127, 169.254), multicast (224 to 239), and what is "
		"reserved (240 to 255).</p>\n</figcaption>\n</figure>\n</section>\n");
	text_settle(h->to);
}
