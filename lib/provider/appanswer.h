/* appanswer: what an application says besides its text, in the words that applications use, put into a
 * reply: passages, tool calls, steps, usage, how it finished.  For http and exec.  What has no sense
 * fails the reply as malformed; nothing is guessed.  Pure. */
#ifndef PROVIDER_APPANSWER_H
#define PROVIDER_APPANSWER_H

#include "base/compiler.h"
#include "call/reply.h"

/* Each takes a JSON array; what is kept lives with the reply.  -1: the reply has failed. */
/* Texts, or objects with text (content, page_content, passage) and source (url, uri, title), score, id. */
int appanswer_contexts(struct reply *r, const json_t *list) MUST_USE;
/* Objects with name and arguments (args, input, parameters), or the function inside of them; added to
 * those that are there.  An empty list says that no tool was called. */
int appanswer_tools(struct reply *r, const json_t *list) MUST_USE;
/* Objects with kind (type) or name, or an OpenTelemetry trace; added to those that are there.  An empty
 * list says that nothing was done. */
int appanswer_steps(struct reply *r, const json_t *list) MUST_USE;
/* A count of tokens: null is not said. */
int appanswer_count(struct reply *r, int64_t *out, const json_t *value, const char *what) MUST_USE;
void appanswer_finish(struct reply *r, struct str word);
/* "'a', 'b', 'c' and 4 more": the members of the answer, or what it is instead of an object. */
const char *appanswer_members(const json_t *root, struct arena *a);

#endif
