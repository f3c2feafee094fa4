/* OpenAI's Responses API, as a server speaks it. */
#ifndef SERVER_RESPONSES_H
#define SERVER_RESPONSES_H

#include "serve_plan.h"
#include "serve_script.h"

/* Write the answer `text` under rule r with its fault into p. */
void responses_answer(struct plan *p, const struct rule *r, struct str text, bool stream);

#endif
