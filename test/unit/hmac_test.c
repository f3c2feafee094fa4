/* HMAC-SHA256 against RFC 4231's test cases. */
#include "crypto/hmac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void expect(struct str key, struct str message, const char *hex)
{
	struct digest d;
	char got[DIGEST_HEX];
	hmac_sha256(&d, key, message);
	assert_string_equal(digest_hex(&d, got), hex);
}

static struct str repeat(char *room, int c, size_t n)
{
	memset(room, c, n);
	return (struct str){ .p = room, .n = n };
}

static void published_values(void **state)
{
	(void)state;
	char k[200], m[200];
	expect(repeat(k, 0x0b, 20), STR("Hi There"),
	       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	expect(STR("Jefe"), STR("what do ya want for nothing?"),
	       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	expect(repeat(k, 0xaa, 20), repeat(m, 0xdd, 50),
	       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	expect(repeat(k, 0xaa, 131), STR("Test Using Larger Than Block-Size Key - Hash Key First"),
	       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void absent_is_empty(void **state)
{
	(void)state;
	struct str none = { .p = NULL };
	expect(none, none, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
	expect(STR(""), STR(""), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* A key derived in place, as AWS's key chain does it. */
static void key_may_be_where_the_result_goes(void **state)
{
	(void)state;
	struct digest one, two;
	hmac_sha256(&one, STR("k"), STR("a"));
	hmac_sha256(&two, (struct str){ .p = (const char *)one.b, .n = DIGEST_BYTES }, STR("b"));
	hmac_sha256(&one, (struct str){ .p = (const char *)one.b, .n = DIGEST_BYTES }, STR("b"));
	assert_true(digest_eq(&one, &two));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_values),
		cmocka_unit_test(absent_is_empty),
		cmocka_unit_test(key_may_be_where_the_result_goes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
