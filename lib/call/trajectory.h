/* What an application says it did on the way to its answer: foreign JSON made the one shape of
 * struct reply's trajectory.  Pure; what cannot be understood is an error, never passed over. */
#ifndef CALL_TRAJECTORY_H
#define CALL_TRAJECTORY_H

#include "base/err.h"
#include "call/reply.h"

/* Fill r->trajectory from either
 *   - a list of steps: {kind?, name, arguments?, result?, text? …}, or the name of a tool alone.
 *     Without `kind` a step is a tool's.  `tool`, `tool_name`; `args`, `input`, `tool_input`; `output`
 *     are understood too; arguments may be JSON text;
 *   - an OpenTelemetry trace (otel_trace.h), which also gives contexts and usage where the reply has
 *     none of its own;
 *   - a text that holds one of these.
 * An empty list says that nothing was done. */
int trajectory_read(struct reply *r, const json_t *value, struct err *err) MUST_USE;

#endif
