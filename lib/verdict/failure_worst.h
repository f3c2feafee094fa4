/* struct worst: the three worst samples of a group, each of another case, the worst first; equal
 * ones in canonical order.  Texts are cut copies.  For failures only. */
#ifndef VERDICT_FAILURE_WORST_H
#define VERDICT_FAILURE_WORST_H

#include "base/arena.h"
#include "record/record.h"

enum { WORST_CASES = 3, WORST_ID_MAX = 100, WORST_TEXT_MAX = 240 };

struct worst_case {
	size_t seq;
	unsigned sample;
	double badness, value;
	size_t nid, nreason, ninput, nanswer;
	char id[WORST_ID_MAX], reason[WORST_TEXT_MAX], input[WORST_TEXT_MAX],
		answer[WORST_TEXT_MAX];
};

struct worst_cases {
	struct worst_case *v[WORST_CASES];
	size_t n;
};

/* How bad one sample is, and why. */
struct bad {
	const struct outcome *o;
	double badness, value; /* value NaN: none */
	struct str reason;
};

void worst_cases_add(struct worst_cases *w, const struct bad *bad, struct arena *a);
/* [{case, sample, seq, value, reason, input, answer}].  Caller owns it. */
json_t *worst_cases_json(const struct worst_cases *w);

#endif
