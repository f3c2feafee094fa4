/* struct creds: which secret goes to which host.  Two sources: a provider's usual variable,
 * bound to that provider's own endpoint, and the policy's trust.credentials, bound to the host
 * named there.  A secret never goes to any other host; there the request is anonymous.  Values
 * are read through a getenv-like function, taught to the redactor, and never formatted. */
#ifndef NET_CREDS_H
#define NET_CREDS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "wire/url.h"
#include "wire/wire.h"

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
};

void creds_init(struct creds *c, struct arena *a, struct redactor *redactor,
		const char *(*getenv_fn)(void *ctx, const char *name), void *ctx);
/* One entry of the policy's trust.credentials; header may be NULL. */
int creds_bind(struct creds *c, struct str host, const char *env, const char *header,
	       struct err *err) MUST_USE;
/* A provider's usual variable for its own endpoint ("api.openai.com", "OPENAI_API_KEY"). */
void creds_bind_usual(struct creds *c, const char *host, const char *env);

/* The header that authenticates req at u, as "Name: value" NUL-terminated in `a`; NULL in *out when the
 * request goes out anonymous.  -1: a credential is due and missing (ERR_TRUST). */
int creds_header(const struct creds *c, const struct wire_req *req, const struct url *u,
		 const char **out, struct arena *a, struct err *err) MUST_USE;

#endif
