/* struct regex: PCRE2 behind one door, set to behave as ECMAScript patterns with the flag u do
 * (schemas and scorers are written against those), with limits on steps, depth and memory.
 * A compiled pattern lives in the arena, is reusable, and is not for two threads at once.
 * Reaching a limit is an error, never "no match". */
#ifndef DOC_REGEX_H
#define DOC_REGEX_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

struct regex;

enum {
	REGEX_ICASE = 1,
	REGEX_MULTILINE = 2, /* ^ and $ at every line */
	REGEX_DOTALL = 4,
};

/* Groups handed out; later ones still match but are not reported. */
enum { REGEX_GROUPS = 32 };

/* Where a group did not take part. */
#define REGEX_UNSET SIZE_MAX

struct regex_match {
	size_t n; /* groups in use: 1 for the whole match + the pattern's groups */
	struct {
		size_t from, to;
	} group[REGEX_GROUPS];
};

/* The error's col is the place in the pattern, from 1. */
int regex_compile(struct regex **out, struct str pattern, unsigned flags, struct arena *a,
		  struct err *err) MUST_USE;
/* 1 found, 0 not found, -1 a limit was reached.  m may be NULL.  Bad UTF-8 in the text never
 * matches but is no error. */
int regex_search(const struct regex *re, struct str text, struct regex_match *m, struct err *err)
	MUST_USE;
/* The same from byte `from` on (look-behind sees what stands before). */
int regex_search_at(const struct regex *re, struct str text, size_t from, struct regex_match *m,
		    struct err *err) MUST_USE;
/* Number of the group of that name, or -1. */
int regex_group(const struct regex *re, struct str name);

#endif
