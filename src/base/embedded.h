/* SPDX-License-Identifier: MIT */
/*
 * Where the bytes of knowledge lie in the program: in a section of their own, read-only and mapped with it, so that
 * what the program weighs and what it knows can be told apart (`make size`; docs/decisions/0023).
 */
#pragma once

#define EMBEDDED __attribute__((section("knowledge")))
