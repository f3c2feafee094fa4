/* struct creds: which secret goes to which host.  Three sources: a provider's usual variable,
 * bound to that provider's own endpoint; the policy's trust.credentials, bound to the host
 * named there; AWS's own chain (creds_aws.h) and Bedrock's API key, bound to AWS's hosts and to the
 * endpoints that the operator's environment names for them.  A secret never goes to any other host; there the request is anonymous.  Values
 * are read through a getenv-like function, taught to the redactor, and never formatted. */
#ifndef NET_CREDS_H
#define NET_CREDS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "wire/url.h"
#include "wire/wire.h"

struct creds_aws; /* net/creds_aws.h */

/* One who waits for an AWS key.  Owned by whoever waits; fn is called once, from the loop. */
struct creds_aws_wait {
	void (*fn)(struct creds_aws_wait *w);
	void *ctx;
	struct creds_aws_wait *next;
	bool waiting;
};

struct creds_binding {
	struct str host; /* pattern as in net/hosts.h */
	unsigned port;
	bool plain;         /* written with http://: may go in the clear */
	const char *env;    /* variable */
	const char *header; /* NULL: as the provider asks; "Authorization" gets "Bearer " */
	struct secret secret; /* absent when the variable is not set */
};

struct creds {
	struct arena *arena;
	const char *(*getenv)(void *ctx, const char *name);
	void *ctx;
	struct redactor *redactor;
	VEC(struct creds_binding) policy, usual;
	struct secret bearer;  /* AWS_BEARER_TOKEN_BEDROCK */
	struct creds_aws *aws; /* signs for AWS; NULL: nothing is signed here */
};

void creds_init(struct creds *c, struct arena *a, struct redactor *redactor,
		const char *(*getenv_fn)(void *ctx, const char *name), void *ctx);
/* One entry of the policy's trust.credentials; header may be NULL. */
int creds_bind(struct creds *c, struct str host, const char *env, const char *header,
	       struct err *err) MUST_USE;
/* A provider's usual variable for its own endpoint ("api.openai.com", "OPENAI_API_KEY"). */
void creds_bind_usual(struct creds *c, const char *host, const char *env);

/* Bedrock's API key, for AWS's own hosts and the operator's endpoints. */
void creds_bind_bedrock(struct creds *c);

/* The header that authenticates req at u, as "Name: value" NUL-terminated in `a`; NULL in *out when the
 * request goes out anonymous, or has to be signed (WIRE_AUTH_SIGV4).  -1: a credential is due and
 * missing (ERR_TRUST). */
int creds_header(const struct creds *c, const struct wire_req *req, const struct url *u,
		 const char **out, struct arena *a, struct err *err) MUST_USE;

#endif
