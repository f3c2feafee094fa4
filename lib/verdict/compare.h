/* struct compare: two to COMPARE_SIDES_MAX records side by side.  Each is set against the first:
 * samples are paired by suite, case id and number, and every metric gets its difference with a
 * two-sided interval, the cases that went from right to wrong and back, and percentiles of times.
 * All records together get a frontier of quality, cost and latency (pareto.h).  It shows and decides
 * nothing.  Everything in it lives in the arena given to compare_records; records and outcomes are
 * only read, the samples of two records are in memory at a time, as columns of numbers. */
#ifndef VERDICT_COMPARE_H
#define VERDICT_COMPARE_H

#include "record/record.h"
#include "verdict/pareto.h"

/* Records that a person may name; combinations of a matrix may be more. */
enum { COMPARE_RECORDS_MAX = 20, COMPARE_SIDES_MAX = 64, COMPARE_FLIPS = 10 };
/* Both sides of every interval together. */
#define COMPARE_RISK 0.05

struct compare_side {
	const struct record *head;
	struct outcomes *outcomes;
	enum suite_role role; /* SUITE_PLAIN, or SUITE_BASELINE: what the run's baseline answered */
	const char *label;    /* "A", "B" … "Z", "AA" … */
	const char *name;     /* as the person called it */
	bool combination;     /* of a matrix: the name says what it is */
};

/* The commit of that side, and what names it: a branch, "merge-base".  NULL when unknown. */
const char *compare_side_commit(const struct compare_side *s);
const char *compare_side_ref(const struct compare_side *s);

struct compare_opts {
	size_t flips;	    /* cases listed for each metric and direction */
	const char *metric; /* quality on the frontier: "[suite/]metric"; NULL: each suite's first */
};

/* One metric on one side: over the pairs, or over all samples where they cannot be paired. */
struct compare_value {
	size_t n, unscored; /* samples that should have a value */
	double mean;	    /* NaN without any */
};

struct compare_quantile {
	double p, before, after;
	double lower, upper; /* of after - before; infinite where there are too few samples */
};

/* A case whose answers are right more often, or less often, than before. */
struct compare_flip {
	struct str case_id;
	bool worse;
	unsigned samples, right_before, right_after;
	double before, after; /* means of the values */
	uint32_t wrong_at;    /* its first wrong sample on the worse side: position in the outcomes */
	struct str reason;    /* why that one is wrong; may be empty; anybody's text */
};

enum { COMPARE_QUANTILES = 2 };

struct compare_metric {
	const struct metric_head *head; /* the later side's */
	bool comparable;		/* false: another kind or unit than before */
	bool cut_moved, paired;
	size_t n, clusters; /* pairs; 0 when unpaired */
	struct compare_value before, after;
	double diff, lower, upper; /* after - before; NaN where unknown */
	const char *method;	   /* "tango", "betting", "t", "score", "bounds", "welch"; NULL: none */
	/* Pairs that crossed the cut: right means on the good side of it. */
	bool has_flips;
	size_t worse, better;
	double p, p_holm; /* exact McNemar, two-sided; NaN where it does not apply */
	size_t nquantile;
	struct compare_quantile quantile[COMPARE_QUANTILES]; /* of values with a unit */
	struct compare_flip *flip;			     /* worse ones first, largest drop first */
	size_t nflip, worse_cases, better_cases;	     /* all of them, listed or not */
};

struct compare_suite {
	const char *name;
	const struct suite_head *before, *after;
	bool same_candidate, same_suite;
	bool paired;
	size_t pairs, only_before, only_after;
	size_t left_out; /* quarantined or surplus on either side */
	struct compare_metric *metric;
	size_t nmetric;
	const char **lost_metric, **new_metric;
	size_t nlost_metric, nnew_metric;
};

struct compare_pair {
	const struct compare_side *before, *after;
	bool same_candidate, same_policy;
	const char **note; /* what a reader must know before the numbers */
	size_t nnote;
	struct compare_suite *suite;
	size_t nsuite;
	const char **lost_suite, **new_suite;
	size_t nlost_suite, nnew_suite;
	size_t tests; /* p-values that Holm's adjustment took together */
};

struct compare {
	const struct compare_side *side;
	size_t nside;
	struct compare_pair *pair; /* the first record and each of the others */
	size_t npair;
	struct pareto *pareto; /* a table for each suite that two records have */
	size_t npareto;
	size_t flips; /* compare_opts.flips */
};

/* -1 when a record cannot be read or contradicts itself (ERR_TRUST), when no suite is in both, or
 * when opts->metric names none (ERR_USAGE). */
int compare_records(struct compare *out, const struct compare_side *side, size_t n,
		    const struct compare_opts *opts, struct arena *a, struct err *err) MUST_USE;

#endif
