/* struct apppath: where an application's answer holds something: a JSONPath ("$.choices[0].text"), or the
 * short form of names with dots and indexes ("choices.0.text").  Compiled into an arena; a setting that
 * is absent is an apppath that finds nothing. */
#ifndef PROVIDER_APPPATH_H
#define PROVIDER_APPPATH_H

#include "base/err.h"
#include "doc/jsonpath.h"

struct apppath {
	struct str text; /* absent: none was set */
	struct jsonpath *query;
};

/* `text` may be absent.  -1: it is no path. */
int apppath_compile(struct apppath *out, struct str text, struct arena *a, struct err *err) MUST_USE;
/* The nodes that it selects; none is no mistake. */
int apppath_find(const struct apppath *p, const json_t *root, struct jsonpath_nodes *out, struct arena *a,
		 struct err *err) MUST_USE;
/* The first of them, or NULL.  A query that reaches its limits finds nothing. */
const json_t *apppath_first(const struct apppath *p, const json_t *root, struct arena *a);
/* true, a number but 0, a text or list that is not empty: something is said there. */
bool apppath_holds(const struct apppath *p, const json_t *root, struct arena *a);

#endif
