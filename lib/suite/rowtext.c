#include "suite/rowtext.h"

#include "base/num.h"
#include "doc/jsonx.h"
#include "doc/template.h"

struct str rowtext_scalar(const json_t *j, struct arena *a)
{
	if (json_is_string(j))
		return json_str(j);
	if (json_is_boolean(j))
		return json_is_true(j) ? STR("true") : STR("false");
	if (json_is_integer(j))
		return str_c(arena_fmt(a, "%lld", (long long)json_integer_value(j)));
	if (json_is_real(j))
		return str_c(num_fmt(json_real_value(j), arena_alloc(a, NUM_TEXT)));
	return (struct str){ .p = NULL };
}

static int render_text(const struct rowtext *r, const json_t *value, const json_t **out,
		       struct err *err)
{
	struct template *t;
	struct template_error e = { .offset = 0 };
	*out = value;
	if (template_is_plain(json_str(value)))
		return 0;
	if (template_compile(&t, json_str(value), TEMPLATE_JINJA, r->a, &e) ||
	    template_value(t, r->vars, r->a, out, &e))
		return err_at(err, r->at, "in '%s': %s%s%s", r->member, e.msg, e.hint[0] ? "; " : "",
			      e.hint);
	return 0;
}

static int render_object(const struct rowtext *r, const json_t *value, const json_t **out,
			 struct err *err)
{
	const char *key;
	json_t *v;
	const json_t *done = NULL;
	json_t *made = arena_json(r->a, json_object());
	json_object_foreach((json_t *)(uintptr_t)value, key, v) {
		if (rowtext_render(r, v, &done, err))
			return -1;
		json_object_set(made, key, (json_t *)(uintptr_t)done);
	}
	*out = made;
	return 0;
}

int rowtext_render(const struct rowtext *r, const json_t *value, const json_t **out, struct err *err)
{
	size_t i;
	json_t *v;
	const json_t *done = NULL;
	*out = value;
	if (json_is_string(value))
		return render_text(r, value, out, err);
	if (json_is_object(value))
		return render_object(r, value, out, err);
	if (!json_is_array(value))
		return 0;
	json_t *made = arena_json(r->a, json_array());
	json_array_foreach((json_t *)(uintptr_t)value, i, v) {
		if (rowtext_render(r, v, &done, err))
			return -1;
		json_array_append(made, (json_t *)(uintptr_t)done);
	}
	*out = made;
	return 0;
}
