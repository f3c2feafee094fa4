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
		diag_add(d, at, "answer-shown", "%s of target '%s' reads '%.*s', which by its name holds an answer",
			 what, p->suite->target->name, STR_ARGS(v->name));
	diag_hint(d, "a candidate that sees the answer proves nothing; a variable that is none needs another name");
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

/* By their names these are right answers, or answers that were brought along. */
static const char *const answers[] = { "expected", "referenceResponse", "assert" };
static const char *const brought[] = { "output", "modelResponses", "trace" };
/* These are, or a document that the candidate is to work with. */
static const char *const references[] = { "reference", "references" };

static void add_names(struct peek *p, const char *const *name, size_t n)
{
	p->metric = NULL;
	for (size_t i = 0; i < n; i++)
		add_secret(p, str_c(name[i]));
}

static void find_reference(const struct leaf *leaf, void *ctx)
{
	struct peek *p = ctx;
	struct template_vars vars;
	if (!leaf->t)
		return;
	template_vars(leaf->t, &vars, p->l->a);
	for (size_t i = 0; i < vars.list.n; i++)
		for (size_t k = 0; k < ARRAY_LEN(references); k++)
			if (str_eqc(vars.list.v[i].name, references[k]))
				add_secret(p, vars.list.v[i].name);
}

/* Wherever a metric reads a reference, it is what the answer is compared with. */
static void add_references(struct peek *p)
{
	for (size_t i = 0; i < p->suite->nmetric; i++) {
		p->metric = p->suite->metric[i].name;
		leaf_node_each(p->suite->metric[i].node, find_reference, p);
	}
}

static void hide(struct peek *p, struct suite_conf *s)
{
	VEC(struct str) name = { .v = NULL };
	for (size_t i = 0; i < p->secret.n; i++)
		*vec_push(&name, p->l->a) = p->secret.v[i].name;
	s->hidden = name.v;
	s->nhidden = name.n;
}

/* Recorded answers are what the case brings; a prompt has no business with them; what an application is
 * sent holds no reference either. */
void peek_check(struct loader *l, struct suite_conf *s)
{
	struct peek p = { .l = l, .suite = s };
	if (!s->target)
		return;
	for (size_t i = 0; i < s->nmetric; i++)
		collect_metric(&p, &s->metric[i]);
	add_references(&p);
	add_names(&p, answers, ARRAY_LEN(answers));
	check_leaf(&p, s->target->answer, "the answer");
	check_leaf(&p, s->target->trace, "the trace");
	add_names(&p, brought, ARRAY_LEN(brought));
	for (size_t i = 0; i < s->target->prompt.npart; i++)
		check_leaf(&p, &s->target->prompt.part[i].leaf, "the prompt");
	add_names(&p, references, ARRAY_LEN(references));
	if (s->target->per_case)
		leaf_node_each(s->target->per_case, check_setting, &p);
	hide(&p, s);
}
