/* Rate limit headers, in the spellings of OpenAI, Azure and Anthropic. */
#include "net/quota.h"

#include "base/clock.h"
#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW "2026-01-02T03:04:05Z"

static void check(const struct wire_header *h, size_t n, int64_t limit, int64_t remaining, int64_t reset_ms)
{
	int64_t now;
	assert_true(clock_parse(STR(NOW), &now));
	struct wire_status st = { .code = 200, .header = h, .nheader = n };
	struct aimd_quota q = quota_read(&st, now);
	assert_int_equal(q.limit, limit);
	assert_int_equal(q.remaining, remaining);
	assert_int_equal(q.reset_ms, reset_ms);
}
#define CHECK(limit, remaining, reset, ...)                                                          \
	do {                                                                                         \
		const struct wire_header h[] = { __VA_ARGS__ };                                      \
		check(h, ARRAY_LEN(h), limit, remaining, reset);                                     \
	} while (0)
#define H(name, value) { STR_INIT(name), STR_INIT(value) }

static void reads_every_spelling(void **state)
{
	(void)state;
	CHECK(-1, -1, -1, H("content-type", "text/plain"));
	CHECK(100, 10, 360000, H("x-ratelimit-limit-requests", "100"), H("x-ratelimit-remaining-requests", "10"),
	      H("x-ratelimit-reset-requests", "6m0s"), H("x-ratelimit-limit-tokens", "100"),
	      H("x-ratelimit-remaining-tokens", "50"), H("x-ratelimit-reset-tokens", "1s"));
	CHECK(1000, 20, 25000, H("anthropic-ratelimit-requests-limit", "50"),
	      H("anthropic-ratelimit-requests-remaining", "49"),
	      H("anthropic-ratelimit-requests-reset", "2026-01-02T03:04:06Z"),
	      H("anthropic-ratelimit-input-tokens-limit", "1000"),
	      H("anthropic-ratelimit-input-tokens-remaining", "500"),
	      H("anthropic-ratelimit-output-tokens-limit", "1000"),
	      H("anthropic-ratelimit-output-tokens-remaining", "20"),
	      H("anthropic-ratelimit-output-tokens-reset", "2026-01-02T03:04:30Z"));
	CHECK(9, 1, 12, H("X-RateLimit-Limit-Requests", "9"), H("X-RateLimit-Remaining-Requests", "1"),
	      H("X-RateLimit-Reset-Requests", "12ms"));
	CHECK(5, 0, 0, H("anthropic-ratelimit-tokens-limit", "5"), H("anthropic-ratelimit-tokens-remaining", "0"),
	      H("anthropic-ratelimit-tokens-reset", "2020-01-02T03:04:30Z"));
}

static void leaves_out_what_is_no_quota(void **state)
{
	(void)state;
	CHECK(-1, -1, -1, H("x-ratelimit-remaining-requests", "5"));
	CHECK(-1, -1, -1, H("x-ratelimit-limit-requests", "0"), H("x-ratelimit-remaining-requests", "0"));
	CHECK(-1, -1, -1, H("x-ratelimit-limit-tokens", "-1"), H("x-ratelimit-remaining-tokens", "-1"));
	CHECK(-1, -1, -1, H("x-ratelimit-limit", "9"), H("x-ratelimit-remaining", "1"), H("x-ratelimit-", "1"));
	CHECK(-1, -1, -1, H("x-ratelimit-limit-images", "9"), H("x-ratelimit-remaining-images", "1"));
	CHECK(9, 1, -1, H("x-ratelimit-limit-requests", "9"), H("x-ratelimit-remaining-requests", "1"),
	      H("x-ratelimit-reset-requests", "soon"), H("x-ratelimit-limit-tokens", "many"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_spelling),
		cmocka_unit_test(leaves_out_what_is_no_quota),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
