#include "verdict/verdict_paired.h"

bool paired_same_holds(const struct threshold *t)
{
	bool high = threshold_wants_high(t), strict = t->op == OP_GT || t->op == OP_LT;
	double x = t->bound.value;
	switch (t->bound.change) {
	case '+':
		return x == 0 ? !strict : high == (x < 0);
	case '-':
		return x == 0 ? !strict : high == (x > 0);
	case '*':
		return x == 1 ? !strict : high == (x < 1);
	default:
		return !strict;
	}
}

int paired_decide(struct ruling *out, const struct rule_ask *ask, const struct taken *k, struct err *err)
{
	(void)k;
	(void)err;
	out->verdict = VERDICT_UNDECIDED;
	out->note = arena_cstr(ask->arena, STR("pairs are not decided yet"));
	return 0;
}
