/* gate check: everything that can be known without a call. */
#include "gate/common.h"
#include "gate/exit.h"

#include "run/lint.h"

#include <stdio.h>

struct check_args {
	struct common common;
};

static const struct opt check_opts[] = {
	OPT_COMMON(struct check_args),
	OPT_END,
};

static void show_unreachable(const struct record *h)
{
	for (size_t i = 0; i < h->nfinding; i++)
		if (h->finding[i].unreachable)
			fprintf(stderr, "%s: %s: %s\n", h->finding[i].blocking ? "error" : "warning",
				h->finding[i].label, h->finding[i].note ? h->finding[i].note : "unreachable");
}

static int run_check(struct gate *g, int argc, char **argv, struct err *err)
{
	struct check_args a = { .common = { .jobs = 0 } };
	struct run_opts o;
	struct diags d;
	struct run *r = arena_new(g->arena, struct run);
	if (opt_parse(check_opts, "check", &argc, argv, &a, g->arena, err))
		return -1;
	if (argc)
		return err_set(err, ERR_USAGE, "gate check: unexpected '%s'", argv[0]);
	if (common_opts(&o, g, &a.common, err))
		return -1;
	diags_init(&d, g->arena);
	int bad = run_prepare(r, &o, &d, err) || lint(r, &d, err);
	show_diags(g, &d);
	if (bad || d.errors)
		return err->kind == ERR_NONE ? EXIT_USAGE : -1;
	common_notes(g, r);
	show_unreachable(&r->head);
	if (r->vplan.unreachable)
		return EXIT_UNDECIDED;
	if (!a.common.quiet)
		printf("ok: %zu suite%s, %zu samples, %zu threshold%s\n", r->nsuite,
		       r->nsuite == 1 ? "" : "s", r->planned, r->head.nfinding,
		       r->head.nfinding == 1 ? "" : "s");
	return EXIT_PASS;
}

const struct cmd cmd_check = {
	.name = "check",
	.synopsis = "[--stage STAGE] [--commit REV] [--policy-ref REV]",
	.help = "check artifacts, suites, datasets and policy; no call, no cost",
	.opt = check_opts,
	.run = run_check,
};
