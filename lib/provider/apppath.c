#include "provider/apppath.h"

#include "base/buf.h"
#include "base/limits.h"
#include "doc/jsonx.h"

static bool is_number(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

static void add_name(struct buf *b, struct str name)
{
	if (is_number(name)) {
		buf_addf(b, "[%.*s]", STR_ARGS(name));
		return;
	}
	buf_adds(b, "['");
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '\'' || name.p[i] == '\\')
			buf_addc(b, '\\');
		buf_addc(b, name.p[i]);
	}
	buf_adds(b, "']");
}

/* "a.b[0].c" to "$['a']['b'][0]['c']". */
static int spell_out(struct buf *b, struct str text, struct err *err)
{
	struct str rest = text, part;
	buf_addc(b, '$');
	while (str_cut(&rest, '.', &part)) {
		ptrdiff_t bracket = str_chr(part, '[', 0);
		struct str name = str_sub(part, 0, bracket < 0 ? part.n : (size_t)bracket);
		if (!name.n && bracket < 0)
			return err_set(err, ERR_ARTIFACT, "'%.*s' has an empty name between its dots",
				       STR_ARGS(text));
		if (name.n)
			add_name(b, name);
		if (bracket >= 0)
			buf_add(b, str_sub(part, (size_t)bracket, part.n));
	}
	return 0;
}

int apppath_compile(struct apppath *out, struct str text, struct arena *a, struct err *err)
{
	struct buf b;
	*out = (struct apppath){ .text = { .p = NULL } };
	if (!text.p)
		return 0;
	buf_init(&b, 64 * KIB);
	int bad = 0;
	if (str_starts(text, STR("$")))
		buf_add(&b, text);
	else
		bad = spell_out(&b, text, err);
	if (!bad)
		bad = jsonpath_compile(&out->query, arena_str(a, buf_str(&b)), a, err);
	buf_release(&b);
	out->text = text;
	return bad ? -1 : 0;
}

int apppath_find(const struct apppath *p, const json_t *root, struct jsonpath_nodes *out, struct arena *a,
		 struct err *err)
{
	*out = (struct jsonpath_nodes){ .list = { .v = NULL } };
	return p->query && root ? jsonpath_query(p->query, root, out, a, err) : 0;
}

const json_t *apppath_first(const struct apppath *p, const json_t *root, struct arena *a)
{
	struct jsonpath_nodes nodes;
	struct err ignored = ERR_INIT;
	if (apppath_find(p, root, &nodes, a, &ignored) || !nodes.list.n)
		return NULL;
	return nodes.list.v[0].value;
}

bool apppath_holds(const struct apppath *p, const json_t *root, struct arena *a)
{
	const json_t *v = apppath_first(p, root, a);
	if (json_is_number(v))
		return json_number_value(v) != 0;
	if (json_is_string(v))
		return json_string_length(v) > 0;
	if (json_is_array(v) || json_is_object(v))
		return json_array_size(v) || json_object_size(v);
	return json_is_true(v);
}
