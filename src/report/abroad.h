/* SPDX-License-Identifier: MIT */
/*
 * What reports that leave the house may say: XARF, STIX, MISP, the table in Shadowserver's columns. Their receivers are
 * strangers to the household, so they hear of suspect and infected devices only, never of files or folders, and of the
 * far end of a deed only when it was proven: a cloud that a camera calls every minute is nobody's command server.
 */
#pragma once

#include "base/uuid.h"
#include "report/report.h"

enum deed { DEED_NONE, DEED_SCAN, DEED_LOGIN, DEED_FLOOD };

/* A remote address that did something to an infected device, or let it do something. */
struct accomplice {
	struct addr addr;
	const char *role;   /* "intruder", "loader" or "command-server" */
	int port;	    /* of the one who was called, or -1 */
	uint16_t from;	    /* the intruder's own port, or 0 */
	const char *family; /* or NULL */
	const char *text;   /* of the earliest line */
	int64_t first_ns;
	int64_t last_ns;
	uint64_t count;
	enum confidence confidence;
};

/* Suspect or infected. */
bool abroad_accuses(const struct device *d);
/* The address that others know it by: a public one if it has one, NULL when it has none at all. */
const struct addr *abroad_address(const struct device *d);
/* The address under which it did what a line says; NULL when it has none of that IP version. */
const struct addr *abroad_sender(const struct device *d, const struct evidence *e);
/* Does this address of a device say anything to others? Its public ones do; where it has none, those it has. */
bool abroad_shows(const struct device *d, const struct addr *a);
/* A sign or proof that it did something, not a note. */
bool abroad_tells(const struct evidence *e);
enum deed abroad_deed(const struct evidence *e);
/* The attack that a line of a device is about, or NULL. */
const struct attack *abroad_attack(const struct judged *judged, const struct device *d,
				   const struct evidence *e);
/* What a flood's packets are: "tcp", "udp", "icmp", or NULL for another one. */
const char *abroad_transport(enum vector vector);
/* "TCP" of "tcp"; NULL of NULL. */
const char *abroad_upper(const char *protocol);
/* "tcp", "udp", "icmp", or NULL when it is another one or not known. */
const char *abroad_protocol(const struct judged *judged, const struct device *d,
			    const struct evidence *e);
/* The peer of a line when it may be told: public, or for documentation. */
bool abroad_peer(const struct evidence *e, struct addr *out);

/* Is the peer of this line an accomplice? Only beside an infected device, and only by proof. */
bool abroad_names(const struct device *d, const struct evidence *e, struct addr *peer);
/* Sorted by address, role and port, each once; to be freed. NULL when memory is out. */
struct accomplice *abroad_accomplices(const struct judged *judged, size_t *n);

/* The lines of a device's evidence as plain text, one a line. */
void abroad_lines(const struct judged *judged, const struct device *d, struct text *to);
void abroad_line(const struct judged *judged, const struct evidence *e, struct text *to);
/* "scans TCP ports 23, 2323: …": how the deed is summed up in a line of its own. */
void abroad_summary(const struct device *d, struct text *to);

/* An id in cordon's own namespace. */
char *abroad_id(const struct text *content, char out[UUID_TEXT_MAX]);

/* Of 100, as STIX 2.1 (appendix A, Low, Medium, High) has it. */
unsigned abroad_percent(enum confidence c);
