/* What a guardrail of Bedrock found, as a reply keeps it: which policies spoke and what they did, never the
 * text that matched.  Pure. */
#ifndef PROVIDER_BEDROCK_GUARDRAIL_H
#define PROVIDER_BEDROCK_GUARDRAIL_H

#include "base/arena.h"

#include <jansson.h>
#include <stdbool.h>

/* {action, reason?, policies: []}, in `a`. */
json_t *bedrock_guardrail(bool intervened, const char *reason, struct arena *a);
/* Add the findings of one assessment (of the input, or of the output) to it. */
void bedrock_guardrail_assess(json_t *guardrail, const json_t *assessment, const char *side, struct arena *a);
/* Add all of Converse's trace.guardrail. */
void bedrock_guardrail_trace(json_t *guardrail, const json_t *trace, struct arena *a);

#endif
