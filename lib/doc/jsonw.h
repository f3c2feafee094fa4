/* struct jsonw: writes JSON text straight into a buf, commas and indentation by itself.  For
 * output whose size or speed forbids a tree. */
#ifndef DOC_JSONW_H
#define DOC_JSONW_H

#include "base/buf.h"

#include <jansson.h>

struct jsonw {
	struct buf *out;
	unsigned depth;
	bool indent; /* two spaces a level, else compact */
	bool begun;  /* something already stands in the innermost container */
};

void jsonw_open(struct jsonw *w, const char *key, char bracket); /* '{' or '['; key NULL in arrays */
void jsonw_close(struct jsonw *w, char bracket);
void jsonw_str(struct jsonw *w, const char *key, struct str s);
/* Leaves the member out when s is NULL. */
void jsonw_text(struct jsonw *w, const char *key, const char *s);
/* null when x is not finite. */
void jsonw_num(struct jsonw *w, const char *key, double x);
void jsonw_int(struct jsonw *w, const char *key, int64_t x);
void jsonw_bool(struct jsonw *w, const char *key, bool x);
/* Leaves the member out when j is NULL. */
void jsonw_json(struct jsonw *w, const char *key, const json_t *j);

#endif
