/* struct contentfilter: what Azure's content filter says of a prompt and an answer, category by
 * category, gathered into a reply's guardrail.  Zeroed before use; it holds numbers and words of our own. */
#ifndef PROVIDER_CONTENTFILTER_H
#define PROVIDER_CONTENTFILTER_H

#include "call/reply.h"

#include <jansson.h>

enum { FILTER_HITS_MAX = 16 };

struct filter_hit {
	char name[48], severity[16];
};

struct contentfilter {
	bool seen;
	size_t n;
	struct filter_hit hit[FILTER_HITS_MAX]; /* the categories that filtered */
};

/* {category: {filtered, severity | detected …}}; anything else is left alone. */
void contentfilter_take(struct contentfilter *f, const json_t *results);
/* r->guardrail, when the filter was heard of and no other guardrail spoke. */
void contentfilter_end(const struct contentfilter *f, struct reply *r);

#endif
