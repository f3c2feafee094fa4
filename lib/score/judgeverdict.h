/* What a judge must answer: one JSON object {"pass": bool, "score": 0 … 1, "reason": text}, alone
 * or alone in a code fence.  Everything else is no verdict: missing or further members, wrong
 * types, a score out of range, a score that contradicts `pass`, prose, a second object. */
#ifndef SCORE_JUDGEVERDICT_H
#define SCORE_JUDGEVERDICT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "call/reply.h"

struct judge_verdict {
	bool pass;
	double score;
	struct str reason;
};

/* pass must equal score >= cut.  The err's text starts with "judge verdict". */
int judge_verdict_parse(struct judge_verdict *out, struct str text, double cut, struct arena *a,
			struct err *err) MUST_USE;
/* The same from a reply: a failed, cut, blocked, refused or empty one is no verdict either. */
int judge_verdict_read(struct judge_verdict *out, const struct reply *r, double cut,
		       struct arena *a, struct err *err) MUST_USE;

#endif
