/* contains and its kin: one list of needles, compiled once; all or any of them must be found. */
#include "score/scorekit.h"

#include "doc/jsonx.h"
#include "score/textfold.h"

struct needles {
	size_t n;
	const struct str *shown; /* as written */
	const struct str *text;  /* folded when case is ignored */
};

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

static int add_needle(struct needles *out, struct str *text, struct str s, bool fold,
		      struct arena *a, struct err *err)
{
	if (!s.n)
		return err_set(err, ERR_ARTIFACT,
			       "text to look for is empty: every answer contains it");
	((struct str *)(uintptr_t)out->shown)[out->n] = arena_str(a, s);
	text[out->n] = fold ? textfold(s, a) : out->shown[out->n];
	out->n++;
	return 0;
}

/* a, "b, with comma", c */
static struct str next_item(struct str *rest, struct arena *a)
{
	*rest = str_trim(*rest);
	if (!rest->n || rest->p[0] != '"') {
		struct str item = { .p = "", .n = 0 };
		str_cut(rest, ',', &item);
		return str_trim(item);
	}
	char *out = arena_alloc(a, rest->n);
	size_t n = 0, i = 1;
	for (; i < rest->n; i++) {
		if (rest->p[i] == '"' && i + 1 < rest->n && rest->p[i + 1] == '"')
			i++;
		else if (rest->p[i] == '"')
			break;
		out[n++] = rest->p[i];
	}
	*rest = str_sub(*rest, i + 1, rest->n);
	struct str after;
	str_cut(rest, ',', &after);
	return (struct str){ .p = out, .n = n };
}

static int prepare_list(struct needles *out, struct str *text, const json_t *list, bool fold,
			struct arena *a, struct err *err)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct str s = kit_text(json_array_get(list, i), a);
		if (add_needle(out, text, s, fold, a, err) < 0)
			return -1;
	}
	return 0;
}

static int prepare_any(const void **prepared, const json_t *config, bool fold, bool many,
		       struct arena *a, struct err *err)
{
	const json_t *value = kit_main(config, "values");
	struct str s = kit_text(value, a);
	size_t room = json_is_array(value) ? json_array_size(value) : s.n + 1;
	struct needles *out = arena_new(a, struct needles);
	struct str *text = arena_array(a, struct str, room);
	out->shown = arena_array(a, struct str, room);
	out->text = text;
	if (!many) {
		if (add_needle(out, text, s, fold, a, err) < 0)
			return -1;
	} else if (json_is_array(value)) {
		if (prepare_list(out, text, value, fold, a, err) < 0)
			return -1;
	} else {
		while (s.n)
			if (add_needle(out, text, next_item(&s, a), fold, a, err) < 0)
				return -1;
	}
	if (!out->n)
		return err_set(err, ERR_ARTIFACT, "list of texts to look for is empty");
	*prepared = out;
	return 0;
}

static int prepare_one(const void **p, const json_t *c, struct arena *a, struct err *err)
{
	return prepare_any(p, c, false, false, a, err);
}

static int prepare_one_fold(const void **p, const json_t *c, struct arena *a, struct err *err)
{
	return prepare_any(p, c, true, false, a, err);
}

static int prepare_many(const void **p, const json_t *c, struct arena *a, struct err *err)
{
	return prepare_any(p, c, false, true, a, err);
}

static int prepare_many_fold(const void **p, const json_t *c, struct arena *a, struct err *err)
{
	return prepare_any(p, c, true, true, a, err);
}

/* An ASCII answer is compared in place; any other is folded once before. */
static bool has(const struct needles *p, size_t i, struct str answer, bool in_place)
{
	if (in_place)
		return textfold_find_ascii(answer, p->text[i]) >= 0;
	return str_find(answer, p->text[i], 0) >= 0;
}

static int judge(const struct evidence *ev, struct score *out, bool fold, bool any)
{
	const struct needles *p = ev->prepared;
	struct str answer = ev->answer;
	size_t missing = 0, first = p->n;
	bool in_place = fold && is_ascii(answer);
	if (fold && !in_place)
		answer = textfold(answer, ev->arena);
	for (size_t i = 0; i < p->n; i++) {
		bool found = has(p, i, answer, in_place);
		missing += !found;
		if (first == p->n && found == any)
			first = i;
		if (any && found)
			break;
	}
	if (any && first < p->n)
		return kit_done(out, 1, ev->arena, "contains %s",
				kit_show(ev->arena, p->shown[first]));
	if (any)
		return kit_done(out, 0, ev->arena, "contains none of the %zu", p->n);
	if (!missing)
		return kit_done(out, 1, ev->arena, "contains %s",
				p->n == 1 ? kit_show(ev->arena, p->shown[0]) : "all");
	if (p->n == 1)
		return kit_done(out, 0, ev->arena, "does not contain %s",
				kit_show(ev->arena, p->shown[0]));
	return kit_done(out, 0, ev->arena, "%zu of %zu missing, first %s", missing, p->n,
			kit_show(ev->arena, p->shown[first]));
}

#define STEP(name, fold, any)                                                                    \
	static int name(void *state, const struct evidence *ev, struct ask *ask,                 \
			struct score *out, struct err *err)                                      \
	{                                                                                        \
		(void)state;                                                                     \
		(void)ask;                                                                       \
		(void)err;                                                                       \
		return judge(ev, out, fold, any);                                                \
	}
STEP(step_all, false, false)
STEP(step_any, false, true)
STEP(step_all_fold, true, false)
STEP(step_any_fold, true, true)

static int step_starts(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		       struct err *err)
{
	(void)state;
	(void)ask;
	(void)err;
	const struct needles *p = ev->prepared;
	if (str_starts(ev->answer, p->text[0]))
		return kit_done(out, 1, ev->arena, "starts with %s",
				kit_show(ev->arena, p->shown[0]));
	return kit_done(out, 0, ev->arena, "expected to start with %s, found %s",
			kit_show(ev->arena, p->shown[0]), kit_show(ev->arena, ev->answer));
}

#define ONE_SCHEMA                                                                               \
	KIT_OBJECT "\"properties\":{\"value\":{\"type\":[\"string\",\"number\",\"boolean\"]}},"    \
		   "\"required\":[\"value\"]}"
#define LIST                                                                                     \
	"{\"type\":[\"array\",\"string\",\"number\"],\"minItems\":1,"                              \
	"\"items\":{\"type\":[\"string\",\"number\",\"boolean\"]}}"
#define MANY_SCHEMA                                                                              \
	KIT_OBJECT "\"properties\":{\"values\":" LIST ",\"value\":" LIST "}," KIT_ONE_OF("values") "}"
#define TRAITS                                                                                   \
	{ .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" }

const struct scorer_ops score_contains = {
	.name = "contains",
	.help = "the answer contains this text",
	.schema = ONE_SCHEMA,
	.needs = NEEDS_EXPECTED,
	.traits = TRAITS,
	.prepare = prepare_one,
	.step = step_all,
};

const struct scorer_ops score_icontains = {
	.name = "icontains",
	.help = "the answer contains this text, whatever the case",
	.schema = ONE_SCHEMA,
	.needs = NEEDS_EXPECTED,
	.traits = TRAITS,
	.prepare = prepare_one_fold,
	.step = step_all_fold,
};

const struct scorer_ops score_contains_all = {
	.name = "contains-all",
	.help = "the answer contains all of these texts",
	.schema = MANY_SCHEMA,
	.traits = TRAITS,
	.prepare = prepare_many,
	.step = step_all,
};

const struct scorer_ops score_contains_any = {
	.name = "contains-any",
	.help = "the answer contains at least one of these texts",
	.schema = MANY_SCHEMA,
	.traits = TRAITS,
	.prepare = prepare_many,
	.step = step_any,
};

const struct scorer_ops score_icontains_all = {
	.name = "icontains-all",
	.help = "the answer contains all of these texts, whatever the case",
	.schema = MANY_SCHEMA,
	.traits = TRAITS,
	.prepare = prepare_many_fold,
	.step = step_all_fold,
};

const struct scorer_ops score_icontains_any = {
	.name = "icontains-any",
	.help = "the answer contains at least one of these texts, whatever the case",
	.schema = MANY_SCHEMA,
	.traits = TRAITS,
	.prepare = prepare_many_fold,
	.step = step_any_fold,
};

const struct scorer_ops score_starts_with = {
	.name = "starts-with",
	.help = "the answer starts with this text",
	.schema = ONE_SCHEMA,
	.needs = NEEDS_EXPECTED,
	.traits = TRAITS,
	.prepare = prepare_one,
	.step = step_starts,
};
