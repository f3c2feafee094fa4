#include "report/pairview.h"

#include "base/num.h"
#include "verdict/verdict.h"

#include <math.h>
#include <string.h>

static double number(const struct finding *f, const char *key)
{
	const json_t *x = json_object_get(f->paired, key);
	return json_is_number(x) ? json_number_value(x) : NAN;
}

static size_t count(const struct finding *f, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(f->paired, key));
	return n > 0 ? (size_t)n : 0;
}

const char *pairview_value(const struct finding *f, double x, struct arena *a)
{
	const char *text = verdict_value_text(x, f->unit ? f->unit : "", a);
	return f->paired && x > 0 ? arena_fmt(a, "+%s", text) : text;
}

const char *pairview_text(const struct finding *f, struct arena *a)
{
	if (!f->paired)
		return NULL;
	size_t pairs = count(f, "pairs");
	double p = number(f, "p");
	const char *flips = json_object_get(f->paired, "lost") ? arena_fmt(a, ", %zu lost, %zu gained", count(f, "lost"),
									   count(f, "gained"))
							       : "";
	const char *chance = isnan(p) ? "" : arena_fmt(a, p < 0.0005 ? ", p < 0.001" : ", p %.3f", p);
	const char *factor = f->bound_text ? strstr(f->bound_text, "* ") : NULL;
	const char *what = factor ? arena_fmt(a, "new - %s old", factor + 2) : "difference";
	return arena_fmt(a, "%s %s over %zu pair%s%s%s", what, pairview_value(f, number(f, "difference"), a), pairs,
			 num_s(pairs), flips, chance);
}

const char *pairview_power(const struct finding *f, struct arena *a)
{
	if (!isfinite(f->detects) || !(f->detects > 0) || f->observed_only)
		return NULL;
	return arena_fmt(a, "so many cases tell a distance of %s from the %s 4 times of 5",
			 verdict_value_text(f->detects, f->unit ? f->unit : "", a), f->paired ? "margin" : "bar");
}

bool pairview_is_silence(const struct finding *f)
{
	return f->paired && f->op && !strncmp(f->op, "not-", 4);
}

const json_t *pairview_flips(const struct finding *f, const char *way, size_t shown, size_t *more)
{
	const json_t *list = json_object_get(json_object_get(f->paired, "flips"), way);
	size_t n = json_array_size(list), all = count(f, way);
	/* Fewer ids than flips: a case's repeats, or more of them than a record lists. */
	*more = n > shown ? (n < 50 ? n : all > n ? all : n) - shown : 0;
	return n ? list : NULL;
}

bool pairview_is_repeated(const struct record *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (r->finding[k].paired && !strcmp(r->finding[k].label, r->finding[i].label) &&
		    json_equal(json_object_get(r->finding[k].paired, "flips"),
			       json_object_get(r->finding[i].paired, "flips")))
			return true;
	return false;
}

bool pairview_account(const struct record *r, enum suite_role role, struct suite_head *sum)
{
	bool any = false;
	*sum = (struct suite_head){ .role = role };
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct suite_head *s = &r->suite[i];
		if (s->role != role)
			continue;
		any = true;
		sum->planned += s->planned;
		sum->scored += s->scored;
		sum->unscored += s->unscored;
		sum->quarantined += s->quarantined;
		sum->surplus += s->surplus;
	}
	return any;
}
