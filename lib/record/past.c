#include "record/past.h"

#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "doc/jsonx.h"

enum { VERDICTS_SHOWN = 10, STATUS_TEXT_MAX = 300 };

static int64_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* Nothing but a verdict's name is shown of what the record has there. */
static const char *verdict_word(const json_t *run)
{
	int v = verdict_parse(json_get_str(run, "verdict"));
	return v < 0 ? "unknown" : verdict_name((enum verdict_kind)v);
}

const char *past_verdicts(const struct record *r, struct arena *a)
{
	const json_t *runs = json_object_get(r->earlier_verdicts, "runs");
	int64_t total = number(r->earlier_verdicts, "total"), shown = 0;
	if (total <= 0)
		return NULL;
	struct buf b;
	size_t i;
	json_t *run;
	buf_init(&b, KIB);
	buf_addf(&b, "judged %s before: ", total == 1 ? "once" : total == 2 ? "twice" :
					   arena_fmt(a, "%lld times", (long long)total));
	json_array_foreach((json_t *)(uintptr_t)runs, i, run) {
		if (shown == VERDICTS_SHOWN)
			break;
		buf_addf(&b, "%s%s", shown++ ? ", " : "", verdict_word(run));
	}
	if (total > shown)
		buf_addf(&b, " and %lld more", (long long)(total - shown));
	const char *text = arena_cstr(a, buf_str(&b));
	buf_release(&b);
	return text;
}

/* Did every listed failure stand under another policy than this run's? */
static bool other_policy(const struct record *r)
{
	size_t i, listed = 0;
	json_t *run;
	char hex[DIGEST_HEX];
	digest_hex(&r->policy_digest, hex);
	json_array_foreach(json_object_get(r->earlier_verdicts, "runs"), i, run) {
		if (!str_eqc(json_get_str(run, "verdict"), verdict_name(VERDICT_FAIL)))
			continue;
		if (str_eqc(json_get_str(run, "policy"), hex))
			return false;
		listed++;
	}
	return listed > 0;
}

const char *past_reroll(const struct record *r, struct arena *a)
{
	int64_t failed = number(r->earlier_verdicts, "failed"), open = number(r->earlier_verdicts, "undecided");
	bool fresh = json_is_true(json_object_get(r->earlier_verdicts, "fresh"));
	if (r->measure || r->verdict != VERDICT_PASS || r->exit_code)
		return NULL;
	if (failed > 0)
		return arena_fmt(a, "this very candidate failed the same suites %lld time%s before%s: a pass after that is a "
				    "re-roll, for which `gate verify` may demand a waiver", (long long)failed,
				 num_s((size_t)failed), other_policy(r) ? " (by another policy)" : "");
	if (open > 0 && fresh)
		return arena_fmt(a, "this very candidate was undecided %lld time%s before, and --fresh took new answers: "
				    "repeated until it passes, more than the stated share of bad ones would",
				 (long long)open, num_s((size_t)open));
	return NULL;
}

size_t past_judges(const struct record *r)
{
	return json_array_size(r->judges);
}

/* SUITE/METRIC of SUITE/METRIC@calibration. */
static struct str judged_name(const json_t *x)
{
	struct str name = json_get_str(x, "suite"), end = STR("@calibration");
	return str_ends(name, end) ? str_sub(name, 0, name.n - end.n) : name;
}

const char *past_judge(const struct record *r, size_t i, bool *changed, struct arena *a)
{
	const json_t *x = json_array_get(r->judges, i), *was = json_object_get(x, "was");
	long long labels = number(x, "labels"), reused = number(x, "reused");
	struct str name = judged_name(x), start = json_get_str(x, "start");
	*changed = json_is_true(json_object_get(x, "changed"));
	if (!json_is_object(x) || (!json_is_number(was) && !reused))
		return NULL;
	const char *text = arena_fmt(a, "judge of %.*s: agreement with people %.3f (%lld labels)", STR_ARGS(name),
				     json_number_value(json_object_get(x, "agreement")), labels);
	if (json_is_number(was))
		text = arena_fmt(a, "%s, was %.3f on %.10s", text, json_number_value(was), start.n >= 10 ? start.p : "?");
	if (reused)
		text = arena_fmt(a, "%s; %lld of its verdicts are of an earlier run, --fresh asks again", text, reused);
	return *changed ? arena_fmt(a, "%s; the judge has CHANGED: %lld better, %lld worse (p = %.2g)", text,
				    (long long)number(x, "better"), (long long)number(x, "worse"),
				    json_number_value(json_object_get(x, "p"))) : text;
}

const char *past_flaky(const struct record *r, struct str suite, struct str case_id, struct str metric,
		       struct arena *a)
{
	size_t i;
	json_t *x;
	json_array_foreach((json_t *)(uintptr_t)r->flaky, i, x)
		if (str_eq(json_get_str(x, "case"), case_id) && str_eq(json_get_str(x, "suite"), suite) &&
		    str_eq(json_get_str(x, "metric"), metric))
			return arena_fmt(a, "flaky: passed %lld of %lld before", (long long)number(x, "passed"),
					 (long long)number(x, "of"));
	return NULL;
}

void past_status(struct buf *out, const struct outcome *o)
{
	struct str until = json_get_str(o->quarantine, "until"), owner = json_get_str(o->quarantine, "owner");
	struct str reason = json_get_str(o->quarantine, "reason");
	buf_adds(out, sample_status_name(o->status));
	if (until.n) {
		buf_adds(out, " until ");
		buf_add(out, utf8_prefix(until, STATUS_TEXT_MAX));
	}
	if (!owner.n && !reason.n)
		return;
	buf_adds(out, " (");
	buf_add(out, utf8_prefix(owner, STATUS_TEXT_MAX));
	buf_adds(out, owner.n && reason.n ? ": " : "");
	buf_add(out, utf8_prefix(reason, STATUS_TEXT_MAX));
	buf_addc(out, ')');
}
