/* compareview: struct compare as a table for people, as JSON (docs/schema/compare.schema.json) and as a
 * comment in Markdown.  Case ids, reasons and names are anybody's text: each view writes them through
 * its format's own writer.  Nothing is computed here but how a number is written. */
#ifndef REPORT_COMPAREVIEW_H
#define REPORT_COMPAREVIEW_H

#include "report/report.h"
#include "verdict/compare.h"

struct compareview {
	const char *name, *extension;
	int (*write)(struct sink *out, const struct compare *c, const struct report_opts *o,
		     struct err *err);
};

/* All of them, NULL-terminated: console, json, markdown. */
const struct compareview *const *compareview_all(void);

/* Shared by the views for people; texts live in `a`.  Where there is no value: "-". */
const char *compareview_value(double x, const char *unit, struct arena *a);
/* "+0.016", "-29 ms". */
const char *compareview_change(double x, const char *unit, struct arena *a);
/* "-0.004 … +0.036"; `dots` is what stands between; "" without an interval. */
const char *compareview_interval(double lower, double upper, const char *unit, const char *dots,
				 struct arena *a);
/* "0.013", "< 0.0001", "". */
const char *compareview_p(double p, struct arena *a);
/* Is the change shown to be one to the better (1), to the worse (-1), or neither? */
int compareview_trend(const struct compare_metric *m, double lower, double upper);
/* Has this metric anything to say, or is it a built-in that is the same nothing on both sides? */
bool compareview_is_quiet(const struct compare_metric *m);

struct compareview_row {
	const struct compare_metric *metric;
	const char *label; /* the metric's name, with "p95" behind it for a percentile; not yet harmless */
	const char *unit;
	double before, after, diff, lower, upper;
	bool first; /* of its metric */
};
enum { COMPAREVIEW_ROWS = 1 + COMPARE_QUANTILES };
/* The rows a metric takes. */
size_t compareview_rows(struct compareview_row out[COMPAREVIEW_ROWS], const struct compare_metric *m,
			struct arena *a);
/* What the numbers of a suite leave out and how far they can be compared; sentences for people. */
size_t compareview_asides(const char *out[], size_t most, const struct compare_pair *p,
			  const struct compare_suite *s, struct arena *a);
/* "right → wrong" of a case with several samples: "3/3 → 1/3"; "" for one sample. */
const char *compareview_flip(const struct compare_flip *f, const char *arrow, struct arena *a);

extern const struct compareview compareview_console, compareview_json, compareview_markdown;

#endif
