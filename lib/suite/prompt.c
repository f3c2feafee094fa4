#include "suite/prompt.h"

#include "base/limits.h"

static struct str joined(const struct prompt *p, bool system_only, struct arena *a)
{
	struct buf b;
	struct str out = { .p = NULL };
	buf_init(&b, TEMPLATE_OUT_MAX);
	for (size_t i = 0; i < p->npart; i++) {
		if (system_only && p->part[i].role != ROLE_SYSTEM)
			continue;
		if (b.n)
			buf_adds(&b, "\n\n");
		buf_add(&b, p->part[i].leaf.text);
	}
	if (b.n)
		out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

void prompt_finish(struct prompt *p, struct arena *a)
{
	p->system = joined(p, true, a);
	p->text = joined(p, false, a);
}

const struct leaf *prompt_canary(const struct prompt *p)
{
	const struct leaf *found = NULL;
	for (size_t i = 0; i < p->npart; i++) {
		if (p->system.p && p->part[i].role != ROLE_SYSTEM)
			continue;
		if (found)
			return NULL;
		found = &p->part[i].leaf;
	}
	return found;
}

/* promptfoo puts a test's prefix and suffix around the prompt; here around what the user says. */
static int surround(struct message *m, size_t n, const json_t *vars, struct arena *a,
		    struct err *err)
{
	struct str before = json_get_str(vars, PROMPT_PREFIX);
	struct str after = json_get_str(vars, PROMPT_SUFFIX);
	if (!before.n && !after.n)
		return 0;
	while (n && m[n - 1].role != ROLE_USER)
		n--;
	if (!n)
		return err_set(err, ERR_ARTIFACT,
			       "the case has a prefix or suffix, but the prompt no user message");
	struct buf b;
	buf_init(&b, TEMPLATE_OUT_MAX);
	buf_add(&b, before);
	buf_add(&b, m[n - 1].text);
	buf_add(&b, after);
	bool over = b.over;
	m[n - 1].text = arena_str(a, buf_str(&b));
	buf_release(&b);
	return over ? err_set(err, ERR_ARTIFACT, "the prompt is larger than %zu bytes",
			      TEMPLATE_OUT_MAX) :
		      0;
}

int prompt_render(struct message **message, size_t *n, const struct prompt *p, const json_t *vars,
		  struct arena *a, struct err *err)
{
	struct message *m = arena_array(a, struct message, p->npart);
	for (size_t i = 0; i < p->npart; i++) {
		m[i].role = p->part[i].role;
		if (leaf_text(&p->part[i].leaf, vars, &m[i].text, a, err))
			return -1;
	}
	if (surround(m, p->npart, vars, a, err))
		return -1;
	*message = m;
	*n = p->npart;
	return 0;
}
