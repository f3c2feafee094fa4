/* The filters about text.  Case mapping is Unicode's simple one, and sharp s becomes SS. */
#include "base/limits.h"
#include "base/utf8.h"
#include "doc/template_filter.h"

#include <utf8proc.h>

static int subject(struct template_run *r, const struct template_expr *at, const json_t *in,
		   struct str *s)
{
	return template_scalar_text(r, at, in, arena_fmt(r->a, "filter '%s'", at->filter ? at->filter->name : "lower"),
				    s);
}

static void add_upper(struct buf *b, uint32_t cp)
{
	if (cp == 0xdf)
		buf_adds(b, "SS");
	else
		buf_add_cp(b, (uint32_t)utf8proc_toupper((utf8proc_int32_t)cp));
}

static void add_lower(struct buf *b, uint32_t cp)
{
	buf_add_cp(b, (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp));
}

static bool is_space(uint32_t cp)
{
	return (cp >= 9 && cp <= 13) || cp == ' ' || cp == 0xa0 || cp == 0x1680 ||
	       (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f ||
	       cp == 0x205f || cp == 0x3000;
}

enum casing { ALL_UPPER, ALL_LOWER, FIRST_UPPER, WORDS_UPPER };

static int change_case(struct template_run *r, const struct template_expr *at, const json_t *in,
		       enum casing how, const json_t **out)
{
	struct str s;
	struct buf b;
	bool start = true;
	if (subject(r, at, in, &s))
		return -1;
	buf_init(&b, TEMPLATE_OUT_MAX);
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		i += utf8_decode(str_sub(s, i, s.n), &cp);
		if (how == ALL_UPPER || (start && how != ALL_LOWER))
			add_upper(&b, cp);
		else
			add_lower(&b, cp);
		start = how == WORDS_UPPER && is_space(cp);
	}
	return template_take_buf(r, at->offset, &b, out);
}

TEMPLATE_FILTER(upper)
{
	(void)arg;
	return change_case(r, at, in, ALL_UPPER, out);
}

TEMPLATE_FILTER(lower)
{
	(void)arg;
	return change_case(r, at, in, ALL_LOWER, out);
}

TEMPLATE_FILTER(capitalize)
{
	(void)arg;
	return change_case(r, at, in, FIRST_UPPER, out);
}

TEMPLATE_FILTER(title)
{
	(void)arg;
	return change_case(r, at, in, WORDS_UPPER, out);
}

TEMPLATE_FILTER(trim)
{
	struct str s;
	size_t from = 0, to = 0;
	bool begun = false;
	(void)arg;
	if (subject(r, at, in, &s))
		return -1;
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		size_t n = utf8_decode(str_sub(s, i, s.n), &cp);
		if (!is_space(cp)) {
			from = begun ? from : i;
			to = i + n;
			begun = true;
		}
		i += n;
	}
	return template_make_str(r, at->offset, str_sub(s, from, to), out);
}

static int count_arg(struct template_run *r, const struct template_expr *at, const json_t *j,
		     size_t absent, size_t *out)
{
	*out = absent;
	if (!j)
		return 0;
	json_int_t i = json_integer_value(j);
	if (!json_is_integer(j) || i < 0)
		return template_fail(r->e, at->offset, NULL,
				     "filter '%s' wants a whole number that is not negative",
				     at->filter->name);
	*out = (size_t)i;
	return 0;
}

/* An empty `old` stands before every character and at the end. */
static void replace_empty(struct buf *b, struct str s, struct str with, size_t times)
{
	for (size_t i = 0; i < s.n && !b->over;) {
		uint32_t cp;
		size_t n = utf8_decode(str_sub(s, i, s.n), &cp);
		if (times) {
			buf_add(b, with);
			times--;
		}
		buf_add(b, str_sub(s, i, i + n));
		i += n;
	}
	if (times)
		buf_add(b, with);
}

TEMPLATE_FILTER(replace)
{
	struct str s, old, with;
	size_t times;
	struct buf b;
	if (subject(r, at, in, &s) || template_scalar_text(r, at, arg[0], "'old'", &old) ||
	    template_scalar_text(r, at, arg[1], "'new'", &with) ||
	    count_arg(r, at, arg[2], SIZE_MAX, &times))
		return -1;
	buf_init(&b, TEMPLATE_OUT_MAX);
	size_t from = 0;
	if (!old.n)
		replace_empty(&b, s, with, times);
	while (old.n && times && !b.over) {
		ptrdiff_t hit = str_find(s, old, from);
		if (hit < 0)
			break;
		buf_add(&b, str_sub(s, from, (size_t)hit));
		buf_add(&b, with);
		from = (size_t)hit + old.n;
		times--;
	}
	if (old.n)
		buf_add(&b, str_sub(s, from, s.n));
	return template_take_buf(r, at->offset, &b, out);
}

/* As Nunjucks: cut at `length` characters, or at the last space before, then `end`. */
TEMPLATE_FILTER(truncate)
{
	struct str s, end = STR("...");
	size_t length;
	if (subject(r, at, in, &s) || count_arg(r, at, arg[0], 255, &length) ||
	    (arg[2] && template_scalar_text(r, at, arg[2], "'end'", &end)))
		return -1;
	size_t cut = 0, seen = 0, space = SIZE_MAX;
	for (; cut < s.n && seen < length; seen++) {
		uint32_t cp;
		if (s.p[cut] == ' ')
			space = cut;
		cut += utf8_decode(str_sub(s, cut, s.n), &cp);
	}
	if (cut == s.n)
		return template_make_str(r, at->offset, s, out);
	if (s.p[cut] == ' ')
		space = cut;
	if (!(arg[1] && template_truthy(arg[1])) && space != SIZE_MAX)
		cut = space;
	struct buf b;
	buf_init(&b, TEMPLATE_OUT_MAX);
	buf_add(&b, str_sub(s, 0, cut));
	buf_add(&b, end);
	return template_take_buf(r, at->offset, &b, out);
}

static bool is_word(uint32_t cp)
{
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
	return cp == '_' || (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO) ||
	       (c >= UTF8PROC_CATEGORY_ND && c <= UTF8PROC_CATEGORY_NO);
}

TEMPLATE_FILTER(wordcount)
{
	struct str s;
	size_t words = 0;
	bool inside = false;
	(void)arg;
	if (subject(r, at, in, &s))
		return -1;
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		i += utf8_decode(str_sub(s, i, s.n), &cp);
		words += is_word(cp) && !inside;
		inside = is_word(cp);
	}
	return template_make_number(r, at->offset, (double)words, out);
}

/* As Jinja2: the first line and blank lines stay unless asked for. */
TEMPLATE_FILTER(indent)
{
	struct str s, pad = STR("    ");
	if (subject(r, at, in, &s))
		return -1;
	size_t width = 4;
	bool text = arg[0] && json_is_string(arg[0]);
	if (text ? template_scalar_text(r, at, arg[0], "'width'", &pad) :
		   count_arg(r, at, arg[0], 4, &width))
		return -1;
	bool first = arg[1] && template_truthy(arg[1]), blank = arg[2] && template_truthy(arg[2]);
	struct buf b;
	buf_init(&b, TEMPLATE_OUT_MAX);
	for (size_t i = 0, line = 0; i <= s.n && !b.over; line++) {
		ptrdiff_t lf = str_chr(s, '\n', i);
		size_t end = lf < 0 ? s.n : (size_t)lf;
		bool pads = line ? blank || end > i : first;
		for (size_t k = 0; pads && !text && k < width && !b.over; k++)
			buf_addc(&b, ' ');
		if (pads && text)
			buf_add(&b, pad);
		buf_add(&b, str_sub(s, i, end + (lf >= 0)));
		i = end + 1;
	}
	return template_take_buf(r, at->offset, &b, out);
}

TEMPLATE_FILTER(escape)
{
	struct str s;
	struct buf b;
	(void)arg;
	if (subject(r, at, in, &s))
		return -1;
	buf_init(&b, TEMPLATE_OUT_MAX);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		const char *entity = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" :
				     c == '"' ? "&quot;" : c == '\'' ? "&#39;" : NULL;
		if (entity)
			buf_adds(&b, entity);
		else
			buf_addc(&b, c);
	}
	return template_take_buf(r, at->offset, &b, out);
}

TEMPLATE_FILTER(urlencode)
{
	struct str s;
	struct buf b;
	(void)arg;
	if (subject(r, at, in, &s))
		return -1;
	buf_init(&b, TEMPLATE_OUT_MAX);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || (c && strchr("-_.~", c));
		if (plain)
			buf_addc(&b, c);
		else
			buf_addf(&b, "%%%02X", (unsigned char)c);
	}
	return template_take_buf(r, at->offset, &b, out);
}
