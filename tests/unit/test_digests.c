/* SPDX-License-Identifier: MIT */
/*
 * base/md5, sha1, sha256, base64 and hex against the vectors that their standards publish.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/hex.h"
#include "base/md5.h"
#include "base/scan.h"
#include "base/sha1.h"
#include "base/sha256.h"

struct vector {
	const char *text;
	const char *digest;
};

/* RFC 1321, appendix A.5. */
static const struct vector md5_vectors[] = {
	{"", "d41d8cd98f00b204e9800998ecf8427e"},
	{"a", "0cc175b9c0f1b6a831c399e269772661"},
	{"abc", "900150983cd24fb0d6963f7d28e17f72"},
	{"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
	{"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
	{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
	 "d174ab98d277d9f5a5611c2c9f419d9f"},
	{"1234567890123456789012345678901234567890"
	 "1234567890123456789012345678901234567890",
	 "57edf4a22be3c955ac49da2e2107b67a"},
};

/* RFC 3174, section 7.3, and FIPS 180. */
static const struct vector sha1_vectors[] = {
	{"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
	{"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	 "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
};

static const struct vector sha256_vectors[] = {
	{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void expect_digest(const uint8_t *digest, size_t n, const char *expected)
{
	char lower[2 * SHA256_SIZE + 1];

	hex_lower((struct bytes){digest, n}, lower);
	assert_string_equal(lower, expected);
}

static void published_md5(void **unused)
{
	uint8_t digest[MD5_SIZE];

	(void)unused;
	for (size_t i = 0; i < sizeof md5_vectors / sizeof md5_vectors[0]; i++) {
		md5(bytes_of(md5_vectors[i].text), digest);
		expect_digest(digest, sizeof digest, md5_vectors[i].digest);
	}
}

static void published_sha1(void **unused)
{
	uint8_t digest[SHA1_SIZE];

	(void)unused;
	for (size_t i = 0; i < sizeof sha1_vectors / sizeof sha1_vectors[0]; i++) {
		sha1(bytes_of(sha1_vectors[i].text), digest);
		expect_digest(digest, sizeof digest, sha1_vectors[i].digest);
	}
}

static void published_sha256(void **unused)
{
	uint8_t digest[SHA256_SIZE];

	(void)unused;
	for (size_t i = 0; i < sizeof sha256_vectors / sizeof sha256_vectors[0]; i++) {
		sha256(bytes_of(sha256_vectors[i].text), digest);
		expect_digest(digest, sizeof digest, sha256_vectors[i].digest);
	}
}

/* The million letters of RFC 3174 and FIPS 180, in pieces that never fit a block. */
static void a_million_letters_in_pieces(void **unused)
{
	uint8_t piece[1000], digest[SHA256_SIZE];
	struct md5 m;
	struct sha1 s;
	struct sha256 l;

	(void)unused;
	memset(piece, 'a', sizeof piece);
	md5_init(&m);
	sha1_init(&s);
	sha256_init(&l);
	for (int i = 0; i < 1000; i++) {
		struct bytes head = {piece, (size_t)i % 130},
			     rest = {piece, sizeof piece - head.len};

		md5_update(&m, head);
		md5_update(&m, rest);
		sha1_update(&s, head);
		sha1_update(&s, rest);
		sha256_update(&l, head);
		sha256_update(&l, rest);
	}
	md5_final(&m, digest);
	expect_digest(digest, MD5_SIZE, "7707d6ae4e027c70eea2a935c2296f21");
	sha1_final(&s, digest);
	expect_digest(digest, SHA1_SIZE, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
	sha256_final(&l, digest);
	expect_digest(digest, SHA256_SIZE,
		      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Every length around the border where the closing length needs a block of its own. */
static void pieces_give_what_the_whole_gives(void **unused)
{
	uint8_t data[200], whole[SHA256_SIZE], pieces[SHA256_SIZE];

	(void)unused;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 7);
	for (size_t n = 0; n <= sizeof data; n++) {
		struct sha256 h;

		sha256((struct bytes){data, n}, whole);
		sha256_init(&h);
		for (size_t i = 0; i < n; i++)
			sha256_update(&h, (struct bytes){data + i, 1});
		sha256_final(&h, pieces);
		assert_memory_equal(whole, pieces, sizeof whole);
	}
}

/* RFC 4648, section 10. */
static const struct vector base64_vectors[] = {
	{"", ""},
	{"f", "Zg=="},
	{"fo", "Zm8="},
	{"foo", "Zm9v"},
	{"foob", "Zm9vYg=="},
	{"fooba", "Zm9vYmE="},
	{"foobar", "Zm9vYmFy"},
};

static void published_base64(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof base64_vectors / sizeof base64_vectors[0]; i++) {
		const struct vector *v = &base64_vectors[i];
		uint8_t bytes[16];
		char letters[16];
		size_t n;

		assert_int_equal(base64_encode(bytes_of(v->text), letters, sizeof letters),
				 strlen(v->digest));
		assert_string_equal(letters, v->digest);
		assert_true(base64_decode(bytes_of(v->digest), bytes, sizeof bytes, &n));
		assert_int_equal(n, strlen(v->text));
		assert_memory_equal(bytes, v->text, n);
	}
}

static void base64_takes_every_byte(void **unused)
{
	uint8_t data[256], back[256];
	char letters[400];
	size_t n;

	(void)unused;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)i;
	for (size_t len = 0; len <= sizeof data; len++) {
		size_t size = base64_encode((struct bytes){data, len}, letters, sizeof letters);

		assert_true(base64_decode(bytes_of(letters), back, len, &n));
		assert_int_equal(n, len);
		assert_memory_equal(back, data, len);
		assert_int_equal(size, base64_size(len));
	}
}

static void base64_refuses(void **unused)
{
	static const char *const wrong[] = {"Z",    "Zm9vY", "Zg=",	"Zg===", "====",
					    "=",    "Z===",  "Zm=v",	"Zm 9v", "Zm9v\n",
					    "Zm9*", "Zm-_",  "Zg==Zg=="};
	uint8_t bytes[16];
	char letters[8];
	size_t n;

	(void)unused;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		n = 1;
		assert_false(base64_decode(bytes_of(wrong[i]), bytes, sizeof bytes, &n));
		assert_int_equal(n, 0);
	}
	assert_true(base64_decode(bytes_of("YWRtaW46"), bytes, 6, &n));
	assert_false(base64_decode(bytes_of("YWRtaW46"), bytes, 5, &n));
	assert_true(base64_decode(bytes_of("Zg"), bytes, 1, &n));
	assert_int_equal(n, 1);
	assert_true(base64_decode((struct bytes){NULL, 0}, bytes, 0, &n));
	assert_int_equal(base64_encode(bytes_of("foo"), letters, 4), 0);
	assert_int_equal(base64_encode(bytes_of("foo"), letters, 5), 4);
}

static void hex_in_both_cases(void **unused)
{
	static const uint8_t bytes[] = {0x00, 0x9f, 0xab, 0xff};
	char text[9];

	(void)unused;
	hex_lower((struct bytes){bytes, sizeof bytes}, text);
	assert_string_equal(text, "009fabff");
	hex_upper((struct bytes){bytes, sizeof bytes}, text);
	assert_string_equal(text, "009FABFF");
	hex_upper((struct bytes){NULL, 0}, text);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_md5),
		cmocka_unit_test(published_sha1),
		cmocka_unit_test(published_sha256),
		cmocka_unit_test(a_million_letters_in_pieces),
		cmocka_unit_test(pieces_give_what_the_whole_gives),
		cmocka_unit_test(published_base64),
		cmocka_unit_test(base64_takes_every_byte),
		cmocka_unit_test(base64_refuses),
		cmocka_unit_test(hex_in_both_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
