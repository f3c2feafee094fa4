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
/* How many calls its conversation may take at most, and how many it takes when every scripted turn is
 * played and each scripted result is asked for alone; `asked`: the prompt ends with a user message. */
unsigned talkrow_calls_max(const struct talk *t, bool asked);
unsigned talkrow_calls(const struct talk *t, bool asked);

#endif
