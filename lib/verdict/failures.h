/* struct failures: what went wrong, grouped for people: by suite, metric (or kind of error) and
 * the shape of the reason, with the three worst cases of each group, largest group first.  Fed one
 * outcome at a time in any order with bounded memory; the result depends only on the set of
 * outcomes.  What it keeps is model text: views escape it. */
#ifndef VERDICT_FAILURES_H
#define VERDICT_FAILURES_H

#include "base/arena.h"
#include "record/record.h"

struct failures;

struct failures *failures_new(const struct record *head, struct arena *a);
void failures_add(struct failures *f, const struct outcome *o);

/* [{suite, metric, kind, pattern, count, cases: [{case, sample, seq, value, reason, input,
 * answer}], slices: [{key, value, count, of}]}], largest first.  kind is "score" (on the bad side of
 * its cut), "unscored" (no score, and why) or "error" (no answer; metric "").  pattern "" means
 * that the reasons have nothing in common.  Texts are cut.  Belongs to the arena. */
const json_t *failures_json(const struct failures *f, struct arena *a);

/* The shape of a reason: digits, quoted pieces and hexadecimal runs replaced, one line, cut. */
struct str failure_pattern(struct str reason, struct arena *a);

#endif
