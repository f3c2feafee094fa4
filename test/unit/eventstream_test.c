/* AWS's event stream against messages of botocore, aws-sdk-js-v3 and our own, at every split. */
#include "base/b64.h"
#include "base/fs.h"
#include "base/limits.h"
#include "doc/jsonx.h"
#include "test/server/eventframe.h"
#include "wire/eventstream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define VECTORS "../shared/vectors/eventstream/eventstream-vectors.json"

enum { MESSAGE_MAX = 1 << 20 };

static const char *const type_names[] = { "bool_true", "bool_false", "byte",   "int16",     "int32",
					  "int64",     "bytes",      "string", "timestamp_ms",
					  "uuid" };

static void add_hex(struct buf *out, struct str bytes)
{
	for (size_t i = 0; i < bytes.n; i++)
		buf_addf(out, "%02x", (unsigned char)bytes.p[i]);
}

/* One line for each message: its headers as name:type=value, and its payload. */
static int note(void *ctx, const struct eventstream_message *m)
{
	struct buf *out = ctx;
	for (size_t i = 0; i < m->nheader; i++) {
		const struct eventstream_header *h = &m->header[i];
		buf_addf(out, "%.*s:%s=", STR_ARGS(h->name), type_names[h->type]);
		if (h->value.p)
			add_hex(out, h->value);
		else
			buf_add_int(out, h->number);
		buf_addc(out, ' ');
	}
	add_hex(out, m->payload);
	buf_addc(out, '\n');
	return 0;
}

static enum eventstream_type type_of(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(type_names); i++)
		if (str_eqc(name, type_names[i]))
			return (enum eventstream_type)i;
	fail_msg("unknown type '%.*s'", STR_ARGS(name));
	return EVENTSTREAM_TRUE;
}

static void add_expected_value(struct buf *out, enum eventstream_type type, const json_t *value)
{
	if (type == EVENTSTREAM_STRING)
		add_hex(out, json_str(value));
	else if (json_is_string(value)) /* bytes, uuid: hexadecimal */
		for (const char *c = json_string_value(value); *c; c++)
			buf_adds(out, *c == '-' ? "" : (char[]){ *c, '\0' });
	else if (json_is_integer(value))
		buf_add_int(out, json_integer_value(value));
	else
		buf_add_int(out, json_is_true(value));
}

static void add_expected(struct buf *out, const json_t *decoded)
{
	size_t i;
	const json_t *h;
	json_array_foreach(json_object_get(decoded, "headers"), i, h) {
		enum eventstream_type type = type_of(json_get_str(h, "type"));
		buf_addf(out, "%.*s:%s=", STR_ARGS(json_get_str(h, "name")), type_names[type]);
		add_expected_value(out, type, json_object_get(h, "value"));
		buf_addc(out, ' ');
	}
	buf_add(out, json_get_str(decoded, "payload_hex"));
	buf_addc(out, '\n');
}

/* The whole in pieces of n bytes, the first one of `first`. */
static enum eventstream_result decode(struct str raw, size_t first, size_t n, struct buf *out,
				      bool *pending)
{
	struct eventstream s;
	buf_reset(out);
	eventstream_init(&s, MESSAGE_MAX, note, out);
	enum eventstream_result r = eventstream_feed(&s, str_sub(raw, 0, first));
	for (size_t at = first; at < raw.n; at += n)
		r = eventstream_feed(&s, str_sub(raw, at, at + n));
	*pending = eventstream_pending(&s);
	eventstream_release(&s);
	return r;
}

static void same_at_any_split(struct str raw, enum eventstream_result want, const char *text,
			      const char *name)
{
	struct buf got;
	bool pending;
	buf_init(&got, 16 * MIB);
	for (size_t cut = 0; cut <= raw.n + 1; cut++) {
		/* at last, and beyond any cut, byte by byte */
		enum eventstream_result r = cut > raw.n ? decode(raw, 0, 1, &got, &pending) :
							  decode(raw, cut, raw.n, &got, &pending);
		if (r != want || strcmp(buf_cstr(&got), text) != 0)
			fail_msg("%s cut at %zu: result %d, wanted %d\n%s--- wanted\n%s", name, cut, (int)r,
				 (int)want, buf_cstr(&got), text);
		assert_true(want || !pending);
	}
	buf_release(&got);
}

static struct str unhex(struct str hex, struct arena *a)
{
	unsigned char *p = arena_alloc(a, hex.n / 2 + 1);
	assert_true(hex_decode(hex, p, hex.n / 2));
	return (struct str){ .p = (char *)p, .n = hex.n / 2 };
}

/* "made/converse-stream-all" is the ten messages of that name in one. */
static void one_vector(const json_t *c, const json_t *all, struct arena *a)
{
	struct str name = json_get_str(c, "name"), raw = unhex(json_get_str(c, "encoded_hex"), a);
	struct str expect = json_get_str(c, "expect");
	bool many = str_eqc(expect, "ok-many");
	const json_t *other;
	struct buf want;
	size_t i, n = 0;
	buf_init(&want, 16 * MIB);
	if (str_eqc(expect, "ok"))
		add_expected(&want, json_object_get(c, "decoded"));
	json_array_foreach(all, i, other) {
		if (!many || other == c ||
		    !str_starts(json_get_str(other, "name"), STR("made/converse-stream-")))
			continue;
		add_expected(&want, json_object_get(other, "decoded"));
		n++;
	}
	assert_int_equal(n, many ? json_integer_value(json_object_get(c, "count")) : 0);
	same_at_any_split(raw, str_eqc(expect, "error") ? EVENTSTREAM_CORRUPT : EVENTSTREAM_OK,
			  buf_cstr(&want), name.p);
	buf_release(&want);
}

static void reads_the_vectors_at_any_split(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct str text;
	struct err err = ERR_INIT;
	const char *why;
	if (fs_read(&text, VECTORS, 16 * MIB, &a, &err)) {
		print_message("eventstream_test: no " VECTORS "\n");
		skip();
	}
	const json_t *all = json_lenient(&a, text, &why), *c;
	size_t i;
	json_array_foreach(all, i, c)
		one_vector(c, all, &a);
	assert_int_equal(i, 40);
	arena_release(&a);
}

/* --- what the vectors do not say ----------------------------------------------------------- */

static void computes_the_checksum_of_zlib(void **state)
{
	(void)state;
	assert_int_equal(crc_32(STR("123456789")), 0xcbf43926);
	assert_int_equal(crc_32((struct str){ .p = NULL }), 0);
}

static void refuses_bad_headers(void **state)
{
	(void)state;
	static const struct {
		struct str block;
		const char *what;
	} bad[] = {
		{ STR_INIT("\x01"), "no name" },
		{ STR_INIT("\x00\x00"), "empty name" },
		{ STR_INIT("\x01" "a"), "no type" },
		{ STR_INIT("\x01" "a\x0a"), "unknown type" },
		{ STR_INIT("\x01" "a\xff"), "unknown type 255" },
		{ STR_INIT("\x01" "a\x02"), "short i8" },
		{ STR_INIT("\x01" "a\x05" "1234567"), "short i64" },
		{ STR_INIT("\x01" "a\x07\x00"), "short size" },
		{ STR_INIT("\x01" "a\x07\x00\x02x"), "string past the block" },
		{ STR_INIT("\x01" "a\x06\xff\xffx"), "bytes past the block" },
		{ STR_INIT("\x01" "a\x09" "123456789012345"), "short uuid" },
		{ STR_INIT("\x01" "a\x00\x01" "a\x01"), "twice" },
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct buf b;
		buf_init(&b, MIB);
		eventframe_raw(&b, STR("\x01" "a\x00"), STR("{}"));
		eventframe_raw(&b, bad[i].block, STR("{}"));
		same_at_any_split(buf_str(&b), EVENTSTREAM_CORRUPT, "a:bool_true=1 7b7d\n", bad[i].what);
		buf_release(&b);
	}
}

static void reads_numbers_of_any_sign(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, MIB);
	eventframe_raw(&b,
		       STR("\x01" "a\x02\x80" "\x01" "b\x03\x7f\xff" "\x01" "c\x04\x80\x00\x00\x00"
			   "\x01" "d\x05\x80\x00\x00\x00\x00\x00\x00\x00"
			   "\x01" "e\x08\x7f\xff\xff\xff\xff\xff\xff\xff"),
		       STR(""));
	same_at_any_split(buf_str(&b), EVENTSTREAM_OK,
	       "a:byte=-128 b:int16=32767 c:int32=-2147483648 d:int64=-9223372036854775808 "
	       "e:timestamp_ms=9223372036854775807 \n",
	       "extremes");
	buf_release(&b);
}

static int note_known(void *ctx, const struct eventstream_message *m)
{
	buf_addf(ctx, "%.*s|%.*s|%.*s|%.*s|%.*s|%.*s\n", STR_ARGS(m->message_type),
		 STR_ARGS(m->event_type), STR_ARGS(m->exception_type), STR_ARGS(m->content_type),
		 STR_ARGS(m->error_code), STR_ARGS(m->error_message));
	return 0;
}

static void names_what_aws_names(void **state)
{
	(void)state;
	struct eventstream s;
	struct buf b, got;
	buf_init(&b, MIB);
	buf_init(&got, MIB);
	eventframe_json(&b, "event", "messageStop", STR("{}"));
	eventframe_json(&b, "exception", "throttlingException", STR("{}"));
	eventframe_error(&b, "code", "text");
	eventframe_raw(&b, STR("\x0d:message-type\x06\x00\x05" "event"), STR("")); /* no string */
	eventstream_init(&s, MESSAGE_MAX, note_known, &got);
	assert_int_equal(eventstream_feed(&s, buf_str(&b)), EVENTSTREAM_OK);
	assert_string_equal(buf_cstr(&got), "event|messageStop||application/json||\n"
					    "exception||throttlingException|application/json||\n"
					    "error||||code|text\n"
					    "|||||\n");
	eventstream_release(&s);
	buf_release(&b);
	buf_release(&got);
}

static enum eventstream_result with_ceiling(size_t max, struct str raw, size_t cut, struct buf *got)
{
	struct eventstream s;
	buf_reset(got);
	eventstream_init(&s, max, note, got);
	eventstream_feed(&s, str_sub(raw, 0, cut));
	enum eventstream_result r = eventstream_feed(&s, str_sub(raw, cut, raw.n));
	assert_int_equal(eventstream_feed(&s, str_sub(raw, 0, 16)), r);
	eventstream_release(&s);
	return r;
}

static void keeps_its_ceiling_at_any_split(void **state)
{
	(void)state;
	struct buf b, got;
	buf_init(&b, MIB);
	buf_init(&got, MIB);
	eventframe_raw(&b, STR(""), STR("0123456789"));
	for (size_t cut = 0; cut <= b.n; cut++) {
		assert_int_equal(with_ceiling(25, buf_str(&b), cut, &got), EVENTSTREAM_TOO_LARGE);
		assert_string_equal(buf_cstr(&got), "");
	}
	struct eventstream s;
	eventstream_init(&s, 26, note, &got);
	assert_int_equal(eventstream_feed(&s, buf_str(&b)), EVENTSTREAM_OK);
	eventstream_release(&s);
	buf_release(&b);
	buf_release(&got);
}

static void add_headers(struct buf *block, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char h[] = { 2, 'h', (char)('0' + i), 0 };
		buf_add(block, (struct str){ .p = h, .n = sizeof(h) });
	}
}

static enum eventstream_result of_headers(size_t n, size_t large)
{
	struct buf block, b, got;
	struct eventstream s;
	buf_init(&block, 2 * MIB);
	buf_init(&b, 2 * MIB);
	buf_init(&got, 16 * MIB);
	add_headers(&block, n);
	for (size_t i = 0; i < large; i++) {
		char head[] = { 1, (char)('a' + i), 7, (char)0xff, (char)0xff };
		buf_add(&block, (struct str){ .p = head, .n = sizeof(head) });
		for (size_t k = 0; k < 0xffff; k++)
			buf_addc(&block, 'x');
	}
	eventframe_raw(&b, buf_str(&block), STR(""));
	eventstream_init(&s, 2 * MIB, note, &got);
	enum eventstream_result r = eventstream_feed(&s, buf_str(&b));
	eventstream_release(&s);
	buf_release(&block);
	buf_release(&b);
	buf_release(&got);
	return r;
}

static void headers_have_ceilings(void **state)
{
	(void)state;
	assert_int_equal(of_headers(EVENTSTREAM_HEADERS_MAX, 0), EVENTSTREAM_OK);
	assert_int_equal(of_headers(EVENTSTREAM_HEADERS_MAX + 1, 0), EVENTSTREAM_TOO_LARGE);
	assert_int_equal(of_headers(0, 1), EVENTSTREAM_OK);
	assert_int_equal(of_headers(0, 2), EVENTSTREAM_TOO_LARGE);
}

static void knows_a_cut_stream(void **state)
{
	(void)state;
	struct buf b, got;
	bool pending;
	buf_init(&b, MIB);
	buf_init(&got, MIB);
	eventframe_json(&b, "event", "messageStart", STR("{\"role\":\"assistant\"}"));
	size_t one = b.n;
	eventframe_json(&b, "event", "messageStop", STR("{\"stopReason\":\"end_turn\"}"));
	for (size_t n = 0; n <= b.n; n++) {
		struct str raw = str_sub(buf_str(&b), 0, n);
		assert_int_equal(decode(raw, n / 2, n, &got, &pending), EVENTSTREAM_OK);
		assert_int_equal(pending, n != 0 && n != one && n != b.n);
	}
	buf_release(&b);
	buf_release(&got);
}

static int stop(void *ctx, const struct eventstream_message *m)
{
	(void)m;
	return ++*(int *)ctx == 2 ? -1 : 0;
}

static void stops_when_told(void **state)
{
	(void)state;
	struct eventstream s;
	struct buf b;
	int n = 0;
	buf_init(&b, MIB);
	for (int i = 0; i < 3; i++)
		eventframe_raw(&b, STR(""), STR("x"));
	eventstream_init(&s, 100, stop, &n);
	assert_int_equal(eventstream_feed(&s, buf_str(&b)), EVENTSTREAM_STOPPED);
	assert_int_equal(eventstream_feed(&s, buf_str(&b)), EVENTSTREAM_STOPPED);
	assert_int_equal(n, 2);
	eventstream_release(&s);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_vectors_at_any_split),
		cmocka_unit_test(computes_the_checksum_of_zlib),
		cmocka_unit_test(refuses_bad_headers),
		cmocka_unit_test(reads_numbers_of_any_sign),
		cmocka_unit_test(names_what_aws_names),
		cmocka_unit_test(keeps_its_ceiling_at_any_split),
		cmocka_unit_test(headers_have_ceilings),
		cmocka_unit_test(knows_a_cut_stream),
		cmocka_unit_test(stops_when_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
