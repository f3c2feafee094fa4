#include "score/judgeverdict.h"

#include "doc/jsonx.h"

/* The inside of ```json … ``` when the whole text is one fence; else the text. */
static struct str unfence(struct str s)
{
	struct str line, rest = s;
	if (!str_starts(s, STR("```")) || !str_ends(s, STR("```")) || s.n < 7)
		return s;
	if (!str_line(&rest, &line) || rest.n < 3)
		return s;
	struct str tag = str_trim(str_sub(line, 3, line.n));
	if (tag.n && !str_ieq(tag, STR("json")))
		return s;
	struct str inside = str_trim(str_sub(rest, 0, rest.n - 3));
	return str_find(inside, STR("```"), 0) >= 0 && inside.p[0] != '{' ? s : inside;
}

static int check_types(const json_t *j, struct err *err)
{
	const json_t *pass = json_object_get(j, "pass"), *score = json_object_get(j, "score");
	const json_t *reason = json_object_get(j, "reason");
	if (!pass)
		return err_set(err, ERR_REMOTE, "judge verdict lacks 'pass'");
	if (!json_is_boolean(pass))
		return err_set(err, ERR_REMOTE, "judge verdict: 'pass' must be true or false, found %s",
			       json_type_name(pass));
	if (!score)
		return err_set(err, ERR_REMOTE, "judge verdict lacks 'score'");
	if (!json_is_number(score))
		return err_set(err, ERR_REMOTE, "judge verdict: 'score' must be a number, found %s",
			       json_type_name(score));
	if (!reason)
		return err_set(err, ERR_REMOTE, "judge verdict lacks 'reason'");
	if (!json_is_string(reason))
		return err_set(err, ERR_REMOTE, "judge verdict: 'reason' must be text, found %s",
			       json_type_name(reason));
	if (json_object_size(j) != 3)
		return err_set(err, ERR_REMOTE,
			       "judge verdict has members beside 'pass', 'score' and 'reason'");
	return 0;
}

int judge_verdict_parse(struct judge_verdict *out, struct str text, double cut, struct arena *a,
			struct err *err)
{
	json_error_t why;
	text = str_trim(text);
	if (!text.n)
		return err_set(err, ERR_REMOTE, "judge verdict is empty");
	text = unfence(text);
	if (!text.n || text.p[0] != '{')
		return err_set(err, ERR_REMOTE, "judge verdict is not one JSON object");
	json_t *j = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
	if (!j)
		return err_set(err, ERR_REMOTE,
			       "judge verdict is not one JSON object: fails at byte %d", why.position);
	arena_json(a, j);
	if (check_types(j, err) < 0)
		return -1;
	bool pass = json_is_true(json_object_get(j, "pass"));
	double score = json_number_value(json_object_get(j, "score"));
	if (!(score >= 0 && score <= 1))
		return err_set(err, ERR_REMOTE, "judge verdict: score %g is not in 0 … 1", score);
	if (pass != (score >= cut) || (pass && score == 0) || (!pass && score == 1))
		return err_set(err, ERR_REMOTE,
			       "judge verdict contradicts itself: pass is %s with score %g (cut %g)",
			       pass ? "true" : "false", score, cut);
	out->pass = pass;
	out->score = score;
	out->reason = json_str(json_object_get(j, "reason"));
	return 0;
}

int judge_verdict_read(struct judge_verdict *out, const struct reply *r, double cut,
		       struct arena *a, struct err *err)
{
	if (r->fail != FAIL_NONE)
		return err_set(err, ERR_REMOTE, "judge verdict is missing: the call failed (%s) %.*s",
			       fail_name(r->fail), STR_ARGS(r->fail_text));
	if (r->finish == FINISH_LENGTH)
		return err_set(err, ERR_REMOTE,
			       "judge verdict was cut at max_tokens: raise it in the judge's params");
	if (r->finish == FINISH_BLOCKED || r->finish == FINISH_REFUSED)
		return err_set(err, ERR_REMOTE, "judge verdict is missing: the judge's answer was %s",
			       finish_name(r->finish));
	if (r->finish == FINISH_TOOL)
		return err_set(err, ERR_REMOTE, "judge verdict is missing: the judge asked for a tool");
	return judge_verdict_parse(out, buf_str(&r->text), cut, a, err);
}
