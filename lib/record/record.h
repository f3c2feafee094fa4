/* struct record: the head of everything a run saw and decided; struct outcome: one sample.  The
 * head is record.json (a few MB at most), the outcomes are outcomes.jsonl, one line a sample in
 * canonical order (suite, case, sample), its sha256 in the head.  Reports, comparison, merge
 * and attestation are views of these and need nothing else.  Plain data: whoever builds a record
 * owns the arena that everything in it points into. */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/pos.h"
#include "base/str.h"
#include "call/metric.h"
#include "call/reply.h"

#include <jansson.h>

struct metric_head {
	const char *name;
	const char *scorer;      /* "" for built-ins */
	enum metric_kind kind;
	enum direction direction;
	double cut;
	const char *unit;        /* "", "ms", "usd", "tok", "tok/s" */
	bool has_range;          /* declared bounds of a METRIC_VALUE */
	double lo, hi;
	bool builtin;            /* ttft ttlt tpot latency tps tokens_in tokens_out cost truncated
	                          * refused blocked unscored */
	bool judged;             /* a model gives it: a score is the judge's word */
	double weight;
};

/* What a suite's samples are for.  The samples of a twin are in no threshold's own denominator. */
enum suite_role {
	SUITE_PLAIN,
	SUITE_BASELINE,    /* the same cases played by the baseline's target */
	SUITE_CALIBRATION, /* answers with people's labels, scored by the judge of one metric */
};
const char *suite_role_name(enum suite_role r); /* "plain" "baseline" "calibration" */
int suite_role_parse(struct str name);

/* What a plain suite is compared with, where a threshold asks. */
enum suite_base {
	BASE_NONE,   /* no threshold asks */
	BASE_TWIN,   /* the suite whose role is SUITE_BASELINE and whose `of` is this */
	BASE_SAME,   /* nothing: the same candidate id on both sides */
	BASE_ABSENT, /* nothing: the baseline has no such target */
};
const char *suite_base_name(enum suite_base b); /* "none" "twin" "same-candidate" "none-yet" */
int suite_base_parse(struct str name);

struct suite_head {
	const char *name;        /* of a twin: SUITE@baseline, SUITE/METRIC@calibration */
	const char *target;
	enum suite_role role;
	const char *of;          /* twins: the plain suite; else NULL */
	const char *of_metric;   /* SUITE_CALIBRATION: the metric whose judge is measured; else NULL */
	enum suite_base base;
	const char *reused;      /* the run whose outcomes stand for calls, or NULL */
	struct digest suite_id, candidate_id;
	bool is_new;             /* absent at the policy ref: no threshold may use it */
	unsigned repeats;
	struct metric_head *metric;
	size_t nmetric;
	size_t planned, scored, unscored, quarantined, surplus; /* samples */
	size_t cases;
	size_t good, bad;        /* SUITE_CALIBRATION: cases that people called so */
	double usd, judge_usd;   /* that this run paid for target and judges; NaN = unpriced */
	int64_t wall_ms;
};

enum sample_status { SAMPLE_SCORED, SAMPLE_UNSCORED, SAMPLE_QUARANTINED, SAMPLE_SURPLUS };
const char *sample_status_name(enum sample_status s);
int sample_status_parse(struct str name); /* -1 when unknown, here and below */

enum cell_state {
	CELL_ABSENT,   /* the metric does not apply to this sample (not streamed, per-case assert) */
	CELL_SCORED,
	CELL_UNSCORED, /* should have a value and has none: counted at worst and best */
};

struct cell {
	enum cell_state state;
	double value;
	struct str reason;      /* why this score, or why unscored */
};

struct tag {
	struct str key, value;  /* slices select by these: every scalar variable of the case */
};

/* times.begun_ms of an outcome: beyond 45 days it is not known. */
#define BEGUN_MS_MAX INT64_C(4000000000)

struct outcome {
	size_t seq;             /* position in canonical order over the whole run */
	unsigned suite;         /* index into record.suite */
	struct str case_id;
	unsigned sample;        /* 0 … repeats-1 */
	enum sample_status status;
	struct str cluster;     /* cluster id; the case id unless the case says otherwise */
	double weight;
	const struct tag *tag;
	size_t ntag;
	const struct cell *cell; /* parallel to suite.metric */
	/* the answer, for reports and review */
	struct str input, answer;
	struct reply reply;      /* without text: finish, usage, times, model, request id, fail … */
	double cost_usd, judge_usd; /* NaN = unpriced */
	struct digest call;      /* digest of the (last) target call */
	struct pos at;           /* the case's place in its dataset */
	const json_t *detail;    /* scorer details by metric, or NULL */
	const json_t *quarantine; /* {until, owner, reason} of a quarantined one, or NULL */
};

struct record;
/* The twin of suite `of` with this role; of a calibration, of this metric (else NULL).  NULL: none. */
const struct suite_head *record_twin(const struct record *r, const char *of, enum suite_role role,
				     const char *metric);

/* An iterator: next gives 1 with *o filled (valid until the next call on the same arena rewind), 0 at the end, -1. */
struct outcomes {
	int (*next)(struct outcomes *it, struct outcome *o, struct arena *a, struct err *err);
	int (*rewind)(struct outcomes *it, struct err *err);
	void *ctx;
	bool brief; /* asked by who decides: texts, answer, usage and the rest of *o may stay empty */
};

enum verdict_kind { VERDICT_PASS, VERDICT_FAIL, VERDICT_UNDECIDED, VERDICT_NA };
const char *verdict_name(enum verdict_kind v); /* "pass" "fail" "undecided" "n/a" */
int verdict_parse(struct str name);
const char *metric_kind_name(enum metric_kind k); /* "binary" "graded" "value" */
int metric_kind_parse(struct str name);
const char *direction_name(enum direction d); /* "higher" "lower" "none" */
int direction_parse(struct str name);
/* Is it a measured time?  Only these differ between two runs of the same thing. */
bool metric_is_time(const struct metric_head *m);
/* Is x on the good side of the cut, by direction? */
bool metric_passes(const struct metric_head *m, double x);

/* One threshold, decided for one suite (an unqualified built-in gives one row per suite). */
struct finding {
	const char *text;        /* as written: "correct.mean >= 0.90" */
	const char *label;       /* shown: "answers/ttft.p95", with slice */
	struct pos at;           /* in the policy */
	const char *suite, *metric, *aggregate, *slice, *op;
	double bound;
	const char *bound_text;  /* "0.90", "800 ms", "baseline - 0.02" */
	const char *unit;
	bool blocking;           /* severity block */
	bool observed_only;      /* decide: observed */
	double confidence;
	enum verdict_kind verdict;
	bool has_estimate;
	double estimate;
	const char *observed_text; /* "471/500", "731 ms" */
	bool has_bounds;
	double lower, upper;     /* one-sided bounds at `confidence`, unscored at worst and best */
	size_t n, clusters, unscored, absent;
	double hits;             /* binary: samples at or above the cut */
	const char *method;      /* "clopper-pearson", "betting", "rate-test", "observed" … */
	const char *note;        /* "≈ 1,820 cases at this rate would decide", caveats; or NULL */
	const char *because;     /* the policy's words; or NULL */
	bool unreachable;
	double detects;          /* distance of the truth from the bar or margin that so many cases decide 4
				  * times of 5; NaN = not told */
	int64_t needed;          /* cases that would decide; 0 = none would; -1 = not computed */
	size_t blocks;           /* of times: how many independent ones they are as good as; 0 = not known */
	const json_t *judge;     /* the judge against people, as record.schema.json has it; or NULL */
	const json_t *paired;    /* against the baseline, as record.schema.json has it; or NULL */
};

struct spend {
	double usd;              /* target + judge + baseline; NaN when anything is unpriced */
	int64_t tokens, calls, attempts, reused;
	bool resumed;            /* what was paid before the interruption is not all known: at least this */
	bool tokens_open;        /* some call reported no usage: at least these tokens */
};

struct record {
	int version;             /* 1 */
	const char *gate_version;
	const char *run_id;
	int64_t start_ms, end_ms;
	/* what was judged */
	const char *repo, *commit, *tree, *branch, *config_path;
	bool worktree, measure, filtered, proposed;
	bool replayed;           /* --replay: answers and times of an earlier day */
	const char *proxy;       /* that calls went through, without its login; or NULL */
	const json_t *places;    /* target → region and endpoint, for those at AWS; or NULL */
	/* by whose rules */
	const char *stage;
	const char *policy_ref, *policy_commit, *policy_path; /* NULL when none */
	const char *policy_self; /* NULL, "self" or "self (first adoption)" */
	struct digest policy_digest;
	const json_t *prices;    /* {sha256, date, source, path?, oid?} of the price table, or NULL */
	const json_t *policy;    /* the stage's part as decided on: thresholds, budget … */
	double confidence;
	uint64_t seed;
	struct digest candidate_id, plan_digest; /* of the stage: all targets; of the plan */
	const json_t *artifacts; /* [{role, path, oid, of}] */
	const json_t *baseline;  /* {named, commit?, run?}: what was compared with; or NULL */
	const json_t *combination; /* {matrix, oid, name}: targets are no longer the commit's own; or NULL */
	struct suite_head *suite;
	size_t nsuite;
	struct digest outcomes_digest;
	size_t noutcome;
	struct finding *finding;
	size_t nfinding;
	enum verdict_kind verdict;
	int exit_code;
	const char *stopped;     /* why the run ended early, or NULL */
	struct spend spend;
	const json_t *failures;  /* grouped failures, made by summary */
	const json_t *notes;     /* array of strings: warnings people must see */
	const json_t *facts;     /* by target: what was learnt of it before its first call; or NULL */
	const json_t *earlier_verdicts; /* {total, passed, failed, undecided, fresh, runs}: record/past.h; or NULL */
	const json_t *judges;    /* each judge's agreement with people, and what it was before; or NULL */
	const json_t *flaky;     /* failing cases that passed before, same candidate and suite; or NULL */
};

#endif
