#include "doc/pointer.h"

bool pointer_next(struct str *rest, struct str *token, struct arena *a)
{
	if (!rest->n || rest->p[0] != '/')
		return false;
	ptrdiff_t slash = str_chr(*rest, '/', 1);
	size_t end = slash < 0 ? rest->n : (size_t)slash;
	struct str raw = str_sub(*rest, 1, end);
	char *text = arena_alloc(a, raw.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];
		if (c == '~') {
			char d = ++i < raw.n ? raw.p[i] : '\0';
			if (d != '0' && d != '1')
				return false;
			c = d == '0' ? '~' : '/';
		}
		text[n++] = c;
	}
	*token = (struct str){ .p = text, .n = n };
	*rest = str_sub(*rest, end, rest->n);
	return true;
}

bool pointer_index(struct str token, size_t size, size_t *out)
{
	if (!token.n || token.n > 18 || (token.p[0] == '0' && token.n > 1))
		return false;
	size_t x = 0;
	for (size_t i = 0; i < token.n; i++) {
		if (token.p[i] < '0' || token.p[i] > '9')
			return false;
		x = x * 10 + (size_t)(token.p[i] - '0');
	}
	if (x >= size)
		return false;
	*out = x;
	return true;
}

static const json_t *step(const json_t *j, struct str token)
{
	size_t i;
	if (json_is_object(j))
		return json_object_getn(j, token.p, token.n);
	if (json_is_array(j) && pointer_index(token, json_array_size(j), &i))
		return json_array_get(j, i);
	return NULL;
}

const json_t *pointer_get(const json_t *root, struct str pointer)
{
	struct arena a = ARENA_INIT;
	struct str token;
	while (root && pointer.n)
		root = pointer_next(&pointer, &token, &a) ? step(root, token) : NULL;
	arena_release(&a);
	return root;
}

void pointer_add(struct buf *b, struct str token)
{
	buf_addc(b, '/');
	for (size_t i = 0; i < token.n; i++) {
		if (token.p[i] == '~')
			buf_adds(b, "~0");
		else if (token.p[i] == '/')
			buf_adds(b, "~1");
		else
			buf_addc(b, token.p[i]);
	}
}
