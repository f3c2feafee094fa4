/* struct str: a borrowed view of bytes, passed by value.  It owns nothing, may hold NUL and
 * bad UTF-8 (model output does), and is not terminated.  An absent string has p == NULL. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* A literal as a view, usable in initialisers of constants as STR_INIT. */
#define STR(lit) ((struct str){ .p = (lit), .n = sizeof(lit) - 1 })
#define STR_INIT(lit) { .p = (lit), .n = sizeof(lit) - 1 }

/* Arguments for "%.*s".  Text longer than INT_MAX is shown cut. */
#define STR_ARGS(s) (int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n), ((s).p ? (s).p : "")

/* View of a terminated string; NULL gives the absent string. */
static inline struct str str_c(const char *s)
{
	return (struct str){ .p = s, .n = s ? strlen(s) : 0 };
}

bool str_eq(struct str a, struct str b);
bool str_eqc(struct str a, const char *b);
/* Equality that ignores the case of ASCII letters. */
bool str_ieq(struct str a, struct str b);
/* Bytewise order, shorter first on a tie; <0, 0, >0. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Byte offset of the first match at or after `from`, or -1. */
ptrdiff_t str_find(struct str s, struct str needle, size_t from);
ptrdiff_t str_chr(struct str s, char c, size_t from);
/* Bytes [from, to) clamped to the string. */
struct str str_sub(struct str s, size_t from, size_t to);
/* Without leading and trailing ASCII white space. */
struct str str_trim(struct str s);
/* Take the next line (without LF or CRLF) off *rest; false when nothing is left. */
bool str_line(struct str *rest, struct str *line);
/* Cut *rest at the first `sep`: *head gets what stood before it.  False when *rest is spent. */
bool str_cut(struct str *rest, char sep, struct str *head);

#endif
