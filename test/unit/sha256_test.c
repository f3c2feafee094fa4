/* SHA-256 against FIPS 180-2's published values, and any split of the input. */
#include "crypto/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void published_values(void **state)
{
	(void)state;
	static const struct {
		const char *text, *hex;
	} known[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct digest d;
		char hex[DIGEST_HEX];
		sha256(&d, str_c(known[i].text));
		assert_string_equal(digest_hex(&d, hex), known[i].hex);
	}
}

static void any_split(void **state)
{
	(void)state;
	struct str all = STR("the quick brown fox jumps over the lazy dog, then over sixty-four");
	struct digest whole, parts;
	sha256(&whole, all);
	for (size_t i = 0; i <= all.n; i++) {
		struct sha256 s;
		sha256_init(&s);
		sha256_update(&s, str_sub(all, 0, i));
		sha256_update(&s, str_sub(all, i, all.n));
		sha256_final(&s, &parts);
		sha256_abort(&s);
		assert_true(digest_eq(&whole, &parts));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_values),
		cmocka_unit_test(any_split),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
