#include "provider/apprender.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "doc/template.h"
#include "wire/url.h"

static int failed(struct str text, const struct template_error *e, struct err *err)
{
	return err_set(err, ERR_ARTIFACT, "'%.*s': %s", STR_ARGS(str_sub(text, 0, 80)), e->msg);
}

int apprender_text(struct str *out, struct str text, const json_t *vars, struct arena *a, struct err *err)
{
	struct template *t;
	struct template_error e;
	struct buf b;
	*out = text;
	if (template_is_plain(text))
		return 0;
	if (template_compile(&t, text, TEMPLATE_JINJA, a, &e))
		return failed(text, &e, err);
	buf_init(&b, TEMPLATE_OUT_MAX);
	int bad = template_render(t, vars, &b, &e);
	if (bad)
		failed(text, &e, err);
	else if (b.over)
		bad = err_set(err, ERR_ARTIFACT, "the rendered text is larger than %zu bytes", TEMPLATE_OUT_MAX);
	else
		*out = b.n ? arena_str(a, buf_str(&b)) : STR("");
	buf_release(&b);
	return bad ? -1 : 0;
}

static int render_leaf(const json_t **out, const json_t *leaf, const json_t *vars, struct arena *a,
		       struct err *err)
{
	struct template *t;
	struct template_error e;
	struct str text = json_str(leaf);
	*out = leaf;
	if (template_is_plain(text))
		return 0;
	if (template_compile(&t, text, TEMPLATE_JINJA, a, &e) || template_value(t, vars, a, out, &e))
		return failed(text, &e, err);
	return 0;
}

static int render_list(json_t *into, const json_t *list, const json_t *vars, struct arena *a, struct err *err)
{
	size_t i;
	const json_t *v, *made;
	json_array_foreach(list, i, v) {
		if (apprender_value(&made, v, vars, a, err))
			return -1;
		json_array_append(into, (json_t *)(uintptr_t)made);
	}
	return 0;
}

static int render_object(json_t *into, const json_t *object, const json_t *vars, struct arena *a, struct err *err)
{
	const char *key;
	json_t *v;
	const json_t *made;
	json_object_foreach((json_t *)(uintptr_t)object, key, v) {
		if (apprender_value(&made, v, vars, a, err))
			return -1;
		json_object_set(into, key, (json_t *)(uintptr_t)made);
	}
	return 0;
}

int apprender_value(const json_t **out, const json_t *value, const json_t *vars, struct arena *a, struct err *err)
{
	*out = value;
	if (json_is_string(value))
		return render_leaf(out, value, vars, a, err);
	if (!json_is_array(value) && !json_is_object(value))
		return 0;
	json_t *made = arena_json(a, json_is_array(value) ? json_array() : json_object());
	*out = made;
	return json_is_array(value) ? render_list(made, value, vars, a, err) :
				      render_object(made, value, vars, a, err);
}

/* --- by position -------------------------------------------------------------------------------- */

/* The next {{…}} from `from`: its bounds in the text.  False when there is none. */
static bool next_piece(struct str text, size_t from, size_t *begin, size_t *end)
{
	ptrdiff_t open = str_find(text, STR("{{"), from);
	ptrdiff_t close = open < 0 ? -1 : str_find(text, STR("}}"), (size_t)open + 2);
	if (close < 0)
		return false;
	*begin = (size_t)open;
	*end = (size_t)close + 2;
	return true;
}

static bool is_binding(struct str piece)
{
	struct str inside = str_trim(str_sub(piece, 2, piece.n - 2));
	return str_starts(inside, STR("bind."));
}

ptrdiff_t apprender_variable(struct str text)
{
	size_t begin, end = 0;
	while (next_piece(text, end, &begin, &end))
		if (!is_binding(str_sub(text, begin, end)))
			return (ptrdiff_t)begin;
	return -1;
}

static int add_piece(struct buf *b, struct str piece, const json_t *vars, struct arena *a, struct err *err)
{
	struct str value;
	if (apprender_text(&value, piece, vars, a, err))
		return -1;
	if (is_binding(piece))
		buf_add(b, value);
	else
		url_encode(b, value, "");
	return 0;
}

int apprender_encoded(struct str *out, struct str text, const json_t *vars, struct arena *a, struct err *err)
{
	struct buf b;
	size_t at = 0, begin, end;
	int bad = 0;
	*out = text;
	if (template_is_plain(text))
		return 0;
	buf_init(&b, REQUEST_BYTES_MAX);
	while (!bad && next_piece(text, at, &begin, &end)) {
		buf_add(&b, str_sub(text, at, begin));
		bad = add_piece(&b, str_sub(text, begin, end), vars, a, err);
		at = end;
	}
	buf_add(&b, str_sub(text, at, text.n));
	if (!bad && b.over)
		bad = err_set(err, ERR_ARTIFACT, "the rendered text is larger than %zu bytes", REQUEST_BYTES_MAX);
	*out = b.n ? arena_str(a, buf_str(&b)) : STR("");
	buf_release(&b);
	return bad ? -1 : 0;
}
