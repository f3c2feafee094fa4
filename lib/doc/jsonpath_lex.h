/* The small things of JSONPath's grammar: blanks, names, numbers and strings. */
#ifndef DOC_JSONPATH_LEX_H
#define DOC_JSONPATH_LEX_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct jsonpath_lexer {
	struct str text;
	size_t at;
	struct arena *a;
	struct err *err;
};

/* Fill the error with the place of `at` and return -1. */
int jsonpath_fail(struct jsonpath_lexer *x, size_t at, const char *fmt, ...) PRINTF_LIKE(3, 4);
void jsonpath_blanks(struct jsonpath_lexer *x);
/* The byte at the cursor, 0 at the end. */
char jsonpath_peek(const struct jsonpath_lexer *x);
/* Take `word` when it stands here. */
bool jsonpath_take(struct jsonpath_lexer *x, const char *word);
/* A member name without quotes; absent when none starts here. */
struct str jsonpath_name(struct jsonpath_lexer *x);
/* An index: no leading zeros, no -0, within 2^53. */
int jsonpath_int(struct jsonpath_lexer *x, int64_t *out) MUST_USE;
int jsonpath_string(struct jsonpath_lexer *x, struct str *out) MUST_USE;
/* A number as JSON writes it. */
int jsonpath_number(struct jsonpath_lexer *x, json_t **out) MUST_USE;

#endif
