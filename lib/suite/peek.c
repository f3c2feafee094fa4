#include "suite/peek.h"

#include "suite/leaf.h"
#include "suite/prompt.h"

/* A variable that holds a right answer, and the metric that takes it so. */
struct secret_var {
	struct str name;
	const char *metric; /* NULL: it is one by its name */
};

struct peek {
	struct loader *l;
	const struct suite_conf *suite;
	const char *metric; /* whose config is being read */
	VEC(struct secret_var) secret;
};

static void add_secret(struct peek *p, struct str name)
{
	for (size_t i = 0; i < p->secret.n; i++)
		if (str_eq(p->secret.v[i].name, name))
			return;
	*vec_push(&p->secret, p->l->a) = (struct secret_var){ .name = name, .metric = p->metric };
}

static void collect(const struct leaf *leaf, void *ctx)
{
	struct peek *p = ctx;
	struct template_vars vars;
	if (!leaf->t)
		return;
	template_vars(leaf->t, &vars, p->l->a);
	for (size_t i = 0; i < vars.list.n; i++)
		add_secret(p, vars.list.v[i].name);
}

static bool is_answer_key(const char *key)
{
	static const char *const keys[] = { "expected", "reference", "references" };
	for (size_t i = 0; key && i < ARRAY_LEN(keys); i++)
		if (!strcmp(key, keys[i]))
			return true;
	return false;
}

static void collect_metric(struct peek *p, const struct metric_conf *m)
{
	const struct leaf_node *n = m->node;
	p->metric = m->name;
	for (size_t i = 0; n && n->key && i < n->n; i++)
		if (is_answer_key(n->key[i]))
			leaf_node_each(n->child[i], collect, p);
}

static void shown(const struct peek *p, const struct secret_var *v, struct pos at, const char *what)
{
	struct diags *d = p->l->d;
	if (v->metric)
		diag_add(d, at, "answer-shown",
			 "%s of target '%s' reads '%.*s', which metric '%s' of suite '%s' expects as the answer", what,
			 p->suite->target->name, STR_ARGS(v->name), v->metric, p->suite->name);
	else
		diag_add(d, at, "answer-shown", "%s of target '%s' reads '%.*s', which by its name holds a right answer",
			 what, p->suite->target->name, STR_ARGS(v->name));
	diag_hint(d, "a candidate that sees the expected answer proves nothing");
}

static void check_leaf(struct peek *p, const struct leaf *leaf, const char *what)
{
	struct template_vars vars;
	struct diags *d = p->l->d;
	if (!leaf || !leaf->t)
		return;
	template_vars(leaf->t, &vars, p->l->a);
	for (size_t i = 0; i < vars.list.n; i++) {
		struct str name = vars.list.v[i].name;
		struct pos at = leaf_pos(leaf, vars.list.v[i].offset);
		if (str_eqc(name, "case")) {
			diag_add(d, at, "answer-shown", "%s of target '%s' takes the whole case, expected answers too",
				 what, p->suite->target->name);
			diag_hint(d, "name the member: {{ case['question'] }}");
		}
		for (size_t k = 0; k < p->secret.n; k++)
			if (str_eq(p->secret.v[k].name, name))
				shown(p, &p->secret.v[k], at, what);
	}
}

static void check_setting(const struct leaf *leaf, void *ctx)
{
	check_leaf(ctx, leaf, "a setting");
}

/* An application is shown neither what a metric takes for an answer nor what by its name is one. */
static void add_usual(struct peek *p)
{
	static const char *const usual[] = { "expected", "assert", "reference", "references", "output",
					     "modelResponses", "trace" };
	p->metric = NULL;
	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		add_secret(p, str_c(usual[i]));
}

static void hide(struct peek *p, struct suite_conf *s)
{
	VEC(struct str) name = { .v = NULL };
	for (size_t i = 0; i < p->secret.n; i++)
		*vec_push(&name, p->l->a) = p->secret.v[i].name;
	s->hidden = name.v;
	s->nhidden = name.n;
}

void peek_check(struct loader *l, struct suite_conf *s)
{
	struct peek p = { .l = l, .suite = s, .metric = "assert" };
	if (!s->target)
		return;
	for (size_t i = 0; i < s->nmetric; i++)
		collect_metric(&p, &s->metric[i]);
	for (size_t i = 0; i < s->target->prompt.npart; i++)
		check_leaf(&p, &s->target->prompt.part[i].leaf, "the prompt");
	check_leaf(&p, s->target->answer, "the answer");
	check_leaf(&p, s->target->trace, "the trace");
	add_usual(&p);
	if (s->target->per_case)
		leaf_node_each(s->target->per_case, check_setting, &p);
	hide(&p, s);
}
