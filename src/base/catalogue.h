/* SPDX-License-Identifier: MIT */
/*
 * What is known of makers, devices and what attacks them: knowledge/makers.tsv, products.tsv, fingerprints.tsv,
 * credentials.tsv, recalls.tsv and malware.tsv as plain tables. Read once at start (catalogue.c), with the owner's additions from /etc/cordon/data.d/
 * behind our own, never changed after; strings live in the catalogue's arena. `-` in a file is NULL here.
 */
#pragma once

#include "base/addr.h"
#include "base/arena.h"
#include "base/knowledge.h"
#include "base/signal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum maker_role {
	MAKER_MAKER, /* makes devices that people buy, or the boards that are the device under other brands */
	MAKER_MODULE, /* makes chips or radio modules inside other makers' devices: never a device's maker */
	MAKER_BRAND /* sells what others build: built_by says who */
};

/* makers.tsv: name, role, organisations, built by, source, confidence */
struct maker {
	const char *name; /* "Xiongmai" */
	enum maker_role role;
	const char
		*organisations; /* patterns over the IEEE's names, separated by '|'; NULL: none */
	const char *built_by;	/* makers who build for this brand, separated by '|'; NULL */
	const char *source;
	bool computers; /* computers, phones or tablets are among what it makes */
};

enum claim_confidence { CLAIM_LOW, CLAIM_MEDIUM, CLAIM_HIGH };

/*
 * fingerprints.tsv: signal, pattern, maker, product, model, firmware, built, confidence, source. "$1" in a claim is the
 * pattern's capture, "$0" the whole value.
 */
struct fingerprint {
	enum signal signal;
	struct bytes pattern;
	const char *maker;
	const char *product; /* class: camera, dvr, nvr, router, plug, … */
	const char *model;
	const char *firmware;
	const char *built; /* a date, in any of the forms that built_parse() reads */
	enum claim_confidence confidence;
	const char *source;
};

/* products.tsv: maker, model (pattern), product, name, steps, source, confidence */
struct product {
	const char *maker;
	struct bytes model; /* pattern */
	const char *product;
	const char *name; /* how people call it, or NULL */
	const char *
		steps; /* what its owner should do, separated by '|', or NULL: how to change the password, reset, update */
	const char *source;
};

enum { /* where a pair is used */
       SERVICE_TELNET = 1 << 0,
       SERVICE_HTTP = 1 << 1,
       SERVICE_FTP = 1 << 2,
       SERVICE_RTSP = 1 << 3,
       SERVICE_SSH = 1 << 4,
       SERVICE_DVRIP = 1 << 5,
       SERVICE_DAHUA = 1 << 6,
       SERVICE_ONVIF = 1 << 7,
       SERVICE_SIP = 1 << 8,
       SERVICE_MQTT = 1 << 9,
       SERVICE_SNMP = 1 << 10
};

enum yes { YES_UNKNOWN, YES_NO, YES_YES };

/* credentials.tsv: maker, product, services, user, password, changeable, fixed, bots, source, confidence */
struct credential {
	const char *maker; /* NULL: of no one maker */
	const char *product;
	uint16_t services;    /* SERVICE_… joined by '|' */
	const char *user;     /* NULL: the service knows no users */
	const char *password; /* "" for <empty> */
	enum yes changeable;  /* can the owner change it? */
	bool fixed;	      /* written into the firmware */
	bool bots;	      /* in the list that Mirai tried in 2016 */
	const char *source;
};

enum recall_action {
	RECALL_RETURN, /* the maker takes it back */
	RECALL_UPDATE, /* fixed in a later firmware */
	RECALL_NO_FIX, /* keep it off the Internet, replace it */
	RECALL_ADVICE  /* none of these is known */
};

/*
 * recalls.tsv: maker, models (patterns, or class:WORD for a product class, separated by '|'), rule, advisory, action, todo,
 * fixed in, source, confidence. The grammar of `rule` stands in recall_rule.h. A module's maker may stand here: many
 * recalls are of what is inside.
 */
struct recall {
	const char *maker;
	const char *models;
	const char *rule;
	const char *advisory; /* "CVE-2017-7577" */
	enum recall_action action;
	const char *todo;  /* what to do, in words */
	const char *fixed; /* first firmware that is not concerned any more, or NULL */
	const char *source;
	enum claim_confidence confidence; /* low: for advice only, never a finding */
};

enum trait_kind {
	TRAIT_REQUEST, /* pattern over "METHOD target", second over the first bytes of the body */
	TRAIT_AGENT,   /* pattern over the User-Agent with which droppers fetch */
	TRAIT_TOKEN,   /* the word that a loader has busybox look for in vain */
	TRAIT_FILE,    /* pattern over the path or name of a program that is fetched */
	TRAIT_NAME,    /* domain of command servers */
	TRAIT_LINE, /* pattern over a line of a command server's talk; second: the order in plain words */
	TRAIT_KINDS
};

/*
 * malware.tsv: kind, pattern, second (pattern or words, as the kind says), family, title, source, confidence. Patterns match
 * what strangers send and are never sent by anybody.
 */
struct trait {
	enum trait_kind kind;
	struct bytes pattern;
	struct bytes second; /* empty with at == NULL: none */
	const char *family;  /* "mirai", NULL: of no one family */
	const char *title;   /* plain words: "the Realtek SDK's UPnP service (CVE-2014-8361)" */
	const char *source;
	enum claim_confidence confidence;
};

struct catalogue {
	struct arena arena;
	struct maker *makers;
	size_t makers_n;
	const struct maker **makers_by_name;
	struct fingerprint *fingerprints; /* by signal, then in the order of the files */
	size_t fingerprints_n;
	uint32_t of_signal
		[SIGNALS +
		 1]; /* fingerprints[of_signal[s] … of_signal[s + 1] - 1] are of signal s */
	struct product *products;
	size_t products_n;
	struct credential *credentials; /* a pair's number is its place here */
	size_t credentials_n;
	struct recall *recalls;
	size_t recalls_n;
	struct trait *traits; /* by kind, then in the order of the files */
	size_t traits_n;
	uint32_t of_trait[TRAIT_KINDS + 1]; /* as of_signal */
	uint32_t *requests; /* traits of requests, by the letter that their target begins with … */
	uint64_t *request_needs;    /* … and which letters such a target must have */
	uint64_t request_bits[256]; /* … each byte's among them */
	uint32_t of_letter[257]; /* … as of_signal; those that fit any letter are in each list */
};

/* Reads the embedded files and then more (the owner's; may be NULL for 0). 0 or -EINVAL with *error, -ENOMEM. */
int catalogue_load(struct catalogue *out, const struct knowledge_file *more, size_t more_n,
		   struct knowledge_error *error);
void catalogue_fini(struct catalogue *c);

/*
 * The same with other files in place of the embedded ones, telling every error. Of the first files those that are not
 * the catalogue's are passed over; the owner's may be of its kinds only. When it returns other than 0 there is no
 * catalogue to free.
 */
int catalogue_check(struct catalogue *out, const struct knowledge_file *files, size_t files_n,
		    const struct knowledge_file *more, size_t more_n,
		    struct knowledge_report *report);

/* A pc, phone or tablet: people use it with programs of all makers. NULL is none. */
bool catalogue_is_computer(const char *product);
/* The maker record of that name, or whose organisations match; NULL when none. */
const struct maker *catalogue_maker(const struct catalogue *c, const char *name);
const struct maker *catalogue_maker_named(const struct catalogue *c, struct bytes name);
/* The first trait of that kind that value (and second, where the trait has one) matches; NULL when none does. */
const struct trait *catalogue_trait(const struct catalogue *c, enum trait_kind kind,
				    struct bytes value, struct bytes second);
/* The same of a request, by its parts: quick where none matches, as with nearly all. */
const struct trait *catalogue_request(const struct catalogue *c, struct bytes method,
				      struct bytes target, struct bytes body);
const struct maker *catalogue_maker_of(const struct catalogue *c, const char *organisation);
