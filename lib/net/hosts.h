/* struct hosts: where this run may connect.  Entries of the policy's trust.hosts:
 * "host[:port]" (https; a leading or inner "*" stands for exactly one label; default port 443),
 * "http://host[:port]" for plain text to a host that is not loopback (default 80), and
 * "aws:bedrock@REGION" for Bedrock's own hosts there ("@*": in any region), FIPS, dual-stack and VPC
 * endpoints included; "aws:bedrock-runtime@REGION" and its like for one of its services.  Without a list only the built-in
 * providers' own endpoints are allowed, and never a loopback or private address.  Plain http
 * without that prefix is for loopback alone.  Link-local and metadata addresses are always refused. */
#ifndef NET_HOSTS_H
#define NET_HOSTS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "wire/url.h"

struct hosts_entry {
	struct str text; /* as written */
	struct str host; /* pattern, lower case */
	unsigned port;
	bool plain;
	bool aws;          /* Bedrock's hosts, by the two below */
	int service;       /* an enum aws_service, or -1 for all of Bedrock's */
	struct str region; /* absent: any */
	bool builtin; /* a provider's own endpoint: no private addresses behind it */
};

struct hosts {
	struct arena *arena;
	VEC(struct hosts_entry) entry;
	bool listed; /* the policy has a list, maybe an empty one */
};

void hosts_init(struct hosts *h, struct arena *a);
/* A built-in provider's own endpoint; counts only while the policy has no list. */
void hosts_add_default(struct hosts *h, struct str host);
/* The same for Bedrock's hosts in every region. */
void hosts_add_default_aws(struct hosts *h);
/* The policy has a list (call once even when it is empty). */
void hosts_set_listed(struct hosts *h);
/* One entry of the policy's list; -1: it is no host[:port]. */
int hosts_add(struct hosts *h, struct str entry, struct err *err) MUST_USE;

struct hosts_grant {
	bool private_ok; /* named by the policy: may resolve to a private or loopback address */
	/* Never by any list: the credential chain alone asks metadata services, and past every proxy. */
	bool link_local_ok, no_proxy;
};
/* 0 with the grant, or -1 with cause and remedy (ERR_TRUST). */
int hosts_check(const struct hosts *h, const struct url *u, struct hosts_grant *out,
		struct err *err) MUST_USE;
/* Does pattern ("*" = one label) name host?  Both lower case. */
bool hosts_match(struct str pattern, struct str host);

#endif
