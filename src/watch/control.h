/* SPDX-License-Identifier: MIT */
/*
 * The control socket: who may open it (mode 0660) asks in one line of JSON and is answered in one. It tells, and takes the
 * owner's orders on who is held.
 */
#pragma once

struct control;
struct service;

/* One line is said when it can't be had; the service goes on without. NULL then. */
struct control *control_new(struct service *s);
/* To be called every second or so: idle clients go. */
void control_tick(struct control *c);
/* Closes all and takes the socket's path away; free() it when the loop has ended. */
void control_end(struct control *c);
