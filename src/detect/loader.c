/* SPDX-License-Identifier: MIT */
/*
 * How a bot gets into a device: its loader types a dropper at the shell - wget, tftp, ftpget or curl of an address, or the
 * program itself by echo - and then the device fetches an executable (ELF). Each alone is a sign, both together are proof,
 * and so is a program from a bare address under a family's own file name.
 *
 * What looks the same: updates of makers come by HTTP and Wget too, from servers with names, and are a note at most. Over
 * TFTP from the own network come boot images, phones' settings and the rescue of a broken router. An owner who puts
 * programs of his own on a camera types wget of an address on his network; as long as somebody at home typed it and had
 * no loader's dialogue, it is never proof, and a note when nothing came from the Internet.
 */
#include "detect/detect.h"
#include "detect/dialogue.h"
#include "detect/fetches.h"

#include "base/scan.h"

enum { SOURCES = 8, PATH_SHOWN = 60 };

enum dropper { DROPPER_NONE, DROPPER_FETCH, DROPPER_ECHO };

/* One server that programs came from, or one who typed them in. */
struct source {
	struct addr peer;
	enum dropper dropper;
	const struct told *line;    /* the first typed */
	const struct told *fetched; /* the first fetched, of the worst kind */
	struct fetch fetch;
	enum weight weight;	   /* of what was fetched */
	const struct trait *asked; /* TFTP: a family's file was asked for */
};

struct sources {
	const struct story *story;
	struct dialogue dialogues[DIALOGUES];
	size_t dialogues_n;
	struct source list[SOURCES];
	size_t n;
};

/* ---- lines typed at the shell --------------------------------------------------------------------------------------- */

static bool is_name_byte(uint8_t c)
{
	return ascii_is_alnum(c) || c == '_' || c == '-';
}

/* What stands behind the command, wherever in the line it stands as a word of its own. */
static struct bytes behind_command(struct bytes line, const char *command)
{
	size_t n = strlen(command);

	for (;;) {
		size_t at = bytes_find(line, command);

		if (at == line.len)
			return (struct bytes){NULL, 0};
		if ((at == 0 || !is_name_byte(line.at[at - 1])) && at + n < line.len &&
		    line.at[at + n] == ' ')
			return bytes_from(line, at + n);
		line = bytes_from(line, at + n);
	}
}

static bool parse_address(struct bytes run, struct addr *out)
{
	char text[ADDR_TEXT_MAX];

	if (run.len == 0 || run.len >= sizeof text)
		return false;
	memcpy(text, run.at, run.len);
	text[run.len] = '\0';
	return addr_parse(text, out);
}

/* The first address in the text: four numbers, or one in brackets. */
static bool first_address(struct bytes text, struct addr *out)
{
	for (size_t i = 0; i < text.len; i++) {
		bool bracket = text.at[i] == '[';
		struct bytes run = bytes_from(text, bracket ? i + 1 : i);
		size_t n = 0;

		if (!bracket && !ascii_is_digit(text.at[i]))
			continue;
		if (i > 0 && !bracket && (is_name_byte(text.at[i - 1]) || text.at[i - 1] == '.'))
			continue;
		while (n < run.len && n < ADDR_TEXT_MAX &&
		       (bracket ? run.at[n] != ']' : run.at[n] == '.' || ascii_is_digit(run.at[n])))
			n++;
		if (parse_address(bytes_upto(run, n), out))
			return true;
	}
	return false;
}

/* The first bytes of an ELF as echo is told them: in hex, octal, or with the letters in clear. */
static bool echoes_program(struct bytes line)
{
	static const char *const magics[] = {"\\x7f\\x45\\x4c\\x46",
					     "\\x7F\\x45\\x4C\\x46",
					     "\\177\\105\\114\\106",
					     "\\0177\\0105\\0114\\0106",
					     "\\x7fELF",
					     "\\x7FELF",
					     "\\177ELF",
					     "\\0177ELF"};

	line = behind_command(line, "echo");
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
		if (bytes_hold(line, magics[i]))
			return true;
	}
	return false;
}

static enum dropper dropper_of(struct bytes line, struct addr *server)
{
	static const char *const commands[] = {"wget", "tftp", "ftpget", "curl"};

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		struct bytes rest = behind_command(line, commands[i]);

		if (rest.len > 0 && first_address(rest, server))
			return DROPPER_FETCH;
	}
	return echoes_program(line) ? DROPPER_ECHO : DROPPER_NONE;
}

/* ---- from where ------------------------------------------------------------------------------------------------------ */

static struct source *source_of(struct sources *s, const struct addr *peer)
{
	for (size_t i = 0; i < s->n; i++) {
		if (addr_equal(&s->list[i].peer, peer))
			return &s->list[i];
	}
	if (s->n == SOURCES)
		return NULL;
	s->list[s->n] = (struct source){.peer = *peer};
	return &s->list[s->n++];
}

static enum weight weigh_fetch(const struct fetch *f)
{
	if (f->how == FETCH_NAMED)
		return WEIGHT_NOTE;
	if (f->file != NULL && (f->abroad || f->how == FETCH_DROPPER))
		return WEIGHT_PROOF;
	return f->abroad || f->file != NULL || f->how == FETCH_DROPPER ? WEIGHT_SIGN : WEIGHT_NOTE;
}

static void collect_fetched(struct sources *s, enum signal signal, enum weight least)
{
	size_t n;
	const struct told *told = story_facts(s->story, signal, &n);

	for (size_t i = 0; i < n; i++) {
		struct fetch fetch = fetch_of(s->story, &told[i]);
		enum weight weight = weigh_fetch(&fetch);
		struct source *source = weight < least ? NULL : source_of(s, &told[i].fact->peer);

		if (source == NULL || (source->fetched != NULL && weight <= source->weight))
			continue;
		source->fetched = &told[i];
		source->fetch = fetch;
		source->weight = weight;
	}
}

static void collect_typed(struct sources *s)
{
	size_t n;
	const struct told *told = story_facts(s->story, SIGNAL_telnet_command, &n);

	for (size_t i = 0; i < n; i++) {
		struct addr server;
		enum dropper dropper = dropper_of(told[i].value, &server);
		struct source *source;

		if (dropper == DROPPER_NONE)
			continue;
		source = source_of(s, dropper == DROPPER_ECHO ? &told[i].fact->peer : &server);
		if (source == NULL || source->line != NULL)
			continue;
		source->line = &told[i];
		source->dropper = dropper;
	}
}

/* Phones and boot loaders ask for files by TFTP everywhere: only a family's own name counts, asked of the Internet. */
static void collect_asked(struct sources *s)
{
	size_t n;
	const struct told *told = story_facts(s->story, SIGNAL_file_asked, &n);

	for (size_t i = 0; i < n; i++) {
		const struct trait *file = fetch_file(s->story, told[i].value);
		struct source *source;

		if (file == NULL || !addr_is_public(&told[i].fact->peer))
			continue;
		source = source_of(s, &told[i].fact->peer);
		if (source == NULL || source->fetched != NULL)
			continue;
		source->fetched = &told[i];
		source->asked = file;
		source->weight = WEIGHT_SIGN;
	}
}

/* ---- what it says ---------------------------------------------------------------------------------------------------- */

/* Somebody at home typed it, and not as loaders do. */
static bool is_owners(const struct sources *s, const struct source *source)
{
	const struct addr *typer = &source->line->fact->peer;

	return !addr_is_public(typer) &&
	       !dialogues_hold(s->dialogues, s->dialogues_n, typer, s->story->limits);
}

static enum weight weigh(const struct sources *s, const struct source *source)
{
	bool came = source->fetched != NULL && source->weight >= WEIGHT_SIGN;
	bool owners;

	if (source->line == NULL)
		return source->fetched == NULL ? WEIGHT_NOTE : source->weight;
	owners = is_owners(s, source);
	if (owners && !addr_is_public(&source->peer))
		return WEIGHT_NOTE;
	if (came && (source->weight == WEIGHT_PROOF ||
		     (!owners && source->fetched->fact->last_key > source->line->fact->key)))
		return WEIGHT_PROOF;
	return WEIGHT_SIGN;
}

static void write_typed(struct finding *f, const struct source *source)
{
	char typer[ADDR_TEXT_MAX], server[ADDR_TEXT_MAX];

	addr_text(&source->line->fact->peer, typer);
	if (source->dropper == DROPPER_ECHO)
		finding_say(f, "%s wrote a program to it with echo, over telnet", typer);
	else
		finding_say(f, "%s had it fetch a program from %s, over telnet", typer,
			    addr_text(&source->peer, server));
}

static void write_text(struct finding *f, const struct source *source)
{
	char path[PATH_SHOWN], server[ADDR_TEXT_MAX];
	const struct trait *file = source->asked != NULL ? source->asked : source->fetch.file;

	if (source->line != NULL)
		write_typed(f, source);
	if (source->fetched == NULL)
		return;
	if (source->line != NULL)
		finding_say(f, "; then it ");
	fetch_print(source->asked != NULL ? source->fetched->value : source->fetch.from, path,
		    sizeof path);
	finding_say(f, "%s %s (%s%s%s)",
		    source->asked != NULL ? "asked by TFTP for a program of"
					  : "fetched a program (ELF) from",
		    addr_text(&source->peer, server), path, file != NULL ? ": " : "",
		    file != NULL ? file->title : "");
}

/* The lines around it: that the program is made executable. */
static void cite_chmod(const struct sources *s, const struct source *source, struct finding *f)
{
	size_t n;
	const struct told *told = story_facts(s->story, SIGNAL_telnet_command, &n);

	for (size_t i = 0; source->line != NULL && i < n; i++) {
		if (addr_equal(&told[i].fact->peer, &source->line->fact->peer) &&
		    behind_command(told[i].value, "chmod").len > 0)
			finding_add_fact(f, told[i].fact);
	}
}

static void accuse(const struct sources *s, const struct source *source, struct findings *out)
{
	const struct trait *file = source->asked != NULL ? source->asked : source->fetch.file;
	struct finding *f = story_finding(s->story, out);

	if (f == NULL)
		return;
	f->act = ACT_LOADED;
	f->weight = weigh(s, source);
	f->strong = f->weight == WEIGHT_PROOF && source->line != NULL;
	f->family = file == NULL || f->weight == WEIGHT_NOTE ? NULL : file->family;
	f->has_peer = true;
	f->peer = source->peer;
	f->role = f->weight == WEIGHT_NOTE ? ROLE_NONE : ROLE_LOADER;
	if (source->line != NULL)
		finding_add_fact(f, source->line->fact);
	if (source->fetched != NULL)
		finding_add_fact(f, source->fetched->fact);
	cite_chmod(s, source, f);
	write_text(f, source);
}

static void loader_judge(const struct story *story, struct findings *out)
{
	struct sources s = {.story = story};

	if (!story->local)
		return;
	s.dialogues_n = dialogues_at(story, s.dialogues);
	/* What accuses finds its place first, whatever else was typed or fetched before. */
	collect_fetched(&s, SIGNAL_elf_fetched, WEIGHT_SIGN);
	collect_fetched(&s, SIGNAL_elf_raw, WEIGHT_SIGN);
	collect_typed(&s);
	collect_fetched(&s, SIGNAL_elf_fetched, WEIGHT_NOTE);
	collect_fetched(&s, SIGNAL_elf_raw, WEIGHT_NOTE);
	collect_asked(&s);
	for (size_t i = 0; i < s.n; i++)
		accuse(&s, &s.list[i], out);
}

const struct detector detector_loader = {
	.name = "loader",
	.code = "C-0008",
	.summary = "a program typed in by a loader, or fetched from a bare address",
	.slot = -1,
	.judge_story = loader_judge,
};
