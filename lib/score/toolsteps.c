#include "score/toolsteps.h"

#include "doc/jsonsame.h"
#include "doc/jsonx.h"
#include "score/scorekit.h"

#include <fnmatch.h>

/* --- the calls --- */

static const json_t *read_arguments(const json_t *call, struct arena *a)
{
	const json_t *j = json_object_get(call, "arguments");
	const char *why;
	if (!json_is_string(j))
		return json_is_null(j) ? NULL : j;
	const json_t *read = json_lenient(a, json_str(j), &why);
	return read ? read : j;
}

static struct toolstep step_of(const json_t *call, struct arena *a)
{
	return (struct toolstep){ .name = json_get_str(call, "name"), .arguments = read_arguments(call, a) };
}

static bool is_tool(const json_t *event)
{
	return str_eqc(json_get_str(event, "kind"), "tool");
}

/* By its id where both have one, else by what it says. */
static bool is_same_call(const json_t *event, const struct toolstep *s, struct str id, struct arena *a)
{
	struct str theirs = json_get_str(event, "id");
	struct toolstep e = step_of(event, a);
	if (id.n && theirs.n)
		return str_eq(id, theirs) && str_eq(e.name, s->name);
	return str_eq(e.name, s->name) && json_same(e.arguments, s->arguments);
}

static bool is_known(const json_t *trajectory, const json_t *call, struct arena *a)
{
	struct toolstep s = step_of(call, a);
	struct str id = json_get_str(call, "id");
	size_t i;
	json_t *event;
	json_array_foreach((json_t *)(uintptr_t)trajectory, i, event)
		if (is_tool(event) && is_same_call(event, &s, id, a))
			return true;
	return false;
}

int toolsteps_read(struct toolsteps *out, const struct evidence *ev, struct err *err)
{
	const struct reply *r = ev->reply;
	size_t i;
	json_t *x;
	*out = (struct toolsteps){ .list = { .v = NULL } };
	if (!r || (!ev->traced && !r->trajectory && !r->tool_calls))
		return err_set(err, ERR_ARTIFACT, "trajectory is unknown: nobody says which tools were called");
	json_array_foreach((json_t *)(uintptr_t)r->trajectory, i, x)
		if (is_tool(x))
			*vec_push(&out->list, ev->arena) = step_of(x, ev->arena);
	/* A conversation's own trajectory has all of its calls. */
	json_array_foreach((json_t *)(uintptr_t)(r->calls ? NULL : r->tool_calls), i, x)
		if (!is_known(r->trajectory, x, ev->arena))
			*vec_push(&out->list, ev->arena) = step_of(x, ev->arena);
	return 0;
}

const char *toolsteps_show(const struct toolsteps *t, struct arena *a)
{
	enum { SHOWN_MAX = 8 };
	const char *text = "";
	for (size_t i = 0; i < t->list.n && i < SHOWN_MAX; i++)
		text = arena_fmt(a, "%s%s%s", text, i ? ", " : "", kit_line(a, t->list.v[i].name, 40));
	if (t->list.n > SHOWN_MAX)
		text = arena_fmt(a, "%s … (%zu)", text, t->list.n);
	return t->list.n ? text : "no tool";
}

/* --- what is wanted --- */

static const json_t *either(const json_t *o, const char *a, const char *b)
{
	const json_t *v = json_object_get(o, a);
	return v ? v : json_object_get(o, b);
}

static int read_one(struct toolwant *w, const json_t *j, struct arena *a, struct err *err)
{
	const json_t *name = json_is_string(j) ? j : either(j, "name", "pattern");
	*w = (struct toolwant){ .arguments = either(j, "arguments", "args") };
	if (!name)
		name = json_object_get(j, "tool");
	struct str text = str_trim(json_str(name));
	if (!text.n)
		return err_set(err, ERR_ARTIFACT, "a tool is named by a text or {name: …}, found %s",
			       json_is_object(j) ? "an object without a name" : json_type_name(j));
	if (w->arguments && !json_is_object(w->arguments))
		return err_set(err, ERR_ARTIFACT, "'arguments' of tool %s must be an object, found %s",
			       kit_show(a, text), json_type_name(w->arguments));
	w->name = arena_cstr(a, text);
	w->exact = str_eqc(json_get_str(j, "mode"), "exact");
	return 0;
}

int toolwants_read(struct toolwants *out, const json_t *value, struct arena *a, struct err *err)
{
	size_t n = json_is_array(value) ? json_array_size(value) : 1;
	out->v = arena_array(a, struct toolwant, n);
	out->n = n;
	for (size_t i = 0; i < n; i++)
		if (read_one(&out->v[i], json_is_array(value) ? json_array_get(value, i) : value, a, err))
			return -1;
	return 0;
}

bool toolwant_fits(const struct toolwant *w, const struct toolstep *s)
{
	char name[256]; /* no tool's name is so long; of one that is, the beginning counts */
	struct str its = str_sub(s->name, 0, sizeof(name) - 1);
	if (its.n && memchr(its.p, 0, its.n))
		return false;
	if (its.n)
		memcpy(name, its.p, its.n);
	name[its.n] = '\0';
	if (fnmatch(w->name, name, FNM_NOESCAPE) != 0)
		return false;
	if (!w->arguments)
		return true;
	if (w->exact)
		return json_same(s->arguments, w->arguments) ||
		       (!s->arguments && !json_object_size(w->arguments));
	return json_covers(s->arguments, w->arguments) ||
	       (!s->arguments && !json_object_size(w->arguments));
}

struct matching {
	const struct toolwants *w;
	const struct toolsteps *t;
	size_t *owner; /* of a step: wanted call + 1, or 0 */
	bool *seen;
};

/* Kuhn's augmenting path: move earlier pairs aside where that makes room. */
static bool find_step(struct matching *m, size_t want)
{
	for (size_t i = 0; i < m->t->list.n; i++) {
		if (m->seen[i] || !toolwant_fits(&m->w->v[want], &m->t->list.v[i]))
			continue;
		m->seen[i] = true;
		if (!m->owner[i] || find_step(m, m->owner[i] - 1)) {
			m->owner[i] = want + 1;
			return true;
		}
	}
	return false;
}

size_t toolwants_match(const struct toolwants *w, const struct toolsteps *t, size_t *missing,
		       struct arena *a)
{
	struct matching m = { .w = w, .t = t };
	size_t found = 0;
	m.owner = arena_array(a, size_t, t->list.n);
	m.seen = arena_array(a, bool, t->list.n);
	*missing = w->n;
	for (size_t i = 0; i < w->n; i++) {
		memset(m.seen, 0, t->list.n * sizeof(bool));
		if (find_step(&m, i))
			found++;
		else if (*missing == w->n)
			*missing = i;
	}
	return found;
}
