/* SPDX-License-Identifier: MIT */
/*
 * Inside of the telnet parser: what a conversation remembers, and the dialogue that telnet.c hands its lines to. Of the
 * protocols nobody else includes this.
 */
#pragma once

#include "proto/proto.h"
#include "proto/telnet_options.h"

enum {
	TELNET_LINE = 160,     /* of the server; longer ones are read up to here */
	TELNET_TYPED = 200,    /* of the client */
	TELNET_AHEAD = 5,      /* lines typed ahead that are kept … */
	TELNET_AHEAD_MAX = 80, /* … and how long they may be */
	TELNET_NEGOTIATED = 12,
	TELNET_COMMANDS = 64, /* are told of a conversation */
	TELNET_ECHO = 48      /* as much of a command is compared with what comes back */
};

enum telnet_phase {
	PHASE_START,
	PHASE_USER,  /* a name was given */
	PHASE_TRIED, /* a password was given, nothing came of it yet */
	PHASE_SHELL
};

/* One direction's way from bytes to lines. */
struct telnet_side {
	struct telnet_options options;
	uint8_t escape;
	bool cr;   /* the last byte was CR */
	bool skip; /* bytes were lost: up to the next line end nothing is a line */
	bool begun;
};

/* A line of the client that nobody has asked for yet. */
struct telnet_ahead {
	uint64_t key;
	int64_t time_ns;
	uint8_t len;
	bool cut;
	char text[TELNET_AHEAD_MAX];
};

struct telnet_state {
	struct telnet_side side[2]; /* 0: client */

	uint64_t tried_key;
	int64_t tried_ns;
	uint32_t server_ack; /* of its last packet: where the client goes on */
	uint32_t before;     /* hash of a shell's prompt that was there without a login; 0: none */
	struct telnet_ahead ahead[TELNET_AHEAD];

	char line[TELNET_LINE];	  /* the server's, not ended yet */
	char typed[TELNET_TYPED]; /* the client's */
	char user[64];
	char secret[TELNET_TYPED / 2];
	char echo[TELNET_ECHO]; /* how the last command began */
	char banner[TELL_MAX];

	uint8_t negotiated[TELNET_NEGOTIATED][2];
	uint8_t negotiated_n;
	uint8_t line_len;
	uint8_t read_len; /* so much of the line was taken as a prompt, and answered */
	uint8_t typed_len;
	uint8_t ahead_n;
	uint8_t echo_len;
	uint8_t banner_len;
	uint8_t commands;

	uint8_t phase;	 /* enum telnet_phase */
	uint8_t asked;	 /* enum telnet_prompt that the next line answers */
	uint8_t doubt;	 /* enum telnet_refusal, since the password */
	uint8_t answers; /* lines of other text since the password */
	uint8_t items;	 /* … of these look like a menu */
	uint8_t banner_lines;
	bool fresh;	/* text came since the line was looked at */
	bool typing;	/* the client's line has begun */
	bool typed_cut; /* it was longer, or edited beyond what can be followed */
	bool has_user;
	bool user_missed; /* a name may have been given that was not seen */
	bool user_cut;
	bool secret_cut;
	bool logged_in;
	bool hush;	/* a command is about to ask for passwords */
	bool answering; /* the first line that answers a command is still to come */
	bool negotiated_told;
	bool banner_told;
	bool prompt_told;
	bool service_told;
	bool client_closed;
};

static inline enum party telnet_party(const struct talk *t, bool server)
{
	return t->from_client == server ? RECEIVER : SENDER;
}

/* Looks at the server's line that is not ended. `sure`: it will not go on, for the client answers or the server is done. */
void telnet_look(const struct talk *t, struct telling *to, bool sure);

/* A line of the server, ended: s->line. */
void telnet_said(const struct talk *t, struct telling *to);

/* A line of the client, ended: s->typed. */
void telnet_typed(const struct talk *t, struct telling *to);

/* A byte of text of the client that came before its line's end. */
void telnet_may_echo_prompt(const struct talk *t, struct telling *to, uint8_t byte);

/* The server's direction ended. */
void telnet_ended(const struct talk *t, struct telling *to);

/* Bytes were lost: a login that was begun can't be followed any more. */
void telnet_forget(struct telnet_state *s);

/* Once it is sure that it speaks telnet. */
void telnet_serves(const struct talk *t, struct telling *to);

/* The first lines of the server, when they are complete or something else follows them. */
void telnet_tell_banner(const struct talk *t, struct telling *to);

/* A line typed at a shell. */
void telnet_command(const struct talk *t, struct telling *to, struct bytes line);

/* Lines typed ahead, now that a shell reads them. */
void telnet_commands_ahead(const struct talk *t, struct telling *to);

/* A line of the server at a shell. */
void telnet_output(const struct talk *t, struct telling *to, struct bytes line);

/* The words that bots type to get from any prompt to a shell, and what they type there. */
bool telnet_is_shell_word(struct bytes line);
