/* struct script: the rules a test gives the server, and the answers it looks up.  See
 * README.md for the format.  Counters live in the rules, so the same requests in the same order
 * get the same answers. */
#ifndef SERVER_SCRIPT_H
#define SERVER_SCRIPT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "serve_aws.h"

#include <jansson.h>
#include <stdint.h>

enum fault {
	FAULT_NONE,
	FAULT_STALL, FAULT_DRIP, FAULT_CUT, FAULT_NO_DONE, FAULT_NO_FINISH, FAULT_SHORT_BODY,
	FAULT_MALFORMED, FAULT_GARBAGE, FAULT_HANG, FAULT_RESET, FAULT_RESET_MIDWAY,
	FAULT_ERROR_IN_STREAM, FAULT_JSON_ERROR, FAULT_EMPTY, FAULT_HTML, FAULT_BAD_CRC,
	FAULT_COUNT
};

struct rule {
	struct str path, contains; /* match: prefix of the path, part of the body; absent = any */
	int64_t from, to, every;   /* of the requests that match, counted from 1; 0 = any */
	int64_t times;             /* at most so often; 0 = no limit */
	bool per_body;             /* `times` counts each distinct body apart */
	int64_t seen, used;
	struct map per;            /* body → count, as a pointer to int64_t */

	int status;
	const char *type;          /* Content-Type, or the usual one */
	const char *headers;       /* whole lines */
	struct str body;           /* raw; absent = an answer on the wire */
	struct str answer;         /* may hold {{user}}; absent = by the answers, else {{user}} */
	struct str refusal, reasoning, finish, model;
	const json_t *tool_calls;
	struct str exception;      /* AWS: the name of the error */
	const json_t *extra;       /* Bedrock: members beside the message */
	int stream;                /* 1, 0, -1 = as the request asks */
	int64_t latency_ms, token_ms, drip_ms;
	int64_t size;              /* pad the answer with 'x' to so many bytes */
	int64_t after;             /* the fault comes after so many tokens or bytes; -1 = half way */
	bool usage;
	int64_t tokens_in, tokens_out; /* -1: as many as the text has */
	int64_t cached;                /* of tokens_in */
	enum fault fault;
};

struct script {
	struct arena *arena;
	VEC(struct rule) rule;
	struct rule fallback;
	struct aws_rules aws;
	struct map answer; /* last user message, or a part of the body → struct str * */
};

void script_init(struct script *s, struct arena *a);
/* Read rules from a file; -1 names the mistake. */
int script_load(struct script *s, const char *path, struct err *err) MUST_USE;
/* The rule for this request; counts it. */
struct rule *script_match(struct script *s, struct str path, struct str body);
/* The answer's text for this rule and body, in `a`. */
struct str script_answer(struct script *s, const struct rule *r, struct str body, struct arena *a);

/* The last user message of a request's body, or the empty text. */
struct str script_user(struct str body, struct arena *a);

#endif
