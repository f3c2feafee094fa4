/* An application of no model's wire: what provider `http` is tested with.  The path says how it answers:
 * /app/json, /app/sse, /app/lines, /app/text, /app/chunks, and /app/echo, whose answer is the request's body. */
#ifndef SERVER_APP_H
#define SERVER_APP_H

#include "serve_plan.h"
#include "serve_script.h"

bool app_path(struct str path);
/* Write the answer `text` (or the body that was sent) under rule r with its fault into p. */
void app_answer(struct plan *p, const struct rule *r, struct str path, struct str text, struct str sent);

#endif
