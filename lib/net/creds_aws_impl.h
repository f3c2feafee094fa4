/* The inside of struct creds_aws and what its sources share.  For the creds_*.c files alone.  A source ends
 * with one call of creds_aws_got or creds_aws_failed, from the loop or at once. */
#ifndef NET_CREDS_AWS_IMPL_H
#define NET_CREDS_AWS_IMPL_H

#include "base/buf.h"
#include "net/child.h"
#include "net/creds_aws.h"

struct creds_fetch {
	struct creds_aws *c;
	struct wire_req req;
	struct hosts_grant door;
	struct http_xfer xfer;
	struct buf body;
	struct loop_timer again;
	int64_t timeout_ms;
	int64_t date_ms;       /* the answer's Date; 0 = none */
	unsigned tries, tried; /* attempts allowed and made */
	/* status 0: nothing came, and why says why. */
	void (*done)(struct creds_aws *c, int status, struct str body, const char *why);
};

struct creds_skew {
	struct str host;
	int64_t offset_ms;
};

struct creds_aws {
	struct creds_aws_opts o;
	struct arena work; /* of the fetch under way */
	struct awsconf conf;
	struct aws_chain chain;
	size_t role; /* the next one to assume */
	struct aws_place place; /* of the fetch under way; no region where nothing says one */
	struct str own_url[AWS_SERVICES]; /* the operator's endpoints, as they were at the start */
	struct creds_fetch fetch;
	struct child_xfer child;
	struct buf out; /* of the child */
	struct loop_task start;
	bool busy;

	struct aws_key key; /* the one in force; id absent: none yet */
	int64_t got_ms;     /* when it was fetched */
	bool spent;         /* a service said it has run out */
	const char *why;    /* the last fetch failed */
	int64_t failed_ms;
	struct creds_aws_wait *waiting, **waiting_end;
	VEC(struct creds_skew) skew;
	struct { /* of the fetch under way */
		struct str token; /* IMDS's, or SSO's access token */
		const struct aws_role *assumed;
		struct aws_key with; /* whose role it is to be */
		bool skewed;
	} step;
};

/* A key, copied and taught to the redactor, is the source's answer: roles come next. */
void creds_aws_got(struct creds_aws *c, const struct aws_key *k);
void creds_aws_failed(struct creds_aws *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A copy in the fetch's arena, known to the redactor. */
struct str creds_aws_secret(struct creds_aws *c, struct str s);
/* {AccessKeyId, SecretAccessKey, Token or SessionToken, Expiration}; NULL or what is wrong with it. */
const char *creds_aws_read(struct creds_aws *c, struct str json, const char *token_name,
			   struct aws_key *out);
/* Keys fit into headers: printable and without white space. */
bool creds_aws_printable(struct str s);
/* The text of a file that may hold a secret; false after creds_aws_failed. */
bool creds_aws_file(struct creds_aws *c, struct str path, struct str *out);

/* Prepare c->fetch; headers are added by the caller, creds_fetch_go sends it. */
struct creds_fetch *creds_fetch_new(struct creds_aws *c, const char *method, struct str url);
void creds_fetch_header(struct creds_fetch *f, const char *name, struct str value);
void creds_fetch_go(struct creds_fetch *f);
void creds_fetch_cancel(struct creds_fetch *f);

void creds_sts_web(struct creds_aws *c);
void creds_sts_assume(struct creds_aws *c, const struct aws_role *role, const struct aws_key *with);
void creds_sso_start(struct creds_aws *c);
void creds_process_start(struct creds_aws *c);
void creds_container_start(struct creds_aws *c);
void creds_imds_start(struct creds_aws *c);

#endif
