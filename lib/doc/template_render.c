/* Statements at work, and the two ways to get something out of a template. */
#include "base/limits.h"
#include "base/suggest.h"
#include "doc/mustache.h"
#include "doc/template_eval.h"
#include "doc/template_node.h"

static int body(struct template_run *r, const struct template_stmt *s);

static struct template_binding *find(struct template_scope *s, struct str name)
{
	for (struct template_binding *b = s->first; b; b = b->next)
		if (str_eq(b->name, name))
			return b;
	return NULL;
}

/* Bind in this scope. */
static void bind(struct template_run *r, struct str name, const json_t *value)
{
	struct template_binding *b = find(r->scope, name);
	if (!b) {
		b = arena_new(r->a, struct template_binding);
		b->name = name;
		b->next = r->scope->first;
		r->scope->first = b;
	}
	b->value = value;
}

/* {% set %}: the binding that exists, in whatever scope, else a new one here. */
static void assign(struct template_run *r, struct str name, const json_t *value)
{
	for (struct template_scope *s = r->scope; s; s = s->up) {
		struct template_binding *b = find(s, name);
		if (!b)
			continue;
		b->value = value;
		return;
	}
	bind(r, name, value);
}

static int over(struct template_run *r, size_t offset)
{
	if (!r->out->over)
		return 0;
	return template_fail(r->e, offset, NULL, "the text grows past %zu bytes", r->out->max);
}

static int output(struct template_run *r, const struct template_stmt *s)
{
	const json_t *j;
	if (template_eval(r, s->expr, &j))
		return -1;
	template_add_text(r->out, j);
	return over(r, s->offset);
}

static int branch(struct template_run *r, const struct template_stmt *s)
{
	for (; s; s = s->other) {
		const json_t *j;
		if (!s->expr)
			return body(r, s->body);
		if (template_eval(r, s->expr, &j))
			return -1;
		if (template_truthy(j))
			return body(r, s->body);
	}
	return 0;
}

static int unpack(struct template_run *r, const struct template_stmt *s, const json_t *item)
{
	if (s->ntarget == 1) {
		bind(r, s->target[0], item);
		return 0;
	}
	if (!json_is_array(item) || json_array_size(item) != s->ntarget)
		return template_fail(r->e, s->offset, NULL,
				     "the loop has %zu names, but an item is %s%s", s->ntarget,
				     template_type(item),
				     json_is_array(item) ? " of another length" : "");
	for (size_t i = 0; i < s->ntarget; i++)
		bind(r, s->target[i], json_array_get(item, i));
	return 0;
}

/* What a loop walks over: with several names an object gives its pairs. */
static int walked(struct template_run *r, const struct template_stmt *s, const json_t **list)
{
	const json_t *j;
	if (template_eval(r, s->expr, &j))
		return -1;
	if (json_is_object(j) && s->ntarget > 1)
		return template_pairs(r, s->expr, j, list);
	return template_items(r, s->expr, j, "a loop", list);
}

static int loop(struct template_run *r, const struct template_stmt *s)
{
	const json_t *list;
	if (walked(r, s, &list))
		return -1;
	size_t n = json_array_size(list);
	if (!n)
		return body(r, s->other);
	struct template_scope scope = { .up = r->scope, .loop = true, .length = n };
	r->scope = &scope;
	int rc = 0;
	for (size_t i = 0; i < n && !rc; i++) {
		scope.index = i;
		scope.loop_value = NULL;
		rc = template_step(r, s->offset) || unpack(r, s, json_array_get(list, i)) ||
		     body(r, s->body);
	}
	r->scope = scope.up;
	return rc ? -1 : 0;
}

/* {% set x %}text{% endset %} */
static int capture(struct template_run *r, const struct template_stmt *s, const json_t **out)
{
	struct buf text, *outer = r->out;
	buf_init(&text, TEMPLATE_OUT_MAX);
	r->out = &text;
	int rc = body(r, s->body);
	r->out = outer;
	if (!rc)
		return template_take_buf(r, s->offset, &text, out);
	buf_release(&text);
	return -1;
}

static int set(struct template_run *r, const struct template_stmt *s)
{
	const json_t *j;
	if (s->kind == STMT_SET ? template_eval(r, s->expr, &j) : capture(r, s, &j))
		return -1;
	assign(r, s->target[0], j);
	return 0;
}

static int statement(struct template_run *r, const struct template_stmt *s)
{
	if (template_step(r, s->offset))
		return -1;
	switch (s->kind) {
	case STMT_TEXT:
		buf_add(r->out, s->text);
		return over(r, s->offset);
	case STMT_OUT:
		return output(r, s);
	case STMT_IF:
		return branch(r, s);
	case STMT_FOR:
		return loop(r, s);
	case STMT_SET:
	case STMT_SET_BLOCK:
		return set(r, s);
	}
	return template_fail(r->e, s->offset, NULL, "internal error: an unknown statement");
}

static int body(struct template_run *r, const struct template_stmt *s)
{
	for (; s; s = s->next)
		if (statement(r, s))
			return -1;
	return 0;
}

static int render(const struct template *t, const json_t *vars, struct arena *a, struct buf *out,
		  struct template_error *e)
{
	struct template_scope top = { .first = NULL };
	struct buf capped;
	struct template_run r = { .vars = vars, .a = a, .out = &capped, .scope = &top, .e = e };
	if (t->mustache)
		return mustache_render(t->mustache, vars, NULL, out, e);
	buf_init(&capped, TEMPLATE_OUT_MAX);
	int rc = body(&r, t->body);
	buf_add(out, buf_str(&capped));
	buf_release(&capped);
	if (!rc && out->over)
		rc = template_fail(e, 0, NULL, "the text grows past %zu bytes", out->max);
	return rc;
}

int template_render(const struct template *t, const json_t *vars, struct buf *out,
		    struct template_error *e)
{
	struct arena a = ARENA_INIT;
	int rc = render(t, vars, &a, out, e);
	arena_release(&a);
	return rc;
}

int template_value(const struct template *t, const json_t *vars, struct arena *a,
		   const json_t **out, struct template_error *e)
{
	struct template_scope top = { .first = NULL };
	struct template_run r = { .vars = vars, .a = a, .scope = &top, .e = e };
	if (t->body && t->body->kind == STMT_OUT && !t->body->next)
		return template_eval(&r, t->body->expr, out);
	struct buf text;
	buf_init(&text, TEMPLATE_OUT_MAX);
	if (template_render(t, vars, &text, e)) {
		buf_release(&text);
		return -1;
	}
	return template_take_buf(&r, 0, &text, out);
}
