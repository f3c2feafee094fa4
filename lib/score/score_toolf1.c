/* tool-call-f1: F1 of the set of tools that were called and the set that was expected. */
#include "score/scorekit.h"

#include "doc/jsonx.h"
#include "score/toolsteps.h"

struct names {
	VEC(struct str) list;
};

static void add_name(struct names *n, struct str name, struct arena *a)
{
	name = str_trim(name);
	for (size_t i = 0; i < n->list.n; i++)
		if (str_eq(n->list.v[i], name))
			return;
	if (name.n)
		*vec_push(&n->list, a) = name;
}

/* A list of names or {name}, or "one, two". */
static int prepare(const void **prepared, const json_t *config, struct arena *a, struct err *err)
{
	const json_t *want = kit_main(config, "expected");
	struct names *n = arena_new(a, struct names);
	struct str rest = json_str(want), one;
	size_t i;
	json_t *x;
	while (rest.n && str_cut(&rest, ',', &one))
		add_name(n, one, a);
	json_array_foreach((json_t *)(uintptr_t)want, i, x)
		add_name(n, json_is_string(x) ? json_str(x) : json_get_str(x, "name"), a);
	if (!n->list.n && !json_is_array(want))
		return err_set(err, ERR_ARTIFACT, "'expected' names no tool; write [] if none is to be called");
	if (!n->list.n && json_array_size(want))
		return err_set(err, ERR_ARTIFACT, "'expected' holds tools without a name");
	*prepared = n;
	return 0;
}

static int step(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		struct err *err)
{
	(void)state;
	(void)ask;
	const struct names *want = ev->prepared;
	struct toolsteps calls;
	struct names got = { .list = { .v = NULL } };
	size_t both = 0;
	if (toolsteps_read(&calls, ev, err))
		return -1;
	for (size_t i = 0; i < calls.list.n; i++)
		add_name(&got, calls.list.v[i].name, ev->arena);
	for (size_t i = 0; i < want->list.n; i++)
		for (size_t k = 0; k < got.list.n; k++)
			both += str_eq(want->list.v[i], got.list.v[k]);
	size_t all = want->list.n + got.list.n;
	return kit_done(out, all ? 2 * (double)both / (double)all : 1, ev->arena,
			"%zu of %zu expected tools called, %zu others: %s", both, want->list.n,
			got.list.n - both, toolsteps_show(&calls, ev->arena));
}

#define LIST                                                                                     \
	"{\"type\":[\"string\",\"array\"],\"items\":{\"anyOf\":[{\"type\":\"string\",\"minLength\":1},"    \
	"{\"type\":\"object\",\"required\":[\"name\"]}]}}"

const struct scorer_ops score_tool_call_f1 = {
	.name = "tool-call-f1",
	.help = "how far the tools that were called are the expected ones",
	.schema = KIT_OBJECT "\"properties\":{\"expected\":" LIST ",\"value\":" LIST
			     ",\"threshold\":{\"type\":\"number\",\"exclusiveMinimum\":0,\"maximum\":1}},"
		KIT_ONE_OF("expected") "}",
	.needs = NEEDS_EXPECTED | NEEDS_TRACE,
	.traits = { .kind = METRIC_GRADED, .direction = HIGHER_IS_BETTER, .cut = 1, .unit = "" },
	.prepare = prepare,
	.step = step,
};
