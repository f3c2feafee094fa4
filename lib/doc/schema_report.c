/* Failures handed out: as pointers, or as diags in a document. */
#include "base/suggest.h"
#include "doc/pointer.h"
#include "doc/schema_impl.h"

static bool same_place(const struct schema_at *a, const struct schema_at *b)
{
	for (; a->up && b->up; a = a->up, b = b->up)
		if (!a->key != !b->key || (a->key ? strcmp(a->key, b->key) != 0 : a->index != b->index))
			return false;
	return !a->up && !b->up;
}

/* Does an earlier failure say the same, or an unknown key say that this one is misspelt? */
static bool is_noise(const struct schema_fails *fails, size_t i)
{
	const struct schema_fail *f = &fails->list.v[i];
	for (size_t k = 0; k < fails->list.n; k++) {
		const struct schema_fail *g = &fails->list.v[k];
		if (k == i || !same_place(f->at, g->at))
			continue;
		if (k < i && !strcmp(f->msg, g->msg))
			return true;
		struct str hint = str_c(g->hint);
		if (f->id && !strcmp(f->id, "missing-key") && g->id && !strcmp(g->id, "unknown-key") &&
		    f->key && str_starts(hint, STR("did you mean '")) &&
		    str_eqc(str_sub(hint, 14, hint.n - 2), f->key))
			return true;
	}
	return false;
}

static void add_path(struct buf *b, const struct schema_at *at)
{
	if (!at->up)
		return;
	add_path(b, at->up);
	if (at->key)
		pointer_add(b, str_c(at->key));
	else
		buf_addf(b, "/%zu", at->index);
}

/* The way from `from` to the object at address `to`. */
static bool find_object(struct buf *b, const json_t *from, const json_t *to)
{
	size_t n = b->n;
	json_t *o = (json_t *)(uintptr_t)from;
	if (from == to)
		return true;
	for (void *it = json_object_iter(o); it; it = json_object_iter_next(o, it)) {
		pointer_add(b, str_c(json_object_iter_key(it)));
		if (find_object(b, json_object_iter_value(it), to))
			return true;
		b->n = n;
	}
	for (size_t i = 0; i < json_array_size(from); i++) {
		buf_addf(b, "/%zu", i);
		if (find_object(b, json_array_get(from, i), to))
			return true;
		b->n = n;
	}
	return false;
}

static const char *schema_pointer(const struct schema_rule *r, struct arena *a)
{
	struct buf b;
	buf_init(&b, 64 * 1024);
	if (r->owner) {
		find_object(&b, r->owner->res->root, r->owner->json);
		pointer_add(&b, str_c(r->keyword));
	}
	const char *text = arena_cstr(a, buf_str(&b));
	buf_release(&b);
	return text;
}

static const char *instance_pointer(const struct schema_at *at, struct arena *a)
{
	struct buf b;
	buf_init(&b, 1024 * 1024);
	add_path(&b, at);
	const char *text = arena_cstr(a, buf_str(&b));
	buf_release(&b);
	return text;
}

bool schema_valid(const struct schema *s, const json_t *value, struct schema_report *rep,
		  struct arena *scratch)
{
	struct arena_mark mark = arena_mark(scratch);
	struct schema_fails fails = { .list = { .n = 0 } };
	struct schema_eval e;
	bool ok;
	schema_run(&e, s, value, rep ? &fails : NULL, scratch, &ok);
	for (size_t i = 0; rep && i < fails.list.n; i++) {
		const struct schema_fail *f = &fails.list.v[i];
		if (ok || is_noise(&fails, i))
			continue;
		*vec_push(&rep->list, rep->arena) = (struct schema_failure){
			.instance = instance_pointer(f->at, rep->arena),
			.schema = schema_pointer(f->rule, rep->arena),
			.keyword = f->rule->keyword,
			.msg = arena_cstr(rep->arena, str_c(f->msg)),
		};
	}
	/* The report may live in the same arena: then nothing can be given back. */
	if (!rep || rep->arena != scratch)
		arena_rewind(scratch, mark);
	return ok;
}

static struct pos place(const struct doc *d, const struct schema_fail *f)
{
	const struct schema_at *at = f->at;
	if (f->at_key)
		return doc_pos_key(d, at->value, f->key);
	if (!at->up)
		return doc_pos_of(d, d->root);
	if (at->key)
		return doc_pos_member(d, at->up->value, at->key);
	return doc_pos_item(d, at->up->value, at->index);
}

/* Did another failure name this key of the object as one that is not known? */
static bool is_unknown(const struct schema_fails *fails, const struct schema_at *at, const char *key)
{
	for (size_t i = 0; i < fails->list.n; i++) {
		const struct schema_fail *f = &fails->list.v[i];
		if (f->id && !strcmp(f->id, "unknown-key") && same_place(f->at, at) && !strcmp(f->key, key))
			return true;
	}
	return false;
}

/* A key that is there, of which no schema knows, and that is a slip of the one that is missing. */
static const char *slip_hint(const struct schema_fails *fails, const struct schema_fail *f, struct arena *a)
{
	const char *key;
	json_t *value;
	if (f->hint || !f->id || strcmp(f->id, "missing-key") || !f->key || !json_is_object(f->at->value))
		return f->hint;
	struct suggest s = SUGGEST_INIT(str_c(f->key));
	struct map known;
	map_init(&known, a);
	if (f->rule->owner)
		schema_known_names(f->rule->owner, &known, 0);
	json_object_foreach ((json_t *)(uintptr_t)f->at->value, key, value)
		if (!map_has(&known, str_c(key)) || is_unknown(fails, f->at, key))
			suggest_offer(&s, str_c(key));
	struct str best = suggest_best(&s);
	return best.p ? arena_fmt(a, "'%.*s' is here: did you mean '%s'?", STR_ARGS(best), f->key) : NULL;
}

bool schema_check_doc(const struct schema *s, const struct doc *d, struct diags *out,
		      const char *rule)
{
	struct arena a = ARENA_INIT;
	struct schema_fails fails = { .list = { .n = 0 } };
	struct schema_eval e;
	bool ok;
	schema_run(&e, s, d->root, &fails, &a, &ok);
	for (size_t i = 0; !ok && i < fails.list.n; i++) {
		const struct schema_fail *f = &fails.list.v[i];
		if (is_noise(&fails, i))
			continue;
		diag_add(out, place(d, f), f->id ? f->id : rule, "%s", f->msg);
		const char *hint = slip_hint(&fails, f, &a);
		if (hint)
			diag_hint(out, "%s", hint);
	}
	if (!ok && !fails.list.n)
		diag_add(out, doc_pos_of(d, d->root), rule, "the document does not fit its schema");
	arena_release(&a);
	return ok;
}
