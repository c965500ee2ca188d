/* SPDX-License-Identifier: MIT */
/*
 * The backend that was built: SHA-256 against FIPS 180-4's examples, Ed25519 against RFC 8032 (section 7.1), ECDSA over P-256
 * against RFC 6979 (section A.2.5). Hashes of passwords against other programs: Argon2id's is the reference implementation's
 * (Debian's libargon2), since libsodium can't be given the key and the four lanes of RFC 9106's example; PBKDF2's is that of
 * Python's hashlib. Then what must be refused: other methods, costs out of bounds, changed signatures, keys that are no point.
 */
#include "check.h"
#include "crypto.h"
#include "record.h"
#include "secret.h"

#include <string.h>

/* Bytes of a line of hexadecimal digits. */
static size_t unhex(const char *text, uint8_t *bytes)
{
	size_t n = 0;

	for (; text[0] && text[1]; text += 2, n++) {
		unsigned value;

		if (sscanf(text, "%2x", &value) != 1)
			return 0;
		bytes[n] = (uint8_t)value;
	}
	return n;
}

static int is_hex(const uint8_t *bytes, const char *text)
{
	uint8_t wanted[64];
	size_t n = unhex(text, wanted);

	return n > 0 && memcmp(bytes, wanted, n) == 0;
}

static void test_sha256(void)
{
	struct fu_sha256 sha;
	uint8_t hash[32], other[32], many[1000];
	size_t i;

	fu_sha256_begin(&sha);
	fu_sha256_add(&sha, "abc", 3);
	fu_sha256_end(&sha, hash);
	CHECK(is_hex(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	for (i = 0; i < sizeof sha; i++)
		CHECK(((uint8_t *)&sha)[i] == 0);
	fu_sha256_begin(&sha);
	fu_sha256_add(&sha, "", 0);
	fu_sha256_end(&sha, hash);
	CHECK(is_hex(hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	memset(many, 'a', sizeof many);
	fu_sha256_begin(&sha);
	for (i = 0; i < 1000; i++)
		fu_sha256_add(&sha, many, sizeof many);
	fu_sha256_end(&sha, hash);
	CHECK(is_hex(hash, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
	fu_sha256_begin(&sha); /* in pieces of each size */
	for (i = 0; i + 1 < 128; i++)
		fu_sha256_add(&sha, many, i);
	fu_sha256_end(&sha, hash);
	fu_sha256_begin(&sha);
	for (i = 0; i < 126 * 127 / 2; i++)
		fu_sha256_add(&sha, "a", 1);
	fu_sha256_end(&sha, other);
	CHECK(fu_same(hash, other, 32));
}

static void test_same_and_wipe(void)
{
	uint8_t a[40], b[40];

	memset(a, 7, sizeof a);
	memset(b, 7, sizeof b);
	CHECK(fu_same(a, b, 40) && fu_same(a, b, 0));
	for (unsigned i = 0; i < 320; i++) {
		b[i / 8] ^= (uint8_t)(1u << i % 8);
		CHECK(!fu_same(a, b, 40));
		b[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	fu_wipe(a + 1, 38);
	CHECK(a[0] == 7 && a[39] == 7);
	for (unsigned i = 1; i < 39; i++)
		CHECK(a[i] == 0);
}

/* ---- hashes of passwords -------------------------------------------------------------------------------------- */

static void test_argon2id(void)
{
	struct firstuse_secret how = {.method = FU_METHOD_ARGON2ID,
				      .cost = {.memory_kib = 256, .passes = 3}};
	uint8_t hash[32], again[32];

	memcpy(how.salt, "sixteen bytes of", 16);
	CHECK(fu_hash_password(&how, "four words of mine", 18, hash) == 0);
	CHECK(is_hex(hash, "1f288702fc3c256055c3b70d7ed261794e389e56855acbbaa86d18640c25cf0a"));
	CHECK(fu_hash_password(&how, "four words of mind", 18, again) == 0);
	CHECK(memcmp(hash, again, 32) != 0);
	how.cost.memory_kib = 7;
	CHECK(fu_hash_password(&how, "four words of mine", 18, again) == -1);
	how.cost.memory_kib = FU_ARGON2_KIB_MAX + 1;
	CHECK(fu_hash_password(&how, "four words of mine", 18, again) == -1);
	how.cost.memory_kib = 8;
	how.cost.passes = FU_ARGON2_PASSES_MAX + 1;
	CHECK(fu_hash_password(&how, "four words of mine", 18, again) == -1);
	how.cost.passes = 1;
	how.method = FU_METHOD_PBKDF2;
	CHECK(fu_hash_password(&how, "four words of mine", 18, again) == -1);
}

/* Passwords of many x: around the block of the hash, where the HMAC takes the password itself or its hash. */
static const struct {
	size_t size;
	uint32_t passes;
	const char *hash;
} pbkdf2[] = {
	{0, 3, "dd5620e9f5cae91354ce148c37f354201d1f0783836957a81c16c8d1f14795ce"},
	{1, 1, "918e64ca6526bfef57fd68d56fcad7c6bd340ef5074fab323571183d208496e9"},
	{63, 2, "72e36f4e1b0d27ee18e5a8270175ea24235dc3d9e1f4a21ba5956f86a44401f5"},
	{64, 2, "760cf32ed0f21ec04bb3923b2c6e28c9882da568851fef0f88e7b480d5d47712"},
	{65, 2, "b62953b47d40f96e4094e2cc3e76ee5f2a31a291f6db87b40ba59aff161f74b4"},
	{128, 5, "356c3f4c95eca813d77c16d37b575f996dc2e9ee0632878bdee54804ad01e6e9"},
};

static void test_pbkdf2(void)
{
	struct firstuse_secret how = {.method = FU_METHOD_PBKDF2,
				      .cost = {.memory_kib = 0, .passes = 1000}};
	uint8_t hash[32], again[32];
	char many[128];

	memset(many, 'x', sizeof many);
	memcpy(how.salt, "sixteen bytes of", 16);
	CHECK(fu_hash_password(&how, "four words of mine", 18, hash) == 0);
	CHECK(is_hex(hash, "4e1310d24b264af9fc90e39b3cf3db32865f874e82f12b784420346fdc58fcf0"));
	CHECK(fu_hash_password(&how, "four words of mind", 18, again) == 0);
	CHECK(memcmp(hash, again, 32) != 0);
	for (unsigned i = 0; i < sizeof pbkdf2 / sizeof pbkdf2[0]; i++) {
		how.cost.passes = pbkdf2[i].passes;
		CHECK(fu_hash_password(&how, many, pbkdf2[i].size, hash) == 0);
		CHECK(is_hex(hash, pbkdf2[i].hash));
	}
	how.cost.passes = FU_PBKDF2_PASSES_MAX + 1;
	CHECK(fu_hash_password(&how, "four words of mine", 18, again) == -1);
	how.cost.passes = 0;
	CHECK(fu_hash_password(&how, "four words of mine", 18, again) == -1);
	how.cost.passes = 1;
	how.method = FU_METHOD_ARGON2ID;
	CHECK(fu_hash_password(&how, "four words of mine", 18, again) == -1);
}

/* The default is within bounds, and a cost that is set is left as it is. */
static void test_costs(void)
{
	struct firstuse_cost cost = {0, 0};

	CHECK(fu_cost_is_good(fu_method(&cost), &cost) && cost.passes > 0);
	cost.passes = 5;
	CHECK(fu_cost_is_good(fu_method(&cost), &cost) && cost.passes == 5);
}

/* ---- signatures ----------------------------------------------------------------------------------------------- */

struct signed_text {
	const char *key, *signature, *text; /* hexadecimal */
};

/* Tests 1 to 3 of RFC 8032. */
static const struct signed_text ed25519[] = {
	{"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
	 "d25bf5f0595bbe24655141438e7a100b",
	 ""},
	{"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
	 "387b2eaeb4302aeeb00d291612bb0c00",
	 "72"},
	{"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
	 "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
	 "4a7c15e9716ed28dc027beceea1ec40a",
	 "af82"},
};

/* RFC 6979, A.2.5 with SHA-256: "sample" and "test". */
#define P256_KEY                                                                                   \
	"60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"                         \
	"7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
static const struct signed_text p256[] = {
	{P256_KEY,
	 "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65"
	 "f3e900dbb9aff4064dc4ab2f843acda8",
	 "73616d706c65"},
	{P256_KEY,
	 "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113742a2b14bd25926b49c649155f"
	 "267e60d3814b4c0cc84250e46f0083",
	 "74657374"},
};

static void test_signature(const struct signed_text *vector)
{
	static const char order[] =
		"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
	uint8_t key[64], signature[64], text[8], changed[64];
	size_t size = unhex(vector->text, text);

	CHECK(unhex(vector->key, key) == fu_key_size());
	CHECK(unhex(vector->signature, signature) == 64);
	CHECK(fu_signature_is_good(key, signature, text, size) == 1);
	for (unsigned bit = 0; bit < 512; bit += 37) {
		memcpy(changed, signature, 64);
		changed[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CHECK(fu_signature_is_good(key, changed, text, size) == 0);
	}
	text[size] = 0;
	CHECK(fu_signature_is_good(key, signature, text, size + 1) == 0);
	key[3] ^= 4; /* P-256: no point any more */
	CHECK(fu_signature_is_good(key, signature, text, size) == 0);
	key[3] ^= 4;
	memset(changed, 0, 64); /* r and s zero, then each alone */
	CHECK(fu_signature_is_good(key, changed, text, size) == 0);
	memcpy(changed, signature, 32);
	CHECK(fu_signature_is_good(key, changed, text, size) == 0);
	unhex(order, changed + 32); /* s is the order, r is */
	CHECK(fu_signature_is_good(key, changed, text, size) == 0);
	memcpy(changed, signature, 64);
	unhex(order, changed);
	CHECK(fu_signature_is_good(key, changed, text, size) == 0);
	memset(changed, 0xFF, 64);
	CHECK(fu_signature_is_good(key, changed, text, size) == 0);
	memset(key, 0, sizeof key); /* the point at infinity; of small order */
	CHECK(fu_signature_is_good(key, signature, text, size) == 0);
	memset(changed, 0, 64);
	CHECK(fu_signature_is_good(key, changed, text, size) == 0);
}

int main(void)
{
	struct firstuse_cost cost = {0, 0};

	CHECK(fu_crypto_init() == 0 && fu_crypto_init() == 0);
	test_sha256();
	test_same_and_wipe();
	test_costs();
	if (fu_method(&cost) == FU_METHOD_ARGON2ID)
		test_argon2id();
	else
		test_pbkdf2();
	if (fu_algorithm() == FU_ALGORITHM_ED25519)
		for (unsigned i = 0; i < 3; i++)
			test_signature(&ed25519[i]);
	else
		for (unsigned i = 0; i < 2; i++)
			test_signature(&p256[i]);
	return check_end();
}
