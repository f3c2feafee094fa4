/* struct topic: one thing that `gate help` can explain.  All texts are carried in the binary and
 * borrowed from it: manual pages, the pages of docs/, and the sections of docs/rules.md. */
#ifndef GATE_TOPIC_H
#define GATE_TOPIC_H

#include "gate/cmd.h"

struct topic {
	struct str name, kind; /* "run", "command" */
	struct str text;       /* ready to print */
};

struct topics {
	VEC(struct topic) v;
};

/* Commands first, then files, pages, scorers, providers and rules. */
void topics_all(struct topics *out, struct arena *a);

#endif
