/* A case's conversation: the members `turns` and `tool_results` of a row, rendered with its
 * variables, every mistake refused, made one shape (struct talk).  Private to lib/suite. */
#ifndef SUITE_TALKROW_H
#define SUITE_TALKROW_H

#include "call/talk.h"
#include "suite/rowtext.h"

#define TALK_TURNS "turns"
#define TALK_TOOLS "tool_results"

/* *out: NULL when the row has none.  `max_steps`: the suite's. */
int talkrow_build(const struct talk **out, const json_t *row, const json_t *vars,
		  unsigned max_steps, struct pos at, struct arena *a, struct err *err) MUST_USE;

#endif
