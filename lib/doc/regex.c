#include "doc/regex.h"

#include "base/auto.h"
#include "base/buf.h"
#include "base/limits.h"
#include "doc/regex_ecma.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	size_t groups;
};

static void free_code(void *p)
{
	pcre2_code_free(p);
}

static void free_data(void *p)
{
	pcre2_match_data_free(p);
}

static void free_limits(void *p)
{
	pcre2_match_context_free(p);
}

static void free_compile(pcre2_compile_context **c)
{
	pcre2_compile_context_free(*c);
}

static uint32_t options(unsigned flags)
{
	uint32_t o = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
		     PCRE2_ALLOW_EMPTY_CLASS | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF;
	if (flags & REGEX_ICASE)
		o |= PCRE2_CASELESS;
	if (flags & REGEX_MULTILINE)
		o |= PCRE2_MULTILINE;
	if (flags & REGEX_DOTALL)
		o |= PCRE2_DOTALL;
	return o;
}

static int compile_error(struct err *err, struct str pattern, int code, size_t at)
{
	char why[160];
	if (pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof(why)) < 0)
		why[0] = '\0';
	err_set(err, ERR_ARTIFACT, "pattern '%.*s' is wrong near its byte %zu: %s",
		(int)(pattern.n > 120 ? 120 : pattern.n), pattern.p ? pattern.p : "", at + 1, why);
	err->at.col = (unsigned)at + 1;
	return -1;
}

static int prepare(struct regex *re, struct arena *a)
{
	re->data = pcre2_match_data_create_from_pattern(re->code, NULL);
	re->limits = pcre2_match_context_create(NULL);
	if (!re->data || !re->limits)
		die_oom();
	arena_defer(a, free_data, re->data);
	arena_defer(a, free_limits, re->limits);
	pcre2_set_match_limit(re->limits, REGEX_MATCH_MAX);
	pcre2_set_depth_limit(re->limits, REGEX_DEPTH_MAX);
	pcre2_set_heap_limit(re->limits, REGEX_HEAP_KIB_MAX);
	uint32_t groups = 0;
	pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &groups);
	re->groups = groups + 1u;
	return 0;
}

int regex_compile(struct regex **out, struct str pattern, unsigned flags, struct arena *a,
		  struct err *err)
{
	if (pattern.n > REGEX_PATTERN_MAX)
		return err_set(err, ERR_ARTIFACT, "pattern of %zu bytes is too long, at most %zu are read",
			       pattern.n, REGEX_PATTERN_MAX);
	AUTO(buf_release) struct buf text;
	buf_init(&text, 8 * REGEX_PATTERN_MAX);
	regex_from_ecma(&text, pattern);
	AUTO(free_compile) pcre2_compile_context *how = pcre2_compile_context_create(NULL);
	if (!how)
		die_oom();
	pcre2_set_compile_extra_options(how, PCRE2_EXTRA_ALT_BSUX);
	pcre2_set_newline(how, PCRE2_NEWLINE_ANYCRLF);
	pcre2_set_parens_nest_limit(how, REGEX_NEST_MAX);
	int code;
	size_t at;
	struct regex *re = arena_new(a, struct regex);
	re->code = pcre2_compile((PCRE2_SPTR)buf_cstr(&text), text.n, options(flags), &code, &at, how);
	if (!re->code)
		return compile_error(err, pattern, code, at < pattern.n ? at : pattern.n);
	arena_defer(a, free_code, re->code);
	*out = re;
	return prepare(re, a);
}

static void take_groups(const struct regex *re, struct regex_match *m)
{
	const size_t *at = pcre2_get_ovector_pointer(re->data);
	m->n = re->groups < REGEX_GROUPS ? re->groups : REGEX_GROUPS;
	for (size_t i = 0; i < m->n; i++) {
		m->group[i].from = at[2 * i];
		m->group[i].to = at[2 * i + 1];
	}
}

int regex_search_at(const struct regex *re, struct str text, size_t from, struct regex_match *m,
		    struct err *err)
{
	if (from > text.n)
		return 0;
	int rc = pcre2_match(re->code, (PCRE2_SPTR)(text.p ? text.p : ""), text.n, from, 0, re->data,
			     re->limits);
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	if (rc < 0) {
		char why[160];
		if (pcre2_get_error_message(rc, (PCRE2_UCHAR *)why, sizeof(why)) < 0)
			why[0] = '\0';
		return err_set(err, ERR_ARTIFACT, "pattern gave up on a text of %zu bytes: %s; "
			       "make it simpler, for example without nested repeats", text.n, why);
	}
	if (m)
		take_groups(re, m);
	return 1;
}

int regex_search(const struct regex *re, struct str text, struct regex_match *m, struct err *err)
{
	return regex_search_at(re, text, 0, m, err);
}

int regex_group(const struct regex *re, struct str name)
{
	char text[64];
	if (name.n >= sizeof(text) || memchr(name.p ? name.p : "", 0, name.n))
		return -1;
	memcpy(text, name.p ? name.p : "", name.n);
	text[name.n] = '\0';
	int n = pcre2_substring_number_from_name(re->code, (PCRE2_SPTR)text);
	return n > 0 && n < REGEX_GROUPS ? n : -1;
}
