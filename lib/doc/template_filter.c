/* The table of filters, and those that are neither about text nor about lists. */
#include "doc/template_filter.h"

#include "base/limits.h"
#include "base/num.h"
#include "base/suggest.h"
#include "base/utf8.h"

#include <math.h>

static TEMPLATE_FILTER(default)
{
	bool loose = arg[1] && template_truthy(arg[1]);
	*out = in && (!loose || template_truthy(in)) ? in : arg[0];
	if (!*out)
		return template_make_str(r, at->offset, STR(""), out);
	return 0;
}

static TEMPLATE_FILTER(length)
{
	(void)arg;
	size_t n;
	if (json_is_string(in))
		n = utf8_count((struct str){ json_string_value(in), json_string_length(in) });
	else if (json_is_array(in))
		n = json_array_size(in);
	else if (json_is_object(in))
		n = json_object_size(in);
	else
		return template_fail(r->e, at->offset, NULL, "filter 'length' wants a list or text, found %s",
				     template_type(in));
	if (json_is_string(in) && template_work(r, at->offset, json_string_length(in)))
		return -1;
	return template_make_number(r, at->offset, (double)n, out);
}

static TEMPLATE_FILTER(safe)
{
	(void)r;
	(void)at;
	(void)arg;
	*out = in;
	return 0;
}

static TEMPLATE_FILTER(string)
{
	(void)arg;
	if (json_is_string(in)) {
		*out = in;
		return 0;
	}
	struct buf b;
	buf_init(&b, TEMPLATE_OUT_MAX);
	template_add_text(&b, in);
	return template_take_buf(r, at->offset, &b, out);
}

static TEMPLATE_FILTER(dump)
{
	json_int_t indent = 0;
	if (arg[0] && !json_is_null(arg[0])) {
		indent = json_integer_value(arg[0]);
		if (!json_is_integer(arg[0]) || indent < 0 || indent > 10)
			return template_fail(r->e, at->offset, NULL,
					     "filter '%s' wants an indent from 0 to 10",
					     at->filter->name);
	}
	struct buf b;
	buf_init(&b, TEMPLATE_OUT_MAX);
	template_add_json(&b, in, (unsigned)indent);
	return template_take_buf(r, at->offset, &b, out);
}

static TEMPLATE_FILTER(load)
{
	(void)arg;
	if (!json_is_string(in))
		return template_fail(r->e, at->offset, NULL, "filter 'load' wants text, found %s",
				     template_type(in));
	if (template_work(r, at->offset, json_string_length(in) * 8))
		return -1;
	json_error_t why;
	json_t *j = json_loadb(json_string_value(in), json_string_length(in),
			       JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &why);
	if (!j)
		return template_fail(r->e, at->offset, NULL, "filter 'load' got no JSON: line %d: %s",
				     why.line, why.text);
	*out = template_own(r, j);
	return template_check_depth(r, at->offset, j);
}

/* Numbers and the text of numbers; *ok false for what is none. */
static int to_number(struct template_run *r, const struct template_expr *at, const json_t *in,
		     double *x, bool *ok)
{
	*ok = true;
	if (template_is_number(in)) {
		*x = template_number(in);
		return 0;
	}
	struct str s;
	if (template_scalar_text(r, at, in, "a number", &s))
		return -1;
	*ok = num_parse(str_trim(s), x);
	return 0;
}

static int no_number(struct template_run *r, const struct template_expr *at, const json_t *fallback,
		     const json_t **out)
{
	*out = fallback;
	if (fallback)
		return 0;
	return template_fail(r->e, at->offset, "give it a default: int(0)",
			     "filter '%s' got text that is no number", at->filter->name);
}

static TEMPLATE_FILTER(int)
{
	double x;
	bool ok;
	int64_t i;
	if (json_is_integer(in)) {
		*out = in;
		return 0;
	}
	if (json_is_string(in) &&
	    num_parse_i64(str_trim((struct str){ json_string_value(in), json_string_length(in) }), &i)) {
		*out = template_own(r, json_integer(i));
		return template_work(r, at->offset, 64);
	}
	if (to_number(r, at, in, &x, &ok))
		return -1;
	return ok ? template_make_number(r, at->offset, trunc(x), out) : no_number(r, at, arg[0], out);
}

static TEMPLATE_FILTER(float)
{
	double x;
	bool ok;
	if (to_number(r, at, in, &x, &ok))
		return -1;
	if (!ok)
		return no_number(r, at, arg[0], out);
	*out = template_own(r, json_real(x));
	return template_work(r, at->offset, 64);
}

static int need_number(struct template_run *r, const struct template_expr *at, const json_t *in)
{
	if (template_is_number(in))
		return 0;
	return template_fail(r->e, at->offset, NULL, "filter '%s' wants a number, found %s",
			     at->filter->name, template_type(in));
}

static TEMPLATE_FILTER(abs)
{
	(void)arg;
	if (need_number(r, at, in))
		return -1;
	return template_make_number(r, at->offset, fabs(template_number(in)), out);
}

/* Halves go up, as Nunjucks has it. */
static TEMPLATE_FILTER(round)
{
	struct str how = STR("common");
	double digits = arg[0] ? template_number(arg[0]) : 0;
	if (need_number(r, at, in) || (arg[0] && need_number(r, at, arg[0])) ||
	    (arg[1] && template_scalar_text(r, at, arg[1], "'method'", &how)))
		return -1;
	if (digits != floor(digits) || fabs(digits) > 15)
		return template_fail(r->e, at->offset, NULL,
				     "filter 'round' wants a whole precision from -15 to 15");
	double scale = pow(10, digits), x = template_number(in) * scale;
	if (str_eqc(how, "common"))
		x = floor(x + 0.5);
	else if (str_eqc(how, "floor"))
		x = floor(x);
	else if (str_eqc(how, "ceil"))
		x = ceil(x);
	else
		return template_fail(r->e, at->offset, NULL,
				     "filter 'round' knows the methods common, floor and ceil");
	return template_make_number(r, at->offset, x / scale, out);
}

static const struct template_filter filters[] = {
	{ .name = "abs", .apply = template_abs },
	{ .name = "batch", .apply = template_batch, .param = { "linecount", "fill_with" }, .required = 1 },
	{ .name = "capitalize", .apply = template_capitalize },
	{ .name = "count", .apply = template_length },
	{ .name = "d", .apply = template_default, .param = { "default_value", "boolean" },
	  .takes_undefined = true },
	{ .name = "default", .apply = template_default, .param = { "default_value", "boolean" },
	  .takes_undefined = true },
	{ .name = "dictsort", .apply = template_dictsort },
	{ .name = "dump", .apply = template_dump, .param = { "indent" } },
	{ .name = "e", .apply = template_escape },
	{ .name = "escape", .apply = template_escape },
	{ .name = "first", .apply = template_first },
	{ .name = "float", .apply = template_float, .param = { "default" } },
	{ .name = "indent", .apply = template_indent, .param = { "width", "first", "blank" } },
	{ .name = "int", .apply = template_int, .param = { "default" } },
	{ .name = "items", .apply = template_items_filter },
	{ .name = "join", .apply = template_join, .param = { "d", "attribute" } },
	{ .name = "last", .apply = template_last },
	{ .name = "length", .apply = template_length },
	{ .name = "list", .apply = template_list },
	{ .name = "load", .apply = template_load },
	{ .name = "lower", .apply = template_lower },
	{ .name = "map", .apply = template_map, .param = { "filter", "attribute", "default" },
	  .inner = INNER_MAP },
	{ .name = "max", .apply = template_max, .param = { "attribute" } },
	{ .name = "min", .apply = template_min, .param = { "attribute" } },
	{ .name = "reject", .apply = template_reject, .param = { "test", "value" },
	  .inner = INNER_SELECT },
	{ .name = "rejectattr", .apply = template_rejectattr,
	  .param = { "attribute", "test", "value" }, .required = 1, .inner = INNER_SELECT_ATTR },
	{ .name = "replace", .apply = template_replace, .param = { "old", "new", "count" },
	  .required = 2 },
	{ .name = "reverse", .apply = template_reverse },
	{ .name = "round", .apply = template_round, .param = { "precision", "method" } },
	{ .name = "safe", .apply = template_safe },
	{ .name = "select", .apply = template_select, .param = { "test", "value" },
	  .inner = INNER_SELECT },
	{ .name = "selectattr", .apply = template_selectattr,
	  .param = { "attribute", "test", "value" }, .required = 1, .inner = INNER_SELECT_ATTR },
	{ .name = "sort", .apply = template_sort,
	  .param = { "reverse", "case_sensitive", "attribute" } },
	{ .name = "string", .apply = template_string },
	{ .name = "sum", .apply = template_sum, .param = { "attribute", "start" } },
	{ .name = "title", .apply = template_title },
	{ .name = "tojson", .apply = template_dump, .param = { "indent" } },
	{ .name = "trim", .apply = template_trim },
	{ .name = "truncate", .apply = template_truncate, .param = { "length", "killwords", "end" } },
	{ .name = "unique", .apply = template_unique, .param = { "case_sensitive", "attribute" } },
	{ .name = "upper", .apply = template_upper },
	{ .name = "urlencode", .apply = template_urlencode },
	{ .name = "wordcount", .apply = template_wordcount },
};

const struct template_filter *template_filter_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		if (str_eqc(name, filters[i].name))
			return &filters[i];
	return NULL;
}

struct str template_filter_near(struct str name)
{
	struct suggest near = SUGGEST_INIT(name);
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		suggest_offer(&near, str_c(filters[i].name));
	return suggest_best(&near);
}

bool template_filter_refused(struct str name)
{
	static const char *const refused[] = { "random", "groupby", "attr",	   "center",
					       "filesizeformat", "forceescape", "format", "nl2br",
					       "pprint", "slice", "striptags", "urlize",
					       "wordwrap", "xmlattr", "fetch", "file", "env" };
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (str_eqc(name, refused[i]))
			return true;
	return false;
}
