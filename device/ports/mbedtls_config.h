/* SPDX-License-Identifier: MIT */
/*
 * Of mbedTLS 2.28 what libfirstuse's backend needs and no more: SHA-256, ECDSA over P-256. No TLS, no entropy: random
 * bytes come by the device's own callback. A maker whose firmware has mbedTLS anyway keeps his own configuration; these
 * options must be in it.
 */
#pragma once

#define MBEDTLS_SHA256_C
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECDSA_C
/* ECDSA asks for them. */
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_HAVE_ASM

/* Only public points are computed with on a device, so there is nothing to blind and no random source to build in. */
#define MBEDTLS_ECP_NO_INTERNAL_RNG

/* The heap can be a buffer of the maker's: mbedtls_memory_buffer_alloc_init(). */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C

/* Fewer multiples of points in memory, for some more time. */
#define MBEDTLS_ECP_WINDOW_SIZE 2
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#define MBEDTLS_MPI_WINDOW_SIZE 1
#define MBEDTLS_MPI_MAX_SIZE 64

#include "mbedtls/check_config.h"
