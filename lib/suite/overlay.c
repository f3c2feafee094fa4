#include "suite/overlay.h"

#include "base/suggest.h"

static void offer_names(struct diags *d, struct str word, const json_t *object)
{
	struct suggest g = SUGGEST_INIT(word);
	const char *key;
	json_t *v;
	json_object_foreach ((json_t *)(uintptr_t)object, key, v)
		suggest_offer(&g, str_c(key));
	if (suggest_best(&g).p)
		diag_hint(d, "did you mean '%.*s'?", STR_ARGS(suggest_best(&g)));
}

static void replace(struct doc *to, json_t *target, const struct overlay *o, struct arena *a)
{
	struct doc_graft *graft = arena_array(a, struct doc_graft, OVERLAY_MEMBERS);
	for (size_t i = 0; i < OVERLAY_MEMBERS; i++) {
		const struct overlay_member *m = &o->member[i];
		if (!m->key)
			continue;
		json_object_set(target, m->key, json_array_get(m->array, m->index));
		graft[to->ngraft++] = (struct doc_graft){ .object = target, .key = m->key, .array = m->array,
							  .index = m->index };
	}
	to->graft = graft;
	to->other = o->doc;
}

bool overlay_apply(const struct doc **out, const struct doc *gate, const struct overlay *o, struct arena *a,
		   struct diags *d)
{
	const json_t *targets = json_object_get(gate->root, "targets");
	const json_t *old = json_object_get(targets, o->target);
	if (!json_is_object(old)) {
		diag_add(d, doc_pos_member(o->doc, o->doc->root, "target"), "unknown-target",
			 "the matrix is of target '%s', which '%s' does not have", o->target, gate->file);
		offer_names(d, str_c(o->target), targets);
		return false;
	}
	struct doc *to = arena_new(a, struct doc);
	*to = *gate;
	to->root = doc_copy_object(gate, gate->root, a);
	json_t *all = doc_copy_object(gate, targets, a), *target = doc_copy_object(gate, old, a);
	replace(to, target, o, a);
	json_object_set(all, o->target, target);
	json_object_set(to->root, "targets", all);
	*out = to;
	return true;
}

bool overlay_wants(const struct overlay *o, const char *name, const json_t *suite)
{
	for (size_t i = 0; i < o->nsuite; i++)
		if (!strcmp(o->suite[i], name))
			return true;
	return !o->nsuite && str_eqc(json_get_str(suite, "target"), o->target);
}

void overlay_check(const struct overlay *o, const json_t *suites, const char *file, struct diags *d)
{
	const json_t *named = json_object_get(o->doc->root, "suites");
	const char *name;
	json_t *suite;
	bool any = false;
	for (size_t i = 0; i < o->nsuite; i++) {
		suite = json_object_get(suites, o->suite[i]);
		struct str target = json_get_str(suite, "target");
		if (!suite) {
			diag_add(d, doc_pos_item(o->doc, named, i), "unknown-suite", "no suite '%s' in '%s'",
				 o->suite[i], file);
			offer_names(d, str_c(o->suite[i]), suites);
		} else if (!str_eqc(target, o->target)) {
			diag_add(d, doc_pos_item(o->doc, named, i), "matrix",
				 "suite '%s' evaluates target '%.*s', not '%s', so all combinations would be alike",
				 o->suite[i], STR_ARGS(target), o->target);
		}
	}
	json_object_foreach ((json_t *)(uintptr_t)suites, name, suite)
		any |= overlay_wants(o, name, suite);
	if (!any && !o->nsuite)
		diag_add(d, doc_pos_member(o->doc, o->doc->root, "target"), "matrix",
			 "no suite evaluates target '%s'", o->target);
}
