/* What the store knows of runs that have ended: the list of them, the verdicts on the same candidate and
 * suites, and how each case did.  A case is flaky when the same candidate and suite gave it both
 * a pass and a failure.  Everything returned is a copy in the caller's arena; nothing here
 * decides anything.  Kept are the last 50 runs of a candidate at a suite, and 64 MiB in all: the
 * oldest go first. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "store/marks.h"
#include "store/store.h"
#include "store/tally.h"

enum { HISTORY_RUNS_MAX = 50 };

/* Newest first. */
struct store_run {
	const char *run_id, *stage, *commit, *branch, *verdict, *folder, *head_json;
	struct digest candidate_id, plan;
	int64_t start_ms;
	int exit_code;
};
int store_history(struct store *s, size_t limit, struct store_run **run, size_t *n,
		  struct arena *a, struct err *err) MUST_USE;

/* Runs of the same stage with the very candidate and suites of `head`, whatever the policy said; not this run
 * itself, and none that measured, judged a part or was refused before its first call. */
struct earlier {
	const char *run_id, *verdict;
	int64_t start_ms, calls; /* calls: that it made, the rest was reused */
	int exit_code;
	bool has_policy;
	struct digest policy;
};
struct earlier_list {
	size_t total, passed, failed, undecided; /* of all of them */
	struct earlier *run;    /* the newest `limit` */
	size_t n;
};
int history_earlier(struct store *s, const struct record *head, size_t limit, struct earlier_list *out,
		    struct arena *a, struct err *err) MUST_USE;

/* The newest `limit` runs but `not_run` whose head holds this text; of each its id and start alone. */
int history_holding(struct store *s, const char *text, const char *not_run, size_t limit, struct store_run **run,
		    size_t *n, struct arena *a, struct err *err) MUST_USE;

/* Keep what the run saw anew, and drop what is too much; store_flush or store_run_end commits it. */
int history_put(struct store *s, const struct record *head, const struct marks *m, struct err *err) MUST_USE;

/* Earlier runs of one of the head's suites, added up; this run itself is left out. */
int history_tally(struct store *s, const struct record *head, size_t suite, struct tally *out,
		  struct err *err) MUST_USE;

/* Flaky cases of all suites, or of the one named; the most flaky first: by the share of the rarer
 * side, then by how often it was seen. */
struct flaky {
	const char *suite;
	struct str case_id, metric;
	struct tally_count count;  /* over the candidates it was flaky with */
	size_t candidates;
};
int history_flaky(struct store *s, const char *suite, struct flaky **out, size_t *n, struct arena *a,
		  struct err *err) MUST_USE;

/* What the last runs saw of one case, of whatever candidate. */
struct case_metric {
	struct str name, mark;
};
struct case_run {
	const char *run_id;
	int64_t start_ms;
	bool same;              /* candidate and suite are those asked for */
	const struct case_metric *metric;
	size_t nmetric;
};
int history_case(struct store *s, const struct suite_head *suite, struct str id, struct case_run **run,
		 size_t *n, struct arena *a, struct err *err) MUST_USE;

#endif
