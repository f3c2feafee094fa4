#include "verdict/pareto.h"

#include <math.h>

const char *pareto_axis_name(enum pareto_axis axis)
{
	static const char *const names[] = { "quality", "cost", "latency p50", "latency p95" };
	return names[axis];
}

/* Is `a` better than `b` on this axis?  -1, 0, 1. */
static int better(const struct pareto *p, const struct pareto_point *a, const struct pareto_point *b,
		  size_t axis)
{
	double d = a->axis[axis] - b->axis[axis];
	bool higher = axis == PARETO_QUALITY && p->metric->direction != LOWER_IS_BETTER;
	int sign = (d > 0) - (d < 0);
	return higher ? sign : -sign;
}

static bool beats(const struct pareto *p, const struct pareto_point *a, const struct pareto_point *b)
{
	bool somewhere = false;
	for (size_t i = 0; i < PARETO_AXES; i++) {
		int sign = p->counts[i] ? better(p, a, b, i) : 0;
		if (sign < 0)
			return false;
		somewhere |= sign > 0;
	}
	return somewhere;
}

void pareto_solve(struct pareto *p)
{
	for (size_t i = 0; i < PARETO_AXES; i++) {
		p->counts[i] = i != PARETO_QUALITY || p->metric->direction != NO_DIRECTION;
		for (size_t k = 0; k < p->npoint; k++)
			p->counts[i] &= isfinite(p->point[k].axis[i]) != 0;
	}
	for (size_t i = 0; i < p->npoint; i++) {
		p->point[i].beaten_by = 0;
		for (size_t k = 0; k < p->npoint && !p->point[i].beaten_by; k++)
			if (k != i && beats(p, &p->point[k], &p->point[i]))
				p->point[i].beaten_by = k + 1;
	}
}
