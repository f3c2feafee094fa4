#include "score/scorekit.h"

#include "doc/regex.h"
#include "doc/jsonx.h"

static int prepare(const void **prepared, const json_t *config, struct arena *a, struct err *err)
{
	struct str pattern;
	struct regex *re;
	unsigned flags = 0;
	if (kit_need_text(&pattern, config, "pattern", a, err) < 0)
		return -1;
	flags |= kit_flag(config, "ignore_case") ? REGEX_ICASE : 0;
	flags |= kit_flag(config, "multiline") ? REGEX_MULTILINE : 0;
	flags |= kit_flag(config, "dotall") ? REGEX_DOTALL : 0;
	if (regex_compile(&re, pattern, flags, a, err) < 0)
		return -1;
	*prepared = re;
	return 0;
}

static int step(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		struct err *err)
{
	(void)state;
	(void)ask;
	struct regex_match m;
	int found = regex_search(ev->prepared, ev->answer, &m, err);
	if (found < 0)
		return err_wrap(err, "regex");
	if (!found)
		return kit_done(out, 0, ev->arena, "no match for %s",
				kit_show(ev->arena, kit_text(kit_main(ev->config, "pattern"), ev->arena)));
	return kit_done(out, 1, ev->arena, "matches %s",
			kit_show(ev->arena, str_sub(ev->answer, m.group[0].from, m.group[0].to)));
}

const struct scorer_ops score_regex = {
	.name = "regex",
	.help = "the answer matches this regular expression somewhere",
	.schema = KIT_OBJECT "\"properties\":{\"pattern\":{\"type\":\"string\",\"minLength\":1},"
			     "\"value\":{\"type\":\"string\",\"minLength\":1},"
			     "\"ignore_case\":{\"type\":\"boolean\"},\"multiline\":{\"type\":\"boolean\"},"
			     "\"dotall\":{\"type\":\"boolean\"}}," KIT_ONE_OF("pattern") "}",
	.needs = NEEDS_EXPECTED,
	.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	.prepare = prepare,
	.step = step,
};
