/* Embeddings in OpenAI's form, both sides: the texts of a call as a body, and the vectors of its
 * answer.  struct openai_embed is zeroed before openai_embed_begin; what it holds dies with the reply's arena. */
#ifndef PROVIDER_OPENAI_EMBED_H
#define PROVIDER_OPENAI_EMBED_H

#include "base/err.h"
#include "provider/answering.h"

struct openai_embed {
	struct answering in;
	size_t texts; /* that were asked for */
};

/* The body, in `a`. */
int openai_embed_body(struct str *out, const struct call *c, struct arena *a, struct err *err) MUST_USE;

int openai_embed_begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c);
int openai_embed_feed(void *state, struct reply *r, struct str piece, unsigned *events);
void openai_embed_finish(void *state, struct reply *r);

#endif
