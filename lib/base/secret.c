#include "base/secret.h"

#include "base/b64.h"
#include "base/limits.h"

#include <stdio.h>
#include <string.h>

enum { SECRET_MIN = 6 };

void redactor_init(struct redactor *r, struct arena *a)
{
	*r = (struct redactor){ .arena = a };
}

static void add_needle(struct redactor *r, struct str s)
{
	for (size_t i = 0; i < r->needle.n; i++)
		if (str_eq(r->needle.v[i], s))
			return;
	*vec_push(&r->needle, r->arena) = arena_str(r->arena, s);
	/* Longest first, so that a secret that holds another is replaced whole. */
	for (size_t i = r->needle.n - 1; i && r->needle.v[i - 1].n < r->needle.v[i].n; i--) {
		struct str longer = r->needle.v[i];
		r->needle.v[i] = r->needle.v[i - 1];
		r->needle.v[i - 1] = longer;
	}
}

static bool unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("-._~", c);
}

void redactor_learn(struct redactor *r, struct str secret)
{
	if (secret.n < SECRET_MIN)
		return;
	struct buf b;
	buf_init(&b, secret.n * 8 + 64);
	add_needle(r, secret);
	/* Base64 at each of the three alignments, without the characters neighbours shape. */
	for (size_t skip = 0; skip < 3; skip++) {
		buf_reset(&b);
		b64_encode(&b, str_sub(secret, skip, skip + (secret.n - skip) / 3 * 3));
		if (b.n >= SECRET_MIN + 2)
			add_needle(r, buf_str(&b));
	}
	buf_reset(&b);
	for (size_t i = 0; i < secret.n; i++) {
		if (unreserved(secret.p[i]))
			buf_addc(&b, secret.p[i]);
		else
			buf_addf(&b, "%%%02X", (unsigned char)secret.p[i]);
	}
	add_needle(r, buf_str(&b));
	buf_reset(&b);
	buf_add_json(&b, secret);
	if (b.n > 2)
		add_needle(r, str_sub(buf_str(&b), 1, b.n - 1));
	buf_release(&b);
}

/* The needle that stands at byte i of s, or the absent string. */
static struct str needle_at(const struct redactor *r, struct str s, size_t i)
{
	for (size_t k = 0; k < r->needle.n; k++)
		if (str_starts(str_sub(s, i, s.n), r->needle.v[k]))
			return r->needle.v[k];
	return (struct str){ .p = NULL };
}

static bool holds_secret(const struct redactor *r, struct str s)
{
	for (size_t k = 0; k < r->needle.n; k++)
		if (str_find(s, r->needle.v[k], 0) >= 0)
			return true;
	return false;
}

struct str redact(const struct redactor *r, struct str s, struct arena *a)
{
	if (!r || !holds_secret(r, s))
		return s;
	struct buf b;
	buf_init(&b, s.n * 2 + 64);
	for (size_t i = 0; i < s.n; ) {
		struct str hit = needle_at(r, s, i);
		if (hit.p)
			buf_adds(&b, "[redacted]");
		else
			buf_addc(&b, s.p[i]);
		i += hit.p ? hit.n : 1;
	}
	struct str clean = arena_str(a, buf_str(&b));
	buf_release(&b);
	return clean;
}

void secret_wipe(char *p, size_t n)
{
	if (n)
		explicit_bzero(p, n);
}
