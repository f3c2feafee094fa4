/* The OpenAI chat completions wire, as a server speaks it. */
#ifndef SERVER_OPENAI_H
#define SERVER_OPENAI_H

#include "serve_plan.h"
#include "serve_script.h"

/* Write the answer `text` under rule r with its fault into p. */
void openai_answer(struct plan *p, const struct rule *r, struct str text, bool stream);

/* Embeddings of the request's texts: words counted into a few dimensions, so that texts which share words are
 * near each other. */
void openai_embeddings(struct plan *p, const struct rule *r, struct str body, struct arena *a);

#endif
