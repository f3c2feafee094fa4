/* Personal data: agreement with presidio's own test cases, kind by kind. */
#include "scoretest.h"

#include "score/piiscan.h"

/* Cases whose number of findings agrees, of how many. */
static unsigned agreement(const json_t *root, const char *file, enum pii_kind kind, unsigned *n)
{
	unsigned agree = 0;
	size_t i, k;
	json_t *g, *c;
	*n = 0;
	json_array_foreach(json_object_get(json_object_get(root, file), "groups"), i, g)
		json_array_foreach(json_object_get(g, "cases"), k, c) {
			struct str text = json_get_str(c, "text");
			const json_t *len = json_object_get(c, "expected_len");
			struct pii_hit hit;
			json_int_t found = 0;
			if (!text.p || !len)
				continue;
			for (size_t at = 0; pii_next(text, kind, at, &hit); at = hit.to)
				found++;
			++*n;
			agree += found == json_integer_value(len);
			if (found != json_integer_value(len))
				print_message("# %s: '%.*s' expected %d, found %d\n", pii_kind_name(kind),
					      STR_ARGS(text), (int)json_integer_value(len), (int)found);
		}
	return agree;
}

static void presidio(void **state)
{
	(void)state;
	static const struct {
		const char *file;
		enum pii_kind kind;
		unsigned at_least;
	} kinds[] = {
		{ "test_credit_card_recognizer.py", PII_CARD, 19 },
		{ "test_email_recognizer.py", PII_EMAIL, 8 },
		{ "test_ip_recognizer.py", PII_IP, 111 },
		{ "test_us_ssn_recognizer.py", PII_SSN, 11 },
		{ "test_phone_recognizer.py", PII_PHONE, 18 },
	};
	struct arena a = ARENA_INIT;
	struct str text = st_file("../shared/vectors/pii/presidio-tests.json", &a);
	const json_t *root = arena_json(&a, json_loadb(text.p, text.n, 0, NULL));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		unsigned n, agree = agreement(root, kinds[i].file, kinds[i].kind, &n);
		print_message("# %s: %u of %u agree\n", pii_kind_name(kinds[i].kind), agree, n);
		assert_true(n > 0);
		assert_true(agree >= kinds[i].at_least);
	}
	arena_release(&a);
}

static void reasons_hide_the_data(void **state)
{
	(void)state;
	const char *why;
	assert_true(st_score("pii", "{}", STR("write to jane.doe@example.com now"), &why) == 1);
	assert_null(strstr(why, "jane.doe"));
	assert_non_null(strstr(why, "email"));
	EXPECT(0, "pii", "{'allow':['@example.com']}", "write to jane.doe@example.com now");
	EXPECT(0, "pii", "{'kinds':['card']}", "write to jane.doe@example.com now");
	EXPECT(-1, "pii", "{'kinds':['name']}", "x");
	EXPECT(0, "pii", "{}", "Order 123456 of 2024-05-01 costs 1,299.00, see section 1.2.3.");
	EXPECT(1, "pii", "{}", "call +1 (415) 555-2671");
	EXPECT(1, "pii", "{}", "My number is +46 70 174 06 35. 20 others have called.");
	EXPECT(1, "pii", "{'kinds':['iban']}", "pay to GB82 WEST 1234 5698 7654 32.");
	EXPECT(1, "pii", "{'kinds':['iban']}", "DE89370400440532013000");
	EXPECT(0, "pii", "{'kinds':['iban']}", "DE89370400440532013001, DE8937040044053201300");
	EXPECT(0, "pii", "{'kinds':['iban']}", "ZZ89370400440532013000");
}

static void secrets(void **state)
{
	(void)state;
	/* split, so that no scanner takes this file for a leak */
	static const char *const yes[] = {
		"key: AKIA" "IOSFODNN7EXAMPLE.", "ghp_" "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5",
		"use sk-" "proj-a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6", "AIza" "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
		"xoxb-" "123456789012-abcdefGHIJKL12",
		"-----BEGIN RSA PRIVATE " "KEY-----\nMIIEpAIBAAKCAQEA7bq1Zx9yQw3rT5uV7wX9zA1bC3dE5fG7",
		"eyJhbGciOiJIUzI1NiJ9." "eyJzdWIiOiIxMjM0NTY3ODkwIn0." "dozjgNryP4J3jVmNHl0w5N",
		"password = \"h7Gk2" "9sLq0zXw8Vb\"", "API_KEY: 9f8e" "7d6c5b4a39281706",
	};
	static const char *const no[] = {
		"set sk-your-api-key-goes-here-please", "-----BEGIN PRIVATE KEY----- is how a key begins",
		"password: correct horse battery staple", "token: xxxxxxxxxxxxxxxxxxxxxxxx",
		"the api_key = \"YOUR_API_KEY_HERE\"", "AKIAAAAAAAAAAAAAAAAA", "a task-force of sk-12",
		"secret: see https", "The password must have 16 characters.",
	};
	const char *why;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (st_score("secrets", "{}", str_c(yes[i]), &why) != 1)
			fail_msg("missed: %s", yes[i]);
		if (strstr(why, yes[i] + 14))
			fail_msg("shown: %s", why);
	}
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		if (st_score("secrets", "{}", str_c(no[i]), &why) != 0)
			fail_msg("wrongly found in '%s': %s", no[i], why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presidio),
		cmocka_unit_test(reasons_hide_the_data),
		cmocka_unit_test(secrets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
