#include "net/quota.h"

#include "base/clock.h"
#include "base/num.h"
#include "net/retry.h"

#include <string.h>

/* Kinds that one answer tells apart, and the length of a header's name; more is not looked at. */
enum { KINDS_MAX = 8, NAME_MAX_BYTES = 64 };

struct kind {
	char name[NAME_MAX_BYTES];
	size_t n;
	struct aimd_quota quota;
};

struct kinds {
	struct kind kind[KINDS_MAX];
	size_t n;
};

enum what { LIMIT, REMAINING, RESET, NOTHING };

/* "remaining-tokens" (OpenAI, Azure) and "input-tokens-remaining" (Anthropic). */
static enum what split(struct str word, struct str *kind)
{
	static const char *const names[] = { "limit", "remaining", "reset" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct str name = str_c(names[i]);
		if (word.n < name.n + 2)
			continue;
		if (str_starts(word, name) && word.p[name.n] == '-')
			*kind = str_sub(word, name.n + 1, word.n);
		else if (str_ends(word, name) && word.p[word.n - name.n - 1] == '-')
			*kind = str_sub(word, 0, word.n - name.n - 1);
		else
			continue;
		return (enum what)i;
	}
	return NOTHING;
}

static struct aimd_quota *quota_of(struct kinds *k, struct str name)
{
	if (!str_ends(name, STR("requests")) && !str_ends(name, STR("tokens")))
		return NULL;
	for (size_t i = 0; i < k->n; i++)
		if (str_eq((struct str){ .p = k->kind[i].name, .n = k->kind[i].n }, name))
			return &k->kind[i].quota;
	if (k->n == KINDS_MAX)
		return NULL;
	struct kind *new = &k->kind[k->n++];
	*new = (struct kind){ .n = name.n, .quota = { -1, -1, -1 } };
	memcpy(new->name, name.p, name.n);
	return &new->quota;
}

/* A duration, or the moment itself (RFC 3339). */
static int64_t reset_ms(struct str value, int64_t wall_ms)
{
	int64_t at, ms = retry_duration_ms(value);
	if (ms >= 0 || !clock_parse(str_trim(value), &at))
		return ms;
	return at > wall_ms ? at - wall_ms : 0;
}

static void take(struct kinds *k, struct wire_header h, int64_t wall_ms)
{
	char lower[NAME_MAX_BYTES];
	struct str kind, name = { .p = lower, .n = h.name.n };
	double x;
	if (h.name.n > sizeof(lower))
		return;
	for (size_t i = 0; i < h.name.n; i++)
		lower[i] = (char)(h.name.p[i] | (h.name.p[i] >= 'A' && h.name.p[i] <= 'Z' ? 0x20 : 0));
	ptrdiff_t at = str_find(name, STR("ratelimit-"), 0);
	if (at < 0)
		return;
	enum what what = split(str_sub(name, (size_t)at + 10, name.n), &kind);
	struct aimd_quota *q = what == NOTHING ? NULL : quota_of(k, kind);
	if (!q)
		return;
	if (what == RESET)
		q->reset_ms = reset_ms(h.value, wall_ms);
	else if (!num_parse(h.value, &x) || !(x >= 0 && x < 1e15))
		return;
	else if (what == REMAINING)
		q->remaining = (int64_t)x;
	else
		q->limit = (int64_t)x;
}

static bool is_known(struct aimd_quota q)
{
	return q.limit > 0 && q.remaining >= 0;
}

static bool is_scarcer(struct aimd_quota a, struct aimd_quota b)
{
	return (double)a.remaining / (double)a.limit < (double)b.remaining / (double)b.limit;
}

struct aimd_quota quota_read(const struct wire_status *st, int64_t wall_ms)
{
	struct kinds k;
	struct aimd_quota least = { -1, -1, -1 };
	k.n = 0;
	for (size_t i = 0; i < st->nheader; i++)
		take(&k, st->header[i], wall_ms);
	for (size_t i = 0; i < k.n; i++)
		if (is_known(k.kind[i].quota) && (!is_known(least) || is_scarcer(k.kind[i].quota, least)))
			least = k.kind[i].quota;
	return least;
}
