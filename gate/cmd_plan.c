/* gate plan: what would run, what it would take, and what each threshold needs. */
#include "gate/common.h"
#include "gate/exit.h"

#include "report/textw.h"
#include "run/estimate.h"

#include <math.h>
#include <stdio.h>

struct plan_args {
	struct common common;
	bool fresh;
};

static const struct opt plan_opts[] = {
	OPT_COMMON(struct plan_args),
	{ "store", 0, OPT_TEXT, COMMON_AT(struct plan_args, store), "DIR",
	  "whose replies can be reused; default .gate" },
	{ "fresh", 0, OPT_FLAG, offsetof(struct plan_args, fresh), NULL, "count as if nothing were reused" },
	OPT_END,
};

static int longer(int width, const char *text)
{
	int n = (int)text_width(str_c(text));
	return n > width ? n : width;
}

/* printf counts bytes where columns are meant. */
static void put_name(const char *text, int width)
{
	printf("  %s%*s", text, width - (int)text_width(str_c(text)) + 2, "");
}

static void show_suite(const struct run *r, size_t i, const struct estimate *e, int width)
{
	const struct suite_head *s = &r->head.suite[i];
	put_name(s->name, width);
	printf("%6zu samples (%zu cases × %u)  %zu calls", s->planned, s->cases, s->repeats,
	       e->calls - e->reused);
	if (e->reused)
		printf(" + %zu reused", e->reused);
	if (e->judge_calls)
		printf(" + at least %zu of judges", e->judge_calls);
	if (e->calls)
		printf("  ≈ %.0f tokens in", e->tokens_in);
	if (e->calls && isfinite(e->tokens_out_max))
		printf(", at most %.0f out", e->tokens_out_max);
	putchar('\n');
}

static void show_threshold(const struct finding *f, int width)
{
	put_name(f->text, width);
	printf("%6zu samples   ", f->n);
	if (f->unreachable)
		puts(f->note ? f->note : "unreachable");
	else if (f->needed > 0)
		printf("reachable: %lld cases suffice when every one is good\n", (long long)f->needed);
	else
		puts("reachable");
}

static void show_plan(const struct run *r, const struct estimate *e)
{
	const struct record *h = &r->head;
	int names = 0, thresholds = 0;
	for (size_t i = 0; i < r->nsuite; i++)
		names = longer(names, h->suite[i].name);
	for (size_t i = 0; i < h->nfinding; i++)
		thresholds = longer(thresholds, h->finding[i].text);
	printf("%.*s → %s\n\n", h->commit ? 7 : 9, h->commit ? h->commit : "work tree",
	       h->stage ? h->stage : "measure only");
	for (size_t i = 0; i < r->nsuite; i++)
		show_suite(r, i, &e[i], names);
	putchar('\n');
	for (size_t i = 0; i < h->nfinding; i++)
		show_threshold(&h->finding[i], thresholds);
}

static int run_plan(struct gate *g, int argc, char **argv, struct err *err)
{
	struct plan_args a = { .common = { .store = ".gate" } };
	struct run_opts o;
	struct diags d;
	struct run *r = arena_new(g->arena, struct run);
	if (opt_parse(plan_opts, "plan", &argc, argv, &a, g->arena, err))
		return -1;
	if (argc)
		return err_set(err, ERR_USAGE, "gate plan: unexpected '%s'", argv[0]);
	if (common_opts(&o, g, &a.common, err))
		return -1;
	o.store = a.common.store;
	o.fresh = a.fresh;
	diags_init(&d, g->arena);
	int bad = run_prepare(r, &o, &d, err);
	show_diags(g, &d);
	if (bad)
		return err->kind == ERR_NONE ? EXIT_USAGE : -1;
	common_notes(g, r);
	struct estimate *e = arena_array(g->arena, struct estimate, r->nsuite);
	if (estimate_suites(e, r, err))
		return -1;
	show_plan(r, e);
	return r->vplan.unreachable ? EXIT_UNDECIDED : EXIT_PASS;
}

const struct cmd cmd_plan = {
	.name = "plan",
	.synopsis = "[--stage STAGE] [--commit REV] [--policy-ref REV]",
	.help = "show what would run: calls, tokens, cases needed; no call, no cost",
	.opt = plan_opts,
	.run = run_plan,
};
