/* JSON by RFC 8259, strictly, with our own words and places for every mistake.  The tree is
 * built here, not by Jansson's parser: that one keeps no places of values. */
#include "base/b64.h"
#include "base/num.h"
#include "base/utf8.h"
#include "doc/doc_read.h"

struct json_reader {
	struct doc_reader *r;
	struct str s;
	size_t i;
};

static json_t *read_value(struct json_reader *j, unsigned depth);

static PRINTF_LIKE(3, 4) json_t *fail(struct json_reader *j, size_t at, const char *fmt, ...)
{
	if (j->r->stop)
		return NULL;
	j->r->stop = true;
	va_list ap;
	va_start(ap, fmt);
	char *msg = arena_vfmt(j->r->arena, fmt, ap);
	va_end(ap);
	diag_add(j->r->diags, srcmap_pos(j->r->doc->map, at), "json-syntax", "%s", msg);
	return NULL;
}

static void hint(struct json_reader *j, const char *text)
{
	diag_hint(j->r->diags, "%s", text);
}

static char peek(const struct json_reader *j)
{
	return j->i < j->s.n ? j->s.p[j->i] : '\0';
}

static void skip_space(struct json_reader *j)
{
	while (j->i < j->s.n && (j->s.p[j->i] == ' ' || j->s.p[j->i] == '\t' ||
				 j->s.p[j->i] == '\n' || j->s.p[j->i] == '\r'))
		j->i++;
}

/* What stands at the reader, for "found …". */
static const char *found(const struct json_reader *j)
{
	if (j->i >= j->s.n)
		return "the end of the file";
	uint32_t cp;
	size_t n = utf8_decode(str_sub(j->s, j->i, j->s.n), &cp);
	if (cp < 0x20 || cp == 0x7f)
		return arena_fmt(j->r->arena, "the control character U+%04X", cp);
	return arena_fmt(j->r->arena, "'%.*s'", (int)n, j->s.p + j->i);
}

static bool read_unicode(struct json_reader *j, struct buf *b)
{
	size_t at = j->i;
	int u = hex_quad(j->s, at + 2);
	if (u < 0) {
		fail(j, at, "'\\u' needs four hex digits");
		return false;
	}
	j->i += 6;
	if (u < 0xd800 || u > 0xdfff) {
		buf_add_cp(b, (uint32_t)u);
		return true;
	}
	int v = peek(j) == '\\' && j->i + 1 < j->s.n && j->s.p[j->i + 1] == 'u' ? hex_quad(j->s, j->i + 2) : -1;
	if (u > 0xdbff || v < 0xdc00 || v > 0xdfff) {
		fail(j, at, "'\\u%04x' is half of a surrogate pair and stands alone", (unsigned)u);
		return false;
	}
	j->i += 6;
	buf_add_cp(b, 0x10000 + (((uint32_t)u - 0xd800) << 10) + ((uint32_t)v - 0xdc00));
	return true;
}

static bool read_escape(struct json_reader *j, struct buf *b)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = j->i + 1 < j->s.n ? j->s.p[j->i + 1] : '\0';
	if (c == 'u')
		return read_unicode(j, b);
	const char *p = c ? strchr(from, c) : NULL;
	if (!p) {
		fail(j, j->i, "unknown escape in a string");
		hint(j, "write a backslash itself as \\\\");
		return false;
	}
	buf_addc(b, to[p - from]);
	j->i += 2;
	return true;
}

/* At the opening quote.  Fills *b. */
static bool read_text(struct json_reader *j, struct buf *b)
{
	size_t start = j->i++;
	while (j->i < j->s.n && j->s.p[j->i] != '"') {
		size_t run = j->i;
		while (run < j->s.n && j->s.p[run] != '"' && j->s.p[run] != '\\' &&
		       (unsigned char)j->s.p[run] >= 0x20)
			run++;
		buf_add(b, str_sub(j->s, j->i, run));
		j->i = run;
		if (peek(j) == '\\') {
			if (!read_escape(j, b))
				return false;
			continue;
		}
		if (j->i < j->s.n && peek(j) == '\n') {
			fail(j, start, "this string is not closed on its line");
			hint(j, "close it with \", and write line ends inside as \\n");
			return false;
		}
		if (j->i < j->s.n && peek(j) != '"') {
			fail(j, j->i, "%s must be escaped in a string", found(j));
			return false;
		}
	}
	if (j->i >= j->s.n) {
		fail(j, start, "this string is never closed");
		return false;
	}
	j->i++;
	return true;
}

static json_t *read_string(struct json_reader *j)
{
	struct buf b;
	buf_init(&b, j->s.n + 4);
	json_t *s = read_text(j, &b) ? json_stringn_nocheck(b.n ? b.p : "", b.n) : NULL;
	buf_release(&b);
	return s;
}

static json_t *give_up(json_t *whole)
{
	json_decref(whole);
	return NULL;
}

/* After a value inside [] or {}: true to go on with another, false at the end or on a mistake. */
static bool comma(struct json_reader *j, char close, size_t open)
{
	skip_space(j);
	if (peek(j) == close && j->i < j->s.n) {
		j->i++;
		return false;
	}
	if (peek(j) != ',') {
		const char *what = close == ']' ? "list" : "object";
		if (j->i >= j->s.n)
			fail(j, open, "this %s is never closed", what);
		else
			fail(j, j->i, "expected ',' or '%c' in this %s, found %s", close, what, found(j));
		return false;
	}
	size_t at = j->i++;
	skip_space(j);
	if (peek(j) == close && j->i < j->s.n) {
		fail(j, at, "trailing comma before '%c'", close);
		hint(j, "remove the comma");
		return false;
	}
	return true;
}

static json_t *read_array(struct json_reader *j, unsigned depth)
{
	size_t open = j->i++;
	json_t *array = json_array();
	srcmap_self(j->r->doc->map, array, open);
	skip_space(j);
	if (peek(j) == ']') {
		j->i++;
		return array;
	}
	do {
		skip_space(j);
		size_t at = j->i;
		json_t *v = read_value(j, depth + 1);
		if (!v)
			return give_up(array);
		srcmap_item(j->r->doc->map, array, json_array_size(array), at);
		if (json_array_append_new(array, v))
			die_oom();
	} while (comma(j, ']', open));
	return j->r->stop ? give_up(array) : array;
}

static char *read_key(struct json_reader *j)
{
	if (peek(j) != '"') {
		fail(j, j->i, "expected a key in double quotes, found %s", found(j));
		return NULL;
	}
	size_t at = j->i;
	struct buf b;
	buf_init(&b, j->s.n + 4);
	char *key = NULL;
	if (read_text(j, &b)) {
		if (b.n && memchr(b.p, 0, b.n))
			fail(j, at, "a key cannot hold U+0000");
		else
			key = arena_cstr(j->r->arena, buf_str(&b));
	}
	buf_release(&b);
	return key;
}

static bool read_member(struct json_reader *j, json_t *object, unsigned depth)
{
	skip_space(j);
	size_t key_at = j->i;
	const char *key = read_key(j);
	if (!key)
		return false;
	skip_space(j);
	if (peek(j) != ':') {
		fail(j, j->i, "expected ':' after key '%s', found %s", key, found(j));
		return false;
	}
	j->i++;
	skip_space(j);
	size_t at = j->i;
	json_t *v = read_value(j, depth + 1);
	if (!v)
		return false;
	doc_reader_member(j->r, object, key, key_at, v, at);
	return true;
}

static json_t *read_object(struct json_reader *j, unsigned depth)
{
	size_t open = j->i++;
	json_t *object = json_object();
	srcmap_self(j->r->doc->map, object, open);
	skip_space(j);
	if (peek(j) == '}') {
		j->i++;
		return object;
	}
	do {
		if (!read_member(j, object, depth))
			return give_up(object);
	} while (comma(j, '}', open));
	return j->r->stop ? give_up(object) : object;
}

static size_t digits(const struct json_reader *j, size_t i)
{
	while (i < j->s.n && j->s.p[i] >= '0' && j->s.p[i] <= '9')
		i++;
	return i;
}

/* The end of the number at j->i, or 0 when it is none. */
static size_t number_end(const struct json_reader *j, bool *whole)
{
	size_t i = j->i + (peek(j) == '-'), first = i;
	i = digits(j, i);
	*whole = true;
	if (i == first || (j->s.p[first] == '0' && i > first + 1))
		return 0;
	if (i < j->s.n && j->s.p[i] == '.') {
		*whole = false;
		first = i + 1;
		if ((i = digits(j, first)) == first)
			return 0;
	}
	if (i < j->s.n && (j->s.p[i] == 'e' || j->s.p[i] == 'E')) {
		*whole = false;
		first = i + 1 + (i + 1 < j->s.n && (j->s.p[i + 1] == '-' || j->s.p[i + 1] == '+'));
		if ((i = digits(j, first)) == first)
			return 0;
	}
	return i;
}

static json_t *read_number(struct json_reader *j)
{
	bool whole;
	size_t at = j->i, end = number_end(j, &whole);
	int64_t n;
	double x;
	if (!end) {
		fail(j, at, "this is not a JSON number");
		hint(j, "no leading zero or '+', and digits on both sides of the point");
		return NULL;
	}
	struct str s = str_sub(j->s, at, end);
	j->i = end;
	if (whole && num_parse_i64(s, &n))
		return json_integer(n);
	if (whole || !num_parse(s, &x)) {
		fail(j, at, "number '%.*s' is too large to be held exactly",
		     (int)(s.n > 60 ? 60 : s.n), s.p);
		hint(j, "quote it if it is a name");
		return NULL;
	}
	return json_real(x);
}

static json_t *read_word(struct json_reader *j)
{
	size_t end = j->i;
	while (end < j->s.n && ((j->s.p[end] | 32) >= 'a' && (j->s.p[end] | 32) <= 'z'))
		end++;
	struct str w = str_sub(j->s, j->i, end);
	size_t at = j->i;
	if (!w.n)
		return fail(j, at, "expected a value, found %s", found(j));
	j->i = end;
	if (str_eqc(w, "true"))
		return json_true();
	if (str_eqc(w, "false"))
		return json_false();
	if (str_eqc(w, "null"))
		return json_null();
	fail(j, at, "expected a value, found '%.*s'", (int)(w.n > 40 ? 40 : w.n), w.p);
	hint(j, "text stands in double quotes; the words are true, false and null");
	return NULL;
}

static json_t *read_value(struct json_reader *j, unsigned depth)
{
	if (j->r->stop || !doc_reader_count(j->r, 1, j->i) || !doc_reader_depth(j->r, depth, j->i))
		return NULL;
	char c = peek(j);
	if (c == '{')
		return read_object(j, depth);
	if (c == '[')
		return read_array(j, depth);
	if (c == '"')
		return read_string(j);
	if (c == '-' || (c >= '0' && c <= '9'))
		return read_number(j);
	return read_word(j);
}

json_t *doc_json_read(struct doc_reader *r)
{
	struct json_reader j = { .r = r, .s = r->doc->text };
	skip_space(&j);
	if (j.i == j.s.n)
		return fail(&j, 0, "this file is empty, expected a JSON value");
	srcmap_self(r->doc->map, NULL, j.i);
	json_t *root = read_value(&j, 1);
	skip_space(&j);
	if (root && j.i < j.s.n) {
		fail(&j, j.i, "expected the end of the file after the value, found %s", found(&j));
		json_decref(root);
		return NULL;
	}
	return root;
}
