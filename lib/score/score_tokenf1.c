/* exact-match and token-f1, as SQuAD scores: the best of one or several expected answers. */
#include "score/scorekit.h"

#include "doc/jsonx.h"
#include "score/squad.h"

struct golds {
	struct squad *gold;
	size_t n;
};

static int prepare(const void **prepared, const json_t *config, struct arena *a, struct err *err)
{
	const json_t *want = kit_main(config, "expected");
	bool list = json_is_array(want);
	struct golds *p = arena_new(a, struct golds);
	size_t n = list ? json_array_size(want) : 1;
	p->gold = arena_array(a, struct squad, n + 1);
	for (; p->n < n; p->n++) {
		const json_t *one = list ? json_array_get(want, p->n) : want;
		struct str text = kit_text(one, a);
		if (!text.p)
			return err_set(err, ERR_ARTIFACT, "'expected' must be text or a list of texts, found %s",
				       one ? json_type_name(one) : "nothing");
		squad_normalise(&p->gold[p->n], text, a);
	}
	if (!p->n)
		return err_set(err, ERR_ARTIFACT, "'expected' is an empty list");
	*prepared = p;
	return 0;
}

static int step_exact(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		      struct err *err)
{
	(void)state;
	(void)ask;
	(void)err;
	const struct golds *p = ev->prepared;
	struct squad got;
	squad_normalise(&got, ev->answer, ev->arena);
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(got.text, p->gold[i].text))
			return kit_done(out, 1, ev->arena, "matches %s",
					kit_show(ev->arena, p->gold[i].text));
	return kit_done(out, 0, ev->arena, "expected %s, found %s",
			kit_show(ev->arena, p->gold[0].text), kit_show(ev->arena, got.text));
}

static int step_f1(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		   struct err *err)
{
	(void)state;
	(void)ask;
	(void)err;
	const struct golds *p = ev->prepared;
	struct squad got;
	double best = 0;
	size_t at = 0;
	squad_normalise(&got, ev->answer, ev->arena);
	for (size_t i = 0; i < p->n; i++) {
		double f1 = squad_f1(&got, &p->gold[i]);
		if (f1 > best) {
			best = f1;
			at = i;
		}
	}
	return kit_done(out, best, ev->arena, "token F1 %.3f with %s, found %s", best,
			kit_show(ev->arena, p->gold[at].text), kit_show(ev->arena, got.text));
}

#define WANT "{\"type\":[\"string\",\"number\",\"array\"],\"minItems\":1,\"items\":{\"type\":[\"string\",\"number\"]}}"

const struct scorer_ops score_exact_match = {
	.name = "exact-match",
	.help = "the answer equals the expected one after SQuAD's normalisation",
	.schema = KIT_OBJECT "\"properties\":{\"expected\":" WANT ",\"value\":" WANT
			     "}," KIT_ONE_OF("expected") "}",
	.needs = NEEDS_EXPECTED,
	.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	.prepare = prepare,
	.step = step_exact,
};

const struct scorer_ops score_token_f1 = {
	.name = "token-f1",
	.help = "F1 over the words shared with the expected answer (SQuAD)",
	.schema = KIT_OBJECT "\"properties\":{\"expected\":" WANT ",\"value\":" WANT
			     ",\"threshold\":{\"type\":\"number\",\"exclusiveMinimum\":0,\"maximum\":1}},"
		KIT_ONE_OF("expected") "}",
	.needs = NEEDS_EXPECTED,
	.traits = { .kind = METRIC_GRADED, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	.prepare = prepare,
	.step = step_f1,
};
