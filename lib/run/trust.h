/* What the policy's `trust` allows a run: the hosts it may call, the credentials it may send, made ready for
 * net. */
#ifndef RUN_TRUST_H
#define RUN_TRUST_H

#include "net/creds.h"
#include "net/hosts.h"
#include "run/run.h"

/* The entries of trust.hosts and trust.credentials that mean nothing, each in its place. */
void trust_check(struct run *r, struct diags *d);
/* The hosts alone. */
int trust_hosts(struct hosts *hosts, const struct run *r, struct err *err) MUST_USE;
/* Fill in both; without a stage (measuring) as without a list. */
int trust_open(struct hosts *hosts, struct creds *creds, struct run *r, struct err *err) MUST_USE;

#endif
