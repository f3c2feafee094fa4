/* The verdict: thresholds of a stage decided on the samples of a run.  struct verdict_table holds
 * the columns that the stage's thresholds need, fed one outcome at a time in any order and kept by
 * outcome.seq, so that order of completion, -j and `report --decide` cannot change a bit of the
 * result.  verdict_plan_check matches thresholds with suites and finds those that the planned
 * cases can never pass; verdict_decide fills the record's findings.  Nothing here reads a clock, a
 * file or the environment.  Whatever is missing, malformed or not a number can only make a verdict
 * undecided: never a pass. */
#ifndef VERDICT_VERDICT_H
#define VERDICT_VERDICT_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "record/record.h"
#include "verdict/policy.h"

/* In the note of every row on times, since slowness comes in spells; after it, where the calls' starts are
 * known, how many blocks of time they are as good as, with a warning when those are few. */
#define VERDICT_INDEPENDENT "valid for independent calls"
enum { VERDICT_BLOCKS_FEW = 30 };

struct verdict_table;

/* A table for the thresholds of `s` over head->suite[]: `planned` of each suite must be final.
 * Needs about 9 bytes a sample for each metric that some threshold names, and 30 for the sample.
 * `s` and head->suite must outlive it; it lives in `a`. */
struct verdict_table *verdict_table_new(const struct stage *s, const struct record *head,
					struct arena *a);
/* Tell of a planned sample before any call: seq, suite, case_id, sample, cluster, weight, tags and
 * status (QUARANTINED, or anything else) are read, cells are not.  Optional: without it
 * verdict_plan_check takes every case as its own cluster and does not look into slices. */
int verdict_table_plan(struct verdict_table *t, const struct outcome *o, struct err *err) MUST_USE;
/* Take in a finished sample (once per seq; nothing of *o is kept by reference).  -1 when it cannot
 * belong to this run: seq or suite out of range, seq seen before, a weight that is not above 0. */
int verdict_table_add(struct verdict_table *t, const struct outcome *o, struct err *err) MUST_USE;

/* What the plan knows of a suite and the record's head does not. */
struct verdict_suite_info {
	bool streamed; /* false: no ttft, ttlt, tpot, tps will be measured */
	bool timed;    /* false: nothing is timed (recorded answers): no latency either */
	bool priced;   /* false: cost cannot be known (no price table, or nothing is called) */
	struct pos at; /* the suite in gate.yaml, or no place */
};

struct verdict_plan_info {
	const struct verdict_suite_info *suite; /* parallel to head->suite */
	const struct verdict_table *planned;	/* fed by verdict_table_plan, or NULL */
	const char *const *all_suites;		/* every suite of gate.yaml, for did-you-mean */
	size_t nall_suites;
	const struct record *past; /* the newest record with a baseline: how often answers differed; or NULL */
};

struct verdict_plan {
	size_t blocking;    /* blocking rows */
	size_t unreachable; /* blocking rows that cannot pass: undecided before any call */
};

/* Match every threshold with head->suite[].metric[].  0 and head->finding[] holds one row per
 * (threshold, suite) with verdict undecided, n = planned samples, `needed` = the fewest perfect
 * cases that pass (-1 where cases have weights or nothing is proved), and for a row that even perfect
 * samples cannot pass `unreachable` and a note with the three ways out; or -1 with
 * errors in *d. */
int verdict_plan_check(struct verdict_plan *out, const struct stage *s,
		       const struct verdict_plan_info *info, struct record *head, struct arena *a,
		       struct diags *d) MUST_USE;

/* Fill rec->finding[] and rec->verdict from the table (made for the same stage and suites; a
 * planned sample that never came counts as unscored).  rec->spend must be final when a threshold
 * asks for it.  finding.n counts scored and unscored samples; a side of the bounds that the data
 * cannot give is NaN.  -1 only when the thresholds do not match the suites (a record that was
 * tampered with: plan_check has passed before). */
int verdict_decide(struct record *rec, const struct verdict_table *t, const struct stage *s,
		   struct arena *a, struct err *err) MUST_USE;

/* The stage's verdict from its rows: fail if a blocking one fails, else undecided if one is
 * undecided or there is none, else pass.  An n/a row neither blocks nor counts. */
enum verdict_kind verdict_of_stage(const struct finding *f, size_t n);

/* What an early stop saved, and what it costs where everything is played: for views. */
const char *verdict_early_text(const struct record *r, struct arena *a);
/* A value in its unit: "731 ms", "12.4 s", "$0.0041", "1,820 tok", "0.942".  Shared with views. */
const char *verdict_value_text(double x, const char *unit, struct arena *a);
/* "1,820". */
void verdict_count_text(char out[32], uint64_t n);

#endif
