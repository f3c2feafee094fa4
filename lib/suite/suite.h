/* struct project: one gate.yaml, loaded from git trees: targets with their artifacts from the
 * commit, suites with datasets, rubrics and judges from the policy ref (PRODUCT: "which ref what
 * is read from").  Loading collects every mistake as a diag.  Everything lives in the arena given;
 * the trees must outlive the project.  suite knows no scorer and no provider by name: run's
 * plan_check matches those. */
#ifndef SUITE_SUITE_H
#define SUITE_SUITE_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/digest.h"
#include "base/err.h"
#include "call/call.h"
#include "call/talk.h"
#include "doc/doc.h"
#include "repo/tree.h"

/* A committed file that shapes behaviour. */
struct artifact {
	const char *role;   /* prompt model params guardrail tools retrieval dataset rubric schema calibration */
	const char *path;   /* inside the tree */
	const char *oid;    /* blob oid, hex */
	const char *target; /* the target or suite that uses it */
	bool from_policy;   /* read from the policy ref's tree */
};

/* One message of a prompt: role and a template (prompt.h). */
struct prompt_part;
struct prompt {
	struct prompt_part *part;
	size_t npart;
	struct str system;            /* the system messages' templates as written, or absent */
	struct str text;              /* all templates as written: what `target.prompt` stands for
				       * where there is no system message */
};

struct overlay;
struct leaf; /* a template with its place (leaf.h) */
struct leaf_node; /* a config with its templates compiled (leaf.h) */

struct target_conf {
	const char *name;
	struct pos at;
	const struct doc *doc;        /* for places inside `config` */
	const json_t *config;         /* the target object as written */
	struct endpoint endpoint;     /* provider NULL until plan_check fills it in */
	struct str provider_name;
	struct pos provider_at;
	struct prompt prompt;         /* npart == 0: none (recorded, http) */
	struct artifact *artifact;
	size_t nartifact;
	struct digest candidate_id;
	bool from_policy;             /* a judge: read from the policy ref's tree */
	bool baseline;                /* of the commit that is compared with */
	const struct leaf *answer, *trace; /* recorded: the templates of these, or NULL */
	const struct leaf_node *per_case; /* body, url, headers, command … with their templates, or NULL */
	const json_t *bind;           /* the stage's, for those templates; or NULL */
	const struct str *reads;      /* the variables that they read, `bind` too */
	size_t nreads;
};

struct metric_conf {
	const char *name;
	struct pos at;
	struct str scorer;            /* with any "not-" taken off */
	bool negated;
	struct pos scorer_at;
	const json_t *config;         /* members except scorer, with, weight; file references resolved to their text */
	const struct doc *doc;        /* for places inside config */
	const json_t *raw;            /* the object as written, for places */
	const char *with;             /* name of the judge target or NULL */
	const struct target_conf *judge;
	const struct suite_conf *calibration; /* answers with people's labels, or NULL */
	double weight;
	bool has_template;            /* some string leaf holds {{ or {% */
	const struct leaf_node *node; /* for config_render */
};

struct cases; /* the index over a suite's datasets */

struct suite_conf {
	const char *name;
	struct pos at;
	const struct doc *doc;
	const json_t *config;
	bool is_new;                  /* the policy ref lacks it */
	const struct target_conf *target;
	struct metric_conf *metric;
	size_t nmetric;
	unsigned repeats;
	bool wanted;                  /* its datasets were read (project_opts.only) */
	bool labelled;                /* a calibration: each case has a label */
	size_t good, bad;             /* … and so many are called so */
	unsigned raters;              /* … by so many people at most; 0: nobody in particular */
	bool has_asserts;             /* some case has an `assert` list */
	bool has_marks;               /* some case has a cluster, a weight or a quarantine */
	bool has_quarantine;
	struct pos talk_at;           /* the first case with turns or tool results; file NULL: none */
	struct pos results_at;        /* … and with tool results */
	unsigned max_calls;           /* of the target, that one sample may take */
	const struct str *hidden;     /* variables that hold right answers */
	size_t nhidden;
	struct cases *cases;
	size_t ncase;
	struct artifact *artifact;    /* datasets, rubrics, schemas */
	size_t nartifact;
	struct digest suite_id;
};

struct project {
	const char *config_path;
	const struct doc *doc;        /* the commit's gate.yaml */
	const struct doc *policy_side; /* gate.yaml at the policy ref; may be the same */
	struct target_conf *target;   /* the commit's, then judges read from the policy ref */
	size_t ntarget;
	struct suite_conf *suite;
	size_t nsuite;
};

struct project_opts {
	const struct tree *commit;    /* targets and their artifacts */
	const struct tree *policy;    /* suites and what belongs to them; may equal commit */
	const char *config_path;      /* NULL: gate.yaml or gate.json at the root */
	const json_t *bind;           /* stages.S.bind or NULL */
	const char *const *only;      /* suite names to load datasets for; NULL = all */
	size_t nonly;
	const struct overlay *overlay; /* the commit's gate.yaml with members of a target replaced; or NULL */
	bool proposed;                /* read the suites from the commit too */
	bool baseline;                /* `commit` is a baseline: only the targets of the suites in `only`, and these
				       * with neither datasets nor judges; a suite whose target is not there has none */
};

/* 0, or -1 with errors in *d (and *err set only when something other than an artifact failed).  Validates
 * gate.yaml against its schema, resolves every file reference, reads and
 * validates every row of every wanted dataset (pass one), renders every template that needs no
 * answer. */
int project_load(struct project *out, const struct project_opts *o, struct arena *a,
		 struct diags *d, struct err *err) MUST_USE;

/* Give the project more targets: pointers to its targets are set anew.  They are appended in order. */
void project_adopt(struct project *p, const struct target_conf *const *more, size_t n, struct arena *a);

/* One row of a dataset. */
struct tcase {
	struct str id;
	const json_t *vars;           /* object: every column or member */
	struct str cluster;           /* = id unless the row says */
	double weight;
	const json_t *asserts;        /* promptfoo's list, or NULL */
	const struct label *label;    /* of a calibration, else NULL */
	const struct talk *talk;      /* its conversation, or NULL: the prompt alone */
	bool quarantined;             /* has `quarantine`; `until` is compared by run */
	struct str quarantine_until;
	const json_t *quarantine;     /* {until, owner, reason}, as far as they are there; or NULL */
	struct pos at;
};

/* Case i in canonical order (file order, rows in order). Parsed afresh into `a`: cheap, bounded. */
int cases_get(const struct cases *c, size_t i, struct tcase *out, struct arena *a,
	      struct err *err) MUST_USE;

/* The prompt's messages for these variables, strict: an undefined variable is an error with place. */
int prompt_render(struct message **message, size_t *n, const struct prompt *p, const json_t *vars,
		  struct arena *a, struct err *err) MUST_USE;

/* A copy of `config` with every string leaf that holds a template rendered; a whole-leaf
 * "{{x}}" keeps x's type.  The same pointer when there is no template. */
int config_render(const json_t **out, const struct metric_conf *m, const json_t *vars,
		  struct arena *a, struct err *err) MUST_USE;

/* What of a case's variables a call of this target holds: those that its settings read, and the stage's
 * bindings when they do. */
const json_t *target_given(const struct target_conf *t, const json_t *vars, struct arena *a);
/* All of them but those that hold right answers. */
const json_t *suite_shown(const struct suite_conf *s, const json_t *vars, struct arena *a);

#endif
