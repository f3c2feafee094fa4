#include "verdict/failure_worst.h"

#include "base/utf8.h"
#include "doc/jsonx.h"

#include <math.h>

static size_t copy(char *to, size_t room, struct str s)
{
	struct str cut = utf8_prefix(s, room);
	if (cut.n)
		memcpy(to, cut.p, cut.n);
	return cut.n;
}

static bool is_worse(double badness, size_t seq, const struct worst_case *than)
{
	return badness != than->badness ? badness > than->badness : seq < than->seq;
}

static void write_case(struct worst_case *w, const struct bad *bad)
{
	const struct outcome *o = bad->o;
	*w = (struct worst_case){
		.seq = o->seq, .sample = o->sample, .badness = bad->badness, .value = bad->value
	};
	w->nid = copy(w->id, sizeof w->id, o->case_id);
	w->nreason = copy(w->reason, sizeof w->reason, bad->reason);
	w->ninput = copy(w->input, sizeof w->input, o->input);
	w->nanswer = copy(w->answer, sizeof w->answer, o->answer);
}

static bool same_case(const struct worst_case *w, const struct outcome *o)
{
	struct str id = utf8_prefix(o->case_id, WORST_ID_MAX);
	return str_eq((struct str){ .p = w->id, .n = w->nid }, id);
}

static void sort(struct worst_cases *w)
{
	for (size_t i = 1; i < w->n; i++) {
		for (size_t k = i; k > 0; k--) {
			struct worst_case *a = w->v[k - 1], *b = w->v[k];
			if (!is_worse(b->badness, b->seq, a))
				break;
			w->v[k - 1] = b;
			w->v[k] = a;
		}
	}
}

/* A case stands there once, with its worst sample. */
void worst_cases_add(struct worst_cases *w, const struct bad *bad, struct arena *a)
{
	struct worst_case *x = NULL;
	for (size_t i = 0; i < w->n; i++)
		if (same_case(w->v[i], bad->o))
			x = w->v[i];
	if (!x && w->n < WORST_CASES) {
		x = arena_new(a, struct worst_case);
		w->v[w->n++] = x;
	} else {
		x = x ? x : w->v[WORST_CASES - 1];
		if (!is_worse(bad->badness, bad->o->seq, x))
			return;
	}
	write_case(x, bad);
	sort(w);
}

static json_t *text_json(const char *p, size_t n)
{
	return json_from_str((struct str){ .p = p, .n = n });
}

static json_t *case_json(const struct worst_case *w)
{
	json_t *j = json_object();
	json_object_set_new(j, "case", text_json(w->id, w->nid));
	json_object_set_new(j, "sample", json_integer(w->sample));
	json_object_set_new(j, "seq", json_integer((json_int_t)w->seq));
	json_object_set_new(j, "value", isfinite(w->value) ? json_real(w->value) : json_null());
	json_object_set_new(j, "reason", text_json(w->reason, w->nreason));
	json_object_set_new(j, "input", text_json(w->input, w->ninput));
	json_object_set_new(j, "answer", text_json(w->answer, w->nanswer));
	return j;
}

json_t *worst_cases_json(const struct worst_cases *w)
{
	json_t *out = json_array();
	for (size_t i = 0; i < w->n; i++)
		json_array_append_new(out, case_json(w->v[i]));
	return out;
}
