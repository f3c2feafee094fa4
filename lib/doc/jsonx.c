#include "doc/jsonx.h"

#include "base/num.h"
#include "base/utf8.h"

static void drop(void *p)
{
	json_decref(p);
}

json_t *arena_json(struct arena *a, json_t *j)
{
	if (!j)
		die_oom();
	arena_defer(a, drop, j);
	return j;
}

struct str json_str(const json_t *j)
{
	if (!json_is_string(j))
		return (struct str){ .p = NULL };
	return (struct str){ .p = json_string_value(j), .n = json_string_length(j) };
}

struct str json_get_str(const json_t *object, const char *key)
{
	return json_str(json_object_get(object, key));
}

static json_t *from_bad(struct str s)
{
	struct buf b;
	buf_init(&b, 3 * s.n + 1);
	while (s.n) {
		uint32_t cp;
		size_t n = utf8_decode(s, &cp);
		buf_add_cp(&b, cp);
		s = str_sub(s, n, s.n);
	}
	json_t *j = json_stringn_nocheck(buf_cstr(&b), b.n);
	buf_release(&b);
	return j;
}

json_t *json_from_str(struct str s)
{
	json_t *j = utf8_bad(s) < 0 ? json_stringn_nocheck(s.p ? s.p : "", s.n) : from_bad(s);
	if (!j)
		die_oom();
	return j;
}

static void write_real(struct buf *out, double x)
{
	char text[NUM_TEXT];
	num_fmt(x, text);
	buf_adds(out, text);
	/* A real stays one when it is read again. */
	if (!strpbrk(text, ".e"))
		buf_adds(out, ".0");
}

static void write_integer(struct buf *out, json_int_t x)
{
	char text[24], *p = text + sizeof(text);
	unsigned long long u = x < 0 ? 0ull - (unsigned long long)x : (unsigned long long)x;
	do
		*--p = (char)('0' + u % 10);
	while (u /= 10);
	if (x < 0)
		*--p = '-';
	buf_add(out, (struct str){ .p = p, .n = (size_t)(text + sizeof(text) - p) });
}

static void write_object(struct buf *out, const json_t *j)
{
	json_t *object = (json_t *)(uintptr_t)j;
	buf_addc(out, '{');
	bool first = true;
	for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it)) {
		if (!first)
			buf_addc(out, ',');
		first = false;
		buf_add_json(out, (struct str){ .p = json_object_iter_key(it),
						.n = json_object_iter_key_len(it) });
		buf_addc(out, ':');
		json_write(out, json_object_iter_value(it));
	}
	buf_addc(out, '}');
}

static void write_array(struct buf *out, const json_t *j)
{
	size_t n = json_array_size(j);
	buf_addc(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(out, ',');
		json_write(out, json_array_get(j, i));
	}
	buf_addc(out, ']');
}

void json_write(struct buf *out, const json_t *j)
{
	if (json_is_object(j))
		write_object(out, j);
	else if (json_is_array(j))
		write_array(out, j);
	else if (json_is_string(j))
		buf_add_json(out, json_str(j));
	else if (json_is_integer(j))
		write_integer(out, json_integer_value(j));
	else if (json_is_real(j))
		write_real(out, json_real_value(j));
	else
		buf_adds(out, json_is_true(j) ? "true" : json_is_false(j) ? "false" : "null");
}

const char *json_type_name(const json_t *j)
{
	if (!j)
		return "nothing";
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		return "object";
	case JSON_ARRAY:
		return "array";
	case JSON_STRING:
		return "string";
	case JSON_INTEGER:
		return "integer";
	case JSON_REAL:
		return "number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "boolean";
	case JSON_NULL:
		return "null";
	}
	return "nothing";
}
