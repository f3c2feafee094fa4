/* What scorers share: reading a config key under its two names, showing hostile text in a
 * reason, setting a result.  Everything made here lives in the arena given. */
#ifndef SCORE_SCOREKIT_H
#define SCORE_SCOREKIT_H

#include "score/score.h"

/* Longest piece of an answer or expectation shown in a reason. */
enum { KIT_SHOW_MAX = 80 };

/* The schema of "exactly one of KEY and value". */
#define KIT_ONE_OF(key)                                                                          \
	"\"oneOf\":[{\"required\":[\"" key "\"]},{\"required\":[\"value\"]}]"
#define KIT_NONE_OR_ONE(key) "\"not\":{\"required\":[\"" key "\",\"value\"]}"
/* Members that stand first in every schema. */
#define KIT_OBJECT "{\"type\":\"object\",\"additionalProperties\":false,"

/* Member `key`, else `value`; NULL when neither is there. */
const json_t *kit_main(const json_t *config, const char *key);
/* A string as it is, a number in its shortest form, true and false; else the absent string. */
struct str kit_text(const json_t *j, struct arena *a);
/* As kit_text of member `key` or `value`; absent or empty is an error that names the key. */
int kit_need_text(struct str *out, const json_t *config, const char *key, struct arena *a,
		  struct err *err) MUST_USE;
bool kit_flag(const json_t *config, const char *key);
double kit_number(const json_t *config, const char *key, double otherwise);

/* Deep equality of JSON values in which 1 and 1.0 are the same number and members have no order
 * (Jansson's own tells integers from reals).  Depth is bounded by the parser's. */
bool kit_same(const json_t *x, const json_t *y);

/* 's' in quotes on one line: control characters and anything that could steer a terminal or a
 * log become a blank, long text is cut with …; "nothing" when empty. */
const char *kit_show(struct arena *a, struct str s);
/* The same without quotes, cut after `max` code points; "" when empty. */
const char *kit_line(struct arena *a, struct str s, size_t max);
/* s with the middle starred out: enough to find it, not enough to use it. */
const char *kit_mask(struct arena *a, struct str s);

/* Set value and reason; returns STEP_DONE. */
int kit_done(struct score *out, double value, struct arena *a, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

#endif
