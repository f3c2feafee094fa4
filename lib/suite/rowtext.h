/* Templates inside of a dataset's row: the texts of an assertion or a conversation, rendered with
 * the case's own variables.  The value was parsed before, so none can change its structure; what is
 * a whole {{x}} keeps x's type.  Private to lib/suite. */
#ifndef SUITE_ROWTEXT_H
#define SUITE_ROWTEXT_H

#include "base/arena.h"
#include "base/err.h"

#include <jansson.h>

/* `member` of the row at `at`, for the message of a failure. */
struct rowtext {
	const json_t *vars;
	const char *member;
	struct pos at;
	struct arena *a;
};

/* *out: value itself where nothing is a template. */
int rowtext_render(const struct rowtext *r, const json_t *value, const json_t **out,
		   struct err *err) MUST_USE;
/* A string, or a number or boolean as its text; absent for anything else. */
struct str rowtext_scalar(const json_t *j, struct arena *a);

#endif
