/* redecide: a record's verdict taken again from its outcomes and the policy it carries, with
 * nothing else: no clock, no network, no file but the record.  A record that nobody edited gives
 * its own findings bit for bit; what differs is listed.  It changes nothing in the record. */
#ifndef VERDICT_REDECIDE_H
#define VERDICT_REDECIDE_H

#include "base/arena.h"
#include "base/err.h"
#include "record/record.h"

struct redecision {
	enum verdict_kind verdict;
	int exit_code;
	VEC(const char *) differences; /* one line each, of the record's own texts: views escape them */
};

/* 0, or -1 when it cannot be decided at all (ERR_TRUST: the record does not hold together). */
int redecide(struct redecision *out, const struct record *was, struct outcomes *it, struct arena *a,
	     struct err *err) MUST_USE;

/* The verdict and exit code of a head whose thresholds are decided: a part of a stage, a run that
 * was stopped, or a measurement with unscored samples is never green. */
void verdict_settle(struct record *head);

#endif
