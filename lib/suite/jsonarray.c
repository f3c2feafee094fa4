#include "suite/jsonarray.h"

#include "base/limits.h"

static void skip_space(struct jsonarray *j)
{
	while (j->next < j->text.n && memchr(" \t\r\n", j->text.p[j->next], 4)) {
		j->line += j->text.p[j->next] == '\n';
		j->next++;
	}
}

static int fail(struct jsonarray *j, size_t *where, const char **why, const char *text)
{
	j->done = true;
	*where = j->next;
	*why = text;
	return -1;
}

static bool at(const struct jsonarray *j, char c)
{
	return j->next < j->text.n && j->text.p[j->next] == c;
}

static int finish(struct jsonarray *j, size_t *where, const char **why)
{
	j->next++;
	skip_space(j);
	j->done = true;
	return j->next < j->text.n ? fail(j, where, why, "text after the array's end") : 0;
}

/* Past one string, whose quote `next` stands on. */
static bool skip_string(struct jsonarray *j)
{
	for (j->next++; j->next < j->text.n; j->next++) {
		char c = j->text.p[j->next];
		if (c == '\\')
			j->next++;
		else if (c == '\n')
			j->line++;
		else if (c == '"') {
			j->next++;
			return true;
		}
	}
	return false;
}

/* Past one value, to the comma or bracket that ends it. */
static const char *skip_value(struct jsonarray *j)
{
	size_t depth = 0;
	while (j->next < j->text.n) {
		char c = j->text.p[j->next];
		if (c == '"') {
			if (!skip_string(j))
				return "a string does not end";
			continue;
		}
		if (!depth && (c == ',' || c == ']'))
			return NULL;
		if (!depth && c == '}')
			return "a '}' closes nothing";
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		if (depth > DOC_DEPTH_MAX)
			return "a value nests too deep";
		j->line += c == '\n';
		j->next++;
	}
	return "the array does not end";
}

int jsonarray_next(struct jsonarray *j, struct jsonarray_item *item, size_t *where,
		   const char **why)
{
	if (j->done)
		return 0;
	if (!j->started)
		j->line = 1;
	skip_space(j);
	if (!j->started) {
		j->started = true;
		if (!at(j, '['))
			return fail(j, where, why, "expected an array of cases: '['");
		j->next++;
		skip_space(j);
		if (at(j, ']'))
			return finish(j, where, why);
	} else if (at(j, ']')) {
		return finish(j, where, why);
	} else {
		j->next++; /* the comma skip_value stopped at */
		skip_space(j);
	}
	size_t from = j->next;
	item->offset = from;
	item->line = j->line;
	const char *bad = skip_value(j);
	if (bad)
		return fail(j, where, why, bad);
	item->length = str_trim(str_sub(j->text, from, j->next)).n;
	if (!item->length)
		return fail(j, where, why, "expected a value");
	return 1;
}
