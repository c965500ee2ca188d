/* SPDX-License-Identifier: MIT */
/* What each status means, for a person who reads a log or a page. Says nothing that helps who guesses. */
#include "firstuse.h"

const char *firstuse_status_text(enum firstuse_status status)
{
	switch (status) {
	case FIRSTUSE_OK:
		return "done";
	case FIRSTUSE_NOT_SET_UP:
		return "no password has been set yet: set one first";
	case FIRSTUSE_ALREADY_SET_UP:
		return "a password has been set already: change it, or reset the device";
	case FIRSTUSE_WRONG:
		return "the password or code is wrong";
	case FIRSTUSE_WAIT:
		return "too many tries: wait, then try again";
	case FIRSTUSE_NOT_FROM_HERE:
		return "the first password can be set from the local network only";
	case FIRSTUSE_TOO_SHORT:
		return "the new password is too short: take 10 characters or more";
	case FIRSTUSE_TOO_LONG:
		return "this is longer than any password can be";
	case FIRSTUSE_LISTED:
		return "the new password is made of factory passwords, which attackers try first: take another";
	case FIRSTUSE_GUESSABLE:
		return "the new password is easy to guess: take another, such as four words that have nothing to do "
		       "with each other";
	case FIRSTUSE_DAMAGED:
		return "the stored settings are damaged: reset the device with its button";
	case FIRSTUSE_STORAGE:
		return "the device's storage failed";
	case FIRSTUSE_RANDOM:
		return "the device's source of random numbers failed";
	case FIRSTUSE_CRYPTO:
		return "the password can't be computed now, perhaps for want of memory";
	case FIRSTUSE_BAD_CALL:
		return "the firmware made a wrong call";
	case FIRSTUSE_NO_MANIFEST:
		return "this file is no update";
	case FIRSTUSE_BAD_SIGNATURE:
		return "this update was not signed by the maker";
	case FIRSTUSE_FOREIGN:
		return "this update is for another product";
	case FIRSTUSE_NOT_NEWER:
		return "this update is not newer than what runs";
	case FIRSTUSE_TOO_LARGE:
		return "this update is too large for the device";
	case FIRSTUSE_ALTERED:
		return "this update was altered on its way or in storage";
	case FIRSTUSE_INCOMPLETE:
		return "this update ended early: begin again, and it goes on from there";
	case FIRSTUSE_NO_UPDATE:
		return "no update is on trial";
	case FIRSTUSE_ON_TRIAL:
		return "an update is on trial: no other is taken until it is confirmed or given up";
	}
	return "unknown status";
}
