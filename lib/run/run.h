/* struct run: one judgement of one commit, from revision to record.  run_prepare opens the
 * repository, finds the policy's ref, loads policy and project from the trees they belong to,
 * matches every name and builds the plan: no socket is opened, nothing is spent.  run_execute plays,
 * scores and decides.  run_close writes the record.  check and plan stop after the
 * first.  Everything lives in the arena given in the options. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/secret.h"
#include "record/record.h"
#include "repo/policyref.h"
#include "repo/repo.h"
#include "score/score.h"
#include "store/store.h"
#include "suite/suite.h"
#include "verdict/verdict.h"

struct cost_terms;
struct marks;
struct overlay;
struct price_table;
struct record_file;

enum run_source { RUN_COMMIT, RUN_INDEX, RUN_WORKTREE };

struct run_opts {
	struct arena *arena;
	struct clock clock;
	env_fn *env;
	void *env_ctx;
	const char *gate_version;
	/* what is judged */
	const char *repo;        /* path or NULL */
	const char *commit;      /* revision; NULL = HEAD */
	enum run_source source;
	const char *config;      /* path in the tree or NULL */
	bool no_owner_check;
	const struct overlay *overlay; /* measuring: its members in place of the target's own; or NULL */
	const json_t *combination; /* {matrix, oid, name} for the record, with overlay */
	/* by whose rules */
	const char *policy_ref;  /* NULL: found by repo/policyref.h */
	const char *stage;       /* NULL: the only runnable one */
	const char *baseline;    /* revision or record; NULL: as the policy says */
	bool measure;            /* no policy: decide nothing; with a baseline every suite is played by both */
	bool by_policy;          /* measuring: with the policy's trust, prices and limits, where there is one */
	int64_t budget_micro;    /* measuring: micro-dollars that calls may cost; 0: no ceiling */
	/* which part of it */
	const char *const *only; /* suites */
	size_t nonly;
	const char *filter;      /* glob on case ids, or key=value */
	size_t sample;           /* that many cases of each suite, drawn; 0 = all */
	uint64_t seed;
	/* how */
	unsigned jobs;
	int64_t deadline_ms;     /* of a call; 0 = the caller's own */
	const char *store;       /* folder of the store and the records; NULL = memory only */
	const char *reply_dir;   /* --record or --replay DIR */
	bool replay;             /* only stored replies: a missing one is unscored */
	bool fresh;              /* call again whatever the store has */
	bool resume;
	bool spend_anyway;
	bool calls;              /* this is the run itself: programs will be started */
	bool allow_exec;         /* --allow-exec: where the policy is the commit's own word */
	const struct record *past; /* the newest record with a baseline, for plans; or NULL */
};

/* One metric, bound to its scorer. */
struct metric_plan {
	const struct metric_conf *conf;
	const struct scorer_ops *scorer;
	struct score_traits traits;  /* after `not-` */
	const void *prepared;        /* when the config is the same for every case */
	bool asserts;                /* the config is the case's own `assert` list */
	bool label;                  /* what people said of a labelled answer: no scorer */
	unsigned rater;              /* … which of them; 0: most */
};

struct suite_plan {
	const struct suite_conf *conf;
	enum suite_role role;
	size_t of;                   /* twins: position of their suite in run.suite */
	const char *of_metric;       /* SUITE_CALIBRATION */
	enum suite_base base;
	size_t twin;                 /* BASE_TWIN: position of the baseline's */
	const struct suite_head *given; /* SUITE_BASELINE: in the record whose outcomes stand for calls */
	struct metric_plan *metric;
	size_t nmetric;
	bool asserts;                /* some case has an `assert` list: metric[nmetric] is theirs */
	uint32_t *pick;              /* chosen cases in order; NULL = all */
	size_t ncase;                /* chosen */
	double in_max, in_sum;       /* bytes of its longest prompt, and of all; 0: not measured */
	size_t first_seq;
	size_t rejudged;             /* samples whose judge's word is one of an earlier run */
};

struct run {
	struct run_opts o;
	struct arena *arena;
	struct repo *repo;
	struct tree *commit_tree, *policy_tree;
	struct policyref policyref;
	struct doc policy_doc;
	struct policy policy;
	const struct stage *stage;   /* NULL when measuring */
	const struct price_table *prices; /* the policy's, or NULL */
	struct digest prices_digest;
	const struct cost_terms *terms; /* of project.target[], once they are bound */
	struct project project;
	struct suite_plan *suite;    /* the stage's, then their twins */
	size_t nsuite, nplain;
	struct record_file *baseline_record; /* given in place of the baseline's calls, or NULL */
	size_t planned;              /* samples */
	struct record head;
	struct verdict_table *table;
	struct failures *failures;   /* what went wrong so far; NULL before any call */
	struct verdict_plan vplan;
	struct redactor redactor;
	struct store *store;
	const char *folder;          /* of the record, once closed */
	struct marks *marks;         /* what it saw of its cases; NULL: nothing was called, or no store */
	bool refused;                /* no call was made: findings stay as planned */
	bool called;                 /* a call went out, or the store answered it */
	int64_t paid_micro;          /* micro-dollars that its calls took at most; only under a ceiling */
	bool suspended;              /* interrupted: what was answered waits for --resume */
};

/* What the terminal may show while calls go on; called at most every 100 ms and at the end of
 * each suite. */
struct progress {
	void (*update)(struct progress *p, const struct run *r, size_t suite, bool done);
	void *ctx;
};

/* 0; or -1 with errors in *d (exit 2) or *err. Warnings and notes land in *d and head.notes. */
int run_prepare(struct run *r, const struct run_opts *o, struct diags *d, struct err *err) MUST_USE;
/* Plays everything.  0 even when calls failed or the user interrupted: the record says so.  -1
 * only when nothing sensible can be recorded (the store's disk is full). */
int run_execute(struct run *r, struct progress *p, struct err *err) MUST_USE;
/* The store, in its folder or in memory. */
int run_open_store(struct run *r, struct err *err) MUST_USE;
/* Decide, write outcomes.jsonl and record.json into the store's runs/ folder, keep history. */
int run_close(struct run *r, struct err *err) MUST_USE;

#endif
