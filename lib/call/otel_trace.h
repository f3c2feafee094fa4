/* An OpenTelemetry trace as JSON (an OTLP ExportTraceServiceRequest) read for what an agent did:
 * tool calls, retrievals, model calls, guardrails and agents, in the order in which their spans began.
 * Understands the GenAI semantic conventions, OpenInference, and what Traceloop and the Vercel AI SDK
 * write.  Pure; what is no such step (web requests, chains) is passed over; a trace that cannot be
 * ordered is an error.  Everything made lives in the arena given. */
#ifndef CALL_OTEL_TRACE_H
#define CALL_OTEL_TRACE_H

#include "base/arena.h"
#include "base/err.h"
#include "call/reply.h"

struct otel_trace {
	const json_t *trajectory; /* array of steps, as in struct reply */
	const json_t *contexts;   /* array of {text, id?, score?}; NULL when nothing was retrieved */
	struct usage usage;       /* of the model calls; of the first agent where these say nothing */
	size_t spans;
};

/* Has the value the form of a trace: {resourceSpans: […]}, or a list of such? */
bool otel_trace_is(const json_t *value);
int otel_trace_read(struct otel_trace *out, const json_t *value, struct arena *a,
		    struct err *err) MUST_USE;

#endif
