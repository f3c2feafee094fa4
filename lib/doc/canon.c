#include "doc/canon.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "doc/jsonx.h"

#include <math.h>

/* The fewest digits that read back as x > 0, and n with x = 0.digits * 10^n. */
static int shortest(double x, char digits[18], int *n)
{
	char text[40];
	int count = 0;
	for (int precision = 0; precision <= 16; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, x);
		if (strtod(text, NULL) == x)
			break;
	}
	const char *p = text;
	for (; *p != 'e'; p++)
		if (*p != '.')
			digits[count++] = *p;
	while (count > 1 && digits[count - 1] == '0')
		count--;
	*n = (int)strtol(p + 1, NULL, 10) + 1;
	return count;
}

static void fill(struct buf *b, char c, int count)
{
	for (int i = 0; i < count; i++)
		buf_addc(b, c);
}

static void add_digits(struct buf *b, const char *d, int count)
{
	if (count > 0)
		buf_add(b, (struct str){ .p = d, .n = (size_t)count });
}

/* The cases of ECMA-262, Number::toString, in its order; k digits, x = 0.d * 10^n. */
static void add_number(struct buf *b, const char *d, int k, int n)
{
	if (k <= n && n <= 21) {
		add_digits(b, d, k);
		fill(b, '0', n - k);
	} else if (0 < n && n <= 21) {
		add_digits(b, d, n);
		buf_addc(b, '.');
		add_digits(b, d + n, k - n);
	} else if (-6 < n && n <= 0) {
		buf_adds(b, "0.");
		fill(b, '0', -n);
		add_digits(b, d, k);
	} else {
		add_digits(b, d, 1);
		if (k > 1)
			buf_addc(b, '.');
		add_digits(b, d + 1, k - 1);
		buf_addf(b, "e%c%d", n > 0 ? '+' : '-', n > 0 ? n - 1 : 1 - n);
	}
}

const char *canon_number(double x, char out[NUM_TEXT])
{
	char digits[18];
	int n;
	struct buf b;
	if (x == 0 || !isfinite(x))
		return memcpy(out, "0", 2);
	buf_init(&b, NUM_TEXT - 1);
	if (x < 0)
		buf_addc(&b, '-');
	int k = shortest(fabs(x), digits, &n);
	add_number(&b, digits, k, n);
	memcpy(out, buf_cstr(&b), b.n + 1);
	buf_release(&b);
	return out;
}

struct member {
	struct str key;
	const json_t *value;
};

/* UTF-16 order differs from that of code points only above the BMP: surrogates sort below
 * U+E000 to U+FFFF. */
static uint32_t utf16_rank(uint32_t cp)
{
	if (cp >= 0x10000)
		return cp - 0x10000 + 0xd800;
	return cp >= 0xe000 ? cp + 0x200000 : cp;
}

static int by_utf16(const void *pa, const void *pb)
{
	struct str a = ((const struct member *)pa)->key, b = ((const struct member *)pb)->key;
	size_t i = 0;
	while (i < a.n && i < b.n && a.p[i] == b.p[i])
		i++;
	while (i && i < a.n && ((unsigned char)a.p[i] & 0xc0) == 0x80)
		i--;
	a = str_sub(a, i, a.n);
	b = str_sub(b, i, b.n);
	if (!a.n || !b.n)
		return a.n ? 1 : b.n ? -1 : 0;
	uint32_t x, y;
	utf8_decode(a, &x);
	utf8_decode(b, &y);
	x = utf16_rank(x);
	y = utf16_rank(y);
	return x < y ? -1 : x > y;
}

static size_t members(json_t *object, struct member **out, struct arena *a)
{
	size_t n = 0;
	struct member *m = arena_array(a, struct member, json_object_size(object));
	for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it)) {
		m[n].key = (struct str){ .p = json_object_iter_key(it),
					 .n = json_object_iter_key_len(it) };
		m[n++].value = json_object_iter_value(it);
	}
	qsort(m, n, sizeof(*m), by_utf16);
	*out = m;
	return n;
}

static void write_value(struct buf *out, const json_t *j, struct arena *a);

static void write_object(struct buf *out, const json_t *j, struct arena *a)
{
	struct arena_mark mark = arena_mark(a);
	struct member *m;
	size_t n = members((json_t *)(uintptr_t)j, &m, a);
	buf_addc(out, '{');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(out, ',');
		buf_add_json(out, m[i].key);
		buf_addc(out, ':');
		write_value(out, m[i].value, a);
	}
	buf_addc(out, '}');
	arena_rewind(a, mark);
}

static void write_array(struct buf *out, const json_t *j, struct arena *a)
{
	size_t n = json_array_size(j);
	buf_addc(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(out, ',');
		write_value(out, json_array_get(j, i), a);
	}
	buf_addc(out, ']');
}

static void write_value(struct buf *out, const json_t *j, struct arena *a)
{
	char text[NUM_TEXT];
	if (json_is_object(j))
		write_object(out, j, a);
	else if (json_is_array(j))
		write_array(out, j, a);
	else if (json_is_number(j))
		buf_adds(out, canon_number(json_number_value(j), text));
	else
		json_write(out, j);
}

void canon_write(struct buf *out, const json_t *j)
{
	struct arena a = ARENA_INIT;
	write_value(out, j, &a);
	arena_release(&a);
}
