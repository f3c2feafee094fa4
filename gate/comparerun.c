#include "gate/comparerun.h"

#include "gate/exit.h"
#include "gate/progress.h"
#include "repo/repo.h"

/* By oid: a folder of that name is no revision. */
static int resolve(const char **oid, const struct comparerun *c, const char *word, struct arena *a,
		   struct err *err)
{
	const struct repo_opts opts = { .path = c->common.repo, .no_owner_check = c->common.no_owner_check };
	char found[OID_HEX];
	struct repo *r;
	if (repo_open(&r, &opts, a, err) || repo_resolve(found, r, word, err))
		return -1;
	*oid = arena_cstr(a, str_c(found));
	return 0;
}

/* Nothing is called when no suite has two sides. */
static int check_sides(const struct comparerun *c, const struct run *r, struct err *err)
{
	bool same = false;
	for (size_t i = 0; i < r->nsuite; i++) {
		if (r->suite[i].base == BASE_TWIN)
			return 0;
		same |= r->suite[i].base == BASE_SAME;
	}
	if (same)
		return err_set(err, ERR_USAGE, "'%s' and '%s' are the same candidate: nothing differs, so nothing was called",
			       c->before, c->after);
	return err_set(err, ERR_USAGE, "'%s' has no target of these suites, so nothing was called", c->before);
}

static int play(const struct gate *g, const struct comparerun *c, struct run *r, struct err *err)
{
	struct progress_view view;
	progress_init(&view, g, c->common.quiet);
	int bad = run_execute(r, &view.progress, err);
	progress_end(&view);
	return bad ? -1 : run_close(r, err);
}

int comparerun_play(struct record_file *f, const struct gate *g, const struct comparerun *c,
		    struct err *err)
{
	struct common common = c->common;
	struct run *r = arena_new(g->arena, struct run);
	const char *before, *after;
	struct run_opts o;
	struct diags d;
	common.measure = true;
	if (common_opts(&o, g, &common, err) || resolve(&before, c, c->before, g->arena, err) ||
	    resolve(&after, c, c->after, g->arena, err))
		return -1;
	o.commit = after;
	o.baseline = before;
	o.deadline_ms = c->timeout_ms;
	o.store = common.store;
	o.fresh = c->fresh;
	o.allow_exec = c->allow_exec;
	o.calls = true;
	o.by_policy = true;
	o.budget_micro = c->budget_micro;
	diags_init(&d, g->arena);
	int bad = run_prepare(r, &o, &d, err);
	show_diags(g, &d);
	if (bad && err->kind == ERR_NONE)
		return EXIT_USAGE;
	if (bad)
		return -1;
	if (check_sides(c, r, err))
		return -1;
	common_notes(g, r);
	if (play(g, c, r, err)) {
		/* After the first call a failing machine leaves it open, and never says "mistake". */
		if (r->called && err->kind == ERR_SYSTEM)
			err->kind = ERR_REMOTE;
		return -1;
	}
	return record_open_own(f, r->folder, g->arena, err) ? -1 : r->head.exit_code;
}
