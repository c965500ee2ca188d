/* SPDX-License-Identifier: MIT */
/*
 * JSON out of packets: one value is looked up by its path, straight from the bytes. No tree is built, nothing is
 * copied, nesting is bounded (JSON_DEPTH). Reads as far as the bytes go: cut messages give what stands before the cut.
 */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>

enum { JSON_DEPTH = 16 };

/*
 * The value at a path of object keys, "params.deviceInfo.DeviceType"; keys are compared byte by byte, without blanks at
 * their end. A string comes without its quotes and with its escapes as they stand; numbers, true, false as they stand;
 * objects and arrays from brace to brace. False when there is no such value, or it is cut.
 */
bool json_find(struct bytes json, const char *path, struct bytes *value);

/*
 * Several members of one object in one pass: the object at the path, which may be cut, and of it the value of each key that
 * is there; values not found are empty, with at == NULL. True when the object was seen to its end.
 */
bool json_fields(struct bytes json, const char *path, const char *const *keys, size_t n,
		 struct bytes *values);

/* Element i of an array as json_find gave it. */
bool json_item(struct bytes array, size_t i, struct bytes *value);
