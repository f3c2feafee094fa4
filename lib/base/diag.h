/* struct diags: every problem found in the artifacts, each with place, rule id and hint.
 * Loading collects all of them before anything stops; SARIF, annotations and the console print
 * the same list.  Texts and hints are copied into the arena given at init; `file` in a place
 * is borrowed.  After DIAG_MAX entries only the count goes on. */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include "base/arena.h"
#include "base/pos.h"

#include <stdbool.h>

enum severity { SEV_ERROR, SEV_WARNING, SEV_NOTE };

struct diag {
	struct pos at;
	const char *rule; /* stable kebab-case id, `gate help RULE` explains it; static string */
	const char *msg;  /* one line; see err.h for the style */
	const char *hint; /* what to do, or NULL */
	enum severity sev;
};

struct diags {
	struct arena *arena;
	VEC(struct diag) list;
	size_t errors, warnings, dropped;
};

void diags_init(struct diags *d, struct arena *a);
/* Add an error.  The returned entry may get a hint or another severity through the functions
 * below; it stays valid until the next add. */
void diag_add(struct diags *d, struct pos at, const char *rule, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
void diag_warn(struct diags *d, struct pos at, const char *rule, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
/* Give the latest entry a hint. */
void diag_hint(struct diags *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Order by file, line, column, keeping the order of equals, and drop exact repeats. */
void diags_sort(struct diags *d);

#endif
