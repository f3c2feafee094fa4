/* struct policy: gate.policy.yaml, what is demanded and who is trusted.  Loading lists every
 * mistake at once, located; what it accepts is either honoured or refused, never ignored.
 * Everything lives in the arena given; the doc must outlive the policy. */
#ifndef VERDICT_POLICY_H
#define VERDICT_POLICY_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "doc/doc.h"
#include "record/record.h"
#include "verdict/threshold.h"

/* Ceilings on what a run may spend, judge and baseline calls included; -1 = none. */
struct budget {
	int64_t usd_micro, tokens, time_ms;
};

enum { STAGE_LIFECYCLE_DAYS = 90, BASELINE_MAX_AGE_MS = 24 * 3600 * 1000 };

enum stage_kind {
	STAGE_RUNNABLE, /* suites with at least one blocking threshold */
	STAGE_VERIFIED, /* needs or approvals: `gate verify` decides, nothing to run */
};

struct stage {
	const char *name;
	struct pos at;
	enum stage_kind kind;
	const struct policy *policy;
	const char **suite;
	struct pos *suite_at;
	size_t nsuite;
	struct threshold *threshold;
	size_t nthreshold;
	struct budget budget;
	struct {
		bool block;   /* a model past it is not called at all; else it is a note */
		int64_t days; /* before its end of life */
	} lifecycle;
	bool early;	    /* stop: early */
	const json_t *bind; /* object of scalars or NULL */
	const char **needs;
	size_t nneeds;
	int64_t max_age_ms;	/* -1 = none */
	int approvals;		/* at_least; 0 = none asked for */
	const char **approvers; /* names of trust.keys */
	size_t napprovers;
	const json_t *json; /* as written: goes into the record, with … */
	const json_t *judge; /* … the policy's `judge`, or NULL */
};

struct credential {
	const char *host, *env;
	const char *header; /* NULL: as the provider asks */
	struct pos at;
};

/* One row of `limits`: what a team's accounts allow, shared by all endpoints that it fits. */
struct policy_limit {
	struct str provider, model; /* absent: any; the model may hold `*` */
	double requests, tokens;    /* a minute; 0 = no limit */
	unsigned concurrency;	    /* calls in flight; 0 = no limit */
	double burndown;	    /* what an output token counts; 0: by the model */
	struct pos at;
};

struct trust {
	const json_t *keys; /* name → path or list of paths; NULL when absent */
	const char **host;
	size_t nhost;
	bool has_hosts; /* false: only the built-in providers' own endpoints */
	struct credential *credential;
	size_t ncredential;
	bool allow_exec;       /* programs may run: any, or only … */
	const char **program;  /* … these, when has_programs */
	size_t nprogram;
	bool has_programs;
	const char **exec_env; /* variables that they get */
	size_t nexec_env;
	const char *exec_dir;  /* NULL = "/" */
};

/* What a judge must show against people before a row on its metric decides.  0 = nothing. */
struct judge_demand {
	bool asked; /* `judge:` is there: rows are corrected, and undecided without labels */
	double min_good, min_bad, min_agreement;
};

struct policy {
	const struct doc *doc;
	int version;
	double confidence;    /* 0.95 */
	const char *baseline; /* "merge-base", "policy-ref", "last-attested" or a revision */
	int64_t baseline_max_age_ms; /* of a record that stands for the baseline's calls; 24 h */
	struct stage *stage;
	size_t nstage;
	struct trust trust;
	struct judge_demand judge;
	struct policy_limit *limit;
	size_t nlimit;
	const json_t *prices; /* as written or NULL */
	const json_t *runs;   /* for `gate verify`, as written or NULL */
};

/* The JSON Schema of gate.policy.yaml: the bytes of docs/schema/gate.policy.schema.json. */
struct str policy_schema(void);

/* Parse and load; explains YAML mistakes that thresholds invite ("quote it").  0, or -1 with at
 * least one error in *d.  The text is copied; *doc gets the parsed document. */
int policy_read(struct policy *out, struct doc *doc, struct str text, const char *file,
		struct arena *a, struct diags *d) MUST_USE;
/* The same from a parsed document. */
int policy_load(struct policy *out, const struct doc *doc, struct arena *a,
		struct diags *d) MUST_USE;

/* The stage's part that a record keeps in record.policy; its confidence goes into
 * record.confidence, its name into record.stage.  And back, for `report --decide`. */
const json_t *policy_record(const struct stage *s, struct arena *a);
int policy_from_record(struct policy *out, const struct stage **stage, const struct record *rec,
		       struct arena *a, struct err *err) MUST_USE;

/* The runnable stage called `name`; with name NULL the only runnable one.  ERR_USAGE lists what
 * there is; a verified stage is an error that names `gate verify`. */
int policy_stage(const struct stage **out, const struct policy *p, const char *name,
		 struct err *err) MUST_USE;
const struct stage *policy_find_stage(const struct policy *p, struct str name);

/* "100/m" "5/s" "2M/h" to a number per minute.  false when it is none. */
bool policy_rate(struct str s, double *per_minute);
/* "90s" "10m" "1.5h" "7d" "250ms" to ms; "2M" "500k" "1000" to a count.  false when it is none. */
bool policy_duration(struct str s, int64_t *ms);
bool policy_count(struct str s, int64_t *n);

#endif
