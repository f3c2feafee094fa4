/* Located messages for people and for the tools that read file:line:col. */
#include "gate/cmd.h"

#include "report/textw.h"

#include <stdio.h>

static const char *word_of(enum severity s)
{
	return s == SEV_ERROR ? "error" : s == SEV_WARNING ? "warning" : "note";
}

void show_text(const struct gate *g, const char *s)
{
	struct buf b;
	struct str from = str_c(s ? s : "");
	buf_init(&b, from.n * 10 + 64);
	text_safe(&b, from, g->err.utf8);
	fputs(buf_cstr(&b), stderr);
	buf_release(&b);
}

static void show_one(const struct gate *g, const struct diag *x)
{
	static const char *const paint[] = { "\033[1;31m", "\033[1;33m", "\033[1;36m" };
	if (x->at.file) {
		show_text(g, x->at.file);
		if (x->at.line)
			fprintf(stderr, ":%u:%u", x->at.line, x->at.col);
		fputs(": ", stderr);
	}
	fprintf(stderr, "%s%s:%s ", g->err.color ? paint[x->sev] : "", word_of(x->sev),
		g->err.color ? "\033[0m" : "");
	show_text(g, x->msg);
	if (x->hint) {
		fputs("; ", stderr);
		show_text(g, x->hint);
	}
	fprintf(stderr, " [%s]\n", x->rule);
}

void show_diags(const struct gate *g, struct diags *d)
{
	diags_sort(d);
	for (size_t i = 0; i < d->list.n; i++)
		show_one(g, &d->list.v[i]);
	if (d->dropped)
		fprintf(stderr, "… and %zu more\n", d->dropped);
	if (d->errors)
		fprintf(stderr, "%zu error%s, nothing was called\n", d->errors, d->errors == 1 ? "" : "s");
}
