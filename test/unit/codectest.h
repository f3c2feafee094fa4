/* A body decoded by a provider in two pieces or byte by byte, and the same transcripts at every split:
 * the tests of codecs share this. */
#ifndef TEST_CODECTEST_H
#define TEST_CODECTEST_H

#include "base/b64.h"
#include "base/fs.h"
#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/provider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define CODEC_VECTORS "../shared/vectors/sse/providers.json"

struct codec {
	const char *provider;
	const json_t *config; /* of the target, or NULL */
};

/* In two pieces, cut after `cut` bytes; every byte alone when cut is SIZE_MAX. */
static inline struct reply *codec_decode(const struct codec *codec, struct arena *a, int code, const char *type,
					 struct str raw, size_t cut, unsigned *events)
{
	const struct provider_ops *p = provider_find(str_c(codec->provider));
	struct endpoint *e = arena_new(a, struct endpoint);
	struct call call = { .endpoint = e };
	struct wire_header h = { .name = STR("Content-Type"), .value = str_c(type) };
	struct wire_status st = { .code = code, .header = &h, .nheader = 1 };
	struct reply *r = arena_new(a, struct reply);
	void *state = arena_alloc(a, p->state_size);
	*e = (struct endpoint){ .name = "t", .model = STR("m"), .config = codec->config, .provider = p,
				.stream = str_eqc(str_c(type), "text/event-stream") };
	reply_init(r, a);
	*events = 0;
	assert_int_equal(p->begin(state, r, &st, &call), 0);
	size_t step = cut == SIZE_MAX ? 1 : raw.n;
	for (size_t at = 0, to = cut == SIZE_MAX ? 1 : cut; at < raw.n; at = to, to += step) {
		unsigned one = 0;
		int stop = p->feed(state, r, str_sub(raw, at, to), &one);
		*events |= one;
		if (stop)
			return r;
	}
	p->finish(state, r);
	return r;
}

/* Everything of a reply in one text, to compare replies by. */
static inline const char *codec_picture(struct arena *a, const struct reply *r, unsigned events)
{
	struct buf b;
	buf_init(&b, MIB);
	reply_write(&b, r);
	char *s = arena_fmt(a, "%s %u %d", buf_cstr(&b), events, r->retryable);
	buf_release(&b);
	return s;
}

/* The reply to a body, which is the same at every split. */
static inline struct reply *codec_read(const struct codec *codec, struct arena *a, int code, const char *type,
				       struct str raw, unsigned *events)
{
	unsigned other;
	struct reply *r = codec_decode(codec, a, code, type, raw, raw.n, events);
	const char *want = codec_picture(a, r, *events);
	struct reply *single = codec_decode(codec, a, code, type, raw, SIZE_MAX, &other);
	assert_string_equal(codec_picture(a, single, other), want);
	for (size_t cut = 1; cut < raw.n; cut++) {
		struct arena b = ARENA_INIT;
		struct reply *two = codec_decode(codec, &b, code, type, raw, cut, &other);
		assert_string_equal(codec_picture(&b, two, other), want);
		arena_release(&b);
	}
	return r;
}

static inline void codec_expect(const char *name, const json_t *want, const struct reply *r)
{
	const json_t *in = json_object_get(want, "in"), *out = json_object_get(want, "out");
	const json_t *tool = json_object_get(want, "tool");
	if (!str_eq(buf_str(&r->text), json_get_str(want, "text")))
		fail_msg("%s: text '%s'", name, buf_cstr(&r->text));
	assert_int_equal(r->fail == FAIL_NONE, json_is_true(json_object_get(want, "complete")));
	if (json_get_str(want, "reasoning").p)
		assert_true(str_eq(buf_str(&r->reasoning), json_get_str(want, "reasoning")));
	if (json_get_str(want, "finish").p)
		assert_true(str_eq(r->finish_raw, json_get_str(want, "finish")));
	if (json_is_integer(in))
		assert_int_equal(r->usage.in, json_integer_value(in));
	if (json_is_integer(out))
		assert_int_equal(r->usage.out, json_integer_value(out));
	if (!tool)
		return;
	const json_t *call = json_array_get(r->tool_calls, 0);
	assert_true(str_eq(json_get_str(call, "name"), json_get_str(tool, "name")));
	assert_string_equal(json_string_value(json_object_get(json_object_get(call, "arguments"), "city")), "Oslo");
}

/* Skips a test, which holds nothing yet, where the shared vectors are not. */
static inline void codec_need(void)
{
	if (access(CODEC_VECTORS, R_OK)) {
		print_message("no " CODEC_VECTORS "\n");
		skip();
	}
}

/* The transcripts of shared vectors whose name `takes`, at every split. */
static inline void codec_transcripts(const struct codec *codec, bool (*takes)(struct str name), size_t expected)
{
	struct arena a = ARENA_INIT;
	struct str text, raw;
	struct err err = ERR_INIT;
	const char *why;
	codec_need();
	assert_int_equal(fs_read(&text, CODEC_VECTORS, 16 * MIB, &a, &err), 0);
	const json_t *cases = json_object_get(json_lenient(&a, text, &why), "cases"), *c;
	size_t i, seen = 0;
	json_array_foreach(cases, i, c) {
		struct str name = json_get_str(c, "name");
		unsigned events;
		if (!takes(name))
			continue;
		assert_true(b64_decode(&a, json_get_str(c, "raw_b64"), &raw));
		struct reply *r = codec_read(codec, &a, 200, "text/event-stream", raw, &events);
		codec_expect(name.p, json_object_get(c, "expect"), r);
		seen++;
	}
	assert_int_equal(seen, expected);
	arena_release(&a);
}

#endif
