/* What goes out to InvokeModel and InvokeModelWithResponseStream: a body in the model family's own form.  Pure. */
#ifndef PROVIDER_INVOKE_ENCODE_H
#define PROVIDER_INVOKE_ENCODE_H

#include "base/arena.h"
#include "base/err.h"
#include "call/call.h"
#include "wire/wire.h"

enum invoke_family { INVOKE_NONE, INVOKE_ANTHROPIC, INVOKE_NOVA, INVOKE_LLAMA, INVOKE_MISTRAL };

/* By the model's id; INVOKE_NONE for a family whose form is not known here, or an ARN that does not tell it. */
enum invoke_family invoke_family_of(struct str model);

/* `api: invoke`? */
bool invoke_wanted(const struct endpoint *e);
int invoke_encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err) MUST_USE;
int invoke_check(const struct endpoint *e, const char **member, struct err *err) MUST_USE;

#endif
