/* Passages as Bedrock's knowledge bases give them, made neutral: {text, source, score, id}.  Pure. */
#ifndef PROVIDER_BEDROCK_PASSAGE_H
#define PROVIDER_BEDROCK_PASSAGE_H

#include "base/err.h"
#include "base/str.h"
#include "call/call.h"
#include "call/reply.h"
#include "doc/jsonw.h"

#include <stdbool.h>

/* Append one retrieved result to reply.contexts; its place there.  With `once`, the same text of the
 * same source is there but once. */
size_t bedrock_passage_add(struct reply *r, const json_t *result, bool once);
/* One citation of an answer: its references among reply.contexts, and in reply.detail which part of the
 * answer rests on which of them. */
void bedrock_passage_cite(struct reply *r, const json_t *part, const json_t *references);
/* What the guardrail did, "INTERVENED" or "NONE", and with it how the answer ended.  The service does not
 * tell a masked answer from a blocked one: both count as blocked. */
void bedrock_passage_intervened(struct reply *r, struct str action);

/* "retrievalConfiguration" from the target's `retrieval`; nothing when that sets none of it. */
void bedrock_passage_search(struct jsonw *w, const json_t *retrieval);
/* Settings that exclude each other. */
int bedrock_passage_check(const json_t *retrieval, struct err *err) MUST_USE;
/* "guardrailConfiguration" from the target's `guardrail`; nothing when it has none. */
void bedrock_passage_guardrail(struct jsonw *w, const json_t *guardrail, struct arena *a);

#define BEDROCK_PASSAGE_VERSION                                                                     \
	"{\"anyOf\":[{\"type\":\"string\",\"pattern\":\"^([1-9][0-9]{0,7}|DRAFT)$\"},"              \
	"{\"type\":\"integer\",\"minimum\":1}]}"
/* Of a target's schema: the members of `retrieval` beside knowledge_base, and `guardrail`. */
#define BEDROCK_PASSAGE_SEARCH                                                                      \
	"\"results\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100},"                         \
	"\"search\":{\"enum\":[\"hybrid\",\"semantic\"]},"                                          \
	"\"filter\":{\"type\":\"object\",\"minProperties\":1},"                                     \
	"\"rerank\":{\"type\":\"object\",\"required\":[\"model\"],\"additionalProperties\":false,"  \
	"\"properties\":{\"model\":{\"type\":\"string\",\"minLength\":1},"                          \
	"\"results\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100}}},"                       \
	"\"managed\":{\"type\":\"boolean\"},"                                                         \
	"\"user\":{\"type\":\"string\",\"minLength\":1}"
#define BEDROCK_PASSAGE_GUARDRAIL                                                                   \
	"\"guardrail\":{\"type\":\"object\",\"required\":[\"id\",\"version\"],"                     \
	"\"additionalProperties\":false,\"properties\":{\"id\":{\"type\":\"string\","               \
	"\"minLength\":1},\"version\":" BEDROCK_PASSAGE_VERSION "}}"

#endif
