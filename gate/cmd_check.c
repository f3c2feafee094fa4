/* gate check: everything that can be known without a call. */
#include "gate/common.h"
#include "gate/exit.h"

#include "base/num.h"
#include "run/lint.h"

#include <stdio.h>

struct check_args {
	struct common common;
};

static const struct opt check_opts[] = {
	OPT_COMMON(struct check_args),
	OPT_END,
};

static void show_unreachable(const struct gate *g, const struct record *h)
{
	for (size_t i = 0; i < h->nfinding; i++) {
		const struct finding *f = &h->finding[i];
		if (!f->unreachable)
			continue;
		fputs(f->blocking ? "error: " : "warning: ", stderr);
		show_text(g, f->label);
		fputs(": ", stderr);
		show_text(g, f->note ? f->note : "unreachable");
		fputs("\n", stderr);
	}
}

static int check_stage(struct gate *g, const struct run_opts *o, bool quiet, struct run *r, struct err *err)
{
	struct diags d;
	diags_init(&d, g->arena);
	int bad = run_prepare(r, o, &d, err) || lint(r, &d, err);
	show_diags(g, &d);
	if (bad || d.errors)
		return err->kind == ERR_NONE ? EXIT_USAGE : -1;
	common_notes(g, r);
	show_unreachable(g, &r->head);
	if (r->vplan.unreachable)
		return EXIT_UNDECIDED;
	if (!quiet)
		printf("ok: %s%s%zu suite%s, %zu sample%s, %zu threshold%s\n", o->stage ? o->stage : "",
		       o->stage ? ": " : "", r->nsuite, num_s(r->nsuite), r->planned, num_s(r->planned),
		       r->head.nfinding, num_s(r->head.nfinding));
	return EXIT_PASS;
}

/* Where several stages run suites and none is named, each is checked; the worst of them is said. */
static int check_all(struct gate *g, struct run_opts o, bool quiet, const struct policy *p, struct err *err)
{
	int worst = EXIT_PASS;
	for (size_t i = 0; i < p->nstage; i++) {
		struct run *r = arena_new(g->arena, struct run);
		if (p->stage[i].kind != STAGE_RUNNABLE)
			continue;
		o.stage = p->stage[i].name;
		int code = check_stage(g, &o, quiet, r, err);
		if (code < 0)
			return -1;
		if (code == EXIT_USAGE || worst == EXIT_PASS)
			worst = code;
	}
	return worst;
}

static size_t runnable(const struct policy *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->nstage; i++)
		n += p->stage[i].kind == STAGE_RUNNABLE;
	return n;
}

static int run_check(struct gate *g, int argc, char **argv, struct err *err)
{
	struct check_args a = { .common = { .jobs = 0 } };
	struct run_opts o;
	struct run *r = arena_new(g->arena, struct run);
	if (opt_parse(check_opts, "check", &argc, argv, &a, g->arena, err))
		return -1;
	if (argc)
		return err_set(err, ERR_USAGE, "gate check: unexpected '%s'", argv[0]);
	if (common_opts(&o, g, &a.common, err))
		return -1;
	int code = check_stage(g, &o, a.common.quiet, r, err);
	if (code >= 0 || err->kind != ERR_USAGE || o.stage || r->stage || runnable(&r->policy) < 2)
		return code;
	*err = (struct err)ERR_INIT;
	return check_all(g, o, a.common.quiet, &r->policy, err);
}

const struct cmd cmd_check = {
	.name = "check",
	.synopsis = "[--stage STAGE] [--commit REV] [--policy-ref REV]",
	.help = "check artifacts, suites, datasets and policy; no call, no cost",
	.opt = check_opts,
	.run = run_check,
};
