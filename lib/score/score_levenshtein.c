/* levenshtein: single-character edits between the answer and the expected text, over code points
 * after NFC. */
#include "score/scorekit.h"

#include "base/num.h"
#include "doc/jsonx.h"
#include "score/editdist.h"
#include "score/textfold.h"

struct expected {
	uint32_t *cp;
	size_t n;
	double max;
};

static bool graded(const json_t *config)
{
	return kit_flag(config, "graded");
}

static void declare(struct score_traits *out, const json_t *config)
{
	if (graded(config))
		out->kind = METRIC_GRADED;
}

static int prepare(const void **prepared, const json_t *config, struct arena *a, struct err *err)
{
	struct expected *p = arena_new(a, struct expected);
	const json_t *want = kit_main(config, "expected");
	struct str text = kit_text(want, a);
	if (!text.p)
		return err_set(err, ERR_ARTIFACT, "'expected' must be text, found %s",
			       want ? json_type_name(want) : "nothing");
	p->cp = textfold_nfc(text, &p->n, a);
	p->max = kit_number(config, "threshold", 5);
	if (graded(config) && p->max > 1 && json_object_get(config, "threshold"))
		return err_set(err, ERR_ARTIFACT,
			       "'threshold' of a graded levenshtein is a similarity, at most 1");
	*prepared = p;
	return 0;
}

static int step(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		struct err *err)
{
	(void)state;
	(void)ask;
	const struct expected *p = ev->prepared;
	size_t n;
	const uint32_t *got = textfold_nfc(ev->answer, &n, ev->arena);
	size_t gap = n > p->n ? n - p->n : p->n - n, longer = n > p->n ? n : p->n;
	if (!graded(ev->config) && (double)gap > p->max)
		return kit_done(out, 0, ev->arena,
				"lengths differ by %zu code point%s, more than %g edit%s", gap,
				num_s(gap), p->max, p->max == 1 ? "" : "s");
	size_t d = editdist(p->cp, p->n, got, n, ev->arena);
	if (d == SIZE_MAX)
		return err_set(err, ERR_ARTIFACT,
			       "texts of %zu and %zu code points are too long for levenshtein", p->n, n);
	double similarity = longer ? 1 - (double)d / (double)longer : 1;
	if (graded(ev->config))
		return kit_done(out, similarity, ev->arena, "%zu edit%s over %zu code point%s", d,
				num_s(d), longer, num_s(longer));
	return kit_done(out, (double)d <= p->max, ev->arena, "%zu edit%s, at most %g allowed", d, num_s(d),
			p->max);
}

const struct scorer_ops score_levenshtein = {
	.name = "levenshtein",
	.help = "the answer is few single-character edits away from the expected text",
	.schema = KIT_OBJECT "\"properties\":{\"expected\":{\"type\":[\"string\",\"number\"]},"
			     "\"value\":{\"type\":[\"string\",\"number\"]},"
			     "\"threshold\":{\"type\":\"number\",\"minimum\":0},"
			     "\"graded\":{\"type\":\"boolean\"}}," KIT_ONE_OF("expected") "}",
	.needs = NEEDS_EXPECTED,
	.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	.declare = declare,
	.prepare = prepare,
	.step = step,
};
