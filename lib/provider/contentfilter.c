#include "provider/contentfilter.h"

#include "doc/jsonx.h"

static void keep(char *to, size_t size, struct str s)
{
	s = str_sub(s, 0, size - 1);
	if (s.n)
		memcpy(to, s.p, s.n);
	to[s.n] = '\0';
}

void contentfilter_take(struct contentfilter *f, const json_t *results)
{
	const char *name;
	json_t *v;
	if (!json_object_size(results))
		return;
	f->seen = true;
	json_object_foreach((json_t *)(uintptr_t)results, name, v) {
		if (!json_is_true(json_object_get(v, "filtered")) || f->n == FILTER_HITS_MAX)
			continue;
		struct filter_hit hit;
		size_t i = 0;
		keep(hit.name, sizeof(hit.name), str_c(name));
		keep(hit.severity, sizeof(hit.severity), json_get_str(v, "severity"));
		while (i < f->n && strcmp(f->hit[i].name, hit.name) != 0)
			i++;
		f->hit[i] = hit;
		f->n += i == f->n;
	}
}

void contentfilter_end(const struct contentfilter *f, struct reply *r)
{
	if (!f->seen || r->guardrail)
		return;
	json_t *policies = json_array();
	json_t *guardrail = arena_json(r->arena, json_pack("{s:s,s:o}", "action", f->n ? "intervened" : "none",
							   "policies", policies));
	for (size_t i = 0; i < f->n; i++) {
		json_t *o = json_pack("{s:s,s:s,s:s}", "policy", "content-filter", "name", "", "action", "blocked");
		if (json_object_set_new(o, "name", json_from_str(str_c(f->hit[i].name))))
			die_oom();
		if (*f->hit[i].severity &&
		    json_object_set_new(o, "severity", json_from_str(str_c(f->hit[i].severity))))
			die_oom();
		if (json_array_append_new(policies, o))
			die_oom();
	}
	r->guardrail = guardrail;
}
