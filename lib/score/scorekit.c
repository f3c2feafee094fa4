#include "score/scorekit.h"

#include "base/num.h"
#include "base/utf8.h"
#include "doc/jsonsame.h"
#include "doc/jsonx.h"

#include <utf8proc.h>

const json_t *kit_main(const json_t *config, const char *key)
{
	const json_t *j = json_object_get(config, key);
	return j ? j : json_object_get(config, "value");
}

struct str kit_text(const json_t *j, struct arena *a)
{
	char num[NUM_TEXT];
	if (json_is_string(j))
		return json_str(j);
	if (json_is_integer(j))
		return str_c(arena_fmt(a, "%" JSON_INTEGER_FORMAT, json_integer_value(j)));
	if (json_is_real(j))
		return str_c(arena_fmt(a, "%s", num_fmt(json_real_value(j), num)));
	if (json_is_boolean(j))
		return json_is_true(j) ? STR("true") : STR("false");
	return (struct str){ .p = NULL };
}

int kit_need_text(struct str *out, const json_t *config, const char *key, struct arena *a,
		  struct err *err)
{
	const json_t *j = kit_main(config, key);
	struct str s = kit_text(j, a);
	if (!s.p)
		return err_set(err, ERR_ARTIFACT, "'%s' must be text or a number, found %s", key,
			       j ? json_type_name(j) : "nothing");
	if (!s.n)
		return err_set(err, ERR_ARTIFACT, "'%s' is empty: every answer would fit it", key);
	*out = s;
	return 0;
}

bool kit_flag(const json_t *config, const char *key)
{
	return json_is_true(json_object_get(config, key));
}

double kit_number(const json_t *config, const char *key, double otherwise)
{
	const json_t *j = json_object_get(config, key);
	return json_is_number(j) ? json_number_value(j) : otherwise;
}

bool kit_same(const json_t *x, const json_t *y)
{
	return json_same(x, y);
}

/* Printable on any sink: no controls, no format characters (bidi, tags), no private use. */
static bool showable(uint32_t cp)
{
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
	return c != UTF8PROC_CATEGORY_CC && c != UTF8PROC_CATEGORY_CF &&
	       c != UTF8PROC_CATEGORY_ZL && c != UTF8PROC_CATEGORY_ZP &&
	       c != UTF8PROC_CATEGORY_CO && c != UTF8PROC_CATEGORY_CN;
}

const char *kit_line(struct arena *a, struct str s, size_t max)
{
	s = str_trim(s);
	char *out = arena_alloc(a, (s.n < max ? s.n : max) * 4 + 8);
	size_t n = 0, shown = 0;
	for (size_t i = 0; i < s.n && shown < max; shown++) {
		uint32_t cp;
		i += utf8_decode(str_sub(s, i, s.n), &cp);
		n += utf8_put(showable(cp) ? cp : ' ', out + n);
		if (shown + 1 == max && i < s.n)
			n += utf8_put(0x2026, out + n);
	}
	out[n] = '\0';
	return out;
}

const char *kit_show(struct arena *a, struct str s)
{
	if (!str_trim(s).n)
		return "nothing";
	return arena_fmt(a, "'%s'", kit_line(a, s, KIT_SHOW_MAX));
}

const char *kit_mask(struct arena *a, struct str s)
{
	size_t keep = s.n >= 12 ? 3 : s.n >= 6 ? 1 : 0;
	struct str head = utf8_prefix(s, keep);
	return arena_fmt(a, "%s*** (%zu bytes)", head.n ? kit_show(a, head) : "", s.n);
}

int kit_done(struct score *out, double value, struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	out->value = value;
	out->reason = str_c(arena_vfmt(a, fmt, ap));
	va_end(ap);
	return STEP_DONE;
}
