#include "provider/reqkit.h"

#include "base/limits.h"
#include "doc/jsonx.h"

static void release_body(void *p)
{
	buf_release(p);
}

struct buf *reqkit_body(struct arena *a)
{
	struct buf *b = arena_new(a, struct buf);
	buf_init(b, REQUEST_BYTES_MAX);
	arena_defer(a, release_body, b);
	return b;
}

int reqkit_end(struct str *out, const struct buf *b, struct err *err)
{
	if (b->over)
		return err_set(err, ERR_ARTIFACT, "the request is larger than %zu bytes",
			       REQUEST_BYTES_MAX);
	*out = buf_str(b);
	return 0;
}

void reqkit_text(struct buf *b, const char *key, struct str value)
{
	buf_addf(b, ",\"%s\":", key);
	buf_add_json(b, value);
}

void reqkit_json(struct buf *b, const char *key, const json_t *value)
{
	if (!value)
		return;
	buf_addc(b, ',');
	buf_add_json(b, str_c(key));
	buf_addc(b, ':');
	json_write(b, value);
}

static bool is_among(const char *key, const char *const *list)
{
	for (; list && *list; list++)
		if (!strcmp(key, *list))
			return true;
	return false;
}

void reqkit_params(struct buf *b, const json_t *params, const char *const *skip)
{
	json_t *object = (json_t *)(uintptr_t)params;
	for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it))
		if (!is_among(json_object_iter_key(it), skip))
			reqkit_json(b, json_object_iter_key(it), json_object_iter_value(it));
}

const json_t *reqkit_arguments(const json_t *arguments, struct arena *a)
{
	const char *why;
	if (!arguments || (json_is_string(arguments) && !json_str(arguments).n))
		return arena_json(a, json_object());
	if (json_is_string(arguments))
		arguments = json_lenient(a, json_str(arguments), &why);
	return json_is_object(arguments) ? arguments : NULL;
}

struct str reqkit_url(struct str base, const char *tail, struct arena *a)
{
	ptrdiff_t mark = str_chr(base, '?', 0);
	struct str query = str_sub(base, mark < 0 ? base.n : (size_t)mark, base.n);
	struct str path = str_sub(base, 0, base.n - query.n);
	while (path.n && path.p[path.n - 1] == '/')
		path.n--;
	if (str_ends(path, str_c(tail)))
		tail = "";
	return str_c(arena_fmt(a, "%.*s%s%.*s", STR_ARGS(path), tail, STR_ARGS(query)));
}

void reqkit_header(struct wire_req *out, struct arena *a, const char *name, struct str value)
{
	if (value.n)
		*vec_push(&out->header, a) = (struct wire_header){ str_c(name), value };
}
