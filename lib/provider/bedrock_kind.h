/* What the kinds of provider bedrock beside the model itself have in common: one question to one
 * of its services, what they refuse to ignore, and JSON that a reply keeps.  Reading their answers is
 * bedrock_stream's.  Pure. */
#ifndef PROVIDER_BEDROCK_KIND_H
#define PROVIDER_BEDROCK_KIND_H

#include "call/call.h"
#include "call/reply.h"
#include "doc/jsonw.h"
#include "provider/bedrock_stream.h"
#include "wire/awshost.h"
#include "wire/wire.h"

/* --- asking --- */

/* The one user message of the call.  -1 when there is another, or a schema to keep to. */
int bedrock_kind_question(struct str *out, const struct call *c, struct err *err) MUST_USE;
/* -1 for a call that wants its answer held to a schema. */
int bedrock_kind_no_schema(const struct call *c, struct err *err) MUST_USE;
/* What any kind of target may have and this one would not read, NULL-terminated: -1 when it is there. */
int bedrock_kind_unread(const struct endpoint *e, const char *const *keys, const char **member,
			struct err *err) MUST_USE;
/* The version of a guardrail, which may be written as a number. */
struct str bedrock_kind_version(const json_t *guardrail, struct arena *a);
/* -1 when `version` is a working draft, whose answers may change while they are judged. */
int bedrock_kind_no_draft(struct str version, const char *what, struct err *err) MUST_USE;
/* A POST to that path, in which each "%s" takes the next struct str as one encoded part. */
int bedrock_kind_post(struct wire_req *out, const struct call *c, enum aws_service service, struct arena *a,
		      struct err *err, const char *path, ...) MUST_USE;
/* Its body, an object: write its members, then end it.  -1: too large. */
struct jsonw bedrock_kind_body(struct arena *a);
int bedrock_kind_body_end(struct wire_req *out, struct jsonw *w, struct err *err) MUST_USE;
/* A session that nothing else shares, neither another sample nor another run, whose memory it would find: the run
 * and the digest of the call, in which its sample's number is. */
struct str bedrock_kind_session(const struct call *c, struct arena *a);

/* --- reading --- */

/* Begin to read an answer that is one body, whatever it calls itself. */
void bedrock_kind_whole(struct bedrock_stream *s, const struct bedrock_reader *reader, void *state, struct reply *r,
			const struct wire_status *st, const struct call *c);
/* Visible text; -1 when the answer grew too large. */
int bedrock_kind_text(struct bedrock_stream *s, struct str text);
/* The guardrail of the reply stopped something, and did not only mask it. */
bool bedrock_kind_blocked(const struct reply *r);

/* --- JSON that is kept --- */

/* o[key] = value, which it takes. */
void bedrock_kind_set(json_t *o, const char *key, json_t *value);
/* Nothing when s is absent. */
void bedrock_kind_set_str(json_t *o, const char *key, struct str s);
/* A copy of the value; nothing when there is none. */
void bedrock_kind_set_copy(json_t *o, const char *key, const json_t *value);
void bedrock_kind_append(json_t *list, json_t *value);
/* *at, or a new array or object there that lives as long as the reply. */
json_t *bedrock_kind_list(struct reply *r, const json_t **at);
json_t *bedrock_kind_object(struct reply *r, const json_t **at);
/* How it finished, and the service's word for it. */
void bedrock_kind_finish(struct reply *r, enum finish finish, struct str word);

#endif
