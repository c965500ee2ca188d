/* SPDX-License-Identifier: MIT */
/* The network in which the tests of MUD profiles stand, the files of tests/mud, and packets drawn to meet them. */
#pragma once

#include "contain/mud_match.h"

#include "draw.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const house_files[] = {"camera-2026", "classes", "draft", "draft-flat",
					  "drops",	 "frames",  "icmp",  "layers",
					  "names",	 "ports"};
enum { HOUSE_FILES = sizeof house_files / sizeof *house_files, HOUSE_NOW = 1000 };

static struct prefix house_lan[2];
static struct mud_binding house_bindings[16];
static struct mud_neighbour house_neighbours[4];
static struct mud_controller house_controllers[6];
static struct mud_place house = {.lan = house_lan,
				 .lan_n = 2,
				 .bindings = house_bindings,
				 .neighbours = house_neighbours,
				 .controllers = house_controllers,
				 .now_ns = HOUSE_NOW};

/* Whoever occurs anywhere: answers that are right, late, and of the house, neighbours, groups, strangers. */
static const char *const house_addresses[] = {
	"198.51.100.10", "198.51.100.11",   "198.51.100.77", "198.51.100.65",	"198.51.100.1",
	"203.0.113.5",	 "203.0.113.8",	    "203.0.113.9",   "203.0.113.200",	"192.0.2.1",
	"192.0.2.20",	 "192.0.2.30",	    "192.0.2.40",    "192.0.2.200",	"169.254.3.4",
	"224.0.0.251",	 "239.255.255.250", "224.9.9.9",     "255.255.255.255", "10.1.2.3",
	"127.0.0.1",	 "8.8.8.8",
};
static const char *const house_addresses6[] = {
	"2001:db8:5::10", "2001:db8:5::11", "2001:db8:6::1", "2001:db8:1::1",
	"2001:db8:1::20", "2001:db8:1::40", "fe80::1",	     "ff02::fb",
	"ff05::c",	  "fd00::1",	    "::1",
};

static inline struct addr house_addr(const char *text)
{
	struct addr a = {{0}};

	if (!addr_parse(text, &a))
		abort();
	return a;
}

static inline void house_bind(const char *name, const char *addr, int64_t until_ns)
{
	house_bindings[house.bindings_n++] = (struct mud_binding){name, house_addr(addr), until_ns};
}

static inline void house_build(void)
{
	static const char kin[] = "mud.maker.example", other[] = "mud.other.example";

	house.bindings_n = house.neighbours_n = house.controllers_n = 0;
	if (!prefix_parse("192.0.2.0/24", &house_lan[0]) ||
	    !prefix_parse("2001:db8:1::/64", &house_lan[1]))
		abort();
	house_bind("cloud.maker.example", "198.51.100.10", HOUSE_NOW + 50);
	house_bind("cloud.maker.example", "198.51.100.10", HOUSE_NOW + 90);
	house_bind("cloud.maker.example", "198.51.100.11", HOUSE_NOW + 5);
	house_bind("cloud.maker.example", "2001:db8:5::10", HOUSE_NOW + 50);
	house_bind("updates.cordon.example", "203.0.113.5", HOUSE_NOW + 50);
	house_bind("updates.cordon.example", "2001:db8:5::11", HOUSE_NOW + 50);
	house_bind("rebind.maker.example", "192.0.2.20", HOUSE_NOW + 50);
	house_bind("rebind.maker.example", "127.0.0.1", HOUSE_NOW + 50);
	house_bind("rebind.maker.example", "10.1.2.3", HOUSE_NOW + 50);
	house_bind("rebind.maker.example", "169.254.3.4", HOUSE_NOW + 50);
	house_bind("rebind.maker.example", "255.255.255.255", HOUSE_NOW + 50);
	house_bind("hub.maker.example", "192.0.2.30", HOUSE_NOW + 50);
	house_bind("hub.maker.example", "198.51.100.1", HOUSE_NOW + 50);
	house_bind("old.maker.example", "203.0.113.200", HOUSE_NOW);
	house_bind("elsewhere.example", "8.8.8.8", HOUSE_NOW + 50);
	house_neighbours[house.neighbours_n++] = (struct mud_neighbour){
		house_addr("192.0.2.40"), kin, "https://mud.maker.example/k"};
	house_neighbours[house.neighbours_n++] = (struct mud_neighbour){
		house_addr("2001:db8:1::40"), kin, "https://mud.maker.example/k"};
	house_neighbours[house.neighbours_n++] = (struct mud_neighbour){
		house_addr("192.0.2.30"), other, "https://mud.other.example/hub.json"};
	house_neighbours[house.neighbours_n++] = (struct mud_neighbour){
		house_addr("192.0.2.20"), "mud.cordon.example", "https://mud.cordon.example/x"};
	house_controllers[house.controllers_n++] =
		(struct mud_controller){"urn:ietf:params:mud:dns", house_addr("192.0.2.1")};
	house_controllers[house.controllers_n++] =
		(struct mud_controller){"urn:ietf:params:mud:dns", house_addr("2001:db8:1::1")};
	house_controllers[house.controllers_n++] =
		(struct mud_controller){"urn:ietf:params:mud:ntp", house_addr("192.0.2.1")};
	house_controllers[house.controllers_n++] =
		(struct mud_controller){"", house_addr("192.0.2.20")};
	house_controllers[house.controllers_n++] =
		(struct mud_controller){"", house_addr("203.0.113.9")};
	house_controllers[house.controllers_n++] =
		(struct mud_controller){"https://else.example/class", house_addr("8.8.8.8")};
}

/* A file of tests/mud; freed by the caller. */
static inline char *house_file(const char *name, size_t *len)
{
	char path[128], *text = malloc(MUD_FILE_BYTES + 1);
	FILE *f;

	(void)snprintf(path, sizeof path, "tests/mud/%s.json", name);
	f = fopen(path, "rb");
	if (f == NULL || text == NULL)
		abort();
	*len = fread(text, 1, MUD_FILE_BYTES, f);
	text[*len] = '\0';
	(void)fclose(f);
	return text;
}

static inline uint16_t house_port(struct draw *d)
{
	static const uint16_t ports[] = {0,    23,   53,   67,	 68,   80,   81,    123,  443,
					 546,  547,  554,  557,	 1023, 1024, 1900,  3478, 5000,
					 5005, 5353, 7000, 8080, 8883, 5683, 34567, 65535};

	if (draw_below(d, 8) == 0)
		return (uint16_t)draw(d);
	return ports[draw_below(d, sizeof ports / sizeof *ports)];
}

static inline struct addr house_any(struct draw *d, bool v4)
{
	struct addr a = {{0}};

	if (draw_below(d, 12) == 0) {
		a = addr_v4((uint32_t)draw(d));
		for (size_t i = 0; !v4 && i < 16; i++)
			a.b[i] = (uint8_t)draw(d);
		if (!v4)
			a.b[0] |= 0x20;
		return a;
	}
	if (v4)
		return house_addr(house_addresses[draw_below(d, sizeof house_addresses /
									sizeof *house_addresses)]);
	return house_addr(house_addresses6[draw_below(d, sizeof house_addresses6 /
								 sizeof *house_addresses6)]);
}

static inline struct mud_packet house_packet(struct draw *d)
{
	static const uint8_t protocols[] = {6, 6, 6, 17, 17, 17, 1, 58, 2, 47};
	static const uint8_t flags[] = {0x02, 0x12, 0x10, 0x18, 0x04, 0x11, 0x00, 0xc2, 0x52};
	static const uint8_t types[] = {8, 0, 128, 129, 3, 135};
	bool v4 = draw_below(d, 3) != 0;
	struct mud_packet p = {
		.direction = draw_below(d, 2) != 0 ? MUD_FROM_DEVICE : MUD_TO_DEVICE,
		.own = house_addr(v4 ? draw_below(d, 6) == 0 ? "192.0.2.201" : "192.0.2.50"
				     : "2001:db8:1::50"),
		.peer = house_any(d, v4),
		.protocol = draw_below(d, 20) == 0 ? (uint8_t)draw(d)
						   : protocols[draw_below(d, sizeof protocols)],
		.fragment = draw_below(d, 20) == 0,
		.cut = draw_below(d, 40) == 0,
		.own_port = house_port(d),
		.peer_port = house_port(d),
		.tcp_flags = flags[draw_below(d, sizeof flags)],
		.icmp_type = types[draw_below(d, sizeof types)],
		.icmp_code = (uint8_t)draw_below(d, 4),
		.hop_limit = draw_below(d, 2) != 0 ? 255 : 1,
		.time_ns = HOUSE_NOW + (int64_t)draw_below(d, 20),
	};

	return p;
}
