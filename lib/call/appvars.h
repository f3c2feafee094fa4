/* appvars: what the settings of an application's target may read: the case's variables, the stage's
 * bindings as `bind`, and of the conversation `messages` (role, content, tool_calls, tool_call_id) and
 * `prompt`, the last user message.  A conversation's words go before a case's of the same name. */
#ifndef CALL_APPVARS_H
#define CALL_APPVARS_H

#include "call/call.h"

/* As {"role": …, "content": …} each. */
json_t *appvars_messages(const struct message *message, size_t n, struct arena *a);
/* `given` (an object or NULL) with the conversation's words; without messages there are none. */
const json_t *appvars(const json_t *given, const struct message *message, size_t n, struct arena *a);
bool appvars_is_conversation(struct str name);

#endif
