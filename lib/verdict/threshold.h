/* struct threshold: one condition on an aggregate, `[suite/]metric.aggregate[{slice}] op bound`,
 * parsed and not yet matched with any suite.  The grammar knows no metric and no suite: whether a
 * name exists and a unit fits is verdict_plan_check's business.  All strings live in the arena
 * given to threshold_parse. */
#ifndef VERDICT_THRESHOLD_H
#define VERDICT_THRESHOLD_H

#include "base/arena.h"
#include "base/pos.h"
#include "base/str.h"

#include <jansson.h>

enum aggregate {
	AGG_MEAN,
	AGG_RATE,     /* share of samples at or above the scorer's cut */
	AGG_PASS,     /* share of samples on the side the direction calls good */
	AGG_QUANTILE, /* p50 … p99 */
	AGG_PASS_AT,  /* pass@k: at least one of k repeats passes */
	AGG_PASS_ALL, /* pass^k: all of k repeats pass */
	AGG_MIN,
	AGG_MAX,
	AGG_SUM,
	AGG_COUNT, /* samples that have a value; of 0 or 1: those that are 1 */
	AGG_SPEND, /* spend.usd, spend.tokens, spend.calls: of the whole run */
};

enum threshold_op { OP_GE, OP_GT, OP_LE, OP_LT, OP_EQ, OP_NOT_BELOW, OP_NOT_ABOVE };
/* ">=" "≥" for people, "not-below" … */
const char *threshold_op_text(enum threshold_op op);
const char *threshold_op_sign(enum threshold_op op);

enum bound_unit {
	BOUND_PLAIN,
	BOUND_PERCENT, /* value already divided by 100 */
	BOUND_MS,      /* value in ms whatever was written */
	BOUND_USD,
	BOUND_TOK,
	BOUND_TOK_S,
};

struct bound {
	double value; /* number, or the number after `baseline -`/`+`/`*` */
	enum bound_unit unit;
	bool baseline;
	char change;	  /* 0, '+', '-' or '*' after baseline */
	const char *text; /* as shown: "0.90", "800 ms", "baseline - 0.02" */
};

struct slice_term {
	const char *key, *value;
};

/* Text from `offset` on is the string at (container, key), or item `index` when key is NULL. */
struct threshold_part {
	size_t offset;
	const char *key;
	size_t index;
};
enum { THRESHOLD_PARTS = 5 };

struct threshold {
	const char *text; /* as written, or put together from the long form's parts */
	struct pos at;
	const char *suite; /* NULL = every suite that has it; "*" = pooled over them */
	const char *metric;
	enum aggregate agg;
	const char *agg_text;	  /* "p95", "pass@3", "mean"; of spend: "usd" "tokens" "calls" */
	double q;		  /* AGG_QUANTILE: 0.95 */
	unsigned k;		  /* AGG_PASS_AT, AGG_PASS_ALL */
	struct slice_term *slice; /* all must hold */
	size_t nslice;
	const char *worst; /* key of worst{key} or NULL */
	enum threshold_op op;
	struct bound bound;
	/* byte offsets in `text`, for diags of later checks */
	size_t suite_off, metric_off, agg_off, slice_off, op_off, bound_off;
	/* the long form's other members, with their defaults */
	double confidence; /* NaN: the policy's */
	bool blocking;	   /* severity: block */
	bool observed;	   /* decide: observed */
	const char *because;
	bool has_range;
	double lo, hi;
	unsigned require, require_of; /* AGG_PASS: a case passes when so many of so many repeats do; 0 = by sample */
	/* where the text stands in the document, in order of offset: one part, or the long form's */
	const json_t *container;
	struct threshold_part part[THRESHOLD_PARTS];
	size_t npart;
};

/* What is wrong with a threshold, and at which byte of its text. */
struct threshold_fault {
	size_t offset;
	char msg[256];
	char hint[256]; /* "" = none */
};

/* 0, or -1 with *fault set.  Never reads past text, takes any bytes. */
int threshold_parse(struct threshold *out, struct str text, struct arena *a,
		    struct threshold_fault *fault) MUST_USE;
/* "mean rate pass p50 …": for messages. */
extern const char threshold_aggregates[];
/* It compares with a baseline, whichever way. */
bool threshold_needs_baseline(const struct threshold *t);
/* A larger value satisfies it better: >= > not-below. */
bool threshold_wants_high(const struct threshold *t);

#endif
