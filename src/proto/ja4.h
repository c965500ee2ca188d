/* SPDX-License-Identifier: MIT */
/*
 * JA4, the fingerprint of a TLS client (FoxIO, published with its algorithm): "t13d1516h2_8daaf6152771_e5627efa2ab1". Two
 * programs with the same TLS library and settings have the same one, whatever they connect to.
 */
#pragma once

#include "proto/hello.h"

enum { JA4_SIZE = 37 }; /* with the NUL */

/* Of a hello over TCP. False for one with more suites or extensions than any client sends (1024). */
bool ja4(const struct hello *h, char out[JA4_SIZE]);
