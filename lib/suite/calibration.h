/* A metric's calibration: answers that people called good or bad, which the metric's judge scores in each run so
 * that its own errors are known.  They make a suite of their own (SUITE/METRIC@calibration): the suite's target with
 * the answers brought along, the one metric, and each row's label taken out of its variables, so that no prompt and
 * no rubric can show it to the judge.  Read from where the suite is read. */
#ifndef SUITE_CALIBRATION_H
#define SUITE_CALIBRATION_H

#include "suite/suite.h"

struct loader;
struct side;
struct artifacts;

/* People who label one answer. */
enum { LABEL_RATERS_MAX = 10 };

/* What people said: 1 good, 0 bad, -1 nobody, or as many good as bad. */
struct label {
	signed char is;
	unsigned raters; /* 0: one label, nobody's in particular */
	signed char rater[LABEL_RATERS_MAX];
};

/* Takes `label` or `labels` out of the case's variables; its other members are those of an answer that was brought
 * along.  -1: a located error. */
int calibration_take(struct tcase *c, const json_t *row, struct arena *a, struct err *err) MUST_USE;

/* The calibration of every metric that has one; `ids`: what stands for each metric gets the files. */
void calibration_load(struct loader *l, const struct side *s, struct suite_conf *suite, struct artifacts *artifacts,
		      json_t *ids);

#endif
