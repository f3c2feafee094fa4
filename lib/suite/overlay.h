/* struct overlay: some members of one target, replaced before the project is loaded: what the commit's
 * gate.yaml would be with them.  The policy's side stays as it is, so suites and judges are those of
 * any other run.  Values stand in a document of their own (matrix.h), and mistakes in them are
 * told there.  Plain data; whoever made it owns it. */
#ifndef SUITE_OVERLAY_H
#define SUITE_OVERLAY_H

#include "suite/suite.h"

enum { OVERLAY_MEMBERS = 3 };

struct overlay {
	const struct doc *doc;      /* where the values stand */
	const char *target;
	const char *const *suite;   /* the ones that are played; none: all of that target */
	size_t nsuite;
	struct overlay_member {
		const char *key;    /* "prompt"; NULL: not replaced */
		const json_t *array;
		size_t index;
	} member[OVERLAY_MEMBERS];
	const char *name;           /* for people: "prompts/a.md · m1" */
};

/* gate.yaml with the members replaced, in *out.  False, with a located error, when it has no such target. */
bool overlay_apply(const struct doc **out, const struct doc *gate, const struct overlay *o, struct arena *a,
		   struct diags *d);
/* Are the suites that it names there, and of its target?  `suites`: those of gate.yaml, by name. */
void overlay_check(const struct overlay *o, const json_t *suites, const char *file, struct diags *d);
/* Is this one of the suites that it plays? */
bool overlay_wants(const struct overlay *o, const char *name, const json_t *suite);

#endif
