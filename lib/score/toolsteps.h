/* What scorers of tool use share: the tool calls of a sample in order, and what a metric says of
 * a tool call it looks for.  Calls come from the trajectory, and from the answer those that the
 * trajectory lacks, so that none is missed.  Everything made lives in the evidence's arena. */
#ifndef SCORE_TOOLSTEPS_H
#define SCORE_TOOLSTEPS_H

#include "score/score.h"

struct toolstep {
	struct str name;
	const json_t *arguments; /* NULL: none */
};

struct toolsteps {
	VEC(struct toolstep) list;
};

/* -1 when nobody says which tools were called: that is unscored, not "none". */
int toolsteps_read(struct toolsteps *out, const struct evidence *ev, struct err *err) MUST_USE;
/* "lookup, refund" for reasons; "no tool" when empty. */
const char *toolsteps_show(const struct toolsteps *t, struct arena *a);

/* A call that is looked for: a name, in which * and ? stand for anything, and arguments that it has. */
struct toolwant {
	const char *name;
	const json_t *arguments; /* NULL: any */
	bool exact;              /* these arguments and no others */
};

struct toolwants {
	struct toolwant *v;
	size_t n;
};

/* A text, {name | pattern | tool, arguments | args, mode: partial | exact}, or a list of these. */
int toolwants_read(struct toolwants *out, const json_t *value, struct arena *a,
		   struct err *err) MUST_USE;
bool toolwant_fits(const struct toolwant *w, const struct toolstep *s);
/* As many pairs of a wanted call and a call of its own as there can be.  missing: the first wanted one
 * without a call, or n. */
size_t toolwants_match(const struct toolwants *w, const struct toolsteps *t, size_t *missing,
		       struct arena *a);

/* The schema of what toolwants_read takes. */
#define TOOLWANT_ONE                                                                               \
	"{\"anyOf\":[{\"type\":\"string\",\"minLength\":1},{\"type\":\"object\","                    \
	"\"additionalProperties\":false,\"properties\":{\"name\":{\"type\":\"string\"},"               \
	"\"pattern\":{\"type\":\"string\"},\"tool\":{\"type\":\"string\"},"                            \
	"\"arguments\":{\"type\":\"object\"},\"args\":{\"type\":\"object\"},"                          \
	"\"mode\":{\"enum\":[\"partial\",\"exact\"]}}}]}"
#define TOOLWANT_SCHEMA                                                                            \
	"{\"anyOf\":[" TOOLWANT_ONE ",{\"type\":\"array\",\"items\":" TOOLWANT_ONE "}]}"

#endif
