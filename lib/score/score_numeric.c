/* numeric: the number an answer ends with, or the one after a marker, against the expected. */
#include "score/scorekit.h"

#include "base/num.h"
#include "doc/jsonx.h"
#include "score/textnum.h"

#include <math.h>

enum pick { PICK_LAST, PICK_FIRST };

struct numeric {
	struct textnum want;
	struct str marker;
	enum pick pick;
	char decimal;
	double tolerance, relative;
};

/* After the last marker the first number counts; without a marker, the last or first of all. */
static bool find(const struct numeric *p, struct str text, struct textnum *out)
{
	if (!p->marker.n)
		return p->pick == PICK_FIRST ? textnum_next(text, 0, p->decimal, out) :
					       textnum_last(text, p->decimal, out);
	ptrdiff_t at = -1;
	for (ptrdiff_t next = 0; (next = str_find(text, p->marker, (size_t)next)) >= 0; next++)
		at = next;
	return at >= 0 && textnum_next(text, (size_t)at + p->marker.n, p->decimal, out);
}

/* A number, or a text that is one or (a reference solution) ends with one. */
static int read_expected(struct numeric *p, const json_t *j, struct arena *a, struct err *err)
{
	struct str text = str_trim(kit_text(j, a));
	if (json_is_boolean(j) || !text.n)
		return err_set(err, ERR_ARTIFACT, "'expected' must be a number, found %s",
			       j ? json_type_name(j) : "nothing");
	struct textnum t;
	char decimal = json_is_number(j) ? '.' : p->decimal;
	if (textnum_next(text, 0, decimal, &t) && t.from == 0 && t.to == text.n)
		p->want = t;
	else if (!find(p, text, &p->want) && !textnum_last(text, decimal, &p->want))
		return err_set(err, ERR_ARTIFACT, "'expected' holds no number: %s",
			       kit_show(a, text));
	return 0;
}

static int prepare(const void **prepared, const json_t *config, struct arena *a, struct err *err)
{
	struct numeric *p = arena_new(a, struct numeric);
	p->marker = json_get_str(config, "marker");
	p->pick = str_eqc(json_get_str(config, "pick"), "first") ? PICK_FIRST : PICK_LAST;
	p->decimal = str_eqc(json_get_str(config, "decimal"), ",") ? ',' : '.';
	p->tolerance = kit_number(config, "tolerance", 0);
	p->relative = kit_number(config, "relative", 0);
	if (p->tolerance < 0 || p->relative < 0)
		return err_set(err, ERR_ARTIFACT, "a tolerance is never negative");
	if (read_expected(p, kit_main(config, "expected"), a, err) < 0)
		return -1;
	*prepared = p;
	return 0;
}

static bool close_enough(const struct numeric *p, const struct textnum *got)
{
	if (textnum_same(&p->want, got))
		return true;
	double room = fmax(p->tolerance, p->relative * fabs(p->want.value));
	if (room == 0 && p->want.exact && got->exact)
		return false;
	/* 3.15 against 3.14 ± 0.01 must not fail by the last bit of a double */
	double slack = 4e-16 * fmax(fabs(p->want.value), fabs(got->value));
	return fabs(p->want.value - got->value) <= room + slack;
}

static int step(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		struct err *err)
{
	(void)state;
	(void)ask;
	(void)err;
	const struct numeric *p = ev->prepared;
	struct textnum got;
	char want[NUM_TEXT], found[NUM_TEXT];
	if (!find(p, ev->answer, &got)) {
		if (p->marker.n)
			return kit_done(out, 0, ev->arena, "no number after %s in the answer",
					kit_show(ev->arena, p->marker));
		return kit_done(out, 0, ev->arena, "no number in the answer");
	}
	num_fmt(p->want.value, want);
	num_fmt(got.value, found);
	if (close_enough(p, &got))
		return kit_done(out, 1, ev->arena, "found %s", found);
	return kit_done(out, 0, ev->arena, "expected %s, found %s", want, found);
}

const struct scorer_ops score_numeric = {
	.name = "numeric",
	.help = "the last number of the answer (or the one after a marker) is the expected one",
	.schema = KIT_OBJECT
		"\"properties\":{\"expected\":{\"type\":[\"number\",\"string\"]},"
		"\"value\":{\"type\":[\"number\",\"string\"]},"
		"\"tolerance\":{\"type\":\"number\",\"minimum\":0},"
		"\"relative\":{\"type\":\"number\",\"minimum\":0},"
		"\"marker\":{\"type\":\"string\",\"minLength\":1},"
		"\"pick\":{\"enum\":[\"last\",\"first\"]},\"decimal\":{\"enum\":[\".\",\",\"]}},"
		KIT_ONE_OF("expected") "}",
	.needs = NEEDS_EXPECTED,
	.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	.prepare = prepare,
	.step = step,
};
