/* SPDX-License-Identifier: MIT */
/*
 * What of an X.509 certificate (RFC 5280) names a device's maker: subject, issuer and DNS names. Nothing is verified.
 */
#pragma once

#include "base/bytes.h"

enum { CERTIFICATE_NAME = 288 }; /* room for a name in text */

struct certificate { /* views; empty when not there or cut */
	struct bytes issuer;
	struct bytes subject;
	struct bytes names; /* subjectAltName: GeneralNames */
};

/* Reads as far as the bytes go. False when they are no certificate. */
bool certificate_read(struct bytes der, struct certificate *out);

/*
 * A name as "CN=…,O=…,OU=…,C=…", in this order whatever the certificate's is, the first of each and only those that it
 * has. The e-mail address and the serial number of a name are left out. Returns the bytes written, no NUL among them.
 */
size_t certificate_name(struct bytes name, char out[CERTIFICATE_NAME]);

/* Takes the next DNS name of `names`; false when there is none left. */
bool certificate_next_dns(struct bytes *names, struct bytes *dns);
