/* Where AWS's services are: the https base URL of a service in a region, and the reverse, whose
 * host this is.  struct aws_place is one target's place: its region, the forms the operator
 * asked for (FIPS, dual-stack) and the operator's own endpoints.  Pure; nothing is looked up. */
#ifndef WIRE_AWSHOST_H
#define WIRE_AWSHOST_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

enum aws_service {
	AWS_BEDROCK,
	AWS_BEDROCK_RUNTIME,
	AWS_BEDROCK_AGENT,
	AWS_BEDROCK_AGENT_RUNTIME,
	AWS_BEDROCK_AGENTCORE,
	AWS_BEDROCK_AGENTCORE_CONTROL,
	AWS_BEDROCK_MANTLE, /* speaks OpenAI's protocols, under api.aws only */
	AWS_STS,
	AWS_SSO, /* the portal that hands out a role's credentials */
	AWS_OIDC,
	AWS_SERVICES
};

struct aws_place {
	struct str region;
	bool fips, dualstack;
	struct str url[AWS_SERVICES]; /* the operator's own endpoint of a service; absent: AWS's */
};

/* Lower-case letters, digits and '-', as "us-east-1"; never anything that could end a host's label. */
bool awshost_region_ok(struct str region);
/* "https://bedrock-runtime.us-east-1.amazonaws.com", no '/' at its end, or the operator's endpoint
 * (whose path is kept).  -1: a region that is none, or a form that the service does not have. */
int awshost_url(struct str *out, const struct aws_place *p, enum aws_service s, struct arena *a,
		struct err *err) MUST_USE;
/* The name that its signatures carry: "bedrock" for the four classic services. */
const char *awshost_signing_name(enum aws_service s);
/* Its name in a host: "bedrock-runtime". */
const char *awshost_name(enum aws_service s);
/* What AWS_ENDPOINT_URL_… ends with and, lower-cased, its key in a profile's `services`: "BEDROCK_RUNTIME". */
const char *awshost_env_suffix(enum aws_service s);
/* Takes Bedrock's API key (AWS_BEARER_TOKEN_BEDROCK) in place of a signature. */
bool awshost_takes_bearer(enum aws_service s);

struct awshost {
	enum aws_service service;
	struct str region; /* inside the host's text */
	bool fips, dualstack, vpce;
};
/* Is `host` (lower case) one of AWS's own for the services above: plain, FIPS, dual-stack, or a VPC
 * endpoint's own name? */
bool awshost_parse(struct awshost *out, struct str host);

#endif
