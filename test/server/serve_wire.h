/* What the wires of model servers share: words as tokens, one JSON body and a stream of events, each
 * with the faults that a rule may ask for. */
#ifndef SERVER_WIRE_H
#define SERVER_WIRE_H

#include "serve_plan.h"
#include "serve_script.h"

enum { WIRE_BODY_MAX = 256 * 1024 * 1024 };

/* The next token of *rest: a word with the white space before it. */
bool wire_token(struct str *rest, struct str *token);
int64_t wire_count(struct str text);
struct str wire_model(const struct rule *r);
/* Name and arguments (text) of a tool call of a script, which has OpenAI's form. */
struct str wire_tool_name(const json_t *call);
struct str wire_tool_arguments(const json_t *call);

/* A whole JSON body. */
void wire_whole(struct plan *p, const struct rule *r, struct str body);

/* How a wire writes a stream.  Faults that end it come after half of the tokens. */
struct wire_stream {
	/* One token of the answer. */
	void (*token)(struct plan *p, struct buf *b, const struct rule *r, struct str token);
	const char *half;    /* the beginning of an event, for a cut */
	const char *bad;     /* an event that is no JSON */
	const char *error;   /* an error event */
};
/* The tokens of text.  False: the fault has ended the stream. */
bool wire_tokens(struct plan *p, struct buf *b, const struct rule *r, struct str text,
		 const struct wire_stream *s);
/* How the connection goes on or ends, by the fault; last of all. */
void wire_tail(struct plan *p, const struct rule *r);

#endif
