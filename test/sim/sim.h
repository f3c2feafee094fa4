/* The simulation of docs/design/stats.md: each row is one rule in one world, played many times with the
 * truth exactly on the bar.  A rule at 95 % may then pass in at most 5 % of runs, and fail in at most
 * 5 %, give or take three standard errors of the simulation; controls are rules known to be wrong, and
 * must not.  A row is one line in the table of its family (sim_<family>.c); what it plays is a function
 * that draws one run and decides it with the code that ships.  Seeded by the row's name: the same
 * numbers every time, whatever other rows there are. */
#ifndef TEST_SIM_H
#define TEST_SIM_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_ALPHA 0.05
#define SIM_Z 1.6448536269514722 /* of the normal distribution at 1 - SIM_ALPHA */

enum sim_outcome { SIM_UNDECIDED, SIM_PASS, SIM_FAIL };

/* Where the truth lies, and what is lost. */
struct sim_at {
	/* 0: on the bar; else this share of the way from the bar to the best there is.  Rows that stop
	 * early count in half-widths of the fixed rule's interval. */
	double way;
	double unscored;      /* share of samples without a score */
	double unscored_poor; /* further share, of the poor ones only: the worst kind */
};

/* One row's state while it is played. */
struct sim {
	struct rng r;
	struct arena *a;    /* rewound after each run */
	struct arena *keep; /* the row's own */
	void *memo;	    /* what a row remembers from run to run, NULL at its start */
};

struct sim_run {
	enum sim_outcome decided;
	enum sim_outcome fixed; /* rows that stop early: what the rule without looks says */
	double used;		/* and the share of calls made */
};

struct sim_row;
typedef struct sim_run (*sim_fn)(const struct sim_row *row, struct sim_at at, struct sim *s);
/* A value whose mean (for times: whose chance to be at most 1) is mu. */
typedef double (*sim_draw_fn)(struct rng *r, double mu);

enum sim_want {
	SIM_HOLDS, /* P(pass) and P(fail) on the bar */
	SIM_FAILS, /* P(fail) alone, and its power: "not below" passes whenever no drop is proven */
	SIM_CONTROL, /* must break its promise */
};

struct sim_row {
	const char *rule, *world;
	size_t n;
	double bar;
	sim_fn play;
	sim_draw_fn draw;
	double with[3]; /* further parameters of play */
	double cost;	/* of one sample; the dearer, the fewer runs */
	enum sim_want want;
	bool early, saves; /* saves: must use at most half of its calls at three half-widths */
	bool brief;	   /* in the short form, too */
};

struct sim_family {
	const char *title, *intro;
	const struct sim_row *row;
	size_t n;
};

extern const struct sim_family sim_rates, sim_graded, sim_times, sim_paired, sim_judged, sim_early,
	sim_stage, sim_early_stage, sim_controls;

/* The same row for 20, 50, 100, 500 and 2,000 samples. */
#define SIM_SIZES(...)                                                                             \
	{ __VA_ARGS__, .n = 20 }, { __VA_ARGS__, .n = 50, .brief = true },                         \
		{ __VA_ARGS__, .n = 100 }, { __VA_ARGS__, .n = 500 },                              \
	{                                                                                          \
		__VA_ARGS__, .n = 2000                                                             \
	}

/* Worlds (sim_worlds.c). */
double sim_bernoulli(struct rng *r, double mu);
double sim_beta(struct rng *r, double mu);
double sim_likert(struct rng *r, double mu);
double sim_bimodal(struct rng *r, double mu);
double sim_exponential(struct rng *r, double mu);
double sim_log_logistic(struct rng *r, double mu);
double sim_two_modes(struct rng *r, double mu);

/* The truth of a mean or rate: on the bar, or part of the way to 1. */
double sim_truth(const struct sim_row *row, struct sim_at at);
bool sim_is_lost(struct sim *s, struct sim_at at, bool poor);
struct sim_run sim_decided(bool pass, bool fail);

#endif
