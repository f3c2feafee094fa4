#include "repo/glob.h"

#include "base/limits.h"

bool glob_is_pattern(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (memchr("*?[{", s.p[i], 4))
			return true;
	return false;
}

/* Index of the brace that closes the one at `open`, or n. */
static size_t closing(struct str s, size_t open)
{
	size_t depth = 0;
	for (size_t i = open; i < s.n; i++) {
		if (s.p[i] == '{')
			depth++;
		else if (s.p[i] == '}' && --depth == 0)
			return i;
	}
	return s.n;
}

struct braces {
	VEC(struct str) out;
	struct arena *a;
	bool over;
};

static void expand(struct braces *b, struct str s)
{
	if (b->over || b->out.n >= GLOB_BRACES_MAX) {
		b->over = true;
		return;
	}
	ptrdiff_t at = str_chr(s, '{', 0);
	size_t open = at < 0 ? s.n : (size_t)at;
	size_t end = open < s.n ? closing(s, open) : s.n;
	if (end == s.n) {
		*vec_push(&b->out, b->a) = s;
		return;
	}
	size_t from = open + 1, depth = 0;
	for (size_t i = open + 1; i <= end; i++) {
		if (s.p[i] == '{')
			depth++;
		else if (s.p[i] == '}' && i < end)
			depth--;
		else if (i == end || (s.p[i] == ',' && !depth)) {
			struct str item = str_sub(s, from, i), tail = str_sub(s, end + 1, s.n);
			expand(b, str_c(arena_fmt(b->a, "%.*s%.*s%.*s", (int)open, s.p,
						  STR_ARGS(item), STR_ARGS(tail))));
			from = i + 1;
		}
	}
}

int glob_braces(struct str **out, size_t *n, struct str pattern, struct arena *a, struct err *err)
{
	struct braces b = { .a = a };
	if (pattern.n > GLOB_BYTES_MAX)
		return err_set(err, ERR_ARTIFACT, "a file pattern of %zu bytes is longer than %zu",
			       pattern.n, GLOB_BYTES_MAX);
	expand(&b, pattern);
	if (b.over)
		return err_set(err, ERR_ARTIFACT,
			       "the pattern '%.*s' has more than %zu alternatives; list the files",
			       STR_ARGS(pattern), GLOB_BRACES_MAX);
	*out = b.out.v;
	*n = b.out.n;
	return 0;
}

/* One [set]; *i stands on '[' and is moved past ']'.  An unclosed one is a plain '['. */
static bool in_set(struct str p, size_t *i, char c)
{
	size_t k = *i + 1;
	bool negate = k < p.n && (p.p[k] == '!' || p.p[k] == '^');
	if (negate)
		k++;
	size_t first = k;
	bool hit = false;
	for (; k < p.n && (p.p[k] != ']' || k == first); k++) {
		if (k + 2 < p.n && p.p[k + 1] == '-' && p.p[k + 2] != ']') {
			hit |= p.p[k] <= c && c <= p.p[k + 2];
			k += 2;
		} else {
			hit |= p.p[k] == c;
		}
	}
	if (k >= p.n) {
		++*i;
		return c == '[';
	}
	*i = k + 1;
	return hit != negate;
}

/* One component.  Only the latest star ever needs another try. */
static bool name_match(struct str p, struct str s)
{
	if (s.n && s.p[0] == '.' && (!p.n || p.p[0] != '.'))
		return false;
	size_t i = 0, k = 0, star = p.n + 1, mark = 0;
	while (k < s.n) {
		size_t next = i;
		bool ok = false;
		if (i < p.n && p.p[i] == '*') {
			star = i++;
			mark = k;
			continue;
		}
		if (i < p.n && p.p[i] == '[') {
			ok = in_set(p, &next, s.p[k]);
		} else if (i < p.n) {
			ok = p.p[i] == '?' || p.p[i] == s.p[k];
			next = i + 1;
		}
		if (ok) {
			i = next;
			k++;
		} else if (star < p.n) {
			i = star + 1;
			k = ++mark;
		} else {
			return false;
		}
	}
	while (i < p.n && p.p[i] == '*')
		i++;
	return i == p.n;
}

struct split {
	struct str part[PATH_DEPTH_MAX + 2];
	size_t n;
};

static bool split(struct split *out, struct str s)
{
	struct str part;
	out->n = 0;
	while (str_cut(&s, '/', &part)) {
		if (out->n == PATH_DEPTH_MAX)
			return false;
		out->part[out->n++] = part;
	}
	return true;
}

static bool hidden(struct str name)
{
	return name.n && name.p[0] == '.';
}

/* Components advance as bytes do above: only the latest "**" ever needs another try. */
static bool match(const struct split *p, const struct split *s, bool prefix)
{
	size_t i = 0, k = 0, star = p->n, mark = 0;
	while (k < s->n) {
		if (i < p->n && str_eqc(p->part[i], "**")) {
			star = i++;
			mark = k;
		} else if (i < p->n && name_match(p->part[i], s->part[k])) {
			i++;
			k++;
		} else if (star < p->n && !hidden(s->part[mark])) {
			i = star + 1;
			k = ++mark;
		} else {
			return false;
		}
	}
	if (prefix)
		return i < p->n || star < p->n;
	while (i < p->n && str_eqc(p->part[i], "**"))
		i++;
	return i == p->n;
}

static bool path_match(struct str pattern, struct str path, bool prefix)
{
	struct split p, s;
	if (!split(&p, pattern) || !split(&s, path))
		return false;
	if (p.n && str_eqc(p.part[p.n - 1], "**"))
		p.part[p.n++] = STR("*");
	return match(&p, &s, prefix);
}

bool glob_match(struct str pattern, struct str path)
{
	return path_match(pattern, path, false);
}

bool glob_may_descend(struct str pattern, struct str folder)
{
	return path_match(pattern, folder, true);
}
