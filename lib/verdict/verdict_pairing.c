#include "verdict/verdict_pairing.h"

#include "doc/jsonx.h"

#include <math.h>

static void put_number(json_t *j, const char *key, double x)
{
	json_object_set_new(j, key, isfinite(x) ? json_real(x) : json_null());
}

static void put_count(json_t *j, const char *key, size_t n)
{
	json_object_set_new(j, key, json_integer((json_int_t)n));
}

/* The id of a case as struct take numbers it. */
static const char *case_name(const struct row *r, const struct verdict_table *t, uint32_t tcase)
{
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct table_suite *s = &t->suite[r->suite[i]];
		if (s->case_id && tcase >= s->base && tcase - s->base < s->n / s->repeats)
			return s->case_id[tcase - s->base];
	}
	return NULL;
}

static json_t *names_json(const struct row *r, const struct verdict_table *t, const uint32_t *list, size_t n)
{
	json_t *out = json_array();
	for (size_t i = 0; i < n; i++) {
		const char *id = case_name(r, t, list[i]);
		if (id)
			json_array_append_new(out, json_from_str(str_c(id)));
	}
	return out;
}

static void put_flips(json_t *j, const struct pairing *p, const struct row *r, const struct verdict_table *t)
{
	json_t *flips = json_object();
	put_count(j, "gained", p->gained);
	put_count(j, "lost", p->lost);
	json_object_set_new(flips, "lost", names_json(r, t, p->loss, p->nloss));
	json_object_set_new(flips, "gained", names_json(r, t, p->gain, p->ngain));
	json_object_set_new(j, "flips", flips);
}

const json_t *verdict_pairing_json(const struct pairing *p, const struct row *r, const struct verdict_table *t,
				   struct arena *a)
{
	json_t *j = arena_json(a, json_object());
	put_number(j, "new", p->now);
	json_object_set_new(j, "new_text", json_string(p->now_text));
	put_number(j, "old", p->old);
	json_object_set_new(j, "old_text", json_string(p->old_text));
	put_number(j, "difference", p->difference);
	put_number(j, "lower", p->lower);
	put_number(j, "upper", p->upper);
	if (!isnan(p->shown_lower)) {
		put_number(j, "shown_lower", p->shown_lower);
		put_number(j, "shown_upper", p->shown_upper);
	}
	put_count(j, "pairs", p->pairs);
	put_count(j, "old_unscored", p->old_unscored);
	if (p->counted)
		put_flips(j, p, r, t);
	if (isfinite(p->least))
		put_number(j, "least", p->least);
	put_number(j, "p", p->p);
	return j;
}
