/* struct aws_chain: which source of AWS credentials is to be asked, as the environment and the profile
 * files say, in the order of AWS's own tools; decided without a call.  struct aws_key: one
 * credential.  Keys are views into the arena of the struct awsconf. */
#ifndef NET_AWS_CHAIN_H
#define NET_AWS_CHAIN_H

#include "net/awsconf.h"

#include <stdint.h>

struct aws_key {
	struct str id, secret, token; /* token absent for a lasting key */
	int64_t expires_ms;           /* wall time; 0 = never */
};

struct aws_role {
	struct str arn, session, external_id;
	int64_t duration_s; /* 0 = the service's own */
};

enum aws_source {
	AWS_SOURCE_KEY,
	AWS_SOURCE_WEB,       /* web identity token file */
	AWS_SOURCE_SSO,
	AWS_SOURCE_PROCESS,
	AWS_SOURCE_CONTAINER,
	AWS_SOURCE_IMDS,
};

enum { AWS_ROLES_MAX = 8 };

struct aws_chain {
	enum aws_source source;
	const char *name; /* "the environment", "profile 'x'", … for messages */
	struct aws_key key;
	struct str token_file; /* web identity */
	struct aws_role web;
	struct str sso_session, sso_url, sso_region, sso_account, sso_role;
	struct str command; /* credential_process */
	struct aws_role role[AWS_ROLES_MAX]; /* to assume with what the source gives, in this order */
	size_t nrole;
	const char *tried; /* what was looked at and gave nothing */
};

/* -1: the settings contradict themselves, or a source is half configured. */
int aws_chain_find(struct aws_chain *out, const struct awsconf *c, struct err *err) MUST_USE;

#endif
