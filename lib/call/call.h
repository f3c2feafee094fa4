/* The neutral request: what a target, judge or embedder is asked, before any provider shapes it
 * into bytes.  An endpoint is one configured target of gate.yaml; a call is messages for it.
 * Everything is borrowed and must outlive the call. */
#ifndef CALL_CALL_H
#define CALL_CALL_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/pos.h"
#include "base/str.h"

#include <jansson.h>

struct provider_ops;
struct aws_place; /* wire/awshost.h */

enum role { ROLE_SYSTEM, ROLE_USER, ROLE_ASSISTANT, ROLE_TOOL };
const char *role_name(enum role r);
/* -1 when the name is no role; "developer" is ROLE_SYSTEM. */
int role_parse(struct str name);

struct message {
	enum role role;
	struct str text;
	const json_t *tool_calls;     /* assistant: array of {id, name, arguments}, or NULL */
	struct str tool_call_id;      /* tool: which call this answers */
	const json_t *thinking;       /* assistant: the thinking of the reply it was, or NULL */
};

struct endpoint {
	const char *name;             /* the target's name in gate.yaml */
	const struct provider_ops *provider;
	struct str model;             /* id or ARN; may be absent (recorded) */
	const json_t *params;         /* object: temperature, max_tokens, top_p, stop, seed … or NULL */
	const json_t *tools;          /* array of {name, description, parameters} or NULL */
	const json_t *config;         /* the whole target object, files resolved, bindings filled in */
	struct str base_url;          /* absent: the provider's own */
	const struct aws_place *aws;  /* region and endpoints, when the provider is AWS's; else NULL */
	struct str place;             /* the same as text: what is asked elsewhere may be answered otherwise */
	struct str made_of;           /* a program: what it is on this machine; never a part of the digest */
	/* Texts by name that tell whose call it is (gate-run, gate-commit), where the provider takes such; never a
	 * part of the digest.  NULL: none. */
	const json_t *metadata;
	bool stream;
	struct pos at;
};

enum call_kind {
	CALL_CHAT,
	CALL_EMBED, /* each message is a text to be embedded; the reply has a vector for each */
};

struct call {
	enum call_kind kind;
	const struct endpoint *endpoint;
	const struct message *message;
	size_t nmessage;
	const json_t *response_schema; /* JSON Schema the answer must follow, or NULL */
	unsigned sample;               /* repeats of one case differ only here */
	const json_t *given;           /* recorded: the case's variables, else NULL */
};

/* SHA-256 of the canonical JSON of everything that shapes the answer (provider, base_url, place, model,
 * params, tools, messages, response_schema, sample): the key of a stored reply. */
struct digest call_digest(const struct call *c);

#endif
