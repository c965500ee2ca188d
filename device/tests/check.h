/* SPDX-License-Identifier: MIT */
/*
 * The whole of what a test program of device/ needs, so that the same source runs natively, under qemu and on a board with
 * a console: CHECK(what should be true), and check_end() as the value of main, which prints "N passed, N failed".
 */
#pragma once

#include <stdio.h>

/* A wrong loop would print one line for each round. */
#define CHECK_PRINTED 20u

static unsigned long check_passed, check_failed;

static inline int check_that(int good, const char *what, const char *file, int line)
{
	if (good) {
		check_passed++;
		return 1;
	}
	if (check_failed++ < CHECK_PRINTED)
		printf("FAIL %s:%d: %s\n", file, line, what);
	return 0;
}

/* True when it held, so that a test can say more or stop. */
#define CHECK(condition) check_that((condition) != 0, #condition, __FILE__, __LINE__)

static inline int check_end(void)
{
	if (check_failed > CHECK_PRINTED)
		printf("FAIL and %lu more\n", check_failed - CHECK_PRINTED);
	printf("%lu passed, %lu failed\n", check_passed, check_failed);
	return check_failed != 0;
}
