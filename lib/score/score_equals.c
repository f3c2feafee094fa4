#include "score/scorekit.h"

#include "base/buf.h"
#include "base/limits.h"
#include "doc/jsonx.h"

static int step_json(const json_t *want, const struct evidence *ev, struct score *out)
{
	const char *why;
	const json_t *got = json_lenient(ev->arena, ev->answer, &why);
	if (!got)
		return kit_done(out, 0, ev->arena, "expected a JSON %s, found %s",
				json_type_name(want), kit_show(ev->arena, ev->answer));
	if (kit_same(want, got))
		return kit_done(out, 1, ev->arena, "equal JSON");
	return kit_done(out, 0, ev->arena, "JSON differs: found %s",
			kit_show(ev->arena, ev->answer));
}

static int step(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		struct err *err)
{
	(void)state;
	(void)ask;
	const json_t *want = kit_main(ev->config, "expected");
	if (!want)
		return err_set(err, ERR_ARTIFACT, "'expected' is missing");
	if (!json_is_string(want))
		return step_json(want, ev, out);
	struct str text = json_str(want), got = ev->answer;
	if (kit_flag(ev->config, "trim")) {
		text = str_trim(text);
		got = str_trim(got);
	}
	bool eq = kit_flag(ev->config, "ignore_case") ? str_ieq(text, got) : str_eq(text, got);
	if (eq)
		return kit_done(out, 1, ev->arena, "equal");
	if (str_eq(str_trim(text), str_trim(got)))
		return kit_done(out, 0, ev->arena, "differs only by surrounding white space: 'trim' would allow it");
	return kit_done(out, 0, ev->arena, "expected %s, found %s", kit_show(ev->arena, text),
			kit_show(ev->arena, got));
}

const struct scorer_ops score_equals = {
	.name = "equals",
	.help = "the answer is exactly this text, or deeply equals this JSON value",
	.schema = KIT_OBJECT "\"properties\":{\"expected\":true,\"value\":true,"
			     "\"trim\":{\"type\":\"boolean\"},\"ignore_case\":{\"type\":\"boolean\"}},"
		KIT_ONE_OF("expected") "}",
	.needs = NEEDS_EXPECTED,
	.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	.step = step,
};
