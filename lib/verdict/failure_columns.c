#include "verdict/failure_columns.h"

#include "base/map.h"
#include "base/utf8.h"

/* Two of them are ours: their names have a blank, as few variables do. */
#define FINISH_KEY STR("finish reason")
#define MODEL_KEY STR("served model")

void failure_columns_init(struct failure_columns *c, const struct suite_head *s, struct arena *a)
{
	*c = (struct failure_columns){ .n = s->planned, .repeats = s->repeats ? s->repeats : 1 };
	c->seen = arena_array(a, unsigned char, c->n + 1);
}

/* ---- variables ---- */

static unsigned char *new_ids(struct failure_columns *c, struct arena *a)
{
	if (!c->spare.n)
		return arena_array(a, unsigned char, c->n + 1);
	unsigned char *ids = c->spare.v[--c->spare.n];
	memset(ids, 0, c->n + 1);
	return ids;
}

static struct column_key *key_of(struct failure_columns *c, struct str key, struct arena *a)
{
	for (size_t i = 0; i < c->key.n; i++)
		if (str_eq(c->key.v[i].key, key))
			return &c->key.v[i];
	if (c->key.n == COLUMN_KEYS) {
		c->dropped = true;
		return NULL;
	}
	struct column_key *k = vec_push(&c->key, a);
	*k = (struct column_key){ .key = arena_str(a, key), .id = new_ids(c, a) };
	return k;
}

static void drop(struct failure_columns *c, struct column_key *k, struct arena *a)
{
	k->dropped = true;
	*vec_push(&c->spare, a) = k->id;
	k->id = NULL;
}

static void set_value(struct failure_columns *c, size_t at, struct str key, struct str value,
		      struct arena *a)
{
	struct column_key *k = c->dropped ? NULL : key_of(c, key, a);
	size_t i = 0;
	if (!k || k->dropped)
		return;
	while (i < k->n && !str_eq(k->value[i], value))
		i++;
	if (i == k->n && (k->n == COLUMN_VALUES || value.n > COLUMN_BYTES)) {
		drop(c, k, a);
		return;
	}
	if (i == k->n)
		k->value[k->n++] = arena_str(a, value);
	k->id[at] = (unsigned char)(i + 1);
}

/* ---- the first words of an answer ---- */

static bool is_blank(char c)
{
	return (unsigned char)c <= ' ';
}

static struct str first_words(char *out, struct str s, size_t words)
{
	size_t n = 0, at = 0;
	while (at < s.n && n < COLUMN_BYTES) {
		if (!is_blank(s.p[at])) {
			out[n++] = s.p[at++];
			continue;
		}
		while (at < s.n && is_blank(s.p[at]))
			at++;
		if (at == s.n || !--words)
			break;
		out[n++] = ' ';
	}
	return utf8_prefix((struct str){ .p = out, .n = n }, n);
}

struct str failure_words(char *out, struct str answer, enum words which)
{
	static const size_t count[] = { [WORDS_ONE] = 1, [WORDS_TWO] = 2, [WORDS_FOUR] = 4 };
	size_t from = 0;
	while (from < answer.n && is_blank(answer.p[from]))
		from++;
	struct str s = str_sub(answer, from, answer.n);
	if (which == WORDS_ALL && s.n > COLUMN_BYTES)
		return (struct str){ .p = NULL };
	if (which != WORDS_ALL && !s.n)
		return (struct str){ .p = NULL };
	struct str words = first_words(out, s, which == WORDS_ALL ? SIZE_MAX : count[which]);
	return (struct str){ .p = out, .n = words.n };
}

uint32_t failure_words_hash(struct str words)
{
	uint64_t h = map_hash(words);
	uint32_t half = (uint32_t)(h ^ h >> 32);
	return half ? half : 1;
}

static void set_words(struct failure_columns *c, size_t at, struct str answer, struct arena *a)
{
	char room[COLUMN_BYTES];
	if (c->n > COLUMN_WORDS_MAX)
		return;
	for (int w = 0; w < WORDS; w++) {
		if (!c->words[w])
			c->words[w] = arena_array(a, uint32_t, c->n + 1);
		struct str s = failure_words(room, answer, (enum words)w);
		c->words[w][at] = s.p ? failure_words_hash(s) : 0;
	}
}

void failure_columns_add(struct failure_columns *c, size_t at, const struct outcome *o,
			 struct arena *a)
{
	c->seen[at] = 1;
	for (size_t i = 0; i < o->ntag; i++)
		set_value(c, at, o->tag[i].key, o->tag[i].value, a);
	if (o->reply.fail != FAIL_NONE)
		return;
	if (o->reply.finish != FINISH_NONE)
		set_value(c, at, FINISH_KEY, str_c(finish_name(o->reply.finish)), a);
	if (o->reply.model.n)
		set_value(c, at, MODEL_KEY, o->reply.model, a);
	set_words(c, at, o->answer, a);
}
