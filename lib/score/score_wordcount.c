#include "score/scorekit.h"

#include "base/num.h"
#include "doc/jsonx.h"

#include <math.h>

static size_t count_words(struct str s)
{
	size_t n = 0;
	bool in = false;
	for (size_t i = 0; i < s.n; i++) {
		bool blank = s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r');
		n += !blank && !in;
		in = !blank;
	}
	return n;
}

struct range {
	double min, max;
};

static int prepare(const void **prepared, const json_t *config, struct arena *a, struct err *err)
{
	const json_t *value = json_object_get(config, "value");
	struct range *r = arena_new(a, struct range);
	const json_t *from = json_is_object(value) ? value : config;
	r->min = kit_number(from, "min", 0);
	r->max = kit_number(from, "max", INFINITY);
	if (value && !json_is_object(value)) {
		if (!num_parse(str_trim(kit_text(value, a)), &r->min))
			return err_set(err, ERR_ARTIFACT, "'value' must be a number of words");
		r->max = r->min;
	}
	if (!(r->min <= r->max) || (r->min <= 0 && isinf(r->max)))
		return err_set(err, ERR_ARTIFACT, "word-count needs a number, or 'min' and 'max' that can fail");
	*prepared = r;
	return 0;
}

static int step(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		struct err *err)
{
	(void)state;
	(void)ask;
	(void)err;
	const struct range *r = ev->prepared;
	size_t n = count_words(ev->answer);
	bool ok = (double)n >= r->min && (double)n <= r->max;
	if (r->min == r->max)
		return kit_done(out, ok, ev->arena, "%zu word%s, %g asked for", n, num_s(n), r->min);
	if (isinf(r->max))
		return kit_done(out, ok, ev->arena, "%zu word%s, at least %g asked for", n,
				num_s(n), r->min);
	return kit_done(out, ok, ev->arena, "%zu word%s, %g to %g asked for", n, num_s(n),
			r->min, r->max);
}

#define N "{\"type\":\"number\",\"minimum\":0}"
const struct scorer_ops score_word_count = {
	.name = "word-count",
	.help = "the answer has this many words",
	.schema = KIT_OBJECT
		"\"properties\":{\"min\":" N ",\"max\":" N ",\"value\":{\"anyOf\":[" N ",{\"type\":\"string\"},"
		"{\"type\":\"object\",\"additionalProperties\":false,\"minProperties\":1,"
		"\"properties\":{\"min\":" N ",\"max\":" N "}}]}},"
		"\"oneOf\":[{\"required\":[\"value\"]},{\"anyOf\":[{\"required\":[\"min\"]},{\"required\":[\"max\"]}]}]}",
	.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	.prepare = prepare,
	.step = step,
};
