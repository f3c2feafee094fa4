/* struct prompt_part: one message of a prompt, its template compiled once.  prompt_render
 * (suite.h) makes the messages of a case from these. */
#ifndef SUITE_PROMPT_H
#define SUITE_PROMPT_H

#include "call/call.h"
#include "suite/leaf.h"
#include "suite/suite.h"

struct prompt_part {
	enum role role;
	struct leaf leaf;
};

/* Variables of a case that go around the last user message (promptfoo's options). */
#define PROMPT_PREFIX "__prefix"
#define PROMPT_SUFFIX "__suffix"

/* Fill the texts that `target.prompt` stands for, once all parts are there. */
void prompt_finish(struct prompt *p, struct arena *a);
/* The compiled template behind p->system or p->text, when that is one part; else NULL. */
const struct leaf *prompt_canary(const struct prompt *p);

#endif
