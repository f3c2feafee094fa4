/* similar: how near the answer's meaning is to the expected text's, as the cosine of their embeddings.
 * Several expected texts: the nearest counts. */
#include "score/scorekit.h"

#include "base/limits.h"
#include "doc/jsonx.h"

#include <math.h>

struct similar_state {
	bool asked;
};

/* The expected texts; a single one is a list of one. */
static size_t wanted(const json_t *config, const json_t **list)
{
	const json_t *want = kit_main(config, "expected");
	*list = want;
	return json_is_array(want) ? json_array_size(want) : 1;
}

static struct str wanted_at(const json_t *list, size_t i, struct arena *a)
{
	return kit_text(json_is_array(list) ? json_array_get(list, i) : list, a);
}

static int prepare(const void **prepared, const json_t *config, struct arena *a, struct err *err)
{
	const json_t *list;
	size_t n = wanted(config, &list);
	(void)prepared;
	if (!n || n >= VECTORS_MAX)
		return err_set(err, ERR_ARTIFACT, "'expected' must hold from 1 to %zu texts, found %zu",
			       VECTORS_MAX - 1, n);
	for (size_t i = 0; i < n; i++)
		if (!str_trim(wanted_at(list, i, a)).n)
			return err_set(err, ERR_ARTIFACT, "'expected' is empty, and nothing is similar to nothing");
	return 0;
}

static int ask_vectors(const struct evidence *ev, struct ask *ask, struct err *err)
{
	const json_t *list;
	size_t n = wanted(ev->config, &list);
	if (!ev->judge)
		return err_set(err, ERR_ARTIFACT, "embeddings are needed: name a target that gives them in 'with:'");
	struct message *m = arena_array(ask->arena, struct message, n + 1);
	m[0] = (struct message){ .role = ROLE_USER, .text = ev->answer };
	for (size_t i = 0; i < n; i++)
		m[i + 1] = (struct message){ .role = ROLE_USER, .text = wanted_at(list, i, ask->arena) };
	*vec_push(&ask->item, ask->arena) = (struct ask_item){
		.kind = ASK_CALL,
		.call = { .kind = CALL_EMBED, .endpoint = ev->judge, .message = m, .nmessage = n + 1 },
	};
	return STEP_ASK;
}

/* NaN where a vector has no length. */
static double cosine(const float *x, const float *y, size_t n)
{
	double xy = 0, xx = 0, yy = 0;
	for (size_t i = 0; i < n; i++) {
		xy += (double)x[i] * (double)y[i];
		xx += (double)x[i] * (double)x[i];
		yy += (double)y[i] * (double)y[i];
	}
	return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : (double)NAN;
}

static int compare(const struct evidence *ev, struct score *out, struct err *err)
{
	const json_t *list;
	size_t n = wanted(ev->config, &list), at = 0;
	double best = -2;
	if (ev->nanswer != 1 || ev->answers[0].vectors.n != n + 1)
		return err_set(err, ERR_REMOTE, "the embedding target gave %zu vectors for %zu texts",
			       ev->nanswer ? ev->answers[0].vectors.n : 0, n + 1);
	const struct vectors *x = &ev->answers[0].vectors;
	for (size_t i = 1; i <= n; i++) {
		double c = cosine(x->v, x->v + i * x->dim, x->dim);
		if (!isfinite(c))
			return err_set(err, ERR_REMOTE, "the embedding of a text is zero, so it has no direction");
		if (c > best) {
			best = c;
			at = i - 1;
		}
	}
	return kit_done(out, fmin(fmax(best, 0), 1), ev->arena, "cosine %.4f with %s, found %s", best,
			kit_show(ev->arena, wanted_at(list, at, ev->arena)), kit_show(ev->arena, ev->answer));
}

static int step(void *state, const struct evidence *ev, struct ask *ask, struct score *out, struct err *err)
{
	struct similar_state *st = state;
	if (!str_trim(ev->answer).n)
		return kit_done(out, 0, ev->arena, "the answer is empty");
	if (st->asked)
		return compare(ev, out, err);
	st->asked = true;
	return ask_vectors(ev, ask, err);
}

#define WANT "{\"type\":[\"string\",\"number\",\"array\"],\"minItems\":1,\"items\":{\"type\":[\"string\",\"number\"]}}"

const struct scorer_ops score_similar = {
	.name = "similar",
	.help = "cosine similarity of the answer's embedding with the expected text's",
	.schema = KIT_OBJECT "\"properties\":{\"expected\":" WANT ",\"value\":" WANT
			     ",\"threshold\":{\"type\":\"number\",\"exclusiveMinimum\":0,\"maximum\":1}},"
		KIT_ONE_OF("expected") "}",
	.needs = NEEDS_EXPECTED | NEEDS_EMBED,
	.traits = { .kind = METRIC_GRADED, .direction = HIGHER_IS_BETTER, .cut = 0.75, .unit = "" },
	.prepare = prepare,
	.state_size = sizeof(struct similar_state),
	.step = step,
};
