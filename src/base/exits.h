/* SPDX-License-Identifier: MIT */
/*
 * Exit statuses: the numbers of BSD's sysexits(3), named here because not every C library ships that header.
 * Scripts rely on them; cordon(1) lists them.
 */
#pragma once

enum exits {
	EXITS_OK = 0,
	EXITS_FOUND = 1,	  /* --fail-on was reached */
	EXITS_USAGE = 64,	  /* the command line is wrong */
	EXITS_DATA = 65,	  /* an input is no capture */
	EXITS_NO_INPUT = 66,	  /* an input is missing, unreadable or a directory */
	EXITS_UNAVAILABLE = 69,	  /* nobody answers where something should be running */
	EXITS_SOFTWARE = 70,	  /* our own fault */
	EXITS_OS = 71,		  /* out of memory, files or threads */
	EXITS_CANNOT_CREATE = 73, /* the output file can't be made */
	EXITS_IO = 74,		  /* disk full, or another I/O error */
	EXITS_NO_PERMISSION = 77,
	EXITS_CONFIG = 78 /* a line of the owner's files is wrong */
};

/* The status for a file that can't be read or made, by the errno value. */
int exits_of_errno(int err);
