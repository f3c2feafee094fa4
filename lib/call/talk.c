#include "call/talk.h"

#include "doc/jsonx.h"

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

bool talk_is_plain(const json_t *trajectory)
{
	size_t i, users = 0, models = 0;
	json_t *step;
	json_array_foreach((json_t *)(uintptr_t)trajectory, i, step) {
		struct str kind = json_get_str(step, "kind");
		bool user = str_eqc(kind, "user"), model = str_eqc(kind, "model");
		if (!user && !model)
			return false;
		users += user;
		models += model;
	}
	return users < 2 && models < 2;
}
