/* What of Bedrock is no model, as a server speaks it: knowledge bases, flows, agents, AgentCore, guardrails, the facts
 * of the control plane and CountTokens. */
#ifndef SERVER_BEDROCK_KINDS_H
#define SERVER_BEDROCK_KINDS_H

#include "serve_plan.h"
#include "serve_script.h"

/* Is the path one of theirs? */
bool bedrock_kinds_path(struct str path);
/* Write the answer `text` under rule r with its fault into p. */
void bedrock_kinds_answer(struct plan *p, const struct rule *r, struct str path, struct str text);
/* The question in a request's body; absent when it is none of theirs. */
struct str bedrock_kinds_question(const json_t *body);

#endif
