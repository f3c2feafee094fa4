/* File patterns: `*` and `?` within a name, `**` as a whole component across folders, `[a-z]`,
 * `[!a-z]`, `{a,b}`.  Matching takes polynomial time whatever the pattern says. */
#ifndef REPO_GLOB_H
#define REPO_GLOB_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Does the text hold any character with a meaning here? */
bool glob_is_pattern(struct str s);
/* The alternatives of all braces, at most GLOB_BRACES_MAX of them. */
int glob_braces(struct str **out, size_t *n, struct str pattern, struct arena *a,
		struct err *err) MUST_USE;
/* One pattern without braces against a whole path. */
bool glob_match(struct str pattern, struct str path);
/* Could something below `folder` match? */
bool glob_may_descend(struct str pattern, struct str folder);

#endif
