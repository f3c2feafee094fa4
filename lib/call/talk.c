#include "call/talk.h"

#include <stdint.h>

static void count(const struct talk *t, bool asked, unsigned *users, unsigned *results)
{
	size_t i;
	json_t *turn;
	*users = asked;
	*results = t->tools != NULL;
	json_array_foreach((json_t *)(uintptr_t)t->turns, i, turn)
		*(json_object_get(turn, "user") ? users : results) += 1;
}

unsigned talk_calls(const struct talk *t, bool asked)
{
	unsigned users = 1, results = 0;
	if (t)
		count(t, asked, &users, &results);
	return users + results ? users + results : 1;
}

unsigned talk_calls_max(const struct talk *t, bool asked)
{
	unsigned users = 1, results = 0;
	if (t)
		count(t, asked, &users, &results);
	return users * (results ? 1 + t->max_steps : 1);
}
