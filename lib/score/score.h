/* struct scorer_ops: judges one sample.  A scorer is pure: evidence in, a score and a reason
 * out; when it needs a model it asks (STEP_ASK) and is called again with the replies.  A scorer that
 * cannot score returns -1 with the cause: that is unscored, never a zero.  Adding one: a file
 * score_<name>.c and a line in scorers.def. */
#ifndef SCORE_SCORE_H
#define SCORE_SCORE_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "call/ask.h"
#include "call/metric.h"
#include "doc/doc.h"

#include <jansson.h>

/* What a scorer declares for one metric (may depend on its config). */
struct score_traits {
	enum metric_kind kind;
	enum direction direction;
	double cut;       /* `rate` counts score >= cut; 0.5 */
	const char *unit; /* "" for scores; "ms" "usd" "tok" … for METRIC_VALUE */
};

enum scorer_needs {
	NEEDS_EXPECTED = 1, /* config `expected` or `value` must be present */
	NEEDS_JUDGE = 2,    /* `with:` names a target; ev->judge is set */
	NEEDS_CONTEXT = 4,
	NEEDS_TRACE = 8,
	NEEDS_EMBED = 16,   /* the same, with a target that gives embeddings */
	NEEDS_STREAM = 32,
};

/* What a scorer sees of one sample.  All borrowed; lives as long as the sample's arena. */
struct evidence {
	struct str answer;          /* visible text of the final answer */
	const struct reply *reply;  /* the whole of it: finish, usage, times, tool calls */
	double cost_usd;            /* of the sample's target calls; NaN = unpriced */
	struct str input;           /* the last user message as sent */
	struct str system;          /* the system message as sent (for leak: target.prompt) */
	const json_t *tools;        /* the target's, array of {name, parameters …}; or NULL */
	bool traced;                /* the target says all tools it calls: none said is none called */
	const json_t *vars;         /* the case's variables (object) */
	const json_t *config;       /* this metric's config, every template rendered for this case */
	const void *prepared;       /* what prepare() made of the config */
	const struct endpoint *judge;     /* resolved `with:` */
	unsigned sample;
	const struct reply *answers;      /* replies to the latest ask, in order */
	size_t nanswer;
	uint64_t seed;              /* for scorers that draw: run seed */
	struct str case_id;
	struct arena *arena;        /* the sample's: results and scratch go here */
};

struct score {
	double value;      /* [0,1], or the value with the declared unit */
	struct str reason; /* one line or a few, for people; in ev->arena */
	const json_t *detail; /* optional object kept in the record (e.g. the judge's votes) */
};

struct scorer_ops {
	const char *name, *help;
	/* JSON Schema (2020-12) of its config without `scorer`, `with` and `weight`.  `threshold`
	 * is in it where it means something: the bound of a binary scorer, the cut of a graded. */
	const char *schema;
	unsigned needs;
	/* Optional: what this config needs beyond `needs` (composites: what their children do). */
	unsigned (*needs_of)(const json_t *config);
	struct score_traits traits;
	/* Optional: traits that depend on the config (called after schema validation). */
	void (*declare)(struct score_traits *out, const json_t *config);
	/* Optional: check and compile the config (regex, schema, JSONPath).  Called once at load when
	 * the config holds no template, else per sample with the rendered one.  `member`
	 * out-parameter of a failure: err text only; the caller has the place. */
	int (*prepare)(const void **prepared, const json_t *config, struct arena *a,
		       struct err *err);
	size_t state_size; /* zeroed before the first step */
	/* STEP_DONE: *out is set.  STEP_ASK: calls are in *ask; called again with ev->answers.
	 * -1: *err says why this sample could not be scored. */
	int (*step)(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		    struct err *err);
};

/* By name without "not-", or promptfoo's name for it; NULL when there is none. */
const struct scorer_ops *scorer_find(struct str name);
const struct scorer_ops *const *scorer_all(void);

/* Take a leading "not-" off; true when there was one. */
bool score_cut_not(struct str *name);
/* The closest scorer's name for a "did you mean", or the absent string. */
struct str score_suggest(struct str name);
/* Needs of this scorer with this config. */
unsigned score_needs(const struct scorer_ops *ops, const json_t *config);
/* Traits with this config: declare(), a graded scorer's `threshold` as its cut, `not-`. */
void score_traits_of(struct score_traits *out, const struct scorer_ops *ops, const json_t *config,
		     bool negated);
/* Does the config follow the scorer's schema?  -1: the first mistakes, with their pointers. */
int score_check_config(const struct scorer_ops *ops, const json_t *config, struct arena *a,
		       struct err *err) MUST_USE;

/* The `not-` prefix: the value becomes 1 - value and names the opposite property, of which more
 * is better whatever the direction was: `not-contains` is good when the text is absent,
 * `not-pii` when nothing personal is there. */
void score_negate_traits(struct score_traits *t);
/* After STEP_DONE: turns the value for `not-`, and refuses what no scorer may give (NaN, a score
 * outside [0,1], a binary one that is neither 0 nor 1). */
int score_finish(struct score *s, const struct scorer_ops *ops, const struct score_traits *t,
		 bool negated, struct err *err) MUST_USE;
/* Is this value on the good side of the cut, by direction? */
bool score_is_good(const struct score_traits *t, double value);

#endif
