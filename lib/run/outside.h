/* struct outside: what of a run reaches the network: http with the hosts that the policy allows, the credentials
 * that it may send, and AWS's chain of the operator.  One for each loop; whoever opens it closes it. */
#ifndef RUN_OUTSIDE_H
#define RUN_OUTSIDE_H

#include "net/child.h"
#include "net/creds.h"
#include "net/hosts.h"
#include "net/http.h"
#include "run/run.h"

struct outside {
	struct http *http;   /* NULL when nothing is called */
	struct child *child; /* the operator's credential_process */
	struct creds creds;
	struct hosts hosts;
};

/* Trust always; http only where the run `calls`. */
int outside_open(struct outside *o, struct run *r, struct loop *loop, bool calls, struct err *err) MUST_USE;
/* Also one that failed to open, or was only zeroed. */
void outside_close(struct outside *o);

#endif
