/* SPDX-License-Identifier: MIT */
/*
 * What is said to the person at the keyboard: one line on standard error, in one write. The line is escaped as a
 * whole, so that no path or argument in it can command the terminal or make it two lines.
 */
#pragma once

/* "cordon: " and the message. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Each line of a text as one that is said, with the same words in front. */
void say_lines(const char *before, const char *lines);

/* The system's words for an errno value. */
const char *say_error(int err);
