/* AWS around the models, as a server speaks it: the sources of credentials (STS, instance metadata, a
 * container's endpoint, SSO and its token service) and the check of a request's signature.  A key's secret
 * follows from its id, so any key can be checked: secret "CANARYsecret/ID", token "CANARYtoken/ID". */
#ifndef SERVER_AWS_H
#define SERVER_AWS_H

#include "serve_plan.h"

#include <jansson.h>

struct aws_rules {
	bool verify;           /* requests for models must be signed, or have Bedrock's key */
	int64_t offset_s;      /* this server's clock against the true one */
	int64_t lifetime_s;    /* of the keys handed out; 3600 when absent */
	int64_t expired_below; /* keys handed out before that one have expired */
	int64_t served;        /* keys handed out so far */
};

struct aws_request {
	struct str method, path, head, body;
};

/* The member "aws" of a script. */
void aws_rules_read(struct aws_rules *r, const json_t *aws);
/* Is the path one of a source of credentials? */
bool aws_path(struct str path);
void aws_answer(struct plan *p, struct aws_rules *r, const struct aws_request *q, struct arena *a);
/* True when the request may pass; else p has the refusal. */
bool aws_admits(struct plan *p, struct aws_rules *r, const struct aws_request *q, struct arena *a);
/* A header's value, by its lower-case name with colon. */
struct str aws_header(struct str head, const char *name);

#endif
