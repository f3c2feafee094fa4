/* Server-sent events against what npm's eventsource-parser reads (vectors/sse/framing.json), at
 * every split. */
#include "base/b64.h"
#include "base/fs.h"
#include "base/limits.h"
#include "doc/jsonx.h"
#include "wire/sse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define VECTORS "../shared/vectors/sse/framing.json"

static int note(void *ctx, const struct sse_event *ev)
{
	struct buf *out = ctx;
	buf_addf(out, "event=%.*s;", STR_ARGS(ev->event));
	buf_adds(out, ev->id.p ? "id;" : "");
	buf_add_json(out, ev->data);
	buf_addc(out, '\n');
	return 0;
}

static const char *expected(const json_t *events, struct buf *out)
{
	size_t i;
	const json_t *e;
	buf_reset(out);
	json_array_foreach(events, i, e) {
		buf_addf(out, "event=%.*s;", STR_ARGS(json_get_str(e, "event")));
		buf_adds(out, json_is_string(json_object_get(e, "id")) ? "id;" : "");
		buf_add_json(out, json_get_str(e, "data"));
		buf_addc(out, '\n');
	}
	return buf_cstr(out);
}

/* Feed in pieces of n bytes, the first one of `first`. */
static const char *decode(struct str raw, size_t first, size_t n, struct buf *out)
{
	struct sse s;
	buf_reset(out);
	sse_init(&s, SSE_EVENT_MAX, note, out);
	assert_int_equal(sse_feed(&s, str_sub(raw, 0, first)), SSE_OK);
	for (size_t at = first; at < raw.n; at += n)
		assert_int_equal(sse_feed(&s, str_sub(raw, at, at + n)), SSE_OK);
	sse_release(&s);
	return buf_cstr(out);
}

static void reads_the_vectors_at_any_split(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct str text, raw;
	struct err err = ERR_INIT;
	const char *why;
	if (fs_read(&text, VECTORS, 16 * MIB, &a, &err)) {
		print_message("sse_test: no " VECTORS "\n");
		skip();
	}
	const json_t *cases = json_object_get(json_lenient(&a, text, &why), "cases"), *c;
	size_t i, seen = 0;
	struct buf want, got;
	buf_init(&want, 64 * MIB);
	buf_init(&got, 64 * MIB);
	json_array_foreach(cases, i, c) {
		assert_true(b64_decode(&a, json_get_str(c, "raw_b64"), &raw));
		expected(json_object_get(c, "events"), &want);
		assert_string_equal(decode(raw, raw.n, 1, &got), buf_cstr(&want));
		assert_string_equal(decode(raw, 0, 1, &got), buf_cstr(&want));
		for (size_t cut = 1; cut < raw.n && raw.n < 4096; cut++)
			assert_string_equal(decode(raw, cut, raw.n, &got), buf_cstr(&want));
		seen++;
	}
	assert_int_equal(seen, 21);
	buf_release(&want);
	buf_release(&got);
	arena_release(&a);
}

static void keeps_its_ceiling_at_any_split(void **state)
{
	(void)state;
	static const char *const raws[] = {
		"data: 1\n\ndata: 0123456789\n\n",
		"data: 1\n\ndata: 01234\ndata: 56789\n\n",
		"data: 1\n\n: a comment of more bytes than the ceiling and its room allow, by far\n\n",
		"data: 1\n\nevent: 0123456789\n\n",
	};
	for (size_t i = 0; i < ARRAY_LEN(raws); i++) {
		struct str raw = str_c(raws[i]);
		for (size_t cut = 0; cut < raw.n; cut++) {
			struct buf out;
			struct sse s;
			buf_init(&out, 1000);
			sse_init(&s, 8, note, &out);
			enum sse_result r = sse_feed(&s, str_sub(raw, 0, cut));
			if (!r)
				r = sse_feed(&s, str_sub(raw, cut, raw.n));
			assert_int_equal(r, SSE_TOO_LARGE);
			assert_int_equal(sse_feed(&s, STR("data: 2\n\n")), SSE_TOO_LARGE);
			assert_string_equal(buf_cstr(&out), "event=;\"1\"\n");
			sse_release(&s);
			buf_release(&out);
		}
	}
}

static int stop(void *ctx, const struct sse_event *ev)
{
	(void)ev;
	return ++*(int *)ctx == 2 ? -1 : 0;
}

static void stops_when_told(void **state)
{
	(void)state;
	struct sse s;
	int n = 0;
	sse_init(&s, 100, stop, &n);
	assert_int_equal(sse_feed(&s, STR("data\n\ndata\n\ndata\n\n")), SSE_STOPPED);
	assert_int_equal(sse_feed(&s, STR("data\n\n")), SSE_STOPPED);
	assert_int_equal(n, 2);
	sse_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_vectors_at_any_split),
		cmocka_unit_test(keeps_its_ceiling_at_any_split),
		cmocka_unit_test(stops_when_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
