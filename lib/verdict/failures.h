/* struct failures: what went wrong, grouped for people: by suite, metric (or cause of a call
 * without an answer) and the shape of the reason, with the three worst cases of each group, what
 * its samples share, and how much it makes of what a threshold lacks.  Fed one outcome at a time in
 * any order with bounded memory (some twenty bytes a sample); the result depends only on the set of
 * outcomes.  A twin suite's samples are no failures of the candidate.  What it keeps is model text: views escape it. */
#ifndef VERDICT_FAILURES_H
#define VERDICT_FAILURES_H

#include "base/arena.h"
#include "record/record.h"

struct failures;
struct stage;
struct verdict_table;

/* `planned` of every suite must be final.  `s` is NULL where nothing is decided; it and `head`
 * must outlive the result. */
struct failures *failures_new(const struct record *head, const struct stage *s, struct arena *a);
void failures_add(struct failures *f, const struct outcome *o);

/* After verdict_decide has filled rec->finding[] from `t` (NULL: nothing is decided):
 * [{suite, metric, scorer?, kind, pattern, count, of, rest?, gaps, slices, answers?, cases}].
 *
 * kind is "score" (on the bad side of its cut), "unscored" (no score, and why), "error" (no answer;
 * metric ""), "measure" (past the bar of a threshold on a measurement that did not pass) or "slice"
 * (a slice whose failures are of many shapes, but twice as many as elsewhere: pattern key=value,
 * count of `of`, elsewhere rest.count of rest.of).  pattern "" means that the reasons have nothing
 * in common.  Slices overlap with the other groups; a sample may fail on several metrics.
 *
 * gaps: of each threshold on the metric that did not pass: `gap` (above 0: lacking; its unit and that
 * of `part`: verdict/failure_gap.h), `part` of the group's `count` samples, `share` = part / gap
 * (null where there is no gap), `width` that its `unscored` samples hold open.  First the threshold
 * that the group stands by: blocking before warnings, failed before undecided.
 *
 * Order: by that threshold's severity and verdict; then groups that could close its gap alone
 * before those that could not, by share; then by count; then as the policy
 * has them. */
const json_t *failures_json(const struct failures *f, const struct record *rec,
			    const struct verdict_table *t, struct arena *a);

/* The shape of a reason: digits, quoted pieces and hexadecimal runs replaced, one line, cut. */
struct str failure_pattern(struct str reason, struct arena *a);

#endif
