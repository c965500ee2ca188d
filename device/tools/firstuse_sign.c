/* SPDX-License-Identifier: MIT */
/*
 * firstuse-sign: makes the files that firstuse_update.h describes. For the maker's build host; docs/man/firstuse-sign.1.scd
 * is its manual.
 *
 * What it guards against: a private key that others can read or that is printed by accident, an output that is half written, a
 * signature spoilt by a fault of the machine (it is verified before it leaves), and numbers that would lock the maker out:
 * after the highest counter no device takes an update any more. It does not keep the private key from who has the host.
 */
#include "crypto.h"
#include "firstuse_update.h"
#include "secret.h"
#include "sign.h"
#include "sign_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef FIRSTUSE_VERSION
#define FIRSTUSE_VERSION "0"
#endif

#define HASH 32u
#define SIGNED 144u
#define TEXT 32u
#define IMAGE_MAX 0xF0000000u
#define KEY_LINE 256u /* a key file is one line */

static int system_random(void *to, size_t size)
{
	return getrandom(to, size, 0) == (ssize_t)size ? 0 : -1;
}

static const char *algorithm_name(uint8_t algorithm)
{
	return algorithm == FU_ALGORITHM_ED25519 ? "ed25519"
	       : algorithm == FU_ALGORITHM_P256	 ? "p256"
						 : "unknown";
}

/* ---- keys --------------------------------------------------------------------------------------------------- */

/* A key file is one line: firstuse-private or firstuse-public, the algorithm, the key in hexadecimal. */
static int write_key(const char *path, const char *kind, const uint8_t *key, size_t size,
		     mode_t mode)
{
	char line[KEY_LINE];
	struct sign_buffer buffer = {(uint8_t *)line, 0};
	int length = snprintf(line, sizeof line, "firstuse-%s %s ", kind,
			      algorithm_name(fu_algorithm()));
	int status;

	for (size_t i = 0; i < size; i++)
		length += snprintf(line + length, sizeof line - (size_t)length, "%02x", key[i]);
	line[length++] = '\n';
	buffer.size = (size_t)length;
	status = sign_create_file(path, &buffer, mode);
	fu_wipe(line, sizeof line);
	return status;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The key behind `head` in the file's line. 0, or -1. */
static int parse_key(const struct sign_buffer *file, const char *head, uint8_t *key, size_t size)
{
	size_t skip = strlen(head);
	const char *at = (const char *)file->bytes + skip;

	if (file->size != skip + 2 * size + 1 || memcmp(file->bytes, head, skip) != 0 ||
	    at[2 * size] != '\n')
		return -1;
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(at[2 * i]), low = hex_digit(at[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		key[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

/* A private key that others can read may be in anybody's hands: it signs nothing. */
static int check_private(const char *path)
{
	struct stat about;

	if (stat(path, &about) != 0 || (about.st_mode & 077) == 0)
		return 0;
	return sign_say(SIGN_PERMISSION,
			"%s can be read by others; make a new key, or if none did: chmod 600 %s",
			path, path);
}

static int read_key(const char *path, const char *kind, uint8_t *key, size_t size)
{
	struct sign_buffer file;
	char head[64];
	int status = sign_read_file(path, KEY_LINE, &file);

	(void)snprintf(head, sizeof head, "firstuse-%s %s ", kind, algorithm_name(fu_algorithm()));
	if (status == 0 && parse_key(&file, head, key, size) != 0)
		status = sign_say(SIGN_DATA,
				  "%s is no %s key for %s; firstuse-sign keygen makes one", path,
				  kind, algorithm_name(fu_algorithm()));
	if (status == 0 && strcmp(kind, "private") == 0)
		status = check_private(path);
	if (file.bytes != NULL)
		fu_wipe(file.bytes, file.size);
	free(file.bytes);
	return status;
}

static int do_keygen(const char *private_path, const char *public_path)
{
	uint8_t private_key[SIGN_PRIVATE];
	uint8_t public_key[SIGN_PUBLIC_MAX];
	int status;

	if (sign_make_key(system_random, private_key) != 0 ||
	    sign_public_key(system_random, private_key, public_key) != 0)
		return sign_say(SIGN_OS, "no key could be made: the system gives no random bytes");
	status = write_key(private_path, "private", private_key, SIGN_PRIVATE, 0600);
	fu_wipe(private_key, sizeof private_key);
	if (status != 0)
		return status;
	status = write_key(public_path, "public", public_key, fu_key_size(), 0644);
	if (status != 0)
		(void)unlink(private_path);
	return status;
}

static int do_c_array(const char *path)
{
	uint8_t key[SIGN_PUBLIC_MAX];
	int status = read_key(path, "public", key, fu_key_size());

	if (status != 0)
		return status;
	printf("/* %s, for update_keys of struct firstuse_config */\n",
	       algorithm_name(fu_algorithm()));
	printf("static const uint8_t update_key[%zu] = {", fu_key_size());
	for (size_t i = 0; i < fu_key_size(); i++)
		printf("%s0x%02x,", i % 12 == 0 ? "\n\t" : " ", key[i]);
	printf("\n};\n");
	return 0;
}

/* ---- signing ------------------------------------------------------------------------------------------------ */

struct wish {
	const char *key, *product, *version, *image, *output;
	uint32_t counter;
};

static void put_number(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get_number(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void hash_of(const uint8_t *bytes, size_t size, uint8_t hash[HASH])
{
	struct fu_sha256 sha;

	fu_sha256_begin(&sha);
	fu_sha256_add(&sha, bytes, size);
	fu_sha256_end(&sha, hash);
}

static size_t chunks_of(size_t image)
{
	return (image + FIRSTUSE_CHUNK - 1) / FIRSTUSE_CHUNK;
}

/* Where chunk `n` is in the file, and how long with the hash at its end. */
static uint8_t *chunk(uint8_t *file, size_t image, size_t n, size_t *size)
{
	size_t count = chunks_of(image);

	*size = n + 1 < count ? FIRSTUSE_CHUNK + HASH : image - n * FIRSTUSE_CHUNK;
	return file + FIRSTUSE_MANIFEST + n * (FIRSTUSE_CHUNK + HASH);
}

/* From the last chunk to the first, since each holds the hash of the one behind it. */
static void lay_chain(uint8_t *file, const struct sign_buffer *image)
{
	for (size_t n = chunks_of(image->size); n-- > 0;) {
		size_t size;
		uint8_t *at = chunk(file, image->size, n, &size);
		size_t left = image->size - n * FIRSTUSE_CHUNK;

		memcpy(at, image->bytes + n * FIRSTUSE_CHUNK,
		       left < FIRSTUSE_CHUNK ? left : FIRSTUSE_CHUNK);
		hash_of(at, size, n == 0 ? file + 112 : at - HASH);
	}
}

static int sign_manifest(uint8_t *file, const char *key_path)
{
	uint8_t private_key[SIGN_PRIVATE];
	uint8_t public_key[SIGN_PUBLIC_MAX];
	int status = read_key(key_path, "private", private_key, SIGN_PRIVATE);

	if (status != 0)
		return status;
	if (sign_public_key(system_random, private_key, public_key) != 0)
		status = sign_say(SIGN_DATA, "%s holds no usable private key", key_path);
	else if (sign_bytes(system_random, private_key, file, SIGNED, file + SIGNED) != 0 ||
		 !fu_signature_is_good(public_key, file + SIGNED, file, SIGNED))
		status = sign_say(SIGN_SOFTWARE,
				  "the signature came out wrong; try on another machine");
	fu_wipe(private_key, sizeof private_key);
	return status;
}

static int make_update(const struct wish *wish, const struct sign_buffer *image,
		       struct sign_buffer *file)
{
	size_t count = chunks_of(image->size);

	file->size = FIRSTUSE_MANIFEST + image->size + (count - 1) * HASH;
	file->bytes = calloc(1, file->size);
	if (file->bytes == NULL)
		return sign_say(SIGN_OS, "no memory for an update of %zu bytes", file->size);
	memcpy(file->bytes, "FUM1", 4);
	file->bytes[4] = fu_algorithm();
	put_number(file->bytes + 8, wish->counter);
	put_number(file->bytes + 12, (uint32_t)image->size);
	memcpy(file->bytes + 16, wish->product, strlen(wish->product));
	memcpy(file->bytes + 48, wish->version, strlen(wish->version));
	hash_of(image->bytes, image->size, file->bytes + 80);
	lay_chain(file->bytes, image);
	return sign_manifest(file->bytes, wish->key);
}

static int do_sign(const struct wish *wish)
{
	struct sign_buffer image, file = {NULL, 0};
	int status = sign_read_file(wish->image, IMAGE_MAX, &image);

	if (status == 0 && image.size == 0)
		status = sign_say(SIGN_DATA, "%s is empty; an image has a byte at least",
				  wish->image);
	if (status == 0)
		status = make_update(wish, &image, &file);
	if (status == 0)
		status = sign_replace_file(wish->output, &file);
	free(image.bytes);
	free(file.bytes);
	return status;
}

/* ---- showing ------------------------------------------------------------------------------------------------ */

/* Text of a file that anybody may have made. */
static void print_text(const char *name, const uint8_t *text)
{
	printf("%-11s", name);
	for (size_t i = 0; i < TEXT && text[i] != 0; i++) {
		if (text[i] < 0x20 || text[i] > 0x7E || text[i] == '\\')
			printf("\\x%02x", text[i]);
		else
			putchar(text[i]);
	}
	putchar('\n');
}

static void print_manifest(const uint8_t *manifest)
{
	print_text("product", manifest + 16);
	print_text("version", manifest + 48);
	printf("%-11s%u\n", "counter", (unsigned)get_number(manifest + 8));
	printf("%-11s%s\n", "algorithm", algorithm_name(manifest[4]));
	printf("%-11s%u bytes, SHA-256 ", "image", (unsigned)get_number(manifest + 12));
	for (unsigned i = 0; i < HASH; i++)
		printf("%02x", manifest[80 + i]);
	putchar('\n');
}

/* Is every byte behind the manifest what it says? The number of the first chunk that is not, or -1. */
static long first_altered(uint8_t *file, size_t image)
{
	size_t count = chunks_of(image);
	const uint8_t *wanted = file + 112;
	struct fu_sha256 sha;
	uint8_t hash[HASH];

	fu_sha256_begin(&sha);
	for (size_t n = 0; n < count; n++) {
		size_t size;
		uint8_t *at = chunk(file, image, n, &size);
		size_t bytes = n + 1 < count ? FIRSTUSE_CHUNK : size;

		hash_of(at, size, hash);
		if (memcmp(hash, wanted, HASH) != 0)
			return (long)n;
		fu_sha256_add(&sha, at, bytes);
		wanted = at + bytes;
	}
	fu_sha256_end(&sha, hash);
	return memcmp(hash, file + 80, HASH) == 0 ? -1 : (long)count;
}

static int check_update(const char *path, struct sign_buffer *file, const uint8_t *key)
{
	size_t image, whole;
	long bad;

	if (file->size < FIRSTUSE_MANIFEST || memcmp(file->bytes, "FUM1", 4) != 0)
		return sign_say(SIGN_DATA, "%s is no update: it does not begin with a manifest",
				path);
	image = get_number(file->bytes + 12);
	print_manifest(file->bytes);
	if (key == NULL)
		printf("%-11snot checked: name the public key with --key\n", "signature");
	else if (file->bytes[4] != fu_algorithm() ||
		 !fu_signature_is_good(key, file->bytes + SIGNED, file->bytes, SIGNED))
		return sign_say(SIGN_DATA, "%s is not signed by this key", path);
	else
		printf("%-11sgood, by this key\n", "signature");
	whole = FIRSTUSE_MANIFEST + image + (image == 0 ? 0 : chunks_of(image) - 1) * HASH;
	if (image == 0 || file->size != whole)
		return sign_say(SIGN_DATA, "%s has %zu bytes, its manifest says %zu", path,
				file->size, whole);
	bad = first_altered(file->bytes, image);
	if (bad >= 0)
		return sign_say(SIGN_DATA,
				"%s was altered: chunk %ld is not the one that its manifest names",
				path, bad);
	printf("%-11s%zu, each as the manifest says\n", "chunks", chunks_of(image));
	return 0;
}

static int do_show(const char *path, const char *key_path)
{
	uint8_t key[SIGN_PUBLIC_MAX];
	struct sign_buffer file = {NULL, 0};
	int status = 0;

	if (key_path != NULL)
		status = read_key(key_path, "public", key, fu_key_size());
	if (status == 0)
		status = sign_read_file(path, (size_t)IMAGE_MAX + IMAGE_MAX / 32 + 4096, &file);
	if (status == 0)
		status = check_update(path, &file, key_path != NULL ? key : NULL);
	free(file.bytes);
	return status;
}

/* ---- the command line --------------------------------------------------------------------------------------- */

static const char help[] =
	"firstuse-sign keygen PRIVATE PUBLIC\n"
	"firstuse-sign sign --key PRIVATE --product NAME --version TEXT --counter N -o FILE IMAGE\n"
	"firstuse-sign show [--key PUBLIC] FILE\n"
	"firstuse-sign c-array PUBLIC\n"
	"firstuse-sign --help | --version\n";

static int usage(const char *what, const char *which)
{
	return sign_say(SIGN_USAGE, "%s%s; see firstuse-sign --help", what, which);
}

/* What a device compares byte by byte must fit its field, with a zero behind it. */
static int check_text(const char *name, const char *text)
{
	if (text == NULL)
		return usage(name, " is missing");
	if (text[0] == '\0' || strlen(text) >= TEXT)
		return sign_say(SIGN_USAGE, "%s must have 1 to %u bytes, this one has %zu", name,
				TEXT - 1, strlen(text));
	return 0;
}

static int read_counter(const char *text, uint32_t *counter)
{
	char *end;
	unsigned long long value;

	if (text == NULL)
		return usage("--counter", " is missing");
	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < 1 ||
	    value > 0xFFFFFFFE)
		return sign_say(SIGN_USAGE,
				"--counter %s: it must be from 1, since devices leave the factory "
				"with 0, to 4294967294, so that one more can follow",
				text);
	*counter = (uint32_t)value;
	return 0;
}

static const char **option_place(struct wish *wish, const char **counter, const char *name)
{
	if (strcmp(name, "--key") == 0)
		return &wish->key;
	if (strcmp(name, "--product") == 0)
		return &wish->product;
	if (strcmp(name, "--version") == 0)
		return &wish->version;
	if (strcmp(name, "--counter") == 0)
		return counter;
	if (strcmp(name, "-o") == 0 || strcmp(name, "--output") == 0)
		return &wish->output;
	return NULL;
}

/* Options and one operand, into `wish`. 0, or an exit status. */
static int read_options(int argc, char **argv, struct wish *wish, const char **counter)
{
	int only_operands = 0;

	for (int i = 0; i < argc; i++) {
		const char *arg = argv[i];
		const char **place;

		if (!only_operands && strcmp(arg, "--") == 0) {
			only_operands = 1;
			continue;
		}
		if (only_operands || arg[0] != '-') {
			if (wish->image != NULL)
				return usage("one file at a time, not also ", arg);
			wish->image = arg;
			continue;
		}
		place = option_place(wish, counter, arg);
		if (place == NULL)
			return usage("there is no option ", arg);
		if (i + 1 == argc)
			return usage(arg, " wants a value");
		if (*place != NULL)
			return usage(arg, " is said twice");
		*place = argv[++i];
	}
	return wish->image == NULL ? usage("no file is named", "") : 0;
}

static int verb_sign(int argc, char **argv)
{
	struct wish wish = {0};
	const char *counter = NULL;
	int status = read_options(argc, argv, &wish, &counter);

	if (status == 0)
		status = check_text("--product", wish.product);
	if (status == 0)
		status = check_text("--version", wish.version);
	if (status == 0)
		status = read_counter(counter, &wish.counter);
	if (status == 0 && wish.key == NULL)
		status = usage("--key", " is missing");
	if (status == 0 && wish.output == NULL)
		status = usage("-o", " is missing");
	return status == 0 ? do_sign(&wish) : status;
}

static int verb_show(int argc, char **argv)
{
	struct wish wish = {0};
	const char *counter = NULL;
	int status = read_options(argc, argv, &wish, &counter);

	if (status == 0 && (wish.product || wish.version || wish.output || counter))
		status = usage("show takes no option but --key", "");
	return status == 0 ? do_show(wish.image, wish.key) : status;
}

static int run(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0)
		return fputs(help, stdout) < 0 ? SIGN_IO : 0;
	if (strcmp(verb, "--version") == 0)
		return printf("firstuse-sign %s (%s)\n", FIRSTUSE_VERSION,
			      algorithm_name(fu_algorithm())) < 0
			       ? SIGN_IO
			       : 0;
	if (fu_crypto_init() != 0)
		return sign_say(SIGN_OS, "the crypto backend can't be started");
	if (strcmp(verb, "sign") == 0)
		return verb_sign(argc - 2, argv + 2);
	if (strcmp(verb, "show") == 0)
		return verb_show(argc - 2, argv + 2);
	if (strcmp(verb, "keygen") == 0)
		return argc == 4 ? do_keygen(argv[2], argv[3])
				 : usage("keygen wants two files, PRIVATE and PUBLIC", "");
	if (strcmp(verb, "c-array") == 0)
		return argc == 3 ? do_c_array(argv[2])
				 : usage("c-array wants one file, PUBLIC", "");
	return usage(argc > 1 ? "there is no verb " : "no verb is named", verb);
}

int main(int argc, char **argv)
{
	int status = run(argc, argv);

	if (fflush(stdout) != 0 || ferror(stdout))
		return status != 0
			       ? status
			       : sign_say(SIGN_IO, "can't write the output: %s", strerror(errno));
	return status;
}
