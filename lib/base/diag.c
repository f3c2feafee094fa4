#include "base/diag.h"

#include "base/limits.h"

#include <string.h>

void diags_init(struct diags *d, struct arena *a)
{
	*d = (struct diags){ .arena = a };
}

static PRINTF_LIKE(5, 0) void add(struct diags *d, enum severity sev, struct pos at,
				  const char *rule, const char *fmt, va_list ap)
{
	if (sev == SEV_ERROR)
		d->errors++;
	else if (sev == SEV_WARNING)
		d->warnings++;
	if (d->list.n >= DIAG_MAX) {
		d->dropped++;
		return;
	}
	*vec_push(&d->list, d->arena) = (struct diag){
		.at = at,
		.rule = rule,
		.msg = arena_vfmt(d->arena, fmt, ap),
		.sev = sev,
	};
}

void diag_add(struct diags *d, struct pos at, const char *rule, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add(d, SEV_ERROR, at, rule, fmt, ap);
	va_end(ap);
}

void diag_warn(struct diags *d, struct pos at, const char *rule, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add(d, SEV_WARNING, at, rule, fmt, ap);
	va_end(ap);
}

void diag_hint(struct diags *d, const char *fmt, ...)
{
	if (!d->list.n || d->dropped)
		return;
	va_list ap;
	va_start(ap, fmt);
	d->list.v[d->list.n - 1].hint = arena_vfmt(d->arena, fmt, ap);
	va_end(ap);
}

static int order(const struct diag *a, const struct diag *b)
{
	int f = strcmp(a->at.file ? a->at.file : "", b->at.file ? b->at.file : "");
	if (f)
		return f;
	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	if (a->at.col != b->at.col)
		return a->at.col < b->at.col ? -1 : 1;
	return 0;
}

void diags_sort(struct diags *d)
{
	/* Insertion sort: stable, and the list is short and nearly in order. */
	for (size_t i = 1; i < d->list.n; i++) {
		struct diag x = d->list.v[i];
		size_t j = i;
		for (; j && order(&d->list.v[j - 1], &x) > 0; j--)
			d->list.v[j] = d->list.v[j - 1];
		d->list.v[j] = x;
	}
	size_t kept = 0;
	for (size_t i = 0; i < d->list.n; i++) {
		const struct diag *x = &d->list.v[i];
		const struct diag *last = kept ? &d->list.v[kept - 1] : NULL;
		if (last && !order(last, x) && !strcmp(last->msg, x->msg)) {
			if (x->sev == SEV_ERROR)
				d->errors--;
			else if (x->sev == SEV_WARNING)
				d->warnings--;
			continue;
		}
		d->list.v[kept++] = *x;
	}
	d->list.n = kept;
}
