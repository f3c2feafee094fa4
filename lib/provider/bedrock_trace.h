/* The trace of a Bedrock agent, step by step, as a reply keeps it: what it called with which arguments
 * and what came back, what it looked up, which models spoke and how many tokens they took.  Pure. */
#ifndef PROVIDER_BEDROCK_TRACE_H
#define PROVIDER_BEDROCK_TRACE_H

#include "call/reply.h"

#include <jansson.h>

/* One `trace` of a TracePart. */
void bedrock_trace_take(struct reply *r, const json_t *trace);
/* The name of a step or of a call that control is returned for: "group/function", or the API's "group/VERB
 * path". */
json_t *bedrock_trace_name(const json_t *input);
/* Its arguments: {name: value} of its parameters and of its body's. */
json_t *bedrock_trace_arguments(const json_t *input);

#endif
