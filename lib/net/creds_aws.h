/* struct creds_aws: AWS credentials by AWS's own chain, fetched when first needed, renewed before
 * they run out, one fetch at a time.  What is fetched goes over the same loop and http as every call,
 * through a door that only this chain has: metadata services and the operator's own
 * endpoints, never a host that a repository or a policy names.  Each secret is taught to the
 * redactor the moment it is read. */
#ifndef NET_CREDS_AWS_H
#define NET_CREDS_AWS_H

#include "base/clock.h"
#include "base/secret.h"
#include "net/aws_chain.h"
#include "net/http.h"

struct child;
struct creds_aws;

struct creds_aws_opts {
	struct loop *loop;
	struct http *http;
	struct child *child;            /* for credential_process; NULL: none is run */
	struct clock clock;
	struct arena *arena;            /* the run's */
	struct redactor *redactor;
	const char *(*getenv)(void *ctx, const char *name);
	void *getenv_ctx;
	const char *const *environment; /* what credential_process is given: the operator's own */
};

struct creds_aws *creds_aws_new(const struct creds_aws_opts *o);
/* Cancels what is under way; nobody is called. */
void creds_aws_free(struct creds_aws *c);

/* The key of now.  NULL: it has to be fetched first (wait for it), or *why says why there is none. */
const struct aws_key *creds_aws_key(struct creds_aws *c, const char **why);
void creds_aws_wait(struct creds_aws *c, struct creds_aws_wait *w);
void creds_aws_unwait(struct creds_aws *c, struct creds_aws_wait *w);
/* The service says that `k`, by its id, has run out: fetch another.  False when there is no other to be had. */
bool creds_aws_expired(struct creds_aws *c, struct str id);

/* Time as that host has it: the wall clock, corrected by what the host said. */
int64_t creds_aws_time(const struct creds_aws *c, struct str host);
/* The host, whose Date is `wall_ms`, refused what was stamped `stamp_ms`.  True when that is more than 4 minutes
 * off; from then on its time is right.  Of many refused at once the first moves the clock, and all may go again. */
bool creds_aws_skew(struct creds_aws *c, struct str host, int64_t wall_ms, int64_t stamp_ms);
/* Is this URL an endpoint that the operator's environment or profile names for an AWS service? */
bool creds_aws_is_endpoint(const struct creds_aws *c, const struct url *u);

#endif
