/* Anthropic's Messages API, as a server speaks it. */
#ifndef SERVER_ANTHROPIC_H
#define SERVER_ANTHROPIC_H

#include "serve_plan.h"
#include "serve_script.h"

/* Write the answer `text` under rule r with its fault into p. */
void anthropic_answer(struct plan *p, const struct rule *r, struct str text, bool stream);
/* The body of an error of that status. */
struct str anthropic_error(int status);

#endif
