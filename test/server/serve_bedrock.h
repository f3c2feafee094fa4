/* Bedrock's wires, as a server speaks them: Converse and ConverseStream, InvokeModel, and frames of AWS's event
 * stream for whoever needs some. */
#ifndef SERVER_BEDROCK_H
#define SERVER_BEDROCK_H

#include "serve_plan.h"
#include "serve_script.h"

/* Is the path one of the model's? */
bool bedrock_path(struct str path);
/* Write the answer `text` under rule r with its fault into p. */
void bedrock_answer(struct plan *p, const struct rule *r, struct str path, struct str text);
/* InvokeModel's: Claude's own form of it. */
void invoke_answer(struct plan *p, const struct rule *r, struct str text, bool stream);
/* A JSON error as AWS writes them: by the rule's `exception`, else by its status. */
void bedrock_error(struct plan *p, const struct rule *r);

/* One message of an event stream: `kind` is "event" or "exception". */
void bedrock_frame(struct plan *p, const char *kind, struct str type, struct str payload);

#endif
